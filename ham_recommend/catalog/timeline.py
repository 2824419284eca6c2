"""Works over time: which may be from some years, and how many from each stretch of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ham_recommend.facets import Stretch, Timeline

BARS = 60
"""Stretches of a timeline, about: as many as can be told apart and pointed at on a narrow page."""
_WIDTHS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
_RIM = 0.01
"""Share of works at either end that may share the outermost stretch: a few flints do not squeeze the rest."""

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Years:
    """The first and last possible year of every work.

    Parameters
    ----------
    first, last : ndarray of int32, shape (n,)
        Anything where a work is not dated.
    dated : ndarray of bool, shape (n,)
        Which works are.
    """

    first: Numbers
    last: Numbers
    dated: Mask

    def between(self, begin: int | None, end: int | None) -> Mask:
        """Return which works may be from these years, both included; ``None`` for an open end."""
        mask = np.ones(len(self.dated), dtype=np.bool_)
        if begin is not None:
            mask &= self.dated & (self.last >= begin)
        if end is not None:
            mask &= self.dated & (self.first <= end)
        return mask

    def timeline(self, counted: Mask | None) -> Timeline:
        """Return how many works may be from each stretch of years, and from each century.

        The stretches are those of all works, whatever is counted, so that they can be compared.

        Parameters
        ----------
        counted : ndarray of bool, shape (n,), or None
            The works that count; ``None`` for all.
        """
        dated = self.dated if counted is None else self.dated & counted
        first, last = self.first[dated], self.last[dated]
        edges = self._edges()
        return Timeline(_counted(first, last, edges), _counted(first, last, _centuries(edges)))

    def _edges(self) -> npt.NDArray[np.int64]:
        """Return where the stretches begin, and where the last one ends."""
        first, last = self.first[self.dated], self.last[self.dated]
        if not len(first):
            return np.empty(0, dtype=np.int64)
        rim = int(_RIM * len(first))
        begin = int(np.partition(first, rim)[rim])
        end = max(int(np.partition(last, len(last) - 1 - rim)[len(last) - 1 - rim]), begin)
        width = next((each for each in _WIDTHS if (end - begin) / each <= BARS), _WIDTHS[-1])
        edges = np.arange(begin // width * width, end + width + 1, width, dtype=np.int64)
        edges = edges[: np.searchsorted(edges, end, side="right") + 1]
        edges[0], edges[-1] = first.min(), int(last.max()) + 1
        return edges


def _centuries(edges: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the first year of each century that the edges span, and of the one after.

    The first goes back as far as the edges do, where its stretch is longer than the others.
    """
    if not len(edges):
        return edges
    begin, end = (int(year - (year > 0)) // 100 for year in (edges[min(1, len(edges) - 2)], edges[-1] - 1))
    starts = np.arange(begin, end + 2, dtype=np.int64) * 100
    starts += starts >= 0
    starts[0] = min(starts[0], edges[0])
    return starts


def _counted(first: Numbers, last: Numbers, edges: npt.NDArray[np.int64]) -> tuple[Stretch, ...]:
    """Return how many works may be from each of the stretches that begin at ``edges``."""
    if len(edges) < 2:
        return ()
    size = len(edges) - 1
    begins = np.clip(np.searchsorted(edges, first, side="right") - 1, 0, size - 1)
    ends = np.clip(np.searchsorted(edges, last, side="right") - 1, begins, size - 1)
    changes = np.bincount(begins, minlength=size + 1)[: size + 1] - np.bincount(ends + 1, minlength=size + 1)
    works = np.cumsum(changes)[:size].tolist()
    return tuple(
        Stretch(int(begin), int(end) - 1, int(count))
        for begin, end, count in zip(edges[:-1], edges[1:], works, strict=True)
    )
