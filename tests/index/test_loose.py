"""Works whose tags in a database cannot be gone by, and how they are looked at again."""

from __future__ import annotations

import time

import pytest

from ham_recommend.index import _loose
from ham_recommend.index._loose import Loose

WORKS = 10


@pytest.fixture
def clock(monkeypatch):
    """Return a clock that stands still until it is moved."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(_loose, "_AT_ONCE", 3)
    return now


def looking(written, looked):
    """Return what a database answers of which some works have been written."""

    def look(keys):
        looked.append(list(keys))
        return [(key, key + 100 if key in written else -1) for key in keys if key != 4]  # which is gone

    return look


def test_nothing_is_looked_at_before_a_minute_is_over(clock):
    loose, looked = Loose({key: key + 100 for key in range(WORKS)}), []
    assert len(loose.left(looking(range(WORKS), looked))) == WORKS
    clock[0] += 59
    loose.left(looking(range(WORKS), looked))
    assert looked == []


def test_a_change_that_is_written_is_noticed_in_as_many_questions_as_it_has_parts(clock):
    loose, looked = Loose({key: key + 100 for key in range(WORKS)}), []
    clock[0] += 61
    left = [len(loose.left(looking(range(WORKS), looked))) for _ in range(3)]
    assert left == [7, 5, 5], "the second part holds a work that is gone, so that the third waits a minute"
    clock[0] += 61
    assert [len(loose.left(looking(range(WORKS), looked))) for _ in range(2)] == [2, 1]
    assert [sorted(part) for part in looked] == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [4, 9]]


def test_works_that_stay_wrong_hide_none_of_those_behind_them(clock):
    loose, looked = Loose({key: key + 100 for key in range(WORKS)}), []
    for _ in range(4):
        clock[0] += 61
        left = loose.left(looking({8, 9}, looked))
    assert set(left) == set(range(8))
    assert {key for part in looked for key in part} == set(range(WORKS))


def test_a_work_whose_tags_are_not_kept_stays_loose(clock):
    loose = Loose({1: 0})
    clock[0] += 61
    assert set(loose.left(lambda keys: [(1, 0)])) == {1}
