"""How fast a build's pictures are encoded on Ray, beside a pool of processes and this process alone.

All three read the same paintings from this disk and give the same vectors. The workers of both are as many as
there are cores, and have started and loaded the encoder before the clock runs; the rounds are interleaved.

    python benchmarks/on_ray.py [--count N] [--rounds N] [--encoder NAME]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ham_recommend import registry
from ham_recommend.builder.on_ray import cluster_at
from ham_recommend.catalog.thumbnails import Original, ThumbnailFolder
from ham_recommend.encode.journal import VectorJournal
from ham_recommend.encode.pipeline import encode_pictures
from ham_recommend.encode.sharing import encode_share

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("HAM_DATA", ROOT.parent / "shared" / "data"))


class Pool:
    """A cluster of processes of this machine: what the standard library has."""

    def __init__(self, encoder_name, workers):
        self.slots = workers
        self._name = encoder_name
        self._pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))

    def submit(self, share):
        """Have a share encoded by one of them."""
        return self._pool.submit(encode_share, self._name, share)

    def close(self):
        """End them."""
        self._pool.shutdown()


def rate(encoder, pictures, cluster):
    """Return pictures a second, and the vectors."""
    with tempfile.TemporaryDirectory() as folder:
        journal = VectorJournal(Path(folder) / "journal", encoder.model_id, encoder.dim)
        begun = time.perf_counter()
        done = encode_pictures(pictures, ThumbnailFolder(Path(folder)), encoder, journal, cluster=cluster)
        seconds = time.perf_counter() - begun
        return len(pictures) / seconds, np.array(done.embeddings.vectors)


def warm(cluster):
    """Have every worker load the encoder."""
    for asked in [cluster.submit(()) for _ in range(8 * cluster.slots)]:
        asked.result()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1062, help="how many pictures")
    parser.add_argument("--rounds", type=int, default=5, help="how often; medians are shown")
    parser.add_argument("--encoder", default="style")
    asked = parser.parse_args()
    encoder, workers = registry.make_encoder(asked.encoder), len(os.sched_getaffinity(0))
    paths = sorted((DATA / "paintings" / "images").rglob("*.jpg"))[: asked.count]
    pictures = [Original(path.stem, str(path)) for path in paths]
    rates = {"this process alone": [], "a pool of processes": [], "Ray": []}
    with ExitStack() as stack:
        pool = Pool(asked.encoder, workers)
        stack.callback(pool.close)
        ray = stack.enter_context(cluster_at("ray", asked.encoder, encoder.model_id))
        clusters = dict(zip(rates, (None, pool, ray), strict=True))
        for cluster in (pool, ray):
            warm(cluster)
        rate(encoder, pictures[:64], None)
        for _ in range(asked.rounds):
            vectors = []
            for name, cluster in clusters.items():
                measured, made = rate(encoder, pictures, cluster)
                rates[name].append(measured)
                vectors.append(made.tobytes())
            assert len(set(vectors)) == 1, "the vectors were to be the same to the last bit"
    table = Table(title=f"{len(pictures)} paintings × {asked.rounds}, {asked.encoder}, {workers} workers")
    for heading in ("", "pictures/s, median", "least", "most", "of the pool's rate"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, measured in rates.items():
        of_pool = np.median(np.array(measured) / np.array(rates["a pool of processes"]))
        shown = [f"{value:.0f}" for value in (np.median(measured), min(measured), max(measured))]
        table.add_row(name, *shown, f"{of_pool:.2f} ×")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
