"""The Art Institute of Chicago: open API, no key, at most 60 requests a minute.

Works are asked for by id through the search, because long listings are refused; the museum wants its pictures
fetched one a second at most. Descriptions are CC BY, all other fields CC0. Documented at
https://api.artic.edu/docs.
"""

from __future__ import annotations

import json
from typing import ClassVar
from urllib.parse import quote

from ham_recommend.net.addresses import web_address
from ham_recommend.records import Description, RawRecord
from ham_recommend.sources.crawled import CrawledSource, Page, PageRequest, records_in
from ham_recommend.sources.json_values import Json, as_text, as_whole, as_year, mapping, texts

MUSEUM = "Art Institute of Chicago"
IIIF = "https://www.artic.edu/iiif/2"
WIDTH = 400
"""One of the widths the museum keeps ready."""
_FIELDS = [
    "id",
    "title",
    "alt_titles",
    "main_reference_number",
    "artist_display",
    "artist_title",
    "place_of_origin",
    "date_display",
    "date_start",
    "date_end",
    "artwork_type_title",
    "classification_title",
    "medium_display",
    "technique_titles",
    "style_title",
    "department_title",
    "description",
    "short_description",
    "thumbnail",
    "subject_titles",
    "image_id",
    "is_public_domain",
    "copyright_notice",
    "credit_line",
    "updated_at",
]


class ArticSource(CrawledSource):
    """The Art Institute of Chicago."""

    name: ClassVar[str] = "artic"
    title: ClassVar[str] = "Art Institute of Chicago"
    api: ClassVar[str] = "https://api.artic.edu/api/v1"
    rate: ClassVar[float] = 1.0
    picture_rate: ClassVar[float] = 1.0

    def page(self, request: PageRequest) -> Page:
        """Ask for the works after an id."""
        must: list[Json] = [{"range": {"id": {"gt": int(request.cursor or 0)}}}]
        if request.since:
            must.append({"range": {"updated_at": {"gte": request.since.isoformat()}}})
        if self.query:
            must.append({"simple_query_string": {"query": self.query, "default_operator": "and"}})
        question = {
            "query": {"bool": {"must": must}},
            "sort": [{"id": "asc"}],
            "limit": self.page_size,
            "fields": _FIELDS,
        }
        compact = json.dumps(question, separators=(",", ":"))
        answer = self.ask(request, "artworks/search", {"params": compact})
        # The address of the picture server comes with every answer, and belongs to the records.
        base = as_text(mapping(answer.get("config")).get("iiif_url")) or IIIF
        records = tuple({**record, "iiif_url": base} for record in records_in(self.name, answer, "data"))
        total = as_whole(mapping(answer.get("pagination")).get("total")) or 0
        ids = [int(native) for record in records if (native := self.native_id(record))]
        return Page(records, str(max(ids)) if ids and len(records) < total else "", total)

    def native_id(self, record: Json) -> str:
        """Return ``id``."""
        return as_text(as_whole(record.get("id")))

    def record(self, entry: Json) -> RawRecord:
        """Return a work as the museum describes it."""
        native, free = self.native_id(entry), entry.get("is_public_domain") is True
        image, base = as_text(entry.get("image_id")), web_address(as_text(entry.get("iiif_url")))
        return RawRecord(
            item_id=f"{self.name}:{native}",
            title=as_text(entry.get("title")),
            other_titles=tuple(texts(entry.get("alt_titles"))),
            accession_number=as_text(entry.get("main_reference_number")),
            artist=as_text(entry.get("artist_title")) or as_text(entry.get("artist_display")),
            culture=as_text(entry.get("place_of_origin")),
            date=as_text(entry.get("date_display")),
            year_begin=as_year(entry.get("date_start")),
            year_end=as_year(entry.get("date_end")),
            classification=as_text(entry.get("artwork_type_title"))
            or as_text(entry.get("classification_title")),
            medium=as_text(entry.get("medium_display")),
            technique=tuple(texts(entry.get("technique_titles"))),
            period=as_text(entry.get("style_title")),
            department=as_text(entry.get("department_title")),
            subjects=tuple(texts(entry.get("subject_titles"))),
            descriptions=tuple(Description(text, MUSEUM) for text in _descriptions(entry)),
            picture=_picture(base, image) if image and base else "",
            page_url=f"https://www.artic.edu/artworks/{native}",
            rights="CC0" if free else as_text(entry.get("copyright_notice")),
            credit=as_text(entry.get("credit_line")),
            copies_allowed=free,
        )


def _picture(base: str, image: str) -> str:
    return f"{base}/{quote(image, safe='')}/full/{WIDTH},/0/default.jpg"


def _descriptions(entry: Json) -> list[str]:
    alt_text = mapping(entry.get("thumbnail")).get("alt_text")
    subjects = ", ".join(texts(entry.get("subject_titles")))
    return texts([entry.get("description"), entry.get("short_description"), alt_text, subjects])
