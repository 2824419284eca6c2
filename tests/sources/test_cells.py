"""Cells that hold several values, addresses, pictures, dates and nested records."""

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from tables import fetch, one

from ham_recommend.catalog.clean import artwork_from
from ham_recommend.fields import joined
from ham_recommend.sources.table import TableSource


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("oil; wood", ["oil", "wood"]),
        ("oil|wood", ["oil", "wood"]),
        ("Prints$Posters", ["Prints", "Posters"]),
        ('["oil", "wood"]', ["oil", "wood"]),
        ("['oil', 'wood']", ["oil", "wood"]),
        (["oil", "wood"], ["oil", "wood"]),
        ([["oil"], ["wood", "oil"]], ["oil", "wood"]),
        ([{"name": "oil"}, {"label": {"en": "wood", "de": "Holz"}}], ["oil", "wood"]),
        ({"en": ["oil", "wood"], "nl": ["olie"]}, ["oil", "wood"]),
        ({"def": ["Öl"]}, ["Öl"]),
        ([{"@language": "en", "@value": "oil"}], ["oil"]),
        ("oil (panel; cradled)", ["oil (panel; cradled)"]),
        ("Smith &amp; Sons; Bel", ["Smith &amp; Sons", "Bel"]),
        ("US $20; $5", ["US $20", "$5"]),
        ("a;;b; ;a", ["a", "b"]),
        ("[Unknown]", ["[Unknown]"]),
        ("{x}", ["{x}"]),
        (" ; ", []),
        ("NULL", []),
        ([], []),
        ({"role": 1}, []),
    ],
)
def test_several_values_in_one_cell(tmp_path, cell, values):
    record = one(tmp_path / "works.jsonl", json.dumps({"id": 1, "medium": cell, "subjects": cell}))
    assert record.medium == (tuple(values) if len(values) > 1 else "".join(values))
    assert record.subjects == tuple(values)


def test_a_list_in_parquet_holds_several_values(tmp_path):
    pq.write_table(pa.table({"id": [1], "artist": [["Ann Oru", "Tom Bel"]]}), tmp_path / "works.parquet")
    (record,) = TableSource(tmp_path / "works.parquet").fetch()
    assert record.artist == ("Ann Oru", "Tom Bel")


def test_subjects_may_be_a_tree(tmp_path):
    leaves = [{"name": "kite"}, {"name": "yak"}]
    tree = {"name": "subject", "children": [{"name": "nature", "children": leaves}, {"name": "sport"}]}
    record = one(tmp_path / "works.jsonl", json.dumps({"id": 1, "subjects": tree}))
    assert record.subjects == ("nature", "kite", "yak", "sport")


def test_nationalities_come_out_of_their_brackets(csv_file):
    content = "id,nationality\n1,(American) (French)\n2,()\n3,Dutch (born Java)\n4,(Dutch)\n"
    records, _ = fetch(csv_file, content)
    assert [record.culture for record in records] == [
        ("American", "French"),
        "",
        "Dutch (born Java)",
        "Dutch",
    ]


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("http://a.org/x?y=1&z=é", "http://a.org/x?y=1&z=é"),
        ("HTTPS://A.ORG/1", "HTTPS://A.ORG/1"),
        (
            "https://a.org:8080/iiif/2/a!b/full/,400/0/d.jpg",
            "https://a.org:8080/iiif/2/a!b/full/,400/0/d.jpg",
        ),
        ("https://a.org/a b.jpg", "https://a.org/a%20b.jpg"),
        ("https://a.org/a\u00a0b.jpg", "https://a.org/a%20b.jpg"),
        (" https://a.org/1.jpg ", "https://a.org/1.jpg"),
        ("https://a.org/x?y=1&amp;z=2", "https://a.org/x?y=1&z=2"),
        ("https://a.org/x?y=1&amp;amp;z=2", "https://a.org/x?y=1&z=2"),
        ("https://a.org/x?y=1&#38;copy=2", "https://a.org/x?y=1&copy=2"),
        ("<https://a.org/1.jpg>", "https://a.org/1.jpg"),
        ("//a.org/1.jpg", "https://a.org/1.jpg"),
        ("www.a.org/1.jpg", "https://www.a.org/1.jpg"),
        ("https://a.org/1\n.jpg", "https://a.org/1.jpg"),
    ],
)
@pytest.mark.parametrize("field", ["picture", "page_url"])
def test_addresses_are_mended(tmp_path, field, told, address):
    record = one(tmp_path / "works.jsonl", json.dumps({"id": 1, field: told}))
    assert getattr(record, field) == address
    assert getattr(artwork_from(record), field) == address


@pytest.mark.parametrize("told", ["http://", "https:///a.jpg", "https://me:secret@a.org/1", "http://[::1"])
def test_an_address_that_cannot_be_mended_is_reported(tmp_path, told):
    line = json.dumps({"id": 1, "picture": told, "url": told})
    (record,), problems = fetch(tmp_path / "works.jsonl", line)
    assert (record.picture, record.page_url) == ("", "")
    assert len(problems) == 2
    assert all("the work is kept without it" in problem for problem in problems)


@pytest.mark.parametrize(
    "told",
    [
        "https://x.org/a.jpg|https://x.org/b.jpg",
        "https://x.org/a.jpg; https://x.org/b.jpg",
        "https://x.org/a.jpg,https://x.org/b.jpg",
        "https://x.org/a.jpg\nhttps://x.org/b.jpg",
        "https://x.org/a.jpg$https://x.org/b.jpg",
        '["https://x.org/a.jpg", "https://x.org/b.jpg"]',
        ["https://x.org/a.jpg", "https://x.org/b.jpg"],
        ["http://", "missing.jpg", "https://x.org/a.jpg", "https://x.org/b.jpg"],
        [{"url": "https://x.org/a.jpg"}, {"id": 7, "url": "https://x.org/b.jpg"}],
        [{"web": {"url": "https://x.org/a.jpg"}}, {"@id": "https://x.org/b.jpg"}],
    ],
)
def test_of_several_pictures_the_first_is_taken_and_the_others_are_kept(tmp_path, told):
    record = one(tmp_path / "works.jsonl", json.dumps({"id": 1, "image_url": told}))
    assert (record.picture, record.other_pictures) == ("https://x.org/a.jpg", ("https://x.org/b.jpg",))


def png():
    out = io.BytesIO()
    Image.new("RGB", (9, 7), "red").save(out, "PNG")
    return out.getvalue()


def test_of_several_paths_those_that_exist_are_taken(tmp_path):
    for name in ("a.jpg", "b; c.jpg", "images/d.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(png())
    lines = [
        {"id": 1, "image": "missing.jpg; a.jpg|d.jpg", "thumbnail": "https://x.org/s.jpg"},
        {"id": 2, "image": "b; c.jpg"},
    ]
    records, problems = fetch(tmp_path / "works.jsonl", "\n".join(map(json.dumps, lines)))
    assert problems == []
    assert [(record.picture, record.other_pictures) for record in records] == [
        (str(tmp_path / "a.jpg"), (str(tmp_path / "images/d.jpg"), "https://x.org/s.jpg")),
        (str(tmp_path / "b; c.jpg"), ()),
    ]


@pytest.mark.parametrize(
    "cell",
    [{"bytes": png(), "path": "a.png"}, png(), [{"bytes": png(), "path": None}, {"bytes": png() + b"x"}]],
)
def test_pictures_inside_of_a_table_are_written_to_files(tmp_path, cell):
    pq.write_table(pa.table({"id": [1, 2], "image": [cell, cell]}), tmp_path / "works.parquet")
    source = TableSource(tmp_path / "works.parquet")
    first, second = source.fetch()
    assert (source.problems, first.picture) == ([], second.picture)
    assert Path(first.picture).read_bytes() == png()
    assert len(first.other_pictures) == isinstance(cell, list)
    source.settle(tmp_path / "kept")
    assert next(source.fetch()).picture.startswith(str(tmp_path / "kept"))


NESTED = {
    "id": 1,
    "titles": [{"title": "Vlieger", "lang": "nl"}, {"title": "Kite"}],
    "production": [{"creator": {"name": "Ann Oru"}, "place": "Java"}, {"creator": {"name": "Tom Bel"}}],
    "dateRange": {"text": "c. 1955", "startYear": 1950, "endYear": 1960},
}


@pytest.mark.parametrize(
    ("path", "artist"),
    [
        ("production.0.creator.name", "Ann Oru"),
        ("production.1.creator", "Tom Bel"),
        ("production.creator.name", "Ann Oru; Tom Bel"),
        ("production.9.creator.name", ""),
        ("production.99999999999999999999.creator", ""),
        ("production.0.creator.name.more", ""),
    ],
)
@pytest.mark.parametrize("kind", ["jsonl", "json", "parquet", "csv"])
def test_a_path_leads_into_nested_records(tmp_path, kind, path, artist):
    file = tmp_path / f"works.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist([NESTED]), file)
    elif kind == "csv":
        cell = json.dumps(NESTED["production"]).replace('"', '""')
        file.write_text(f'id,titles,production\n1,Vlieger,"{cell}"\n')
    else:
        file.write_text(json.dumps(NESTED if kind == "jsonl" else [NESTED]))
    (record,) = TableSource(file, mapping={"artist": path}).fetch()
    assert joined(record.artist) == artist


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_parts_of_objects_are_columns_too(tmp_path, kind):
    file = tmp_path / f"works.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist([NESTED]), file)
    else:
        file.write_text(json.dumps(NESTED))
    (record,) = TableSource(file).fetch()
    assert (record.title, record.other_titles) == ("Vlieger", ("Kite",))
    assert record.artist == ("Ann Oru", "Tom Bel")
    assert (record.date, record.year_begin, record.year_end) == ("c. 1955", 1950, 1960)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("1860-05-01", "1869-12-31", ("", 1860, 1869)),
        ("1901-02", "1901-02", ("", 1901, 1901)),
        ("-0300-01-01", "-0200-01-01T00:00:00Z", ("", -300, -200)),
        ("c. 1700", "c. 1710", ("c. 1700 – c. 1710", None, None)),
        ("1700", "c. 1710", ("1700 – c. 1710", 1700, None)),
        ("300 BC", "300 BC", ("300 BC", None, None)),
        ("", "before 1900", ("before 1900", None, None)),
    ],
)
def test_begin_and_end_may_be_dates_or_words(csv_file, begin, end, expected):
    record = one(csv_file, f"id,date_begin,date_end\n1,{begin},{end}\n")
    assert (record.date, record.year_begin, record.year_end) == expected


def test_a_table_without_ids_gets_row_numbers_and_says_so(csv_file, tmp_path):
    records, problems = fetch(csv_file, "title,author\nKite,Ann Oru\n\nKite,Tom Bel\n")
    assert [(record.item_id, record.artist) for record in records] == [
        ("table:works-2", "Ann Oru"),
        ("table:works-4", "Tom Bel"),
    ]
    assert len(problems) == 1
    assert "no column that looks like an id: its line numbers are the ids" in problems[0]
    (tmp_path / "more.csv").write_text("title\nBowl\n")
    assert len({record.item_id for record in TableSource([csv_file, tmp_path / "more.csv"]).fetch()}) == 3


def test_where_there_is_no_other_id_the_inventory_number_is_it(csv_file):
    records, problems = fetch(csv_file, "id,Inventarnummer,title\n7,A 1,Cat\n,A 2,Dog\n")
    assert problems == []
    assert [(record.item_id, record.accession_number) for record in records] == [
        ("table:7", "A 1"),
        ("table:A 2", "A 2"),
    ]


@pytest.mark.parametrize("between", ["|", ";", " $ ", "¦", " • ", "\n", "\r\n", "\x1e", "\x1f"])
def test_values_stand_apart_by_whatever_sign_a_program_writes(csv_file, between):
    record = one(csv_file, f'id,artist,subjects\n1,"Ann Oru{between}Bo","bird{between}sea{between}"\n')
    assert (record.artist, record.subjects) == (("Ann Oru", "Bo"), ("bird", "sea"))


@pytest.mark.parametrize(
    "cell",
    [
        '<img src="https://x.org/a.jpg" alt="">',
        "<img alt='' src='https://x.org/a.jpg'>",
        '=HYPERLINK("https://x.org/a.jpg","a picture")',
        "![a picture](https://x.org/a.jpg)",
        '<a href="https://x.org/a.jpg">a picture</a>',
    ],
)
def test_an_address_inside_of_markup_is_found(csv_file, cell):
    quoted = cell.replace('"', '""')
    assert one(csv_file, f'id,image\n1,"{quoted}"\n').picture == "https://x.org/a.jpg"
