"""How deep to look for an answer, so that a longer answer begins with the shorter one.

An answer is chosen from what several lists propose: the best by words, by meaning, by picture. Works that no
list has near its top are not looked at, and how far down that top reaches must not depend on how many works
are wanted. So an answer is made in stages: its first works come from the tops of the lists, the next ones
from deeper tops, and no stage takes back what an earlier one has chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ham_recommend.answers import Ranking

_GROWTH = 2
"""How much deeper each stage looks."""

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of an answer.

    Parameters
    ----------
    depth : int
        How many works of each list it looks at.
    count : int
        How many works the answer has after it, if there are so many: half the depth, as lists overlap.
    """

    depth: int
    count: int


def stages(count: int, first_depth: int) -> list[Stage]:
    """Return the stages of an answer of at least so many works, shallowest first.

    Parameters
    ----------
    count : int
        How many works.
    first_depth : int
        How deep the first stage looks.
    """
    found = [Stage(first_depth, first_depth // 2)]
    while found[-1].count < count:
        deeper = found[-1].depth * _GROWTH
        found.append(Stage(deeper, deeper // 2))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Works that several lists propose.

    Parameters
    ----------
    ranking : Ranking
        All of them, best first.
    places : ndarray of int, shape (len(ranking),)
        The best place, from 0, that any list has for each.
    """

    ranking: Ranking
    places: Rows

    def first(
        self, count: int, first_depth: int, order: Callable[[Rows, int], Rows] | None = None
    ) -> Ranking:
        """Choose an answer.

        Parameters
        ----------
        count : int
            How many works there have to be, as long as there are so many; more may come back.
        first_depth : int
            How deep the first stage looks.
        order : callable or None
            The rows of some candidates, ascending, and how many are wanted → so many, best first; ``None``
            leaves them as they are.
        """
        chosen: Rows = np.empty(0, dtype=np.intp)
        for stage in stages(count, first_depth):
            new = np.setdiff1d(np.flatnonzero(self.places < stage.depth), chosen, assume_unique=True)
            left = stage.count - len(chosen)
            chosen = np.concatenate([chosen, new[:left] if order is None else order(new, left)])
        return self.ranking.only(chosen)


def best_places(lists: list[Rows], size: int) -> Rows:
    """Return the best place that any list has for each of ``size`` works, by row.

    Parameters
    ----------
    lists : list of ndarray of int
        Rows, each list best first; repeated in no list.
    size : int
        The number of works.

    Returns
    -------
    ndarray of int, shape (size,)
        The largest integer for works in no list.
    """
    places = np.full(size, np.iinfo(np.intp).max, dtype=np.intp)
    for rows in lists:
        places[rows] = np.minimum(places[rows], np.arange(len(rows)))
    return places
