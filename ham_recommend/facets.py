"""What works can be narrowed to: values with their numbers of works, and how the works spread over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some years, both included, and how many works may be from them."""

    begin: int
    end: int
    works: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """How works spread over time; a work that may be from several stretches counts in each.

    Parameters
    ----------
    stretches : tuple of Stretch
        Of equal length, oldest first; the outermost may be longer, where few works are far older or younger.
    centuries : tuple of Stretch
        Oldest first.
    """

    stretches: tuple[Stretch, ...] = ()
    centuries: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Facets:
    """What works can be narrowed to, and how many there are of each.

    Parameters
    ----------
    works : int
        How many works meet the whole filter.
    fields : mapping of str to tuple of (str, int)
        Field → its most frequent values with their number of works, as all other conditions leave them.
    timeline : Timeline
        The works over time, as all conditions but the years leave them.
    """

    works: int
    fields: Mapping[str, tuple[tuple[str, int], ...]]
    timeline: Timeline
