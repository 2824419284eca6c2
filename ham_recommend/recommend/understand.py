"""What a question names: artists, kinds, cultures, periods, times and numbers, as the catalog has them.

What is named moves the score softly, so that a misunderstanding costs little. Exact is only what was asked
for exactly: ``artist:"Edgar Degas"``, ``years:1850..1900``, ``-word`` and ``"a phrase"``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ham_recommend.answers import Understood
from ham_recommend.catalog.filters import KNOWN, YEARS
from ham_recommend.encode.analyzer import STOP_WORDS, fold, words
from ham_recommend.errors import SettingsError
from ham_recommend.fields import years_in_words
from ham_recommend.index.saying import in_all
from ham_recommend.index.text_scoring import Boost
from ham_recommend.recommend.names import Names
from ham_recommend.recommend.times import TIME, years_of
from ham_recommend.recommend.vocabulary import Vocabulary
from ham_recommend.recommend.weights import Weights
from ham_recommend.records import EMPTY, Vectors

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog
    from ham_recommend.index.text_search import TextSearch

MOST_NAMING = 100
"""Words of a question that may name something; a longer one is a text, of which hardly any does."""
LONGEST_VALUE = 6
"""Words of a value that a question names, at most."""
OFTEN_MEANT = 0.3
"""Share of the works that say a word which must have the period it names: *Court* is hardly ever one."""
LOOSE = 0.85
"""What a work counts that is dated so loosely that it may be of the time asked for."""
MOSTLY_NAMES = 1.5
"""What the share of the words that name something is multiplied with; at two thirds, all is meant."""
NUMBER_WEIGHT = 8.0
"""A number names one work, which comes first whatever else is said."""

MEANING = "meaning"
"""The field under which it is told what a foreign word was read as."""
MOST_FIGURES = 2
"""Figures of a count, as in *3D*, at most, where other words are beside it."""
MOST_NUMBERED = 12
"""Words of a question among which its number is looked for."""

_FIELDS = ("classification", "culture", "period")
_ALIASES = {"kind": "classification", "by": "artist", "type": "classification", "year": YEARS}
_EXACT = re.compile(r"""(?<!\S)(-)?(?:([A-Za-z_]+):)?(?:"([^"]+)"|(?<=:)"([^"]+)$|(\S+))""")
_NO_WORD = re.compile(r"(?<!\S)-(?=[^\W\d_])")
_YEARS = re.compile(r"^(-?\d{1,4})$|^(-?\d{1,4})?(?:\.\.|:|–|-)(-?\d{1,4})?$")
_TYPED = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*\.?")

_NUMBER = re.compile(r"(?=.*\d)[\w.:/-]+(?:\s+[\w.:/-]+){0,3}")
_CALLED = re.compile(r"\b(?:acc(?:ession)?|inv(?:entory)?|object|no|nr|number)\b\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A question, understood.

    Parameters
    ----------
    text : str
        What is left to be searched for by its words; may be empty.
    understood : tuple of Understood
        What was named.
    boosts : tuple of Boost
        The works that have it.
    where : mapping
        What was asked for exactly, as a filter.
    phrases, without : tuple of str
        What works must say, and must not say.
    corrected : mapping
        Words of an artist's name as typed → as they are.
    untranslated : collection of str
        Meanings that no word is to be read as.
    """

    text: str
    understood: tuple[Understood, ...] = ()
    boosts: tuple[Boost, ...] = ()
    where: dict[str, Any] = field(default_factory=dict)
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    corrected: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    untranslated: Collection[str] = ()


def understood(reading: Reading, translated: Mapping[str, str]) -> tuple[Understood, ...]:
    """Return what was named, and what foreign words were read as."""
    foreign = (Understood(MEANING, english, word) for word, english in translated.items())
    return (*reading.understood, *foreign)


def works_asked_for(
    reading: Reading, within: Collection[str] | None, catalog: Catalog, text: TextSearch
) -> Collection[str] | None:
    """Return the works that have what was asked for exactly; ``None`` for all."""
    if not (reading.where or reading.phrases or reading.without):
        return within
    ids = text.item_ids
    may = np.ones(len(ids), dtype=np.bool_)
    for allowed in (within, catalog.filter(reading.where) if reading.where else None):
        if allowed is not None:
            met = frozenset(allowed)
            may &= np.fromiter((item_id in met for item_id in ids), np.bool_, len(ids))
    for phrase in reading.phrases:
        may[np.setdiff1d(np.arange(len(ids)), text.saying(phrase).rows)] = False
    for word in reading.without:
        may[text.saying(word).rows] = False
    return ids[may]


class Understanding:
    """Understands questions to one collection.

    Parameters
    ----------
    catalog : Catalog
        Its values.
    text : TextSearch
        Which works say what.
    weights : Weights
        What counts how much.
    """

    def __init__(self, catalog: Catalog, text: TextSearch, weights: Weights) -> None:
        self._catalog = catalog
        self._text = text
        self._frequency = text.frequency
        self._weights = weights

    def read(self, text: str, ignore: Collection[str] = (), *, correct: bool = True) -> Reading:
        """Understand a question.

        Parameters
        ----------
        text : str
            As typed.
        ignore : collection of str
            The keys of what is not to be understood; see :class:`ham_recommend.answers.Understood`.
        correct : bool
            Whether to read artists' names that have slips in them.

        Raises
        ------
        SettingsError
            What is asked for exactly cannot be: years that are none.
        """
        exact = replace(exactly(text), untranslated=_untranslated(ignore))
        number = self._number(exact.text)
        if number is not None and number[0].key not in ignore:
            typed = number[0].words
            left = exact.text.replace(typed, " ") if any(map(str.isalpha, typed)) else exact.text
            left = left if _said(_CALLED.sub(" ", left)) else ""
            understood = (*exact.understood, number[0])
            return replace(exact, text=left, understood=understood, boosts=(number[1],))
        named: list[tuple[Understood, Boost]] = []
        left = self._names_written_out(self._times(exact.text, named, ignore), ignore)
        catalogued = self._catalogued(left, ignore)
        left, corrected = self._names_corrected(left, catalogued) if correct else (left, {})
        if corrected:
            catalogued = self._catalogued(left, ignore)
        self._values(left, catalogued, named, ignore)
        left = left if not named or _said(left) else ""
        found = [one for one, _ in named]
        return replace(
            exact,
            text=" ".join(left.split()),
            understood=(*exact.understood, *found),
            boosts=self._as_meant(exact.text, named),
            corrected=corrected,
        )

    def _names_written_out(self, text: str, ignore: Collection[str]) -> str:
        """Return the text with the names of artists whose initials it has."""
        if any(key.startswith("artist=") for key in ignore):
            return text
        places, typed = _typed(text)
        return _replaced(text, places, self._names.written_out(typed))

    def _names_corrected(self, text: str, catalogued: Sequence[_Named]) -> tuple[str, dict[str, str]]:
        """Return the text with the slips in artists' names mended, and which they were."""
        places, typed = _typed(text)
        taken = {at for one in catalogued for at in range(one.start, one.stop)}
        slip = self._text.reading.slip(text) if len(typed) == 1 and not taken else None
        found = self._names.meant(slip) if slip else self._names.nearly(typed, taken)
        found = found or self._family_names_in(text, typed, taken)
        corrected: dict[str, str] = {}
        for start, stop, name in found:
            said, meant = typed[start:stop], name.split()
            pairs = zip(said, meant, strict=True) if len(said) == len(meant) else [(" ".join(said), name)]
            corrected |= {wrong: right for wrong, right in pairs if words(wrong) != words(right)}
        return _replaced(text, places, found), corrected

    def _family_names_in(
        self, text: str, typed: Sequence[str], taken: Collection[int]
    ) -> list[tuple[int, int, str]]:
        """Return where a word is a slip of a name that artists are known by, as the other words tell."""
        fixed = self._text.reading.slips(text)
        meant = [fixed.get(" ".join(words(word)), "") for word in typed]
        return [
            (at, at + 1, name)
            for at, name in enumerate(meant)
            if at not in taken and self._names.is_name(name)
        ]

    def _as_meant(self, text: str, named: Sequence[tuple[Understood, Boost]]) -> tuple[Boost, ...]:
        """Return what is named, counting the less the more words name nothing.

        A description that mentions a painting does not ask for paintings.
        """
        said = len(words(" ".join(one.words for one, _ in named)))
        meant = min(1.0, (MOSTLY_NAMES * said / max(1, len(words(text)))) ** 2)
        return tuple(Boost(boost.works, boost.weight * meant) for _, boost in named)

    def _number(self, text: str) -> tuple[Understood, Boost] | None:
        """Return the work whose number the question is, or has among other words."""
        asked = _CALLED.sub(" ", text).strip(" #.")
        whole = [asked] if _NUMBER.fullmatch(asked) and not TIME.fullmatch(fold(asked)) else []
        among = (word.strip("#,;()") for word in text.split()[:MOST_NUMBERED])
        for number in (*whole, *filter(_is_surely_a_number, among)):
            found = self._catalog.numbered(number)
            if found:
                works = np.isin(self._catalog.item_ids, found).astype(np.float32)
                return Understood("number", found[0], number), Boost(works, NUMBER_WEIGHT)
        return None

    def _times(self, text: str, named: list[tuple[Understood, Boost]], ignore: Collection[str]) -> str:
        """Read the times, and return the text without them."""
        plain = fold(text)
        left = text if len(plain) == len(text) else plain
        for match in reversed(list(TIME.finditer(plain))):
            span = years_of(match)
            value = years_in_words(*span) if span else ""
            if not value or span is None or f"{YEARS}={value}" in ignore:
                continue
            typed = left[match.start() : match.end()]
            left = f"{left[: match.start()]} {left[match.end() :]}"
            boost = Boost(self._between(*span), self._weights.named)
            named.insert(0, (Understood(YEARS, value, typed.strip()), boost))
        return left

    def _between(self, begin: int | None, end: int | None) -> Vectors:
        """Return 1 for works of these years, less for those dated so loosely that they may be."""
        years = self._catalog.filters.years
        first, last, dated = years.first, years.last, years.dated
        meets = dated & years.between(begin, end)
        within = meets & (first >= (begin or first.min(initial=0))) & (last <= (end or last.max(initial=0)))
        works: Vectors = np.where(within, 1.0, np.where(meets, LOOSE, 0.0)).astype(np.float32)
        return works

    def _catalogued(self, text: str, ignore: Collection[str]) -> list[_Named]:
        """Return where a question names kinds, cultures and periods, no word twice."""
        typed = _TYPED.findall(text)[:MOST_NAMING]
        meanings = self._text.reading.meanings(text, _untranslated(ignore))
        said = [meanings.get(fold(word), (word,)) for word in typed]
        taken: set[int] = set()
        found: list[_Named] = []
        for name in _FIELDS:
            for one in self._spans(name, said, taken):
                if f"{name}={one.value}" not in ignore:
                    taken.update(range(one.start, one.stop))
                    found.append(one)
        return found

    def _values(
        self,
        text: str,
        catalogued: Sequence[_Named],
        named: list[tuple[Understood, Boost]],
        ignore: Collection[str],
    ) -> None:
        """Read artists, kinds, cultures and periods."""
        typed = _TYPED.findall(text)[:MOST_NAMING]
        taken = {at for one in catalogued for at in range(one.start, one.stop)}
        meanings = self._text.reading.meanings(text, _untranslated(ignore))
        foreign = {at for at, word in enumerate(typed) if fold(word) in meanings}
        elsewhere = foreign if len(foreign) > 1 else set()  # alone, Ponti may have built what is no bridge
        artists = self._names.read(typed, taken | elsewhere, catalogued=len(taken) + len(named) > 0)
        for one in (*catalogued, *(_Named("artist", *artist) for artist in artists)):
            understood = Understood(one.field, one.value, " ".join(typed[one.start : one.stop]))
            if understood.key not in ignore:
                weight = self._weights.named * (KIND if one.field == "classification" else 1.0)
                named.append((understood, Boost(one.works, weight)))

    def _spans(self, name: str, typed: Sequence[Sequence[str]], taken: Collection[int]) -> list[_Named]:
        """Return where a question names values of a field, the longest run of words first.

        Of each word there is given what it may mean; nothing for one that says nothing.
        """
        vocabulary = self._vocabularies[name]
        nothing = [STOP_WORDS.issuperset(map(fold, word)) for word in typed]
        found, used = [], set(taken)
        for size in range(min(LONGEST_VALUE, len(typed)), 0, -1):
            for start in range(len(typed) - size + 1):
                run = range(start, start + size)
                if nothing[run[0]] or nothing[run[-1]] or used.intersection(run):
                    continue
                several = typed[start] if size == 1 else ()
                for said in (" ".join(word for one in typed[start : start + size] for word in one), *several):
                    value, strengths = vocabulary.named(said)
                    if strengths is not None and (
                        name != "period" or self._is_meant(said, strengths, vocabulary)
                    ):
                        used.update(run)
                        works = vocabulary.values.strongest(strengths)
                        found.append(_Named(name, start, start + size, value, works))
                        break
        return sorted(found, key=lambda one: one.start)

    def _is_meant(self, said: str, strengths: Vectors, vocabulary: Vocabulary) -> bool:
        (word, *others) = words(said)
        works = int(vocabulary.values.spelling_counts()[strengths > 0].sum())
        return bool(others) or works >= OFTEN_MEANT * self._frequency(word)

    @cached_property
    def _vocabularies(self) -> dict[str, Vocabulary]:
        return {name: Vocabulary(self._catalog.filters.values_of(name)) for name in _FIELDS}

    @cached_property
    def _names(self) -> Names:
        return Names(self._catalog.filters.values_of("artist"), self._frequency, self._is_said)

    def _is_said(self, together: Sequence[str]) -> bool:
        """Return whether some work says all of some words."""
        return bool(in_all(map(self._text.works_saying, together)))


def _untranslated(ignore: Collection[str]) -> list[str]:
    """Return the meanings that no word is to be read as."""
    return [key.removeprefix(f"{MEANING}=") for key in ignore if key.startswith(f"{MEANING}=")]


def _said(text: str) -> bool:
    """Return whether a text has a word that says something."""
    return not STOP_WORDS.issuperset(words(text))


def _is_surely_a_number(word: str) -> bool:
    """Return whether a word is no count, size or time: it has several figures, and letters or parts."""
    figures = sum(map(str.isdecimal, word))
    parted = any(map(str.isalpha, word)) or re.search(r"\d[./:-]\d", word)
    return figures > MOST_FIGURES and bool(parted) and not TIME.search(fold(word))


def _typed(text: str) -> tuple[list[tuple[int, int]], list[str]]:
    """Return where the words of a question stand, and the words."""
    places = [match.span() for match in _TYPED.finditer(text)][:MOST_NAMING]
    return places, [text[slice(*place)] for place in places]


def _replaced(text: str, places: Sequence[tuple[int, int]], found: Iterable[tuple[int, int, str]]) -> str:
    """Return a text with other words at some of the places of its own."""
    for start, stop, name in sorted(found, reverse=True):
        text = f"{text[: places[start][0]]}{name}{text[places[stop - 1][1] :]}"
    return text


class _Named(NamedTuple):
    """Which of a question's words name a value of a field, and the works that have it."""

    field: str
    start: int
    stop: int
    value: str
    works: Vectors


KIND = 1.5
"""What a kind counts beside the others that a question names."""


def exactly(text: str) -> Reading:
    """Take what is asked for exactly out of a question.

    Parameters
    ----------
    text : str
        Such as ``ships -storm artist:"Edgar Degas" years:1850..1900 "still life"``.

    Raises
    ------
    SettingsError
        ``years:`` is followed by no years.

    Examples
    --------
    >>> read = exactly('boats -storm artist:"Edgar Degas" years:1850..1900')
    >>> read.text, read.where, read.without
    ('boats', {'artist': 'Edgar Degas', 'years': (1850, 1900)}, ('storm',))
    """
    where: dict[str, Any] = {}
    phrases: list[str] = []
    without: list[str] = []
    understood: list[Understood] = []

    def take(match: re.Match[str]) -> str:
        minus, name, closed, left_open, plain = match.groups()
        quoted = closed or left_open
        name = _ALIASES.get((name or "").lower(), (name or "").lower())
        value = quoted or plain
        if name in KNOWN and not minus:
            where[name] = _span(value) if name == YEARS else value
            shown = years_in_words(*where[name]) if name == YEARS else value
            understood.append(Understood(name, shown, match[0], exact=True))
        elif minus and not name and (quoted or _NO_WORD.match(match[0])):
            without.append(value)
            understood.append(Understood("without", value, match[0], exact=True))
        elif quoted and not name and not minus:
            phrases.append(quoted)
            understood.append(Understood("phrase", quoted, match[0], exact=True))
            return quoted
        else:
            return match[0]
        return ""

    left = " ".join(_EXACT.sub(take, text).split())
    return Reading(left, tuple(understood), (), where, tuple(phrases), tuple(without))


def _span(value: str) -> tuple[int | None, int | None]:
    match = _YEARS.match(value)
    if not match or not any(match.groups()):
        raise SettingsError(f"Years {value!r} are none such as years:1850..1900, years:1850.. or years:1900.")
    alone, begin, end = (int(year) if year else None for year in match.groups())
    if alone is not None:
        return alone, alone
    if begin is not None and end is not None and begin > end:
        raise SettingsError(f"Years {value!r} end before they begin. Try years:{end}..{begin}.")
    return begin, end


def keys(understood: Iterable[Understood]) -> tuple[str, ...]:
    """Return what names each thing that was understood."""
    return tuple(one.key for one in understood)
