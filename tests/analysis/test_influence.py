"""``ham.influence`` on a collection: planted truth, what is kept, and questions that cannot be answered."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from dated_museum import ARTISTS, build, drawn, mapped, records
from scipy.stats import kstest, spearmanr

import ham_recommend as ham
from ham_recommend.analysis.artists import Grouped, middles
from ham_recommend.analysis.bias import skewness
from ham_recommend.analysis.coverage import Coverage
from ham_recommend.analysis.documented import agreement, auc, won_of_matched
from ham_recommend.analysis.graph import occurrences
from ham_recommend.analysis.influence import Influence
from ham_recommend.analysis.nearest import nearest_lists
from ham_recommend.analysis.tours import straight_way
from ham_recommend.errors import ArtifactError, SettingsError, UnknownItemError
from ham_recommend.workspace import Workspace


@pytest.fixture(scope="module")
def sample(whole_sample, tmp_path_factory):
    """Copy the sample museum; return its source and its map."""
    folder = tmp_path_factory.mktemp("planted") / "sample"
    shutil.copytree(whole_sample, folder)
    return ham.SampleSource(), ham.influence(ham.Recommender.load(folder))


@pytest.fixture(scope="module")
def planted(sample):
    """Return scores, which pairs are in order, gaps in time, which are true, and what knows them."""
    source, found = sample
    works, names = found.works, found.works.makers.names
    middle = middles(works.dates, Grouped.of(works.works_of))
    gaps = middle[None, :] - middle[:, None]
    scores = np.full(gaps.shape, -np.inf)
    for row in found.artists(draws=0).itertuples():
        scores[names.index(row.earlier), names.index(row.later)] = row.score
    truth = np.zeros_like(gaps, dtype=bool)
    for one in source.truth.influences:
        truth[names.index(one.earlier), names.index(one.later)] = True
    pairs = np.isfinite(scores)
    return scores, pairs, gaps, truth & pairs


@pytest.mark.slow
def test_planted_pairs_of_artists_are_found(planted):
    """As the catalog names them; of ten seeds this is the hardest, as ``benchmarks/influence.py`` shows."""
    scores, pairs, gaps, truth = planted
    assert truth.sum() >= 24
    found = auc(scores[truth], scores[pairs & ~truth])
    assert found >= 0.92
    assert found >= auc(-gaps[truth], -gaps[pairs & ~truth]) + 0.1, "dates alone say less"
    assert np.nanmean(won_of_matched(scores[pairs], truth[pairs], gaps[pairs])) >= 0.92
    recalls = []
    for later in np.flatnonzero(truth.any(axis=0)):
        able = np.flatnonzero(pairs[:, later])
        first = able[np.argsort(-scores[able, later])[:3]]
        recalls.append(truth[first, later].sum() / min(3, truth[:, later].sum()))
    assert np.mean(recalls) >= 0.78


@pytest.mark.slow
def test_works_lead_to_lenders_and_lenders_rank_high(sample, planted):
    _, found = sample
    *_, truth = planted
    works, edges, makers = found.works, found.graph.edges, found.works.makers.of
    lent = (
        truth[makers[edges.earlier], makers[edges.later]]
        & (makers[edges.earlier] >= 0)
        & (makers[edges.later] >= 0)
    )
    borrowers = np.isin(makers[edges.later], np.flatnonzero(truth.any(axis=0)))
    assert lent[borrowers].mean() >= 0.44
    rank = np.array([found.rank_values[1][rows].mean() for rows in works.works_of])
    age = np.array([-works.dates.middle[rows].mean() for rows in works.works_of])
    lenders = truth.any(axis=1)
    assert auc(rank[lenders], rank[~lenders]) >= 0.75
    assert auc(age[lenders], age[~lenders]) < 0.7
    assert abs(spearmanr(found.rank_values[1], works.dates.middle)[0]) <= 0.1


@pytest.mark.slow
def test_shuffled_works_resemble_nobody(sample, planted):
    """The museum's own pictures, dealt out anew: what was planted is gone, and chance explains every pair."""
    _, found = sample
    *_, gaps, truth = planted
    works, names = found.works, list(found.works.makers.names)
    random = np.random.default_rng(0)
    shares, tests = [], []
    for _ in range(6):
        deal = random.permutation(len(works))
        dealt = mapped(replace(works, vectors=works.vectors[deal], contents=works.contents[deal]))
        table = dealt.artists(draws=0 if tests else 199)
        rows, columns = (table[side].map(names.index).to_numpy() for side in ("earlier", "later"))
        scores = table["score"].to_numpy()
        shares.append(np.nanmean(won_of_matched(scores, truth[rows, columns], gaps[rows, columns])))
        tests = tests or [kstest(table["p"], "uniform").statistic, table["p"].mean()]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.1)
    # pairs share artists, so this is a coarse test: a null that is off by a tenth fails it
    assert tests[0] < 0.15
    assert tests[1] == pytest.approx(0.5, abs=0.08)


@pytest.mark.slow
def test_bridges_are_works_of_who_borrowed_from_both(sample, planted):
    _, found = sample
    *_, truth = planted
    works, names = found.works, found.works.makers.names
    ours, dates = [], []
    for later in np.flatnonzero(truth.sum(axis=0) > 1):
        for pair in combinations(np.flatnonzero(truth[:, later]), 2):
            table = found.bridges(*({"artist": names[one]} for one in pair), k=1000, draws=0)
            rows = np.array([works.row_of[item_id] for item_id in table["item_id"]])
            mine = works.makers.of[rows] == later
            score, middle = table["score"].to_numpy(), works.dates.middle
            near = -np.max(
                [np.abs(middle[rows] - middle[works.works_of[one]].mean()) for one in pair], axis=0
            )
            ours.append(auc(score[mine], score[~mine]))
            dates.append(auc(near[mine], near[~mine]))
    assert len(ours) >= 3
    assert np.mean(ours) >= 0.93
    assert np.mean(ours) >= np.mean(dates) + 0.1


@pytest.mark.slow
def test_the_time_machine_makes_modern_works_creative_and_old_ones_not(sample):
    """Each work alone is moved in time, as in Elgammal and Saleh 2015."""
    _, found = sample
    middle = found.works.dates.middle
    random = np.random.default_rng(0)

    def gains(rows, year_of):
        moved = [
            found.creativity(found.works.item_ids[row], int(year_of(row)))
            - found.creativity(found.works.item_ids[row])
            for row in rows
        ]
        return np.mean(0.5 * (1 + np.sign(moved)))

    assert gains(np.flatnonzero(middle >= 1900), lambda _row: 1600) >= 0.8
    assert gains(np.flatnonzero((middle >= 1400) & (middle < 1700)), lambda _row: 1920) <= 0.2
    near = gains(
        np.flatnonzero(middle >= 1400),
        lambda row: middle[row] + random.choice([-1, 1]) * random.integers(1, 11),
    )
    assert 0.4 <= near <= 0.6


@pytest.mark.slow
def test_tours_go_by_smaller_steps_than_the_straight_way(sample):
    _, found = sample
    works, random = found.works, np.random.default_rng(0)
    gained = []
    while len(gained) < 20:
        first, last = sorted(random.choice(len(works), 2, replace=False))
        if works.dates.middle[last] - works.dates.middle[first] < 50:
            continue
        straight = straight_way(works, np.arange(first, last + 1), 8)
        hops = np.mean([works.vectors[a] @ works.vectors[b] for a, b in pairwise(straight)])
        gained.append(found.tour(works.item_ids[first], works.item_ids[last], 8)["cosine"].mean() - hops)
    assert np.mean(gained) >= 0.1


@pytest.mark.slow
def test_no_work_is_near_to_everything(sample):
    _, found = sample
    lists = nearest_lists(found, 10)
    assert skewness(occurrences(lists, len(found.works))) <= 0.8
    frame = found.recommender.catalog.to_frame().loc[found.works.item_ids.tolist()]
    culture = frame["culture"].astype(str).to_numpy()
    shifts = [abs((culture[lists] == one).mean() - (culture == one).mean()) for one in np.unique(culture)]
    assert max(shifts) <= 0.02


@pytest.mark.slow
def test_wrong_dates_cost_little(sample, planted):
    """As dates of a catalog are vague; the mean of four seeds is in the benchmark."""
    _, found = sample
    *_, truth = planted
    random = np.random.default_rng(0)
    right = auc_of(found.works, truth)
    for sigma, least in ((25, 0.02), (100, 0.04)):
        wrong = random.normal(0, sigma, len(found.works)).round()
        dates = replace(
            found.works.dates, begin=found.works.dates.begin + wrong, end=found.works.dates.end + wrong
        )
        assert auc_of(found.works.redated(dates), truth) >= right - least


def auc_of(works, truth):
    names = list(works.makers.names)
    table = mapped(works).artists(draws=0)
    rows, columns = (table[side].map(names.index).to_numpy() for side in ("earlier", "later"))
    true, scores = truth[rows, columns], table["score"].to_numpy()
    return auc(scores[true], scores[~true])


def test_before_finds_earlier_works_of_others(found):
    ranking = found.before("m:b05", 10)
    for hit in ranking:
        assert hit.work.artist != "Bruno Berg"
        assert hit.work.year_begin < 1725
        assert hit.channels["p_earlier"] == 1.0
    assert ranking[0].work.artist == "Anna Alt"
    assert ranking.scores.tolist() == sorted(ranking.scores.tolist(), reverse=True)


def test_after_takes_a_work_an_artist_words_a_filter_or_a_list(found):
    by_name = found.after("Anna Alt", 5)
    assert {hit.work.artist for hit in by_name} <= {"Bruno Berg", "Dora Dunn", "Clara Cap"}
    assert by_name[0].nearest_liked.startswith("m:a")
    same = found.after({"artist": "anna"}, 5)
    ids = found.after([f"m:a{number:02}" for number in range(12)], 5)
    assert by_name.item_ids.tolist() == same.item_ids.tolist() == ids.item_ids.tolist()
    gardens = found.rows("garden")
    assert {found.works.item_ids[row][2] for row in gardens} == {"a", "b", "c", "d"}
    assert len(gardens) == 24
    assert all(
        hit.work.culture == "American" for hit in found.after("m:a00", 5, where={"culture": "American"})
    )
    years = [hit.work.year_begin for hit in found.after("m:a00", 50, years=(1900, 1950))]
    assert years
    assert all(1900 <= year <= 1950 for year in years)


def test_a_ranking_shows_the_same_works_as_the_edges(found):
    """The best earlier works of a question are those the graph joins the work to."""
    edges, works = found.graph.edges, found.works
    for item_id in ("m:b05", "m:d03"):
        joined = works.item_ids[edges.earlier[edges.later == works.row_of[item_id]]]
        assert found.before(item_id, 10).item_ids.tolist() == joined.tolist()


def test_it_is_kept_and_read_while_nothing_changed(tmp_path):
    recommender = build(tmp_path / "kept", *records())
    found = ham.influence(recommender)
    files = [name for name in Workspace(tmp_path / "kept").manifest.files if name.startswith("5-")]
    assert files == [f"5-analysis/style.{kind}.parquet" for kind in ("edges", "makers", "works")]
    again = Influence.open(ham.Recommender.load(tmp_path / "kept"))
    assert again.is_built
    assert np.array_equal(again.graph.edges.earlier, found.graph.edges.earlier)
    for name in ("hubness", "pagerank", "creativity", "artist_hubness"):
        assert np.array_equal(getattr(again.graph, name), getattr(found.graph, name))
    assert again.rank().equals(found.rank())
    assert not Influence.open(ham.Recommender.load(tmp_path / "kept"), k=7).is_built
    assert not Influence.open(ham.Recommender.load(tmp_path / "kept"), beta=0.0).is_built


def test_it_is_stale_once_the_collection_is_another(tmp_path):
    found, vectors = records()
    ham.influence(build(tmp_path / "stale", found, vectors))
    found[0] = replace(found[0], year_begin=1590, year_end=1590)
    recommender = build(tmp_path / "stale", found, vectors)
    assert "5-analysis/style.edges.parquet" in Workspace(tmp_path / "stale").manifest.files
    assert not Influence.open(recommender).is_built


def test_a_folder_that_may_not_be_written_is_no_hindrance(tmp_path, monkeypatch):
    recommender = build(tmp_path / "mine", *records())

    def refused(*_args, **_options):
        raise ArtifactError("no room")

    monkeypatch.setattr("ham_recommend.analysis.influence.write_graph", refused)
    assert len(ham.influence(recommender).graph.edges)
    with pytest.raises(ArtifactError, match="no room"):
        Influence.open(recommender).build(keep=True)


def test_what_a_build_that_was_cut_short_has_left_is_not_lost(tmp_path):
    recommender = build(tmp_path / "cut", *records())
    journal = tmp_path / "cut" / ".draft" / "style.journal"
    journal.mkdir(parents=True)
    with pytest.raises(ArtifactError, match="was cut short"):
        Influence.open(recommender).build(keep=True)
    assert journal.is_dir()
    assert len(ham.influence(recommender).before("m:b05"))


def test_undated_works_and_works_of_nobody_are_counted(found):
    coverage = Coverage.of(found)
    assert (coverage.works, coverage.dated, coverage.undated) == (54, 51, 3)
    assert (coverage.named, coverage.artists) == (48, 4)
    assert "3 without a date left out" in str(coverage)


def test_one_artist_of_a_third_of_the_works_does_not_decide_everything():
    works = drawn(600, makers=20)
    makers = works.makers.of.copy()
    makers[np.random.default_rng(1).permutation(600)[:200]] = 0
    flooded = replace(works, makers=replace(works.makers, of=makers))
    assert max(map(len, flooded.works_of)) == 64
    table = mapped(flooded).artists(draws=0)
    flood = (table["earlier"] == "Artist 00") | (table["later"] == "Artist 00")
    # a greater number is closer to everyone by chance: with all of its works it would lead every list
    assert flood[:30].mean() < 0.8


def test_ranks_communities_reception_and_diffusion(found):
    rank = found.rank()
    assert len(rank) == len(found.works)
    assert sorted(rank["plain_place"]) == list(range(1, len(rank) + 1))
    groups = found.communities()
    assert groups["works"].sum() <= len(found.works)
    assert sum(map(len, groups["item_ids"])) == groups["works"].sum()
    again = found.communities()
    assert again["item_ids"].tolist() == groups["item_ids"].tolist()
    table = found.reception("m:a05")
    assert (table["echoes"] <= table["works"]).all()
    assert table["echoes"].sum() == (found.graph.edges.earlier == found.row("m:a05")).sum()
    assert ((table["low"] <= table["share"]) & (table["share"] <= table["high"])).all()
    spread = found.diffusion("culture", least=5)
    assert spread.iloc[0][["earlier", "later"]].tolist() in [["Dutch", "American"], ["German", "French"]]
    total = spread[spread["later"] == "German"]
    assert total["edges"].sum() <= 10 * 12
    with pytest.raises(SettingsError, match="gender"):
        found.diffusion("gender")


def test_documented_pairs_are_said_with_their_source_and_never_otherwise(found, tmp_path):
    assert "documented" not in found.artists(draws=0)
    table = tmp_path / "pairs.csv"
    with table.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(
            [
                ["earlier", "later", "source"],
                ["ANNA ALT", "Bruno Berg", "letters, 1731"],
                ["Bruno Berg", "Clara Cap", "x"],
            ]
        )
    known = found.with_documented(table)
    pairs = known.artists(draws=0).set_index(["earlier", "later"])["documented"]
    assert pairs["Anna Alt", "Bruno Berg"] == "letters, 1731"
    assert pairs["Anna Alt", "Dora Dunn"] == ""
    rows = agreement(known).set_index("by")
    assert rows.loc["resemblance", "auc"].max() > 0.8
    with pytest.raises(SettingsError, match="earlier and later"):
        table.write_text("a,b\n1,2\n")
        found.with_documented(table)


def test_files_for_other_programs(found, tmp_path):
    import igraph
    import pyarrow.parquet as pq

    graph = igraph.Graph.Read_GraphML(str(found.to_graphml(tmp_path / "works.graphml")))
    assert (graph.vcount(), graph.ecount()) == (len(found.works), len(found.graph.edges))
    assert graph.vs[0]["item_id"] == found.works.item_ids[0]
    table = pq.read_table(found.to_parquet(tmp_path / "edges.parquet"))
    assert table.num_rows == len(found.graph.edges)
    assert b"not evidence" in table.schema.metadata[b"note"]
    for write, name in ((found.to_graphml, "x.xml"), (found.to_parquet, "x.csv")):
        with pytest.raises(SettingsError, match="ends in"):
            write(tmp_path / name)


def test_questions_that_cannot_be_answered(found, tmp_path):
    with pytest.raises(UnknownItemError):
        found.before("m:zzz")
    with pytest.raises(SettingsError, match="m:u3 has no date"):
        found.before("m:u3")
    with pytest.raises(SettingsError, match="end before they begin"):
        found.after("m:a00", years=(1900, 1800))
    with pytest.raises(SettingsError, match="No work with a picture vector and a date is in the group"):
        found.after("zzzzqq")
    with pytest.raises(SettingsError, match="Years are two numbers"):
        found.after("m:a00", years="1900")
    with pytest.raises(SettingsError, match="both a picture vector and a date"):
        ham.influence(build(tmp_path / "undated", *records(dates=False)))
    with pytest.raises(SettingsError, match="no picture vectors"):
        ham.influence(build(tmp_path / "texts", records()[0], {}))
    with pytest.raises(SettingsError, match="never 0"):
        found.creativity("m:a00", 0)
    with pytest.raises(SettingsError, match="1 to 50"):
        ham.influence(found.recommender, k=0)


def test_every_artist_is_named(found):
    assert found.works.makers.names == tuple(ARTISTS)
