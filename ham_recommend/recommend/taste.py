"""Tastes: from liked and disliked works to the vectors that channels are searched with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ham_recommend.index.fusion import Bounds, fuse
from ham_recommend.recommend.asked import AskedChannel
from ham_recommend.recommend.question import LEAST_SPREAD, Question
from ham_recommend.records import Vectors

MAX_INTERESTS = 6
"""No more interests than this, so that each names two works within an answer of twelve."""

_NOTHING_IN_COMMON = 2.0**0.5
"""The distance of unit vectors at a right angle, as the likeness of two works at random is 0."""

Groups = list[list[int]]


@dataclass(frozen=True, slots=True, eq=False)
class Taste:
    """What some likes have in common: in each channel, a vector to search with and what counts as close.

    Parameters
    ----------
    vectors : mapping of str to ndarray of float32, shape (dim,)
        Channel → unit-length vector; only channels in which the likes say anything.
    bounds : mapping of str to (float, float)
        Channel → the inner product of an average work, and that of the likes themselves.
    """

    vectors: Mapping[str, Vectors]
    bounds: Mapping[str, Bounds]

    @classmethod
    def of(cls, question: Question, rows: Sequence[int], *, centred: bool, shared: float = 0.0) -> Taste:
        """Return the taste that some of a question's likes share.

        Parameters
        ----------
        question : Question
            Its dislikes push the other way.
        rows : sequence of int
            Which of its likes.
        centred : bool
            Whether likes are measured from the collection's centroid, so that a likeness counts for what is
            unusual about it.
        shared : float
            What the average of all likes counts beside these, from 0 to 1.
        """
        vectors, bounds = {}, {}
        for channel in question.channels:
            likes = channel.likes(rows)
            if not len(likes):
                continue
            centroid = channel.centroid
            origin = centroid if centred else np.zeros_like(centroid)
            counts = question.counts[rows][channel.has_likes[rows]]
            pushed = channel.dislikes, origin, question.weights.dislike
            vector = taste_vector(likes, *pushed, counts=counts)
            if shared and len(rows) < len(question.liked):
                every = taste_vector(channel.likes(), *pushed, counts=question.counts[channel.has_likes])
                vector = unit((1.0 - shared) * vector + shared * every)
            if vector.any():
                average, best = float(centroid @ vector), float((likes @ vector).max())
                vectors[channel.name] = vector
                bounds[channel.name] = average, max(best, average + LEAST_SPREAD)
        return cls(vectors, bounds)

    def opposite(self) -> Taste:
        """Return the taste of what is as far from the average work, on the other side."""
        return Taste(
            {name: -vector for name, vector in self.vectors.items()},
            {name: (-average, best - 2.0 * average) for name, (average, best) in self.bounds.items()},
        )


def tastes_of(
    question: Question, groups: Groups, *, centred: bool, shared: float = 0.0
) -> tuple[list[Taste], list[float]]:
    """Return the taste of each group of likes, without those that say nothing in any channel.

    Returns
    -------
    tastes : list of Taste
    turns : list of float
        How often each of them has its turn, 1 for always: as much as its latest like counts.
    """
    every = [(Taste.of(question, group, centred=centred, shared=shared), group) for group in groups]
    speak = [(taste, float(question.counts[group].max())) for taste, group in every if taste.vectors]
    return [taste for taste, _ in speak], [turn for _, turn in speak]


def taste_vector(
    liked: Vectors,
    disliked: Vectors,
    origin: Vectors,
    dislike_weight: float,
    *,
    counts: npt.NDArray[np.float64] | None = None,
) -> Vectors:
    """Return the vector to search with: what the likes share, away from the dislikes.

    After J. J. Rocchio, "Relevance Feedback in Information Retrieval" (1971).

    Parameters
    ----------
    liked : ndarray of float32, shape (n, dim)
        At least one, unit length.
    disliked : ndarray of float32, shape (m, dim)
        May be empty.
    origin : ndarray of float32, shape (dim,)
        Where likes and dislikes are measured from.
    dislike_weight : float
        How strongly the average dislike pushes, beside likes of weight 1.
    counts : ndarray of float64, shape (n,), or None
        What each like counts; ``None`` for all alike.

    Returns
    -------
    ndarray of float32, shape (dim,)
        Unit length, or zero where the likes say nothing.
    """
    vector = (liked.mean(axis=0) if counts is None else np.average(liked, axis=0, weights=counts)) - origin
    if len(disliked):
        vector = vector - dislike_weight * (disliked.mean(axis=0) - origin)
    return unit(vector)


def unit(vector: Vectors) -> Vectors:
    """Return a vector of length one in this direction, or zero where there is none; shape (dim,)."""
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length > 1e-6 else np.zeros_like(vector), dtype=np.float32)


def interests(likeness: Vectors) -> Groups:
    """Put likes that have something in common into one group.

    Ward's method (J. H. Ward, "Hierarchical Grouping to Optimize an Objective Function", 1963) on the
    distances that the cosines stand for, cut where two likes would have nothing in common.

    Parameters
    ----------
    likeness : ndarray of float32, shape (n, n)
        How alike the likes are to each other.

    Returns
    -------
    list of list of int
        At most :data:`MAX_INTERESTS` groups, largest first, then in the order of their first like.
    """
    if len(likeness) == 1:
        return [[0]]
    from scipy.cluster.hierarchy import fcluster, linkage

    pairs = likeness[np.triu_indices(len(likeness), 1)].astype(np.float64)
    tree = linkage(np.sqrt(2.0 * np.maximum(1.0 - pairs, 0.0)), "ward")
    labels = fcluster(tree, _NOTHING_IN_COMMON, "distance")
    if labels.max() > MAX_INTERESTS:
        labels = fcluster(tree, MAX_INTERESTS, "maxclust")
    groups = [np.flatnonzero(labels == label).tolist() for label in np.unique(labels)]
    return sorted(groups, key=lambda group: (-len(group), group[0]))


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The works that a recommendation is chosen from.

    Parameters
    ----------
    item_ids : list of str
        The works, sorted.
    places : ndarray of int, shape (n,)
        The best place, from 0, that any list has for each.
    answers : ndarray of float32, shape (n,), or None
        How well each answers the words that the question is anchored to, 0 for not at all; ``None`` where it
        is not.
    """

    item_ids: list[str]
    places: npt.NDArray[np.intp]
    answers: Vectors | None


def candidates(question: Question, tastes: Sequence[Taste], depth: int) -> Pool:
    """Return the works that are among the ``depth`` best of any taste in any channel, or of the anchor."""
    places: dict[str, int] = {}
    for channel in question.channels:
        vectors = _vectors_in(channel, tastes)
        if vectors:
            for ranking in channel.search(np.stack(list(vectors.values())), depth):
                for place, item_id in enumerate(ranking.item_ids.tolist()):
                    places[item_id] = min(place, places.get(item_id, place))
    scores: dict[str, float] = {}
    if question.answer is not None:
        answers = question.answer(depth, also=places)
        scores = dict(zip(answers.item_ids.tolist(), answers.scores.tolist(), strict=True))
        for place, item_id in enumerate(answers.item_ids[:depth].tolist()):
            places[item_id] = min(place, places.get(item_id, place))
    found = sorted(places)
    answered = np.array([scores.get(item_id, 0.0) for item_id in found], dtype=np.float32)
    return Pool(
        found,
        np.array([places[item_id] for item_id in found], dtype=np.intp),
        None if question.answer is None else answered,
    )


def closeness(question: Question, tastes: Sequence[Taste], item_ids: Sequence[str]) -> Vectors:
    """Return how close works are to each taste, in all channels together.

    Returns
    -------
    ndarray of float32, shape (len(tastes), len(item_ids))
        0 for an average work, 1 for the likes themselves.
    """
    products: list[dict[str, Vectors]] = [{} for _ in tastes]
    for channel in question.channels:
        vectors = _vectors_in(channel, tastes)
        if vectors:
            rows = channel.products(np.stack(list(vectors.values())), item_ids)
            for at, row in zip(vectors, rows, strict=True):
                products[at][channel.name] = row
    weights = {channel.name: channel.weight for channel in question.channels}
    close = [fuse(own, weights, bounds=taste.bounds) for own, taste in zip(products, tastes, strict=True)]
    return np.stack(close)


def _vectors_in(channel: AskedChannel, tastes: Sequence[Taste]) -> dict[int, Vectors]:
    """Return the vectors of those tastes that say anything in a channel, by their number."""
    return {
        at: taste.vectors[channel.name] for at, taste in enumerate(tastes) if channel.name in taste.vectors
    }
