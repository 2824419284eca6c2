"""Near-identical pictures appear once: impressions of one print, one photograph used for many records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ham_recommend.index.base import VectorStore
from ham_recommend.records import Ranking, best_first

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog

SAME_PICTURE: Mapping[str, float] = {"style": 0.99}
"""Encoder → the cosine from which two pictures count as one.

``style``: a picture saved again, scaled down or made a little brighter stays above 0.994; of 563,391 pairs of
different paintings the most alike reach 0.985.
"""

SAME_PICTURE_OTHERWISE = 0.98

PLACEHOLDER = 20
"""A picture that more works share than this shows none of them, but says that there is no picture."""

_SPARE = 6


class SamePicture:
    """Tells which works show the same picture: equal files, or vectors closer than different works ever are.

    Parameters
    ----------
    catalog : Catalog
        Knows the hash of each work's picture.
    vectors : VectorStore or None
        The picture vectors, unit length.
    encoder : str or None
        What made them.
    """

    def __init__(self, catalog: Catalog, vectors: VectorStore | None, encoder: str | None) -> None:
        pictures = catalog.pictures()
        shared = Counter(pictures.digests)
        self._vectors = vectors
        self._threshold = SAME_PICTURE.get(encoder or "", SAME_PICTURE_OTHERWISE)
        self._digests = {
            item_id: digest
            for item_id, digest in zip(pictures.item_ids, pictures.digests, strict=True)
            if digest and shared[digest] > 1
        }
        self._placeholders = {
            item_id for item_id, digest in self._digests.items() if shared[digest] > PLACEHOLDER
        }

    @property
    def possible(self) -> bool:
        """Whether any two works could show the same picture."""
        return self._vectors is not None or bool(self._digests)

    def alike(self, left: Sequence[str], right: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Return which works of ``left`` show the same picture as which of ``right``.

        Returns
        -------
        ndarray of bool, shape (len(left), len(right))
        """
        same = np.zeros((len(left), len(right)), dtype=np.bool_)
        for rows, columns in self._equal_files(left, right):
            same[np.ix_(rows, columns)] = True
        if self._vectors is None:
            return same
        rows, columns = (
            [
                at
                for at, item_id in enumerate(side)
                if item_id in self._vectors and item_id not in self._placeholders
            ]
            for side in (left, right)
        )
        if rows and columns:
            one = self._vectors.vectors([left[row] for row in rows])
            other = one if left is right else self._vectors.vectors([right[column] for column in columns])
            same[np.ix_(rows, columns)] |= one @ other.T >= self._threshold
        return same

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


def fold(item_ids: Sequence[str], alike: npt.NDArray[np.bool_]) -> dict[str, tuple[str, ...]]:
    """Fold every work under the best-placed one that shows the same picture.

    Parameters
    ----------
    item_ids : sequence of str, length n
        Best first.
    alike : ndarray of bool, shape (n, n)
        Which of them show the same picture.

    Returns
    -------
    dict of str to tuple of str
        Work → the works folded under it, both best first; together they are ``item_ids``, each once.
    """
    groups: dict[int, list[int]] = {}
    for row in range(len(item_ids)):
        first = next((kept for kept in groups if alike[row, kept]), None)
        if first is None:
            groups[row] = []
        else:
            groups[first].append(row)
    return {item_ids[row]: tuple(item_ids[other] for other in others) for row, others in groups.items()}


def distinct(ask: Callable[[int], Ranking], k: int, known: Collection[str], same: SamePicture) -> Ranking:
    """Return the ``k`` best works that show different pictures.

    Parameters
    ----------
    ask : callable
        How many works → the ranking of so many; asked again for more as long as too few are distinct.
    k : int
        How many works are wanted; fewer come back when there are no more.
    known : collection of str
        Works shown before: others with the same picture as one of them come after all the rest.
    same : SamePicture
        Tells which works show the same picture.

    Returns
    -------
    Ranking
        With ``folded`` filled.
    """
    if not same.possible:
        return ask(k)
    wanted = k + _SPARE
    while True:
        found = ask(wanted)
        candidates = found.item_ids.tolist()
        groups = fold(candidates, same.alike(candidates, candidates))
        again = _shown_before(list(groups), known, same)
        fresh = [item_id for item_id in groups if item_id not in again]
        if len(fresh) >= k or len(found) < wanted:
            last = [item_id for item_id in groups if item_id in again] if len(fresh) < k else []
            return _keep(found, fresh[:k], last[: k - len(fresh[:k])], groups)
        wanted *= 2


def _shown_before(item_ids: Sequence[str], known: Collection[str], same: SamePicture) -> set[str]:
    if not known:
        return set()
    repeated = np.flatnonzero(same.alike(item_ids, sorted(known)).any(axis=1))
    return {item_ids[row] for row in repeated.tolist()}


def _keep(
    found: Ranking, first: list[str], last: list[str], groups: Mapping[str, tuple[str, ...]]
) -> Ranking:
    row_of = {item_id: row for row, item_id in enumerate(found.item_ids.tolist())}
    rows = [row_of[item_id] for item_id in (*first, *last)]
    kept = replace(
        found,
        item_ids=found.item_ids[rows],
        scores=found.scores[rows],
        channels={name: values[rows] for name, values in found.channels.items()},
        folded={item_id: groups[item_id] for item_id in (*first, *last) if groups[item_id]},
    )
    return in_order(kept, len(first))


def in_order(ranking: Ranking, start: int) -> Ranking:
    """Shift the scores from position ``start`` on to below those before it, where they are not.

    For works that come later for another reason than their score.
    """
    if not 0 < start < len(ranking):
        return ranking
    scores = ranking.scores.copy()
    ceiling = np.nextafter(scores[start - 1], np.float32(-np.inf), dtype=np.float32)
    scores[start:] -= max(scores[start:].max() - ceiling, np.float32(0.0))
    scores[start:] = np.minimum(scores[start:], ceiling)
    tail = start + best_first(ranking.item_ids[start:], scores[start:], len(ranking) - start)
    order = np.concatenate([np.arange(start), tail])
    return replace(
        ranking,
        item_ids=ranking.item_ids[order],
        scores=scores[order],
        channels={name: values[order] for name, values in ranking.channels.items()},
    )
