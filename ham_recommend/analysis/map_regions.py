"""What the regions of a map are called: the values and words that set each apart from the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ham_recommend.analysis.communities import telling
from ham_recommend.analysis.map_layout import Cells
from ham_recommend.catalog.describe import match_key
from ham_recommend.records import Artwork

LEVELS = (7, 28, 112)
"""Regions of a map, from those named first to those named when one comes near."""
_SMALLEST = 8
"""Works of a region that is named, on average."""
_NAMING = ("subjects", "classification", "culture", "period")
_WORD = re.compile(r"[^\W\d_]{4,}")
_SHOWN = 40
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class Region:
    """A named part of a map.

    Parameters
    ----------
    level : int
        0 for the largest.
    column, row : int
        The cell in its middle.
    works : int
        How many lie in it.
    name : str
        What sets it apart.
    """

    level: int
    column: int
    row: int
    works: int
    name: str


def regions_of(cells: Cells, works: Sequence[Artwork], seed: int = 0) -> list[Region]:
    """Divide a map and name the parts.

    Parameters
    ----------
    cells : ndarray of int64, shape (n, 2)
        Where each work lies.
    works : sequence of Artwork, length n
        The works.
    seed : int
        Of chance: the same gives the same.

    Returns
    -------
    list of Region
        The largest first on each of up to three levels. A part that nothing sets apart has no name, and is
        not among them.
    """
    said = [_said(work) for work in works]
    written = {word: shown for each in said for word, shown in each.items()}
    everywhere = Counter(word for each in said for word in each)
    found: list[Region] = []
    for level, most in enumerate(LEVELS):
        count = min(most, len(works) // _SMALLEST)
        if count < 2 or (level and count <= LEVELS[level - 1]):
            break
        member = _parts(cells, count, seed)
        sizes = np.bincount(member, minlength=count)
        used: set[str] = set()
        for part in np.argsort(-sizes, kind="stable").tolist():
            rows = np.flatnonzero(member == part)
            here = Counter(word for row in rows.tolist() for word in said[row])
            names = [word for word in telling(here, everywhere, len(rows), len(works)) if word not in used]
            if not names:
                continue
            used.add(names[0])
            column, row = _middle(cells[rows])
            shown = written.get(names[0], names[0])
            found.append(Region(level, column, row, len(rows), f"{shown[:1].upper()}{shown[1:]}"[:_SHOWN]))
    return found


def _parts(cells: Cells, count: int, seed: int) -> npt.NDArray[np.int64]:
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(count, random_state=seed, n_init=3, batch_size=4_096)
    return np.asarray(model.fit_predict(cells.astype(np.float64)), dtype=np.int64)


def _middle(cells: Cells) -> tuple[int, int]:
    """Return the cell of a work that is closest to the median of all."""
    far = np.abs(cells - np.median(cells, axis=0)).sum(axis=1)
    column, row = cells[int(np.argmin(far))].tolist()
    return column, row


def _said(work: Artwork) -> dict[str, str]:
    """Return what may name a region: the values of fields and the words of the title, by how they compare."""
    named = {match_key(value): value for name in _NAMING for value in work.values(name)}
    return {**{match_key(word): word for word in _WORD.findall(work.title)}, **named}
