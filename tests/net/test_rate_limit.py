"""Rate limits: so many requests a second and at once to a host, and pauses that every thread keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.net.rate_limit import HostPausedError, RateLimit, backoff, retry_after


def pauses_double(monkeypatch):
    monkeypatch.setattr("ham_recommend.net.rate_limit.backoff", lambda attempt: 2.0**attempt)


def test_whoever_waits_for_a_server_gives_up_when_the_pause_becomes_long(fake_time):
    limit = RateLimit(1e6, 2, fake_time.clock(), longest_pause=10.0)
    limit.pause("busy.example", 5.0)
    with limit.slot("busy.example"):
        limit.pause("busy.example", 60.0)
    with pytest.raises(HostPausedError), limit.slot("busy.example"):
        raise AssertionError
    assert sum(fake_time.sleeps) == pytest.approx(5.0)


def test_requests_that_are_refused_together_count_once(monkeypatch, fake_time):
    pauses_double(monkeypatch)
    limit = RateLimit(1e6, 4, fake_time.clock())
    for _ in range(4):
        limit.pause("busy.example", None)
    with limit.slot("busy.example"):
        assert sum(fake_time.sleeps) == pytest.approx(1.0)


def test_a_clock_that_is_set_back_keeps_nobody_waiting(fake_time):
    limit = RateLimit(2.0, 1, fake_time.clock())
    with limit.slot("any.example"):
        fake_time.now -= 3_600.0
    with limit.slot("any.example"):
        assert sum(fake_time.sleeps) == pytest.approx(0.5)


def test_a_pause_of_one_host_leaves_the_others_alone(fake_time):
    limit = RateLimit(1e6, 1, fake_time.clock())
    limit.pause("slow.example", 60.0)
    with limit.slot("other.example"):
        assert fake_time.sleeps == []
    with limit.slot("slow.example"):
        assert sum(fake_time.sleeps) == pytest.approx(60.0)


@given(st.integers(0, 20))
def test_pauses_grow_and_are_spread_evenly(attempt):
    bound = min(60.0, 0.5 * 2**attempt)
    pauses = [backoff(attempt) for _ in range(200)]
    assert 0 <= min(pauses) < bound / 4
    assert bound * 3 / 4 < max(pauses) <= bound


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10.0),
        ("Tue, 14 Nov 2000 22:13:30 GMT", 0.0),
        *((value, None) for value in ("", None, "soon", "-3", "１２", "Tue, 99 Nov 2023 22:13:30 GMT")),
        ("Tue, 14 Nov 2023 22:13:30 +99999999999999", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value, seconds):
    assert retry_after(value, now=1_700_000_000.0) == seconds
