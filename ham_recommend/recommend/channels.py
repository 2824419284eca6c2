"""Channels: the ways in which works can be close to each other, each with its store of vectors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ham_recommend.index.base import Searchable
from ham_recommend.recommend.fusion import Bounds, fuse
from ham_recommend.recommend.taste import Strategy, take_turns, taste_vector
from ham_recommend.records import ItemIds, Ranking, Vectors

_SAMPLE = 512
_LEAST_SPREAD = 0.05


class Channel:
    """One way in which works can be close: ``"picture"``, ``"words"`` or ``"meaning"``.

    Parameters
    ----------
    name : str
        Its name in rankings.
    store : Searchable
        Unit-length vectors.
    weight : float
        What it counts beside the others.
    item_ids : ndarray of str objects, shape (n,)
        All works of the catalog, with or without a vector here.
    centred : bool
        Whether the collection has a middle worth measuring from; sparse vectors have none, as two works at
        random share next to nothing.
    """

    def __init__(
        self, name: str, store: Searchable, weight: float, item_ids: ItemIds, *, centred: bool = True
    ) -> None:
        self.name = name
        self.store = store
        self.weight = weight
        self.item_ids = item_ids
        self._centred = centred

    @cached_property
    def middle(self) -> Vectors:
        """The average vector of the collection, from a few hundred works evenly spread over the catalog.

        Returns
        -------
        ndarray of float32, shape (dim,)
        """
        if not self._centred:
            return np.zeros(self.store.dim, dtype=np.float32)
        step = max(1, len(self.item_ids) // _SAMPLE)
        sample = [item_id for item_id in self.item_ids[::step].tolist() if item_id in self.store]
        if not sample:
            return np.zeros(self.store.dim, dtype=np.float32)
        middle: Vectors = self.store.vectors(sample).mean(axis=0)
        return middle

    def vectors(self, item_ids: Sequence[str]) -> Vectors:
        """Return the vectors of those works that have one, shape (m, dim)."""
        return self.store.vectors([item_id for item_id in item_ids if item_id in self.store])

    def products(self, vectors: Vectors, item_ids: Sequence[str]) -> Vectors:
        """Return the inner product of each vector with each work, NaN where a work has no vector.

        Parameters
        ----------
        vectors : ndarray of float32, shape (n, dim)
            The questions.
        item_ids : sequence of str, length m
            The works.

        Returns
        -------
        ndarray of float32, shape (n, m)
        """
        columns = [column for column, item_id in enumerate(item_ids) if item_id in self.store]
        products = np.full((len(vectors), len(item_ids)), np.nan, dtype=np.float32)
        products[:, columns] = self.store.products(vectors, [item_ids[column] for column in columns])
        return products


@dataclass(frozen=True, slots=True, eq=False)
class Taste:
    """One interest: in each channel, the vector to search with and the scores that count as 0 and 1.

    Parameters
    ----------
    channels : tuple of Channel
        Those in which the interest has something to say.
    vectors : tuple of ndarray of float32, shape (dim,)
        One per channel, unit length.
    bounds : tuple of (float, float)
        One per channel: the score of an average work, and that of the likes themselves.
    """

    channels: tuple[Channel, ...]
    vectors: tuple[Vectors, ...]
    bounds: tuple[Bounds, ...]

    @classmethod
    def of(
        cls, liked: Sequence[str], disliked: Sequence[str], channels: Sequence[Channel], *, centred: bool
    ) -> Taste:
        """Build the interest that some likes share."""
        used, vectors, bounds = [], [], []
        for channel in channels:
            likes = channel.vectors(liked)
            if not len(likes):
                continue
            origin = channel.middle if centred else np.zeros_like(channel.middle)
            vector = taste_vector(likes, channel.vectors(disliked), origin)
            if vector.any():
                average, best = float(channel.middle @ vector), float((likes @ vector).max())
                used.append(channel)
                vectors.append(vector)
                bounds.append((average, max(best, average + _LEAST_SPREAD)))
        return cls(tuple(used), tuple(vectors), tuple(bounds))

    def nearest(self, k: int, exclude: Collection[str], within: Collection[str] | None) -> set[str]:
        """Return the ``k`` nearest works of every channel."""
        found: set[str] = set()
        for channel, vector in zip(self.channels, self.vectors, strict=True):
            found.update(channel.store.search(vector, k, exclude=exclude, within=within)[0].item_ids.tolist())
        return found

    def closeness(self, item_ids: Sequence[str]) -> Vectors:
        """Return how close works are: 0 for an average work, 1 for the likes themselves.

        Returns
        -------
        ndarray of float32, shape (len(item_ids),)
        """
        products = {
            channel.name: channel.products(vector[None], item_ids)[0]
            for channel, vector in zip(self.channels, self.vectors, strict=True)
        }
        weights = {channel.name: channel.weight for channel in self.channels}
        bounds = {channel.name: pair for channel, pair in zip(self.channels, self.bounds, strict=True)}
        return fuse(products, weights, bounds=bounds)


def tastes_of(
    liked: Sequence[str], disliked: Sequence[str], channels: Sequence[Channel], strategy: Strategy
) -> list[Taste]:
    """Return the interests that likes speak of, leaving out likes with neither text nor picture."""
    known = [item_id for item_id in liked if any(item_id in channel.store for channel in channels)]
    groups = strategy.groups(likeness(known, known, channels)) if known else []
    tastes = [
        Taste.of([known[row] for row in group], disliked, channels, centred=strategy.centred)
        for group in groups
    ]
    return [taste for taste in tastes if taste.channels]


def rank(
    tastes: Sequence[Taste], k: int, exclude: Collection[str], within: Collection[str] | None
) -> Ranking:
    """Return the ``k`` works that the interests name, taking turns."""
    pool = sorted(set().union(*(taste.nearest(k, exclude, within) for taste in tastes)))
    item_ids = np.array(pool, dtype=object)
    if not pool:
        return Ranking(item_ids, np.empty(0, dtype=np.float32))
    scores = take_turns(np.stack([taste.closeness(pool) for taste in tastes]))
    return Ranking.from_scores(item_ids, scores, k)


def likeness(left: Sequence[str], right: Sequence[str], channels: Sequence[Channel]) -> Vectors:
    """Return how alike works are in all channels together: 1 for the same, 0 for two works at random.

    Returns
    -------
    ndarray of float32, shape (len(left), len(right))
        A channel in which either work has no vector counts as 0.
    """
    total = np.zeros((len(left), len(right)), dtype=np.float32)
    weight = sum(channel.weight for channel in channels)
    for channel in channels:
        cosines = cosines_between(left, right, channel)
        expected = float(channel.middle @ channel.middle)
        closeness = (cosines - expected) / max(1.0 - expected, _LEAST_SPREAD)
        total += channel.weight / weight * np.nan_to_num(closeness)
    return total


def cosines_between(left: Sequence[str], right: Sequence[str], channel: Channel) -> Vectors:
    """Return the cosines between works in one channel, NaN where either has no vector.

    Returns
    -------
    ndarray of float32, shape (len(left), len(right))
    """
    cosines = np.full((len(left), len(right)), np.nan, dtype=np.float32)
    rows = [row for row, item_id in enumerate(left) if item_id in channel.store]
    if rows:
        cosines[rows] = channel.products(channel.store.vectors([left[row] for row in rows]), right)
    return cosines
