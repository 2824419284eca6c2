"""Dates as intervals: who is earlier, and how probably."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.analysis.dates import Dates, as_written, counted_through, p_earlier

years = st.integers(-3000, 2020).filter(bool)
spans = st.tuples(years, st.integers(0, 300), st.floats(0, 1))


def dates(*given):
    begin, more, sure = zip(*given, strict=True)
    end = [
        as_written(counted_through(first) + length).item() for first, length in zip(begin, more, strict=True)
    ]
    return Dates.of(begin, end, sure)


@given(spans, spans)
def test_one_of_two_is_earlier(one, other):
    a, b = dates(one), dates(other)
    forth, back = p_earlier(a, b).item(), p_earlier(b, a).item()
    assert forth + back == pytest.approx(1, abs=1e-9)
    assert 0 <= forth <= 1


@given(spans, spans)
def test_the_earlier_middle_is_the_more_probable(one, other):
    a, b = dates(one), dates(other)
    probable = p_earlier(a, b).item()
    gap = (b.middle - a.middle).item()
    believed = one[2] * other[2]
    if abs(gap) > 1e-6 and believed > 1e-6:
        assert (probable > 0.5) == (gap > 0)
    assert abs(probable - 0.5) <= believed / 2 + 1e-9


@given(spans, spans, st.integers(0, 2**31))
def test_it_is_what_drawing_years_gives(one, other, seed):
    a, b = dates((*one[:2], 1.0)), dates((*other[:2], 1.0))
    random = np.random.default_rng(seed)
    drawn = [random.uniform(each.begin, each.end, 4000) for each in (a, b)]
    assert p_earlier(a, b).item() == pytest.approx((drawn[0] < drawn[1]).mean(), abs=0.05)


@given(spans, spans)
def test_backwards_every_order_reverses(one, other):
    a, b = dates(one), dates(other)
    assert p_earlier(a.flipped(), b.flipped()).item() == pytest.approx(p_earlier(b, a).item(), abs=1e-9)


def test_there_is_no_year_0():
    before, after = dates((-1, 0, 1.0)), dates((1, 0, 1.0))
    assert (after.middle - before.middle).item() == 1
    assert as_written(counted_through([-320, -1, 1, 1889])).tolist() == [-320, -1, 1, 1889]


def test_a_date_nobody_believes_says_nothing():
    assert p_earlier(dates((1500, 0, 0.0)), dates((1900, 0, 1.0))).item() == 0.5
