"""Named sets: whatever is done in whatever order, kept, undone, exported and shared between processes."""

from __future__ import annotations

import json
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from small_museum import EACH, MOTIFS, kept_in

from ham_recommend.answers import WorkSet
from ham_recommend.errors import ArtifactMismatchError, DataWarning, SettingsError, UnknownItemError
from ham_recommend.recommend import sets as sets_module
from ham_recommend.recommend._storage import SessionFile
from ham_recommend.recommend.session import Session
from ham_recommend.recommend.sets import SetChange, SetsState
from ham_recommend.workspace import SESSIONS

IDS = [f"m:{motif}{number:02}" for motif in MOTIFS for number in range(EACH)]
ONE, TWO, THREE = IDS[:3]


@pytest.fixture
def session(recommender):
    return Session(recommender)


def test_works_are_put_together_under_a_name_in_order(session):
    session.sets.add("slides", TWO, ONE, note="week 2")
    session.sets.add(" slides ", THREE, ONE)
    assert session.sets["slides"].item_ids == (TWO, ONE, THREE)
    assert dict(session.sets["slides"].notes) == {TWO: "week 2", ONE: "week 2", THREE: ""}
    assert list(session.sets) == ["slides"]
    assert len(session.sets["slides"]) == 3


def test_notes_order_and_names_can_be_changed(session):
    session.sets.add("a", ONE, TWO, THREE)
    session.sets.add("b")
    session.sets.note("a", "for the essay")
    session.sets.note("a", "the best", TWO)
    session.sets.arrange("a", [THREE, ONE])
    session.sets.remove("a", ONE, "m:never there")
    session.sets.rename("a", "c")
    assert list(session.sets) == ["c", "b"], "a renamed set keeps its place"
    assert session.sets["c"] == WorkSet("c", "for the essay", {THREE: "", TWO: "the best"})
    session.sets.delete("c")
    session.sets.delete("c")
    assert dict(session.sets) == {"b": WorkSet("b")}


def test_every_change_is_undone_from_the_last_on(session):
    states = [dict(session.sets)]
    for change in (
        lambda sets: sets.add("a", ONE, TWO),
        lambda sets: sets.note("a", "a note", ONE),
        lambda sets: sets.arrange("a", [TWO]),
        lambda sets: sets.rename("a", "b"),
        lambda sets: sets.remove("b", ONE),
        lambda sets: sets.delete("b"),
    ):
        change(session.sets)
        states.append(dict(session.sets))
    session.sets.delete("unknown")
    session.sets.remove("a") if "a" in session.sets else None
    while session.sets.undoable:
        assert dict(session.sets) == states.pop()
        session.sets.undo()
    assert dict(session.sets) == states.pop() == {}
    session.sets.undo()


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 61, 7, None])
def test_a_bad_name_changes_nothing(session, name):
    with pytest.raises(SettingsError, match="1 to 60 characters"):
        session.sets.add(name, ONE)
    assert not session.sets


def test_what_does_not_fit_is_said(session):
    session.sets.add("slides", ONE)
    session.sets.add("other")
    with pytest.raises(UnknownItemError):
        session.sets.add("slides", "m:nowhere")
    with pytest.raises(SettingsError, match=r"Unknown set 'slide'. Known: slides, other."):
        session.sets.note("slide", "?")
    with pytest.raises(SettingsError, match="is not in the set 'slides'"):
        session.sets.note("slides", "?", TWO)
    with pytest.raises(SettingsError, match="is not in the set 'slides'"):
        session.sets.arrange("slides", [TWO])
    with pytest.raises(SettingsError, match="There already is a set 'other'"):
        session.sets.rename("slides", "other")
    with pytest.raises(SettingsError, match="at most 5,000"):
        session.sets.note("slides", "x" * 5_001)
    with pytest.raises(SettingsError, match="Unknown set"):
        session.sets["nothing"]
    assert dict(session.sets) == {"slides": WorkSet("slides", "", {ONE: ""}), "other": WorkSet("other")}


def test_there_is_a_limit_to_sets_and_to_their_works(session, monkeypatch):
    monkeypatch.setattr(sets_module, "MOST_SETS", 2)
    monkeypatch.setattr(sets_module, "MOST_WORKS", 3)
    session.sets.add("a", *IDS[:3])
    session.sets.add("b")
    with pytest.raises(SettingsError, match="There are 2 sets"):
        session.sets.add("c")
    with pytest.raises(SettingsError, match="A set holds 3 works"):
        session.sets.add("a", IDS[3])


def test_sets_are_kept_and_two_processes_lose_nothing(museum_folder, tmp_path):
    one, other = (Session(kept_in(tmp_path, museum_folder), name="x") for _ in range(2))
    one.sets.add("slides", ONE)
    other.sets.add("slides", TWO)
    one.sets.note("slides", "both")
    other.refresh()
    again = Session(kept_in(tmp_path, museum_folder), name="x")
    for session in (one, other, again):
        assert session.sets["slides"] == WorkSet("slides", "both", {ONE: "", TWO: ""})
    again.sets.undo()
    one.refresh()
    assert one.sets["slides"].note == ""


def test_a_set_that_another_process_deleted_is_missed_in_words(museum_folder, tmp_path):
    one, other = (Session(kept_in(tmp_path, museum_folder), name="x") for _ in range(2))
    one.sets.add("slides", ONE)
    other.sets.delete("slides")
    with pytest.raises(SettingsError, match="Unknown set 'slides'"):
        one.sets.note("slides", "?")


def test_an_export_carries_the_sets(session, recommender):
    session.sets.add("slides", TWO, ONE, note="a “quoted” note\nof two lines")
    session.sets.note("slides", "for Monday")
    copy = Session.from_json(recommender, session.to_json())
    assert dict(copy.sets) == dict(session.sets)
    assert not copy.sets.undoable, "an import is not undone bit by bit"


def test_works_that_a_collection_lacks_leave_the_sets(session, recommender):
    session.sets.add("slides", ONE)
    content = json.loads(session.to_json())
    content["sets"][0]["works"].append({"item_id": "m:elsewhere", "note": "gone"})
    with pytest.warns(DataWarning, match="1 works of the session are not in this collection"):
        copy = Session.from_json(recommender, json.dumps(content))
    assert copy.sets["slides"].item_ids == (ONE,)


CRAFTED = (
    {"name": "a" * 61, "note": "", "works": []},
    {"name": "a", "note": "x" * 5_001, "works": []},
    {"name": "a", "note": "", "works": [{"item_id": ONE, "note": ""}] * 2},
    {"name": "a", "note": "", "works": [{"item_id": "", "note": ""}]},
    {"name": "a", "note": "", "works": [{"item_id": ONE}]},
    {"name": "a", "note": None, "works": []},
    {"name": "a", "works": []},
    {"name": "a", "note": "", "works": {}},
    "a",
)


@pytest.mark.parametrize("crafted", CRAFTED)
def test_a_crafted_set_is_refused(session, recommender, crafted):
    content = json.loads(session.to_json())
    content["sets"] = [crafted]
    with pytest.raises(SettingsError, match="not a session's JSON"):
        Session.from_json(recommender, json.dumps(content))


def test_a_reset_forgets_everything_for_everyone(museum_folder, tmp_path):
    one, other = (Session(kept_in(tmp_path, museum_folder), name="x") for _ in range(2))
    one.like(ONE)
    one.search("circus cat")
    one.sets.add("slides", ONE)
    other.reset()
    one.refresh()
    for session in (one, other, Session(kept_in(tmp_path, museum_folder), name="x")):
        assert (session.liked, session.turns, dict(session.sets)) == ((), (), {})
        assert not session.sets.undoable
    memory = Session(kept_in(tmp_path, museum_folder))
    memory.like(ONE)
    memory.reset()
    assert memory.liked == ()


def test_an_older_version_does_not_open_what_it_cannot_read(museum_folder, tmp_path, monkeypatch):
    Session(kept_in(tmp_path, museum_folder), name="x").sets.add("slides", ONE)
    monkeypatch.setattr("ham_recommend.recommend._storage.VERSION", 1)
    with pytest.raises(ArtifactMismatchError, match="newer version"):
        SessionFile(tmp_path / SESSIONS).names()


names = st.sampled_from(["a", "b", "c"])
works = st.lists(st.sampled_from(IDS[:6]), max_size=4).map(tuple)
changes = st.one_of(
    st.builds(SetChange, st.just("put"), names, works, st.sampled_from(["", "said"])),
    st.builds(SetChange, st.just("take_out"), names, works),
    st.builds(SetChange, st.just("note"), names, works, st.text(max_size=5)),
    st.builds(SetChange, st.just("arrange"), names, works),
    st.builds(SetChange, st.just("rename"), names, st.just(()), names),
    st.builds(SetChange, st.just("delete"), names),
    st.just(SetChange("undo")),
)


@given(st.lists(changes, max_size=25))
def test_the_same_changes_give_the_same_sets_and_undoing_all_gives_none(log):
    one, other = SetsState(), SetsState()
    for change in log:
        before = one.sets
        one.apply(change)
        other.apply(change)
        for name, kept in before.items():
            assert kept.name == name, "an earlier state never changes"
    assert one.sets == other.sets
    assert all(name == kept.name for name, kept in one.sets.items())
    for _ in range(len(log)):
        one.apply(SetChange("undo"))
    assert one.sets == {}


class SetsOfOneSession(RuleBasedStateMachine):
    """A session and a plain dictionary are told the same, and hold the same."""

    @initialize()
    def begin(self):
        self.state, self.plain = SetsState(), {}

    @rule(name=names, items=works)
    def put(self, name, items):
        self.state.apply(SetChange("put", name, items))
        held = self.plain.setdefault(name, [])
        held.extend(item for item in dict.fromkeys(items) if item not in held)

    @rule(name=names, items=works)
    def take_out(self, name, items):
        self.state.apply(SetChange("take_out", name, items))
        if name in self.plain:
            self.plain[name] = [item for item in self.plain[name] if item not in items]

    @rule(name=names, to=names)
    def rename(self, name, to):
        self.state.apply(SetChange("rename", name, (), to))
        if name in self.plain and to not in self.plain:
            self.plain = {(to if key == name else key): held for key, held in self.plain.items()}

    @rule(name=names)
    def delete(self, name):
        self.state.apply(SetChange("delete", name))
        self.plain.pop(name, None)

    @rule(name=names, items=works)
    def change_and_undo(self, name, items):
        before = self.state.sets
        self.state.apply(SetChange("put", name, items))
        if self.state.sets != before:
            self.state.apply(SetChange("undo"))

    @invariant()
    def hold_the_same(self):
        if hasattr(self, "plain"):
            told = {name: list(kept.item_ids) for name, kept in self.state.sets.items()}
            assert list(told.items()) == list(self.plain.items())


TestSetsOfOneSession = SetsOfOneSession.TestCase
TestSetsOfOneSession.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)


def test_no_warning_is_given_for_a_whole_session(session, recommender):
    session.sets.add("slides", ONE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Session.from_json(recommender, session.to_json())
