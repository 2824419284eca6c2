"""Raw records → artworks."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.catalog.clean import LONGEST_ADDRESS, LONGEST_FIELD, MOST_VALUES, artwork_from, digest_of
from ham_recommend.records import FIELDS, Description, RawRecord


def clean(**fields):
    return artwork_from(RawRecord(item_id="m:1", **fields))


TEXTS = [field.name for field in FIELDS if field.kind == "text" and field.name != "item_id"]
SEVERAL = [field.name for field in FIELDS if field.several and field.kind == "text"]


def test_every_field_becomes_plain_text():
    work = clean(**dict.fromkeys(TEXTS, "<i>a</i> &amp; b\u202e"))
    assert {work.text(name) for name in TEXTS} == {"a & b"}


@pytest.mark.parametrize("name", SEVERAL)
def test_several_values_are_cleaned_one_by_one_and_each_is_kept_once(name):
    work = clean(**{name: ("<b>Édouard; Anna</b>", "", " Bo\nBo ", "edouard; anna", "<i></i>")})
    assert work.values(name) == ("Édouard; Anna", "Bo Bo")
    assert work.text(name) == "Édouard; Anna; Bo Bo"
    assert clean(**{name: ("Bo",)}) == clean(**{name: "Bo"})
    assert clean(**{name: ()}) == clean(**{name: ("", " ")}) == clean()
    assert clean(**{name: "Anna; Bo"}).values(name) == ("Anna; Bo",)


def test_a_field_of_one_value_that_comes_with_several_holds_them_all():
    assert clean(title=("La <b>danseuse</b>", "The dancer")).title == "La danseuse; The dancer"


def test_a_description_that_repeats_one_of_several_values_goes():
    work = clean(
        subjects=("Cat", "Dog"),
        artist=("Anna", "Bo"),
        descriptions=(Description("A cat."), Description("dog!"), Description("Bo")),
    )
    assert [each.text for each in work.descriptions] == ["A cat."]
    assert not clean(subjects=("ships", "sea"), descriptions=(Description("Ships, sea"),)).descriptions


def test_the_period_may_have_several_values():
    assert clean(period=("Qing dynasty", "Kangxi reign")).year_begin is not None


@pytest.mark.parametrize(
    ("own", "date", "years", "confidence"),
    [
        ((1880, 1885), "c. 1880", (1880, 1885), 1.0),
        ((1885, 1880), "", (1880, 1885), 1.0),
        ((1880, None), "", (1880, 1880), 1.0),
        ((-300, -200), "", (-300, -200), 1.0),
        ((0, 1885), "", (1885, 1885), 1.0),
        ((0, 0), "1950", (1950, 1950), 1.0),
        ((None, None), "c. 1950", (1945, 1955), 0.8),
        ((9999, 9999), "1950", (1950, 1950), 1.0),
        ((-9999, 1950), "", (None, None), 0.0),
        ((10**12, 10**12), "n.d.", (None, None), 0.0),
    ],
)
def test_own_years_win_where_they_say_something(own, date, years, confidence):
    work = clean(year_begin=own[0], year_end=own[1], date=date)
    assert (work.year_begin, work.year_end) == years
    assert work.date_confidence == confidence


def test_the_period_dates_what_nothing_else_does():
    work = clean(date="n.d.", period="Ming dynasty")
    assert (work.year_begin, work.year_end) == (1368, 1644)
    assert 0 < work.date_confidence < 0.6
    assert clean(date="1500", period="Ming dynasty").year_begin == 1500


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a?b=c#d",
        "http://example.org",
        "HTTPS://example.org/x",
        "https://example.org:8080/ü",
    ],
)
def test_web_addresses_stay(address):
    work = clean(page_url=f" {address} ", picture=address)
    assert (work.page_url, work.picture) == (address, address)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org",
        "file:///etc/passwd",
        "//example.org/x",
        "example.org",
        "https://",
        "https:///x",
        "https://user:secret@example.org/",
        "https://example.org/a b",
        "https://example.org/\u202e",
        "https://example.org/\n",
        "https://example.org/\ud800",
        "https://example.org/" + "x" * LONGEST_ADDRESS,
    ],
)
def test_other_addresses_go(address):
    assert clean(page_url=address + "\x00").page_url == ""
    if not address.startswith("//") and not address.endswith("\n"):
        assert clean(page_url=address, picture=address).picture == ""


@pytest.mark.parametrize("path", ["/pictures/a b.jpg", "C:\\pictures\\a.jpg", "\\\\server\\a.jpg"])
def test_absolute_paths_are_pictures(path):
    assert clean(picture=path).picture == path


@pytest.mark.parametrize(
    "path", ["a.jpg", "../a.jpg", "C:a.jpg", "/a\x00.jpg", "/a\udcff.jpg", "/" + "a" * 5000]
)
def test_other_paths_are_not(path):
    assert clean(picture=path).picture == ""


@pytest.mark.parametrize(
    ("value", "kept"),
    [(3.5, 3.5), (0, 0), (-1, None), (float("nan"), None), (float("inf"), None), (None, None)],
)
def test_popularity_is_a_number_that_is_not_negative(value, kept):
    assert clean(popularity=value).popularity == kept


def test_fields_are_cut_and_descriptions_are_not():
    work = clean(title="x" * 9_000, descriptions=(Description("word " * 9_000),))
    assert len(work.title) == LONGEST_FIELD
    assert len(clean(subjects=tuple(map(str, range(100_000)))).subjects) == MOST_VALUES
    assert len(work.descriptions[0].text) == 5 * 9_000 - 1


def test_a_description_that_repeats_the_title_goes():
    work = clean(
        title="Two <b>boys</b>", descriptions=(Description("Two boys."), Description("Two boys run."))
    )
    assert [said.text for said in work.descriptions] == ["Two boys run."]


@given(
    st.builds(
        RawRecord, item_id=st.text(), title=st.text(), date=st.text(), picture=st.text(), page_url=st.text()
    )
)
def test_any_record_can_be_cleaned_and_digested(raw):
    work = artwork_from(raw)
    (work.item_id + work.title + work.date + work.picture + work.page_url).encode("utf-8")
    assert digest_of(raw) == digest_of(dataclasses.replace(raw))


def test_every_part_of_a_record_counts_for_its_digest():
    raw = RawRecord(item_id="m:1")
    changed = [
        RawRecord(item_id="m:2"),
        RawRecord(item_id="m:1", title="x"),
        RawRecord(item_id="m:1", artist="x"),
        RawRecord(item_id="m:1", artist=("x",)),
        RawRecord(item_id="m:1", artist=("x", "y")),
        RawRecord(item_id="m:1", subjects=("x", "y")),
        RawRecord(item_id="m:1", descriptions=(Description("x"),)),
        RawRecord(item_id="m:1", descriptions=(Description("x", "y"),)),
        RawRecord(item_id="m:1", year_end=0),
        RawRecord(item_id="m:1", copies_allowed=False),
        RawRecord(item_id="m:1", popularity=0.0),
    ]
    assert len({digest_of(record) for record in [raw, *changed]}) == len(changed) + 1
