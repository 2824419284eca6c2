"""The works whose tags in a database cannot be gone by: beside a condition these are asked for by ids."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice
from typing import Generic, TypeVar

from ham_recommend.catalog.tags import NO_MARK, Tags

Key = TypeVar("Key", int, str)

TRUSTED = 60.0
"""Seconds for which a work that was loose counts as such."""
_AT_ONCE = 16_384
"""Works that are looked at again for one question: as many as Milvus gives back at once, in .3 s."""


class Loose(Generic[Key]):
    """Works whose tags are not those expected, until whoever fills the database has written them.

    Parameters
    ----------
    expected : mapping of int or str to int
        The marks that tags are expected to have, by what the database calls the works.
    """

    def __init__(self, expected: Mapping[Key, int]) -> None:
        self._state: tuple[dict[Key, int], float] = dict(expected), time.monotonic()

    def left(self, look: Callable[[Collection[Key]], Iterable[tuple[Key, int]]]) -> Collection[Key]:
        """Return those that are still loose; each minute some are looked at again, in turn.

        While all that are looked at have become right, each question looks at more of them: a large change
        is noticed within as many questions as it has parts, and none of these waits for all.

        Parameters
        ----------
        look : callable
            Given some works, it returns the marks of those that the database has.
        """
        expected, since = self._state
        now = time.monotonic()
        if expected and now > since + TRUSTED:
            part = list(islice(expected, _AT_ONCE))
            right = {key for key, mark in look(part) if not _differ(mark, expected[key])}
            later = dict(islice(expected.items(), len(part), None))
            later.update((key, expected[key]) for key in part if key not in right)
            expected = later
            self._state = later, since if len(right) == len(part) else now
        return expected.keys()


def loose_works(held: Mapping[str, int], tags: Tags) -> dict[str, int]:
    """Return the marks expected of those works that have others.

    Parameters
    ----------
    held : mapping of str to int
        The marks that a database holds.
    tags : Tags
        What is expected.
    """
    expected = tags.marks
    return {
        item_id: expected[item_id]
        for item_id in expected.keys() & held.keys()
        if _differ(held[item_id], expected[item_id])
    }


def _differ(held: int, expected: int) -> bool:
    """Return whether the tags with a mark cannot be gone by where others are expected."""
    return held != expected or held == NO_MARK
