"""From text to words: one analyzer for documents and queries.

A *word* is what somebody wrote, folded: lower case, without accents, at most :data:`LONGEST_WORD`
characters. A *term* is what is searched for: the word's stem, so that ``jumping`` and ``jumps`` meet.

Years become words too. ``17th century``, ``seventeenth-century`` and a document of 1650 all hold the word
``17thcentury``; ``1960s`` is a word of every document of those years.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from typing import Any

LONGEST_WORD = 64
LONGEST_TEXT = 200_000
WIDEST_SPAN = 400
"""Years; a work dated more loosely than this says nothing about its century."""

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

# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]+|[^\W_{_IDEOGRAPHS}]+")
_POSSESSIVE = re.compile(r"(?<=\w)'s\b")
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

_own = threading.local()
"""A Snowball stemmer must not be shared between threads."""


def fold(text: str) -> str:
    """Return text in lower case, without accents and ligatures: ``Édouard`` → ``edouard``, ``ß`` → ``ss``.

    Scripts without case or accents pass through unharmed.
    """
    text = text[:LONGEST_TEXT].lower()
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'"))
    bare = "".join(letter for letter in decomposed if unicodedata.category(letter) not in {"Mn", "Cf"})
    return unicodedata.normalize("NFC", bare).lower().translate(_LETTERS)


def words(text: str) -> list[str]:
    """Return the words of a text, in order, stop words left out unless there is nothing else.

    Runs of Chinese and Japanese characters, which do not mark where words end, give each character and each
    pair of neighbours.

    Parameters
    ----------
    text : str
        Plain text; what follows :data:`LONGEST_TEXT` characters is ignored.
    """
    folded = fold(text)
    if "'" in folded:
        folded = _POSSESSIVE.sub("", _DECADE.sub(r"\1s", folded))
    if "centur" in folded:
        folded = _CENTURIES.sub(_century_words_in, folded)
    found = _WORD.findall(folded)
    if not folded.isascii():
        found = [word for run in found for word in _split_ideographs(run)]
    kept = [word[:LONGEST_WORD] for word in found if word not in STOP_WORDS]
    return kept or [word[:LONGEST_WORD] for word in found]


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


def _split_ideographs(run: str) -> Iterable[str]:
    if run.isascii() or not re.match(f"[{_IDEOGRAPHS}]", run):
        return [run]
    return [*run, *(run[at : at + 2] for at in range(len(run) - 1))]


def stem(found: Iterable[str]) -> list[str]:
    """Return the term of each word, in order: its English Snowball stem (Porter, 2001).

    Parameters
    ----------
    found : iterable of str
        As from :func:`words`.
    """
    stems: list[str] = _snowball().stemWords(list(found))
    return stems


def _snowball() -> Any:
    import Stemmer

    if not hasattr(_own, "stemmer"):
        _own.stemmer = Stemmer.Stemmer("english")
    return _own.stemmer
