"""What came, changed or went since an index was built, against an index of the same works built at once."""

import dataclasses
import shutil
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ham_recommend.errors import ArtifactCorruptError, ArtifactMismatchError, SettingsError
from ham_recommend.index._text_files import save_since
from ham_recommend.index.text_index import TextIndex
from ham_recommend.records import Document, Embeddings

WORDS = ["cat", "cats", "ship", "sea", "tea-pot", "teapot", "moon-lit", "moonlit", "zeppelin", "café", "vase"]
WORKS = 60
MOST = 5
"""Works that may come or go while the base of so many stays."""


def document(number, words):
    text = " ".join(words)
    return Document(
        item_id=f"m:{number:03}", title=text, descriptions=(f"{text} by the sea",), digest=f"{number} {text}"
    )


def museum():
    chance = np.random.default_rng(5)
    some = [word for word in WORDS if word not in {"teapot", "zeppelin"}]
    return {2 * row: document(2 * row, chance.choice(some, 3)) for row in range(WORKS)}


MUSEUM = museum()
BASE = TextIndex.build(MUSEUM.values())
CHANGES = st.lists(
    st.dictionaries(
        st.integers(0, 2 * WORKS), st.none() | st.lists(st.sampled_from(WORDS), max_size=4), max_size=MOST
    ),
    min_size=1,
    max_size=4,
)


def changed(documents, changes):
    """Return works after some were removed, and others came or were changed."""
    after = dict(documents)
    for number, words in changes.items():
        if words is None:
            after.pop(number, None)
        else:
            after[number] = document(number, words)
    return after


def writer(folder):
    @contextmanager
    def written(name, *, rows):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        yield path

    return written


def saved(index, folder):
    shutil.rmtree(folder, ignore_errors=True)
    index.save(writer(folder))
    return TextIndex.load(folder.joinpath)


def same_words(one, other):
    """Check that two indexes know the same words, to the last bit."""
    np.testing.assert_array_equal(one.item_ids, other.item_ids)
    ours, theirs = one._parts.all, other._parts.all
    assert (ours.words, ours.terms, one.language) == (theirs.words, theirs.terms, other.language)
    np.testing.assert_array_equal(ours.frequencies, theirs.frequencies)
    np.testing.assert_array_equal(one._parts.vocabulary.idf, other._parts.vocabulary.idf)
    every = np.arange(len(ours))
    for name in ("data", "indices", "indptr"):
        by_work = (getattr(each.postings.of(every), name) for each in (ours, theirs))
        np.testing.assert_array_equal(*by_work)
    for phrase in (
        "cat ship",
        "moonlit sea",
        "by sea",
        "tea pot",
        "ship sea cat",
        "vase zeppelin",
        "sea sea",
    ):
        np.testing.assert_array_equal(one.saying(phrase).rows, other.saying(phrase).rows)
    for question in (*WORDS, "teapots cat", "zepelin", "ship sea vase"):
        found, expected = one.exact(question, 100), other.exact(question, 100)
        assert found.item_ids.tolist() == expected.item_ids.tolist()
        np.testing.assert_array_equal(found.scores, expected.scores)
        assert found.corrected == expected.corrected


@settings(deadline=None, max_examples=40)
@given(CHANGES)
def test_whatever_comes_and_goes_in_whatever_order_words_are_those_of_a_whole_build(history):
    index, documents = BASE, MUSEUM
    for step, changes in enumerate(history):
        documents = changed(documents, changes)
        index = TextIndex.build(documents.values(), previous=index)
        assert step or index.adds_to(BASE)
    same_words(index, TextIndex.build(documents.values()))


@settings(deadline=None, max_examples=15)
@given(st.dictionaries(st.integers(0, 2 * WORKS), st.none() | st.lists(st.sampled_from(WORDS)), max_size=5))
def test_a_base_that_stays_is_written_once_and_read_with_any_addition(tmp_path_factory, changes):
    folder = tmp_path_factory.mktemp("index")
    BASE.save(writer(folder))
    documents = changed(MUSEUM, changes)
    base = TextIndex.load_to_add(folder.joinpath)
    added = TextIndex.build(documents.values(), previous=base)
    assert added.adds_to(base)
    added.save_since(writer(folder))
    again = TextIndex.load(folder.joinpath)
    same_words(again, TextIndex.build(documents.values()))
    np.testing.assert_array_equal(again.search("ship sea", 100).scores, added.search("ship sea", 100).scores)
    assert again.meaning.item_ids().tolist() == added.meaning.item_ids().tolist()


def test_documents_of_what_is_unchanged_need_not_be_given():
    documents = changed(MUSEUM, {0: ["zeppelin", "ship"], 2: None, 121: ["teapot"]})
    unchanged = np.array([number not in {0, 2} for number in MUSEUM])
    new = [documents[0], documents[121]]
    added = TextIndex.build(new, previous=BASE, unchanged=unchanged)
    assert added.adds_to(BASE)
    same_words(added, TextIndex.build(documents.values()))
    again = TextIndex.build([], previous=added, unchanged=np.ones(len(added), dtype=bool))
    same_words(again, added)
    with pytest.raises(SettingsError, match="'m:004' comes twice"):
        TextIndex.build([MUSEUM[4]], previous=BASE, unchanged=unchanged)


def test_the_same_works_mean_the_same_in_whatever_order_they_came():
    few = {1: ["ship", "sea"], 3: ["cat", "vase"], 5: ["teapot", "sea"], 0: None, 2: ["moonlit", "ship"]}
    one = other = BASE
    documents, others = MUSEUM, MUSEUM
    for number, words in few.items():
        documents = changed(documents, {number: words})
        one = TextIndex.build(documents.values(), previous=one)
    for number, words in reversed(few.items()):
        others = changed(others, {number: words})
        other = TextIndex.build(others.values(), previous=other)
    assert one.adds_to(BASE)
    assert other.adds_to(BASE)
    ids = one.item_ids.tolist()
    np.testing.assert_array_equal(one.meaning.get(ids).vectors, other.meaning.get(ids).vectors)


GONE = dict.fromkeys(range(0, 16, 2))
CAME = {number: ["ship"] for number in range(1, 17, 2)}


@pytest.mark.parametrize("changes", [GONE, CAME], ids=["gone", "came"])
def test_once_more_than_a_tenth_came_or_went_all_is_built_anew(changes):
    documents = changed(MUSEUM, changes)
    renewed = TextIndex.build(documents.values(), previous=BASE)
    assert not renewed.adds_to(BASE)
    assert not len(renewed._parts.since)
    ids = renewed.item_ids.tolist()
    whole = TextIndex.build(documents.values()).meaning.get(ids)
    np.testing.assert_array_equal(renewed.meaning.get(ids).vectors, whole.vectors)


def test_what_came_since_another_base_is_refused(tmp_path):
    BASE.save(writer(tmp_path))
    less = TextIndex.build(list(MUSEUM.values())[:-1])
    less.save_since(writer(tmp_path))
    with pytest.raises(ArtifactMismatchError, match=r"not built together.*ham build"):
        TextIndex.load(tmp_path.joinpath)


def test_a_work_that_is_in_both_is_refused(tmp_path):
    added = TextIndex.build([*MUSEUM.values(), document(1, ["ship"])], previous=BASE)
    since = dataclasses.replace(added._parts.since, item_ids=np.array(["m:002"], dtype=object))
    BASE.save(writer(tmp_path))
    save_since(dataclasses.replace(added._parts, since=since), writer(tmp_path))
    with pytest.raises(ArtifactCorruptError, match="comes twice"):
        TextIndex.load(tmp_path.joinpath)


# ---- works that say next to nothing ------------------------------------------------------------------------

COLOURS = ("red", "green", "blue")
OF_COLOUR = {"red": "rose, fire, apple", "green": "leaf, grass, frog", "blue": "sky, ice, sapphire"}


def coloured(count, silent=()):
    """Return works whose pictures show the colour that their words say, but for those that say nothing."""
    chance = np.random.default_rng(3)
    documents, vectors = [], []
    for row in range(count):
        colour = COLOURS[row % 3]
        title = "Untitled" if row in silent else f"A {colour} house: {OF_COLOUR[colour]}"
        documents.append(Document(item_id=f"c:{row:03}", title=title, digest=title))
        vectors.append(np.eye(8)[row % 3] + 0.05 * chance.normal(size=8))
    rows = np.array(vectors)
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    ids = np.array([each.item_id for each in documents], dtype=object)
    contents = np.array([f"content {row}" for row in range(count)], dtype=object)
    return documents, Embeddings(ids, rows, "made-up", contents)


def some(pictures, rows):
    return Embeddings(pictures.item_ids[rows], pictures.vectors[rows], "made-up", pictures.contents[rows])


def colour_of(index, item_id):
    """Return the colour of the works that mean what a work means."""
    own = index.meaning.get([item_id]).vectors[0]
    others = index.meaning.get([f"c:{row:03}" for row in (30, 31, 32)])
    return COLOURS[int(np.argmax(others.vectors @ own))]


def test_a_silent_work_that_is_added_is_told_by_what_was_learnt_before():
    documents, pictures = coloured(200, silent={0, 199})
    rows = np.arange(199)
    base = TextIndex.build(documents[:199], pictures=some(pictures, rows))
    added = TextIndex.build(documents, previous=base, pictures=pictures)
    assert added.adds_to(base)
    assert added._parts.teller is base._parts.teller
    assert added.by_picture == {"c:000", "c:199"}
    assert colour_of(added, "c:199") == COLOURS[199 % 3]


def test_a_silent_work_whose_picture_changed_or_went_is_told_anew():
    documents, pictures = coloured(200, silent={0})
    base = TextIndex.build(documents, pictures=pictures)
    vectors, contents = pictures.vectors.copy(), pictures.contents.copy()
    vectors[0], contents[0] = pictures.vectors[1], "another"
    other = Embeddings(pictures.item_ids, vectors, "made-up", contents)
    renewed = TextIndex.build(documents, previous=base, pictures=other)
    assert renewed.adds_to(base)
    assert (colour_of(base, "c:000"), colour_of(renewed, "c:000")) == (COLOURS[0], COLOURS[1])
    gone = TextIndex.build(documents, previous=renewed, pictures=some(pictures, np.arange(1, 200)))
    assert gone.adds_to(base)
    assert gone.by_picture == set()


def test_once_there_is_enough_to_learn_from_silent_works_from_before_are_told():
    documents, pictures = coloured(300, silent={0, 1})
    few = TextIndex.build(documents, pictures=some(pictures, np.arange(30)))
    assert few.by_picture == set()
    more = TextIndex.build(documents, previous=few, pictures=pictures)
    assert more.adds_to(few)
    assert more.by_picture == {"c:000", "c:001"}
    assert colour_of(more, "c:001") == COLOURS[1]


def test_what_was_learnt_is_written_and_read(tmp_path):
    documents, pictures = coloured(200, silent={0, 199})
    base = saved(TextIndex.build(documents[:199], pictures=some(pictures, np.arange(199))), tmp_path / "base")
    added = TextIndex.build(documents, previous=base, pictures=pictures)
    assert colour_of(saved(added, tmp_path / "added"), "c:199") == COLOURS[199 % 3]
