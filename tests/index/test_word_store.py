"""The store of words answers like dense vectors would, at the cost of sparse ones."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from ham_recommend.encode.weights import Vocabulary
from ham_recommend.index.postings import Postings, Said
from ham_recommend.index.texts import TextsHere
from ham_recommend.index.word_store import WordStore


def dense_works(seed, works, terms):
    numbers = np.random.default_rng(seed)
    weights = numbers.random((works, terms)) * (numbers.random((works, terms)) < 0.3)
    return weights.astype(np.float32)


def store_of(weights):
    ids = np.array([f"t:{row:03d}" for row in range(len(weights))], dtype=object)
    works, terms = weights.shape
    by_work, every = sparse.csr_array(weights), np.arange(works)
    said = Said(sparse.csr_array(weights.T), by_work.__getitem__, np.arange(terms), every)
    ones = np.ones(terms, np.float32), np.ones(works, np.float32)
    every = SimpleNamespace(
        item_ids=ids, words=[], frequencies=[], told=[], has_vector=[], postings=Postings([said], *ones)
    )
    vocabulary = Vocabulary([f"{term:02}" for term in range(terms)], ones[0])
    return ids, WordStore(TextsHere(SimpleNamespace(all=every, vocabulary=vocabulary)))


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 20), st.integers(0, 70))
def test_search_is_the_dense_ranking_of_positive_scores(seed, works, terms, k):
    weights = dense_works(seed, works, terms)
    ids, store = store_of(weights)
    query = dense_works(seed + 1, 1, terms)[0]
    (ranking,) = store.search(query, k)
    scores = weights @ query
    best = sorted(
        (row for row in range(works) if scores[row] > 1e-6), key=lambda row: (-scores[row], ids[row])
    )
    assert np.allclose(ranking.scores, scores[best[:k]], atol=1e-5)
    assert len(ranking) == min(k, len(best))


def test_exclude_and_within_act_inside_the_search():
    ids, store = store_of(np.ones((20, 3), dtype=np.float32))
    query = np.ones(3, dtype=np.float32)
    (ranking,) = store.search(query, 5, exclude={"t:000", "unknown"}, within=ids[:4].tolist())
    assert ranking.item_ids.tolist() == ["t:001", "t:002", "t:003"]


def test_vectors_and_products_are_the_weights():
    weights = dense_works(3, 30, 12)
    ids, store = store_of(weights)
    some = ids[[5, 2, 29]].tolist()
    found = store.get(["t:999", *some, some[0]])
    assert found.item_ids.tolist() == some
    assert np.array_equal(found.vectors, weights[[5, 2, 29]])
    products = store.products(weights[:4], [some[0], "t:999", *some])
    assert np.isnan(products[:, 1]).all()
    assert np.allclose(products[:, [0, 2, 3, 4]], weights[:4] @ weights[[5, 5, 2, 29]].T, atol=1e-6)
    assert (len(store), store.dim) == (30, 12)
