"""What an index may say of its vectors: checked before FAISS goes wherever the numbers point."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ham_recommend.errors import ArtifactMismatchError
from ham_recommend.index._ids import Rows
from ham_recommend.records import Vectors

Numbers = npt.NDArray[Any]
_COMPARED = 64
_ROWS_PER_CLUSTER = 39
"""Fewer, and faiss warns that the clusters cannot be trusted."""


def check_array(what: str, array: Numbers, dtype: type[np.generic], shape: tuple[int, ...]) -> None:
    """Refuse an array of another type or shape than wanted.

    Raises
    ------
    ValueError
        It says both.
    """
    if array.dtype != np.dtype(dtype) or array.shape != shape or not array.flags.c_contiguous:
        raise ValueError(
            f"the {what} are {array.dtype.name:.40} of shape {array.shape}, not {dtype.__name__} {shape}"
        )


def cluster_count(n: int) -> int:
    """Return how many clusters serve ``n`` vectors: about twice the square root, none too small."""
    return max(1, min(int(2 * np.sqrt(n)), n // _ROWS_PER_CLUSTER))


def check_clusters(clusters: Numbers, centroids: Numbers, n: int, dim: int) -> None:
    """Refuse clusters that do not hold each of the vectors.

    Parameters
    ----------
    clusters : ndarray of int32, shape (n,)
        Which cluster each vector is in.
    centroids : ndarray of float32, shape (n clusters, dim)
        Their centroids.
    n, dim : int
        How many vectors there are, at least 1, and of how many dimensions.

    Raises
    ------
    ValueError
        They are none.
    """
    check_array("clusters", clusters, np.int32, (n,))
    check_array("centroids", centroids, np.float32, (len(centroids), dim))
    if not 0 <= clusters.min() <= clusters.max() < len(centroids):
        raise ValueError("a vector is in a cluster that is not there")
    if not np.isfinite(np.einsum("ij,ij->i", centroids, centroids)).all():
        raise ValueError("a centroid holds NaN or infinity")


def checked_graph(
    levels: Numbers, neighbours: Numbers, entry: Numbers, widths: Numbers, n: int
) -> npt.NDArray[np.uint64]:
    """Refuse a graph of neighbours that leads out of itself; return where each vector's neighbours begin.

    Parameters
    ----------
    levels : ndarray of int32, shape (n,)
        On how many levels each vector is.
    neighbours : ndarray of int32, shape (m,)
        The neighbours of each vector on each of its levels; -1 for none.
    entry : ndarray of int32, shape ()
        Where a walk begins.
    widths : ndarray of int32, shape (most levels + 1,)
        Room for neighbours on all levels below each.
    n : int
        How many vectors there are, at least 1.

    Returns
    -------
    ndarray of uint64, shape (n + 1,)

    Raises
    ------
    ValueError
        It leads elsewhere.
    """
    check_array("levels", levels, np.int32, (n,))
    check_array("entry", entry, np.int32, ())
    if not 1 <= levels.min() <= levels.max() < len(widths):
        raise ValueError("a vector is on levels that there are not")
    offsets = np.concatenate([[0], np.cumsum(widths[levels], dtype=np.uint64)]).astype(np.uint64)
    check_array("neighbours", neighbours, np.int32, (int(offsets[-1]),))
    if not (neighbours.min() >= -1 and neighbours.max() < n):
        raise ValueError("a neighbour is not there")
    if not 0 <= entry < n or levels[entry] != levels.max():
        raise ValueError("the walk begins below the highest level")
    for level in range(1, int(levels.max())):
        here = np.flatnonzero(levels > level)
        slots = offsets[here].astype(np.intp)[:, None] + np.arange(widths[level], widths[level + 1])
        linked = neighbours[slots]
        if not (levels[linked[linked >= 0]] > level).all():
            raise ValueError("a neighbour is not on the level that leads to it")
    return offsets


def compared_rows(n: int) -> Rows:
    """Return some rows of an index, which are compared to see that it is of these vectors."""
    return np.linspace(0, n - 1, min(_COMPARED, n)).astype(np.intp)


def _same(kept: Numbers, given: Vectors, precision: type[np.floating]) -> bool:
    """Return whether vectors are those that were given, as far as a precision can tell."""
    if precision is np.float32:
        return np.array_equal(kept, given)
    limits = np.finfo(precision)  # FAISS and NumPy do not round numbers alike that lie half-way
    return kept.shape == given.shape and np.allclose(kept, given, float(limits.eps), float(limits.tiny))


def check_fits(
    path: Path, kind: str, held: Mapping[str, Numbers], vectors: Vectors, precision: type[np.floating]
) -> None:
    """Refuse what was written down of an index of another kind or of other vectors, going by some of them.

    Parameters
    ----------
    path : Path
        Where it was read.
    kind : str
        The kind that is wanted.
    held : mapping of str to ndarray
        What was read: ``kind``, ``shape`` and, of some of the vectors, ``sample``.
    vectors : ndarray of float32, shape (n, dim)
        The embeddings.
    precision : numpy type
        In which the index keeps them.

    Raises
    ------
    ArtifactMismatchError
        It says what differs.
    """
    if str(held["kind"]) != kind:
        raise ArtifactMismatchError(
            f"{path} is an index of the kind {str(held['kind'])!r:.40}, not {kind!r} as wanted. "
            "Build the index again with `ham build`."
        )
    if held["shape"].tolist() != list(vectors.shape):
        raise ArtifactMismatchError(
            f"{path} is an index of {held['shape'].tolist()!s:.80} vectors and dimensions, the embeddings "
            f"have {list(vectors.shape)}. Build the index again with `ham build`."
        )
    if not _same(held["sample"], vectors[compared_rows(len(vectors))], precision):
        raise ArtifactMismatchError(
            f"{path} is an index of other vectors than the embeddings, or in another order. "
            "Build the index again with `ham build`."
        )
