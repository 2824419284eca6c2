"""The nearest works of each dated work, at whatever time and by whomever, corrected for hubs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ham_recommend.analysis.scoring import NEAREST
from ham_recommend.records import Vectors

if TYPE_CHECKING:
    from ham_recommend.analysis.influence import Influence

_BLOCK = 1024
MOST = 20_000
"""Works that lists are made for, evenly through time; all works may be in them."""


def nearest_lists(found: Influence, k: int) -> npt.NDArray[np.int64]:
    """Return the ``k`` nearest works of each.

    Parameters
    ----------
    found : Influence
        The collection.
    k : int
        How many.

    Returns
    -------
    ndarray of int64, shape (min(n, 20,000), min(k, n - 1))
        Positions, in no order; no list holds its own work or another with the very same picture.
    """
    works, count = found.works, len(found.works)
    asking = np.unique(np.linspace(0, count - 1, min(count, MOST)).round().astype(np.int64))
    wanted = min(k, count - 1)

    def likeness_of(rows: npt.NDArray[np.int64]) -> Vectors:
        likeness: Vectors = works.vectors[rows] @ works.vectors.T
        likeness[works.contents[rows, None] == works.contents] = -np.inf
        return likeness

    blocks = [asking[top : top + _BLOCK] for top in range(0, len(asking), _BLOCK)]
    hubness = found.graph.hubness
    if len(asking) == count:  # else a hub among the works of others has to do
        near = min(NEAREST, count - 1)
        best = (np.partition(likeness_of(rows), count - near, axis=1)[:, -near:] for rows in blocks)
        hubness = np.concatenate([np.where(np.isfinite(each), each, 0).mean(axis=1) for each in best])
    off = found.scoring.taken_off(hubness)
    lists = [np.argpartition(likeness_of(rows) - off, count - wanted, axis=1)[:, -wanted:] for rows in blocks]
    return np.concatenate(lists).astype(np.int64)
