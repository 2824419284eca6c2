"""Vectors in PostgreSQL with pgvector: a museum's own database, or one that is started for trying it out.

Vectors are kept in half precision under a graph of neighbours (HNSW, Malkov and Yashunin, TPAMI 2020), one
table for each name; a table ``ham_vectors`` tells which. The graph is made once the vectors are in
(:meth:`PgvectorStore.optimise`), and follows every later change. Filters act while the graph is walked; where
they leave few works, those are read one by one, which is as fast and exact.

Of 117,243 pictures' vectors of 512 dimensions see ``docs/scale.md``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.errors import ArtifactMissingError, DimensionError, SettingsError
from ham_recommend.index._held_ids import check_ids, sendable
from ham_recommend.index._postgres import (
    EMBEDDED,
    Connection,
    Postgres,
    check_pgvector,
    halfvec,
    vectors_of,
)
from ham_recommend.index._scoring import best_of, checked_embeddings, checked_queries
from ham_recommend.index.base import UrlStore
from ham_recommend.records import Embeddings, ItemIds, Vectors

_LAYOUT = 1
"""Of the tables; vectors laid out otherwise are dropped when they are filled anew."""
_MOST_DIMENSIONS = 16_000
_MOST_INDEXED = 4_000
"""Dimensions that a graph of pgvector takes."""
_PLAIN = 3_500
"""Dimensions up to which a vector stays in its row of 8 kB, where it is read without a detour."""
_GRAPH_FROM = 2_000
"""Works; fewer are read one by one in a millisecond."""
_LINKS, _BUILD_BREADTH = 16, 128
_BREADTH, _BROADEST = 64, 1000
"""Works a walk keeps in view, set by ``benchmarks/scale.py``; the second is pgvector's limit."""
_VIEW = 6
"""Times as many works in view as are asked for: with 2, one in seven of what several likes name is missed
(``benchmarks/same_answers.py``), as their mean is near nothing."""
_READ_ALL_BELOW = 0.02
"""Share of allowed works under which reading them is faster than walking."""
_MOST_WALKED = 400
"""Works asked for at once; from here on all are read."""
_SPARE = 8
"""Works fetched beyond k, so that rounding and ties at the edge show themselves."""
_TRUSTED = 60.0
"""Seconds for which what is known of a table counts, as other processes may change it."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a table: about how many works, whether there is a graph, and when that was."""

    works: int
    graph: bool
    since: float


class PgvectorStore(UrlStore):
    """The vectors of one name in a PostgreSQL database; see the module.

    Several threads and processes may search and change it at once; each change is made whole or not at all.
    """

    bit_equal_ties = True
    lossy = 5e-4

    def __init__(self, server: Postgres, table: str, dim: int) -> None:
        super().__init__(dim)
        self._server = server
        self._table = table
        self._last_known: _Known | None = None

    @classmethod
    def open(cls, url: str, name: str, dim: int, *, create: bool = False) -> Self:
        """Open the vectors of one collection and encoder; see :class:`ham_recommend.index.base.UrlStore`.

        Parameters
        ----------
        url : str
            ``"postgresql://user@host/database"``; ``"postgresql:"`` for the one in ``HAM_POSTGRES``;
            ``"postgresql+embedded:"`` for a server of one's own.
        name, dim, create
            As there; ``dim`` at most 16,000.
        """
        if not 1 <= dim <= _MOST_DIMENSIONS:
            raise DimensionError(
                f"PostgreSQL keeps vectors of 1 to {_MOST_DIMENSIONS:,} dimensions, not of {dim}."
            )
        server = Postgres(url)
        try:
            table = server.run(lambda connection: _table(connection, server.shown, name, dim, create=create))
        except BaseException:
            server.close()
            raise
        return cls(server, table, dim)

    @classmethod
    def remembered(cls, url: str) -> str:
        """Return ``"postgresql:"``, the address in ``HAM_POSTGRES``, or that of the server of one's own.

        No collection can so make this machine tell a server of a stranger's its user and passwords.
        """
        return url if url == EMBEDDED else "postgresql:"

    def upsert(self, embeddings: Embeddings) -> None:
        """Add vectors, replacing those whose ``item_id`` is already there; see :class:`VectorStore`."""
        rows = _half(checked_embeddings(embeddings, self.dim), embeddings.item_ids)
        ids = embeddings.item_ids.tolist()
        check_ids("PostgreSQL", ids)
        if not ids:
            return

        def work(connection: Connection) -> None:
            with connection.transaction():
                connection.execute(
                    f'CREATE TEMP TABLE incoming (item_id text COLLATE "C", vector halfvec({self.dim})) '
                    "ON COMMIT DROP"
                )
                with connection.cursor().copy(
                    "COPY incoming (item_id, vector) FROM STDIN WITH (FORMAT BINARY)"
                ) as copy:
                    copy.set_types(["text", "halfvec"])
                    for item_id, row in zip(ids, rows, strict=True):
                        copy.write_row((item_id, halfvec(row)))
                connection.execute(
                    f"INSERT INTO {self._table} (item_id, vector) SELECT item_id, vector FROM incoming "
                    "ORDER BY item_id ON CONFLICT (item_id) DO UPDATE SET vector = excluded.vector"
                )

        self._change(work)

    def delete(self, item_ids: Collection[str]) -> None:
        """Remove vectors; unknown ids are allowed."""
        ids = sendable(item_ids)
        if ids:
            self._change(
                lambda connection: connection.execute(
                    f"DELETE FROM {self._table} WHERE item_id = ANY(%s)", [ids]
                )
            )

    def _change(self, work: Callable[[Connection], object]) -> None:
        self._last_known = None
        self._server.run(work, seconds=None)

    def optimise(self) -> None:
        """Make the graph, where there are works enough and none yet, and clean up what changes have left."""

        def work(connection: Connection) -> None:
            (works,) = connection.execute(f"SELECT count(*) FROM {self._table}").fetchone()
            if works >= _GRAPH_FROM and self.dim <= _MOST_INDEXED:
                room = min(2_000_000, 64_000 + works * (2 * self.dim + 600) // 1000)
                with connection.transaction():
                    connection.execute(f"SET LOCAL maintenance_work_mem = {room}")
                    connection.execute(
                        f"CREATE INDEX IF NOT EXISTS {self._table}_graph ON {self._table} "
                        f"USING hnsw (vector halfvec_ip_ops) "
                        f"WITH (m = {_LINKS}, ef_construction = {_BUILD_BREADTH})"
                    )
            connection.execute(f"VACUUM ANALYZE {self._table}")

        self._change(work)

    def search(
        self,
        vectors: Vectors,
        k: int,
        *,
        exclude: Collection[str] = (),
        within: Collection[str] | None = None,
    ) -> list[Ranking]:
        """Find the ``k`` works with the greatest inner product, for each vector; see :class:`VectorStore`."""
        queries = checked_queries(vectors, k, self.dim)
        wanted = None if within is None else sendable(within)
        if not len(queries) or k == 0 or wanted == []:
            return [_ranking([], query, k) for query in queries]
        asked = _Asked(self._table, min(k, 2**31) + _SPARE, sendable(exclude), wanted)
        breadth = self._breadth(asked)
        if breadth is None:
            found = self._server.run(lambda connection: asked.read_all(connection, queries))
        else:
            found = self._server.run(lambda connection: asked.walk(connection, queries, breadth))
            short = [place for place, rows in enumerate(found) if len(rows) < asked.most]
            if short:
                again = self._server.run(lambda connection: asked.read_all(connection, queries[short]))
                for place, rows in zip(short, again, strict=True):
                    found[place] = rows
        return [_ranking(rows, query, k) for rows, query in zip(found, queries, strict=True)]

    def _breadth(self, asked: _Asked) -> int | None:
        """Return how many works a walk keeps in view; ``None`` where reading all allowed is better."""
        known = self._known()
        allowed = known.works if asked.within is None else min(known.works, len(asked.within))
        allowed -= len(asked.exclude)
        if not known.graph or asked.most > _MOST_WALKED or allowed < _READ_ALL_BELOW * known.works:
            return None
        return int(min(_BROADEST, max(_BREADTH, _VIEW * asked.most) * known.works / allowed))

    def _known(self) -> _Known:
        known = self._last_known
        if known is None or time.monotonic() > known.since + _TRUSTED:
            works, graph = self._server.run(
                lambda connection: connection.execute(
                    "SELECT reltuples::bigint, to_regclass(%s) IS NOT NULL FROM pg_class "
                    "WHERE oid = %s::regclass",
                    [f"{self._table}_graph", self._table],
                ).fetchone()
            )
            known = self._last_known = _Known(max(works, 1), graph, time.monotonic())
        return known

    def get(self, item_ids: Sequence[str]) -> Embeddings:
        """Return the vectors of those works that have one here; see :class:`VectorStore`."""
        ids = list(dict.fromkeys(sendable(item_ids)))
        sql = f"SELECT item_id, vector FROM {self._table} WHERE item_id = ANY(%s)"
        rows = (
            self._server.run(lambda connection: connection.execute(sql, [ids], binary=True).fetchall())
            if ids
            else []
        )
        place = {item_id: number for number, (item_id, _) in enumerate(rows)}
        known = [item_id for item_id in ids if item_id in place]
        column = [rows[place[item_id]][1] for item_id in known]
        return Embeddings(np.array(known, dtype=np.object_), vectors_of(column, self.dim), "")

    def item_ids(self) -> ItemIds:
        """Return the works that have a vector, shape (n,), in no particular order."""
        sql = f"SELECT item_id FROM {self._table}"
        rows = self._server.run(lambda connection: connection.execute(sql).fetchall())
        return np.array([item_id for (item_id,) in rows], dtype=np.object_)

    def __len__(self) -> int:
        sql = f"SELECT count(*) FROM {self._table}"
        return int(self._server.run(lambda connection: connection.execute(sql).fetchone())[0])

    def close(self) -> None:
        """Close the connections; the store must not be used afterwards."""
        self._server.close()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a search may answer with: how many works at most, and of which."""

    table: str
    most: int
    exclude: list[str]
    within: list[str] | None

    def walk(self, connection: Connection, queries: Vectors, breadth: int) -> list[list[Any]]:
        """Walk the graph; what comes back may be fewer than there are."""
        return self._fetch(connection, queries, "vector <#> %(query)s", breadth)

    def read_all(self, connection: Connection, queries: Vectors) -> list[list[Any]]:
        """Read every work that is allowed: what is added keeps the graph out of it."""
        return self._fetch(connection, queries, "(vector <#> %(query)s) + 0, item_id", None)

    def _fetch(
        self, connection: Connection, queries: Vectors, order: str, breadth: int | None
    ) -> list[list[Any]]:
        limits = "true" if self.within is None else "item_id = ANY(%(within)s)"
        if self.exclude:
            limits += " AND item_id <> ALL(%(exclude)s)"
        sql = f"SELECT item_id, vector FROM {self.table} WHERE {limits} ORDER BY {order} LIMIT %(most)s"
        asked = {"within": self.within, "exclude": self.exclude, "most": self.most}
        with connection.pipeline():  # all in one round trip
            if breadth is not None:
                connection.execute(f"SET hnsw.ef_search = {breadth}")
            cursors = [
                connection.execute(sql, {**asked, "query": halfvec(_direction(query))}, binary=True)
                for query in queries
            ]
            return [cursor.fetchall() for cursor in cursors]


def _ranking(rows: list[Any], query: Vectors, k: int) -> Ranking:
    ids = np.array([item_id for item_id, _ in rows], dtype=np.object_)
    return best_of(ids, vectors_of([vector for _, vector in rows], len(query)), query, k)


def _table(connection: Connection, shown: str, name: str, dim: int, *, create: bool) -> str:
    """Return the table that holds the vectors of a name, which is made if there is none."""
    check_ids("PostgreSQL", [name])
    check_pgvector(connection, shown, create=create)
    table = f"ham_{sha256(name.encode()).hexdigest()[:24]}"
    missing = ArtifactMissingError(f"there are no vectors called {name!r} at {shown}")
    if not create and connection.execute("SELECT to_regclass('ham_vectors')").fetchone()[0] is None:
        raise missing
    with connection.transaction():
        if create:
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('ham_vectors'))")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS ham_vectors (name text PRIMARY KEY, held text NOT NULL, "
                "dim integer NOT NULL, layout integer NOT NULL)"
            )
        kept = connection.execute("SELECT dim, layout FROM ham_vectors WHERE name = %s", [name]).fetchone()
        if kept is not None and kept[1] == _LAYOUT:
            if kept[0] != dim:
                raise DimensionError(
                    f"{name!r} at {shown} holds vectors of {kept[0]} dimensions, not of {dim}."
                )
            return table
        if not create:
            raise missing
        storage = "PLAIN" if dim <= _PLAIN else "EXTERNAL"
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute(
            f'CREATE TABLE {table} (item_id text COLLATE "C" PRIMARY KEY, '
            f"vector halfvec({dim}) STORAGE {storage} NOT NULL)"
        )
        connection.execute(
            "INSERT INTO ham_vectors (name, held, dim, layout) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (name) DO UPDATE "
            "SET held = excluded.held, dim = excluded.dim, layout = excluded.layout",
            [name, table, dim, _LAYOUT],
        )
    return table


def _half(vectors: Vectors, item_ids: ItemIds) -> Any:
    """Return vectors in half precision, shape (n, dim), or refuse what does not fit."""
    with np.errstate(over="ignore"):
        rows = vectors.astype(np.float16)
    finite = np.isfinite(rows).all(axis=1)
    if not finite.all():
        raise SettingsError(
            f"The vector of {item_ids[int(np.argmin(finite))]!r} has a number beyond 65,504, which half "
            "precision cannot hold. Scale the vectors to length 1."
        )
    return rows


def _direction(query: Vectors) -> Any:
    """Return a question in half precision, scaled to fit: its direction alone decides what is nearest."""
    largest = float(np.abs(query).max())
    return (query / largest if largest else query).astype(np.float16)
