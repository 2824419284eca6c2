"""Real CLIP vectors of words find the paintings whose titles name what is to be seen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


@pytest.fixture
def words(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    import clip_words

    yield clip_words
    sys.modules.pop("clip_words")


@pytest.mark.data
def test_words_find_the_paintings_that_show_them(words, data_dir):
    found = words.aucs(*words.read(data_dir / "clip"))
    assert len(found) >= 25
    assert words.mean(found) >= 0.80


def test_a_title_says_what_is_to_be_seen(words):
    assert words.subject("The Lion, from a Tuti-nama (Tales of a Parrot): Fifth Night") == "the lion"
    assert words.subject("Letter from Paris") == "letter from paris"
