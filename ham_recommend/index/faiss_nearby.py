"""Vectors in a FAISS index that reads the likeliest only: for collections too large to read at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from ham_recommend.index._faiss import faiss_module, selector
from ham_recommend.index._ids import Mask, Rows
from ham_recommend.index._quantised_rows import QuantisedRows
from ham_recommend.index._scoring import at_least_kth
from ham_recommend.index._structures import check_clusters, checked_graph, cluster_count
from ham_recommend.index.faiss_store import Arrays, FaissStore
from ham_recommend.records import Vectors

_NEIGHBOURS = 32
_LARGE = 100_000
_BUILD_BREADTH, _BUILD_BREADTH_OF_LARGE = 40, 100
"""The first, FAISS's own, loses whole clusters of 300,000 vectors; with the second ``benchmarks/scale.py``
finds all of them up to 1,000,000."""
_SEARCH_BREADTH = 128
_PROBED_CLUSTERS = 32
_PROBED_CODES = 96
_CANDIDATES = 400
"""Works that codes propose, and twice k where that is more."""
_WIDENED = 0.3
"""Power of the share of works left out with which candidates grow: the fewer works a filter leaves, the less
the best of them stand out by their codes. All three are set by ``benchmarks/scale.py`` at 1,000,000."""


class HnswStore(FaissStore):
    """Walks a graph of neighbours (Malkov and Yashunin, TPAMI 2020, arXiv:1603.09320).

    It may miss a few works, but never brings back fewer than asked for.
    """

    kind = "hnsw"

    @staticmethod
    def _new_index(vectors: Vectors) -> Any:
        faiss = faiss_module()
        index = faiss.IndexHNSWFlat(vectors.shape[1], _NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = _BUILD_BREADTH if len(vectors) < _LARGE else _BUILD_BREADTH_OF_LARGE
        return index

    def _nearby(self, k: int, mask: Mask | None, widen: float) -> Any:
        breadth = int(max(_SEARCH_BREADTH, 2 * k) * widen)
        return faiss_module().SearchParametersHNSW(sel=selector(mask), efSearch=breadth)

    def _reading_all(self, mask: Mask | None) -> tuple[Any, Any]:
        faiss = faiss_module()
        return faiss.downcast_index(self._index.storage), faiss.SearchParameters(sel=selector(mask))

    def _outgrown(self, n: int) -> bool:
        return n >= _LARGE and bool(self._index.hnsw.efConstruction < _BUILD_BREADTH_OF_LARGE)

    def _structure(self) -> Arrays:
        faiss, graph = faiss_module(), self._index.hnsw
        links = graph.neighbors.size()
        return {
            "levels": faiss.vector_to_array(graph.levels),
            "neighbours": faiss.rev_swig_ptr(graph.neighbors.data(), links).copy()
            if links
            else np.empty(0, np.int32),
            "entry": np.array(graph.entry_point, dtype=np.int32),
        }

    @classmethod
    def _restored(cls, vectors: Vectors, held: Arrays) -> Any:
        faiss = faiss_module()
        index = cls._new_index(vectors)
        if not len(vectors):
            return index
        graph = index.hnsw
        widths = faiss.vector_to_array(graph.cum_nneighbor_per_level)
        offsets = checked_graph(held["levels"], held["neighbours"], held["entry"], widths, len(vectors))
        faiss.downcast_index(index.storage).add(vectors)
        index.ntotal = len(vectors)
        faiss.copy_array_to_vector(held["levels"], graph.levels)
        faiss.copy_array_to_vector(offsets, graph.offsets)
        graph.neighbors.resize(len(held["neighbours"]))
        faiss.rev_swig_ptr(graph.neighbors.data(), len(held["neighbours"]))[:] = held["neighbours"]
        graph.entry_point = int(held["entry"])
        graph.max_level = int(held["levels"].max()) - 1
        return index


class IvfStore(FaissStore):
    """Clusters the vectors by k-means and reads the nearest clusters (Jégou et al., TPAMI 2011).

    It may miss a few works, but never brings back fewer than asked for.
    """

    kind = "ivf"

    @staticmethod
    def _new_index(vectors: Vectors) -> Any:
        faiss = faiss_module()
        dim = vectors.shape[1]
        index = faiss.IndexIVFFlat(
            faiss.IndexFlatIP(dim), dim, cluster_count(len(vectors)), faiss.METRIC_INNER_PRODUCT
        )
        index.cp.min_points_per_centroid = 1
        if len(vectors):
            index.train(vectors)
        index.set_direct_map_type(faiss.DirectMap.Array)
        return index

    def _structure(self) -> Arrays:
        faiss, index = faiss_module(), self._index
        clusters = np.empty(len(self), dtype=np.int32)
        for cluster in range(index.nlist):
            size = index.invlists.list_size(cluster)
            if size:
                clusters[faiss.rev_swig_ptr(index.invlists.get_ids(cluster), size)] = cluster
        centroids = index.quantizer.reconstruct_n(0, index.quantizer.ntotal)
        return {"clusters": clusters, "centroids": centroids.reshape(-1, self.dim)}

    @classmethod
    def _restored(cls, vectors: Vectors, held: Arrays) -> Any:
        faiss, clusters, centroids = faiss_module(), held["clusters"], held["centroids"]
        dim = vectors.shape[1]
        if not len(vectors):
            return cls._indexed(vectors)
        check_clusters(clusters, centroids, len(vectors), dim)
        quantizer = faiss.IndexFlatIP(dim)
        quantizer.add(centroids)
        index = faiss.IndexIVFFlat(quantizer, dim, len(centroids), faiss.METRIC_INNER_PRODUCT)
        order = np.argsort(clusters, kind="stable")
        ends = np.cumsum(np.bincount(clusters, minlength=len(centroids)))
        for cluster, rows in enumerate(np.split(order, ends[:-1])):
            if len(rows):
                codes = vectors[rows].view(np.uint8)
                ids = np.ascontiguousarray(rows, dtype=np.int64)
                index.invlists.add_entries(cluster, len(rows), faiss.swig_ptr(ids), faiss.swig_ptr(codes))
        index.ntotal = len(vectors)
        index.is_trained = True
        index.set_direct_map_type(faiss.DirectMap.Array)
        return index

    def _nearby(self, k: int, mask: Mask | None, widen: float) -> Any:  # noqa: ARG002 - k says nothing of clusters
        probes = min(int(_PROBED_CLUSTERS * widen), self._index.nlist)
        return faiss_module().SearchParametersIVF(sel=selector(mask), nprobe=probes)

    def _reading_all(self, mask: Mask | None) -> tuple[Any, Any]:
        every = faiss_module().SearchParametersIVF(sel=selector(mask), nprobe=self._index.nlist)
        return self._index, every

    def _outgrown(self, n: int) -> bool:
        return n > 0 and (not len(self) or cluster_count(n) > 2 * self._index.nlist)


class IvfPqStore(FaissStore):
    """Keeps a byte for eight dimensions in memory, and leaves the vectors where they are (``IndexIVFPQ``).

    The codes propose works, whose vectors are then read and scored as in every other kind. A collection that
    was built has them in a file that is mapped, so that memory holds as much of it as it has room for.
    """

    kind = "ivfpq"
    _index: QuantisedRows

    @staticmethod
    def _new_index(vectors: Vectors) -> QuantisedRows:
        return QuantisedRows(faiss_module(), vectors)

    def _proposed(self, queries: Vectors, k: int, mask: Mask | None, allowed: int) -> list[Rows]:
        widen = self._index.ntotal / allowed
        asked = min(int(max(_CANDIDATES, 2 * k) * widen**_WIDENED), allowed)
        if asked == allowed or not self._index.clusters:
            every_row = np.arange(self._index.ntotal) if mask is None else np.flatnonzero(mask)
            return [self._best_of(every_row, query, k) for query in queries]
        faiss, every = faiss_module(), self._index.clusters
        probes = min(int(_PROBED_CODES * widen), every)
        while True:
            parameters = faiss.SearchParametersIVF(sel=selector(mask), nprobe=probes)
            rows: Rows = self._index.search(queries, asked, parameters)
            if probes == every or rows[:, k - 1].min() >= 0:
                found = [np.sort(ours[ours >= 0]) for ours in rows]
                return [self._best_of(ours, query, k) for ours, query in zip(found, queries, strict=True)]
            probes = every

    def _best_of(self, rows: Rows, query: Vectors, k: int) -> Rows:
        """Return those rows, read in the order of the file, that may be among the ``k`` best of them."""
        return rows[at_least_kth(self._rows(rows) @ query, k, query)]

    def _structure(self) -> Arrays:
        return self._index.structure()

    @classmethod
    def _restored(cls, vectors: Vectors, held: Arrays) -> QuantisedRows:
        return QuantisedRows.restored(faiss_module(), vectors, held)

    def _outgrown(self, n: int) -> bool:
        return self._index.outgrown(n)
