"""From the times a date names to the first and last year.

The windows, where the text leaves them open:

==================== ==========================================================================
``c. 1650``          5 years either way; 10 before the year 1000
``17th century``     1601–1700; the 5th century BCE is -500 to -401
``1600s``, ``16--``  1600–1699; ``1650s`` and ``165X`` are 1650–1659
early, mid, late     of a century or period the first quarter, the middle half, the last quarter;
                     of a decade its first half, its middle, its second half
before, after 1850   the 50 years before, the 25 years after; so are ``../1850`` and ``1850/..``
``-450``             450 BCE, as museums count, not 451 as astronomers do
``AH 1042``          the tabular conversion, where no year of the common era stands beside it
``5000 BP``          before 1950; *years ago* before 2000
==================== ==========================================================================

A word that is not understood halves the confidence, and so do years that run backwards: ``480-430`` may be
BCE.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from ham_recommend.catalog.dates.periods import EARLIEST, LATEST
from ham_recommend.catalog.dates.reader import read_date
from ham_recommend.catalog.dates.spans import Reading, Span
from ham_recommend.catalog.dates.text import LONGEST

OFFSET = {"am": -5508, "hebrew": -3760, "samvat": -57, "saka": 78, "be": -543, "sh": 621}
"""Solar years → what to add for the common era: Byzantine, Hebrew, Samvat, Saka, Buddhist, solar Hijri."""

_BACKWARDS = {"bp": (1950, 1), "ago": (2000, 1), "kya": (2000, 1000)}
_LAST_DAY = 31
_LAST_HEBREW = 6200  # a year of the world that is higher counts as the Byzantines did
_BEFORE, _AFTER = 50, 25
_CIRCA = {"year": (5, 10), "decade": (5, 10)}
_SIZE = {"year": 1, "decade": 10, "century": 100, "millennium": 1000}
_SURE = {"year": 1.0, "decade": 0.9, "century": 0.8, "millennium": 0.6, "period": 0.6}
_NOT_UNDERSTOOD = 0.5
_RUNS_BACKWARDS = 0.5
_OTHER_CALENDARS = {"ah", *OFFSET, *_BACKWARDS}
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


def parse_date(text: str) -> DateRange:
    """Read a date as museums write it, in some twenty languages.

    Parameters
    ----------
    text : str
        Anything; only the first 300 characters are read.

    Returns
    -------
    DateRange
        ``begin <= end``, or unknown; nothing is raised. The confidence is 1 only for years that are written
        out and beside which every word was understood.
    """
    found = written_years(text)
    return UNKNOWN if found is None else DateRange(found.begin, found.end, round(found.confidence, 3))


class Found(NamedTuple):
    """Years that some of the spans make together.

    Parameters
    ----------
    begin, end : int
        First and last year.
    confidence : float
        0 to 1.
    precise : bool
        Whether years or decades are written.
    period : bool
        Whether only a period is named.
    bound : {"", "before", "after"}
        Whether only the last or the first year is written.
    circa : bool
        Whether they are approximate.
    copied : bool
        Whether the date tells of a later print, cast or change.
    backwards : bool
        Whether they are written from the last to the first, without an era.
    part_of_work : bool
        Whether they are those of a part: *Lid: 1690*.
    whole : (int, int)
        Of the *early 17th century*, the century.
    """

    begin: int
    end: int
    confidence: float
    precise: bool
    whole: tuple[int, int]
    period: bool = False
    bound: str = ""
    circa: bool = False
    copied: bool = False
    backwards: bool = False
    part_of_work: bool = False

    def overlap(self, other: Found) -> Found | None:
        """Return what both have in common, or ``None``; *after 1850* is open to what the other says."""
        ours, theirs = self._opened_to(other), other._opened_to(self)
        begin, end = max(ours[0], theirs[0]), min(ours[1], theirs[1])
        return None if begin > end else self._with(other, begin, end, (begin, end))

    def _opened_to(self, other: Found) -> tuple[int, int]:
        begin = min(self.begin, other.begin) if self.bound == "before" else self.begin
        return begin, max(self.end, other.end) if self.bound == "after" else self.end

    def hull(self, other: Found) -> Found:
        """Return the years from the first of both to the last of both."""
        begin, end = min(self.begin, other.begin), max(self.end, other.end)
        whole = min(self.whole[0], other.whole[0]), max(self.whole[1], other.whole[1])
        return self._with(other, begin, end, whole)

    def negated(self) -> Found:
        """Return the same years of the other era."""
        whole = -self.whole[1], -self.whole[0]
        return self._replace(begin=-self.end, end=-self.begin, whole=whole, bound="", copied=False)

    def _with(self, other: Found, begin: int, end: int, whole: tuple[int, int]) -> Found:
        return Found(
            begin,
            end,
            min(self.confidence, other.confidence),
            self.precise and other.precise,
            whole,
            self.period and other.period,
            circa=self.circa or other.circa,
            backwards=self.backwards or other.backwards,
            part_of_work=self.part_of_work and other.part_of_work,
        )


def written_years(text: str) -> Found | None:
    """Return the years a date names, or ``None``."""
    return _years_in(text[: LONGEST + 1])


@lru_cache(maxsize=1 << 16)
def _years_in(text: str) -> Found | None:
    reading = read_date(text)
    found: Found | None = None
    for run in _runs(_one_calendar(_filled(_at_the_turn(reading.spans)))):
        found = run if found is None else _narrowed(found, run)
    return None if found is None else _as_read(found, reading)


def _as_read(found: Found, reading: Reading) -> Found:
    begin = max(found.begin or 1, EARLIEST)
    end = max(begin, min(found.end or -1, LATEST))
    understood = reading.understood and not any(map(_is_left_over, reading.spans))
    understood = understood or all(span.unit == "period" for span in reading.spans)
    confidence = found.confidence * (1 if understood else _NOT_UNDERSTOOD)
    return found._replace(begin=begin, end=end, confidence=confidence, copied=reading.copied)


def _is_left_over(span: Span) -> bool:
    """Return whether a number is neither a year nor a day: *1850, 51*."""
    lost = span.unit == "year" and not span.calendar and not span.link
    return lost and 0 < span.digits < 3 and span.number > _LAST_DAY


def _at_the_turn(spans: list[Span]) -> list[Span]:
    """Read *the turn of the 18th and 19th century* as one."""
    kept: list[Span] = []
    for span in spans:
        before = kept[-1] if kept else None
        if (
            before
            and before.turn
            and span.link
            and span.unit == "century"
            and span.number == before.number + 1
        ):
            kept[-1] = replace(span, turn=True, link=before.link)
        else:
            kept.append(span)
    return kept


def _filled(spans: list[Span]) -> list[Span]:
    """Complete ``1504/05`` and ``1960s–70s`` from the number before."""
    for before, span in pairwise(spans):
        if span.link and before.digits == 2 < span.digits and _LAST_DAY < before.number < span.number:
            before.era = before.era or span.calendar or "ce"  # 50-320
        if not span.link or not 0 < span.digits < before.digits:
            continue
        calendars = {before.calendar or "ce", span.calendar or "ce"}
        if calendars == {"bce"}:
            _fill_backwards(before, span)
        elif len(calendars) == 1:
            _fill(before, span)
    return spans


def _fill(before: Span, span: Span) -> None:
    step = 10**span.digits
    number = before.number - before.number % step + span.number
    if number < before.number and 0 < span.number <= 12 and span.digits == 2 and before.number % 100 < 90:
        number = before.number  # 1929-03 is a month
    span.number = number if number >= before.number else number + step
    span.digits = before.digits


def _fill_backwards(before: Span, span: Span) -> None:
    """Take 1479–58 BC for 1479–1458; but 350–20 BC may be meant as it stands."""
    number = before.number - before.number % 10**span.digits + span.number
    if before.digits > 3 > span.digits and number <= before.number:
        span.number, span.digits = number, before.digits


def _one_calendar(spans: list[Span]) -> list[Span]:
    """Keep the common era where a year is given in two calendars, as in ``1120/1708``."""
    common = [span for span in spans if span.calendar not in _OTHER_CALENDARS]
    if common and len(common) == len(spans) and spans[0].unit == "year":
        for at, span in enumerate(spans[1:], 1):
            if span.link == "/" and abs(_from_hijri(spans[0].number) - span.number) <= 1:
                return spans[at:]
    return common or spans


def _from_hijri(year: float) -> int:
    # tabular: 33 lunar years are about 32 solar ones, counted from 622
    return round(year * 0.970224 + 621.5774)


def _runs(spans: list[Span]) -> Iterator[Found]:
    """Join the spans that a dash or an *and* joins."""
    run: Found | None = None
    previous: Span | None = None
    for span in spans:
        found = _found(span, previous if span.link else None)
        if found is None:
            continue
        if run is not None and span.link:
            run = _joined(run, found)
        else:
            if run is not None:
                yield run
            run = found
        previous = span
    if run is not None:
        yield run


def _joined(run: Found, found: Found) -> Found:
    """Read *1850–1860*, *after 1850 and before 1860* and *1850 – before 1860*."""
    if found.bound == "before" and found.end >= run.begin:
        return run.hull(found)._replace(begin=run.begin, end=found.end)
    joined = run.hull(found)
    if run.bound or found.bound or not run.precise or not (found.begin < run.begin and found.end < run.end):
        return joined
    return joined._replace(confidence=joined.confidence * _RUNS_BACKWARDS, backwards=True)


def _narrowed(found: Found, run: Found) -> Found:
    """Read two statements beside each other: the closer one counts; else the work spans both."""
    if found.part_of_work and run.part_of_work:
        return found.hull(run)
    if found.period and run.precise and not run.period:
        return run
    overlap = found.overlap(run)
    if overlap is not None:
        return overlap
    if run.period or run.bound:
        return found
    return run if found.period else found.hull(run)


def _found(span: Span, linked_to: Span | None) -> Found | None:
    """Return the years of one span, or ``None`` when the number is no year."""
    if span.years is None:
        bare = not span.calendar and not (linked_to and linked_to.calendar == "bce")
        lowest = 100 if bare and span.digits else 1
        if span.number < lowest or (bare and span.number > LATEST):
            return None
    whole = _common(span, *_widened(span, *_whole(span)))
    begin, end = (
        _common(span, *_widened(span, *_portion(span, *_whole(span)))) if span.parts or span.turn else whole
    )
    if end < EARLIEST or begin > LATEST:
        return None
    if span.bound:
        begin, end = (begin - _BEFORE, end) if span.bound == "before" else (begin, end + _AFTER)
    confidence = _SURE[span.unit] * (0.8 if span.circa or span.margin else 1) * (0.7 if span.doubt else 1)
    confidence *= (0.5 if span.bound else 1) * (0.9 if span.calendar in _OTHER_CALENDARS else 1)
    return Found(
        begin,
        end,
        confidence,
        precise=span.unit in {"year", "decade"},
        whole=(min(begin, whole[0]), max(end, whole[1])),
        period=span.unit == "period",
        bound=span.bound,
        circa=span.circa,
        part_of_work=span.part_of_work,
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
    begin, end = begin - span.margin, end + span.margin
    if not span.circa or span.bound or span.unit not in _CIRCA:
        return begin, end
    recent, ancient = _CIRCA[span.unit]
    window = recent if begin >= 1000 else ancient
    return begin - window, end + window


def _common(span: Span, begin: int, end: int) -> tuple[int, int]:
    """Turn years of another calendar into years of the common era."""
    calendar = span.calendar
    if calendar == "ah":
        return _from_hijri(begin), _from_hijri(end)
    if calendar in _BACKWARDS:
        now, size = _BACKWARDS[calendar]
        return _without_year_zero(now - end * size), _without_year_zero(now - begin * size)
    if calendar == "am" and end < _LAST_HEBREW:
        calendar = "hebrew"
    return begin + OFFSET.get(calendar, 0), end + OFFSET.get(calendar, 0)


def _without_year_zero(year: int) -> int:
    return year if year > 0 else year - 1
