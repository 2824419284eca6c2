"""Which pictures a table's rows get, from those that come with it, after it, or came with an earlier one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ham_recommend.sources.table import TableSource
from ham_recommend.web.uploaded import check_apart, parts_of, planned, table_of


class Collection:
    """What was uploaded into a collection; a picture holds the name it came under."""

    def __init__(self, folder):
        self.pictures = folder / "pictures"
        self.pictures.mkdir()
        self.folder = folder
        self.uploads = 0
        self.plan = None

    def add(self, *pictures, table="works.csv", rows=None):
        """Upload; return the picture of each work of the tables that are built for it."""
        self.uploads += 1
        arrived, upload = self.folder / f"arrived{self.uploads}", f"{self.uploads:032x}"
        files = {name: f"{self.uploads} {name}" for name in pictures}
        if rows:
            files[table] = "\n".join(["id,title,image", *(f"{key},Work {key},{told}" for key, told in rows)])
        for name, content in files.items():
            path = arrived / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content + "\n")
        self.plan = planned(self.pictures, arrived, upload, [*files])
        for name, goes in zip(files, self.plan.goes, strict=True):
            path = self.pictures / goes
            path.parent.mkdir(parents=True, exist_ok=True)
            (arrived / name).replace(path)
        check_apart(self.pictures, table_of(self.pictures, upload))
        return {
            work.item_id.removeprefix("table:"): path_of(work)
            for part in parts_of(self.pictures, self.plan.goes)
            if isinstance(part.source, TableSource)
            for work in part.source.fetch()
        }


def path_of(work):
    return Path(work.picture).read_text().strip() if work.picture else ""


@pytest.fixture
def collection(tmp_path):
    return Collection(tmp_path)


@pytest.mark.parametrize("sent", [["img.jpg"], ["img.jpg", "img (2).jpg"], ["IMG.jpg"]])
def test_a_picture_that_two_works_may_mean_is_neithers(collection, sent):
    rows = [("1", "a/img.jpg"), ("2", "b/img.jpg"), ("3", "c/other.jpg")]
    assert collection.add(*sent, "other.jpg", rows=rows) == {"1": "", "2": "", "3": "1 other.jpg"}
    assert collection.plan.strays == []


def test_a_picture_is_that_of_the_row_which_tells_it_exactly(collection):
    rows = [("1", "Cat.png"), ("2", "cat.png"), ("3", "dog.png"), ("4", "b/dog.png")]
    found = collection.add("Cat.png", "cat (2).png", "dog.png", rows=rows)
    assert found == {"1": "1 Cat.png", "2": "", "3": "1 dog.png", "4": ""}


def test_two_rows_of_one_path_and_one_row_of_two_share_a_picture(collection):
    rows = [("1", "scans/A.JPG"), ("2", "scans/A.JPG"), ("3", "x/b.jpg;y/b.jpg")]
    assert collection.add("a.jpg", "b.jpg", rows=rows) == {"1": "1 a.jpg", "2": "1 a.jpg", "3": "1 b.jpg"}


def test_folders_that_come_later_say_which_is_meant(collection):
    rows = [("1", "a/img.jpg"), ("2", "b/img.jpg")]
    assert collection.add("img.jpg", rows=rows) == {"1": "", "2": ""}
    assert collection.add("a/img.jpg", "b/img.jpg") == {"1": "2 a/img.jpg", "2": "2 b/img.jpg"}


def test_a_new_version_of_a_table_has_the_pictures_of_its_works(collection):
    first = [("1", "images/1.jpg"), ("2", "2.jpg"), ("3", "3.jpg")]
    collection.add("1.jpg", "2.jpg", rows=first)
    again = [("1", "images/1.jpg"), ("2", "2.jpg"), ("3", "3.jpg"), ("4", "2.jpg")]
    expected = {"1": "1 1.jpg", "2": "1 2.jpg", "3": "", "4": ""}
    assert collection.add(rows=again) == expected
    assert collection.add("3.jpg") == {**expected, "3": "3 3.jpg"}
    assert collection.add(rows=again)["1"] == "1 1.jpg"


def test_another_table_of_a_usual_name_gets_its_own_pictures_only(collection):
    collection.add("1.jpg", "2.jpg", rows=[("1", "1.jpg"), ("2", "2.jpg")])
    assert collection.add(rows=[("11", "1.jpg"), ("12", "2.jpg")]) == {"11": "", "12": ""}
    assert collection.add("1.jpg") == {"11": "3 1.jpg", "12": ""}
    assert collection.add("2.jpg", "strange.jpg") == {"11": "3 1.jpg", "12": "4 2.jpg"}
    assert collection.plan.goes[1] == "strange.jpg"


def test_what_a_table_names_is_read_once(collection, monkeypatch):
    read = []
    asked = TableSource.pictures_told

    def counted(source):
        read.append(source.paths[0].name)
        return asked(source)

    monkeypatch.setattr(TableSource, "pictures_told", counted)
    collection.add("1.jpg", rows=[("1", "1.jpg"), ("2", "2.jpg")])
    collection.add(table="later.csv", rows=[("3", "3.jpg")])
    monkeypatch.setattr(TableSource, "pictures_beside", lambda _: 1 / 0)
    collection.add("2.jpg")
    collection.add("of no table.jpg")
    collection.add("3.jpg", "more.jpg")
    assert read == ["works.csv", "later.csv"]
    for kept in collection.pictures.glob(".tables/*.json"):
        kept.write_text("damaged")
    collection.add("4.jpg")
    assert read == ["works.csv", "later.csv", "later.csv", "works.csv"]
