"""Which ``item_id`` is which row: shared by everything in this step that keeps rows."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any

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
    def _by_hash(self) -> tuple[npt.NDArray[np.int64], Rows, dict[str, int]]:
        """The hashes of the ids in order, the row of each, and of ids with the same hash a dictionary.

        Twelve bytes a work; a dictionary of all would take eighty.
        """
        rows = np.arange(len(self.item_ids)) if self.alive is None else np.flatnonzero(self.alive)
        hashes = _hashes(self.item_ids[rows])
        order = np.argsort(hashes, kind="stable")
        hashes, rows = hashes[order], rows[order].astype(_smallest(len(self.item_ids)))
        same = np.flatnonzero(hashes[1:] == hashes[:-1])
        twins = {self.item_ids[row]: int(row) for row in rows[np.unique([same, same + 1])]}
        return hashes, rows, twins

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
        hashes, rows, twins = self._by_hash
        if not len(rows) or not len(item_ids):
            return np.full(len(item_ids), -1, dtype=np.intp)
        asked = np.fromiter(item_ids, np.object_, len(item_ids))
        wanted = _hashes(asked)
        places = np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)
        found = rows[places].astype(np.intp)
        found[(hashes[places] != wanted) | (self.item_ids[found] != asked)] = -1
        if twins:
            found[:] = [twins.get(item_id, row) for item_id, row in zip(asked, found.tolist(), strict=True)]
        return found

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

    def allowed(
        self, scores: npt.NDArray[np.float32], exclude: Collection[str], within: Collection[str] | None
    ) -> npt.NDArray[np.float32]:
        """Return the scores of all rows with 0 for those that may not be an answer; see :meth:`mask`."""
        mask = self.mask(exclude, within)
        allowed: npt.NDArray[np.float32] = scores if mask is None else scores * mask
        return allowed

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


def _hashes(item_ids: ItemIds) -> npt.NDArray[np.int64]:
    return np.fromiter(map(hash, item_ids), np.int64, len(item_ids))


def _smallest(rows: int) -> type[np.signedinteger[Any]]:
    return np.int32 if rows < 2**31 else np.int64
