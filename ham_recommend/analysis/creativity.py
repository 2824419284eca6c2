"""Creativity: to be unlike what came before and like what came after.

After Elgammal and Saleh, "Quantifying creativity in art networks" (2015), who balance the two in one network;
here they are one difference, as in the resonance of Barron, Huang, Spang and DeDeo, "Individuals,
institutions, and innovation in the debates of the French Revolution" (2018). An early work has few before it
and many after it, so compare works of one time, or one work at two dates.
"""

from __future__ import annotations

import numpy as np

from ham_recommend.analysis.neighbours import Neighbours
from ham_recommend.analysis.works import DatedWorks
from ham_recommend.records import Vectors

NEAREST = 10
"""Works on each side of time; three to thirty tell planted lenders about as well
(``benchmarks/influence.py``)."""


def creativity_of(sides: tuple[Neighbours, Neighbours]) -> Vectors:
    """Return how much more works are like later works than like earlier ones.

    Parameters
    ----------
    sides : (Neighbours, Neighbours)
        The nearest earlier and later works of each, by other artists.

    Returns
    -------
    ndarray of float32, shape (n,)
        The mean cosine with the ten nearest later works, less that with the ten nearest earlier ones; −2 to
        2, and 0 for what there is nothing of.
    """
    earlier, later = (_mean(side.cosines[:, :NEAREST]) for side in sides)
    return later - earlier


def creativity_at(works: DatedWorks, row: int, year: float) -> float:
    """Return what the creativity of one work would be, had it been made in another year.

    Parameters
    ----------
    works : DatedWorks
        The collection.
    row : int
        The position of the work.
    year : float
        Counted through, as in :class:`~ham_recommend.analysis.dates.Dates`.
    """
    cosines: Vectors = works.vectors @ works.vectors[row]
    others = works.made_by_another(row)
    sides = (works.dates.middle < year, works.dates.middle > year)
    earlier, later = (_mean(_greatest(cosines[others & side])[None])[0] for side in sides)
    return float(later - earlier)


def _greatest(cosines: Vectors) -> Vectors:
    return cosines if len(cosines) <= NEAREST else np.partition(cosines, -NEAREST)[-NEAREST:]


def _mean(cosines: Vectors) -> Vectors:
    """Return the mean of each row, without NaN; 0 where there is nothing else."""
    there = ~np.isnan(cosines)
    total: Vectors = np.where(there, cosines, 0).sum(axis=1, dtype=np.float32)
    mean: Vectors = total / np.maximum(there.sum(axis=1), 1).astype(np.float32)
    return mean
