import errno
from contextlib import contextmanager

import numpy as np
import pytest

from ham_recommend.errors import ArtifactCorruptError, ArtifactError, ArtifactMismatchError, SettingsError
from ham_recommend.manifest import Facts
from ham_recommend.records import Embeddings
from ham_recommend.vectors import file_names, load_embeddings, save_embeddings
from ham_recommend.workspace import Workspace

IDS = ["museum:1", "müseum:Å/2", "museum:\ud800", "m:" + "x" * 300]


def made(ids=IDS, contents=("a", "", "c", "d" * 64), dim=5):
    vectors = np.random.default_rng(0).normal(size=(len(ids), dim)).astype(np.float32)
    hashes = None if contents is None else np.array(contents[: len(ids)], dtype=object)
    return Embeddings(np.array(ids, dtype=object), vectors, "style:1", hashes)


@pytest.fixture
def folder(tmp_path):
    class Folder:
        def __init__(self):
            self.rows = {}

        def path_of(self, name):
            return tmp_path / name

        @contextmanager
        def write(self, name, *, rows):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            self.rows[name] = rows
            yield tmp_path / name

    return Folder()


@pytest.mark.parametrize("embeddings", [made(), made(contents=None), made([]), made([], contents=None)])
def test_what_is_saved_comes_back(folder, embeddings):
    save_embeddings(embeddings, "style", folder.write)
    loaded = load_embeddings("style", "style:1", folder.path_of)
    assert loaded.item_ids.tolist() == embeddings.item_ids.tolist()
    assert loaded.item_ids.dtype == object
    assert all(type(item_id) is str for item_id in loaded.item_ids)
    assert loaded.vectors.dtype == np.float32
    np.testing.assert_array_equal(loaded.vectors, embeddings.vectors)
    assert loaded.model_id == "style:1"
    if embeddings.contents is not None:
        assert loaded.contents.tolist() == embeddings.contents.tolist()
    elif len(embeddings):
        assert loaded.contents is None
    assert folder.rows == dict.fromkeys(file_names("style"), len(embeddings))


def test_they_pass_through_a_workspace(tmp_path):
    workspace = Workspace(tmp_path / "museum")
    with workspace.draft() as draft:
        save_embeddings(made(), "style", draft.write)
        draft.commit(Facts())
    loaded = load_embeddings("style", "style:1", workspace.checked)
    np.testing.assert_array_equal(loaded.vectors, made().vectors)
    assert workspace.manifest.files[file_names("style")[0]].rows == len(IDS)


def test_vectors_are_mapped_and_cannot_be_written(folder):
    save_embeddings(made(), "style", folder.write)
    vectors = load_embeddings("style", "style:1", folder.path_of).vectors
    with pytest.raises(ValueError, match="read-only"):
        vectors[0, 0] = 1


def test_no_file_needs_pickle(folder):
    save_embeddings(made(), "style", folder.write)
    kinds = [np.load(folder.path_of(name), allow_pickle=False).dtype.kind for name in file_names("style")]
    assert kinds == ["f", "U", "U"]


@pytest.mark.parametrize("part", [0, 1, 2])
def test_files_of_different_builds_are_refused(folder, part):
    save_embeddings(made(IDS[:3]), "style", folder.write)
    kept = folder.path_of(file_names("style")[part]).read_bytes()
    save_embeddings(made(), "style", folder.write)
    folder.path_of(file_names("style")[part]).write_bytes(kept)
    with pytest.raises(ArtifactMismatchError, match="ham build"):
        load_embeddings("style", "style:1", folder.path_of)


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize("content", ["", "cut", "noise", "wrong kind", "objects"])
def test_a_broken_file_is_named(folder, part, content):
    save_embeddings(made(), "style", folder.write)
    path = folder.path_of(file_names("style")[part])
    if content == "wrong kind":
        with path.open("wb") as stream:
            np.save(stream, np.arange(4))
    elif content == "objects":
        with path.open("wb") as stream:
            np.save(stream, np.array([{}, []], dtype=object), allow_pickle=True)
    else:
        path.write_bytes({"": b"", "cut": path.read_bytes()[:-1], "noise": b"\x93NUMPY\x01"}[content])
    with pytest.raises(ArtifactCorruptError, match=path.name):
        load_embeddings("style", "style:1", folder.path_of)


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    def refused(path, **_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(np, "load", refused)
    with pytest.raises(ArtifactError, match=r"style\.vectors\.npy cannot be read: Permission denied"):
        load_embeddings("style", "test-1", tmp_path.joinpath)


def test_an_id_that_cannot_be_kept_is_refused(folder):
    with pytest.raises(SettingsError, match="NUL"):
        save_embeddings(made(["museum:1\0"]), "style", folder.write)
