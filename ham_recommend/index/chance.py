"""How likely a string of letters is by chance: what a slip must be likelier than."""

from __future__ import annotations

from collections.abc import Iterable
from math import log

import numpy as np
import numpy.typing as npt

LETTERS = 20
"""Letters that anybody types who types any; so many are as good as the 26, as some are hardly ever typed."""
ANY = 0.5
"""Share of strings of which each letter is as good as another; the rest sound like words."""
BEFORE = 5.0
"""What the guess from one letter fewer counts, where two letters before it have been seen so often."""

_CODES = 33
"""A letter by the last five bits of its number, which differ within an alphabet, and the edge of a word."""
_EDGE = 0


class Chance:
    """Knows which strings of letters sound like the words of a collection, by three letters in a row.

    Half of what is typed without a meaning has any letters, half sounds like words: a Markov chain of the
    second order, smoothed by those of the first and none (Jelinek and Mercer, 1980).

    Parameters
    ----------
    words : iterable of str
        Folded words of letters.

    Examples
    --------
    >>> chance = Chance(["castle", "castles", "cattle", "candle"])
    >>> chance.likelihood("cattles") > chance.likelihood("tcsaelt")
    True
    """

    def __init__(self, words: Iterable[str]) -> None:
        codes = _codes("\0".join(["", *words, "", ""]))
        ones = np.bincount(codes, minlength=_CODES)
        twos = _runs(codes, 2)
        threes = _runs(codes, 3)
        threes[_EDGE, _EDGE] = twos[_EDGE]
        one = (ones + 0.5) / (ones.sum() + 0.5 * _CODES)
        two = (twos + BEFORE * one) / (twos.sum(axis=1, keepdims=True) + BEFORE)
        self._next = np.log((threes + BEFORE * two) / (threes.sum(axis=2, keepdims=True) + BEFORE))

    def likelihood(self, word: str) -> float:
        """Return how likely a folded word of letters is typed without a meaning, as a logarithm."""
        codes = _codes(f"\0\0{word}\0")
        sounds = float(self._next[codes[:-2], codes[1:-1], codes[2:]].sum())
        any_letters = -log(LETTERS) * (len(word) + 1)
        return float(np.logaddexp(log(1.0 - ANY) + sounds, log(ANY) + any_letters))


def _codes(text: str) -> npt.NDArray[np.int64]:
    letters = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    return np.where(letters, 1 + letters % (_CODES - 1), _EDGE).astype(np.int64)


def _runs(codes: npt.NDArray[np.int64], length: int) -> npt.NDArray[np.int64]:
    """Return how often each run of so many letters comes, shape (33, …)."""
    number = np.zeros(len(codes) - length + 1, np.int64)
    for at in range(length):
        number = number * _CODES + codes[at : len(codes) - length + 1 + at]
    return np.bincount(number, minlength=_CODES**length).reshape((_CODES,) * length)
