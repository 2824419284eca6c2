"""Channels: the ways in which works can be close to each other, each with its store of vectors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ham_recommend.index.base import Searchable
from ham_recommend.records import ItemIds, Ranking, Vectors

_SAMPLE = 512
"""Works that the centroid is the average of, at least, where the catalog has so many."""


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
    sparse : bool
        Whether the vectors are long and nearly empty: they are not fetched for many works at once, and there
        is no centroid worth measuring from, as two works at random share next to nothing.
    """

    def __init__(
        self, name: str, store: Searchable, weight: float, item_ids: ItemIds, *, sparse: bool = False
    ) -> None:
        self.name = name
        self.store = store
        self.weight = weight
        self.item_ids = item_ids
        self.sparse = sparse

    @cached_property
    def centroid(self) -> Vectors:
        """The average vector of the collection, from a few hundred works evenly spread over the catalog.

        Returns
        -------
        ndarray of float32, shape (dim,)
        """
        nothing: Vectors = np.zeros(self.store.dim, dtype=np.float32)
        if self.sparse:
            return nothing
        step = max(1, len(self.item_ids) // _SAMPLE)
        sample = self.store.get(self.item_ids[::step].tolist()).vectors
        return sample.mean(axis=0) if len(sample) else nothing


class Batch:
    """The vectors that one question has needed of a store so far: no work is asked for twice.

    Parameters
    ----------
    store : Searchable
        What is asked.
    """

    def __init__(self, store: Searchable) -> None:
        self._store = store
        self._vectors: Vectors = np.empty((0, store.dim), dtype=np.float32)
        self._row_of: dict[str, int] = {}
        self._expected: list[str] = []

    def expect(self, item_ids: Collection[str]) -> None:
        """Ask for these works too, along with the next that are needed."""
        self._expected.extend(item_ids)

    def rows(self, item_ids: Sequence[str]) -> npt.NDArray[np.intp]:
        """Return which of :meth:`vectors` is each work's, -1 for works without a vector."""
        if any(item_id not in self._row_of for item_id in item_ids):
            self._fetch([*self._expected, *item_ids])
        return np.fromiter(map(self._row_of.__getitem__, item_ids), np.intp, len(item_ids))

    def _fetch(self, item_ids: Sequence[str]) -> None:
        new = [item_id for item_id in dict.fromkeys(item_ids) if item_id not in self._row_of]
        found = self._store.get(new)
        self._row_of.update(dict.fromkeys(new, -1))
        rows = range(len(self._vectors), len(self._vectors) + len(found))
        self._row_of.update(zip(found.item_ids.tolist(), rows, strict=True))
        self._vectors = np.concatenate([self._vectors, found.vectors])
        self._expected.clear()

    def vectors(self, item_ids: Sequence[str]) -> Vectors:
        """Return the vectors of those works that have one, shape (m, dim)."""
        rows = self.rows(item_ids)
        return self._vectors[rows[rows >= 0]]

    def products(self, vectors: Vectors, item_ids: Sequence[str]) -> Vectors:
        """Return the inner product of each vector with each work, NaN where a work has no vector.

        Summed in float64, so that works with equal vectors get equal products.

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
        rows = self.rows(item_ids)
        known = rows >= 0
        products = np.full((len(vectors), len(item_ids)), np.nan, dtype=np.float32)
        products[:, known] = vectors @ self._vectors[rows[known]].T
        return products


class AskedChannel:
    """One channel, asked one question; see :class:`ham_recommend.recommend.question.Question`.

    Parameters
    ----------
    channel : Channel
        What is asked.
    liked, disliked : sequence of str
        Works that the question starts from.
    exclude, within
        As in :meth:`ham_recommend.index.base.VectorStore.search`.
    """

    def __init__(
        self,
        channel: Channel,
        liked: Sequence[str],
        disliked: Sequence[str],
        *,
        exclude: Collection[str],
        within: Collection[str] | None,
    ) -> None:
        self.name = channel.name
        self.weight = channel.weight
        self.batch = Batch(channel.store)
        """The vectors fetched so far."""
        self.batch.expect([*liked, *disliked])
        self._channel = channel
        self._liked, self._disliked = liked, disliked
        self._exclude, self._within = exclude, within
        self._to_likes: dict[str, Vectors] = {}

    @property
    def centroid(self) -> Vectors:
        """The average vector of the collection, shape (dim,); zero where there is none worth the name."""
        return self._channel.centroid

    @property
    def has_likes(self) -> npt.NDArray[np.bool_]:
        """Which of the liked works have a vector here, shape (number of likes,)."""
        return self.batch.rows(self._liked) >= 0

    def vectors_of_likes(self, rows: Sequence[int] | None = None) -> Vectors:
        """Return the vectors of those liked works that have one, shape (n, dim).

        Parameters
        ----------
        rows : sequence of int or None
            Only of these of the likes; ``None`` for all.
        """
        return self.batch.vectors(self._liked if rows is None else [self._liked[row] for row in rows])

    def vectors_of_dislikes(self) -> Vectors:
        """Return the vectors of those disliked works that have one, shape (n, dim)."""
        return self.batch.vectors(self._disliked)

    def search(self, vectors: Vectors, k: int) -> list[Ranking]:
        """Find the ``k`` nearest works that may come back, for each vector.

        Parameters
        ----------
        vectors : ndarray of float32, shape (n, dim)
            All that the question has to ask here, at once.
        k : int
            How many works.
        """
        return self._channel.store.search(vectors, k, exclude=self._exclude, within=self._within)

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
        if not self._channel.sparse:
            return self.batch.products(vectors, item_ids)
        likes = self.vectors_of_likes()
        products = self._channel.store.products(np.concatenate([vectors, likes]), item_ids)
        self._to_likes.update(zip(item_ids, products[len(vectors) :].T, strict=True))
        return products[: len(vectors)]

    def cosines_with_likes(self, item_ids: Sequence[str]) -> Vectors:
        """Return the cosine of each liked work with each of some works, NaN where either has no vector.

        Returns
        -------
        ndarray of float32, shape (number of likes, len(item_ids))
        """
        has_likes = self.has_likes
        cosines = np.full((len(has_likes), len(item_ids)), np.nan, dtype=np.float32)
        if has_likes.any() and len(item_ids):
            cosines[has_likes] = self._products_with_likes(item_ids)
        return cosines

    def _products_with_likes(self, item_ids: Sequence[str]) -> Vectors:
        likes = self.vectors_of_likes()
        if not self._channel.sparse:
            return self.batch.products(likes, item_ids)
        if item_ids == self._liked and len(likes) == len(item_ids):
            return likes @ likes.T
        missing = [item_id for item_id in item_ids if item_id not in self._to_likes]
        if missing:
            self.products(likes[:0], missing)
        return np.stack([self._to_likes[item_id] for item_id in item_ids], axis=1)
