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
import numpy.typing as npt

from ham_recommend import registry
from ham_recommend.answers import Ranking
from ham_recommend.errors import SettingsError
from ham_recommend.index.depths import Candidates, stages
from ham_recommend.recommend.question import Question
from ham_recommend.recommend.taste import Groups, Taste, candidates, closeness, interests, tastes_of
from ham_recommend.records import Vectors

DEFAULT = "interleave"
"""The strategy where nobody names one."""

DEPTH = 48
"""How many of the nearest works in each channel the first works of a recommendation are chosen from.

Chosen for speed: what is right in ``benchmarks/recommend_by_text.py`` differs by less than half a hundredth
between 18, 48 and 200.
"""


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
            So many works or more, as long as there are so many, in the order to show them: a larger ``k``
            only adds to it. Scores say how close each
            is, so that they can be compared, and need not fall from one to the next. Empty where the likes
            say nothing.
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
    """Return the works that the tastes name, round by round; at least ``k``, if there are so many.

    Returns
    -------
    Ranking
        Scores say how close a work is to the taste it is closest to: 1 for the likes themselves, 0 for an
        average work.
    """
    places = candidates(question, tastes, stages(k, DEPTH)[-1].depth)
    pool = list(places)
    item_ids = np.array(pool, dtype=object)
    if not pool:
        return Ranking(item_ids, np.empty(0, dtype=np.float32))
    close = closeness(question, tastes, pool)
    found = Candidates(Ranking(item_ids, close.max(axis=0)), np.fromiter(places.values(), np.intp))
    return found.first(k, DEPTH, lambda rows, count: rows[interleave(close[:, rows], count)])


def interleave(close: Vectors, k: int) -> npt.NDArray[np.intp]:
    """Return the first candidates in the order that serves all interests.

    In each round every interest names the closest candidate that is not yet named; within the round the
    closest comes first.

    Parameters
    ----------
    close : ndarray of float32, shape (interests, n)
        Closeness of each candidate to each interest; the first of equally close ones is taken first.
    k : int
        How many.

    Returns
    -------
    ndarray of int, shape (min(k, n),)
        The positions of the candidates, best first.
    """
    count, n = close.shape
    preferences: npt.NDArray[np.intp] = np.argsort(-close, axis=1, kind="stable")
    if count == 1:
        return np.asarray(preferences[0, :k])
    nominations = [iter(row) for row in preferences.tolist()]
    named: set[int] = set()
    order: list[int] = []
    while len(order) < min(k, n):
        chosen = []
        for interest in range(min(count, n - len(order))):
            candidate = next(row for row in nominations[interest] if row not in named)
            named.add(candidate)
            chosen.append((-close[interest, candidate], candidate))
        order += [candidate for _, candidate in sorted(chosen)]
    return np.array(order[:k], dtype=np.intp)


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
