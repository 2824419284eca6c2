"""What differs between two catalogs, against looking at each work; and one put between works of another."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ham_recommend.catalog.catalog import _MOST_PIECES, Catalog
from ham_recommend.catalog.changes import compared, count_gone, same_records, sources_that_stay
from ham_recommend.catalog.originals import originals_of
from ham_recommend.records import RawRecord

SOURCES = ("a", "aa", "b", "b-c")
WORKS = st.dictionaries(
    st.tuples(st.sampled_from(SOURCES), st.integers(0, 9)),
    st.sampled_from(["cat", "ship", "sea"]),
    max_size=12,
)


def records(works):
    return [RawRecord(item_id=f"{source}:{row}", title=(title,)) for (source, row), title in works.items()]


@settings(deadline=None)
@given(WORKS, WORKS)
def test_what_changed_is_what_looking_at_each_work_tells(old, new):
    before, now = Catalog.from_records(records(old)), Catalog.from_records(records(new))
    unchanged, came = compared(before, now)
    titles = {work.item_id: work.title for work in before}, {work.item_id: work.title for work in now}
    assert unchanged.tolist() == [titles[1].get(item_id) == title for item_id, title in titles[0].items()]
    assert came.tolist() == [titles[0].get(item_id) != title for item_id, title in titles[1].items()]
    assert count_gone(before, now) == len(titles[0].keys() - titles[1].keys())
    assert same_records(before, now) == (titles[0] == titles[1])
    stay = titles[0].keys() - titles[1].keys()
    assert sources_that_stay(before, now) == {item_id.partition(":")[0] for item_id in stay}


@pytest.mark.parametrize("step", [1, 2, 3 * _MOST_PIECES])
def test_works_put_between_others_are_those_of_one_catalog(step, tmp_path):
    works = {("m", f"{row:05}"): ("cat", "ship", "sea")[row % 3] for row in range(3 * _MOST_PIECES)}
    some = {key: title for at, (key, title) in enumerate(works.items()) if at % (step + 1) == 0}
    others = {key: title for key, title in works.items() if key not in some}
    merged = Catalog.from_records(records(others)).merged(Catalog.from_records(records(some)))
    merged.write(tmp_path / "merged.parquet")
    Catalog.from_records(records(works)).write(tmp_path / "whole.parquet")
    assert (tmp_path / "merged.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()


def test_pictures_on_the_web_are_left_out_but_for_those_that_are_known():
    places = ["", "/pictures/1.jpg", "https://m.example/1.jpg", "HTTP://m.example/2.jpg", "httpd/3.jpg"]
    catalog = Catalog.from_records(
        RawRecord(item_id=f"m:{row}", title=("A cat",), picture=place) for row, place in enumerate(places)
    )
    held = [work.picture for work in catalog if work.picture]
    assert [each.address for each in originals_of(catalog)] == held
    known = next(place for place in held if place.endswith("1.jpg") and ":" in place)
    local = [place for place in held if not place.lower().startswith(("http://", "https://"))]
    assert {each.address for each in originals_of(catalog, {known})} == {*local, known}
