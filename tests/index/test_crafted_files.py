"""A file of the text index that somebody crafted, with a manifest that agrees, is refused, never believed."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from crafted_files import changed_arrays, changed_json, craft

from ham_recommend import errors
from ham_recommend.index.text_index import TextIndex
from ham_recommend.workspace import Workspace


@pytest.fixture
def out(museum, tmp_path):
    return shutil.copytree(museum, tmp_path / "out", ignore=shutil.ignore_patterns("pictures"))


def crafted(name, out):
    content = (out / name).read_bytes()
    return changed_json(content) if name.endswith(".json") else changed_arrays(name, content)


def whole(out):
    index = TextIndex.load(Workspace(out).checked)
    index._parts.counts()
    return index


@pytest.mark.parametrize("part", ["postings", "counts"])
@pytest.mark.parametrize("number", [2**30, -1, -(2**31)])
def test_a_matrix_that_points_outside_itself_is_refused(part, number, out):
    name = f"4-index/text.{part}.npz"
    with np.load(out / name) as held:
        arrays = dict(held)
    arrays["indices"][-1] = number
    with (out / "new.npz").open("wb") as stream:
        np.savez(stream, **arrays)
    craft(out, name, (out / "new.npz").read_bytes())
    with pytest.raises(errors.ArtifactCorruptError):
        whole(out)


@pytest.mark.parametrize(
    "part", ["idf.npy", "frequencies.npy", "vocabulary.json", "postings.npz", "works.npz"]
)
def test_arrays_and_texts_of_another_kind_end_in_an_error_of_ours_or_an_index(part, out):
    name = f"4-index/text.{part}"
    refused = 0
    for what, content in list(crafted(name, out)):
        craft(out, name, content)
        try:
            whole(out)
        except errors.ArtifactError:
            refused += 1
        except Exception as error:
            raise AssertionError(what) from error
    assert refused > 5


def test_the_sound_collection_is_read(out):
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert len(whole(out))
