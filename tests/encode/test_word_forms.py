"""The forms in which a text says a term: right for stems, accents, initials, compounds and other scripts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.encode.analyzer import document_words, stem, words
from ham_recommend.encode.forms import forms
from ham_recommend.encode.related import museum_words, related_words


def said(text, query, language="english"):
    return list(forms(text, set(stem(words(query), language)), language))


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Cats jumping over a CAT", "jumped cat", ["Cats", "jumping", "CAT"]),
        ("Café au lait", "cafe", ["Café"]),
        ("A cafe", "café", ["cafe"]),
        ("Vue de l’église", "eglise", ["l’église"]),
        ("A tea-pot and a teapot", "teapot", ["tea-pot", "teapot"]),
        ("A tea-pot", "pot", ["pot"]),
        ("Still Life of the seventeenth-century", "17th century", ["seventeenth-century"]),
        ("J. M. W. Turner", "jmw turner", ["J. M. W", "Turner"]),
        ("Strasse and Straße", "straße", ["Strasse", "Straße"]),
        ("Catalogue of cattle", "cat", []),
        ("山水画", "山水", ["山", "水", "山水"]),
        ("繁體的馬", "马", ["馬"]),
        ("แมวดำ", "แมว", ["แม", "แมว"]),
        ("Корабли в море", "корабль", ["Корабли"]),
        ("قطط", "قطط", ["قطط"]),
    ],
)
def test_what_is_marked(text, query, expected):
    assert said(text, query) == expected


@given(st.text(max_size=80))
def test_every_form_stands_in_the_text_and_every_word_is_found_by_itself(text):
    terms = set(stem(document_words(text), "english"))
    found = forms(text, terms, "english")
    assert all(form in text for form in found)
    assert set(found.values()) <= terms
    assert forms(text, (), "english") == {}


@pytest.mark.parametrize("language", ["english", "french", "german", "italian", "spanish", "dutch"])
def test_every_word_is_found_by_its_stem_in_any_case(language):
    listed = {*related_words().words[::4], *(word for each in museum_words().values() for word in each)}
    plain = sorted(
        filter(re.compile("[a-z0-9]+").fullmatch, {*listed, "dying", "tying", "geschilderd", "aesop"})
    )
    for word, term in zip(plain, stem(plain, language), strict=True):
        text = f"{word} {word.title()} {word.upper()} {word[0]}{word[1:].upper()}"
        assert forms(text, {term}, language) == dict.fromkeys(text.split(), term)
