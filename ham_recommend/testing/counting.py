"""How often a recommender asks its stores: stores that count, around those of any recommender."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any, cast

from ham_recommend.catalog.catalog import Catalog
from ham_recommend.encode.base import NearDuplicateCosines
from ham_recommend.index.base import VectorStore
from ham_recommend.index.text_index import TextIndex
from ham_recommend.index.word_store import WordStore
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.records import Embeddings, RawRecord
from ham_recommend.workspace import Workspace

MOST_ASKED = 4
"""How often one answer may ask one store, however many likes, hits, interests and repeated pictures."""


class CountingStore:
    """Passes everything on to a store, and remembers what was asked.

    Parameters
    ----------
    store : VectorStore or WordStore
        What answers.

    Attributes
    ----------
    asked : list of str
        The methods that were called, in order.
    """

    def __init__(self, store: VectorStore | WordStore) -> None:
        self._store = store
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        answer = getattr(self._store, name)
        if not callable(answer):
            return answer

        def ask(*given: Any, **options: Any) -> Any:
            self.asked.append(name)
            return answer(*given, **options)

        return ask

    def __len__(self) -> int:
        return len(self._store)


def counting(recommender: Recommender) -> tuple[Recommender, dict[str, CountingStore]]:
    """Return a recommender that answers alike, and its stores by their channel's name, which count."""
    stores = {
        "words": CountingStore(cast("WordStore", recommender.text.words)),
        "meaning": CountingStore(recommender.text.meaning),
    }
    text = copy.copy(recommender.text)
    text.words = cast("WordStore", stores["words"])
    text.meaning = cast("VectorStore", stores["meaning"])
    pictures = None
    if recommender.pictures is not None:
        stores["picture"] = CountingStore(recommender.pictures)
        pictures = cast("VectorStore", stores["picture"])
    counted = Recommender(
        recommender.workspace,
        recommender.catalog,
        text,
        pictures=pictures,
        image_encoder=recommender.image_encoder,
        reads_words=recommender.reads_words,
        near_duplicates=recommender.near_duplicates,
        weights=recommender.weights,
    )
    return counted, stores


def small_museum(pictures: VectorStore) -> Recommender:
    """Return a recommender of made-up works, one for each vector of a store."""
    words = ("ship", "storm", "cat", "moon", "castle", "vase", "river", "harbour")
    records = [
        RawRecord(
            item_id=str(item_id),
            title=f"{words[number % 8]} and {words[number // 8 % 8]}",
            classification="Print" if number % 3 else "Painting",
        )
        for number, item_id in enumerate(sorted(pictures.item_ids()))
    ]
    catalog = Catalog.from_records(records)
    return Recommender(
        Workspace("unused"),
        catalog,
        TextIndex.build(catalog.documents()),
        pictures=pictures,
        near_duplicates=NearDuplicateCosines(look=0.99, sure=0.999),
    )


class AsksFewTimes:
    """Of the suite of every store: that an answer asks it :data:`MOST_ASKED` times at most."""

    def filled(self, embeddings: Embeddings) -> VectorStore:
        """Return a store that holds these embeddings."""
        raise NotImplementedError

    def test_an_answer_asks_it_four_times_at_most(self, embeddings: Embeddings) -> None:
        vectors = embeddings.vectors.copy()
        vectors[:150] = vectors[0]
        recommender, stores = counting(small_museum(self.filled(replace(embeddings, vectors=vectors))))
        ids = embeddings.item_ids.tolist()

        def ask(*given: Any, **options: Any) -> None:
            for store in stores.values():
                store.asked.clear()
            method = recommender.search if isinstance(given[0], str) else recommender.recommend
            method(*given, **options)
            for channel, store in stores.items():
                assert len(store.asked) <= MOST_ASKED, (channel, store.asked)

        for k in (1, 12, 100, 2 * len(ids)):
            for likes in (ids[200:201], ids[200:207], ids[200:240], ids[:3]):
                ask(likes, ids[300:310], k)
                ask(likes, (), k, exclude=ids[20:150], strategy="mean")
                ask(likes, (), k, exclude=ids[240:], where={"classification": "Print"})
            ask("ship storm", k)
            ask("ship", k, exclude=ids[:120], where={"classification": "Print"})
