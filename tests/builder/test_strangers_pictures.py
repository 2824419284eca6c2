"""A collection that came from elsewhere may name any file: none of this machine's is shown, none is taken."""

from __future__ import annotations

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_collection import draw_museum, make, picture

from ham_recommend import Recommender
from ham_recommend.catalog.thumbnails import Thumbnails
from ham_recommend.frontend.thumbnails import large_picture
from ham_recommend.manifest import sha256
from ham_recommend.workspace import CATALOG, THUMBNAILS, WORKS, Workspace


@pytest.fixture
def museum(tmp_path):
    draw_museum(tmp_path / "museum")
    return tmp_path / "museum"


@pytest.fixture
def private(tmp_path):
    """Return a picture of the reader's own, which nobody else has."""
    picture(tmp_path / "private.png", 77)
    return str(tmp_path / "private.png")


def rename_picture(out, item_id, path):
    """Let a built collection name another file as a work's picture, and its manifest agree."""
    for name, column in ((WORKS, "picture"), (CATALOG, "picture"), (THUMBNAILS, "original")):
        table = pq.read_table(out / name)
        row = table["item_id"].to_pylist().index(item_id)
        values = table[column].to_pylist()
        values[row] = path
        at = table.schema.get_field_index(column)
        table = table.set_column(
            at, table.schema.field(at), pa.chunked_array([pa.array(values, pa.string())])
        )
        pq.write_table(table, out / name, compression="zstd")
        manifest = json.loads((out / "manifest.json").read_text())
        stat = (out / name).stat()
        manifest["files"][name] |= {
            "sha256": sha256(out / name),
            "size": stat.st_size,
            "mtime_ns": stat.st_mtime_ns,
        }
        (out / "manifest.json").write_text(json.dumps(manifest))


def test_the_picture_that_was_built_is_shown_large(museum, tmp_path):
    make(museum / "works.csv", tmp_path / "out")
    work = Recommender.load(tmp_path / "out").catalog["table:1"]
    assert large_picture(work).mime == "image/jpeg"
    picture(museum / "1.png", 500)
    assert large_picture(work) is None


def test_another_file_of_this_machine_is_not_shown(museum, private, tmp_path):
    make(museum / "works.csv", tmp_path / "out")
    for path in (private, "/etc/passwd", "/dev/zero", str(tmp_path)):
        rename_picture(tmp_path / "out", "table:1", path)
        work = Recommender.load(tmp_path / "out").catalog["table:1"]
        assert work.picture == path
        assert large_picture(work) is None


def test_adding_to_such_a_collection_makes_no_thumbnail_of_it(museum, private, tmp_path):
    make(museum / "works.csv", tmp_path / "out")
    rename_picture(tmp_path / "out", "table:1", private)
    before = Recommender.load(tmp_path / "out").catalog["table:1"].thumbnail
    thumbnails = tmp_path / "out" / "2-catalog" / "pictures"
    for damage in (False, True):
        if damage:
            shutil.rmtree(thumbnails)
        make(museum / "more.csv", tmp_path / "out", add=True)
        work = Recommender.load(tmp_path / "out").catalog["table:1"]
        assert work.thumbnail in ("", before)
        known = Thumbnails.read(tmp_path / "out" / THUMBNAILS).contents()
        assert {path.stem for path in thumbnails.rglob("*.jpg")} <= set(known.values())
        make(museum / "works.csv", tmp_path / "honest")
        own = {path.stem for path in (tmp_path / "honest" / "2-catalog" / "pictures").rglob("*.jpg")}
        assert len({path.stem for path in thumbnails.rglob("*.jpg")} - own) <= 3  # those of more.csv


def test_pictures_of_works_that_stay_are_read_again_as_long_as_they_are_the_same(museum, tmp_path):
    make(museum / "works.csv", tmp_path / "out")
    shutil.rmtree(tmp_path / "out" / "2-catalog" / "pictures")
    make(museum / "more.csv", tmp_path / "out", add=True)
    catalog = Recommender.load(tmp_path / "out").catalog
    assert all((tmp_path / "out" / catalog[f"table:{number}"].thumbnail).is_file() for number in range(7))


def test_what_a_work_to_be_added_names_is_read_though_it_changed_in_place(museum, tmp_path):
    make(museum / "works.csv", tmp_path / "out")
    before = Recommender.load(tmp_path / "out").catalog["table:1"].thumbnail
    picture(museum / "1.png", 501)
    make(museum / "works.csv", tmp_path / "out", add=True)
    assert Recommender.load(tmp_path / "out").catalog["table:1"].thumbnail not in ("", before)


def test_a_row_that_names_another_picture_than_its_record_is_made_anew(museum, private, tmp_path):
    make(museum / "works.csv", tmp_path / "out")
    rename_picture(tmp_path / "out", "table:1", private)
    with (museum / "works.csv").open("a", encoding="utf-8") as table:
        table.write("9,New,A cat,1.png\n")
    make(museum / "works.csv", tmp_path / "out")
    assert Recommender.load(tmp_path / "out").catalog["table:1"].picture == str(museum / "1.png")
    assert Workspace(tmp_path / "out").verify() == []
