import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ham_recommend import registry
from ham_recommend.errors import ArtifactCorruptError, ArtifactMismatchError, SettingsError, StoreError
from ham_recommend.index.exact import ExactStore
from ham_recommend.index.faiss_nearby import HnswStore, IvfPqStore, IvfStore
from ham_recommend.index.faiss_store import FlatStore, Fp16Store
from ham_recommend.records import Embeddings
from ham_recommend.testing.file_stores import FileStoreContract
from ham_recommend.testing.stores import COUNT
from ham_recommend.testing.vectors import DIM, embeddings_of, unit_vectors


class TestFlat(FileStoreContract):
    store_class = FlatStore


class TestFp16(FileStoreContract):
    store_class = Fp16Store


class TestHnsw(FileStoreContract):
    store_class = HnswStore


class TestIvf(FileStoreContract):
    store_class = IvfStore


class TestIvfPq(FileStoreContract):
    store_class = IvfPqStore


KINDS = {store.kind: store for store in (FlatStore, Fp16Store, HnswStore, IvfStore, IvfPqStore)}


def filled(kind, embeddings):
    store = KINDS[kind](embeddings.vectors.shape[1])
    store.upsert(embeddings)
    return store


def clustered(count, dim=32, centres=40, seed=0):
    """Vectors as pictures have them: in groups, unlike random ones, which no index can order."""
    rng = np.random.default_rng(seed)
    centroids = rng.normal(size=(centres, dim))
    vectors = centroids[rng.integers(0, centres, count)] + 0.5 * rng.normal(size=(count, dim))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_registered(kind):
    assert registry.load("store", kind) is KINDS[kind]


def test_a_store_needs_dimensions():
    with pytest.raises(SettingsError, match="0 dimensions"):
        FlatStore(0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.002, 0.03, 0.15, 0.5, 1.0])
def test_recall_under_a_filter_on_grouped_vectors(kind, share):
    embeddings = embeddings_of(clustered(4000))
    store, exact = filled(kind, embeddings), ExactStore(32)
    exact.upsert(Embeddings(embeddings.item_ids, store.get(list(embeddings.item_ids)).vectors, "made-up"))
    within = embeddings.item_ids[: int(share * 4000)]
    queries = clustered(50, seed=0)
    found = store.search(queries, 12, within=within)
    true = exact.search(queries, 12, within=within)
    assert [len(ranking) for ranking in found] == [min(12, len(within))] * 50
    hits = sum(len(set(a.item_ids) & set(b.item_ids)) for a, b in zip(found, true, strict=True))
    assert hits >= (1 if kind in {"flat", "fp16"} else 0.97) * sum(map(len, true))


@pytest.mark.parametrize("kind", KINDS)
def test_a_filter_far_from_the_question_still_fills_the_answer(kind):
    vectors = clustered(3000)
    query = vectors[0]
    embeddings = embeddings_of(vectors)
    farthest = embeddings.item_ids[np.argsort(vectors @ query)[:600]]
    (ranking,) = filled(kind, embeddings).search(query, 500, within=farthest)
    assert len(ranking) == 500
    assert set(ranking.item_ids) <= set(farthest)


@pytest.mark.parametrize("kind", ["hnsw", "ivf"])
def test_few_deletions_leave_the_index_and_many_rebuild_it(kind, tmp_path):
    embeddings = embeddings_of(unit_vectors(COUNT))
    store = filled(kind, embeddings)
    queries = unit_vectors(10, seed=2)
    for last in (10, 60, 90, 350):
        store.delete(embeddings.item_ids[:last])
        left = set(embeddings.item_ids[last:])
        assert len(store) == len(left)
        for ranking in store.search(queries, COUNT):
            assert set(ranking.item_ids) == left


def test_clusters_grow_with_the_store():
    store = IvfStore(32)
    vectors = clustered(3000)
    ids = [f"w:{n}" for n in range(3000)]
    for start, stop in ((0, 10), (10, 500), (500, 3000)):
        store.upsert(embeddings_of(vectors[start:stop], ids[start:stop]))
    whole = filled("ivf", embeddings_of(vectors, ids))
    for kept, fresh in zip(store.search(vectors[:20], 12), whole.search(vectors[:20], 12), strict=True):
        assert kept.item_ids.tolist() == fresh.item_ids.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_threads_of_the_caller_stay_as_they_were(kind):
    import faiss

    seen = []

    def work():
        faiss.omp_set_num_threads(3)
        filled(kind, embeddings_of(unit_vectors(COUNT))).search(unit_vectors(2), 5)
        seen.append(faiss.omp_get_max_threads())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [3]


@pytest.mark.parametrize("kind", KINDS)
def test_an_index_in_another_order_is_refused(kind, tmp_path):
    embeddings = embeddings_of(unit_vectors(COUNT))
    filled(kind, embeddings).save(tmp_path / "index")
    turned = embeddings_of(embeddings.vectors[::-1])
    with pytest.raises(ArtifactMismatchError, match="another order"):
        KINDS[kind].load(tmp_path / "index", turned)


def test_half_precision_is_known_again_though_numbers_lie_half_way(tmp_path):
    halves = unit_vectors(COUNT, 64).astype(np.float16)
    embeddings = embeddings_of((halves + np.spacing(halves).astype(np.float32) / 2).astype(np.float32))
    filled("fp16", embeddings).save(tmp_path / "index")
    assert len(Fp16Store.load(tmp_path / "index", embeddings)) == COUNT


def test_an_index_of_another_kind_is_refused(tmp_path):
    embeddings = embeddings_of(unit_vectors(COUNT))
    filled("flat", embeddings).save(tmp_path / "index")
    with pytest.raises(ArtifactMismatchError, match="'flat', not 'hnsw'"):
        HnswStore.load(tmp_path / "index", embeddings)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("keep", [0, 3, 200, -1])
def test_a_cut_file_is_named(kind, keep, tmp_path):
    embeddings = embeddings_of(unit_vectors(COUNT))
    filled(kind, embeddings).save(tmp_path / "index")
    content = (tmp_path / "index").read_bytes()
    (tmp_path / "index").write_bytes(content[:keep])
    with pytest.raises(ArtifactCorruptError, match="index"):
        KINDS[kind].load(tmp_path / "index", embeddings)


@pytest.fixture(scope="module")
def coded():
    return embeddings_of(clustered(3000))


@pytest.fixture(scope="module")
def coded_file(coded, tmp_path_factory):
    path = tmp_path_factory.mktemp("coded") / "index"
    filled("ivfpq", coded).save(path)
    return path


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("clusters", lambda clusters: clusters + 1000),
        ("clusters", lambda clusters: -clusters - 1),
        ("clusters", lambda clusters: clusters[:-1]),
        ("clusters", lambda clusters: clusters.astype(np.int64)),
        ("codes", lambda codes: codes[:, 1:]),
        ("codes", lambda codes: codes.astype(np.int16)),
        ("centroids", lambda centroids: centroids * np.nan),
        ("centroids", lambda centroids: centroids[:, 1:]),
        ("centroids", lambda centroids: centroids[:0]),
        ("values", lambda values: values * np.inf),
        ("values", lambda values: values[:, :255]),
        ("values", lambda values: values.astype(np.float64)),
        ("values", None),
        ("codes", None),
    ],
)
def test_codes_that_cannot_be_are_refused(coded, coded_file, tmp_path, name, spoil):
    held = dict(np.load(coded_file))
    whole = held.pop(name)
    if spoil is not None:
        with np.errstate(invalid="ignore"):
            held[name] = spoil(whole)
    with (tmp_path / "spoilt").open("wb") as stream:
        np.savez(stream, **held)
    with pytest.raises(ArtifactCorruptError, match="spoilt"):
        IvfPqStore.load(tmp_path / "spoilt", coded)


def test_codes_leave_the_vectors_where_they_are(coded, coded_file, tmp_path):
    np.save(tmp_path / "vectors.npy", coded.vectors)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    store = IvfPqStore.load(coded_file, Embeddings(coded.item_ids, mapped, "made-up"))
    assert np.shares_memory(store._index.held, mapped)
    for ours, theirs in zip(
        store.search(coded.vectors[:20], 12),
        filled("flat", coded).search(coded.vectors[:20], 12),
        strict=True,
    ):
        assert ours.item_ids.tolist() == theirs.item_ids.tolist()
    assert coded_file.stat().st_size < 100 * 3000, "bytes a work"
    ids = np.array([f"later:{row:03d}" for row in range(200)], dtype=object)
    later = Embeddings(ids, clustered(200, dim=coded.vectors.shape[1], seed=5), "made-up")
    store.upsert(later)
    assert np.shares_memory(store._index.held, mapped)
    for embeddings in (coded, later):
        assert np.array_equal(store.get(embeddings.item_ids.tolist()).vectors, embeddings.vectors)
        found = store.search(embeddings.vectors[:20], 1)
        assert [ranking.item_ids[0] for ranking in found] == embeddings.item_ids[:20].tolist()


def test_dimensions_that_no_eight_divide_have_codes_too():
    embeddings = embeddings_of(clustered(3000, dim=13))
    store, exact = filled("ivfpq", embeddings), filled("flat", embeddings)
    for ours, theirs in zip(
        store.search(embeddings.vectors[:9], 12), exact.search(embeddings.vectors[:9], 12), strict=True
    ):
        assert ours.item_ids.tolist() == theirs.item_ids.tolist()


def test_a_folder_that_is_not_there_is_named(tmp_path):
    store = filled("flat", embeddings_of(unit_vectors(3)))
    with pytest.raises(StoreError, match="missing"):
        store.save(tmp_path / "missing" / "index")


def test_flat_answers_like_the_exact_store_on_many_near_ties():
    """Thousands of vectors closer together than the rounding of a float32 scan."""
    base = unit_vectors(1, DIM)
    near = base + np.random.default_rng(3).normal(scale=2e-7, size=(3000, DIM))
    embeddings = embeddings_of(near.astype(np.float32))
    flat, exact = filled("flat", embeddings), ExactStore(DIM)
    exact.upsert(embeddings)
    for query in unit_vectors(5, seed=4):
        (ours,), (theirs,) = flat.search(query, 50), exact.search(query, 50)
        assert ours.item_ids.tolist() == theirs.item_ids.tolist()
        np.testing.assert_array_equal(ours.scores, theirs.scores)


NAMES = [f"w:{n}" for n in range(12)]
few_names = st.sets(st.sampled_from(NAMES))


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=60)
@given(steps=st.lists(st.tuples(st.booleans(), few_names), max_size=8), exclude=few_names, data=st.data())
def test_any_history_ends_like_the_exact_store(kind, steps, exclude, data):
    """Small whole numbers survive every kind, and tie often."""
    within = data.draw(st.none() | few_names)
    draw = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    ours, truth = KINDS[kind](3), ExactStore(3)
    for adding, names in steps:
        vectors = draw.integers(-2, 3, (len(names), 3)).astype(np.float32)
        for store in (ours, truth):
            if adding:
                store.upsert(Embeddings(np.array([*names], dtype=object), vectors, "made-up"))
            else:
                store.delete(names)
    assert len(ours) == len(truth)
    queries = draw.integers(-2, 3, (2, 3)).astype(np.float32)
    depths = (1, 3, len(NAMES)) if kind in {"flat", "fp16"} else (len(NAMES),)
    for k in depths:
        found = ours.search(queries, k, exclude=exclude, within=within)
        for mine, theirs in zip(found, truth.search(queries, k, exclude=exclude, within=within), strict=True):
            assert mine.item_ids.tolist() == theirs.item_ids.tolist()
            np.testing.assert_array_equal(mine.scores, theirs.scores)
