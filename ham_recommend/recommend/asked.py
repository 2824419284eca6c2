"""A channel, asked one question: what it knows of likes and dislikes, what is near, and how near."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import count

import numpy as np
import numpy.typing as npt

from ham_recommend.answers import Ranking
from ham_recommend.recommend.channels import Batch, Channel
from ham_recommend.records import Vectors


class AskedChannel(ABC):
    """One channel, asked one question; see :class:`ham_recommend.recommend.question.Question`.

    Vectors are in a space of the channel's own: those it gives can be added and scaled, and be searched with.

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
        self._channel = channel
        self._store = channel.store
        self._liked, self._disliked = liked, disliked
        self._exclude, self._within = exclude, within
        self.batch.expect([*liked, *disliked, *channel.sample])

    @property
    @abstractmethod
    def centroid(self) -> Vectors:
        """The average vector of the collection, shape (dim,); zero where there is none worth the name."""

    @property
    @abstractmethod
    def has_likes(self) -> npt.NDArray[np.bool_]:
        """Which of the liked works have a vector here, shape (number of likes,)."""

    @abstractmethod
    def likes(self, rows: Sequence[int] | None = None) -> Vectors:
        """Return the vectors of those liked works that have one, shape (n, dim).

        Parameters
        ----------
        rows : sequence of int or None
            Only of these of the likes; ``None`` for all.
        """

    @property
    @abstractmethod
    def dislikes(self) -> Vectors:
        """The vectors of those disliked works that have one, shape (n, dim)."""

    @abstractmethod
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

    @abstractmethod
    def _products_with_likes(self, item_ids: Sequence[str]) -> Vectors:
        """Return the products of those likes that have a vector with works, NaN for works without one."""

    def search(self, vectors: Vectors, k: int) -> list[Ranking]:
        """Find the ``k`` nearest works that may come back, for each vector.

        Parameters
        ----------
        vectors : ndarray of float32, shape (n, dim)
            All that the question has to ask here, at once.
        k : int
            How many works. Who wants all of them gets what the store holds of them instead of searching it.
        """
        everything = self._channel.item_ids if self._within is None else self._within
        if k < len(everything):
            asked = self._in_store(vectors)
            return self._store.search(asked, k, exclude=self._exclude, within=self._within)
        ids = sorted(set(everything).difference(self._exclude))
        return [self._ranked(ids, row) for row in self.products(vectors, ids)]

    def _in_store(self, vectors: Vectors) -> Vectors:
        return vectors

    def _ranked(self, item_ids: Sequence[str], products: Vectors) -> Ranking:
        """Rank sorted works as the store would."""
        found = np.flatnonzero(self._answers(products))
        order = found[np.argsort(-products[found], kind="stable")]
        return Ranking(np.array(item_ids, dtype=object)[order], products[order])

    def _answers(self, products: Vectors) -> npt.NDArray[np.bool_]:
        return ~np.isnan(products)

    def cosines_with_likes(self, item_ids: Sequence[str]) -> Vectors:
        """Return the cosine of each liked work with each of some works, NaN where either has no vector.

        Returns
        -------
        ndarray of float32, shape (number of likes, len(item_ids))
        """
        cosines = np.full((len(self._liked), len(item_ids)), np.nan, dtype=np.float32)
        if self.has_likes.any() and len(item_ids):
            cosines[self.has_likes] = self._products_with_likes(item_ids)
        return cosines


class AskedDenseChannel(AskedChannel):
    """A channel of short vectors: those of all works that come up are fetched, and compared here."""

    @property
    def centroid(self) -> Vectors:
        """The average vector of the collection; see :class:`AskedChannel`."""
        return self._channel.centroid(self.batch)

    @cached_property
    def has_likes(self) -> npt.NDArray[np.bool_]:
        """Which of the liked works have a vector here; see :class:`AskedChannel`."""
        return self.batch.rows(self._liked) >= 0

    def likes(self, rows: Sequence[int] | None = None) -> Vectors:
        """Return the vectors of those liked works that have one; see :class:`AskedChannel`."""
        return self.batch.vectors(self._liked if rows is None else [self._liked[row] for row in rows])

    @cached_property
    def dislikes(self) -> Vectors:
        """The vectors of those disliked works that have one; see :class:`AskedChannel`."""
        return self.batch.vectors(self._disliked)

    def products(self, vectors: Vectors, item_ids: Sequence[str]) -> Vectors:
        """Return the inner product of each vector with each work; see :class:`AskedChannel`."""
        return self.batch.products(vectors, item_ids)

    def _products_with_likes(self, item_ids: Sequence[str]) -> Vectors:
        return self.batch.products(self.likes(), item_ids)


class AskedSparseChannel(AskedChannel):
    """A channel of long, nearly empty vectors: only those of likes and dislikes are fetched.

    They are kept without the dimensions in which all of them are empty. The products with the likes are asked
    for along with those that are needed first.
    """

    _asked: Vectors | None = None
    _products: Vectors

    @cached_property
    def _column_of(self) -> dict[str, int]:
        return {}

    @cached_property
    def _known(self) -> tuple[dict[str, int], Vectors, npt.NDArray[np.intp]]:
        """Return which row is which work's, the vectors, and which dimensions of the store they have."""
        found = self._store.get([*self._liked, *self._disliked])
        dims = np.flatnonzero(found.vectors.any(axis=0))
        rows = {item_id: row for row, item_id in enumerate(found.item_ids.tolist())}
        return rows, found.vectors[:, dims], dims

    def _vectors(self, item_ids: Sequence[str]) -> Vectors:
        rows, vectors, _ = self._known
        return vectors[[rows[item_id] for item_id in item_ids if item_id in rows]]

    @cached_property
    def centroid(self) -> Vectors:
        """No centroid: two works at random share next to nothing; see :class:`AskedChannel`."""
        return np.zeros(len(self._known[2]), dtype=np.float32)

    @cached_property
    def has_likes(self) -> npt.NDArray[np.bool_]:
        """Which of the liked works have a vector here; see :class:`AskedChannel`."""
        return np.array([item_id in self._known[0] for item_id in self._liked], dtype=np.bool_)

    def likes(self, rows: Sequence[int] | None = None) -> Vectors:
        """Return the vectors of those liked works that have one; see :class:`AskedChannel`."""
        return self._vectors(self._liked if rows is None else [self._liked[row] for row in rows])

    @cached_property
    def dislikes(self) -> Vectors:
        """The vectors of those disliked works that have one; see :class:`AskedChannel`."""
        return self._vectors(self._disliked)

    def _in_store(self, vectors: Vectors) -> Vectors:
        long: Vectors = np.zeros((len(vectors), self._store.dim), dtype=np.float32)
        long[:, self._known[2]] = vectors
        return long

    def _answers(self, products: Vectors) -> npt.NDArray[np.bool_]:
        return products > 0

    def products(self, vectors: Vectors, item_ids: Sequence[str]) -> Vectors:
        """Return the inner product of each vector with each work; see :class:`AskedChannel`."""
        if self._asked is None or not np.array_equal(vectors, self._asked):
            self._asked, self._column_of = vectors, {}
        return self._remembered(item_ids)[: len(vectors)]

    def _products_with_likes(self, item_ids: Sequence[str]) -> Vectors:
        likes = self.likes()
        if item_ids == self._liked and len(likes) == len(item_ids):
            return likes @ likes.T
        return self._remembered(item_ids)[-len(likes) :]

    def _remembered(self, item_ids: Sequence[str]) -> Vectors:
        """Return the products of what was asked last, and below them those of the likes."""
        missing = [item_id for item_id in dict.fromkeys(item_ids) if item_id not in self._column_of]
        if missing or not self._column_of:
            likes = self.likes()
            both = likes if self._asked is None else np.concatenate([self._asked, likes])
            found = self._store.products(self._in_store(both), missing)
            earlier = [self._products] if self._column_of else []
            self._column_of.update(zip(missing, count(len(self._column_of)), strict=False))
            self._products = np.concatenate([*earlier, found], axis=1)
        return self._products[:, [self._column_of[item_id] for item_id in item_ids]]


def asked(
    channel: Channel,
    liked: Sequence[str],
    disliked: Sequence[str],
    *,
    exclude: Collection[str],
    within: Collection[str] | None,
) -> AskedChannel:
    """Ask a channel a question; parameters are those of :class:`AskedChannel`."""
    sort = AskedSparseChannel if channel.sparse else AskedDenseChannel
    return sort(channel, liked, disliked, exclude=exclude, within=within)
