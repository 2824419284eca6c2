"""A collection as one file: what is in it, what is not, and what no packed file of a stranger can do."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from small_collection import write_table

from ham_recommend import Recommender, Session, TableSource, build
from ham_recommend.builder import unpack as unpacking
from ham_recommend.builder.pack import COMMENT, pack
from ham_recommend.builder.unpack import unpack
from ham_recommend.builder.verify import damaged
from ham_recommend.draft import MANIFEST
from ham_recommend.errors import ArtifactCorruptError, ArtifactError, SettingsError
from ham_recommend.manifest import Origin
from ham_recommend.workspace import CATALOG, SESSIONS, THUMBNAILS, Workspace

HAM = str(Path(sys.executable).with_name("ham"))


@pytest.fixture(scope="module")
def museum(tmp_path_factory):
    """A collection with pictures, raw files, and someone's session."""
    folder = tmp_path_factory.mktemp("packed")
    build(TableSource(write_table(folder, range(12))), folder / "small", progress=False)
    session = Session(Recommender.load(folder / "small"), name="mine")
    session.search("circus cat")
    session.sets.add("slides", session.turns[0].ranking.item_ids[0])
    (folder / "small" / "1-raw").mkdir(exist_ok=True)
    (folder / "small" / "1-raw" / "crawl.sqlite").write_text("what was crawled")
    return Workspace(folder / "small")


@pytest.fixture(scope="module")
def packed(museum, tmp_path_factory):
    return pack(museum, tmp_path_factory.mktemp("files") / "small.ham.zip")


def names(path):
    with zipfile.ZipFile(path) as file:
        return file.namelist()


def everything(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rewritten(packed, target, change):
    """Copy a packed file entry by entry; ``change`` may give another name, content or entry, or drop it."""
    with zipfile.ZipFile(packed.path) as source, zipfile.ZipFile(target, "w") as copy:
        copy.comment = COMMENT
        for info in source.infolist():
            for name, content, entry in change(info.filename, source.read(info)):
                fresh = entry or zipfile.ZipInfo(name)
                fresh.compress_type = zipfile.ZIP_DEFLATED
                copy.writestr(fresh, content)
    return target


def refused(file, folder, match):
    """Refuse a file and leave nothing behind, neither in the folder nor beside it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    before = everything(folder.parent)
    with pytest.raises(ArtifactCorruptError, match=match) as told:
        unpack(file, folder)
    assert "Nothing was unpacked" in str(told.value) or "manifest" in str(told.value)
    assert not folder.exists()
    assert set(everything(folder.parent)) == set(before)


# ---- packing ----------------------------------------------------------------------------------------------


def test_it_holds_the_collection_and_nothing_else(museum, packed):
    held = names(packed.path)
    pictures = [name for name in held if name.startswith("2-catalog/pictures/")]
    assert held[0] == MANIFEST
    assert set(held) == {MANIFEST, *museum.manifest.files, *pictures}
    assert len(pictures) == 12
    assert len(held) == packed.files
    assert [sentence.partition(":")[0] for sentence in packed.left_out] == ["1-raw/", SESSIONS]


def test_the_same_collection_gives_the_same_bytes(museum, packed, tmp_path):
    again = pack(museum, tmp_path / "again.zip")
    assert again.sha256 == packed.sha256
    assert again.path.read_bytes() == packed.path.read_bytes()
    os.utime(museum.path(CATALOG))
    assert pack(museum, tmp_path / "again.zip").sha256 == packed.sha256, "a packed file may be replaced"


def test_a_copy_answers_the_same_and_is_whole(museum, packed, tmp_path):
    copy = unpack(packed.path, tmp_path / "copy")
    assert damaged(copy) == []
    assert copy.manifest_sha256 == museum.manifest_sha256, "a citation holds for the copy"
    for name in museum.manifest.files:
        assert copy.path(name).stat().st_mtime_ns == museum.manifest.files[name].mtime_ns
    here, there = (Recommender.load(each.root).search("circus cat") for each in (museum, copy))
    assert here.item_ids.tolist() == there.item_ids.tolist()
    assert there[0].work.thumbnail
    assert "data:image/jpeg" in there._repr_html_()
    assert not (tmp_path / ".copy.unpacking").exists()
    assert pack(copy, tmp_path / "again.zip").sha256 == packed.sha256


def test_sessions_travel_only_when_asked(museum, packed, tmp_path):
    assert SESSIONS not in names(packed.path)
    shared = pack(museum, tmp_path / "shared.zip", sessions=True)
    assert all(not sentence.startswith(SESSIONS) for sentence in shared.left_out)
    copy = unpack(shared.path, tmp_path / "copy")
    session = Session(Recommender.load(copy.root), name="mine")
    assert [turn.ranking.query.text for turn in session.turns] == ["circus cat"]
    assert len(session.sets["slides"]) == 1


def test_a_file_that_is_no_packed_collection_is_never_replaced(museum, tmp_path):
    mine = tmp_path / "thesis.zip"
    mine.write_text("years of work")
    with pytest.raises(SettingsError, match="is no packed collection"):
        pack(museum, mine)
    assert mine.read_text() == "years of work"
    with pytest.raises(SettingsError, match="is no packed collection"):
        pack(museum, tmp_path)


def test_nothing_damaged_is_handed_out(museum, tmp_path):
    copy = Workspace(shutil.copytree(museum.root, tmp_path / "copy"))
    picture = next((copy.root / "2-catalog" / "pictures").rglob("*.jpg"))
    content = picture.read_bytes()
    picture.write_bytes(content[:-9])
    with pytest.raises(ArtifactCorruptError, match="missing or damaged"):
        pack(copy, tmp_path / "out.zip")
    picture.write_bytes(content)
    index = copy.path(
        next(name for name in copy.manifest.files if name.startswith("4-index/text.vocabulary"))
    )
    index.write_bytes(index.read_bytes()[:-1] + b"?")
    with pytest.raises(ArtifactCorruptError, match=r"is not the file that was built"):
        pack(copy, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()
    assert not list(tmp_path.glob("*.partial"))


def with_origin(workspace, folder, origin):
    copy = Workspace(shutil.copytree(workspace.root, folder))
    with copy.draft() as draft:
        draft.commit(replace(draft.before.facts, origins=(origin,)))
    return copy


def test_records_past_their_term_are_not_handed_out(museum, tmp_path):
    then = (datetime.now(UTC) - timedelta(days=15)).isoformat()
    stale = with_origin(museum, tmp_path / "stale", Origin("harvard", fetched=then, term_days=14))
    with pytest.raises(SettingsError, match="The records of harvard are older than their museum lets them"):
        pack(stale, tmp_path / "out.zip")
    now = datetime.now(UTC).isoformat()
    fresh = with_origin(museum, tmp_path / "fresh", Origin("harvard", fetched=now, term_days=14))
    done = pack(fresh, tmp_path / "out.zip")
    assert any("may be kept for 14 days" in note for note in done.notes)
    copied = unpack(done.path, tmp_path / "copy").manifest.facts.origins[0]
    assert (copied.fetched, copied.term_days) == (now, 14), "the copy knows when it has to go"


def test_a_thumbnail_that_may_not_be_copied_stops_it(museum, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    copy = Workspace(shutil.copytree(museum.root, tmp_path / "copy"))
    table = pq.read_table(copy.path(CATALOG))
    at = table.schema.get_field_index("copies_allowed")
    forbidden = table.set_column(at, table.schema.field(at), pa.array([False] * len(table)))
    entry = copy.manifest.files[CATALOG]
    with copy.draft() as draft:
        with draft.write(CATALOG, rows=entry.rows, settings=entry.settings) as path:
            pq.write_table(forbidden, path)
        draft.commit(draft.before.facts)
    with pytest.raises(ArtifactError, match="of which no copies are allowed"):
        pack(copy, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


# ---- unpacking what a stranger packed ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "/etc/evil",
        "2-catalog/../../evil",
        "2-catalog\\..\\..\\evil",
        "C:\\evil",
        "4-index/evil.faiss",
        "2-catalog/pictures/ab/evil.jpg",
        f"2-catalog/pictures/cd/{'ab' * 16}.jpg",
        ".draft/commit.json",
        ".lock",
        "1-raw/x",
        "manifest.json/x",
        "sessions.sqlite-wal",
        "evil",
    ],
)
def test_a_file_that_no_collection_has_is_refused(packed, tmp_path, name):
    def change(held, content):
        yield held, content, None
        if held == MANIFEST:
            yield name, b"evil", None

    file = rewritten(packed, tmp_path / "evil.zip", change)
    refused(
        file, tmp_path / "in" / "copy", "is no file of a collection|comes twice, or has a name that hides"
    )
    assert not (tmp_path / "evil.txt").exists()


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/etc/evil", "1-raw/x", "evil.txt", "4-index/a\nb", "4-index\\..\\x", ".lock"]
)
def test_a_manifest_cannot_name_such_a_file_either(packed, tmp_path, name):
    def change(held, content):
        if held == MANIFEST:
            told = json.loads(content)
            told["files"][name] = {**next(iter(told["files"].values())), "size": 4}
            yield held, json.dumps(told).encode(), None
            yield name, b"evil", None
        else:
            yield held, content, None

    refused(
        rewritten(packed, tmp_path / "evil.zip", change), tmp_path / "in" / "copy", "is no file of|manifest"
    )


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFDIR, stat.S_IFCHR])
def test_links_and_devices_are_refused(packed, tmp_path, kind):
    def change(held, content):
        entry = zipfile.ZipInfo(held)
        entry.create_system, entry.external_attr = 3, (kind | 0o777) << 16
        yield (held, b"/etc/passwd", entry) if held == CATALOG else (held, content, None)

    refused(rewritten(packed, tmp_path / "evil.zip", change), tmp_path / "in" / "copy", "a folder, a link")


def test_names_that_differ_in_case_alone_are_refused(packed, tmp_path):
    def change(held, content):
        yield held, content, None
        if held == CATALOG:
            yield CATALOG.upper(), content, None

    refused(rewritten(packed, tmp_path / "evil.zip", change), tmp_path / "in" / "copy", "comes twice")


def test_a_missing_file_is_refused(packed, tmp_path):
    for gone in (MANIFEST, CATALOG, THUMBNAILS):

        def change(held, content, gone=gone):
            if held != gone:
                yield held, content, None

        file = rewritten(packed, tmp_path / "evil.zip", change)
        refused(file, tmp_path / "in" / "copy", "it has no manifest|is missing")
    picture = next(name for name in names(packed.path) if name.endswith(".jpg"))
    file = rewritten(
        packed,
        tmp_path / "evil.zip",
        lambda held, content: [] if held == picture else [(held, content, None)],
    )
    refused(file, tmp_path / "in" / "copy", f"{picture} is missing or damaged")


def test_changed_content_is_refused(packed, tmp_path):
    picture = next(name for name in names(packed.path) if name.endswith(".jpg"))
    for changed, match in ((CATALOG, "is not what its manifest says"), (picture, "missing or damaged")):

        def change(held, content, changed=changed):
            yield held, content[:-1] + b"?" if held == changed else content, None

        refused(rewritten(packed, tmp_path / "evil.zip", change), tmp_path / "in" / "copy", match)

    def longer(held, content):
        yield held, content + b"?" if held == CATALOG else content, None

    refused(rewritten(packed, tmp_path / "e.zip", longer), tmp_path / "in" / "copy", "has another size")


def test_a_bomb_is_refused_before_it_goes_off(packed, tmp_path):
    def bomb(held, content):
        yield held, content, None
        if held == MANIFEST:
            yield SESSIONS, b"\0" * 200_000_000, None

    file = rewritten(packed, tmp_path / "bomb.zip", bomb)
    assert file.stat().st_size < 1_000_000
    refused(file, tmp_path / "in" / "copy", "would inflate beyond all measure")


@pytest.mark.parametrize("much", [1_000, 60_000_000])
def test_a_size_that_lies_is_refused(packed, tmp_path, much, monkeypatch):
    """The directory at the end says one size and the data another; neither is written on trust."""

    def change(held, content):
        yield held, content, None
        if held == MANIFEST:
            yield SESSIONS, b"\0" * much, None

    content = bytearray(rewritten(packed, tmp_path / "lie.zip", change).read_bytes())
    size = much.to_bytes(4, "little")
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(SESSIONS.encode()))
    assert content[at + 24 : at + 28] == size
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    (tmp_path / "lie.zip").write_bytes(content)
    refused(
        tmp_path / "lie.zip",
        tmp_path / "in" / "copy",
        "damaged or cut short|larger than it says|is cut short",
    )


def test_a_file_cut_short_anywhere_is_refused(packed, tmp_path):
    content = packed.path.read_bytes()
    for share in (0, 0.1, 0.5, 0.9, 0.98):
        (tmp_path / "short.zip").write_bytes(content[: int(len(content) * share)])
        # what is left may end in a smaller archive, as an index is one
        refused(tmp_path / "short.zip", tmp_path / "in" / "copy", "damaged or cut short|it has no manifest")


def test_a_flipped_byte_anywhere_is_refused_or_harmless(museum, packed, tmp_path):
    content = packed.path.read_bytes()
    for at in range(40, len(content), len(content) // 40):
        changed = bytearray(content)
        changed[at] ^= 0x55
        (tmp_path / "flip.zip").write_bytes(changed)
        try:
            copy = unpack(tmp_path / "flip.zip", tmp_path / "in" / f"copy{at}")
        except ArtifactError:
            assert not (tmp_path / "in" / f"copy{at}").exists()
        else:
            assert damaged(copy) == []
            assert copy.manifest_sha256 == museum.manifest_sha256


def test_what_is_there_stays(packed, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for there in (mine, tmp_path / "file", tmp_path / "link"):
        with pytest.raises(SettingsError, match="is there already"):
            unpack(packed.path, there)
    assert (mine / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()
    (tmp_path / "empty").mkdir()
    assert damaged(unpack(packed.path, tmp_path / "empty")) == []
    with pytest.raises(SettingsError, match="is there already"):
        unpack(packed.path, tmp_path / "empty")
    with pytest.raises(SettingsError, match="There is no file"):
        unpack(tmp_path / "nowhere.zip", tmp_path / "new")


def test_an_unpacking_that_was_killed_is_begun_anew(packed, tmp_path, monkeypatch):
    class KilledError(BaseException):
        pass

    def killed(*_):
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(unpacking, "_check_against", killed)
        patched.setattr(unpacking.shutil, "rmtree", lambda *_, **__: None)  # a killed process removes nothing
        with pytest.raises(KilledError):
            unpack(packed.path, tmp_path / "copy")
    assert (tmp_path / ".copy.unpacking").is_dir()
    assert not (tmp_path / "copy").exists()
    assert damaged(unpack(packed.path, tmp_path / "copy")) == []
    assert not (tmp_path / ".copy.unpacking").exists()


def test_a_link_where_it_unpacks_is_not_followed(packed, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine").write_text("mine")
    (tmp_path / ".copy.unpacking").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArtifactError, match="is a link"):
        unpack(packed.path, tmp_path / "copy")
    assert (tmp_path / "elsewhere" / "mine").read_text() == "mine"


def test_no_room_is_said_before_anything_is_written(packed, tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 99, 1))
    with pytest.raises(ArtifactError, match=r"There is no room: 0[.]. MB are needed, 0[.]0 MB are free"):
        unpack(packed.path, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


# ---- the commands -----------------------------------------------------------------------------------------


def ham(*arguments, cwd, status=0):
    done = subprocess.run(
        [HAM, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, check=False, timeout=120
    )
    assert done.returncode == status, done.stderr
    return done


def test_the_commands_pack_and_unpack(museum, tmp_path):
    said = ham("pack", museum.root, cwd=tmp_path).stdout
    assert "small.ham.zip: " in said
    assert "Left out: 1-raw/" in said
    assert "Left out: sessions.sqlite" in said
    again = json.loads(ham("pack", museum.root, "--out", "b.zip", "--json", cwd=tmp_path).stdout)
    assert again["sha256"] in said
    assert "12 works in artifacts/small" in ham("unpack", "small.ham.zip", cwd=tmp_path).stdout
    ham("info", "artifacts/small", "--verify", cwd=tmp_path)
    assert "is there already" in ham("unpack", "small.ham.zip", cwd=tmp_path, status=2).stderr
    (tmp_path / "bad.zip").write_text("no zip")
    told = ham("unpack", "bad.zip", cwd=tmp_path, status=1).stderr
    assert "This is no packed collection" in told
    assert "Traceback" not in told


def test_the_sessions_of_a_stranger_are_read_as_any_others(museum, packed, tmp_path):
    """SQLite says what it is made of: a file that is none is a damaged one, in words."""

    def change(held, content):
        yield held, content, None
        if held == MANIFEST:
            yield SESSIONS, b"no database", None

    copy = unpack(rewritten(packed, tmp_path / "evil.zip", change), tmp_path / "copy")
    with pytest.raises(ArtifactCorruptError, match="is damaged"):
        Session(Recommender.load(copy.root), name="mine")
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(copy.path(SESSIONS)).execute("SELECT 1 FROM events")
