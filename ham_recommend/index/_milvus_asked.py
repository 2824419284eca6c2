"""What a search asks Milvus: for how many of the nearest, and of which works.

Among 117,245 works a condition that leaves 10 % is answered fastest from a longer list of the nearest, of
which those that are not meant are dropped here; one that leaves less, where Milvus reads all that meet it.
``benchmarks/scale.py`` prints what comes of these numbers.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ham_recommend.catalog.tags import Condition, hash_of
from ham_recommend.index._held_ids import sendable

MOST_ANSWERED = 16_384
"""Works that Milvus gives back at once."""
_LISTED_BELOW = 2_000
"""Allowed works that travel as a list, where their condition cannot be said."""
_READ_THERE = 0.06
"""Share of allowed works up to which Milvus reads those rather than walking its graph (it does below 7 %)."""
_SURPLUS = 1.6
"""How many times as many of the nearest are looked through as would do if the allowed were spread evenly.

With as many in view, .975 of the twelve were found of a tenth of 117,245 works with .9, .984 with 1.2 and
.993 with 1.8.
"""
_IN_VIEW = 1.5
"""How many times as many as are asked for a walk keeps in view, where some of the nearest are dropped here.

Of a tenth of 117,245 works .995 so was found, and .978 or .989 with 1, as the graph came out.
"""
_DEEPEST = 4_000
"""Nearest works that are looked through before Milvus is told which are allowed."""
_BROAD = 640
"""Works a walk keeps in view at least, where most of those it meets may be ones that are not allowed.

Of 10 % of 117,245 works 96 found .89, 256 .95, and 640 .975.
"""


@dataclass(frozen=True, slots=True)
class Try:
    """One way to ask for the nearest.

    Parameters
    ----------
    depth : int
        How many of them.
    among : str
        Milvus's filter; empty for all works.
    breadth : int
        Works that a walk keeps in view at least.
    """

    depth: int
    among: str = ""
    breadth: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search may answer with.

    Parameters
    ----------
    most : int
        How many works at most.
    dropped : frozenset of str
        Works that may not come back.
    allowed : frozenset of str or None
        The only ones that may, dropped or not; ``None`` for all.
    condition : str
        Milvus's filter that leaves all of these, and few others; empty where there is none.
    until : float
        When the question has to be answered, by :func:`time.monotonic`.
    """

    most: int
    dropped: frozenset[str]
    allowed: frozenset[str] | None
    condition: str
    until: float

    def allows(self, item_id: str) -> bool:
        """Return whether a work may come back."""
        return item_id not in self.dropped and (self.allowed is None or item_id in self.allowed)

    @property
    def drops(self) -> bool:
        """Whether some works may not come back."""
        return bool(self.dropped) or self.allowed is not None

    @property
    def left(self) -> frozenset[str]:
        """The works that may come back, where not all may."""
        return (self.allowed or frozenset()) - self.dropped

    def tries(self, works: int) -> Iterator[Try]:
        """Yield ways to ask, of which a later one finds what an earlier one may miss."""
        if self.allowed is None:
            full = self.most + len(self.dropped)
            depths = [min(full, 4 * self.most), full]
            for depth in dict.fromkeys(depths):
                if depth <= MOST_ANSWERED:
                    yield Try(depth, breadth=int(_IN_VIEW * depth))
            return
        few = _READ_THERE * works
        if len(self.allowed) > (few if self.condition else min(few, _LISTED_BELOW)):
            depth = int(_SURPLUS * self.most * max(works, 1) / len(self.allowed)) + 1
            if depth <= _DEEPEST:
                yield Try(depth, breadth=int(_IN_VIEW * depth))
        if self.condition:
            yield Try(min(MOST_ANSWERED, self._beside()), self.condition, _BROAD)
        if self.most <= MOST_ANSWERED:
            yield Try(self.most, among(keys_of(sendable(self.left))), _BROAD)

    def _beside(self) -> int:
        """Return how many of the allowed works are enough, as those that are dropped are among them."""
        return self.most + len(self.dropped & (self.allowed or frozenset()))


def left_until(until: float) -> float:
    """Return how many seconds are left, at least a millisecond."""
    return max(0.001, until - time.monotonic())


def keys_of(item_ids: Collection[str]) -> list[int]:
    """Return the key of each work: 63 bits of a hash."""
    return [hash_of(item_id) for item_id in item_ids]


def among(keys: Collection[int]) -> str:
    """Return a filter that leaves the works with these keys."""
    return f"key in [{', '.join(map(str, keys))}]"


def meeting(condition: Condition, also: Collection[int]) -> str:
    """Return a filter that leaves the works that meet a condition, and those with some keys.

    Parameters
    ----------
    condition : Condition
        Numbers alone go into the filter.
    also : collection of int
        Keys of works whose tags cannot be gone by.
    """
    parts = [f"array_contains_any(tags, [{', '.join(map(str, tags)) or -1}])" for tags in condition.tags]
    if condition.begin is not None:
        parts.append(f"last >= {condition.begin}")
    if condition.end is not None:
        parts.append(f"first <= {condition.end}")
    met = " and ".join(parts)
    return f"({met}) or {among(also)}" if met and also else met
