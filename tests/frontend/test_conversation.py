"""A conversation without a notebook, a browser or a widget library: events in, messages and state out."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from threading import Thread

import pytest

from ham_recommend import Session, errors, repeat
from ham_recommend.frontend import Conversation, export
from ham_recommend.frontend.messages import CHANNEL_LABELS

NAMES = {label: name for name, label in CHANNEL_LABELS.items()}


class Talk:
    """A conversation, and what it sent since someone last looked."""

    def __init__(self, session):
        self.sent = []
        self.conversation = Conversation(session, lambda *sent: self.sent.append(sent))
        self.copy = self.conversation.state.to_json()

    @property
    def session(self):
        return self.conversation.session

    @property
    def state(self):
        return self.conversation.state

    def take(self):
        """Return the messages sent, less those of the state, which a front end takes into its copy."""
        taken, self.sent = self.sent, []
        for message, _ in taken:
            json.dumps(message)
            if message["type"] == "state":
                self.copy |= message["changes"]
        assert self.copy == self.state.to_json()
        self.buffers = [buffers for _, buffers in taken]
        return [message for message, _ in taken if message["type"] != "state"]

    def say(self, kind, **fields):
        self.conversation.receive({"type": kind, **fields})
        return self.take()

    def shown(self, turn=-1):
        return self.session.turns[turn].ranking.item_ids.tolist()


@pytest.fixture
def talk(recommender):
    return Talk(Session(recommender))


def test_a_search_becomes_a_turn_and_the_state_follows(talk):
    turn, done = talk.say("search", text="circus cat", request="a-1")
    assert [work["item_id"] for work in turn["works"]] == talk.shown()
    assert [work["rank"] for work in turn["works"]] == list(range(1, 13))
    assert (turn["request"], turn["view"], turn["start"]) == ("a-1", None, 0)
    assert turn["heading"]["text"] == "circus cat"
    assert done == {"type": "done", "request": "a-1"}
    assert talk.state.turns == ((1, 12),)
    assert talk.state.query == "circus cat"
    assert talk.state.busy is False


def test_the_state_says_busy_while_an_answer_is_made(talk):
    talk.conversation.receive({"type": "search", "text": "cat"})
    changes = [message.get("changes", message["type"]) for message, _ in talk.sent]
    assert changes == [
        {"busy": True},
        "turn",
        {"busy": False, "query": "cat", "turns": [[1, 12]]},
    ]


def test_what_is_asked_anew_stays_until_its_answer_is_there(talk):
    first, _ = talk.say("search", text="cat", request="a-1")
    talk.sent.clear()
    where = {"classification": ["Paintings"]}
    turn_id = first["heading"]["turn_id"]
    talk.conversation.receive(
        {"type": "search", "text": "cat", "where": where, "request": "a-2", "replaces": "a-1"}
    )
    said = [message.get("changes", message["type"]) for message, _ in talk.sent]
    assert said[:2] == [{"busy": True}, "turn"]
    assert said[2]["turns"] == [[turn_id + 1, len(talk.shown())]]


def test_a_recommendation_reaches_as_far_as_it_was_asked_to(talk, recommender, tmp_path):
    talk.say("search", text="cat")
    for item_id in talk.shown()[:2]:
        talk.say("like", item_id=item_id)
    seen = talk.session.seen
    turn, *_ = talk.say("recommend", discovery=0.75, request="r")
    expected = recommender.recommend(
        talk.session.liked, k=12, exclude=seen, strategy=talk.session.strategy, discovery=0.75
    )
    assert [work["item_id"] for work in turn["works"]] == expected.item_ids.tolist()
    assert turn["heading"]["discovery"] == talk.state.discovery == 0.75
    for name in ("findings.md", "findings.html", "findings.csv", "findings.json"):
        assert "0.75" in export.write(talk.session, tmp_path / name).read_text("utf-8-sig")
    assert "discovery=0.75" in repeat(recommender, talk.session.turns[-1].ranking).python
    again = Session.from_json(recommender, talk.session.to_json())
    assert Conversation(again, lambda *_: None).state.discovery == 0.75
    for beyond in (1.5, -0.1, True):
        talk.say("recommend", discovery=beyond)
        assert "discovery is a number from 0 to 1" in talk.state.error


def test_only_what_changed_is_sent(talk):
    talk.say("search", text="cat")
    first = talk.shown()[0]
    talk.conversation.receive({"type": "like", "item_id": first})
    talk.conversation.receive({"type": "like", "item_id": first})
    assert talk.sent == [({"type": "state", "changes": {"liked_ids": [first]}}, [])]


def test_every_mark_can_be_set_and_taken_back(talk):
    talk.say("search", text="cat")
    first, second, third, *_ = talk.shown()
    for kind, item_id, liked, disliked in (
        ("like", first, (first,), ()),
        ("like", second, (first, second), ()),
        ("dislike", second, (first,), (second,)),
        ("dislike", third, (first,), (second, third)),
        ("undislike", second, (first,), (third,)),
        ("unlike", first, (), (third,)),
        ("like", first, (first,), (third,)),
    ):
        assert talk.say(kind, item_id=item_id, request="r") == [{"type": "done", "request": "r"}]
        assert (talk.state.liked_ids, talk.state.disliked_ids) == (liked, disliked)
    talk.say("clear_likes")
    assert (talk.state.liked_ids, talk.state.disliked_ids) == ((), (third,))


def test_what_the_last_mark_took_back_can_be_undone(talk):
    talk.say("search", text="cat")
    first, second, third, *_ = talk.shown()
    talk.say("undo", request="r")
    for kind, item_id in (("like", first), ("like", second), ("dislike", third)):
        talk.say(kind, item_id=item_id)
        assert talk.state.taken_back == ()
    talk.say("clear_likes")
    assert talk.state.taken_back == (first, second)
    talk.say("undo")
    assert (talk.state.liked_ids, talk.state.taken_back) == ((first, second), ())
    talk.say("undislike", item_id=third)
    assert talk.state.taken_back == (third,)
    talk.say("undo")
    assert (talk.state.liked_ids, talk.state.disliked_ids) == ((first, second), (third,))
    talk.say("unlike", item_id=first)
    talk.say("like", item_id=third)
    assert talk.state.taken_back == ()
    talk.say("undo")
    assert talk.state.liked_ids == (second, third)


def test_every_request_is_answered(talk):
    for kind, fields in (
        ("search", {"text": "cat"}),
        ("search", {"text": " "}),
        ("search", {"text": "cat", "where": {"nothing": "like it"}}),
        ("recommend", {}),
        ("similar", {"item_id": "sample:nothing"}),
        ("like", {"item_id": "sample:nothing"}),
        ("more", {"turn_id": 99}),
        ("more", {}),
        ("detail", {"item_id": "sample:nothing", "turn_id": 1}),
        ("export", {"format": "pdf"}),
        ("dance", {}),
    ):
        assert talk.say(kind, **fields, request="r-1")[-1] == {"type": "done", "request": "r-1"}
        assert talk.state.busy is False


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"type": "dance"}, "Unknown event 'dance'. Known: "),
        ({}, "Unknown event None"),
        ({"type": ["search"]}, "Unknown event"),
        ({"type": "like"}, "'like' needs 'item_id'"),
        ({"type": "like", "item_id": 7}, "'item_id' of the event 'like' is str, not 7"),
        ({"type": "like", "item_id": "sample:1", "items": []}, "Unknown field of the event 'like' 'items'"),
        ({"type": "headings", "turn_ids": 1}, "'turn_ids' of the event 'headings' is list"),
        ({"type": "search", "text": None}, "'text' of the event 'search'"),
        ({"type": "search", "text": "cat", "where": "Prints"}, "'where' of the event 'search'"),
        ({"type": "turn", "turn_id": 5}, "There is no turn 5"),
        ({"type": "recommend"}, "liked"),
    ],
)
def test_a_mistaken_event_becomes_one_calm_line(talk, event, message):
    talk.conversation.receive(event)
    assert message in talk.state.error
    talk.say("search", text="cat", request="r")
    assert talk.state.error == ""


def test_an_empty_search_asks_for_words(talk):
    talk.say("search", text="", request="r-3")
    assert talk.state.error == ""
    assert "Type" in talk.state.message
    talk.say("search", text="cat")
    assert talk.state.message == ""


def test_a_bug_surfaces_and_does_not_leave_the_page_waiting(talk, monkeypatch):
    monkeypatch.setattr(talk.session, "search", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        talk.say("search", text="cat", request="r-1")
    assert talk.take() == [{"type": "done", "request": "r-1"}]
    assert "ZeroDivisionError" in talk.state.error
    assert talk.state.busy is False


def test_a_second_search_replaces_the_first(talk):
    talk.say("search", text="cat", request="r-1")
    talk.say("search", text="ships", request="r-2", replaces="r-1")
    assert [turn.ranking.query.text for turn in talk.session.turns] == ["ships"]
    assert talk.state.turns == ((2, 12),)
    assert talk.session.seen == set(talk.shown()) | {
        other for group in talk.session.turns[0].ranking.folded.values() for other in group
    }


def test_a_replaced_search_stays_away_after_a_restart(recommender):
    talk = Talk(Session(recommender, name="test replaced"))
    talk.say("search", text="circus cat", request="r-1")
    talk.say("search", text="ships", request="r-2", replaces="r-1")
    again = Talk(Session(recommender, name="test replaced"))
    assert again.state.turns == talk.state.turns
    again.say("search", text="circus cat")
    assert [(turn.turn_id, turn.skipped_seen) for turn in again.session.turns] == [(2, 0), (3, 0)]


def test_a_search_asks_what_an_earlier_turn_asked(talk):
    where = {"classification": "", "years": [1700, None]}
    talk.say("search", text="jumpng cat", where=where)
    talk.say("search", turn_id=1, text="ships", correct=False, allow_repeats=True)
    first, second = (turn.ranking for turn in talk.session.turns)
    assert (second.query.text, second.query.where) == (first.query.text, first.query.where)
    assert first.query.where == {"years": (1700, None)}
    assert (bool(first.corrected), bool(second.corrected)) == (True, False)
    assert talk.session.turns[1].skipped_seen == 0


def test_a_view_that_opens_later_gets_everything(talk):
    talk.say("search", text="cat", request="r-1")
    talk.say("search", text="ships", request="r-2")
    (answer,) = talk.say("headings", turn_ids=[1, 2, 99])
    assert [heading["text"] for heading in answer["headings"]] == ["cat", "ships"]
    (answer,) = talk.say("turn", turn_id=1, view="v1")
    assert [work["item_id"] for work in answer["works"]] == talk.shown(0)
    assert answer["view"] == "v1"
    (answer,) = talk.say("works", item_ids=[talk.shown(0)[0], "sample:nothing"])
    assert [work["item_id"] for work in answer["works"]] == [talk.shown(0)[0]]


def test_a_work_opens_with_its_fields_and_why_it_is_there(talk):
    talk.say("search", text="cat")
    talk.say("like", item_id=talk.shown()[0])
    talk.say("recommend")
    hit = talk.session.turns[1].ranking[0]
    (answer,) = talk.say("detail", item_id=hit.item_id, turn_id=2, view="v1")
    work, catalog = answer["work"], talk.session.recommender.catalog
    assert work["nearest_liked"] == {
        "item_id": hit.nearest_liked,
        "title": catalog[hit.nearest_liked].title,
    }
    assert {NAMES[each["label"]]: each["value"] for each in work["channels"]} == pytest.approx(
        hit.channels, abs=1e-3
    )
    assert {"label": "Identifier", "text": hit.item_id} in work["facts"]
    assert (answer["turn_id"], answer["view"]) == (2, "v1")
    (answer,) = talk.say("detail", item_id=hit.item_id, turn_id=1)
    assert (answer["work"]["channels"], answer["work"]["nearest_liked"]) == ([], None)


def test_pictures_travel_as_bytes_and_only_when_asked_for(talk):
    turn = talk.say("search", text="cat", request="r-1")[0]
    with_picture = [work["item_id"] for work in turn["works"] if work["picture_url"] is None]
    (answer,) = talk.say("pictures", item_ids=[*with_picture, "sample:nothing", 7])
    assert answer["item_ids"] == [*with_picture, "sample:nothing"]
    assert set(answer["mimes"][:-1]) <= {"image/webp", "image/jpeg"}
    assert answer["mimes"][-1] == ""
    (buffers,) = talk.buffers
    assert [len(each) > 500 for each in buffers] == [*[True] * len(with_picture), False]


def test_a_file_travels_as_bytes(talk):
    talk.say("search", text="cat")
    (answer,) = talk.say("export", format="json", view="v1")
    assert answer == {"type": "file", "name": "sample.json", "mime": "application/json", "view": "v1"}
    assert json.loads(talk.buffers[0][0]).items() >= json.loads(talk.session.to_json()).items()
    talk.say("search", text="ships")
    talk.say("export", format="json", turn_id=2)
    assert [turn["text"] for turn in json.loads(talk.buffers[0][0])["turns"]] == ["ships"]
    talk.say("export", format="json", likes_only=True)
    assert json.loads(talk.buffers[0][0])["turns"] == []


def test_a_continued_turn_ends_when_nothing_is_left(recommender):
    talk = Talk(Session(recommender, k=100))
    talk.conversation.search("cat")
    for _ in range(3):
        (turn, done) = talk.say("more", turn_id=1, request="r")[-2:]
    assert done == {"type": "done", "request": "r"}
    assert turn["heading"]["more"] is False
    assert len(set(talk.shown())) == len(talk.shown()) == talk.state.turns[0][1]


def test_what_is_set_from_outside_is_followed_or_refused(talk):
    talk.conversation.search("cat")
    first, second, *_ = talk.shown()
    talk.conversation.assign(liked_ids=[first, second], query="dogs")
    assert talk.session.liked == talk.state.liked_ids == (first, second)
    assert talk.state.query == "dogs"
    talk.conversation.assign(liked_ids=[second], disliked_ids=[first])
    assert (talk.session.liked, talk.session.disliked) == ((second,), (first,))
    talk.take()
    with pytest.raises(errors.UnknownItemError):
        talk.conversation.assign(liked_ids=["sample:nothing"])
    assert talk.state.liked_ids == ()
    talk.take()


def test_another_session_takes_its_place(talk, recommender):
    talk.say("search", text="cat", request="r-1")
    other = Session(recommender)
    other.search("ships")
    other.like("sample:1")
    talk.conversation.replace_session(other)
    talk.take()
    assert (talk.state.query, talk.state.liked_ids) == ("ships", ("sample:1",))
    talk.say("search", text="horses", request="r-2", replaces="r-1")
    assert [turn.ranking.query.text for turn in other.turns] == ["ships", "horses"]


def test_any_thread_may_talk(talk):
    ids = talk.session.recommender.catalog.item_ids[:40]

    def click(item_id):
        talk.conversation.receive({"type": "like", "item_id": item_id, "request": item_id})

    threads = [Thread(target=click, args=[item_id]) for item_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {message["request"] for message in talk.take()} == set(ids)
    assert set(talk.state.liked_ids) == set(ids)


def test_the_state_cannot_be_changed_from_outside(talk):
    with pytest.raises(AttributeError):
        talk.state.query = "mine"
    assert replace(talk.state, query="mine").changes_since(talk.state) == {"query": "mine"}


WITHOUT_A_NOTEBOOK = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"anywidget", "ipywidgets", "IPython", "traitlets", "comm"}:
            raise ModuleNotFoundError(f"{name} is not installed", name=name)

sys.meta_path.insert(0, Absent())
from ham_recommend import Recommender, Session
from ham_recommend.frontend import Conversation, export, modules

sent = []
talk = Conversation(Session(Recommender.load(sys.argv[1])), lambda *each: sent.append(each))
talk.receive({"type": "search", "text": "circus cat", "request": "a-1"})
works = next(message["works"] for message, _ in sent if message["type"] == "turn")
talk.receive({"type": "like", "item_id": works[0]["item_id"]})
talk.receive({"type": "recommend", "request": "a-2"})
talk.receive({"type": "pictures", "item_ids": [works[0]["item_id"]]})
talk.receive({"type": "detail", "item_id": works[0]["item_id"], "turn_id": 1})
talk.receive({"type": "export", "format": "html"})
assert "export default" in modules.interface_module()
assert talk.state.error == "", talk.state.error
print(*[message["type"] for message, _ in sent if message["type"] != "state"])
print(talk.state.turns, talk.state.liked_ids == (works[0]["item_id"],))
"""


def test_a_conversation_needs_no_notebook(museum):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_A_NOTEBOOK, museum],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "turn done turn done pictures detail file",
        "((1, 12), (2, 12)) True",
    ]
