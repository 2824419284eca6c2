"""Do words find the pictures they name? Real CLIP vectors, through the project's own store and search.

577 paintings of the Cleveland Museum of Art (vectors only) are asked for with the vectors of 2,148 labels, as
a search does: less what everyday words have in common. A work counts as showing a label when its title names
it. Titles often name what is not to be seen (a book the page was cut from, a first name), so a label that one
title alone names says little; the second table shows what asking for more titles changes, and what the plain
cosine gives.

    python benchmarks/clip_words.py
"""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ham_recommend.encode.clip import EVERYDAY, less_usual
from ham_recommend.index.faiss_store import FlatStore
from ham_recommend.records import Embeddings

DATA = Path(os.environ.get("HAM_DATA", Path(__file__).parents[2] / "shared" / "data"))
LEAST = 2


def read(folder):
    """Return the store of the pictures, their titles by id, and the vectors of the labels."""
    with (folder / "paintings_vitb32.csv").open(encoding="utf-8", newline="") as table:
        titles = {row["id"]: row["title"].lower() for row in csv.DictReader(table)}
    vectors = np.load(folder / "paintings_vitb32.npy").astype(np.float32)
    store = FlatStore(vectors.shape[1])
    store.upsert(Embeddings(np.array(list(titles), object), vectors, "openai/clip-vit-base-patch32"))
    with np.load(folder / "labels_vitb32.npz") as labels:
        names, rows = labels["labels"].tolist(), labels["emb"].astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return store, titles, {name.lower(): row for name, row in zip(names[::-1], rows[::-1], strict=True)}


def queries(labels):
    """Return label → the vector to search with."""
    usual = np.mean([labels[word] for word in EVERYDAY if word in labels], axis=0)
    return {label: less_usual(vector, usual) for label, vector in labels.items()}


def aucs(store, titles, vectors, *, least=LEAST):
    """Return label → (how many works name it, the chance that one of them ranks above one that does not)."""
    found = {}
    for label, vector in vectors.items():
        word = re.compile(rf"\b{re.escape(label)}(?:s|es)?\b")
        named = {item_id for item_id, title in titles.items() if word.search(title)}
        if len(named) >= least:
            found[label] = (len(named), auc(store.search(vector, len(titles))[0], named))
    return found


def auc(ranking, named):
    """Return the area under the ROC curve of a ranking of everything (Mann–Whitney)."""
    ranks = [hit.rank for hit in ranking if hit.item_id in named]
    others = len(ranking) - len(ranks)
    below = sum(len(ranking) - rank for rank in ranks) - len(ranks) * (len(ranks) - 1) / 2
    return below / (len(ranks) * others)


def mean(found):
    return sum(value for _, value in found.values()) / len(found)


def main():
    store, titles, labels = read(DATA / "clip")
    found = aucs(store, titles, queries(labels))
    plain = aucs(store, titles, labels)
    table = Table(title=f"{len(titles)} paintings, {len(found)} labels that {LEAST} or more titles name")
    for heading in ("label", "works", "AUC", "plain cosine"):
        table.add_column(heading, justify="left" if heading == "label" else "right")
    for label, (works, value) in sorted(found.items(), key=lambda pair: -pair[1][1]):
        table.add_row(label, str(works), f"{value:.3f}", f"{plain[label][1]:.3f}")
    table.add_section()
    table.add_row("mean", "", f"{mean(found):.3f}", f"{mean(plain):.3f}", style="bold")
    Console(width=100).print(table)

    rules = Table(title="Mean AUC by how many titles must name a label")
    for heading in ("titles", "labels", "AUC", "plain cosine"):
        rules.add_column(heading, justify="right")
    for least in range(1, 6):
        results = [aucs(store, titles, vectors, least=least) for vectors in (queries(labels), labels)]
        rules.add_row(f"{least}+", str(len(results[0])), *(f"{mean(result):.3f}" for result in results))
    Console(width=100).print(rules)


if __name__ == "__main__":
    main()
