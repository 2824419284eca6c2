"""What likes say: from liked and disliked works to the vectors a store is asked with.

Strategies differ in two things: which likes speak with one voice, and whether they speak of what sets them
apart from the collection or of all they are.

===== =======================================================================================================
mean  every like in one average vector, as it is: the plain baseline. Two interests meet half way, where
      neither of them lives, so the stronger one takes all the places.
turns likes that have something in common form an interest, and the interests take turns, each naming its best
      work not yet named. All is measured from the collection's middle, so that a likeness counts for what is
      unusual about it.
===== =======================================================================================================

Dislikes pull the other way, as in J. J. Rocchio, "Relevance Feedback in Information Retrieval" (1971).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ham_recommend.errors import SettingsError
from ham_recommend.records import Vectors

MAX_INTERESTS = 6
"""No more interests than this, so that each has its turns within one answer."""

DISLIKE_WEIGHT = 0.35
"""How strongly the average dislike pushes, beside likes of weight 1."""

_NOTHING_IN_COMMON = 2.0**0.5

Groups = list[list[int]]


@dataclass(frozen=True, slots=True)
class Strategy:
    """How likes become an answer.

    Parameters
    ----------
    groups : callable
        Cosines between likes, shape (n, n) → the likes that speak with one voice, each like in one group.
    centred : bool
        Whether likes are measured from the middle of the collection.
    """

    groups: Callable[[Vectors], Groups]
    centred: bool


def together(cosines: Vectors) -> Groups:
    """Put all likes into one group."""
    return [list(range(len(cosines)))]


def by_interest(cosines: Vectors) -> Groups:
    """Put likes that have something in common into one group.

    Ward's method (J. H. Ward, "Hierarchical Grouping to Optimize an Objective Function", 1963) on the
    distances that the cosines stand for, cut where two likes would have nothing in common.

    Returns
    -------
    list of list of int
        At most :data:`MAX_INTERESTS` groups, largest first, then in the order of their first like.
    """
    if len(cosines) == 1:
        return [[0]]
    from scipy.cluster.hierarchy import fcluster, linkage

    pairs = cosines[np.triu_indices(len(cosines), 1)].astype(np.float64)
    tree = linkage(np.sqrt(2.0 * np.maximum(1.0 - pairs, 0.0)), "ward")
    labels = fcluster(tree, _NOTHING_IN_COMMON, "distance")
    if labels.max() > MAX_INTERESTS:
        labels = fcluster(tree, MAX_INTERESTS, "maxclust")
    groups = [np.flatnonzero(labels == label).tolist() for label in np.unique(labels)]
    return sorted(groups, key=lambda group: (-len(group), group[0]))


STRATEGIES: Mapping[str, Strategy] = {
    "mean": Strategy(together, centred=False),
    "turns": Strategy(by_interest, centred=True),
}


def strategy_named(name: object) -> Strategy:
    """Return the strategy of this name.

    Raises
    ------
    SettingsError
        No such strategy; the message lists the known ones.
    """
    if not isinstance(name, str) or name not in STRATEGIES:
        raise SettingsError.unknown("strategy", name, STRATEGIES)
    return STRATEGIES[name]


def taste_vector(liked: Vectors, disliked: Vectors, middle: Vectors) -> Vectors:
    """Return the vector to search with: what the likes share, away from the dislikes.

    Parameters
    ----------
    liked : ndarray of float32, shape (n, dim)
        At least one, unit length.
    disliked : ndarray of float32, shape (m, dim)
        May be empty.
    middle : ndarray of float32, shape (dim,)
        Where likes and dislikes are measured from.

    Returns
    -------
    ndarray of float32, shape (dim,)
        Unit length, or zero where the likes say nothing.
    """
    vector = liked.mean(axis=0) - middle
    if len(disliked):
        vector = vector - DISLIKE_WEIGHT * (disliked.mean(axis=0) - middle)
    length = float(np.linalg.norm(vector))
    unit: Vectors = (vector / length if length > 1e-6 else np.zeros_like(vector)).astype(np.float32)
    return unit


def take_turns(scores: Vectors) -> Vectors:
    """Return one score per candidate, such that sorting by it lets the interests take turns.

    In each round every interest names the best candidate that is not yet named; within the round the closest
    comes first. A candidate named in round ``r`` (from 0) with closeness ``c`` (0 to 1) scores
    ``1 / (2 + r - c)``, so that every candidate of a round comes before those of the next.

    Parameters
    ----------
    scores : ndarray of float32, shape (interests, n)
        Closeness of each candidate to each interest.

    Returns
    -------
    ndarray of float32, shape (n,)
    """
    interests, count = scores.shape
    result: Vectors = scores[0].copy()
    if interests == 1:
        return result
    preferences = [iter(np.argsort(-row, kind="stable").tolist()) for row in scores]
    result[:] = np.nan
    for turn in range(count):
        interest, round_number = turn % interests, turn // interests
        choice = next(row for row in preferences[interest] if np.isnan(result[row]))
        closeness = min(max(float(scores[interest, choice]), 0.0), 0.999)
        result[choice] = 1.0 / (2.0 + round_number - closeness)
    return result
