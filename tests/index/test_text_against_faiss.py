"""The exact channel against the dense index it stands in for, on real records."""

import faiss
import numpy as np
import pytest
from weighing import weighed

from ham_recommend.catalog.catalog import Catalog
from ham_recommend.encode.analyzer import words
from ham_recommend.encode.text import count_words
from ham_recommend.evaluate.judgements import read_judgements
from ham_recommend.index.text_index import TextIndex
from ham_recommend.sources.table import TableSource

pytestmark = pytest.mark.data
WORKS = 5_000
K = 20


@pytest.fixture(scope="module")
def documents(data_dir):
    source = TableSource(
        data_dir / "collections" / "museum_117k.parquet", ignore=("alt_text",), limit=2 * WORKS
    )
    documents = list(Catalog.from_records(source.fetch()).documents())[::2]
    assert len(documents) == WORKS
    return documents


@pytest.fixture(scope="module")
def index(documents):
    return TextIndex.build(documents)


@pytest.fixture(scope="module")
def words_and_weights(documents):
    return weighed(count_words(documents))


@pytest.fixture(scope="module")
def dense(words_and_weights):
    _, weights = words_and_weights
    index = faiss.IndexFlatIP(weights.shape[1])
    index.add(weights.toarray())
    return index


@pytest.fixture(scope="module")
def queries(data_dir):
    folder = data_dir / "relevance"
    names = ("tate_subjects_dev.parquet", "met_alttext_dev.parquet")
    return [text for name in names for text in [*read_judgements(folder / name).texts.values()][::40]]


def test_the_same_ids_and_scores_as_the_dense_index(index, words_and_weights, dense, queries):
    vocabulary, _ = words_and_weights
    answered = 0
    for text in queries:
        rows, weights = vocabulary.query(words(text))
        asked = np.zeros((1, dense.d), dtype=np.float32)
        asked[0, rows] = weights
        (scores,), (places,) = dense.search(asked, K)
        ranking = index.exact(text, K, correct=False)
        found = scores > 0
        assert len(ranking) == np.count_nonzero(found)
        np.testing.assert_allclose(ranking.scores, scores[found], atol=1e-5)
        clear = ranking.scores > ranking.scores.min(initial=1) + 1e-5
        theirs = set(index.item_ids[places[found]])
        assert set(ranking.item_ids[clear]) <= theirs
        answered += len(ranking)
    assert answered > 10 * len(queries)


def test_at_a_hundredth_of_the_memory(words_and_weights, dense):
    _, weights = words_and_weights
    sparse_bytes = weights.data.nbytes + weights.indices.nbytes + 4 * (weights.shape[1] + 1)
    assert 100 * sparse_bytes <= 4 * dense.ntotal * dense.d
