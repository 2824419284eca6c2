"""Vector search, each kind of store beside a plain read of the same bytes and FAISS used directly.

    python benchmarks/vector_search.py [--n 117245] [--dim 512] [--queries 60] [--grouped]

The vectors are random, the worst case for ``hnsw`` and ``ivf``: nothing is near anything. ``--grouped`` makes
them gather around centres, as those of pictures do; ``--vectors FILE.npy`` takes real ones.
"""

from __future__ import annotations

import argparse
import platform
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ham_recommend.index.exact import ExactStore
from ham_recommend.index.stores import file_store
from ham_recommend.records import Embeddings

K = 20
KINDS = ("flat", "fp16", "hnsw", "ivf")


@dataclass
class Timed:
    """One line of the table."""

    name: str
    seconds: np.ndarray
    read: float
    recall: float | None = None
    build: float | None = None
    megabytes: float | None = None


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def made(n, dim, grouped):
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((n, dim), dtype=np.float32)
    if grouped:
        centres = rng.standard_normal((max(1, n // 100), dim), dtype=np.float32)
        vectors += 1.5 * centres[rng.integers(0, len(centres), n)]
    return unit(vectors)


def timed(ask: Callable[[int], object], rounds: int) -> np.ndarray:
    ask(0)
    seconds = []
    for place in range(rounds):
        start = time.perf_counter()
        ask(place)
        seconds.append(time.perf_counter() - start)
    return np.array(seconds)


def beside_read(name, vectors, ask, rounds, **rest) -> Timed:
    """Time a plain read of all vectors just before and just after, so that a busy machine slows both."""
    flat = vectors.reshape(-1)
    before = timed(lambda _: flat.max(), 10)
    seconds = timed(ask, rounds)
    after = timed(lambda _: flat.max(), 10)
    return Timed(name, seconds, float(np.median([before, after])), **rest)


def memory() -> float:
    """Return what the process holds now, in MB."""
    try:
        with Path("/proc/self/status").open() as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1024 * 1024 if platform.system() == "Darwin" else 1024)


def faiss_directly(vectors, queries) -> list[Timed]:
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    start = time.perf_counter()
    index.add(vectors)
    build = time.perf_counter() - start
    rows = []
    for threads in sorted({1, faiss.omp_get_max_threads()}):
        before = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(threads)
        name = f"FAISS IndexFlatIP, {threads} thread(s)"
        rows.append(
            beside_read(
                name, vectors, lambda place: index.search(queries[place, None], K), len(queries), build=build
            )
        )
        faiss.omp_set_num_threads(before)
    return rows


def recall(rankings, truth) -> float:
    return float(
        np.mean(
            [len(set(a.item_ids) & set(b.item_ids)) / len(b) for a, b in zip(rankings, truth, strict=True)]
        )
    )


def measure(kind, embeddings, queries, exact, limits) -> list[Timed]:
    before = memory()
    start = time.perf_counter()
    store = file_store(kind)(embeddings.vectors.shape[1])
    store.upsert(embeddings)
    build, held = time.perf_counter() - start, memory() - before
    rows = []
    for name, limit in limits.items():
        found = recall(store.search(queries, K, **limit), exact.search(queries, K, **limit))
        rows.append(
            beside_read(
                f"{kind}{name}",
                embeddings.vectors,
                lambda place, limit=limit: store.search(queries[place], K, **limit),
                len(queries),
                recall=found,
                build=build,
                megabytes=held,
            )
        )
        build = held = None
    return rows


def show(rows, title) -> None:
    table = Table(title=title)
    for column in ("", "p50 ms", "p99 ms", "× plain read", f"recall@{K}", "build s", "MB"):
        table.add_column(column, justify="left" if not column else "right")
    for row in rows:
        p50, p99 = np.percentile(row.seconds, [50, 99])
        table.add_row(
            row.name,
            f"{p50 * 1e3:.2f}",
            f"{p99 * 1e3:.2f}",
            f"{p50 / row.read:.2f}",
            "" if row.recall is None else f"{row.recall:.4f}",
            "" if row.build is None else f"{row.build:.1f}",
            "" if row.megabytes is None else f"{row.megabytes:.0f}",
        )
    Console(width=110).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=117_245)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--vectors", help="a .npy file of real vectors, instead of random ones")
    parser.add_argument("--grouped", action="store_true", help="gather random vectors around centres")
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    asked = parser.parse_args()
    vectors = (
        unit(np.load(asked.vectors).astype(np.float32))
        if asked.vectors
        else made(asked.n, asked.dim, asked.grouped)
    )
    rng = np.random.default_rng(1)
    noise = 0.5 / np.sqrt(vectors.shape[1]) * rng.standard_normal((asked.queries, vectors.shape[1]))
    queries = unit(vectors[rng.integers(0, len(vectors), asked.queries)] + noise).astype(np.float32)
    ids = np.array([f"museum:{row:06d}" for row in range(len(vectors))], dtype=object)
    embeddings = Embeddings(ids, vectors, "random")
    exact = ExactStore(vectors.shape[1])
    exact.upsert(embeddings)
    shuffled = rng.permutation(len(ids))
    limits = {
        "": {},
        ", 500 excluded": {"exclude": set(ids[shuffled[:500]])},
        ", within 10 %": {"within": ids[np.sort(shuffled[: len(ids) // 10])]},
        ", within 1 %": {"within": ids[np.sort(shuffled[: len(ids) // 100])]},
    }
    flat, rounds = vectors.reshape(-1), asked.queries
    plain = f"plain read of {vectors.nbytes / 1e6:.0f} MB (numpy max)"
    rows = [beside_read(plain, vectors, lambda _: flat.max(), rounds)]
    rows += faiss_directly(vectors, queries)
    rows.append(beside_read("exact (numpy)", vectors, lambda place: exact.search(queries[place], K), rounds))
    for kind in asked.kinds:
        rows += measure(kind, embeddings, queries, exact, limits)
    show(rows, f"{len(vectors):,} × {vectors.shape[1]} vectors, {rounds} queries, k = {K}")


if __name__ == "__main__":
    main()
