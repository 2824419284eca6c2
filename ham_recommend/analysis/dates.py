"""Dates as intervals: how probable it is that one work is earlier than another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ham_recommend.catalog.dates import parse_date
from ham_recommend.fields import years_in_words
from ham_recommend.records import Artwork

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Dates:
    """When works were made: an interval each, and how far it is to be believed.

    Years are counted through: there is no year 0 in a catalog, so 1 BCE is 0 here and 2 BCE is −1. A work of
    1889 has the interval from 1889 up to 1890.

    Parameters
    ----------
    begin, end : ndarray of float64, shape (n,)
        ``begin < end``.
    confidence : ndarray of float64, shape (n,)
        0 to 1: the probability that the interval says anything.
    """

    begin: Floats
    end: Floats
    confidence: Floats

    @classmethod
    def of(cls, year_begin: npt.ArrayLike, year_end: npt.ArrayLike, confidence: npt.ArrayLike) -> Dates:
        """Return the dates of years as a catalog writes them, first and last included, negative = BCE."""
        first, last = counted_through(year_begin), counted_through(year_end)
        sure = np.clip(np.asarray(confidence, dtype=np.float64), 0.0, 1.0)
        return cls(np.minimum(first, last), np.maximum(first, last) + 1.0, sure)

    def __len__(self) -> int:
        return len(self.begin)

    def __getitem__(self, rows: Any) -> Dates:
        """Return the dates at some positions."""
        return Dates(self.begin[rows], self.end[rows], self.confidence[rows])

    @property
    def middle(self) -> Floats:
        """The middle of each interval."""
        return (self.begin + self.end) / 2

    def flipped(self) -> Dates:
        """Return the same dates with time running backwards."""
        return Dates(-self.end, -self.begin, self.confidence)


def counted_through(years: npt.ArrayLike) -> Floats:
    """Return years of a catalog, which has no year 0, as numbers without a gap: 1 BCE is 0."""
    numbers = np.asarray(years, dtype=np.float64)
    return np.where(numbers < 0, numbers + 1, numbers)


def as_written(years: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return years without a gap as a catalog writes them: 0 is 1 BCE, −1."""
    whole = np.floor(np.asarray(years, dtype=np.float64)).astype(np.int64)
    return np.where(whole <= 0, whole - 1, whole)


def years_in(frame: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return the first and last years of a catalog's rows, NaN where none is known; one stands for both."""
    begin, end = (frame[name].to_numpy(np.float64, na_value=np.nan) for name in ("year_begin", "year_end"))
    return np.where(np.isnan(begin), end, begin), np.where(np.isnan(end), begin, end)


def date_in_words(work: Artwork) -> str:
    """Return the date of a work: what is written, or the years that its record gives where that names none.

    Examples
    --------
    >>> date_in_words(Artwork(item_id="x:1", date="n.d.", year_begin=1677, year_end=1690))
    'c. 1677–1690'
    """
    written = work.text("date")
    if any(map(str.isdigit, written)) or parse_date(written).begin is not None:
        return written
    return years_in_words(work.year_begin, work.year_end, sure=False) or written


def p_earlier(one: Dates, other: Dates) -> Floats:
    """Return how probable it is that works of ``one`` are earlier than works of ``other``.

    A date is anywhere in its interval with equal probability, as far as it is to be believed; beyond that it
    says nothing, and the probability is ½. So it exceeds ½ exactly where the middle of the interval is
    earlier.

    Parameters
    ----------
    one, other : Dates
        Of shapes that can be broadcast.

    Returns
    -------
    ndarray of float64
        0 to 1.
    """
    width = one.end - one.begin
    until, since = _share_before(one, other.end, width), _share_before(one, other.begin, width)
    within = (until - since) / (other.end - other.begin)
    believed: Floats = one.confidence * other.confidence
    return 0.5 + believed * (within - 0.5)


def _share_before(dates: Dates, year: Floats, width: Floats) -> Floats:
    """Return the integral, up to a year, of the share of an interval that lies before that year."""
    inside = np.clip(year - dates.begin, 0.0, width)
    return inside**2 / (2 * width) + np.maximum(year - dates.end, 0.0)
