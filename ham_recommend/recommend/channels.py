"""Channels: the ways in which works can be close to each other, each with its store of vectors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ham_recommend.index.base import Searchable
from ham_recommend.records import ItemIds, Vectors

if TYPE_CHECKING:
    from ham_recommend.index.base import VectorStore
    from ham_recommend.index.text_search import TextSearch
    from ham_recommend.recommend.weights import Weights

_SAMPLE = 512
"""Works that the centroid is the average of, at least, where the catalog has so many."""
_NOT_ASKED = -2


class Channel:
    """One way in which works can be close: ``"picture"``, ``"words"`` or ``"meaning"``.

    Parameters
    ----------
    name : str
        Its name in rankings.
    store : Searchable
        Unit-length vectors.
    weight : float
        What it counts beside the others.
    item_ids : ndarray of str objects, shape (n,)
        All works of the catalog, with or without a vector here.
    sparse : bool
        Whether the vectors are long and nearly empty: they are not fetched for many works at once, and there
        is no centroid worth measuring from, as two works at random share next to nothing.
    """

    def __init__(
        self, name: str, store: Searchable, weight: float, item_ids: ItemIds, *, sparse: bool = False
    ) -> None:
        self.name = name
        self.store = store
        self.weight = weight
        self.item_ids = item_ids
        self.sparse = sparse
        self._centroid: Vectors | None = None

    @property
    def sample(self) -> list[str]:
        """A few hundred works evenly spread over the catalog, or none once the centroid is known."""
        if self._centroid is not None:
            return []
        sample: list[str] = self.item_ids[:: max(1, len(self.item_ids) // _SAMPLE)].tolist()
        return sample

    def centroid(self, batch: Batch) -> Vectors:
        """Return the average vector of the collection, from its sample.

        Parameters
        ----------
        batch : Batch
            Fetches the sample, where it is the first to need it.

        Returns
        -------
        ndarray of float32, shape (dim,)
            Zero where there is none worth measuring from.
        """
        if self._centroid is None:
            vectors = batch.vectors(self.sample) if not self.sparse else ()
            if not self.sparse and not len(vectors):  # its store may be silent only for now
                return np.zeros(self.store.dim, dtype=np.float32)
            nothing: Vectors = np.zeros(self.store.dim, dtype=np.float32)
            self._centroid = np.mean(vectors, axis=0) if len(vectors) else nothing
        return self._centroid


class Batch:
    """The vectors that one question has needed of a store so far: no work is asked for twice.

    Parameters
    ----------
    store : Searchable
        What is asked.
    """

    def __init__(self, store: Searchable) -> None:
        self._store = store
        self._vectors: Vectors = np.empty((0, store.dim), dtype=np.float32)
        self._row_of: dict[str, int] = {}
        self._expected: list[str] = []

    def expect(self, item_ids: Collection[str]) -> None:
        """Ask for these works too, along with the next that are needed."""
        self._expected.extend(item_ids)

    def rows(self, item_ids: Sequence[str]) -> npt.NDArray[np.intp]:
        """Return which of :meth:`vectors` is each work's, -1 for works without a vector."""
        rows = np.fromiter(map(self._row_of.get, item_ids, repeat(_NOT_ASKED)), np.intp, len(item_ids))
        if (rows == _NOT_ASKED).any():
            self._fetch([*self._expected, *item_ids])
            rows = np.fromiter(map(self._row_of.__getitem__, item_ids), np.intp, len(item_ids))
        return rows

    def _fetch(self, item_ids: Sequence[str]) -> None:
        new = [item_id for item_id in dict.fromkeys(item_ids) if item_id not in self._row_of]
        found = self._store.get(new)
        self._row_of.update(dict.fromkeys(new, -1))
        rows = range(len(self._vectors), len(self._vectors) + len(found))
        self._row_of.update(zip(found.item_ids.tolist(), rows, strict=True))
        self._vectors = np.concatenate([self._vectors, found.vectors])
        self._expected.clear()

    def vectors(self, item_ids: Sequence[str]) -> Vectors:
        """Return the vectors of those works that have one, shape (m, dim)."""
        rows = self.rows(item_ids)
        return self._vectors[rows[rows >= 0]]

    def products(self, vectors: Vectors, item_ids: Sequence[str]) -> Vectors:
        """Return the inner product of each vector with each work, NaN where a work has no vector.

        Summed in float64, so that works with equal vectors get equal products.

        Parameters
        ----------
        vectors : ndarray of float32, shape (n, dim)
            The questions.
        item_ids : sequence of str, length m
            The works.

        Returns
        -------
        ndarray of float32, shape (n, m)
        """
        rows = self.rows(item_ids)
        known = rows >= 0
        products = np.full((len(vectors), len(item_ids)), np.nan, dtype=np.float32)
        products[:, known] = vectors.astype(np.float64) @ self._vectors[rows[known]].astype(np.float64).T
        return products


def channels_of(
    item_ids: ItemIds, text: TextSearch, pictures: VectorStore | None, weights: Weights
) -> tuple[Channel, ...]:
    """Return the channels of a collection: picture, where it has vectors of pictures, words and meaning."""
    texts = 1.0 - weights.picture
    words = Channel("words", text.words, texts * (1.0 - weights.meaning), item_ids, sparse=True)
    meaning = Channel("meaning", text.meaning, texts * weights.meaning, item_ids)
    if pictures is None:
        return (words, meaning)
    return (Channel("picture", pictures, weights.picture, item_ids), words, meaning)
