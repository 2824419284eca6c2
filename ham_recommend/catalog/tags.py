"""What works are filtered by, as numbers that a database can keep beside a vector and compare.

A tag stands for one value of one field, as filters compare it: a hash of both with 63 bits. Together with the
years of a work it tells whether the work meets a condition. So a database is sent numbers alone, and no text
of a catalogue or of a person is ever part of what it is asked. Two values may share a tag, as likely as five
in a million among ten million: whoever asks still looks whether a work that comes back is one of those meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from ham_recommend.records import ItemIds

Numbers = npt.NDArray[np.int64]

NO_YEAR = 2**31 - 1
"""First year of a work that is not dated; its last is the negative, so that it is from no years at all."""
MOST_TAGS = 1_000
"""Of one work; a database need keep no more."""
NO_MARK = 0
"""The mark of a work with too many tags, whose tags are not kept."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """What one work is filtered by.

    Parameters
    ----------
    first, last : int
        Its years; see :data:`NO_YEAR`.
    tags : sequence of int
        One for each of its values; empty where there are more than :data:`MOST_TAGS`.
    mark : int
        A hash of all of these, by which what is kept can be compared; or :data:`NO_MARK`.
    """

    first: int
    last: int
    tags: Sequence[int]
    mark: int


UNTAGGED = Tagged(NO_YEAR, -NO_YEAR, (), -1)
"""A work of which nobody knows what it is filtered by."""


class Tags:
    """What each work of a catalog is filtered by.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        The works.
    first, last : ndarray of int64, shape (n,)
        Their years; see :data:`NO_YEAR`.
    starts : ndarray of int64, shape (n + 1,)
        Where the tags of each begin and end.
    tags : ndarray of int64, shape (starts[-1],)
        The tags of all works, one work after the other.
    """

    def __init__(
        self, item_ids: ItemIds, first: Numbers, last: Numbers, starts: Numbers, tags: Numbers
    ) -> None:
        self.item_ids = item_ids
        self._first, self._last = first, last
        self._starts, self._tags = starts, tags

    @cached_property
    def marks(self) -> dict[str, int]:
        """The mark of each work."""
        return dict(zip(self.item_ids.tolist(), self._marks.tolist(), strict=True))

    @cached_property
    def _marks(self) -> Numbers:
        """Hashes that do not depend on the order of the tags, of 63 bits."""
        sums = np.zeros(len(self._tags) + 1, dtype=np.uint64)
        np.cumsum(_mixed(self._tags), out=sums[1:])
        marks = sums[self._starts[1:]] - sums[self._starts[:-1]]
        marks += _mixed(self._first * 3 + 1) + _mixed(self._last * 5 + 2)
        signed: Numbers = (_mixed(marks) >> np.uint64(1)).astype(np.int64)
        signed[np.diff(self._starts) > MOST_TAGS] = NO_MARK
        return signed

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {item_id: row for row, item_id in enumerate(self.item_ids.tolist())}

    def of(self, item_id: str) -> Tagged:
        """Return what one work is filtered by.

        Raises
        ------
        KeyError
            The catalog has no such work.
        """
        row = self._rows[item_id]
        mark = int(self._marks[row])
        tags = [] if mark == NO_MARK else self._tags[self._starts[row] : self._starts[row + 1]].tolist()
        return Tagged(int(self._first[row]), int(self._last[row]), tags, mark)


@dataclass(frozen=True, slots=True)
class Condition:
    """What works have to meet, all of it.

    Parameters
    ----------
    begin, end : int or None
        They may be from these years, both included; ``None`` for an open end.
    tags : tuple of tuples of int
        Of each of these they have one tag at least.
    """

    begin: int | None = None
    end: int | None = None
    tags: tuple[tuple[int, ...], ...] = ()


class Within(Collection[str]):
    """The works that a filter leaves, and what they meet in numbers, where that can be said.

    A store that keeps tags need not be sent the ids; to any other this is a collection of ids.

    Parameters
    ----------
    item_ids : ndarray of str objects
        The works, each once.
    condition : callable
        Returns what all of these and no others meet; ``None`` where numbers cannot say it.
    """

    def __init__(self, item_ids: ItemIds, condition: Callable[[], Condition | None]) -> None:
        self.item_ids = item_ids
        self._said = condition

    @cached_property
    def condition(self) -> Condition | None:
        """What all of these works and no others meet."""
        return self._said()

    @cached_property
    def _set(self) -> frozenset[str]:
        return frozenset(self.item_ids.tolist())

    def __len__(self) -> int:
        return len(self.item_ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self.item_ids.tolist())

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._set


def tag_of(field: str, key: str) -> int:
    """Return the tag of a value.

    Parameters
    ----------
    field : str
        Its name.
    key : str
        The value, as filters compare it.
    """
    return hash_of(f"{field}\0{key}")


def hash_of(text: str) -> int:
    """Return a hash of a text with 63 bits, which fit into every database's numbers."""
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") >> 1


def gathered(size: int, fields: Sequence[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers]:
    """Return where the tags of each work begin, shape (size + 1,), and all tags.

    Parameters
    ----------
    size : int
        Number of works.
    fields : sequence of (rows, tags)
        Of each field, which work has which tag.
    """
    empty = np.empty(0, dtype=np.int64)
    rows = np.concatenate([empty, *(rows for rows, _ in fields)])
    tags = np.concatenate([empty, *(tags for _, tags in fields)])
    starts = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=size), out=starts[1:])
    return starts, tags[np.argsort(rows, kind="stable")]


def _mixed(numbers: npt.NDArray[np.integer]) -> npt.NDArray[np.uint64]:
    """Return numbers with their bits mixed: the last step of MurmurHash3 (A. Appleby, public domain)."""
    mixed = numbers.astype(np.uint64)
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        mixed ^= mixed >> np.uint64(33)
        mixed *= np.uint64(factor)
    mixed ^= mixed >> np.uint64(33)
    return mixed
