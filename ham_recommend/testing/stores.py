"""What every vector store must do, as a suite.

Subclass :class:`ham_recommend.testing.url_stores.UrlStoreContract` for a store behind an address and
:class:`ham_recommend.testing.file_stores.FileStoreContract` for one that is kept in a file: both include
this one.

Every store has to find enough of the nearest, filter inside the search, keep what it is given, see its own
changes, be left as it was by a search, and do for a whole answer with four questions. What more a class
declares, it is held to: ``exact`` means the right works with the right scores, ``bit_equal_ties`` that scores
are those of :class:`ham_recommend.index.exact.ExactStore` to the last bit, so that ties show and are broken
by ``item_id``, ``lossy`` how far what is kept may be from what was given. The truth is an exact store over
the vectors that the store says it keeps.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest

from ham_recommend.answers import Ranking
from ham_recommend.errors import ArtifactMismatchError, DimensionError, SettingsError
from ham_recommend.index.base import VectorStore
from ham_recommend.index.exact import ExactStore
from ham_recommend.index.stores import Filled, check_filled, fill_store
from ham_recommend.records import Embeddings, Vectors
from ham_recommend.testing.counting import AsksFewTimes
from ham_recommend.testing.vectors import DIM, clustered_vectors, embeddings_of, unit_vectors

COUNT = 400
MANY = 6000
RECALL = 0.98
"""The share of the true best that a store must find which does not read every vector."""


class VectorStoreContract(AsksFewTimes):
    """The promises of :class:`ham_recommend.index.base.VectorStore`.

    No test can be switched off: a subclass that defines anything but the attributes below is refused.

    Attributes
    ----------
    store_class : type of VectorStore
        What is tested.
    """

    store_class: ClassVar[type[VectorStore]]
    _given: ClassVar[frozenset[str]] = frozenset({"store_class"})

    def __init_subclass__(cls) -> None:
        """Refuse a subclass that redefines what is tested; the suites beside this one may."""
        changed = {name for name in vars(cls) if not name.startswith("__")} - cls._given
        if changed and cls.__module__.partition(".testing.")[0] != "ham_recommend":
            raise TypeError(f"{cls.__name__} may set {', '.join(sorted(cls._given))}, not {min(changed)}.")

    def empty(self, dim: int = DIM) -> VectorStore:
        """Return a new store."""
        return self.store_class(dim)

    def filled(self, embeddings: Embeddings) -> VectorStore:
        """Return a store that holds these embeddings."""
        store = self.empty(embeddings.vectors.shape[1])
        store.upsert(embeddings)
        return store

    def truth(self, store: VectorStore, embeddings: Embeddings) -> ExactStore:
        """Return an exact store over what the store keeps of these works."""
        exact = ExactStore(store.dim)
        exact.upsert(replace(embeddings, vectors=store.get(list(embeddings.item_ids)).vectors))
        return exact

    def agree(self, store: VectorStore, exact: ExactStore, queries: Vectors, k: int, **limits: Any) -> None:
        """Check that a store finds what the exact one finds."""
        queries = np.atleast_2d(queries)
        found = store.search(queries, k, **limits)
        true = exact.search(queries, k, **limits)
        assert len(found) == len(true) == len(queries)
        hits = 0
        for query, ours, theirs in zip(queries, found, true, strict=True):
            self.well_formed(ours, query, exact)
            assert len(ours) == len(theirs), "as many works as are allowed must come back"
            if store.exact:
                np.testing.assert_allclose(ours.scores, theirs.scores, rtol=0, atol=1e-6)
            if store.bit_equal_ties and store.exact:
                assert ours.item_ids.tolist() == theirs.item_ids.tolist()
            hits += len(set(ours.item_ids) & set(theirs.item_ids))
        assert store.exact or hits >= RECALL * sum(map(len, true))

    def well_formed(self, ranking: Ranking, query: Vectors, exact: ExactStore) -> None:
        """Check that a ranking is sorted, repeats nothing, and gives true scores."""
        hits = list(zip((-ranking.scores).tolist(), ranking.item_ids.tolist(), strict=True))
        if self.store_class.bit_equal_ties:
            assert hits == sorted(hits)
            everything = exact.search(query, len(exact))[0]
            score_of = dict(zip(everything.item_ids.tolist(), everything.scores.tolist(), strict=True))
            assert ranking.scores.tolist() == [score_of[item_id] for item_id in ranking.item_ids.tolist()]
        assert (np.diff(ranking.scores) <= 0).all()
        assert len(set(ranking.item_ids)) == len(ranking)
        assert ranking.scores.dtype == np.float32
        true = exact.products(query[None], ranking.item_ids.tolist())[0]
        np.testing.assert_allclose(ranking.scores, true, rtol=0, atol=1e-6)

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

    def test_finds_the_nearest_in_many_small_clusters(self) -> None:
        """An index that loses whole clusters does so here, where each question is about one of them."""
        vectors, queries = clustered_vectors(MANY, 30)
        embeddings = embeddings_of(vectors)
        store = self.empty(vectors.shape[1])
        fill_store(store, embeddings)
        exact, ids = self.truth(store, embeddings), embeddings.item_ids
        for limits in (
            {},
            {"exclude": ids[:1000]},
            {"within": ids[: MANY // 100]},
            {"within": ids[: MANY // 10]},
            {"within": ids[: MANY // 2], "exclude": ids[:500]},
        ):
            self.agree(store, exact, queries, 12, **limits)
        more = embeddings_of(queries, [f"more:{place}" for place in range(len(queries))])
        store.upsert(more)
        found = store.search(queries, 1)
        assert [ranking.item_ids[0] for ranking in found] == more.item_ids.tolist()

    def test_scores_are_the_inner_products_of_what_it_keeps(self, store: VectorStore) -> None:
        query = unit_vectors(1, seed=2)[0]
        (ranking,) = store.search(query, 12)
        kept = store.get(list(ranking.item_ids)).vectors.astype(np.float64)
        np.testing.assert_allclose(ranking.scores, kept @ query.astype(np.float64), rtol=0, atol=1e-6)

    def test_keeps_what_it_was_given(self, store: VectorStore, embeddings: Embeddings) -> None:
        assert len(store) == COUNT
        assert sorted(store.item_ids()) == sorted(embeddings.item_ids)
        kept = store.get(list(embeddings.item_ids))
        assert kept.item_ids.tolist() == embeddings.item_ids.tolist()
        assert kept.vectors.dtype == np.float32
        np.testing.assert_allclose(kept.vectors, embeddings.vectors, rtol=0, atol=store.lossy)

    def test_vectors_come_in_the_order_asked_for_each_once(
        self, store: VectorStore, embeddings: Embeddings
    ) -> None:
        asked = [embeddings.item_ids[row] for row in (5, 3, 5, 8)]
        found = store.get(["made:none", *asked, "", "\ud800"])
        assert found.item_ids.tolist() == [embeddings.item_ids[row] for row in (5, 3, 8)]
        np.testing.assert_allclose(found.vectors, embeddings.vectors[[5, 3, 8]], rtol=0, atol=store.lossy)

    def test_unknown_works_have_no_vector(self, store: VectorStore) -> None:
        for asked in ([], ["made:none"]):
            assert len(store.get(asked)) == 0
            assert store.get(asked).vectors.shape == (0, DIM)

    def test_products_are_those_of_the_vectors_it_keeps(
        self, store: VectorStore, embeddings: Embeddings
    ) -> None:
        queries = unit_vectors(3, seed=2)
        asked = [embeddings.item_ids[7], "made:none", embeddings.item_ids[2], embeddings.item_ids[7]]
        products = store.products(queries, asked)
        assert products.shape == (3, 4)
        assert products.dtype == np.float32
        assert np.isnan(products[:, 1]).all()
        kept = store.get([embeddings.item_ids[row] for row in (7, 2)]).vectors
        np.testing.assert_allclose(products[:, [0, 2, 3]], queries @ kept[[0, 1, 0]].T, rtol=0, atol=1e-6)
        assert store.products(queries[:0], asked).shape == (0, 4)
        assert store.products(queries, []).shape == (3, 0)

    def test_k_of_zero(self, store: VectorStore) -> None:
        assert [len(ranking) for ranking in store.search(unit_vectors(2), 0)] == [0, 0]

    def test_no_questions(self, store: VectorStore) -> None:
        assert store.search(np.empty((0, DIM), dtype=np.float32), 5) == []

    def test_an_empty_store_answers_nothing(self) -> None:
        store = self.empty()
        assert len(store) == 0
        assert len(store.search(unit_vectors(1)[0], 5)[0]) == 0
        assert len(store.search(unit_vectors(1)[0], 5, exclude=["a:1"], within=["a:2"])[0]) == 0
        assert len(store.get(["a:1"])) == len(store.item_ids()) == 0
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

    def test_equal_vectors_tie(self) -> None:
        same = unit_vectors(1, seed=10)
        embeddings = embeddings_of(np.concatenate([unit_vectors(60), np.repeat(same, 90, axis=0)]))
        twins = sorted(embeddings.item_ids[60:])
        store = self.filled(embeddings)
        self.agree(store, self.truth(store, embeddings), same, 90)
        for k in (1, 7, 30, 89, 90):
            (ranking,) = store.search(same, k)
            if store.exact:
                assert set(ranking.item_ids) <= set(twins)
            if store.bit_equal_ties:
                assert ranking.item_ids.tolist() == sorted(ranking.item_ids)
            if store.bit_equal_ties and store.exact:
                assert ranking.item_ids.tolist() == twins[:k]
        last = store.search(same, 90, exclude=twins[:85])[0].item_ids[:5]
        assert set(last) == set(twins[85:])

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
        kept = store.get(list(renewed.item_ids)).vectors
        np.testing.assert_allclose(kept, renewed.vectors, rtol=0, atol=store.lossy)
        self.agree(store, self.truth(store, embeddings), unit_vectors(20, seed=14), 12)
        assert store.search(renewed.vectors[7], 1)[0].item_ids[0] == renewed.item_ids[7]

    def test_delete_then_search(self, store: VectorStore, embeddings: Embeddings) -> None:
        gone, left = embeddings.item_ids[::3], np.delete(embeddings.item_ids, slice(None, None, 3))
        store.delete([*gone, "made:none"])
        assert len(store) == len(left)
        assert sorted(store.item_ids()) == sorted(left)
        assert store.get([gone[0], left[0]]).item_ids.tolist() == [left[0]]
        exact = self.truth(store, embeddings_of(store.get(list(left)).vectors, left))
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
        before = store.get(list(embeddings.item_ids)).vectors
        ids = [f"bad:{n}" for n in range(30)]
        with pytest.raises(SettingsError, match="bad:20"):
            store.upsert(embeddings_of(spoilt, ids))
        with pytest.raises(SettingsError):
            store.search(spoilt, 5)
        assert len(store) == COUNT
        np.testing.assert_array_equal(store.get(list(embeddings.item_ids)).vectors, before)

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
        assert len(store.get(ids)) == 3

    def test_a_repeated_id_is_refused(self, store: VectorStore) -> None:
        with pytest.raises(SettingsError, match="two:1"):
            store.upsert(embeddings_of(unit_vectors(3), ["two:1", "two:2", "two:1"]))
        assert len(store) == COUNT

    def test_a_negative_k_is_refused(self, store: VectorStore) -> None:
        with pytest.raises(SettingsError, match="-1"):
            store.search(unit_vectors(1), -1)

    def test_searching_changes_neither_the_store_nor_what_it_is_given(
        self, store: VectorStore, embeddings: Embeddings
    ) -> None:
        queries, ids = unit_vectors(5, seed=18), list(embeddings.item_ids)
        queries.flags.writeable = False
        exclude, within = embeddings.item_ids[:30].copy(), embeddings.item_ids[10:300].copy()
        given = [queries.tobytes(), exclude.tobytes(), within.tobytes(), embeddings.vectors.tobytes()]
        before = self.contents(store, ids)
        first = store.search(queries, 12, exclude=exclude, within=within)
        store.search(queries[0], COUNT)
        found = store.get(ids)
        found.vectors[:] = 7
        found.item_ids[:] = "spoilt"
        store.item_ids()[:] = "spoilt"
        first[0].scores[:] = 7
        first[0].item_ids[:] = "spoilt"
        assert given == [queries.tobytes(), exclude.tobytes(), within.tobytes(), embeddings.vectors.tobytes()]
        assert self.contents(store, ids) == before
        again = store.search(queries, 12, exclude=exclude, within=within)
        np.testing.assert_array_equal(again[1].scores, first[1].scores)
        assert again[0].item_ids.tolist() != first[0].item_ids.tolist()

    def contents(self, store: VectorStore, ids: list[str]) -> tuple[list[str], bytes]:
        """Return all that a store holds."""
        return sorted(store.item_ids()), store.get(ids).vectors.tobytes()

    def test_arrays_changed_after_upsert_do_not_change_the_store(self) -> None:
        vectors, ids = unit_vectors(40), np.array([f"own:{n}" for n in range(40)], dtype=np.object_)
        store = self.filled(Embeddings(ids, vectors, "made-up"))
        before = store.get(["own:3"]).vectors
        vectors[:] = 0
        ids[:] = "spoilt"
        np.testing.assert_array_equal(store.get(["own:3"]).vectors, before)

    def test_one_vector_or_float64_or_strided_asks_the_same(self, store: VectorStore) -> None:
        query = unit_vectors(4, seed=19)
        plain = store.search(query, 12)[0].item_ids.tolist()
        for other in (query[0], query[0].astype(np.float64), np.asfortranarray(query), query[::2]):
            assert store.search(other, 12)[0].item_ids.tolist() == plain

    def test_a_zero_vector_may_ask(self, store: VectorStore, embeddings: Embeddings) -> None:
        (ranking,) = store.search(np.zeros(DIM, dtype=np.float32), 12)
        assert len(ranking) == 12
        if store.bit_equal_ties and store.exact:
            assert ranking.item_ids.tolist() == sorted(embeddings.item_ids)[:12]

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

    def test_filling_writes_what_is_new_or_changed_and_deletes_what_is_gone(
        self, embeddings: Embeddings
    ) -> None:
        store = self.empty()
        assert fill_store(store, embeddings) == Filled(COUNT, 0)
        assert fill_store(store, embeddings) == Filled(0, 0)
        check_filled(store, embeddings)
        ids, vectors = embeddings.item_ids[20:].copy(), embeddings.vectors[20:].copy()
        ids[0], vectors[100:103] = "made:new", unit_vectors(3, seed=24)
        later = Embeddings(ids, vectors, "made-up")
        with pytest.raises(ArtifactMismatchError, match=r"1 of the 380 works .* 21 others"):
            check_filled(store, later)
        assert fill_store(store, later) == Filled(4, 21)
        check_filled(store, later)
        self.agree(store, self.truth(store, later), unit_vectors(10, seed=25), 12)
        with pytest.raises(ArtifactMismatchError, match="other vectors"):
            check_filled(store, replace(later, vectors=vectors[::-1]))

    def test_it_can_be_closed(self, store: VectorStore) -> None:
        store.close()
