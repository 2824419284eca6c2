"""A frame shows everything that fits before anything returns, by taste, and remembers when."""

from __future__ import annotations

import random

import numpy as np
import pytest

from ham_recommend.web.frames import Frames, Wanted, chosen

SAMPLE = "/api/v1/collections/sample"
FRAME = f"{SAMPLE}/frame"


@pytest.fixture
def api(client):
    return client()


def mark(api, kind, item_id):
    response = api.post(f"{SAMPLE}/session/events", json={"type": kind, "item_id": item_id})
    assert response.status_code == 200


def following(api, **wanted):
    response = api.post(f"{FRAME}/next", json=wanted)
    assert response.status_code == 200, response.text
    return response.json()


def show(api, item_ids, at=1_000.0):
    shown = [{"item_id": item_id, "at": at + number} for number, item_id in enumerate(item_ids)]
    assert api.post(f"{FRAME}/shown", json={"shown": shown}).status_code == 204


def ids(answer):
    return [work["item_id"] for work in answer["works"]]


@pytest.mark.parametrize("liked", [0, 3])
def test_nothing_returns_before_everything_that_fits_was_shown(api, recommender, liked):
    works = sorted(recommender.catalog.pictured)
    for item_id in works[:liked]:
        mark(api, "like", item_id)
    mark(api, "dislike", works[5])
    fitting = set(works) - {works[5]}
    seen = []
    while len(seen) < len(fitting):
        answer = following(api, limit=50, discovery=0.4)
        assert not answer["anew"]
        assert answer["fitting"] == len(fitting)
        show(api, ids(answer), at=1_000.0 + len(seen))
        seen += ids(answer)
    assert sorted(seen) == sorted(fitting)
    again = following(api, limit=10)
    assert again["anew"]
    assert not set(ids(again)) & set(seen[-20:])


def test_what_the_frame_holds_comes_no_second_time(api):
    first = ids(following(api, limit=20))
    second = ids(following(api, limit=20, held=first))
    assert not set(first) & set(second)


def test_kinds_can_be_left_out_and_only_pictures_are_shown(api, recommender):
    catalog = recommender.catalog
    (kind, _), *_ = catalog.facets("classification", 5)
    everything = following(api, limit=50)["fitting"]
    answer = following(api, limit=50, without=[kind])
    left_out = set(catalog.filter({"classification": kind}))
    assert answer["fitting"] == everything - len(left_out & catalog.pictured)
    assert not left_out & set(ids(answer))
    assert set(ids(answer)) <= catalog.pictured


def test_a_taste_is_followed_and_shuffled(api, recommender):
    liked = recommender.search("ship", 3).item_ids.tolist()
    for item_id in liked:
        mark(api, "like", item_id)
    wanted = recommender.recommend(
        liked, k=20, exclude=set(recommender.catalog.item_ids) - recommender.catalog.pictured
    )
    found = ids(following(api, limit=20))
    assert set(found) == set(wanted.item_ids)
    assert found != wanted.item_ids.tolist()


def test_the_history_says_which_work_that_was(api):
    first, second = ids(following(api, limit=2))
    show(api, [first, second])
    show(api, [first, second])  # said once more, after a lost connection
    show(api, ["no such"])
    told = api.get(f"{FRAME}/history").json()["shown"]
    assert [(each["work"]["item_id"], each["at"]) for each in told] == [(second, 1_001.0), (first, 1_000.0)]
    api.delete(f"{SAMPLE}/session")
    assert api.get(f"{FRAME}/history").json()["shown"] == []


def test_each_work_is_remembered_once_however_often_it_is_said(tmp_path):
    frames = Frames(tmp_path)
    for at in range(50):
        frames.record("me", "one", [("a", at), ("b", at + 0.5), ("c", 1.0)])
    assert frames.history("me", "one", 100) == [("b", 49.5), ("a", 49.0), ("c", 1.0)]
    assert frames.this_round("me", "one") == ["c", "a", "b"]
    frames.begin_round("me", "one")
    frames.record("me", "one", [("b", 49.5), ("a", 60.0)])
    assert frames.this_round("me", "one") == ["a"]


def test_of_all_visitors_only_the_last_works_are_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr("ham_recommend.web.frames.MOST", 10)
    frames = Frames(tmp_path)
    for visitor in ("one", "other"):
        frames.record(visitor, "mine", [(f"work {at}", float(at)) for at in range(8)])
    assert len(frames.history("one", "mine", 100)) == 2
    assert len(frames.history("other", "mine", 100)) == 8


def test_a_clock_that_is_ahead_is_not_believed(api):
    (first,) = ids(following(api, limit=1))
    show(api, [first], at=9e10)
    assert api.get(f"{FRAME}/history").json()["shown"][0]["at"] < 9e10


def test_one_visitor_sees_nothing_of_another(client):
    one, other = client(), client()
    show(one, ids(following(one, limit=3)))
    assert len(one.get(f"{FRAME}/history").json()["shown"]) == 3
    assert other.get(f"{FRAME}/history").json()["shown"] == []


def novelty(recommender, liked, found):
    """How far works are from what is liked, by the pictures: 1 minus the cosine with the closest."""
    theirs, ours = (recommender.pictures.get(some).vectors for some in (found, liked))
    return 1 - (theirs @ ours.T).max(axis=1).mean()


def test_novelty_rises_with_the_dial_on_the_wall(recommender):
    pictured, chance = sorted(recommender.catalog.pictured), random.Random(5)
    dials = (0.0, 0.25, 0.5, 0.75, 1.0)
    measured = []
    for _ in range(12):
        liked = tuple(chance.sample(pictured, 3))
        measured.append(
            [
                novelty(
                    recommender,
                    liked,
                    chosen(recommender, Wanted(liked=liked, discovery=dial), [], 20, chance).item_ids,
                )
                for dial in dials
            ]
        )
    rising = np.mean(measured, axis=0)
    assert np.all(np.diff(rising) > 0), rising


def test_a_collection_without_pictures_has_nothing_for_a_frame(client, museums):
    from ham_recommend import SampleSource, build

    build(SampleSource(count=10), museums / "bare", image_encoder="none", progress=False)
    answer = client().post("/api/v1/collections/bare/frame/next", json={})
    assert answer.status_code == 200
