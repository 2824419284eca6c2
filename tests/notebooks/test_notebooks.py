"""The notebooks run from top to bottom in a fresh kernel, and are committed clean."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
MACHINE = re.compile(r"(?<![\w./])/(home|Users|root|tmp|var|private|work|opt|usr|mnt)/|[A-Z]:\\|file://")
LARGEST = 300_000
VIEW, STATE = "application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json"
FONTS = "Matplotlib is building the font cache"

each_notebook = pytest.mark.parametrize("name", NOTEBOOKS)


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """Build a small sample museum; return the folder."""
    from ham_recommend import SampleSource, build

    folder = tmp_path_factory.mktemp("artifacts") / "sample"
    build(SampleSource(count=120), folder, progress=False)
    return folder


def read(name):
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def outputs_of(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def run(name, collection, smaller=()):
    """Run a notebook where it lies, as JupyterLab would; return its outputs, none an error or a warning.

    ``smaller`` are pairs of what stands in its code and what to put there instead.
    """
    notebook = read(name)
    for said, instead in smaller:
        (cell,) = (each for each in notebook.cells if each.cell_type == "code" and said in each.source)
        cell.source = cell.source.replace(said, instead)
    environment = {**os.environ, "HAM_WORKSPACE": str(collection)}
    place = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute(env=environment)
    told = outputs_of(notebook)
    assert [output for output in told if output.output_type == "error"] == []
    assert [text for text in streams(told, "stderr") if FONTS not in text] == []
    return told


def streams(told, name):
    return [output.text for output in told if output.get("name") == name]


def shown(told, mime):
    return [output.data[mime] for output in told if mime in output.get("data", {})]


@pytest.mark.slow
def test_exploring(sample):
    told = run("01-explore", sample)
    assert len(shown(told, VIEW)) == 1
    assert sum("data:image/jpeg" in page for page in shown(told, "text/html")) >= 3
    assert any("ships in a storm" in text for text in shown(told, "text/plain"))
    assert any("3 turns, 18 works shown, 18 of them different" in text for text in streams(told, "stdout"))
    findings = {path.suffix for path in (sample.parent / "findings").iterdir()}
    assert findings == {".html", ".csv", ".md", ".json"}


def test_a_missing_collection_names_the_command_that_builds_it(tmp_path):
    with pytest.raises(CellExecutionError, match=r"Make one with: ham build sample --out \S+"):
        run("01-explore", tmp_path / "nowhere")


@pytest.mark.slow
def test_building_your_own(sample):
    told = run("02-build-your-own", sample)
    said = "\n".join([*streams(told, "stdout"), *shown(told, "text/plain")])
    for reason in ("it has no id", "the id table:A 007 came before", "'lost.jpg' does not exist"):
        assert reason in said
    assert "21 works, 20 with a picture" in said
    assert "22 works now" in said
    assert "Lighthouse at dusk" in said
    assert "Fox in the snow" in said
    assert len(shown(told, VIEW)) == 1


@pytest.mark.slow
def test_comparing_indexes(sample, data_dir, monkeypatch):
    monkeypatch.setenv("HAM_DATA", str(data_dir))
    told = run("03-compare-indexes", sample)
    assert len(shown(told, "image/png")) >= 3 + data_dir.is_dir()
    assert any("same works in 100% of places" in text for text in streams(told, "stdout"))
    table = next(text for text in shown(told, "text/plain") if "build_seconds" in text)
    rows = re.findall(r"(flat|fp16|HNSW|LSH|IVF-PQ) .*?([\d.]+) +([\d.]+) +[\d.]+$", table, re.MULTILINE)
    recall = {kind: float(found) for kind, found, _ in rows}
    size = {kind: float(megabytes) for kind, _, megabytes in rows}
    assert recall["flat"] == 1
    assert recall["LSH"] < recall["HNSW"] <= 1, "each index answers for itself"
    assert size["IVF-PQ"] < size["LSH"] < size["fp16"] < size["flat"] < size["HNSW"]


@pytest.mark.slow
def test_through_time(sample):
    told = run("05-through-time", sample)
    assert len(shown(told, "image/png")) >= 3
    said = "\n".join([*streams(told, "stdout"), *shown(told, "text/plain")])
    assert "named artists" in said
    assert "p_corrected" in said
    assert re.search(r"re-ranked: 0\.\d+, at \d+% of closeness", said)


@pytest.mark.slow
def test_a_class(sample):
    told = run("04-classroom", sample)
    assert len(shown(told, VIEW)) == 1
    tables = "\n".join(shown(told, "text/plain"))
    for name in ("Ada", "Ben", "Chloé"):
        assert name in tables
    assert {path.stem for path in (sample.parent / "handed in").iterdir()} == {"Ada", "Ben", "Chloé"}
    pages = shown(told, "text/html")
    assert any(page.count("data:image/jpeg") >= 10 for page in pages), "what nobody found is seen"
    said = "\n".join(streams(told, "stdout"))
    for wanted in ("The class has seen", "Sample Museum", "ham similar ", "--manifest="):
        assert wanted in said


SMALLER = {"03-compare-indexes": [("N, DIM, K = 30_000", "N, DIM, K = 10_000"), ("count=240", "count=120")]}
"""What says nothing of the collection that is looked at need not be as large twice more."""


@pytest.fixture(scope="session")
def others(sample, tmp_path_factory):
    """Build a folder of pictures and a table without any; return the folders."""
    from ham_recommend import FolderSource, Recommender, TableSource, build

    root = tmp_path_factory.mktemp("others")
    works = list(Recommender.load(sample).catalog)
    (root / "images").mkdir()
    for number, work in enumerate((work for work in works if work.thumbnail), 1):
        shutil.copy(sample / work.thumbnail, root / "images" / f"{number:03}.jpg")
    lines = [f'{work.item_id},"{work.title}","{work.text("date")}"' for work in works]
    (root / "works.csv").write_text("\n".join(["id,title,date", *lines]), "utf-8")
    build(FolderSource(root / "images"), root / "pictures" / "folder", progress=False)
    build(TableSource(root / "works.csv"), root / "texts" / "table", progress=False)
    return {"folder": root / "pictures" / "folder", "table": root / "texts" / "table"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["folder", "table"])
@each_notebook
def test_a_notebook_runs_on_another_collection(others, name, kind, monkeypatch):
    monkeypatch.delenv("HAM_DATA", raising=False)
    assert shown(run(name, others[kind], SMALLER.get(name, ())), "text/plain")


@each_notebook
def test_a_notebook_is_committed_clean(name):
    notebook = read(name)
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"
    assert (FOLDER / f"{name}.ipynb").stat().st_size < LARGEST
    told = outputs_of(notebook)
    assert not shown(told, VIEW)
    assert not shown(told, STATE)
    assert [output for output in told if output.output_type == "error"] == []
    texts = [cell.source for cell in notebook.cells]
    texts += [output.get("text", "") for output in told]
    texts += [
        str(output.get("data", {}).get(mime, "")) for output in told for mime in ("text/plain", "text/html")
    ]
    assert [text for text in texts if MACHINE.search(text)] == []
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells), "strip timings and editor settings"
