"""People see which column became which field: before a build, after it, and in `ham info`."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from ham_recommend.cli.main import app
from ham_recommend.errors import SettingsError
from ham_recommend.workspace import Workspace

LINE = "item_id ← Nr, title ← titel, date ← productie, left out: 2 columns: Maße, Höhe"


def ham(*words):
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "works.csv"
    path.write_text("Nr,titel,productie,Maße,Höhe\n1,Vlieger,1955,20 cm,\n2,Kom,,,\n", encoding="utf-8")
    return [path, "--map", "date=productie", "--map", "id=Nr"]


@pytest.fixture
def built(table, tmp_path):
    return ham("build", "table", *table, "--image-encoder", "none", "--out", tmp_path / "w")


def test_a_build_and_info_say_which_column_became_which_field(built, tmp_path):
    assert (built.exit_code, LINE in built.output) == (0, True), built.output
    assert LINE in ham("info", tmp_path / "w").output
    (origin,) = Workspace(tmp_path / "w").manifest.facts.origins
    assert origin.columns.line() == LINE


def test_programs_are_told_as_well(built, table, tmp_path):
    again = ham("build", "table", *table, "--image-encoder", "none", "--out", tmp_path / "w", "--json")
    told = {
        "fields": [
            {"field": "item_id", "columns": ["Nr"], "add_up": False},
            {"field": "title", "columns": ["titel"], "add_up": False},
            {"field": "date", "columns": ["productie"], "add_up": False},
        ],
        "left_out": ["Maße", "Höhe"],
        "notes": [],
    }
    assert json.loads(again.stdout)["columns"] == [told]
    assert json.loads(again.stdout)["seconds"] == {}, "what did not change is not read again"
    assert json.loads(ham("info", tmp_path / "w", "--json").stdout)["origins"][0]["columns"] == told
    assert json.loads(ham("build", "table", *table, "--explain", "--json").stdout) == told


def test_explaining_builds_nothing_and_shows_samples(table, tmp_path):
    explained = ham("build", "table", *table, "--explain", "--out", tmp_path / "w")
    assert explained.exit_code == 0, explained.output
    for shown in ("productie", "Vlieger", "Of 2", "Left out: 2", "Maße", "20 cm"):
        assert shown in explained.output
    assert not (tmp_path / "w").exists()


def test_a_source_without_columns_cannot_be_explained():
    assert ham("build", "sample", "--explain").exit_code == 2


def test_to_build_takes_a_folder(table):
    with pytest.raises(SettingsError, match="--out"):
        app(["build", "table", *map(str, table)], standalone_mode=False)
