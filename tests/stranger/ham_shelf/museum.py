"""A museum behind a web API: how to ask for a page, and how a record becomes a RawRecord."""

import os

from ham_recommend.records import RawRecord
from ham_recommend.sources.crawled import CrawledSource, Page, records_in
from ham_recommend.sources.json_values import as_text, as_whole


class BarnesSource(CrawledSource):
    """Twenty works, ten to a page."""

    name = "barnes"
    title = "The Barnes Foundation"
    api = os.environ.get("BARNES", "https://barnes.example")
    rate = 1e6
    page_size = 10

    def page(self, request):
        start = int(request.cursor or 0)
        answer = self.ask(request, "works", {"start": start})
        return Page.counted(records_in(self.name, answer, "works"), start, as_whole(answer["total"]) or 0)

    def native_id(self, record):
        return as_text(record.get("id"))

    def record(self, entry):
        return RawRecord(
            item_id=f"barnes:{self.native_id(entry)}",
            title=as_text(entry["title"]),
            picture=as_text(entry["picture"]),
        )
