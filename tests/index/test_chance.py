"""How likely strings of letters are by chance."""

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.index.chance import Chance

WORDS = ["castle", "castles", "cattle", "candle", "portrait", "portal", "harbour", "barn", "horses"]
letters = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)


@given(letters)
def test_no_string_is_certain(word):
    assert 0.0 < exp(Chance(WORDS).likelihood(word)) < 1.0


@pytest.mark.parametrize(
    ("sounds", "does_not"), [("cattles", "tcsaelt"), ("portle", "rptloe"), ("horse", "hrsoe")]
)
def test_what_sounds_like_a_word_is_likelier(sounds, does_not):
    chance = Chance(WORDS)
    assert chance.likelihood(sounds) > chance.likelihood(does_not)


def test_strings_of_two_letters_are_no_likelier_than_all_together():
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    chance = Chance(WORDS)
    assert sum(exp(chance.likelihood(one + other)) for one in alphabet for other in alphabet) <= 1.0


def test_any_alphabet_has_letters_of_its_own():
    chance = Chance(["замок", "портрет", "лошадь", "порт"])
    assert chance.likelihood("портрет") > chance.likelihood("ртопртe")


def test_no_words_are_no_trouble():
    assert Chance([]).likelihood("castle") < 0.0
