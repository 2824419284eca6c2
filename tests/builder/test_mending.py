"""Whatever is damaged is noticed, and the command that the error names mends it."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest
from small_collection import draw_museum, make
from test_stopped import answers, check_nothing_is_left_over

from ham_recommend import Recommender, errors
from ham_recommend.builder.verify import damaged
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.workspace import CATALOG, THUMBNAILS, WORKS, Workspace


@pytest.fixture
def museum(tmp_path):
    draw_museum(tmp_path / "museum")
    return tmp_path / "museum"


@pytest.fixture
def out(museum, tmp_path):
    """Return a collection that was added to, with two encoders."""
    make(museum / "works.csv", tmp_path / "out")
    make(museum / "more.csv", tmp_path / "out", add=True)
    make(museum / "more.csv", tmp_path / "out", add=True, image_encoder="colour")
    return tmp_path / "out"


def flipped(whole):
    return whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 4]) + whole[len(whole) // 2 + 1 :]


DAMAGES = {
    "gone": lambda path, whole: path.unlink(),
    "empty": lambda path, whole: path.write_bytes(b""),
    "cut": lambda path, whole: path.write_bytes(whole[:-7]),
    "noise": lambda path, whole: path.write_bytes(bytes(reversed(whole))),
    "flipped": lambda path, whole: path.write_bytes(flipped(whole)),
}


def run_commands(ham, text):
    """Run the commands that an error names after its last colon-and-space."""
    for command in text.split(" && "):
        program, *arguments = shlex.split(command)
        assert program == "ham"
        code, _, problem = ham(*arguments)
        assert code == 0, problem


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_every_file_damaged_in_any_way_is_noticed_and_mended_by_the_command_named(damage, out, ham, tmp_path):
    sound = answers(out)
    pictures = sorted(path.relative_to(out).as_posix() for path in out.glob("2-catalog/pictures/*/*"))
    names = [*sorted(Workspace(out).manifest.files), pictures[0]]
    assert len(names) > 20
    for name in names:
        hurt = tmp_path / "hurt"
        shutil.copytree(out, hurt)
        stat = (hurt / name).stat()
        DAMAGES[damage](hurt / name, (hurt / name).read_bytes())
        if damage == "flipped":
            os.utime(hurt / name, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert damaged(Workspace(hurt)) == [name]
        code, _, problem = ham("info", hurt, "--verify")
        assert code != 0
        assert name in problem
        run_commands(ham, problem.strip().split("Mend the collection with: ")[1])
        assert answers(hurt) == sound, name
        check_nothing_is_left_over(hurt)
        shutil.rmtree(hurt)


def crafted(out, name):
    """Put what no build writes into a file, and let the manifest agree."""
    path = out / name
    if name.endswith(".parquet"):
        table = pq.read_table(path)
        pq.write_table(table.take([0] * len(table)), path)
    elif name.endswith(".json"):
        path.write_text(json.dumps({"method": "other"}))
    elif name.endswith(".npz"):
        np.savez(path, indices=np.full(9, 2**30, np.int32))
    else:
        array = np.load(path)
        np.save(path, np.full_like(array, np.nan) if array.dtype.kind == "f" else array.astype("S3"))
    manifest = json.loads((out / "manifest.json").read_text())
    stat = path.stat()
    manifest["files"][name] |= {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "size": stat.st_size,
        "mtime_ns": stat.st_mtime_ns,
    }
    (out / "manifest.json").write_text(json.dumps(manifest))


READ_BY_BUILDS_ALONE = {WORKS, THUMBNAILS}


@pytest.mark.slow
def test_every_file_crafted_with_a_manifest_that_agrees_is_mended_by_building_again(out, ham, tmp_path):
    sound = answers(out)
    names = [name for name in sorted(Workspace(out).manifest.files) if name != "2-catalog/problems.json"]
    command = Workspace(out).command
    for name in names:
        hurt = tmp_path / "hurt"
        shutil.copytree(out, hurt)
        crafted(hurt, name)
        encoder = name.partition("/")[2].partition(".")[0]
        if name not in READ_BY_BUILDS_ALONE:
            with pytest.raises(errors.ArtifactError, match=r"ham build"):
                Recommender.load(hurt, encoder=encoder if encoder in {"style", "colour"} else None)
        run_commands(ham, command.replace(str(out), str(hurt)))
        assert answers(hurt) == sound, name
        shutil.rmtree(hurt)


NEWER = json.dumps({"format": 99, "files": {}, "facts": {}, "package_version": "9"})


def damage_manifest(content):
    return lambda out: (out / "manifest.json").write_text(content)


def newer_works(out):
    """Put works there as another version writes it, and let the manifest name it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    workspace = Workspace(out)
    with workspace.draft() as draft:
        with draft.write(WORKS, rows=1) as path:
            pq.write_table(pa.table({"item_id": ["table:1"], "colour": ["red"]}), path)
        draft.commit(draft.before.facts)


UNFIT = {
    "manifest damaged": damage_manifest("{"),
    "manifest newer": damage_manifest(NEWER),
    "manifest gone": lambda out: (out / "manifest.json").unlink(),
    "works damaged": lambda out: (out / WORKS).write_bytes(b"PAR1"),
    "works newer": newer_works,
    "works gone": lambda out: (out / WORKS).unlink(),
}


@pytest.mark.parametrize("unfit", UNFIT)
def test_nothing_is_added_to_what_cannot_be_read_and_the_error_says_what_mends_it(unfit, museum, out):
    UNFIT[unfit](out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(errors.ArtifactError, match=r"ham build|without --add"):
        make(museum / "more.csv", out, add=True)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    for table, add in (("works", False), ("more", True)):
        make(museum / f"{table}.csv", out, add=add)
    assert len(Catalog.read(out / CATALOG)) == 7


def test_adding_to_an_empty_folder_is_building(museum, tmp_path):
    (tmp_path / "out").mkdir()
    assert make(museum / "works.csv", tmp_path / "out", add=True).works == 5


def test_files_of_others_in_the_folder_of_thumbnails_stay(museum, out):
    own = [out / "2-catalog/pictures" / name for name in ("thesis.txt", "ab/mine.jpg", "holiday/1.jpg")]
    for path in own:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    make(museum / "changed.csv", out)
    assert [path.read_text() for path in own] == ["mine"] * 3


def test_a_folder_of_thumbnails_that_is_a_link_is_not_written_to(museum, out, tmp_path):
    folder = next((out / "2-catalog" / "pictures").iterdir())
    shutil.move(folder, tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    before = sorted((tmp_path / "elsewhere").iterdir())
    with pytest.raises(errors.ArtifactError, match="is a link"):
        make(museum / "more.csv", out, add=True)
    assert sorted((tmp_path / "elsewhere").iterdir()) == before
