"""The Cleveland Museum of Art: open access, no key.

Documented at https://openaccess-api.clevelandart.org.
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
    mapping,
    mappings,
    texts,
)

MUSEUM = "The Cleveland Museum of Art"


class ClevelandSource(CrawledSource):
    """The Cleveland Museum of Art; works under CC0 may be copied."""

    name: ClassVar[str] = "cleveland"
    title: ClassVar[str] = "Cleveland Museum of Art"
    api: ClassVar[str] = "https://openaccess-api.clevelandart.org/api"
    rate: ClassVar[float] = 1.0
    page_size: ClassVar[int] = 500

    def page(self, request: PageRequest) -> Page:
        """Ask for the works after the first so many."""
        skip = int(request.cursor or 0)
        question: dict[str, str | int] = {"skip": skip, "limit": self.page_size}
        if self.query:
            question["q"] = self.query
        if request.since:
            question["updated_after"] = request.since.isoformat()
        answer = self.ask(request, "artworks/", question)
        records = records_in(self.name, answer, "data")
        total = as_whole(mapping(answer.get("info")).get("total")) or 0
        return Page.counted(records, skip, total)

    def native_id(self, record: Json) -> str:
        """Return ``id``."""
        return as_text(as_whole(record.get("id")))

    def record(self, entry: Json) -> RawRecord:
        """Return a work as the museum describes it."""
        free = entry.get("share_license_status") == "CC0"
        written = [entry.get(name) for name in ("description", "wall_description", "did_you_know")]
        native = self.native_id(entry)
        picture = as_text(mapping(mapping(entry.get("images")).get("web")).get("url"))
        number = quote(as_text(entry.get("accession_number")) or native, safe="")
        return RawRecord(
            item_id=f"{self.name}:{native}",
            title=as_text(entry.get("title")),
            accession_number=as_text(entry.get("accession_number")),
            artist=tuple(_makers(entry)),
            culture=tuple(texts(entry.get("culture"))),
            date=as_text(entry.get("creation_date")),
            year_begin=as_year(entry.get("creation_date_earliest")),
            year_end=as_year(entry.get("creation_date_latest")),
            classification=as_text(entry.get("type")),
            medium=as_text(entry.get("technique")),
            department=as_text(entry.get("department")),
            place=as_text(entry.get("find_spot")),
            descriptions=tuple(Description(text, MUSEUM) for text in texts(written)),
            picture=web_address(picture),
            page_url=web_address(as_text(entry.get("url"))) or f"https://www.clevelandart.org/art/{number}",
            rights="CC0" if free else as_text(entry.get("copyright")),
            credit=as_text(entry.get("creditline")),
            copies_allowed=free,
        )


def _makers(entry: Json) -> list[str]:
    """Return the makers without the years and places that follow in brackets."""
    makers = (as_text(maker.get("description")) for maker in mappings(entry.get("creators")))
    return texts([maker.partition(" (")[0] for maker in makers])
