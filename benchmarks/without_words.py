"""Works without words, found by words: what their pictures tell, and how much the regression is held back.

    python benchmarks/without_words.py [--seeds 3]

Half of the sample's works lose all their texts. Each motif is asked for by its name among them; *AUC* is the
chance that a work that shows it comes before one that does not. Without the pictures' help it is .5. A motif
whose name no work says is left out.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ham_recommend import SampleSource, build
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.index import by_picture
from ham_recommend.index.text_index import TextIndex
from ham_recommend.records import Document
from ham_recommend.vectors import load_embeddings
from ham_recommend.workspace import CATALOG, Workspace

RIDGES = (0.0001, 0.0003, 0.001, by_picture.RIDGE, 0.003, 0.01, 0.03, 0.1)


def opened(folder):
    """Return the documents of the sample, the vectors of its pictures, and what each work shows."""
    workspace = Workspace(folder)
    documents = list(Catalog.read(workspace.checked(CATALOG)).documents())
    motifs = {work.item_id: work.motif for work in SampleSource().truth.works}
    return documents, load_embeddings("style", "", workspace.checked), motifs


def aucs(documents, pictures, motifs, seed):
    """Return the AUC of each motif's name among the works that lost their texts."""
    ids = [document.item_id for document in documents]
    bare = set(np.random.default_rng(seed).choice(ids, len(ids) // 2, replace=False).tolist())
    index = TextIndex.build(
        (Document(item_id=each.item_id) if each.item_id in bare else each for each in documents),
        pictures=pictures,
    )
    seen = bare.intersection(pictures.item_ids)
    found = {}
    for motif in sorted(set(motifs.values())):
        right = {item_id for item_id in seen if motifs.get(item_id) == motif}
        if len(right) > 1 and len(index.exact(motif, 1, correct=False)):
            ranking = index.search(motif, len(seen), within=seen)
            found[motif] = auc(ranking.item_ids.tolist(), right, len(seen))
    return found


def auc(ranked, right, count):
    """Return the chance that a right work comes before a wrong one; what is not found comes last, tied."""
    places = {item_id: place for place, item_id in enumerate(ranked)}
    rest = (len(ranked) + count - 1) / 2
    total = sum(places.get(item_id, rest) for item_id in right)
    few, many = len(right), count - len(right)
    return 1 - (total - few * (few - 1) / 2) / (few * many)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = parser.parse_args().seeds
    with tempfile.TemporaryDirectory() as folder:
        build(SampleSource(), Path(folder) / "sample", progress=False)
        documents, pictures, motifs = opened(Path(folder) / "sample")
        pictures = replace(pictures, vectors=np.array(pictures.vectors))
    table = Table("held back", "AUC", "worst motif", title=f"Half of {len(documents)} works without texts")
    for ridge in RIDGES:
        by_picture.RIDGE = ridge
        runs = [aucs(documents, pictures, motifs, seed) for seed in range(seeds)]
        means = {motif: np.mean([run[motif] for run in runs if motif in run]) for motif in runs[0]}
        worst = min(means, key=means.__getitem__)
        table.add_row(f"{ridge:g}", f"{np.mean(list(means.values())):.3f}", f"{worst} {means[worst]:.3f}")
    Console().print(table)


if __name__ == "__main__":
    main()
