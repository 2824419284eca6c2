"""How the words of a question are read: which terms of a collection they are, and which they are related to.

=========== ======================================================================================
own         the words as typed, and what misspelt ones stand for
same        the same words in other spellings and forms, and what foreign words mean in English
related     words near in meaning, from the table that comes with the package; they count for little
=========== ======================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ham_recommend.encode.accession import number_in, parts_of_numbers
from ham_recommend.encode.analyzer import LONGEST_QUERY, initials, other_spellings, stem, words
from ham_recommend.encode.languages import ENGLISH
from ham_recommend.encode.related import LANGUAGES, museum_words, related_words, same_words
from ham_recommend.encode.weights import Vocabulary
from ham_recommend.index._ids import Rows
from ham_recommend.index.spelling import RARE, Spelling, Works
from ham_recommend.records import EMPTY, Vectors

INITIALS = 0.1
"""What initials count beside the family name; a title with the same letters in it is no artist."""
RELATED = 0.1
"""What a related word counts beside the words of a query; set by ``benchmarks/answers.py``."""
NEARNESS = 3
"""The power of the cosine by which near words count more than distant ones; set likewise."""
SURE = 0.6
"""Meanings of a foreign word that are less sure than this, the first being 1, are not what it means."""
ABROAD = 2.0
"""What the meaning of a foreign word counts beside the word itself, which a few titles may hold."""
SAYS_NOTHING = frozenset({"something", "anything", "everything", "things", "show", "please"})
"""Words of a question, beside others, that say nothing of what is sought."""
DOUBTFUL, TWICE_DOUBTFUL = 5, 7
"""Letters up to which a string of any letters is one letter away from some word by chance, and up to which it
is two."""
TERMS_A_WORK = 2_000
"""For so many terms of a collection, one work must say what such a word alone is a slip of."""
VARIANT = 0.5
"""What another spelling of a rare name counts beside the one typed."""
NEAR_ENOUGH = 0.72
"""How near in meaning works must be to a question of which no work says a word: a kitten is a cat, but a
metastasis no tumour. Set by ``benchmarks/answers.py``: it leaves out words of other fields.
"""
MOST_CORRECTED = 8
"""Words of one query that are corrected; who misspells more does not write this collection's language."""
MOST_RELATED = 16
"""Words of one query whose related words are looked up: a long one says what it means itself."""

_TYPED = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

Terms = tuple[Rows, Vectors]
"""Rows of a vocabulary, ascending, and their weights."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question, as a collection reads it.

    Parameters
    ----------
    own : Terms
        What was typed, of unit length.
    same : Terms
        The same in other words; no term is among ``own``.
    related : Terms
        Words near in meaning; no term is among the others.
    groups : tuple of ndarray of int
        For each word its term and those that are the same: a work holds the word if it has one of them.
    sequence : tuple of int
        The terms typed, in order.
    unknown : int
        How many of the words the collection does not know at all.
    corrected, translated : mapping of str to str
        Word as typed → what was read instead, and what it means in English.
    """

    own: Terms
    same: Terms
    related: Terms
    groups: tuple[Rows, ...]
    sequence: tuple[int, ...]
    unknown: int = 0
    corrected: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    translated: Mapping[str, str] = field(default_factory=lambda: EMPTY)

    @property
    def said(self) -> Terms:
        """What was typed and what is the same."""
        return _joined(self.own, self.same)

    @property
    def all(self) -> Terms:
        """What was typed, what is the same and what is related."""
        return _joined(self.own, self.same, self.related)


class Reading:
    """Reads questions to one collection.

    Parameters
    ----------
    vocabulary : Vocabulary
        Its terms.
    spelling : Spelling
        Of its words.
    works_of : callable
        Word → the rows of the works that say it.
    saying : callable
        Phrase → the same.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        spelling: Spelling,
        works_of: Callable[[str], Works],
        saying: Callable[[str], Works],
    ) -> None:
        self._vocabulary = vocabulary
        self._spelling = spelling
        self._works_of = works_of
        self._saying = saying

    def read(self, text: str, *, correct: bool = True) -> Asked:
        """Return the terms of a question.

        Parameters
        ----------
        text : str
            Only the first 10,000 characters are read.
        correct : bool
            Whether unknown words may stand for similar ones.
        """
        number, text = number_in(text[:LONGEST_QUERY], self._vocabulary.row_of)
        asked = words(text)
        asked = [word for word in asked if word not in SAYS_NOTHING] or asked
        meant = self._meanings(asked)
        doubtful = [word for word in asked if word not in meant]
        exact = parts_of_numbers(text)
        strange = self._strange(doubtful, exact)
        fixed = self._corrections(doubtful, exact, strange) if correct else {}
        here = [word for word in asked if not meant.get(word) or self._spelling.knows(word)]
        here = [word for word in here if word not in strange]
        own = self._own(number, text, here, fixed)
        scale = float(np.linalg.norm(self._vocabulary.idf[own[0]])) or 1.0
        groups = {word: self._same(word, meant) for word in dict.fromkeys(_read_as(asked, fixed))}
        same = self._weighed({term: sure for group in groups.values() for term, sure in group.items()}, scale)
        same = _without(same, own)
        rows = [self._rows_of(group, () if word in strange else (word,)) for word, group in groups.items()]
        least = 0.0 if any(map(len, rows)) else NEAR_ENOUGH
        related = _without(_without(self._related(groups, meant, scale, least), own), same)
        return Asked(
            own,
            same,
            related,
            tuple(group for group in rows if len(group)),
            tuple(row for word in _read_as(here, fixed) if (row := self._vocabulary.row(word)) is not None),
            sum(not len(group) for group in rows),
            {_typed(text, word): known for word, known in fixed.items()},
            {_typed(text, word): " ".join(english) for word, english in meant.items() if english},
        )

    def _own(self, number: str, text: str, asked: list[str], fixed: Mapping[str, str]) -> Terms:
        counted = [*(fixed[word] for word in asked if word in fixed), *asked]
        less = dict.fromkeys(initials(text), INITIALS) if len(asked) > 1 else {}
        less |= {part: 0.5 for pair in fixed.values() if " " in pair for part in pair.split()}
        return self._vocabulary.query(
            [number, *(word for word in counted if word not in less)], other_spellings(text) | less
        )

    def _meanings(self, asked: list[str]) -> dict[str, dict[str, float]]:
        """Return what the words of a query in another language mean in English."""
        if self._vocabulary.language != ENGLISH:
            return {}
        table, folded = related_words(), f" {' '.join(asked)} "
        code = table.language_of(asked) or next(
            (
                code
                for code, listed in museum_words().items()
                if any(f" {phrase} " in folded for phrase in listed if " " in phrase)
            ),
            "",
        )
        if not code:
            return {}
        found: dict[str, dict[str, float]] = {}
        for phrase, english in museum_words()[code].items():
            if " " in phrase and f" {phrase} " in folded:
                first, *others = phrase.split()
                found |= {
                    first: dict.fromkeys(" ".join(english).split(), 1.0),
                    **{word: {} for word in others},
                }
        for word in asked:
            meanings = table.meaning(word, code)
            if word not in found and (meanings or table.says_nothing(word, code)):
                found[word] = {english: sure for english, sure in meanings if sure >= SURE}
        return found

    def _same(self, word: str, meant: Mapping[str, Mapping[str, float]]) -> dict[int, float]:
        """Return the terms that are the same word, and how surely."""
        found = dict.fromkeys(same_words().get(word, ()), 1.0)
        found |= {english: ABROAD * sure for english, sure in meant.get(word, {}).items()}
        rows = ((self._vocabulary.row(other), sure) for other, sure in found.items())
        same = {row: sure for row, sure in rows if row is not None}
        same |= self._variants(word)
        code = _CODES.get(self._vocabulary.language)
        if code and not len(self._works_of(word)):
            terms = related_words().said_in(word, code)
            same |= {
                row: sure for term, sure in terms if (row := self._vocabulary.row_of.get(term)) is not None
            }
        return same

    def _variants(self, word: str) -> dict[int, float]:
        """Return the terms of other spellings of a rare name: most works on *Caernarfon* say Caernarvon."""
        if self._is_word(word):
            return {}
        rows = map(self._vocabulary.row, self._spelling.variants(word, len(self._works_of(word))))
        return {row: VARIANT for row in rows if row is not None}

    def _rows_of(self, group: Collection[int], typed: Collection[str]) -> Rows:
        own = {row for word in typed if (row := self._vocabulary.row(word)) is not None}
        return np.array(sorted({*group, *own}), dtype=np.intp)

    def _related(
        self,
        groups: Collection[str],
        meant: Mapping[str, Mapping[str, float]],
        scale: float,
        least: float,
    ) -> Terms:
        """Return the terms near in meaning to those of a query, with what they count.

        Where there is a least nearness, no name is: it only looks like a word.
        """
        if self._vocabulary.language != ENGLISH:
            return self._weighed({}, scale)
        table, near = related_words(), dict[str, float]()
        for word in list(groups)[:MOST_RELATED]:
            english = (
                [other for other, sure in meant[word].items() if sure == 1.0] if word in meant else [word]
            )
            for one in {other for each in english for other in (each, *same_words().get(each, ()))}:
                for other, cosine in table.near(one):
                    if not least or (cosine >= least and other in table):
                        near[other] = max(near.get(other, 0.0), cosine)
        rows: dict[int, float] = {}
        for term, cosine in zip(stem(near, self._vocabulary.language), near.values(), strict=True):
            row = self._vocabulary.row_of.get(term)
            if row is not None:
                rows[row] = max(rows.get(row, 0.0), RELATED * cosine**NEARNESS)
        return self._weighed(rows, scale)

    def _weighed(self, shares: Mapping[int, float], scale: float) -> Terms:
        rows = np.array(sorted(shares), dtype=np.intp)
        share = np.array([shares[row] for row in rows.tolist()], dtype=np.float32)
        return rows, (share * self._vocabulary.idf[rows] / scale).astype(np.float32)

    def _strange(self, asked: list[str], exact: set[str]) -> set[str]:
        """Return the short words that are none, but look like the stem of one: *nake* is not naked.

        They are words, if some work says them with another of the question, or says their plural.
        """
        if self._vocabulary.language != ENGLISH:
            return set()
        found = {
            word
            for word in asked
            if len(word) <= DOUBTFUL
            and word not in exact
            and len(self._works_of(word))
            and not self._spelling.knows(word)
            and not self._is_listed(word)
            and not any(self._spelling.knows(word + ending) for ending in ("s", "es"))
        }
        company = [self._works_of(word) for word in asked if word not in found]
        return {
            word
            for word in found
            if not any(len(np.intersect1d(self._works_of(word), other)) for other in company)
        }

    def _corrections(self, asked: list[str], exact: set[str], strange: Collection[str]) -> dict[str, str]:
        """Return the words meant by those that match nothing, or so little that it may be a slip as well."""
        frequencies = {word: len(self._works_of(word)) for word in dict.fromkeys(asked)}
        doubtful = [
            word for word, frequency in frequencies.items() if frequency <= RARE and word not in exact
        ]
        right = [word for word, frequency in frequencies.items() if frequency > RARE]
        found = {
            word: meant
            for word in doubtful[:MOST_CORRECTED]
            if (meant := self._spelling.correct(word, frequencies[word], right)) is not None
            and (not self._is_word(word) or (meant.replace(" ", "") == word and len(self._saying(meant))))
        }
        company = {word: self._works_of(word) for word in right}
        sure = {word: meant for word, meant in found.items() if _is_sure(word, meant)}
        company |= {word: self._works_of(meant.split()[0]) for word, meant in sure.items()}
        company = {word: works for word, works in company.items() if word not in strange}
        alone = len(frequencies) == 1
        among = any(
            word in strange or not (frequency or word in found or self._is_word(word))
            for word, frequency in frequencies.items()
        )
        return {
            word: meant
            for word, meant in found.items()
            if frequencies[word]
            or (meant.replace(" ", "") == word and not among)
            or self._is_slip(
                word, meant, [company[other] for other in company if other != word], alone, among
            )
        }

    def _is_slip(self, word: str, meant: str, company: Iterable[Works], alone: bool, among: bool) -> bool:
        """Return whether a word is likelier a slip than a string of any letters.

        One in a long word is, and two, unless it stands among strings of letters. Another is, if some work
        says what is meant with another word of the question; and where there is no other, if it begins with
        the right letter, as most slips do (Yannakoudakis and Fawthrop, 1983), has none too many, and is no
        rare word.
        """
        sure = _is_once(word, meant) and len(word) > TWICE_DOUBTFUL if among else _is_sure(word, meant)
        if sure or (alone and len(word) > DOUBTFUL):
            return True
        works = self._works_of(meant.split(maxsplit=1)[0])
        if any(len(np.intersect1d(works, other)) for other in company):
            return True
        if len(works) * TERMS_A_WORK < len(self._vocabulary.terms):
            return False
        return alone and len(word) == DOUBTFUL and meant[0] == word[0] and len(meant) >= len(word)

    def _is_word(self, word: str) -> bool:
        """Return whether a word is a real one of the collection's language, and no slip."""
        if self._vocabulary.language != ENGLISH:
            return False
        return self._is_listed(word) or stem([word])[0] in self._real_terms

    def _is_listed(self, word: str) -> bool:
        return word in self._real or word in same_words()

    @cached_property
    def _real(self) -> frozenset[str]:
        return frozenset(related_words().words)

    @cached_property
    def _real_terms(self) -> frozenset[str]:
        return frozenset(stem(related_words().words))


_CODES = {language: code for code, language in LANGUAGES.items()}


def _is_sure(word: str, meant: str) -> bool:
    """Return whether a word is too long to be so near another by chance."""
    return len(word) > (DOUBTFUL if _is_once(word, meant) else TWICE_DOUBTFUL)


def _is_once(word: str, meant: str) -> bool:
    """Return whether a word is one letter away from what is meant, and not the first."""
    from rapidfuzz.distance import OSA

    return word[0] == meant[0] and OSA.distance(word, meant) == 1


def _read_as(asked: Iterable[str], fixed: Mapping[str, str]) -> list[str]:
    return [part for word in asked for part in fixed.get(word, word).split()]


def _without(terms: Terms, others: Terms) -> Terms:
    new = ~np.isin(terms[0], others[0])
    return terms[0][new], terms[1][new]


def _joined(*parts: Terms) -> Terms:
    rows, weights = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(rows)
    return rows[order], weights[order]


def _typed(text: str, word: str) -> str:
    """Return a word the way the user typed it."""
    return next((typed for typed in _TYPED.findall(text) if words(typed) == [word]), word)
