"""Tours: from an earlier work to a later one by steps that are each small, strictly onwards in time."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ham_recommend.analysis.checks import is_whole
from ham_recommend.analysis.dates import p_earlier
from ham_recommend.analysis.makers import NOBODY
from ham_recommend.analysis.works import DatedWorks, Rows
from ham_recommend.errors import SettingsError
from ham_recommend.records import Vectors

if TYPE_CHECKING:
    import pandas as pd

    from ham_recommend.analysis.influence import Influence

LEAST_STOPS, MOST_STOPS = 3, 24
BELIEVED = 0.5
"""Least confidence in the date of a stop between the ends: years that contradict what is written have it
still, the years of an artist's life do not."""
POOL = 600
"""Works that a tour may stop at: those closest to the straight way from one end to the other. All of a
smaller collection, where the tour is then the best there is."""


def tour(found: Influence, start: str, end: str, stops: int = 8) -> pd.DataFrame:
    """Lead from one work to a later one: each stop is later than the one before and by another artist.

    Between the ends it stops only at works whose date is believed at least half: a guide does not lead by a
    guess. Of all ways with so many stops the one that leaps least, found by dynamic programming: the sum of
    the squares of ``1 − cosine`` is the smallest, so that one long step costs more than several short ones.

    Parameters
    ----------
    found : Influence
        The collection.
    start, end : str
        The first and the last work; the first must be the earlier one.
    stops : int
        How many works, both ends included, 3 to 24. Fewer where so many do not lie between.

    Returns
    -------
    pandas.DataFrame
        ``item_id, title, artist, date, cosine, p_earlier``, one row per stop: how like the stop before, and
        how probable it is that that one is earlier; NaN for the first.

    Raises
    ------
    UnknownItemError
        There is no such work.
    SettingsError
        The last is not later than the first, no way leads from one to the other, or a number is out of range.
    """
    if not is_whole(stops, LEAST_STOPS, MOST_STOPS):
        raise SettingsError(f"A tour has {LEAST_STOPS} to {MOST_STOPS} stops, not {stops!r}.")
    works = found.works
    first, last = found.row(start), found.row(end)
    middle = works.dates.middle
    if not middle[first] < middle[last]:
        raise SettingsError(
            f"{works.item_ids[last]} is not later than {works.item_ids[first]}, and a tour goes on in time. "
            f"{'Choose another work.' if middle[first] == middle[last] else 'Change the two round.'}"
        )
    rows = _pool(works, first, last)
    likeness = np.array(works.vectors[rows] @ works.vectors[rows].T, dtype=np.float64)
    allowed = steps(works, rows)
    way = next(
        (way for count in range(stops, 1, -1) if (way := best_way(-((1 - likeness) ** 2), allowed, count))),
        None,
    )
    if way is None:
        raise SettingsError(
            f"No way leads from {works.item_ids[first]} to {works.item_ids[last]}: both are by one artist "
            "and no work by another lies between, or a date is not believed at all."
        )
    path = rows[way]
    hops = [float(likeness[a, b]) for a, b in pairwise(way)]
    sure = p_earlier(works.dates[path[:-1]], works.dates[path[1:]])
    return found.table(path, cosine=[np.nan, *hops], p_earlier=[np.nan, *sure.tolist()])


def _pool(works: DatedWorks, first: int, last: int) -> Rows:
    """Return the works between the ends that are closest to the way from one to the other, earliest first."""
    between = np.arange(first + 1, last)
    sure = works.dates.confidence[first + 1 : last] >= BELIEVED
    if sure.sum() > POOL - 2:
        middle, vectors = works.dates.middle, works.vectors
        share = ((middle[between] - middle[first]) / (middle[last] - middle[first])).astype(np.float32)
        there = vectors[first + 1 : last]
        to_first, to_last = there @ vectors[first], there @ vectors[last]
        near = np.where(sure, (1 - share) * to_first + share * to_last, -np.inf)
        between = np.sort(between[np.argpartition(near, len(near) - POOL + 2)[-(POOL - 2) :]])
    else:
        between = between[sure]
    return np.concatenate([[first], between, [last]]).astype(np.int64)


def steps(works: DatedWorks, rows: Rows) -> npt.NDArray[np.bool_]:
    """Return which step from one work to another a tour may take, shape (len(rows), len(rows))."""
    middle, makers, contents = works.dates.middle[rows], works.makers.of[rows], works.contents[rows]
    sure = works.dates.confidence[rows] > 0
    later = (middle[:, None] < middle[None, :]) & sure[:, None] & sure
    others = (makers[:, None] != makers[None, :]) | (makers[:, None] == NOBODY)
    allowed: npt.NDArray[np.bool_] = later & others & (contents[:, None] != contents[None, :])
    return allowed


def best_way(gains: npt.NDArray[np.float64], allowed: npt.NDArray[np.bool_], stops: int) -> list[int] | None:
    """Return the way from the first to the last of ``n`` works with the greatest sum of gains.

    Parameters
    ----------
    gains : ndarray of float64, shape (n, n)
        Of a step from one work to another.
    allowed : ndarray of bool, shape (n, n)
        Which steps may be taken; they go onwards in time only.
    stops : int
        How many works the way has, both ends included.

    Returns
    -------
    list of int or None
        Positions; ``None`` where there is no such way.
    """
    gain = np.where(allowed, gains, -np.inf)
    best = np.full(len(gain), -np.inf)
    best[0] = 0.0
    came: list[npt.NDArray[np.intp]] = []
    for _ in range(stops - 1):
        sums = best[:, None] + gain
        came.append(sums.argmax(axis=0))
        best = sums.max(axis=0)
    if not np.isfinite(best[-1]):
        return None
    way = [len(gain) - 1]
    for before in reversed(came):
        way.append(int(before[way[-1]]))
    return way[::-1]


def straight_way(works: DatedWorks, rows: Rows, stops: int) -> Rows:
    """Return the plain alternative: at even steps in time, the work nearest the straight line.

    Parameters
    ----------
    works : DatedWorks
        The collection.
    rows : ndarray of int64, shape (n,)
        Works in the order of time, the ends first and last.
    stops : int
        How many works, both ends included.
    """
    vectors: Vectors = works.vectors[rows]
    middle = works.dates.middle[rows]
    chosen = [0]
    for step in range(1, stops - 1):
        share = step / (stops - 1)
        aim = (1 - share) * vectors[0] + share * vectors[-1]
        year = (1 - share) * middle[0] + share * middle[-1]
        near = np.argsort(np.abs(middle - year), kind="stable")[: max(5, len(rows) // stops)]
        near = near[(near > chosen[-1]) & (near < len(rows) - 1)]
        if len(near):
            chosen.append(int(near[(vectors[near] @ aim).argmax()]))
    return rows[[*chosen, len(rows) - 1]]
