"""What stores and encoders take is noted once, for whoever listens."""

from __future__ import annotations

import time
from threading import Thread

import numpy as np
import pytest

from ham_recommend.index.exact import ExactStore
from ham_recommend.records import Embeddings
from ham_recommend.timing import ENCODER, STORE, listening, part, timed


def test_a_part_inside_of_another_is_that_ones():
    with listening() as seconds:
        with part(STORE), part(ENCODER), part(STORE):
            time.sleep(0.2)
        with part(ENCODER):
            pass
    assert 0.2 <= seconds[STORE] < 5
    assert 0 <= seconds[ENCODER] < 0.2


def test_what_fails_took_its_time_and_what_comes_after_counts_again():
    @timed(STORE)
    def broken():
        time.sleep(0.01)
        raise ValueError

    with listening() as seconds:
        for _ in range(2):
            with pytest.raises(ValueError):
                broken()
    assert seconds[STORE] >= 0.02


def test_nobody_hears_what_another_thread_does():
    with listening() as seconds:
        thread = Thread(target=lambda: timed(STORE)(time.sleep)(0.01))
        thread.start()
        thread.join()
    assert seconds == {}


def test_every_store_is_timed_a_strangers_too():
    class Strangers(ExactStore):
        def search(self, vectors, k, **options):
            time.sleep(0.2)
            return super().search(vectors, k, **options)

    store = Strangers(4)
    store.upsert(Embeddings(np.array(["a", "b"], object), np.eye(2, 4, dtype=np.float32), "test"))
    with listening() as seconds:
        store.search(np.ones(4, np.float32), 1)
    first = seconds[STORE]
    assert 0.2 <= first < 5
    with listening() as seconds:
        store.get(["a"])
    assert 0 < seconds[STORE] < 0.2 <= first
    store.search(np.ones(4, np.float32), 1)  # nobody listens, nothing is wrong
