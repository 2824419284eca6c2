"""How closely a later work follows an earlier one: likeness, corrected for hubs, and nearness in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ham_recommend.analysis.checks import is_number
from ham_recommend.errors import SettingsError
from ham_recommend.records import Vectors

HUBS = ("csls", "none")
DECAYS = ("exponential",)
REACH = 100.0
"""Years after which closeness in time has fallen to 1/e."""
NEAREST = 30
"""Works whose mean cosine says how much of a hub a work is. Thirty leave lists of ten with a skew of 0.6
at most (``benchmarks/influence.py``); ten, as in Conneau et al., up to 0.95."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """What counts how much.

    Parameters
    ----------
    hubs : {"csls", "none"}
        ``"csls"`` takes off half of what either work has in common with those nearest to it, so that works
        which are close to everything are closest to fewer (cross-domain similarity local scaling, Conneau et
        al., "Word translation without parallel data", 2018; halved, so that it stays a cosine's difference).
        Pairs of artists lose as much again for what either artist has in common with those nearest to them.
    beta : float
        What closeness in time adds, from 0 to 1; ``benchmarks/influence.py`` set 0.1.
    decay : {"exponential"} or None
        Multiply by closeness in time instead of adding it. It hurts: see the same benchmark.
    """

    hubs: str = "csls"
    beta: float = 0.1
    decay: str | None = None

    def __post_init__(self) -> None:
        if self.hubs not in HUBS:
            raise SettingsError.unknown("way with hubs", self.hubs, HUBS)
        if self.decay is not None and self.decay not in DECAYS:
            raise SettingsError.unknown("decay", self.decay, DECAYS)
        if not is_number(self.beta, 0.0, 1.0):
            raise SettingsError(f"beta is what closeness in time adds, from 0 to 1, not {self.beta!r}.")

    def in_time(self, likeness: Vectors, years: npt.NDArray[np.float64]) -> Vectors:
        """Return scores of pairs of works.

        Parameters
        ----------
        likeness : ndarray of float32
            Cosines, less what either work's being a hub takes off.
        years : ndarray of float64, of the same shape
            Between the middles of their dates, 0 or more.
        """
        near = np.exp(-years / REACH)
        if self.decay is None:
            return np.asarray(likeness + self.beta * near, dtype=np.float32)
        return np.asarray(np.where(likeness > 0, likeness * near, likeness), dtype=np.float32)

    def taken_off(self, hubness: Vectors) -> Vectors:
        """Return what is taken off a work's cosines for its being a hub."""
        return np.asarray(hubness / 2 if self.hubs == "csls" else np.zeros_like(hubness), dtype=np.float32)
