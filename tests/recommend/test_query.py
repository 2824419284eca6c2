"""Questions are read as meant, or refused with what to try instead."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.catalog.catalog import Catalog
from ham_recommend.errors import SettingsError, UnknownItemError
from ham_recommend.recommend.query import MAX_TEXT, checked_items, checked_k, checked_text, parse_where
from ham_recommend.recommend.wire import where_from
from ham_recommend.records import RawRecord

years = st.integers(-4000, 2100)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ([], {}),
        (["classification=Paintings"], {"classification": "Paintings"}),
        (["classification=Prints", "classification=Drawings"], {"classification": ["Prints", "Drawings"]}),
        (["title=a=b"], {"title": "a=b"}),
        ([" artist = Édouard Manet "], {"artist": "Édouard Manet"}),
        (["years=1800:"], {"years": (1800, None)}),
        (["years=:1900"], {"years": (None, 1900)}),
        (["years=1889"], {"years": (1889, 1889)}),
        (["years=-300:-200", "department=Asia"], {"years": (-300, -200), "department": "Asia"}),
    ],
)
def test_filters_are_read_as_typed(typed, meant):
    assert parse_where(typed) == meant


@given(years, years)
def test_a_range_of_years_survives_being_typed(one, other):
    begin, end = sorted((one, other))
    assert parse_where([f"years={begin}:{end}"]) == {"years": (begin, end)}


@pytest.mark.parametrize(
    "typed",
    ["Paintings", "=Paintings", "classification=", "years=:", "years=now", "years=1900:1800", "years=1:2:3"],
)
def test_a_filter_that_means_nothing_is_refused(typed):
    with pytest.raises(SettingsError, match=r"such as|Try"):
        parse_where([typed])


@pytest.mark.parametrize("far", [1_000_001, -1_000_001, 10**30])
def test_years_farther_than_any_work_are_refused_however_they_are_asked_for(far, recommender):
    with pytest.raises(SettingsError, match="1000000"):
        parse_where([f"years=:{far}"])
    with pytest.raises(SettingsError, match="1000000"):
        where_from({"years": [None, far]})
    with pytest.raises(SettingsError, match="1000000"):
        recommender.browse(where={"years": (None, far)})


def test_years_are_given_once():
    with pytest.raises(SettingsError, match="only once"):
        parse_where(["years=1800:", "years=:1900"])


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t", "\u200b\u202e", "\x00", None, 7, b"ships", ["ships"]])
def test_nothing_cannot_be_searched_for(nothing):
    with pytest.raises(SettingsError):
        checked_text(nothing)


@given(st.text(max_size=3 * MAX_TEXT))
def test_a_text_becomes_one_printable_line_or_is_refused(text):
    try:
        line = checked_text(text)
    except SettingsError:
        assert not any(letter.isprintable() and not letter.isspace() for letter in text[:MAX_TEXT])
    else:
        assert line.isprintable()
        assert line == " ".join(line.split())
        assert len(line) <= MAX_TEXT
        assert checked_text(line) == line
        line.encode("utf-8")


@pytest.mark.parametrize("k", [1, 12, 10_000, np.int64(7)])
def test_a_number_of_works(k):
    assert checked_k(k) == int(k)


@pytest.mark.parametrize("k", [0, -1, 10_001, 1.0, "12", None, True, float("nan")])
def test_not_a_number_of_works(k):
    with pytest.raises(SettingsError, match="k is how many"):
        checked_k(k)


@pytest.fixture(scope="module")
def catalog():
    return Catalog.from_records([RawRecord(item_id=f"museum:{number}") for number in range(1000, 1200)])


def test_each_comes_once_in_order(catalog):
    asked = ["museum:1007", "museum:1001", "museum:1007"]
    assert checked_items(asked, catalog) == ("museum:1007", "museum:1001")


def test_a_single_one_need_not_be_a_list(catalog):
    assert checked_items("museum:1007", catalog) == ("museum:1007",)


def test_an_unknown_one_is_named_with_its_neighbours(catalog):
    with pytest.raises(UnknownItemError) as caught:
        checked_items(["museum:1001", "musuem:1007"], catalog)
    assert "'musuem:1007'" in str(caught.value)
    assert "'museum:1007'" in str(caught.value)


@pytest.mark.parametrize("odd", ["", 7, None, "💥" * 5000, "\ud800"])
def test_anything_else_is_unknown_too(catalog, odd):
    with pytest.raises(UnknownItemError):
        checked_items([odd], catalog)


@pytest.fixture
def numbered():
    return Catalog.from_records(
        RawRecord(item_id=item_id, title="A work", accession_number=number)
        for item_id, number in [
            ("museum:SK-A-3", ""), ("museum:11", "INV. 4/b"), ("museum:12", "T.9"), ("other:13", "T.9"),
            ("other:4", "12"), ("other:SK-a-5", ""), ("museum:sk-a-5", ""),
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("SK-A-3", "museum:SK-A-3"),
        ("sk-a-3", "museum:SK-A-3"),
        (" inv. 4/B ", "museum:11"),
        ("12", "museum:12"),
        ("museum:sk-a-5", "museum:sk-a-5"),
    ],
)
def test_a_number_names_a_work(numbered, asked, meant):
    assert checked_items([asked, meant], numbered) == (meant,)


@pytest.mark.parametrize(
    ("asked", "both"), [("t.9", ["museum:12", "other:13"]), ("SK-A-5", ["museum:sk-a-5", "other:SK-a-5"])]
)
def test_a_number_of_two_works_is_refused_with_their_ids(numbered, asked, both):
    with pytest.raises(SettingsError, match="2 works have the number") as caught:
        checked_items(asked, numbered)
    assert all(repr(one) in str(caught.value) for one in both)


@pytest.mark.parametrize("nothing", ["", " ", ":", "museum:", "SK-A"])
def test_a_part_of_a_number_names_nothing(numbered, nothing):
    with pytest.raises(UnknownItemError):
        checked_items([nothing], numbered)
