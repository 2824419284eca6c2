"""What every museum behind a web API shares: it is crawled into raw files, then read from them.

A museum says how to ask for one page and how a record becomes a RawRecord; paging, budget, restarts, changes
and terms are handled here.
"""

from __future__ import annotations

import json
import logging
import warnings
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from filelock import FileLock, Timeout
from requests.adapters import BaseAdapter

from ham_recommend.errors import (
    DataWarning,
    RecordError,
    SettingsError,
    SourceError,
    SourceUnavailableError,
)
from ham_recommend.records import Problem, RawRecord
from ham_recommend.sources._http import Fetcher, Secret, or_raise
from ham_recommend.sources._ledger import Crawl, Json, Ledger, Stage, existing
from ham_recommend.sources._manners import Clock
from ham_recommend.sources.base import Source

log = logging.getLogger(__name__)

LONGEST_NAP = 60.0
"""Longest sleep in one piece while waiting for tomorrow's budget, in seconds."""


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
    """

    records: tuple[Json, ...]
    cursor: str
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be asked of a museum next.

    Parameters
    ----------
    fetcher : Fetcher
        To ask with.
    ledger : Ledger
        What is known already.
    crawl : Crawl
        The crawl under way.
    stage : str
        One of :meth:`CrawledSource.stages`.
    cursor : str
        Empty at first, then what the page before said.
    since : date or None
        Only records changed since then.
    """

    fetcher: Fetcher
    ledger: Ledger
    crawl: Crawl
    stage: str
    cursor: str
    since: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a crawl stands, for people.

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
class RawState:
    """What a source keeps in a workspace.

    Parameters
    ----------
    records : int
        Records, of all kinds.
    oldest : float
        When the oldest of them was fetched, in Unix seconds.
    complete : bool
        Whether no crawl is under way or cut short.
    calls_left : int or None
        Calls the budget allows now.
    term_days : int or None
        How many days the museum lets them be kept.
    stale : bool
        Whether they are older than that.
    """

    records: int
    oldest: float
    complete: bool
    calls_left: int | None
    term_days: int | None
    stale: bool


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """What a crawl found, against what was there before.

    Parameters
    ----------
    records : int
        Records kept now.
    added, changed, vanished : int
        How they differ from before.
    """

    records: int
    added: int
    changed: int
    vanished: int


class CrawledSource(Source):
    """A museum behind a web API.

    Parameters
    ----------
    query : str
        Only works the museum finds for these words; empty for all.
    limit : int or None
        Only the first so many works.
    folder : path-like or None
        Where the raw files are kept; by default in the workspace.
    api : str or None
        Another address of the API.
    allow_private : collection of str
        ``host:port`` pairs that may be private; see :class:`Fetcher`.
    clock : Clock or None
        The time and the waiting.
    adapter : requests.adapters.BaseAdapter or None
        Carries the requests; see :class:`Fetcher`.

    Attributes
    ----------
    api : str
        The API's address.
    daily_calls : int or None
        Most calls in any 24 hours.
    term_days : int or None
        How long its records may be kept.
    rate : float
        Most requests a second.
    """

    api: ClassVar[str]
    daily_calls: ClassVar[int | None] = None
    term_days: ClassVar[int | None] = None
    rate: ClassVar[float] = 2.0
    page_size: ClassVar[int] = 100

    def __init__(
        self,
        query: str = "",
        limit: int | None = None,
        *,
        folder: str | Path | None = None,
        api: str | None = None,
        allow_private: Collection[str] = (),
        clock: Clock | None = None,
        adapter: BaseAdapter | None = None,
        rate: float | None = None,
    ) -> None:
        super().__init__()
        if limit is not None and limit < 1:
            raise SettingsError(f"The limit must be at least 1, not {limit}.")
        self.query, self.limit = query.strip(), limit
        self.address = (api or self.api).rstrip("/")
        self._folder = None if folder is None else Path(folder)
        self._movable = folder is None
        self._allow_private = tuple(allow_private)
        self._clock = clock or Clock()
        self._adapter = adapter
        self._rate = rate or self.rate

    # What a museum says

    @abstractmethod
    def page(self, wish: Wish) -> Page:
        """Ask for one page."""

    @abstractmethod
    def native_id(self, record: Json) -> str:
        """Return the museum's id of a record; empty when it has none."""

    @abstractmethod
    def record(self, entry: Json) -> RawRecord:
        """Return a record of the museum as a RawRecord.

        Raises
        ------
        RecordError
            It is unusable.
        """

    def stages(self, since: date | None) -> tuple[str, ...]:
        """Return the parts of a crawl, in order; the first word of each is the kind of record it brings."""
        del since
        return ("objects",)

    def secret(self) -> Secret | None:
        """Return the key to send."""
        return None

    # Crawling

    def crawl(
        self,
        *,
        since: date | None = None,
        wait: bool = True,
        progress: Callable[[Standing], object] = lambda _: None,
    ) -> CrawlReport:
        """Fetch what is missing into the raw files; a crawl that was cut short goes on where it was.

        Parameters
        ----------
        since : date or None
            Only what changed since then, on top of a complete crawl.
        wait : bool
            Whether to wait when the day's calls are used up.
        progress : callable
            Told after each page where the crawl stands.

        Raises
        ------
        SourceAuthError
            The key is missing or refused.
        SourceUnavailableError
            The museum does not answer, or the day's calls are used up; the same call goes on from here.
        SettingsError
            Another crawl is unfinished here, or nothing complete is there to look for changes of.
        """
        with self._locked(), Ledger(self.folder, self._clock) as ledger:
            secret = self.secret()
            crawl = self._resumed(ledger, since)
            with Fetcher(
                rate_per_host=self._rate,
                allow_private=self._allow_private,
                secret=secret,
                clock=self._clock,
                adapter=self._adapter,
                before_request=lambda _: self._spend(ledger, crawl, since, wait=wait, progress=progress),
            ) as fetcher:
                while stage := self._next_stage(ledger, crawl, since):
                    self._take_page(ledger, crawl, stage, fetcher, since)
                    progress(self._standing(ledger, crawl, since))
            done = ledger.finish(crawl)
            return CrawlReport(ledger.count("objects"), done.added, done.changed, done.vanished)

    def _resumed(self, ledger: Ledger, since: date | None) -> Crawl:
        """Return the crawl that is under way, or a new one."""
        ledger.tidy()
        asked = (json.dumps(dict(self.settings()), sort_keys=True), since.isoformat() if since else "")
        crawls = ledger.crawls()
        if crawls and crawls[-1].finished is None:
            if (crawls[-1].settings, crawls[-1].since) != asked:
                raise SettingsError(
                    f"In {self.folder} another crawl is unfinished: {crawls[-1].settings}, since "
                    f"{crawls[-1].since or 'ever'}. Finish it, crawl into another workspace, or remove it "
                    "with `ham purge --everything`."
                )
            return crawls[-1]
        if since and not any(crawl.settings == asked[0] for crawl in crawls):
            raise SettingsError(
                f"Nothing complete has been crawled into {self.folder} with these settings, so changes "
                "cannot be told. Crawl once without --since."
            )
        ledger.set_fact("source", self.name)
        ledger.set_fact("term_days", str(self.term_days or ""))
        ledger.set_fact("daily_calls", str(self.daily_calls or ""))
        return ledger.begin(*asked)

    def _next_stage(self, ledger: Ledger, crawl: Crawl, since: date | None) -> str:
        """Return the stage to go on with; first those of unknown size, so that the end can be told."""
        stages = {name: ledger.stage(crawl, name) for name in self.stages(since)}
        unknown = [name for name, stage in stages.items() if stage == Stage() and not self.follows(name)]
        open_ones = [name for name, stage in stages.items() if not stage.finished]
        return next(iter([*unknown, *open_ones]), "")

    def follows(self, stage: str) -> bool:
        """Whether a stage can begin only when those before it are finished."""
        del stage
        return False

    def _take_page(
        self, ledger: Ledger, crawl: Crawl, name: str, fetcher: Fetcher, since: date | None
    ) -> None:
        stage = ledger.stage(crawl, name)
        page = self.page(Wish(fetcher, ledger, crawl, name, stage.cursor, since))
        resource = name.partition(" ")[0]
        records = {native: record for record in page.records if (native := self.native_id(record))}
        limit = self.limit if resource == "objects" else None
        if limit is not None:
            records = dict(list(records.items())[: limit - stage.done])
        done = stage.done + len(records)
        total = page.total if stage.total is None else stage.total
        ended = not page.cursor or (limit is not None and done >= limit)
        if limit is not None and total is not None:
            total = min(total, limit)
        if ended and total is not None and done < total:
            log.warning("%s said it has %d %s, but listed %d.", self.name, total, name, done)
        ledger.keep(crawl, name, resource, records, Stage(page.cursor, done, total, ended))

    def _spend(
        self,
        ledger: Ledger,
        crawl: Crawl,
        since: date | None,
        *,
        wait: bool,
        progress: Callable[[Standing], object],
    ) -> None:
        """Note a call before it is made; wait while the day's calls are used up."""
        if self.daily_calls is None:
            return
        while ledger.calls() >= self.daily_calls:
            free = ledger.next_free(self.daily_calls)
            if not wait:
                raise SourceUnavailableError(
                    f"The {self.daily_calls:,} calls that {self.name} allows in 24 hours are used up. "
                    f"Run the same command after {_moment(free)}; it goes on from here.",
                    retry_after=free - self._clock.now(),
                )
            progress(replace(self._standing(ledger, crawl, since), waits_until=free))
            self._clock.sleep(min(LONGEST_NAP, max(1.0, free - self._clock.now())))
        ledger.spend()

    def _standing(self, ledger: Ledger, crawl: Crawl, since: date | None) -> Standing:
        stages = [ledger.stage(crawl, name) for name in self.stages(since)]
        totals = [stage.total for stage in stages if stage.total is not None]
        done, total = sum(stage.done for stage in stages), sum(totals) if totals else None
        left = self._calls_left(ledger)
        ends_at = None if total is None else self._end(ledger, max(0, total - done), left)
        return Standing(done, total, left, ends_at)

    def _end(self, ledger: Ledger, records: int, calls_left: int | None) -> float:
        """Return when so many more records will have been fetched."""
        calls = -(-records // self.page_size) * self.calls_per_page()
        now = self._clock.now()
        if self.daily_calls is None or calls_left is None or calls <= calls_left:
            return now + calls / self._rate
        days, rest = divmod(calls - calls_left - 1, self.daily_calls)
        begins = max(now, ledger.next_free(self.daily_calls)) if not calls_left else now + 86_400.0
        return begins + days * 86_400.0 + (rest + 1) / self._rate

    def calls_per_page(self) -> int:
        """Return how many calls one page takes."""
        return 1

    def _calls_left(self, ledger: Ledger) -> int | None:
        return None if self.daily_calls is None else max(0, self.daily_calls - ledger.calls())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / ".lock", timeout=0):
                yield
        except Timeout as error:
            raise SourceError(f"Another crawl is at work in {self.folder}. Wait for it to end.") from error

    # Reading

    @property
    def folder(self) -> Path:
        """Where the raw files are.

        Raises
        ------
        SettingsError
            No folder was given, and no workspace either.
        """
        if self._folder is None:
            raise SettingsError(f"{type(self).__name__} needs a folder for what it crawls: folder=….")
        return self._folder

    def settle(self, folder: Path) -> None:
        """Keep the raw files here, unless another folder was given; warn about what is wrong with them."""
        if self._movable:
            self._folder = folder
        state = self.state()
        if state and state.stale:
            warnings.warn(
                f"The records of {self.name} in {self.folder} are older than the {state.term_days} days they "
                "may be kept. Refresh them with `ham crawl`, or remove them with `ham purge`.",
                DataWarning,
                stacklevel=2,
            )
        if state and not state.complete:
            warnings.warn(
                f"The crawl of {self.name} is not finished; the collection is built from the "
                f"{state.records:,} records there are. `ham crawl` goes on where it stopped.",
                DataWarning,
                stacklevel=2,
            )

    def state(self) -> RawState | None:
        """Return what is kept in the folder; ``None`` when nothing was ever crawled."""
        return raw_state(self.folder, self._clock)

    def is_fresh(self) -> bool:
        """Whether everything asked for has been crawled, and not too long ago."""
        with existing(self.folder, self._clock) as ledger:
            crawls = ledger.crawls() if ledger else []
        state = self.state()
        wanted = json.dumps(dict(self.settings()), sort_keys=True)
        return bool(state and state.complete and not state.stale and crawls[0].settings == wanted)

    def fetch(self, *, since: date | None = None) -> Iterator[RawRecord]:
        """Yield the works from the raw files; nothing is asked from the museum.

        Parameters
        ----------
        since : date or None
            Only works fetched on that day or later.

        Raises
        ------
        SourceError
            Nothing has been crawled.
        ArtifactCorruptError
            A raw file is damaged.
        """
        self.problems.clear()
        with self._opened() as ledger:
            for entry in self.entries(ledger, since):
                try:
                    yield self.record(entry)
                except RecordError as error:
                    self.problems.append(Problem(f"{self.name}:{self.native_id(entry)}", str(error)))

    def entries(self, ledger: Ledger, since: date | None) -> Iterator[Json]:
        """Yield the museum's records of works."""
        for _, entry in ledger.records("objects", self.native_id, since=since):
            yield entry

    @contextmanager
    def _opened(self) -> Iterator[Ledger]:
        with existing(self.folder, self._clock) as ledger:
            if ledger is None or not ledger.crawls():
                raise SourceError(
                    f"Nothing of {self.name} has been crawled into {self.folder}. "
                    f"Run: ham crawl {self.name} --out WORKSPACE"
                )
            yield ledger

    def fingerprint(self) -> str | None:
        """Return a digest of the raw files."""
        with existing(self.folder, self._clock) as ledger:
            return None if ledger is None else ledger.fingerprint()

    def settings(self) -> Mapping[str, Any]:
        """Return query and limit."""
        return {"query": self.query, "limit": self.limit}

    def count(self) -> int | None:
        """Return how many works the raw files hold."""
        with existing(self.folder, self._clock) as ledger:
            return None if ledger is None else ledger.count("objects")


def answered(museum: str, outcome: Any) -> Json:
    """Return a JSON object that a museum answered.

    Raises
    ------
    SourceAuthError
        The museum refuses the visitor.
    SourceUnavailableError
        It did not answer, or with something else than an object.
    """
    answer = or_raise(outcome)
    if not isinstance(answer, dict):
        raise SourceUnavailableError(
            f"{museum} answered with something else than documented. Try again later."
        )
    return answer


def records_of(museum: str, answer: Json, name: str) -> tuple[Json, ...]:
    """Return the list of records in an answer.

    Raises
    ------
    SourceUnavailableError
        There is none.
    """
    records = answer.get(name)
    if not isinstance(records, list):
        raise SourceUnavailableError(f"{museum} answered without {name!r}. Try again later.")
    return tuple(record for record in records if isinstance(record, dict))


def raw_state(folder: Path, clock: Clock | None = None) -> RawState | None:
    """Return what is kept in a raw folder; ``None`` when nothing was ever crawled into it."""
    clock = clock or Clock()
    with existing(folder, clock) as ledger:
        if ledger is None or not (crawls := ledger.crawls()):
            return None
        budget, term = ledger.fact("daily_calls"), ledger.fact("term_days")
        oldest = crawls[0].started
        return RawState(
            records=ledger.count("objects") + ledger.count("annotations"),
            oldest=oldest,
            complete=crawls[-1].finished is not None,
            calls_left=max(0, int(budget) - ledger.calls()) if budget else None,
            term_days=int(term) if term else None,
            stale=bool(term) and clock.now() - oldest > timedelta(days=int(term)).total_seconds(),
        )


def purge_raw(folder: Path, *, everything: bool = False, clock: Clock | None = None) -> list[Path]:
    """Remove what a source may not keep any longer.

    Parameters
    ----------
    folder : Path
        A source's raw folder.
    everything : bool
        Whether to remove what is younger than its term too.
    clock : Clock or None
        The time.

    Returns
    -------
    list of Path
        The files that were removed.
    """
    state = raw_state(folder, clock)
    if state is None or not (everything or state.stale):
        return []
    with existing(folder, clock or Clock()) as ledger:
        assert ledger is not None  # noqa: S101
        return ledger.drop(crawl.number for crawl in _too_old(ledger.crawls(), state, everything, clock))


def _too_old(crawls: list[Crawl], state: RawState, everything: bool, clock: Clock | None) -> Iterable[Crawl]:
    """Return the crawls past their term; one for changes goes with the full one it belongs to."""
    edge = (clock or Clock()).now() - timedelta(days=state.term_days or 0).total_seconds()
    old = False
    for crawl in crawls:
        old = everything or (crawl.started < edge if not crawl.since else old)
        if old:
            yield crawl


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
