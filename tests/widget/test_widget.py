"""The widget without a browser: what code can do with it, and what it sends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import ipywidgets
import pytest
from ipywidgets.widgets.widget import _instances
from stage import Wire

from ham_recommend import HAM_recommend, errors


@pytest.fixture
def widget(recommender):
    widget = HAM_recommend(recommender)
    yield widget
    widget.close()


@pytest.fixture
def wired(widget):
    """Return a widget, what it sent so far, and a way to send it what the page would."""
    widget.comm = wire = Wire()

    def send(**content):
        widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
        taken = wire.take()
        send.buffers = [buffers for _, buffers in taken]
        return [data["content"] for data, _ in taken if data["method"] == "custom"]

    return widget, send


def shown(widget, turn=-1):
    return widget.session.turns[turn].ranking.item_ids.tolist()


def test_opens_a_collection_by_its_folder(museum):
    widget = HAM_recommend(museum)
    assert widget.collection["works"] == 240
    assert len(widget.collection["examples"]) == 3
    assert widget.collection["kinds"]
    assert widget.collection["years"][0] < widget.collection["years"][1]


def test_a_missing_collection_says_how_to_make_one(tmp_path):
    with pytest.raises(errors.ArtifactMissingError, match="ham build"):
        HAM_recommend(tmp_path / "nothing")


def test_the_examples_find_something(widget):
    for example in widget.collection["examples"]:
        assert len(widget.recommender.search(example, correct=False)) > 3


def test_code_moves_the_interface(widget):
    widget.search_for_text("circus cat")
    assert widget.query == "circus cat"
    assert widget.turns == [[1, 12]]
    first, second = shown(widget)[:2]
    widget.like(first)
    widget.dislike(second)
    assert (widget.liked_ids, widget.disliked_ids) == ([first], [second])
    widget.search_by_likes()
    widget.more_like(first)
    assert [turn.kind for turn in widget.session.turns] == ["search", "recommend", "similar"]
    assert not set(shown(widget, 1)) & set(shown(widget, 0))
    widget.clear_likes()
    widget.undislike(second)
    assert (widget.liked_ids, widget.disliked_ids) == ([], [])


def test_tables_tell_what_was_found_and_liked(widget):
    widget.search_for_text("circus cat")
    first, *_ = shown(widget)
    widget.like(first)
    assert list(widget.liked.item_id) == [first]
    assert widget.liked.title[0] == widget.recommender.catalog[first].title
    history = widget.history
    assert list(history.item_id) == shown(widget)
    assert list(history["rank"]) == list(range(1, 13))
    assert history.liked.sum() == 1
    assert set(history.asked) == {"circus cat"}


def test_tables_keep_no_path_of_this_machine(widget, museum):
    widget.search_for_text("circus cat")
    assert str(museum.parent) not in widget.history.to_csv()


def test_empty_tables_keep_their_columns(widget):
    assert (
        {"item_id", "title", "artist", "page_url"} <= set(widget.liked.columns) <= set(widget.history.columns)
    )
    assert len(widget.liked) == len(widget.history) == 0


def test_errors_reach_the_code_that_caused_them(widget):
    with pytest.raises(errors.SettingsError):
        widget.search_for_text("  ")
    with pytest.raises(errors.SettingsError):
        widget.search_by_likes()
    with pytest.raises(errors.UnknownItemError):
        widget.like("sample:nothing")
    with pytest.raises(errors.SettingsError, match="light"):
        HAM_recommend(widget.recommender, theme="sepia")
    assert widget.busy is False
    assert widget.turns == []


def test_traits_can_be_observed_linked_and_set(widget):
    seen = []
    widget.observe(lambda change: seen.append(change.new), "turns")
    field = ipywidgets.Text()
    ipywidgets.link((widget, "query"), (field, "value"))
    widget.search_for_text("circus cat")
    assert seen == [[[1, 12]]]
    assert field.value == "circus cat"
    first, second, *_ = shown(widget)
    widget.liked_ids = [first, second]
    assert widget.session.liked == (first, second)
    widget.liked_ids = [second]
    assert widget.session.liked == (second,)
    with pytest.raises(errors.UnknownItemError):
        widget.liked_ids = ["sample:nothing"]
    assert widget.liked_ids == []


def test_two_models_after_a_hundred_turns_and_small_messages(recommender):
    before = len(_instances)
    widget = HAM_recommend(recommender)
    assert len(_instances) == before + 2
    widget.comm = wire = Wire()
    models = len(_instances)
    sizes = []
    for turn in range(100):
        content = {
            "type": "search",
            "text": f"cat {turn % 7}",
            "request": f"a-{turn}",
            "allow_repeats": turn % 2 == 0,
        }
        widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
        widget.like(recommender.catalog.item_ids[turn])
        sizes.append(sum(len(json.dumps(data).encode()) for data, _ in wire.take()))
    assert len(_instances) == models
    assert len(widget.turns) == 100
    assert max(sizes) <= 20_000
    widget.close()


def test_lives_in_a_box(widget):
    box = ipywidgets.HBox([widget, ipywidgets.Label("beside")])
    assert box.children[0] is widget


def test_a_session_with_a_name_is_there_again(museum):
    widget = HAM_recommend(museum, session="test there again")
    widget.search_for_text("circus cat")
    widget.like(shown(widget)[0])
    again = HAM_recommend(museum, session="test there again")
    assert again.turns == widget.turns
    assert again.liked_ids == widget.liked_ids
    assert again.query == "circus cat"


def test_an_exported_session_goes_on_elsewhere(widget, recommender, tmp_path):
    widget.search_for_text("circus cat")
    widget.like(shown(widget)[0])
    file = widget.export(tmp_path / "out.json")
    for given in (file, str(file), file.read_text("utf-8")):
        other = HAM_recommend(recommender)
        other.import_session(given)
        assert other.turns == [[1, 12]]
        assert other.liked_ids == widget.liked_ids
        other.search_for_text("circus cat")
        assert not set(shown(other)) & set(shown(widget))
    with pytest.raises(errors.SettingsError):
        other.import_session('{"format": "something else"}')
    for nothing in ("[1, 2]", "x" * 5_000, tmp_path / "away.json", tmp_path):
        with pytest.raises(errors.SettingsError, match=r"export\(\)"):
            other.import_session(nothing)
    assert len(other.turns) == 2


def test_importing_takes_the_place_of_a_named_session(museum, widget):
    widget.search_for_text("ships in a storm")
    other = HAM_recommend(museum, session="test importing", k=5)
    other.search_for_text("circus cat")
    with pytest.raises(errors.SettingsError):
        other.import_session("{}")
    assert other.query == "circus cat"
    other.import_session(widget.session.to_json())
    assert HAM_recommend(museum, session="test importing").query == "ships in a storm"
    other.search_for_text("moonlit water")
    assert len(shown(other)) == 5


@pytest.mark.slow
def test_an_import_killed_at_any_moment_leaves_the_old_session_or_the_new_one(museum, tmp_path):
    """Killed at every event of SQLite: every statement, and every instruction of each."""
    script = Path(__file__).parent / "killed_imports.py"
    run = subprocess.run(
        [sys.executable, script, museum, tmp_path], capture_output=True, text=True, check=True, timeout=300
    )
    found = json.loads(run.stdout)
    assert found["else"] == []
    assert found["old"] > 100
    assert found["new"] >= 1
