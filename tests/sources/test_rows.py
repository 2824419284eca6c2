"""Files of every kind, good, bad and damaged."""

import csv
import errno
import gzip
import io
import json
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import fetch, one

from ham_recommend.errors import HamRecommendError, SettingsError, SourceError
from ham_recommend.sources.table import TableSource


def test_bad_rows_of_a_csv_are_named_and_skipped(csv_file):
    content = (
        "id,title,views\n"  # 1
        '1,"Two\nlines",3\n'  # 2, 3
        ",no id,\n"  # 4
        "2,one too many,1,\n"  # 5
        "3,x,y,z\n"  # 6
        "\n"  # 7
        ",,\n"  # 8
        "1,again,\n"  # 9
        "4,negative,-1\n"  # 10
        '5,"quote"d,1\n'  # 11
        "6,good,\n"  # 12
        f"{'7' * 500},long id,\n"  # 13
        "8\u202e,turns around,\n"  # 14
        '9,"never closed,1\n'  # 15
        "10,good,\n"  # 16
        "11,good,2\n"  # 17
    )
    records, problems = fetch(csv_file, content)
    assert [(record.item_id, record.title) for record in records] == [
        ("table:1", "Two\nlines"),
        ("table:2", "one too many"),
        ("table:5", '"quote"d'),
        ("table:6", "good"),
        ("table:9", '"never closed'),
        ("table:10", "good"),
        ("table:11", "good"),
    ]
    noted, *problems = problems
    assert noted == (
        "works.csv has 2 rows with a quote out of place (first in line 11): they were read as they stand"
    )
    named = {int(problem.split(":")[0].removeprefix("works.csv, line ")): problem for problem in problems}
    assert list(named) == [4, 6, 9, 10, 13, 14]
    for line, reason in {
        4: "no id",
        6: "4 columns instead of 3",
        9: "table:1 came before",
        10: "popularity is -1",
        13: "longer than",
        14: "cannot be shown",
    }.items():
        assert reason in named[line]


def test_an_open_quote_costs_one_row_however_long_the_rest_is(csv_file):
    rows = "".join(f"{number},Work\n" for number in range(2, 3000))
    records, problems = fetch(csv_file, f'id,title\n0,ok\n1,"open\n{rows}')
    assert [record.title for record in records[:3]] == ["ok", '"open', "Work"]
    assert (len(records), len(problems)) == (3000, 1)


def test_short_rows_are_filled_and_empty_cells_too_many_are_nothing(csv_file):
    content = "id,title,artist,date,,\n1,Kite,Ann\n2,Bowl,Ann,1900\n3,Jug,Ann,1901,, \n4\n"
    records, problems = fetch(csv_file, content)
    assert [record.title for record in records] == ["Kite", "Bowl", "Jug", ""]
    assert [record.date for record in records] == ["", "1900", "1901", ""]
    assert problems == [
        "works.csv has 2 rows with fewer cells than the header (first in line 2): "
        "the missing ones were taken for empty"
    ]


def test_a_row_torn_by_a_quote_makes_no_works_of_its_pieces(csv_file):
    content = 'id,title,artist\n1,"She said "no"\nand left",Ann\n2,Bowl,Tom\n3,Jug\n'
    records, problems = fetch(csv_file, content)
    assert [record.item_id for record in records] == ["table:2", "table:3"]
    assert [problem.split(":")[0] for problem in problems] == [
        "works.csv has 1 row with fewer cells than the header (first in line 5)",
        "works.csv, line 2",
        "works.csv, line 3",
    ]


@pytest.mark.parametrize(
    ("row", "title"),
    [
        (r'"1","Ring, 3\" wide","x"', 'Ring, 3" wide'),
        (r'"1","a \"b\", c","x"', 'a "b", c'),
        (r'"1","ends \"so\"","x"', 'ends "so"'),
        ('"1","two\nlines, \\"quoted\\"","x"', 'two\nlines, "quoted"'),
        (r'"1","a \\ b \" c","x"', r'a \ b " c'),
        ('"1","C:\\new","x"', "C:\\new"),
        ('"1","5" tall","x"', '5" tall'),
        ('1,the "best" one,x', 'the "best" one'),
        ('1,"best" one,x', '"best" one'),
    ],
)
def test_quotes_as_programs_write_them(csv_file, row, title):
    records, _ = fetch(csv_file, f'"id","title","artist"\n{row}\n2,Bowl,y\n')
    assert [(record.title, record.artist) for record in records] == [(title, "x"), ("Bowl", "y")]


@pytest.mark.parametrize(
    "lines",
    [
        'q","z\n' * 32_000,
        '"q","z\n' * 32_000,
        '"\n' * 96_000,
        '\\"a",b\n' * 24_000,
        '1,"a\\",b"\n' * 20_000,
        '"a" "' * 40_000,
    ],
)
def test_hostile_quotes_take_little_time(csv_file, lines):
    start = time.process_time()
    with suppress(SourceError):
        fetch(csv_file, "id,title\n" + lines)
    assert time.process_time() - start < 10


def test_bad_lines_of_json_are_named_and_skipped(tmp_path):
    deep = '{"id": ' + "[" * 100_000 + "]" * 100_000 + "}"
    lines = [
        '{"id": 1, "year_begin": 1889}',
        '{"id": 2,',
        "[1, 2]",
        '"text"',
        "",
        deep,
        '{"id": null, "title": "x"}',
        '{"id": 3, "year_begin": 1e30}',
        f'{{"id": 4, "year_begin": {"9" * 5000}}}',
        '{"id": 5, "year_end": 99999999999999999999}',
        '{"id": 6, "popularity": Infinity}',
        '{"id": 7, "year_begin": NaN, "popularity": NaN, "title": NaN}',
        '{"id": 8, "year_begin": true, "title": 5, "popularity": "many"}',
    ]
    records, problems = fetch(tmp_path / "works.jsonl", "\n".join(lines))
    assert [record.item_id for record in records] == [f"table:{number}" for number in (1, 3, 5, 7, 8)]
    assert [record.year_begin for record in records] == [1889, None, None, None, None]
    assert [record.title for record in records] == ["", "", "", "", "5"]
    assert [int(problem.split(":")[0].split()[-1]) for problem in problems] == [2, 3, 4, 6, 7, 8, 9, 10, 11]
    assert "list" in problems[1]
    assert problems[7].endswith(
        "year_end is 99999999999999999999, which is no year; the work is kept without it"
    )


def test_bad_rows_of_parquet_are_named_by_row(tmp_path):
    pq.write_table(pa.table({"id": ["a", None, "a", "b"]}), tmp_path / "works.parquet", row_group_size=2)
    source = TableSource(tmp_path / "works.parquet")
    assert [record.item_id for record in source.fetch()] == ["table:a", "table:b"]
    assert [problem.where for problem in source.problems] == ["works.parquet, row 2", "works.parquet, row 3"]


def parquet_bytes():
    out = io.BytesIO()
    pq.write_table(pa.table({"id": [str(number) for number in range(2000)], "title": ["x"] * 2000}), out)
    return out.getvalue()


def damaged(content):
    middle = len(content) // 3
    return content[:middle] + b"\xff" * 400 + content[middle + 400 :]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("works.csv", b"", ["empty"]),
        ("works.parquet", b"", ["empty"]),
        ("works.jsonl", b"", ["empty"]),
        ("works.csv", b"\n\n  \n", ["no rows"]),
        ("works.csv", b"id,title\n", ["no usable work"]),
        ("works.jsonl", b"\n[1]\n", ["no JSON objects"]),
        ("works.csv", b"id,title\n,a\n,b\n", ["no usable work", "line 2", "no id"]),
        ("works.csv", b"foo,bar\na,b\n", ["no column whose name is known", "foo, bar", "--map title="]),
        ("works.jsonl", b'{"foo": 1}\n', ["no column", "foo"]),
        ("works.csv", b'id,"title\n1,a\n', ["header", "line 1", "quote"]),
        ("works.csv", "id,Титул\n1,Картина\n".encode("cp1251"), ["--encoding", "windows-1251"]),
        ("works.csv", "id,作品名\n1,富士山之図\n".encode("shift_jis"), ["--encoding", "shift_jis"]),
        ("works.csv", b"id,ti\0tle\n1,Cafe\n", ["NUL"]),
        ("works.json", b'[{"id": 1}, {"id": 2', ["Record 2", "not valid JSON", "cut short"]),
        ("works.json", b'[{"id": 1}, {"id": 2}', ["not valid JSON", "cut short"]),
        ("works.json", b'[{"id": 1} oops, {"id": 2}]', ["Record 2", "not valid JSON"]),
        ("works.json", b'{"records": [\n{"id": 1},\n', ["not valid JSON"]),
        ("works.json", b"[" * 200_000, ["nested too deeply"]),
        ("works.zip", b"PK", ["damaged"]),
        ("works.xlsx", b"PK\x03\x04 no workbook", ["damaged"]),
        ("works.csv.gz", gzip.compress(b"id\n1\n" * 9000, mtime=0)[:60], ["damaged"]),
        ("works.csv.gz", b"id\n1\n", ["damaged"]),
        ("works.parquet", b"id\n1\n", ["damaged"]),
        ("works.parquet", parquet_bytes()[:-30], ["damaged"]),
        ("works.parquet", damaged(parquet_bytes()), ["damaged"]),
    ],
)
def test_an_unusable_file_gives_one_clear_error(tmp_path, name, content, said):
    with pytest.raises(SourceError) as caught:
        fetch(tmp_path / name, content)
    message = str(caught.value)
    assert name in message
    assert [word for word in said if word not in message] == []
    assert "Traceback" not in message


def test_what_may_not_be_read_is_told(csv_file, monkeypatch):
    csv_file.write_text("id\n1\n")
    denied = PermissionError(errno.EACCES, "Permission denied", str(csv_file))

    def refused(*_, **__):
        raise denied

    for method in ("is_dir", "open"):
        with (
            monkeypatch.context() as edge,
            pytest.raises(SourceError, match="cannot be read: Permission den"),
        ):
            edge.setattr(Path, method, refused)
            list(TableSource(csv_file).fetch())


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("missing.csv", SourceError, "There is no table"),
        ("folder.csv", SourceError, "is a folder"),
        ("works", SettingsError, r"\.csv.*\.jsonl.*\.parquet"),
        ("works.xls", SettingsError, r"soffice --headless --convert-to xlsx works\.xls$"),
        ("my works.xls", SettingsError, r'convert-to xlsx "my works\.xls"$'),
        ("works.csv.bz2", SettingsError, r"bz2.open\('works.csv.bz2'\), open\('works.csv', 'wb'\)"),
        ("works.xml", SettingsError, r"read_xml\('works.xml'.*to_csv\('works.csv', index=False\)"),
        ("works.tar.gz", SettingsError, r"python -m tarfile -e works\.tar\.gz \."),
    ],
)
def test_what_is_no_table_is_refused_at_once(tmp_path, name, error, said):
    (tmp_path / "folder.csv").mkdir()
    if name not in {"missing.csv", "folder.csv"}:
        (tmp_path / name).write_text("id\n1\n")
    with pytest.raises(error, match=said):
        TableSource(tmp_path / name)


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize(
    "suffix", [".csv", ".jsonl", ".json", ".csv.gz", ".csv.zip", ".parquet", ".parquet.gz", ".xlsx", ".txt"]
)
def test_no_bytes_raise_anything_but_our_own_errors(tmp_path_factory, suffix, content):
    path = tmp_path_factory.mktemp("any") / f"works{suffix}"
    try:
        records, _ = fetch(path, content)
    except HamRecommendError:
        return
    assert records


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiters_line_ends_and_marks_of_spreadsheets(csv_file, delimiter, end, mark):
    rows = [["id", "title, original", "description"], ["1", "Cat", "a,b;c|d\te"], ["2", 'A "dog"', "x"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    records, problems = fetch(csv_file, mark + out.getvalue(), mapping={"title": "title, original"})
    assert problems == []
    assert [record.item_id for record in records] == ["table:1", "table:2"]
    assert [record.title for record in records] == ["Cat", 'A "dog"']
    assert records[0].descriptions[0].text == "a,b;c|d\te"


def test_quotes_between_tabs_may_be_nothing_but_quotes(tmp_path):
    content = 'id\ttitle\tnote\n1\t"Hello" she said\tx\n2\t"open\tx\n3\t"a\ttab"\tx\n4\t"b\n'
    records, problems = fetch(tmp_path / "works.tsv", content)
    assert [record.title for record in records] == ['"Hello" she said', '"open', "a\ttab"]
    assert problems == ["works.tsv, line 5: 2 columns instead of 3"]


def test_the_delimiter_that_excel_names_is_used(csv_file):
    records, problems = fetch(csv_file, "sep=;\nid;title\n1;a,b,c\n;x\n")
    assert [record.title for record in records] == ["a,b,c"]
    assert problems == ["works.csv, line 4: it has no id"]


def test_columns_of_the_same_name_are_all_read(csv_file):
    record = one(csv_file, "id,description,description\n1,One.,Two.\n")
    assert [told.text for told in record.descriptions] == ["One.", "Two."]


def test_very_long_cells_are_read_whole(csv_file):
    text = "word " * 500_000
    record = one(csv_file, f'id,description\n1,"{text}"\n')
    assert record.descriptions[0].text == text.strip()


def test_an_endless_line_is_refused(tmp_path):
    for name, first in (("works.csv.gz", b"id\n"), ("works.jsonl.gz", b'{"id": 1}\n')):
        with pytest.raises(SourceError, match="Line 2"):
            fetch(tmp_path / name, gzip.compress(first + b"x" * 11_000_000))


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_what_csv_writes_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "works.csv"
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "title", "description"])
    writer.writerows([[str(number), *row] for number, row in enumerate(rows)])
    records, problems = fetch(path, out.getvalue())
    assert problems == []
    nothing = {"NULL", "null", "NaN", "nan", "<NA>"}
    expected = ["" if title.strip() in nothing else title.strip() for title, _ in rows]
    assert [record.title for record in records] == expected


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_long_table_needs_little_memory(tmp_path, suffix):
    path = tmp_path / f"works{suffix}"
    filler = "x" * 2000
    with path.open("w") as file:
        file.write("id,description\n" if suffix == ".csv" else "")
        for number in range(10_000):
            row = {"id": number, "description": filler}
            file.write(f"{number},{filler}\n" if suffix == ".csv" else json.dumps(row) + "\n")
    tracemalloc.start()
    assert sum(1 for _ in TableSource(path).fetch()) == 10_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < path.stat().st_size / 5


def test_a_limit_stops_early(csv_file):
    content = b"id\n1\n,\n" + b"2\n" * 100_000 + b"\xe9\n"
    records, problems = fetch(csv_file, content, limit=1)
    assert [record.item_id for record in records] == ["table:1"]
    assert problems == []


def test_only_parquet_knows_its_length(tmp_path):
    pq.write_table(pa.table({"id": range(5)}), tmp_path / "works.parquet")
    (tmp_path / "works.csv").write_text("id\n1\n")
    assert TableSource(tmp_path / "works.parquet").count() == 5
    assert TableSource(tmp_path / "works.parquet", limit=2).count() == 2
    assert TableSource(tmp_path / "works.csv").count() is None
