"""Misspelt words → the words meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from math import log

import numpy as np
import numpy.typing as npt

from ham_recommend.encode.analyzer import HYPHEN, stem
from ham_recommend.encode.languages import ENGLISH
from ham_recommend.index.chance import Chance
from ham_recommend.index.edits import LIKELY, likelihood
from ham_recommend.index.saying import Works, WorksHere, in_all

SHORTEST = 4
LONGEST = 30
LEAST_FREQUENCY, FEW_WORKS = 2, 20
"""A word that one work alone uses may be misspelt itself; where there are fewer works than the second, most
words are in one alone."""
RARE = 2
"""Works that say a word, up to which it may be their cataloguer's slip."""
LONG = 7
"""Letters of such a word, and of one with two slips, at least: short ones have neighbours by chance."""
MORE = 2
"""How much more frequent another spelling of a rare name must be, which at most :data:`FEW` works say."""
FEW = 20
FAR_MORE = 50
"""How much more frequent the neighbour of such a word must be."""
SHORTEST_PART = 3
"""Letters of a word that was run together with another."""
AT_LARGE = 0.5
"""Works of the collection at large that count beside those that say a word: what else they say is estimated
from few where it is rare."""
WRITTEN_OUT = 0.5
"""How often an umlaut is written out by whoever means the word."""

_UMLAUT = re.compile("(?<=[aou])e|(?<=a)a")


def _no_works(word: str) -> Works:  # noqa: ARG001
    return WorksHere.none()


class Spelling:
    """Finds the known word that a misspelt one most likely stands for.

    Distance is counted in letters added, dropped, changed or swapped with a neighbour (Damerau, CACM 1964):
    up to one, in words of seven letters or more up to two. Of equally near words one is meant that is
    frequent, of which such a slip is likely (Kernighan, Church and Gale, COLING 1990), and that is said by
    works that say the other words of the query (naive Bayes).

    Parameters
    ----------
    words : sequence of str
        The folded words of the collection, unique; those with a hyphen are compounds.
    frequencies : ndarray of int, shape (n words,)
        How many works use each.
    works_of : callable
        Word → the works that say it; without it each word is taken by itself.
    language : str
        Of words in Latin letters; see :func:`ham_recommend.encode.analyzer.stem`.
    works : int
        How many there are in the collection; 0 for at least as many as use the most frequent word.
    """

    def __init__(
        self,
        words: Sequence[str],
        frequencies: npt.NDArray[np.integer],
        works_of: Callable[[str], Works] = _no_works,
        language: str = ENGLISH,
        works: int = 0,
    ) -> None:
        self._works = max(works, int(frequencies.max(initial=1)))
        self._least = 1 if 0 < works < FEW_WORKS else LEAST_FREQUENCY
        self._language = language
        self._frequency_of: dict[str, int] = dict(zip(words, frequencies.tolist(), strict=True))
        self._works_of = works_of

    @property
    def words(self) -> Collection[str]:
        """The words of the collection."""
        return self._frequency_of.keys()

    def is_compound(self, term: str) -> bool:
        """Return whether a term is that of a compound with a hyphen: *teapot* of ``tea-pot``."""
        return term in self._compounds

    def knows(self, word: str) -> bool:
        """Return whether a work says the word itself, and not only one with the same stem."""
        return word in self._frequency_of

    def frequency(self, word: str) -> int:
        """Return how many works say the word itself."""
        return self._frequency_of.get(word, 0)

    def correct(self, word: str, frequency: int = 0, beside: Collection[str] = ()) -> str | None:
        """Return the word that is meant, or two, with a space between, that were run together.

        Parameters
        ----------
        word : str
            Folded.
        frequency : int
            How many works match it as it stands. Where that is one or two, it is taken for another spelling
            of a compound with a hyphen or a word with an umlaut, or for a far more frequent word with the
            same initial, one letter away; where more, the word is right.
        beside : collection of str
            The words of the query that are right.

        Returns
        -------
        str or None
            ``None`` when the word is right, too short or long, not of letters, or nothing is near.
        """
        if frequency > RARE or not SHORTEST <= len(word) <= LONGEST or not word.isalpha():
            return None
        if len(set(word)) == 1:
            return None
        same = self._compounds.get(stem([word], self._language)[0]) or self._with_umlaut(word)
        if same:
            return same
        if frequency:
            near = self._near(word, 1, FAR_MORE * frequency) if len(word) >= LONG else {}
            near = {known: n for known, n in near.items() if known[0] == word[0]}
        else:
            near = self._near(word, 1, self._least) | self._run_together(word) | self._rearranged(word)
            if not near and len(word) >= LONG:
                near = self._near(word, 2, self._least)
                near = {known: n for known, n in near.items() if known[0] == word[0]}
        return self._likeliest(word, near, beside)

    def share(self, works: int) -> float:
        """Return which share of what all works say a word is that so many say, each once."""
        return (works + 1) / self._said

    def odds(self, word: str, meant: str) -> float:
        """Return how much likelier whoever means a word types another than who means nothing, as a logarithm.

        With how often the first is meant, this is the noisy channel of Kernighan, Church and Gale (COLING
        1990), beside how likely such letters are by chance.

        Parameters
        ----------
        word, meant : str
            As from :meth:`correct`; whoever lacks the letter writes an umlaut out.
        """
        likely = log(WRITTEN_OUT) if self._with_umlaut(word) == meant else likelihood(word, meant)
        return likely - self._chance.likelihood(word)

    @cached_property
    def _said(self) -> int:
        """How often all works say any word, each once."""
        return 1 + sum(self._frequency_of.values())

    @cached_property
    def _chance(self) -> Chance:
        return Chance(filter(str.isalpha, self._frequency_of))

    def variants(self, word: str, frequency: int) -> list[str]:
        """Return the more frequent words that a rare one may be another spelling of, with the same initial.

        Parameters
        ----------
        word : str
            Folded; one of fewer than seven letters has neighbours by chance.
        frequency : int
            How many works say it.
        """
        if not (LONG <= len(word) <= LONGEST and 0 < frequency <= FEW and word.isalpha()):
            return []
        return [known for known in self._near(word, 1, MORE * frequency) if known[0] == word[0]]

    def _likeliest(self, word: str, near: dict[str, int], beside: Collection[str]) -> str | None:
        """Return the word with the same initial, then the likeliest, then the first in the alphabet."""
        if len(near) < 2:
            return next(iter(near), None)
        context = [works for works in map(self._works_of, beside) if len(works)]
        odds = {
            known: self._odds(known, frequency, context)
            + (LIKELY if " " in known else likelihood(word, known))
            for known, frequency in near.items()
        }
        return min(near, key=lambda known: (known[0] != word[0], -odds[known], known))

    def _odds(self, known: str, frequency: int, context: list[Works]) -> float:
        """Return how likely a word is among the others, as a logarithm, up to a constant.

        How many of the works that say it say another too is smoothed by how many works do (Dirichlet).
        """
        said = self._works_saying(known)
        shares = [
            (len(in_all([said, works])) + AT_LARGE * len(works) / self._works) / (len(said) + AT_LARGE)
            for works in context
        ]
        return log(frequency) + sum(map(log, shares))

    def _works_saying(self, known: str) -> Works:
        """Return the works that say a word, or both of two."""
        return in_all(map(self._works_of, known.split()))

    def _rearranged(self, word: str) -> dict[str, int]:
        """Return the long words with the same letters, where one has moved, or neighbours changed twice."""
        from rapidfuzz.distance import OSA

        if len(word) < LONG or len(word) not in self._by_length:
            return {}
        same_length, letters = self._by_length[len(word)]
        alike = [same_length[at] for at in np.flatnonzero(letters == _letters(word)).tolist()]
        found = [known for known in alike if sorted(known) == sorted(word) and OSA.distance(word, known) == 2]
        return {known: self._frequency_of[known] for known in found if known[0] == word[0]}

    def _run_together(self, word: str) -> dict[str, int]:
        """Return the pairs of words that make the word, and how many works say both."""
        cuts = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
        halves = [(word[:cut], word[cut:]) for cut in cuts]
        known = [pair for pair in halves if all(half in self._frequency_of for half in pair)]
        known = [(one, other) for one, other in known if one != other]
        pairs = {f"{one} {other}": len(self._works_saying(f"{one} {other}")) for one, other in known}
        return {pair: works for pair, works in pairs.items() if works}

    def _with_umlaut(self, word: str) -> str | None:
        """Return the known word of which this is the spelling without umlauts: ``duerer`` → ``durer``."""
        folded = _UMLAUT.sub("", word)
        return folded if folded != word and folded in self._frequency_of else None

    @cached_property
    def _compounds(self) -> dict[str, str]:
        """Term of a compound written as one word → its parts."""
        compounds = [word for word in self._frequency_of if HYPHEN in word]
        compounds.sort(key=self._frequency_of.__getitem__)
        return {
            term: word.replace(HYPHEN, " ") for term, word in zip(stem(compounds), compounds, strict=True)
        }

    def _near(self, word: str, distance: int, least: int) -> dict[str, int]:
        """Return the words at most this far away, with their frequencies."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        found: dict[str, int] = {}
        for length in range(len(word) - distance, len(word) + distance + 1):
            if length in self._by_length:
                same_length, letters = self._by_length[length]
                unlike = np.bitwise_count(letters ^ _letters(word))
                # A letter that is changed takes one away and brings another.
                alike = [same_length[at] for at in np.flatnonzero(unlike <= 2 * distance).tolist()]
                matches = process.extract_iter(word, alike, scorer=OSA.distance, score_cutoff=distance)
                found |= {known: self._frequency_of[known] for known, _, _ in matches if known != word}
        return {known: frequency for known, frequency in found.items() if frequency >= least}

    @cached_property
    def _by_length(self) -> dict[int, tuple[list[str], npt.NDArray[np.uint32]]]:
        """The words that may be meant and the letters each has, by length."""
        sorted_in: dict[int, list[str]] = {}
        for word, frequency in self._frequency_of.items():
            if frequency >= self._least and word.isalpha():
                sorted_in.setdefault(len(word), []).append(word)
        return {
            length: (words, np.array([_letters(word) for word in words], np.uint32))
            for length, words in sorted_in.items()
        }


def _letters(word: str) -> int:
    """Return the letters of a word as a set of bits."""
    bits = 0
    for letter in word:
        bits |= 1 << ord(letter) % 32
    return bits
