"""Whatever store a collection is in, people are answered the same."""

from __future__ import annotations

from contextlib import closing

import pytest

from ham_recommend import Recommender
from ham_recommend.index.stores import fill_store, open_store, vectors_name
from ham_recommend.testing.same_answers import agreement, questions
from ham_recommend.vectors import load_embeddings
from ham_recommend.workspace import Workspace


@pytest.fixture(scope="module")
def asked(museum):
    """Return 200 questions, and what the store answers that is the measure of all."""
    exact = Recommender.load(museum, store="exact")
    asked = questions(exact)
    return asked, [question.ask(exact) for question in asked]


def test_the_questions_are_of_every_kind(asked):
    kinds = {question.kind for question in asked[0]}
    limits = ("", ", filtered", ", seen", ", filtered, seen")
    assert kinds == {kind + limit for kind in ("words", "likes", "a work", "a picture") for limit in limits}
    assert len(asked[0]) == 200
    answered = [question.kind for question, answer in zip(*asked, strict=True) if len(answer)]
    assert all(answered.count(kind) >= 10 for kind in kinds), (
        "a question that nothing answers compares nothing"
    )


@pytest.mark.parametrize("kind", ["flat", "fp16", "hnsw", "ivf", "ivfpq"])
def test_the_same_from_every_kind_of_file(asked, museum, kind):
    check(Recommender.load(museum, store=kind), *asked, exact=kind == "flat")


def test_the_same_from_postgresql(asked, museum, embedded):
    workspace = Workspace(museum)
    facts = workspace.manifest.facts
    embeddings = load_embeddings(facts.encoder, facts.default.model_id, workspace.checked)
    name = vectors_name(workspace.name, facts.encoder)
    with closing(open_store(embedded, name, embeddings.vectors.shape[1], create=True)) as store:
        fill_store(store, embeddings)
    ours = Recommender.load(museum, store=embedded)
    check(ours, *asked, exact=False)
    ours.pictures.close()


def check(ours, asked, wanted, *, exact):
    found = agreement(ours, asked, wanted)
    assert found.shorter == 0
    assert min(found.same.values()) >= 0.98, found.same
    assert not exact or found.equal == len(asked), found
