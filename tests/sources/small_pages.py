"""A crawl of many small pages, for a process of its own that imports little and may be killed."""

import time

from ham_recommend.net.rate_limit import Clock
from ham_recommend.sources.harvard import HarvardSource

START = 1_700_000_000.0


class ManySmallPages(HarvardSource):
    """As the real one, in many small pages."""

    page_size = 10
    daily_calls = 1_000_000


def crawl_in_small_pages(folder, api, place, key):
    """Crawl on a day that never ends."""
    clock = Clock(lambda: START, time.sleep)
    ManySmallPages(key=key, folder=folder, api=api, allow_private=[place], clock=clock, rate=1e9).crawl()
