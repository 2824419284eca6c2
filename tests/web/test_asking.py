"""What visitors ask is answered where programs are answered, and says what the collection itself would."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest
import requests
from serving import metric, until, workers_of

from ham_recommend import Recommender
from ham_recommend.errors import SettingsError, UnknownItemError
from ham_recommend.recommend.session import Session

LIKED = ("sample:1", "sample:5")
ASKED = {
    "search": lambda one: one.search("a red ship", 5),
    "corrected": lambda one: one.search("shipp in a stormm", 5),
    "suggested": lambda one: one.search("shpi", 5),
    "uncorrected": lambda one: one.search("shipp", 5, correct=False),
    "understood": lambda one: one.search("painting 19th century", 5),
    "ignoring": lambda one: one.search("painting", 5, ignore=["classification=Paintings"]),
    "within": lambda one: one.search("ship", 5, where={"years": (1500, None)}, exclude=["sample:1"]),
    "nothing": lambda one: one.search("zzzz qqqq", 5),
    "similar": lambda one: one.similar_items("sample:3", 5, exclude=LIKED),
    "recommend": lambda one: one.recommend(LIKED, ["sample:9"], 5, discovery=0.5, recency=0.2),
    "disliked": lambda one: one.recommend([], ["sample:9"], 5),
    "anchored": lambda one: one.recommend(LIKED, k=5, anchor="ship", where={"years": (1500, 1900)}),
    "colour": lambda one: one.search_by_colour("#2a559e", 5),
    "surprise": lambda one: one.surprise(5, drawn=7),
    "browse": lambda one: one.browse(5, where={"classification": "Prints"}),
}


@pytest.fixture
def asking(museum):
    """Return a recommender that asks another one, opened anew, and what it asked so far."""
    from ham_recommend.web.asking import AskingRecommender
    from ham_recommend.web.collections import Opened
    from ham_recommend.web.questions import Question, answered

    there = Opened("museum", Recommender.load(museum), "1")
    asked = []

    def ask(question):
        asked.append(Question.from_bytes(question.to_bytes(), question.picture))
        return answered(there, asked[-1])

    return AskingRecommender(Opened("museum", Recommender.load(museum), "1"), ask), asked


@pytest.mark.parametrize("name", ASKED)
def test_an_answer_from_elsewhere_is_the_one_from_here(asking, recommender, name):
    far, near = ASKED[name](asking[0]), ASKED[name](recommender)
    assert far.item_ids.tolist() == near.item_ids.tolist()
    assert np.array_equal(far.scores, near.scores)
    assert far.query == near.query
    for told in (
        "corrected",
        "suggested",
        "translated",
        "understood",
        "total",
        "fit",
        "found",
        "folded",
        "root",
    ):
        assert getattr(far, told) == getattr(near, told), told
    assert (far.saying, far.ignored) == (near.saying, near.ignored)
    assert [hit.why for hit in far] == [hit.why for hit in near]
    assert [hit.work for hit in far] == [hit.work for hit in near]
    assert far.to_frame().equals(near.to_frame())


def test_a_picture_is_searched_by_elsewhere_too(asking, recommender, museum):
    picture = (museum / next(iter(recommender.catalog.get(["sample:2"]).values())).thumbnail).read_bytes()
    near = recommender.search_by_picture(picture, 4, exclude=["sample:2"])
    assert asking[0].search_by_picture(picture, 4, exclude=["sample:2"]).item_ids.tolist() == list(
        near.item_ids
    )


def test_what_is_refused_elsewhere_is_refused_here(asking):
    with pytest.raises(UnknownItemError, match="no such"):
        asking[0].similar_items("no such")
    with pytest.raises(SettingsError, match="colour"):
        asking[0].search_by_colour("loud")
    with pytest.raises(SettingsError, match="liked"):
        asking[0].recommend([])


def test_facets_are_counted_elsewhere(asking, recommender):
    where = {"years": (1500, 1900)}
    assert asking[0].facets(where, limit=3) == recommender.facets(where, limit=3)
    assert [question.kind for question in asking[1]] == ["facets"]


def test_every_question_of_a_session_is_put_elsewhere_and_can_go_on(asking, tmp_path):
    far, asked = asking
    for method in ("search", "similar_items", "recommend", "surprise", "browse", "search_by_colour"):
        setattr(far._opened.recommender, method, None)  # nothing is searched for here
    session = Session(far, name="x", k=4, sessions=tmp_path)
    session.search("ship")
    longer = session.more(1)
    assert all(hit.why for hit in longer.ranking)
    session.like(longer.ranking[0].item_id)
    session.recommend()
    session.more_like(longer.ranking[1].item_id)
    session.surprise()
    session.browse()
    session.search_by_colour("#2a559e")
    kinds = ["search", "search", "recommend", "similar", "surprise", "browse", "colour"]
    assert [question.kind for question in asked] == kinds
    again = Session(far, name="x", k=4, sessions=tmp_path).turn(1).ranking
    assert [hit.why for hit in again] == [hit.why for hit in longer.ranking]


def test_only_what_others_may_ask_too_is_remembered(asking):
    far, asked = asking
    far.search("ship", exclude=["sample:1"])
    far.surprise(3)
    assert [question.key for question in asked] == [None, None]
    far.search("ship")
    far.search("ship")
    far.search("ship", 5)
    first, second, longer = (question.key for question in asked[2:])
    assert first == second != longer


# ---- the server -------------------------------------------------------------------------------------------


class Visitor:
    """A page in a browser, as far as the server sees it."""

    def __init__(self, address):
        self.asks, self.base = requests.Session(), f"{address}/api/v1/collections/sample/session"
        self.state()

    def state(self):
        return self.asks.get(self.base, timeout=60).json()

    def tell(self, **event):
        answer = self.asks.post(f"{self.base}/events", json={"request": "r", **event}, timeout=60)
        assert answer.ok, answer.text
        return [message for message, _ in answer.json()]


def turn_in(messages):
    return next(message for message in messages if message["type"] == "turn")


def shown(messages):
    return [work["item_id"] for work in turn_in(messages)["works"]]


def in_background(call):
    told = []
    thread = threading.Thread(target=lambda: told.append(call()))
    thread.start()
    return thread, told


def test_equal_questions_of_visitors_are_answered_once(command, recommender):
    _, address = command("--workers", "1")
    until(lambda: metric(address, "ham_workers") == 1)
    expected = recommender.search("ship", 12).item_ids.tolist()
    assert shown(Visitor(address).tell(type="search", text="ship")) == expected
    assert shown(Visitor(address).tell(type="search", text="ship")) == expected
    assert metric(address, "ham_answers_made") == 1
    assert metric(address, "ham_answers_remembered") == 1


def test_who_waits_for_a_worker_keeps_nobody_waiting(command):
    server, address = command("--workers", "1")
    until(lambda: metric(address, "ham_workers") == 1 and workers_of(server))
    patient, other = Visitor(address), Visitor(address)
    (worker,) = workers_of(server)
    worker.suspend()
    try:
        thread, told = in_background(lambda: patient.tell(type="search", text="ship"))
        until(lambda: metric(address, "ham_questions_under_way") == 1)
        other.tell(type="like", item_id="sample:3")
        assert other.state()["liked_ids"] == ["sample:3"]
        assert not told
    finally:
        worker.resume()
    thread.join(60)
    assert shown(told[0])


def test_a_worker_that_is_killed_while_it_answers_costs_the_visitor_nothing(command, recommender):
    server, address = command("--workers", "1")
    until(lambda: metric(address, "ham_workers") == 1 and workers_of(server))
    visitor = Visitor(address)
    (worker,) = workers_of(server)
    worker.suspend()
    thread, told = in_background(lambda: visitor.tell(type="search", text="ship"))
    until(lambda: metric(address, "ham_questions_under_way") == 1)
    os.kill(worker.pid, signal.SIGKILL)
    thread.join(60)
    assert shown(told[0]) == recommender.search("ship", 12).item_ids.tolist()
    until(lambda: metric(address, "ham_workers") == 1)
    assert shown(visitor.tell(type="search", text="cat"))
    assert [count for _, count in visitor.state()["turns"]] == [12, 12]
