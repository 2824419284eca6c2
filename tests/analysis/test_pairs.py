"""Pairs of artists and bridges: the scores by hand, and p-values that are what they say."""

from __future__ import annotations

import numpy as np
import pytest
from dated_museum import ARTISTS, PAIRS, drawn, mapped
from scipy.stats import kstest

from ham_recommend.analysis.artists import Grouped, Likeness, StandIns, mean_best_match
from ham_recommend.analysis.documented import won_of_matched
from ham_recommend.errors import SettingsError


def test_the_mean_best_match_is_what_it_says():
    works = drawn(90, makers=6)
    groups = Grouped.of(works.works_of)
    off = np.linspace(0, 0.2, 90).astype(np.float32)
    found = mean_best_match(Likeness(works.vectors, off), groups, groups)
    likeness = works.vectors @ works.vectors.T - off - off[:, None]
    for a, one in enumerate(works.works_of):
        for b, other in enumerate(works.works_of):
            block = likeness[np.ix_(one, other)]
            expected = (block.max(axis=1).mean() + block.max(axis=0).mean()) / 2
            assert found[a, b] == pytest.approx(expected, abs=1e-5)


def test_planted_pairs_come_first_and_chance_would_not_give_them(found):
    table = found.artists(draws=199)
    first = set(zip(table["earlier"][:3], table["later"][:3], strict=True))
    assert first == PAIRS
    assert (table["p_earlier"] > 0.5).all()
    assert len(table) == len(ARTISTS) * (len(ARTISTS) - 1) / 2


def test_pairs_of_one_artist_are_those_of_all(found):
    table = found.artists(draws=0).set_index(["earlier", "later"])["score"]
    of_anna = found.artists("anna", draws=0)
    assert len(of_anna) == 3
    for row in of_anna.to_dict("records"):
        assert row["score"] == pytest.approx(table[row["earlier"], row["later"]], abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_p_values_of_random_vectors_are_uniform(seed):
    table = mapped(drawn(400, makers=24, seed=seed, dim=32)).artists(draws=199)
    assert len(table) > 200
    # pairs share artists, so this is a coarse test: a null that is off by a tenth fails it
    assert kstest(table["p"], "uniform").statistic < 0.15
    assert table["p"].mean() == pytest.approx(0.5, abs=0.08)
    assert table["p_corrected"].min() > 0.01


@pytest.mark.parametrize("seed", range(4))
def test_p_values_of_bridges_of_random_vectors_are_uniform(seed):
    found = mapped(drawn(400, makers=24, seed=seed, dim=32))
    found.table = lambda rows, **columns: columns
    table = found.bridges({"artist": "Artist 00"}, {"artist": "Artist 01"}, k=1000, draws=199)
    assert kstest(table["p"], "uniform").statistic < 0.15


def test_random_vectors_agree_with_no_truth():
    shares = []
    for seed in range(6):
        works = drawn(400, makers=24, seed=seed)
        table = mapped(works).artists(draws=0)
        truth = np.random.default_rng(seed).random(len(table)) < 0.1
        middle = {
            name: works.dates.middle[rows].mean()
            for name, rows in zip(works.makers.names, works.works_of, strict=True)
        }
        gaps = table["later"].map(middle).to_numpy() - table["earlier"].map(middle).to_numpy()
        shares.append(np.nanmean(won_of_matched(table["score"].to_numpy(), truth, gaps)))
    assert np.mean(shares) == pytest.approx(0.5, abs=0.1)


def test_stand_ins_are_as_many_works_by_others_of_the_time():
    works = drawn(300, makers=15)
    groups = Grouped.of(works.works_of)
    stand_ins = StandIns(works, groups.rows)
    for _ in range(5):
        one, other = stand_ins.draw(groups, groups)
        makers = [set(works.makers.of[each.rows]) for each in (one, other)]
        assert not makers[0] & makers[1]
        assert one.sizes.tolist() == groups.sizes.tolist()
        for at, rows in enumerate(np.split(one.rows, one.starts[1:])):
            assert at not in works.makers.of[rows]
            assert len(set(rows)) == len(rows)


def test_a_bridge_is_close_to_both_and_in_neither(found):
    table = found.bridges({"artist": "Anna Alt"}, {"artist": "Clara Cap"}, 50, draws=199)
    bruno = (table["artist"] == "Bruno Berg").to_numpy()
    assert bruno[:6].mean() >= 0.8
    assert not set(table["artist"]) & {"Anna Alt", "Clara Cap"}
    assert np.allclose(table["score"], np.minimum(table["to_one"], table["to_other"]))
    assert table["p"].between(0, 1).all()


def test_questions_that_cannot_be_answered(found):
    with pytest.raises(SettingsError, match="Did you mean: Anna Alt"):
        found.artists("Anna Alte")
    with pytest.raises(SettingsError, match="permutations"):
        found.artists(draws=5)
    with pytest.raises(SettingsError, match="Fewer than two artists with 500"):
        found.artists(least=500)
    with pytest.raises(SettingsError, match="No work with a picture vector and a date"):
        found.bridges({"culture": "Martian"}, "Anna Alt")
