"""The date of a record against its own numeric years."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from ham_recommend.catalog.dates.periods import EARLIEST, LATEST
from ham_recommend.catalog.dates.ranges import DateRange, Found, parse_date, written_years

_NO_YEARS = {-9999, -99999, -999999}  # what databases write for "unknown"
_FROM_THE_PERIOD = 0.8
_CONTRADICTED = 0.5
_PLAY, _PLAY_ABOUT, _PLAY_EVENLY_ABOUT, _PLAY_ANCIENT = 10, 25, 50, 100
_ANCIENT = 1000


@lru_cache(maxsize=1 << 15)
def years_of(date: str, year_begin: int | None, year_end: int | None, period: str = "") -> DateRange:
    """Return the years of a work from all that its record says.

    The record's own years count where they agree with the written date. They may be closer, or wider by some
    play: 10 years on either side; 25 about a century or *circa*, 50 about *circa* where they are as many on
    both sides; 100 before the year 1000, or a whole period of that time; or a quarter of the written range.
    Of *early 17th century* the whole century counts; *before 1850* and *1905, printed later* are open on one
    side. Where they do not agree, nothing is sure:

    - written years that lie well inside the record's own count alone, as those are often the artist's life;
    - years that lack the minus of the written ones are the written ones;
    - else the range holds both.

    Parameters
    ----------
    date, period : str
        As displayed; the period counts where nothing else is known.
    year_begin, year_end : int or None
        The record's own years, in either order; ``None`` and 0 are unknown. Years no work can have are
        refused, and one of them alone does not narrow a written range.

    Returns
    -------
    DateRange
        With confidence 1 for own years that agree with the date or stand alone; at most 0.5 where they
        contradict it, or less if the date is less sure.
    """
    own = _own_years(year_begin, year_end)
    written = written_years(date) if date else None
    if own is not None and written is not None:
        return _weighed(own, written, alone=not (year_begin and year_end))
    if own is not None:
        return DateRange(*own, 1.0)
    if written is not None or not period:
        return parse_date(date)
    named = parse_date(period)
    return replace(named, confidence=round(named.confidence * _FROM_THE_PERIOD, 3))


def _own_years(begin: int | None, end: int | None) -> tuple[int, int] | None:
    """Return the record's numeric years, or ``None`` when they say nothing."""
    known = [year for year in (begin, end) if year]
    if not known or not all(EARLIEST <= year <= LATEST and year not in _NO_YEARS for year in known):
        return None
    return min(known), max(known)


def _weighed(own: tuple[int, int], written: Found, *, alone: bool) -> DateRange:
    begin, end = own
    inside = written.begin <= begin and end <= written.end
    if inside and alone:
        return DateRange(written.begin, written.end, round(written.confidence, 3))
    if inside or _agree(own, written) or (written.backwards and _agree(own, written.negated())):
        return DateRange(begin, end, 1.0)
    around = begin <= written.begin and written.end <= end
    if not around and not _agree(own, written.negated()):
        written = written._replace(begin=min(begin, written.begin), end=max(end, written.end))
    return DateRange(written.begin, written.end, round(min(_CONTRADICTED, written.confidence), 3))


def _agree(own: tuple[int, int], written: Found) -> bool:
    """Return whether the record's own years are those of the date, with some play."""
    begin, end = own
    first, last = written.whole
    if begin <= first and last <= end and (end < 0 or 0 < begin < end < _ANCIENT):
        return True
    play = _play(own, written)
    earliest = EARLIEST if written.bound == "before" else first - play
    latest = LATEST if written.bound == "after" or written.copied else last + play
    together = begin <= last and first <= end
    return earliest <= begin and end <= latest and (together or (written.copied and begin > last))


def _play(own: tuple[int, int], written: Found) -> int:
    first, last = written.whole
    quarter = (last - first) // 4
    if first < _ANCIENT:
        return max(_PLAY_ANCIENT, quarter)
    if written.circa:
        evenly = abs((first - own[0]) - (own[1] - last)) <= _PLAY
        return max(_PLAY_EVENLY_ABOUT if evenly else _PLAY_ABOUT, quarter)
    return max(_PLAY if written.precise else _PLAY_ABOUT, quarter)
