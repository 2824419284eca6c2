"""Every source keeps what ``sources.base`` promises."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

pytest.register_assert_rewrite("ham_recommend.testing.sources")

from ham_recommend.sources.folder import FolderSource  # noqa: E402
from ham_recommend.sources.table import TableSource  # noqa: E402
from ham_recommend.testing.sources import SourceContract  # noqa: E402

WORKS = [
    {"id": "1", "title": "Cat", "date": "1889", "description": "A cat.", "image": "cat.png", "views": "7"},
    {"id": "tate:2", "title": "Édouard", "date": "c. 1650", "description": "", "image": "", "views": ""},
    {"id": "1", "title": "Cat again", "date": "", "description": "", "image": "", "views": ""},
    {"id": "4", "title": "猫", "date": "", "description": "", "image": "https://a.org/4.jpg", "views": ""},
    {"id": "5", "title": "Dog", "date": "", "description": "", "image": "../../dog.png", "views": ""},
]


def csv_text(works, delimiter=","):
    rows = [list(works[0]), *([work[key] for key in works[0]] for work in works)]
    return "".join(delimiter.join(row) + "\n" for row in rows)


def json_text(works):
    return "".join(json.dumps(work) + "\n" for work in works)


class TestSampleSource(SourceContract):
    def make(self, folder):
        from ham_recommend.sample_museum.source import SampleSource

        return SampleSource(count=4)


class TestFolderSource(SourceContract):
    def make(self, folder):
        (folder / "sub").mkdir(exist_ok=True)
        for name in ("a_cat.png", "sub/Über den Dächern.jpg", "z.webp"):
            Image.new("RGB", (9, 7), "red").save(folder / name)
        (folder / "broken.jpg").write_bytes(b"no picture")
        return FolderSource(folder)


class TestTableOfCsv(SourceContract):
    def make(self, folder):
        Image.new("RGB", (9, 7), "red").save(folder / "cat.png")
        (folder / "works.csv").write_text(csv_text(WORKS), encoding="utf-8")
        return TableSource(folder / "works.csv")


class TestTableOfTsv(SourceContract):
    def make(self, folder):
        (folder / "works.tsv").write_text(csv_text(WORKS, "\t"), encoding="utf-8")
        return TableSource(folder / "works.tsv", mapping={"classification": "title"}, ignore=["description"])


class TestTableOfJsonLines(SourceContract):
    def make(self, folder):
        odd = [
            {"id": 6, "title": "half of \ud83d", "people": [{"name": "A"}, {"name": "B"}]},
            {"title": "no id"},
        ]
        (folder / "works.jsonl.gz").write_bytes(gzip.compress(json_text(WORKS + odd).encode(), mtime=0))
        return TableSource(folder / "works.jsonl.gz")


class TestTableOfParquet(SourceContract):
    def make(self, folder):
        pq.write_table(pa.Table.from_pylist(WORKS), folder / "works.parquet", row_group_size=2)
        return TableSource(folder / "works.parquet")


class TestLimitedTable(SourceContract):
    def make(self, folder):
        pq.write_table(pa.Table.from_pylist(WORKS), folder / "works.parquet")
        return TableSource(folder / "works.parquet", limit=3)
