"""Vectors in PostgreSQL with pgvector: a museum's own database, or one that is started for trying it out.

Vectors are kept in half precision under a graph of neighbours (HNSW, Malkov and Yashunin, TPAMI 2020), one
table for each name; a table ``ham_vectors`` tells which. The graph is made once the vectors are in
(:meth:`PgvectorStore.optimise`), and follows every later change. Beside its vector each work has the years
and tags that it is filtered by (:mod:`ham_recommend.catalog.tags`), with an index of either, so that a filter
travels as a few numbers. Filters act while the graph is walked; where they leave an eighth of the works or
fewer, those are read one by one, which is faster and exact.

Of 117,243 pictures' vectors of 512 dimensions see ``docs/scale.md``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.catalog.tags import NO_MARK, UNTAGGED, Tags, Within
from ham_recommend.errors import ArtifactMissingError, DimensionError, SettingsError
from ham_recommend.index._held_ids import check_ids, sendable
from ham_recommend.index._loose import Loose, loose_works
from ham_recommend.index._postgres import (
    EMBEDDED,
    Connection,
    Postgres,
    check_pgvector,
    halfvec,
    vectors_of,
    years_of,
)
from ham_recommend.index._postgres_asked import EVERYTHING, Asked, Limits, Row, Way, by_ids, by_tags, is_short
from ham_recommend.index._scoring import best_of, checked_embeddings, checked_queries
from ham_recommend.index.base import TaggedStore
from ham_recommend.records import Embeddings, ItemIds, Vectors

_LAYOUT, _UNTAGGED_LAYOUT = 2, 1
"""Of the tables; those without tags get some when they are filled again, and are read as they are until then.
Vectors laid out otherwise are dropped when they are filled anew."""
_COLUMNS = {
    "item_id": "text",
    "vector": "halfvec",
    "years": "int4range",
    "tags": "bigint[]",
    "mark": "bigint",
}
_MOST_DIMENSIONS = 16_000
_MOST_INDEXED = 4_000
"""Dimensions that a graph of pgvector takes."""
_PLAIN = 3_500
"""Dimensions up to which a vector stays in its row of 8 kB, where it is read without a detour."""
_GRAPH_FROM = 2_000
"""Works; fewer are read one by one in a millisecond."""
_LINKS, _BUILD_BREADTH = 16, 128
_SPARE = 8
"""Works fetched beyond k, so that rounding and ties at the edge show themselves."""
_MOST_LOOSE = 1_000
"""Works whose tags cannot be gone by that are named beside a condition; with more, it is not used."""
_TRUSTED = 60.0
"""Seconds for which what is known of a table counts, as other processes may change it."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a table: about how many works, whether there is a graph, and when that was."""

    works: int
    graph: bool
    since: float


class PgvectorStore(TaggedStore):
    """The vectors of one name in a PostgreSQL database; see the module.

    Several threads and processes may search and change it at once; each change is made whole or not at all.
    """

    bit_equal_ties = True
    lossy = 5e-4

    def __init__(self, server: Postgres, table: str, dim: int, *, tagged: bool) -> None:
        super().__init__(dim)
        self._server = server
        self._table = table
        self._tagged = tagged
        self._loose: Loose[str] | None = None
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
            table, tagged = server.run(
                lambda connection: _table(connection, server.shown, name, dim, create=create)
            )
        except BaseException:
            server.close()
            raise
        return cls(server, table, dim, tagged=tagged)

    @classmethod
    def remembered(cls, url: str) -> str:
        """Return ``"postgresql:"``, the address in ``HAM_POSTGRES``, or that of the server of one's own.

        No collection can so make this machine tell a server of a stranger's its user and passwords.
        """
        return url if url == EMBEDDED else "postgresql:"

    def upsert(self, embeddings: Embeddings, tags: Tags | None = None) -> None:
        """Add vectors and tags, replacing those whose ``item_id`` is there; see :class:`TaggedStore`."""
        rows = _half(checked_embeddings(embeddings, self.dim), embeddings.item_ids)
        ids = embeddings.item_ids.tolist()
        check_ids("PostgreSQL", ids)
        if not ids:
            return

        def work(connection: Connection) -> None:
            with connection.transaction():
                connection.execute(
                    f"CREATE TEMP TABLE incoming (LIKE {self._table} INCLUDING DEFAULTS) ON COMMIT DROP"
                )
                with connection.cursor().copy(
                    f"COPY incoming ({', '.join(_COLUMNS)}) FROM STDIN WITH (FORMAT BINARY)"
                ) as copy:
                    copy.set_types(list(_COLUMNS.values()))
                    for item_id, row in zip(ids, rows, strict=True):
                        tagged = UNTAGGED if tags is None else tags.of(item_id)
                        copy.write_row((item_id, halfvec(row), years_of(tagged), tagged.tags, tagged.mark))
                connection.execute(
                    f"INSERT INTO {self._table} ({', '.join(_COLUMNS)}) SELECT {', '.join(_COLUMNS)} "
                    "FROM incoming ORDER BY item_id ON CONFLICT (item_id) DO UPDATE SET "
                    + ", ".join(f"{column} = excluded.{column}" for column in list(_COLUMNS)[1:])
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
        """Make graph and indexes, where there are works enough and none yet, and clean up after changes."""

        def work(connection: Connection) -> None:
            (works,) = connection.execute(f"SELECT count(*) FROM {self._table}").fetchone()
            if works >= _GRAPH_FROM:
                connection.execute(
                    f"CREATE INDEX IF NOT EXISTS {self._table}_tags ON {self._table} "
                    "USING gin (tags) WITH (fastupdate = off)"
                )
                connection.execute(
                    f"CREATE INDEX IF NOT EXISTS {self._table}_years ON {self._table} USING gist (years)"
                )
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

    def marks(self) -> dict[str, int]:
        """Return the mark of the tags of every work that has a vector here; see :class:`TaggedStore`."""
        sql = f"SELECT item_id, {'mark' if self._tagged else NO_MARK} FROM {self._table}"
        return dict(self._server.run(lambda connection: connection.execute(sql, binary=True).fetchall()))

    def expect(self, tags: Tags, held: Mapping[str, int] | None = None) -> None:
        """Say what works are filtered by; those that are tagged otherwise here are asked for by their ids."""
        if self._tagged:
            self._loose = Loose(loose_works(self.marks() if held is None else held, tags))

    def _told(self, within: Collection[str], works: int) -> Limits | None:
        """Return what leaves the works that are allowed, where tags can say it and ids are no shorter."""
        if self._loose is None or not isinstance(within, Within) or is_short(len(within), works):
            return None
        if within.condition is None:
            return None
        loose = self._loose.left(self._marks_of)
        return by_tags(within, within.condition, loose) if len(loose) <= _MOST_LOOSE else None

    def _marks_of(self, item_ids: Collection[str]) -> list[tuple[str, int]]:
        sql = f"SELECT item_id, mark FROM {self._table} WHERE item_id = ANY(%s)"
        ids = list(item_ids)
        return self._server.run(lambda connection: connection.execute(sql, [ids], binary=True).fetchall())

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
        if not len(queries) or k == 0 or (within is not None and not len(within)):
            return [_ranking([], query, k) for query in queries]
        asked = Asked(self._table, min(k, 2**31) + _SPARE, sendable(exclude))
        found: list[list[Row] | None] = [None] * len(queries)
        for way in self._ways(asked, within):
            left = [place for place, rows in enumerate(found) if rows is None]
            if not left:
                break
            for place, rows in zip(left, self._fetched(asked, queries[left], way), strict=True):
                found[place] = way.complete(rows, asked.most)
        return [_ranking(rows or [], query, k) for rows, query in zip(found, queries, strict=True)]

    def _fetched(self, asked: Asked, queries: Vectors, way: Way) -> list[list[Row]]:
        return self._server.run(lambda connection: asked.fetch(connection, queries, way))

    def _ways(self, asked: Asked, within: Collection[str] | None) -> Iterator[Way]:
        """Yield ways to ask, of which a later one finds what an earlier one may miss."""
        known = self._known()
        works = known.works if known.graph else None
        if within is None:
            yield from asked.ways(EVERYTHING, works, known.works)
            return
        told = self._told(within, known.works)
        if told is not None:
            yield from asked.ways(told, works, len(within))
        yield from asked.ways(by_ids(sendable(within)), works, len(within))

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


def _ranking(rows: list[Row], query: Vectors, k: int) -> Ranking:
    ids = np.array([item_id for item_id, _ in rows], dtype=np.object_)
    return best_of(ids, vectors_of([vector for _, vector in rows], len(query)), query, k)


def _table(connection: Connection, shown: str, name: str, dim: int, *, create: bool) -> tuple[str, bool]:
    """Return the table that holds the vectors of a name, made if there is none; and whether it has tags."""
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
        known = kept is not None and kept[1] in {_UNTAGGED_LAYOUT, _LAYOUT}
        if known and kept[0] != dim:
            raise DimensionError(f"{name!r} at {shown} holds vectors of {kept[0]} dimensions, not of {dim}.")
        if known and (kept[1] == _LAYOUT or not create):
            return table, kept[1] == _LAYOUT
        if not create:
            raise missing
        if not known:
            storage = "PLAIN" if dim <= _PLAIN else "EXTERNAL"
            connection.execute(f"DROP TABLE IF EXISTS {table}")
            connection.execute(
                f'CREATE TABLE {table} (item_id text COLLATE "C" PRIMARY KEY, '
                f"vector halfvec({dim}) STORAGE {storage} NOT NULL)"
            )
        connection.execute(
            f"ALTER TABLE {table} ADD years int4range NOT NULL DEFAULT 'empty', "
            "ADD tags bigint[] NOT NULL DEFAULT '{}', "
            f"ADD mark bigint NOT NULL DEFAULT {UNTAGGED.mark}"
        )
        connection.execute(
            "INSERT INTO ham_vectors (name, held, dim, layout) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (name) DO UPDATE "
            "SET held = excluded.held, dim = excluded.dim, layout = excluded.layout",
            [name, table, dim, _LAYOUT],
        )
    return table, True


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
