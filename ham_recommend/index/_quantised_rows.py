"""Vectors that stay on disk, found by codes of a few bytes, with the methods of FAISS that a store calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ham_recommend.index._ids import Rows
from ham_recommend.index._structures import check_array, check_clusters, cluster_count
from ham_recommend.records import Vectors

_PART = 8
"""Dimensions that one byte stands for; of 512 dimensions 64 bytes are left."""
_VALUES = 256
_CODED_FROM = 10 * _VALUES
"""Vectors; fewer cannot teach that many values for each part."""
_TAUGHT_BY = 64
"""Vectors of each cluster that its centroid is learnt from; FAISS's own 256 take minutes and find no more."""
_ROWS_AT_ONCE = 65_536


class QuantisedRows:
    """Product codes in clusters (Jégou et al., TPAMI 2011), beside the vectors they stand for.

    Parameters
    ----------
    faiss : module
        FAISS, as one file alone imports it.
    vectors : ndarray of float32, shape (n, dim)
        Taught by, not yet held.

    Attributes
    ----------
    held : ndarray of float32, shape (m, dim)
        The vectors it was restored around: kept where they are.
    added : ndarray of float32, shape (a, dim)
        Those that came after them.
    """

    def __init__(self, faiss: Any, vectors: Vectors) -> None:
        self._faiss = faiss
        self.held = self.added = np.empty((0, vectors.shape[1]), dtype=np.float32)
        self.codes = self._taught(vectors) if len(vectors) >= _CODED_FROM else None

    def _taught(self, vectors: Vectors) -> Any:
        codes = self._new_codes(vectors.shape[1], cluster_count(len(vectors)))
        codes.cp.min_points_per_centroid = codes.pq.cp.min_points_per_centroid = 1
        codes.cp.max_points_per_centroid = _TAUGHT_BY
        most = _TAUGHT_BY * codes.nlist
        step = max(1, len(vectors) // most)
        codes.train(_padded(vectors[::step]))
        return codes

    def _new_codes(self, dim: int, clusters: int) -> Any:
        faiss = self._faiss
        parts = -(-dim // _PART)
        wide = parts * _PART
        quantizer = faiss.IndexFlatIP(wide)
        return faiss.IndexIVFPQ(quantizer, wide, clusters, parts, 8, faiss.METRIC_INNER_PRODUCT)

    @property
    def ntotal(self) -> int:
        return len(self.held) + len(self.added)

    @property
    def clusters(self) -> int:
        """How many clusters there are; 0 where every vector is read."""
        return 0 if self.codes is None else int(self.codes.nlist)

    def outgrown(self, n: int) -> bool:
        """Say whether what was learnt serves ``n`` vectors no more."""
        return n >= _CODED_FROM and (self.codes is None or cluster_count(n) > 2 * self.clusters)

    def add(self, vectors: Vectors) -> None:
        if self.codes is not None:
            for start in range(0, len(vectors), _ROWS_AT_ONCE):
                self.codes.add(_padded(vectors[start : start + _ROWS_AT_ONCE]))
        self.added = np.concatenate([self.added, vectors])

    def reconstruct_batch(self, rows: Rows) -> Vectors:
        if not len(self.added):
            return self.held[rows]
        vectors = np.empty((len(rows), self.held.shape[1]), dtype=np.float32)
        later = rows >= len(self.held)
        vectors[~later] = self.held[rows[~later]]
        vectors[later] = self.added[rows[later] - len(self.held)]
        return vectors

    def search(self, queries: Vectors, k: int, params: Any) -> Rows:
        """Return the rows that are nearest going by the codes, shape (n, k); -1 where there are no more."""
        if self.codes is None:
            raise ValueError("Few vectors have no codes; read them all.")
        rows: Rows = self.codes.search(_padded(queries), k, params=params)[1]
        return rows

    def structure(self) -> dict[str, npt.NDArray[Any]]:
        """Return what was learnt, and the code of each vector."""
        faiss, codes = self._faiss, self.codes
        if codes is None:
            return {}
        clusters = np.empty(self.ntotal, dtype=np.int32)
        kept = np.empty((self.ntotal, codes.pq.M), dtype=np.uint8)
        for cluster in range(codes.nlist):
            size = codes.invlists.list_size(cluster)
            if size:
                rows = faiss.rev_swig_ptr(codes.invlists.get_ids(cluster), size)
                clusters[rows] = cluster
                held = faiss.rev_swig_ptr(codes.invlists.get_codes(cluster), size * kept.shape[1])
                kept[rows] = held.reshape(size, -1)
        values = faiss.vector_to_array(codes.pq.centroids).reshape(codes.pq.M, _VALUES, _PART)
        centroids = codes.quantizer.reconstruct_n(0, codes.quantizer.ntotal).reshape(-1, codes.d)
        return {"clusters": clusters, "codes": kept, "centroids": centroids, "values": values}

    @classmethod
    def restored(cls, faiss: Any, vectors: Vectors, held: Mapping[str, npt.NDArray[Any]]) -> QuantisedRows:
        """Return what :meth:`structure` told of, checked, around vectors that are kept, not copied.

        Raises
        ------
        ValueError, KeyError
            It tells of something else.
        """
        made = cls(faiss, vectors[:0])
        made.held = vectors
        n = len(vectors)
        if n < _CODED_FROM and "codes" not in held:
            return made
        clusters, kept, centroids, values = (
            held[name] for name in ("clusters", "codes", "centroids", "values")
        )
        codes = made._new_codes(vectors.shape[1], len(centroids))
        check_clusters(clusters, centroids, n, codes.d)
        check_array("codes", kept, np.uint8, (n, codes.pq.M))
        check_array("values", values, np.float32, (codes.pq.M, _VALUES, _PART))
        if not np.isfinite(np.einsum("ijk,ijk->ij", values, values)).all():
            raise ValueError("a value holds NaN or infinity")
        codes.quantizer.add(centroids)
        faiss.copy_array_to_vector(values.reshape(-1), codes.pq.centroids)
        order = np.argsort(clusters, kind="stable")
        ends = np.cumsum(np.bincount(clusters, minlength=len(centroids)))
        for cluster, rows in enumerate(np.split(order, ends[:-1])):
            if len(rows):
                here, ids = kept[rows], np.ascontiguousarray(rows, dtype=np.int64)
                codes.invlists.add_entries(cluster, len(rows), faiss.swig_ptr(ids), faiss.swig_ptr(here))
        codes.ntotal = n
        codes.is_trained = True
        made.codes = codes
        return made


def _padded(vectors: Vectors) -> Vectors:
    """Return vectors with as many zeros as parts of eight dimensions need, in one piece."""
    more = -vectors.shape[1] % _PART
    if not more:
        return np.ascontiguousarray(vectors, dtype=np.float32)
    return np.pad(vectors, ((0, 0), (0, more))).astype(np.float32, copy=False)
