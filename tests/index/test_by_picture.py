"""What pictures tell of works that say next to nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.index.by_picture import FEWEST, Teller, says_little
from ham_recommend.index.text_index import TextIndex
from ham_recommend.records import Document, Embeddings


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def related(seed, count=200, dim=12, dim_meaning=5, noise=0.05):
    """Return pictures and meanings of which one follows from the other."""
    random = np.random.default_rng(seed)
    pictures = unit(random.normal(size=(count, dim)))
    meanings = pictures @ random.normal(size=(dim, dim_meaning)) + noise * random.normal(
        size=(count, dim_meaning)
    )
    return pictures, unit(meanings)


def learnt(pictures, known, meanings):
    return Teller.learnt("made-up", len(known), pictures, known, meanings)


@given(st.integers(0, 1_000))
def test_what_follows_from_pictures_is_told_for_others(seed):
    pictures, meanings = related(seed)
    known, wanted = np.arange(150), np.arange(150, 200)
    told = learnt(pictures, known, meanings[known]).tell(pictures[wanted])
    cosines = (told * meanings[wanted]).sum(axis=1)
    np.testing.assert_allclose(np.linalg.norm(told, axis=1), 1, atol=1e-5)
    assert cosines.mean() > 0.9


@given(st.integers(0, 1_000))
def test_it_is_the_ridge_regression_of_scikit_learn(seed):
    from sklearn.linear_model import Ridge

    from ham_recommend.index.by_picture import RIDGE

    pictures, meanings = related(seed)
    known, wanted = np.arange(150), np.arange(150, 200)
    x = pictures[known].astype(np.float64)
    held_back = RIDGE * np.square(x - x.mean(axis=0)).sum()
    expected = Ridge(alpha=held_back).fit(x, meanings[known]).predict(pictures[wanted])
    told = learnt(pictures, known, meanings[known]).tell(pictures[wanted])
    np.testing.assert_allclose(told, unit(expected), atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_pictures_that_have_nothing_to_do_with_words_tell_nothing(seed):
    pictures, _ = related(seed)
    _, meanings = related(seed + 100)
    assert not learnt(pictures, np.arange(150), meanings[:150]).knows


def test_from_few_works_nothing_is_learnt():
    pictures, meanings = related(1)
    few = np.arange(FEWEST - 1)
    assert not learnt(pictures, few, meanings[few]).knows


@pytest.mark.parametrize(
    ("document", "little"),
    [
        (Document(item_id="x"), True),
        (Document(item_id="x", title="Untitled"), True),
        (Document(item_id="x", title="IMG_4711.jpg", artist="Anna Bruun"), True),
        (Document(item_id="x", title="Vase", fields={"classification": "Vessels"}), True),
        (Document(item_id="x", title="A vase of red flowers"), False),
        (Document(item_id="x", fields={"subjects": "cat; hoop"}), False),
        (Document(item_id="x", descriptions=("A cat.",)), False),
        (Document(item_id="x", title="猫と輪と少年"), True),
    ],
)
def test_which_works_say_little(document, little):
    assert says_little(document) is little


COLOURS = {"red": (1, 0, 0), "blue": (0, 0, 1), "green": (0, 1, 0)}
SHOWN = {
    "red": ["rose", "fire", "brick", "cherry", "sunset", "poppy", "lobster", "tomato"],
    "blue": ["sea", "sky", "lake", "iris", "river", "whale", "sapphire", "rain"],
    "green": ["meadow", "frog", "forest", "fern", "apple", "lizard", "clover", "ivy"],
}


def coloured(count, *, silent, start=0, seed=3):
    """Return documents that name a colour, or say nothing, and pictures of that colour."""
    random = np.random.default_rng(seed)
    documents, rows, colours = [], [], {}
    for number in range(start, start + count):
        colour = list(COLOURS)[number % 3]
        item_id = f"c:{number:03}"
        colours[item_id] = colour
        shown = " and ".join(random.choice(SHOWN[colour], 3, replace=False))
        text = "" if number % silent == 0 else f"A {colour} picture of {shown}"
        documents.append(
            Document(item_id=item_id, title="Untitled", descriptions=(text,), digest=f"{number} {text}")
        )
        rows.append(np.array(COLOURS[colour]) + 0.1 * random.normal(size=3))
    ids = np.array(list(colours), dtype=object)
    return documents, Embeddings(ids, unit(np.array(rows)), "made-up"), colours


def test_a_search_by_words_finds_works_without_words():
    documents, pictures, colours = coloured(150, silent=5)
    index = TextIndex.build(documents, pictures=pictures)
    silent = {f"c:{number:03}" for number in range(0, 150, 5)}
    assert index.by_picture == silent
    for colour in COLOURS:
        found = index.search(colour, 150).item_ids.tolist()
        right = {item_id for item_id, shown in colours.items() if shown == colour}
        assert right <= set(found)
        assert set(found[: len(right - silent)]) == right - silent
        assert {colours[item_id] for item_id in index.search(colour, 10, within=silent).item_ids} == {colour}


def test_without_pictures_they_are_not_found():
    documents, _, _ = coloured(150, silent=5)
    index = TextIndex.build(documents)
    assert not index.by_picture
    assert not len(index.search("red", 150, within={"c:000", "c:015"}))


def test_what_was_told_is_written_and_read(tmp_path):
    from contextlib import contextmanager

    @contextmanager
    def written(name, *, rows):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        yield path

    documents, pictures, _ = coloured(150, silent=5)
    index = TextIndex.build(documents, pictures=pictures)
    index.save(written)
    again = TextIndex.load(lambda name: tmp_path / name)
    assert again.by_picture == index.by_picture
    np.testing.assert_array_equal(again.search("blue", 60).scores, index.search("blue", 60).scores)


def test_works_that_are_added_tell_and_are_told():
    documents, pictures, colours = coloured(150, silent=5)
    index = TextIndex.build(documents[:140], pictures=pictures)
    added = TextIndex.build(documents, previous=index, pictures=pictures)
    assert "c:145" in added.by_picture
    assert {colours[item] for item in added.search("blue", 4, within=added.by_picture).item_ids} == {"blue"}
    gone = TextIndex.build(documents, previous=added)  # no pictures any more
    assert not gone.by_picture
    assert not len(gone.search("blue", 4, within=added.by_picture))


def test_a_work_that_says_something_now_speaks_for_itself():
    documents, pictures, _ = coloured(150, silent=5)
    index = TextIndex.build(documents, pictures=pictures)
    documents[0] = Document(item_id="c:000", title="A yellow dog", digest="new")
    renewed = TextIndex.build(documents, previous=index, pictures=pictures)
    assert "c:000" not in renewed.by_picture
    assert renewed.search("yellow dog", 1).item_ids.tolist() == ["c:000"]


def test_the_meaning_of_others_stays_as_it_is():
    documents, pictures, _ = coloured(150, silent=5)
    plain, telling = TextIndex.build(documents), TextIndex.build(documents, pictures=pictures)
    others = [each.item_id for each in documents if each.item_id not in telling.by_picture]
    assert len(others) < len(documents)
    np.testing.assert_array_equal(telling.meaning.get(others).vectors, plain.meaning.get(others).vectors)


@pytest.mark.slow
def test_in_the_sample_works_without_texts_are_found_by_their_motif(whole_sample):
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
    import without_words

    documents, pictures, motifs = without_words.opened(whole_sample)
    found = without_words.aucs(documents, pictures, motifs, seed=5)
    assert len(found) >= 18
    assert np.mean(list(found.values())) >= 0.94
