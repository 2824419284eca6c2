"""One state of a collection in a store that a build may be filling for the next.

A build puts new works into a store behind an address before they count, and takes out what is gone
afterwards. Who answers for one state must not see the works of another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.index.base import VectorStore
from ham_recommend.records import Embeddings, ItemIds, Vectors


class OneState(VectorStore):
    """The works of one state; all others are as if the store did not hold them.

    Parameters
    ----------
    store : VectorStore
        What is asked.
    works : iterable of str
        The works of this state that have a vector.
    """

    def __init__(self, store: VectorStore, works: Iterable[str]) -> None:
        super().__init__(store.dim)
        self.exact, self.bit_equal_ties = store.exact, store.bit_equal_ties
        self._store = store
        self._works = frozenset(works)

    def search(
        self,
        vectors: Vectors,
        k: int,
        *,
        exclude: Collection[str] = (),
        within: Collection[str] | None = None,
    ) -> list[Ranking]:
        """Search; asked for more at once where works of another state are among the nearest."""
        depth = k
        while True:
            found = self._store.search(vectors, depth, exclude=exclude, within=within)
            known = [self._known(ranking) for ranking in found]
            if all(len(ours) >= k or len(all_) < depth for ours, all_ in zip(known, found, strict=True)):
                return [ranking.only(slice(k)) for ranking in known]
            depth *= 2

    def _known(self, ranking: Ranking) -> Ranking:
        ours = np.fromiter((item_id in self._works for item_id in ranking.item_ids), np.bool_, len(ranking))
        return ranking if ours.all() else ranking.only(np.flatnonzero(ours))

    def get(self, item_ids: Sequence[str]) -> Embeddings:
        """Return vectors; see :meth:`VectorStore.get`."""
        return self._store.get([item_id for item_id in item_ids if item_id in self._works])

    def products(self, vectors: Vectors, item_ids: Sequence[str]) -> Vectors:
        """Return inner products; see :meth:`VectorStore.products`."""
        products = self._store.products(vectors, item_ids)
        strangers = [column for column, item_id in enumerate(item_ids) if item_id not in self._works]
        products[:, strangers] = np.nan
        return products

    def item_ids(self) -> ItemIds:
        """Return the works that have a vector."""
        held = self._store.item_ids()
        ours = np.fromiter((item_id in self._works for item_id in held), np.bool_, len(held))
        return held[ours]

    def __len__(self) -> int:
        return len(self._works)

    def upsert(self, embeddings: Embeddings) -> None:
        """Write through."""
        self._store.upsert(embeddings)

    def delete(self, item_ids: Collection[str]) -> None:
        """Write through."""
        self._store.delete(item_ids)

    def close(self) -> None:
        """Release what the store holds."""
        self._store.close()
