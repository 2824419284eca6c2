"""The dials of a recommendation: an anchor, discovery, popularity; on the sample and a small museum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_museum import build_collection, museum

from ham_recommend.errors import SettingsError
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.session import Session


@pytest.fixture(scope="module")
def popular(tmp_path_factory):
    """The small museum, in which the later works of every motif are the more popular."""
    records, vectors = museum()
    counted = [replace(work, popularity=float(int(work.item_id[-2:]))) for work in records[:-1]]
    folder = tmp_path_factory.mktemp("popular") / "popular"
    return Recommender.load(build_collection(folder, [*counted, records[-1]], vectors).root)


def motifs(ranking):
    return [item_id[2:-2] for item_id in ranking.item_ids]


def test_an_anchor_brings_in_what_answers_it(recommender):
    liked = ["m:cat01", "m:cat02"]
    plain = recommender.recommend(liked, k=8)
    anchored = recommender.recommend(liked, k=8, anchor="ships in a storm")
    assert set(motifs(plain)) == {"cat"}
    assert {"cat", "ship"} <= set(motifs(anchored))
    assert anchored.query.dials.anchor == "ships in a storm"


def test_an_anchor_keeps_to_filters_and_to_what_is_left_out(recommender):
    where, seen = {"classification": "Paintings"}, {"m:ship00", "m:ship03"}
    found = recommender.recommend(["m:cat01"], k=40, anchor="ship", where=where, exclude=seen)
    kinds = {work.text("classification") for work in found.works.values()}
    assert kinds == {"Paintings"}
    assert not seen & set(found.item_ids)


def test_novelty_rises_with_discovery_in_the_sample(museum_of_sample):
    """The mean over several tastes of how far the twelve are from the nearest like."""
    novelty = []
    random = np.random.default_rng(2)
    tastes = [random.choice(museum_of_sample.catalog.item_ids, 2, replace=False).tolist() for _ in range(12)]
    for dial in (0.0, 0.25, 0.5, 0.75, 1.0):
        nearest = []
        for liked in tastes:
            found = museum_of_sample.recommend(liked, k=12, discovery=dial)
            assert len(found) == 12
            question = museum_of_sample._question(tuple(liked), (), set(), None)
            nearest.append(question.likeness(found.item_ids.tolist()).max(axis=0).mean())
        novelty.append(1 - np.mean(nearest))
    assert novelty == sorted(novelty)
    assert novelty[-1] > novelty[0] + 0.1


@pytest.fixture(scope="module")
def museum_of_sample(whole_sample):
    return Recommender.load(whole_sample)


def test_popularity_is_a_prior_or_its_inverse(popular):
    def mean_popularity(dial):
        found = popular.recommend(["m:cat07", "m:ship07"], k=8, popularity=dial)
        return np.mean([work.popularity for work in found.works.values()])

    figures = [mean_popularity(dial) for dial in (-1.0, 0.0, 1.0)]
    assert figures == sorted(figures)
    assert figures[0] < figures[2] - 3


def test_popularity_that_no_work_has_is_told(recommender):
    with pytest.raises(SettingsError, match="does not say how popular its works are"):
        recommender.recommend(["m:cat01"], popularity=0.5)


def test_dislikes_alone_bring_something_else(recommender):
    found = recommender.recommend([], ["m:cat01", "m:cat02"], k=10)
    assert len(found) == 10
    assert "cat" not in motifs(found)
    assert not found.nearest_liked


def test_neither_likes_nor_dislikes_is_told(recommender):
    with pytest.raises(SettingsError, match="Nothing is liked yet"):
        recommender.recommend([], [])


def test_a_session_goes_on_as_the_dials_were(recommender):
    session = Session(recommender, k=5, name="turned")
    session.like("m:cat01")
    turn = session.recommend(discovery=0.5, anchor="ship", recency=0.1)
    longer = session.more(turn.turn_id)
    whole = recommender.recommend(["m:cat01"], k=10, discovery=0.5, anchor="ship", recency=0.1)
    assert longer.ranking.query.dials == turn.ranking.query.dials
    assert longer.ranking.item_ids[:5].tolist() == whole.item_ids[:5].tolist()
    again = Session(recommender, name="turned").turn(turn.turn_id)
    assert again.ranking.query.dials == turn.ranking.query.dials
    assert Session.from_json(recommender, session.to_json()).turns[0].ranking.query == again.ranking.query


def test_dislikes_alone_lead_a_session_on(recommender):
    session = Session(recommender, k=5)
    session.dislike("m:cat01")
    turn = session.recommend()
    assert len(session.more(turn.turn_id).ranking) == 10
    assert "cat" not in motifs(session.refilter(turn.turn_id, where={"classification": "Prints"}).ranking)
