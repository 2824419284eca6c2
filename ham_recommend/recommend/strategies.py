"""Strategies: the ways to recommend, from what somebody likes to a ranking.

========== ==================================================================================================
mean       every like in one average vector, as it is: the plain baseline. Two interests meet half way, where
           neither of them lives, so the stronger one takes all the places.
interleave likes that have something in common form an interest, and the interests' lists are interleaved: in
           each round every interest names its best work not yet named. All is measured from the collection's
           centroid, so that a likeness counts for what is unusual about it.
========== ==================================================================================================

``benchmarks/taste.py`` compares them with each other and with what one would try first. Another package adds
a strategy under the entry-point group ``ham_recommend.strategies``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from ham_recommend import registry
from ham_recommend.errors import SettingsError
from ham_recommend.recommend.question import Question
from ham_recommend.recommend.taste import Groups, Taste, candidates, closeness, interests, tastes_of
from ham_recommend.records import Ranking, Vectors

DEFAULT = "interleave"
"""The strategy where nobody names one."""


class Strategy(ABC):
    """A way to recommend. It is made without arguments and keeps nothing between questions."""

    @abstractmethod
    def rank(self, question: Question, k: int) -> Ranking:
        """Answer a question.

        Parameters
        ----------
        question : Question
            The likes, the dislikes and the channels; only what these find may come back.
        k : int
            How many works, at least 1.

        Returns
        -------
        Ranking
            So many works as long as there are so many, best first; higher scores are better. Empty where
            the likes say nothing.
        """


class Mean(Strategy):
    """All likes speak with one voice, of all they are."""

    def rank(self, question: Question, k: int) -> Ranking:
        """Rank by closeness to the average like; see :class:`Strategy`."""
        known = _known_likes(question)
        return interleaved(question, tastes_of(question, [known] if known else [], centred=False), k)


class Interleave(Strategy):
    """Likes with something in common speak with one voice, of what sets them apart from the collection."""

    def rank(self, question: Question, k: int) -> Ranking:
        """Interleave what each interest names; see :class:`Strategy`."""
        return interleaved(question, tastes_of(question, _interests(question), centred=True), k)


def _known_likes(question: Question) -> list[int]:
    """Return which likes have a vector in any channel."""
    known = np.any([channel.has_likes for channel in question.channels], axis=0)
    rows: list[int] = np.flatnonzero(known).tolist()
    return rows


def _interests(question: Question) -> Groups:
    known = _known_likes(question)
    if not known:
        return []
    likeness = question.likeness(question.liked)[np.ix_(known, known)]
    return [[known[row] for row in group] for group in interests(likeness)]


def interleaved(question: Question, tastes: Sequence[Taste], k: int) -> Ranking:
    """Return the ``k`` works that the tastes name, round by round."""
    pool = candidates(question, tastes, k)
    item_ids = np.array(pool, dtype=object)
    if not pool:
        return Ranking(item_ids, np.empty(0, dtype=np.float32))
    return Ranking.from_scores(item_ids, interleave(closeness(question, tastes, pool)), k)


def interleave(scores: Vectors) -> Vectors:
    """Return one score per candidate, such that sorting by it interleaves what the interests name.

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


def strategy_named(name: object) -> Strategy:
    """Make the strategy of this name.

    Raises
    ------
    SettingsError
        No such strategy; the message lists the known ones.
    """
    if not isinstance(name, str):
        raise SettingsError.unknown("strategy", name, registry.known("strategy"))
    strategy: Strategy = registry.load("strategy", name)()
    return strategy
