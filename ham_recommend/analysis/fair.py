"""A fairer order: the same candidates, shown so that no group is left behind.

After each place the group that is furthest behind its share among the candidates comes next, with its best
work (a greedy form of Geyik, Ambler and Kenthapadi, "Fairness-aware ranking in search and recommendation
systems", 2019). Nothing comes in that was not a candidate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ham_recommend.answers import Ranking
from ham_recommend.errors import SettingsError

if TYPE_CHECKING:
    from ham_recommend.recommend.recommender import Recommender


def reranked(
    candidates: Ranking, labels: npt.NDArray[np.object_], place: Mapping[str, int], k: int
) -> tuple[Ranking, float]:
    """Choose ``k`` of some candidates so that each group's share is what it is among them.

    Parameters
    ----------
    candidates : Ranking
        Best first, more than are to be shown.
    labels : ndarray of str objects, shape (n,)
        The group of each work of the catalog.
    place : mapping of str to int
        ``item_id`` → its position among ``labels``.
    k : int
        How many are to be shown.

    Returns
    -------
    Ranking
        The chosen ones, in their new order; scores stay what they were.
    float
        What share of the sum of scores of the first ``k`` candidates was given up, 0 to 1.
    """
    groups = np.array([labels[place[item_id]] for item_id in candidates.item_ids.tolist()], dtype=object)
    names, member, sizes = np.unique(groups.astype(str), return_inverse=True, return_counts=True)
    share = sizes / max(len(groups), 1)
    waiting = [list(np.flatnonzero(member == at)) for at in range(len(names))]
    given = np.zeros(len(names))
    chosen: list[int] = []
    while len(chosen) < min(k, len(groups)):
        behind = share * (len(chosen) + 1) - given
        behind[[at for at, rows in enumerate(waiting) if not rows]] = -np.inf
        # of groups that are equally far behind, the one whose best work is the best
        group = min(
            (at for at, rows in enumerate(waiting) if rows),
            key=lambda at: (-round(float(behind[at]), 9), waiting[at][0]),
        )
        chosen.append(int(waiting[group].pop(0)))
        given[group] += 1
    scores = candidates.scores.astype(np.float64)
    usual, fairer = scores[: len(chosen)].sum(), scores[chosen].sum()
    cost = float((usual - fairer) / usual) if usual > 0 else 0.0
    return candidates.only(chosen), min(max(cost, 0.0), 1.0)


def fair(
    recommender: Recommender, candidates: Ranking, k: int = 12, *, by: str = "culture"
) -> tuple[Ranking, float]:
    """Re-rank an answer so that groups come in proportion; see :func:`reranked`.

    Parameters
    ----------
    recommender : Recommender
        Whose answer it is.
    candidates : Ranking
        An answer of some five times as many works as are to be shown.
    k : int
        How many are to be shown.
    by : {"culture", "century", "gender", "department", "artist"}
        What the groups are.

    Returns
    -------
    Ranking
        The chosen works.
    float
        What share of closeness that costs, 0 to 1.

    Raises
    ------
    SettingsError
        There is no such field.
    """
    from ham_recommend.analysis.bias import BY, labels_of

    if by not in BY:
        raise SettingsError.unknown("field to be fair by", by, BY)
    place = {item_id: at for at, item_id in enumerate(recommender.catalog.item_ids.tolist())}
    return reranked(candidates, labels_of(recommender)[by], place, k)
