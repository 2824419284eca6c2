"""One crawl through a museum's records: page after page, within the budget, through outages and restarts."""

from __future__ import annotations

import json
import logging
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, ClassVar, Protocol

from ham_recommend.errors import SettingsError, SourceUnavailableError
from ham_recommend.net.rate_limit import Clock
from ham_recommend.sources._ledger import DAY, Crawl, Ledger, Stage
from ham_recommend.sources.json_values import Json

if TYPE_CHECKING:
    from ham_recommend.net.http import Fetcher

log = logging.getLogger(__name__)

MOST_RECORDS = 100_000_000
"""More than any museum has; who says so is out of order."""
MOST_REPEATS = 3
"""How many pages in a row may bring nothing new: a list can shift while it is read."""

LONGEST_SLEEP = 60.0
"""Longest sleep in one piece, in seconds, so that what is shown stays fresh."""
LONGEST_OUTAGE = 86_400.0
"""A museum that asks for a longer pause than this many seconds is given up for now."""
OUTAGES = (60.0, 300.0, 900.0, 3_600.0, 3_600.0, 3_600.0)
"""How long to leave a museum alone that failed, failed again, and so on, in seconds."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a museum.

    Parameters
    ----------
    records : tuple of mapping
        In the museum's order.
    cursor : str
        Where the next page begins; empty when this is the last.
    total : int or None
        Records there are in all, where the museum says so.
    missed : mapping of str to str
        Records that are passed over, by id, because the museum cannot give them, and why.
    """

    records: tuple[Json, ...]
    cursor: str
    total: int | None = None
    missed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def counted(cls, records: tuple[Json, ...], before: int, total: int) -> Page:
        """Return a page of a museum that counts its records: so many before it, so many in all."""
        reached = before + len(records)
        return cls(records, str(reached) if records and reached < total else "", total)


class CrawledRecords:
    """A museum's records in the raw files, the newest version of each.

    Parameters
    ----------
    ledger : Ledger
        What lists them.
    native_id : callable
        Returns a record's id.
    """

    def __init__(self, ledger: Ledger, native_id: Callable[[Json], str]) -> None:
        self._ledger = ledger
        self._native_id = native_id

    def of_kind(self, kind: str, *, since: date | None = None, crawl: int | None = None) -> Iterator[Json]:
        """Yield the records of a kind in the order in which they came.

        Parameters
        ----------
        kind : str
            The first word of a stage, such as ``"objects"``.
        since : date or None
            Only those fetched on that day or later.
        crawl : int or None
            Only those of this crawl.

        Raises
        ------
        ArtifactCorruptError
            A raw file is not what was written.
        """
        return self._ledger.records(kind, self._native_id, since=since, crawl=crawl)

    def missed(self, kind: str) -> dict[str, str]:
        """Return the ids of records that the museum failed to give, and why."""
        return self._ledger.missed(kind)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is to be asked for next.

    Parameters
    ----------
    fetcher : Fetcher
        To ask with.
    stage : str
        One of :meth:`CrawledSource.stages`.
    cursor : str
        Empty at first, then what the page before said.
    since : date or None
        Only records changed since then.
    crawl : int
        The number of the crawl under way; another crawl has another one.
    crawled : CrawledRecords
        What has been fetched already.
    """

    fetcher: Fetcher
    stage: str
    cursor: str
    since: date | None
    crawl: int
    crawled: CrawledRecords


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a crawl is.

    Parameters
    ----------
    done : int
        Records fetched.
    total : int or None
        Records there are, as far as is known.
    calls_left : int or None
        Calls the budget allows now; ``None`` without a budget.
    ends_at : float or None
        When it will be finished, in Unix seconds, if known.
    waits_until : float or None
        Until when it waits for the budget, in Unix seconds.
    """

    done: int
    total: int | None
    calls_left: int | None
    ends_at: float | None
    waits_until: float | None = None


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """What a crawl found, against what was there before.

    Parameters
    ----------
    records : int
        Records kept now.
    added, changed, vanished : int
        How they differ from before.
    missed : int
        Works that were passed over because the museum could not give them; the next crawl asks again.
    """

    records: int
    added: int
    changed: int
    vanished: int
    missed: int


class Museum(Protocol):
    """What a crawl needs to know of a museum; see ``CrawledSource``."""

    name: ClassVar[str]
    daily_calls: ClassVar[int | None]
    term_days: ClassVar[int | None]
    page_size: ClassVar[int]
    limit: int | None

    def page(self, request: PageRequest) -> Page: ...
    def native_id(self, record: Json) -> str: ...
    def stages(self, since: date | None) -> tuple[str, ...]: ...
    def follows(self, stage: str) -> bool: ...
    def calls_per_page(self) -> int: ...


@dataclass(slots=True)
class Run:
    """A crawl under way.

    Parameters
    ----------
    museum : Museum
        What is crawled.
    ledger : Ledger
        Where it is written down.
    crawl : Crawl
        The crawl that is begun or gone on with.
    since : date or None
        Only what changed since then.
    wait : bool
        Whether to wait for the next day's calls and for the end of outages.
    rate : float
        Requests a second.
    clock : Clock
        The time and the waiting.
    show : callable
        Called with how far the crawl is.
    """

    museum: Museum
    ledger: Ledger
    crawl: Crawl
    since: date | None
    wait: bool
    rate: float
    clock: Clock
    show: Callable[[Progress], object]
    _repeats: int = 0

    def fetch_all(self, fetcher: Fetcher) -> CrawlReport:
        """Fetch page after page to the end.

        Raises
        ------
        SourceUnavailableError
            The museum does not answer; everything fetched so far is kept.
        """
        failures = 0
        while stage := self._next_stage():
            try:
                self._fetch_page(stage, fetcher)
                failures = 0
            except SourceUnavailableError as error:
                failures += 1
                self._wait_out(error, failures)
            self.show(self._progress())
        done = self.ledger.finish(self.crawl)
        missed = len(self.ledger.missed("objects"))
        return CrawlReport(self.ledger.count("objects"), done.added, done.changed, done.vanished, missed)

    def spend(self) -> None:
        """Note a call before it is made; wait while the day's calls are used up."""
        budget = self.museum.daily_calls
        if budget is None:
            return
        while self.ledger.calls() >= budget:
            free = self.ledger.next_free(budget)
            if not self.wait:
                raise SourceUnavailableError(
                    f"The {budget:,} calls that {self.museum.name} allows in 24 hours are used up. "
                    f"Run the same command after {_moment(free)}; it goes on from here.",
                    retry_after=free - self.clock.now(),
                )
            self._wait_for(free)
        self.ledger.spend()

    def _wait_out(self, error: SourceUnavailableError, failures: int) -> None:
        """Wait for the end of an outage, longer each time."""
        asked = error.retry_after or 0.0
        if not self.wait or not error.worth_retrying or failures > len(OUTAGES) or asked > LONGEST_OUTAGE:
            raise error
        log.warning("%s", error)
        until = self.clock.now() + max(asked, OUTAGES[failures - 1])
        while self.clock.now() < until:
            self._wait_for(until)

    def _wait_for(self, until: float) -> None:
        """Wait for a moment, or a part of the time till then."""
        self.show(replace(self._progress(), waits_until=until))
        self.clock.sleep(min(LONGEST_SLEEP, max(1.0, until - self.clock.now())))

    def _next_stage(self) -> str:
        """Return the stage to go on with; first those of unknown size, so that the end can be foreseen."""
        stages = {name: self.ledger.stage(self.crawl, name) for name in self.museum.stages(self.since)}
        unknown = [
            name for name, stage in stages.items() if stage == Stage() and not self.museum.follows(name)
        ]
        open_ones = [name for name, stage in stages.items() if not stage.finished]
        return next(iter([*unknown, *open_ones]), "")

    def _fetch_page(self, name: str, fetcher: Fetcher) -> None:
        stage = self.ledger.stage(self.crawl, name)
        crawled = CrawledRecords(self.ledger, self.museum.native_id)
        page = self.museum.page(
            PageRequest(fetcher, name, stage.cursor, self.since, self.crawl.number, crawled)
        )
        kind = name.partition(" ")[0]
        records = {native: record for record in page.records if (native := self.museum.native_id(record))}
        limit = self.museum.limit if kind == "objects" else None
        if limit is not None:
            records = dict(list(records.items())[: limit - stage.done])
        self._check_moves_on(name, stage, page)
        done = stage.done + len(records)
        total = page.total if stage.total is None else stage.total
        ended = not page.cursor or (limit is not None and done >= limit)
        if limit is not None and total is not None:
            total = min(total, limit)
        if ended and total is not None and done < total:
            log.warning("%s said it has %d %s, but listed %d.", self.museum.name, total, name, done)
        for reason in page.missed.values():
            log.warning("%s It is passed over; the next crawl asks for it again.", reason)
        stage = Stage(page.cursor, done, total, ended)
        fresh = self.ledger.keep(self.crawl, name, records, stage, page.missed)
        self._repeats = 0 if fresh or not records else self._repeats + 1

    def _check_moves_on(self, name: str, before: Stage, page: Page) -> None:
        """Refuse answers that would go on for ever, or that no museum can give."""
        total = before.total if before.total is not None else page.total
        said = ""
        if total is not None and not 0 <= total <= MOST_RECORDS:
            said = f"says that it has {total:.3g} {name}, which cannot be"
        elif page.cursor and (page.cursor == before.cursor or self._repeats >= MOST_REPEATS):
            said = "gives the same page again and again"
        elif total is not None and before.done > 2 * total + self.museum.page_size:
            said = f"said that it has {total:,} {name}, but lists more and more of them"
        if said:
            raise SourceUnavailableError(
                f"{self.museum.name} {said}. What was fetched is kept; run the same command again later.",
                worth_retrying=False,
            )

    def _progress(self) -> Progress:
        stages = [self.ledger.stage(self.crawl, name) for name in self.museum.stages(self.since)]
        totals = [stage.total for stage in stages if stage.total is not None]
        done, total = sum(stage.done for stage in stages), sum(totals) if totals else None
        budget = self.museum.daily_calls
        left = None if budget is None else max(0, budget - self.ledger.calls())
        ends_at = None if total is None else self._end(max(0, total - done), left)
        return Progress(done, total, left, ends_at)

    def _end(self, records: int, calls_left: int | None) -> float:
        """Return when so many more records will have been fetched."""
        calls = -(-records // self.museum.page_size) * self.museum.calls_per_page()
        now = self.clock.now()
        if self.museum.daily_calls is None or calls_left is None or calls <= calls_left:
            return now + calls / self.rate
        days, rest = divmod(calls - calls_left - 1, self.museum.daily_calls)
        begins = max(now, self.ledger.next_free(self.museum.daily_calls)) if not calls_left else now + DAY
        return begins + days * DAY + (rest + 1) / self.rate


def start_or_resume(museum: Museum, ledger: Ledger, settings: str, since: date | None) -> Crawl:
    """Return the crawl that is under way, or a new one.

    Parameters
    ----------
    museum : Museum
        What is crawled.
    ledger : Ledger
        Where it is written down.
    settings : str
        What is asked for, as JSON.
    since : date or None
        Only what changed since then.

    Raises
    ------
    SettingsError
        It would throw away records of a crawl with other settings, or nothing complete is there to look for
        changes of. Nothing is touched then.
    """
    asked = (settings, since.isoformat() if since else "")
    crawls = ledger.crawls()
    under_way = crawls[-1] if crawls and crawls[-1].finished is None else None
    if under_way is None:
        _check_new(ledger, crawls, settings, since)
    elif (under_way.settings, under_way.since) != asked:
        raise _would_lose(ledger, under_way, "Finish that crawl with its own settings")
    ledger.tidy()
    if under_way:
        return under_way
    ledger.set_fact("source", museum.name)
    ledger.set_fact("term_days", str(museum.term_days or ""))
    ledger.set_fact("daily_calls", str(museum.daily_calls or ""))
    return ledger.begin(*asked)


def _check_new(ledger: Ledger, crawls: list[Crawl], settings: str, since: date | None) -> None:
    """Check that a new crawl finds what it builds on, or loses nothing of what it replaces."""
    alike = [crawl for crawl in crawls if crawl.settings == settings]
    if since and not alike:
        raise SettingsError(
            f"Nothing complete has been crawled into {ledger.folder} with these settings, so changes "
            "cannot be known. Crawl once without --since."
        )
    if since and since > (began := datetime.fromtimestamp(alike[-1].started, UTC).date()):
        raise SettingsError(
            f"The last crawl into {ledger.folder} began on {began}; what changed between then and {since} "
            f"would be missed. Say --since {began}, or an earlier day."
        )
    if crawls and ledger.count("objects") and not _covers(settings, crawls[-1].settings):
        raise _would_lose(ledger, crawls[-1], "Ask for the same again")


def _covers(wanted: str, kept: str) -> bool:
    """Return whether what is wanted holds all that is kept."""
    new, old = json.loads(wanted), json.loads(kept)
    new_limit, old_limit = new.pop("limit"), old.pop("limit")
    new_query, old_query = new.pop("query"), old.pop("query")
    if new != old:
        return False
    if new_limit is None:
        return new_query in ("", old_query)
    return bool(new_query == old_query and old_limit is not None and new_limit >= old_limit)


def _would_lose(ledger: Ledger, kept: Crawl, advice: str) -> SettingsError:
    asked = json.loads(kept.settings)
    names = sorted(asked, key="query".__ne__)
    what = [f"--{name} {shlex.quote(str(asked[name]))}" if asked[name] else f"no --{name}" for name in names]
    what += [f"--since {kept.since}"] if kept.since and not kept.finished else []
    finished = "crawled" if kept.finished else "of a crawl that is unfinished,"
    return SettingsError(
        f"In {ledger.folder} are {ledger.count('objects'):,} works {finished} with {', '.join(what)}; "
        f"a crawl with other settings would throw them away. {advice}, choose another --out, or remove all "
        "that was crawled with `ham purge WORKSPACE --everything`."
    )


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
