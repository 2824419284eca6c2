"""Several channels, one score: scale each channel to what it could give, then take the weighted mean.

A convex combination of normalised scores, as in S. Bruch, S. Gai and A. Ingber, "An Analysis of Fusion
Functions for Hybrid Retrieval", ACM Transactions on Information Systems 42 (2023).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ham_recommend.errors import SettingsError
from ham_recommend.records import EMPTY, Vectors

Bounds = tuple[float, float]
"""The scores that count as 0 and as 1."""


def fuse(
    channels: Mapping[str, Vectors],
    weights: Mapping[str, float],
    *,
    bounds: Mapping[str, Bounds] = EMPTY,
) -> Vectors:
    """Return one score per candidate.

    Parameters
    ----------
    channels : mapping of str to ndarray of float32, shape (n,)
        What each channel gave the same ``n`` candidates; NaN where it has nothing to say, which counts as 0.
    weights : mapping of str to float
        One per channel, at least 0, not all 0; only their ratios matter.
    bounds : mapping of str to (float, float)
        The score of a channel that counts as 0 and the one that counts as 1, where they are known; else the
        lowest and highest among the candidates.

    Returns
    -------
    ndarray of float32, shape (n,)
        Higher is better; from 0 to 1 unless a score lies outside its bounds.

    Raises
    ------
    SettingsError
        A channel has no weight, or no weight is above 0.
    """
    missing = sorted(set(channels) - set(weights))
    if missing:
        raise SettingsError(f"No weight for {', '.join(missing)}. Give every channel a weight.")
    used = {name: float(weights[name]) for name in channels}
    total = sum(used.values())
    if total <= 0 or min(used.values()) < 0:
        raise SettingsError(f"Weights must be at least 0 and not all 0, not {used}.")
    size = len(next(iter(channels.values())))
    fused = np.zeros(size, dtype=np.float64)
    for name in sorted(channels):
        fused += used[name] / total * _scaled(channels[name], bounds.get(name))
    return fused.astype(np.float32)


def _scaled(scores: Vectors, bounds: Bounds | None) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Scale scores so that the bounds become 0 and 1; where they are one and the same, every score is 1."""
    missing = np.isnan(scores)
    if bounds is not None and bounds[1] > bounds[0] and not missing.any():
        return (scores.astype(np.float64) - bounds[0]) / (bounds[1] - bounds[0])
    known = ~missing
    scaled = np.zeros(len(scores), dtype=np.float64)
    if not known.any():
        return scaled
    present = scores[known].astype(np.float64)
    low, high = (present.min(), present.max()) if bounds is None else bounds
    scaled[known] = (present - low) / (high - low) if high > low else 1.0
    return scaled
