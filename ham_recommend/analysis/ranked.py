"""The works of others that resemble some works most, on one side of time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from ham_recommend.analysis import groups
from ham_recommend.analysis.dates import p_earlier
from ham_recommend.analysis.groups import Years
from ham_recommend.analysis.works import Rows
from ham_recommend.answers import Query, Ranking
from ham_recommend.recommend.query import checked_k
from ham_recommend.records import Where

if TYPE_CHECKING:
    from ham_recommend.analysis.influence import Influence

Side = Literal[-1, 1]
BEFORE: Side = -1
AFTER: Side = 1


def in_time(
    found: Influence, rows: Rows, side: Side, k: int, *, years: Years = None, where: Where | None = None
) -> Ranking:
    """Rank the works before or after a group by how closely the nearest two follow each other.

    Parameters
    ----------
    found : Influence
        The collection.
    rows : ndarray of int64
        The group's works, in the order of time; at least one.
    side : {BEFORE, AFTER}
        Which side of time.
    k : int
        How many, from 1 to 10,000.
    years : (int or None, int or None) or None
        Only works whose date lies within these years.
    where : mapping or None
        Only works with these fields.

    Raises
    ------
    SettingsError
        An option is out of range.
    """
    works, count, middle = found.works, checked_k(k), found.works.dates.middle
    rows = groups.representatives(works, rows)
    allowed = groups.within(found, years, where) & groups.made_by_others(works, rows)
    # works are in the order of time: those after the first of a group, or before its last
    there = slice(None, int(rows[-1])) if side == BEFORE else slice(int(rows[0]), None)
    off = found.taken_off
    cosines = works.vectors[rows] @ works.vectors[there].T
    gap = side * (middle[there].astype(np.float32) - middle[rows, None].astype(np.float32))
    scores = found.scoring.in_time(cosines - off[there] - off[rows, None], np.abs(gap))
    sure = (works.dates.confidence[there] > 0) & (works.dates.confidence[rows, None] > 0)
    scores[~((gap > 0) & sure & allowed[there])] = -np.inf
    nearest = scores.argmax(axis=0)
    best = scores[nearest, np.arange(scores.shape[1])]
    able = np.flatnonzero(np.isfinite(best))
    others, near = np.arange(len(works))[there][able], rows[nearest[able]]
    one, other = (others, near) if side == BEFORE else (near, others)
    channels = {
        "picture": cosines[nearest[able], able].astype(np.float32),
        "p_earlier": p_earlier(works.dates[one], works.dates[other]).astype(np.float32),
    }
    ids = works.item_ids
    ranking = Ranking.from_scores(ids[others], best[able], count, channels=channels)
    closest = dict(zip(ids[others].tolist(), ids[near].tolist(), strict=True))
    shown = ranking.item_ids.tolist()
    return replace(
        ranking,
        query=Query(liked=tuple(ids[rows].tolist()), k=count, where=dict(where or {})),
        nearest_liked={item_id: closest[item_id] for item_id in shown},
        works=found.recommender.catalog.get(shown),
    )
