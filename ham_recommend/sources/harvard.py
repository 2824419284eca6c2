"""The Harvard Art Museums: their objects, and the descriptions that AI models wrote of the pictures.

The terms of the API: records may be kept for two weeks, pictures are shown from the museum's own server, each
work links to its page there, and use is non-commercial.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any, ClassVar

from ham_recommend.errors import SourceAuthError, SourceError, SourceUnavailableError
from ham_recommend.net.addresses import Secret
from ham_recommend.records import Description, RawRecord
from ham_recommend.sources.crawled import CrawledRecords, CrawledSource, Page, PageRequest
from ham_recommend.sources.harvard_records import (
    descriptions_by_image,
    iiif_picture,
    image_ids,
    record_from_harvard,
)
from ham_recommend.sources.json_values import Json, as_text, as_whole

KEY = "HAM_API_KEY"
LARGEST_ID = 2**31 - 1
MUSEUM = "Harvard Art Museums"
RIGHTS = "© President and Fellows of Harvard College"
IMAGES_AT_ONCE = 50
"""How many pictures' descriptions are asked for at once."""

OBJECT_FIELDS = (
    "id,objectid,objectnumber,title,titles,dated,datebegin,dateend,century,period,culture,classification,"
    "worktypes,medium,technique,department,division,creditline,description,labeltext,contextualtext,"
    "commentary,copyright,people,url,totalpageviews,imagepermissionlevel,primaryimageurl,images,lastupdate"
)
ANNOTATION_FIELDS = "annotationid,imageid,body,type,source,model,lastupdate"
_RESOURCES = {
    "objects": ("object", "id", OBJECT_FIELDS),
    "annotations": ("annotation", "annotationid", ANNOTATION_FIELDS),
}


class HarvardSource(CrawledSource):
    """The Harvard Art Museums, crawled with the key in ``HAM_API_KEY``.

    Pages are asked for by id: the next one begins after the last id of the one before, so every page is full
    however sparse the ids are, and none is deep. A whole collection is walked through objects and
    annotations side by side; for a part of it the descriptions are asked for by picture.

    Parameters
    ----------
    query : str
        In the API's query language, for example ``"classification:Paintings"``; empty for all.
    limit : int or None
        Only the first so many works.
    key : str or None
        The API key; by default from the environment. It is sent to the museum and kept nowhere.
    **settings
        As in :class:`CrawledSource`.
    """

    name: ClassVar[str] = "harvard"
    title: ClassVar[str] = "Harvard Art Museums"
    help: ClassVar[str] = (
        f"Needs a key of the museum's API in the variable {KEY}; it is sent to the museum and kept nowhere. "
        f"{CrawledSource.help}"
    )
    api: ClassVar[str] = "https://api.harvardartmuseums.org"
    daily_calls: ClassVar[int | None] = 2_500
    term_days: ClassVar[int | None] = 14

    def __init__(
        self, query: str = "", limit: int | None = None, *, key: str | None = None, **settings: Any
    ) -> None:
        super().__init__(query, limit, **settings)
        self._key = key
        self._written: dict[int, tuple[Description, ...]] = {}
        self._wanted: tuple[int, list[int]] | None = None

    def secret(self) -> Secret:
        """Return the key.

        Raises
        ------
        SourceAuthError
            There is none.
        """
        key = (self._key or os.environ.get(KEY, "")).strip()
        if not key:
            raise SourceAuthError(
                f"The Harvard Art Museums give records only to those with a key. Ask for one at "
                f"https://harvardartmuseums.org/collections/api and put it into the variable {KEY}."
            )
        return Secret("apikey", key, self.address)

    def stages(self, since: date | None) -> tuple[str, ...]:
        """Return objects, then descriptions: all of them, or those of the pictures that matter."""
        if self.query or self.limit:
            return ("objects", "annotations of images")
        return ("objects", "annotations", "annotations of images") if since else ("objects", "annotations")

    def follows(self, stage: str) -> bool:
        """Whether the pictures must be known first."""
        return stage == "annotations of images"

    def page(self, request: PageRequest) -> Page:
        """Ask for the page after an id."""
        if self.follows(request.stage):
            return self._page_of_images(request)
        conditions = [f"lastupdate:[{request.since.isoformat()} TO *]"] if request.since else []
        if request.stage == "annotations":
            conditions.insert(0, "type:description")
        elif self.query:
            conditions.insert(0, f"({self.query})")
        return self._after(request, int(request.cursor or 0), conditions)

    def _after(self, request: PageRequest, last: int, conditions: list[str]) -> Page:
        """Ask for the first records with a higher id than the last one."""
        resource = request.stage.partition(" ")[0]
        path, id_field, fields = _RESOURCES[resource]
        question = {
            "q": " AND ".join([*conditions, f"{id_field}:[{last + 1} TO {LARGEST_ID}]"]),
            "size": self.page_size,
            "sort": id_field,
            "sortorder": "asc",
            "fields": fields,
        }
        answer = request.fetcher.get_json(f"{self.address}/{path}", question)
        records, total = _understood(answer, path)
        ids = [last, *(int(native) for record in records if (native := self.native_id(record)))]
        if any(one >= other for one, other in pairwise(ids)):
            raise SourceError(
                f"{self.address}/{path} does not list its records by {id_field}; nothing would be complete."
            )
        return Page(records, str(ids[-1]) if len(records) < total and len(ids) > 1 else "", total)

    def _page_of_images(self, request: PageRequest) -> Page:
        """Ask for the descriptions of a few pictures; the cursor is the first picture and the last text."""
        first, _, last = request.cursor.partition(":")
        left = [image for image in self._images(request) if image >= int(first or 0)]
        if not left:
            return Page((), "")
        some, rest = left[:IMAGES_AT_ONCE], left[IMAGES_AT_ONCE:]
        asked = f"imageid:({' OR '.join(map(str, some))})"
        page = self._after(request, int(last or 0), ["type:description", asked])
        if page.cursor:
            return Page(page.records, f"{some[0]}:{page.cursor}")
        return Page(page.records, f"{rest[0]}:0" if rest else "")

    def _images(self, request: PageRequest) -> list[int]:
        """Return the ids of the pictures whose descriptions are wanted, in order."""
        if self._wanted is None or self._wanted[0] != request.crawl:
            only = request.crawl if request.since and not (self.query or self.limit) else None
            entries = request.crawled.of_kind("objects", crawl=only)
            images = sorted({image for entry in entries for image in image_ids(entry)})
            self._wanted = (request.crawl, images)
        return self._wanted[1]

    def native_id(self, record: Json) -> str:
        """Return the id of an object or an annotation; annotations are those that have an image."""
        if "imageid" in record:
            return as_text(as_whole(record.get("annotationid")))
        return as_text(as_whole(record.get("id", record.get("objectid"))))

    def entries(self, crawled: CrawledRecords, since: date | None) -> Iterator[Json]:
        """Yield the objects, once the descriptions are at hand."""
        self._written = descriptions_by_image(crawled.of_kind("annotations"))
        return super().entries(crawled, since)

    def record(self, entry: Json) -> RawRecord:
        """Return an object with its descriptions; its picture is an address, never to be copied."""
        found = record_from_harvard(
            entry,
            self._written,
            source=self.name,
            museum=MUSEUM,
            picture_of=iiif_picture,
            copies_allowed=False,
        )
        page = f"https://harvardartmuseums.org/collections/object/{self.native_id(entry)}"
        return replace(found, page_url=found.page_url or page, rights=found.rights or RIGHTS)


def _understood(answer: Any, path: str) -> tuple[tuple[Json, ...], int]:
    """Return records and their number; the rest of an answer is not looked at, as it quotes the key."""
    records = answer.get("records") if isinstance(answer, dict) else None
    info = answer.get("info") if isinstance(answer, dict) else None
    total = info.get("totalrecords") if isinstance(info, dict) else None
    if isinstance(records, list) and isinstance(total, int) and all(isinstance(one, dict) for one in records):
        return tuple(records), total
    raise SourceUnavailableError(
        f"The Harvard Art Museums answered /{path} with something else than records. Try again later."
    )
