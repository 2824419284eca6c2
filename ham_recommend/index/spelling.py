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


class Spelling:
    """Finds the known word that a misspelt one most likely stands for.

    Distance is counted in letters added, dropped, changed or swapped with a neighbour (Damerau, CACM 1964):
    one for words of up to five letters, two for longer ones.

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

    def correct(self, word: str) -> str | None:
        """Return the nearest word, of equally near ones the most frequent, then the first in the alphabet.

        Parameters
        ----------
        word : str
            Folded, and not a word of the collection.

        Returns
        -------
        str or None
            ``None`` when the word is too short or too long, holds a digit, or nothing is near enough.
        """
        if not SHORTEST <= len(word) <= LONGEST or not word.isalpha():
            return None
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        reach = 1 if len(word) <= 5 else 2
        best: tuple[int, bool, int, str] | None = None
        for length in range(len(word) - reach, len(word) + reach + 1):
            for candidate, distance, at in process.extract_iter(
                word, self._by_length.get(length, ()), scorer=OSA.distance, score_cutoff=reach
            ):
                frequency = self._frequency_by_length[length][at]
                found = (int(distance), candidate[0] != word[0], -frequency, candidate)
                best = found if best is None else min(best, found)
        return None if best is None else best[3]

    @cached_property
    def _by_length(self) -> dict[int, list[str]]:
        return {length: [self._words[at] for at in rows] for length, rows in self._rows_by_length.items()}

    @cached_property
    def _frequency_by_length(self) -> dict[int, list[int]]:
        return {length: self._frequencies[rows].tolist() for length, rows in self._rows_by_length.items()}

    @cached_property
    def _rows_by_length(self) -> dict[int, list[int]]:
        rows: dict[int, list[int]] = {}
        for at in np.flatnonzero(self._frequencies >= LEAST_FREQUENCY).tolist():
            word = self._words[at]
            if word.isalpha() and len(word) <= LONGEST + 2:
                rows.setdefault(len(word), []).append(at)
        return rows
