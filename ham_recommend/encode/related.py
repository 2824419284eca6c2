"""Which words are related: near synonyms in English, and the English words that foreign ones mean.

A collection cannot teach itself that a kitten is a cat; a table that comes with the package does. It was made
by ``tools/related_words.py`` from a sentence encoder and WordNet, and is read the first time it is asked;
``related_words.txt`` says from what and under which terms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from ham_recommend.encode.analyzer import stem, words
from ham_recommend.encode.languages import ARTICLES, SMALL_WORDS

OUT = Path(__file__).with_name("related_words.npz")
SAME = Path(__file__).with_name("same_words.txt")
PEOPLES = Path(__file__).with_name("peoples.txt")
MUSEUM = Path(__file__).with_name("museum_words.txt")
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {"fr": "french", "de": "german", "es": "spanish", "it": "italian", "nl": "dutch"}
)
"""Code → Snowball stemmer."""

LEAST_NEAR = 0.5
"""How near a word must be to be kept; nearer ones are in so many levels that a word takes two bytes."""
_LEVELS = 15
_STEP = (1.0 - LEAST_NEAR) / _LEVELS

COMMON = 4_000
"""The words that people use most; so many of them cover 95 % of what they say (Nation, 2006)."""

COMPOUNDING = frozenset({"german", "dutch"})
SHORTEST_BARE = 3
"""Letters of a foreign word that may take an ending, at least."""
LONG, SHORTEST_FORM = 6, 5
"""Letters of a foreign word beside a name, and of a form of a listed one, at least."""

_DECLINED = {
    "french": re.compile("e?s?|x|aux|ales?"),
    "german": re.compile("e?[nsmr]?|ern|nen"),
    "spanish": re.compile("[aeo]?s?"),
    "italian": re.compile("[aeio]|h[ei]"),
    "dutch": re.compile("en|e?s?|eren|je|jes"),
}
"""What follows the stem of a noun or an adjective, and seldom what follows one in a string of letters."""
_NUMBERS = {
    "french": (("", "s"), ("", "x"), ("", "e"), ("", "es"), ("al", "aux")),
    "german": (("", "e"), ("", "n"), ("", "s"), ("", "en"), ("", "er"), ("", "es"), ("", "nen")),
    "spanish": (("", "s"), ("", "es"), ("z", "ces"), ("o", "a"), ("o", "as")),
    "italian": (
        ("o", "i"),
        ("e", "i"),
        ("io", "i"),
        ("a", "e"),
        ("a", "he"),
        ("o", "a"),
        ("o", "e"),
        ("o", "hi"),
    ),
    "dutch": (("", "s"), ("", "n"), ("", "e"), ("", "en")),
}
"""How words end, and how they do in the plural or another gender, where their stems may differ: *mujer* and
*mujeres*."""
_HARDENED = {"v": "f", "z": "s"}
_HARD = re.compile("[vz]$")
_TWICE = re.compile(r"([^aeiou])\1$")
_OPEN = re.compile(r"(?<![aeiou])([aeou])([^aeiou])$")

Near = list[tuple[str, float]]
"""Words and how near they are, from 0 to 1, nearest first."""


class RelatedWords:
    """The table of related words; get it with :func:`related_words`."""

    def __init__(self, path: Path = OUT) -> None:
        with np.load(path, allow_pickle=False) as arrays:
            self._arrays: dict[str, npt.NDArray[Any]] = {name: arrays[name] for name in arrays.files}
        self._starts, self._places = _unpacked(self._arrays)
        self.words = _texts(self._arrays["en_words"])
        """The English words, folded."""

    @cached_property
    def _all(self) -> list[str]:
        """The words, and then the names of people, places and other things that museums write."""
        return [*self.words, *_texts(self._arrays["en_names"])]

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self._all)}

    @cached_property
    def _museum(self) -> npt.NDArray[np.bool_]:
        return np.unpackbits(self._arrays["en_museum"], count=len(self.words)).astype(np.bool_)

    @cached_property
    def _english(self) -> frozenset[str]:
        return frozenset(self.words)

    @cached_property
    def _languages(self) -> dict[str, _Language]:
        return {code: self._language(code) for code in LANGUAGES}

    def __contains__(self, word: object) -> bool:
        return word in self._english

    def is_common(self, word: str) -> bool:
        """Return whether a word is among the :data:`COMMON` that people use most."""
        return self._row_of.get(word, COMMON) < COMMON

    def is_of_museums(self, word: str) -> bool:
        """Return whether museums write a word, in some form, about as often as others do, or a name at all.

        They write of kittens and of swimmers, and hardly ever of an injunction.
        """
        row = self._row_of.get(word)
        return row is not None and (row >= len(self.words) or bool(self._museum[row]))

    def listed(self, word: str) -> str:
        """Return a word as the table has it: a plural that it lacks is its singular."""
        forms = (word, word.removesuffix("s"), word.removesuffix("es"), re.sub("ies$", "y", word))
        return next((form for form in forms if self.near(form)), word)

    def near(self, word: str) -> Near:
        """Return the words and names related to a word or a name; none for one that is not in the table.

        Parameters
        ----------
        word : str
            Folded.
        """
        row = self._row_of.get(word)
        if row is None:
            return []
        here = slice(*self._starts[row : row + 2])
        pairs = zip(self._places[here].tolist(), self._arrays["en_level"][here].tolist(), strict=True)
        near = [(self._all[place], LEAST_NEAR + level * _STEP) for place, level in pairs]
        return sorted(near, key=lambda pair: (-pair[1], pair[0]))

    def shared(self, word: str, other: str) -> float:
        """Return how much two words have in common of what is related to either, from 0 to 1.

        Parameters
        ----------
        word, other : str
            Folded.
        """
        first, second = ({near: nearness**3 for near, nearness in self.near(one)} for one in (word, other))
        less = min(sum(first.values()), sum(second.values()))
        both = sum(min(nearness, second.get(near, 0.0)) for near, nearness in first.items())
        return both / less if less else 0.0

    def language_of(self, asked: Collection[str], names: Collection[str] = ()) -> str:
        """Return the code of the language that a query is in, empty for English and what cannot be told.

        Every word must be of the language or a name, and one must be at home there and not in English.

        Parameters
        ----------
        asked : collection of str
            Folded words.
        names : collection of str
            Those that are no word of a language, unless they are listed as they stand or by their stem.
        """
        told = {code: self._languages[code].told_by(asked, self._english, names) for code in LANGUAGES}
        likeliest = max(told, key=lambda code: told[code])
        return likeliest if told[likeliest] else ""

    def says_nothing(self, word: str, code: str) -> bool:
        """Return whether a word of a language is one that every text has."""
        return word in self._languages[code].small

    def is_only_like(self, word: str, code: str) -> bool:
        """Return whether a word only ends as another gender or number of a listed one does."""
        return self._languages[code].is_only_like(word)

    def meaning(self, word: str, code: str) -> Near:
        """Return the English words that a word of another language may mean, each as sure as another.

        Parameters
        ----------
        word : str
            Folded.
        code : str
            One of :data:`LANGUAGES`.
        """
        return [(english, 1.0) for english in self._languages[code].listed(word)]

    def said_in(self, word: str, code: str) -> Near:
        """Return the terms of another language that mean an English word; see :meth:`meaning`."""
        return self._languages[code].saying(word)

    def _language(self, code: str) -> _Language:
        stemmer, listed = LANGUAGES[code], museum_words()[code]
        single = [word for word in listed if " " not in word]
        small = SMALL_WORDS[stemmer] | {*_texts(self._arrays[f"{code}_small"])}
        meanings: dict[str, tuple[str, ...]] = {}
        for word, term in zip(single, stem(single, stemmer), strict=True):
            meanings.setdefault(term, listed[word])
        return _Language(stemmer, small, meanings, {word: listed[word] for word in single})


@dataclass(frozen=True, eq=False)
class _Language:
    """The words of one language: the small ones that say nothing, and what others mean."""

    stemmer: str
    small: frozenset[str]
    meanings: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]]

    def has(self, word: str) -> bool:
        """Return whether a word is listed, or a form of one that is.

        A short form may be a slip, and so may one of a word that is the same in English: *circuss*. Of *storm
        water* in one word both halves are.
        """
        (term,) = stem([word], self.stemmer)
        forms = self._form(word) if len(word) >= LONG else self._declined(word)
        inflected = len(word) >= SHORTEST_FORM and term not in forms and bool(forms)
        compound = self._compound(word) if self.stemmer in COMPOUNDING else ()
        return word in self.words or inflected or "".join(compound) not in ("", word)

    @cached_property
    def listed(self) -> Callable[[str], tuple[str, ...]]:
        """Return what a word means; each question asks it of its words several times."""
        return lru_cache(1 << 12)(self._listed)

    def _listed(self, word: str) -> tuple[str, ...]:
        whole = self.words.get(word) or self._form(word)
        return whole or (self._compound(word) if self.stemmer in COMPOUNDING else ())

    def _form(self, word: str) -> tuple[str, ...]:
        """Return what a form of a listed word means."""
        return self._meant(word) or self._declined(word)

    def _meant(self, word: str) -> tuple[str, ...]:
        """Return what a word means that has the stem of a listed one, in another number, gender or case."""
        (term,) = stem([word], self.stemmer)
        inflected = word.startswith(term[:-1]) and _DECLINED[self.stemmer].fullmatch(word[len(term) :])
        return self.meanings.get(term, ()) if inflected else ()

    def _declined(self, word: str) -> tuple[str, ...]:
        """Return what a word means that is the regular plural or another gender of a listed one."""
        return next(filter(None, map(self.words.get, self._singulars(word))), ())

    def _singulars(self, word: str) -> Iterator[str]:
        """Yield the words of which one may be the plural or another gender."""
        for one, other in _NUMBERS[self.stemmer]:
            if word.endswith(other) and len(word) - len(other) >= SHORTEST_BARE:
                bare = word[: -len(other)] + one
                if not (other.startswith("e") and bare.endswith("e")):
                    yield bare
                if self.stemmer == "dutch" and other.startswith("e"):
                    yield _TWICE.sub(r"\1", bare)  # katten
                    yield _OPEN.sub(r"\1\1\2", bare)  # bomen
                    yield _HARD.sub(lambda last: _HARDENED[last[0]], bare)  # brieven, huizen

    def _compound(self, word: str) -> tuple[str, ...]:
        """Return what the two words of a compound mean: ``Winterlandschaft`` → winter, landscape."""
        for cut in range(4, len(word) - 3):
            halves = (word[:cut], word[cut:])
            parts = [self.words.get(half) or self._meant(half) for half in halves]
            if parts[0] and parts[1]:
                return (*parts[0], *parts[1])
        return ()

    def is_only_like(self, word: str) -> bool:
        told = self._meant(word) if len(word) >= LONG else ()
        return word not in self.words and not told and bool(self._form(word))

    def told_by(self, asked: Collection[str], english: Collection[str], names: Collection[str]) -> int:
        """Return how surely a query is in this language; 0 where a word is of another.

        A word that English has too, such as *chat*, tells it only beside another that is listed, or after an
        article: *le chat*.
        """
        said = [word for word in asked if word not in self.small]
        said = [word for word in said if word not in names or not self.is_only_like(word)]
        # beside a name, a short word may be a slip in one: Carlo Cara
        least = 0 if all(word in english or self.listed(word) for word in said) else LONG
        known = [word for word in said if len(word) >= least and self.listed(word)]
        if any(word in english for word in said if word not in known):
            return 0
        foreign = sum(word not in english and self.has(word) for word in known)
        differ = len(known) > 1 and all(word not in self.listed(word) for word in known)
        return 2 * foreign + (len(known) if foreign or differ or self._has_article(asked) else 0)

    def _has_article(self, asked: Collection[str]) -> bool:
        """Return whether an article stands before a word as it is listed, or before its plural in *s*."""
        return any(
            before in ARTICLES[self.stemmer] and (word in self.words or word.removesuffix("s") in self.words)
            for before, word in pairwise(asked)
        )

    def saying(self, english: str) -> Near:
        return [(term, 1.0) for term, meanings in self.meanings.items() if english in meanings]


@cache
def related_words() -> RelatedWords:
    """Return the table, read once."""
    return RelatedWords()


@cache
def same_words() -> Mapping[str, tuple[str, ...]]:
    """Return the words that are one in two spellings or forms: ``colour`` → ``color``."""
    return _groups(SAME)


def spellings(word: str) -> tuple[str, ...]:
    """Return the other spellings and forms of a word, as :func:`same_words`, or of its plural in *s*."""
    plural = (f"{other}s" for other in same_words().get(word.removesuffix("s"), ()))
    return same_words().get(word) or tuple(plural)


@cache
def peoples() -> Mapping[str, tuple[str, ...]]:
    """Return what the works of a country are called after, and the reverse: ``belgium`` → ``belgian``."""
    return _groups(PEOPLES)


def _groups(path: Path) -> dict[str, tuple[str, ...]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    groups = [line.split() for line in lines if line and line[0] != "#"]
    return {word: tuple(other for other in group if other != word) for group in groups for word in group}


@cache
def museum_words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return what museums and their visitors call things: language code → words → English words."""
    found: dict[str, dict[str, tuple[str, ...]]] = {code: {} for code in LANGUAGES}
    for line in MUSEUM.read_text(encoding="utf-8").splitlines():
        if "\t" in line:
            code, phrase, english = line.split("\t")
            found[code][" ".join(words(phrase))] = tuple(english.split())
        elif "|" in line:
            english, *others = line.split("|")
            for code, several in zip(LANGUAGES, others, strict=True):
                for phrase in several.split(","):
                    word = " ".join(words(phrase)) if not phrase.isalpha() else phrase
                    found[code][word] = (*found[code].get(word, ()), english)
    return found


@cache
def museum_phrases() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return those of :func:`museum_words` that are several words."""
    return {
        code: {phrase: english for phrase, english in listed.items() if " " in phrase}
        for code, listed in museum_words().items()
    }


def packed(
    places: npt.NDArray[np.integer], nearness: npt.NDArray[np.floating]
) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays that keep which words are near each word.

    Parameters
    ----------
    places : ndarray of int, shape (n, m)
        Rows of the words near each of ``n`` words, fewer than 65,536.
    nearness : ndarray of float, shape (n, m)
        From :data:`LEAST_NEAR` to 1; 0 where there is none.

    Returns
    -------
    dict
        How many are near each word, each from the one before it how many rows further, in two halves that
        compress better apart, and at what level.
    """
    order = np.argsort(places, axis=1, kind="stable")
    rows, near = (np.take_along_axis(each, order, axis=1) for each in (places.astype(np.int64), nearness))
    kept = near > 0
    count = kept.sum(axis=1)
    rows, level = rows[kept], np.rint((near[kept] - LEAST_NEAR) / _STEP)
    starts = np.cumsum(count) - count
    gaps = np.diff(rows, prepend=0)
    gaps[starts[count > 0]] = rows[starts[count > 0]]
    low, high = (gaps & 255).astype(np.uint8), (gaps >> 8).astype(np.uint8)
    return {
        "en_count": count.astype(np.uint8),
        "en_low": low,
        "en_high": high,
        "en_level": level.astype(np.uint8),
    }


def _unpacked(
    arrays: Mapping[str, npt.NDArray[Any]],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return where the words near each begin, and their rows."""
    starts: npt.NDArray[np.int64] = np.concatenate([[0], np.cumsum(arrays["en_count"], dtype=np.int64)])
    run = np.cumsum(arrays["en_low"] + (arrays["en_high"].astype(np.int64) << 8))
    before = np.concatenate([[0], run])[starts[:-1]]
    return starts, run - np.repeat(before, arrays["en_count"])


def _texts(kept: npt.NDArray[np.uint8]) -> list[str]:
    return kept.tobytes().decode().split("\n")
