"""A small museum whose right answers are known, built from the real parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ham_recommend.catalog.catalog import Catalog
from ham_recommend.encode.style import StyleEncoder
from ham_recommend.index.stores import file_store
from ham_recommend.index.text_index import TextIndex
from ham_recommend.manifest import EncoderFacts, Facts
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.records import Description, Embeddings, RawRecord
from ham_recommend.vectors import save_embeddings
from ham_recommend.workspace import CATALOG, Workspace

MOTIFS = {
    "ship": "A ship with torn sails fights the waves of a stormy sea.",
    "cat": "A striped cat jumps through a burning hoop at the circus.",
    "vase": "Red flowers stand in a blue vase upon a wooden table.",
    "castle": "A ruined castle looks down from the hill in the moonlight.",
}
EACH = 15
DIM = 16


def museum(*, pictures=True):
    """Return records and, for three works in four, a picture vector close to those of its motif.

    The last two works of every motif are impressions of one print.
    """
    random = np.random.default_rng(11)
    records, vectors = [], {}
    for motif, text in MOTIFS.items():
        centre = random.normal(size=DIM)
        for number in range(EACH):
            item_id = f"m:{motif}{number:02}"
            records.append(
                RawRecord(
                    item_id=item_id,
                    title=f"{motif.title()} no. {number}",
                    artist=f"Painter {number % 5}",
                    year_begin=1600 + 20 * number,
                    year_end=1600 + 20 * number,
                    classification="Prints" if number % 3 else "Paintings",
                    descriptions=(Description(text),),
                )
            )
            if pictures and number % 4:
                vectors[item_id] = centre + 0.7 * random.normal(size=DIM)
        if pictures:
            vectors[f"m:{motif}{EACH - 1:02}"] = vectors[f"m:{motif}{EACH - 2:02}"] + 0.01
    records.append(RawRecord(item_id="m:nothing"))
    return records, vectors


def build_collection(folder, records, vectors, *, kind="flat"):
    """Write a workspace, step by step."""
    workspace = Workspace(folder)
    with workspace.draft() as draft:
        catalog = Catalog.from_records(records)
        with draft.write(CATALOG, rows=len(catalog)) as path:
            catalog.write(path)
        TextIndex.build(catalog.documents()).save(draft.write)
        if vectors:
            rows = np.array(list(vectors.values()), dtype=np.float32)
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            embeddings = Embeddings(np.array(list(vectors), dtype=object), rows, "test-1")
            save_embeddings(embeddings, "style", draft.write)
            store = file_store(kind)(rows.shape[1])
            store.upsert(embeddings)
            with draft.write(store.file_name("style"), rows=len(rows)) as path:
                store.save(path)
        style = EncoderFacts("style", "test-1", len(vectors), reads_words=False, store=kind)
        made = {"style": replace(style, near_duplicates=StyleEncoder.near_duplicates)}
        draft.commit(Facts(encoder="style", encoders=made) if vectors else Facts())
    return workspace


def kept_in(folder, museum_folder):
    """Return a recommender of a museum whose sessions are kept in another folder."""
    opened = Recommender.load(museum_folder)
    return Recommender(
        Workspace(folder),
        opened.catalog,
        opened.text,
        pictures=opened.pictures,
        image_encoder=opened.image_encoder,
        near_duplicates=opened.near_duplicates,
    )
