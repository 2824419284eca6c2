import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from weighing import weighed

from ham_recommend.encode.text import VOICE, WordCounts, count_words
from ham_recommend.encode.weights import Vocabulary, fit_space, project
from ham_recommend.records import FIELDS, Document

TEXTS = st.text(alphabet="abc dé", max_size=30)
DOCUMENTS = st.lists(
    st.builds(
        Document,
        item_id=st.just("x"),
        title=TEXTS,
        artist=TEXTS,
        fields=st.dictionaries(st.sampled_from(["medium", "subjects", "place"]), TEXTS),
        descriptions=st.lists(TEXTS, max_size=4).map(tuple),
        year_begin=st.none() | st.integers(-500, 2000),
    ),
    max_size=6,
)


def count_of(counted, word, row=0):
    return counted.counts[[row]].toarray()[0, counted.words.index(word)] / VOICE


def same(one, other):
    assert one.words == other.words
    assert (one.counts != other.counts).nnz == 0


def test_each_field_counts_by_its_weight():
    weights = {field.name: field.weight for field in FIELDS if field.weight}
    texts = {name: f"word{row}" for row, name in enumerate(weights)}
    others = {name: text for name, text in texts.items() if name not in {"title", "artist"}}
    counted = count_words(
        [Document(item_id="x:1", title=texts["title"], artist=texts["artist"], fields=others)]
    )
    texts["accession_number"] = f"#{texts['accession_number']}"
    assert {name: count_of(counted, text) for name, text in texts.items()} == weights


def test_descriptions_are_one_voice():
    said = ("a red cat", "red hat", "old red barn", "the sea")
    counted = count_words([Document(item_id="x:1", descriptions=said)])
    assert count_of(counted, "red") == 0.75
    assert count_of(counted, "sea") == 0.25


@given(DOCUMENTS, st.data())
def test_saying_it_twice_changes_nothing(documents, data):
    repeated = [
        Document(
            item_id=doc.item_id,
            title=doc.title,
            artist=doc.artist,
            fields=doc.fields,
            descriptions=doc.descriptions
            + tuple(data.draw(st.lists(st.sampled_from(doc.descriptions))) if doc.descriptions else ()),
            year_begin=doc.year_begin,
        )
        for doc in documents
    ]
    same(count_words(documents), count_words(repeated))


@given(DOCUMENTS, st.integers(0, 6))
def test_counting_in_parts_and_putting_them_together_is_counting_at_once(documents, at):
    parts = [count_words(documents[:at]), count_words(documents[at:])]
    same(WordCounts.stacked(parts), count_words(documents))


@given(DOCUMENTS, st.randoms())
def test_rows_can_be_taken_out_in_any_order(documents, random):
    order = random.sample(range(len(documents)), len(documents) // 2)
    taken = count_words(documents).rows(np.array(order, dtype=np.intp))
    same(taken, count_words([documents[row] for row in order]))


@given(DOCUMENTS, st.randoms())
def test_weights_do_not_depend_on_the_order_of_works(documents, random):
    order = random.sample(range(len(documents)), len(documents))
    vocabulary, weights = weighed(count_words(documents))
    again, shuffled = weighed(count_words([documents[row] for row in order]))
    assert vocabulary.terms == again.terms
    np.testing.assert_array_equal(weights.toarray()[order], shuffled.toarray())


@given(DOCUMENTS)
def test_weights_are_positive_and_finite(documents):
    vocabulary, weights = weighed(count_words(documents))
    assert weights.shape == (len(documents), len(vocabulary.terms))
    assert weights.dtype == vocabulary.idf.dtype == np.float32
    assert (weights.data > 0).all()
    assert np.isfinite(weights.data).all()


def test_a_rare_word_weighs_more_and_a_title_more_than_a_field():
    documents = [
        Document(item_id="x:1", title="cat ship"),
        Document(item_id="x:2", title="cat", fields={"medium": "ship"}),
        Document(item_id="x:3", title="cat dog"),
    ]
    vocabulary, weights = weighed(count_words(documents))
    of = {term: column for column, term in enumerate(vocabulary.terms)}
    dense = weights.toarray()
    assert dense[0, of["ship"]] > dense[0, of["cat"]]
    assert dense[0, of["ship"]] > dense[1, of["ship"]] > 0


def test_a_long_description_does_not_bury_a_work():
    many = " ".join(f"word{number}" for number in range(80))
    documents = [Document(item_id=f"x:{row}", title=f"title{row}") for row in range(20)]
    documents += [Document(item_id="x:long", title="ship", descriptions=(many,))]
    vocabulary, weights = weighed(count_words(documents))
    cosine = 1 / np.sqrt(81)
    rows, query = vocabulary.query(["ship"])
    assert (weights[:, rows] @ query)[-1] > 2 * cosine


def test_a_query_has_unit_length_and_passes_over_unknown_words():
    vocabulary, _ = weighed(count_words([Document(item_id="x:1", title="a cat, a ship, ships")]))
    rows, weights = vocabulary.query(["ship", "cat", "ships", "dragon"])
    assert rows.tolist() == sorted(rows.tolist())
    assert [vocabulary.terms[row] for row in rows] == ["cat", "ship"]
    assert np.linalg.norm(weights) == pytest.approx(1)
    assert weights[1] > weights[0]
    assert len(vocabulary.query(["dragon"])[0]) == 0


def test_a_compound_is_a_term_as_a_whole_only_where_a_work_writes_it_as_one_word():
    parted = [Document(item_id="x:1", title="tea-pot"), Document(item_id="x:2", title="tea for two")]
    assert weighed(count_words(parted))[0].terms == ["pot", "tea", "two"]
    vocabulary, weights = weighed(count_words([*parted, Document(item_id="x:3", title="teapots")]))
    rows, query = vocabulary.query(["teapot"])
    assert [vocabulary.terms[row] for row in rows] == ["teapot"]
    assert ((weights[:, rows] @ query) > 0).tolist() == [True, False, True]


@given(st.lists(st.sampled_from(["a teapot", "a tea pot", "a tea set", "old ships"]), min_size=1, max_size=5))
def test_compounds_that_nobody_writes_as_one_word_change_no_weight(titles):
    with_hyphen = [
        Document(item_id=f"x:{row}", title=f"{title} moon-lit") for row, title in enumerate(titles)
    ]
    spaced = [Document(item_id=f"x:{row}", title=f"{title} moon lit") for row, title in enumerate(titles)]
    for one, other in zip(weighed(count_words(with_hyphen)), weighed(count_words(spaced)), strict=True):
        if isinstance(one, Vocabulary):
            assert one.terms == other.terms
        else:
            assert (one != other).nnz == 0


def test_an_accession_number_is_found_whole_and_not_by_its_parts():
    documents = [
        Document(item_id="x:1", title="Bowl", fields={"accession_number": "1979.206.1"}),
        Document(item_id="x:2", title="1979"),
    ]
    vocabulary, _ = weighed(count_words(documents))
    assert vocabulary.terms == ["#1979.206.1", "1979", "bowl"]


def test_another_spelling_counts_as_the_words_it_stands_for_and_less_in_a_long_query():
    vocabulary, _ = weighed(count_words([Document(item_id="x:1", title="cat ship dog sea sun")]))
    rows, weights = vocabulary.query(["cat"], {"ship": 1, "dragon": 2})
    assert [vocabulary.terms[row] for row in rows] == ["cat", "ship"]
    assert weights[0] == weights[1]
    _, (cat, dog, ship) = vocabulary.query(["cat", "dog"], {"ship": 2})
    assert cat == dog < ship
    *_, (cat, dog, sea, ship, sun) = vocabulary.query(["cat", "dog", "sea", "sun"], {"ship": 1})
    assert cat == dog == sea == sun > ship > 0
    assert vocabulary.query(["cat"], {"cats": 2})[1].tolist() == [1.0]


def topics():
    sea = ["ship", "storm", "wave", "harbour", "sail"]
    home = ["kitchen", "table", "bread", "bowl", "chair"]
    generator = np.random.default_rng(0)
    return [
        Document(
            item_id=f"x:{row}", title=" ".join(generator.choice(sea if row % 2 else home, 3, replace=False))
        )
        for row in range(60)
    ]


def test_the_space_brings_together_what_goes_together():
    _, weights = weighed(count_words(topics()))
    space = fit_space(weights, 2)
    vectors = project(weights, space)
    alike = vectors @ vectors.T
    odd = np.arange(60) % 2 == 1
    assert alike[np.ix_(odd, odd)].min() > 0.5 > alike[np.ix_(odd, ~odd)].max()


def test_the_space_is_orthonormal_and_the_same_every_time():
    _, weights = weighed(count_words(topics()))
    space = fit_space(weights)
    assert space.shape[0] == weights.shape[1]
    assert 1 < space.shape[1] < min(weights.shape)
    assert fit_space(weights, 2).shape[1] == 2
    np.testing.assert_allclose(space.T @ space, np.eye(space.shape[1]), atol=1e-5)
    np.testing.assert_array_equal(space, fit_space(weights))


@settings(deadline=None, max_examples=30)
@given(DOCUMENTS)
def test_vectors_have_unit_length_or_none(documents):
    _, weights = weighed(count_words(documents))
    vectors = project(weights, fit_space(weights))
    lengths = np.linalg.norm(vectors, axis=1)
    assert vectors.dtype == np.float32
    assert ((np.abs(lengths - 1) < 1e-5) | (lengths == 0)).all()
