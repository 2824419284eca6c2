"""The works nearest to each work before it and after it, by other artists, of a whole collection at once.

Exact: every pair is looked at once, in tiles of one matrix product, half of the square. 117,000 × 512 vectors
are 7·10¹² multiplications and take no more memory than the vectors twice and a tile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ham_recommend.analysis.makers import NOBODY
from ham_recommend.analysis.works import DatedWorks
from ham_recommend.records import Vectors

Rows = npt.NDArray[np.int64]

_TILE = 2048
LARGE = 200_000
"""Works from which on vectors are first reduced to :data:`REDUCED` directions; ``benchmarks/influence.py``
prints what share of the neighbours that keeps."""
REDUCED = 64
_NEVER = np.float32(-4.0)
"""Below every cosine: stands where two works must not be neighbours."""
_FEW = 4
"""Up to so many times ``k`` offers in one tile are compared one by one, more by partition; only speed."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The nearest works on one side of time.

    Parameters
    ----------
    rows : ndarray of int64, shape (n, k)
        Nearest first; -1 where there are fewer.
    cosines : ndarray of float32, shape (n, k)
        NaN where there are fewer.
    """

    rows: Rows
    cosines: Vectors


def neighbours(
    works: DatedWorks, k: int, advance: Callable[[int], object] = lambda _rows: None
) -> tuple[Neighbours, Neighbours]:
    """Find the ``k`` nearest earlier and the ``k`` nearest later works of each.

    Works whose dates have the same middle are neither earlier nor later than each other.

    Parameters
    ----------
    works : DatedWorks
        Earliest first.
    k : int
        How many on each side, at least 1.
    advance : callable
        Told how many works have been dealt with.

    Returns
    -------
    earlier, later : Neighbours
    """
    vectors = reduced(works.vectors)
    count = len(works)
    makers, contents, middle = works.makers.of, works.contents, works.dates.middle

    def allowed(one: Rows, other: Rows) -> npt.NDArray[np.bool_]:
        others = (makers[one] != makers[other]) | (makers[one] == NOBODY)
        others &= contents[one] != contents[other]
        apart: npt.NDArray[np.bool_] = others & (middle[one] != middle[other])
        return apart

    before, after = _Nearest(count, k, allowed), _Nearest(count, k, allowed)
    for top in range(0, count, _TILE):
        rows = slice(top, min(top + _TILE, count))
        for left in range(0, top + 1, _TILE):
            columns = slice(left, min(left + _TILE, count))
            cosines = vectors[rows] @ vectors[columns].T
            if top == left:
                cosines[np.triu_indices(len(cosines))] = _NEVER  # later works are not earlier ones
            before.take(rows, columns, cosines)
            after.take(columns, rows, np.ascontiguousarray(cosines.T))
        advance(rows.stop - rows.start)
    return before.found(), after.found()


def reduced(vectors: Vectors) -> Vectors:
    """Return vectors as they are, or, of a very large collection, their strongest directions, unit length."""
    if len(vectors) <= LARGE or vectors.shape[1] <= REDUCED:
        return vectors
    return principal(vectors, REDUCED)


def principal(vectors: Vectors, dim: int) -> Vectors:
    """Return vectors in their ``dim`` strongest directions (PCA), brought to unit length."""
    moments = vectors.T.astype(np.float64) @ vectors
    _, directions = np.linalg.eigh(moments)
    rows = vectors @ directions[:, -dim:].astype(np.float32)
    unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit


class _Nearest:
    """The best of what each work has been offered so far."""

    def __init__(self, count: int, k: int, allowed: Callable[[Rows, Rows], npt.NDArray[np.bool_]]) -> None:
        self._k = k
        self._allowed = allowed
        self._rows = np.full((count, k), -1, dtype=np.int64)
        self._cosines = np.full((count, k), _NEVER, dtype=np.float32)

    def take(self, rows: slice, columns: slice, cosines: Vectors) -> None:
        """Offer each of ``rows`` all ``columns``."""
        better = cosines > self._cosines[rows].min(axis=1)[:, None]
        counts = np.count_nonzero(better, axis=1)
        few = np.flatnonzero((counts > 0) & (counts <= _FEW * self._k))
        many = np.flatnonzero(counts > _FEW * self._k)
        if len(few):
            at, column = np.nonzero(better[few])
            width = int(counts[few].max())
            place = np.arange(len(at)) - np.repeat(np.cumsum(counts[few]) - counts[few], counts[few])
            offered = np.full((len(few), width), -1, dtype=np.int64)
            offered[at, place] = column
            self._merge(rows.start + few, offered, columns.start, cosines[few])
        if len(many):
            allowed = self._allowed(
                np.arange(rows.start, rows.stop)[many, None], np.arange(columns.start, columns.stop)[None, :]
            )
            there = np.where(allowed, cosines[many], _NEVER)
            most = min(self._k, there.shape[1])
            best = np.argpartition(there, there.shape[1] - most, axis=1)[:, -most:]
            self._merge(rows.start + many, best.astype(np.int64), columns.start, there)

    def _merge(self, rows: Rows, offered: Rows, start: int, cosines: Vectors) -> None:
        """Keep the best of what is held and of what is offered: columns of ``cosines``, -1 for none."""
        scores = np.take_along_axis(cosines, np.maximum(offered, 0), 1)
        ok = (offered >= 0) & (scores > _NEVER) & self._allowed(rows[:, None], start + offered)
        held = np.concatenate([self._rows[rows], start + offered], axis=1)
        known = np.concatenate([self._cosines[rows], np.where(ok, scores, _NEVER)], axis=1)
        best = np.argpartition(known, known.shape[1] - self._k, axis=1)[:, -self._k :]
        self._rows[rows] = np.take_along_axis(held, best, 1)
        self._cosines[rows] = np.take_along_axis(known, best, 1)

    def found(self) -> Neighbours:
        order = np.lexsort((self._rows, -self._cosines), axis=1)
        rows, cosines = (np.take_along_axis(held, order, 1) for held in (self._rows, self._cosines))
        there = cosines > _NEVER
        return Neighbours(np.where(there, rows, -1), np.where(there, cosines, np.nan).astype(np.float32))
