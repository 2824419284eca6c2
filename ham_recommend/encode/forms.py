"""The forms in which a text says a term: ``Cats`` for ``cat``, ``17th-century`` for ``17thcentury``.

What was counted of a text is folded, stemmed and cut; here the way is gone back, so that people can be shown
the words that an answer was found by.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import chain, product

from ham_recommend.encode import scripts
from ham_recommend.encode.analyzer import (
    HYPHEN,
    SHORT,
    century_phrases,
    document_words,
    initial_phrases,
    stem,
)
from ham_recommend.encode.languages import ENGLISH

_RUN = re.compile(rf"[^\W_][\w{scripts.MARKS}]*(?:['’ʼ\-‐][^\W_][\w{scripts.MARKS}]*)*")
_ASCII_RUN = re.compile(r"[a-zA-Z0-9]\w*(?:['\-][a-zA-Z0-9]\w*)*", re.ASCII)
"""The same in ASCII texts, a fifth as long."""
_PARTS = re.compile("[-‐]")


def forms(text: str, terms: Collection[str], language: str) -> dict[str, str]:
    """Return the forms in which a text says some terms, each with its term, in the order of the text.

    Parameters
    ----------
    text : str
        Plain text.
    terms : collection of str
        Stems, as from :func:`ham_recommend.encode.analyzer.stem`.
    language : str
        Of words in Latin letters.
    """
    phrases = list(_phrases(text))
    of_phrases = stem([word for _, word in phrases], language) if phrases else []
    found = {form: term for (form, _), term in zip(phrases, of_phrases, strict=True) if term in terms}
    runs = list(dict.fromkeys((_ASCII_RUN if text.isascii() else _RUN).findall(text)))
    if language == ENGLISH:
        beginnings = _beginnings(frozenset(terms))
        runs = [run for run in runs if run[:2] in beginnings or not _is_plain(run)]
    if not runs:
        return found
    plain = list(filter(_is_plain, runs))
    stems = dict(zip(plain, stem(map(str.lower, plain), language), strict=True))
    for run in runs:
        for form, term in [(run, stems[run])] if run in stems else _terms_in(run, language):
            if term in terms:
                found.setdefault(form, term)
    return found


def _is_plain(run: str) -> bool:
    return run.isascii() and run.isalnum()


@lru_cache(1 << 8)
def _beginnings(terms: frozenset[str]) -> frozenset[str]:
    """Return what English words of some terms begin with: two letters, as *dying* is stemmed to *die*."""
    spelt = (product(*map(_spelt, term[:2])) for term in terms)
    return frozenset(map("".join, chain.from_iterable(spelt)))


def _spelt(letter: str) -> str:
    letters = "iy" if letter in "iy" else letter
    return letters + letters.upper()


def _phrases(text: str) -> Iterator[tuple[str, str]]:
    """Yield what is several words as people write it, and one word: centuries, initials."""
    yield from century_phrases(text)
    if len(text) <= SHORT:
        yield from initial_phrases(text)


@lru_cache(1 << 14)
def _terms_in(run: str, language: str) -> tuple[tuple[str, str], ...]:
    """Return the forms within a run of letters, and their terms; the whole of a compound comes first."""
    pieces = scripts.pieces(run)
    if pieces:
        return tuple((piece, stem(document_words(piece)[-1:], language)[0]) for piece in pieces)
    counted = document_words(run)
    compounds = [word for word in counted if HYPHEN in word]
    parts = _PARTS.split(run)
    if len(parts) == 1:
        return tuple((run, term) for term in stem(counted, language))
    whole = [(run, term) for term in stem(compounds, language)]
    return (*whole, *(pair for part in parts if part for pair in _terms_in(part, language)))
