"""The nearest works of each dated work, at whatever time and by whomever, corrected for hubs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

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
    works, off = found.works, found.scoring.taken_off(found.graph.hubness)
    count = len(works)
    asking = np.unique(np.linspace(0, count - 1, min(count, MOST)).round().astype(np.int64))
    wanted = min(k, count - 1)
    lists = np.empty((len(asking), wanted), dtype=np.int64)
    for top in range(0, len(asking), _BLOCK):
        rows = asking[top : top + _BLOCK]
        likeness = works.vectors[rows] @ works.vectors.T - off
        likeness[works.contents[rows, None] == works.contents] = -np.inf
        lists[top : top + _BLOCK] = np.argpartition(likeness, count - wanted, axis=1)[:, -wanted:]
    return lists
