"""What a crawl knows of itself: calls made, pages fetched, records seen, and the files they lie in.

One page of records is one gzip member at the end of a raw file, and one transaction of the ledger. A file is
read only as far as the ledger says, so a crawl that is killed loses the page it was fetching and no more.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ham_recommend.errors import ArtifactCorruptError, ArtifactError, ArtifactMismatchError
from ham_recommend.net.rate_limit import Clock
from ham_recommend.sources.json_values import Json

LEDGER = "crawl.sqlite"
DAY = 86_400.0
FILE_RECORDS = 10_000
"""How many records a raw file holds before the next is begun."""

_LAYOUT = 2

_SCHEMA = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS call (at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS call_at ON call (at);
CREATE TABLE IF NOT EXISTS crawl (
    id INTEGER PRIMARY KEY, settings TEXT NOT NULL, since TEXT NOT NULL,
    started REAL NOT NULL, finished REAL,
    added INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    vanished INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS stage (
    crawl INTEGER, name TEXT, cursor TEXT, done INTEGER NOT NULL, total INTEGER, finished INTEGER NOT NULL,
    PRIMARY KEY (crawl, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS file (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, crawl INTEGER NOT NULL, kind TEXT NOT NULL,
    day TEXT NOT NULL, bytes INTEGER NOT NULL, records INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS seen (
    kind TEXT, id TEXT, crawl INTEGER NOT NULL, digest BLOB NOT NULL,
    PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS missed (
    kind TEXT, id TEXT, crawl INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (kind, id)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """How far one part of a crawl is.

    Parameters
    ----------
    cursor : str
        Where the next page begins; empty at the beginning.
    done : int
        Records fetched.
    total : int or None
        Records there are, where the museum says so.
    finished : bool
        Whether there is no next page.
    """

    cursor: str = ""
    done: int = 0
    total: int | None = None
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Crawl:
    """One walk through a museum's records.

    Parameters
    ----------
    number : int
        Later crawls have higher numbers.
    settings : str
        What was asked for, as JSON.
    since : str
        ISO date of a crawl for changes; empty for a full one.
    started : float
        Unix seconds.
    finished : float or None
        ``None`` while it is under way.
    added, changed, vanished : int
        How its records differ from those of the crawls before.
    """

    number: int
    settings: str
    since: str
    started: float
    finished: float | None
    added: int
    changed: int
    vanished: int


class Ledger:
    """The ledger of one source in one workspace; one process may write at a time.

    Parameters
    ----------
    folder : Path
        Where the raw files lie; made when missing.
    clock : Clock
        The time.

    Raises
    ------
    ArtifactCorruptError
        What lies there is no ledger.
    ArtifactMismatchError
        It was written by a version with another layout.
    ArtifactError
        It cannot be opened now.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._clock = clock
        try:
            self._base = sqlite3.connect(folder / LEDGER, timeout=30.0, check_same_thread=False)
            # Killing this process loses nothing in this mode; a power cut loses the last pages at most.
            self._base.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
            self._lay_out()
        except sqlite3.DatabaseError as error:
            raise _unusable(folder / LEDGER, error) from error

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the ledger."""
        self._base.close()

    def _lay_out(self) -> None:
        """Make the tables of a new ledger; leave an old one as it is."""
        layout = self._number("PRAGMA user_version")
        if layout == _LAYOUT:
            return
        if layout or self._number("SELECT count(*) FROM sqlite_master"):
            self.close()
            raise ArtifactMismatchError(
                f"{self.folder / LEDGER} was written by another version of ham_recommend. "
                "Remove its folder and crawl again with `ham crawl`."
            )
        self._base.executescript(f"BEGIN; {_SCHEMA}; PRAGMA user_version = {_LAYOUT}; COMMIT")

    # Calls

    def spend(self) -> None:
        """Note a call, before it is made."""
        with self._base:
            self._base.execute("INSERT INTO call VALUES (?)", (self._clock.now(),))

    def calls(self) -> int:
        """Return how many calls were made within the last 24 hours."""
        return self._number("SELECT count(*) FROM call WHERE at > ?", self._clock.now() - DAY)

    def next_free(self, budget: int) -> float:
        """Return when the next call fits a budget of calls in any 24 hours, in Unix seconds."""
        row = self._base.execute(
            "SELECT at FROM call ORDER BY at DESC LIMIT 1 OFFSET ?", (budget - 1,)
        ).fetchone()
        return row[0] + DAY if row else self._clock.now()

    # Crawls

    def tidy(self) -> None:
        """Remove files that a crawl cut short left behind, and calls noted while the clock was far ahead."""
        with self._base:
            self._base.execute("DELETE FROM call WHERE at > ?", (self._clock.now() + DAY,))
        known = {name for (name,) in self._base.execute("SELECT name FROM file")}
        for path in self.folder.glob("*.jsonl.gz"):
            if path.name not in known:
                path.unlink()

    def begin(self, settings: str, since: str) -> Crawl:
        """Begin a crawl."""
        with self._base:
            self._base.execute("DELETE FROM call WHERE at <= ?", (self._clock.now() - DAY,))
            self._base.execute(
                "INSERT INTO crawl (settings, since, started) VALUES (?, ?, ?)",
                (settings, since, self._clock.now()),
            )
        return self.crawls()[-1]

    def crawls(self) -> list[Crawl]:
        """Return the crawls whose records are kept, oldest first."""
        rows = self._base.execute(
            "SELECT id, settings, since, started, finished, added, changed, vanished FROM crawl ORDER BY id"
        )
        return [Crawl(*row) for row in rows]

    def finish(self, crawl: Crawl) -> Crawl:
        """End a crawl; a full one replaces all before it, and what it did not list has vanished."""
        dropped = [] if crawl.since else self._paths("crawl < ?", crawl.number)
        with self._base:
            if not crawl.since:
                gone = self._base.execute("DELETE FROM seen WHERE crawl < ?", (crawl.number,)).rowcount
                self._base.execute("UPDATE crawl SET vanished = ? WHERE id = ?", (gone, crawl.number))
                self._forget("< ?", crawl.number)
            self._base.execute(
                "UPDATE crawl SET finished = ? WHERE id = ?", (self._clock.now(), crawl.number)
            )
        for path in dropped:
            path.unlink(missing_ok=True)
        return self.crawls()[-1]

    def drop(self, numbers: Iterable[int]) -> list[Path]:
        """Remove crawls with their files; return the files."""
        removed = []
        for number in numbers:
            paths = self._paths("crawl = ?", number)
            with self._base:
                self._base.execute("DELETE FROM seen WHERE crawl = ?", (number,))
                self._forget("= ?", number)
                self._base.execute("DELETE FROM crawl WHERE id = ?", (number,))
            for path in paths:
                path.unlink(missing_ok=True)
            removed += paths
        return removed

    def _forget(self, which: str, number: int) -> None:
        self._base.execute(f"DELETE FROM file WHERE crawl {which}", (number,))  # noqa: S608
        self._base.execute(f"DELETE FROM stage WHERE crawl {which}", (number,))  # noqa: S608
        self._base.execute(f"DELETE FROM missed WHERE crawl {which}", (number,))  # noqa: S608
        if which == "< ?":
            self._base.execute("DELETE FROM crawl WHERE id < ?", (number,))

    def stage(self, crawl: Crawl, name: str) -> Stage:
        """Return how far a part of a crawl is."""
        row = self._base.execute(
            "SELECT cursor, done, total, finished FROM stage WHERE crawl = ? AND name = ?",
            (crawl.number, name),
        ).fetchone()
        return Stage(row[0], row[1], row[2], bool(row[3])) if row else Stage()

    # Records

    def keep(
        self,
        crawl: Crawl,
        name: str,
        records: Mapping[str, Json],
        stage: Stage,
        missed: Mapping[str, str],
    ) -> int:
        """Keep a page, where its stage is then and what it lacks; return how many are new to the crawl."""
        kind = name.partition(" ")[0]
        lines = {native: _line(record) for native, record in records.items()}
        with self._base:
            if lines:
                self._append(crawl, kind, list(lines.values()))
            self._base.executemany(
                "DELETE FROM missed WHERE kind = ? AND id = ?", [(kind, native) for native in lines]
            )
            self._base.executemany(
                "INSERT OR REPLACE INTO missed VALUES (?, ?, ?, ?)",
                [(kind, native, crawl.number, reason) for native, reason in missed.items()],
            )
            self._base.execute(
                "INSERT OR REPLACE INTO stage VALUES (?, ?, ?, ?, ?, ?)",
                (crawl.number, name, stage.cursor, stage.done, stage.total, stage.finished),
            )
            return self._note(crawl, kind, lines)

    def _append(self, crawl: Crawl, kind: str, lines: list[bytes]) -> None:
        number, path, size = self._file(crawl, kind)
        member = gzip.compress(b"".join(lines), compresslevel=5, mtime=0)
        with path.open("r+b" if path.exists() else "wb") as file:
            file.truncate(size)
            file.seek(size)
            file.write(member)
            file.flush()
            # On the disk before the ledger says so: after a power cut a file may hold more, never less.
            os.fsync(file.fileno())
        self._base.execute(
            "UPDATE file SET bytes = ?, records = records + ? WHERE number = ?",
            (size + len(member), len(lines), number),
        )

    def _file(self, crawl: Crawl, kind: str) -> tuple[int, Path, int]:
        """Return number, path and size of the file to write to; a new day begins a new one."""
        day = _day(self._clock.now()).isoformat()
        row = self._base.execute(
            "SELECT number, name, bytes FROM file "
            "WHERE crawl = ? AND kind = ? AND day = ? AND records < ? ORDER BY number DESC LIMIT 1",
            (crawl.number, kind, day, FILE_RECORDS),
        ).fetchone()
        if row:
            return row[0], self.folder / row[1], row[2]
        number = 1 + self._number("SELECT coalesce(max(number), 0) FROM file")
        name = f"{kind}-{day}-{number:04}.jsonl.gz"
        self._base.execute(
            "INSERT INTO file VALUES (?, ?, ?, ?, ?, 0, 0)", (number, name, crawl.number, kind, day)
        )
        return number, self.folder / name, 0

    def _note(self, crawl: Crawl, kind: str, lines: Mapping[str, bytes]) -> int:
        """Note which version of each record is the newest; return how many are the first of this crawl."""
        marks = ",".join("?" * len(lines))
        rows = self._base.execute(
            f"SELECT id, digest, crawl FROM seen WHERE kind = ? AND id IN ({marks})",  # noqa: S608
            (kind, *lines),
        ).fetchall()
        before = {native: (digest, number) for native, digest, number in rows}
        digests = {native: hashlib.blake2b(line, digest_size=8).digest() for native, line in lines.items()}
        changed = sum(digests[native] != digest for native, (digest, _) in before.items())
        self._base.executemany(
            "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)",
            [(kind, native, crawl.number, digest) for native, digest in digests.items()],
        )
        self._base.execute(
            "UPDATE crawl SET added = added + ?, changed = changed + ? WHERE id = ?",
            (len(lines) - len(before), changed, crawl.number),
        )
        return len(lines) - len([native for native, (_, came) in before.items() if came == crawl.number])

    def records(
        self,
        kind: str,
        identify: Callable[[Json], str],
        *,
        since: date | None = None,
        crawl: int | None = None,
    ) -> Iterator[Json]:
        """Yield the newest version of each record, in the order in which they came.

        Parameters
        ----------
        kind : str
            The kind of record.
        identify : callable
            Returns a record's id.
        since : date or None
            Only those fetched on that day or later.
        crawl : int or None
            Only those of one crawl.

        Raises
        ------
        ArtifactCorruptError
            A raw file is not what was written.
        """
        newest: dict[str, int] = dict(
            self._base.execute("SELECT id, crawl FROM seen WHERE kind = ?", (kind,))
        )
        files = self._base.execute(
            "SELECT name, crawl, bytes FROM file WHERE kind = ? AND day >= ? ORDER BY number",
            (kind, since.isoformat() if since else ""),
        ).fetchall()
        for name, number, size in files:
            if crawl is not None and number != crawl:
                continue
            for record in _read(self.folder / name, size):
                native = identify(record)
                if newest.get(native) == number:
                    del newest[native]
                    yield record

    def missed(self, kind: str) -> dict[str, str]:
        """Return the ids of records that the museum failed to give, and why."""
        return dict(self._base.execute("SELECT id, reason FROM missed WHERE kind = ?", (kind,)))

    def count(self, kind: str) -> int:
        """Return how many records there are."""
        return self._number("SELECT count(*) FROM seen WHERE kind = ?", kind)

    def fingerprint(self) -> str:
        """Return a digest that changes with every page kept or removed."""
        rows = self._base.execute("SELECT name, crawl, bytes FROM file ORDER BY number").fetchall()
        crawls = [(crawl.number, crawl.vanished) for crawl in self.crawls() if not crawl.since]
        return hashlib.sha256(json.dumps([rows, crawls]).encode()).hexdigest()

    # Facts

    def set_fact(self, name: str, value: str) -> None:
        """Keep one more thing worth knowing."""
        with self._base:
            self._base.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    def fact(self, name: str) -> str:
        """Return what is kept under a name, or nothing."""
        row = self._base.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def _paths(self, condition: str, value: int) -> list[Path]:
        rows = self._base.execute(f"SELECT name FROM file WHERE {condition}", (value,))  # noqa: S608
        return [self.folder / name for (name,) in rows]

    def _number(self, query: str, *values: object) -> int:
        return int(self._base.execute(query, values).fetchone()[0])


@contextmanager
def existing(folder: Path, clock: Clock) -> Iterator[Ledger | None]:
    """Open the ledger of a folder, if there is one."""
    if not (folder / LEDGER).is_file():
        yield None
        return
    with Ledger(folder, clock) as ledger:
        yield ledger


def _unusable(path: Path, error: sqlite3.DatabaseError) -> ArtifactError:
    if isinstance(error, sqlite3.OperationalError):  # locked, not writable, no room: the ledger is well
        return ArtifactError(f"{path} cannot be opened: {error}. Check that you may write there.")
    return ArtifactCorruptError(
        f"{path} is not a readable ledger ({error}). Remove the folder and crawl again."
    )


_written = json.JSONEncoder(separators=(",", ":")).encode


def _line(record: Json) -> bytes:
    return _written(record).encode() + b"\n"


def _read(path: Path, size: int) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as stored, gzip.open(io.BytesIO(stored.read(size)), "rb") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, EOFError, ValueError) as error:
        raise ArtifactCorruptError(
            f"{path} is not the file that was crawled ({error}). "
            "Remove its folder and crawl again with `ham crawl`."
        ) from error


def _day(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()
