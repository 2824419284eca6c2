"""Which places lie in a region, and what else a place is called: *Oxfordshire*, *Venezia*.

Few works that show Woodstock say that it is in Oxfordshire, and few English catalogues say Venezia.
``places.txt.gz`` was made by ``tools/places.py`` from GeoNames, and ``places.txt`` says under which terms;
``place_names.txt`` was written by hand. They are read the first time they are asked.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from functools import cache
from itertools import combinations
from pathlib import Path

from ham_recommend.encode.analyzer import fold

OUT = Path(__file__).with_name("places.txt.gz")
NAMES = Path(__file__).with_name("place_names.txt")
HAS = ">"
"""What parts a region from the places in it, in a line of the file."""
LONGEST_REGION = 4
"""Words of the name of a region, at most."""


class Places:
    """The gazetteer; get it with :func:`places`."""

    def __init__(self, path: Path = OUT, names: Path = NAMES) -> None:
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        parted = (line.split(HAS) for line in lines)
        self._inside = {frozenset(region.split()): inside for region, inside in parted}
        lines = names.read_text(encoding="utf-8").splitlines()
        groups = [line.split() for line in lines if not line.startswith("#")]
        self._names = {fold(name): group for group in groups for name in group}

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
        """Return what else a place is called, as it is written; none for what is no place.

        Parameters
        ----------
        name : str
            Folded, one word.
        """
        return [other for other in self._names.get(name, ()) if fold(other) != name]


@cache
def places() -> Places:
    """Return the gazetteer, read once."""
    return Places()
