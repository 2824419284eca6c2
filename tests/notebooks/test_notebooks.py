"""The notebooks run from top to bottom in a fresh kernel, and are committed clean."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MACHINE = re.compile(r"(?<![\w.:/])/(?:home|Users|root|tmp|var|private|work|opt|usr|mnt)/|[A-Z]:\\\\|file://")
WIDGET = "application/vnd.jupyter.widget"
LARGEST = 300_000

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
pytestmark = pytest.mark.xdist_group("notebooks")


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """Build a small sample museum; return the folder."""
    from ham_recommend import SampleSource, build

    folder = tmp_path_factory.mktemp("artifacts") / "sample"
    build(SampleSource(count=120), folder, progress=False)
    return folder


def run(path, **environment):
    """Run a notebook where it lies, as JupyterLab would; return it with its outputs."""
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    client.execute(env={**os.environ, **environment})
    return notebook


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def test_there_are_notebooks():
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03"]


@pytest.mark.slow
@each_notebook
def test_a_notebook_runs_from_top_to_bottom(path, sample, monkeypatch):
    monkeypatch.delenv("HAM_DATA", raising=False)
    told = outputs(run(path, HAM_WORKSPACE=str(sample)))
    assert told
    assert [output for output in told if output.output_type == "error"] == []
    warned = [output.text for output in told if output.get("name") == "stderr"]
    assert warned == []
