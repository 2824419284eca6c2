"""A build does what is stale and nothing else, and survives being killed."""

from __future__ import annotations

import csv
import json
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ham_recommend import FolderSource, Recommender, SampleSource, TableSource, build, errors
from ham_recommend.encode.failures import FAILURES
from ham_recommend.sources._ledger import LEDGER
from ham_recommend.workspace import SESSIONS, Workspace

SUBJECTS = ("ship in a storm", "vase with flowers", "circus cat", "portrait of a lady", "night city", "hills")


def picture(path, seed):
    shade = random.Random(seed)
    image = Image.new("RGB", (96, 64), tuple(shade.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        corners = sorted(shade.randrange(96) for _ in range(2)), sorted(shade.randrange(64) for _ in range(2))
        draw.rectangle(
            (corners[0][0], corners[1][0], corners[0][1], corners[1][1]),
            fill=tuple(shade.randrange(256) for _ in range(3)),
        )
    image.save(path)


def write_table(folder, count, *, first=0):
    folder.mkdir(exist_ok=True)
    path = folder / "works.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "title", "artist", "date", "description", "image"])
        for number in range(first, first + count):
            name = f"{number}.png"
            if not (folder / name).exists():
                picture(folder / name, number)
            subject = SUBJECTS[number % len(SUBJECTS)]
            rows.writerow(
                [number, f"{subject.title()} {number}", "Ana Öz", 1600 + number, f"A {subject}.", name]
            )
    return path


def make(source, out, **options):
    return build(source, out, progress=False, **options)


@pytest.fixture
def table(tmp_path):
    return write_table(tmp_path / "museum", 30)


def test_builds_and_answers(table, tmp_path):
    report = make(TableSource(table), tmp_path / "out")
    assert (report.works, report.pictures, report.problems) == (30, 30, ())
    recommender = Recommender.load(tmp_path / "out")
    assert all("Circus Cat" in work.title for work in recommender.search("circus cat", 3).works.values())
    assert len(recommender.recommend(["table:2"], k=5)) == 5


@pytest.mark.parametrize("out", [".", "mine", "sub/mine"])
def test_a_collection_inside_its_own_folder_of_pictures_is_not_read(tmp_path, out):
    for number in range(3):
        picture(tmp_path / f"{number}.png", number)
        assert make(FolderSource(tmp_path), tmp_path / out).works == number + 1


def test_adding_keeps_the_pictures_whose_originals_have_moved_away(table, tmp_path):
    make(TableSource(table), tmp_path / "out")
    table.parent.rename(tmp_path / "elsewhere")
    more = write_table(tmp_path / "more", 5, first=30)
    report = make(TableSource(more), tmp_path / "out", add=True)
    assert (report.works, report.pictures, report.problems) == (35, 35, ())


def test_second_build_does_nothing(table, tmp_path):
    make(TableSource(table), tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.np?")}
    assert make(TableSource(table), tmp_path / "out").seconds == {}
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.np?")}


def test_changed_picture_is_encoded_again(table, tmp_path):
    make(TableSource(table), tmp_path / "out")
    before = Recommender.load(tmp_path / "out").pictures.get(["table:3", "table:4"]).vectors
    picture(table.parent / "3.png", 999)
    make(TableSource(table), tmp_path / "out")
    after = Recommender.load(tmp_path / "out").pictures.get(["table:3", "table:4"]).vectors
    assert not np.allclose(before[0], after[0])
    assert np.array_equal(before[1], after[1])


def test_mended_picture_is_noticed(table, tmp_path):
    whole = (table.parent / "3.png").read_bytes()
    (table.parent / "3.png").write_bytes(whole[:50])
    report = make(TableSource(table), tmp_path / "out")
    assert report.pictures == 29
    assert [problem.where for problem in report.problems] == ["table:3"]
    assert json.loads((tmp_path / "out" / "2-catalog" / "problems.json").read_text())[0]["where"] == "table:3"
    (table.parent / "3.png").write_bytes(whole)
    assert make(TableSource(table), tmp_path / "out").pictures == 30


def answers(out):
    recommender = Recommender.load(out)
    found = [recommender.search(subject, 10) for subject in SUBJECTS]
    found += [recommender.similar_items(item_id, 5) for item_id in recommender.catalog.item_ids[::7]]
    return [[(hit.item_id, round(hit.channels.get("words", 0), 5)) for hit in ranking] for ranking in found]


def test_adding_keeps_the_others_and_equals_a_full_build(table, tmp_path):
    make(TableSource(table), tmp_path / "grown")
    more = write_table(tmp_path / "more", 4, first=28)
    report = make(TableSource(more), tmp_path / "grown", add=True)
    assert (report.works, report.pictures) == (32, 32)
    assert set(report.seconds) >= {"catalog", "text index", "pictures"}
    whole = write_table(tmp_path / "museum", 32)
    make(TableSource(whole), tmp_path / "whole")
    grown, full = Recommender.load(tmp_path / "grown"), Recommender.load(tmp_path / "whole")
    assert grown.catalog.item_ids.tolist() == full.catalog.item_ids.tolist()
    for subject in SUBJECTS:
        assert (
            grown.text.exact(subject, 10).item_ids.tolist() == full.text.exact(subject, 10).item_ids.tolist()
        )


def test_building_another_source_replaces_the_collection(table, tmp_path):
    make(TableSource(table), tmp_path / "out")
    report = make(FolderSource(table.parent), tmp_path / "out")
    assert report.works == 30
    assert all(
        item_id.startswith("folder:") for item_id in Recommender.load(tmp_path / "out").catalog.item_ids
    )


def test_other_store_keeps_the_vectors(table, tmp_path):
    make(TableSource(table), tmp_path / "out")
    assert set(make(TableSource(table), tmp_path / "out", store="hnsw").seconds) == {"picture index"}
    assert not (tmp_path / "out" / "4-index" / "style.flat.npz").exists()
    assert len(Recommender.load(tmp_path / "out").similar_items("table:1", 5)) == 5


def test_a_collection_keeps_its_store_until_another_is_named(table, tmp_path):
    def store_after(**options):
        make(TableSource(table), tmp_path / "out", **options)
        return Recommender.load(tmp_path / "out").workspace.manifest.facts.encoders["style"].store

    stores = [store_after(**options) for options in ({}, {"store": "hnsw"}, {}, {"add": True})]
    assert stores == ["flat", "hnsw", "hnsw", "hnsw"]
    assert "--store hnsw" in Recommender.load(tmp_path / "out").workspace.command
    assert store_after(store="flat") == "flat"


def test_without_pictures(table, tmp_path):
    assert make(TableSource(table), tmp_path / "out", image_encoder="none").pictures == 0
    assert not (tmp_path / "out" / "3-embeddings").exists()
    assert len(Recommender.load(tmp_path / "out").recommend(["table:1"], k=5)) == 5


@pytest.mark.parametrize("options", [{"image_encoder": "styl"}, {"store": "flet"}])
def test_unknown_names_are_refused_before_any_work(table, tmp_path, options):
    with pytest.raises(errors.SettingsError, match="Known:"):
        make(TableSource(table), tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_failed_build_leaves_the_collection_as_it_was(table, tmp_path):
    make(TableSource(table), tmp_path / "out")
    before = answers(tmp_path / "out")
    table.write_bytes(b"\xff\xfe\x00nonsense")
    with pytest.raises(errors.SourceError):
        make(TableSource(table), tmp_path / "out")
    assert answers(tmp_path / "out") == before


def test_damaged_index_is_refused_and_mended(table, tmp_path):
    make(TableSource(table), tmp_path / "out")
    before = answers(tmp_path / "out")
    path = tmp_path / "out" / "4-index" / "text.postings.npy"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(errors.ArtifactCorruptError, match="ham build table"):
        Recommender.load(tmp_path / "out")
    make(TableSource(table), tmp_path / "out")
    assert answers(tmp_path / "out") == before


BUILD = (
    "import sys; from ham_recommend import TableSource, build; build(TableSource(sys.argv[1]), sys.argv[2])"
)


@pytest.mark.slow
def test_killed_at_random_moments_then_builds_and_searches_again(table, tmp_path):
    """At whatever moment a build is killed, the collection answers as before it or as after it."""
    out = tmp_path / "out"
    make(TableSource(table), out)
    before = answers(out)
    more = write_table(tmp_path / "museum", 60)
    make(TableSource(more), tmp_path / "reference")
    after = answers(tmp_path / "reference")
    moments = random.Random(7)
    killed = 0
    for _ in range(8):
        running = subprocess.Popen(
            [sys.executable, "-c", BUILD, str(more), str(out)], stderr=subprocess.DEVNULL
        )
        time.sleep(moments.uniform(0.3, 2.5))
        running.send_signal(signal.SIGKILL)
        killed += running.wait() == -signal.SIGKILL
        assert answers(out) in (before, after)
    assert killed
    make(TableSource(more), out)
    assert answers(out) == after
    assert not list(out.rglob("*.partial"))
    assert not (out / ".draft").exists()


def test_manifest_tells_what_everything_was_made_from(table, tmp_path):
    make(TableSource(table), tmp_path / "out")
    manifest = Workspace(tmp_path / "out").manifest
    for entry in manifest.files.values():
        for parent, digest in entry.parents.items():
            assert manifest.files[parent].sha256 == digest
    assert manifest.facts.works == 30
    assert [origin.source for origin in manifest.facts.origins] == ["table"]
    on_disk = {
        path.relative_to(tmp_path / "out").as_posix()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    extra = {
        name
        for name in on_disk - set(manifest.files)
        if not name.startswith(("2-catalog/pictures/", "1-raw/"))
    }
    assert extra <= {"manifest.json", ".lock"}


def test_out_that_cannot_be_written(table, tmp_path):
    (tmp_path / "file").write_text("here first")
    with pytest.raises(errors.ArtifactError, match="not a folder"):
        make(TableSource(table), tmp_path / "file")
    assert (tmp_path / "file").read_text() == "here first"


def test_every_file_of_a_collection_is_explained(tmp_path):
    told = (Path(__file__).parents[2] / "artifacts" / "README.md").read_text(encoding="utf-8")
    out = tmp_path / "out"
    make(SampleSource(12), out)
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    generic = {name.replace("/style.", "/<encoder>.").replace(".flat.", ".<kind>.") for name in names}
    folders = [folder for folder in re.findall("`([^`]+/)`", told) if folder != ".draft/"]
    unexplained = {
        name for name in generic if f"`{name}`" not in told and not name.startswith(tuple(folders))
    }
    assert unexplained == set()
    crawled_and_failed = (LEDGER, FAILURES, SESSIONS, ".draft/", "commit.json", ".journal/")
    assert [name for name in crawled_and_failed if name not in told] == []


def test_a_shard_of_no_pictures_is_refused_before_anything_is_read(tmp_path):
    for none in (None, "none"):
        with pytest.raises(errors.SettingsError, match="share of the pictures"):
            make(SampleSource(20), tmp_path / "out", image_encoder=none, shard="1/2")
    assert not (tmp_path / "out").exists()


def test_the_bar_says_what_is_done_once_every_text_is_read(tmp_path, capfd):
    build(SampleSource(20), tmp_path / "out", image_encoder=None)
    shown = capfd.readouterr().err
    steps = ["counting words", "weighing words", "finding meanings", "writing"]
    assert sorted(steps, key=shown.find) == steps
    assert all(step in shown for step in steps)


def test_what_a_person_should_know_of_a_table_is_no_problem_and_nothing_is_read_again_for_it(tmp_path):
    (tmp_path / "works.csv").write_bytes("title,artist\nKite,Zoë\nBowl\n".encode("cp1252"))
    source = TableSource(tmp_path / "works.csv")
    first = make(source, tmp_path / "out", image_encoder=None)
    assert first.problems == ()
    assert [word for word in ("id", "Windows-1252", "fewer cells") if word in " ".join(first.notes)] == [
        "id",
        "Windows-1252",
        "fewer cells",
    ]
    again = make(TableSource(tmp_path / "works.csv"), tmp_path / "out", image_encoder=None)
    assert (again.seconds, again.problems) == ({}, ())
    assert "its line numbers are the ids" in " ".join(again.notes)


def test_a_table_of_json_is_opened_once_for_a_build(tmp_path, monkeypatch):
    from ham_recommend.sources._table.json_rows import JsonRows

    (tmp_path / "works.json").write_text(json.dumps([{"id": "1", "title": "Kite"}]))
    opened = []
    columns = JsonRows._columns

    def counted(rows):
        opened.append(rows)
        return columns(rows)

    monkeypatch.setattr(JsonRows, "_columns", counted)
    source = TableSource(tmp_path / "works.json")
    make(source, tmp_path / "out", image_encoder=None)
    assert len(opened) == 1
    (tmp_path / "works.json").write_text(json.dumps([{"id": "1", "title": "Kite", "artist": "Ann"}]))
    make(source, tmp_path / "out", image_encoder=None)
    assert Recommender.load(tmp_path / "out").catalog["table:1"].artist == "Ann"
