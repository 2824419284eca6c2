"""A store behind an address whose silence ends no conversation."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from threading import RLock
from typing import TypeVar

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.errors import DataWarning, StoreUnavailableError
from ham_recommend.index._scoring import checked_queries
from ham_recommend.index.base import VectorStore
from ham_recommend.index.silence import Silence
from ham_recommend.records import Embeddings, ItemIds, Vectors

T = TypeVar("T")

SILENT = "Pictures cannot be compared just now, so answers come from texts alone."


class TolerantStore(VectorStore):
    """Asks a store behind an address; while that does not answer, no work has a vector in it.

    So texts go on answering. What happened is warned of once; :attr:`trouble` tells it without the address.

    Parameters
    ----------
    dim : int
        Number of dimensions.
    open_store : callable
        Opens the store, and raises :class:`StoreUnavailableError` where it cannot.
    store : VectorStore or None
        The store, where it is open already.
    silence : Silence or None
        Whether the database is silent, where others ask it too.
    others : str
        What counts alone until then.
    """

    def __init__(
        self,
        dim: int,
        open_store: Callable[[], VectorStore],
        store: VectorStore | None = None,
        *,
        silence: Silence | None = None,
        others: str = "texts",
    ) -> None:
        super().__init__(dim)
        self._open = open_store
        self._silence, self._others = silence or Silence(SILENT), others
        self._warned = False
        self._opening = RLock()
        self.behind = store

    @property
    def exact(self) -> bool:  # type: ignore[override]
        """Whether the store, once it is open, reads every vector."""
        return self.behind is not None and self.behind.exact

    @property
    def bit_equal_ties(self) -> bool:  # type: ignore[override]
        """Whether equal vectors tie there."""
        return self.behind is not None and self.behind.bit_equal_ties

    @property
    def trouble(self) -> str:  # type: ignore[override]
        """What a person should know while it is silent; empty while it answers."""
        return self._silence.trouble

    def _ask(self, ask: Callable[[VectorStore], T], otherwise: T) -> T:
        """Ask the store; until it is open one at a time, so that it is opened, or found silent, once."""
        with self._opening if self.behind is None else nullcontext():
            return self._asked(ask, otherwise)

    def _asked(self, ask: Callable[[VectorStore], T], otherwise: T) -> T:
        if self._silence.left_alone:
            self._warn(self._silence.trouble)
            return otherwise
        try:
            answer = ask(self._opened())
        except StoreUnavailableError as error:
            self._silence.noticed()
            self._warn(error)
            return otherwise
        self._silence.ended()
        self._warned = False
        return answer

    def _warn(self, trouble: object) -> None:
        """Say once what counts until it answers again."""
        if not self._warned:
            self._warned = True
            warnings.warn(f"{trouble} Until then only {self._others} count.", DataWarning, stacklevel=4)

    def search(
        self,
        vectors: Vectors,
        k: int,
        *,
        exclude: Collection[str] = (),
        within: Collection[str] | None = None,
    ) -> list[Ranking]:
        """Find the ``k`` works with the greatest inner product, for each vector; none while it is silent."""
        queries = checked_queries(vectors, k, self.dim)
        nothing = [Ranking(np.empty(0, np.object_), np.empty(0, np.float32)) for _ in queries]
        return self._ask(lambda store: store.search(queries, k, exclude=exclude, within=within), nothing)

    def get(self, item_ids: Sequence[str]) -> Embeddings:
        """Return the vectors of those works that have one here; none while it is silent."""
        nothing = Embeddings(np.empty(0, np.object_), np.empty((0, self.dim), np.float32), "")
        return self._ask(lambda store: store.get(item_ids), nothing)

    def products(self, vectors: Vectors, item_ids: Sequence[str]) -> Vectors:
        """Return the inner product of each vector with each work; NaN while it is silent."""
        nothing = np.full((len(vectors), len(item_ids)), np.nan, dtype=np.float32)
        return self._ask(lambda store: store.products(vectors, item_ids), nothing)

    def item_ids(self) -> ItemIds:
        """Return the works that have a vector; none while it is silent."""
        return self._ask(lambda store: store.item_ids(), np.empty(0, dtype=np.object_))

    def __len__(self) -> int:
        return self._ask(len, 0)

    def upsert(self, embeddings: Embeddings) -> None:
        """Add vectors; see :class:`VectorStore`. Where it is silent, this fails as there."""
        self._opened().upsert(embeddings)

    def delete(self, item_ids: Collection[str]) -> None:
        """Remove vectors; see :class:`VectorStore`. Where it is silent, this fails as there."""
        self._opened().delete(item_ids)

    def _opened(self) -> VectorStore:
        with self._opening:
            if self.behind is None:
                self.behind = self._open()
            return self.behind

    def close(self) -> None:
        """Close the store; this one must not be used afterwards."""
        if self.behind is not None:
            self.behind.close()
