import pytest
from weighing import language_of_works

from ham_recommend.encode.analyzer import STOP_WORDS
from ham_recommend.encode.languages import ENGLISH, SMALL_WORDS
from ham_recommend.encode.text import count_words
from ham_recommend.records import Document

TITLES = {
    "french": ["Nature morte aux pommes", "Le cheval et la mer", "Vue du pont", "Femme à sa toilette"],
    "german": ["Zwei Katzen im Garten", "Stillleben mit Früchten", "Die Brücke", "Mann und Frau"],
    "dutch": ["Gezicht op het dorp", "Een stilleven", "Vrouw voor een spiegel", "Meisje"],
    "italian": ["Natura morta con frutta", "Ritratto della madre", "La nave", "Veduta"],
    "spanish": ["Bodegón con limones", "Vista por la noche", "Hombre y perro", "Gato"],
    "portuguese": ["Natureza-morta com uvas", "Mulher na janela", "Barcos ao luar", "Gato"],
    "swedish": ["Stilleben med frukt", "Man och hund", "Porträtt av en kvinna", "Katt"],
    "danish": ["Mand og hund", "Udsigt til havet", "Udsigt fra vinduet", "Kat"],
    "english": [
        "Still life with apples",
        "Vue de Paris, by Jean de La Tour",
        "Portrait of Jan van der Heyden",
        "A fur hat",
    ],
}


def counted(titles):
    return count_words(Document(item_id=f"x:{row}", title=title) for row, title in enumerate(titles))


@pytest.mark.parametrize("language", TITLES)
def test_small_words_tell_the_language_of_a_collection(language):
    works = counted(TITLES[language])
    assert language_of_works(works) == language


def test_a_few_works_in_another_language_and_no_works_leave_it_english():
    works = counted([*TITLES["french"], *("Ships in a storm" for _ in range(20))])
    assert language_of_works(works) == ENGLISH
    nothing = counted([])
    assert language_of_works(nothing) == ENGLISH


def test_no_small_word_is_an_english_one():
    assert STOP_WORDS.isdisjoint(word for small in SMALL_WORDS.values() for word in small)
