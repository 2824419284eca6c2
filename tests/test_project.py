"""The project's own promises: names, import cost, files that must agree."""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import ham_recommend as ham

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA_NAMES = {"matplotlib-base": "matplotlib", "python-igraph": "igraph"}


def requirement(text):
    name, bound = re.fullmatch(r"([\w.-]+)\s*(.*)", text).groups()
    return CONDA_NAMES.get(name.lower(), name.lower()), bound


def test_public_names():
    assert sorted(ham.__all__) == [name for name in dir(ham) if name in ham.__all__]
    assert set(ham.__all__) == set(ham._HOME)
    for name in ham.__all__:
        assert getattr(ham, name).__doc__, f"{name} has no docstring"


def test_public_names_stay_what_they_are_whichever_is_used_first():
    """A module of the same name would take a public name's place as soon as it is imported."""
    for name in ham.__all__:
        assert not isinstance(getattr(ham, name), ModuleType)
        assert not (ROOT / "ham_recommend" / f"{name}.py").exists(), name
        assert not (ROOT / "ham_recommend" / name).exists(), name


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = ham.no_such_name


def test_conda_environment_names_the_same_packages():
    lines = (ROOT / "environment.yml").read_text().split("dependencies:")[1].splitlines()
    conda = dict(requirement(line.strip(" -")) for line in lines if re.match(r"  - [\w-]+[>=<]", line))
    extras = PROJECT["optional-dependencies"]
    named = [*PROJECT["dependencies"], *extras["analysis"], *extras["notebook"]]
    wanted = dict(requirement(text) for text in named)
    wanted["python"] = PROJECT["requires-python"]
    assert conda == wanted


def test_constraints_pin_every_dependency():
    pinned = {requirement(line)[0].replace("_", "-") for line in pins()}
    extras = PROJECT["optional-dependencies"]
    named = [*PROJECT["dependencies"], *(text for extra in extras.values() for text in extra)]
    wanted = {requirement(re.sub(r"\[.*\]", "", text))[0] for text in named} - {"ham-recommend"}
    assert wanted <= pinned


def pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_every_pin_is_exact():
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!]+", line) for line in pins())


PLUGINS_MAY_IMPORT = {
    *("errors", "records", "fields", "net"),
    *("sources.base", "sources.crawled", "sources.harvard_records", "sources.json_values"),
}


def test_what_no_plugin_may_import_is_listed_whole():
    """A new module is forbidden to museums and the sample, or is said to be for plugins here."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = {contract["name"]: contract for contract in contracts}
    forbidden = named["Museums and the sample import only what a plugin may"]["forbidden_modules"]
    sources = named["Sources do not know each other"]["modules"]
    parts = {path.stem for path in (ROOT / "ham_recommend").iterdir() if path.suffix in {"", ".py"}}
    parts -= {"__init__", "__pycache__", "sources"}
    parts |= {f"sources.{path.stem}" for path in (ROOT / "ham_recommend" / "sources").iterdir()}
    parts -= {"sources.__init__", "sources.__pycache__"}
    listed = {name.removeprefix("ham_recommend.") for name in (*forbidden, *sources)}
    assert listed | PLUGINS_MAY_IMPORT == parts
    assert not listed & PLUGINS_MAY_IMPORT


def test_import_is_cheap():
    """Importing pulls in no heavy library and takes under 0.2 s."""
    code = (
        "import time; start = time.perf_counter(); import ham_recommend, sys; "
        "print(time.perf_counter() - start); "
        "heavy = {'faiss', 'torch', 'sklearn', 'pandas', 'pyarrow', 'scipy', 'anywidget', 'PIL', 'numpy'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(5)
    ]
    assert statistics.median(float(run.stdout) for run in runs) < 0.2


def test_speaks_of_itself_alone():
    """No path of a machine, no package registry host and no data of others in what git tracks."""
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    for name in tracked.split():
        if not (ROOT / name).is_file() or Path(name).suffix in {".png", ".jpg", ".webp", ".npz", ".gz"}:
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(
            r"/(work|root|opt)/|py" r"pi\.org|files\.python" r"hosted|registry\.npm" r"js", text
        ), name


def test_make_help_lists_every_chore():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for chore in ("demo", "test", "check", "bench", "clean", "help"):
        assert f"make {chore}" in listed


def test_a_person_without_node_goes_on_and_ci_does_not(tmp_path):
    for program in ("sh", "echo"):
        (tmp_path / program).symlink_to(shutil.which(program))
    make = [shutil.which("make"), "check-javascript"]
    for ci, status, said in (("", 0, "not checked"), ("true", 2, "needs Node")):
        done = subprocess.run(
            make, cwd=ROOT, env={"PATH": str(tmp_path), "CI": ci}, capture_output=True, text=True, check=False
        )
        assert (done.returncode, said in done.stdout) == (status, True)
        assert len(done.stdout.splitlines()) == 1


def test_the_tools_that_check_the_javascript_are_pinned():
    named = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert named == {name: locked[f"node_modules/{name}"]["version"] for name in named}
    assert all("resolved" not in package for package in locked.values())


def test_no_pickle_is_read_or_written():
    for path in (ROOT / "ham_recommend").rglob("*.py"):
        assert not re.search(
            r"import (pickle|joblib|cloudpickle)|allow_pickle=True|read_pickle", path.read_text()
        ), path


def test_modules_stay_readable():
    for path in (ROOT / "ham_recommend").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 450, f"{path} has grown too long to read at one sitting"


def test_user_home_is_not_the_real_one():
    assert "pytest" in os.environ["HOME"]


def test_every_promise_of_security_names_tests_that_exist():
    rows = [line for line in (ROOT / "SECURITY.md").read_text("utf-8").splitlines() if line.startswith("| ")][
        1:
    ]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`(tests/[^`]+)`", row)
        assert named, row
        assert all((ROOT / name).is_file() for name in named), row
