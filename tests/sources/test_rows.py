"""Files of every kind, good, bad and damaged."""

import csv
import errno
import gzip
import io
import json
import tracemalloc
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
        "3\n"  # 6
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
    assert [record.item_id for record in records] == ["table:1", "table:6", "table:10", "table:11"]
    assert records[0].title == "Two\nlines"
    named = {int(problem.split(":")[0].removeprefix("works.csv, line ")): problem for problem in problems}
    assert list(named) == [4, 5, 6, 9, 10, 11, 13, 14, 15]
    for line, reason in {
        4: "no id",
        5: "4 columns instead of 3",
        6: "1 columns instead of 3",
        9: "table:1 came before",
        10: "popularity is -1",
        13: "longer than",
        14: "cannot be shown",
        15: "never closed",
    }.items():
        assert reason in named[line]


def test_an_open_quote_costs_one_row_however_long_the_rest_is(csv_file):
    rows = "".join(f"{number},Work\n" for number in range(2, 3000))
    records, problems = fetch(csv_file, f'id,title\n0,ok\n1,"open\n{rows}')
    assert len(records) == 2999
    assert len(problems) == 1


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
        ("works.csv", b"title,artist\na,b\n", ["id", "title, artist", "--map item_id="]),
        ("works.jsonl", b'{"title": 1}\n', ["id", "title"]),
        ("works.csv", b'id,"title\n1,a\n', ["header", "line 1", "never closed"]),
        (
            "works.csv",
            "id,title\n1,ok\n2,Caf\xe9\n".encode("latin-1"),
            ["line 3", "0xe9", "byte 20 ", "iconv"],
        ),
        ("works.csv", "id,title\n1,Café\n".encode("utf-16"), ["UTF-16", "iconv"]),
        ("works.csv", "id,title\n1,Cafe\n".encode("utf-16-le"), ["NUL"]),
        ("works.csv.gz", gzip.compress(b"id\n1\n" * 9000, mtime=0)[:60], ["damaged"]),
        ("works.csv.gz", b"id\n1\n", ["damaged"]),
        ("works.csv.gz", gzip.compress("id\n\xe9\n".encode("latin-1"), mtime=0), ["line 2", "0xe9"]),
        ("works.parquet", b"id\n1\n", ["damaged"]),
        ("works.parquet", parquet_bytes()[:-30], ["damaged"]),
        ("works.parquet", damaged(parquet_bytes()), ["damaged"]),
    ],
)
def test_an_unusable_file_gives_one_clear_error(tmp_path, name, content, said):
    with pytest.raises(SourceError) as caught:
        fetch(tmp_path / name, content)
    message = str(caught.value)
    assert name.removesuffix(".gz") in message
    assert [word for word in said if word not in message] == []
    assert "Traceback" not in message


def test_a_wrong_encoding_is_found_far_into_the_file(csv_file):
    good = "".join(f"{number},Wörk\n" for number in range(20_000)).encode()
    with pytest.raises(SourceError, match=rf"line 20002 .*0xfc \(byte {len(good) + 15} of"):
        fetch(csv_file, b"id,title\n" + good + b"zz,ab\xfc\n")


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
        ("works.xlsx", SettingsError, r"works\.xlsx.*\.csv.*\.parquet"),
        ("works", SettingsError, r"\.jsonl"),
    ],
)
def test_what_is_no_table_is_refused_at_once(tmp_path, name, error, said):
    (tmp_path / "folder.csv").mkdir()
    for file in ("works.xlsx", "works"):
        (tmp_path / file).write_text("id\n1\n")
    with pytest.raises(error, match=said):
        TableSource(tmp_path / name)


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".csv.gz", ".parquet"])
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
