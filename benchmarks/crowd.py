"""How many people a store serves at once: a queue, simulated from service times that are measured first.

    python benchmarks/crowd.py [--n 50000] [--kinds flat,hnsw,ivfpq] [--workers 2 8 32]

Questions come at random (a Poisson process), wait for the first free worker and are answered in the CPU time
that one of the measured questions took, drawn at random. Each worker has a core of its own. What the memory
they share costs is not in it, so that many workers over ``flat`` will be slower than told here.
"""

from __future__ import annotations

import argparse
import heapq
import time

import numpy as np
from rich.console import Console
from rich.table import Table

from ham_recommend.index.stores import file_store
from ham_recommend.records import Embeddings
from ham_recommend.testing.vectors import clustered_vectors

K, DIM, QUESTIONS = 12, 512, 400
ARRIVALS = 100_000
LOADS = (0.5, 0.7, 0.9, 0.95)
ASKED = 3
"""Times that one recommendation asks the store."""


def service_times(kind: str, vectors: np.ndarray, questions: np.ndarray) -> np.ndarray:
    """Return the CPU seconds of each question."""
    ids = np.array([f"made:{row:08d}" for row in range(len(vectors))], dtype=np.object_)
    store = file_store(kind)(DIM)
    store.upsert(Embeddings(ids, vectors, "made-up"))
    store.search(questions[:20], K)
    seconds = []
    for question in questions:
        start = time.thread_time()
        for _ in range(ASKED):
            store.search(question, K)
        seconds.append(time.thread_time() - start)
    return np.array(seconds)


def sojourns(service: np.ndarray, workers: int, load: float, rng: np.random.Generator) -> np.ndarray:
    """Return how long each question is in the queue and being answered, in seconds."""
    between = service.mean() / (workers * load)
    arrivals = np.cumsum(rng.exponential(between, ARRIVALS))
    free = [0.0] * workers
    ends = np.empty(ARRIVALS)
    for place, (arrival, seconds) in enumerate(zip(arrivals, rng.choice(service, ARRIVALS), strict=True)):
        ends[place] = max(arrival, heapq.heappop(free)) + seconds
        heapq.heappush(free, ends[place])
    return (ends - arrivals)[ARRIVALS // 10 :]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=50_000)
    parser.add_argument("--kinds", default="flat,hnsw,ivfpq")
    parser.add_argument("--workers", type=int, nargs="+", default=[2, 8, 32])
    options = parser.parse_args()
    vectors, questions = clustered_vectors(options.n, QUESTIONS, DIM)
    table = Table(title=f"{options.n:,} vectors: recommendations a second, and p50 / p99 ms until answered")
    for column in ("", "CPU ms", "workers", *(f"{load:.0%} busy" for load in LOADS)):
        table.add_column(column, justify="left" if not column else "right")
    for kind in options.kinds.split(","):
        service = service_times(kind, vectors, questions)
        for workers in options.workers:
            row = []
            for load in LOADS:
                waited = 1000 * sojourns(service, workers, load, np.random.default_rng(0))
                rate = workers * load / service.mean()
                row.append(f"{rate:,.0f}: {np.median(waited):.1f} / {np.percentile(waited, 99):.1f}")
            table.add_row(kind, f"{1000 * service.mean():.2f}", str(workers), *row)
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
