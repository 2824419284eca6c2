"""Misspelt words → the words meant."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

SHORTEST = 4
LONGEST = 30
LEAST_FREQUENCY = 2
"""A word that one work alone uses may be misspelt itself."""
RARE = 2
"""Works that say a word, up to which it may be their cataloguer's slip."""
LONG = 7
"""Letters of such a word, at least: short names have neighbours by chance."""
FAR_MORE = 50
"""How much more frequent the neighbour of such a word must be."""


class Spelling:
    """Finds the known word that a misspelt one most likely stands for.

    Distance is counted in letters added, dropped, changed or swapped with a neighbour (Damerau, CACM 1964):
    up to one for words of five letters or fewer, up to two for longer ones.

    Parameters
    ----------
    words : sequence of str
        The folded words of the collection, unique.
    frequencies : ndarray of int, shape (n words,)
        How many works use each.
    """

    def __init__(self, words: Sequence[str], frequencies: npt.NDArray[np.integer]) -> None:
        self._words = words
        self._frequencies = frequencies

    def correct(self, word: str, frequency: int = 0) -> str | None:
        """Return the nearest word; of equally near ones, one with the same initial, then the most frequent.

        Parameters
        ----------
        word : str
            Folded.
        frequency : int
            How many works match it as it stands. Where that is one or two, only a far more frequent word with
            the same initial, one letter away, is taken for the right one; where more, the word is right.

        Returns
        -------
        str or None
            ``None`` when the word is right, too short or long, not of letters, or nothing is near.
        """
        if frequency > RARE or not SHORTEST <= len(word) <= LONGEST or not word.isalpha():
            return None
        if frequency:
            near = self._near(word, 1, FAR_MORE * frequency) if len(word) >= LONG else []
            return _likeliest(word, [pair for pair in near if pair[0][0] == word[0]])
        near = self._near(word, 1, LEAST_FREQUENCY)
        if not near and len(word) > 5:
            near = self._near(word, 2, LEAST_FREQUENCY)
        return _likeliest(word, near)

    def _near(self, word: str, distance: int, least: int) -> list[tuple[str, int]]:
        """Return the words at most this far away, with their frequencies."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        found = []
        for length in range(len(word) - distance, len(word) + distance + 1):
            same_length, frequencies = self._by_length.get(length, ([], []))
            matches = process.extract_iter(word, same_length, scorer=OSA.distance, score_cutoff=distance)
            found += [(known, frequencies[at]) for known, _, at in matches]
        return [(known, frequency) for known, frequency in found if frequency >= least and known != word]

    @cached_property
    def _by_length(self) -> dict[int, tuple[list[str], list[int]]]:
        """The words that may be meant and their frequencies, by length."""
        sorted_in: dict[int, tuple[list[str], list[int]]] = {}
        for at in np.flatnonzero(self._frequencies >= LEAST_FREQUENCY).tolist():
            word = self._words[at]
            if word.isalpha():
                same_length, frequencies = sorted_in.setdefault(len(word), ([], []))
                same_length.append(word)
                frequencies.append(int(self._frequencies[at]))
        return sorted_in


def _likeliest(word: str, near: list[tuple[str, int]]) -> str | None:
    """Return the word with the same initial, then the most frequent, then the first in the alphabet."""
    return min(near, key=lambda pair: (pair[0][0] != word[0], -pair[1], pair[0]))[0] if near else None
