"""What every store must do that keeps what works are filtered by, as a suite to subclass.

::

    from ham_recommend.testing.tagged_stores import TaggedStoreContract

    class TestMyStore(TaggedStoreContract):
        store_class = MyStore
        url = "mine://localhost/test"
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ham_recommend.catalog.catalog import Catalog
from ham_recommend.catalog.tags import Within
from ham_recommend.index.base import TaggedStore
from ham_recommend.index.stores import Filled, fill_store, tags_of
from ham_recommend.records import Embeddings, RawRecord
from ham_recommend.testing.url_stores import UrlStoreContract
from ham_recommend.testing.vectors import embeddings_of, unit_vectors

WORKS = 3000
FILTERS = 40
KINDS = ('Pri"nt', "Draw'ing\\", "Ōkami & Söhne", "tags, [1]) or (key > 0", "壺", "%_ }{")
PEOPLE = ("Rembrandt", "Rem\\brandt", "O'Keeffe", 'J. "Jim" Dine', "Méryon", "Hokusai 北斎")


def made_up_records(count: int, seed: int = 0) -> list[RawRecord]:
    """Return works whose values no database should read as its own language.

    Each has one or two kinds, of which the later are rarer, and up to three artists; nine of ten are dated.
    """
    rng = np.random.default_rng(seed)
    kind = np.minimum(rng.geometric(0.4, (count, 2)) - 1, len(KINDS) - 1)
    year = rng.integers(-300, 2000, count)
    return [
        RawRecord(
            item_id=f"{'made' if number % 3 else 'other'}:{number:05d}",
            title=f"No. {number % 50}",
            classification=tuple(KINDS[each] for each in kind[number, : 1 + number % 2]),
            artist=tuple(rng.choice(PEOPLE, number % 4, replace=False).tolist()),
            culture=("French", "Dutch", "")[number % 3],
            year_begin=None if number % 10 == 0 else int(year[number]),
            year_end=None if number % 10 == 0 else int(year[number]) + number % 30,
        )
        for number in range(count)
    ]


def made_up_filter(rng: np.random.Generator) -> dict[str, Any]:
    """Return one to three conditions, of which some cannot be said in numbers."""
    kinds = rng.choice(KINDS, int(rng.integers(1, 3)), replace=False).tolist()
    begin = int(rng.integers(-400, 2000))
    known = {
        "classification": kinds[0] if len(kinds) == 1 else kinds,
        "artist": str(rng.choice(["rem", "=Rembrandt", "'", "\\", "=meryon", "nobody", '"jim"', "="])),
        "culture": str(rng.choice(["FRENCH", "dutch"])),
        "source": str(rng.choice(["made", "other"])),
        "title": f"No. {rng.integers(0, 50)}",
        "years": (begin, begin + int(rng.integers(0, 500))),
    }
    known["years"] = (known["years"], (None, known["years"][1]), (begin, None))[int(rng.integers(0, 3))]
    fields = rng.choice([*known], int(rng.integers(1, 4)), replace=False)
    return {str(field): known[str(field)] for field in fields}


class TaggedStoreContract(UrlStoreContract):
    """The promises of :class:`ham_recommend.index.base.TaggedStore`, those of every such store included."""

    @pytest.fixture
    def records(self) -> list[RawRecord]:
        """Return works to filter."""
        return made_up_records(WORKS)

    @pytest.fixture
    def pictures(self, records: list[RawRecord]) -> Embeddings:
        """Return their vectors."""
        return embeddings_of(unit_vectors(WORKS, seed=40), [record.item_id for record in records])

    def filtered(self, store: TaggedStore, pictures: Embeddings, catalog: Catalog, seed: int) -> int:
        """Hold what the store finds with filters to what is right; return how many can be said in numbers."""
        rng, exact, said = np.random.default_rng(seed), self.truth(store, pictures), 0
        for number in range(FILTERS):
            within = catalog.filters.within(catalog.item_ids, made_up_filter(rng))
            said += within.condition is not None
            seen = pictures.item_ids[rng.permutation(WORKS)[: int(rng.choice([0, 20, 500]))]]
            self.agree(store, exact, unit_vectors(5, seed=number), 12, within=within, exclude=seen)
        return said

    def tagged(self) -> TaggedStore:
        """Return a new store."""
        store = self.empty()
        assert isinstance(store, TaggedStore)
        return store

    def test_filters_by_tags_find_what_filters_by_ids_do(
        self, records: list[RawRecord], pictures: Embeddings
    ) -> None:
        store, catalog = self.tagged(), Catalog.from_records(records)
        assert fill_store(store, pictures, tags_of(catalog)) == Filled(WORKS, 0)
        assert fill_store(store, pictures, tags_of(catalog)) == Filled(0, 0)
        store.expect(tags_of(catalog))
        assert self.filtered(store, pictures, catalog, 0) > FILTERS // 2
        store.upsert(replace(pictures, item_ids=pictures.item_ids[:50], vectors=pictures.vectors[:50]))
        store.expect(tags_of(catalog))
        self.filtered(store, pictures, catalog, 2)  # of those nobody told what they are filtered by
        store.close()

    def test_values_that_have_changed_are_written_and_found(
        self, records: list[RawRecord], pictures: Embeddings
    ) -> None:
        store, before = self.tagged(), Catalog.from_records(records)
        fill_store(store, pictures, tags_of(before))
        edited = [
            replace(record, classification=(KINDS[-1],), year_begin=1900, year_end=1901)
            if number % 20 == 0
            else record
            for number, record in enumerate(records)
        ]
        after = Catalog.from_records(edited)
        store.expect(tags_of(after))
        self.filtered(store, pictures, after, 1)  # it is not filled yet, and goes by the ids of those
        assert fill_store(store, pictures, tags_of(after)) == Filled(WORKS // 20, 0)
        assert store.marks() == tags_of(after).marks
        store.expect(tags_of(after))
        self.filtered(store, pictures, after, 1)
        rare = after.filters.within(after.item_ids, {"classification": KINDS[-1], "years": (1900, 1900)})
        assert isinstance(rare, Within)
        assert len(store.search(unit_vectors(1), WORKS, within=rare)[0]) == len(rare) >= WORKS // 20
        store.close()

    def test_works_that_a_filter_does_not_mean_stay_away(
        self, records: list[RawRecord], pictures: Embeddings
    ) -> None:
        """A build may be filling it for the next state: works of both meet the same conditions."""
        store, later = self.tagged(), Catalog.from_records(records)
        fill_store(store, pictures, tags_of(later))
        now = Catalog.from_records([record for number, record in enumerate(records) if number % 3])
        store.expect(tags_of(now))
        self.filtered(store, pictures, now, 3)
        store.close()
