"""Real CLIP vectors of words find the paintings whose titles name them."""

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
def test_words_find_the_paintings_that_name_them(words, data_dir):
    store, titles, labels = words.read(data_dir / "clip")
    found = words.aucs(store, titles, words.queries(labels))
    assert len(found) >= 25
    assert words.mean(found) >= 0.80
    assert words.mean(found) > words.mean(words.aucs(store, titles, labels)) + 0.02
