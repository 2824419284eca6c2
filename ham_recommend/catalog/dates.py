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

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ham_recommend.catalog.date_reader import Span, read_spans
from ham_recommend.catalog.date_words import EARLIEST, LATEST, OFFSET

_BEFORE, _AFTER = 50, 25
_CIRCA = {"year": (5, 10), "decade": (5, 10)}
_SIZE = {"year": 1, "decade": 10, "century": 100, "millennium": 1000}
_SURE = {"year": 1.0, "decade": 0.9, "century": 0.8, "millennium": 0.6, "period": 0.6}
_OTHER_CALENDARS = {"ah", *OFFSET}
_IN_A_DECADE = {(0.0, 0.25): (0.0, 0.5), (0.25, 0.75): (0.3, 0.7), (0.75, 1.0): (0.5, 1.0)}


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
    return _settled(read_spans(text))


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


def _settled(spans: list[Span]) -> DateRange:
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


def _filled(spans: list[Span]) -> list[Span]:
    """Complete ``1504/05`` and ``1960s–70s`` from the number before."""
    for before, span in pairwise(spans):
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


def _one_calendar(spans: list[Span]) -> list[Span]:
    """Keep the common era where a year is given in two calendars."""
    common = [span for span in spans if span.calendar not in _OTHER_CALENDARS]
    return common or spans


def _runs(spans: list[Span]) -> Iterator[_Found]:
    """Join the spans that a dash or an *and* joins."""
    run: _Found | None = None
    previous: Span | None = None
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


def _found(span: Span, linked_to: Span | None) -> _Found | None:
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


def _whole(span: Span) -> tuple[int, int]:
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


def _portion(span: Span, begin: int, end: int) -> tuple[int, int]:
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


def _widened(span: Span, begin: int, end: int) -> tuple[int, int]:
    if not span.circa or span.bound or span.unit not in _CIRCA:
        return begin, end
    recent, ancient = _CIRCA[span.unit]
    window = recent if begin >= 1000 else ancient
    return begin - window, end + window


def _common(span: Span, begin: int, end: int) -> tuple[int, int]:
    """Turn years of another calendar into years of the common era."""
    if span.calendar == "ah":
        # tabular: 33 lunar years are about 32 solar ones, counted from 622
        return round(begin * 0.970224 + 621.5774), round(end * 0.970224 + 621.5774)
    offset = int(OFFSET.get(span.calendar, 0))
    return begin + offset, end + offset
