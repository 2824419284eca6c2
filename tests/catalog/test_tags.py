"""What works are filtered by, in numbers: the same works as by words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ham_recommend.catalog.catalog import Catalog
from ham_recommend.catalog.tags import MOST_TAGS, NO_MARK, Tags, gathered
from ham_recommend.index.stores import tags_of
from ham_recommend.records import RawRecord
from ham_recommend.testing.tagged_stores import made_up_filter, made_up_records


def meets(tagged, condition):
    return (
        (condition.begin is None or tagged.last >= condition.begin)
        and (condition.end is None or tagged.first <= condition.end)
        and all(set(tagged.tags) & set(tags) for tags in condition.tags)
    )


def test_a_condition_in_numbers_leaves_the_works_that_it_leaves_in_words():
    catalog, rng, said = Catalog.from_records(made_up_records(400)), np.random.default_rng(3), 0
    tags = tags_of(catalog)
    for _ in range(300):
        where = made_up_filter(rng)
        within = catalog.filters.within(catalog.item_ids, where)
        assert list(within) == catalog.filter(where).tolist()
        assert all(item_id in within for item_id in within)
        if within.condition is not None:
            said += 1
            met = [item_id for item_id in catalog.item_ids if meets(tags.of(item_id), within.condition)]
            assert met == list(within), where
    assert said > 150


@pytest.mark.parametrize(
    "where", [{"title": "No. 7"}, {"item_id": "made:00001"}, {"artist": "="}, {"accession_number": "1"}]
)
def test_what_numbers_cannot_say(where):
    catalog = Catalog.from_records(made_up_records(50))
    assert catalog.filters.within(catalog.item_ids, where).condition is None


def test_a_condition_of_many_values_is_not_said():
    records = [RawRecord(item_id=f"a:{number}", artist=f"Smith {number}") for number in range(300)]
    catalog = Catalog.from_records(records)
    assert catalog.filters.condition({"artist": "smith"}) is None
    assert len(catalog.filters.condition({"artist": "smith 1"}).tags[0]) == 111


def mark(**fields):
    record = RawRecord(item_id="a:1", **fields)
    return tags_of(Catalog.from_records([record, replace(record, item_id="a:2")])).marks["a:1"]


def test_a_mark_tells_whether_anything_that_is_filtered_by_differs():
    usual = {"artist": ("Ann", "Bob"), "classification": "Prints", "year_begin": 1900, "year_end": 1901}
    others = [
        {},
        usual,
        {**usual, "artist": "Ann"},
        {**usual, "artist": ("Ann", "Bob", "Cy")},
        {**usual, "year_begin": 1899},
        {**usual, "year_end": 1902},
        {**usual, "culture": "Prints"},
        {**usual, "classification": "", "culture": "Prints"},
        {"artist": ("Ann", "Bob"), "classification": "Prints"},
    ]
    assert len({mark(**fields) for fields in others}) == len(others)
    assert mark(**usual) == mark(**{**usual, "artist": ("Bob", "ANN"), "classification": "print"})
    assert mark(**usual) == mark(**usual, title="Anything")


def test_a_work_with_too_many_values_has_no_mark():
    rows = np.array([1] * 9 + [0] * (MOST_TAGS + 1))
    years = np.zeros(2, dtype=np.int64)
    ids = np.array(["a:1", "a:2"], dtype=np.object_)
    tags = Tags(ids, years, years, *gathered(2, [(rows, np.arange(len(rows)))]))
    assert tags.of("a:1").mark == NO_MARK
    assert len(tags.of("a:1").tags) == 0
    assert tags.of("a:2").mark != NO_MARK
    assert tags.of("a:2").tags == list(range(9))
