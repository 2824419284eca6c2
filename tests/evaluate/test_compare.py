"""Methods beside each other: intervals, wins and losses, runs that go on, and tastes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend import registry
from ham_recommend.errors import ArtifactError, SettingsError
from ham_recommend.evaluate.compare import Judged, cases, difference
from ham_recommend.evaluate.judgements import Judgements
from ham_recommend.evaluate.methods import Method, known_methods, prepared
from ham_recommend.evaluate.runs import answers
from ham_recommend.evaluate.taste import LIKES, K, judge_strategy, trials

MOTIFS = ("ship", "cat", "vase", "castle")


@pytest.fixture
def judgements(museum):
    """Every motif of the small museum is a query, and the works that show it are right."""
    ids = museum.catalog.item_ids.tolist()
    right = {motif: frozenset(item for item in ids if item.startswith(f"m:{motif}")) for motif in MOTIFS}
    return Judgements({motif: motif for motif in right}, right)


@pytest.fixture(scope="module")
def museum(tmp_path_factory):
    import importlib.util
    from pathlib import Path

    place = Path(__file__).parents[1] / "recommend" / "small_museum.py"
    spec = importlib.util.spec_from_file_location("small_museum_for_eval", place)
    small = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(small)
    from ham_recommend.recommend.recommender import Recommender

    folder = tmp_path_factory.mktemp("eval") / "museum"
    return Recommender.load(small.build_collection(folder, *small.museum()).root)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=60), st.integers(0, 100))
def test_an_interval_holds_the_difference_and_turns_with_the_sides(ours, seed):
    theirs = np.random.default_rng(seed).random(len(ours)).tolist()
    found, turned = difference(ours, theirs), difference(theirs, ours)
    assert found.low - 1e-9 <= found.mean <= found.high + 1e-9
    assert found.mean == pytest.approx(np.mean(ours) - np.mean(theirs))
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))
    assert difference(ours, theirs) == found


def test_an_interval_is_that_of_the_textbook():
    """For many queries the bootstrap comes to the normal interval of the mean."""
    gained = np.random.default_rng(1).normal(0.02, 0.1, 2_000)
    found = difference(gained, np.zeros(2_000))
    half = 1.96 * gained.std() / np.sqrt(2_000)
    assert found.low == pytest.approx(gained.mean() - half, abs=0.0004)
    assert found.high == pytest.approx(gained.mean() + half, abs=0.0004)
    assert found.is_sure
    assert not difference(gained, gained).is_sure


def test_of_one_query_no_interval_is_known():
    assert difference([0.5], [0.2]).low == difference([0.5], [0.2]).high


@pytest.mark.parametrize("name", [*registry.BUILT_IN["method"], "mean", "interleave"])
def test_every_method_finds_what_is_asked_for(name, museum, judgements):
    judged = Judged.of(name, answers(name, museum, judgements), judgements)
    assert judged.metrics.hit_1 == 1
    assert judged.metrics.recall_100 > 0.9
    assert judged.metrics.mrr == 1


@pytest.mark.parametrize("name", [*registry.BUILT_IN["method"], "mean"])
def test_every_method_keeps_to_the_works_that_were_judged(name, museum):
    where = {"classification": "Paintings"}
    search = prepared(name, museum, where)
    allowed = set(museum.catalog.filter(where))
    found = search("ship", 100).item_ids.tolist()
    assert found
    assert set(found) <= allowed
    assert not len(search("zzzz qqqq", 5)) or name == "ham"


def test_works_folded_under_another_count_as_found(museum, judgements):
    found = answers("ham", museum, judgements)["ship"]
    assert {"m:ship13", "m:ship14"} <= set(found)


def test_an_unknown_method_lists_the_known_ones(museum):
    with pytest.raises(SettingsError, match=r"Unknown method 'bm52'.*bm25"):
        prepared("bm52", museum)
    assert known_methods()[0] == "ham"


def test_a_method_of_another_package_comes_through_its_entry_point(museum, judgements, monkeypatch):
    class Backwards(Method):
        title = "the worst first"

        def prepared(self, collection, where):
            return lambda text, k: collection.search(text, k, where=where).only(slice(None, None, -1))

    class Point:
        dist, value, name = None, "tests", "backwards"

        def load(self):
            return Backwards

    monkeypatch.setattr(registry, "entry_points", lambda group: [Point()] if "methods" in group else [])
    assert "backwards" in known_methods()
    assert answers("backwards", museum, judgements)["cat"]


def test_a_run_goes_on_where_it_was_stopped(museum, judgements, tmp_path, monkeypatch):
    whole = answers("words", museum, judgements)
    asked = []

    def stopping(name, collection, where):
        def search(text, k):
            asked.append(text)
            if len(asked) == 3:
                raise KeyboardInterrupt
            return prepared(name, collection, where)(text, k)

        return search

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("ham_recommend.evaluate.runs.prepared", stopping)
        answers("words", museum, judgements, kept=tmp_path)
    (kept,) = tmp_path.iterdir()
    with kept.open("a", encoding="utf-8") as file:
        file.write('["vase", ["m:')  # cut short
    told = []
    with monkeypatch.context() as patched:
        patched.setattr("ham_recommend.evaluate.runs.prepared", stopping)
        asked[:] = ["begun"] * 10
        assert answers("words", museum, judgements, kept=tmp_path, advance=told.append) == whole
    assert len(asked) == 12
    assert sum(told) == 4
    again = []
    assert answers("words", museum, judgements, kept=tmp_path, advance=again.append) == whole
    assert again == [4]


def test_answers_of_other_queries_or_filters_are_not_taken(museum, judgements, tmp_path):
    answers("words", museum, judgements, kept=tmp_path)
    where = {"classification": "Prints"}
    prints = answers("words", museum, judgements, where=where, kept=tmp_path)
    assert prints == answers("words", museum, judgements, where=where)
    assert len(list(tmp_path.iterdir())) == 2


def test_answers_of_other_code_are_not_taken(museum, judgements, tmp_path, monkeypatch):
    answers("words", museum, judgements, kept=tmp_path)
    monkeypatch.setattr("ham_recommend.evaluate.runs._code", lambda: "other")
    asked = []
    answers("words", museum, judgements, kept=tmp_path, advance=asked.append)
    assert sum(asked) == len(asked) - 1 == len(judgements)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_told(museum, judgements, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArtifactError, match="--keep"):
        answers("words", museum, judgements, kept=tmp_path / "file" / "runs")


def judged(method, found, judgements):
    return Judged.of(method, {query: tuple(ids) for query, ids in found.items()}, judgements)


def test_wins_and_losses_say_why(museum):
    right = {"circuss": {"m:cat01"}, "ship": {"m:ship01"}, "vase": {"m:vase01"}, "gone": {"m:gone"}}
    judgements = Judgements({query: query for query in right}, {q: frozenset(r) for q, r in right.items()})
    ours = judged("ham", {"circuss": ["m:cat01"], "ship": ["x", "y", "m:ship01"], "gone": []}, judgements)
    theirs = judged("bm25", {"ship": ["m:ship01"], "vase": ["m:vase01"], "gone": ["m:gone"]}, judgements)
    won, lost = cases(ours, theirs, judgements, museum, 5)
    assert [case.query for case in won] == ["circuss"]
    assert won[0].reason == "read “circuss” as “circus”; its first right work comes 1st, theirs nowhere"
    reasons = {case.query: case.reason for case in lost}
    assert reasons["ship"] == "its first right work comes 3rd, theirs 1st"
    assert reasons["vase"] == "its first right work comes nowhere, theirs 1st"
    assert reasons["gone"] == "1 of its 1 right works are not in the collection"


def test_tastes_are_drawn_alike_and_judged(museum, judgements):
    drawn = trials(judgements, museum, None, 6)
    assert drawn == trials(judgements, museum, None, 6)
    assert all(len(trial.liked) == LIKES for trial in drawn[0])
    assert all(len(trial.liked) == 2 * LIKES for trial in drawn[1])
    scores = judge_strategy("interleave", museum, drawn)
    assert np.mean(scores.one_right) > 0.9
    assert np.mean(scores.two_right) > 0.9
    assert np.mean(scores.two_even) > 0.9


def test_tastes_too_small_to_be_judged_are_told(museum):
    few = Judgements({"a": "a"}, {"a": frozenset({"m:cat01", "m:cat02"})})
    with pytest.raises(SettingsError, match=f"No query has {LIKES + K} right works"):
        trials(few, museum, None, 5)
