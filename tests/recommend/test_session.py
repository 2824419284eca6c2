"""A session keeps what one person liked and saw, whatever happens in whatever order."""

from __future__ import annotations

import json
import multiprocessing
import threading
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from small_museum import EACH, MOTIFS, build_collection, kept_in, museum

from ham_recommend.errors import (
    ArtifactCorruptError,
    ArtifactError,
    DataWarning,
    SettingsError,
    UnknownItemError,
)
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.session import Session
from ham_recommend.workspace import SESSIONS

IDS = [f"m:{motif}{number:02}" for motif in MOTIFS for number in range(EACH)]
FIRST, SECOND = EACH - 2, EACH - 1
ids = st.sampled_from(IDS)


def shown(ranking):
    return [*ranking.item_ids, *(other for group in ranking.folded.values() for other in group)]


def distinct(item_ids):
    """Return how many different pictures works show: the last two of a motif show the same."""
    return len({item_id[:-2] + str(min(int(item_id[-2:]), FIRST)) for item_id in item_ids})


def same(one, other):
    """Say whether two sessions hold the same."""
    return json.loads(one.to_json()) == json.loads(other.to_json())


class TestSearching:
    def test_a_search_again_goes_on_and_says_so(self, recommender):
        session = Session(recommender, k=5)
        first, second = session.search("circus cat"), session.search("Circus  cat")
        assert (first.turn_id, second.turn_id) == (1, 2)
        assert first.skipped_seen == 0
        assert second.skipped_seen == len(shown(first.ranking)) == 5
        assert not set(shown(first.ranking)) & set(shown(second.ranking))
        assert len(second.ranking) == 5

    def test_unless_repeats_are_allowed(self, recommender):
        session = Session(recommender, k=5)
        first = session.search("circus cat")
        again = session.search("circus cat", allow_repeats=True)
        assert again.ranking.item_ids.tolist() == first.ranking.item_ids.tolist()
        assert again.skipped_seen == 0
        session.more(1)
        following = session.more(again.turn_id)
        assert following.ranking.item_ids.tolist() == session.turns[0].ranking.item_ids.tolist()

    def test_another_search_or_filter_starts_afresh(self, recommender):
        session = Session(recommender, k=5)
        session.search("circus cat")
        assert session.search("cat").skipped_seen == 0
        first = session.search("circus cat", where={"classification": "Prints"})
        assert first.skipped_seen == 0
        shown = len(first.ranking) + sum(len(hit.folded) for hit in first.ranking)
        assert session.search("circus cat", where={"classification": "Prints"}).skipped_seen == shown

    def test_at_the_end_a_turn_is_empty(self, recommender):
        session = Session(recommender, k=40)
        while len(session.search("circus cat").ranking):
            pass
        last = session.turns[-1]
        assert len(last.ranking) == 0
        assert last.skipped_seen == len(session.seen)
        assert session.more(last.turn_id) == last

    def test_a_bad_search_leaves_no_turn(self, recommender):
        session = Session(recommender)
        with pytest.raises(SettingsError):
            session.search("  ")
        with pytest.raises(SettingsError):
            session.search("cat", where={"colour": "red"})
        assert session.turns == ()


class TestLiking:
    def test_a_work_is_liked_or_disliked_but_not_both(self, recommender):
        session = Session(recommender)
        for item_id in ("m:cat01", "m:ship01", "m:cat01"):
            session.like(item_id)
        session.dislike("m:cat01")
        assert (session.liked, session.disliked) == (("m:ship01",), ("m:cat01",))
        session.like("m:cat01")
        assert (session.liked, session.disliked) == (("m:ship01", "m:cat01"), ())
        session.unlike("m:ship01")
        session.unlike("m:never")
        session.undislike("m:never")
        session.dislike("m:vase01")
        session.clear_likes()
        assert (session.liked, session.disliked) == ((), ("m:vase01",))

    @pytest.mark.parametrize("mark", ["like", "dislike", "more_like"])
    def test_an_unknown_work_changes_nothing(self, recommender, mark):
        session = Session(recommender)
        with pytest.raises(UnknownItemError, match="m:cat99"):
            getattr(session, mark)("m:cat99")
        assert (session.liked, session.disliked, session.turns) == ((), (), ())

    def test_without_likes_there_is_nothing_to_recommend_from(self, recommender):
        with pytest.raises(SettingsError, match="Nothing is liked yet"):
            Session(recommender).recommend()

    def test_likes_that_have_left_the_collection_are_told(self, recommender):
        kept = Session(recommender, name="visitor")
        kept.like("m:cat01")
        fewer = [work for work in museum()[0] if work.item_id != "m:cat01"]
        rebuilt = build_collection(recommender.workspace.root / "rebuilt", fewer, {})
        recommender.workspace.path(SESSIONS).rename(rebuilt.path(SESSIONS))
        session = Session(Recommender.load(rebuilt), name="visitor")
        with pytest.raises(SettingsError, match="'m:cat01', is no longer in this collection"):
            session.recommend()
        session.like("m:cat02")
        assert len(session.recommend().ranking)

    @pytest.mark.parametrize("given", ["artifacts/sample", None, 7])
    def test_what_is_no_recommender_is_refused(self, given):
        for use in (Session, Session.names):
            with pytest.raises(SettingsError, match=r"Recommender\.load"):
                use(given)

    def test_recommendations_go_on_until_all_was_seen(self, recommender):
        session = Session(recommender, k=9)
        session.like("m:cat01")
        session.dislike("m:vase01")
        while len(session.recommend().ranking):
            pass
        assert session.seen == set(IDS) - {"m:cat01", "m:vase01"}
        assert len(session.recommend().ranking) == 0
        assert len(session.more(1).ranking) == 9

    def test_a_session_or_a_turn_chooses_the_strategy(self, recommender):
        liked = ["m:ship01", "m:ship02", "m:cat03"]

        def found(strategy, **options):
            ranking = recommender.recommend(liked, strategy=strategy, **options)
            assert ranking.query.strategy == strategy
            return ranking.item_ids.tolist()

        assert found("mean") != found("interleave")
        for own, turn, used in [("interleave", "mean", "mean"), ("mean", None, "mean")]:
            session = Session(recommender, strategy=own)
            for item_id in liked:
                session.like(item_id)
            first = session.recommend(strategy=turn).ranking
            assert first.item_ids.tolist() == found(used)
            again = Session.from_json(recommender, session.to_json())
            more = again.more(1).ranking.item_ids.tolist()
            assert more[12:] == found(used, exclude=shown(first))

    def test_an_unknown_strategy_is_refused(self, recommender):
        with pytest.raises(SettingsError, match="mean, best_score, each, interleave"):
            Session(recommender, strategy="median")
        session = Session(recommender)
        session.like("m:ship01")
        with pytest.raises(SettingsError, match="mean, best_score, each, interleave"):
            session.recommend(strategy="median")
        assert not session.turns

    def test_recommendations_can_be_filtered(self, recommender):
        session = Session(recommender)
        session.like("m:cat01")
        for work in session.recommend(where={"classification": "Paintings"}).ranking.works.values():
            assert work.classification == "Paintings"


def test_there_is_no_such_turn(recommender):
    session = Session(recommender)
    for turn_id in (0, 1, -1):
        with pytest.raises(SettingsError, match="no turn"):
            session.more(turn_id)


class AnyOrder(RuleBasedStateMachine):
    """Anything a person does, in any order, against a plain model of likes and of what was shown."""

    recommender = None

    @initialize(named=st.booleans())
    def open(self, named):
        self.name = f"session {id(self)}" if named else None
        self.k = 5
        Session.delete(self.recommender, f"session {id(self)}")
        self.session = Session(self.recommender, name=self.name, k=self.k)
        self.liked, self.disliked, self.turns, self.last = [], [], {}, 0

    def shown_before(self, *kinds_and_queries):
        return {
            item
            for key, items, _ in self.turns.values()
            if not kinds_and_queries or key in kinds_and_queries
            for item in items
        }

    def note(self, key, turn, *, repeats=False):
        assert turn == self.session.turns[-1]
        self.last += 1
        assert turn.turn_id == self.last
        self.turns[self.last] = (key, shown(turn.ranking), repeats)

    @rule(text=st.sampled_from(["circus cat", "castle", "blue vase"]), repeats=st.booleans())
    def search(self, text, repeats):
        before = set() if repeats else self.shown_before(text)
        turn = self.session.search(text, allow_repeats=repeats)
        assert not before & set(shown(turn.ranking))
        assert turn.skipped_seen == len(before)
        self.note(text, turn, repeats=repeats)

    @precondition(lambda self: self.liked)
    @rule()
    def recommend(self):
        hidden = self.shown_before() | {*self.liked, *self.disliked}
        turn = self.session.recommend()
        assert not hidden & set(shown(turn.ranking))
        assert len(turn.ranking) >= min(self.k, distinct(set(IDS) - hidden))
        assert turn.ranking.query.liked == tuple(self.liked)
        self.note("recommend", turn)

    @rule(item_id=ids)
    def more_like(self, item_id):
        hidden = self.shown_before() | {item_id, *self.disliked}
        turn = self.session.more_like(item_id)
        assert not hidden & set(shown(turn.ranking))
        assert len(turn.ranking) >= min(self.k, distinct(set(IDS) - hidden))
        self.note("similar", turn)

    @precondition(lambda self: self.turns)
    @rule(data=st.data())
    def more(self, data):
        turn_id = data.draw(st.sampled_from(sorted(self.turns)))
        key, before, repeats = self.turns[turn_id]
        old = next(turn.ranking for turn in self.session.turns if turn.turn_id == turn_id)
        if key in ("recommend", "similar"):
            candidates = set(IDS) - {*old.query.liked, *old.query.disliked}
            hidden = self.shown_before() | {*self.liked, *self.disliked}
        else:
            candidates = set(shown(self.recommender.search(key, 200)))
            hidden = set(before) if repeats else self.shown_before(key)
        turn = self.session.more(turn_id)
        now = shown(turn.ranking)
        assert turn.ranking.item_ids[: len(old)].tolist() == old.item_ids.tolist()
        assert not hidden & (set(now) - set(before))
        assert len(turn.ranking) - len(old) >= min(self.k, distinct(candidates - hidden))
        self.turns[turn_id] = (key, now, repeats)

    @precondition(lambda self: self.turns)
    @rule(data=st.data())
    def forget(self, data):
        turn_id = data.draw(st.sampled_from(sorted(self.turns)))
        self.session.forget(turn_id)
        del self.turns[turn_id]

    @rule(item_id=ids)
    def like(self, item_id):
        self.session.like(item_id)
        self.disliked = [other for other in self.disliked if other != item_id]
        self.liked += [] if item_id in self.liked else [item_id]

    @rule(item_id=ids)
    def dislike(self, item_id):
        self.session.dislike(item_id)
        self.liked = [other for other in self.liked if other != item_id]
        self.disliked += [] if item_id in self.disliked else [item_id]

    @rule(item_id=ids)
    def take_back(self, item_id):
        self.session.unlike(item_id)
        self.session.undislike(item_id)
        self.liked = [other for other in self.liked if other != item_id]
        self.disliked = [other for other in self.disliked if other != item_id]

    @rule()
    def clear(self):
        self.session.clear_likes()
        self.liked = []

    @rule()
    def leave_and_come_back(self):
        before = self.session
        if self.name:
            self.session = Session(self.recommender, name=self.name, k=self.k)
        else:
            self.session = Session.from_json(self.recommender, before.to_json(), k=self.k)
            # Turns are counted anew where they are read from JSON.
            self.turns = dict(enumerate(self.turns.values(), 1))
            self.last = len(self.turns)
        assert same(self.session, before)

    @invariant()
    def the_session_is_what_the_model_says(self):
        assert self.session.liked == tuple(self.liked)
        assert self.session.disliked == tuple(self.disliked)
        assert self.session.seen == self.shown_before()
        assert [turn.turn_id for turn in self.session.turns] == list(self.turns)
        for turn in self.session.turns:
            ranking = turn.ranking
            assert len(set(shown(ranking))) == len(shown(ranking))
            assert len(ranking.scores) == len(ranking)
            assert set(ranking.works) == set(ranking.item_ids)


def test_anything_in_any_order(recommender):
    class Here(AnyOrder):
        pass

    Here.recommender = recommender
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Here, settings=settings(max_examples=25, stateful_step_count=25, deadline=None))


class TestKeeping:
    def test_a_named_session_is_there_again(self, recommender, museum_folder):
        session = Session(recommender, name="cats")
        session.search("circus cat")
        session.like("m:cat01")
        session.recommend()
        session.more(1)
        other = kept_in(recommender.workspace.root, museum_folder)
        again = Session(other, name="cats")
        assert same(again, session)
        assert again.turns[0].ranking.works.keys() == session.turns[0].ranking.works.keys()
        assert again.turns[1].at == session.turns[1].at
        assert Session.names(other) == ("cats",)
        Session.delete(other, "cats")
        assert Session(other, name="cats").turns == ()

    def test_two_at_once_see_what_the_other_did(self, recommender):
        one, other = Session(recommender, name="shared", k=5), Session(recommender, name="shared", k=5)
        one.like("m:cat01")
        other.like("m:ship01")
        one.refresh()
        assert one.liked == other.liked == ("m:cat01", "m:ship01")
        first, second = one.recommend(), other.recommend()
        assert (first.turn_id, second.turn_id) == (1, 2)
        assert not set(shown(first.ranking)) & set(shown(second.ranking))
        assert other.more(first.turn_id).ranking.item_ids[:5].tolist() == first.ranking.item_ids.tolist()
        one.refresh()
        assert same(one, other)

    def test_threads_lose_nothing(self, recommender):
        session = Session(recommender, name="threads")
        threads = [threading.Thread(target=session.like, args=(item_id,)) for item_id in IDS[:20]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(session.liked) == sorted(IDS[:20])
        assert same(Session(recommender, name="threads"), session)

    def test_history_survives_works_that_left_the_collection(self, tmp_path):
        records, _ = museum(pictures=False)
        before = Recommender.load(build_collection(tmp_path / "museum", records, {}).root)
        session = Session(before, name="cats", k=5)
        session.like("m:cat01")
        session.like("m:ship02")
        turn = session.search("circus cat")
        recommended = session.recommend()
        gone = {"m:cat01", turn.ranking.item_ids[0]}
        build_collection(
            tmp_path / "museum", [record for record in records if record.item_id not in gone], {}
        )
        after = Session(Recommender.load(tmp_path / "museum"), name="cats", k=5)
        assert after.turns[0].ranking.item_ids.tolist() == turn.ranking.item_ids.tolist()
        assert set(after.turns[0].ranking.works) == set(turn.ranking.item_ids) - gone
        assert after.liked == ("m:cat01", "m:ship02")
        assert len(after.recommend().ranking) == 5
        assert len(after.more(recommended.turn_id).ranking) == 10
        assert len(after.more(1).ranking) == 10

    def test_damage_is_named_and_the_memory_keeps_what_it_had(self, recommender):
        session = Session(recommender, name="cats")
        session.like("m:cat01")
        for path in recommender.workspace.root.glob(f"{SESSIONS}*"):
            path.write_bytes(b"garbage" * 1000)
        with pytest.raises(ArtifactCorruptError):
            session.like("m:cat02")
        assert session.liked == ("m:cat01",)
        assert "m:cat01" in session.to_json()
        with pytest.raises(ArtifactCorruptError):
            Session(recommender, name="cats")
        Session(recommender).like("m:cat01")

    @pytest.mark.parametrize("name", ["", "a" * 300, 7, "two\nlines"])
    def test_a_bad_name_is_refused(self, recommender, name):
        with pytest.raises(SettingsError, match="name"):
            Session(recommender, name=name)


def _live(museum_folder, folder, start):
    session = Session(kept_in(folder, museum_folder), name="shared", k=3)
    for item_id in IDS[start : start + 6]:
        session.like(item_id)
        session.search("circus cat")
    session.recommend()


def test_two_processes_at_once_lose_nothing(museum_folder, tmp_path):
    context = multiprocessing.get_context("spawn")
    starts = (0, 20)
    people = [context.Process(target=_live, args=(museum_folder, tmp_path, start)) for start in starts]
    for person in people:
        person.start()
    for person in people:
        person.join(60)
    assert [person.exitcode for person in people] == [0, 0]
    session = Session(kept_in(tmp_path, museum_folder), name="shared")
    assert sorted(session.liked) == sorted(IDS[0:6] + IDS[20:26])
    assert [turn.turn_id for turn in session.turns] == list(range(1, 15))
    assert [turn.kind for turn in session.turns].count("search") == 12


@pytest.mark.parametrize("beside", ["", "-wal", "-shm", "-journal"])
def test_a_file_of_sessions_that_is_a_link_is_refused(recommender, tmp_path, beside):
    """A received workspace must not send anyone's likes into another file, or make one somewhere."""
    target = tmp_path / "outside"
    recommender.workspace.path(f"{SESSIONS}{beside}").symlink_to(target)
    for use in (
        lambda: Session(recommender, name="cats"),
        lambda: Session.names(recommender),
        lambda: Session.delete(recommender, "cats"),
    ):
        with pytest.raises(ArtifactError, match="is a link"):
            use()
    assert not target.exists()


class TestJson:
    def test_works_of_another_collection_are_left_out(self, recommender, museum_without_pictures):
        session = Session(recommender, k=5)
        session.like("m:cat01")
        session.dislike("m:ship01")
        session.search("circus cat")
        session.recommend()
        text = session.to_json().replace("m:cat0", "elsewhere:cat0")
        with pytest.warns(DataWarning, match="elsewhere:cat0"):
            again = Session.from_json(Recommender.load(museum_without_pictures), text)
        assert again.liked == ()
        assert again.disliked == ("m:ship01",)
        assert [turn.ranking.query.text for turn in again.turns] == ["circus cat", ""]
        assert not [item_id for item_id in again.seen if item_id.startswith("elsewhere")]
        assert len(again.more(1).ranking) > len(again.turns[0].ranking) or len(again.turns[0].ranking) >= 5

    def test_it_can_be_kept_under_a_name_that_is_free(self, recommender):
        session = Session(recommender, name="cats", k=5)
        session.like("m:cat01")
        session.search("circus cat")
        assert same(Session.from_json(recommender, session.to_json(), name="copy"), session)
        assert same(Session(recommender, name="copy"), session)
        with pytest.raises(SettingsError, match="already"):
            Session.from_json(recommender, session.to_json(), name="cats")
        assert same(Session(recommender, name="cats"), session)

    def test_it_takes_the_place_of_another_where_that_is_asked_for(self, recommender):
        """Whoever has the old one open goes on with the new one."""
        old, new = Session(recommender, name="cats", k=5), Session(recommender, k=5)
        old.like("m:cat01")
        old.search("circus cat")
        new.like("m:ship01")
        new.search("ships in a storm")
        replaced = Session.from_json(recommender, new.to_json(), name="cats", k=5, replace=True)
        old.refresh()
        for session in (replaced, old, Session(recommender, name="cats")):
            assert same(session, new)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "null",
            "7",
            '"text"',
            "{}",
            '{"format": "ham_recommend.session", "version": 2, "liked": [], "disliked": [], "turns": []}',
            '{"format": "other", "version": 1, "liked": [], "disliked": [], "turns": []}',
            '{"format": "ham_recommend.session", "version": 1, "liked": [7], "disliked": [], "turns": []}',
            '{"format": "ham_recommend.session", "version": 1, "liked": {}, "disliked": [], "turns": [{}]}',
            "[" * 100_000,
            b"\xff\xfe",
            None,
        ],
    )
    def test_anything_else_is_refused(self, recommender, text):
        with pytest.raises(SettingsError, match="JSON"):
            Session.from_json(recommender, text)

    @given(data=st.data())
    @settings(max_examples=60)
    def test_a_damaged_one_is_read_or_refused(self, museum_folder, tmp_path_factory, data):
        text = self.example(museum_folder)
        start = data.draw(st.integers(0, len(text) - 1))
        cut = data.draw(st.integers(1, 40))
        damaged = text[:start] + data.draw(st.text(max_size=5)) + text[start + cut :]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            try:
                session = Session.from_json(self.rec, damaged)
            except SettingsError:
                return
        assert set(session.liked) <= set(IDS)
        assert set(session.seen) <= set(IDS)

    def example(self, museum_folder):
        if not hasattr(type(self), "rec"):
            type(self).rec = Recommender.load(museum_folder)
            session = Session(self.rec, k=3)
            session.search("circus cat")
            session.like("m:cat01")
            session.recommend()
            type(self).text = session.to_json()
        return self.text


def test_the_same_question_within_other_filters(recommender):
    session = Session(recommender)
    session.like(session.search("cat").ranking.item_ids[0])
    first = session.recommend()
    kinds = {work.classification for work in first.ranking.works.values()}
    kind = min(kinds)
    again = session.refilter(first.turn_id, where={"classification": kind})
    assert again.kind == "recommend"
    assert again.ranking.query.liked == first.ranking.query.liked
    assert {work.classification for work in again.ranking.works.values()} == {kind}
    assert set(again.ranking.item_ids) & set(first.ranking.item_ids), "what the turn showed may come again"
    searched = session.turns[0]
    assert not set(again.ranking.item_ids) & set(searched.ranking.item_ids)
    same = session.refilter(searched.turn_id)
    assert same.ranking.item_ids.tolist() == searched.ranking.item_ids.tolist()
    with pytest.raises(SettingsError, match="no turn 99"):
        session.refilter(99)
