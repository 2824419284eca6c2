"""What every vector store must do, as a suite to subclass.

::

    from ham_recommend.testing.stores import VectorStoreContract

    class TestMyStore(VectorStoreContract):
        store_class = MyStore
        kind = "mine"

The truth is :class:`ham_recommend.index.exact.ExactStore` over the vectors that the store says it keeps.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from ham_recommend.errors import ArtifactMismatchError, DimensionError, SettingsError, UnknownItemError
from ham_recommend.index.base import VectorStore
from ham_recommend.index.exact import ExactStore
from ham_recommend.records import Embeddings, Ranking, Vectors
from ham_recommend.testing.vectors import DIM, embeddings_of, unit_vectors

COUNT = 400


class VectorStoreContract:
    """The promises of :class:`ham_recommend.index.base.VectorStore`.

    Attributes
    ----------
    store_class : type of VectorStore
        What is tested.
    kind : str
        The name it is asked for by.
    recall : float
        Which share of the true best 12 it must find on average, 1 for a store that reads every vector. Such a
        store must give the very same ids and scores as the exact one, ties included.
    lossy : float
        How far a component it keeps may be from the one it was given.
    """

    store_class: ClassVar[type[VectorStore]]
    kind: ClassVar[str]
    recall: ClassVar[float] = 1.0
    lossy: ClassVar[float] = 0.0

    def empty(self, dim: int = DIM) -> VectorStore:
        """Return a new store; override it where the class needs more than ``dim`` and ``kind``."""
        return self.store_class(dim, self.kind)

    def filled(self, embeddings: Embeddings) -> VectorStore:
        """Return a store that holds these embeddings."""
        store = self.empty(embeddings.vectors.shape[1])
        store.upsert(embeddings)
        return store

    def truth(self, store: VectorStore, embeddings: Embeddings) -> ExactStore:
        """Return an exact store over what the store keeps of these works."""
        exact = ExactStore(store.dim)
        exact.upsert(replace(embeddings, vectors=store.vectors(list(embeddings.item_ids))))
        return exact

    def agree(self, store: VectorStore, exact: ExactStore, queries: Vectors, k: int, **limits: Any) -> None:
        """Check that a store finds what the exact one finds."""
        found = store.search(queries, k, **limits)
        true = exact.search(queries, k, **limits)
        assert len(found) == len(true) == len(np.atleast_2d(queries))
        hits = 0
        for ours, theirs in zip(found, true, strict=True):
            self.well_formed(ours, exact)
            assert len(ours) == len(theirs), "as many works as are allowed must come back"
            if self.recall == 1:
                assert ours.item_ids.tolist() == theirs.item_ids.tolist()
                np.testing.assert_array_equal(ours.scores, theirs.scores)
            hits += len(set(ours.item_ids) & set(theirs.item_ids))
        assert hits >= self.recall * sum(map(len, true))

    def well_formed(self, ranking: Ranking, exact: ExactStore) -> None:
        """Check that a ranking is sorted, repeats nothing, and gives true scores."""
        order = sorted(
            zip(ranking.scores.tolist(), ranking.item_ids.tolist(), strict=True),
            key=lambda hit: (-hit[0], hit[1]),
        )
        assert [item_id for _, item_id in order] == ranking.item_ids.tolist()
        assert len(set(ranking.item_ids)) == len(ranking)
        assert all(item_id in exact for item_id in ranking.item_ids)
        assert ranking.scores.dtype == np.float32

    @pytest.fixture
    def embeddings(self) -> Embeddings:
        """Return works to fill a store with."""
        return embeddings_of(unit_vectors(COUNT))

    @pytest.fixture
    def store(self, embeddings: Embeddings) -> VectorStore:
        """Return a store that holds them."""
        return self.filled(embeddings)

    @pytest.fixture
    def exact(self, store: VectorStore, embeddings: Embeddings) -> ExactStore:
        """Return the truth about that store."""
        return self.truth(store, embeddings)

    @pytest.mark.parametrize("k", [1, 12, 100, COUNT, COUNT + 1, 10 * COUNT])
    def test_finds_the_nearest(self, store: VectorStore, exact: ExactStore, k: int) -> None:
        self.agree(store, exact, unit_vectors(30, seed=2), k)

    def test_scores_are_the_inner_products_of_what_it_keeps(self, store: VectorStore) -> None:
        query = unit_vectors(1, seed=2)[0]
        (ranking,) = store.search(query, 12)
        kept = store.vectors(list(ranking.item_ids)).astype(np.float64)
        np.testing.assert_allclose(ranking.scores, kept @ query.astype(np.float64), rtol=0, atol=1e-6)

    def test_keeps_what_it_was_given(self, store: VectorStore, embeddings: Embeddings) -> None:
        assert len(store) == COUNT
        kept = store.vectors(list(embeddings.item_ids))
        assert kept.dtype == np.float32
        np.testing.assert_allclose(kept, embeddings.vectors, rtol=0, atol=self.lossy)

    def test_vectors_come_in_the_order_asked_for_and_may_repeat(
        self, store: VectorStore, embeddings: Embeddings
    ) -> None:
        asked = [embeddings.item_ids[row] for row in (5, 3, 5)]
        np.testing.assert_allclose(
            store.vectors(asked), embeddings.vectors[[5, 3, 5]], rtol=0, atol=self.lossy
        )
        assert store.vectors([]).shape == (0, DIM)

    def test_an_unknown_work_has_no_vector(self, store: VectorStore) -> None:
        with pytest.raises(UnknownItemError, match="made:none"):
            store.vectors(["made:none"])
        assert "made:none" not in store

    def test_k_of_zero(self, store: VectorStore) -> None:
        assert [len(ranking) for ranking in store.search(unit_vectors(2), 0)] == [0, 0]

    def test_no_questions(self, store: VectorStore) -> None:
        assert store.search(np.empty((0, DIM), dtype=np.float32), 5) == []

    def test_an_empty_store_answers_nothing(self) -> None:
        store = self.empty()
        assert len(store) == 0
        assert len(store.search(unit_vectors(1)[0], 5)[0]) == 0
        assert len(store.search(unit_vectors(1)[0], 5, exclude=["a:1"], within=["a:2"])[0]) == 0
        assert "a:1" not in store
        store.delete(["a:1"])
        store.upsert(embeddings_of(unit_vectors(0)))
        assert len(store) == 0

    def test_a_store_of_one(self) -> None:
        store = self.filled(embeddings_of(unit_vectors(1), ["a:1"]))
        assert store.search(unit_vectors(1, seed=3), 5)[0].item_ids.tolist() == ["a:1"]
        store.delete(["a:1"])
        assert len(store.search(unit_vectors(1, seed=3), 5)[0]) == 0

    @pytest.mark.parametrize("share", [0.01, 0.05, 0.3, 0.9, 1.0])
    def test_exclude(
        self, store: VectorStore, exact: ExactStore, embeddings: Embeddings, share: float
    ) -> None:
        excluded = embeddings.item_ids[: int(share * COUNT)]
        self.agree(store, exact, unit_vectors(10, seed=4), 12, exclude=set(excluded))
        for ranking in store.search(unit_vectors(10, seed=4), COUNT, exclude=tuple(excluded)):
            assert set(ranking.item_ids) == set(embeddings.item_ids) - set(excluded)

    @pytest.mark.parametrize("share", [0.01, 0.05, 0.3, 0.9, 1.0])
    def test_within(
        self, store: VectorStore, exact: ExactStore, embeddings: Embeddings, share: float
    ) -> None:
        wanted = embeddings.item_ids[: int(share * COUNT)]
        self.agree(store, exact, unit_vectors(10, seed=5), 12, within=wanted)
        for ranking in store.search(unit_vectors(10, seed=5), COUNT, within=frozenset(wanted)):
            assert set(ranking.item_ids) == set(wanted)

    def test_exclude_and_within_together(
        self, store: VectorStore, exact: ExactStore, embeddings: Embeddings
    ) -> None:
        ids = embeddings.item_ids
        for first, last in ((0, 30), (50, 380), (0, COUNT)):
            self.agree(store, exact, unit_vectors(10, seed=6), 12, exclude=ids[:80], within=ids[first:last])

    def test_the_nearest_may_all_be_excluded(self, store: VectorStore, exact: ExactStore) -> None:
        query = unit_vectors(1, seed=7)[0]
        nearest = exact.search(query, COUNT - 3)[0].item_ids
        left = store.search(query, 12, exclude=nearest)[0].item_ids.tolist()
        assert left == exact.search(query, COUNT)[0].item_ids[-3:].tolist()

    def test_unknown_ids_in_limits_mean_nothing(
        self, store: VectorStore, exact: ExactStore, embeddings: Embeddings
    ) -> None:
        query = unit_vectors(1, seed=8)
        known = list(embeddings.item_ids[:40])
        plain = store.search(query, 12, exclude=known[:5], within=known)[0].item_ids.tolist()
        odd = ["made:none", "", "\ud800", "é" * 50]
        limited = store.search(query, 12, exclude=known[:5] + odd, within=known + odd)
        assert limited[0].item_ids.tolist() == plain
        assert len(store.search(query, 12, within=odd)[0]) == 0
        self.agree(store, exact, query, 12, exclude=odd)

    def test_within_nothing_is_not_within_everything(self, store: VectorStore) -> None:
        assert len(store.search(unit_vectors(1), 12, within=())[0]) == 0
        assert len(store.search(unit_vectors(1), 12, within=set())[0]) == 0
        assert len(store.search(unit_vectors(1), 12, within=np.empty(0, dtype=np.object_))[0]) == 0

    def test_a_changed_collection_of_ids_is_a_new_limit(
        self, store: VectorStore, embeddings: Embeddings
    ) -> None:
        query, wanted = unit_vectors(1, seed=9), embeddings.item_ids[:20].copy()
        store.search(query, 50, within=wanted)
        wanted[:10] = embeddings.item_ids[100:110]
        assert set(store.search(query, 50, within=wanted)[0].item_ids) == set(wanted)

    def test_equal_vectors_tie_and_come_in_the_order_of_their_ids(self) -> None:
        same = unit_vectors(1, seed=10)
        embeddings = embeddings_of(np.concatenate([unit_vectors(60), np.repeat(same, 90, axis=0)]))
        twins = sorted(embeddings.item_ids[60:])
        store = self.filled(embeddings)
        self.agree(store, self.truth(store, embeddings), same, 90)
        if self.recall < 1:
            return
        for k in (1, 7, 30, 89, 90):
            (ranking,) = store.search(same, k)
            assert len(np.unique(ranking.scores)) == 1
            assert ranking.item_ids.tolist() == twins[:k]
        assert store.search(same, 90, exclude=twins[:85])[0].item_ids[:5].tolist() == twins[85:]

    def test_upsert_adds(self, store: VectorStore, embeddings: Embeddings) -> None:
        more = embeddings_of(unit_vectors(50, seed=11), [f"more:{n}" for n in range(50)])
        store.upsert(more)
        assert len(store) == COUNT + 50
        every = Embeddings(
            np.concatenate([embeddings.item_ids, more.item_ids]),
            np.concatenate([embeddings.vectors, more.vectors]),
            "made-up",
        )
        self.agree(store, self.truth(store, every), unit_vectors(20, seed=12), 12)

    def test_upsert_replaces(self, store: VectorStore, embeddings: Embeddings) -> None:
        renewed = embeddings_of(unit_vectors(100, seed=13), list(embeddings.item_ids[:100]))
        store.upsert(renewed)
        assert len(store) == COUNT
        np.testing.assert_allclose(
            store.vectors(list(renewed.item_ids)), renewed.vectors, rtol=0, atol=self.lossy
        )
        self.agree(store, self.truth(store, embeddings), unit_vectors(20, seed=14), 12)
        assert store.search(renewed.vectors[7], 1)[0].item_ids[0] == renewed.item_ids[7]

    def test_delete_then_search(self, store: VectorStore, embeddings: Embeddings) -> None:
        gone, left = embeddings.item_ids[::3], np.delete(embeddings.item_ids, slice(None, None, 3))
        store.delete([*gone, "made:none"])
        assert len(store) == len(left)
        assert gone[0] not in store
        assert left[0] in store
        with pytest.raises(UnknownItemError):
            store.vectors([gone[0]])
        exact = self.truth(store, embeddings_of(store.vectors(list(left)), left))
        self.agree(store, exact, unit_vectors(10, seed=15), 12)
        self.agree(store, exact, unit_vectors(10, seed=15), 12, within=embeddings.item_ids[:200])
        self.agree(store, exact, unit_vectors(10, seed=15), COUNT, exclude=left[:50])

    def test_a_deleted_work_can_come_back(self, store: VectorStore, embeddings: Embeddings) -> None:
        again = embeddings_of(embeddings.vectors[:5], list(embeddings.item_ids[:5]))
        store.delete(list(again.item_ids))
        store.upsert(again)
        assert len(store) == COUNT
        self.agree(store, self.truth(store, embeddings), unit_vectors(10, seed=16), 12)

    def test_everything_can_be_deleted(self, store: VectorStore, embeddings: Embeddings) -> None:
        store.delete(embeddings.item_ids)
        assert len(store) == 0
        assert len(store.search(unit_vectors(1), 12)[0]) == 0
        store.upsert(embeddings)
        assert len(store) == COUNT

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_what_is_not_a_number_is_refused_and_changes_nothing(
        self, store: VectorStore, embeddings: Embeddings, bad: float
    ) -> None:
        spoilt = unit_vectors(30, seed=17)
        spoilt[20, 3] = bad
        before = store.vectors(list(embeddings.item_ids))
        ids = [f"bad:{n}" for n in range(30)]
        with pytest.raises(SettingsError, match="bad:20"):
            store.upsert(embeddings_of(spoilt, ids))
        with pytest.raises(SettingsError):
            store.search(spoilt, 5)
        assert len(store) == COUNT
        np.testing.assert_array_equal(store.vectors(list(embeddings.item_ids)), before)

    def test_other_dimensions_are_refused_and_change_nothing(
        self, store: VectorStore, embeddings: Embeddings
    ) -> None:
        ids = list(embeddings.item_ids[:3])
        with pytest.raises(DimensionError, match=str(DIM)):
            store.upsert(embeddings_of(unit_vectors(3, DIM + 1), ids))
        for wrong in (
            unit_vectors(2, DIM - 1),
            unit_vectors(1, DIM + 1)[0],
            np.zeros((1, 1, DIM), dtype=np.float32),
        ):
            with pytest.raises(DimensionError, match=str(DIM)):
                store.search(wrong, 5)
        assert len(store) == COUNT
        assert ids[0] in store

    def test_a_repeated_id_is_refused(self, store: VectorStore) -> None:
        with pytest.raises(SettingsError, match="two:1"):
            store.upsert(embeddings_of(unit_vectors(3), ["two:1", "two:2", "two:1"]))
        assert len(store) == COUNT

    def test_a_negative_k_is_refused(self, store: VectorStore) -> None:
        with pytest.raises(SettingsError, match="-1"):
            store.search(unit_vectors(1), -1)

    def test_searching_changes_neither_the_store_nor_what_it_is_given(
        self, store: VectorStore, embeddings: Embeddings, tmp_path: Path
    ) -> None:
        queries, ids = unit_vectors(5, seed=18), list(embeddings.item_ids)
        queries.flags.writeable = False
        exclude, within = embeddings.item_ids[:30].copy(), embeddings.item_ids[10:300].copy()
        given = [queries.tobytes(), exclude.tobytes(), within.tobytes(), embeddings.vectors.tobytes()]
        store.save(tmp_path / "before")
        first = store.search(queries, 12, exclude=exclude, within=within)
        store.search(queries[0], COUNT)
        store.vectors(ids)[:] = 7
        first[0].scores[:] = 7
        first[0].item_ids[:] = "spoilt"
        store.save(tmp_path / "after")
        assert given == [queries.tobytes(), exclude.tobytes(), within.tobytes(), embeddings.vectors.tobytes()]
        assert (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes()
        again = store.search(queries, 12, exclude=exclude, within=within)
        np.testing.assert_array_equal(again[1].scores, first[1].scores)
        assert again[0].item_ids.tolist() != first[0].item_ids.tolist()

    def test_arrays_changed_after_upsert_do_not_change_the_store(self) -> None:
        vectors, ids = unit_vectors(40), np.array([f"own:{n}" for n in range(40)], dtype=np.object_)
        store = self.filled(Embeddings(ids, vectors, "made-up"))
        before = store.vectors(["own:3"])
        vectors[:] = 0
        ids[:] = "spoilt"
        assert "own:3" in store
        np.testing.assert_array_equal(store.vectors(["own:3"]), before)

    def test_one_vector_or_float64_or_strided_asks_the_same(self, store: VectorStore) -> None:
        query = unit_vectors(4, seed=19)
        plain = store.search(query, 12)[0].item_ids.tolist()
        for other in (query[0], query[0].astype(np.float64), np.asfortranarray(query), query[::2]):
            assert store.search(other, 12)[0].item_ids.tolist() == plain

    def test_a_zero_vector_may_ask(self, store: VectorStore, embeddings: Embeddings) -> None:
        (ranking,) = store.search(np.zeros(DIM, dtype=np.float32), 12)
        assert len(ranking) == 12
        if self.recall == 1:
            assert ranking.item_ids.tolist() == sorted(embeddings.item_ids)[:12]

    def test_save_and_load(
        self, store: VectorStore, exact: ExactStore, embeddings: Embeddings, tmp_path: Path
    ) -> None:
        store.save(tmp_path / "index")
        loaded = self.store_class.load(tmp_path / "index", embeddings, self.kind)
        assert (loaded.dim, loaded.kind, len(loaded)) == (DIM, self.kind, COUNT)
        queries = unit_vectors(20, seed=20)
        self.agree(loaded, exact, queries, 12, exclude=embeddings.item_ids[:9])
        for ours, theirs in zip(loaded.search(queries, 12), store.search(queries, 12), strict=True):
            assert ours.item_ids.tolist() == theirs.item_ids.tolist()

    def test_a_loaded_store_can_be_changed(
        self, store: VectorStore, embeddings: Embeddings, tmp_path: Path
    ) -> None:
        store.save(tmp_path / "index")
        loaded = self.store_class.load(tmp_path / "index", embeddings, self.kind)
        loaded.delete(embeddings.item_ids[:7])
        loaded.upsert(embeddings_of(unit_vectors(3, seed=21), ["new:1", "new:2", embeddings.item_ids[50]]))
        assert len(loaded) == COUNT - 5
        assert loaded.search(unit_vectors(3, seed=21)[1], 1)[0].item_ids[0] == "new:2"

    def test_what_was_deleted_is_not_saved(
        self, store: VectorStore, embeddings: Embeddings, tmp_path: Path
    ) -> None:
        store.delete(embeddings.item_ids[:9])
        store.save(tmp_path / "index")
        left = Embeddings(embeddings.item_ids[9:], embeddings.vectors[9:], "made-up")
        loaded = self.store_class.load(tmp_path / "index", left, self.kind)
        self.agree(loaded, self.truth(store, left), unit_vectors(20, seed=22), 12)

    def test_an_empty_store_can_be_saved(self, tmp_path: Path) -> None:
        self.empty().save(tmp_path / "index")
        nothing = embeddings_of(unit_vectors(0))
        assert len(self.store_class.load(tmp_path / "index", nothing, self.kind)) == 0

    def test_an_index_of_other_works_is_refused(
        self, store: VectorStore, embeddings: Embeddings, tmp_path: Path
    ) -> None:
        store.save(tmp_path / "index")
        fewer = embeddings_of(embeddings.vectors[1:], list(embeddings.item_ids[1:]))
        wider = embeddings_of(unit_vectors(COUNT, DIM + 1))
        for others in (fewer, wider):
            with pytest.raises(ArtifactMismatchError, match="index"):
                self.store_class.load(tmp_path / "index", others, self.kind)

    def test_the_same_works_make_the_same_file(self, embeddings: Embeddings, tmp_path: Path) -> None:
        for name in ("one", "other"):
            self.filled(embeddings).save(tmp_path / name)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()

    def test_threads_may_search_together(self, store: VectorStore, embeddings: Embeddings) -> None:
        queries = unit_vectors(16, seed=23)

        def ask(place: int) -> list[str]:
            limits = {"within": embeddings.item_ids[place : place + 200], "exclude": embeddings.item_ids[:50]}
            ids: list[str] = store.search(queries[place], 12, **limits)[0].item_ids.tolist()
            return ids

        alone = [ask(place) for place in range(16)]
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(ask, list(range(16)) * 8))
        assert together == alone * 8

    def test_it_can_be_closed(self, store: VectorStore, tmp_path: Path) -> None:
        store.save(tmp_path / "index")
        store.close()
        assert (tmp_path / "index").stat().st_size > 0
