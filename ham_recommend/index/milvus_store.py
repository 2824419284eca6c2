"""Vectors in Milvus: a museum's own server, or Milvus Lite, which runs in this process for trying it out.

One collection for each name. A work's key there is a hash of its ``item_id`` with 63 bits, as Milvus filters
by numbers several times faster than by texts, and no id has to be written into a filter; that two of ten
million works share one is as likely as five in a million. Beside its vector each work has the years and tags
that it is filtered by (:mod:`ham_recommend.catalog.tags`), so that a filter travels as a few numbers.

What a person has seen, and filters that leave many works, are dropped here from a longer list of the nearest.
Where a graph loses works, all are read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

import numpy as np

from ham_recommend.answers import Ranking, best_first
from ham_recommend.catalog.tags import MOST_TAGS, UNTAGGED, Tags, Within
from ham_recommend.errors import ArtifactMissingError, DimensionError, SettingsError
from ham_recommend.index._held_ids import LONGEST_ID, check_ids, sendable
from ham_recommend.index._loose import Loose, loose_works
from ham_recommend.index._milvus import (
    ANSWERING,
    LITE,
    PATIENCE,
    WRITING,
    Client,
    Milvus,
    asking,
    dimensions_in,
    index_of,
    index_words,
    made_index,
    make_collection,
    named,
    ready,
    settle,
)
from ham_recommend.index._milvus_asked import (
    MOST_ANSWERED,
    Asked,
    Try,
    among,
    keys_of,
    left_until,
    meeting,
)
from ham_recommend.index._milvus_rows import Row, columns, entity_of, row_of
from ham_recommend.index._scoring import at_least_kth, best_of, checked_embeddings, checked_queries
from ham_recommend.index.base import TaggedStore
from ham_recommend.records import Embeddings, ItemIds, Vectors

_MOST_DIMENSIONS = 32_768
_BYTES_AT_ONCE = 16_000_000
"""Of vectors in one message, of which gRPC takes 64 MB."""
_SPARE = 8
"""Works fetched beyond k, so that rounding and ties at the edge show themselves."""
_READ_BELOW = 100
"""Allowed works that are simply fetched and compared here."""
_ROUGH = {"ivf_sq8": 2, "ivf_pq": 20}
"""Candidates for each work asked for, where an index keeps vectors roughly."""
_TRUSTED = 60.0
"""Seconds for which what was read of a collection counts, as other processes may change it."""
_MOST_LOOSE = 1_000
"""Works whose tags cannot be gone by that are named beside a condition; with more, it is not used."""

T = TypeVar("T")
_Rows = dict[int, Row]
"""Works by their keys."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """How many works there were, and when."""

    works: int
    since: float


class MilvusStore(TaggedStore):
    """The vectors of one name in Milvus; see the module.

    Several threads and processes may search and change a server's vectors at once. Own changes are seen at
    once, those of other processes within a second; a large change is made in parts of 16 MB.
    """

    bit_equal_ties = True
    delay = 1.0
    _words: ClassVar = False
    """Whether works have words here beside their vectors."""
    _usual: ClassVar = "hnsw"
    """The kind of index where none is asked for."""

    def __init__(self, server: Milvus, collection: str, dim: int, kind: str) -> None:
        super().__init__(dim)
        self._server = server
        self._collection = collection
        self._kind = kind
        self._at_once = max(1, min(MOST_ANSWERED, _BYTES_AT_ONCE // (4 * dim)))
        self._changes = 0
        self._seen = -1
        self._counted: _Counted | None = None
        self._loose: Loose[int] | None = None

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
        collection, earlier = cls._named(name)
        server = Milvus(url, words=cls._words)

        def room(client: Client) -> str:
            held = dimensions_in(client, collection)
            if held is None and not create:
                kept = any(client.has_collection(one, timeout=PATIENCE) for one in earlier)
                raise ArtifactMissingError(
                    f"the vectors called {name!r} at {server.shown} are laid out as an earlier version did, "
                    "and have to be written again"
                    if kept
                    else f"there are no vectors called {name!r} at {server.shown}"
                )
            if held is None:
                make_collection(client, collection, dim, LONGEST_ID, MOST_TAGS, words=cls._words)
                for one in earlier:
                    client.drop_collection(one, timeout=WRITING)
                held = dimensions_in(client, collection)
            if held != dim:
                raise DimensionError(
                    f"{name!r} at {server.shown} holds vectors of {held} dimensions, not of {dim}."
                )
            kind: str | None
            if create:
                kind = made_index(client, collection, server.kind, dim, cls._usual)
                if cls._words:
                    index_words(client, collection)
            else:
                kind = index_of(client, collection)
            if kind is None:
                raise ArtifactMissingError(f"the vectors called {name!r} at {server.shown} have no index yet")
            ready(client, collection, server.shown, patient=create)
            return kind

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

    @staticmethod
    def _named(name: str) -> tuple[str, list[str]]:
        """Return which collection holds what has a name, and in which earlier versions put it."""
        return named(name)

    def upsert(self, embeddings: Embeddings, tags: Tags | None = None) -> None:
        """Add vectors and tags, replacing those whose ``item_id`` is there; see :class:`TaggedStore`."""
        rows = checked_embeddings(embeddings, self.dim).astype(np.float32)
        ids = embeddings.item_ids.tolist()
        check_ids("Milvus", ids)
        keys = keys_of(ids)
        if len(set(keys)) < len(keys):
            raise SettingsError(
                "Two of these works have the same key in Milvus. Give one of them another id."
            )
        for start in range(0, len(ids), self._at_once):
            part = slice(start, start + self._at_once)
            written = [
                entity_of(key, item_id, row, UNTAGGED if tags is None else tags.of(item_id))
                for key, item_id, row in zip(keys[part], ids[part], rows[part], strict=True)
            ]
            self._change("upsert", written)

    def delete(self, item_ids: Collection[str]) -> None:
        """Remove vectors; unknown ids are allowed."""
        keys = keys_of(sendable(item_ids))
        for start in range(0, len(keys), MOST_ANSWERED):
            part = keys[start : start + MOST_ANSWERED]
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

    def _read(
        self, work: Callable[[Client, dict[str, Any]], T], until: float | None = None, *, strong: bool = False
    ) -> T:
        """Read with a level of consistency: the strongest once after opening and after each change.

        Parameters
        ----------
        work : callable
            Given a client and how to ask it: how consistent the answer has to be, and in how many seconds.
        until : float or None
            When it has to be done; ``None`` for :data:`ANSWERING` from now, or :data:`PATIENCE` if strong.
        strong : bool
            Whether what other processes have just written must be seen.
        """
        changes = self._changes
        level = "Strong" if strong or self._seen != changes else "Session"
        patience = (PATIENCE if strong else ANSWERING) if until is None else left_until(until)
        answer = self._server.run(
            lambda client: work(client, {"consistency_level": level, "timeout": patience})
        )
        self._seen = max(self._seen, changes)
        return answer

    def marks(self) -> dict[str, int]:
        """Return the mark of the tags of every work that has a vector here; see :class:`TaggedStore`."""
        pages = self._pages(["key", "item_id", "mark"], MOST_ANSWERED)
        return {entity["item_id"]: entity["mark"] for page in pages for entity in page}

    def expect(self, tags: Tags, held: Mapping[str, int] | None = None) -> None:
        """Say what works are filtered by; those that are tagged otherwise here are asked for by their ids."""
        loose = loose_works(self.marks() if held is None else held, tags)
        self._loose = Loose(dict(zip(keys_of(loose), loose.values(), strict=True)))

    def _told(self, within: Collection[str] | None, until: float) -> str:
        """Return what leaves the works that are allowed, where tags can say it; else nothing."""
        if self._loose is None or not isinstance(within, Within) or within.condition is None:
            return ""
        loose = self._loose.left(lambda keys: self._marks_of(keys, until))
        return meeting(within.condition, loose) if len(loose) <= _MOST_LOOSE else ""

    def _marks_of(self, keys: Collection[int], until: float) -> list[tuple[int, int]]:
        held = self._read(
            lambda client, how: client.query(
                self._collection, filter=among(keys), output_fields=["key", "mark"], **how
            ),
            until,
        )
        return [(entity["key"], entity["mark"]) for entity in held]

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
        until = time.monotonic() + ANSWERING
        allowed = None if within is None else frozenset(within)
        most = (k + _SPARE) * _ROUGH.get(self._kind, 1)
        asked = Asked(most, frozenset(exclude), allowed, self._told(within, until), until)
        if allowed is not None and len(allowed) <= _READ_BELOW:
            return self._best_of_all(queries, k, asked)
        found = self._nearest(queries, k, asked)
        short = [place for place, rows in enumerate(found) if rows is None]
        read = iter(self._best_of_all(queries[short], k, asked) if short else ())
        return [
            next(read) if rows is None else best_of(*columns(rows.values(), self.dim), query, k)
            for rows, query in zip(found, queries, strict=True)
        ]

    def _nearest(self, queries: Vectors, k: int, asked: Asked) -> list[_Rows | None]:
        """Return what could be best for each question; ``None`` where not as many come as there are."""
        works = self._works(asked.until)
        found: list[_Rows | None] = [None] * len(queries)
        for one in asked.tries(works):
            left = [place for place, rows in enumerate(found) if rows is None]
            if not left:
                break
            for place, rows in zip(left, self._proposed(queries[left], k, asked, one, works), strict=True):
                found[place] = rows
        return found

    def _proposed(self, queries: Vectors, k: int, asked: Asked, one: Try, works: int) -> list[_Rows | None]:
        """Ask for the nearest, and fetch those alone that may be answered: vectors are what costs."""
        answers = self._read(
            lambda client, how: client.search(
                self._collection,
                data=list(queries),
                anns_field="vector",
                limit=one.depth,
                filter=one.among,
                output_fields=["item_id"] if asked.drops else [],
                search_params=asking(self._kind, one.depth, one.breadth),
                **how,
            ),
            asked.until,
        )
        there = works if asked.allowed is None else len(asked.left)
        kept: list[list[int] | None] = []
        for hits, query in zip(answers, queries, strict=True):
            ours = [hit for hit in hits if not asked.drops or asked.allows(hit["entity"]["item_id"])]
            ours = ours[: asked.most]
            enough = len(ours) >= asked.most or len(ours) >= there or len(hits) >= works
            kept.append(self._worth_fetching(ours, k, query) if enough else None)
        rows = self._fetched(list({key for keys in kept if keys for key in keys}), asked.until)
        return [None if keys is None else {key: rows[key] for key in keys if key in rows} for keys in kept]

    def _worth_fetching(self, hits: Sequence[Any], k: int, query: Vectors) -> list[int]:
        """Return the keys of those that can be among the best, by scores that an index may keep roughly."""
        keys = [hit.pk for hit in hits]
        if self._kind in _ROUGH:
            return keys
        scores = np.array([hit["distance"] for hit in hits], dtype=np.float32)
        return [keys[place] for place in at_least_kth(scores, k, query).tolist()]

    def _best_of_all(self, queries: Vectors, k: int, asked: Asked) -> list[Ranking]:
        """Read every work that is allowed and compare it here."""
        best = [_nothing() for _ in queries]
        parts = (
            self._all(asked.until)
            if asked.allowed is None
            else self._parts(keys_of(sendable(asked.left)), asked.until)
        )
        for part in parts:
            kept = [row for row in part.values() if asked.allows(row[0])]
            ids, vectors = columns(kept, self.dim)
            best = [
                _merged(ranking, best_of(ids, vectors, query, k), k)
                for ranking, query in zip(best, queries, strict=True)
            ]
        return best

    def _works(self, until: float) -> int:
        """Return about how many works there are."""
        counted = self._counted
        if counted is None or time.monotonic() > counted.since + _TRUSTED:
            changes = self._changes
            counted = _Counted(self._count(until), time.monotonic())
            if changes == self._changes:
                self._counted = counted
        return counted.works

    def _count(self, until: float | None = None) -> int:
        rows = self._read(
            lambda client, how: client.query(self._collection, filter="", output_fields=["count(*)"], **how),
            until,
            strong=until is None,
        )
        return int(rows[0]["count(*)"])

    def get(self, item_ids: Sequence[str]) -> Embeddings:
        """Return the vectors of those works that have one here; see :class:`VectorStore`."""
        asked = list(dict.fromkeys(sendable(item_ids)))
        keys = keys_of(asked)
        known = self._fetched(keys)
        rows = [
            known[key]
            for key, item_id in zip(keys, asked, strict=True)
            if key in known and known[key][0] == item_id
        ]
        return Embeddings(*columns(rows, self.dim), "")

    def _fetched(self, keys: Sequence[int], until: float | None = None) -> _Rows:
        return {key: row for part in self._parts(keys, until) for key, row in part.items()}

    def _parts(self, keys: Sequence[int], until: float | None) -> Iterator[_Rows]:
        """Fetch works by their keys, in parts that fit into a message."""
        for start in range(0, len(keys), self._at_once):
            yield self._part(keys[start : start + self._at_once], until)

    def _part(self, keys: Sequence[int], until: float | None) -> _Rows:
        entities = self._read(
            lambda client, how: client.query(
                self._collection, filter=among(keys), output_fields=["key", "item_id", "vector"], **how
            ),
            until,
        )
        return {entity["key"]: row_of(entity) for entity in entities}

    def _all(self, until: float) -> Iterator[_Rows]:
        """Fetch every work, in parts."""
        for part in self._pages(["key", "item_id", "vector"], self._at_once, until):
            yield {entity["key"]: row_of(entity) for entity in part}

    def item_ids(self) -> ItemIds:
        """Return the works that have a vector, shape (n,), in no particular order."""
        pages = self._pages(["key", "item_id"], MOST_ANSWERED)
        return np.array([entity["item_id"] for page in pages for entity in page], dtype=np.object_)

    def _pages(
        self, fields: list[str], at_once: int, until: float | None = None
    ) -> Iterator[list[dict[str, Any]]]:
        """Read some of every work, page after page: for a question in time, else as strictly as can be."""
        pages = self._read(
            lambda client, how: client.query_iterator(
                self._collection, batch_size=at_once, filter="", output_fields=fields, **how
            ),
            until,
            strong=until is None,
        )
        try:
            while page := self._server.run(lambda _: pages.next()):
                yield page
                if until is not None:
                    self._server.check_in_time(until)
        finally:
            pages.close()

    def __len__(self) -> int:
        return self._count()

    def close(self) -> None:
        """Close the connection; the store must not be used afterwards."""
        self._server.close()


def _nothing() -> Ranking:
    return Ranking(np.empty(0, dtype=np.object_), np.empty(0, dtype=np.float32))


def _merged(one: Ranking, other: Ranking, k: int) -> Ranking:
    """Return the best of two rankings, ties by ``item_id``."""
    ids = np.concatenate([one.item_ids, other.item_ids])
    scores = np.concatenate([one.scores, other.scores])
    order = best_first(ids, scores, k)
    return Ranking(ids[order], scores[order])
