"""Recommenders of the small museum."""

from __future__ import annotations

import pytest
from small_museum import build_collection, kept_in, museum


@pytest.fixture(scope="session")
def museum_folder(tmp_path_factory):
    return build_collection(tmp_path_factory.mktemp("museum") / "museum", *museum()).root


@pytest.fixture(scope="session")
def museum_without_pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts") / "texts"
    return build_collection(folder, *museum(pictures=False)).root


@pytest.fixture
def recommender(museum_folder, tmp_path):
    """A recommender whose sessions are kept in a folder of this test's own."""
    return kept_in(tmp_path, museum_folder)


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """Return the sample museum, with 240 works that have texts and pictures."""
    from ham_recommend import Recommender, SampleSource, build

    folder = tmp_path_factory.mktemp("sample") / "sample"
    build(SampleSource(count=240), folder, progress=False)
    return Recommender.load(folder)
