"""What the README shows works as shown."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ham_recommend as ham

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder as the README's reader has it after `make demo`, but with fewer works."""
    folder = tmp_path_factory.mktemp("readme")
    ham.build(ham.SampleSource(60), folder / "artifacts" / "sample", progress=False)
    pictures = sorted((folder / "artifacts" / "sample" / "2-catalog" / "pictures").rglob("*.jpg"))[:5]
    (folder / "my_pictures").mkdir()
    for picture in pictures:
        shutil.copy(picture, folder / "my_pictures")
    return folder


def test_python_example_runs(folder):
    (example,) = blocks("python")
    assert len([line for line in example.splitlines() if line.strip()]) <= 8
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", example],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "title" in done.stdout
    assert len(ham.Recommender.load(folder / "artifacts" / "mine").catalog) == 5


def test_commands_exist():
    chores = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for command in re.findall(r"^\$ (.*?)(?:\s+#.*)?$", "\n".join(blocks("console")), re.MULTILINE):
        program, name, *_ = command.split()
        if program == "make":
            assert f"make {name}" in chores
        elif program == "ham":
            script = Path(sys.executable).with_name("ham")
            assert (
                subprocess.run([script, name, "--help"], capture_output=True, check=False).returncode == 0
            ), command


def test_named_files_exist():
    for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", README):
        assert (ROOT / target).exists(), f"README links to {target}, which is not there"
