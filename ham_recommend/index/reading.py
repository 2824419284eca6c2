"""How the words of a question are read: which terms of a collection they are, and which they are related to.

=========== ======================================================================================
own         the words as typed, and what misspelt ones stand for
same        the same words in other spellings and forms, and what foreign words mean in English
related     words near in meaning, from the table that comes with the package; they count for little
=========== ======================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from ham_recommend.encode.accession import number_in, parts_of_numbers
from ham_recommend.encode.analyzer import (
    LONGEST_QUERY,
    fold,
    initials,
    other_spellings,
    stem,
    without_qualifier,
    words,
)
from ham_recommend.encode.languages import ENGLISH
from ham_recommend.encode.places import places
from ham_recommend.encode.related import LANGUAGES, museum_phrases, related_words, same_words
from ham_recommend.encode.weights import Vocabulary
from ham_recommend.index._ids import Rows
from ham_recommend.index.slips import Slip, Slips
from ham_recommend.index.spelling import RARE
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
VARIANT = 0.5
"""What another spelling of a rare name counts beside the one typed."""
NEAR_ENOUGH = 0.75
"""How near in meaning a word must be to one that no work says, where it is all there is to go by: a kitten is
a cat, but a metastasis no tumour. More in a collection that says much; see
:meth:`ham_recommend.index.slips.Slips.least`. Set by ``benchmarks/answers.py``: it leaves out words of other
fields.
"""
SURELY_NEAR = 0.85
"""How near a word must be that counts though it has many nearer ones itself: the moon is near moonlight."""
SEVERAL = 4
"""So many such words need be no nearer: works that say *frightening*, *chilling* and *panic* are scary. Of
words of other fields hardly any has more than two. Set likewise.
"""
FAR_MORE = 10
"""How much more often works must say another name of a place than the one that is asked for."""
INSIDE_ALONE = 0.5
"""Share of a question that must name a region for the places in it to answer where works say none of it."""
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
    parted : tuple of str
        Where all of it was run together, the phrases that it was read as: a work says them, or has nothing of
        what is asked.
    corrected, translated, suggested : mapping of str to str
        Word as typed → what was read instead, what it means in English, and what may be meant by it.
    """

    own: Terms
    same: Terms
    related: Terms
    groups: tuple[Rows, ...]
    sequence: tuple[int, ...]
    unknown: int = 0
    parted: tuple[str, ...] = ()
    corrected: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    translated: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    suggested: Mapping[str, str] = field(default_factory=lambda: EMPTY)

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
    slips : Slips
        Tells its words from slips.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        slips: Slips,
    ) -> None:
        self._vocabulary = vocabulary
        self._slips = slips
        self._spelling, self._works_of = slips.spelling, slips.works_of

    def read(self, text: str, *, correct: bool = True, untranslated: Collection[str] = ()) -> Asked:
        """Return the terms of a question.

        Parameters
        ----------
        text : str
            Only the first 10,000 characters are read.
        correct : bool
            Whether unknown words may stand for similar ones, and none for others of its stem alone.
        untranslated : collection of str
            Meanings, as :attr:`Asked.translated` has them, that no word is read as.
        """
        number, text = number_in(without_qualifier(text[:LONGEST_QUERY]), self._vocabulary.row_of)
        asked = words(text)
        asked = [word for word in asked if word not in SAYS_NOTHING] or asked
        regions = self._regions(asked)
        code = self._language_of(tuple(asked))
        meant = self._meanings(asked, code, untranslated)
        meant |= self._called_here(asked, untranslated)
        asked = [word for word in asked if meant.get(word) or not self._says_nothing(word, code)] or asked
        doubtful = [word for word in asked if word not in meant and word not in regions]
        exact = parts_of_numbers(text)
        strange = self._slips.strange(doubtful, exact) if correct else set()
        fixed, suggested = self._slips.corrections(doubtful, exact, strange) if correct else ({}, {})
        here = [word for word in asked if not meant.get(word) or self._spelling.knows(word)]
        here = [word for word in here if word not in strange or word in fixed]
        own = self._own(number, text, here, fixed, strange)
        scale = float(np.linalg.norm(self._vocabulary.idf[own[0]])) or 1.0
        groups = {word: self._same(word, meant) for word in dict.fromkeys(_read_as(asked, fixed))}
        same = self._weighed({term: sure for group in groups.values() for term, sure in group.items()}, scale)
        same = _without(same, own)
        rows = [self._rows_of(group, () if word in strange else (word,)) for word, group in groups.items()]
        said = any(map(len, rows))
        near = self._near(groups, meant) if said else self._near_enough(groups)
        share = len(regions) / max(1, len(groups))
        if said or share > INSIDE_ALONE:
            near |= dict.fromkeys((place for inside in regions.values() for place in inside), share)
        related = _without(_without(self._counted(near, scale), own), same)
        parted = tuple(meant for word, meant in fixed.items() if self._slips.only_run_together(word, meant))
        return Asked(
            own,
            same,
            related,
            tuple(group for group in rows if len(group)),
            tuple(row for word in _read_as(here, fixed) if (row := self._vocabulary.row(word)) is not None),
            sum(not len(group) for group in rows),
            parted if sum(map(len, map(str.split, parted))) == sum(map(bool, map(len, rows))) else (),
            {_typed(text, word): known for word, known in fixed.items()},
            {_typed(text, word): told for word, english in meant.items() if (told := " ".join(english))},
            {_typed(text, word): near for word, near in suggested.items()},
        )

    def meanings(self, text: str, untranslated: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
        """Return the English words that the folded words of a question in another language mean.

        None of the later words of a phrase, which the first has the meaning of; nothing of words that say
        nothing, nor of a question in English.
        """
        asked = words(text[:LONGEST_QUERY])
        code = self._language_of(tuple(asked))
        meant = self._meanings(asked, code, untranslated)
        return {word: (*meant[word],) for word in meant if meant[word] or not self._says_nothing(word, code)}

    def slips(self, text: str) -> Mapping[str, str]:
        """Return the folded words of a question that are slips, and what is meant by each; none of a text."""
        asked = words(number_in(text[:LONGEST_QUERY], self._vocabulary.row_of)[1])
        if len(asked) > MOST_RELATED:
            return EMPTY
        known = {*self._called_here(asked, ()), *self._regions(asked)}
        asked = [word for word in asked if word not in known]
        if not any(self._slips.may_be_slip(word) for word in asked) or self._language_of(tuple(asked)):
            return EMPTY
        exact = parts_of_numbers(text)
        return self._slips.corrections(asked, exact, self._slips.strange(asked, exact))[0]

    def slip(self, text: str) -> Slip | None:
        """Return what a question of one word may be a slip of; ``None`` for any other question."""
        asked = words(text[:LONGEST_QUERY])
        alone = len(asked) == 1 and not number_in(text, self._vocabulary.row_of)[0]
        known = self._language_of(tuple(asked)) or self._called_here(asked, ()) or self._regions(asked)
        return self._slips.alone(*asked) if alone and not known else None

    def _own(
        self, number: str, text: str, asked: list[str], fixed: Mapping[str, str], strange: Collection[str]
    ) -> Terms:
        counted = [fixed[word] for word in asked if word in fixed]
        counted += [word for word in asked if word not in strange]
        less = dict.fromkeys(initials(text), INITIALS) if len(asked) > 1 else {}
        less |= {part: 0.5 for pair in fixed.values() if " " in pair for part in pair.split()}
        return self._vocabulary.query(
            [number, *(word for word in counted if word not in less)], other_spellings(text) | less
        )

    @cached_property
    def _language_of(self) -> Callable[[tuple[str, ...]], str]:
        """Return the language of words, which is asked several times of one question."""
        return lru_cache(1 << 8)(self._told)

    def _told(self, asked: tuple[str, ...]) -> str:
        """Return the code of the language that a query to English works is in; empty for English."""
        if self._vocabulary.language != ENGLISH:
            return ""
        told = related_words().language_of(asked, self._names_in(asked))
        phrases = museum_phrases().items()
        return told or next((code for code, listed in phrases if any(_in_order(asked, listed))), "")

    def _names_in(self, asked: Iterable[str]) -> frozenset[str]:
        """Return the words that several works say; those that only look foreign are names: *Helen*."""
        return frozenset(word for word in asked if self._spelling.frequency(word) > RARE)

    def _says_nothing(self, word: str, code: str) -> bool:
        return bool(code) and related_words().says_nothing(word, code)

    def _meanings(
        self, asked: list[str], code: str, untranslated: Collection[str]
    ) -> dict[str, dict[str, float]]:
        """Return what the words of a query in another language mean in English; nothing for English."""
        if not code:
            return {}
        table = related_words()
        found: dict[str, dict[str, float]] = {}
        listed, names = museum_phrases()[code], self._names_in(asked)
        for phrase in _in_order(asked, listed):
            if " ".join(listed[phrase]) not in untranslated:
                first, *others = phrase.split()
                found |= {
                    first: dict.fromkeys(" ".join(listed[phrase]).split(), 1.0),
                    **{word: {} for word in others},
                }
        for word in asked:
            meanings = [] if word in names and table.is_only_like(word, code) else table.meaning(word, code)
            if word not in found and (meanings or table.says_nothing(word, code)):
                found[word] = {english: sure for english, sure in meanings if sure >= SURE}
        return {word: told for word, told in found.items() if " ".join(told) not in untranslated or not told}

    def _regions(self, asked: Sequence[str]) -> dict[str, list[str]]:
        """Return the words of a question that name a region, and the places in it that works say."""
        found: dict[str, list[str]] = {}
        for named, inside in places().regions(asked[:MOST_RELATED]):
            here = (fold(self._name_here(place)) or place for place in inside)
            said = list(filter(self._spelling.knows, here))
            found |= dict.fromkeys(named, said) if said else {}
        return found

    def _called_here(
        self, asked: Iterable[str], untranslated: Collection[str]
    ) -> dict[str, dict[str, float]]:
        """Return the places that works call otherwise than a question does: *Venezia* is Venice."""
        names = {word: self._name_here(word) for word in asked}
        return {word: {name: 1.0} for word, name in names.items() if name and name not in untranslated}

    def _name_here(self, word: str) -> str:
        said = self._spelling.frequency
        most = max(places().other_names(word), key=lambda name: said(fold(name)), default="")
        return most if said(fold(most)) >= FAR_MORE * said(word) and said(fold(most)) else ""

    def _same(self, word: str, meant: Mapping[str, Mapping[str, float]]) -> dict[int, float]:
        """Return the terms that are the same word, and how surely."""
        found = dict.fromkeys(same_words().get(word, ()), 1.0)
        if not len(self._works_of(word)):
            found |= dict.fromkeys(self._slips.other_forms(word), 1.0)
        found |= {fold(english): ABROAD * sure for english, sure in meant.get(word, {}).items()}
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
        if self._slips.is_usual(word):
            return {}
        rows = map(self._vocabulary.row, self._spelling.variants(word, len(self._works_of(word))))
        return {row: VARIANT for row in rows if row is not None}

    def _rows_of(self, group: Collection[int], typed: Collection[str]) -> Rows:
        own = {row for word in typed if (row := self._vocabulary.row(word)) is not None}
        return np.array(sorted({*group, *own}), dtype=np.intp)

    def _near(self, groups: Collection[str], meant: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
        """Return the words near in meaning to those of a query, and how near."""
        if self._vocabulary.language != ENGLISH:
            return {}
        table, near = related_words(), dict[str, float]()
        for word in list(groups)[:MOST_RELATED]:
            english = (
                [other for other, sure in meant[word].items() if sure == 1.0] if word in meant else [word]
            )
            for one in {other for each in english for other in (each, *same_words().get(each, ()))}:
                for other, cosine in table.near(one):
                    near[other] = max(near.get(other, 0.0), cosine)
        return near

    def _near_enough(self, asked: Collection[str]) -> dict[str, float]:
        """Return the words that works say which are as good as those of a query, of which they say none.

        There are none, unless most of the query is told by them.
        """
        if self._vocabulary.language != ENGLISH or len(asked) > MOST_RELATED:
            return {}
        table, found = related_words(), list[dict[str, float]]()
        for word in map(table.listed, asked):
            near = {
                other: cosine
                for other, cosine in table.near(word)
                if cosine >= NEAR_ENOUGH and other in table and self._slips.is_said(other)
            }
            near = {
                other: cosine
                for other, cosine in near.items()
                if cosine >= SURELY_NEAR or word in dict(table.near(other))
            }
            found.append(self._as_good(word, near))
        told = [near for near in found if near]
        return {} if 2 * len(told) <= len(found) else {word: near[word] for near in told for word in near}

    def _as_good(self, word: str, near: Mapping[str, float]) -> dict[str, float]:
        """Return those of the words near one that no work says, which are as good as it.

        It must be a word that museums write; a kind of one of these, as a racehorse is a horse; or an
        everyday word that several tell.
        """
        table, several = related_words(), len(near) >= SEVERAL
        forms = (word, *same_words().get(word, ()), *filter(word.endswith, near))
        if not (any(map(table.is_of_museums, forms)) or (several and any(map(table.is_common, forms)))):
            return {}
        least = NEAR_ENOUGH if several else self._slips.least(NEAR_ENOUGH)
        return {other: cosine for other, cosine in near.items() if cosine >= least}

    def _counted(self, near: Mapping[str, float], scale: float) -> Terms:
        """Return the terms of words near in meaning, with what they count."""
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


_CODES = {language: code for code, language in LANGUAGES.items()}


def _in_order(asked: Sequence[str], phrases: Iterable[str]) -> Iterator[str]:
    """Yield those of some phrases whose words stand side by side among those of a query."""
    said = f" {' '.join(asked)} "
    return (phrase for phrase in phrases if f" {phrase} " in said)


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
