"""What becomes of the cells of a museum's own table."""

import json
import shlex
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tables import fetch, one

from ham_recommend.catalog.clean import artwork_from
from ham_recommend.sources._table.columns import KNOWN_FIELDS
from ham_recommend.sources.table import TableSource


@pytest.mark.parametrize(
    ("native", "item_id"),
    [
        ("D03754", "table:D03754"),
        ("tate:D03754", "tate:D03754"),
        ("1950.12:3", "table:1950.12:3"),
        ("https://a.org/7", "table:https://a.org/7"),
        (" 12 ", "table:12"),
        ("12.0", "table:12.0"),
        ("É 7/b", "table:É 7/b"),
    ],
)
def test_an_id_keeps_the_prefix_it_carries(csv_file, native, item_id):
    assert one(csv_file, f"id\n{native}\n").item_id == item_id


def test_numbers_as_ids_have_no_decimals(tmp_path):
    pq.write_table(pa.table({"id": pa.array([1.0, 2.0])}), tmp_path / "works.parquet")
    records = TableSource(tmp_path / "works.parquet").fetch()
    assert [record.item_id for record in records] == ["table:1", "table:2"]


@pytest.mark.parametrize(
    ("date", "begin", "end", "expected"),
    [
        ("c. 1650", "1645", "1655", ("c. 1650", 1645, 1655)),
        ("c. 1650", "1645.0", "", ("c. 1650", 1645, None)),
        ("300-200 BCE", "-300", "\u2212200", ("300-200 BCE", -300, -200)),
        ("n.d.", "0", "0", ("n.d.", None, None)),
        ("1st century", "0", "99", ("1st century", None, None)),
        ("", "0", "99", ("", None, 99)),
        ("1889.0", "", "", ("1889", 1889, 1889)),
        ("1889", "", "", ("1889", 1889, 1889)),
        ("89", "", "", ("89", None, None)),
        ("18891231", "", "", ("18891231", None, None)),
        ("1889", "1880", "", ("1889", 1880, None)),
        ("", "c. 1700", "", ("c. 1700", None, None)),
        ("", "1700", "1800", ("", 1700, 1800)),
        ("", "", "", ("", None, None)),
        ("", "nan", "NULL", ("", None, None)),
    ],
)
def test_dates(csv_file, date, begin, end, expected):
    record = one(csv_file, f"id,date,date_begin,date_end\n1,{date},{begin},{end}\n")
    assert (record.date, record.year_begin, record.year_end) == expected


def test_a_number_that_is_no_year_costs_the_year_not_the_work(csv_file):
    far = "9" * 20
    (record,), problems = fetch(csv_file, f"id,title,date_begin,date_end\n1,Cat,{far},1889\n")
    assert (record.title, record.year_begin, record.year_end) == ("Cat", None, 1889)
    assert problems == [
        f"works.csv, line 2: year_begin is {far}, which is no year; the work is kept without it"
    ]


def test_the_command_reads_the_same_again_from_anywhere(tmp_path, monkeypatch):
    (tmp_path / "my works.csv").write_text("Nr,Titre d'œuvre,alt_text\n1,Cat,x\n")
    monkeypatch.chdir(tmp_path)
    source = TableSource(
        "my works.csv", mapping={"title": "Titre d'œuvre", "id": "Nr"}, ignore=["alt_text"], limit=2
    )
    assert shlex.split(source.command()) == [
        *("table", f"{tmp_path}/my works.csv"),
        *("--map", "item_id=Nr", "--map", "title=Titre d'œuvre", "--ignore", "alt_text", "--limit", "2"),
    ]
    assert TableSource("my works.csv").command() == f"table '{tmp_path}/my works.csv'"


def test_half_a_range_leaves_the_word_to_the_words(csv_file):
    work = artwork_from(one(csv_file, "id,dated,datebegin,dateend\n1,mid 13th century,0,1275\n"))
    assert 1200 < work.year_begin < work.year_end < 1300


def test_life_dates_are_not_the_years_of_the_work(csv_file):
    record = one(csv_file, "id,artist,artist_dates,artist_begin_date\n1,Goya,1746-1828,1746\n")
    assert (record.artist, record.date, record.year_begin) == ("Goya", "", None)


def test_a_text_that_repeats_another_field_counts_once(csv_file):
    record = one(csv_file, 'id,title,description,alt_text,caption\n1,A cat.,"A  CAT.",A dog.,A dog.\n')
    assert [told.text for told in artwork_from(record).descriptions] == ["A dog."]


@pytest.mark.parametrize(
    "cell",
    [
        ["A cat.", "A dog."],
        '["A cat.", "A dog."]',
        "['A cat.', 'A dog.']",
        [{"text": "A cat."}, {"body": "A dog."}],
        [None, "A cat.", "", "A dog."],
    ],
)
def test_a_list_column_gives_several_descriptions(tmp_path, cell):
    record = one(tmp_path / "works.jsonl", json.dumps({"id": 1, "descriptions": cell}))
    assert [told.text for told in record.descriptions] == ["A cat.", "A dog."]


def test_a_parquet_list_of_objects_tells_text_source_and_model(tmp_path):
    annotations = [[{"body": "A cat.", "model": "gpt", "source": "OpenAI"}, {"body": "Chat.", "model": None}]]
    kind = pa.list_(pa.struct([("body", pa.string()), ("model", pa.string()), ("source", pa.string())]))
    table = pa.table({"id": [7], "annotations": pa.array(annotations, kind)})
    pq.write_table(table, tmp_path / "works.parquet")
    (record,) = TableSource(tmp_path / "works.parquet").fetch()
    assert [(told.text, told.source, told.model) for told in record.descriptions] == [
        ("A cat.", "OpenAI", "gpt"),
        ("Chat.", "annotations", ""),
    ]


@pytest.mark.parametrize("text", ["[Untitled portrait]", "[", "[]x", "[1, 'a"])
def test_a_text_in_brackets_is_no_list(tmp_path, text):
    record = one(tmp_path / "works.jsonl", json.dumps({"id": 1, "description": text}))
    assert [told.text for told in record.descriptions] == [text]


def test_a_column_beside_the_text_names_its_model(csv_file):
    record = one(
        csv_file,
        "id,description_1,description_1_model,description_2,description_2_kind,caption,caption_kind,caption_source\n"
        "1,One.,gpt-4,Two.,ai_gemini,Three.,curatorial_text,The Walters\n",
    )
    assert [(told.source, told.model) for told in record.descriptions] == [
        ("description_1", "gpt-4"),
        ("description_2", "gemini"),
        ("The Walters", ""),
    ]


def test_lists_and_objects_in_other_fields_become_one_text(tmp_path):
    people = [{"displayname": "Anna"}, {"name": "Bo"}, {"role": "?"}]
    record = one(
        tmp_path / "works.jsonl",
        json.dumps({"id": 1, "people": people, "medium": ["oil", "wood"], "title": {"a": {"b": 1}}}),
    )
    assert (record.artist, record.medium, record.title) == (("Anna", "Bo"), ("oil", "wood"), "")


def test_odd_parquet_types_are_read(tmp_path):
    when = pa.array([-2_556_144_000_123_456_789], pa.timestamp("ns", tz="UTC"))
    table = pa.table(
        {
            "id": pa.array([b"\xc3\x89 1"], pa.binary()),
            "title": pa.array(["Cat"]).dictionary_encode(),
            "date": when,
            "popularity": pa.array([2.5], pa.float32()),
            "copies_allowed": [False],
            "culture": pa.nulls(1),
            "a.b": [1],
        }
    )
    pq.write_table(table, tmp_path / "works.parquet")
    (record,) = TableSource(tmp_path / "works.parquet", mapping={"period": "a.b"}).fetch()
    assert (record.item_id, record.title, record.date) == ("table:É 1", "Cat", "1888-12-30")
    assert (record.popularity, record.copies_allowed, record.culture) == (2.5, False, "")


@given(st.text(st.characters(), min_size=1))
@settings(max_examples=60, deadline=None)
def test_whatever_json_holds_can_be_written_again(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("json") / "works.jsonl"
    content = json.dumps({"id": "1", "title": text, "description": [text]})
    record = one(path, content + "\n")
    record.title.encode()
    if text.strip() and text.isprintable():
        assert record.title in {text.strip(), ""}


def test_halves_of_characters_become_a_sign_for_the_unknown(tmp_path):
    line = '{"id": 1, "title": "\\ud83d\\ude00 \\ud83d!", "b\\udc00": 1}'
    assert one(tmp_path / "works.jsonl", line).title == "\U0001f600 \ufffd!"


@pytest.fixture
def pictures(tmp_path):
    """Return a table's folder with pictures in it, beside it, and linked into it."""
    folder = tmp_path / "museum"
    for name in ("a.jpg", "images/b.jpg", "images/c/d.jpg"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(path)
    (tmp_path / "elsewhere").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "elsewhere" / "e.jpg")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    return folder


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("a.jpg", "a.jpg"),
        ("./a.jpg", "a.jpg"),
        ("b.jpg", "images/b.jpg"),
        ("images/b.jpg", "images/b.jpg"),
        ("images\\\\c\\\\d.jpg", "images/c/d.jpg"),
        ("c/d.jpg", "images/c/d.jpg"),
        ("linked/e.jpg", "linked/e.jpg"),
    ],
)
def test_a_picture_is_found_beside_the_table_or_in_its_images(pictures, told, found):
    line = f'{{"id": 1, "image": "{told}"}}'
    assert one(pictures / "works.jsonl", line).picture == str(pictures / found)


def test_a_table_named_from_its_own_folder_gives_absolute_paths(pictures, monkeypatch):
    (pictures / "works.csv").write_text("id,file\n1,a.jpg\n")
    monkeypatch.chdir(pictures)
    (record,) = TableSource("works.csv").fetch()
    assert record.picture == str(pictures / "a.jpg")


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("missing.jpg", "does not exist"),
        ("images", "does not exist"),
        ("a.jpg/b", "does not exist"),
        ("x" * 5000, "does not exist"),
        ("a\\u0000.jpg", "does not exist"),
        ("../elsewhere/e.jpg", "outside"),
        ("images/../../elsewhere/e.jpg", "outside"),
        ("../museum2/a.jpg", "outside"),
        ("/etc/passwd", "outside"),
        ("file:///etc/passwd", "neither"),
        ("data:image/png;base64,AAAA", "neither"),
        ("ftp://a.org/a.jpg", "neither"),
    ],
)
def test_a_work_whose_picture_cannot_be_had_is_kept_without_it(pictures, told, reason):
    (record,), (problem,) = fetch(pictures / "works.jsonl", f'{{"id": 1, "image": "{told}"}}')
    assert (record.item_id, record.picture) == ("table:1", "")
    assert problem.startswith("works.jsonl, line 1: ")
    assert reason in problem
    assert len(problem) < 400


def test_settings_tell_the_options_and_no_folder(csv_file):
    csv_file.write_text("id\n1\n")
    source = TableSource(csv_file, mapping={"id": "id"}, ignore=["b", "a"], limit=3)
    assert source.settings() == {
        "files": ["works.csv"],
        "mapping": {"item_id": ["id"]},
        "ignore": ["a", "b"],
        "limit": 3,
        "encoding": None,
        "sheets": [],
    }


def test_the_fingerprint_follows_the_file_and_the_pictures_found(pictures):
    path = pictures / "works.csv"
    prints = []
    for content in ("id,image\n1,http://a.org/1.jpg\n2,\n", "id,image\n1,a.jpg\n2,new.jpg\n"):
        path.write_text(content)
        prints.append(TableSource(path).fingerprint())
        assert TableSource(path).fingerprint() == prints[-1]
    Image.new("RGB", (4, 4)).save(pictures / "images" / "new.jpg")
    prints.append(TableSource(path).fingerprint())
    assert len(set(prints)) == 3


def test_reading_leaves_pandas_alone():
    import subprocess

    code = (
        "import sys, ham_recommend.sources.table; assert not {'pandas', 'pyarrow', 'PIL'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.data
def test_the_museums_own_columns_are_found(data_dir):
    path = data_dir / "collections" / "museum_117k.parquet"
    source = TableSource(path)
    records = {record.item_id: record for record in source.fetch()}
    assert len(records) == source.count() == 117_243
    assert source.problems == []
    met = records["met:35970"]
    assert (met.title, met.artist, met.date) == ("Song of the Lute", "Ding Yunpeng", "1585")
    assert [(told.source, told.model) for told in met.descriptions] == [
        ("description", "gemini-2.5-flash"),
        ("alt_text", ""),
    ]
    assert met.picture.startswith("https://images.metmuseum.org/")
    assert met.page_url == "https://www.metmuseum.org/art/collection/search/35970"
    told = {name for record in records.values() for name in KNOWN_FIELDS if getattr(record, name)}
    absent = {"technique", "credit", "popularity", "place", "subjects", "other_titles", "accession_number"}
    assert told == set(KNOWN_FIELDS) - absent - {"other_pictures"}
    assert source.origin().columns.left_out == ("source", "artist_dates")
    assert not any(record.year_begin == 0 or record.year_end == 0 for record in records.values())


@pytest.mark.data
def test_evaluation_can_leave_out_the_alt_texts(data_dir):
    source = TableSource(data_dir / "collections" / "museum_117k.parquet", ignore=["alt_text"])
    assert not any(told.source == "alt_text" for record in source.fetch() for told in record.descriptions)


@pytest.mark.data
def test_pictures_beside_a_table_of_paintings_are_found(data_dir):
    source = TableSource(data_dir / "paintings" / "paintings.csv")
    records = list(source.fetch())
    assert (len(records), source.problems) == (1062, [])
    assert all(record.picture.startswith(str(data_dir)) for record in records)
    topaz = records[3]
    assert (topaz.title, topaz.period, topaz.date, topaz.year_begin) == ("Topaz", "Academicism", "1879", 1879)
