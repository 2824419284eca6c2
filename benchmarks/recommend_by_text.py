"""Recommendations where there are no pictures: what words and meaning each contribute.

    python benchmarks/recommend_by_text.py [--subjects 200]

Works of the real collection in ``$HAM_DATA`` (default ``../shared/data``). Three works that Tate's own index
files under one subject are liked; *right* is the share of the 12 recommended Tate works filed under it too. A
subject has at least 15 works, so 12 right ones exist.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from ham_recommend.catalog.catalog import Catalog
from ham_recommend.index.text_index import TextIndex
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.weights import Weights
from ham_recommend.sources.table import TableSource
from ham_recommend.workspace import Workspace

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
LIKES, K = 3, 12


def subjects(count):
    """Return ``count`` lists of works filed under one subject."""
    pairs = pq.read_table(DATA / "relevance" / "tate_subjects_dev.parquet").to_pydict()
    works = defaultdict(set)
    for subject, item_id in zip(pairs["query"], pairs["item_id"], strict=True):
        works[subject].add(item_id)
    large = [sorted(works[subject]) for subject in sorted(works) if len(works[subject]) >= LIKES + K]
    chosen = np.random.default_rng(0).permutation(len(large))[:count]
    return [large[at] for at in chosen]


def measure(answers, trials, strategy):
    """Return the share of right works, and the median and 99th percentile of the time in ms."""
    right, times = [], []
    for liked, filed in trials:
        start = time.perf_counter()
        ranking = answers.recommend(liked, k=K, where={"source": "tate"}, strategy=strategy)
        times.append((time.perf_counter() - start) * 1000)
        right.append(sum(item_id in filed for item_id in ranking.item_ids) / K)
    return np.mean(right), np.median(times), np.quantile(times, 0.99)


def main():
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--subjects", type=int, default=200)
    asked = options.parse_args()
    source = TableSource(DATA / "collections" / "museum_117k.parquet", ignore=("alt_text",))
    catalog = Catalog.from_records(source.fetch())
    texts = TextIndex.build(catalog.documents())
    numbers = np.random.default_rng(1)
    trials = [
        (numbers.choice(works, LIKES, replace=False).tolist(), set(works))
        for works in subjects(asked.subjects)
    ]
    table = Table(
        title=f"{len(trials)} subjects, {LIKES} likes, {K} recommendations among {len(catalog):,} works"
    )
    for column in ("words : meaning", "strategy", "right", "p50 ms", "p99 ms"):
        table.add_column(column, justify="right")
    for meaning in (1.0, 0.5, Weights().meaning, 0.0):
        answers = Recommender(Workspace("unused"), catalog, texts, weights=Weights(meaning=meaning))
        for strategy in ("mean", "interleave"):
            right, p50, p99 = measure(answers, trials, strategy)
            table.add_row(
                f"{1 - meaning:.1f} : {meaning:.1f}", strategy, f"{right:.3f}", f"{p50:.1f}", f"{p99:.1f}"
            )
    Console().print(table)


if __name__ == "__main__":
    main()
