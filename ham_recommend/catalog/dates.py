"""Reading the dates museums write: ``c. 1650``, ``17th century``, ``Ming dynasty, 1368–1644``.

A date is read in three steps: text → tokens → spans (one per number or period named) → one range. The windows
this module decides on, where the text leaves them open:

=================== ===========================================================================
``c. 1650``         5 years either way; 10 before the year 1000
``17th century``    1601–1700; the 5th century BCE is -500 to -401
``1600s``           1600–1699; ``1650s`` is 1650–1659
early, mid, late    of a century or period the first quarter, the middle half, the last quarter;
                    of a decade its first half, its middle, its second half
before, after 1850  the 50 years before, the 25 years after
``AH 1042``         the tabular conversion, where no year of the common era stands beside it
=================== ===========================================================================
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from ham_recommend.catalog.date_words import (
    DYNASTIES_OF_EGYPT,
    KIND,
    OFFSET,
    PARTS,
    PERIOD_NAMES,
    PERIODS,
    RANK,
    REWRITES,
)

EARLIEST, LATEST = -1_000_000, 2100
"""Years outside are refused."""

_LONGEST = 300
_BEFORE, _AFTER = 50, 25
_CIRCA = {"year": (5, 10), "decade": (5, 10)}
_SIZE = {"year": 1, "decade": 10, "century": 100, "millennium": 1000}
_SURE = {"year": 1.0, "decade": 0.9, "century": 0.8, "millennium": 0.6, "period": 0.6}
_OTHER_CALENDARS = {"ah", *OFFSET}
_EARLY_MID_LATE = {"early": (0.0, 0.25), "mid": (0.25, 0.75), "late": (0.75, 1.0)}
_IN_A_DECADE = {(0.0, 0.25): (0.0, 0.5), (0.25, 0.75): (0.3, 0.7), (0.75, 1.0): (0.5, 1.0)}

_TOKEN = re.compile(
    rf"(?P<period>{PERIOD_NAMES.pattern})"
    r"|(?P<number>\d+)(?P<suffix>s|st|nd|rd|th|er|eme|ieme|e|ere|re|de|ste|o|a|\.)?(?![a-z])"
    r"|(?P<digits>\d+)"
    r"|(?P<minus>(?<!\S)-(?=\d))"
    r"|(?P<link>[-/&])"
    r"|(?P<end>[,;()])"
    r"|(?P<doubt>\?)"
    r"|(?P<word>[^\W\d_]+)"
)
_ROMAN = dict(
    zip(
        "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi".split(),
        range(1, 22),
        strict=True,
    )
)
_ROMAN_ORDINAL = re.compile(r"([ivx]+?)(?:e|eme|ieme|er|th|o|a)?")


@dataclass(frozen=True, slots=True)
class DateRange:
    """The years a work can be from.

    Parameters
    ----------
    begin, end : int or None
        First and last possible year, negative = BCE, never 0; both ``None`` when unknown.
    confidence : float
        How sure that the work was made between them: 0 (nothing known) to 1 (a year that was written out).
    """

    begin: int | None
    end: int | None
    confidence: float


UNKNOWN = DateRange(None, None, 0.0)


@lru_cache(maxsize=1 << 16)
def parse_date(text: str) -> DateRange:
    """Read a date as museums write it, in English and the usual German, French, Italian, Dutch and Spanish.

    Parameters
    ----------
    text : str
        Anything; only the first 300 characters are read.

    Returns
    -------
    DateRange
        ``begin <= end``, or unknown; nothing is raised.
    """
    return _settled(_Reader(_tokens(_plain(text))).read())


def _plain(text: str) -> str:
    """Return the text in lower case, without accents, with one kind of dash, and rewritten."""
    apart = unicodedata.normalize("NFKD", text[:_LONGEST]).lower()
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    plain = re.sub(r"[-\u2010-\u2015\u2212]+", "-", re.sub("[’‘`]", "'", plain))
    for pattern, instead in REWRITES:
        plain = pattern.sub(instead, plain)
    return plain


@dataclass(slots=True)
class _Token:
    kind: str
    text: str = ""
    value: int = 0


def _tokens(text: str) -> list[_Token]:
    found = [_token(match) for match in _TOKEN.finditer(text)]
    for token, following in zip(found, found[1:], strict=False):
        counted = token.kind in {"ordinal", "roman"}
        if following.kind == "word" and following.text in {"c", "s"} and counted:
            following.kind = "century"
        if token.kind == "word" and token.text == "s" and following.kind == "roman":
            token.kind = "century"
    for token in found:
        if token.kind == "word" and token.text == "c":
            token.kind = "circa"
    return found


def _token(match: re.Match[str]) -> _Token:
    kind, text = str(match.lastgroup), match[0]
    if match["number"]:
        suffix = match["suffix"] or ""
        kind = "decade" if suffix == "s" else "number" if suffix in {"", "."} else "ordinal"
        return _Token(kind, match["number"], int(match["number"]))
    if kind == "digits":
        return _Token("number", text, int(text))
    if kind != "word":
        return _Token(kind, text)
    if text in RANK:
        return _Token("rank", text, RANK[text])
    roman = _ROMAN_ORDINAL.fullmatch(text)
    if roman and roman[1] in _ROMAN:
        return _Token("roman", text, _ROMAN[roman[1]])
    return _Token(KIND.get(text, "word"), text)


@dataclass(slots=True)
class _Span:
    """One thing the text names: a year, decade, century, millennium or period."""

    unit: str
    number: int
    digits: int = 0
    linked: bool = False
    era: str = ""
    inherited: str = ""
    parts: list[tuple[float, float]] = field(default_factory=list)
    turn: bool = False
    circa: bool = False
    doubt: bool = False
    bound: str = ""
    years: tuple[int, int] | None = None

    @property
    def calendar(self) -> str:
        return self.era or self.inherited


class _Reader:
    """Turns tokens into spans; what is said before a number waits until the number comes."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.spans: list[_Span] = []
        self.linked = False
        self.forget_until_end = False
        self.unit_before = ""
        self._start_segment()

    def _start_segment(self) -> None:
        self.adjacent = False
        self.linked = False
        self.forget_until_end = False
        self.circa = False
        self.era = ""
        self.era_used = False
        self.bound = ""
        self.turn = False
        self.rank = 0
        self.parts: list[tuple[float, float]] = []

    def read(self) -> list[_Span]:
        doubt = any(token.kind == "doubt" for token in self.tokens)
        for at, token in enumerate(self.tokens):
            self._take(at, token)
        self._trailing_parts()
        for span in self.spans:
            span.doubt = doubt
        return self.spans

    def _take(self, at: int, token: _Token) -> None:
        match token.kind:
            case "end":
                self._trailing_parts()
                self._start_segment()
            case "link":
                self.linked = bool(self.spans) and not self.parts
                self.adjacent = False
            case "circa":
                self.circa = True
            case "before" | "after":
                self._take_bound(token)
            case "word":
                self._take_word(token)
            case "early" | "mid" | "late":
                self.parts.append(_EARLY_MID_LATE[token.kind])
            case "half" | "third" | "quarter" | "tenth":
                self._take_fraction(at, token)
            case "turn":
                self.turn = True
            case "life":
                self.forget_until_end = True
            case "copy":
                self.forget_until_end = bool(self.spans)
            case "century" | "millennium" | "decade word":
                self._take_unit(token)
            case "bce" | "ce" | "ah" | "am" | "samvat" | "saka":
                self._take_era(at, token)
            case "minus" if self.adjacent:
                self.linked, self.adjacent = True, False
            case "minus":
                self.era, self.era_used = "bce", False
            case "period":
                self._add("period", token, PERIODS[token.text])
            case "number" | "ordinal" | "decade" | "roman" | "rank":
                self._take_number(at, token)

    def _take_word(self, token: _Token) -> None:
        if token.text == "orlater" and self.spans:
            self.spans[-1].bound = "after"
        elif token.text == "orearlier" and self.spans:
            self.spans[-1].bound = "before"

    def _take_bound(self, token: _Token) -> None:
        if token.text in {"until", "till"} and self.adjacent:
            self.linked, self.adjacent = True, False
        else:
            self.bound = token.kind

    def _take_fraction(self, at: int, token: _Token) -> None:
        if token.kind == "third" and not self.rank:
            self._take_number(at, _Token("rank", token.text, 3))
            return
        whole = PARTS[token.kind]
        rank = whole if self.rank == -1 else self.rank
        if 1 <= rank <= whole:
            self.parts.append(((rank - 1) / whole, rank / whole))
        self.rank = 0

    def _take_unit(self, token: _Token) -> None:
        last = self.spans[-1].unit if self.spans else ""
        if token.kind == last:
            self.linked = False
            self.adjacent = True
        else:
            self.unit_before = "decade" if token.kind == "decade word" else token.kind

    def _take_era(self, at: int, token: _Token) -> None:
        prefixes = token.kind in _OTHER_CALENDARS and self._kind(at + 1) == "number"
        if not self.adjacent or prefixes or self.spans[-1].era:
            self.era, self.era_used = token.kind, False
            return
        self.era = ""
        for span in reversed(self.spans):
            if span.era:
                break
            span.era = token.kind
            if span.inherited or not span.linked:
                break
        if token.kind == "ah":
            self.parts = list(self.spans[-1].parts)

    def _take_number(self, at: int, token: _Token) -> None:
        around = (self._kind(at - 1), self._kind(at + 1))
        if around[1] in PARTS and token.kind != "roman":
            self.rank = token.value
        elif "dynasty" in around and 1 <= token.value <= len(DYNASTIES_OF_EGYPT):
            self._add("period", token, DYNASTIES_OF_EGYPT[token.value - 1])
        elif "other" not in around and (unit := self._unit(at, token)):
            self._add(unit, token)
        self.unit_before = ""

    def _kind(self, at: int) -> str:
        return self.tokens[at].kind if 0 <= at < len(self.tokens) else ""

    def _unit(self, at: int, token: _Token) -> str:
        """Return what a number counts; empty when it is no date."""
        small = 1 <= token.value <= 30 and token.kind != "decade"
        if small and self.unit_before in {"century", "millennium"}:
            return self.unit_before
        if small and (ahead := self._unit_ahead(at)):
            return ahead
        if token.kind == "ordinal" and 1 <= token.value <= 21:
            return "century"
        if token.kind == "decade" or (self.unit_before == "decade" and token.value % 10 == 0):
            return "decade"
        return "year" if token.kind == "number" else ""

    def _unit_ahead(self, at: int) -> str:
        """Return the century or millennium word that ``18th and early 19th century`` shares."""
        for step in range(at + 1, min(at + 12, len(self.tokens))):
            token = self.tokens[step]
            if token.kind in {"century", "millennium"}:
                return token.kind
            countable = token.kind in {"number", "ordinal", "roman", "rank"} and token.value <= 30
            if not countable and token.kind not in {"link", "early", "mid", "late", "word", *PARTS}:
                return ""
        return ""

    def _add(self, unit: str, token: _Token, years: tuple[int, int] | None = None) -> None:
        if self.forget_until_end:
            self.parts = []
            return
        span = _Span(
            unit,
            token.value,
            digits=len(token.text) if unit in {"year", "decade"} else 0,
            linked=self.linked,
            era="" if self.era_used else self.era,
            inherited=self.era if self.era_used else "",
            parts=self.parts,
            turn=self.turn,
            circa=self.circa,
            bound=self.bound,
            years=years,
        )
        self.spans.append(span)
        self.parts, self.turn, self.bound, self.linked = [], False, "", False
        self.adjacent = self.era_used = True

    def _trailing_parts(self) -> None:
        """Give ``19. Jh., 1. Hälfte`` its half."""
        if self.parts and self.spans and self.spans[-1].unit != "year" and not self.spans[-1].parts:
            self.spans[-1].parts = self.parts
        self.parts = []


@dataclass(frozen=True, slots=True)
class _Found:
    """A range that some of the spans make together."""

    begin: int
    end: int
    confidence: float
    precise: bool
    period: bool = False
    bound: bool = False

    def overlap(self, other: _Found) -> _Found | None:
        begin, end = max(self.begin, other.begin), min(self.end, other.end)
        return None if begin > end else self._with(other, begin, end)

    def hull(self, other: _Found) -> _Found:
        return self._with(other, min(self.begin, other.begin), max(self.end, other.end))

    def _with(self, other: _Found, begin: int, end: int) -> _Found:
        precise = self.precise and other.precise
        return _Found(
            begin, end, min(self.confidence, other.confidence), precise, self.period and other.period
        )


def _settled(spans: list[_Span]) -> DateRange:
    found: _Found | None = None
    for run in _runs(_one_calendar(_filled(spans))):
        found = run if found is None else _narrowed(found, run)
    if found is None:
        return UNKNOWN
    begin, end = _no_year_zero(found.begin, found.end)
    return DateRange(begin, end, round(found.confidence, 3))


def _no_year_zero(begin: int, end: int) -> tuple[int, int]:
    begin = max(begin or 1, EARLIEST)
    return begin, max(begin, min(end or -1, LATEST))


def _filled(spans: list[_Span]) -> list[_Span]:
    """Complete ``1504/05`` and ``1960s–70s`` from the number before."""
    for before, span in zip(spans, spans[1:], strict=False):
        short = span.linked and 0 < span.digits < before.digits
        if not short or {before.calendar, span.calendar} & {"bce", *_OTHER_CALENDARS}:
            continue
        step = 10**span.digits
        number = before.number - before.number % step + span.number
        if number < before.number and 0 < span.number <= 12 and span.digits == 2 and before.number % 100 < 90:
            number = before.number  # 1929-03 is a month
        span.number = number if number >= before.number else number + step
        span.digits = before.digits
    return spans


def _one_calendar(spans: list[_Span]) -> list[_Span]:
    """Keep the common era where a year is given in two calendars."""
    common = [span for span in spans if span.calendar not in _OTHER_CALENDARS]
    return common or spans


def _runs(spans: list[_Span]) -> Iterator[_Found]:
    """Join the spans that a dash or an *and* joins."""
    run: _Found | None = None
    previous: _Span | None = None
    for span in spans:
        found = _found(span, previous if span.linked else None)
        if found is None:
            continue
        if run is not None and span.linked:
            run = (run.bound and found.bound and run.overlap(found)) or run.hull(found)
        else:
            if run is not None:
                yield run
            run = found
        previous = span
    if run is not None:
        yield run


def _narrowed(found: _Found, run: _Found) -> _Found:
    """Read two statements beside each other: the closer one counts; else the work spans both."""
    if found.period and run.precise and not run.period:
        return run
    overlap = found.overlap(run)
    if overlap is not None:
        return overlap
    if run.period or run.bound:
        return found
    return run if found.period else found.hull(run)


def _found(span: _Span, linked_to: _Span | None) -> _Found | None:
    """Return the years of one span, or ``None`` when the number is no year."""
    if span.years is None:
        bare = not span.calendar and not (linked_to and linked_to.calendar == "bce")
        lowest = 100 if bare and span.digits else 1
        if span.number < lowest or (bare and span.number > LATEST):
            return None
    begin, end = _common(span, *_widened(span, *_portion(span, *_whole(span))))
    if end < EARLIEST or begin > LATEST:
        return None
    if span.bound:
        begin, end = (begin - _BEFORE, end) if span.bound == "before" else (begin, end + _AFTER)
    confidence = _SURE[span.unit] * (0.8 if span.circa else 1) * (0.7 if span.doubt else 1)
    confidence *= (0.5 if span.bound else 1) * (0.9 if span.calendar in _OTHER_CALENDARS else 1)
    return _Found(
        begin, end, confidence, span.unit in {"year", "decade"}, span.unit == "period", bool(span.bound)
    )


def _whole(span: _Span) -> tuple[int, int]:
    if span.years is not None:
        return span.years
    size, number = _SIZE[span.unit], span.number
    if span.unit in {"century", "millennium"}:
        begin, end = (number - 1) * size + 1, number * size
    elif span.unit == "decade" and number % 100 == 0 and number < 2000:
        begin, end = number, number + 99
    else:
        begin, end = number, number + size - 1
    return (-end, -begin) if span.calendar == "bce" else (begin, end)


def _portion(span: _Span, begin: int, end: int) -> tuple[int, int]:
    """Return the early, late or third quarter of it."""
    if span.turn:
        return begin - 10, begin + 9
    if not span.parts or span.unit == "year":
        return begin, end
    first, last = span.parts[0], span.parts[-1]
    if end - begin < 10:
        first, last = _IN_A_DECADE.get(first, first), _IN_A_DECADE.get(last, last)
    start, stop = (first[0], last[1]) if first[0] < last[1] else last
    width = end - begin + 1
    from_here = begin + round(width * start)
    return from_here, max(from_here, begin + round(width * stop) - 1)


def _widened(span: _Span, begin: int, end: int) -> tuple[int, int]:
    if not span.circa or span.bound or span.unit not in _CIRCA:
        return begin, end
    recent, ancient = _CIRCA[span.unit]
    window = recent if begin >= 1000 else ancient
    return begin - window, end + window


def _common(span: _Span, begin: int, end: int) -> tuple[int, int]:
    """Turn years of another calendar into years of the common era."""
    if span.calendar == "ah":
        # tabular: 33 lunar years are about 32 solar ones, counted from 622
        return round(begin * 0.970224 + 621.5774), round(end * 0.970224 + 621.5774)
    offset = int(OFFSET.get(span.calendar, 0))
    return begin + offset, end + offset
