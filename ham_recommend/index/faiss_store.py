"""Vectors in a FAISS index: what all kinds have in common, and those that read every vector.

====== ======================================================================= ===============
kind   how it searches                                                          memory
====== ======================================================================= ===============
flat   reads every vector: the same answers as :class:`ExactStore`              4 bytes × dim
fp16   reads every vector, kept in half precision                               2 bytes × dim
hnsw   walks a graph of neighbours: fastest to answer, slowest to build         4 × dim + 270
ivf    reads the vectors of the nearest clusters only                           4 × dim + 16
ivfpq  reads codes of the nearest clusters, then the likeliest vectors on disk  dim / 8 + 16
====== ======================================================================= ===============

Of 117,245 grouped vectors of 512 dimensions, one query takes 7 to 10 ms with ``flat`` (the time it takes to
read them), 0.5 ms with ``hnsw`` and 0.8 ms with ``ivf``; building takes 0.3 s, up to a minute and about 10 s.
Where vectors do not gather in groups, ``hnsw`` and ``ivf`` miss more. A filter that leaves few works makes
``flat`` and ``fp16`` faster. ``python benchmarks/vector_search.py`` tells for another machine.

On macOS, faiss-cpu and torch each bring an OpenMP runtime; where loading both aborts the process, run the
encoder and the search in separate processes.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from ham_recommend.answers import Ranking
from ham_recommend.errors import ArtifactCorruptError, SettingsError, StoreError
from ham_recommend.index._faiss import faiss_module, one_thread, selector
from ham_recommend.index._flat_rows import FlatRows
from ham_recommend.index._ids import ItemRows, Mask, Rows
from ham_recommend.index._scoring import checked_embeddings, checked_queries, rescored, slack
from ham_recommend.index._structures import check_fits, compared_rows
from ham_recommend.index.base import FileStore
from ham_recommend.records import Embeddings, ItemIds, Vectors
from ham_recommend.vectors import UNREADABLE, read_arrays, write_arrays

Arrays = Mapping[str, npt.NDArray[Any]]

_MOST_DEAD = 0.2
_SPARE = 8
"""Rows proposed beyond k, so that a tie at the edge shows itself."""
_READ_ALL_BELOW = 0.1
"""Share of allowed rows under which reading them all is as fast as searching nearby, and exact."""
_BATCH = 20
"""From here on FAISS multiplies matrices, and more threads help."""


class FaissStore(FileStore):
    """All vectors in one FAISS index, searched by inner product; its subclasses say which index.

    Building is deterministic. Searches may run in several threads at once; changes must not overlap them.

    Parameters
    ----------
    dim : int
        Number of dimensions, at least 1.

    Raises
    ------
    SettingsError
        ``dim`` is below 1.
    """

    suffix = ".npz"
    bit_equal_ties = True
    _precision: ClassVar[type[np.floating]] = np.float32

    def __init__(self, dim: int) -> None:
        if dim < 1:
            raise SettingsError(f"A store of {dim} dimensions cannot hold vectors; give at least 1.")
        super().__init__(dim)
        self._ids = ItemRows(np.empty(0, dtype=np.object_))
        self._index = self._indexed(np.empty((0, dim), dtype=np.float32))

    @staticmethod
    @abstractmethod
    def _new_index(vectors: Vectors) -> Any:
        """Return an empty index, made to hold such vectors."""

    @classmethod
    def _indexed(cls, vectors: Vectors) -> Any:
        """Return an index that holds these vectors; the same vectors always give the same index."""
        with one_thread():
            index = cls._new_index(vectors)
            if len(vectors):
                index.add(vectors)
        return index

    def upsert(self, embeddings: Embeddings) -> None:
        """Add vectors, replacing those whose ``item_id`` is already there; see :class:`VectorStore`."""
        vectors = np.ascontiguousarray(checked_embeddings(embeddings, self.dim), dtype=np.float32)
        self.delete(embeddings.item_ids)
        if self._outgrown(len(self) + len(vectors)):
            self._compact()
            first = not len(self)
            self._build(
                np.concatenate([self._ids.item_ids, embeddings.item_ids]),
                vectors if first else np.concatenate([self._rows(np.arange(len(self))), vectors]),
            )
        elif len(vectors):
            with one_thread():
                self._index.add(vectors)
            alive = self._ids.alive
            self._ids = ItemRows(
                np.concatenate([self._ids.item_ids, embeddings.item_ids]),
                None if alive is None else np.concatenate([alive, np.ones(len(vectors), dtype=np.bool_)]),
            )

    def _outgrown(self, n: int) -> bool:  # noqa: ARG002 - some never are
        """Say whether the index was made for too few vectors to serve ``n``."""
        return False

    def _build(self, item_ids: ItemIds, vectors: Vectors) -> None:
        self._index = self._indexed(vectors)
        self._ids = ItemRows(item_ids)

    def delete(self, item_ids: Collection[str]) -> None:
        """Remove vectors; unknown ids are allowed.

        What does not read every vector only stops showing them, and is built anew once a fifth of its rows is
        dead.
        """
        rows = self._ids.find(item_ids)
        if not len(rows):
            return
        everything = np.ones(len(self._ids.item_ids), dtype=np.bool_)
        alive = everything if self._ids.alive is None else self._ids.alive.copy()
        alive[rows] = False
        self._ids = ItemRows(self._ids.item_ids, alive)
        most_dead = 0.0 if self.exact else _MOST_DEAD
        if np.count_nonzero(~alive) > most_dead * len(alive):
            self._compact()

    def _compact(self) -> None:
        """Drop the rows of deleted works."""
        if self._ids.alive is not None:
            kept = np.flatnonzero(self._ids.alive)
            self._build(self._ids.item_ids[kept], self._rows(kept))

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
        found = self._search_rows(queries, k, self._ids.mask(exclude, within))
        return [Ranking(self._ids.item_ids[rows], scores) for rows, scores in found]

    def _search_rows(self, queries: Vectors, k: int, mask: Mask | None) -> list[tuple[Rows, Vectors]]:
        """Find the rows, best first, and their scores: ``k`` of them, or all that the mask allows."""
        allowed = self._index.ntotal if mask is None else int(np.count_nonzero(mask))
        k = min(k, allowed)
        if k == 0:
            return [(np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float32)) for _ in queries]
        with one_thread() if len(queries) < _BATCH else nullcontext():
            proposed = self._proposed(queries, k, mask, allowed)
        with one_thread():
            return [self._best(query, k, rows) for query, rows in zip(queries, proposed, strict=True)]

    def _best(self, query: Vectors, k: int, rows: Rows) -> tuple[Rows, Vectors]:
        scores = rescored(self._rows(rows), query)
        order = self._ids.best_first(rows, scores, k)
        return rows[order], scores[order]

    def _proposed(self, queries: Vectors, k: int, mask: Mask | None, allowed: int) -> list[Rows]:
        """Let the index propose at least ``k`` rows for each query."""
        total = self._index.ntotal
        if self.exact or allowed < _READ_ALL_BELOW * total:
            return self._read_all(queries, k, mask, allowed)
        asked = min(k + _SPARE, allowed)
        parameters = self._nearby(asked, mask, widen=total / allowed)
        _, rows = self._index.search(queries, asked, params=parameters)
        return [
            found[found >= 0] if found[k - 1] >= 0 else self._read_all(query[None], k, mask, allowed)[0]
            for query, found in zip(queries, rows, strict=True)
        ]

    def _read_all(self, queries: Vectors, k: int, mask: Mask | None, allowed: int) -> list[Rows]:
        """Propose from all allowed rows: the best, and with them every row that may tie with the ``k``-th."""
        asked = min(k + _SPARE, allowed)
        index, parameters = self._reading_all(mask)
        scores, rows = index.search(queries, asked, params=parameters)
        proposed = list(rows)
        for place, query in enumerate(queries):
            edge = np.nextafter(scores[place, k - 1] - slack(query), np.float32(-np.inf))
            if asked < allowed and scores[place, -1] > edge:
                _, _, proposed[place] = index.range_search(query[None], float(edge), params=parameters)
        return proposed

    def _nearby(self, k: int, mask: Mask | None, widen: float) -> Any:
        """Return the parameters of a search of the likeliest rows only, ``widen`` times as many as usual."""
        raise NotImplementedError

    def _reading_all(self, mask: Mask | None) -> tuple[Any, Any]:
        """Return the index and the parameters of a search that reads every allowed row."""
        return self._index, faiss_module().SearchParameters(sel=selector(mask))

    def _rows(self, rows: Rows) -> Vectors:
        """Return copies of the vectors of some rows."""
        if not len(rows):
            return np.empty((0, self.dim), dtype=np.float32)
        vectors: Vectors = self._index.reconstruct_batch(rows)
        return vectors

    def get(self, item_ids: Sequence[str]) -> Embeddings:
        """Return the vectors of those works that have one here; see :class:`VectorStore`."""
        rows = self._ids.find_each(item_ids)
        return Embeddings(self._ids.item_ids[rows], self._rows(rows), "")

    def item_ids(self) -> ItemIds:
        """Return the works that have a vector, in the order of their last upsert."""
        kept = self._ids.item_ids
        return kept.copy() if self._ids.alive is None else kept[self._ids.alive]

    def __len__(self) -> int:
        return len(self._ids)

    def save(self, path: Path) -> None:
        """Write how the vectors are ordered, in the order of their last upsert; they have files of their own.

        Raises
        ------
        StoreError
            The file cannot be written.
        """
        self._compact()
        rows = compared_rows(len(self))
        said = {"kind": np.array(self.kind), "shape": np.array([len(self), self.dim], dtype=np.int64)}
        try:
            write_arrays(path, {**said, "sample": self._rows(rows), **self._structure()})
        except OSError as error:
            raise StoreError(f"{path} cannot be written: {error.strerror or error}.") from error

    def _structure(self) -> Arrays:
        """Return what the index knows beside the vectors."""
        return {}

    @classmethod
    def load(cls, path: Path, embeddings: Embeddings) -> Self:
        """Make the index of these embeddings as :meth:`save` wrote it down.

        FAISS would trust what it reads, so it reads nothing: it is given checked numbers.

        Raises
        ------
        ArtifactCorruptError, ArtifactMismatchError
            The file cannot be read, or is of another kind or other vectors.
        """
        held = read_arrays(path)
        vectors = np.ascontiguousarray(embeddings.vectors, dtype=np.float32)
        store = cls(vectors.shape[1])
        try:
            check_fits(path, cls.kind, held, vectors, cls._precision)
            store._index = store._restored(vectors, held)
        except UNREADABLE as error:
            raise ArtifactCorruptError(
                f"{path} does not hold an index ({error}). Build it again with `ham build`."
            ) from error
        store._ids = ItemRows(embeddings.item_ids)
        return store

    @classmethod
    def _restored(cls, vectors: Vectors, held: Arrays) -> Any:  # noqa: ARG003 - some know more than vectors
        """Return the index of some vectors as it was written down, or raise `ValueError` or `KeyError`."""
        return cls._indexed(vectors)

    def close(self) -> None:
        """Release the index; the store must not be used afterwards."""
        self._build(self._ids.item_ids[:0], np.empty((0, self.dim), dtype=np.float32))


class FlatStore(FaissStore):
    """Reads every vector: the same answers as :class:`ham_recommend.index.exact.ExactStore`."""

    kind = "flat"
    exact = True

    @staticmethod
    def _new_index(vectors: Vectors) -> Any:
        return FlatRows(faiss_module(), np.empty((0, vectors.shape[1]), dtype=np.float32))


class Fp16Store(FaissStore):
    """Reads every vector, each kept in half precision: exact over what it keeps."""

    kind = "fp16"
    exact = True
    lossy = 5e-4
    _precision = np.float16

    @staticmethod
    def _new_index(vectors: Vectors) -> Any:
        faiss = faiss_module()
        half = faiss.ScalarQuantizer.QT_fp16
        return faiss.IndexScalarQuantizer(vectors.shape[1], half, faiss.METRIC_INNER_PRODUCT)
