import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from ham_recommend.index.saying import WorksHere
from ham_recommend.index.spelling import FAR_MORE, Spelling

KNOWN = {
    "jumping": 40,
    "jumbling": 3,
    "rembrandt": 120,
    "photograph": 900,
    "photography": 300,
    "landscape": 800,
    "seascape": 90,
    "cat": 300,
    "horse": 200,
    "house": 900,
    "manet": 30,
    "monet": 30,
    "1889": 50,
    "17thcentury": 500,
    "hapax": 1,
    "тарелка": 9,
}


@pytest.fixture
def spelling():
    return Spelling(list(KNOWN), np.array(list(KNOWN.values()), dtype=np.int32))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("jumpng", "jumping"),
        ("jumpign", "jumping"),
        ("rembrant", "rembrandt"),
        ("photografh", "photograph"),
        ("lanscpe", "landscape"),
        ("horze", "horse"),
        ("тарелко", "тарелка"),
    ],
)
def test_the_nearest_word_is_meant(spelling, typed, meant):
    assert spelling.correct(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "cet", "1898", "18889", "17thcenturi", "x" * 10_000, "zzzzzz", "hapaxe"]
)
def test_numbers_short_words_and_far_ones_are_left_alone(spelling, typed):
    assert spelling.correct(typed) is None


def test_of_equally_near_words_the_same_initial_then_the_most_frequent_then_the_alphabet(spelling):
    assert spelling.correct("hourse") == "house"
    assert spelling.correct("m_net".replace("_", "u")) == "manet"
    assert spelling.correct("landscape"[1:]) == "landscape"
    assert Spelling(["boat", "moat"], np.array([5, 500])).correct("boot") == "boat"


def test_a_word_of_the_collection_is_right_unless_another_is_far_more_frequent(spelling):
    assert spelling.correct("photograpy", frequency=3) is None
    assert spelling.correct("rembrant", frequency=1) == "rembrandt"
    assert spelling.correct("rembrant", frequency=2) == "rembrandt"
    assert KNOWN["seascape"] < 2 * FAR_MORE
    assert spelling.correct("seascapes", frequency=2) is None
    assert spelling.correct("photografh", frequency=1) == "photograph"
    assert spelling.correct("hotograph", frequency=1) is None
    assert spelling.correct("hotograph") == "photograph"
    assert spelling.correct("housse", frequency=1) is None


@given(st.sampled_from([word for word in KNOWN if word.isalpha()]), st.data())
def test_what_comes_back_is_known_and_near(word, data):
    spelling = Spelling(list(KNOWN), np.array(list(KNOWN.values()), dtype=np.int32))
    at = data.draw(st.integers(0, len(word)))
    typed = word[:at] + data.draw(st.sampled_from("aeiouxz")) + word[at + data.draw(st.integers(0, 1)) :]
    meant = spelling.correct(typed)
    if len(typed) >= 4 and typed not in KNOWN and KNOWN[word] > 1 and len(word) > 3:
        assert meant is not None
        assert OSA.distance(typed, meant) <= OSA.distance(typed, word)
    assert meant is None or meant in KNOWN


WORKS = {
    "car": [0, 1, 2, 3, 4],
    "carra": [5, 6],
    "carlo": [5, 6, 7],
    "tea": [1, 2],
    "pot": [2, 3],
    "bird": [4],
    "cage": [5],
}


def by_works(**more):
    works = WORKS | more
    frequencies = np.array([len(rows) for rows in works.values()], dtype=np.int32)
    return Spelling(
        list(works), frequencies, lambda word: WorksHere(np.array(works.get(word, []), dtype=np.intp))
    )


def test_the_other_words_of_the_query_tell_which_is_meant():
    assert by_works().correct("cara", beside=["bird", "tea", "pot"]) == "car"
    assert by_works().correct("cara", beside=["carlo"]) == "carra"
    assert by_works().correct("cara", beside=["carlo", "unknown"]) == "carra"


@pytest.mark.parametrize(
    ("typed", "meant", "other"),
    [
        ("baloon", "balloon", "baboon"),  # a letter that is twice there is dropped
        ("brige", "bridge", "bribe"),
        ("cirvus", "circus", "cirrus"),  # beside it on a keyboard
        ("soilder", "soldier", "solder"),  # the same letters
    ],
)
def test_of_equally_near_words_the_one_is_meant_of_which_the_slip_is_likelier(typed, meant, other):
    spelling = Spelling([meant, other], np.array([5, 6], dtype=np.int32))
    assert spelling.correct(typed) == meant


def test_two_words_run_together_are_parted_where_works_say_both():
    assert by_works().correct("teapot") == "tea pot"
    assert by_works().correct("birdcage") is None
    assert by_works(teapoy=[7, 8, 9]).correct("teapot") == "teapoy"


@pytest.mark.parametrize("frequency", [0, 1, 2])
def test_a_compound_with_a_hyphen_is_found_without_it(frequency):
    spelling = Spelling(["tea", "pot", "tea-pot", "teapots"], np.array([50, 60, 1, 40]))
    assert spelling.correct("teapot", frequency) == "tea pot"
    assert spelling.correct("teapot", frequency=3) is None


@pytest.mark.parametrize(
    ("typed", "meant"), [("duerer", "durer"), ("maedchen", "madchen"), ("aarhus", "arhus")]
)
def test_umlauts_may_be_written_out(typed, meant):
    spelling = Spelling(["durer", "madchen", "arhus", "buerer"], np.array([1, 1, 1, 900]))
    assert spelling.correct(typed) == meant
    assert spelling.correct(typed, frequency=3) is None


def test_two_slips_are_too_many_for_a_short_word():
    spelling = Spelling(["pottery", "scarf", "landscape"], np.array([900, 900, 900]))
    assert spelling.correct("poster") is None
    assert spelling.correct("lanscpe") == "landscape"


@given(
    st.text(alphabet="abcdexyz", min_size=1, max_size=12),
    st.lists(st.text(alphabet="abcdexyz", min_size=2, max_size=12), unique=True, min_size=1),
)
def test_every_word_within_reach_is_found(typed, known):
    spelling = Spelling(known, np.full(len(known), 5))
    reach = 2 if len(typed) >= 7 else 1
    within = [word for word in known if word != typed and OSA.distance(typed, word) <= reach]
    folded = re.sub("(?<=a)[ae]", "", typed)  # written out, as aarhus and maedchen are
    if len(typed) >= 4 and folded not in known:
        assert (spelling.correct(typed) is None) == (not within)


def test_a_rare_name_has_variants_that_are_more_frequent():
    spelling = Spelling(["caernarfon", "caernarvon", "caernarfan"], np.array([3, 24, 4], dtype=np.int32))
    assert spelling.variants("caernarfon", 3) == ["caernarvon"]
    assert spelling.variants("caernarvon", 24) == []


def test_one_letter_again_and_again_is_no_word():
    spelling = Spelling(["sss", "aaa", "a"], np.array([50, 50, 50], dtype=np.int32))
    assert spelling.correct("ssssss") is None
    assert spelling.correct("aaaaaaa") is None
