"""Counted words → TF-IDF → LSA."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ham_recommend.encode.analyzer import stem
from ham_recommend.encode.languages import ENGLISH
from ham_recommend.encode.text import VOICE, Counts
from ham_recommend.records import EMPTY, Vectors

SHORT_QUERY = 2
"""Words of a query of which another spelling counts in full. In longer ones it counts less and less: in
sentences neighbours make another word by chance, as ``benchmarks/text_search.py`` shows of the alt texts."""

SATURATION = 0.8
SLOPE = 0.4
SEARCH_SLOPE = 0.25
"""Set by ``benchmarks/answers.py``: lower is better for short questions to long texts."""
RARITY = 0.75
DIMENSIONS = 256
WORKS_PER_DIMENSION = 4
_ENTRIES_AT_ONCE = 2**20

Weights = sparse.csr_array
"""Terms × works or works × terms, float32."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The terms of a collection and how rare each is.

    Parameters
    ----------
    terms : list of str
        Sorted.
    idf : ndarray of float32, shape (n terms,)
        Inverse document frequency, smoothed: ``(1 + ln((1 + n) / (1 + df))) ** 0.75``. As it enters on both
        sides of the product, the power keeps long queries from hanging on their rarest word.
    language : str
        Whose endings were taken off words in Latin letters.
    """

    terms: list[str]
    idf: npt.NDArray[np.float32]
    language: str = ENGLISH

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Term → its place in ``terms``."""
        return {term: row for row, term in enumerate(self.terms)}

    def query(
        self, asked: Iterable[str], spellings: Mapping[str, float] = EMPTY
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
        """Weigh the words of a query.

        Parameters
        ----------
        asked : iterable of str
            Words; those without a term here are passed over.
        spellings : mapping of str to float
            Other ways to write them, and how many of the words each stands for.

        Returns
        -------
        rows : ndarray of int, shape (m,)
            The terms, ascending.
        weights : ndarray of float32, shape (m,)
            Unit length.
        """
        found: dict[int, float] = {**Counter(row for _, row in self._rows(asked))}
        share = min(1.0, SHORT_QUERY / max(1, len(found)))
        found = {row: share * spellings[word] for word, row in self._rows(spellings)} | found
        rows = np.array(sorted(found), dtype=np.intp)
        times = np.array([found[row] for row in rows.tolist()], dtype=np.float64)
        weights = _saturated(times) * self.idf[rows]
        return rows, (weights / (np.linalg.norm(weights) or 1.0)).astype(np.float32)

    def row(self, word: str) -> int | None:
        """Return the place in ``terms`` of a word's term; ``None`` where it is not known."""
        return self.row_of.get(stem([word], self.language)[0])

    def _rows(self, words: Iterable[str]) -> Iterator[tuple[str, int]]:
        """Yield each known word and its row."""
        words = list(words)
        found = zip(words, map(self.row_of.get, stem(words, self.language)), strict=True)
        return ((word, row) for word, row in found if row is not None)


def saturated(times: Counts) -> Weights:
    """Return how much works say what they say so often, whatever other works do, as float32.

    Repeating a term pays less and less (``tf (k + 1) / (tf + k)``, as in BM25: Robertson and Zaragoza, 2009).

    Parameters
    ----------
    times : csr_array of int32
        In units of 1 / :data:`VOICE`.
    """
    values = _saturated(times.data / VOICE).astype(np.float32)
    return sparse.csr_array((values, times.indices, times.indptr), shape=times.shape)


def weigh(said: Weights) -> tuple[npt.NDArray[np.float32], Weights, npt.NDArray[np.float64]]:
    """Weigh the terms of each work by TF-IDF.

    Lengths are evened out by pivoted normalisation (Singhal, Buckley and Mitra, SIGIR 1996): plain cosine
    would bury works with long descriptions under works with a two-word title.

    Parameters
    ----------
    said : csr_array of float32, shape (n terms, n works)
        As from :func:`saturated`, of all works; indices sorted.

    Returns
    -------
    idf : ndarray of float32, shape (n terms,)
        As :attr:`Vocabulary.idf`.
    weights : csr_array of float32, shape (n terms, n works)
        The inner product with a query from :meth:`Vocabulary.query` is the score; a work of middling length
        has a column of unit length.
    lengths : ndarray of float64, shape (n works,)
        How long each work is, as :func:`evened_out` takes them.
    """
    idf = rarity(np.diff(said.indptr), said.shape[1])
    lengths = lengths_of(said, idf)
    values = said.data * np.repeat(idf, np.diff(said.indptr)) * evened_out(lengths)[said.indices]
    return idf, sparse.csr_array((values, said.indices, said.indptr), shape=said.shape), lengths


def lengths_of(said: Weights, idf: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return how long each work is, shape (n works,): the norm of its weights before lengths are evened out.

    Parameters
    ----------
    said : csr_array of float32, shape (n stems, n works)
        As from :func:`saturated`; may be mapped from disk, and is read part by part.
    idf : ndarray of float32, shape (n stems,)
        How rare each is; 0 for those that do not count.
    """
    squares = np.zeros(said.shape[1], dtype=np.float64)
    for start in range(0, len(said.data), _ENTRIES_AT_ONCE):
        some = slice(start, start + _ENTRIES_AT_ONCE)
        of_each = np.diff(said.indptr.clip(some.start, some.stop))
        values = said.data[some].astype(np.float64) * np.repeat(idf, of_each)
        # one after the other, so that a sum does not depend on what else is read
        np.add.at(squares, said.indices[some], values * values)
    return np.sqrt(squares)


def evened_out(lengths: npt.NDArray[np.float64]) -> Vectors:
    """Return what the weights of works are multiplied with for their length, shape (n works,).

    Parameters
    ----------
    lengths : ndarray of float64, shape (n works,)
        As from :func:`lengths_of`, of all works.
    """
    pivot = middling(lengths)
    return np.asarray(1.0 / ((1 - SLOPE) * pivot + SLOPE * lengths), dtype=np.float32)


def middling(lengths: npt.NDArray[np.float64]) -> float:
    """Return the mean length; sorted, so that it does not depend on the order in which works arrived."""
    return float(np.sort(lengths).mean() or 1.0) if len(lengths) else 1.0


def rarity(saying: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.float32]:
    """Return how rare terms are, shape (n terms,), of which so many of n works each say one."""
    return ((1.0 + np.log((1 + n) / (1 + saying))) ** RARITY).astype(np.float32)


def by_work(weights: Weights) -> Weights:
    """Return weights by work instead of by term, or the other way round."""
    return weights.T.tocsr()


def for_search(lengths: npt.NDArray[np.float64]) -> Vectors:
    """Return what a search multiplies the scores of works with, so that their length counts for less.

    Weights are evened out with :data:`SLOPE`, which suits the inner product of two works; a search, which
    also looks at how many of its words a work holds, does best with :data:`SEARCH_SLOPE`.

    Parameters
    ----------
    lengths : ndarray of float64, shape (n works,)
        As from :func:`lengths_of`, of all works.

    Returns
    -------
    ndarray of float32, shape (n works,)
    """
    lengths = lengths / middling(lengths)
    factors = (1 - SLOPE + SLOPE * lengths) / (1 - SEARCH_SLOPE + SEARCH_SLOPE * lengths)
    return np.asarray(factors, dtype=np.float32)


def fit_space(weights: Weights, dimensions: int = DIMENSIONS) -> Vectors:
    """Find the directions in which the works of a collection differ most: latent semantic analysis.

    Deerwester et al., JASIS 1990, by randomised SVD (Halko, Martinsson and Tropp, SIAM Review 2011).

    Parameters
    ----------
    weights : csr_array of float32, shape (n works, n terms)
        As from :func:`weigh`, by work; each row counts alike, whatever its length.
    dimensions : int
        At most this many.

    Returns
    -------
    ndarray of float32, shape (n terms, dim)
        Orthonormal columns; small collections get fewer, as with one for each work nothing would be smoothed.
    """
    if not min(weights.shape):
        return np.zeros((weights.shape[1], 1), dtype=np.float32)
    dim = min(dimensions, 1 + min(weights.shape) // WORKS_PER_DIMENSION)
    from sklearn.utils.extmath import randomized_svd

    _, _, directions = randomized_svd(_unit_rows(weights), dim, n_iter=2, random_state=0)
    return np.ascontiguousarray(directions.T, dtype=np.float32)


def project(weights: Weights, space: Vectors) -> Vectors:
    """Place works in a space.

    Parameters
    ----------
    weights : csr_array of float32, shape (n works, n terms)
        As from :func:`weigh`, by work.
    space : ndarray of float32, shape (n terms, dim)
        As from :func:`fit_space`.

    Returns
    -------
    ndarray of float32, shape (n works, dim)
        Unit-length rows; zero rows for works without a word that the space knows.
    """
    vectors: Vectors = weights @ space
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    known = lengths > 1e-6 * np.maximum(1.0, np.sqrt(_row_sums(weights.data**2, weights.indptr)))[:, None]
    return np.where(known, vectors / np.where(known, lengths, 1), 0).astype(np.float32)


def _saturated(times: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    share = times + SATURATION
    np.divide(SATURATION + 1, share, out=share)  # in place: these are millions
    share *= times
    return share


def _unit_rows(weights: Weights) -> Weights:
    lengths = np.sqrt(_row_sums(weights.data**2, weights.indptr))
    values = weights.data / np.repeat(lengths, np.diff(weights.indptr)).astype(np.float32)
    return sparse.csr_array((values, weights.indices, weights.indptr), shape=weights.shape)


def _row_sums(values: npt.NDArray[np.floating], indptr: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    rows = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    sums: npt.NDArray[np.float64] = np.bincount(rows, values, len(indptr) - 1).astype(np.float64)
    return sums
