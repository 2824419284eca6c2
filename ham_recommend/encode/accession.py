"""Accession numbers: each is one exact word, however it is typed.

Case, separators and leading zeros do not count: ``SK-A-0171``, ``sk a 171`` and ``ska171`` are one. Such a
word begins with :data:`ham_recommend.encode.analyzer.NUMBER`, so that no other text holds it: the year in
``1979.206.1`` says when a work came to the museum, not when it was made.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import islice

from ham_recommend.encode.analyzer import LONGEST_WORD, NUMBER, fold, words

LONGEST_NUMBER = 8
"""Parts of a number, such as ``sk``, ``a`` and ``171``."""
LONGEST_NAMED = 500
MOST_PARTS = 40
"""Characters and parts of a text in which numbers are looked for."""

_PART = re.compile(r"\d+|[^\W\d_]+")
_CALLED_SO = """
    acc accession inv inventaire inventar inventario inventaris inventarisnummer inventarnr inventarnummer
    inventory invnr n no nr num number numero nummer objectnummer
"""
_NAMES = frozenset(_CALLED_SO.split())


def number_words(number: str) -> list[str]:
    """Return the words of an accession number: the whole, and what follows the letters it begins with.

    ``SK-A-0171`` gives ``#ska171`` and ``#171``, ``1979.206.1`` gives ``#1979.206.1``.

    Parameters
    ----------
    number : str
        As the museum writes it; several are parted by ``;``.
    """
    found: list[str] = []
    for one in fold(number[:LONGEST_NAMED]).split(";") if number else ():
        parts = _PART.findall(one)
        figures = next((at for at, part in enumerate(parts) if part[0].isdecimal()), 0)
        found += [_number(parts), _number(parts[figures:])] if parts else []
    return list(dict.fromkeys(found))


def number_in(text: str, known: Container[str]) -> tuple[str, str]:
    """Find the accession number that a query names.

    Parameters
    ----------
    text : str
        Plain text.
    known : container of str
        The numbers of the collection, as from :func:`number_words`.

    Returns
    -------
    number : str
        The longest that is known, empty when none is. Figures alone, which may be a year, are a number only
        where nothing else is asked but, say, ``inv.`` or ``no.``
    rest : str
        What else is asked.
    """
    folded = fold(text[:LONGEST_NAMED])
    parts = list(islice(_PART.finditer(folded), MOST_PARTS))
    for size in range(min(len(parts), LONGEST_NUMBER), 0, -1):
        for run in (parts[at : at + size] for at in range(len(parts) - size + 1)):
            if _number([part[0] for part in run]) not in known:
                continue
            rest = f"{folded[: run[0].start()]} {folded[run[-1].end() :]}{text[LONGEST_NAMED:]}"
            only_number = _NAMES.issuperset(_PART.findall(rest))
            if only_number or size > 1:
                return _number([part[0] for part in run]), "" if only_number else rest
    return "", text


def parts_of_numbers(text: str) -> set[str]:
    """Return the words of a text that stand with figures, as in ``BMAG-12``: a number is never misspelt."""
    return {word for chunk in text.split() if any(map(str.isdecimal, chunk)) for word in words(chunk)}


def _number(parts: Sequence[str]) -> str:
    """Join the parts of a number, with a full stop between figures."""
    word = ""
    for part in parts:
        figures = part[0].isdecimal()
        word += "." if figures and word[-1:].isdecimal() else ""
        word += part.lstrip("0") or "0" if figures else part
    return NUMBER + word[:LONGEST_WORD]
