"""Works that say something: how many they are, which, and which of them say something else as well.

Whoever asks need not know whether what works say is here or in a database, where they are only counted, or
named, once somebody wants to know.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import reduce
from operator import and_
from typing import Self

import numpy as np

from ham_recommend.index._ids import Rows


class Works(ABC):
    """Some works of a collection; as true as there are any."""

    @property
    @abstractmethod
    def rows(self) -> Rows:
        """Their rows, ascending, each once."""

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return len(self) > 0

    def __and__(self, other: Works) -> Works:
        if not (self and other):
            return WorksHere.none()
        return WorksHere(np.intersect1d(self.rows, other.rows, assume_unique=True))

    def __or__(self, other: Works) -> Works:
        """Return those that are in either; which they are is not asked where one has none."""
        if not (self and other):
            return self or other
        # merges; np.union1d takes ten times as long
        rows = np.sort(np.concatenate([self.rows, other.rows]), kind="stable")
        return WorksHere(rows[np.diff(rows, prepend=-1) > 0])


class WorksHere(Works):
    """Works whose rows are known.

    Parameters
    ----------
    rows : ndarray of int
        Ascending, each once.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    @property
    def rows(self) -> Rows:
        """Their rows."""
        return self._rows

    @classmethod
    def none(cls) -> Self:
        """Return no works."""
        return cls(np.empty(0, dtype=np.intp))


def in_all(groups: Iterable[Works]) -> Works:
    """Return the works that are in each of some groups, of which there is at least one."""
    return reduce(and_, groups)
