"""A file that somebody crafted, with a manifest that agrees, is refused or read, never followed.

`make torture` tries every change of every file; here some of each are tried, chosen by a seed.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from crafted_files import changed_arrays, changed_json, craft

from ham_recommend import Recommender, SampleSource, build, errors
from ham_recommend.index._structures import check_clusters, checked_graph
from ham_recommend.index.text_index import TextIndex
from ham_recommend.vectors import read_arrays
from ham_recommend.workspace import Workspace


@pytest.fixture
def out(museum, tmp_path):
    return shutil.copytree(museum, tmp_path / "out", ignore=shutil.ignore_patterns("pictures"))


def crafted(name, out):
    content = (out / name).read_bytes()
    return changed_json(content) if name.endswith(".json") else changed_arrays(name, content)


def whole(out):
    return TextIndex.load(Workspace(out).checked)


@pytest.mark.parametrize("part", ["postings", "counts"])
@pytest.mark.parametrize("number", [2**30, -1, -(2**31)])
def test_a_matrix_that_points_outside_itself_is_refused(part, number, out):
    name = f"4-index/text.{part}.npy"
    columns = np.load(out / name)
    np.atleast_2d(columns)[0, -1] = number
    np.save(out / "new.npy", columns)
    craft(out, name, (out / "new.npy").read_bytes())
    with pytest.raises(errors.ArtifactCorruptError):
        whole(out)


@pytest.mark.parametrize("part", ["frequencies.npy", "vocabulary.json", "said.npy", "works.npz", "since.npz"])
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


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """Return a small collection with a picture index of each kind that has a structure of its own."""
    folder = tmp_path_factory.mktemp("several") / "out"
    for encoder, store in (("style", "ivf"), ("colour", "hnsw")):
        build(SampleSource(count=60), folder, image_encoder=encoder, store=store, progress=False)
    return folder


@pytest.mark.slow
def test_no_change_of_any_file_ends_in_a_signal_or_a_wrong_answer(several, tmp_path):
    program = Path(__file__).with_name("crafted_files.py")
    command = [sys.executable, program, several, tmp_path, "4", "4"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.stdout.endswith(" tried, 0 failed\n"), told.stdout + told.stderr
    assert int(told.stdout.rsplit("\n", 2)[-2].split()[0]) >= 80


def graph(n=4):
    """Return a sound graph of two levels: what its check is given."""
    widths = np.array([0, 4, 6], np.int32)
    levels = np.array([1, 2, 1, 2][:n], np.int32)
    neighbours = np.full(widths[levels].sum(), -1, np.int32)
    neighbours[:4] = [1, 2, 3, -1]
    neighbours[8:10] = [3, -1]  # of the second work, on its upper level
    return {"levels": levels, "neighbours": neighbours, "entry": np.array(1, np.int32), "widths": widths}


def test_a_sound_graph_is_accepted():
    assert checked_graph(**graph(), n=4).tolist() == [0, 4, 10, 14, 20]


@pytest.mark.parametrize(
    ("part", "at", "value", "said"),
    [
        ("levels", 0, 0, "levels"),
        ("levels", 0, 3, "levels"),
        ("levels", 2, 2, "neighbours are"),
        ("neighbours", 0, 4, "not there"),
        ("neighbours", 0, -2, "not there"),
        ("neighbours", 8, 2, "not on the level"),
        ("entry", (), 4, "walk"),
        ("entry", (), -1, "walk"),
        ("entry", (), 0, "walk"),
    ],
)
def test_a_graph_that_leads_out_of_itself_is_refused(part, at, value, said):
    crafted = graph()
    crafted[part] = crafted[part].copy()
    crafted[part][at] = value
    with pytest.raises(ValueError, match=said):
        checked_graph(**crafted, n=4)


@pytest.mark.parametrize(
    ("clusters", "centroids"),
    [
        ([0, 2], [[1.0], [0.0]]),
        ([0, -1], [[1.0], [0.0]]),
        ([0], [[1.0], [0.0]]),
        ([0, 1], [[1.0], [np.nan]]),
        ([0, 1], [[1.0], [np.inf]]),
        ([0, 1], [[1.0], [1e30]]),
        ([0, 1], [[1.0, 0.0], [0.0, 1.0]]),
        ([0, 0], np.empty((0, 1))),
    ],
)
def test_clusters_that_are_none_are_refused(clusters, centroids):
    with pytest.raises(ValueError, match=r"cluster|centroid"):
        check_clusters(np.array(clusters, np.int32), np.array(centroids, np.float32), 2, 1)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, 3e38])
@pytest.mark.parametrize("name", ["3-embeddings/style.vectors", "4-index/text.vectors", "4-index/text.lsa"])
def test_a_vector_without_a_length_is_refused(value, name, out):
    name += ".npy"
    vectors = np.load(out / name)
    vectors[-1, -1] = value
    stream = io.BytesIO()
    np.save(stream, vectors)
    craft(out, name, stream.getvalue())
    with pytest.raises(errors.ArtifactCorruptError, match="ham build"):
        Recommender.load(out)


def test_packed_arrays_are_refused_before_they_are_unpacked(tmp_path):
    np.savez_compressed(tmp_path / "arrays.npz", zeros=np.zeros(50_000_000))
    with pytest.raises(errors.ArtifactCorruptError, match=r"packed.*ham build"):
        read_arrays(tmp_path / "arrays.npz")
