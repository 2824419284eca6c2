"""Connections to PostgreSQL, and what its errors mean: the only file that imports psycopg and pgvector.

An address is libpq's, ``postgresql://user@host/database``; ``postgresql:`` alone takes the one in the
environment variable ``HAM_POSTGRES``. A password is better kept out of commands: PostgreSQL's own
``~/.pgpass`` and ``PGPASSWORD`` work, and so does ``HAM_POSTGRES`` with the same address and the password.
"""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any, TypeVar
from weakref import finalize

import numpy as np
import numpy.typing as npt

from ham_recommend.catalog.tags import Tagged
from ham_recommend.errors import (
    HamRecommendError,
    MissingExtraError,
    SettingsError,
    StoreError,
    StoreUnavailableError,
)
from ham_recommend.index._connections import Connected
from ham_recommend.index.addresses import HIDDEN, without_password
from ham_recommend.records import Vectors

T = TypeVar("T")
Connection = Any

ENVIRONMENT = "HAM_POSTGRES"
EMBEDDED = "postgresql+embedded:"
PATIENCE = 30.0
"""Seconds for one question: a hundred times what 1,000,000 works take to be read one by one."""
_CONNECTING = 5
"""Seconds; a server that is there answers in milliseconds."""
_KEPT = 8
"""Connections kept open: as many answers as are usually made at once."""
_OLDEST = (0, 8, 4)
"""The first pgvector whose vacuum leaves no dead ends in a graph."""
_SESSION = (
    "SET hnsw.iterative_scan = 'strict_order'",  # off, a filter would silently shorten answers
    "SET jit = off",  # compiling takes longer than any of our questions
    "SET enable_sort = off",  # the planner does not know how little of a graph is walked
)


class Postgres(Connected[Connection]):
    """A PostgreSQL server at an address, with a few connections kept open.

    Parameters
    ----------
    url : str
        The address, as somebody typed it.

    Raises
    ------
    SettingsError
        The address cannot be read.
    MissingExtraError
        There is no psycopg here.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        named = os.environ.get(ENVIRONMENT) if url in {"postgresql:", "postgres:"} else None
        self.shown = without_password(named or url)
        self._url = url
        finalize(self, _close, self.connections)  # whoever forgets a store leaves no connections behind
        self._psycopg()
        self._address()

    def run(self, work: Callable[[Connection], T], *, seconds: float | None = PATIENCE) -> T:
        """Do some work over a connection, which must be such that it may be done twice.

        A connection that has broken since it was last used, as when the server was started again, is
        replaced.

        Parameters
        ----------
        work : callable
            Given a connection in autocommit mode.
        seconds : float or None
            After which the server is given up; ``None`` for work that takes as long as it takes.

        Raises
        ------
        StoreUnavailableError
            The server does not answer, answers too late or is out of room.
        StoreError
            It refuses the work for another reason.
        """
        error_of = self._psycopg().Error
        while True:
            kept = self._kept()
            connection = kept if kept is not None else self._connect()
            try:
                with _patience(connection, seconds):
                    answer = work(connection)
            except error_of as error:
                if kept is not None and connection.broken:
                    continue
                raise self._translated(error, broken=connection.broken) from error
            finally:
                self._give_back(connection)
            return answer

    def close(self) -> None:
        """Close all connections."""
        _close(self.connections)

    def _kept(self) -> Connection | None:
        try:
            return self.connections.pop()
        except IndexError:
            return None

    def _give_back(self, connection: Connection) -> None:
        free = self._psycopg().pq.TransactionStatus.IDLE
        if len(self.connections) < _KEPT and connection.info.transaction_status == free:
            self.connections.append(connection)
        else:
            connection.close()

    def _connect(self) -> Connection:
        psycopg = self._psycopg()
        until = time.monotonic() + _CONNECTING
        while True:
            try:
                connection = psycopg.connect(
                    self._address(),
                    autocommit=True,
                    prepare_threshold=None,  # prepared statements do not go through every pooler
                    connect_timeout=_CONNECTING,
                    application_name="ham_recommend",
                )
                break
            except psycopg.ProgrammingError as error:
                raise _no_address(self.shown) from error
            except (psycopg.Error, UnicodeError) as error:
                soon = "starting up" in str(error) or self._is_embedded
                if not soon or time.monotonic() > until:
                    raise StoreUnavailableError(
                        f"The pictures' vectors at {self.shown} cannot be reached: {_reason(error)}. "
                        f"{_advice(error)}"
                    ) from error
                time.sleep(0.1)
        try:
            for setting in _SESSION:
                connection.execute(setting)
            _register(connection)
        except psycopg.Error as error:
            connection.close()
            raise self._translated(error, broken=True) from error
        except HamRecommendError:
            connection.close()
            raise
        return connection

    @property
    def _is_embedded(self) -> bool:
        named = os.environ.get(ENVIRONMENT, "") if self._url == "postgresql:" else self._url
        return named.startswith(EMBEDDED)

    def _address(self) -> str:
        """Return the address with its password, if there is one anywhere."""
        named = os.environ.get(ENVIRONMENT, "")
        if self._url in {"postgresql:", "postgres:"} and not named:
            raise StoreUnavailableError(
                f"The pictures' vectors are in PostgreSQL, but nobody said where that is. Set {ENVIRONMENT} "
                "to its address, such as postgresql://user@host/database."
            )
        if self._is_embedded:
            from ham_recommend.index import _embedded_postgres

            return _embedded_postgres.started(named if self._url == "postgresql:" else self._url)
        if self._url in {"postgresql:", "postgres:"}:
            return _read(named, f"in {ENVIRONMENT}")
        if HIDDEN in self._url:
            same = named and without_password(named) == self._url
            return _read(named if same else self._url.replace(f":{HIDDEN}@", "@"), self.shown)
        return _read(self._url, self.shown)

    def _translated(self, error: Exception, *, broken: bool) -> StoreError:
        """Say in one sentence what an error of the server means."""
        state = getattr(error, "sqlstate", None) or ""
        if broken or state[:2] in {"08", "57"} or state == "53300":
            if state == "57014" or not state:
                said = f"does not answer in time, or broke off: {_reason(error)}"
            else:
                said = f"breaks off: {_reason(error)}"
            return StoreUnavailableError(
                f"PostgreSQL at {self.shown} {said}. Try again when it is well; nothing it confirmed is lost."
            )
        if state[:2] == "53":
            return StoreUnavailableError(
                f"PostgreSQL at {self.shown} is out of room: {_reason(error)}. Make room and try again: "
                "what was there still is."
            )
        if state in {"42501", "25006"}:
            return StoreUnavailableError(
                f"PostgreSQL at {self.shown} does not let its user do that: {_reason(error)}. Ask whoever "
                "keeps it for the right to."
            )
        return StoreError(f"PostgreSQL at {self.shown} refuses: {_reason(error)}.")

    @staticmethod
    def _psycopg() -> Any:
        try:
            import pgvector.psycopg  # noqa: F401 - whoever has one has both
            import psycopg
        except ImportError as error:
            raise MissingExtraError.needing("A store in PostgreSQL", "pgvector") from error
        return psycopg


def _close(connections: list[Connection]) -> None:
    while connections:
        connections.pop().close()


def halfvec(vector: npt.NDArray[np.float16]) -> object:
    """Return a vector as PostgreSQL takes it.

    Parameters
    ----------
    vector : ndarray of float16, shape (dim,)
        All finite.
    """
    from pgvector import HalfVector

    return HalfVector(vector)


def years_of(tagged: Tagged) -> object:
    """Return the years of a work as PostgreSQL takes them; of one that is not dated a range without any."""
    from psycopg.types.range import Int4Range

    return Int4Range(empty=True) if tagged.first > tagged.last else Int4Range(tagged.first, tagged.last, "[]")


def vectors_of(column: Sequence[Any], dim: int) -> Vectors:
    """Return a column of vectors as PostgreSQL gave it, shape (n, dim)."""
    if not len(column):
        return np.empty((0, dim), dtype=np.float32)
    return np.stack([value.to_numpy() for value in column]).astype(np.float32)


def check_pgvector(connection: Connection, shown: str, *, create: bool) -> None:
    """Refuse a database without pgvector, or with one that is too old; where asked, bring it in.

    Raises
    ------
    StoreUnavailableError
        It says what whoever keeps the database has to do.
    """
    psycopg = Postgres._psycopg()
    version = _version(connection)
    if version is None and create:
        with suppress(psycopg.Error):  # what is not installed, and what this user may not, is said below
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        version = _version(connection)
    if version is None:
        raise StoreUnavailableError(
            f"The database at {shown} has no pgvector, which keeps vectors. Install it there, and let an "
            "owner run: CREATE EXTENSION vector;"
        )
    if tuple(int(part) for part in re.findall(r"\d+", version)[:3]) < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        raise StoreUnavailableError(
            f"The database at {shown} has pgvector {version}, whose index can lose works when rows are "
            f"cleaned up. Install {oldest} or later there, and let an owner run: "
            "ALTER EXTENSION vector UPDATE;"
        )
    _register(connection)


def _version(connection: Connection) -> str | None:
    row = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()
    return str(row[0]) if row else None


def _register(connection: Connection) -> None:
    """Let the connection speak of vectors, where the database does."""
    from pgvector.psycopg import register_vector

    if connection.execute("SELECT to_regtype('halfvec')").fetchone()[0] is not None:
        register_vector(connection)


def _read(url: str, shown: str) -> str:
    from psycopg.conninfo import conninfo_to_dict

    psycopg = Postgres._psycopg()
    try:
        conninfo_to_dict(url)
    except (psycopg.Error, UnicodeError, ValueError):
        raise _no_address(shown) from None  # libpq's message may show a part of the password
    return url


def _no_address(shown: str) -> SettingsError:
    return SettingsError(
        f"The address {shown} cannot be read; it should look like postgresql://user@host:5432/database, with "
        "unusual letters in a password written as in %40."
    )


def _reason(error: Exception) -> str:
    """Return what PostgreSQL says of an error, as part of a sentence."""
    diagnosed = getattr(getattr(error, "diag", None), "message_primary", None)
    lines = [line for line in str(diagnosed or error).splitlines() if line.strip()] or ["no reason is given"]
    said = re.sub(r"^.*(FATAL: |failed: |error: )", "", lines[0]).strip().rstrip(".")
    return said or "no reason is given"


def _advice(error: Exception) -> str:
    if re.search(r"password|authentication|pg_hba|role .* does not exist", str(error)):
        return f"Check the user, and give the password in {ENVIRONMENT}, PGPASSWORD or ~/.pgpass."
    return "Check the address, and that PostgreSQL runs there."


@contextmanager
def _patience(connection: Connection, seconds: float | None) -> Iterator[None]:
    """Hang up on a server that does not answer in time, even one that does nothing at all any more."""
    if seconds is None:
        yield
        return
    timer = Timer(seconds, _hang_up, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _hang_up(connection: Connection) -> None:
    with suppress(Exception):  # it may be closed by now
        line = socket.socket(fileno=os.dup(connection.fileno()))
        with line:
            line.shutdown(socket.SHUT_RDWR)
