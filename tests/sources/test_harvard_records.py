"""Harvard-shaped JSON → RawRecord, whatever the JSON holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.records import Description, RawRecord
from ham_recommend.sources.harvard_records import iiif_picture, records_from_harvard

BASE = "https://ids.example.org/ids/iiif/1"


def one(entry, annotations=(), **settings):
    (record,) = records_from_harvard([entry], annotations, **settings)
    return record


def described(body, image=10, kind="description", **rest):
    return {"imageid": image, "body": body, "type": kind, "source": "Anthropic", "model": "m"} | rest


FULL = {
    "id": 1,
    "objectnumber": "1943.1",
    "title": "Cat",
    "titles": [{"title": "Cat"}, {"title": "Katze"}],
    "places": [{"displayname": "Delft", "type": "Creation Place"}],
    "dated": "c. 1650",
    "datebegin": 1645,
    "dateend": 1655,
    "century": "17th century",
    "culture": "Dutch",
    "classification": "Paintings",
    "medium": "Oil on canvas",
    "technique": "Impasto",
    "period": "Golden Age",
    "department": "Department of Paintings",
    "people": [{"displayname": "A. Painter", "role": "Artist", "displayorder": 1}],
    "images": [{"imageid": 10, "baseimageurl": BASE, "displayorder": 1}],
    "imagepermissionlevel": 0,
    "url": "https://example.org/object/1",
    "copyright": "© Someone",
    "creditline": "Gift",
    "totalpageviews": 12,
}


def test_a_whole_object():
    assert one(FULL, [described("A cat.")]) == RawRecord(
        item_id="harvard:1",
        title="Cat",
        other_titles=("Katze",),
        accession_number="1943.1",
        artist=("A. Painter",),
        culture="Dutch",
        date="c. 1650",
        year_begin=1645,
        year_end=1655,
        classification="Paintings",
        medium="Oil on canvas",
        technique="Impasto",
        period="Golden Age",
        department="Department of Paintings",
        place=("Delft",),
        descriptions=(Description("A cat.", "Anthropic", "m"),),
        picture=f"{BASE}/full/!384,384/0/default.jpg",
        page_url="https://example.org/object/1",
        rights="© Someone",
        credit="Gift",
        popularity=12.0,
        copies_allowed=False,
    )


def test_only_an_id_is_needed():
    assert one({"objectid": "7"}) == RawRecord(item_id="harvard:7", artist=(), place=(), copies_allowed=False)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(FULL)) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
MORE_FIELDS = ("titles", "contextualtext", "description", "labeltext", "commentary", "primaryimageurl")
PART_FIELDS = (
    "imageid",
    "baseimageurl",
    "displayorder",
    "alttext",
    "name",
    "role",
    "title",
    "text",
    "prefix",
)
parts = st.fixed_dictionaries({}, optional=dict.fromkeys(PART_FIELDS, json_values))
objects = st.fixed_dictionaries(
    {"id": st.integers()},
    optional={key: json_values | st.lists(parts, max_size=3) for key in [*FULL, *MORE_FIELDS] if key != "id"},
)
annotations = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("imageid", "body", "source", "model"), json_values)
    | {"type": st.just("description") | json_values},
)


@given(objects, st.lists(annotations | json_values, max_size=4))
def test_nothing_in_a_field_can_stop_it(entry, notes):
    record = one(entry, notes)
    assert record.item_id == f"harvard:{entry['id']}"
    for name in ("artist", "place", "other_titles"):
        assert all(isinstance(value, str) and value for value in getattr(record, name))
    for name in ("title", "culture", "date", "medium", "picture", "page_url", "rights", "credit"):
        assert isinstance(getattr(record, name), str)
    for year in (record.year_begin, record.year_end):
        assert year is None or (type(year) is int and year != 0)
    assert record.popularity is None or record.popularity >= 0
    assert not record.picture or record.picture.startswith(("http://", "https://"))
    assert not record.page_url or record.page_url.startswith(("http://", "https://"))
    assert all(isinstance(d, Description) and d.text for d in record.descriptions)


@given(st.lists(json_values, max_size=6))
def test_what_is_no_object_is_named_and_left_out(entries):
    problems = []
    records = list(records_from_harvard(entries, problems=problems))
    assert len(records) + len(problems) == len(entries)
    assert all(problem.where and problem.reason for problem in problems)


def test_an_id_that_comes_twice_is_kept_once():
    problems = []
    records = list(records_from_harvard([{"id": 1, "title": "first"}, {"id": 1}], problems=problems))
    assert [record.title for record in records] == ["first"]
    assert [problem.where for problem in problems] == ["harvard:1"]


class TestDescriptions:
    def test_only_descriptions_of_its_images_are_joined(self):
        notes = [
            described("One."),
            described("Other image.", image=11),
            described("Woman, 23-31", kind="face"),
            described("cat", kind="tag"),
            described("Two.", image="10", model=None, source="OpenAI"),
            described(None),
            described("   "),
        ]
        assert one(FULL, notes).descriptions == (
            Description("One.", "Anthropic", "m"),
            Description("Two.", "OpenAI", ""),
        )

    def test_an_image_listed_twice_is_described_once(self):
        entry = FULL | {"images": [{"imageid": 10}, {"imageid": 10}]}
        assert len(one(entry, [described("A cat.")]).descriptions) == 1

    def test_refusals_are_left_for_the_catalog_to_judge(self):
        refusal = "Content filtered. Blocked by Bedrock Guardrails"
        assert one(FULL, [described(refusal)]).descriptions[0].text == refusal

    def test_the_museums_own_texts_come_first_and_once(self):
        entry = FULL | {
            "description": "A cat.",
            "labeltext": "<p>A cat.</p>",
            "contextualtext": [{"text": "Shown in 1999."}, {"context": "empty"}],
            "images": [{"imageid": 10, "alttext": "A cat.", "publiccaption": ""}],
        }
        found = one(entry, [described("Machine.")], museum="The Museum").descriptions
        assert [d.text for d in found] == ["A cat.", "<p>A cat.</p>", "Shown in 1999.", "Machine."]
        assert [d.source for d in found] == ["The Museum"] * 3 + ["Anthropic"]


class TestPictures:
    @pytest.mark.parametrize(
        ("level", "side"),
        [(0, 384), ("0", 384), (0.0, 384), (1, 256), (None, 256), ("?", 256), (5, 256), (True, 256)],
    )
    def test_the_permission_decides_the_size(self, level, side):
        record = one(FULL | {"imagepermissionlevel": level}, copies_allowed=True)
        assert record.picture == f"{BASE}/full/!{side},{side}/0/default.jpg"
        assert record.copies_allowed == (side == 384)

    @pytest.mark.parametrize("level", [2, "2"])
    def test_what_may_not_be_shown_has_no_picture(self, level):
        record = one(FULL | {"imagepermissionlevel": level, "primaryimageurl": BASE}, copies_allowed=True)
        assert (record.picture, record.copies_allowed) == ("", False)

    def test_the_first_in_display_order_that_has_an_address(self):
        images = [{"baseimageurl": f"{BASE}2", "displayorder": 2}, {"baseimageurl": None, "displayorder": 1}]
        assert f"{BASE}2/" in one(FULL | {"images": images}).picture

    def test_the_primary_image_where_none_is_listed(self):
        entry = {key: value for key, value in FULL.items() if key != "images"} | {"primaryimageurl": BASE}
        assert one(entry).picture.startswith(BASE)

    @pytest.mark.parametrize(
        "base", ["/etc/passwd", "file:///etc/passwd", "javascript:alert(1)", "http://", "http://[", "a b"]
    )
    def test_a_record_cannot_name_a_local_file(self, base):
        assert iiif_picture(base, 384) == ""
        assert one(FULL | {"images": [{"baseimageurl": base}], "url": base}).picture == ""
        assert one(FULL | {"url": base}).page_url == ""


class TestFields:
    @pytest.mark.parametrize(
        ("begin", "end", "years"),
        [
            (0, 0, (None, None)),
            (-300, -200, (-300, -200)),
            ("1889", 1890.0, (1889, 1890)),
            (None, "", (None, None)),
            (1650, 0, (1650, None)),
            (True, [1], (None, None)),
            (10**9, -(10**9), (None, None)),
        ],
    )
    def test_years(self, begin, end, years):
        record = one(FULL | {"datebegin": begin, "dateend": end})
        assert (record.year_begin, record.year_end) == years

    def test_the_century_where_no_date_is_shown(self):
        assert one(FULL | {"dated": ""}).date == "17th century"
        assert one(FULL | {"dated": None, "century": None}).date == ""

    @pytest.mark.parametrize(
        ("people", "artist"),
        [
            (None, ""),
            ("Rembrandt", ""),
            (
                [
                    {"name": "B", "role": "Artist", "displayorder": 2},
                    {"name": "A", "role": "Artist", "displayorder": 1},
                ],
                "A; B",
            ),
            ([{"name": "Donor", "role": "Donor"}, {"name": "A", "role": "Artist"}], "A"),
            (
                [{"displayname": "Édouard", "name": "E", "role": "Artist", "prefix": "Attributed to"}],
                "Attributed to Édouard",
            ),
            ([{"name": "A", "role": "Artist"}, {"name": "A", "role": "Artist"}, None, 3], "A"),
            ([{"name": "A Culture"}], "A Culture"),
        ],
    )
    def test_makers(self, people, artist):
        assert "; ".join(one(FULL | {"people": people}).artist) == artist

    def test_the_first_of_several_titles(self):
        assert one({"id": 1, "title": None, "titles": [{"title": ""}, {"title": "Cat"}]}).title == "Cat"

    @pytest.mark.parametrize(
        ("views", "popularity"), [(0, 0.0), ("12", 12.0), (None, None), (-4, None), ("many", None)]
    )
    def test_popularity(self, views, popularity):
        assert one(FULL | {"totalpageviews": views}).popularity == popularity

    def test_rights_of_the_image_where_the_object_has_none(self):
        entry = FULL | {"copyright": None, "images": [{"copyright": "© Estate"}]}
        assert one(entry).rights == "© Estate"


def test_descriptions_come_in_the_order_of_their_ids_whenever_they_were_fetched():
    annotations = [
        {"annotationid": number, "imageid": 10, "body": f"Text {number}.", "type": "description"}
        for number in (12, 9, 101)
    ]
    record = one({"id": 1, "images": [{"imageid": 10}]}, annotations)
    assert [said.text for said in record.descriptions] == ["Text 9.", "Text 12.", "Text 101."]
