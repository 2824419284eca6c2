"""Which artists a question names: by their full name, by part of it, or by their family name alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import cached_property, lru_cache
from math import log1p
from typing import Any

import numpy as np

from ham_recommend.encode.analyzer import STOP_WORDS, fold, words
from ham_recommend.encode.related import related_words
from ham_recommend.index.slips import SURE, Slip
from ham_recommend.records import Vectors

LONGEST_NAME = 5
MOST_INITIALS = 3
MOSTLY_A_NAME = 0.4
"""Share of the works that say a word which must be by artists of that name: *Wood* is more often wood."""
HARDLY_A_WORD = 0.8
"""The same share of an English word in small letters: a *heron* is a bird, though Patrick Heron painted."""
NO_ENGLISH = 0.35
"""The same share of what is no English word, which is hardly ever meant but as a name: *Monet*."""
BY_FORENAME = 0.6
"""The same share where artists are known by a forename: *Mona* is more often Lisa."""
FEW_FAMILIES = 4
MOSTLY_ONE = 0.7
"""Of how many families artists may be who share a forename, at most, and what share of their works must be by
one of these, where the forename alone means that one: *Rembrandt* is van Rijn, and *Charles* is nobody."""
ASCRIBED = 0.5
"""What a work counts that is only after an artist or ascribed to one."""

EDITS = 2
LETTERS_AN_EDIT = 4
"""Letters of a full name for each that may be wrong in it, and how many at most."""
ASKED_FOR = 0.4
"""How often an artist is asked for beside any word, for equal shares of the works and of what they say.

Set by ``benchmarks/answers.py``: more slips in family names are read, and others hardly less often.
"""

_INITIAL = re.compile(r"[^\W\d_]\.|[A-Z]")
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
_SAINT = frozenset({"st", "ste", "mr", "mrs", "ms"})
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
        folded = [_folded(word) for word in typed]
        found: list[tuple[int, int, str, Vectors]] = []
        used = set(taken)
        for size in range(min(LONGEST_NAME, len(typed)), 0, -1):
            for start in range(len(typed) - size + 1):
                run = range(start, start + size)
                if used.intersection(run):
                    continue
                said = [part for word in folded[start : start + size] for part in word]
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

    def written_out(self, typed: Sequence[str]) -> list[tuple[int, int, str]]:
        """Return where a question has an artist's initials and family name, and the whole name.

        Works by Joseph Mallord William Turner hardly ever say *JMW*; those about him do.
        """
        folded = [_folded(word) for word in typed]
        found: list[tuple[int, int, str]] = []
        for start, first in enumerate(folded):
            if (found and start < found[-1][1]) or not first or len(first[0]) > MOST_INITIALS:
                continue
            for stop in range(min(start + LONGEST_NAME, len(typed)), start + 1, -1):
                name = self._meant_by_initials([part for word in folded[start:stop] for part in word])
                if name:
                    found.append((start, stop, name))
                    break
        return found

    def is_name(self, word: str) -> bool:
        """Return whether artists are known by a word."""
        return bool(self._known_as(word))

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
        by = self._by(self._known_as(slip.meant))
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
        both = set.intersection(*(self._with.get(word, set()) for word in said))
        return sorted(at for at in both if self._is_named(at, said)) or self._with_initials(said)

    def _with_initials(self, said: Sequence[str]) -> list[int]:
        """Return the artists of a family name whose forenames begin with the letters before it."""
        *before, family = said
        initials = "".join(before).replace(".", "")
        one_by_one = len(initials) == len(before)
        if not one_by_one and (len(before) > 1 or not self._may_be_initials(before[0])):
            return []
        if before[0] in STOP_WORDS:  # "a Turner" and "s Turner" are none; A. and S. are
            return []
        return [at for at in self._family.get(family, []) if self._begins(at, initials, one_by_one)]

    def _meant_by_initials(self, said: Sequence[str]) -> str:
        """Return the one name that initials and a family name stand for; empty where they stand for none."""
        names = {self._names[at] for at in self._with_initials(said)}
        whole = " ".join(names.pop()) if len(names) == 1 else ""
        return "" if set(said) <= set(whole.split()) or not whole else whole

    def _may_be_initials(self, word: str) -> bool:
        """Return whether a short word is none of the language, no name and nothing that stands before one."""
        return len(word) <= MOST_INITIALS and not (
            word in related_words() or word in self._with or word in _TITLES | _SAINT
        )

    def _begins(self, at: int, initials: str, one_by_one: bool) -> bool:
        """Return whether an artist's forenames begin with these letters, as far as both are written."""
        *forenames, _ = self._names[at]
        letters = "".join(word[0] for word in forenames)
        return bool(letters) and (
            letters.startswith(initials)
            or (one_by_one and initials.startswith(letters))
            or initials in forenames
        )

    def _is_named(self, at: int, said: Sequence[str]) -> bool:
        name, missing = self._names[at], len(self._names[at]) - len(set(said))
        own = missing == 1  # of Teenie Harris, whose works all say so
        return not missing or (
            name[-1] in said and not all(self._is_ordinary(word, own=own) for word in said)
        )

    def _is_ordinary(self, word: str, *, own: bool) -> bool:
        """Return whether works, or but their ``own``, say a word far more often than artists have it."""
        artists = self._with[word]
        return self._frequency(word) - own * self._by(artists) > 20 * len(artists) + 200

    def _by(self, artists: Collection[int]) -> int:
        return int(self._counts[list(artists)].sum())

    def _of_family(
        self, said: Sequence[str], typed: Sequence[str], start: int, used: Collection[int], catalogued: bool
    ) -> list[int]:
        """Return the artists of a family name, where it is likelier to be meant than the word.

        It is not where somebody else of that name is, *Ned Kelly*, nor a forename before a family name.
        """
        if len(said) != 1 or len(said[0]) < 2:
            return []
        after = typed[start + 1 : start + 2]
        before_another = any(one[0].isupper() or one.casefold() in self._family for one in after)
        artists = self._family.get(said[0], []) if before_another else self._known_as(said[0])
        if not artists:
            return []
        if start > 0 and typed[start - 1].lower() in _BY:
            return artists
        if start > 0 and start - 1 not in used and self._is_forename(typed[start - 1]):
            return []
        capital = typed[start][:1].isupper()
        if capital and catalogued:
            return artists
        forename = len(artists) > len(self._family.get(said[0], []))
        least = NO_ENGLISH if said[0] not in related_words() else MOSTLY_A_NAME if capital else HARDLY_A_WORD
        least = max(least, BY_FORENAME) if forename else least
        return artists if self._by(artists) >= least * self._frequency(said[0]) else []

    def _known_as(self, name: str) -> list[int]:
        """Return the artists of a family name, or the one who is known by another of his names."""
        artists = self._family.get(name, [])
        others: dict[str, list[int]] = {}
        for at in self._with.get(name, ()):
            if self._names[at][0] == name:
                others.setdefault(self._names[at][-1], []).append(at)
        others.pop(name, None)
        if not 1 <= len(others) <= FEW_FAMILIES:
            return artists
        most = max(others.values(), key=self._by)
        all_others = sum(map(self._by, others.values()))
        is_one = self._by(most) >= MOSTLY_ONE * (all_others + self._by(artists))
        return sorted([*artists, *most]) if is_one else artists

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


@lru_cache(1 << 12)
def _folded(typed: str) -> tuple[str, ...]:
    """Return the words of what was typed; a capital alone, or a letter and its full stop, is an initial."""
    return (f"{fold(typed[0])}.",) if _INITIAL.fullmatch(typed) else tuple(words(typed))


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
