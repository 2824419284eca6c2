"""Which words are related: near synonyms in English, and the English words that foreign ones mean.

A collection cannot teach itself that a kitten is a cat; a table that comes with the package does. It was made by
``tools/related_words.py`` from sentence encoders, and is read the first time it is asked;
``related_words.txt`` says from what and under which terms.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from ham_recommend.encode.analyzer import stem

OUT = Path(__file__).with_name("related_words.npz")
SAME = Path(__file__).with_name("same_words.txt")
MUSEUM = Path(__file__).with_name("museum_words.txt")
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {"fr": "french"} if __import__("os").environ.get("ONLYFR") else {"fr": "french", "de": "german", "es": "spanish", "it": "italian", "nl": "dutch"}
)
"""Code → Snowball stemmer."""

Near = list[tuple[str, float]]
"""Words and how near they are, from 0 to 1, nearest first."""


class RelatedWords:
    """The table of related words; get it with :func:`related_words`."""

    def __init__(self, path: Path = OUT) -> None:
        with np.load(path, allow_pickle=False) as arrays:
            self._arrays: dict[str, npt.NDArray[Any]] = {name: arrays[name] for name in arrays.files}
        self.words = _texts(self._arrays["en_words"])
        """The English words, folded."""

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words)}

    @cached_property
    def _languages(self) -> dict[str, _Language]:
        return {code: self._language(code) for code in LANGUAGES}

    def __contains__(self, word: object) -> bool:
        return word in self._row_of

    def near(self, word: str) -> Near:
        """Return the English words related to a word; none for a word that is not in the table.

        Parameters
        ----------
        word : str
            Folded.
        """
        row = self._row_of.get(word)
        if row is None:
            return []
        places, cosines = self._arrays["en_near"][row], self._arrays["en_cosines"][row]
        pairs = zip(places.tolist(), cosines.tolist(), strict=True)
        return [(self.words[place], cosine / 255) for place, cosine in pairs if cosine]

    def language_of(self, asked: Collection[str]) -> str:
        """Return the code of the language that a query is in, empty for English and what cannot be told.

        All words must be of the language, and at least one must be at home there and not in English.

        Parameters
        ----------
        asked : collection of str
            Folded words.
        """
        told = {code: self._languages[code].told_by(asked) for code in LANGUAGES}
        likeliest = max(told, key=lambda code: told[code])
        return likeliest if told[likeliest] else ""

    def says_nothing(self, word: str, code: str) -> bool:
        """Return whether a word of a language is one that every text has."""
        return word in self._languages[code].small

    def meaning(self, word: str, code: str) -> Near:
        """Return the English words that a word of another language may mean, and how sure each is.

        Parameters
        ----------
        word : str
            Folded.
        code : str
            One of :data:`LANGUAGES`.
        """
        language = self._languages[code]
        row = language.row(word)
        if row is None:
            return []
        pairs = zip(language.near[row].tolist(), language.sure[row].tolist(), strict=True)
        return [(self.words[place], sure / 255) for place, sure in pairs if sure > 1]

    def said_in(self, word: str, code: str) -> Near:
        """Return the terms of another language that mean an English word; see :meth:`meaning`."""
        row = self._row_of.get(word)
        return [] if row is None else self._languages[code].saying(row)

    def _language(self, code: str) -> _Language:
        of = {name: self._arrays[f"{code}_{name}"] for name in ("words", "small", "near", "sure", "tells")}
        return _Language(
            LANGUAGES[code],
            {term: row for row, term in enumerate(_texts(of["words"]))},
            frozenset(_texts(of["small"])),
            of["near"],
            of["sure"],
            of["tells"],
        )


@dataclass(frozen=True, eq=False)
class _Language:
    """The words of one language: their terms, and what they mean."""

    stemmer: str
    row_of: dict[str, int]
    small: frozenset[str]
    near: npt.NDArray[np.uint16]
    sure: npt.NDArray[np.uint8]
    tells: npt.NDArray[np.bool_]

    def row(self, word: str) -> int | None:
        return self.row_of.get(stem([word], self.stemmer)[0])

    def told_by(self, asked: Collection[str]) -> int:
        """Return how many words tell the language; 0 where one is of another."""
        rows = [self.row(word) for word in asked if word not in self.small]
        known = [row for row in rows if row is not None]
        if not known or len(known) < len(rows):
            return 0
        return int(self.tells[known].sum()) * len(asked)

    @cached_property
    def _terms(self) -> list[str]:
        return list(self.row_of)

    def saying(self, english: int) -> Near:
        rows, columns = np.nonzero(self.near == english)
        found = [
            (self._terms[row], int(self.sure[row, column]) / 255)
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        ]
        return sorted((pair for pair in found if pair[1] > 0.5), key=lambda pair: (-pair[1], pair[0]))


@cache
def related_words() -> RelatedWords:
    """Return the table, read once."""
    return RelatedWords()


@cache
def same_words() -> Mapping[str, tuple[str, ...]]:
    """Return the words that are one in two spellings or forms: ``photo`` → ``photograph``, ``colour`` → ``color``."""
    lines = SAME.read_text(encoding="utf-8").splitlines()
    groups = [line.split() for line in lines if line and line[0] != "#"]
    return {word: tuple(other for other in group if other != word) for group in groups for word in group}


@cache
def museum_words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return what museums call things: language code → words → English words."""
    found: dict[str, dict[str, tuple[str, ...]]] = {code: {} for code in LANGUAGES}
    for line in MUSEUM.read_text(encoding="utf-8").splitlines():
        if line and line[0] != "#":
            code, phrase, english = line.split("\t")
            found[code][phrase] = tuple(english.split())
    return found


def _texts(kept: npt.NDArray[np.uint8]) -> list[str]:
    return kept.tobytes().decode().split("\n")
