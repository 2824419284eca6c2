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
            How many works match it as it stands. Where that is one or two, only a word one letter away and
            far more frequent is taken for the right one; where it is more, the word is right.

        Returns
        -------
        str or None
            ``None`` when the word is right, too short or long, not of letters, or nothing is near.
        """
        if frequency > RARE or not SHORTEST <= len(word) <= LONGEST or not word.isalpha():
            return None
        farthest = 1 if frequency or len(word) <= 5 else 2
        least = max(LEAST_FREQUENCY, FAR_MORE * frequency)
        for distance in range(1, farthest + 1):
            near = self._near(word, distance, least)
            if near:
                return min(near, key=lambda found: (found[0][0] != word[0], -found[1], found[0]))[0]
        return None

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
