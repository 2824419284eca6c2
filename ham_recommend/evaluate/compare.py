"""Methods beside each other: means, intervals of their differences, and which queries one wins or loses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ham_recommend.evaluate.judgements import Judgements
from ham_recommend.evaluate.metrics import Metrics, Scores, scores_of

if TYPE_CHECKING:
    from ham_recommend.recommend.recommender import Recommender

RESAMPLES = 10_000
"""Of the bootstrap; the ends of an interval then change in the fourth digit with another seed."""
_AT_ONCE = 500
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher a mean is than another over the same queries.

    Parameters
    ----------
    mean : float
        The difference of the means.
    low, high : float
        Its 95 % interval, by the paired bootstrap: queries are drawn again, and the difference taken anew (B.
        Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993; for retrieval T. Sakai, SIGIR
        2006). Equal ends where there are fewer than two queries.
    """

    mean: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Judged:
    """What one method scored.

    Parameters
    ----------
    method : str
        Its name.
    scores : mapping of str to Scores
        Query id → what it scored.
    answers : mapping of str to tuple of str
        Query id → what it found.
    """

    method: str
    scores: Mapping[str, Scores]
    answers: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, method: str, answers: Mapping[str, tuple[str, ...]], judgements: Judgements) -> Judged:
        """Score the answers of a method."""
        return cls(method, scores_of(answers, judgements), answers)

    @property
    def metrics(self) -> Metrics:
        """The means."""
        return Metrics.of(self.scores)


@dataclass(frozen=True, slots=True)
class Case:
    """A query that two methods answer differently well.

    Parameters
    ----------
    query : str
        What was asked.
    ours, theirs : float
        nDCG of the first ten.
    reason : str
        What makes the difference, as far as it can be seen.
    """

    query: str
    ours: float
    theirs: float
    reason: str


def difference(ours: Sequence[float], theirs: Sequence[float], *, seed: int = 0) -> Difference:
    """Compare two methods over the same queries.

    Parameters
    ----------
    ours, theirs : sequence of float
        What each query scored, in the same order.
    seed : int
        Of the bootstrap: the same numbers always give the same interval.
    """
    gained = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    n = len(gained)
    mean = float(gained.mean()) if n else 0.0
    if n < _FEWEST:
        return Difference(mean, mean, mean)
    random = np.random.default_rng(seed)
    means: list[npt.NDArray[np.float64]] = [
        gained[random.integers(0, n, (_AT_ONCE, n))].mean(axis=1) for _ in range(RESAMPLES // _AT_ONCE)
    ]
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5])
    return Difference(mean, float(low), float(high))


def cases(
    ours: Judged, theirs: Judged, judgements: Judgements, collection: Recommender, count: int
) -> tuple[list[Case], list[Case]]:
    """Return the queries that gain and lose most by ours: at most ``count`` wins, and as many losses."""
    gains = {query: ours.scores[query].ndcg_10 - theirs.scores[query].ndcg_10 for query in judgements}
    order = sorted(gains, key=lambda query: (-gains[query], query))
    wins = [query for query in order if gains[query] > 0][:count]
    losses = [query for query in reversed(order) if gains[query] < 0][:count]

    def case(query: str) -> Case:
        reason = _reason(query, ours, theirs, judgements, collection)
        scored = ours.scores[query].ndcg_10, theirs.scores[query].ndcg_10
        return Case(judgements.texts[query], *scored, reason)

    return list(map(case, wins)), list(map(case, losses))


def _reason(query: str, ours: Judged, theirs: Judged, judgements: Judgements, collection: Recommender) -> str:
    right = judgements.relevant[query]
    gone = sum(item_id not in collection.catalog for item_id in right)
    if gone:
        return f"{gone} of its {len(right)} right works are not in the collection"
    parts = []
    corrected = collection.text.exact(judgements.texts[query], 1).corrected
    if corrected:
        parts.append("read " + ", ".join(f"“{wrong}” as “{meant}”" for wrong, meant in corrected.items()))
    mine, other = ours.answers.get(query, ()), theirs.answers.get(query, ())
    first, theirs_first = _first_right(mine, right), _first_right(other, right)
    if first != theirs_first:
        parts.append(f"its first right work comes {_place(first)}, theirs {_place(theirs_first)}")
    else:
        counts = (len(right.intersection(found[:10])) for found in (mine, other))
        parts.append("{} right works among its first ten, {} among theirs".format(*counts))
    return "; ".join(parts)


def _first_right(found: Sequence[str], right: frozenset[str]) -> int | None:
    return next((rank for rank, item_id in enumerate(found, 1) if item_id in right), None)


def _place(rank: int | None) -> str:
    if rank is None:
        return "nowhere"
    last = "th" if 10 <= rank % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{last}"
