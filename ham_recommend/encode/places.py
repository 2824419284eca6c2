"""Which places lie in a region, and what else a place is called: *Oxfordshire*, *Venezia*.

Few works that show Woodstock say that it is in Oxfordshire, and few English catalogues say Venezia; a
gazetteer knows both. ``places.txt.gz`` was made by ``tools/places.py`` from GeoNames; ``places.txt`` says
under which terms. It is read the first time it is asked.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from functools import cache
from itertools import combinations
from pathlib import Path

OUT = Path(__file__).with_name("places.txt.gz")
HAS, IS = ">", "="
"""What parts a region from the places in it, and a place from its other names, in a line of the file."""
LONGEST_REGION = 4
"""Words of the name of a region, at most."""


class Places:
    """The gazetteer; get it with :func:`places`."""

    def __init__(self, path: Path = OUT) -> None:
        self._inside: dict[frozenset[str], str] = {}
        self._names: dict[str, list[str]] = {}
        for line in gzip.decompress(path.read_bytes()).decode().split("\n"):
            region, has, inside = line.partition(HAS)
            if has:
                self._inside.setdefault(frozenset(region.split()), inside)
            else:
                name, _, others = line.partition(IS)
                group = [name, *others.split()]
                for one in group:
                    self._names.setdefault(one, []).extend(group)

    def regions(self, asked: Sequence[str]) -> list[tuple[tuple[str, ...], list[str]]]:
        """Return the regions that a question names, and the places in each.

        Parameters
        ----------
        asked : sequence of str
            The folded words of a question, in order; those of a region stand together, in any order.
        """
        found, taken = [], set[int]()
        runs = sorted(combinations(range(len(asked) + 1), 2), key=lambda run: run[0] - run[1])
        for start, stop in runs:
            inside = (
                self._inside.get(frozenset(asked[start:stop])) if stop - start <= LONGEST_REGION else None
            )
            if inside and taken.isdisjoint(range(start, stop)):
                taken.update(range(start, stop))
                found.append((tuple(asked[start:stop]), inside.split()))
        return found

    def other_names(self, name: str) -> list[str]:
        """Return what else a place is called, in other languages and times; none for what is no place.

        Parameters
        ----------
        name : str
            Folded, one word.
        """
        return [other for other in self._names.get(name, ()) if other != name]


@cache
def places() -> Places:
    """Return the gazetteer, read once."""
    return Places()
