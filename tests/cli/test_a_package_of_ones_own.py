"""Another package, installed from its folder: `ham` uses its museum, its store and its strategy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ham_recommend.testing.fake_museum import FakeMuseum, json_answer

HAM = str(Path(sys.executable).with_name("ham"))
FOLDER = Path(__file__).parents[1] / "stranger"
HOME = str(Path.home())
"""The person's own, where pip keeps its downloads."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Install the package, as `pip install ./folder` does, into a folder of its own; return that folder."""
    site = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, FOLDER],
        env={**os.environ, "HOME": HOME},
        check=True,
    )
    return site


@pytest.fixture
def ham(site, tmp_path):
    """Return what runs ``ham`` where the package is installed, and returns the JSON it prints."""

    def run(*arguments, **environment):
        done = subprocess.run(
            [HAM, *map(str, arguments), "--json"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
            timeout=120,
            env={**os.environ, "PYTHONPATH": str(site), **environment},
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def works_of(museum, asked):
    works = [
        {
            "id": number,
            "title": f"Boat {number}",
            "picture": f"{museum.url}/iiif/{number}/full/max/0/default.jpg",
        }
        for number in range(20)
    ]
    start = int(asked["start"])
    return json_answer({"total": len(works), "works": works[start : start + 10]})


def test_museum_store_and_strategy_of_another_package(ham, tmp_path):
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    url = f"shelf://reader:secret@{shelf}"
    with FakeMuseum(dialects=[("/works", works_of)]) as museum:
        place = {"BARNES": museum.url, "HAM_ALLOW_PRIVATE": museum.place}
        built = ham("build", "barnes", "--out", "mine", "--store", url, **place)
    assert (built["works"], built["pictures"], built["problems"]) == (20, 20, [])
    assert [path.name for path in shelf.iterdir()] == ["mine.style.npz"]

    near = ham("similar", "mine", "barnes:3", "-k", 5)["hits"]
    likes = ["--like", "barnes:3", "--like", "barnes:4"]
    usual = ham("recommend", "mine", *likes, "-k", 5, "--strategy", "mean")["hits"]
    farthest = ham("recommend", "mine", *likes, "-k", 5, "--strategy", "farthest")["hits"]
    assert len(near) == len(usual) == len(farthest) == 5
    assert "picture" in near[0]["channels"]
    assert max(hit["score"] for hit in farthest) <= min(hit["score"] for hit in usual)

    kept = (tmp_path / "mine" / "manifest.json").read_text("utf-8")
    assert str(shelf) in kept
    assert "secret" not in kept
