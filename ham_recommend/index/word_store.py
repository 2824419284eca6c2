"""Works as the words they say: TF-IDF vectors, kept sparse and searched exactly."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.index._ids import ItemRows, Rows
from ham_recommend.records import Embeddings, Vectors

if TYPE_CHECKING:
    from ham_recommend.index.texts import Texts


class WordStore:
    """The TF-IDF weights of works, by term; answers with exact inner products.

    Parameters
    ----------
    texts : Texts
        What works say; works are of unit length, or zero.
    """

    def __init__(self, texts: Texts) -> None:
        self.dim = len(texts.vocabulary.terms)
        self.rows = texts.rows
        self._texts = texts

    def __len__(self) -> int:
        return len(self.rows)

    def search(
        self,
        vectors: Vectors,
        k: int,
        *,
        exclude: Collection[str] = (),
        within: Collection[str] | None = None,
    ) -> list[Ranking]:
        """Find the ``k`` works with the greatest positive inner product, for each vector.

        Parameters
        ----------
        vectors : ndarray of float32, shape (n, dim) or (dim,)
            Best with few terms that are not 0: those are what it costs.
        k, exclude, within
            As in :meth:`ham_recommend.index.base.VectorStore.search`.
        """
        return [self._search(vector, k, exclude, within) for vector in np.atleast_2d(vectors)]

    def _search(
        self, vector: Vectors, k: int, exclude: Collection[str], within: Collection[str] | None
    ) -> Ranking:
        terms = np.flatnonzero(vector)
        best, scores = self._texts.best(terms, vector[terms], k, exclude, within)
        return Ranking(self.rows.item_ids[best], scores)

    def get(self, item_ids: Sequence[str]) -> Embeddings:
        """Return the weights of those works that are known, as dense vectors: for few works only.

        Parameters
        ----------
        item_ids : sequence of str
            As in :meth:`ham_recommend.index.base.VectorStore.get`.
        """
        rows = self.rows.find_each(item_ids)
        dense: Vectors = self._texts.weights_of(rows).toarray()
        return Embeddings(self.rows.item_ids[rows], dense, "")

    def products(self, vectors: Vectors, item_ids: Sequence[str]) -> Vectors:
        """Return the inner product of each vector with each work, NaN for unknown works.

        Parameters
        ----------
        vectors, item_ids
            As in :meth:`ham_recommend.index.base.VectorStore.products`.
        """
        rows = self.rows.rows_of(item_ids)
        known = rows >= 0
        products = np.full((len(vectors), len(item_ids)), np.nan, dtype=np.float32)
        works = self._texts.weights_of(rows[known])
        for row, vector in enumerate(vectors):  # all at once, SciPy would turn every long vector around
            products[row, known] = works @ vector
        return products


def best_positive(rows: ItemRows, scores: Vectors, k: int) -> Rows:
    """Return the rows of the ``k`` best positive scores, best first, ties broken by ``item_id``."""
    found = np.flatnonzero(scores > _floor(scores, k))
    if len(found) < k:
        found = np.flatnonzero(scores > 0)
    values = scores[found]
    if 0 < k < len(found):
        found = found[values >= np.partition(values, len(values) - k)[len(values) - k]]
    return found[rows.best_first(found, scores[found], k)]


def _floor(scores: Vectors, k: int) -> float:
    """Guess a score that somewhat more than ``k`` works exceed: sorting them all would take longest."""
    sample = scores[::16]
    place = len(sample) - (k // 8 + 8)
    return max(0.0, float(np.partition(sample, place)[place])) if place >= 0 else 0.0
