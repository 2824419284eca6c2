"""Sessions on disk: nothing is lost by two at once, and damage stays where it is."""

from __future__ import annotations

import multiprocessing
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.answers import Query, Ranking
from ham_recommend.errors import ArtifactCorruptError, ArtifactError, ArtifactMismatchError, SettingsError
from ham_recommend.recommend import _log_json as log_json
from ham_recommend.recommend._log import Asked, Continued, Forgotten, Marked, Replaced
from ham_recommend.recommend._storage import SessionFile, checked_name
from ham_recommend.recommend.session import Session

item_ids = st.text(min_size=1, max_size=8)
score = st.floats(-1, 1, width=32)


@st.composite
def rankings(draw):
    ids = draw(st.lists(item_ids, unique=True, max_size=5))
    folded = draw(st.dictionaries(st.sampled_from(ids), st.tuples(item_ids), max_size=2)) if ids else {}
    nearest = draw(st.dictionaries(st.sampled_from(ids), item_ids, max_size=2)) if ids else {}
    years = draw(
        st.none() | st.tuples(st.none() | st.integers(-300, 2000), st.none() | st.integers(2000, 2100))
    )
    where = {"title": draw(st.text(min_size=1).filter(str.strip))} | ({"years": years} if years else {})
    channel = draw(st.lists(score | st.just(float("nan")), min_size=len(ids), max_size=len(ids)))
    return Ranking.from_scores(
        np.array(ids, dtype=object),
        np.array(draw(st.lists(score, min_size=len(ids), max_size=len(ids))), dtype=np.float32),
        len(ids),
        channels={"words": np.array(channel, dtype=np.float32)},
        query=Query(
            text=draw(st.text()), liked=tuple(draw(st.lists(item_ids, max_size=2))), k=7, where=where
        ),
        corrected=draw(st.dictionaries(st.text(), st.text(), max_size=2)),
        suggested=draw(st.dictionaries(st.text(), st.text(), max_size=1)),
        folded=folded,
        nearest_liked=nearest,
    )


moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
events = st.one_of(
    st.builds(Marked, st.sampled_from(["like", "unlike", "dislike", "undislike"]), item_ids),
    st.just(Marked("clear_likes")),
    st.just(Replaced()),
    st.builds(Forgotten, st.integers(0, 9)),
    st.builds(Continued, st.integers(0, 9), rankings()),
    st.builds(
        Asked,
        kind=st.sampled_from(["search", "recommend", "similar"]),
        ranking=rankings(),
        at=moments,
        skipped_seen=st.integers(0, 99),
        repeats=st.booleans(),
    ),
)


def plain(event):
    """Return an event as values that can be compared."""
    if isinstance(event, Marked | Forgotten | Replaced):
        return event
    ranking = event.ranking
    rest = (event.turn_id,) if isinstance(event, Continued) else (event.kind, event.at, event.repeats)
    return (list(ranking), ranking.query, ranking.corrected, ranking.suggested, *rest)


@given(events)
def test_an_event_survives_being_written_down(event):
    import json

    assert plain(log_json.from_json(json.loads(json.dumps(log_json.to_json(event))))) == plain(event)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_anything_else_is_refused(data):
    """Put a foreign value into any place of an event: it is read as an event still, or refused."""
    content = log_json.to_json(data.draw(events))
    place = data.draw(st.sampled_from(sorted(content)))
    if place == "hits" and content["hits"] and data.draw(st.booleans()):
        hit = data.draw(st.sampled_from(content["hits"]))
        hit[data.draw(st.sampled_from(sorted(hit)))] = data.draw(json_values)
    else:
        content[place] = data.draw(json_values)
    try:
        event = log_json.from_json(content)
    except ValueError:
        return
    assert isinstance(event, Asked | Continued | Forgotten | Marked | Replaced)


def test_what_is_appended_comes_back_in_order(tmp_path):
    file = SessionFile(tmp_path / "sessions.sqlite")
    first, number = file.append("one", [Marked("like", "a"), Marked("like", "b")], 0)
    assert first == [Marked("like", "a"), Marked("like", "b")]
    file.append("other", [Marked("like", "z")], 0)
    assert file.append("one", [Marked("unlike", "a")], number)[0] == [Marked("unlike", "a")]
    assert file.read("one", 0)[0] == [*first, Marked("unlike", "a")]
    assert file.names() == ("one", "other")


def test_a_deleted_session_is_gone_and_its_numbers_are_not_used_again(tmp_path):
    file = SessionFile(tmp_path / "sessions.sqlite")
    _, before = file.append("one", [Marked("like", "a")], 0)
    file.append("other", [Marked("like", "b")], 0)
    file.delete("one")
    file.delete("never there")
    assert file.names() == ("other",)
    assert file.append("one", [Marked("like", "c")], before)[0] == [Marked("like", "c")]


def test_reading_makes_no_file(tmp_path):
    file = SessionFile(tmp_path / "sessions.sqlite")
    assert file.names() == ()
    assert file.read("one", 0) == ([], 0)
    file.delete("one")
    assert not list(tmp_path.iterdir())


def _keep(path, writer, count):
    file = SessionFile(path)
    for number in range(count):
        file.append("shared", [Marked("like", f"{writer}:{number}")], 0)


def test_many_processes_at_once_lose_nothing(tmp_path):
    """They race from the first moment, when there is no file yet."""
    path, count = tmp_path / "sessions.sqlite", 25
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_keep, args=(path, writer, count)) for writer in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * 4
    kept = [event.item_id for event in SessionFile(path).read("shared", 0)[0]]
    assert sorted(kept) == sorted(f"{writer}:{number}" for writer in range(4) for number in range(count))
    for writer in range(4):
        own = [item_id for item_id in kept if item_id.startswith(f"{writer}:")]
        assert own == [f"{writer}:{number}" for number in range(count)]


def _begin(path, barrier, told):
    barrier.wait()
    try:
        SessionFile(path).append("cats", [Marked("like", "m:1")], 0)
        told.put("")
    except ArtifactError as error:
        told.put(str(error))


def test_a_file_that_many_make_at_once_is_made_once(tmp_path):
    context = multiprocessing.get_context("fork")
    for number in range(10):
        barrier, told = context.Barrier(6), context.Queue()
        path = tmp_path / f"{number}.sqlite"
        people = [context.Process(target=_begin, args=(path, barrier, told)) for _ in range(6)]
        for person in people:
            person.start()
        assert [told.get(timeout=60) for _ in people] == [""] * 6
        for person in people:
            person.join()
        assert SessionFile(path).newest(0) == {"cats": 6}


def test_a_file_says_which_sessions_went_on(tmp_path):
    sessions = SessionFile(tmp_path / "sessions.sqlite")
    assert sessions.newest(0) == {}
    for name in ("cats", "ships", "cats"):
        sessions.append(name, [Marked("like", "m:1")], 0)
    assert sessions.newest(0) == {"cats": 3, "ships": 2}
    assert sessions.newest(2) == {"cats": 3}
    assert sessions.newest(3) == {}


@pytest.mark.parametrize(
    "damage", [b"not a database at all, but long enough to be looked at" * 40, b"SQLite format 3\x00" * 64]
)
def test_a_damaged_file_is_named_and_left_alone(tmp_path, damage):
    path = tmp_path / "sessions.sqlite"
    path.write_bytes(damage)
    file = SessionFile(path)
    for use in (
        file.names,
        lambda: file.read("one", 0),
        lambda: file.append("one", [Marked("like", "a")], 0),
    ):
        with pytest.raises(ArtifactCorruptError, match=r"sessions\.sqlite.*Move it away"):
            use()
    assert path.read_bytes() == damage


def test_a_damaged_session_leaves_the_others_alone(tmp_path):
    path = tmp_path / "sessions.sqlite"
    file = SessionFile(path)
    file.append("good", [Marked("like", "a")], 0)
    file.append("bad", [Marked("like", "b")], 0)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE events SET body = '{\"event\": \"like\"' WHERE session = 'bad'")
    with pytest.raises(ArtifactCorruptError, match="'bad'"):
        file.read("bad", 0)
    with pytest.raises(ArtifactCorruptError, match="'bad'"):
        file.append("bad", [Marked("like", "c")], 0)
    assert file.read("good", 0)[0] == [Marked("like", "a")]
    assert file.append("good", [Marked("like", "d")], 0)[0][-1] == Marked("like", "d")


def test_a_file_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "sessions.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ArtifactMismatchError, match="newer"):
        SessionFile(path).names()


def test_a_folder_in_its_place_is_an_error_of_ours(tmp_path):
    (tmp_path / "sessions.sqlite").mkdir()
    with pytest.raises(ArtifactError, match=r"sessions\.sqlite"):
        SessionFile(tmp_path / "sessions.sqlite").names()


@pytest.mark.parametrize(
    "name", ["ships", "Käthe’s 3rd list", "船", "a" * 200, "../../etc", "'; DROP TABLE events"]
)
def test_names(tmp_path, name):
    file = SessionFile(tmp_path / "sessions.sqlite")
    file.append(checked_name(name), [Marked("like", "a")], 0)
    assert file.names() == (name,)


@pytest.mark.parametrize(
    "name", ["", "  ", "a" * 201, "two\nlines", "\x00", "\u202eevil", "\ud800", 7, b"ships"]
)
def test_no_names(name):
    with pytest.raises(SettingsError, match="name"):
        checked_name(name)


def test_sessions_are_kept_elsewhere_for_a_collection_one_may_only_read(recommender, tmp_path, monkeypatch):
    own = recommender.workspace.root / "sessions.sqlite"
    before = own.read_bytes() if own.exists() else None
    name = f"{recommender.workspace.root.resolve().name}.sqlite"
    first = Session(recommender, name="mine", sessions=tmp_path / "kept" / "here")
    first.like(recommender.catalog.item_ids[0])
    assert (tmp_path / "kept" / "here" / name).is_file()
    monkeypatch.setenv("HAM_SESSIONS", str(tmp_path / "kept" / "here"))
    assert Session(recommender, name="mine").liked == first.liked
    assert Session.names(recommender) == ("mine",)
    file = tmp_path / "one.sqlite"
    Session(recommender, name="mine", sessions=file).like(recommender.catalog.item_ids[1])
    assert file.is_file()
    assert Session.names(recommender, sessions=file) == ("mine",)
    Session.delete(recommender, "mine", sessions=file)
    assert Session.names(recommender, sessions=file) == ()
    assert Session.names(recommender) == ("mine",)
    assert (own.read_bytes() if own.exists() else None) == before


def test_where_nothing_can_be_kept_the_message_says_how_to_keep_it_elsewhere(recommender, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    session = Session(recommender, name="mine", sessions=tmp_path / "file" / "kept")
    with pytest.raises(ArtifactError, match=r"sessions=FOLDER.*HAM_SESSIONS"):
        session.like(recommender.catalog.item_ids[0])
