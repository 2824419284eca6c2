"""The tables of all languages, periods and months as one dictionary to look words up in."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import NamedTuple

from ham_recommend.catalog.dates.languages import LANGUAGES
from ham_recommend.catalog.dates.periods import PERIODS, REIGNS
from ham_recommend.catalog.dates.text import UNSPACED, folded


class Meaning(NamedTuple):
    """What a phrase says.

    Parameters
    ----------
    kind : str
        A key of a language's table, ``"rank"``, ``"period"`` or ``"reign"``.
    value : int
        Of a rank, which one it is; -1 is the last.
    years : (int, int) or None
        Of a period, its first and last year.
    """

    kind: str
    value: int = 0
    years: tuple[int, int] | None = None


Phrase = tuple[str, ...]
_WORD = re.compile(rf"[{UNSPACED}]|[^\W\d_{UNSPACED}]+")


def words_of(text: str) -> Phrase:
    """Return the words of a text as the reader sees them; of a script without spaces, each sign is one."""
    return tuple(_WORD.findall(folded(text).lower()))


def all_meanings() -> dict[Phrase, set[Meaning]]:
    """Return what each phrase means: one thing, whatever the language."""
    found: dict[Phrase, set[Meaning]] = defaultdict(set)
    for language in LANGUAGES:
        for kind, phrases in language.items():
            groups = phrases.split("/") if kind == "ranks" else [phrases]
            for rank, group in enumerate(groups, start=1):
                for phrase in filter(None, map(words_of, group.split(","))):
                    found[phrase].add(_meaning(kind, rank))
    for name, years in PERIODS.items():
        found[words_of(name)].add(Meaning("reign" if name in REIGNS else "period", years=years))
    return dict(found)


def _meaning(kind: str, rank: int) -> Meaning:
    if kind == "last":
        return Meaning("rank", -1)
    return Meaning("rank", rank) if kind == "ranks" else Meaning(kind)


@cache
def phrases_by_first_word() -> dict[str, list[tuple[Phrase, Meaning]]]:
    """Return for each first word the rest of the phrases it starts and what they mean, the longest first."""
    starting: dict[str, list[tuple[Phrase, Meaning]]] = defaultdict(list)
    for phrase, meanings in all_meanings().items():
        starting[phrase[0]].append((phrase[1:], next(iter(meanings))))
    for phrases in starting.values():
        phrases.sort(key=lambda one: -len(one[0]))
    return dict(starting)
