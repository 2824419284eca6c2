"""What every vector store does alike: check what it is given, and score so that equal vectors tie.

A fast scan adds up its products in whatever order suits the machine, so two equal vectors may come out a
rounding error apart, and two stores may disagree about a tie. A scan therefore only proposes rows: all that
could still be among the best within :func:`slack` are scored again in float64, each by itself.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ham_recommend.answers import Ranking, best_first
from ham_recommend.errors import DimensionError, SettingsError
from ham_recommend.records import Embeddings, ItemIds, Vectors

_HALF_STEP = 2.0**-24
_ROWS_AT_ONCE = 4096


def checked_embeddings(embeddings: Embeddings, dim: int) -> Vectors:
    """Return the vectors of embeddings that may enter a store.

    Raises
    ------
    DimensionError
        They have another number of dimensions.
    SettingsError
        An id comes twice, the counts of ids and vectors differ, or a vector holds NaN or infinity.
    """
    vectors = np.asarray(embeddings.vectors)
    if vectors.ndim != 2 or vectors.shape[1] != dim:
        raise DimensionError(f"The store holds vectors of {dim} dimensions, not of shape {vectors.shape}.")
    if len(vectors) != len(embeddings):
        raise SettingsError(f"There are {len(embeddings)} ids for {len(vectors)} vectors; give one for each.")
    if len(set(embeddings.item_ids.tolist())) < len(embeddings):
        raise SettingsError(
            f"{_first_repeated(embeddings.item_ids)!r} comes twice; give each work one vector."
        )
    bad = _first_not_finite(vectors)
    if bad is not None:
        raise SettingsError(
            f"The vector of {embeddings.item_ids[bad]!r} holds NaN or infinity; "
            "encode the work again or leave it out."
        )
    return vectors


def checked_k(k: int) -> int:
    """Return how many works are asked for.

    Raises
    ------
    SettingsError
        ``k`` is negative.
    """
    if k < 0:
        raise SettingsError(f"k is {k}; ask for 0 works or more.")
    return k


def checked_queries(vectors: Vectors, k: int, dim: int) -> Vectors:
    """Return what is asked for as float32 rows.

    Raises
    ------
    DimensionError
        The vectors have another number of dimensions.
    SettingsError
        ``k`` is negative, or a vector holds NaN or infinity.
    """
    checked_k(k)
    queries = np.ascontiguousarray(np.atleast_2d(vectors), dtype=np.float32)
    if queries.ndim != 2 or queries.shape[1] != dim:
        raise DimensionError(
            f"The store holds vectors of {dim} dimensions, not of shape {np.shape(vectors)}."
        )
    if not np.isfinite(queries).all():
        raise SettingsError("A vector to search for holds NaN or infinity; encode the picture or text again.")
    return queries


def slack(query: Vectors) -> float:
    """Return how far two float32 scores of equal unit vectors can lie apart.

    Twice the classic bound for a dot product, ``n u |x| |y|`` (Higham, Accuracy and Stability of Numerical
    Algorithms, 2002, section 3.1).
    """
    return float(2.0 * len(query) * _HALF_STEP * np.linalg.norm(query))


def rescored(vectors: Vectors, query: Vectors) -> Vectors:
    """Return the inner product of each row with the query, summed in float64, row by row alike.

    Parameters
    ----------
    vectors : ndarray of float32, shape (m, dim)
        The rows proposed.
    query : ndarray of float32, shape (dim,)
        The question.
    """
    asked = query.astype(np.float64)
    scores: Vectors = (vectors.astype(np.float64) * asked).sum(axis=1).astype(np.float32)
    return scores


def best_of(item_ids: ItemIds, vectors: Vectors, query: Vectors, k: int) -> Ranking:
    """Return the ``k`` best of what a server proposed, scored anew so that equal vectors tie.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (m,)
        Each once.
    vectors : ndarray of float32, shape (m, dim)
        As they are kept.
    query : ndarray of float32, shape (dim,)
        The question.
    k : int
        At least 0.
    """
    scores = rescored(vectors, query)
    order = best_first(item_ids, scores, k)
    return Ranking(item_ids[order], scores[order])


def at_least_kth(scores: Vectors, k: int, query: Vectors) -> npt.NDArray[np.intp]:
    """Return the positions of all scores that could be among the ``k`` best, given the scan's rounding.

    Parameters
    ----------
    scores : ndarray of float32, shape (m,)
        From a scan.
    k : int
        At least 1.
    query : ndarray of float32, shape (dim,)
        The question.
    """
    if k >= len(scores):
        return np.arange(len(scores))
    kth = np.partition(scores, len(scores) - k)[len(scores) - k]
    return np.flatnonzero(scores >= kth - slack(query))


def _first_repeated(item_ids: ItemIds) -> str:
    ordered: list[str] = sorted(item_ids.tolist())
    return next(one for one, following in pairwise(ordered) if one == following)


def _first_not_finite(vectors: Vectors) -> int | None:
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        finite = np.isfinite(vectors[start : start + _ROWS_AT_ONCE]).all(axis=1)
        if not finite.all():
            return start + int(np.argmin(finite))
    return None
