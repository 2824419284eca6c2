"""How what speaks for a work, its words, its meaning and what the question names, becomes one score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from ham_recommend.records import Vectors

MEANING_SHARE = 0.2
"""What meaning counts in the score of a text, beside the words with the rest of 1.

Set by ``benchmarks/text_search.py``.
"""
LEAST_MEANING = 0.01
LEAST_COSINE = 0.3
"""Below either, a work without any of the query's words does not fit it, and pads no answer.

The first is the inner product with the query; the second the cosine with what of it the main directions
express, so that the neighbours of a rare word are found and the noise around a frequent one is not.
"""
LEAST_TOLD = 0.1
"""The same cosine for works whose meaning was told by their picture, which blurs it.

In ``benchmarks/without_words.py`` works that show a motif have .1 to .6, nine in ten of the others less.
"""
POOL = 200
"""Works that words and meaning propose each, at least: enough that others rarely have to be looked at."""
ADJACENCY = 0.25
"""How much more a work counts that says all neighbours among the words asked for as neighbours too."""
COVERAGE = 0.25
"""The power of the share of the words asked for that a work holds. ``benchmarks/answers.py`` set both."""
FITS = 0.5
"""Share of what is asked from which on a work fits."""
FIRST = 10
"""Best works among which there should be one that fits."""
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
