"""A record's date against its own years."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.catalog.dates import EARLIEST, LATEST, DateRange, parse_date, years_of


def weighed(date, begin, end):
    found = years_of(date, begin, end)
    return (found.begin, found.end, found.confidence)


@pytest.mark.parametrize(
    ("date", "begin", "end", "expected"),
    [
        # they agree: the record's own count
        ("1850", 1850, 1850, (1850, 1850, 1.0)),
        ("c. 1850", 1850, 1850, (1850, 1850, 1.0)),
        ("c. 1850", 1840, 1860, (1840, 1860, 1.0)),
        ("ca. 1600", 1550, 1650, (1550, 1650, 1.0)),
        ("c. 1800 BCE", -1900, -1700, (-1900, -1700, 1.0)),
        ("c. 2050 BCE", -2600, -2000, (-2600, -2000, 1.0)),
        ("19th century", 1800, 1899, (1800, 1899, 1.0)),
        ("late 19th century", 1850, 1900, (1850, 1900, 1.0)),
        ("17th century", 1620, 1650, (1620, 1650, 1.0)),
        ("early 18th century", 1701, 1800, (1701, 1800, 1.0)),
        ("before 1976", 1900, 1976, (1900, 1976, 1.0)),
        ("after 1850", 1850, 1920, (1850, 1920, 1.0)),
        ("1968-present", 1968, 2020, (1968, 2020, 1.0)),
        ("1905, printed posthumously", 1905, 1981, (1905, 1981, 1.0)),
        ("1828, published 1856", 1856, 1856, (1856, 1856, 1.0)),
        ("1860", 1869, 1860, (1860, 1869, 1.0)),
        ("480-430", -480, -430, (-480, -430, 1.0)),
        ("n.d.", 1850, 1860, (1850, 1860, 1.0)),
        # the artist's life, or another wide guess around the date: the date counts
        ("1955", 1901, 1980, (1955, 1955, 0.5)),
        ("c. 1885", 1839, 1906, (1880, 1890, 0.5)),
        ("1975", 1964, 1989, (1975, 1975, 0.5)),
        ("1889–90", 1869, 1918, (1889, 1890, 0.5)),
        ("1650 (?)", 1614, 1683, (1650, 1650, 0.5)),
        ("before 1860?", 1750, 1910, (1810, 1860, 0.35)),
        # the sign is lost
        ("745-715 BC", -745, 720, (-745, -715, 0.5)),
        ("300-200 BCE", 200, 300, (-300, -200, 0.5)),
        ("ca. 410 BC", 415, 405, (-420, -400, 0.5)),
        ("1850", -1850, -1850, (1850, 1850, 0.5)),
        # they contradict each other: both are kept
        ("1950", 1880, 1885, (1880, 1950, 0.5)),
        ("1472", 1471, 1471, (1471, 1472, 0.5)),
        ("1935", 1835, 1835, (1835, 1935, 0.5)),
        ("18th century", 1600, 1699, (1600, 1800, 0.5)),
        ("1870s", 1827, 1876, (1827, 1879, 0.5)),
        ("before 1850?", 1900, 1900, (1800, 1900, 0.35)),
        # one year alone does not cut a range
        ("1860–1869", 1860, None, (1860, 1869, 1.0)),
        ("1860–1869", None, 1869, (1860, 1869, 1.0)),
        ("c. 1850", 1850, 0, (1845, 1855, 0.8)),
        ("19th century", 1850, None, (1801, 1900, 0.8)),
        ("", 1880, None, (1880, 1880, 1.0)),
        # years that say nothing
        ("1950", 0, 0, (1950, 1950, 1.0)),
        ("1950", -9999, 9999, (1950, 1950, 1.0)),
        ("n.d.", None, None, (None, None, 0.0)),
    ],
)
def test_own_years_and_the_date(date, begin, end, expected):
    assert weighed(date, begin, end) == expected


def test_the_period_counts_where_nothing_else_does():
    ming = years_of("n.d.", None, None, "Ming dynasty")
    assert (ming.begin, ming.end) == (1368, 1644)
    assert ming.confidence < parse_date("Ming dynasty").confidence
    assert years_of("1500", None, None, "Ming dynasty").begin == 1500
    assert years_of("n.d.", 1500, 1500, "Ming dynasty").begin == 1500
    assert years_of("", None, None, "of unknown period") == DateRange(None, None, 0.0)


YEAR = st.none() | st.integers(-3000, 2050)
DATE = st.sampled_from(
    ["", "1850", "c. 300 BC", "19th century", "before 1850?", "1850 zzz", "1200-900", "Ming"]
)


@given(DATE, YEAR, YEAR)
def test_the_order_of_the_own_years_does_not_matter(date, begin, end):
    assert years_of(date, begin, end) == years_of(date, end, begin)


@given(DATE, YEAR, YEAR)
def test_years_are_in_order_and_sure_only_where_nothing_contradicts_them(date, begin, end):
    found, written = years_of(date, begin, end), parse_date(date)
    own = [year for year in (begin, end) if year]
    if found.begin is not None:
        assert EARLIEST <= found.begin <= found.end <= LATEST
    if (
        own
        and written.begin is not None
        and found.confidence == 1
        and not date.startswith(("before", "1200"))
    ):
        assert min(own) <= written.end and written.begin <= max(own)
    if not own:
        assert found == written
