"""Which words of a question a collection says, and what those are slips of that it does not.

=========== ======================================================================================
said        some work says the word, a form of it, or one that is derived from it and near in meaning
strange     it has no more than the stem in common with a word that works say: *generics*, general
a slip      no word at all, and likelier a word of the collection misspelt than any string of letters
doubtful    no word at all, alone, and near one of the collection, as strings of any letters are by chance
=========== ======================================================================================
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile
from math import inf, log

import numpy as np

from ham_recommend.encode.analyzer import stem
from ham_recommend.encode.languages import ENGLISH
from ham_recommend.encode.real_words import is_listed_word, is_real_word
from ham_recommend.encode.related import peoples, related_words, same_words
from ham_recommend.encode.weights import Vocabulary
from ham_recommend.index.edits import LIKELY, likelihood
from ham_recommend.index.saying import Works, in_all
from ham_recommend.index.spelling import RARE, Spelling

SHORTEST, DOUBTFUL, LONG = 5, 7, 8
"""Letters of a word that may be a slip though it stands alone; letters up to which a string of any letters is
one letter away from some word by chance, and up to which it is two."""
SURE = 4.6
"""How much likelier than by chance a word that stands alone must be a slip, as a logarithm: 100 times. Set by
``benchmarks/answers.py``: of strings without a meaning about three in a thousand are.
"""
MOST_CORRECTED = 8
"""Words of one query that are corrected; who misspells more does not write this collection's language."""
DERIVED, SURELY_DERIVED = 0.2, 0.6
"""How much of their related words two words of one stem share, at least, where one is derived from the other.

*Religious* and religion share .21, *polarization* and polar .28, *mathematics* and mathematical .55,
*relational* and related .02, *organization* and organ none. The first in a collection that says nothing, the
second in one that says all words; see :meth:`Slips.least`. Set by ``benchmarks/answers.py``.
"""

SHORTEST_BARE = 3
"""Letters of a word that may take an ending: *abs* are no ab."""
_ENDINGS = ("s", "es", "e", "d", "ed", "ing")
_NUMBERS = (("us", "i"), ("a", "ae"), ("um", "a"), ("is", "es"), ("eau", "eaux"))
_ITALIAN = ("o", "i")
_SCHOOLS = (("ist", "ism"), ("ists", "ism"), ("istic", "ism"))
_TWICE = re.compile(r"(.)\1$")


@dataclass(frozen=True, slots=True)
class Slip:
    """What a word that stands alone, and that no work says, is likeliest a slip of.

    Parameters
    ----------
    meant : str
        A word of the collection.
    share : float
        Which share of what its works say that is, from 0 to 1.
    odds : float
        How much likelier the word is a slip of it than typed without a meaning, as a logarithm; less than any
        of a word shorter than :data:`SHORTEST`.
    """

    meant: str
    share: float
    odds: float


class Slips:
    """Tells words from slips, for one collection.

    Parameters
    ----------
    spelling : Spelling
        Of its words.
    vocabulary : Vocabulary
        Its terms.
    works_of : callable
        Word → the works that say it.
    saying : callable
        Phrase → the same.
    """

    def __init__(
        self,
        spelling: Spelling,
        vocabulary: Vocabulary,
        works_of: Callable[[str], Works],
        saying: Callable[[str], Works],
    ) -> None:
        self.spelling = spelling
        self.works_of = works_of
        self._saying = saying
        self._language = vocabulary.language

    def is_word(self, word: str) -> bool:
        """Return whether a word is a real one of the collection's language, and no slip."""
        return self._language == ENGLISH and (self.is_usual(word) or is_real_word(word))

    def may_be_slip(self, word: str) -> bool:
        """Return whether hardly any work says a word, and it is no real one."""
        return len(self.works_of(word)) <= RARE and not self.is_word(word)

    def is_usual(self, word: str) -> bool:
        """Return whether a word is one that museums write, and no name."""
        return self._language == ENGLISH and (word in related_words() or word in same_words())

    def is_said(self, word: str) -> bool:
        """Return whether some work says a word, a form of it, or one derived from it and near in meaning.

        That is more than to have a stem in common: works on opera say nothing *operational*.
        """
        return self._is_written(word) or self._is_derived(word)

    def _is_written(self, word: str) -> bool:
        if not len(self.works_of(word)):
            return False
        if self._language != ENGLISH or not word.isascii() or self.spelling.knows(word):
            return True
        (term,) = stem([word])
        return self.spelling.is_compound(term) or any(_is_form(other, word) for other in self._alike(term))

    def _is_derived(self, word: str) -> bool:
        shared, least = related_words().shared, self.least(DERIVED, SURELY_DERIVED)
        if not related_words().near(word):  # it shares nothing, and a long text has many such
            return False
        return any(shared(word, other) >= least for other in self._alike(stem([word])[0]))

    def _alike(self, term: str) -> list[str]:
        """Return the words of the collection that have a stem."""
        first = bisect_left(self._words, term[:-1])
        begin_so = takewhile(lambda word: word.startswith(term[:-1]), islice(self._words, first, None))
        words = list(begin_so)
        return [word for word, other in zip(words, stem(words), strict=True) if other == term]

    @cached_property
    def _words(self) -> list[str]:
        return sorted(self.spelling.words)

    def least(self, evidence: float, most: float = 1.0) -> float:
        """Return how much evidence it takes that a word which no work says is of the collection's field.

        The more of the language the collection says, the likelier such a word is of another field.

        Parameters
        ----------
        evidence, most : float
            Where the collection says nothing, and where it says all the words that museums do.
        """
        return evidence + (most - evidence) * self._says_of_all

    @cached_property
    def _says_of_all(self) -> float:
        return float(np.mean([self.spelling.knows(word) for word in related_words().words]))

    def other_forms(self, word: str) -> list[str]:
        """Return the words that works say, of which a word that none says is a form that no stem tells.

        It may be the singular or the plural, in Latin (*fungi*) or, of a word and no name, in Italian
        (*modelli*, *cassoni*); a school, and whoever is of it (*expressionist*); or a country, whose works
        are called after its people (*Belgium*).
        """
        forms = set(peoples().get(word, ()))
        if len(word) >= SHORTEST:
            pairs = [pair for both in (*_NUMBERS, *_SCHOOLS) for pair in (both, both[::-1])]
            forms |= {word.removesuffix(end) + other for end, other in pairs if word.endswith(end)}
            told = {word[:-1] + other for other in _ITALIAN if word.endswith(_ITALIAN)}
            told |= {word[:-1] + "e"} if word.endswith("i") and len(word) >= DOUBTFUL else set()
            forms |= {form for form in told if is_real_word(form)}
        return [form for form in sorted(forms) if self.spelling.knows(form)]

    def strange(self, asked: Collection[str], exact: Collection[str]) -> set[str]:
        """Return the words that no work says, though some say others of the same stem: *nake* is not naked.

        They are taken for said, if some work says the stem and another word of the question. Those that are
        derived from words that works say are, unless they are few, and no other word is said.

        Parameters
        ----------
        asked : collection of str
            Folded words.
        exact : collection of str
            Parts of numbers, which are as they are.
        """
        unwritten = [word for word in asked if word not in exact and not self._is_written(word)]
        derived = {word for word in unwritten if self._is_derived(word)}
        few = len(unwritten) == len(asked) and 2 * len(derived) <= len(asked)
        found = {word for word in unwritten if len(self.works_of(word)) and (few or word not in derived)}
        company = [self.works_of(word) for word in asked if word not in found]
        return {word for word in found if not any(in_all([self.works_of(word), other]) for other in company)}

    def corrections(
        self, asked: Collection[str], exact: Collection[str], strange: Collection[str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Return what is meant by the words that match nothing, or so little that it may be a slip as well.

        Of a word that stands alone and may as well be none, second, what may be meant.

        Parameters
        ----------
        asked, exact
            As for :meth:`strange`.
        strange : collection of str
            What :meth:`strange` found.
        """
        frequencies = {
            word: 0 if word in strange else len(self.works_of(word)) for word in dict.fromkeys(asked)
        }
        doubtful = [
            word for word, frequency in frequencies.items() if frequency <= RARE and word not in exact
        ]
        right = [word for word, frequency in frequencies.items() if frequency > RARE]
        real = {word for word in doubtful if self.is_word(word)}
        found = {
            word: meant
            for word in doubtful[:MOST_CORRECTED]
            if (meant := self.spelling.correct(word, frequencies[word], right)) is not None
            and (self._is_two(word, meant) if " " in meant else word not in real or _only_cut(word, meant))
        }
        company = {word: self.works_of(word) for word, n in frequencies.items() if n and word not in found}
        among = any(not (n or word in found or word in real) for word, n in frequencies.items())
        sure = {word: meant for word, meant in found.items() if _is_sure(word, meant)}
        company |= {word: self.works_of(meant.split()[0]) for word, meant in sure.items()}
        alone, told = len(frequencies) == 1, sum(n > 0 or word in found for word, n in frequencies.items())

        def is_meant(word: str, meant: str) -> bool:
            if frequencies[word]:
                return True
            if " " in meant and not among:
                return not is_listed_word(word) or 2 * told > len(frequencies)
            others = [company[other] for other in company if other != word]
            return self._is_slip(word, meant, others, alone, among)

        fixed = {word: meant for word, meant in found.items() if is_meant(word, meant)}
        return fixed, {word: meant for word, meant in found.items() if alone and word not in fixed}

    def alone(self, word: str) -> Slip | None:
        """Return what a word that stands alone may be a slip of; ``None`` where it is right or near none."""
        strange = self.strange([word], [])
        if len(self.works_of(word)) and not strange:
            return None
        fixed, doubtful = self.corrections([word], [], strange)
        meant = {**fixed, **doubtful}.get(word, " ")
        return None if " " in meant else self._slip(word, meant)

    def _slip(self, word: str, meant: str) -> Slip:
        share = self.spelling.share(len(self.works_of(meant)))
        odds = max(self.spelling.odds(word, form) for form in _forms(meant))
        return Slip(meant, share, log(share) + odds if len(word) >= SHORTEST else -inf)

    def only_run_together(self, word: str, meant: str) -> bool:
        """Return whether a word was read as two that works say, though it means something else than the last.

        A hummingbird is a bird, and a rainforest a forest; a touchdown is nowhere down.
        """
        if " " not in meant or len(self.works_of(word)) or self.spelling.is_compound(stem([word])[0]):
            return False
        near = [other for other, _ in related_words().near(related_words().listed(word))]
        return stem([meant.rsplit(maxsplit=1)[-1]])[0] not in stem(near)

    def _is_two(self, word: str, meant: str) -> bool:
        """Return whether a word is two of which some work says one after the other.

        What is a word itself must have to do with either, or half the works that say both must say them so:
        *water lilies*. A *callback* calls nobody back.
        """
        if self.spelling.is_compound(stem([word])[0]):
            return True
        said = self._saying(meant)
        if not said:
            return False
        first, second = meant.split()
        both = len(in_all(map(self.works_of, (first, second))))
        return (
            not is_listed_word(word)
            or 2 * len(said) >= both
            or any(related_words().shared(word, part) >= DERIVED for part in (first, second))
        )

    def _is_slip(self, word: str, meant: str, company: Iterable[Works], alone: bool, among: bool) -> bool:
        """Return whether a word is likelier a slip than a string of any letters.

        Whatever stands beside it, it is a slip if some work says both. Alone it is one, if it is far likelier
        than by chance. Two slips are in a long word; one is in a long word among strings of letters, and in
        another beside a word that is said. Where none of several words is, two must be likely.
        """
        works, others = self.works_of(meant.split(maxsplit=1)[0]), list(company)
        if any(in_all([works, other]) for other in others):
            return True
        if alone:
            return self._slip(word, meant).odds >= SURE
        once = _is_once(word, meant)
        if others and once and not among:
            return len(word) > SHORTEST
        likely = max(likelihood(word, form) for form in _forms(meant)) >= LIKELY
        return len(word) > LONG and (once or (not among and (bool(others) or likely)))


def _is_form(word: str, other: str) -> bool:
    """Return whether two words of one stem differ in number or tense only."""
    return not _bare(word).isdisjoint(_bare(other)) and word + "e" != other and other + "e" != word


def _bare(word: str) -> set[str]:
    """Return a word without each ending that number or tense may have given it."""
    bare = {word.removesuffix(ending) for ending in _ENDINGS}
    bare = {one for one in bare if len(one) >= SHORTEST_BARE or one == word}
    bare |= {f"{one[:-1]}y" for one in bare if one.endswith("i") and one != word}  # ladies
    return {_TWICE.sub(r"\1", one) for one in bare}


def _is_sure(word: str, meant: str) -> bool:
    """Return whether a word is too long to be so near another by chance."""
    return len(word) > (DOUBTFUL if _is_once(word, meant) else LONG)


def _only_cut(word: str, meant: str) -> bool:
    """Return whether a word is one only if it is cut in two, and surely a slip: *landcape*."""
    return not is_listed_word(word) and _is_sure(word, meant) and _is_once(word, meant)


def _is_once(word: str, meant: str) -> bool:
    """Return whether a word is one slip away from what is meant, and begins like it.

    Two letters that have changed places are one slip, *bycicle* too; whether it is one or many is none.
    """
    from rapidfuzz.distance import OSA

    swapped = sorted(word) == sorted(meant) and OSA.distance(word, meant) == 2
    return word[0] == meant[0] and (swapped or any(OSA.distance(word, form) == 1 for form in _forms(meant)))


def _forms(meant: str) -> tuple[str, str]:
    """Return a word, and its plural or singular."""
    return meant, meant.removesuffix("s") if meant.endswith("s") else f"{meant}s"
