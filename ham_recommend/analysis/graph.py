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

from ham_recommend.analysis.artists import artist_hubness
from ham_recommend.analysis.creativity import creativity_of
from ham_recommend.analysis.dates import Floats, p_earlier
from ham_recommend.analysis.neighbours import Neighbours, Rows, neighbours
from ham_recommend.analysis.scoring import NEAREST, Scoring
from ham_recommend.analysis.works import DatedWorks
from ham_recommend.records import Vectors

DAMPING = 0.5
"""Ways back in time are short, as in citations (Chen, Xie, Maslov and Redner, "Finding scientific gems with
Google's PageRank", 2007); the web's 0.85 finds planted lenders as well and depends more on the year."""
WINDOW = 1000
"""Works of the same time that a work's PageRank is compared with; of small collections a twentieth: wider
ones leave more of the year in it, narrower ones less of the lenders (``benchmarks/influence.py``)."""
_LEAST_WINDOW = 30
_CANDIDATES = 3
"""Times ``k`` works nearest by cosine among which the best by score are chosen. Ranks count all of them: by
only ``k``, planted lenders are found less surely (``benchmarks/influence.py``)."""


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
    pagerank : ndarray of float64, shape (n,)
        Of more edges than are kept; see :func:`pagerank`.
    creativity : ndarray of float32, shape (n,)
        How much more each work is like later works than like earlier ones; see :mod:`creativity`.
    artist_hubness : ndarray of float32, shape (artists,)
        See :func:`~ham_recommend.analysis.artists.artist_hubness`.
    """

    edges: Edges
    hubness: Vectors
    pagerank: Floats
    creativity: Vectors
    artist_hubness: Vectors


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

    def edges_of(most: int) -> Edges:
        best = order[place < most]
        return Edges(one[best], other[best], cosine[best], score[best], probable[best])

    ranked = edges_of(len(order))
    return Graph(
        edges_of(k),
        hubness,
        pagerank(ranked, voices(works, ranked), len(works)),
        creativity_of(sides),
        artist_hubness(works, off),
    )


def hubness_of(sides: tuple[Neighbours, Neighbours]) -> Vectors:
    """Return each work's mean cosine with the nearest works on both sides of time, shape (n,)."""
    both = np.concatenate([side.cosines for side in sides], axis=1)
    nearest = -np.sort(-np.where(np.isnan(both), -np.inf, both), axis=1)[:, :NEAREST]
    there = np.isfinite(nearest)
    count = np.maximum(there.sum(axis=1), 1)
    mean: Vectors = (np.where(there, nearest, 0.0).sum(axis=1) / count).astype(np.float32)
    return mean


def voices(works: DatedWorks, edges: Edges) -> Floats:
    """Return how much each edge counts: by the cube of the likeness, and by how sure the artists' order is.

    Works of two contemporaries resemble each other both ways. So what counts is how probable it is that a
    work from all the years of the one artist is earlier than one from those of the other.

    Returns
    -------
    ndarray of float64, shape (len(edges),)
        0 to 1.
    """
    working = works.working
    ordered = 2 * p_earlier(working[edges.earlier], working[edges.later]) - 1
    return np.maximum(edges.cosine, 0.0) ** 3 * np.maximum(ordered, 0.0)


def pagerank(edges: Edges, weights: Floats, count: int) -> Floats:
    """Return the PageRank of each work: later works pass theirs on to the earlier ones they resemble.

    Parameters
    ----------
    edges : Edges
        The graph's.
    weights : ndarray of float64, shape (len(edges),)
        How much each counts.
    count : int
        How many works there are.

    Returns
    -------
    ndarray of float64, shape (n,)
        Sums to 1.
    """
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
        How many works of the same time; ``None`` for :data:`WINDOW`, of small collections a twentieth.

    Returns
    -------
    ndarray of float64, shape (n,)
        0 for what is usual at that time.
    """
    count = len(values)
    wide = min(window or max(_LEAST_WINDOW, min(WINDOW, count // 20)), count)
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
