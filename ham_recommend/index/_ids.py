"""Which ``item_id`` is which row: shared by everything in this step that keeps rows."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from itertools import repeat

import numpy as np
import numpy.typing as npt

from ham_recommend.records import ItemIds

Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


class ItemRows:
    """The ids of rows 0, 1, 2, …; never changed once made.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        Unique among the rows alive; kept, not copied.
    alive : ndarray of bool, shape (n,), or None
        Rows that have not been deleted; ``None`` for all.
    """

    def __init__(self, item_ids: ItemIds, alive: Mask | None = None) -> None:
        self.item_ids = item_ids
        self.alive = alive
        self._last_within: tuple[bytes, ItemIds, Mask] | None = None

    def __len__(self) -> int:
        return len(self.item_ids) if self.alive is None else int(np.count_nonzero(self.alive))

    @cached_property
    def _row_of(self) -> dict[str, int]:
        rows = range(len(self.item_ids)) if self.alive is None else np.flatnonzero(self.alive).tolist()
        return dict(zip(self.item_ids[list(rows)].tolist(), rows, strict=True))

    @cached_property
    def _places(self) -> Rows | None:
        """Each row's place in the order of the ids; ``None`` where the rows are in that order already."""
        if len(self.item_ids) < 2 or bool(np.all(self.item_ids[:-1] < self.item_ids[1:])):
            return None
        places = np.empty(len(self.item_ids), dtype=np.intp)
        places[np.argsort(self.item_ids)] = np.arange(len(places))
        return places

    def find(self, item_ids: Collection[str]) -> Rows:
        """Return the rows of those ids that are known, in the order given.

        Parameters
        ----------
        item_ids : collection of str
            Unknown ids are passed over.
        """
        found = self.rows_of(item_ids)
        return found[found >= 0]

    def rows_of(self, item_ids: Collection[str]) -> Rows:
        """Return the row of each id, -1 for unknown ones."""
        return np.fromiter(map(self._row_of.get, item_ids, repeat(-1)), np.intp, len(item_ids))

    def find_each(self, item_ids: Collection[str]) -> Rows:
        """Return the rows of those ids that are known, in the order given, each once.

        Parameters
        ----------
        item_ids : collection of str
            Unknown ids are passed over; may repeat.
        """
        return self.find(item_ids if len(set(item_ids)) == len(item_ids) else dict.fromkeys(item_ids))

    def mask(self, exclude: Collection[str], within: Collection[str] | None) -> Mask | None:
        """Say for each row whether it may be an answer.

        The rows of the last large ``within`` are remembered, as one filter usually serves many searches.

        Parameters
        ----------
        exclude : collection of str
            Rows that may not; unknown ids are passed over.
        within : collection of str or None
            The only rows that may; ``None`` for all.

        Returns
        -------
        ndarray of bool, shape (n,), or None
            ``None`` when every row may. Not to be changed.
        """
        allowed = self.alive if within is None else self._within(within)
        excluded = self.find(exclude) if len(exclude) else ()
        if not len(excluded):
            return allowed
        left = np.ones(len(self.item_ids), dtype=np.bool_) if allowed is None else allowed.copy()
        left[excluded] = False
        return left

    def _within(self, within: Collection[str]) -> Mask:
        asked = np.fromiter(within, np.object_, len(within))
        same_objects = asked.tobytes()
        last = self._last_within
        if last is not None and last[0] == same_objects:
            return last[2]
        allowed = np.zeros(len(self.item_ids), dtype=np.bool_)
        allowed[self.find(asked.tolist())] = True
        # Holding `asked` keeps its strings alive, so their addresses cannot come to mean other ids.
        self._last_within = (same_objects, asked, allowed)
        return allowed

    def best_first(self, rows: Rows, scores: npt.NDArray[np.float32], k: int) -> Rows:
        """Return the positions of the ``k`` best scores, best first, ties broken by ``item_id``.

        Parameters
        ----------
        rows : ndarray of int, shape (m,)
            Unique.
        scores : ndarray of float32, shape (m,)
            One for each of ``rows``; no NaN.
        k : int
            At least 0; fewer come back when there are fewer.
        """
        places = rows if self._places is None else self._places[rows]
        return np.lexsort((places, -scores))[:k]
