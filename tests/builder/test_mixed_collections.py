"""A mixed collection: works that say nothing are found by words, also after it has grown."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from ham_recommend import FolderSource, Recommender, TableSource, build
from ham_recommend.builder.merge import merge
from ham_recommend.cli.main import app
from ham_recommend.errors import SettingsError

COLOURS = {"scarlet": (220, 20, 30), "azure": (30, 80, 230), "emerald": (20, 200, 60)}
SHOWN = {
    "scarlet": ["rose", "fire", "brick", "cherry", "sunset", "poppy", "lobster", "tomato"],
    "azure": ["sea", "sky", "lake", "iris", "river", "whale", "harbour", "rain"],
    "emerald": ["meadow", "frog", "forest", "fern", "apple", "lizard", "clover", "moss"],
}


def draw(folder, numbers, *, silent):
    """Write pictures of one colour each, and a table that says of most of them which."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(numbers[0])
    with (folder / "works.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "title", "description", "picture"])
        for number in numbers:
            name = list(COLOURS)[number % 3]
            spots = np.where(random.random((6, 6, 1)) < 0.6, COLOURS[name], random.integers(0, 90, (6, 6, 3)))
            Image.fromarray(spots.astype(np.uint8)).resize((48, 48), 0).save(folder / f"{number}.png")
            shown = " and ".join(random.choice(SHOWN[name], 3, replace=False))
            text = "" if number % silent == 0 else f"A {name} picture of {shown}."
            table.writerow([number, "Untitled", text, f"{number}.png"])
    return TableSource(folder / "works.csv")


def colours(ranking):
    return {list(COLOURS)[int(item_id.partition(":")[2]) % 3] for item_id in ranking.item_ids}


def check(folder, silent):
    recommender = Recommender.load(folder)
    for name in COLOURS:
        found = recommender.search(name, k=200)
        told = [hit.item_id for hit in found if hit.by_picture]
        expected = {f"table:{number}" for number in silent if list(COLOURS)[number % 3] == name}
        assert set(told) == expected
        assert colours(found) == {name}


def test_a_mixed_collection_stays_right_when_it_is_added_to_and_merged(tmp_path):
    out = tmp_path / "out"
    build(draw(tmp_path / "a", range(90), silent=5), out, image_encoder="colour", progress=False)
    check(out, range(0, 90, 5))
    again = build(TableSource(tmp_path / "a" / "works.csv"), out, image_encoder="colour", progress=False)
    assert "text index" not in again.seconds
    more = draw(tmp_path / "b", range(90, 120), silent=5)
    build(more, out, image_encoder="colour", add=True, progress=False)
    check(out, range(0, 120, 5))
    build(more, tmp_path / "other", image_encoder="colour", progress=False)
    build(TableSource(tmp_path / "a" / "works.csv"), tmp_path / "one", image_encoder="colour", progress=False)
    merge(tmp_path / "merged", [tmp_path / "one", tmp_path / "other"], progress=False)
    check(tmp_path / "merged", range(0, 120, 5))
    shown = CliRunner().invoke(app, ["search", str(out), "scarlet", "-k", "40"])
    assert "by its picture" in shown.output


def test_where_no_work_has_words_it_is_said_and_pictures_are_offered(tmp_path):
    draw(tmp_path / "p", range(8), silent=1)
    (tmp_path / "p" / "works.csv").unlink()
    for number in range(8):
        (tmp_path / "p" / f"{number}.png").rename(tmp_path / "p" / f"_{'_' * number}.png")
    build(FolderSource(tmp_path / "p"), tmp_path / "out", image_encoder="colour", progress=False)
    recommender = Recommender.load(tmp_path / "out")
    assert recommender.text.is_empty
    with pytest.raises(SettingsError, match=r"No work of this collection has any words.*Like some of"):
        recommender.search("scarlet")
    first = recommender.catalog.item_ids[0]
    assert len(recommender.recommend([first], k=3)) == 3
    with pytest.raises(SettingsError, match="Build it with --image-encoder style"):
        Recommender.load(tmp_path / "out", encoder="none").search("scarlet")
