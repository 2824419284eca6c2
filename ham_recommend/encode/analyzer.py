"""From text to words: one analyzer for documents and queries.

A *word* is what somebody wrote, folded: lower case, without accents, at most :data:`LONGEST_WORD`
characters. A *term* is what is searched for: the word's stem, so that ``jumping`` and ``jumps`` meet.

Years become words too. ``17th century``, ``seventeenth-century`` and a document of 1650 all hold the word
``17thcentury``; ``1960s`` is a word of every document of those years.

What people write in several ways is one word: initials (``J. M. W.``, ``JMW``), a name with an apostrophe or
without (``Qurʾān``, ``Qur'an``). A document's compound with a hyphen is its parts and, marked by the hyphen,
the whole: ``tea``, ``pot``, ``tea-pot``, whose term is that of ``teapot``.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from ham_recommend.encode import scripts
from ham_recommend.encode.languages import ENGLISH

LONGEST_WORD = 64
LONGEST_TEXT = 200_000
LONGEST_QUERY = 10_000
SHORT = 100
"""Characters of a text that many works are likely to share, such as an artist or a medium."""
WIDEST_SPAN = 400
"""Years; a work dated more loosely than this says nothing about its century."""
HYPHEN = "-"
"""Marks a word that is a whole compound."""
NUMBER = "#"
"""Begins a word that is an accession number; see :mod:`ham_recommend.encode.accession`."""

# The small words of English that say nothing about what a work shows.
_SAY_NOTHING = """
    a about after again all also am an and any are as at be because been before being between both but
    by can could did do does doing down during each few for from further had has have having he her here
    hers herself him himself his how i if in into is it its itself just may me might more most my myself
    no nor not now of off on once only or other our ours out over own same shall she should so some such
    than that the their theirs them themselves then there these they this those through to too under
    until up upon very was we were what when where which while who whom whose why will with would you
    your yours s t
    """
STOP_WORDS = frozenset(_SAY_NOTHING.split())

_WORD = re.compile("[a-z0-9]+")
_LETTER = r"[^\W\d_]"
_ENDING = re.compile(r"'(?:(?<=\w')(?:s|ll|re|ve)|(?<=n')t)\b")
_ELIDED = re.compile(rf"\b(?:[ldcj]|(?:jus|lors|puis)?qu)'(?={_LETTER})")
_SHORTENED = re.compile(rf"\b(all|bell|coll|dall|degl|dell|gl|nell|quell|quest|sant|sull|un)'(?={_LETTER})")
_APOSTROPHE = re.compile(rf"'(?<={_LETTER}')(?={_LETTER})")
# Initials with full stops, and without: there "a" and "I" may be words.
_INITIAL = re.compile(rf"\.(?<=\b{_LETTER}\.)")
_INITIALS = re.compile(rf"\b{_LETTER}(?:\.-?{_LETTER}\b|\.\s{{1,2}}{_LETTER}(?=\.))+")
_LONE_INITIAL = re.compile(rf"\b{_LETTER}\.(?=\s*{_LETTER}{{2}})")
_LONE_LETTERS = frozenset("bcdefghjklmnopqruvwxyz")
_SPACED_INITIALS = re.compile(r"\b(?![ai]\s)[a-z](?:[\s-][a-z])+\b")
_COMPOUND = re.compile(rf"(?<![\w-]){_LETTER}+(?:-{_LETTER}+)+(?![\w-])")
_NEIGHBOURS = re.compile(r"(?=\b([a-z]+) ([a-z]+)\b)")
_ARTICLE = re.compile("^[وفبك]?ال(?=..)|^لل(?=..)")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})

_ORDINAL_WORDS = """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
    fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
"""
_ORDINALS = _ORDINAL_WORDS.split()
_CENTURY_OF = {ordinal: number for number, ordinal in enumerate(_ORDINALS, 1)} | {"twenty-first": 21}
_CENTURIES = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)|(twenty-first|{'|'.join(_ORDINALS)}))"
    r"(?:\s*(?:-|–|to|or|and|/)\s*(?:(?:early|mid|late)[\s-]+)?(\d{1,2})(?:st|nd|rd|th))?"
    r"[\s-]+centur(?:y|ies)\b(?:\s*(?:(b\.?\s?c(?:\.?\s?e)?\b)|(?:c\.?e|a\.?d)\b))?"
)
_DECADE = re.compile(r"\b(1\d{3}|20\d{2})'?s\b")

_QUALIFIER = re.compile(
    r"(?<=\w)\s*(?:\s[-–—]\s+(?:non-?specific|unspecified|miscellaneous)"
    r"|\((?:non-?specific|unspecified|miscellaneous)\))\s*$",
    re.IGNORECASE,
)

_own = threading.local()
"""A Snowball stemmer must not be shared between threads."""


def fold(text: str) -> str:
    """Return text in lower case, without accents and ligatures: ``Édouard`` → ``edouard``, ``ß`` → ``ss``.

    Of scripts in which a mark makes another letter, such as those of India, the marks stay.
    """
    text = text[:LONGEST_TEXT].lower()
    return text if text.isascii() else scripts.fold(text)


def words(text: str) -> list[str]:
    """Return the words of a text, in order, stop words left out unless there is nothing else.

    Parameters
    ----------
    text : str
        Plain text; what follows :data:`LONGEST_TEXT` characters is ignored.
    """
    return _words(fold(text))


def document_words(text: str) -> tuple[str, ...]:
    """Return the words of a document's text: those of :func:`words`, then its compounds with a hyphen.

    Parameters
    ----------
    text : str
        Plain text.
    """
    return _often_written(text) if len(text) <= SHORT else _document_words(text)


def _document_words(text: str) -> tuple[str, ...]:
    folded = fold(text)
    return (*_words(folded), *_compounds(folded))


_often_written = lru_cache(1 << 12)(_document_words)


def other_spellings(text: str) -> dict[str, int]:
    """Return words that a query may mean as well, each with how many of the query's words it stands for.

    ``tea pot`` and ``tea-pot`` may be ``teapot``, ``Dürer`` may be ``Duerer``.

    Parameters
    ----------
    text : str
        Plain text; what follows :data:`LONGEST_QUERY` characters is ignored.
    """
    text = text[:LONGEST_QUERY]
    folded = fold(text)
    spelt_out = unicodedata.normalize("NFC", text).lower().translate(_UMLAUTS)
    found = dict.fromkeys([] if text.isascii() else words(spelt_out), 1)
    found |= {word: word.count(HYPHEN) + 1 for word in _compounds(folded)}
    found |= {"".join(pair): 2 for pair in _NEIGHBOURS.findall(folded) if STOP_WORDS.isdisjoint(pair)}
    asked = set(_words(folded))
    return {word: stands_for for word, stands_for in found.items() if word not in asked}


def without_qualifier(text: str) -> str:
    """Return a heading without what a cataloguer adds to it where no more is known: *Rome - non-specific*.

    Parameters
    ----------
    text : str
        Plain text.
    """
    return _QUALIFIER.sub("", text)


def initials(text: str) -> set[str]:
    """Return the words of a query that are the initials of a name: they say less than the name does.

    Parameters
    ----------
    text : str
        Plain text; what follows :data:`LONGEST_QUERY` characters is ignored.
    """
    folded = fold(text[:LONGEST_QUERY])
    found = [*_INITIALS.finditer(folded), *_SPACED_INITIALS.finditer(folded)]
    return {_letters(match) for match in found}


def century_phrases(text: str) -> Iterator[tuple[str, str]]:
    """Yield each century that a text names, as it is written there and as a word."""
    lower = text.lower()
    if "centur" not in lower or len(lower) != len(text):
        return
    for match in _CENTURIES.finditer(lower):
        for word in _century_words_in(match).split():
            yield text[slice(*match.span())], word


def initial_phrases(text: str) -> Iterator[tuple[str, str]]:
    """Yield the initials in a text, as they are written there and as a word."""
    lower = text.lower()
    if len(lower) != len(text):
        return
    for pattern in (_INITIALS, _SPACED_INITIALS) if "." in lower else (_SPACED_INITIALS,):
        for match in pattern.finditer(lower):
            yield text[slice(*match.span())], _letters(match)


def _words(folded: str) -> list[str]:
    if "'" in folded or "`" in folded:
        folded = _without_apostrophes(folded)
    if "centur" in folded:
        folded = _CENTURIES.sub(_century_words_in, folded)
    if "." in folded and _INITIAL.search(folded):
        folded = _LONE_INITIAL.sub(" ", _INITIALS.sub(_letters, folded))
    found = _found(folded)
    if not _LONE_LETTERS.isdisjoint(found):
        found = _found(_SPACED_INITIALS.sub(_letters, folded))
    kept = [word[:LONGEST_WORD] for word in found if word not in STOP_WORDS]
    return kept or [word[:LONGEST_WORD] for word in found]


def _found(folded: str) -> list[str]:
    return _WORD.findall(folded) if folded.isascii() else scripts.words(folded)


def _without_apostrophes(folded: str) -> str:
    """Join what apostrophes part, save where they stand for a letter left out."""
    plain = _ENDING.sub("", _DECADE.sub(r"\1s", folded.replace("`", "'").replace("'n'", " n ")))
    if "'" not in plain:
        return plain
    return _APOSTROPHE.sub("", _SHORTENED.sub(r"\1 ", _ELIDED.sub(" ", plain)))


def _letters(match: re.Match[str]) -> str:
    return "".join(filter(str.isalpha, match[0]))


def _compounds(folded: str) -> list[str]:
    if HYPHEN not in folded:
        return []
    with_hyphen = " ".join(chunk for chunk in folded.split() if HYPHEN in chunk)
    return [word[:LONGEST_WORD] for word in _COMPOUND.findall(with_hyphen)]


def year_words(begin: int | None, end: int | None) -> list[str]:
    """Return the century and decade words of a span of years, negative = BCE.

    Parameters
    ----------
    begin, end : int or None
        First and last possible year; one alone stands for both. A span over :data:`WIDEST_SPAN` gives no
        words, one over 20 years no decades.
    """
    years = sorted(year for year in (begin, end) if year)
    if not years or years[-1] - years[0] > WIDEST_SPAN:
        return []
    first, last = years[0], years[-1]
    centuries = [century_word(number) for number in range(_century(first), _century(last) + 1) if number]
    if first < 1000 or last - first > 20:
        return centuries
    return centuries + [f"{decade}0s" for decade in range(first // 10, last // 10 + 1)]


def century_word(number: int) -> str:
    """Return the word for a century: 17 → ``17thcentury``, −3 → ``3rdcenturybce``."""
    size = abs(number)
    ending = "th" if size // 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(size % 10, "th")
    return f"{size}{ending}century{'bce' if number < 0 else ''}"


def _century(year: int) -> int:
    return (year - 1) // 100 + 1 if year > 0 else -((-year - 1) // 100 + 1)


def _century_words_in(match: re.Match[str]) -> str:
    digits, ordinal, until, before_christ = match.groups()
    first = int(digits) if digits else _CENTURY_OF[ordinal]
    last = int(until) if until else first
    if abs(last - first) > WIDEST_SPAN // 100:
        last = first
    sign = -1 if before_christ else 1
    numbers = range(min(first, last), max(first, last) + 1)
    return " ".join(century_word(sign * number) for number in numbers if number)


def stem(found: Iterable[str], language: str = ENGLISH) -> list[str]:
    """Return the term of each word, in order: its Snowball stem (Porter, 2001).

    Parameters
    ----------
    found : iterable of str
        Words, compounds or numbers.
    language : str
        Of words in Latin letters, such as ``"french"``; for others the script tells it (Russian, Greek,
        Arabic, Hindi, Tamil, Armenian).
    """
    asked = [word.replace(HYPHEN, "") for word in found]
    stems: list[str] = _stemmer(language).stemWords(asked)
    return [
        term if word.isascii() and word[:1] != NUMBER else _other_stem(word)
        for word, term in zip(asked, stems, strict=True)
    ]


def _other_stem(word: str) -> str:
    language = scripts.language_of(word)
    if not language:
        return word
    snowball = _stemmer(language)
    if language == "arabic":
        # Snowball takes one ending and often leaves the article
        word = snowball.stemWord(_ARTICLE.sub("", word))
    term: str = snowball.stemWord(word)
    return term


def _stemmer(language: str) -> Any:
    import Stemmer

    if language not in vars(_own):
        setattr(_own, language, Stemmer.Stemmer(language))
    return getattr(_own, language)
