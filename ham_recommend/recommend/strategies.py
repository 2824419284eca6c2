"""Strategies: the ways to recommend, from what somebody likes to a ranking.

========== ==================================================================================================
interleave likes that have something in common form an interest, and the interests' lists are interleaved: in
           each round every interest names its best work not yet named. All is measured from the collection's
           centroid, so that a likeness counts for what is unusual about it, and each interest's taste leans
           towards the average of all likes.
mean       every like in one average vector, as it is: the plain baseline. Two interests meet half way, where
           neither of them lives, so the stronger one takes all the places.
each       every like is an interest of its own, measured from the centroid.
best_score a work counts as its nearest like, or against it if a dislike is nearer: what Qdrant calls by this
           name.
========== ==================================================================================================

The last three are there to compare with: ``benchmarks/taste.py`` and ``ham eval taste`` do. Another package
adds a strategy under the entry-point group ``ham_recommend.strategies``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import ceil

import numpy as np

from ham_recommend import registry
from ham_recommend.answers import Ranking
from ham_recommend.errors import SettingsError
from ham_recommend.index.depths import Candidates, Rows, stages
from ham_recommend.recommend.question import Question
from ham_recommend.recommend.taste import Groups, Pool, Taste, candidates, closeness, interests, tastes_of
from ham_recommend.records import Vectors

DEFAULT = "interleave"
"""The strategy where nobody names one."""

DEPTH = 48
"""How many of the nearest works in each channel the first works of a recommendation are chosen from.

Chosen for speed: what is right in ``benchmarks/recommend_by_text.py`` differs by less than half a hundredth
between 18, 48 and 200.
"""
EMPTY_RANKING = Ranking(np.empty(0, dtype=object), np.empty(0, dtype=np.float32))
_ROUNDING = 1e-9
NAMED = 24
"""Works that are named, at least, before a list that discovery thins out is looked at further down."""


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
        tastes, _ = tastes_of(question, [known] if known else [], centred=False)
        return interleaved(question, tastes, k)


class Each(Strategy):
    """Every like speaks for itself."""

    def rank(self, question: Question, k: int) -> Ranking:
        """Interleave what each like names; see :class:`Strategy`."""
        tastes, turns = tastes_of(question, [[row] for row in _known_likes(question)], centred=True)
        return interleaved(question, tastes, k, turns=turns)


class BestScore(Strategy):
    """The nearest like speaks, unless a dislike is nearer.

    After the strategy of this name in Qdrant's documentation of its recommendation API: the likeness to the
    nearest like, or minus the square of that to the nearest dislike where that is greater.
    """

    def rank(self, question: Question, k: int) -> Ranking:
        """Rank by likeness to the nearest like; see :class:`Strategy`."""
        tastes, _ = tastes_of(question, [[row] for row in _known_likes(question)], centred=False)
        pool = candidates(question, tastes, _depth(question, k))
        if not pool.item_ids:
            return EMPTY_RANKING
        wanted = question.likeness(pool.item_ids).max(axis=0)
        if question.disliked:
            unwanted = question.of_dislikes().likeness(pool.item_ids).max(axis=0)
            wanted = np.where(unwanted > wanted, -np.square(unwanted), wanted)
        return named(question, pool, wanted[None], k)


class Interleave(Strategy):
    """Likes with something in common speak with one voice, of what sets them apart from the collection."""

    def rank(self, question: Question, k: int) -> Ranking:
        """Interleave what each interest names; see :class:`Strategy`."""
        groups, shared = _interests(question), question.weights.shared
        tastes, turns = tastes_of(question, groups, centred=True, shared=shared)
        return interleaved(question, tastes, k, turns=turns)


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


def interleaved(
    question: Question, tastes: Sequence[Taste], k: int, *, turns: Sequence[float] | None = None
) -> Ranking:
    """Return the works that the tastes name, round by round; at least ``k``, if there are so many.

    Parameters
    ----------
    question : Question
        Its dials turn what is named: see :func:`named`.
    tastes : sequence of Taste
        Each names its works.
    k : int
        How many works.
    turns : sequence of float or None
        How often each taste has its turn, 1 for every round; ``None`` for all alike.

    Returns
    -------
    Ranking
        Scores say how close a work is to the taste it is closest to: 1 for the likes themselves, 0 for an
        average work.
    """
    pool = candidates(question, tastes, _depth(question, k))
    if not pool.item_ids or not tastes:
        return EMPTY_RANKING
    close = closeness(question, tastes, pool.item_ids)
    return named(question, pool, close, k, turns=turns)


def unlike(question: Question, k: int) -> Ranking:
    """Return works that have least of what is disliked, where nothing is liked; at least ``k``, if there are.

    Returns
    -------
    Ranking
        Scores are 0 for an average work and 1 for one that is as far from it as the dislikes, on the other
        side.
    """
    turned = question.of_dislikes()
    everything = Taste.of(turned, range(len(turned.liked)), centred=True).opposite()
    return interleaved(turned, [everything] if everything.vectors else [], k)


def _depth(question: Question, k: int) -> int:
    """Return how deep every list is looked at for an answer of ``k`` works."""
    return stages(k, _first_depth(question))[-1].depth


def _first_depth(question: Question) -> int:
    return max(DEPTH, ceil(NAMED * question.reach)) if question.reach > 1 else DEPTH


def named(
    question: Question,
    pool: Pool,
    close: Vectors,
    k: int,
    *,
    turns: Sequence[float] | None = None,
) -> Ranking:
    """Name works by turns, as the dials of the question are set; at least ``k``, if there are so many.

    Parameters
    ----------
    question : Question
        If it is anchored to words, the score of what answers them counts as closeness, and so does
        popularity; discovery decides of how many works that are next one is named: the one that is least like
        any single like.
    pool : Pool
        What may be named, as from :func:`ham_recommend.recommend.taste.candidates`.
    close : ndarray of float32, shape (lists, len(pool.item_ids))
        How close each work is, in each list that names works.
    k : int
        How many works.
    turns : sequence of float or None
        As in :func:`interleaved`.
    """
    if pool.answers is not None:
        close = (1.0 - question.weights.anchor) * close + question.weights.anchor * pool.answers
    liking = close if question.standing is None else close + question.standing(pool.item_ids)
    near = question.likeness(pool.item_ids).max(axis=0) if question.reach > 1 else None

    def order(rows: Rows, count: int) -> Rows:
        known = None if near is None else near[rows]
        return rows[interleave(liking[:, rows], count, turns=turns, reach=question.reach, near=known)]

    ranking = Ranking(np.array(pool.item_ids, dtype=object), close.max(axis=0).astype(np.float32))
    return Candidates(ranking, pool.places).first(k, _first_depth(question), order)


def interleave(
    close: Vectors,
    k: int,
    *,
    turns: Sequence[float] | None = None,
    reach: float = 1.0,
    near: Vectors | None = None,
) -> Rows:
    """Return the first candidates in the order that serves all interests.

    In each round every interest names the closest candidate that is not yet named; within the round the
    closest comes first.

    Parameters
    ----------
    close : ndarray of float32, shape (interests, n)
        Closeness of each candidate to each interest; the first of equally close ones is taken first.
    k : int
        How many.
    turns : sequence of float or None
        In which share of the rounds each interest has its turn, the greatest 1; ``None`` for every interest
        in every round.
    reach : float
        Of how many candidates that are next in its list an interest names one before the others, at least 1.
    near : ndarray of float32, shape (n,), or None
        How near each candidate is to what is known: of those within reach the least near is named.

    Returns
    -------
    ndarray of int, shape (min(k, n),)
        The positions of the candidates, best first.
    """
    count, n = close.shape
    preferences: Rows = np.argsort(-close, axis=1, kind="stable")
    if near is not None and reach > 1:
        preferences = np.stack([_thinned(row, reach, near) for row in preferences])
    if count == 1:
        return np.asarray(preferences[0, :k])
    nominations = [iter(row) for row in preferences.tolist()]
    shares = np.ones(count) if turns is None else np.asarray(turns) / max(turns)
    has_turn = np.zeros(count)
    taken: set[int] = set()
    order: list[int] = []
    while len(order) < min(k, n):
        has_turn += shares
        chosen = []
        for interest in np.flatnonzero(has_turn > 1.0 - _ROUNDING)[: n - len(order)].tolist():
            has_turn[interest] -= 1.0
            candidate = next(row for row in nominations[interest] if row not in taken)
            taken.add(candidate)
            chosen.append((-close[interest, candidate], candidate))
        order += [candidate for _, candidate in sorted(chosen)]
    return np.array(order[:k], dtype=np.intp)


def _thinned(best_first: Rows, reach: float, near: Vectors) -> Rows:
    """Bring forward one of every ``reach`` candidates of a list, the least near, then the next of each."""
    block = (np.arange(len(best_first)) / reach).astype(np.intp)
    by_nearness = np.lexsort((near[best_first], block))
    place = np.arange(len(block)) - np.searchsorted(block, block)
    return best_first[by_nearness][np.lexsort((block, place))]


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
