"""The Metropolitan Museum of Art: open access, no key.

The API lists ids, then gives one work a call; it allows 80 requests a second, a quarter of which is made.
Documented at https://metmuseum.github.io.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ClassVar

from ham_recommend.net.addresses import web_address
from ham_recommend.net.outcomes import Failure, Kind, failure
from ham_recommend.records import Description, RawRecord
from ham_recommend.sources.crawled import CrawledSource, Page, PageRequest, json_object
from ham_recommend.sources.json_values import Json, as_text, as_whole, as_year, first_text, mappings

MUSEUM = "The Metropolitan Museum of Art"
AT_ONCE = 4
BROKEN: frozenset[Kind] = frozenset(
    {"server error", "slow", "truncated", "too large", "wrong content", "redirects", "refused address"}
)
"""What a single work may fail with while the museum is up; anything else is about the museum."""


class MetSource(CrawledSource):
    """The Metropolitan Museum of Art; only public-domain works come with a picture."""

    name: ClassVar[str] = "met"
    title: ClassVar[str] = "The Metropolitan Museum of Art"
    api: ClassVar[str] = "https://collectionapi.metmuseum.org/public/collection/v1"
    rate: ClassVar[float] = 20.0
    page_size: ClassVar[int] = 20

    _ids: tuple[int, list[int]] | None = None

    def page(self, request: PageRequest) -> Page:
        """Ask for a few works, each by its id; those withdrawn or broken are passed over."""
        ids = self._listed(request)
        left = [native for native in ids if native > int(request.cursor or 0)]
        some = left[: self.page_size]
        works = self._works(request, some)
        if failed := _failed(works):
            known = next((native for native in some if native not in failed), int(request.cursor or 0))
            if not known or _failed(self._works(request, [known])):
                json_object(self.name, next(iter(failed.values())))
            # The museum is up: what fails once more is broken by itself.
            works |= self._works(request, list(failed))
        records = tuple(work for work in works.values() if not isinstance(work, Failure))
        missed = {str(native): str(failed) for native, failed in _failed(works).items()}
        return Page(records, str(some[-1]) if len(left) > len(some) else "", len(ids), missed)

    def _works(self, request: PageRequest, natives: Sequence[int]) -> dict[int, Json | Failure]:
        """Ask for works; a failure that is not theirs alone is raised."""
        with ThreadPoolExecutor(AT_ONCE) as askers:
            works = dict(zip(natives, askers.map(partial(self._work, request), natives), strict=True))
        for work in works.values():
            if isinstance(work, Failure) and work.kind not in {*BROKEN, "not found"}:
                json_object(self.name, work)
        return works

    def _work(self, request: PageRequest, native: int) -> Json | Failure:
        address = f"{self.address}/objects/{native}"
        outcome = request.fetcher.try_json(address)
        if isinstance(outcome, dict | Failure):
            return outcome
        return failure("wrong content", address, "the answer is no record of a work")

    def _listed(self, request: PageRequest) -> list[int]:
        """Return the ids of the works, ascending, with those that a crawl before missed; asked once a run."""
        if self._ids is None or self._ids[0] != request.crawl:
            since = {"metadataDate": request.since.isoformat()} if request.since else {}
            ids: set[int] = set()
            if since or not self.query:
                ids = self._ids_at(request, "objects", since)
            if self.query:
                found = self._ids_at(request, "search", {"q": self.query})
                ids = ids & found if since else found
            if since:
                ids |= set(map(int, request.crawled.missed("objects")))
            self._ids = (request.crawl, sorted(ids)[: self.limit])
        return self._ids[1]

    def _ids_at(self, request: PageRequest, path: str, question: dict[str, str]) -> set[int]:
        ids: Sequence[Any] = self.ask(request, path, question).get("objectIDs") or ()
        return {native for native in map(as_whole, ids) if native is not None}

    def calls_per_page(self) -> int:
        """Return one call for each work."""
        return self.page_size

    def native_id(self, record: Json) -> str:
        """Return ``objectID``."""
        return as_text(as_whole(record.get("objectID")))

    def record(self, entry: Json) -> RawRecord:
        """Return a work as the museum describes it."""
        free = entry.get("isPublicDomain") is True
        maker = f"{as_text(entry.get('artistPrefix'))} {as_text(entry.get('artistDisplayName'))}".strip()
        tags = [as_text(tag.get("term")) for tag in mappings(entry.get("tags"))]
        return RawRecord(
            item_id=f"{self.name}:{self.native_id(entry)}",
            title=as_text(entry.get("title")),
            accession_number=as_text(entry.get("accessionNumber")),
            artist=maker or first_text(entry.get("constituents"), "name"),
            culture=as_text(entry.get("culture")) or as_text(entry.get("artistNationality")),
            date=as_text(entry.get("objectDate")),
            year_begin=as_year(entry.get("objectBeginDate")),
            year_end=as_year(entry.get("objectEndDate")),
            classification=as_text(entry.get("classification")) or as_text(entry.get("objectName")),
            medium=as_text(entry.get("medium")),
            period=as_text(entry.get("period")) or as_text(entry.get("dynasty")),
            department=as_text(entry.get("department")),
            subjects=tuple(tags),
            descriptions=(Description(", ".join(tags), MUSEUM),) if any(tags) else (),
            picture=web_address(
                as_text(entry.get("primaryImageSmall")) or as_text(entry.get("primaryImage"))
            ),
            page_url=web_address(as_text(entry.get("objectURL"))),
            rights="CC0" if free else as_text(entry.get("rightsAndReproduction")),
            credit=as_text(entry.get("creditLine")),
            copies_allowed=free,
        )


def _failed(works: Mapping[int, Json | Failure]) -> dict[int, Failure]:
    """Return the works that the museum should have given; one that is withdrawn is none of them."""
    failures = {native: work for native, work in works.items() if isinstance(work, Failure)}
    return {native: work for native, work in failures.items() if work.kind != "not found"}
