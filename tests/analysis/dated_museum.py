"""Small collections of dated works whose right answers are known."""

from __future__ import annotations

import numpy as np

from ham_recommend import Recommender
from ham_recommend.analysis.dates import Dates
from ham_recommend.analysis.influence import Influence
from ham_recommend.analysis.makers import Makers
from ham_recommend.analysis.scoring import Scoring
from ham_recommend.analysis.works import DatedWorks, centred
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.index.stores import file_store
from ham_recommend.index.text_index import TextIndex
from ham_recommend.manifest import EncoderFacts, Facts
from ham_recommend.records import Description, Embeddings, RawRecord
from ham_recommend.vectors import save_embeddings
from ham_recommend.workspace import CATALOG, Workspace


def unit(rows):
    rows = np.asarray(rows, dtype=np.float32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def drawn(count, makers=12, *, dim=16, seed=0, span=(1500, 2000), width=1):
    """Return works by chance: vectors, years and artists that know nothing of each other."""
    random = np.random.default_rng(seed)
    begin = random.integers(*span, count)
    dates = Dates.of(begin, begin + random.integers(0, width, count), np.ones(count))
    order = np.argsort(dates.middle, kind="stable")
    names = Makers(tuple(f"Artist {at:02}" for at in range(makers)), random.integers(-1, makers, count))
    return DatedWorks(
        np.array([f"m:{at:05}" for at in range(count)], dtype=object),
        unit(random.normal(size=(count, dim))),
        dates[order],
        names,
        np.arange(count),
        "test-1",
    )


def mapped(works, **scoring):
    """Return what an analysis says of works that no collection on disk holds."""
    return Influence(None, "style", works, Scoring(**scoring))


ARTISTS = {
    "Anna Alt": (1600, "Dutch"),
    "Bruno Berg": (1700, "German"),
    "Clara Cap": (1800, "French"),
    "Dora Dunn": (1900, "American"),
}
"""When each works from, and of which culture. Each resembles the one before, and Dora also Anna."""
EACH = 12
PAIRS = {("Anna Alt", "Bruno Berg"), ("Bruno Berg", "Clara Cap"), ("Anna Alt", "Dora Dunn")}


def records(*, dates=True):
    """Return records and vectors: four artists, some works of nobody, three of them undated."""
    random = np.random.default_rng(3)
    own = {name: random.normal(size=24) for name in ARTISTS}
    own["Bruno Berg"] += own["Anna Alt"]
    own["Clara Cap"] += own["Bruno Berg"]
    own["Dora Dunn"] += own["Anna Alt"]
    found, vectors = [], {}
    for name, (start, culture) in ARTISTS.items():
        for number in range(EACH):
            item_id = f"m:{name[0].lower()}{number:02}"
            year = start + 5 * number
            found.append(
                RawRecord(
                    item_id=item_id,
                    title=f"{'Ship' if number % 2 else 'Garden'} no. {number}",
                    artist=name,
                    culture=culture,
                    year_begin=year if dates else None,
                    year_end=year if dates else None,
                    descriptions=(Description("A ship at sea." if number % 2 else "A garden in bloom."),),
                )
            )
            vectors[item_id] = own[name] + 0.6 * random.normal(size=24)
    for number in range(6):
        item_id = f"m:u{number}"
        year = 1650 + 50 * number if dates and number < 3 else None
        artist = ("Unknown artist", "after Anna Alt", "Workshop of Bruno Berg")[number % 3]
        found.append(RawRecord(item_id=item_id, title="Vase", artist=artist, year_begin=year, year_end=year))
        vectors[item_id] = random.normal(size=24)
    return found, vectors


def build(folder, found, vectors):
    """Write a workspace, step by step."""
    workspace = Workspace(folder)
    with workspace.draft() as draft:
        catalog = Catalog.from_records(found)
        with draft.write(CATALOG, rows=len(catalog)) as path:
            catalog.write(path)
        TextIndex.build(catalog.documents()).save(draft.write)
        if not vectors:
            draft.commit(Facts(works=len(catalog)))
            return Recommender.load(folder)
        embeddings = Embeddings(np.array(list(vectors), dtype=object), unit(list(vectors.values())), "test-1")
        save_embeddings(embeddings, "style", draft.write)
        store = file_store("flat")(embeddings.vectors.shape[1])
        store.upsert(embeddings)
        with draft.write(store.file_name("style"), rows=len(embeddings)) as path:
            store.save(path)
        style = EncoderFacts("style", "test-1", len(vectors), reads_words=False, store="flat")
        draft.commit(Facts(works=len(catalog), encoder="style", encoders={"style": style}))
    return Recommender.load(folder)


__all__ = ["ARTISTS", "EACH", "PAIRS", "build", "centred", "drawn", "mapped", "records", "unit"]
