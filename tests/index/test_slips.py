"""Which words a collection says, and which are slips."""

from itertools import product

import pytest

from ham_recommend.index.text_index import TextIndex
from ham_recommend.records import Document


@pytest.fixture(scope="module")
def index():
    texts = [
        "An opera singer, related to the organ player",
        "A religion of mathematical beauty, seen from the back, at the call of a bell",
        "Painted boxes and a scabbard, a lady, the back with a bird and its call",
        "A modello of an antependium in oil, a cassone; a call, and back again",
        "Two sunflowers in a tea-pot, a samurai",
        "A home run is watched by a kitten, a Belgian one",
        "Expressionism: rabbits under the moon",
        "General view of a haloed saint",
    ]
    return TextIndex.build(
        Document(item_id=f"{at % 8}:{at}", title=text, digest=text) for at, text in enumerate(3 * texts)
    )


def found(index, text):
    return index.search(text, 3).item_ids[0][0]


@pytest.mark.parametrize(
    "word", ["operational", "organization", "relational", "generics", "halogen", "callback"]
)
def test_what_looks_like_a_word_of_the_collection_is_not_that_word(index, word):
    ranking = index.search(word, 3)
    assert not len(ranking)
    assert not ranking.corrected


@pytest.mark.parametrize(
    ("word", "work"),
    [
        ("operas", "0"),
        ("religious", "1"),
        ("mathematics", "1"),
        ("scabbards", "2"),
        ("painting box", "2"),
        ("modelli", "3"),
        ("cassoni", "3"),
        ("antependia", "3"),
        ("teapot", "4"),
        ("sunflower", "4"),
        ("kittens", "5"),
        ("belgium", "5"),
        ("expressionists", "6"),
        ("moonlight", "6"),
        ("samurais", "4"),
        ("ladies", "2"),
    ],
)
def test_forms_of_a_word_and_what_is_derived_from_it_are_found(index, word, work):
    assert found(index, word) == work


@pytest.mark.parametrize(
    "word", ["sunflwers", "kitetn watched", "sunflwer", "kitten wacthed", "rebbits moon"]
)
def test_slips_are_read(index, word):
    assert index.search(word, 3).corrected


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("two figres in traditional attire", "figures"),
        ("an ainting of mountains in ink", "painting"),
    ],
)
def test_words_of_one_stem_are_weighed_by_the_works_that_say_the_stem(text, meant):
    texts = 30 * ["A painting in ink of figures in traditional attire, mountains"]
    texts += 30 * ["A fire of two in faint ink, and mountains"] + 2 * ["Fires and fainting in attire of ink"]
    made = TextIndex.build(
        Document(item_id=f"a:{at}", title=each, digest=each) for at, each in enumerate(texts)
    )
    assert [*made.search(text, 3).corrected.values()] == [meant]


@pytest.mark.parametrize(("word", "meant"), [("kongs", "kings"), ("monopoly", None)])
def test_a_likely_slip_is_one_and_the_plural_of_a_name_is_none(word, meant):
    others = " ".join(map("".join, product("bdfgl", "aeu", "lmr", "ou", "pt")))
    texts = [others, "The kings", "Two kings", "Monopoli", "A map of Monopoli"]
    made = TextIndex.build(
        Document(item_id=f"a:{at}", title=each, digest=each) for at, each in enumerate(3 * texts)
    )
    found = made.search(word, 3)
    assert [*found.corrected.values()] == ([] if meant is None else [meant])
    assert bool(len(found)) == bool(meant)


@pytest.mark.parametrize("word", ["injunction", "litigation", "quotient"])
def test_near_words_tell_no_word_that_museums_hardly_write(word):
    texts = ["An order of the court in action", "A kitten by an action of proportion", "Order and proportion"]
    made = TextIndex.build(
        Document(item_id=f"a:{at}", title=each, digest=each) for at, each in enumerate(texts)
    )
    assert not len(made.search(word, 3))
    assert len(made.search("kitty", 3))


@pytest.mark.parametrize(("typed", "meant"), [("pierr", "pierre"), ("venic", "venice"), ("buttr", "butter")])
def test_a_slip_finds_what_it_is_a_slip_of_though_they_have_one_stem(typed, meant):
    texts = ["Pierre at Venice with butter", "The harbour at night", "Three horses", meant]
    made = TextIndex.build(
        Document(item_id=f"a:{at}", title=each, digest=each) for at, each in enumerate(texts)
    )
    assert dict(made.search(typed, 4).corrected) in ({typed: meant}, {})
    assert made.search(typed, 4).item_ids.tolist() == made.search(meant, 4).item_ids.tolist()


def test_a_compound_is_of_the_kind_of_its_last_word(index):
    made = TextIndex.build(
        Document(item_id=f"a:{at}", title=each, digest=each)
        for at, each in enumerate(["A humming bird", "A bird in a tree", "The house", "Humming"])
    )
    found = made.search("hummingbird", 4).item_ids.tolist()
    assert found[0] == "a:0"
    assert "a:1" in found


def test_what_was_run_together_shows_the_works_that_say_both_together(index):
    made = TextIndex.build(
        Document(item_id=f"a:{at}", title=each, digest=each)
        for at, each in enumerate(["Water lilies", "The lilies of the field", "Water", "Blue water lilies"])
    )
    assert set(made.search("waterlilies", 4).item_ids) == {"a:0", "a:3"}


@pytest.mark.parametrize(
    ("word", "meant"), [("sunflwers", "sunflowers"), ("rembrant", "rembrandt"), ("portait", "portrait")]
)
def test_slips_are_read_where_each_word_is_in_one_work_alone(word, meant):
    texts = ["Sunflowers in a vase", "A portrait by Rembrandt", "The harbour at night", "Three horses"]
    made = TextIndex.build(
        Document(item_id=f"a:{at}", title=each, digest=each) for at, each in enumerate(texts)
    )
    assert made.search(word, 3).corrected == {word: meant}


def test_a_word_alone_is_surely_a_slip_or_may_be_one():
    texts = 40 * ["A castle by the sea"] + 2 * ["The painter Watel at the harbour"]
    texts += [" ".join(map("".join, product("bdfgl", "aeu", "lmr", "ou", "pt")))]
    made = TextIndex.build(
        Document(item_id=f"a:{at}", title=each, digest=each) for at, each in enumerate(texts)
    )
    sure, short = made.search("castlle", 3), made.search("wtel", 3)
    assert (dict(sure.corrected), dict(sure.suggested)) == ({"castlle": "castle"}, {})
    assert (len(short), dict(short.corrected)) == (0, {})
    assert short.suggested == {"wtel": "watel"}
    assert made.search("wtel", 3, correct=False).suggested == {}
    assert made.search("wtel harbour", 3).suggested == {}
    assert made.search("injunction", 3).suggested == {}
