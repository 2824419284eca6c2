"""What works say and mean in Milvus: words as sparse vectors, the meaning as dense ones, beside the tags.

Milvus finds the works that say most of what is asked, those that say all of some words, and those near in
meaning. It scores words as a text index does but for what depends on several of them, so what it proposes is
fetched and scored here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from ham_recommend.catalog.tags import UNTAGGED, Tags
from ham_recommend.errors import SettingsError, StoreError
from ham_recommend.index._held_ids import check_ids
from ham_recommend.index._ids import Mask
from ham_recommend.index._milvus import (
    ANSWERING,
    PATIENCE,
    SPARSE,
    WRITING,
    Client,
    asking_sparse,
    named,
)
from ham_recommend.index._milvus_asked import MOST_ANSWERED, Asked, Try, among, keys_of
from ham_recommend.index._milvus_rows import entity_of
from ham_recommend.index._text_known import Row
from ham_recommend.index._text_rows import Numbers, Sayings
from ham_recommend.index.milvus_store import MilvusStore
from ham_recommend.records import Vectors

_AT_ONCE = 256
"""Works in one message, of which gRPC takes 64 MB and each may be of 200 kB."""
_LAST_KEY = 2**63 - 1
_ROUNDING = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """The works that say most of what is asked.

    Parameters
    ----------
    keys : ndarray of int64, shape (m,)
        What Milvus calls them, best first.
    scores : ndarray of float32, shape (m,)
        Their inner products.
    left : float
        The most that any other has that may come back; 0 where there is none.
    """

    keys: Numbers
    scores: Vectors
    left: float


class MilvusTexts(MilvusStore):
    """The texts of one name in Milvus, which as a store holds what they mean; see the module."""

    _words: ClassVar = True
    _usual: ClassVar = "flat"

    @classmethod
    def open(cls, url: str, name: str, dim: int, *, create: bool = False) -> Self:
        """Open the texts of one collection; see :meth:`MilvusStore.open`.

        Their meanings are read one by one, unless the address names another ``?index=``.

        Parameters
        ----------
        url, dim, create
            As there.
        name : str
            Of the texts, with their space of meanings after an ``@``: those of another are kept apart, so
            that nobody compares what two spaces say.
        """
        store = super().open(url, name, dim, create=create)
        store.exact = store._kind == "flat"
        try:
            store._wake()
        except BaseException:
            store.close()
            raise
        return store

    @staticmethod
    def _named(name: str) -> tuple[str, list[str]]:
        """Return which collection holds texts of a name in a space of meanings."""
        texts, _, space = name.rpartition("@")
        return f"{named(texts)[0]}_{space}", []

    def drop_others(self, kept: Collection[str]) -> None:
        """Remove the same texts in other spaces of meanings, but for some of these."""
        begins = self._collection.rpartition("_")[0]
        stay = {self._collection, *(f"{begins}_{space}" for space in kept)}

        def drop(client: Client) -> None:
            for one in client.list_collections(timeout=PATIENCE):
                if one.startswith(f"{begins}_") and one not in stay:
                    client.drop_collection(one, timeout=WRITING)

        self._server.run(drop)

    def _wake(self) -> None:
        """Ask for a word that nobody says: Milvus Lite makes its indexes when they are first asked."""
        self._server.run(
            lambda client: [self._found(client, {0: 1.0}, field, 1, timeout=WRITING) for field in SPARSE]
        )

    def write(self, rows: Iterable[Row], tags: Tags | None) -> None:
        """Add works, replacing those that are there.

        Parameters
        ----------
        rows : iterable of Row
            The works, each once.
        tags : Tags or None
            What they are filtered by.

        Raises
        ------
        SettingsError
            Milvus cannot hold an id.
        """
        part: list[Row] = []
        for row in rows:
            part.append(row)
            if len(part) == _AT_ONCE:
                self._write(part, tags)
                part = []
        if part:
            self._write(part, tags)

    def _write(self, rows: list[Row], tags: Tags | None) -> None:
        ids = [row.item_id for row in rows]
        check_ids("Milvus", ids)
        keys = keys_of(ids)
        if len(set(keys)) < len(keys):
            raise SettingsError(
                "Two of these works have the same key in Milvus. Give one of them another id."
            )
        entities = []
        for key, row in zip(keys, rows, strict=True):
            tagged = UNTAGGED if tags is None else tags.of(row.item_id)
            entities.append(
                {
                    **entity_of(key, row.item_id, row.vector, tagged),
                    "words": row.sayings.by_amount(row.factor),
                    "says": row.sayings.by_presence(),
                    "said": row.sayings.packed(),
                    "content": row.content,
                }
            )
        self._change("upsert", entities)

    def contents(self) -> tuple[dict[str, int], dict[str, int]]:
        """Return of every work here the hash of all that is kept of it, and the mark of its tags."""
        pages = self._pages(["key", "item_id", "mark", "content"], MOST_ANSWERED)
        held = [(entity["item_id"], entity["content"], entity["mark"]) for page in pages for entity in page]
        return {one[0]: one[1] for one in held}, {one[0]: one[2] for one in held}

    def nearest(
        self,
        words: Mapping[int, float],
        depth: int,
        allows: Callable[[Numbers], Mask] | None = None,
        exclude: Collection[str] = (),
        within: Collection[str] | None = None,
    ) -> Nearest:
        """Return the works that say most of some words.

        Parameters
        ----------
        words : mapping of int to float
            The number of each stem → its weight, at least 0.
        depth : int
            How many works, at most :data:`MOST_ANSWERED`.
        allows : callable or None
            Says of some works which may come back; ``None`` for all, and then there is no limit.
        exclude, within
            The limit, as in :meth:`ham_recommend.index.base.VectorStore.search`.
        """
        until = time.monotonic() + ANSWERING
        if allows is None:
            return self._nearest_of(words, depth, "", until)
        allowed = None if within is None else frozenset(within)
        asked = Asked(depth, frozenset(exclude), allowed, self._told(within, until), until)
        best = Nearest(np.empty(0, np.int64), np.empty(0, np.float32), np.inf)
        for one in list(asked.tries(self._works(until))) or [Try(MOST_ANSWERED)]:
            found = self._nearest_of(words, min(one.depth, MOST_ANSWERED), one.among, until)
            ours = np.flatnonzero(allows(found.keys))
            best = Nearest(found.keys[ours], found.scores[ours], found.left)
            if len(ours) >= depth or not found.left:
                break
        return best

    def _nearest_of(self, words: Mapping[int, float], depth: int, which: str, until: float) -> Nearest:
        hits = self._read(
            lambda client, how: self._found(client, words, "words", depth, which=which, **how), until
        )
        scores = np.array([hit["distance"] for hit in hits], dtype=np.float32)
        left = float(scores[-1]) * (1.0 + _ROUNDING) if len(hits) >= depth else 0.0
        return Nearest(np.array([hit.pk for hit in hits], dtype=np.int64), scores, left)

    def says_all(self, numbers: Collection[int], at_most: int, until: float | None = None) -> Numbers:
        """Return the keys of the works that say all of some stems, or of ``at_most`` of them.

        Parameters
        ----------
        numbers : collection of int
            Their numbers.
        at_most : int
            How many are asked for; where more works say all, they are asked for in parts.
        until : float or None
            When it has to be done, by :func:`time.monotonic`.
        """
        until = time.monotonic() + ANSWERING if until is None else until
        return self._says_all(dict.fromkeys(numbers, 1.0), min(at_most, MOST_ANSWERED), 0, _LAST_KEY, until)

    def _says_all(self, asked: dict[int, float], depth: int, first: int, last: int, until: float) -> Numbers:
        which = "" if (first, last) == (0, _LAST_KEY) else f"key >= {first} and key <= {last}"
        hits = self._read(
            lambda client, how: self._found(client, asked, "says", depth, which=which, **how), until
        )
        keys = [hit.pk for hit in hits if hit["distance"] > len(asked) - 0.5]
        if len(keys) < MOST_ANSWERED or first == last:
            return np.array(keys, dtype=np.int64)
        middle = (first + last) // 2
        halves = ((first, middle), (middle + 1, last))
        return np.concatenate([self._says_all(asked, depth, *half, until) for half in halves])

    def _found(
        self, client: Client, words: Mapping[int, float], field: str, depth: int, which: str = "", **how: Any
    ) -> Any:
        """Return the works with the greatest inner products of a field."""
        (hits,) = client.search(
            self._collection,
            data=[dict(words)],
            anns_field=field,
            limit=depth,
            filter=which,
            search_params=asking_sparse(),
            **how,
        )
        return hits

    def sayings(self, keys: Numbers) -> dict[int, Sayings]:
        """Return what those of some works say that are here, by their keys."""
        until = time.monotonic() + ANSWERING
        found: dict[int, Sayings] = {}
        for start in range(0, len(keys), _AT_ONCE):
            found.update(self._sayings(keys[start : start + _AT_ONCE].tolist(), until))
            self._server.check_in_time(until)
        return found

    def _sayings(self, keys: list[int], until: float) -> dict[int, Sayings]:
        entities = self._read(
            lambda client, how: client.query(
                self._collection, filter=among(keys), output_fields=["key", "said"], **how
            ),
            until,
        )
        try:
            return {entity["key"]: Sayings.unpacked(entity["said"]) for entity in entities}
        except ValueError as error:
            raise StoreError(
                f"Milvus at {self._server.shown} holds something else than texts ({error}). Fill it anew "
                "with `ham build`."
            ) from error
