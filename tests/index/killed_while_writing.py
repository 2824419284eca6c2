"""A server killed while something is written to it: what it confirmed is there, and nothing in halves."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import suppress
from itertools import count

import numpy as np

from ham_recommend.errors import StoreUnavailableError
from ham_recommend.testing.vectors import embeddings_of, unit_vectors

TOGETHER = 40


def confirmed_by(store, kill_and_start, *, kills, late, patience, pause=0.0):
    """Write batch after batch while the server is killed; return those it confirmed.

    Parameters
    ----------
    store : VectorStore
        Of 16 dimensions.
    kill_and_start : callable
        Kills the server and starts it again.
    kills : int
        How often.
    late : float
        Up to how many seconds after a batch was confirmed.
    patience : float
        Seconds until it must have confirmed another one.
    pause : float
        Seconds between batches.
    """
    confirmed, stop = [], threading.Event()

    def write():
        for batch in count():
            ids = [f"killed:{batch}.{number}" for number in range(TOGETHER)]
            with suppress(StoreUnavailableError):
                store.upsert(embeddings_of(unit_vectors(TOGETHER, seed=batch), ids))
                confirmed.append(batch)
            if stop.is_set():
                return
            time.sleep(pause)

    writer = threading.Thread(target=write)
    writer.start()
    draw, before = np.random.default_rng(5), 0
    for _ in range(kills):
        until = time.monotonic() + patience
        while len(confirmed) == before:
            assert time.monotonic() < until, "it does not come back"
            time.sleep(0.002)
        time.sleep(draw.uniform(0, late))
        before = len(confirmed)
        kill_and_start()
    stop.set()
    writer.join()
    return confirmed


def check_whole(held, confirmed):
    """Check the ids that are there after all."""
    parts = Counter(item_id.rpartition(".")[0] for item_id in held)
    assert {f"killed:{batch}" for batch in confirmed} <= set(parts), "what was confirmed is there"
    assert set(parts.values()) == {TOGETHER}, "each batch is there whole or not at all"
