"""Two answers side by side: places, overlap and agreement have exact references."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend import compare
from ham_recommend.answers import Ranking
from ham_recommend.errors import SettingsError

P = 0.9


def ranking(*item_ids):
    return Ranking(np.array(item_ids, dtype=object), np.linspace(1, 0, len(item_ids), dtype=np.float32))


def ids(places):
    return [place.work.item_id for place in places]


def test_each_work_has_its_place_in_both():
    found = compare(ranking("a", "b", "c"), ranking("c", "d", "b"))
    assert [(place.work.item_id, place.first, place.second, place.change) for place in found.places] == [
        ("a", 1, None, None),
        ("b", 2, 3, -1),
        ("c", 3, 1, 2),
        ("d", None, 2, None),
    ]
    assert (ids(found.common), ids(found.only_first), ids(found.only_second)) == (["b", "c"], ["a"], ["d"])
    assert found.overlap == 0.5


def test_a_table_has_the_same_columns_always():
    full = compare(ranking("a", "b"), ranking("b")).to_frame()
    empty = compare(ranking(), ranking()).to_frame()
    assert list(full.columns) == list(empty.columns)
    assert full["change"].isna().tolist() == [True, False]
    assert (full.dtypes == empty.dtypes)[["first", "second", "change"]].all()


def test_real_answers_keep_their_works(recommender):
    found = compare(recommender.search("circus cat"), recommender.search("cat"))
    assert found.common
    assert all(place.work.title for place in found.places)


def test_only_answers_are_compared():
    with pytest.raises(SettingsError, match="Two rankings are compared"):
        compare(ranking("a"), ["a"])


def test_agreement_of_equal_disjoint_and_swapped_lists():
    assert compare(ranking(*"abcdef"), ranking(*"abcdef")).agreement == pytest.approx(1)
    assert compare(ranking(*"abc"), ranking(*"def")).agreement == 0
    assert compare(ranking(), ranking()).agreement == 1
    assert compare(ranking(), ranking("a")).agreement == 0
    # A₁ = 0, A₂ = 1: (1 − p)/p · p² + p² = p by hand
    assert compare(ranking("a", "b"), ranking("b", "a")).agreement == pytest.approx(P)


def test_what_stands_higher_counts_more():
    above = compare(ranking(*"abcd"), ranking(*"bacd")).agreement
    below = compare(ranking(*"abcd"), ranking(*"abdc")).agreement
    assert above < below < 1


lists = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


@given(lists, lists)
def test_comparing_is_symmetric_and_bounded(one, other):
    found, back = compare(ranking(*one), ranking(*other)), compare(ranking(*other), ranking(*one))
    assert {*ids(found.common)} == {*one} & {*other} == {*ids(back.common)}
    assert ids(found.only_first) == [item for item in one if item not in other]
    assert found.overlap == back.overlap
    assert found.agreement == pytest.approx(back.agreement)
    assert 0 <= found.overlap <= 1
    assert -1e-12 <= found.agreement <= 1 + 1e-12
