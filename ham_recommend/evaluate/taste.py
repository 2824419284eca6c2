"""How well recommendations serve one taste, and two at once; the works of a judged query are a taste."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ham_recommend.errors import SettingsError
from ham_recommend.evaluate.judgements import Judgements
from ham_recommend.records import Where

if TYPE_CHECKING:
    from ham_recommend.recommend.recommender import Recommender

K = 12
"""Works of one recommendation."""
LIKES = 3
"""Likes of each taste."""


@dataclass(frozen=True, slots=True)
class TasteScores:
    """What one strategy scored, trial by trial; shares are from 0 to 1.

    Parameters
    ----------
    strategy : str
        Its name.
    one_right : tuple of float
        With likes of one taste: the share of the recommended works that belong to it.
    two_right : tuple of float
        With likes of two: the share that belongs to either.
    two_even : tuple of float
        With likes of two: works of the weaker as a share of those of the stronger, 1 for both alike.
    ms : float
        Median time of one recommendation, in milliseconds.
    """

    strategy: str
    one_right: tuple[float, ...]
    two_right: tuple[float, ...]
    two_even: tuple[float, ...]
    ms: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What is liked, and which works would be right for each taste."""

    liked: tuple[str, ...]
    right: tuple[frozenset[str], ...]


def trials(
    judgements: Judgements, collection: Recommender, where: Where | None, count: int, *, seed: int = 0
) -> tuple[list[Trial], list[Trial]]:
    """Draw likes of one taste, and of two: the same ones for the same seed.

    Parameters
    ----------
    judgements : Judgements
        The works of a query are a taste, where enough of them are in the collection that a recommendation can
        be right throughout.
    collection : Recommender
        What is recommended from.
    where : mapping or None
        The works that may come back.
    count : int
        How many trials of each kind.

    Raises
    ------
    SettingsError
        No query has so many works here.
    """
    known = frozenset(collection.catalog.filter(where) if where else collection.catalog.item_ids)
    works = {query: sorted(known.intersection(judgements.relevant[query])) for query in sorted(judgements)}
    tastes = [held for held in works.values() if len(held) >= LIKES + K]
    if not tastes:
        raise SettingsError(
            f"No query has {LIKES + K} right works in this collection, so no taste can be judged by them."
        )
    random = np.random.default_rng(seed)

    def draw(chosen: Sequence[int]) -> Trial:
        liked = [item for at in chosen for item in random.choice(tastes[at], LIKES, replace=False).tolist()]
        return Trial(tuple(liked), tuple(frozenset(tastes[at]) for at in chosen))

    one = [draw([int(random.integers(len(tastes)))]) for _ in range(count)]
    pairs = [
        random.choice(len(tastes), 2, replace=False).tolist() for _ in range(count if len(tastes) > 1 else 0)
    ]
    return one, [draw(pair) for pair in pairs]


def judge_strategy(
    strategy: str,
    collection: Recommender,
    drawn: tuple[list[Trial], list[Trial]],
    *,
    where: Where | None = None,
    advance: Callable[[int], object] = lambda _: None,
) -> TasteScores:
    """Let a strategy answer every trial.

    Parameters
    ----------
    strategy : str
        Its name.
    collection, where
        As in :func:`trials`.
    drawn : two lists of Trial
        As from :func:`trials`.
    advance : callable
        Told how many more trials are answered.

    Raises
    ------
    SettingsError
        No such strategy.
    """
    spent: list[float] = []

    def shares(trial: Trial) -> list[float]:
        start = time.perf_counter()
        found = collection.recommend(trial.liked, k=K, where=where, strategy=strategy).item_ids.tolist()
        spent.append((time.perf_counter() - start) * 1000)
        advance(1)
        return [sum(item_id in right for item_id in found) / K for right in trial.right]

    def either(trial: Trial, found: Sequence[float]) -> float:
        both = trial.right[0] & trial.right[1]
        return min(1.0, sum(found)) if both else sum(found)

    one = [shares(trial)[0] for trial in drawn[0]]
    two = [(trial, shares(trial)) for trial in drawn[1]]
    return TasteScores(
        strategy,
        tuple(one),
        tuple(either(trial, found) for trial, found in two),
        tuple(min(found) / max(*found, 1 / K) for _, found in two),
        float(np.median(spent)) if spent else 0.0,
    )
