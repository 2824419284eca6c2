"""Tours: the best way there is, strictly onwards, never twice the same artist."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from dated_museum import build, drawn, mapped, records

from ham_recommend import influence
from ham_recommend.analysis import tours
from ham_recommend.errors import SettingsError


def by_trying_all(works, stops):
    """Return the greatest gain of all ways from the first work to the last, or ``None``."""
    rows = np.arange(len(works))
    allowed = tours.steps(works, rows)
    cosines = (works.vectors @ works.vectors.T).astype(float)
    best = None
    for between in combinations(range(1, len(works) - 1), stops - 2):
        way = (0, *between, len(works) - 1)
        hops = list(pairwise(way))
        if all(allowed[hop] for hop in hops):
            gain = sum(-((1 - cosines[hop]) ** 2) for hop in hops)
            best = gain if best is None else max(best, gain)
    return best


@pytest.mark.parametrize("count", range(4, 13))
@pytest.mark.parametrize("stops", [3, 4, 6])
def test_a_tour_is_the_best_of_all_ways(count, stops):
    works = drawn(count, makers=4, seed=count, span=(1500, 1500 + 2 * count))
    gains = -((1 - (works.vectors @ works.vectors.T).astype(float)) ** 2)
    way = tours.best_way(gains, tours.steps(works, np.arange(count)), stops)
    expected = by_trying_all(works, stops)
    if expected is None:
        assert way is None
        return
    assert len(way) == stops
    assert sum(gains[hop] for hop in pairwise(way)) == pytest.approx(expected)


def test_stops_are_later_and_by_another_artist(found):
    table = found.tour("m:a00", "m:d11", stops=6)
    years = [found.recommender.catalog[item_id].year_begin for item_id in table["item_id"]]
    assert years == sorted(set(years))
    assert all(a != b for a, b in pairwise(table["artist"]))
    assert len(table) == 6
    assert table["item_id"].iloc[[0, -1]].tolist() == ["m:a00", "m:d11"]


def test_a_tour_goes_by_smaller_steps_than_the_straight_way():
    works = drawn(500, makers=30, seed=9, dim=12)
    found = mapped(works)
    found.table = lambda rows, **columns: columns
    found.row = lambda row: row
    gain = []
    for first, last in ((3, 490), (50, 450), (20, 400)):
        path = tours.straight_way(works, np.arange(first, last + 1), 8)
        straight = np.mean([works.vectors[a] @ works.vectors[b] for a, b in pairwise(path)])
        gain.append(np.nanmean(found.tour(first, last, 8)["cosine"]) - straight)
    assert np.mean(gain) > 0.1


def test_with_fewer_works_between_a_tour_is_shorter(found):
    assert len(found.tour("m:a10", "m:b00", stops=8)) <= 4


def test_a_tour_does_not_stop_at_a_guessed_date():
    works = drawn(80, makers=8, seed=3)
    guessed = np.arange(80) % 2 == 1
    doubtful = replace(works, dates=replace(works.dates, confidence=np.where(guessed, 0.3, 0.8)))
    found = mapped(doubtful)
    found.table = lambda rows, **columns: rows
    found.row = lambda row: row
    assert not guessed[found.tour(2, 76, 8)].any()
    assert guessed[found.tour(1, 77, 8)].tolist() == [True, *[False] * 6, True], "but its ends may be"


def test_a_stop_whose_date_is_not_written_shows_the_years_it_stands_for(tmp_path):
    written, vectors = records()
    written = [replace(one, date="date unknown" if one.year_begin else "") for one in written]
    table = influence(build(tmp_path / "unwritten", written, vectors)).tour("m:a00", "m:d11", stops=6)
    assert len(table) == 6
    assert table["date"].str.fullmatch(r"c\. \d{4}").all()


def test_tours_that_cannot_be(found):
    with pytest.raises(SettingsError, match="not later"):
        found.tour("m:d11", "m:a00")
    with pytest.raises(SettingsError, match="3 to 24 stops"):
        found.tour("m:a00", "m:d11", stops=2)
    with pytest.raises(SettingsError, match="both are by one artist"):
        found.tour("m:a00", "m:a01")
