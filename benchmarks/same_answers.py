"""The same 200 questions to one collection in every store: how many of the twelve works are the same.

    python benchmarks/same_answers.py FOLDER [--stores flat,fp16,hnsw,ivf,ivfpq,postgresql+embedded:]

The works and texts are those of a collection that was built, the vectors of its pictures made up: of 512
dimensions and around centres, a hundred to each. Questions are by words, likes, a work and a picture, with
and without a filter and works that were seen; each store is compared with ``exact``, which reads all in
float64.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from scale import DIM, PER_CENTRE

from ham_recommend import Recommender
from ham_recommend.encode.base import NearDuplicateCosines
from ham_recommend.index.addresses import is_url
from ham_recommend.index.base import TaggedStore
from ham_recommend.index.stores import file_store, fill_store, open_store, tags_of
from ham_recommend.records import Embeddings
from ham_recommend.testing.same_answers import agreement, questions

STORES = "flat,fp16,hnsw,ivf,ivfpq,postgresql+embedded:"


def made_up(item_ids):
    rng = np.random.default_rng(0)
    centres = 1.5 * rng.standard_normal((max(1, len(item_ids) // PER_CENTRE), DIM), dtype=np.float32)
    vectors = rng.standard_normal((len(item_ids), DIM), dtype=np.float32)
    vectors += centres[rng.integers(0, len(centres), len(item_ids))]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Embeddings(item_ids, vectors, "made-up")


def filled(store, embeddings, folder, tags):
    if is_url(store):
        place = folder / "postgres"
        place.mkdir(exist_ok=True)
        made = open_store(f"{store}//{place}", "same answers", DIM, create=True)
        fill_store(made, embeddings, tags)
        if isinstance(made, TaggedStore):
            made.expect(tags)
        return made
    made = file_store(store)(DIM)
    made.upsert(embeddings)
    return made


def with_pictures(plain, store):
    return Recommender(
        plain.workspace,
        plain.catalog,
        plain.text,
        pictures=store,
        near_duplicates=NearDuplicateCosines(look=0.99, sure=0.999),
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("collection", type=Path)
    parser.add_argument("--stores", default=STORES)
    parser.add_argument("--questions", type=int, default=200)
    asked_for = parser.parse_args()
    plain = Recommender.load(asked_for.collection, encoder="none")
    embeddings, tags = made_up(plain.catalog.item_ids), tags_of(plain.catalog)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        folder.chmod(0o755)
        exact = with_pictures(plain, filled("exact", embeddings, folder, tags))
        asked = questions(exact, asked_for.questions)
        wanted = [question.ask(exact) for question in asked]
        table = Table(title=f"{len(embeddings):,} works, {len(asked)} questions")
        for heading in ("", "same works", "least, of a kind", "of kind", "equal answers", "too short", "s"):
            table.add_column(heading, justify="right" if heading and heading != "of kind" else "left")
        for name in asked_for.stores.split(","):
            with closing(filled(name, embeddings, folder, tags)) as store:
                begun = time.process_time()
                found = agreement(with_pictures(plain, store), asked, wanted)
            least = min(found.same, key=found.same.__getitem__)
            numbers = (f"{found.overall:.4f}", f"{found.same[least]:.4f}", least)
            table.add_row(
                name,
                *numbers,
                f"{found.equal} of {len(asked)}",
                f"{found.shorter}",
                f"{time.process_time() - begun:.0f}",
            )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
