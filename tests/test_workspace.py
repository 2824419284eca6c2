"""A workspace is whole or not there at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import textwrap
from functools import partial
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from ham_recommend import errors
from ham_recommend.files import whole_file
from ham_recommend.manifest import ALWAYS_HASHED, Facts, PastBuild, sha256
from ham_recommend.workspace import Workspace

NAME = "2-catalog/catalog.parquet"
OTHER = "4-index/text.frequencies.npy"


def build(workspace, content, *, names=(NAME,), version=1, facts=None):
    with workspace.draft() as draft:
        for name in names:
            if not draft.keep(name, settings={"version": version}, parents={}):
                with draft.write(name, rows=1, settings={"version": version}) as path:
                    path.write_bytes(content)
        draft.commit(facts or Facts())


@pytest.fixture
def workspace(tmp_path):
    made = Workspace(tmp_path / "collection")
    build(made, b"first")
    return made


def test_reads_back_what_was_committed(workspace):
    entry = Workspace(workspace.root).manifest.files[NAME]
    assert workspace.checked(NAME).read_bytes() == b"first"
    assert (entry.size, entry.rows, entry.settings) == (5, 1, {"version": 1})
    assert entry.sha256 == sha256(workspace.path(NAME))


def test_missing_collection_names_the_command(tmp_path):
    with pytest.raises(errors.ArtifactMissingError, match="ham build sample --out"):
        _ = Workspace(tmp_path / "nowhere").manifest


def test_failed_write_leaves_the_old_file(workspace):
    with pytest.raises(RuntimeError), workspace.draft() as draft, draft.write(NAME, rows=1) as path:
        path.write_bytes(b"half")
        raise RuntimeError
    assert Workspace(workspace.root).checked(NAME).read_bytes() == b"first"
    assert not list(workspace.root.rglob("*.partial"))


@pytest.mark.parametrize(
    "problem", [OSError(errno.ENOSPC, "No space left"), OSError("5 requested, 2 written")]
)
def test_full_disk_is_told_and_leaves_the_old_file(workspace, problem):
    with (
        pytest.raises(errors.ArtifactError, match=r"cannot be written.*unchanged"),
        workspace.draft() as draft,
        draft.write(NAME, rows=1) as path,
    ):
        path.write_bytes(b"half")
        raise problem
    assert Workspace(workspace.root).checked(NAME).read_bytes() == b"first"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS])
def test_full_disk_is_told_between_the_files_too(workspace, number):
    with (
        pytest.raises(errors.ArtifactError, match=r"thumbnail\.jpg cannot be written: No space"),
        workspace.draft(),
    ):
        raise OSError(number, "No space left", "thumbnail.jpg")


def test_what_else_the_system_says_is_not_taken_for_a_full_disk(workspace):
    with pytest.raises(OSError, match="something else"), workspace.draft():
        raise OSError(errno.ENOENT, "something else")


def test_abandoned_draft_is_taken_up_again(workspace):
    with workspace.draft() as draft, draft.write(NAME, rows=1, settings={"version": 2}) as path:
        path.write_bytes(b"second")
    with workspace.draft() as draft:
        assert draft.keep(NAME, settings={"version": 2}, parents={})
        draft.commit(Facts())
    assert workspace.checked(NAME).read_bytes() == b"second"


def test_keeping_the_old_file_forgets_an_abandoned_newer_one(workspace):
    with workspace.draft() as draft, draft.write(NAME, rows=1, settings={"version": 2}) as path:
        path.write_bytes(b"second")
    build(workspace, b"never written", version=1)
    assert Workspace(workspace.root).checked(NAME).read_bytes() == b"first"


@pytest.mark.parametrize("lost", [False, True], ids=["killed", "and its list lost"])
def test_what_a_killed_build_drafted_takes_no_place_of_what_stays(workspace, lost):
    with workspace.draft() as draft, draft.write(NAME, rows=1, settings={"version": 2}) as path:
        path.write_bytes(b"half a build")
    if lost:
        (workspace.root / ".draft" / "manifest.json").write_text("")
    with workspace.draft() as draft:
        with draft.write("4-index/other.npz", rows=1) as path:
            path.write_bytes(b"another")
        draft.commit(Facts())
    assert Workspace(workspace.root).checked(NAME).read_bytes() == b"first"


def test_changed_settings_or_parents_make_a_file_stale(workspace):
    with workspace.draft() as draft:
        assert not draft.keep(NAME, settings={"version": 2}, parents={})
        assert not draft.keep(NAME, settings={"version": 1}, parents={"other": "hash"})
        assert draft.keep(NAME, settings={"version": 1}, parents={})


def test_damaged_file_is_stale_and_refused(workspace):
    workspace.path(NAME).write_bytes(b"fIrst")
    with pytest.raises(errors.ArtifactCorruptError, match="Mend the collection with"):
        workspace.checked(NAME)
    with workspace.draft() as draft:
        assert not draft.keep(NAME, settings={"version": 1}, parents={})


def test_copied_workspace_is_accepted(workspace, tmp_path):
    shutil.copytree(workspace.root, tmp_path / "copy", copy_function=shutil.copyfile)
    assert Workspace(tmp_path / "copy").checked(NAME).read_bytes() == b"first"


def refuse(monkeypatch, method, name):
    """Let the system refuse a method of every path with this name, as it does where rights are missing."""
    real = getattr(Path, method)

    def refused(self, *arguments, **options):
        if self.name == name:
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return real(self, *arguments, **options)

    monkeypatch.setattr(Path, method, refused)


@pytest.mark.parametrize(
    ("method", "name"),
    [("read_text", "manifest.json"), ("is_file", "commit.json"), ("stat", "catalog.parquet")],
)
def test_file_that_may_not_be_read_is_told(workspace, monkeypatch, method, name):
    refuse(monkeypatch, method, name)
    with pytest.raises(errors.ArtifactError, match=rf"{name} cannot be read: Permission denied\. Check"):
        Workspace(workspace.root).checked(NAME)


def test_file_that_may_not_be_hashed_is_told(workspace, monkeypatch):
    os.utime(workspace.path(NAME), ns=(1, 1))
    refuse(monkeypatch, "open", "catalog.parquet")
    with pytest.raises(errors.ArtifactError, match=r"catalog\.parquet cannot be read"):
        Workspace(workspace.root).checked(NAME)


@pytest.fixture
def cut_off(workspace):
    """Return a workspace whose newest build was decided but not put in place."""
    with workspace.draft() as draft, draft.write(NAME, rows=1, settings={"version": 2}) as path:
        path.write_bytes(b"second")
    drafted = workspace.root / ".draft"
    (drafted / "manifest.json").rename(drafted / "commit.json")
    return Workspace(workspace.root)


def test_build_that_puts_its_files_in_place_is_waited_for_but_not_for_ever(cut_off, monkeypatch):
    with FileLock(cut_off.root / ".lock"):
        impatient = partial(FileLock, cut_off.root / ".lock", timeout=0, is_singleton=False)
        monkeypatch.setattr(cut_off, "_lock", lambda _: impatient())
        with pytest.raises(errors.ArtifactError, match="Wait for it"):
            _ = cut_off.manifest
    assert Workspace(cut_off.root).checked(NAME).read_bytes() == b"second"


def test_build_that_cannot_be_put_in_place_is_told(cut_off, monkeypatch):
    with monkeypatch.context() as edge:
        refuse(edge, "replace", "catalog.parquet")
        with pytest.raises(errors.ArtifactError, match=r"yet to be put in place.*where you may write"):
            _ = cut_off.exists
    assert Workspace(cut_off.root).checked(NAME).read_bytes() == b"second"


def test_folder_without_a_name_is_refused():
    with pytest.raises(errors.SettingsError, match="has no name"):
        Workspace("")
    assert Workspace(".").root == Path()


@pytest.mark.parametrize("name", ["a" * 5_000, "a/" * 5_000, "a\0b"])
def test_folder_that_no_system_can_have_is_refused(name):
    with pytest.raises(errors.SettingsError, match="No folder can be called") as refused:
        Workspace(name)
    assert len(str(refused.value)) < 250


def test_command_is_told_for_where_the_collection_lies_now(tmp_path):
    build(
        Workspace(tmp_path / "first"),
        b"first",
        facts=Facts(builds=(PastBuild("ham build table '/a b.csv'"),)),
    )
    copy = Workspace(shutil.copytree(tmp_path / "first", tmp_path / "a copy"))
    assert copy.command == f"ham build table '/a b.csv' --out '{copy.root}'"
    copy.path(NAME).unlink()
    with pytest.raises(errors.ArtifactMissingError) as refused:
        copy.checked(NAME)
    assert str(refused.value).endswith(f"Mend the collection with: {copy.command}")


def test_damaged_copy_of_unknown_origin_is_mended_where_it_lies(tmp_path):
    build(Workspace(tmp_path / "first"), b"first")
    copy = Workspace(shutil.copytree(tmp_path / "first", tmp_path / "a copy"))
    copy.path(NAME).write_bytes(b"fIrst")
    with pytest.raises(errors.ArtifactCorruptError) as refused:
        copy.checked(NAME)
    assert copy.command is None
    assert f"ham build … --out '{copy.root}'" in str(refused.value)
    assert "first" not in str(refused.value)


def test_only_what_is_told_to_go_is_removed(workspace):
    build(workspace, b"x", names=(NAME, OTHER))
    build(workspace, b"y", names=(NAME,), version=2)
    assert Workspace(workspace.root).checked(OTHER).read_bytes() == b"x"
    with workspace.draft() as draft:
        draft.remove(OTHER, "4-index/never-there")
        draft.commit(Facts())
    assert not workspace.path(OTHER).exists()
    assert Workspace(workspace.root).checked(NAME).read_bytes() == b"y"
    with pytest.raises(errors.ArtifactMissingError):
        workspace.checked(OTHER)


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"{",
        b"[]",
        b'{"format": 3}',
        b'{"format": 3, "files": {"../up": {"sha256": "", "size": 1, "mtime_ns": 1}}, "facts": {}}',
        b'{"format": 3, "files": {"a": {"unknown": 1}}, "facts": {}, "package_version": ""}',
        b"\xff\xfe",
    ],
)
def test_unreadable_manifest_is_refused_until_it_is_built_again(workspace, manifest):
    (workspace.root / "manifest.json").write_bytes(manifest)
    with pytest.raises(errors.ArtifactCorruptError, match="ham build"):
        _ = Workspace(workspace.root).manifest
    build(workspace, b"mended")
    assert Workspace(workspace.root).checked(NAME).read_bytes() == b"mended"


def test_other_layout_is_refused(workspace):
    path = workspace.root / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(errors.ArtifactMismatchError, match="layout 99"):
        _ = Workspace(workspace.root).manifest


def test_two_builds_at_once_are_refused(workspace):
    with workspace.draft(), pytest.raises(errors.ArtifactError, match="Another build"):
        build(Workspace(workspace.root), b"second", version=2)


def test_out_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.ArtifactError, match="not a folder"):
        build(Workspace(tmp_path / "file"), b"x")


CUT = """
import os, sys
from pathlib import Path
from ham_recommend.manifest import Facts
from ham_recommend.workspace import Workspace
steps = int(sys.argv[2])
real = Path.replace
def replace(self, target):
    global steps
    if steps == 0:
        os._exit(9)
    steps -= 1
    return real(self, target)
Path.replace = replace
workspace = Workspace(sys.argv[1])
with workspace.draft() as draft:
    for name in ("a.bin", "deep/b.bin", "c.bin"):
        with draft.write(name, rows=1, settings={"version": 2}) as path:
            path.write_bytes(b"second" + name.encode())
    draft.commit(Facts(works=2))
os._exit(0)
"""


def test_cut_at_every_rename_shows_the_old_or_the_new_state(tmp_path):
    """A process that dies before any one rename leaves either state whole, and the next build completes."""
    names = ("a.bin", "deep/b.bin", "c.bin")
    seen = set()
    for steps in range(40):
        workspace = Workspace(tmp_path / str(steps))
        with workspace.draft() as draft:
            for name in names:
                with draft.write(name, rows=1, settings={"version": 1}) as path:
                    path.write_bytes(b"first" + name.encode())
            draft.commit(Facts(works=1))
        script = textwrap.dedent(CUT)
        done = subprocess.run([sys.executable, "-c", script, str(workspace.root), str(steps)], check=False)
        reopened = Workspace(workspace.root)
        states = {reopened.checked(name).read_bytes().removesuffix(name.encode()) for name in names}
        assert states == ({b"second"} if reopened.manifest.facts.works == 2 else {b"first"})
        seen |= states
        if done.returncode == 0:
            break
    assert done.returncode == 0
    assert seen == {b"first", b"second"}


@given(st.binary(max_size=100))
@settings(max_examples=25, deadline=None)
def test_whole_file_appears_whole(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("whole") / "deep" / "file"
    with whole_file(path) as stream:
        stream.write(content)
        assert not path.exists()
    assert path.read_bytes() == content
    assert [found.name for found in path.parent.iterdir()] == ["file"]


# Links, and other things where files belong

FOLDERS = ("1-raw", "2-catalog", "2-catalog/pictures", "3-embeddings", "4-index", "5-analysis", ".draft")


@pytest.mark.parametrize("name", [*FOLDERS, ".lock", "manifest.json", NAME])
def test_nothing_is_built_through_links(workspace, tmp_path, name):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "thesis.txt").write_text("years of work")
    path = workspace.root / name
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(outside if name in FOLDERS else outside / "thesis.txt")
    with pytest.raises(errors.ArtifactError, match="is a link"):
        build(workspace, b"second", names=(NAME, OTHER), version=2)
    assert [(found.name, found.read_text()) for found in outside.iterdir()] == [
        ("thesis.txt", "years of work")
    ]


@pytest.mark.parametrize("name", [NAME, "2-catalog"])
def test_nothing_is_read_through_links(workspace, tmp_path, name):
    moved = (workspace.root / name).rename(tmp_path / "elsewhere")
    (workspace.root / name).symlink_to(moved)
    with pytest.raises(errors.ArtifactError, match=r"is a link.*remove it, then build"):
        Workspace(workspace.root).checked(NAME)
    assert Workspace(workspace.root).verify() == [NAME]


def test_the_collections_own_folder_may_be_a_link(workspace, tmp_path):
    (tmp_path / "link").symlink_to(workspace.root)
    build(Workspace(tmp_path / "link"), b"second", version=2)
    assert Workspace(workspace.root).checked(NAME).read_bytes() == b"second"


@pytest.mark.parametrize("name", [NAME, "manifest.json", "4-index"])
def test_what_is_in_the_way_is_told_before_anything_is_decided(workspace, name):
    path = workspace.root / name
    if name == "4-index":
        path.write_text("a file where a folder belongs")
    else:
        path.unlink()
        path.mkdir()
    with pytest.raises(errors.ArtifactError, match="is in the way"):
        build(workspace, b"second", names=(NAME, OTHER), version=2)
    path.unlink() if path.is_file() else path.rmdir()
    build(workspace, b"second", names=(NAME, OTHER), version=2)
    assert Workspace(workspace.root).checked(OTHER).read_bytes() == b"second"


def flip(path, at):
    """Change one bit, as a disk does: size and time stay."""
    stat = path.stat()
    content = bytearray(path.read_bytes())
    content[at] ^= 4
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_a_flipped_bit_is_noticed_at_once_in_a_small_file_and_by_verifying_in_a_large_one(workspace):
    build(workspace, b"large" * ALWAYS_HASHED, names=(OTHER,))
    for name in (NAME, OTHER):
        assert workspace.verify() == []
        flip(workspace.path(name), 3)
        assert workspace.verify() == [name]
        if name == NAME:
            with pytest.raises(errors.ArtifactCorruptError):
                workspace.checked(name)
        with workspace.draft() as draft:
            assert not draft.keep(name, settings={"version": 1}, parents={})
            with pytest.raises(errors.ArtifactMissingError):
                draft.committed(name)
        flip(workspace.path(name), 3)


def test_a_set_of_files_is_kept_whole_or_not_at_all(workspace):
    build(workspace, b"x", names=(NAME, OTHER))
    workspace.path(OTHER).write_bytes(b"y")
    with workspace.draft() as draft:
        assert not draft.keep(NAME, OTHER, settings={"version": 1}, parents={})
        assert draft.files == {}


def test_a_file_that_would_come_out_the_same_is_carried_over_under_new_parents(workspace):
    with workspace.draft() as draft:
        with draft.write(NAME, rows=1, settings={"version": 2}) as path:
            path.write_bytes(b"a draft that is given up")
        draft.carry(NAME, settings={"version": 3}, parents={"a": "b"})
        assert draft.made(NAME).read_bytes() == b"first"
        draft.commit(Facts())
    entry = workspace.manifest.files[NAME]
    assert workspace.checked(NAME).read_bytes() == b"first"
    assert (entry.settings, entry.parents) == ({"version": 3}, {"a": "b"})


@pytest.mark.parametrize(
    "command",
    [
        "ham build sample; touch owned",
        "ham build sample && touch owned",
        "ham build $(touch owned)",
        "ham build `touch owned`",
        "ham build sample > owned",
        "ham build sample | tee owned",
        "ham build 'a b' & touch owned",
        "ham build sample # --out",
    ],
)
def test_what_a_stranger_s_manifest_says_was_run_runs_nothing_but_ham_build(tmp_path, command):
    """Pasted into a shell, the command that is named calls one program, with words."""
    build(Workspace(tmp_path / "got"), b"first", facts=Facts(builds=(PastBuild(command),)))
    opened = Workspace(tmp_path / "got")
    (tmp_path / "ham").write_text('#!/bin/sh\nprintf "%s\\n" "$@" > called\n')
    (tmp_path / "ham").chmod(0o755)
    shell = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", opened.command], cwd=tmp_path, env=shell, check=True)
    assert not (tmp_path / "owned").exists()
    called = (tmp_path / "called").read_text("utf-8").split("\n")
    assert called[0] == "build"
    assert called[-3:-1] == ["--out", str(opened.root)]


@pytest.mark.parametrize(
    "command", ["curl x | sh", "ham", "rm -rf .", "ham build 'x", "ham build x\ny", "\x1b"]
)
def test_what_is_no_build_is_never_named(tmp_path, command):
    build(Workspace(tmp_path / "got"), b"first", facts=Facts(builds=(PastBuild(command),)))
    opened = Workspace(tmp_path / "got")
    assert opened.command is None
    assert opened.mending == f"Mend the collection with: ham build … --out {opened.root}"


@pytest.mark.parametrize("name", [".lock", ".draft", "manifest.json"])
def test_a_link_of_a_stranger_s_collection_leads_nobody_to_write_elsewhere(workspace, tmp_path, name):
    target = tmp_path / "outside"
    target.write_bytes(b"mine")
    path = workspace.root / name
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    with pytest.raises(errors.ArtifactError, match="is a link"):
        build(Workspace(workspace.root), b"second")
    assert target.read_bytes() == b"mine"
