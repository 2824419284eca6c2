"""The Metropolitan Museum of Art: open access, no key.

The API lists ids, then tells one work a call; at most 80 requests a second are wished for, a quarter is made.
Documented at https://metmuseum.github.io.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ClassVar

from ham_recommend.addresses import web_address
from ham_recommend.records import Description, RawRecord
from ham_recommend.sources._crawl import CrawledSource, answered
from ham_recommend.sources._json import Json, as_text, as_whole, as_year, first_text, mappings
from ham_recommend.sources._outcomes import Failure
from ham_recommend.sources._run import Page, Wish

MUSEUM = "The Metropolitan Museum of Art"
AT_ONCE = 4


class MetSource(CrawledSource):
    """The Metropolitan Museum of Art; only public-domain works come with a picture."""

    name: ClassVar[str] = "met"
    api: ClassVar[str] = "https://collectionapi.metmuseum.org/public/collection/v1"
    rate: ClassVar[float] = 20.0
    page_size: ClassVar[int] = 20

    _ids: tuple[int, list[int]] | None = None

    def page(self, wish: Wish) -> Page:
        """Ask for a few works, each by its id; those withdrawn meanwhile are passed over."""
        ids = self._listed(wish)
        left = [native for native in ids if native > int(wish.cursor or 0)]
        some = left[: self.page_size]
        with ThreadPoolExecutor(AT_ONCE) as askers:
            records = tuple(one for one in askers.map(partial(self._work, wish), some) if one)
        return Page(records, str(some[-1]) if len(left) > len(some) else "", len(ids))

    def _work(self, wish: Wish, native: int) -> Json | None:
        outcome = wish.fetcher.try_json(f"{self.address}/objects/{native}")
        if isinstance(outcome, Failure) and outcome.kind == "not found":
            return None
        return answered(self.name, outcome)

    def _listed(self, wish: Wish) -> list[int]:
        """Return the ids of the works, ascending; asked for once a run."""
        if self._ids is None or self._ids[0] != wish.crawl.number:
            since = {"metadataDate": wish.since.isoformat()} if wish.since else {}
            ids: set[int] = set()
            if since or not self.query:
                ids = self._ask(wish, "objects", since)
            if self.query:
                found = self._ask(wish, "search", {"q": self.query})
                ids = ids & found if since else found
            self._ids = (wish.crawl.number, sorted(ids)[: self.limit])
        return self._ids[1]

    def _ask(self, wish: Wish, path: str, question: dict[str, str]) -> set[int]:
        answer = answered(self.name, wish.fetcher.try_json(f"{self.address}/{path}", question))
        ids: Sequence[Any] = answer.get("objectIDs") or ()
        return {native for native in map(as_whole, ids) if native is not None}

    def calls_per_page(self) -> int:
        """Return one call for each work."""
        return self.page_size

    def native_id(self, record: Json) -> str:
        """Return ``objectID``."""
        return as_text(as_whole(record.get("objectID")))

    def record(self, entry: Json) -> RawRecord:
        """Return a work as the museum tells it."""
        free = entry.get("isPublicDomain") is True
        maker = f"{as_text(entry.get('artistPrefix'))} {as_text(entry.get('artistDisplayName'))}".strip()
        tags = [as_text(tag.get("term")) for tag in mappings(entry.get("tags"))]
        return RawRecord(
            item_id=f"{self.name}:{self.native_id(entry)}",
            title=as_text(entry.get("title")),
            artist=maker or first_text(entry.get("constituents"), "name"),
            culture=as_text(entry.get("culture")) or as_text(entry.get("artistNationality")),
            date=as_text(entry.get("objectDate")),
            year_begin=as_year(entry.get("objectBeginDate")),
            year_end=as_year(entry.get("objectEndDate")),
            classification=as_text(entry.get("classification")) or as_text(entry.get("objectName")),
            medium=as_text(entry.get("medium")),
            period=as_text(entry.get("period")) or as_text(entry.get("dynasty")),
            department=as_text(entry.get("department")),
            descriptions=(Description(", ".join(tags), MUSEUM),) if any(tags) else (),
            picture=web_address(
                as_text(entry.get("primaryImageSmall")) or as_text(entry.get("primaryImage"))
            ),
            page_url=web_address(as_text(entry.get("objectURL"))),
            rights="CC0" if free else as_text(entry.get("rightsAndReproduction")),
            credit=as_text(entry.get("creditLine")),
            copies_allowed=free,
        )
