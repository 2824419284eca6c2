"""The graph: exact neighbours, order in time, ranks that do not measure age."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from dated_museum import drawn
from scipy.stats import spearmanr

from ham_recommend.analysis import neighbours as module
from ham_recommend.analysis.creativity import creativity_at
from ham_recommend.analysis.dates import Dates
from ham_recommend.analysis.graph import build_graph, pagerank, rescaled, voices
from ham_recommend.analysis.makers import NOBODY
from ham_recommend.analysis.neighbours import neighbours
from ham_recommend.analysis.scoring import Scoring
from ham_recommend.errors import SettingsError


def by_looking_at_all(works, k):
    """Return the nearest earlier and later works of others, from the whole matrix."""
    cosines = works.vectors @ works.vectors.T
    makers, contents, middle = works.makers.of, works.contents, works.dates.middle
    same = (makers[:, None] == makers) & (makers[:, None] != NOBODY) | (contents[:, None] == contents)
    for side in (middle < middle[:, None], middle > middle[:, None]):
        scores = np.where(side & ~same, cosines, -9)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        yield np.where(np.take_along_axis(scores, best, 1) > -9, best, -1)


@pytest.mark.parametrize("tile", [16, 64, 2048])
@pytest.mark.parametrize("count", [7, 100, 333])
def test_neighbours_are_those_of_the_whole_matrix(tile, count, monkeypatch):
    monkeypatch.setattr(module, "_TILE", tile)
    works = replace(drawn(count, seed=count), contents=np.arange(count) // 2)
    for side, expected in zip(neighbours(works, 5), by_looking_at_all(works, 5), strict=True):
        assert np.array_equal(side.rows[:, : expected.shape[1]], expected)
        assert (side.rows[:, expected.shape[1] :] == -1).all()


def test_edges_go_from_earlier_to_later_works_of_others():
    works = drawn(300, width=80)
    edges = build_graph(works, Scoring(), 5).edges
    assert (works.dates.middle[edges.earlier] < works.dates.middle[edges.later]).all()
    assert (edges.p_earlier > 0.5).all()
    makers = works.makers.of
    assert not ((makers[edges.earlier] == makers[edges.later]) & (makers[edges.earlier] != NOBODY)).any()
    assert np.bincount(edges.later).max() == 5


def test_with_time_running_backwards_every_edge_of_a_pair_reverses():
    works = drawn(120, width=40)
    edges = build_graph(works, Scoring(), 50).edges
    back = works.redated(works.dates.flipped())
    reversed_edges = build_graph(back, Scoring(), 50).edges

    def pairs(of, found):
        return set(zip(of.item_ids[found.earlier], of.item_ids[found.later], strict=True))

    forth, turned = pairs(works, edges), pairs(back, reversed_edges)
    assert len(forth) > 2000
    assert not forth & turned
    both = {frozenset(pair) for pair in forth} & {frozenset(pair) for pair in turned}
    assert all((b, a) in turned for a, b in forth if frozenset((a, b)) in both)


def test_what_nobody_believes_makes_no_edge():
    works = drawn(60)
    doubtful = works.redated(Dates(works.dates.begin, works.dates.end, np.zeros(60)))
    assert len(build_graph(doubtful, Scoring(), 5).edges) == 0


@pytest.mark.parametrize("seed", range(3))
def test_plain_pagerank_measures_age_and_the_rescaled_one_does_not(seed):
    works = drawn(800, makers=40, seed=seed)
    plain = build_graph(works, Scoring(), 10).pagerank
    assert plain.sum() == pytest.approx(1)
    assert spearmanr(plain, works.dates.middle)[0] < -0.4
    assert abs(spearmanr(rescaled(plain), works.dates.middle)[0]) <= 0.1


def test_pagerank_is_what_solving_the_equations_gives():
    works = drawn(50)
    edges = build_graph(works, Scoring(), 4).edges
    counted = np.random.default_rng(2).random(len(edges))
    weights = np.zeros((50, 50))
    weights[edges.earlier, edges.later] = counted
    out = weights.sum(axis=0)
    passed = np.where(out > 0, weights / np.where(out > 0, out, 1), 1 / 50)
    exact = np.linalg.solve(np.eye(50) - 0.5 * passed, np.full(50, 0.5 / 50))
    assert np.allclose(pagerank(edges, counted, 50), exact, atol=1e-8)


def test_creativity_is_likeness_to_later_works_less_likeness_to_earlier_ones():
    works = drawn(200, makers=10, seed=6)
    told = build_graph(works, Scoring(), 10).creativity
    cosines, middle = works.vectors @ works.vectors.T, works.dates.middle
    for row in range(0, 200, 13):
        others = works.made_by_another(row)
        later, earlier = (
            np.sort(cosines[row, others & side])[-10:]
            for side in (middle > middle[row], middle < middle[row])
        )
        expected = sum(sign * part.mean() for sign, part in ((1, later), (-1, earlier)) if len(part))
        assert told[row] == pytest.approx(expected, abs=1e-5)
        assert creativity_at(works, row, middle[row]) == pytest.approx(expected, abs=1e-5)
    assert creativity_at(works, 100, middle[0] - 1) > 0 > creativity_at(works, 100, middle[-1] + 1)


def test_an_edge_between_contemporaries_says_nothing_of_who_was_first():
    works = drawn(300, makers=12, seed=4)
    edges = build_graph(works, Scoring(), 10).edges
    counted = voices(works, edges)
    assert ((counted >= 0) & (counted <= 1)).all()
    middle, makers = works.dates.middle, works.makers.of
    span = {maker: np.sort(middle[makers == maker])[[0, -1]] for maker in set(makers)}
    for earlier, later, cosine, weight in zip(
        makers[edges.earlier], makers[edges.later], edges.cosine, counted, strict=True
    ):
        if NOBODY in (earlier, later):
            continue
        if span[earlier][1] < span[later][0] - 1:
            assert weight == pytest.approx(max(cosine, 0) ** 3, abs=1e-6)
        else:
            assert weight < max(cosine, 0) ** 3 + 1e-6
        if span[later][1] < span[earlier][0] - 1:
            assert weight == 0


@pytest.mark.parametrize("options", [{"hubs": "clss"}, {"beta": 2}, {"beta": True}, {"decay": "linear"}])
def test_settings_that_cannot_be_are_refused(options):
    with pytest.raises(SettingsError):
        Scoring(**options)
