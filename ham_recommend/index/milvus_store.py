"""Vectors in Milvus: a museum's own server, or Milvus Lite, which runs in this process for trying it out.

One collection for each name. A work's key there is a hash of its ``item_id`` with 63 bits, as Milvus filters
by numbers several times faster than by texts, and no id has to be written into a filter; that two of ten
million works share one is as likely as five in a million.

What a person has seen, and filters that leave many works, are dropped here from a longer list of the nearest;
filters that leave fewer travel as a list of keys. Where a graph loses works, all are read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self, TypeVar

import numpy as np

from ham_recommend.answers import Ranking, best_first
from ham_recommend.errors import ArtifactMissingError, DimensionError, SettingsError
from ham_recommend.index._held_ids import LONGEST_ID, check_ids, sendable
from ham_recommend.index._milvus import (
    LITE,
    PATIENCE,
    WRITING,
    Client,
    Milvus,
    asking,
    dimensions_in,
    indexed,
    make_collection,
    settle,
)
from ham_recommend.index._scoring import best_of, checked_embeddings, checked_queries
from ham_recommend.index.base import UrlStore
from ham_recommend.records import Embeddings, ItemIds, Vectors

_LAYOUT = 1
"""Of the collections; those laid out otherwise have other names."""
_MOST_DIMENSIONS = 32_768
_MOST_ANSWERED = 16_384
"""Works that Milvus gives back at once."""
_BYTES_AT_ONCE = 16_000_000
"""Of vectors in one message, of which gRPC takes 64 MB."""
_SPARE = 8
"""Works fetched beyond k, so that rounding and ties at the edge show themselves."""
_READ_BELOW = 100
"""Allowed works that are simply fetched and compared here."""
_LISTED_BELOW = 2_000
"""Allowed works that travel as a list, not picked from the nearest; see ``benchmarks/scale.py``."""
_READ_THERE = 0.05
"""Share of allowed works up to which Milvus reads those rather than walking its graph (it does below 7 %)."""
_WIDER = 10
"""How much more of the graph is walked where a list leaves more."""
_DEEPEST = 4_000
"""Nearest works that are looked through before a list is sent after all."""
_ROUGH = {"ivf_sq8": 2, "ivf_pq": 20}
"""Candidates for each work asked for, where an index keeps vectors roughly."""
_TRUSTED = 60.0
"""Seconds for which a count of works counts, as other processes may change it."""

T = TypeVar("T")
_Rows = dict[int, tuple[str, Vectors]]
"""Works by their keys, each with its vector, shape (dim,)."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """How many works there were, and when."""

    works: int
    since: float


class MilvusStore(UrlStore):
    """The vectors of one name in Milvus; see the module.

    Several threads and processes may search and change a server's vectors at once. Own changes are seen at
    once, those of other processes within a second; a large change is made in parts of 16 MB.
    """

    bit_equal_ties = True
    delay = 1.0

    def __init__(self, server: Milvus, collection: str, dim: int, kind: str) -> None:
        super().__init__(dim)
        self._server = server
        self._collection = collection
        self._kind = kind
        self._at_once = max(1, min(_MOST_ANSWERED, _BYTES_AT_ONCE // (4 * dim)))
        self._changes = 0
        self._seen = -1
        self._counted: _Counted | None = None

    @classmethod
    def open(cls, url: str, name: str, dim: int, *, create: bool = False) -> Self:
        """Open the vectors of one collection and encoder; see :class:`ham_recommend.index.base.UrlStore`.

        Parameters
        ----------
        url : str
            ``"milvus://user@host:19530/database"``, with ``?index=`` and ``flat``, ``hnsw``, ``ivf_sq8`` or
            ``ivf_pq``; without, the one there is, and at first ``hnsw``. ``"milvus:"`` for ``HAM_MILVUS``;
            ``"milvus+lite:"`` for Milvus Lite, which reads every vector.
        name, dim, create
            As there; ``dim`` at most 32,768.
        """
        if not 1 <= dim <= _MOST_DIMENSIONS:
            raise DimensionError(
                f"Milvus keeps vectors of 1 to {_MOST_DIMENSIONS:,} dimensions, not of {dim}."
            )
        check_ids("Milvus", [name])
        collection = f"ham{_LAYOUT}_{sha256(name.encode()).hexdigest()[:24]}"
        server = Milvus(url)

        def room(client: Client) -> str:
            held = dimensions_in(client, collection)
            if held is None and not create:
                raise ArtifactMissingError(f"there are no vectors called {name!r} at {server.shown}")
            if held is None:
                make_collection(client, collection, dim, LONGEST_ID)
                held = dimensions_in(client, collection)
            if held != dim:
                raise DimensionError(
                    f"{name!r} at {server.shown} holds vectors of {held} dimensions, not of {dim}."
                )
            return indexed(client, collection, (server.kind or None) if create else None, dim)

        try:
            kind = server.run(room)
        except BaseException:
            server.close()
            raise
        return cls(server, collection, dim, kind)

    @classmethod
    def remembered(cls, url: str) -> str:
        """Return ``"milvus:"``, the address in ``HAM_MILVUS``, or that of Milvus Lite.

        No collection can so make this machine tell a server of a stranger's its user and passwords.
        """
        return url if url == LITE else "milvus:"

    def upsert(self, embeddings: Embeddings) -> None:
        """Add vectors, replacing those whose ``item_id`` is already there; see :class:`VectorStore`."""
        rows = checked_embeddings(embeddings, self.dim).astype(np.float32)
        ids = embeddings.item_ids.tolist()
        check_ids("Milvus", ids)
        keys = _keys(ids)
        if len(set(keys)) < len(keys):
            raise SettingsError(
                "Two of these works have the same key in Milvus. Give one of them another id."
            )
        for start in range(0, len(ids), self._at_once):
            part = slice(start, start + self._at_once)
            written = [
                {"key": key, "item_id": item_id, "vector": row}
                for key, item_id, row in zip(keys[part], ids[part], rows[part], strict=True)
            ]
            self._change("upsert", written)

    def delete(self, item_ids: Collection[str]) -> None:
        """Remove vectors; unknown ids are allowed."""
        keys = _keys(sendable(item_ids))
        for start in range(0, len(keys), _MOST_ANSWERED):
            part = keys[start : start + _MOST_ANSWERED]
            self._change("delete", part)

    def _change(self, how: str, what: Sequence[Any]) -> None:
        try:
            self._server.run(lambda client: getattr(client, how)(self._collection, what, timeout=WRITING))
        finally:
            self._changes += 1
            self._counted = None

    def optimise(self) -> None:
        """Have what is still in memory written down and indexed, and wait for that."""
        self._server.run(lambda client: settle(client, self._collection))

    def _read(self, work: Callable[[Client, str], T], *, strong: bool = False) -> T:
        """Read with a level of consistency: the strongest once after opening and after each change."""
        changes = self._changes
        level = "Strong" if strong or self._seen != changes else "Session"
        answer = self._server.run(lambda client: work(client, level))
        self._seen = max(self._seen, changes)
        return answer

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
        if not len(queries) or k == 0:
            return [_nothing() for _ in queries]
        dropped = frozenset(_keys(sendable(exclude)))
        allowed = None if within is None else frozenset(_keys(sendable(within))) - dropped
        asked = _Asked((k + _SPARE) * _ROUGH.get(self._kind, 1), dropped, allowed)
        if allowed is not None and len(allowed) <= _READ_BELOW:
            return self._best_of_all(queries, k, asked)
        found = self._nearest(queries, asked)
        short = [place for place, rows in enumerate(found) if rows is None]
        read = iter(self._best_of_all(queries[short], k, asked) if short else ())
        return [
            next(read) if rows is None else best_of(*_columns(rows.values(), self.dim), query, k)
            for rows, query in zip(found, queries, strict=True)
        ]

    def _nearest(self, queries: Vectors, asked: _Asked) -> list[_Rows | None]:
        """Return what could be best for each question; ``None`` where not as many come as there are."""
        works = self._works()
        found: list[_Rows | None] = [None] * len(queries)
        for depth, listed in asked.tries(works):
            left = [place for place, rows in enumerate(found) if rows is None]
            if not left:
                break
            some = self._proposed(queries[left], asked, depth, works=works, listed=listed)
            for place, rows in zip(left, some, strict=True):
                found[place] = rows
        return found

    def _proposed(
        self, queries: Vectors, asked: _Asked, depth: int, *, works: int, listed: bool
    ) -> list[_Rows | None]:
        """Ask for the nearest, and fetch those alone that may be answered: vectors are what costs."""
        answers = self._read(
            lambda client, level: client.search(
                self._collection,
                data=list(queries),
                limit=depth,
                filter=_among(asked.allowed or ()) if listed else "",
                search_params=asking(self._kind, _WIDER * depth if listed else depth),
                consistency_level=level,
                timeout=PATIENCE,
            )
        )
        there = len(asked.allowed or ()) if listed else works
        kept: list[list[int] | None] = []
        for hits in answers:
            ours = [hit.pk for hit in hits if asked.allows(hit.pk)][: asked.most]
            kept.append(ours if len(ours) >= asked.most or len(hits) >= there else None)
        rows = self._fetched(list({key for keys in kept if keys for key in keys}))
        return [None if keys is None else {key: rows[key] for key in keys if key in rows} for keys in kept]

    def _best_of_all(self, queries: Vectors, k: int, asked: _Asked) -> list[Ranking]:
        """Read every work that is allowed and compare it here."""
        best = [_nothing() for _ in queries]
        parts = self._all() if asked.allowed is None else self._parts(sorted(asked.allowed))
        for part in parts:
            kept = [row for key, row in part.items() if asked.allows(key)]
            ids, vectors = _columns(kept, self.dim)
            best = [
                _merged(ranking, best_of(ids, vectors, query, k), k)
                for ranking, query in zip(best, queries, strict=True)
            ]
        return best

    def _works(self) -> int:
        """Return about how many works there are."""
        counted = self._counted
        if counted is None or time.monotonic() > counted.since + _TRUSTED:
            changes = self._changes
            counted = _Counted(self._count(strong=False), time.monotonic())
            if changes == self._changes:
                self._counted = counted
        return counted.works

    def _count(self, *, strong: bool) -> int:
        rows = self._read(
            lambda client, level: client.query(
                self._collection,
                filter="",
                output_fields=["count(*)"],
                consistency_level=level,
                timeout=PATIENCE,
            ),
            strong=strong,
        )
        return int(rows[0]["count(*)"])

    def get(self, item_ids: Sequence[str]) -> Embeddings:
        """Return the vectors of those works that have one here; see :class:`VectorStore`."""
        asked = list(dict.fromkeys(sendable(item_ids)))
        keys = _keys(asked)
        known = self._fetched(keys)
        rows = [
            known[key]
            for key, item_id in zip(keys, asked, strict=True)
            if key in known and known[key][0] == item_id
        ]
        return Embeddings(*_columns(rows, self.dim), "")

    def _fetched(self, keys: Sequence[int]) -> _Rows:
        return {key: row for part in self._parts(keys) for key, row in part.items()}

    def _parts(self, keys: Sequence[int]) -> Iterator[_Rows]:
        """Fetch works by their keys, in parts that fit into a message."""
        for start in range(0, len(keys), self._at_once):
            yield self._part(keys[start : start + self._at_once])

    def _part(self, keys: Sequence[int]) -> _Rows:
        entities = self._read(
            lambda client, level: client.query(
                self._collection,
                filter=_among(keys),
                output_fields=["key", "item_id", "vector"],
                consistency_level=level,
                timeout=PATIENCE,
            )
        )
        return {entity["key"]: _row(entity) for entity in entities}

    def _all(self) -> Iterator[_Rows]:
        """Fetch every work, in parts."""
        for part in self._pages(["key", "item_id", "vector"], self._at_once):
            yield {entity["key"]: _row(entity) for entity in part}

    def item_ids(self) -> ItemIds:
        """Return the works that have a vector, shape (n,), in no particular order."""
        pages = self._pages(["key", "item_id"], _MOST_ANSWERED)
        return np.array([entity["item_id"] for page in pages for entity in page], dtype=np.object_)

    def _pages(self, fields: list[str], at_once: int) -> Iterator[list[dict[str, Any]]]:
        pages = self._read(
            lambda client, level: client.query_iterator(
                self._collection,
                batch_size=at_once,
                filter="",
                output_fields=fields,
                consistency_level=level,
                timeout=PATIENCE,
            ),
            strong=True,
        )
        try:
            while page := self._server.run(lambda _: pages.next()):
                yield page
        finally:
            pages.close()

    def __len__(self) -> int:
        return self._count(strong=True)

    def close(self) -> None:
        """Close the connection; the store must not be used afterwards."""
        self._server.close()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a search may answer with: how many works at most, and of which."""

    most: int
    dropped: frozenset[int]
    allowed: frozenset[int] | None

    def allows(self, key: int) -> bool:
        """Return whether a work may come back."""
        return key not in self.dropped and (self.allowed is None or key in self.allowed)

    def tries(self, works: int) -> Iterator[tuple[int, bool]]:
        """Yield how many of the nearest to ask for, and whether of the allowed alone; better tries later."""
        if self.allowed is None:
            full = self.most + len(self.dropped)
            depths = [min(full, 4 * self.most), full]
        elif len(self.allowed) <= min(_LISTED_BELOW, _READ_THERE * works):
            depths = []
        else:
            depths = [4 * self.most * max(works, 1) // len(self.allowed)]
        for depth in dict.fromkeys(depths):
            if depth <= (_MOST_ANSWERED if self.allowed is None else _DEEPEST):
                yield depth, False
        if self.allowed is not None and self.most <= _MOST_ANSWERED:
            yield self.most, True


def _keys(item_ids: Collection[str]) -> list[int]:
    """Return the key of each work: 63 bits of a hash."""
    return [
        int.from_bytes(sha256(item_id.encode()).digest()[:8], "big", signed=False) >> 1
        for item_id in item_ids
    ]


def _among(keys: Collection[int]) -> str:
    """Return a filter that leaves the works with these keys."""
    return f"key in [{', '.join(map(str, keys))}]"


def _row(entity: dict[str, Any]) -> tuple[str, Vectors]:
    return str(entity["item_id"]), np.asarray(entity["vector"], dtype=np.float32)


def _columns(rows: Collection[tuple[str, Vectors]], dim: int) -> tuple[ItemIds, Vectors]:
    ids = np.array([item_id for item_id, _ in rows], dtype=np.object_)
    vectors = np.stack([vector for _, vector in rows]) if len(rows) else np.empty((0, dim), np.float32)
    return ids, vectors


def _nothing() -> Ranking:
    return Ranking(np.empty(0, dtype=np.object_), np.empty(0, dtype=np.float32))


def _merged(one: Ranking, other: Ranking, k: int) -> Ranking:
    """Return the best of two rankings, ties by ``item_id``."""
    ids = np.concatenate([one.item_ids, other.item_ids])
    scores = np.concatenate([one.scores, other.scores])
    order = best_first(ids, scores, k)
    return Ranking(ids[order], scores[order])
