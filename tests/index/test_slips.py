"""Which words a collection says, and which are slips."""

import pytest

from ham_recommend.index.text_index import TextIndex
from ham_recommend.records import Document


@pytest.fixture(scope="module")
def index():
    texts = [
        "An opera singer, related to the organ player",
        "A religion of mathematical beauty, seen from the back, at the call of a bell",
        "Painted boxes and a scabbard, the back with a bird and its call",
        "A modello in oil; a call, and back again",
        "Two sunflowers in a tea-pot",
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
        ("teapot", "4"),
        ("sunflower", "4"),
        ("kittens", "5"),
        ("belgium", "5"),
        ("expressionists", "6"),
        ("moonlight", "6"),
    ],
)
def test_forms_of_a_word_and_what_is_derived_from_it_are_found(index, word, work):
    assert found(index, word) == work


@pytest.mark.parametrize(
    "word", ["sunflwers", "kitetn watched", "sunflwer", "kitten wacthed", "rebbits moon"]
)
def test_slips_are_read(index, word):
    assert index.search(word, 3).corrected
