"""The graph of works: from each later work to the earlier ones it resembles most; what is central in it.

Plain PageRank of such a graph measures age, as the oldest works have had the most time to be resembled.
So it is compared with that of works of the same time (Mariani, Medo and Zhang, "Identification of milestone
papers through time-balanced network centrality", 2016).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ham_recommend.analysis.dates import Floats, p_earlier
from ham_recommend.analysis.neighbours import Neighbours, Rows, neighbours
from ham_recommend.analysis.scoring import NEAREST, Scoring
from ham_recommend.analysis.works import DatedWorks
from ham_recommend.records import Vectors

DAMPING = 0.85
"""As in Brin and Page 1998."""
WINDOW = 1000
"""Works of the same time that a work's PageRank is compared with; of small collections a tenth."""
_CANDIDATES = 3
"""Times ``k`` works nearest by cosine among which the best by score are chosen."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The edges of a graph, each from an earlier work to a later one that resembles it.

    Parameters
    ----------
    earlier, later : ndarray of int64, shape (e,)
        Positions of works.
    cosine, score : ndarray of float32, shape (e,)
        How alike they are; the score as :class:`Scoring` has it.
    p_earlier : ndarray of float64, shape (e,)
        How probable it is that the order in time is this one; more than ½.
    """

    earlier: Rows
    later: Rows
    cosine: Vectors
    score: Vectors
    p_earlier: Floats

    def __len__(self) -> int:
        return len(self.earlier)


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The graph of a collection.

    Parameters
    ----------
    edges : Edges
        Its edges.
    hubness : ndarray of float32, shape (n,)
        Mean cosine of each work with the thirty nearest by other artists, at whatever time.
    """

    edges: Edges
    hubness: Vectors


def build_graph(
    works: DatedWorks, scoring: Scoring, k: int, advance: Callable[[int], object] = lambda _rows: None
) -> Graph:
    """Find for each work the ``k`` earlier works, by other artists, that it resembles most.

    Parameters
    ----------
    works : DatedWorks
        Earliest first.
    scoring : Scoring
        What counts how much.
    k : int
        How many edges lead to each work, at least 1.
    advance : callable
        Told how many works have been dealt with.
    """
    sides = neighbours(works, max(_CANDIDATES * k, NEAREST), advance)
    hubness = hubness_of(sides)
    off = scoring.taken_off(hubness)
    earlier = sides[0]
    later = np.broadcast_to(np.arange(len(works))[:, None], earlier.rows.shape)
    there = earlier.rows >= 0
    one, other, cosine = earlier.rows[there], later[there], earlier.cosines[there]
    probable = p_earlier(works.dates[one], works.dates[other])
    years = works.dates.middle[other] - works.dates.middle[one]
    score = scoring.in_time(cosine - off[one] - off[other], years)
    stands = probable > 0.5
    order = np.lexsort((one, -score, other))
    order = order[stands[order]]
    place = np.arange(len(order)) - np.searchsorted(other[order], other[order], side="left")
    best = order[place < k]
    return Graph(Edges(one[best], other[best], cosine[best], score[best], probable[best]), hubness)


def hubness_of(sides: tuple[Neighbours, Neighbours]) -> Vectors:
    """Return each work's mean cosine with the nearest works on both sides of time, shape (n,)."""
    both = np.concatenate([side.cosines for side in sides], axis=1)
    nearest = -np.sort(-np.where(np.isnan(both), -np.inf, both), axis=1)[:, :NEAREST]
    there = np.isfinite(nearest)
    count = np.maximum(there.sum(axis=1), 1)
    mean: Vectors = (np.where(there, nearest, 0.0).sum(axis=1) / count).astype(np.float32)
    return mean


def pagerank(edges: Edges, count: int) -> Floats:
    """Return the PageRank of each work: later works pass theirs on to the earlier ones they resemble.

    Each edge counts by how probable it is that its order in time is right.

    Returns
    -------
    ndarray of float64, shape (n,)
        Sums to 1.
    """
    weights = 2 * edges.p_earlier - 1
    out = np.bincount(edges.later, weights, minlength=count)
    passed = sparse.csr_array(
        (weights / np.where(out > 0, out, 1.0)[edges.later], (edges.earlier, edges.later)), (count, count)
    )
    rank = np.full(count, 1.0 / count)
    for _ in range(200):
        loose = rank[out == 0].sum()
        following: Floats = DAMPING * (passed @ rank + loose / count) + (1 - DAMPING) / count
        if np.abs(following - rank).sum() < 1e-10:
            return following
        rank = following
    return rank


def rescaled(values: Floats, window: int | None = None) -> Floats:
    """Return by how many standard deviations each value exceeds those of works of the same time.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        In the order of time.
    window : int or None
        How many works of the same time; ``None`` for :data:`WINDOW`, of small collections a tenth.

    Returns
    -------
    ndarray of float64, shape (n,)
        0 for what is usual at that time.
    """
    count = len(values)
    wide = min(window or max(20, min(WINDOW, count // 10)), count)
    start = np.clip(np.arange(count) - wide // 2, 0, count - wide)
    values = values / (np.abs(values).mean() or 1.0)  # else the squares of small ones are lost
    sums, squares = (np.concatenate([[0.0], np.cumsum(values**power)]) for power in (1, 2))
    mean = (sums[start + wide] - sums[start]) / wide
    variance = (squares[start + wide] - squares[start]) / wide - mean**2
    spread = np.sqrt(np.maximum(variance, 0.0))
    result: Floats = (values - mean) / np.where(spread > 1e-15, spread, np.inf)
    return result


def occurrences(rows: npt.NDArray[np.int64], count: int) -> Rows:
    """Return in how many lists of nearest works each work is, shape (n,)."""
    return np.bincount(rows[rows >= 0], minlength=count)
