"""Evolution, fused vectors, enrichment, bias and plots."""

from __future__ import annotations

import re

import numpy as np
import pytest
from dated_museum import build, records, unit
from typer.testing import CliRunner

import ham_recommend as ham
from ham_recommend.analysis import plots
from ham_recommend.analysis.bias import labels_of
from ham_recommend.analysis.dates import Dates
from ham_recommend.analysis.fused import fused, time_block, unit_block
from ham_recommend.cli.main import app
from ham_recommend.errors import SettingsError
from ham_recommend.records import Embeddings
from ham_recommend.vectors import load_embeddings


@pytest.fixture
def own(tmp_path):
    """A collection that a test may change."""
    return build(tmp_path / "own", *records())


def csv(folder, text):
    path = folder / "artists.csv"
    path.write_text(text, encoding="utf-8")
    return path


# ---- evolution


def test_a_group_changes_step_by_step_and_gaps_stay_gaps(dated):
    steps = ham.evolution(dated, {"culture": ["Dutch", "German"]}, (1600, 1800), 25).steps
    assert steps["years"].tolist()[0] == "1600–1624"
    assert steps["last"].iloc[-1] == 1800
    assert steps["works"].tolist() == [5, 5, 2, 0, 5, 5, 2, 0]
    few = steps["works"] < 5
    assert (steps.loc[few, "typical"] == "").all()
    assert steps.loc[few, "drift"].isna().all()
    assert steps.loc[~few, "typical"].str.startswith("m:").all()
    assert steps["novelty"].notna().sum() == 3, "nothing is new in the first step"
    assert steps["drift"].iloc[4] > steps["drift"].iloc[1], "another artist is further off than the same one"


def test_evolutions_that_cannot_be(dated):
    for options, words in (
        ({"step": 0}, "1 to 1,000 years"),
        ({"years": (1900, 1800)}, "end before they begin"),
        ({"years": (100, 200)}, "they are from 16"),
    ):
        with pytest.raises(SettingsError, match=words):
            ham.evolution(dated, "ship", **options)


# ---- fused vectors


def test_the_product_of_fused_vectors_is_the_weighted_sum(dated):
    weights = {"style": 3.0, "time": 1.0}
    found = fused(dated, weights)
    made = dated.workspace.manifest.facts.encoders["style"]
    style = load_embeddings("style", made.model_id, dated.workspace.checked)
    place = {item_id: at for at, item_id in enumerate(style.item_ids.tolist())}
    looks = unit_block(np.array([style.vectors[place[item_id]] for item_id in found.item_ids.tolist()]))
    works = dated.catalog.get(found.item_ids.tolist())
    years = [works[item_id].year_begin for item_id in found.item_ids.tolist()]
    times = unit_block(time_block(Dates.of(years, years, np.ones(len(years)))))
    expected = 0.75 * looks @ looks.T + 0.25 * times @ times.T
    assert np.allclose(found.vectors @ found.vectors.T, expected, atol=1e-5)
    assert np.allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-5)
    assert len(found) == 51, "works without a date have no block of time"


def test_times_that_are_near_are_alike():
    block = unit_block(time_block(Dates.of([1500, 1510, 1700, 1900], [1500, 1510, 1700, 1900], np.ones(4))))
    likeness = block @ block.T
    assert likeness[0, 1] > likeness[0, 2] > likeness[0, 3] - 0.2
    assert likeness[0, 1] > 0.9


def test_fused_vectors_answer_as_an_encoder_of_their_own(own):
    assert ham.fuse(own, {"style": 0.5, "time": 0.5}) == 51
    opened = ham.Recommender.load(own.workspace.root, encoder="fused")
    assert opened.image_encoder == "fused"
    hits = opened.similar_items("m:b05", 5)
    assert all(abs(hit.work.year_begin - 1725) < 120 for hit in hits)
    assert ham.Recommender.load(own.workspace.root).image_encoder == "style"
    told = " ".join(CliRunner().invoke(app, ["info", str(own.workspace.root)]).output.split())
    assert "ham influence fuse" in told
    assert "--image-encoder fused" not in told
    for weights, words in (
        ({"style": 1.0}, "two blocks"),
        ({"style": 1.0, "time": -1.0}, "positive number"),
        ({"style": 1.0, "clop": 1.0}, "no picture vectors of 'clop'"),
    ):
        with pytest.raises(SettingsError, match=words):
            ham.fuse(own, weights)
    with pytest.raises(SettingsError, match="a name of their own"):
        ham.fuse(own, {"style": 1.0, "time": 1.0}, name="style")


def test_any_store_can_hold_them(dated):
    from ham_recommend.index.exact import ExactStore

    found = fused(dated, {"style": 0.6, "time": 0.4})
    store = ExactStore(found.vectors.shape[1])
    store.upsert(Embeddings(found.item_ids, unit(found.vectors), found.model_id))
    assert store.search(found.vectors[:1], 1)[0].item_ids[0] == found.item_ids[0]


# ---- enrichment


def test_facts_of_artists_are_joined_by_folded_names_with_their_source(own, tmp_path):
    table = csv(
        tmp_path,
        "Name,Other names,Born,Died,Gender,Movement,Source\n"
        '"Alt, Anna",,1580,1660,female,Baroque,RKD\n'
        "Bruno B.,bruno BERG,1680,1760,male,,\n"
        "Clara Cap,,1780,,female,,one\nClara Cap,,1781,,female,,two\n"
        "Nobody Here,,1,2,male,,\n",
    )
    done = ham.enrich(own, table)
    assert (done.artists, done.matched) == (4, 2)
    assert done.ambiguous == ("clara cap",)
    assert done.unmatched == ("Clara Cap", "Dora Dunn")
    assert done.known["gender"] == 24
    found = ham.influence(ham.Recommender.load(own.workspace.root))
    assert found.diffusion("gender", least=5)["earlier"].isin(["female", "male"]).all()
    labels = labels_of(found.recommender)["gender"]
    assert (labels == "female").sum() == 12
    assert (labels == "unknown").sum() == 30, "nothing is guessed"


def test_undated_works_take_the_life_of_their_artist_with_little_confidence(tmp_path):
    found, vectors = records()
    found[0] = ham_replace(found[0], year_begin=None, year_end=None)
    recommender = build(tmp_path / "lives", found, vectors)
    assert "m:a00" not in ham.influence(recommender).works.row_of
    ham.enrich(recommender, csv(tmp_path, "artist,born,died\nAnna Alt,1580,1660\n"))
    now = ham.influence(ham.Recommender.load(tmp_path / "lives"))
    row = now.works.row_of["m:a00"]
    assert now.works.dates.confidence[row] == pytest.approx(0.3)
    assert (now.works.dates.begin[row], now.works.dates.end[row]) == (1598, 1661)
    assert now.works.by_life == 1


def ham_replace(record, **changes):
    from dataclasses import replace

    return replace(record, **changes)


def test_enrichment_outlives_a_build(own, tmp_path):
    ham.enrich(own, csv(tmp_path, "artist,gender\nAnna Alt,female\n"))
    again = build(own.workspace.root, *records())
    assert (labels_of(again)["gender"] == "female").sum() == 12


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("artist,height\nAnna Alt,180\n", "says nothing about artists"),
        ("who,born\nAnna Alt,1580\n", "Unknown column of artists' names"),
        ("artist,born\nSomeone Else,1580\n", "has none of the collection's artists"),
    ],
)
def test_tables_that_say_nothing(own, tmp_path, text, words):
    with pytest.raises(SettingsError, match=words):
        ham.enrich(own, csv(tmp_path, text))
    with pytest.raises(SettingsError, match="cannot be read as a table"):
        ham.enrich(own, tmp_path / "nowhere.csv")


# ---- bias


@pytest.fixture(scope="module")
def report(dated):
    return ham.bias(dated, ["ship", "garden", "vase", "zzzqqq"], k=6)


def test_shares_are_counted_and_add_up(report):
    for _, group in report.shares.groupby("by"):
        for column in ("catalog", "answers", "recommendations", "top"):
            assert group[column].sum() == pytest.approx(1)
        assert group["works"].sum() == 54
    cultures = report.shares[report.shares["by"] == "culture"].set_index("value")
    assert cultures.loc["Dutch", "catalog"] == pytest.approx(12 / 54)
    assert cultures.loc["unknown", "works"] == 6
    assert ((cultures["low"] <= cultures["ratio"]) & (cultures["ratio"] <= cultures["high"])).all()
    assert report.missing["no date"] == 3
    assert report.missing["artist of unknown gender"] == 54
    assert "zzzqqq" in report.unanswered


def test_the_correction_brings_shares_nearer_at_a_cost_it_says(dated):
    candidates = dated.search("ship", k=24, where={"years": (1600, 1960)})
    chosen, cost = ham.fair(dated, candidates, 8)
    assert set(chosen.item_ids) <= set(candidates.item_ids)
    assert len(chosen) == 8
    cultures = [hit.work.culture for hit in chosen]
    assert {cultures.count(each) for each in set(cultures)} == {2}, "four cultures, six candidates each"
    given = 1 - chosen.scores.sum() / candidates.scores[:8].sum()
    assert cost == pytest.approx(max(given, 0), abs=1e-6)
    usual, fairer = (ham.bias(dated, ["ship", "garden"], k=6, fair=by) for by in (None, "culture"))
    assert fairer.shift["culture"] <= usual.shift["culture"]
    assert 0 <= fairer.cost < 1


def test_the_report_is_a_page_that_no_text_of_a_catalog_can_break(tmp_path):
    found, vectors = records()
    evil = "<script>window.ran = 1</script>"
    found = [
        ham_replace(one, culture=evil if at % 2 else "Dutch", title=evil) for at, one in enumerate(found)
    ]
    page = ham.bias(build(tmp_path / "evil", found, vectors), ["ship", evil], k=4)
    text = page.to_html(tmp_path / "bias.html").read_text("utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "default-src 'none'" in text
    with pytest.raises(SettingsError, match=r"ends in \.html"):
        page.to_html(tmp_path / "bias.txt")


def test_without_pictures_or_dates_bias_says_what_it_can(tmp_path):
    report = ham.bias(build(tmp_path / "texts", records()[0], {}), ["ship"])
    assert np.isnan(report.skew)
    assert report.shares["top"].isna().all()
    assert "no picture vectors" in report.to_html(tmp_path / "x.html").read_text("utf-8")


def test_bias_that_cannot_be(dated, tmp_path):
    for options, words in (
        ({"questions": []}, "No question"),
        ({"questions": tmp_path / "no.txt"}, "cannot be read"),
        ({"fair": "age"}, "Unknown field to be fair by"),
        ({"k": 0}, "1 to 100 works"),
    ):
        with pytest.raises(SettingsError, match=re.escape(words)):
            ham.bias(dated, **options)


# ---- plots


def test_plots_are_figures_with_something_in_them(found, report, tmp_path):
    steps = ham.evolution(found.recommender, {"culture": ["Dutch", "German"]}, step=25)
    drawn = [
        plots.timeline(found, "m:b05"),
        plots.artists(found, draws=19),
        plots.reception(found, "m:a05"),
        steps.plot(),
        report.plot("culture"),
    ]
    for number, figure in enumerate(drawn):
        path = tmp_path / f"{number}.png"
        figure.savefig(path, dpi=60)
        assert path.stat().st_size > 3_000
        assert all(axes.has_data() for axes in figure.axes)
