"""Which artists a question names: by their full name, by part of it, or by their family name alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from math import log1p
from typing import Any

import numpy as np

from ham_recommend.encode.analyzer import fold, words
from ham_recommend.encode.related import related_words
from ham_recommend.index.slips import SURE, Slip
from ham_recommend.records import Vectors

LONGEST_NAME = 5
MOSTLY_A_NAME = 0.4
"""Share of the works that say a word which must be by artists of that name: *Wood* is more often wood."""
HARDLY_A_WORD = 0.8
"""The same share of an English word in small letters: a *heron* is a bird, though Patrick Heron painted."""
ASCRIBED = 0.5
"""What a work counts that is only after an artist or ascribed to one."""

EDITS = 2
LETTERS_AN_EDIT = 4
"""Letters of a full name for each that may be wrong in it, and how many at most."""
ASKED_FOR = 0.4
"""How often an artist is asked for beside any word, for equal shares of the works and of what they say.

Set by ``benchmarks/answers.py``: more slips in family names are read, and others hardly less often.
"""

_IN_BRACKETS = re.compile(r"\([^)]*\)?|\[[^\]]*\]?")
_ASCRIBED = re.compile(
    r"^(?:(?:formerly |possibly |probably )?(?:after|ascribed|attributed|circle|copy|follower|imitator|"
    r"manner|school|studio|style|workshop|pupil)\b(?: (?:after|of|to))?(?: the)?)\s+"
)
_NOBODY = frozenset(
    ("anonymous", "unidentified", "unknown", "various", "artist", "maker", "none", "undetermined")
)
_HONOURS = """
    sir dame lord lady dr om ch ra ara rba cbe obe mbe kbe prs jr sr ii iii iv i elder younger baron count
"""
_TITLES = frozenset(_HONOURS.split())
_BY = frozenset({"by", "von", "van", "de", "di", "du", "par", "da", "door"})


class Names:
    """The artists of a collection, by the words of their names.

    Parameters
    ----------
    values : Values
        As from :meth:`ham_recommend.catalog.filters.Filters.values_of`.
    frequency : callable
        Word → how many works say it.
    is_said : callable
        Words → whether some work says them all.
    """

    def __init__(
        self, values: Any, frequency: Callable[[str], int], is_said: Callable[[Sequence[str]], bool]
    ) -> None:
        self._values = values
        self._frequency = frequency
        self._is_said = is_said
        self._texts: list[str] = values.spellings.to_pylist()
        self._counts = values.spelling_counts()
        self._names: list[tuple[str, ...]] = []
        self._ascribed = np.zeros(len(self._texts), dtype=np.bool_)
        self._family: dict[str, list[int]] = {}
        self._with: dict[str, set[int]] = {}
        for at, text in enumerate(self._texts):
            name, family, ascribed = _name(text)
            self._names.append(name)
            self._ascribed[at] = ascribed
            for word in name:
                self._with.setdefault(word, set()).add(at)
            if family:
                self._family.setdefault(family, []).append(at)

    def read(
        self, typed: Sequence[str], taken: Collection[int], *, catalogued: bool
    ) -> list[tuple[int, int, str, Vectors]]:
        """Return where a question names artists, the longest names first.

        Parameters
        ----------
        typed : sequence of str
            Its words.
        taken : collection of int
            Places that name something else.
        catalogued : bool
            Whether the question names a kind or a time too: then a word with a capital beside it is a name.

        Returns
        -------
        list of (start, stop, name, works)
            ``works`` is 1 for works by the artist, less for those ascribed, 0 for others.
        """
        folded = [" ".join(words(word)) for word in typed]
        found: list[tuple[int, int, str, Vectors]] = []
        used = set(taken)
        for size in range(min(LONGEST_NAME, len(typed)), 0, -1):
            for start in range(len(typed) - size + 1):
                run = range(start, start + size)
                if used.intersection(run):
                    continue
                said = [part for word in folded[start : start + size] for part in word.split()]
                artists = (
                    self._called(said)
                    if len(said) > 1
                    else self._of_family(said, typed, start, used, catalogued)
                )
                if artists:
                    used.update(run)
                    best = max(artists, key=lambda at: (not self._ascribed[at], self._counts[at]))
                    found.append((start, start + size, self._texts[best], self._works(artists)))
        return sorted(found, key=lambda span: span[0])

    def nearly(self, typed: Sequence[str], taken: Collection[int]) -> list[tuple[int, int, str]]:
        """Return where a question has an artist's full name with slips, and the name as it is.

        The distance is that of Damerau (CACM 1964), over the whole name, so that each word of it is known by
        the company of the others: *Carlo Cara* is Carlo Carrà. What words say by themselves is no slip: some
        work says them all, or each is a word of the language.
        """
        runs: list[list[int]] = []
        for at in range(len(typed)):
            if at in taken:
                continue
            if runs and runs[-1][-1] == at - 1:
                runs[-1].append(at)
            else:
                runs.append([at])
        found = []
        for run in runs:
            said = words(" ".join(typed[at] for at in run))
            name = self._nearest(said) if 1 < len(said) <= LONGEST_NAME else ""
            if name:
                found.append((run[0], run[-1] + 1, name))
        return found

    def meant(self, slip: Slip) -> list[tuple[int, int, str]]:
        """Return, as :meth:`nearly`, the family name that a word alone is surely a slip of.

        People ask for artists more often than works say their names, the more often the more works are by
        them.
        """
        by = int(self._counts[self._family.get(slip.meant, [])].sum())
        odds = slip.odds + log1p(ASKED_FOR * by / max(1, int(self._counts.sum())) / slip.share)
        return [(0, 1, slip.meant)] if by and odds >= SURE else []

    def _nearest(self, said: Sequence[str]) -> str:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        if all(word in related_words() for word in said) or self._is_said(said):
            return ""
        asked = " ".join(said)
        most = min(EDITS, len(asked) // LETTERS_AN_EDIT)
        matches = process.extract(asked, self._full_names, scorer=OSA.distance, score_cutoff=most, limit=5)
        if not matches:
            return ""
        return min(matches, key=lambda match: (match[1], -self._full[match[0]], match[0]))[0]

    @cached_property
    def _full(self) -> dict[str, int]:
        """Full name → how many works are by artists of that name."""
        found: dict[str, int] = {}
        for name, count in zip(self._names, self._counts.tolist(), strict=True):
            if len(name) > 1:
                found[" ".join(name)] = found.get(" ".join(name), 0) + int(count)
        return found

    @cached_property
    def _full_names(self) -> list[str]:
        return list(self._full)

    def _called(self, said: Sequence[str]) -> list[int]:
        """Return the artists whose name has all of several words, the family name among them."""
        if len(said) == 2 and len(said[0]) <= 3 and said[0] not in self._with:
            initials, family = said
            same = self._family.get(family, [])
            return [at for at in same if "".join(word[0] for word in self._names[at]).startswith(initials)]
        holding = [self._with.get(word, set()) for word in said]
        both = set.intersection(*holding)
        return sorted(at for at in both if self._is_named(at, said))

    def _is_named(self, at: int, said: Sequence[str]) -> bool:
        name = self._names[at]
        if len(set(said)) == len(name):
            return True
        ordinary = all(self._frequency(word) > 20 * len(self._with[word]) + 200 for word in said)
        return name[-1] in said and not ordinary

    def _of_family(
        self, said: Sequence[str], typed: Sequence[str], start: int, used: Collection[int], catalogued: bool
    ) -> list[int]:
        """Return the artists of a family name, where it is likelier to be meant than the word.

        It is not where somebody else of that name is: *Ned Kelly*.
        """
        if len(said) != 1 or len(said[0]) < 2:
            return []
        artists = self._family.get(said[0], [])
        if not artists:
            return []
        if start > 0 and typed[start - 1].lower() in _BY:
            return artists
        if start > 0 and start - 1 not in used and self._is_forename(typed[start - 1]):
            return []
        capital = typed[start][:1].isupper()
        if capital and catalogued:
            return artists
        least = MOSTLY_A_NAME if capital or said[0] not in related_words() else HARDLY_A_WORD
        return artists if int(self._counts[artists].sum()) >= least * self._frequency(said[0]) else []

    def _is_forename(self, typed: str) -> bool:
        """Return whether a word is written like a name, and is part of one, or no English word."""
        said = words(typed)
        if not typed[:1].isupper() or len(said) != 1:
            return False
        return said[0] in self._with or (said[0] not in related_words() and self._frequency(said[0]) > 0)

    def _works(self, artists: Sequence[int]) -> Vectors:
        strengths = np.zeros(len(self._texts), dtype=np.float32)
        strengths[list(artists)] = np.where(self._ascribed[list(artists)], ASCRIBED, 1.0)
        works: Vectors = self._values.strongest(strengths)
        return works


def _name(text: str) -> tuple[tuple[str, ...], str, bool]:
    """Return the words of an artist's name, the family name, and whether works are only ascribed to them."""
    folded = fold(_IN_BRACKETS.sub(" ", text)).strip()
    plain = _ASCRIBED.sub("", folded)
    before, comma, after = plain.partition(",")
    first, rest = ([word for word in words(part) if word not in _TITLES] for part in (before, after))
    if comma and rest and len(first) == 1 and len(rest) <= 3:
        first = [*rest, *first]
    if not first or not _NOBODY.isdisjoint(first):
        return (), "", False
    return tuple(first), first[-1], plain != folded
