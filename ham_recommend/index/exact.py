"""The truth: every vector is looked at, with numpy alone. Other stores are compared with this one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.errors import ArtifactMismatchError
from ham_recommend.index._ids import ItemRows, Rows
from ham_recommend.index._scoring import at_least_kth, checked_embeddings, checked_queries, rescored
from ham_recommend.index.base import FileStore
from ham_recommend.records import Embeddings, ItemIds, Vectors
from ham_recommend.vectors import read_array


class ExactStore(FileStore):
    """All vectors in one array, in memory or mapped from a file.

    Scores are inner products summed in float64 and rounded once to float32. Searches may run in several
    threads at once; changes must not overlap them.

    Parameters
    ----------
    dim : int
        Number of dimensions, at least 1.
    """

    kind = "exact"
    suffix = ".npy"
    exact = True
    bit_equal_ties = True

    def __init__(self, dim: int) -> None:
        super().__init__(dim)
        self._ids = ItemRows(np.empty(0, dtype=np.object_))
        self._vectors: Vectors = np.empty((0, dim), dtype=np.float32)

    def upsert(self, embeddings: Embeddings) -> None:
        """Add vectors, replacing those whose ``item_id`` is already there; see :class:`VectorStore`."""
        vectors = checked_embeddings(embeddings, self.dim)
        self.delete(embeddings.item_ids)
        self._ids = ItemRows(np.concatenate([self._ids.item_ids, embeddings.item_ids]))
        self._vectors = np.concatenate([self._vectors, vectors], dtype=np.float32)

    def delete(self, item_ids: Collection[str]) -> None:
        """Remove vectors; unknown ids are allowed."""
        rows = self._ids.find(item_ids)
        if len(rows):
            self._ids = ItemRows(np.delete(self._ids.item_ids, rows))
            self._vectors = np.delete(self._vectors, rows, axis=0)

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
        mask = self._ids.mask(exclude, within)
        allowed = None if mask is None else np.flatnonzero(mask)
        return [self._search_one(query, k, allowed) for query in queries]

    def _search_one(self, query: Vectors, k: int, allowed: Rows | None) -> Ranking:
        scores = self._vectors @ query
        if allowed is not None:
            scores = scores[allowed]
        best = at_least_kth(scores, k, query) if k else np.empty(0, dtype=np.intp)
        rows = best if allowed is None else allowed[best]
        exact = rescored(self._vectors[rows], query)
        order = self._ids.best_first(rows, exact, k)
        return Ranking(self._ids.item_ids[rows[order]], exact[order])

    def get(self, item_ids: Sequence[str]) -> Embeddings:
        """Return the vectors of those works that have one here; see :class:`VectorStore`."""
        rows = self._ids.find_each(item_ids)
        return Embeddings(self._ids.item_ids[rows], self._vectors[rows], "")

    def item_ids(self) -> ItemIds:
        """Return the works that have a vector, in the order of their last upsert."""
        return self._ids.item_ids.copy()

    def __len__(self) -> int:
        return len(self._ids)

    def save(self, path: Path) -> None:
        """Write the vectors to one ``.npy`` file, in the order of their last upsert."""
        with path.open("wb") as stream:
            np.save(stream, self._vectors, allow_pickle=False)

    @classmethod
    def load(cls, path: Path, embeddings: Embeddings) -> Self:
        """Map the vectors written by :meth:`save`.

        Raises
        ------
        ArtifactCorruptError
            The file holds no vectors.
        ArtifactMismatchError
            It holds others than the embeddings.
        """
        vectors = read_array(path, np.float32, axes=2)
        if vectors.shape != embeddings.vectors.shape:
            raise ArtifactMismatchError(
                f"{path} holds vectors of shape {vectors.shape}, the embeddings have "
                f"{embeddings.vectors.shape}. Build the index again."
            )
        store = cls(vectors.shape[1])
        store._ids = ItemRows(embeddings.item_ids)
        store._vectors = vectors
        return store
