"""How what speaks for a work, its words, its meaning and what the question names, becomes one score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from ham_recommend.records import Vectors

STEEPNESS = 12.0
HALFWAY = 0.5
"""How the best share becomes a probability; set by ``benchmarks/answers.py``."""

_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Boost:
    """Works that have what a question names: an artist, a kind, a time.

    Parameters
    ----------
    works : ndarray of float32, shape (n,)
        In the order of the index: 1 for those that have it, less for those that may, 0 for the others.
    weight : float
        What it counts, where the best match of all words counts 1.
    """

    works: Vectors
    weight: float


@dataclass(frozen=True, slots=True)
class Scale:
    """How the scores of words and meaning, and what the question names, become one.

    Parameters
    ----------
    best : float
        The score of words that counts as 1.
    meaning_share : float
        What meaning counts.
    boosted : float
        What all that is named counts together.
    """

    best: float
    meaning_share: float
    boosted: float = 0.0

    def without_meaning(self, word_scores: Vectors, boosts: Sequence[Boost]) -> Vectors:
        """Return what each work has but for its meaning."""
        base = word_scores * np.float32((1.0 - self.meaning_share) / self.best)
        for boost in boosts:
            base = base + np.float32(boost.weight) * boost.works
        scaled: Vectors = base / np.float32(1.0 + self.boosted)
        return scaled

    def fused(self, base: Vectors, meaning_scores: Vectors) -> Vectors:
        """Return the whole score of each work."""
        fused: Vectors = base + np.float32(self.meaning_share / (1.0 + self.boosted)) * meaning_scores
        return fused

    def least_base(self, fused: float, meaning: float) -> float:
        """Return what it takes besides so much meaning to reach a fused score."""
        return fused - self.meaning_share / (1.0 + self.boosted) * meaning - _ROUNDING


def total(boosts: Sequence[Boost]) -> float:
    """Return what all that is named counts together."""
    return sum(boost.weight for boost in boosts)


def fit(share: float) -> float:
    """Return how likely it is that a question has an answer here, by what the best work has of it."""
    return 1.0 / (1.0 + exp(-STEEPNESS * (share - HALFWAY))) if share else 0.0


def kth_best(scores: Vectors, k: int) -> float:
    """Return the ``k``-th best score, or less than any where there are not so many."""
    if not 0 < k <= len(scores):
        return -np.inf if k else np.inf
    return float(np.partition(scores, len(scores) - k)[len(scores) - k])
