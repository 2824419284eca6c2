"""Near-identical pictures appear once: impressions of one print, one photograph used for many records."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ham_recommend.answers import Ranking
from ham_recommend.errors import ArtifactError, UnreadablePictureError
from ham_recommend.manifest import NearDuplicateCosines
from ham_recommend.recommend.asked import AskedChannel
from ham_recommend.recommend.channels import Batch
from ham_recommend.records import Vectors
from ham_recommend.workspace import Workspace

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog

log = logging.getLogger(__name__)

Alike = Callable[[Sequence[str], Sequence[str]], npt.NDArray[np.bool_]]
"""Two lists of works → which of the first show the same picture as which of the second."""

Ask = Callable[[int], Ranking]
"""How many works → at least so many, best first, as long as there are so many."""

LOOKS_THE_SAME = 0.99
"""The correlation of 16 × 16 grey values from which two pictures are one.

Of 563,391 pairs of different paintings the most alike reach 0.9895 (two plain squares) and 0.961, and among
those with near vectors 0.83; a picture saved again or scaled down stays above 0.997.
"""

PLACEHOLDER = 20
"""A picture that more works share than this shows none of them, but says that there is no picture.

Chosen, not measured: a museum rarely keeps so many impressions of one plate.
"""

_SIDE = 16
_FLAT = 1e-6
_MORE = 12
"""Candidates asked for beyond the works wanted: few answers repeat more pictures."""
_DEEPER = 8
"""How many times as many are asked for where that was too few."""
_FEW = 4096
"""So many works or fewer are all looked at, rather than some more of them."""
_SPARE = 6


class NearDuplicates:
    """Tells which works show the same picture: equal files, or near vectors and thumbnails that look alike.

    Vectors alone do not settle it: they say what a picture is like, and works of one series can be very much
    alike.

    Parameters
    ----------
    workspace : Workspace
        Where the thumbnails lie.
    catalog : Catalog
        Knows thumbnails and the hash of each work's picture.
    cosines : NearDuplicateCosines or None
        Which picture vectors are near, for the encoder that made them; ``None`` leaves it to equal files.
    """

    def __init__(self, workspace: Workspace, catalog: Catalog, cosines: NearDuplicateCosines | None) -> None:
        pictures = catalog.pictures()
        shared = Counter(pictures.digests)
        self._workspace = workspace
        self._catalog = catalog
        self._cosines = cosines
        self._grey = lru_cache(maxsize=4096)(self._read_grey)
        self._digests = {
            item_id: digest
            for item_id, digest in zip(pictures.item_ids, pictures.digests, strict=True)
            if digest and shared[digest] > 1
        }
        self._placeholders = {
            item_id for item_id, digest in self._digests.items() if shared[digest] > PLACEHOLDER
        }

    def possible(self, pictures: Batch | None) -> bool:
        """Return whether any two works could show the same picture, given these vectors."""
        return bool(self._digests) or (pictures is not None and self._cosines is not None)

    def distinct(
        self,
        ask: Ask,
        count: int,
        known: set[str],
        pictures: AskedChannel | None,
        *,
        most: int,
    ) -> Ranking:
        """Fold works with the same picture, fetching all the vectors that it takes at once.

        Parameters
        ----------
        ask, count, known, most
            As in :func:`distinct`.
        pictures : AskedChannel or None
            The channel of pictures, asked the question.
        """
        vectors = None if pictures is None else pictures.batch
        if not self.possible(vectors):
            return distinct(ask, count, known, None, most=most)
        if vectors is not None:
            vectors.expect(known)

        def ask_and_fetch(wanted: int) -> Ranking:
            found = ask(wanted)
            if vectors is not None:
                vectors.expect(found.item_ids.tolist())
            return found

        alike = partial(self.alike, pictures=vectors)
        return distinct(ask_and_fetch, count, known, alike, most=most)

    def alike(
        self, left: Sequence[str], right: Sequence[str], pictures: Batch | None
    ) -> npt.NDArray[np.bool_]:
        """Return which works of ``left`` show the same picture as which others of ``right``.

        Parameters
        ----------
        left, right : sequence of str
            The works.
        pictures : Batch or None
            Their picture vectors, where the collection has any.

        Returns
        -------
        ndarray of bool, shape (len(left), len(right))
            What it says of a work and itself means nothing.
        """
        same = np.zeros((len(left), len(right)), dtype=np.bool_)
        for rows, columns in self._equal_files(left, right):
            same[np.ix_(rows, columns)] = True
        if pictures is not None and self._cosines is not None:
            for row, column, cosine in self._near_pairs(left, right, pictures, self._cosines.look):
                same[row, column] |= self._look_alike(left[row], right[column], cosine, self._cosines.sure)
        return same

    def _near_pairs(
        self, left: Sequence[str], right: Sequence[str], pictures: Batch, near: float
    ) -> Iterator[tuple[int, int, float]]:
        """Yield the positions of works with near vectors, and their cosine."""
        pictures.expect(right)
        rows, one = self._pictured(left, pictures)
        columns, other = (rows, one) if left == right else self._pictured(right, pictures)
        cosines = one @ other.T
        for row, column in np.argwhere(cosines >= near).tolist():
            if left[rows[row]] != right[columns[column]]:
                yield rows[row], columns[column], float(cosines[row, column])

    def _pictured(self, item_ids: Sequence[str], pictures: Batch) -> tuple[list[int], Vectors]:
        """Return the positions of works with a picture that shows them, and its vector."""
        places = [
            at
            for at, row in enumerate(pictures.rows(item_ids).tolist())
            if row >= 0 and item_ids[at] not in self._placeholders
        ]
        return places, pictures.vectors([item_ids[at] for at in places])

    def _look_alike(self, one: str, other: str, cosine: float, sure: float) -> bool:
        grey, other_grey = self._grey(one), self._grey(other)
        if grey is None or other_grey is None:
            return cosine >= sure
        return float(grey @ other_grey) >= LOOKS_THE_SAME

    def _read_grey(self, item_id: str) -> Vectors | None:
        """Return a thumbnail's grey values with mean 0 and length 1, or ``None`` where it cannot be read."""
        thumbnail = self._catalog[item_id].thumbnail
        if not thumbnail:
            return None
        from PIL import Image

        from ham_recommend.catalog.decoding import open_picture

        try:
            picture = open_picture(self._workspace.own(thumbnail))
        except (UnreadablePictureError, ArtifactError):
            log.warning("The thumbnail of %s cannot be read; build the collection again", item_id)
            return None
        small = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
        grey = np.asarray(small, dtype=np.float32).ravel()
        grey -= grey.mean()
        length = float(np.linalg.norm(grey))
        return grey / length if length > _FLAT else None

    def _equal_files(
        self, left: Sequence[str], right: Sequence[str]
    ) -> Iterator[tuple[list[int], list[int]]]:
        """Yield, for each file that works of both share, the positions of those works."""
        one, other = self._by_digest(left), self._by_digest(right)
        return ((rows, other[digest]) for digest, rows in one.items() if digest in other)

    def _by_digest(self, item_ids: Sequence[str]) -> dict[str, list[int]]:
        positions: dict[str, list[int]] = {}
        for at, item_id in enumerate(item_ids):
            if item_id in self._digests and item_id not in self._placeholders:
                positions.setdefault(self._digests[item_id], []).append(at)
        return positions


def fold(item_ids: Sequence[str], alike: Alike) -> dict[str, tuple[str, ...]]:
    """Fold every work under the best-placed one that shows the same picture.

    Parameters
    ----------
    item_ids : sequence of str
        Best first.
    alike : callable
        Which works show the same picture.

    Returns
    -------
    dict of str to tuple of str
        Work → the works folded under it, both best first; together they are ``item_ids``, each once.
    """
    groups: dict[str, list[str]] = {}
    _fold_into(groups, item_ids, alike)
    return {item_id: tuple(others) for item_id, others in groups.items()}


def _fold_into(groups: dict[str, list[str]], item_ids: Sequence[str], alike: Alike) -> None:
    """Fold further works, all placed below those that are in a group."""
    before = len(groups)
    placed_higher = [*groups, *item_ids]
    same: dict[int, list[str]] = {}
    for row, column in np.argwhere(alike(item_ids, placed_higher)).tolist():
        if column < before + row:
            same.setdefault(row, []).append(placed_higher[column])
    for row, item_id in enumerate(item_ids):
        head = next((other for other in same.get(row, ()) if other in groups), None)
        if head is None:
            groups[item_id] = []
        else:
            groups[head].append(item_id)


def distinct(
    ask: Callable[[int], Ranking], k: int, known: Collection[str], alike: Alike | None, *, most: int
) -> Ranking:
    """Return the ``k`` best works that show different pictures.

    Parameters
    ----------
    ask : callable
        How many works → a ranking of at least so many, if there are so many. It is asked for more than ``k``,
        and again only where most of those show the same pictures.
    k : int
        How many works are wanted; fewer come back when there are no more.
    known : collection of str
        Works shown before: others with the same picture as one of them come after all the rest.
    alike : callable or None
        Which works show the same picture; ``None`` where no two do.
    most : int
        How many works there are, at most.

    Returns
    -------
    Ranking
        With ``folded`` filled by those works that came up while looking for ``k``.
    """
    if alike is None:
        return ask(k).only(slice(k))
    wanted = min(k + _MORE, most)
    found = ask(wanted)
    groups, again = _grouped(found, k, known, alike)
    while len(groups) - len(again) < k and wanted <= len(found) < most:
        wanted = most if most <= _FEW else min(_DEEPER * wanted, most)
        found = ask(wanted)
        groups, again = _grouped(found, k, known, alike)
    fresh = [item_id for item_id in groups if item_id not in again]
    shown = [*fresh, *(item_id for item_id in groups if item_id in again)][:k]
    row_of = {item_id: row for row, item_id in enumerate(found.item_ids.tolist())}
    return replace(
        found.only([row_of[item_id] for item_id in shown]),
        folded={item_id: tuple(groups[item_id]) for item_id in shown if groups[item_id]},
    )


def _grouped(
    found: Ranking, k: int, known: Collection[str], alike: Alike
) -> tuple[dict[str, list[str]], set[str]]:
    """Fold works, best first, until ``k`` are new; return the groups, and which were shown before."""
    item_ids = found.item_ids.tolist()
    groups: dict[str, list[str]] = {}
    again: set[str] = set()
    for start in range(0, len(item_ids), k + _SPARE):
        before = len(groups)
        _fold_into(groups, item_ids[start : start + k + _SPARE], alike)
        again |= _shown_before(list(groups)[before:], known, alike)
        if len(groups) - len(again) >= k:
            break
    return groups, again


def _shown_before(item_ids: Sequence[str], known: Collection[str], alike: Alike) -> set[str]:
    if not known or not item_ids:
        return set()
    repeated = np.flatnonzero(alike(item_ids, sorted(known)).any(axis=1))
    return {item_ids[row] for row in repeated.tolist()}
