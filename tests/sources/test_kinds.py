"""Tables of every kind of file: archives, encodings, workbooks, lists, several at once."""

import gzip
import io
import json
import shlex
import subprocess
import sys
import time
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tables import fetch, one

from ham_recommend.errors import MissingExtraError, SettingsError, SourceError
from ham_recommend.manifest import ColumnsUsed, FieldColumns
from ham_recommend.sources.table import TableSource

ROWS = [{"id": "1", "title": "Kite", "artist": "Ann Oru"}, {"id": "2", "title": "Bøwl", "artist": "Tom Bel"}]


def packed(suffix):
    """Return the two works as a file of this kind."""
    if suffix == ".parquet":
        out = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(ROWS), out)
        return out.getvalue()
    if suffix in {".xlsx", ".xlsm"}:
        return workbook({"Works": [list(ROWS[0]), *(list(row.values()) for row in ROWS)]})
    if suffix == ".json":
        return json.dumps(ROWS).encode()
    if suffix in {".jsonl", ".ndjson"}:
        return "\n".join(map(json.dumps, ROWS)).encode()
    delimiter = "," if suffix == ".csv" else "\t"
    rows = [list(ROWS[0]), *(list(row.values()) for row in ROWS)]
    return "".join(delimiter.join(row) + "\n" for row in rows).encode()


def workbook(sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("packing", ["", ".gz", ".zip"])
@pytest.mark.parametrize(
    "suffix", [".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".xlsm"]
)
def test_every_kind_is_read_as_it_is_and_packed(tmp_path, suffix, packing):
    content = packed(suffix)
    if packing == ".gz":
        content = gzip.compress(content)
    elif packing == ".zip":
        content = zipped({"README.md": "x", f"export/works{suffix}": content, f"__MACOSX/works{suffix}": "x"})
    records, problems = fetch(tmp_path / f"Works{suffix.upper()}{packing}", content)
    assert problems == []
    assert [(record.item_id, record.title, record.artist) for record in records] == [
        ("table:1", "Kite", "Ann Oru"),
        ("table:2", "Bøwl", "Tom Bel"),
    ]


@pytest.mark.parametrize(
    ("files", "said"),
    [({"a.md": "x"}, "holds 0"), ({"a.csv": "id\n1\n", "b/c.json": "[]"}, r"2 \(a.csv, b/c.json\)")],
)
def test_an_archive_must_hold_one_table(tmp_path, files, said):
    with pytest.raises(SourceError, match=f"must hold one table.*{said}.*python -m zipfile -e works.zip"):
        fetch(tmp_path / "works.zip", zipped(files))


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("cp1252", "Windows-1252"),
        ("mac_roman", "Mac Roman"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".json", ".csv.gz"])
def test_what_excel_writes_is_read_and_said(tmp_path, encoding, told, suffix):
    rows = [{"id": "1", "title": "Müllers Drachen à Genève"}, {"id": "2", "title": "Été"}]
    text = {
        ".csv": "id;title\n" + "".join(f"{row['id']};{row['title']}\n" for row in rows),
        ".jsonl": "\n".join(json.dumps(row, ensure_ascii=False) for row in rows),
        ".json": json.dumps(rows, ensure_ascii=False),
    }[suffix.removesuffix(".gz")]
    content = text.encode(encoding)
    records, problems = fetch(
        tmp_path / f"works{suffix}", gzip.compress(content) if "gz" in suffix else content
    )
    assert [record.title for record in records] == [row["title"] for row in rows]
    assert len(problems) == 1
    assert f"read as {told}" in problems[0]


@pytest.mark.parametrize("encoding", ["windows-1251", "shift_jis", "gb18030", "euc_kr", "iso-8859-7"])
def test_other_scripts_are_asked_for_and_then_read(tmp_path, encoding):
    title = {
        "w": "Портрет художника",
        "s": "富士山と作品の図",
        "g": "藏品名称与作者",
        "e": "작품명과작가",
        "i": "Πορτρέτο",
    }[encoding[0]]
    content = f"id,title\n1,{title}\n2,{title}\n".encode(encoding)
    with pytest.raises(SourceError, match="--encoding"):
        fetch(tmp_path / "works.csv", content)
    records, problems = fetch(tmp_path / "works.csv", content, encoding=encoding)
    assert ([record.title for record in records], problems) == ([title, title], [])


def test_one_damaged_byte_does_not_turn_all_of_the_text(csv_file):
    good = "".join(f"{number},Wörk 作品\n" for number in range(20_000)).encode()
    records, problems = fetch(csv_file, b"id,title\n" + good + b"zz,ab\xfc\n")
    assert {record.title for record in records} == {"Wörk 作品", "abü"}
    assert problems == ["works.csv is not UTF-8 (first in line 20002): it was read as Windows-1252"]


@pytest.mark.parametrize(
    ("content", "unit"),
    [
        ('[{"id": 1}, {"id": 2, "title": "B\\ud83d"}]', "record"),
        ('\n [\n{"id": 1}\n,\n{"id": 2, "title": "B\ufffd"}\n]\n', "record"),
        ('{"records": [{"id": 1}, {"id": 2, "title": "B\ufffd"}], "total": 2}', "record"),
        ('{"response": {"docs": [{"id": 1}, {"id": 2, "title": "B\ufffd"}]}}', "record"),
        (
            '{"hits": {"hits": [{"_source": {"id": 1}}, {"_source": {"id": 2, "title": "B\ufffd"}}]}}',
            "record",
        ),
        ('{\n "id": 1\n}\n{\n "id": 2,\n "title": "B\ufffd"\n}\n', "record"),
        ('{"1": {"title": "", "x": 1}, "2": {"title": "B\ufffd", "x": 2}}', "record"),
        ('{"id": 1, "people": [{"name": "x"}]}\n{"id": 2, "title": "B\ufffd"}', "line"),
    ],
)
@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_json_in_every_form(tmp_path, content, unit, suffix):
    records, problems = fetch(tmp_path / f"works{suffix}", content)
    assert [(record.item_id, record.title) for record in records] == [("table:1", ""), ("table:2", "B\ufffd")]
    assert problems == []


def test_one_record_with_a_list_in_it_is_one_work(tmp_path):
    content = {"id": 1, "title": "Kite", "people": [{"name": "Ann"}, {"name": "Tom"}]}
    for indent in (None, 1):
        record = one(tmp_path / "works.json", json.dumps(content, indent=indent))
        assert (record.item_id, record.artist) == ("table:1", ("Ann", "Tom"))


def test_a_long_list_is_read_in_pieces(tmp_path):
    works = [{"id": number, "description": f"{number} " * (number % 3000)} for number in range(3000)]
    records, problems = fetch(tmp_path / "works.json", json.dumps(works))
    assert problems == []
    assert [record.item_id for record in records] == [f"table:{number}" for number in range(3000)]
    assert records[2999].descriptions[0].text == works[2999]["description"].strip()


def test_cells_of_a_workbook(tmp_path):
    content = workbook(
        {
            "Notes": [],
            "Works": [
                [],
                ["Nr.", "Titel", "dated", "year", "copies_allowed", None],
                [1, "Kite", datetime(1955, 3, 1), 1955, False, None],
                [],
                [2.0, None, datetime(1960, 1, 2, 12, 30), "#N/A", None, "stray"],
            ],
            "Lenders": [["name"], ["x"]],
        }
    )
    records, problems = fetch(tmp_path / "works.xlsx", content, mapping={"id": "Nr."})
    assert [(one.item_id, one.title, one.date, one.copies_allowed) for one in records] == [
        ("table:1", "Kite", "1955-03-01", False),
        ("table:2", "", "1960-01-02 12:30:00", True),
    ]
    assert problems == [
        "works.xlsx, Works was read from its sheet 'Works'; it also has 'Notes', 'Lenders' (--sheet)"
    ]


def test_sheets_are_read_by_name(tmp_path):
    rows = [["id", "title"], [1, "Kite"]]
    content = workbook({"A": rows, "B": [["id", "Titel"], [2, "Schale"]], "C": [["x"]]})
    records, problems = fetch(tmp_path / "works.xlsx", content, sheets=["A", "B"])
    assert [record.title for record in records] == ["Kite", "Schale"]
    assert problems == []
    with pytest.raises(SettingsError, match=r"sheet 'D'.*A, B, C"):
        fetch(tmp_path / "works.xlsx", content, sheets="D")


def test_a_workbook_that_lies_about_its_size_is_read(tmp_path):
    content = workbook({"A": [["id", "title"], [1, "Kite"]]})
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')
    start = time.process_time()
    assert one(tmp_path / "works.xlsx", zipped(parts)).title == "Kite"
    assert time.process_time() - start < 5


def test_excel_without_its_extra_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r"ham-recommend\[excel\]"):
        fetch(tmp_path / "works.xlsx", workbook({"A": [["id"], [1]]}))


def test_several_tables_are_read_one_after_the_other(tmp_path):
    (tmp_path / "a.csv").write_text("id,Titel,Thema\n1,Drachen,Wind\n2,Schale,\n")
    (tmp_path / "b.jsonl").write_text('{"id": 2, "title": "Bowl"}\n{"id": 3, "title": "Jug"}\n')
    source = TableSource([tmp_path / "a.csv", tmp_path / "b.jsonl"], mapping={"credit": "Thema"})
    assert [(record.title, record.credit) for record in source.fetch()] == [
        ("Drachen", "Wind"),
        ("Schale", ""),
        ("Jug", ""),
    ]
    assert [problem.where for problem in source.problems] == ["b.jsonl, line 1"]
    assert source.settings()["files"] == ["a.csv", "b.jsonl"]
    assert shlex.split(source.command())[:3] == ["table", f"{tmp_path}/a.csv", f"{tmp_path}/b.jsonl"]
    first = source.fingerprint()
    (tmp_path / "b.jsonl").write_text('{"id": 4}\n')
    assert source.fingerprint() != first
    with pytest.raises(SettingsError, match="nowhere"):
        list(TableSource([tmp_path / "a.csv", tmp_path / "b.jsonl"], ignore=["nowhere"]).fetch())
    with pytest.raises(SettingsError, match="at least one"):
        TableSource([])


@pytest.mark.parametrize(
    ("kind", "far"),
    [
        (pa.date32(), -(2**30)),
        (pa.timestamp("us"), -(2**58)),
        (pa.timestamp("s"), -(2**39)),
        (pa.timestamp("us", "UTC"), -(2**58)),
    ],
)
def test_dates_beyond_python_s_years_are_read(tmp_path, kind, far):
    numbers = pa.array([far, None, 0], pa.int32() if kind == pa.date32() else pa.int64())
    table = pa.table({"id": ["a", "b", "c"], "title": ["x", "y", "z"], "date": numbers.cast(kind)})
    pq.write_table(table, tmp_path / "works.parquet")
    first, second, third = TableSource(tmp_path / "works.parquet").fetch()
    assert first.date.startswith("-")
    assert (second.date, third.date) == ("", "1970-01-01")


def test_a_value_that_python_cannot_hold_costs_the_value_not_the_table(tmp_path):
    when = pa.array([[2**60], [0], None], pa.list_(pa.int64())).cast(pa.list_(pa.timestamp("us")))
    table = pa.table({"id": ["a", "b", "c"], "title": ["x", "y", "z"], "date": when})
    pq.write_table(table, tmp_path / "works.parquet")
    source = TableSource(tmp_path / "works.parquet")
    assert [(record.title, record.date[:10]) for record in source.fetch()] == [
        ("x", ""),
        ("y", "1970-01-01"),
        ("z", ""),
    ]
    assert [str(problem.where) for problem in source.problems] == ["works.parquet, row 1"]


def test_text_that_is_not_utf_8_in_parquet_is_read(tmp_path):
    offsets = pa.py_buffer(b"\0\0\0\0\x04\0\0\0\x05\0\0\0")
    titles = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(b"Caf\xe9x"))
    pq.write_table(pa.table({"id": ["1", "2"], "title": titles}), tmp_path / "works.parquet")
    assert [record.title for record in TableSource(tmp_path / "works.parquet").fetch()] == ["Café", "x"]


@pytest.mark.parametrize("nested", [False, True])
def test_a_table_of_a_few_bytes_does_not_fill_the_memory(tmp_path, nested):
    """A dictionary stands for 1.5 GB of text; the memory of all of reading is limited to half of that."""
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 299, pa.int32()), pa.array(["s" * 5_000_000]))
    if nested:  # the first list is empty
        cells = pa.ListArray.from_arrays(pa.array([0, *range(300)], pa.int32()), texts)
    else:
        cells = pa.concat_arrays([texts, texts[:1]])
    table = pa.table({"id": list(map(str, range(300))), "description": cells})
    pq.write_table(table, tmp_path / "works.parquet", compression="zstd")
    assert (tmp_path / "works.parquet").stat().st_size < 20_000
    code = (
        "import pathlib, re, sys; from ham_recommend.sources.table import TableSource\n"
        "print(sum(1 for _ in TableSource(sys.argv[1]).fetch()))\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "works.parquet"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert told[0] == "300"
    assert int(told[1]) < 700_000


def test_explaining_says_what_becomes_what(tmp_path):
    (tmp_path / "works.csv").write_text("Nr,titel,productie,Maße\n1,Vlieger,1955,20 × 30 cm\n2,Kom,,\n3,,,\n")
    source = TableSource(tmp_path / "works.csv", mapping={"date": "productie", "id": "Nr"})
    explanation = source.explain(rows=2)
    assert (
        explanation.columns.line()
        == "item_id ← Nr, title ← titel, date ← productie, left out: 1 column: Maße"
    )
    assert [(use.field, use.filled, use.samples) for use in explanation.used] == [
        ("item_id", 2, ("table:1", "table:2")),
        ("title", 2, ("Vlieger", "Kom")),
        ("date", 1, ("1955",)),
    ]
    assert (explanation.works, dict(explanation.left_out)) == (2, {"Maße": "20 × 30 cm"})
    assert "20 × 30 cm" in str(explanation)
    read = {"item_id": "Nr", "title": "titel", "date": "productie"}
    fields = tuple(FieldColumns(field, (column,)) for field, column in read.items())
    assert source.origin().columns == ColumnsUsed(fields, ("Maße",))
    assert source.problems == []


def test_explaining_tells_columns_that_add_up_from_those_that_fill_gaps(tmp_path):
    (tmp_path / "works.csv").write_text(
        "id,artist,maker,subjects,keywords,description,caption\n1,a,b,c,d,e,f\n"
    )
    line = TableSource(tmp_path / "works.csv").explain().columns.line()
    assert "artist ← artist or maker, " in line
    assert "subjects ← subjects + keywords, " in line
    assert "descriptions ← description + caption" in line


def test_explaining_tells_of_guesses_and_parts_of_objects(tmp_path):
    lines = [{"title": "Kite", "size": {"h": 1, "w": None}, "dateRange": {"text": "1955", "x": 2}, "x": [1]}]
    (tmp_path / "works.jsonl").write_text("\n".join(map(json.dumps, lines)))
    explanation = TableSource(tmp_path / "works.jsonl").explain()
    assert dict(explanation.left_out) == {"size.h": "1", "size.w": "", "dateRange.x": "2", "x": "1"}
    assert len(explanation.notes) == 1
    assert "ids" in explanation.notes[0]


def test_very_many_columns_are_told_in_few_words(tmp_path):
    names = [f"x{'y' * 200}{number}" for number in range(3000)]
    Path(tmp_path / "works.csv").write_text(",".join(["id", "title", *names]) + "\n1,Kite\n")
    start = time.process_time()
    line = TableSource(tmp_path / "works.csv").explain().columns.line()
    assert time.process_time() - start < 5
    assert len(line) < 4000
    assert "left out: 3,000 columns" in line


@pytest.mark.parametrize(
    "content",
    [
        {"id": ["a", "b"], "title": ["Cat", "Dog"], "tags": [["x", "y"], ["z"]]},
        {"columns": ["id", "title"], "index": [0, 1], "data": [["a", "Cat"], ["b", "Dog"]]},
        {"id": {"0": "a", "1": "b"}, "title": {"0": "Cat", "1": "Dog"}},
        [["id", "title"], ["a", "Cat"], ["b", "Dog"]],
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_json_that_holds_a_table_by_its_columns_or_rows(tmp_path, content, indent):
    records, problems = fetch(tmp_path / "works.json", json.dumps(content, indent=indent))
    assert [(record.item_id, record.title) for record in records] == [("table:a", "Cat"), ("table:b", "Dog")]
    assert problems == []


def test_one_work_with_lists_is_no_table_of_columns(tmp_path):
    records, _ = fetch(tmp_path / "work.json", json.dumps({"id": 1, "title": "Cat", "tags": ["x", "y"]}))
    assert [(record.item_id, record.subjects) for record in records] == [("table:1", ("x", "y"))]


def test_what_people_read_beside_the_table_of_an_archive_is_no_table(tmp_path):
    with zipfile.ZipFile(tmp_path / "works.zip", "w") as archive:
        archive.writestr("export/works.csv", "id,title\n1,Cat\n")
        archive.writestr("export/README.txt", "Read me first.")
    assert [record.title for record in TableSource(tmp_path / "works.zip").fetch()] == ["Cat"]
