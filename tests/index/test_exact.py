import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ham_recommend.errors import ArtifactCorruptError
from ham_recommend.index.exact import ExactStore
from ham_recommend.records import Embeddings
from ham_recommend.testing.file_stores import FileStoreContract
from ham_recommend.testing.vectors import embeddings_of, unit_vectors


class TestExactStore(FileStoreContract):
    store_class = ExactStore


coarse = hnp.arrays(
    np.float32, st.tuples(st.integers(1, 40), st.just(3)), elements=st.integers(-2, 2).map(float)
)


@settings(deadline=None)
@given(vectors=coarse, k=st.integers(0, 50), data=st.data())
def test_it_is_what_sorting_everything_gives(vectors, k, data):
    ids = data.draw(st.permutations([f"w:{n}" for n in range(len(vectors))]))
    query = data.draw(hnp.arrays(np.float32, 3, elements=st.integers(-2, 2).map(float)))
    exclude = data.draw(st.sets(st.sampled_from([*ids, "unknown"])))
    within = data.draw(st.none() | st.sets(st.sampled_from([*ids, "unknown"])))
    store = ExactStore(3)
    store.upsert(Embeddings(np.array(ids, dtype=object), vectors, "made-up"))
    allowed = [
        (-float(row @ query), item_id)
        for row, item_id in zip(vectors, ids, strict=True)
        if item_id not in exclude and (within is None or item_id in within)
    ]
    (ranking,) = store.search(query, k, exclude=exclude, within=within)
    expected = sorted(allowed)[:k]
    assert ranking.item_ids.tolist() == [item_id for _, item_id in expected]
    assert ranking.scores.tolist() == [-negative for negative, _ in expected]


def test_what_is_loaded_is_mapped_not_read(tmp_path):
    embeddings = embeddings_of(unit_vectors(50))
    store = ExactStore(16)
    store.upsert(embeddings)
    store.save(tmp_path / "index")
    before = (tmp_path / "index").read_bytes()
    loaded = ExactStore.load(tmp_path / "index", embeddings)
    loaded.delete(embeddings.item_ids[:5])
    assert len(loaded) == 45
    assert (tmp_path / "index").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not an array", b"\x93NUMPY\x01\x00\xff\xff"])
def test_a_broken_file_is_named(tmp_path, content):
    (tmp_path / "index").write_bytes(content)
    with pytest.raises(ArtifactCorruptError, match="index"):
        ExactStore.load(tmp_path / "index", embeddings_of(unit_vectors(5)))
