"""Tests that need the same long set-up run in one process: it is made once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from shares import TOGETHER

TESTS = Path(__file__).parent
TEST = """
import os, pathlib, pytest

@pytest.mark.parametrize("number", range(6))
def test_anything(number):
    with pathlib.Path(os.environ["RAN"], pathlib.Path(__file__).stem).open("a") as ran:
        ran.write(os.environ["PYTEST_XDIST_WORKER"] + " ")
"""


def test_every_file_that_is_named_exists():
    assert [name for row in TOGETHER for name in row if not (TESTS / name).is_file()] == []


def test_a_row_of_files_runs_in_one_process(tmp_path):
    together = next(row for row in TOGETHER if len(row) > 1)
    for name in together:
        path = tmp_path / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    slow\n    data\n    browser\n")
    shutil.copy(TESTS / "conftest.py", tmp_path / "tests")
    (tmp_path / "ran").mkdir()
    others = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "-p", "no:schemathesis", "tests"],
        cwd=tmp_path,
        env={**others, "RAN": str(tmp_path / "ran"), "PYTHONPATH": str(TESTS)},
        check=True,
    )
    ran = {path.name: path.read_text().split() for path in (tmp_path / "ran").iterdir()}
    assert {len(processes) for processes in ran.values()} == {6}
    assert len({process for processes in ran.values() for process in processes}) == 1
