"""Tastes: from liked and disliked works to the vectors that channels are searched with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

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
    def of(cls, question: Question, rows: Sequence[int], *, centred: bool) -> Taste:
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
        """
        vectors, bounds = {}, {}
        for channel in question.channels:
            likes = channel.likes(rows)
            if not len(likes):
                continue
            centroid = channel.centroid
            origin = centroid if centred else np.zeros_like(centroid)
            vector = taste_vector(likes, channel.dislikes, origin, question.weights.dislike)
            if vector.any():
                average, best = float(centroid @ vector), float((likes @ vector).max())
                vectors[channel.name] = vector
                bounds[channel.name] = average, max(best, average + LEAST_SPREAD)
        return cls(vectors, bounds)


def tastes_of(question: Question, groups: Groups, *, centred: bool) -> list[Taste]:
    """Return the taste of each group of likes, without those that say nothing in any channel."""
    tastes = (Taste.of(question, group, centred=centred) for group in groups)
    return [taste for taste in tastes if taste.vectors]


def taste_vector(liked: Vectors, disliked: Vectors, origin: Vectors, dislike_weight: float) -> Vectors:
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

    Returns
    -------
    ndarray of float32, shape (dim,)
        Unit length, or zero where the likes say nothing.
    """
    vector = liked.mean(axis=0) - origin
    if len(disliked):
        vector = vector - dislike_weight * (disliked.mean(axis=0) - origin)
    length = float(np.linalg.norm(vector))
    unit: Vectors = (vector / length if length > 1e-6 else np.zeros_like(vector)).astype(np.float32)
    return unit


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


def candidates(question: Question, tastes: Sequence[Taste], depth: int) -> dict[str, int]:
    """Return the works that are among the ``depth`` nearest of any taste in any channel.

    Returns
    -------
    dict of str to int
        Work → its best place, from 0; sorted by work.
    """
    places: dict[str, int] = {}
    for channel in question.channels:
        vectors = _vectors_in(channel, tastes)
        if vectors:
            for ranking in channel.search(np.stack(list(vectors.values())), depth):
                for place, item_id in enumerate(ranking.item_ids.tolist()):
                    places[item_id] = min(place, places.get(item_id, place))
    return dict(sorted(places.items()))


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
