"""Do words find the pictures they name? Real CLIP vectors, through the project's own store and search.

577 paintings of the Cleveland Museum of Art (vectors only) are asked for with the vectors of 2,148 labels. A
work counts as showing a label when its title says so. Titles name more than what is to be seen: parentheses
and what follows "from a …" name the book a page was cut from ("Tales of a Parrot"), and two labels name no
motif here ("painting" in a museum of paintings; "jean", which is a first name). The table shows what leaving
these out changes.

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

from ham_recommend.index.faiss_store import FaissStore
from ham_recommend.records import Embeddings

DATA = Path(os.environ.get("HAM_DATA", Path(__file__).parents[2] / "shared" / "data"))
NO_MOTIF = {"painting", "jean"}
LEAST = 2

_ASIDE = re.compile(r"\([^)]*\)|\[[^]]*\]")
_TAKEN_FROM = re.compile(
    r",?\s+(?:folio |page |leaf )?from (?:the|an?|chapters?|twelve) |;? verso:", re.IGNORECASE
)


def subject(title):
    """Return what a title says is to be seen, in lower case."""
    return _TAKEN_FROM.split(_ASIDE.sub("", title))[0].lower()


def whole(title):
    return title.lower()


def read(folder):
    """Return the store of the pictures, their titles by id, and the vectors of the labels."""
    with (folder / "paintings_vitb32.csv").open(encoding="utf-8", newline="") as table:
        titles = {row["id"]: row["title"] for row in csv.DictReader(table)}
    vectors = np.load(folder / "paintings_vitb32.npy").astype(np.float32)
    store = FaissStore(vectors.shape[1], "flat")
    store.upsert(Embeddings(np.array(list(titles), object), vectors, "openai/clip-vit-base-patch32"))
    with np.load(folder / "labels_vitb32.npz") as labels:
        names, rows = labels["labels"].tolist(), labels["emb"].astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return store, titles, {name.lower(): row for name, row in zip(names[::-1], rows[::-1], strict=True)}


def aucs(store, titles, labels, *, said=subject, least=LEAST, leave_out=NO_MOTIF):
    """Return label → (how many works name it, the chance that one of them ranks above one that does not)."""
    texts = {item_id: said(title) for item_id, title in titles.items()}
    found = {}
    for label in sorted(labels.keys() - leave_out):
        word = re.compile(rf"\b{re.escape(label)}(?:s|es)?\b")
        named = {item_id for item_id, text in texts.items() if word.search(text)}
        if len(named) >= least:
            found[label] = (len(named), auc(store.search(labels[label], len(titles))[0], named))
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
    parts = read(DATA / "clip")
    found = aucs(*parts)
    table = Table(title=f"{len(parts[1])} paintings, {len(found)} labels that {LEAST} or more titles name")
    for heading in ("label", "works", "AUC"):
        table.add_column(heading, justify="left" if heading == "label" else "right")
    for label, (works, value) in sorted(found.items(), key=lambda pair: -pair[1][1]):
        table.add_row(label, str(works), f"{value:.3f}")
    table.add_section()
    table.add_row("mean", "", f"{mean(found):.3f}", style="bold")
    Console(width=100).print(table)

    rules = Table(title="Mean AUC by what counts as naming")
    for heading in ("titles", "labels left out", "2+ works", "3+ works", "4+ works"):
        rules.add_column(heading, justify="left" if heading in {"titles", "labels left out"} else "right")
    for name, said, left_out in (
        ("what is to be seen", subject, NO_MOTIF),
        ("what is to be seen", subject, set()),
        ("whole", whole, NO_MOTIF),
        ("whole", whole, set()),
    ):
        results = [aucs(*parts, said=said, least=least, leave_out=left_out) for least in (2, 3, 4)]
        shown = (f"{mean(result):.3f} of {len(result)}" for result in results)
        rules.add_row(name, ", ".join(sorted(left_out)) or "none", *shown)
    Console(width=100).print(rules)


if __name__ == "__main__":
    main()
