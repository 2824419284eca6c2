"""``ham eval`` at the terminal: tables for people, JSON for programs, a sentence for what is wrong."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from ham_recommend import SampleSource, build
from ham_recommend.cli.main import app
from ham_recommend.errors import ArtifactCorruptError, ArtifactMissingError, SettingsError


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("eval")
    build(SampleSource(150), folder / "sample", image_encoder="colour", progress=False)
    rows = ["query,item_id", *(f"{work.motif},{work.item_id}" for work in SampleSource(150).truth.works)]
    (folder / "motifs.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder


def run(*given):
    result = CliRunner(env={"COLUMNS": "100"}).invoke(app, ["eval", *map(str, given)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_methods_stand_beside_each_other(sample):
    shown = run(sample / "sample", sample / "motifs.csv", "--compare", "words,bm25,mean")
    for text in ("nDCG@10", "ham", "words", "bm25", "mean", "paired bootstrap", "[", "Why"):
        assert text in shown
    assert max(map(len, shown.splitlines())) <= 100
    assert run("search", sample / "sample", sample / "motifs.csv", "--compare", "words,bm25,mean") == shown
    assert list((sample / "sample" / "5-analysis" / "runs").glob("bm25-*.jsonl"))


def test_programs_get_json_that_is_the_same_each_time(sample):
    arguments = (sample / "sample", sample / "motifs.csv", "--compare", "words", "--json", "--keep")
    once, twice = run(*arguments, sample / "one"), run(*arguments, sample / "two")
    assert once == twice
    (result,) = json.loads(once)
    ours, words = result["methods"]
    assert ours["method"] == "ham"
    assert 0 < ours["ndcg_10"] <= 1
    assert set(words["ours_minus_this"]) == {"mean", "low", "high"}
    assert words["ours_minus_this"]["mean"] == pytest.approx(ours["ndcg_10"] - words["ndcg_10"], abs=2e-6)


def test_only_some_works_may_come_back(sample):
    within = run(
        sample / "sample", sample / "motifs.csv", "--within", "classification=Prints", "--compare", "words",
        "--json",
    )  # fmt: skip
    everything = run(sample / "sample", sample / "motifs.csv", "--compare", "words", "--json")
    recall = [json.loads(text)[0]["methods"][0]["recall_100"] for text in (within, everything)]
    assert recall[0] < recall[1]


def test_strategies_stand_beside_each_other(sample):
    shown = run("taste", sample / "sample", sample / "motifs.csv", "--trials", "5", "--compare", "mean,each")
    assert "one taste: right" in shown
    content = json.loads(
        run("taste", sample / "sample", sample / "motifs.csv", "--trials", "5", "--compare", "mean", "--json")
    )
    assert content["strategies"][0]["strategy"] == "mean"
    assert 0 <= content["strategies"][0]["two_even"] <= 1


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["--compare", "bm52"], SettingsError, "Unknown method 'bm52'"),
        (["--within", "classification=Nothing"], SettingsError, "No work has"),
        (["--within", "nonsense"], SettingsError, "FIELD=VALUE"),
    ],
)
def test_what_is_wrong_is_one_sentence(sample, arguments, error, message):
    with pytest.raises(error, match=message):
        run(sample / "sample", sample / "motifs.csv", *arguments)


def test_judgements_that_cannot_be_read_are_told(sample, tmp_path):
    with pytest.raises(ArtifactMissingError, match="no judgements at"):
        run(sample / "sample", tmp_path / "none.parquet")
    for name, content in (
        ("a.csv", "query,work\nsea,m:1"),
        ("b.csv", "query,item_id\n,m:1"),
        ("c.parquet", "x"),
    ):
        (tmp_path / name).write_text(content)
        with pytest.raises(ArtifactCorruptError, match=name):
            run(sample / "sample", tmp_path / name)
    with pytest.raises(SettingsError, match="Unknown strategy"):
        run("taste", sample / "sample", sample / "motifs.csv", "--compare", "median")


def test_without_judgements_it_says_how_it_is_used(sample):
    assert "Missing argument" in run(sample / "sample")
    assert "taste" in run("--help")
