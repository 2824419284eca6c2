"""A longer answer begins with the shorter one: on the sample, and on collections made to break it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ham_recommend import SampleSource, build
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.encode.base import NearDuplicateCosines
from ham_recommend.index.stores import file_store
from ham_recommend.index.text_index import TextIndex
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.records import Embeddings, RawRecord
from ham_recommend.workspace import Workspace

WORDS = ("ship", "storm", "cat", "moon", "red", "print")
LONGEST = 400


def hostile(seed, count, *, alike, store="flat"):
    """Make a collection where many works say the same, look the same, or neither say nor show anything.

    Vectors and texts are drawn from few, so that scores tie wherever they can.
    """
    draw = np.random.default_rng(seed)
    ids = [f"h:{number:03}" for number in draw.permutation(count)]
    titles = [" ".join(draw.choice(WORDS, draw.integers(0, 4))) for _ in ids]
    titles[0] = titles[0] or WORDS[0]  # a collection without any word is not searched by words
    catalog = Catalog.from_records(
        RawRecord(item_id=item_id, title=title) for item_id, title in zip(ids, titles, strict=True)
    )
    rows = draw.integers(-2, 3, (count, 4)).astype(np.float32)
    rows[draw.random(count) < alike] = rows[0] if rows[0].any() else 1
    shown = np.flatnonzero(rows.any(axis=1) & (draw.random(count) < 0.8))
    vectors = rows[shown] / np.linalg.norm(rows[shown], axis=1, keepdims=True)
    pictures = file_store(store)(4)
    pictures.upsert(Embeddings(np.array(ids, object)[shown], vectors.astype(np.float32), "made-up"))
    return Recommender(
        Workspace("unused"),
        catalog,
        TextIndex.build(catalog.documents()),
        pictures=pictures,
        near_duplicates=NearDuplicateCosines(look=0.95, sure=0.99),
    )


def check(ask):
    """Compare answers of every length with the longest."""
    longest = ask(LONGEST)
    ids = longest.item_ids.tolist()
    assert len(set(ids)) == len(ids)
    for k in (1, 6, 12, 25, 60, 200):
        shorter = ask(k)
        assert shorter.item_ids.tolist() == ids[:k]
        np.testing.assert_array_equal(shorter.scores, longest.scores[:k])


@settings(max_examples=20)
@given(
    st.integers(0, 10_000),
    st.integers(2, 300),
    st.sampled_from([0.0, 0.3, 0.9]),
    st.sampled_from(["flat", "exact"]),
    st.data(),
)
def test_in_hostile_collections(seed, count, alike, store, data):
    rec = hostile(seed, count, alike=alike, store=store)
    ids = st.sampled_from(rec.catalog.item_ids.tolist())
    liked = data.draw(st.lists(ids, min_size=1, max_size=5, unique=True))
    others = ids.filter(lambda item_id: item_id not in liked)
    disliked = data.draw(st.lists(others, max_size=2, unique=True)) if count > len(liked) else []
    seen = data.draw(st.lists(ids, max_size=count, unique=True))
    text = " ".join(data.draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)))
    check(lambda k: rec.search(text, k, exclude=seen))
    check(lambda k: rec.similar_items(liked[0], k, exclude=seen))
    for strategy in ("interleave", "mean"):
        check(lambda k, name=strategy: rec.recommend(liked, disliked, k, exclude=seen, strategy=name))


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    build(SampleSource(300), folder, progress=False)
    return Recommender.load(folder)


@settings(max_examples=12)
@given(st.data())
def test_in_the_sample(sample, data):
    ids = st.sampled_from(sample.catalog.item_ids.tolist())
    liked = data.draw(st.lists(ids, min_size=1, max_size=6, unique=True))
    seen = data.draw(st.lists(ids.filter(lambda item_id: item_id not in liked), max_size=40, unique=True))
    where = data.draw(st.sampled_from([None, {"classification": "Prints"}, {"years": (1700, 1900)}]))
    check(lambda k: sample.search(sample.catalog[liked[0]].title or "ship", k, where=where, exclude=seen))
    check(lambda k: sample.similar_items(liked[0], k, where=where, exclude=seen))
    check(lambda k: sample.recommend(liked, seen[:2], k, where=where, exclude=seen[2:]))
