"""What every museum behind a web API shares: it is crawled into raw files, then read from them.

A museum says how to ask for one page and how a record becomes a RawRecord; paging, budget, restarts, changes
and terms are handled for it. What else its author needs lies in :mod:`ham_recommend.sources.json_values`,
:mod:`ham_recommend.records`, :mod:`ham_recommend.errors` and :mod:`ham_recommend.net`.
"""

from __future__ import annotations

import json
import shlex
import warnings
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from ham_recommend.errors import (
    ArtifactCorruptError,
    DataWarning,
    RecordError,
    SettingsError,
    SourceError,
    SourceUnavailableError,
)
from ham_recommend.manifest import LONGEST_TERM, Origin
from ham_recommend.net.outcomes import Failure, or_raise
from ham_recommend.net.rate_limit import Clock
from ham_recommend.records import Problem, RawRecord
from ham_recommend.sources._ledger import DAY, Ledger, existing
from ham_recommend.sources._run import (
    CrawledRecords,
    CrawlReport,
    Page,
    PageRequest,
    Progress,
    Run,
    start_or_resume,
)
from ham_recommend.sources.base import Option, Source, checked_limit
from ham_recommend.sources.json_values import Json
from ham_recommend.sources.raw import RawState, locked, raw_state

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

    from ham_recommend.net.addresses import Secret

__all__ = [
    "CrawlReport",
    "CrawledRecords",
    "CrawledSource",
    "Page",
    "PageRequest",
    "Progress",
    "json_object",
    "records_in",
]


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
    allow_private : collection of str or None
        ``host:port`` pairs that may be private; by default those of ``HAM_ALLOW_PRIVATE``.
    clock : Clock or None
        The time and the waiting.
    adapter : requests.adapters.BaseAdapter or None
        Carries the requests; see :class:`~ham_recommend.net.http.Fetcher`.
    rate : float or None
        Another number of requests a second.

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
    page_size : int
        How many records a page holds.
    """

    help: ClassVar[str] = "What is still to be crawled is crawled first; `ham crawl` does only that."
    options: ClassVar[tuple[Option, ...]] = (
        Option(name="query", default="", help="Only works that the museum finds for these words."),
        Option(name="limit", type=int, least=1, metavar="N", help="Only the first N works."),
    )
    examples: ClassVar[tuple[str, ...]] = ("--query ship --limit 500",)
    fetch_pictures: ClassVar[bool | None] = True

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
        allow_private: Collection[str] | None = None,
        clock: Clock | None = None,
        adapter: BaseAdapter | None = None,
        rate: float | None = None,
    ) -> None:
        super().__init__()
        self.query, self.limit = query.strip(), checked_limit(limit)
        self.address = (api or self.api).rstrip("/")
        self._folder = None if folder is None else Path(folder)
        self._movable = folder is None
        self._allow_private = allow_private
        self._clock = clock or Clock()
        self._adapter = adapter
        self._rate = rate or self.rate

    # What a museum says

    @abstractmethod
    def page(self, request: PageRequest) -> Page:
        """Ask for one page.

        Raises
        ------
        SourceAuthError, SourceUnavailableError
            There is none to be had now; see :meth:`ask`.
        """

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

    def follows(self, stage: str) -> bool:
        """Whether a stage can begin only when those before it are finished."""
        del stage
        return False

    def calls_per_page(self) -> int:
        """Return how many calls one page takes."""
        return 1

    def secret(self) -> Secret | None:
        """Return the key to send."""
        return None

    def ask(self, request: PageRequest, path: str, params: Mapping[str, Any] | None = None) -> Json:
        """Return the JSON object that the museum answers at a path of its API; see :func:`json_object`."""
        return json_object(self.name, request.fetcher.try_json(f"{self.address}/{path}", params))

    # Crawling

    def crawl(
        self,
        *,
        since: date | None = None,
        wait: bool = True,
        progress: Callable[[Progress], object] = lambda _: None,
    ) -> CrawlReport:
        """Fetch what is missing into the raw files; a crawl that was cut short goes on where it was.

        Parameters
        ----------
        since : date or None
            Only what changed since then, on top of a complete crawl.
        wait : bool
            Whether to wait when the day's calls are used up or the museum is out of order.
        progress : callable
            Called after each page with how far the crawl is.

        Raises
        ------
        SourceAuthError
            The key is missing or refused.
        SourceUnavailableError
            The museum does not answer, or the day's calls are used up; the same call goes on from here.
        SettingsError
            Records of a crawl with other settings would be lost, or nothing complete is there to look for
            changes of.
        """
        from ham_recommend.net.http import Fetcher, allowed_by_environment

        allowed = allowed_by_environment() if self._allow_private is None else self._allow_private
        with locked(self.folder), Ledger(self.folder, self._clock) as ledger:
            secret = self.secret()
            crawl = start_or_resume(self, ledger, self._asked, since)
            run = Run(self, ledger, crawl, since, wait, self._rate, self._clock, progress)
            with Fetcher(
                rate_per_host=self._rate,
                allow_private=allowed,
                secret=secret,
                clock=self._clock,
                adapter=self._adapter,
                before_request=lambda _: run.spend(),
            ) as fetcher:
                return run.fetch_all(fetcher)

    @property
    def _asked(self) -> str:
        """What is asked for, as JSON."""
        return json.dumps(dict(self.settings()), sort_keys=True)

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

    @classmethod
    def crawled_into(cls, folder: Path) -> Self | None:
        """Return the museum with what was asked for when it was crawled here; ``None`` where it never was."""
        with existing(folder, Clock()) as ledger:
            crawls = ledger.crawls() if ledger else []
        return cls.from_options(**json.loads(crawls[-1].settings), folder=folder) if crawls else None

    def since(self) -> date | None:
        """Return since when to crawl, so that nothing is missed; ``None`` for everything.

        A crawl under way goes on as it began. All of it is asked for again a day before its term ends.
        """
        with existing(self.folder, self._clock) as ledger:
            crawls = ledger.crawls() if ledger else []
        state = self.state()
        if not crawls or state is None:
            return None
        if not state.complete:
            return date.fromisoformat(crawls[-1].since) if crawls[-1].since else None
        ends = state.oldest + DAY * (state.term_days or LONGEST_TERM)
        if self._clock.now() > ends - DAY:
            return None
        return datetime.fromtimestamp(crawls[-1].started, UTC).date()

    def is_fresh(self) -> bool:
        """Whether everything asked for has been crawled, and not too long ago."""
        with existing(self.folder, self._clock) as ledger:
            crawls = ledger.crawls() if ledger else []
        state = self.state()
        return bool(state and state.complete and not state.stale and crawls[0].settings == self._asked)

    def fetch(self, *, since: date | None = None) -> Iterator[RawRecord]:
        """Yield the works from the raw files; nothing is asked from the museum.

        Parameters
        ----------
        since : date or None
            Only works fetched on that day or later.

        Raises
        ------
        SourceError
            Nothing has been crawled, or what was crawled is replaced or removed meanwhile.
        ArtifactCorruptError
            A raw file is damaged.
        """
        self.problems.clear()
        with self._opened() as ledger:
            for native, reason in ledger.missed("objects").items():
                self.problems.append(Problem(f"{self.name}:{native}", f"{reason} The next crawl asks again."))
            for entry in self.entries(CrawledRecords(ledger, self.native_id), since):
                try:
                    yield self.record(entry)
                except RecordError as error:
                    self.problems.append(Problem(f"{self.name}:{self.native_id(entry)}", str(error)))

    def entries(self, crawled: CrawledRecords, since: date | None) -> Iterator[Json]:
        """Yield the museum's records of works."""
        return crawled.of_kind("objects", since=since)

    @contextmanager
    def _opened(self) -> Iterator[Ledger]:
        """Open the ledger; what is read while a crawl is replaced or removed does not count."""
        with existing(self.folder, self._clock) as ledger:
            began = _crawls(ledger) if ledger else set()
            if ledger is None or not began:
                raise SourceError(
                    f"Nothing of {self.name} has been crawled into {self.folder}. "
                    f"Run: ham crawl {self.name} --out WORKSPACE"
                )
            damage = None
            try:
                yield ledger
            except ArtifactCorruptError as error:
                damage = error
            if not began <= _crawls(ledger):
                raise SourceError(
                    f"The records of {self.name} in {self.folder} were replaced or removed while they were "
                    "read. Run the same command again."
                ) from damage
            if damage:
                raise damage

    def fingerprint(self) -> str | None:
        """Return a digest of the raw files."""
        with existing(self.folder, self._clock) as ledger:
            return None if ledger is None else ledger.fingerprint()

    def settings(self) -> Mapping[str, Any]:
        """Return query and limit."""
        return {"query": self.query, "limit": self.limit}

    def origin(self) -> Origin:
        """Return when the oldest record was fetched, and the museum's term."""
        state = self.state()
        if state is None:
            return super().origin()
        fetched = datetime.fromtimestamp(state.oldest, UTC).isoformat(timespec="seconds")
        museum = self.museum or self.title
        return Origin(self.name, dict(self.settings()), fetched, state.term_days, museum=museum)

    def command(self) -> str:
        """Return the name with query and limit, quoted for a shell."""
        query = f" --query {shlex.quote(self.query)}" if self.query else ""
        return f"{self.name}{query}" + (f" --limit {self.limit}" if self.limit else "")

    def count(self) -> int | None:
        """Return how many works the raw files hold."""
        with existing(self.folder, self._clock) as ledger:
            return None if ledger is None else ledger.count("objects")


def _crawls(ledger: Ledger) -> set[tuple[int, float]]:
    return {(crawl.number, crawl.started) for crawl in ledger.crawls()}


def json_object(museum: str, outcome: Any) -> Json:
    """Return the JSON object that a museum answered.

    Parameters
    ----------
    museum : str
        What to call the museum in a message.
    outcome : object
        What :meth:`~ham_recommend.net.http.Fetcher.try_json` returned.

    Raises
    ------
    SourceAuthError
        The museum refuses the key.
    SourceUnavailableError
        It did not answer, or with something else than an object, or it refuses a visitor who needs no key,
        as firewalls do with those who come too often.
    """
    if isinstance(outcome, Failure) and outcome.kind == "denied" and not outcome.keyed:
        raise SourceUnavailableError(
            f"{outcome} It refuses visitors for now: try again later or from another network.",
            retry_after=outcome.retry_after,
            worth_retrying=True,
        )
    answer = or_raise(outcome)
    if not isinstance(answer, dict):
        raise SourceUnavailableError(
            f"{museum} answered with something else than documented. Try again later."
        )
    return answer


def records_in(museum: str, answer: Json, name: str) -> tuple[Json, ...]:
    """Return the list of records in an answer; what is no object is left out.

    Raises
    ------
    SourceUnavailableError
        There is none.
    """
    records = answer.get(name)
    if not isinstance(records, list):
        raise SourceUnavailableError(f"{museum} answered without {name!r}. Try again later.")
    return tuple(record for record in records if isinstance(record, dict))
