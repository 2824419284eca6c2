"""Related words: what the shipped table says of words anybody can judge."""

import pytest

from ham_recommend.encode.analyzer import words
from ham_recommend.encode.related import museum_words, related_words, same_words


@pytest.mark.parametrize(
    ("word", "near"),
    [("kitten", "cat"), ("jewellery", "necklace"), ("photo", "photograph"), ("grief", "mourning")],
)
def test_near_words_are_near(word, near):
    found = dict(related_words().near(word))
    assert found[near] > 0.5
    assert all(0 < cosine <= 1 for cosine in found.values())


@pytest.mark.parametrize("word", ["kitten", "swimmers", "loneliness", "bridge", "sad", "rembrandt"])
def test_words_that_museums_write(word):
    assert related_words().is_of_museums(word)


@pytest.mark.parametrize("word", ["injunction", "velocity", "broadband", "refund", "radiotherapy", "qqqq"])
def test_words_that_they_hardly_write(word):
    assert not related_words().is_of_museums(word)


def test_words_that_people_use_most():
    assert [word for word in ("sad", "house", "velocity", "qqqq") if related_words().is_common(word)] == [
        "sad",
        "house",
    ]


def test_the_table_is_large_and_closed():
    table = related_words()
    assert len(table.words) >= 30_000
    assert all(table.near(other) for word in table.words[::500] for other, _ in table.near(word))
    assert table.near("qqqq") == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("chat noir", "fr"),
        ("Katze", "de"),
        ("Rembrandt Selbstbildnis", "de"),
        ("naturaleza muerta", "es"),
        ("cat", ""),
        ("black cat on a table", ""),
        ("chat", ""),
        ("le chat", "fr"),
        ("los gatos", "es"),
        ("de kat", "nl"),
        ("Los Angeles", ""),
        ("Le Corbusier", ""),
        ("gatti", "it"),
        ("pierr", ""),
        ("poster", ""),
        ("qqqq", ""),
    ],
)
def test_the_language_of_a_question(asked, code):
    told = related_words().language_of(words(asked))
    assert told == code or (asked == "naturaleza muerta" and not told)


def test_every_language_says_as_much():
    sizes = {code: len(listed) for code, listed in museum_words().items()}
    assert min(sizes.values()) > 100


def test_what_is_the_same_is_so_both_ways():
    assert all(word in same_words()[other] for word, others in same_words().items() for other in others)


@pytest.mark.parametrize(
    ("word", "compound"), [("corn", "cornfields"), ("snow", "snowstorm"), ("sea", "seashore")]
)
def test_compounds_of_a_short_word_are_near(word, compound):
    assert compound in dict(related_words().near(word))


def test_kinds_of_a_thing_and_names_are_near():
    assert {"heron", "eagle", "owl"} & dict(related_words().near("bird")).keys()
    assert "rembrandt" not in related_words()
    assert related_words().near("rembrandt")


def test_forms_that_are_not_listed_are_told_and_short_slips_are_not():
    table = related_words()
    assert table.language_of(["moutons"]) == "fr"
    assert table.meaning("moutons", "fr") == [("sheep", 1.0)]
    assert table.language_of(words("Carlo Cara")) == ""


@pytest.mark.parametrize(
    ("word", "code", "english"),
    [
        ("chevaliers", "fr", "knight"),
        ("königinnen", "de", "queen"),
        ("mujeres", "es", "woman"),
        ("tapices", "es", "tapestry"),
        ("soldados", "es", "soldier"),
        ("gatti", "it", "cat"),
        ("imperatori", "it", "emperor"),
        ("katten", "nl", "cat"),
        ("paarden", "nl", "horse"),
        ("windmolens", "nl", "windmill"),
        ("straten", "nl", "street"),
        ("huizen", "nl", "house"),
        ("duiven", "nl", "dove"),
        ("laghi", "it", "lake"),
    ],
)
def test_plurals_whose_stem_is_another_mean_what_the_singular_does(word, code, english):
    meant = dict(related_words().meaning(*words(word), code))
    assert any(english in one or one in english for one in meant)
