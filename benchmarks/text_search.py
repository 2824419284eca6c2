"""Text search beside what a user would otherwise pick: speed, memory and quality, on the same texts.

    python benchmarks/text_search.py [--full] [--queries 200]

117,243 real records (``$HAM_DATA/collections``, default ``../shared/data``) without their alt texts, which
are the queries of the known-item search. The notebook's dense index takes 60 kB a work, so it gets 20,000
works unless ``--full`` asks for all (7 GB, 15 GB while it is built).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import faiss
import numpy as np
import psutil
from rich.console import Console
from rich.table import Table
from sklearn.feature_extraction.text import TfidfVectorizer

from ham_recommend.answers import Ranking
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.evaluate.baselines import BASELINES, ids_of, text_of
from ham_recommend.evaluate.judgements import read_judgements
from ham_recommend.evaluate.metrics import judge
from ham_recommend.index.text_index import TextIndex
from ham_recommend.sources.table import TableSource

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
K = 12
FEATURES = 15_000
SUBSET = 20_000
NEW = 1_000
DEEP = 2_000
FIRST_ANSWER = """
import sys, time
start = time.perf_counter()
from pathlib import Path
from ham_recommend.index.text_index import TextIndex
index = TextIndex.load(lambda name: Path(sys.argv[1], name))
index.search("ships in a storm", 12)
seconds = time.perf_counter() - start
import psutil
held = psutil.Process().memory_info()
print(seconds, held.rss / 1e6, (held.rss - getattr(held, "shared", 0)) / 1e6)
"""


def read_documents():
    source = TableSource(DATA / "collections" / "museum_117k.parquet", ignore=("alt_text",))
    return list(Catalog.from_records(source.fetch()).documents())


def read_all_judgements():
    folder = DATA / "relevance"
    subjects = read_judgements(folder / "tate_subjects_dev.parquet")
    return subjects, read_judgements(folder / "met_alttext_dev.parquet")


@contextmanager
def written(folder, name, *, rows):  # noqa: ARG001 - as a workspace would be told
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    yield path


def timed(work):
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def milliseconds(search, queries):
    for query in queries[:20]:
        search(query, K)
    spent = [timed(partial(search, query, K))[1] * 1e3 for query in queries]
    return np.percentile(spent, [50, 99])


def show_making(documents, console):
    """Print what it takes to build, to add to and to open our index, and return it."""
    table = Table(
        "step", "seconds", "MB", title=f"Making and opening the text index, {len(documents):,} works"
    )
    index, seconds = timed(lambda: TextIndex.build(documents))
    table.add_row("build", f"{seconds:.1f}", f"{psutil.Process().memory_info().rss / 1e6:.0f} now")
    fewer, _ = timed(lambda: TextIndex.build(documents[:-NEW]))
    _, seconds = timed(lambda: TextIndex.build(documents, previous=fewer))
    table.add_row(f"add {NEW:,} works", f"{seconds:.1f}", "")
    with tempfile.TemporaryDirectory() as folder:
        _, seconds = timed(lambda: index.save(partial(written, Path(folder))))
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        table.add_row("write", f"{seconds:.1f}", f"{size / 1e6:.0f} on disk")
        answer = subprocess.run(
            [sys.executable, "-c", FIRST_ANSWER, folder], check=True, capture_output=True, text=True
        )
    seconds, memory, own = map(float, answer.stdout.split())
    memories = f"{memory:.0f}, {own:.0f} without mapped files"
    table.add_row("load to first answer, new process", f"{seconds:.2f}", memories)
    console.print(table)
    return index


def show_answering(searches, judgements, count, console):
    """Print speed and quality of each search: name → (works, search, search within the Tate or None)."""
    subjects, alt_texts = judgements
    short, long = ([*judged.texts.values()][:: -(-len(judged) // count)] for judged in judgements)
    table = Table(
        "method", "works", "ms p50", "p99", "long p50", "p99", "Tate nDCG@10", "Met nDCG@10", "Met hit@1",
        title=f"Answering, k = {K}: {len(short)} subjects, {len(long)} alt texts (long)",
    )  # fmt: skip
    for name, (works, search, search_tate) in searches.items():
        speed = [*milliseconds(search, short), *milliseconds(search, long)]
        quality = ["", "", ""]
        if search_tate is not None:
            met = judge(search, alt_texts)
            quality = [
                f"{judge(search_tate, subjects).ndcg_10:.3f}",
                f"{met.ndcg_10:.3f}",
                f"{met.hit_1:.3f}",
            ]
        table.add_row(name, f"{works:,}", *(f"{spent:.2f}" for spent in speed), *quality)
    console.print(table)


def notebook(documents):
    """Search as the original notebook did: TF-IDF of 1–3-grams, dense in a flat FAISS index."""
    item_ids = ids_of(documents)
    vectorizer = TfidfVectorizer(
        stop_words="english", ngram_range=(1, 3), max_features=FEATURES, dtype=np.float32
    )
    vectors = vectorizer.fit_transform([text_of(document) for document in documents])
    index = faiss.IndexFlatIP(vectors.shape[1])
    for start in range(0, vectors.shape[0], SUBSET):
        index.add(vectors[start : start + SUBSET].toarray())

    def search(text, k):
        (scores,), (rows,) = index.search(vectorizer.transform([text]).toarray(), k)
        return Ranking.from_scores(item_ids[rows], scores, k)

    return search


def among_tate(search, tate):
    """Rank many works, then keep the Tate's: the baselines have no filter of their own."""

    def within(text, k):
        ranking = search(text, DEEP)
        kept = [row for row, item_id in enumerate(ranking.item_ids) if item_id in tate][:k]
        return type(ranking)(ranking.item_ids[kept], ranking.scores[kept])

    return within


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="give the notebook's index all works: 15 GB")
    parser.add_argument("--queries", type=int, default=200, help="timed queries of each kind")
    options = parser.parse_args()
    console = Console(width=120)
    documents, seconds = timed(read_documents)
    console.print(f"Read {len(documents):,} documents in {seconds:.1f} s.")
    index = show_making(documents, console)
    tate = frozenset(doc.item_id for doc in documents if doc.item_id.startswith("tate:"))
    searches = {
        "ham_recommend, fused": (len(index), index.search, partial(index.search, within=tate)),
        "ham_recommend, exact": (len(index), index.exact, partial(index.exact, within=tate)),
    }
    for name, make in {"notebook: dense TF-IDF": notebook, **BASELINES}.items():
        whole = options.full or "notebook" not in name
        some = documents if whole else documents[:: len(documents) // SUBSET][:SUBSET]
        search, seconds = timed(partial(make, some))
        console.print(f"{name}: {len(some):,} works indexed in {seconds:.1f} s.")
        searches[name] = (len(some), search, among_tate(search, tate) if whole else None)
    show_answering(searches, read_all_judgements(), options.queries, console)


if __name__ == "__main__":
    main()
