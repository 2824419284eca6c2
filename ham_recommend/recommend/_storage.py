"""Sessions on disk: one SQLite file per collection, an append-only log of events for each session.

Nothing is ever updated in place, so two processes that keep the same session lose nothing: each appends, and
reads what the other one appended. What is written together appears together or not at all, wherever the
process is stopped.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from os import PathLike, environ
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from weakref import WeakValueDictionary

from ham_recommend.errors import ArtifactCorruptError, ArtifactError, ArtifactMismatchError, SettingsError
from ham_recommend.recommend import _log_json as log_json
from ham_recommend.recommend._log import Event, Replaced
from ham_recommend.workspace import SESSIONS, Workspace

VERSION = 2
PLACE = "HAM_SESSIONS"
"""The environment variable that says where sessions are kept, for collections that one may only read."""
_BUSY_SECONDS = 30.0
_LONGEST_NAME = 200
_INSERT = "INSERT INTO events (session, body) VALUES (?, ?)"
_NEWEST = "SELECT session, max(number) FROM events WHERE number > ? GROUP BY session"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_of_a_session ON events (session, number);
"""


def checked_name(name: object) -> str:
    """Return the name of a session.

    Raises
    ------
    SettingsError
        It is not a short, printable text.
    """
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise SettingsError(
            f"A session's name is a printable text of 1 to {_LONGEST_NAME} characters, not {name!r:.60}."
        )
    return name.strip()


def sessions_path(workspace: Path, place: str | PathLike[str] | None) -> Path:
    """Return the file that keeps the sessions of a collection.

    Parameters
    ----------
    workspace : Path
        The file in the collection itself, where they are kept unless told otherwise.
    place : path-like or None
        A file named ``….sqlite``, or a folder, in which each collection has a file of its own name; ``None``
        for what the environment variable ``HAM_SESSIONS`` says.
    """
    place = place or environ.get(PLACE)
    if not place:
        return workspace
    path = Path(place).expanduser()
    return path if path.suffix == ".sqlite" else path / f"{workspace.resolve().parent.name}.sqlite"


class SessionFile:
    """The sessions of one collection.

    Every call opens the file for itself, so any thread may call.

    Parameters
    ----------
    path : Path
        The file; made when something is first kept.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> tuple[str, ...]:
        """Return the names of all sessions, sorted.

        Raises
        ------
        ArtifactError
            The file is damaged, newer than this version, or cannot be read.
        """
        if not self.path.exists():
            return ()
        with self._open() as connection:
            rows = connection.execute("SELECT DISTINCT session FROM events ORDER BY session").fetchall()
        return tuple(name for (name,) in rows)

    def newest(self, after: int) -> dict[str, int]:
        """Return which sessions have events that came after a number, and the number of the last one of each.

        Raises
        ------
        ArtifactError
            As in :meth:`names`.
        """
        if not self.path.exists():
            return {}
        with self._open() as connection:
            return dict(connection.execute(_NEWEST, (after,)).fetchall())

    def delete(self, name: str) -> None:
        """Forget a session; an unknown name is allowed."""
        if self.path.exists():
            with self._open() as connection, connection:
                connection.execute("DELETE FROM events WHERE session = ?", (name,))

    def read(self, name: str, after: int) -> tuple[list[Event], int]:
        """Return the events of a session that came after a number, and the number to go on from.

        Raises
        ------
        ArtifactError
            As in :meth:`names`.
        """
        if not self.path.exists():
            return [], after
        with self._open() as connection:
            return self._read(connection, name, after)

    def append(
        self, name: str, events: Sequence[Event], after: int, *, replace: bool = False
    ) -> tuple[list[Event], int]:
        """Append events; return them together with those that others appended since ``after``, in order.

        Parameters
        ----------
        name : str
            The session.
        events : sequence of Event
            What happened.
        after : int
            The number of the last event that is known already.
        replace : bool
            Drop all earlier events of the session in the same transaction, and say so to whoever follows it.

        Raises
        ------
        ArtifactError
            As in :meth:`names`, or the file cannot be written; then nothing was appended.
        """
        written = [Replaced(), *events] if replace else events
        bodies = [json.dumps(log_json.to_json(event)) for event in written]
        self._make_folder()
        with self._open() as connection, _turn_to_write(self.path), connection:
            connection.execute("BEGIN IMMEDIATE")
            others, number = self._read(connection, name, after)
            if replace:
                connection.execute("DELETE FROM events WHERE session = ?", (name,))
            for body in bodies:
                number = connection.execute(_INSERT, (name, body)).lastrowid or number
        return [*([] if replace else others), *written], number

    def _read(self, connection: sqlite3.Connection, name: str, after: int) -> tuple[list[Event], int]:
        rows = connection.execute(
            "SELECT number, body FROM events WHERE session = ? AND number > ? ORDER BY number", (name, after)
        ).fetchall()
        try:
            events = [log_json.from_json(json.loads(body)) for _, body in rows]
        except (ValueError, TypeError, RecursionError) as error:
            raise ArtifactCorruptError(
                f"Session {name!r} in {self.path} is damaged ({error}). Start one under another name; "
                "the other sessions are not affected."
            ) from error
        return events, rows[-1][0] if rows else after

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> ArtifactError:
        return ArtifactError(
            f"{self.path} cannot be used: {error}. Check that its folder can be written and that no other "
            "program holds it. For a collection that you may only read, keep sessions elsewhere: "
            f"sessions=FOLDER, or the environment variable {PLACE}."
        )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(
                sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
            ) as connection:
                self._prepare(connection)
                yield connection
        except sqlite3.OperationalError as error:
            raise self._unusable(error) from error
        except sqlite3.DatabaseError as error:
            raise ArtifactCorruptError(
                f"{self.path} is damaged ({error}). Move it away to start afresh; nothing else depends on it."
            ) from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        end = monotonic() + _BUSY_SECONDS
        while (version := self._version(connection)) < VERSION:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(
                    f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;"
                )
            except sqlite3.OperationalError as error:  # here SQLite itself does not wait for another
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > end:
                    raise
                sleep(0.01)
        if version > VERSION:
            raise ArtifactMismatchError(
                f"{self.path} was written by a newer version of this package. Update it with: "
                "pip install --upgrade ham-recommend"
            )

    def _version(self, connection: sqlite3.Connection) -> int:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


_writing: WeakValueDictionary[Path, Lock] = WeakValueDictionary()


def _turn_to_write(path: Path) -> Lock:
    """Return what threads of this process wait for: to wait for SQLite is to sleep and look again."""
    return _writing.setdefault(path, Lock())


def sessions_of(workspace: Workspace, place: str | PathLike[str] | None) -> SessionFile:
    """Return the sessions of a collection, kept in it or in another place; see :func:`sessions_path`."""
    for beside in ("-wal", "-shm", "-journal"):  # SQLite writes these too
        workspace.own(f"{SESSIONS}{beside}")
    return SessionFile(sessions_path(workspace.own(SESSIONS), place))
