"""What sources keep in a workspace's raw folders: how much, how old, and its removal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from ham_recommend.errors import ArtifactError, SourceError
from ham_recommend.files import own_path
from ham_recommend.net.rate_limit import Clock
from ham_recommend.sources._ledger import LEDGER, Crawl, existing


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


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from writing into a raw folder.

    Raises
    ------
    SourceError
        One is writing now.
    ArtifactError
        The folder cannot be written, such as on a full disk; or it is a link, or its lock is one.
    """
    try:
        lock = own_path(folder.parent, f"{folder.name}/.lock")
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=0):
            yield
    except Timeout as error:
        raise SourceError(f"Another crawl is at work in {folder}. Wait for it to end.") from error
    except (OSError, sqlite3.OperationalError) as error:
        raise ArtifactError(
            f"{folder} cannot be written: {error}. Make room or choose another folder; "
            "what was crawled is kept, and the same command goes on from there."
        ) from error


def raw_folders(root: Path) -> list[Path]:
    """Return the folders below a workspace's raw folder into which something was crawled.

    Raises
    ------
    ArtifactError
        One of them is a link.
    """
    found = {path.parent for name in (LEDGER, "*.jsonl.gz") for path in root.glob(f"*/{name}")}
    return sorted(own_path(root.parent, f"{root.name}/{folder.name}") for folder in found)


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

    Raises
    ------
    SourceError
        A crawl is at work here.
    """
    state = raw_state(folder, clock)
    if state is None:
        return _remove_unlisted(folder)
    if not (everything or state.stale):
        return []
    with locked(folder), existing(folder, clock or Clock()) as ledger:
        assert ledger is not None  # noqa: S101
        ledger.tidy()
        return ledger.drop(crawl.number for crawl in _too_old(ledger.crawls(), state, everything, clock))


def _remove_unlisted(folder: Path) -> list[Path]:
    """Remove records that no ledger lists: nothing can read them, and nobody knows how old they are."""
    with locked(folder):
        unlisted = sorted(folder.glob("*.jsonl.gz"))
        for path in unlisted:
            path.unlink()
    return unlisted


def _too_old(crawls: list[Crawl], state: RawState, everything: bool, clock: Clock | None) -> Iterable[Crawl]:
    """Return the crawls past their term; one for changes goes with the full one it belongs to."""
    edge = (clock or Clock()).now() - timedelta(days=state.term_days or 0).total_seconds()
    old = False
    for crawl in crawls:
        old = everything or (crawl.started < edge if not crawl.since else old)
        if old:
            yield crawl
