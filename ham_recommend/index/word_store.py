"""Works as the words they say: TF-IDF vectors, kept sparse and searched exactly."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.index._ids import ItemRows, Rows
from ham_recommend.index.postings import Postings
from ham_recommend.records import Embeddings, Vectors


class WordStore:
    """The TF-IDF weights of works, by term; answers with exact inner products.

    Parameters
    ----------
    rows : ItemRows
        The works.
    postings : Postings
        The weight of each term in each work, shape (dim, n); works of unit length, or zero.
    """

    def __init__(self, rows: ItemRows, postings: Postings) -> None:
        self.dim = postings.shape[0]
        self.rows = rows
        self._postings = postings

    def __len__(self) -> int:
        return len(self.rows)

    def scores(self, terms: Rows, weights: Vectors) -> Vectors:
        """Return the inner product of every work with a query, as :meth:`Postings.scores` does."""
        return self._postings.scores(terms, weights)

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
        scores = allowed(self.rows, self.scores(terms, vector[terms]), exclude, within)
        best = best_positive(self.rows, scores, k)
        return Ranking(self.rows.item_ids[best], scores[best])

    def get(self, item_ids: Sequence[str]) -> Embeddings:
        """Return the weights of those works that are known, as dense vectors: for few works only.

        Parameters
        ----------
        item_ids : sequence of str
            As in :meth:`ham_recommend.index.base.VectorStore.get`.
        """
        rows = self.rows.find_each(item_ids)
        dense: Vectors = self._postings.of(rows).toarray()
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
        works = self._postings.of(rows[known])
        for row, vector in enumerate(vectors):  # all at once, SciPy would turn every long vector around
            products[row, known] = works @ vector
        return products


def allowed(
    rows: ItemRows, scores: Vectors, exclude: Collection[str], within: Collection[str] | None
) -> Vectors:
    """Return the scores with 0 for works that may not come back."""
    mask = rows.mask(exclude, within)
    return scores if mask is None else scores * mask


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
