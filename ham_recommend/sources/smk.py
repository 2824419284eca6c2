"""SMK, the National Gallery of Denmark: open API, no key; descriptions are often Danish.

Documented at https://api.smk.dk/api/v1/docs. The search does not know what changed, so a crawl for changes
fetches everything again.
"""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import quote

from ham_recommend.net.addresses import web_address
from ham_recommend.records import Description, RawRecord
from ham_recommend.sources.crawled import CrawledSource, Page, PageRequest, records_in
from ham_recommend.sources.json_values import (
    Json,
    as_text,
    as_whole,
    as_year,
    first_text,
    mapping,
    mappings,
    texts,
)

MUSEUM = "SMK – Statens Museum for Kunst"
SIDE = 384


class SmkSource(CrawledSource):
    """SMK, the National Gallery of Denmark."""

    name: ClassVar[str] = "smk"
    title: ClassVar[str] = "SMK, the National Gallery of Denmark"
    api: ClassVar[str] = "https://api.smk.dk/api/v1"
    rate: ClassVar[float] = 1.0
    page_size: ClassVar[int] = 500

    def page(self, request: PageRequest) -> Page:
        """Ask for the works after the first so many."""
        offset = int(request.cursor or 0)
        question = {"keys": self.query or "*", "offset": offset, "rows": self.page_size, "lang": "en"}
        answer = self.ask(request, "art/search/", question)
        records = records_in(self.name, answer, "items")
        total = as_whole(answer.get("found")) or 0
        return Page.counted(records, offset, total)

    def native_id(self, record: Json) -> str:
        """Return ``object_number``."""
        return "".join(as_text(record.get("object_number")).split())

    def record(self, entry: Json) -> RawRecord:
        """Return a work as the museum describes it."""
        free = entry.get("public_domain") is True
        number = self.native_id(entry)
        dated = mapping(next(iter(mappings(entry.get("production_date"))), None))
        return RawRecord(
            item_id=f"{self.name}:{number}",
            title=_titles(entry)[0],
            other_titles=tuple(_titles(entry)[1:]),
            accession_number=as_text(entry.get("object_number")),
            artist=tuple(texts(entry.get("artist"))) or first_text(entry.get("production"), "creator"),
            culture=first_text(entry.get("production"), "creator_nationality"),
            date=as_text(dated.get("period")),
            year_begin=as_year(as_text(dated.get("start")).partition("-")[0]),
            year_end=as_year(as_text(dated.get("end")).partition("-")[0]),
            classification=tuple(texts([name.get("name") for name in mappings(entry.get("object_names"))])),
            medium=tuple(texts(entry.get("materials")) or texts(entry.get("medium"))),
            technique=tuple(texts(entry.get("techniques"))),
            department=as_text(entry.get("responsible_department")),
            descriptions=tuple(
                Description(text, MUSEUM)
                for text in texts([*texts(entry.get("labels")), *texts(entry.get("content_description"))])
            ),
            picture=_picture(entry),
            page_url=web_address(as_text(entry.get("frontend_url")))
            or f"https://open.smk.dk/artwork/image/{quote(number, safe='')}",
            rights="Public domain" if free else as_text(entry.get("rights")),
            credit=as_text(entry.get("credit_line")),
            copies_allowed=free,
        )


def _titles(entry: Json) -> list[str]:
    """Return the titles, an English one first where there is one; at least one, be it empty."""
    titles = mappings(entry.get("titles"))
    english = [one for one in titles if as_text(one.get("language")).lower() in {"engelsk", "english", "en"}]
    return texts([one.get("title") for one in [*english, *titles]]) or [""]


def _picture(entry: Json) -> str:
    base = web_address(as_text(entry.get("image_iiif_id")))
    if base:
        return f"{base.rstrip('/')}/full/!{SIDE},{SIDE}/0/default.jpg"
    return web_address(as_text(entry.get("image_thumbnail")))
