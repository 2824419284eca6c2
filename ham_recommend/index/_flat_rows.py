"""A flat index over an array of NumPy's, with the methods of FAISS that a store calls."""

from __future__ import annotations

from typing import Any

import numpy as np

from ham_recommend.index._ids import Rows
from ham_recommend.records import Vectors


class FlatRows:
    """What ``IndexFlatIP`` does, over an array that NumPy holds.

    NumPy asks Linux for large memory pages, FAISS does not: reading every vector takes a quarter less time.

    Parameters
    ----------
    faiss : module
        FAISS, as one file alone imports it.
    vectors : ndarray of float32, shape (n, dim)
        Kept, not copied.
    """

    def __init__(self, faiss: Any, vectors: Vectors) -> None:
        self._faiss = faiss
        self.held = vectors

    @property
    def ntotal(self) -> int:
        return len(self.held)

    def add(self, vectors: Vectors) -> None:
        self.held = np.concatenate([self.held, vectors])

    def reconstruct_batch(self, rows: Rows) -> Vectors:
        return self.held[rows]

    def search(self, queries: Vectors, k: int, params: Any) -> tuple[Vectors, Rows]:
        scores = np.empty((len(queries), k), dtype=np.float32)
        rows = np.empty((len(queries), k), dtype=np.int64)
        faiss = self._faiss
        faiss.knn_inner_product(
            *self._asked(queries), k, faiss.swig_ptr(scores), faiss.swig_ptr(rows), params.sel
        )
        return scores, rows

    def range_search(self, queries: Vectors, edge: float, params: Any) -> tuple[Rows, Vectors, Rows]:
        faiss = self._faiss
        result = faiss.RangeSearchResult(len(queries))
        faiss.range_search_inner_product(*self._asked(queries), edge, result, params.sel)
        limits = faiss.rev_swig_ptr(result.lims, len(queries) + 1).copy()
        found = int(limits[-1])
        scores, rows = (faiss.rev_swig_ptr(part, found).copy() for part in (result.distances, result.labels))
        return limits, scores, rows

    def _asked(self, queries: Vectors) -> tuple[Any, Any, int, int, int]:
        pointer = self._faiss.swig_ptr
        return pointer(queries), pointer(self.held), self.held.shape[1], len(queries), self.ntotal
