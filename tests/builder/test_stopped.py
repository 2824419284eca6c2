"""Whatever is done to a collection can be stopped at any moment: before each change to a file, all of them.

A process of its own does the operation on a few works. Before every event of its file system – opening for
writing, each half of each write, sync, rename, unlink, mkdir, rmdir – the folder is photographed: that is
what a kill would leave. Every photograph must answer as before or as after, and the same operation, done
again, must end as if it had never been stopped.

While a file is being written, only the first of the photographs that show a part of it is tried, and
``make torture`` tries all of them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from small_collection import OPERATIONS, draw_museum

from ham_recommend import Recommender, errors
from ham_recommend.builder.verify import damaged
from ham_recommend.vectors import load_embeddings
from ham_recommend.workspace import PICTURES, Workspace

PROGRAM = Path(__file__).with_name("small_collection.py")
NEVER = 0


def answers(out):
    """Return what a collection says: its works, its vectors, its thumbnails, and a few answers."""
    workspace = Workspace(out)
    if not workspace.exists or not workspace.manifest.files:
        return "nothing"
    facts = workspace.manifest.facts
    recommender = Recommender.load(workspace)
    vectors = {
        name: [
            (item_id, content, row.tobytes())
            for item_id, content, row in zip(*columns(workspace, name, made), strict=True)
        ]
        for name, made in facts.encoders.items()
    }
    works = list(recommender.catalog)
    found = [recommender.search(words, 3).item_ids.tolist() for words in ("circus cat", "old vase", "new")]
    alike = recommender.similar_items(works[0].item_id, 3).item_ids.tolist()
    return works, vectors, facts.encoder, [made.store for made in facts.encoders.values()], found, alike


def columns(workspace, name, made):
    embeddings = load_embeddings(name, made.model_id, workspace.checked)
    return embeddings.item_ids.tolist(), embeddings.contents.tolist(), embeddings.vectors


def check_nothing_is_left_over(out):
    """Check that a folder holds a collection and nothing else; return what that says."""
    workspace = Workspace(out)
    files = [path for path in out.rglob("*") if path.is_file()]
    assert [path for path in files if ".draft" in path.parts or path.suffix == ".partial"] == []
    if workspace.exists:
        assert damaged(workspace) == []
    thumbnails = {path.relative_to(out).as_posix() for path in (out / PICTURES).rglob("*.jpg")}
    works = answers(out)
    assert thumbnails == ({work.thumbnail for work in works[0]} - {""} if works != "nothing" else set())
    return works


def start(operation, museum, workspace, album, *kill_at):
    command = [sys.executable, PROGRAM, operation, museum, workspace, album, *map(str, kill_at)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def museum(tmp_path):
    draw_museum(tmp_path / "museum")
    return tmp_path / "museum"


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_stopped_before_any_change_to_a_file_it_ends_as_if_it_had_not_been(
    operation, museum, tmp_path, monkeypatch
):
    prepare, operate = OPERATIONS[operation]
    prepare(museum, tmp_path / "out")
    before = answers(tmp_path / "out")
    done = start(operation, museum, tmp_path / "out", tmp_path / "album")
    assert done.returncode == 0, done.stderr
    after = check_nothing_is_left_over(tmp_path / "out")
    assert after != before
    photographs = sorted((tmp_path / "album").iterdir())
    assert int(done.stdout) >= len(photographs) >= 10
    seen = []
    monkeypatch.setattr("os.fsync", lambda descriptor: None)  # no power is lost while they are looked at
    for photograph in photographs:
        seen.append(answers(photograph))
        assert seen[-1] in (before, after), photograph.name
        operate(museum, photograph)
        assert check_nothing_is_left_over(photograph) == after, photograph.name
    assert seen == sorted(seen, key=lambda state: state == after), "the new state was taken back"
    assert (seen[0], seen[-1]) == (before, after)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.9, 0.95, 0.99])
def test_a_process_that_really_dies_leaves_no_more_than_the_photographs_show(share, museum, tmp_path):
    prepare, operate = OPERATIONS["add"]
    for name in ("out", "killed"):
        prepare(museum, tmp_path / name)
    before = answers(tmp_path / "out")
    events = int(start("add", museum, tmp_path / "out", tmp_path / "none", NEVER).stdout)
    after = answers(tmp_path / "out")
    killed = start("add", museum, tmp_path / "killed", tmp_path / "none", int(events * share))
    assert killed.returncode == 137
    assert answers(tmp_path / "killed") in (before, after)
    operate(museum, tmp_path / "killed")
    assert check_nothing_is_left_over(tmp_path / "killed") == after


def test_a_build_of_something_else_that_was_killed_is_not_added_to(museum, tmp_path, monkeypatch):
    """What counts is the collection that stands, not the draft of one that never came to be."""
    from small_collection import make

    make(museum / "works.csv", tmp_path / "out")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("ham_recommend.builder.build.write_text_index", _stop)
        make(museum / "changed.csv", tmp_path / "out")
    make(museum / "more.csv", tmp_path / "out", add=True)
    ids = {f"table:{number}" for number in range(7)}
    assert set(Recommender.load(tmp_path / "out").catalog.item_ids) == ids


def test_what_a_killed_build_left_out_is_told_by_the_next(museum, tmp_path, monkeypatch):
    from small_collection import make

    make(museum / "works.csv", tmp_path / "out")
    with (museum / "works.csv").open("a", encoding="utf-8") as table:
        table.write(",No id at all,,\n,Again none,,\n")
    reported = make(museum / "works.csv", tmp_path / "whole").problems
    assert reported
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("ham_recommend.builder.build.write_text_index", _stop)
        make(museum / "works.csv", tmp_path / "out")
    assert make(museum / "works.csv", tmp_path / "out").problems == reported


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"format": 3, "files": ' + b"[" * 100_000, b'{"format": 1}']
)
def test_a_draft_that_cannot_be_read_is_not_believed(museum, tmp_path, content):
    from small_collection import make

    make(museum / "works.csv", tmp_path / "out")
    (tmp_path / "out" / ".draft" / "2-catalog").mkdir(parents=True)
    (tmp_path / "out" / ".draft" / "manifest.json").write_bytes(content)
    (tmp_path / "out" / ".draft" / "2-catalog" / "works.parquet").write_bytes(b"anything")
    before = answers(tmp_path / "out")
    make(museum / "works.csv", tmp_path / "out")
    assert answers(tmp_path / "out") == before
    check_nothing_is_left_over(tmp_path / "out")


def _stop(*_):
    raise KeyboardInterrupt


def test_a_decision_that_cannot_be_read_is_told_and_the_next_build_goes_on_without_it(museum, tmp_path):
    from small_collection import make

    make(museum / "works.csv", tmp_path / "out")
    before = answers(tmp_path / "out")
    for content in (b"", b"{", b'{"format": 3, "facts": ' + b"[" * 100_000, b'{"format": 99}'):
        (tmp_path / "out" / ".draft").mkdir()
        (tmp_path / "out" / ".draft" / "commit.json").write_bytes(content)
        with pytest.raises(errors.ArtifactError, match="ham build"):
            Recommender.load(tmp_path / "out")
        make(museum / "works.csv", tmp_path / "out")
        assert answers(tmp_path / "out") == before
