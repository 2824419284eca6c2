"""The catalog: building, re-using, reading, filtering, counting."""

import errno
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ham_recommend.catalog import Catalog
from ham_recommend.catalog.clean import artwork_from
from ham_recommend.catalog.describe import document, match_key
from ham_recommend.catalog.thumbnails import Thumbnail, Thumbnails
from ham_recommend.errors import (
    ArtifactCorruptError,
    ArtifactError,
    ArtifactMismatchError,
    ArtifactMissingError,
    SettingsError,
    UnknownItemError,
)
from ham_recommend.records import FIELDS, Description, RawRecord

RECORDS = [
    RawRecord(
        item_id="m:2",
        title="La danseuse",
        artist="Edgar Degas",
        date="c. 1880",
        classification="Paintings",
        medium="Oil on canvas",
        culture="French",
        descriptions=(Description("A girl <b>dances</b>.", "OpenAI", "gpt"), Description("A girl dances!")),
        picture="/pictures/2.jpg",
        page_url="https://example.org/2",
        popularity=3.5,
    ),
    RawRecord(
        item_id="m:10", title="Teapot", artist="Édouard Muller", classification="Vessels", culture="french"
    ),
    RawRecord(
        item_id="n:1", title="Château", date="1504/05", classification="paintings", copies_allowed=False
    ),
    RawRecord(item_id="m:1", title="Vase", date="300-200 BCE", classification="Vessels", culture="Greek"),
]


@pytest.fixture
def catalog():
    return Catalog.from_records(RECORDS)


def test_works_come_out_as_they_were_cleaned(catalog):
    assert len(catalog) == 4
    assert list(catalog.item_ids) == ["m:1", "m:10", "m:2", "n:1"]
    assert list(catalog) == [artwork_from(raw) for raw in sorted(RECORDS, key=lambda raw: raw.item_id)]
    for raw in RECORDS:
        assert catalog[raw.item_id] == artwork_from(raw)


def test_looking_up(catalog):
    assert "m:2" in catalog
    assert "m:3" not in catalog
    assert 2 not in catalog
    assert list(catalog.get(["n:1", "zz", "m:1", "n:1"])) == ["n:1", "m:1"]
    with pytest.raises(UnknownItemError, match="'m:3'"):
        catalog["m:3"]


def test_ids_cannot_be_written_to(catalog):
    with pytest.raises(ValueError, match="read-only"):
        catalog.item_ids[0] = "x"


def test_an_empty_catalog_answers_everything(tmp_path):
    empty = Catalog.from_records([])
    empty.write(tmp_path / "empty.parquet")
    for catalog in (empty, Catalog.read(tmp_path / "empty.parquet")):
        assert len(catalog) == 0
        assert list(catalog) == list(catalog.item_ids) == list(catalog.documents()) == []
        assert catalog.years() is None
        assert catalog.facets("artist") == []
        where = {"years": (1, None), "title": "x", "source": "m", "descriptions": "x", "culture": "x"}
        assert len(catalog.filter(where)) == 0
        assert len(catalog.pictures()) == 0
        assert list(catalog.merged(Catalog.from_records(RECORDS))) == list(Catalog.from_records(RECORDS))


TEXT = st.text(max_size=12)
RAW = st.builds(
    RawRecord,
    item_id=st.text("abc:123é", min_size=1, max_size=4),
    title=TEXT,
    accession_number=TEXT,
    artist=TEXT | st.lists(TEXT, max_size=3).map(tuple),
    subjects=st.lists(TEXT, max_size=3).map(tuple),
    date=st.sampled_from(["", "1889", "c. 1650", "n.d.", "300 BCE"]),
    classification=st.sampled_from(["", "Prints", "prints", "Éventails"]),
    descriptions=st.lists(st.builds(Description, TEXT, TEXT, TEXT), max_size=3).map(tuple),
    popularity=st.none() | st.floats(),
    year_begin=st.none() | st.integers(),
)


@settings(max_examples=40)
@given(records=st.lists(RAW, max_size=8))
def test_any_records_survive_a_round_trip(records, tmp_path_factory):
    catalog = Catalog.from_records(records)
    path = tmp_path_factory.mktemp("catalog") / "catalog.parquet"
    catalog.write(path)
    again = Catalog.read(path)
    assert list(again) == list(catalog)
    first = {raw.item_id: artwork_from(raw) for raw in reversed(records)}
    assert {work.item_id: work for work in again} == first
    assert list(again.item_ids) == sorted(first)
    assert list(again.documents()) == [document(work) for work in again]
    for name in ("artist", "subjects"):
        assert [again[item_id].values(name) for item_id in first] == [
            work.values(name) for work in first.values()
        ]


def test_equal_works_give_equal_files(tmp_path):
    Catalog.from_records(RECORDS).write(tmp_path / "a.parquet")
    Catalog.from_records(reversed(RECORDS)).write(tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_unchanged_records_keep_their_row(catalog):
    changed = RawRecord(item_id="m:1", title="Another vase")
    after = Catalog.from_records([RECORDS[0], changed], previous=catalog)
    assert list(after.item_ids) == ["m:1", "m:2"]
    assert after["m:2"] == catalog["m:2"]
    assert after["m:1"] == artwork_from(changed)


def test_unchanged_records_are_not_cleaned_again(catalog, monkeypatch):
    def never(records):
        raise AssertionError(records)

    monkeypatch.setattr("ham_recommend.catalog.rows.cleaned", never)
    assert list(Catalog.from_records(RECORDS, previous=catalog)) == list(catalog)


def test_re_using_gives_the_same_file_as_building(catalog, tmp_path):
    less = Catalog.from_records(RECORDS[:2])
    Catalog.from_records(RECORDS, previous=less).write(tmp_path / "a.parquet")
    catalog.write(tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_records_are_read_one_batch_at_a_time():
    ahead = []

    def records():
        for number in range(10_000):
            ahead.append(number)
            yield RawRecord(item_id=f"m:{number}", title=str(number))

    assert len(Catalog.from_records(records())) == len(ahead) == 10_000


def test_of_a_repeated_id_the_first_counts():
    records = [RawRecord(item_id="m:1", title="first"), RawRecord(item_id="m:1", title="second")]
    assert [work.title for work in Catalog.from_records(records)] == ["first"]


def test_merging_replaces_and_adds(catalog):
    other = Catalog.from_records([RawRecord(item_id="m:1", title="New"), RawRecord(item_id="a:9")])
    both = catalog.merged(other)
    assert list(both.item_ids) == ["a:9", "m:1", "m:10", "m:2", "n:1"]
    assert both["m:1"].title == "New"
    assert both["m:2"] == catalog["m:2"]
    assert len(catalog) == 4


def thumbnails(**shown):
    rows = {name.replace("_", ":"): row for name, row in shown.items()}
    return Thumbnails.of(Thumbnail(name, "", "", content, path) for name, (path, content) in rows.items())


def test_thumbnails_are_joined_and_others_taken_away(catalog):
    one = catalog.with_thumbnails(thumbnails(m_2=("a.jpg", "da"), n_1=("b.jpg", "db")))
    two = one.with_thumbnails(thumbnails(m_2=("a.jpg", "da"), unknown=("c.jpg", "dc"), m_1=("", "dd")))
    shown = two.pictures()
    assert (list(shown.item_ids), shown.thumbnails, shown.digests) == (["m:2"], ("a.jpg",), ("da",))
    assert two["m:2"].thumbnail == "a.jpg"
    assert not two["n:1"].thumbnail
    assert len(one.pictures()) == 2
    assert not catalog["m:2"].thumbnail


def test_thumbnails_are_written_and_read_with_the_works(catalog, tmp_path):
    path = f"2-catalog/pictures/ab/{'ab' * 16}.jpg"
    shown = catalog.with_thumbnails(thumbnails(m_2=(path, "da")))
    shown.write(tmp_path / "shown.parquet")
    again = Catalog.read(tmp_path / "shown.parquet")
    assert list(again) == list(shown)
    assert (again["m:2"].thumbnail, again.pictures().digests) == (path, ("da",))


def test_without_thumbnails_a_catalog_is_the_same_file_as_the_works(catalog, tmp_path):
    catalog.with_thumbnails(thumbnails()).write(tmp_path / "catalog.parquet")
    catalog.write(tmp_path / "works.parquet")
    assert (tmp_path / "catalog.parquet").read_bytes() == (tmp_path / "works.parquet").read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x.jpg",
        "2-catalog/pictures/ab/../../../x.jpg",
        f"2-catalog/pictures/ab/{'ab' * 16}.jpg\n",
    ],
)
def test_a_thumbnail_elsewhere_is_refused(catalog, tmp_path, path):
    catalog.with_thumbnails(thumbnails(m_2=(path, "da"))).write(tmp_path / "catalog.parquet")
    with pytest.raises(ArtifactCorruptError, match="none of the collection's"):
        Catalog.read(tmp_path / "catalog.parquet")


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({}, ["m:1", "m:10", "m:2", "n:1"]),
        ({"classification": "PAINTINGS"}, ["m:2", "n:1"]),
        ({"classification": "Paint"}, []),
        ({"classification": ["paintings", "vessels"], "culture": "French"}, ["m:10", "m:2"]),
        ({"classification": {"vessels"}}, ["m:1", "m:10"]),
        ({"source": "m"}, ["m:1", "m:10", "m:2"]),
        ({"artist": "degas"}, ["m:2"]),
        ({"artist": " edouard "}, ["m:10"]),
        ({"title": "chateau"}, ["n:1"]),
        ({"title": "CHÂTEAU"}, ["n:1"]),
        ({"title": "."}, []),
        ({"medium": "oil"}, ["m:2"]),
        ({"descriptions": "DANCES"}, ["m:2"]),
        ({"years": (1800, 1900)}, ["m:2"]),
        ({"years": (1885, 1885)}, ["m:2"]),
        ({"years": [1505, None]}, ["m:2", "n:1"]),
        ({"years": (None, -250)}, ["m:1"]),
        ({"years": (None, None)}, ["m:1", "m:10", "m:2", "n:1"]),
        ({"years": (np.int64(-300), np.int32(1504))}, ["m:1", "n:1"]),
        ({"years": (1, 1000)}, []),
    ],
)
def test_filters(catalog, where, found):
    assert list(catalog.filter(where)) == found
    assert list(catalog.filter(where)) == found


def test_works_are_filtered_by_their_ids(catalog):
    ids = catalog.item_ids.tolist()
    assert catalog.filter({"item_id": [ids[2], ids[0], "test:nobody"]}).tolist() == [ids[0], ids[2]]
    assert catalog.filter({"item_id": ids[1]}).tolist() == [ids[1]]
    assert catalog.filter({"item_id": ids[1].upper()}).tolist() == []


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"colour": "red"}, "Unknown field to filter by 'colour'. Known: culture, "),
        ({"thumbnail": "m:1"}, "Unknown field"),
        ({"artist": ""}, "not blank"),
        ({"artist": ["degas", " "]}, "not blank"),
        ({"artist": []}, "a text or a list of texts"),
        ({"artist": 5}, "a text or a list of texts"),
        ({"artist": None}, "a text or a list of texts"),
        ({"artist": ["degas", 5]}, "not blank"),
        ({"years": 1800}, "whole year or None"),
        ({"years": "1800:1900"}, "whole year or None"),
        ({"years": (1800,)}, "whole year or None"),
        ({"years": (1800, 1850, 1900)}, "whole year or None"),
        ({"years": (1800.5, 1900)}, "whole year or None"),
        ({"years": (1900, 1800)}, "1900 is after 1800"),
    ],
)
def test_bad_filters_are_refused(catalog, where, message):
    with pytest.raises(SettingsError, match=message):
        catalog.filter(where)


WORDS = st.sampled_from(["a", "Ab", "É", "é b", "ß.", "c*", "(", "日本", "\\"])


@settings(max_examples=60)
@given(
    st.lists(st.lists(WORDS, max_size=3).map("".join), max_size=8),
    WORDS,
    st.integers(-5, 5),
    st.integers(0, 5),
)
def test_filters_mean_what_they_say(texts, wanted, begin, length):
    records = [
        RawRecord(
            item_id=f"m:{row}",
            title=text,
            culture=text,
            artist=text,
            year_begin=row - 4 or None,
            year_end=row - 3,
        )
        for row, text in enumerate(texts)
    ]
    catalog = Catalog.from_records(records)
    works = list(catalog)

    def expected(test):
        return [work.item_id for work in works if test(work)]

    contained = expected(lambda work: match_key(wanted) in match_key(work.title))
    assert list(catalog.filter({"title": wanted})) == contained
    assert list(catalog.filter({"artist": wanted})) == contained
    assert list(catalog.filter({"culture": wanted})) == expected(
        lambda work: match_key(work.culture) == match_key(wanted)
    )
    end = begin + length
    overlapping = expected(
        lambda work: work.year_begin is not None and work.year_begin <= end and begin <= work.year_end
    )
    assert list(catalog.filter({"years": (begin, end)})) == overlapping


SEVERAL = [field for field in FIELDS if field.several and field.filter]


@settings(max_examples=60)
@given(st.lists(st.lists(WORDS, max_size=4).map(tuple), max_size=8), WORDS)
def test_filters_match_each_of_several_values_and_facets_count_each(cells, wanted):
    """What a filter finds and a facet counts is what the works say, value by value, whatever the field."""
    records = [
        RawRecord(item_id=f"m:{row}", **{field.name: cell for field in SEVERAL})
        for row, cell in enumerate(cells)
    ]
    catalog = Catalog.from_records(records)
    works, key = list(catalog), match_key(wanted)
    for field in SEVERAL:
        keys = {work.item_id: list(map(match_key, work.values(field.name))) for work in works}
        found = [
            item_id
            for item_id, values in keys.items()
            if (key in values if field.filter == "equal" else any(key in value for value in values))
        ]
        assert list(catalog.filter({field.name: wanted})) == found
        if field.facet:
            counted = {match_key(value): count for value, count in catalog.facets(field.name)}
            assert counted == Counter(value for values in keys.values() for value in values)


def test_facets_count_what_a_filter_finds(catalog):
    assert catalog.facets("classification") == [("Paintings", 2), ("Vessels", 2)]
    assert catalog.facets("culture", limit=1) == [("French", 2)]
    assert catalog.facets("source") == [("m", 3), ("n", 1)]
    assert catalog.facets("period") == []
    for field in ("classification", "culture", "source"):
        for value, count in catalog.facets(field):
            assert len(catalog.filter({field: value})) == count
    with pytest.raises(SettingsError, match="Known: artist, classification, credit, culture, date"):
        catalog.facets("descriptions")


def test_years_of_the_collection(catalog):
    assert catalog.years() == (-300, 1885)
    assert Catalog.from_records([RawRecord(item_id="m:1")]).years() is None


def test_descriptions_of_a_work_with_several(catalog):
    assert catalog["m:2"].descriptions == (Description("A girl dances.", "OpenAI", "gpt"),)


def test_to_frame(catalog):
    frame = catalog.to_frame()
    assert list(frame.index) == list(catalog.item_ids)
    assert set(frame.columns) == {field.name for field in FIELDS} - {"item_id"}
    assert frame.loc["m:2", "artist"] == "Edgar Degas"


def test_to_frame_joins_several_values_as_people_read_them():
    records = [
        RawRecord(item_id="m:1", artist=("Anna", "Bo"), subjects=("cat", "dog")),
        RawRecord(item_id="m:2", artist="Anna; Bo", subjects=("cat",)),
    ]
    frame = Catalog.from_records(records).to_frame()
    assert list(frame["artist"]) == ["Anna; Bo", "Anna; Bo"]
    assert list(frame["subjects"]) == ["cat; dog", "cat"]
    assert str(frame["artist"].dtype) == "category"


@pytest.mark.parametrize("damage", ["missing", "empty", "text", "cut", "flipped", "folder"])
def test_damaged_files_are_named(catalog, damage, tmp_path):
    path = tmp_path / "catalog.parquet"
    catalog.write(path)
    content = path.read_bytes()
    match damage:
        case "missing":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_bytes(b"item_id,title\n" * 100)
        case "cut":
            path.write_bytes(content[: len(content) // 2])
        case "flipped":
            path.write_bytes(content[:100] + bytes(byte ^ 0xFF for byte in content[100:400]) + content[400:])
        case "folder":
            path.unlink()
            path.mkdir()
    expected = ArtifactMissingError if damage == "missing" else ArtifactCorruptError
    with pytest.raises(expected, match=r"catalog.parquet.*ham build"):
        Catalog.read(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.drop_columns(["record_digest"]), "lacks record_digest"),
        (lambda table: table.append_column("mood", table["title"]), "has its own mood"),
        (lambda table: table.set_column(0, "item_id", table["popularity"]), "has its own item_id"),
        (lambda table: table.select(table.column_names[::-1]), "orders"),
    ],
)
def test_a_catalog_of_another_version_is_refused_with_the_cure(catalog, tmp_path, change, said):
    path = tmp_path / "catalog.parquet"
    catalog.write(path)
    pq.write_table(change(pq.read_table(path)), path)
    with pytest.raises(ArtifactMismatchError) as refused:
        Catalog.read(path)
    assert all(word in str(refused.value) for word in (str(path), "another version", said, "`ham build`"))


def test_a_catalog_that_may_not_be_read_is_told(catalog, tmp_path, monkeypatch):
    def refused(path, **_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(pq, "ParquetFile", refused)
    with pytest.raises(ArtifactError, match=r"catalog\.parquet cannot be read: Permission denied"):
        Catalog.read(tmp_path / "catalog.parquet")


@pytest.mark.parametrize("odd", [5, None, b"m:1", ("m:1",)])
def test_what_is_no_id_is_no_work(catalog, odd):
    assert odd not in catalog
    assert catalog.get([odd]) == {}
    with pytest.raises(UnknownItemError, match="An id looks like 'm:"):
        catalog[odd]


def test_a_failed_write_leaves_the_old_file(catalog, tmp_path, monkeypatch):
    path = tmp_path / "catalog.parquet"
    catalog.write(path)
    before = path.read_bytes()

    def fails(table, stream, **options):
        stream.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(pq, "write_table", fails)
    with pytest.raises(OSError, match="disk full"):
        Catalog.from_records([]).write(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["catalog.parquet"]


def test_answering_does_not_import_pandas(catalog, tmp_path):
    catalog.write(tmp_path / "catalog.parquet")
    program = """
import sys
from ham_recommend.catalog import Catalog
catalog = Catalog.read(sys.argv[1])
catalog[catalog.item_ids[0]], catalog.get(catalog.item_ids), list(catalog.documents()), catalog.years()
catalog.filter({"years": (1, None), "title": "é", "source": "m", "descriptions": "x", "culture": ["é", "x"]})
catalog.facets("culture"), catalog.facets("source"), catalog.pictures()
assert not {"pandas", "sklearn"} & set(sys.modules), "a slow library was imported"
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "catalog.parquet")], check=True)


def test_a_plural_is_the_same_value_as_its_singular_and_counts_with_it():
    kinds = ["Paintings", "painting", "Painting", "Paintings", "Glass", "Canvas", "Tapestries", "tapestry"]
    records = [RawRecord(item_id=f"m:{at}", classification=kind) for at, kind in enumerate(kinds)]
    catalog = Catalog.from_records(records)
    assert catalog.facets("classification") == [
        ("Paintings", 4),
        ("Tapestries", 2),
        ("Canvas", 1),
        ("Glass", 1),
    ]
    for spelling in ("painting", "PAINTINGS", "Painting"):
        assert len(catalog.filter({"classification": spelling})) == 4
    assert catalog.filter({"classification": "Glas"}).tolist() == []


def test_a_text_after_an_equals_sign_must_be_the_whole_value():
    names = ["Rembrandt", "Follower of Rembrandt", "rembrandt", ("Rembrandt", "Jan Lievens")]
    records = [RawRecord(item_id=f"m:{at}", artist=name) for at, name in enumerate(names)]
    catalog = Catalog.from_records(records)
    assert len(catalog.filter({"artist": "Rembrandt"})) == 4
    assert catalog.filter({"artist": "=Rembrandt"}).tolist() == ["m:0", "m:2", "m:3"]
    assert catalog.filter({"artist": ["=Rembrandt", "follower"]}).tolist() == ["m:0", "m:1", "m:2", "m:3"]


@given(
    st.lists(st.tuples(st.integers(-3000, 2025), st.integers(0, 300)), max_size=30),
    st.lists(st.booleans(), min_size=30, max_size=30),
)
def test_a_timeline_counts_what_the_filter_of_years_finds(spans, kinds):
    records = [
        RawRecord(
            item_id=f"m:{at:02}", year_begin=begin or 1, year_end=begin + length or 1, culture="ab"[kinds[at]]
        )
        for at, (begin, length) in enumerate(spans)
    ]
    catalog = Catalog.from_records(records)
    timeline = catalog.timeline({"culture": "a"})
    for stretch in (*timeline.stretches, *timeline.centuries):
        found = catalog.filter({"culture": "a", "years": (stretch.begin, stretch.end)})
        assert len(found) == stretch.works
    stretches = timeline.stretches
    assert all(one.end + 1 == other.begin for one, other in pairwise(stretches))
    assert len(stretches) <= 62
