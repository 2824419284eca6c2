"""Pairs and phrases, against looking at every text."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.encode.text import BREAK, Order
from ham_recommend.index.word_pairs import Pairs, WordPairs, pair_codes

TERMS = 4
texts = st.lists(st.lists(st.integers(BREAK, TERMS - 1), max_size=8), min_size=1, max_size=6)


def order_of(works):
    ended = [[*work, BREAK] for work in works]
    starts = np.cumsum([0, *map(len, ended)])
    return Order(np.array([word for work in ended for word in work], np.int32), starts.astype(np.int64))


def pairs_of(codes, order):
    n_works = len(order.starts) - 1
    return WordPairs([Pairs(codes, TERMS, np.arange(TERMS), np.arange(n_works))], n_works, order.of)


def says(work, phrase):
    size = len(phrase)
    return any(work[at : at + size] == phrase for at in range(len(work) - size + 1))


@given(texts, st.lists(st.integers(0, TERMS - 1), min_size=2, max_size=4))
def test_a_phrase_is_found_where_it_is_said_and_nowhere_else(works, phrase):
    order = order_of(works)
    pairs = pairs_of(pair_codes(order, TERMS), order)
    expected = [at for at, work in enumerate(works) if says(work, phrase)]
    assert pairs.saying(phrase).tolist() == expected


@given(texts, st.lists(st.integers(0, TERMS - 1), max_size=5))
def test_the_share_of_neighbours_is_counted(works, asked):
    order = order_of(works)
    pairs = pairs_of(pair_codes(order, TERMS), order)
    wanted = {tuple(asked[at : at + 2]) for at in range(len(asked) - 1)}
    expected = [sum(says(work, list(pair)) for pair in wanted) / max(1, len(wanted)) for work in works]
    np.testing.assert_allclose(pairs.shares(asked), expected, rtol=1e-6)


def test_codes_that_lie_point_to_no_work():
    pairs = pairs_of(np.array([900, -5, 3], np.int64), order_of([[0], [0]]))
    assert all(
        0 <= work < 2 for one in range(TERMS) for other in range(TERMS) for work in pairs.of(one, other)
    )
