"""Why a work is among the answers, in words, and how many works say what was asked."""

from __future__ import annotations

import time

import pytest

from ham_recommend import Recommender, Session, TableSource, build

ROWS = """id,title,artist,date,classification,description,accession
1,Circus Cat,Émile Corvisart,1934,Paintings,"A cat leaps through a hoop at the circus.",1943.52
2,The Big Top,Anna Ek,1935,painting,"Cats at a circus, and a clown.",1943.53
3,Harbour,Anna Ek,1650,Prints,"Ships leave the harbour.",1943.54
4,Ships in a Storm,J. M. W. Turner,1840,Prints,"A storm at sea.",1943.55
5,山水画,王,1650,Drawings,"",1943.56
6,Danseuse,Émile Corvisart,1920,Paintings,"A dancer turns.",1943.57
7,Dancers,Émile Corvisart,1921,Paintings,"Two dancers turn on a stage.",1943.58
"""


@pytest.fixture(scope="module")
def rec(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reasons")
    (folder / "works.csv").write_text(ROWS, "utf-8")
    build(TableSource(folder / "works.csv"), folder / "out", progress=False)
    return Recommender.load(folder / "out")


def why(rec, query, item_id, **options):
    return next(hit for hit in rec.search(query, 7, **options) if hit.item_id == f"table:{item_id}").why


def test_the_words_and_where_they_stand(rec):
    found = why(rec, "a circus cat", 1)
    assert (found.words, found.places) == (("circus", "cat"), ("title", "description"))
    assert set(found.marked) == {"Circus", "Cat", "circus", "cat"}
    assert str(found) == "circus, cat – title, description"
    other = why(rec, "a circus cat", 2)
    assert other.places == ("description",)
    assert set(other.marked) == {"circus", "Cats"}


def test_a_description_by_a_model_is_named_and_that_of_the_museum_is_the_description(sample):
    places = {place for hit in sample.search("circus cat", 24) for place in hit.why.places}
    assert {"description", "Imaginary"} <= places
    assert "Sample Museum" not in places


@pytest.mark.parametrize(
    ("query", "item_id", "words", "marked"),
    [
        ("circuss cats", 2, ("circus", "cats"), {"circus", "Cats"}),
        ("corvisart emile", 1, ("corvisart", "emile"), {"Corvisart", "Émile"}),
        ("17th century ships", 3, ("17th century", "ships"), {"1650", "Ships"}),
        ("JMW Turner", 4, ("JMW", "Turner"), {"J. M. W", "Turner"}),
        ("山水", 5, ("山水",), {"山水"}),
        ("1943.56", 5, ("1943.56",), {"1943.56"}),
    ],
)
def test_words_are_those_of_the_visitor_and_marks_those_of_the_work(rec, query, item_id, words, marked):
    found = why(rec, query, item_id)
    assert found.words == words
    assert set(found.marked) == marked


def test_what_no_work_says_and_how_many_say_all_the_rest(rec):
    ranking = rec.search("cat zzgrmpf circus", 7, correct=False)
    assert (ranking.ignored, ranking.saying) == (("zzgrmpf",), 2)
    assert rec.search("the cat", 7).ignored == ()
    assert rec.search("cat harbour", 7).saying == 0
    assert rec.search("circus cat", 7, where={"years": (1935, None)}).saying == 1
    assert rec.search("zzgrmpf", 7, correct=False).saying is None
    every = rec.search("dancer", 7)
    assert every.saying == sum("words" in hit.why.by for hit in every)


def test_a_recommendation_names_what_was_liked(rec):
    ranking = rec.recommend(["table:6"], k=3)
    first = ranking[0]
    assert first.item_id == "table:7"
    assert (first.why.liked, str(first.why)) == ("Danseuse", "because you liked Danseuse")
    assert first.why.by in {("words",), ("meaning",)}
    assert rec.similar_items("table:6", 1)[0].why.liked == ""


def test_a_session_read_from_a_file_still_knows_why(rec):
    session = Session(rec)
    session.search("circus cat")
    session.like("table:6")
    session.recommend()
    kept = Session.from_json(rec, session.to_json())
    for before, after in zip(session.turns, kept.turns, strict=True):
        assert [hit.why for hit in after.ranking] == [hit.why for hit in before.ranking]
    assert kept.turns[0].ranking.saying == 2


def test_finding_out_why_costs_a_card_a_fraction_of_a_millisecond(sample):
    hits = list(sample.search("circus cat on a ball", 48))
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        for hit in hits:
            assert hit.why.words or hit.why.by
        best = min(best, (time.process_time() - start) / len(hits))
    assert best < 0.5e-3  # a fifth of a millisecond where nothing else runs
