"""Texts in Milvus answer as texts in files do: the same works with the same scores."""

from __future__ import annotations

import warnings
from contextlib import closing, contextmanager
from dataclasses import replace

import numpy as np
import pymilvus
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ham_recommend.errors import ArtifactCorruptError, DataWarning, SettingsError, StoreUnavailableError
from ham_recommend.index import _text_rows
from ham_recommend.index._milvus_asked import MOST_ANSWERED
from ham_recommend.index._text_files import reading
from ham_recommend.index._text_known import SPACE, Known, Row, TextRows
from ham_recommend.index._text_rows import Sayings, stem_numbers
from ham_recommend.index.milvus_texts import MilvusTexts
from ham_recommend.index.saying import in_all
from ham_recommend.index.text_index import TextIndex
from ham_recommend.index.text_scoring import Boost
from ham_recommend.index.text_search import TextSearch
from ham_recommend.index.text_stores import open_text_store
from ham_recommend.index.texts_elsewhere import TextsElsewhere
from ham_recommend.records import Document

WORKS = 900
SAID = """
    ship storm cat moon castle vase river harbour portrait lady man hat red blue gold ring garden flower still
    life dutch italian woodcut etching landscape winter summer bridge boat sea night street window letter
    teapot horse rider dog child mother angel saint king queen battle market fish fruit glass mirror candle
"""
WORDS = SAID.split()
"""The first are said the most."""
SHARES = 1 / np.arange(2, len(WORDS) + 2)
QUESTIONS = st.lists(
    st.sampled_from([*WORDS, "galleon", "shipp", "tea pot", "cats", "of the"]), min_size=1, max_size=6
)
ASKING = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def document(number, words):
    title, *rest = words
    text = " ".join(rest)
    return Document(
        item_id=f"m:{number:04}", title=title, descriptions=(text,) if text else (), digest=f"{title} {text}"
    )


def museum(seed=0):
    """Return works of very different length; a few say the same, and a few nothing."""
    chance = np.random.default_rng(seed)
    made = []
    for number in range(WORKS):
        size = 1 + int(chance.integers(0, 3 if number % 3 else 40))
        made.append(document(number, chance.choice(WORDS, size, p=SHARES / SHARES.sum()).tolist()))
    made[5] = document(5, [""])
    return made


def far_from(index, address, name="made"):
    """Put the texts of an index into Milvus, and return what searches them there."""
    rows = TextRows(index.parts, {}, None)
    known = rows.known()
    store = open_text_store(address, name, "a", rows.dim, create=True)
    store.write(rows.of(np.arange(len(index))), None)
    store.optimise()
    return TextSearch(TextsElsewhere(known, index.parts.space, lambda: store))


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return f"milvus+lite://{tmp_path_factory.mktemp('lite')}"


@pytest.fixture(scope="module")
def here():
    """Return an index to which works were added, and of which some went or changed."""
    works = museum()
    base = TextIndex.build(works[:-20])
    left = [one for number, one in enumerate(works) if number not in {3, 77}]
    left[39] = document(40, ["zeppelin", "over", "a", "castle"])
    index = TextIndex.build(left, previous=base)
    assert index.adds_to(base)
    return index


@pytest.fixture(scope="module")
def far(here, address):
    search = far_from(here, address)
    with closing(search.texts.store):
        yield search


def same(ours, theirs, *, total=True):
    assert ours.item_ids.tolist() == theirs.item_ids.tolist()
    np.testing.assert_allclose(ours.scores, theirs.scores, rtol=0, atol=1e-6)
    for name, scores in theirs.channels.items():
        np.testing.assert_allclose(ours.channels[name], scores, rtol=0, atol=1e-6)
    assert ours.corrected == theirs.corrected
    if total and theirs.total is not None:
        assert min(ours.total, len(ours)) == min(theirs.total, len(theirs))
        assert ours.total <= theirs.total


@ASKING
@given(QUESTIONS, st.sampled_from([1, 12, 60]), st.data())
def test_a_question_has_the_same_answer(here, far, words, k, data):
    ids = here.item_ids.tolist()
    exclude = data.draw(st.just([]) | st.just(ids[::3]) | st.just(ids[:500]))
    within = data.draw(st.none() | st.just(ids[::2]) | st.just(ids[10:40]) | st.just([]))
    text = " ".join(words)
    limits = {"exclude": exclude, "within": within}
    same(far.search(text, k, **limits), here.search(text, k, **limits))
    same(far.exact(text, k, **limits), here.exact(text, k, **limits), total=False)


@ASKING
@given(QUESTIONS, st.integers(0, 1000), st.data())
def test_what_a_question_names_counts_the_same(here, far, words, seed, data):
    chance, n = np.random.default_rng(seed), len(here)
    named = [
        Boost((chance.random(n) < data.draw(st.sampled_from([0.005, 0.1, 0.7]))).astype(np.float32), weight)
        for weight in data.draw(st.lists(st.sampled_from([0.3, 1.0, 8.0]), max_size=2))
    ]
    also = here.item_ids[chance.choice(n, 10)].tolist()
    asked = {"boosts": named, "also": also, "meaning_share": data.draw(st.sampled_from([0.0, 0.2, 1.0]))}
    text = " ".join(words)
    ours, theirs = (one.candidates(text, 12, **asked).only(slice(12)) for one in (far, here))
    same(ours, theirs)
    assert ours.fit == pytest.approx(theirs.fit)


def test_where_more_say_a_word_than_are_proposed_at_first_the_best_are_found(here, far, monkeypatch):
    """Works that say two words together outrank many that Milvus puts before them."""
    for module in ("text_search", "texts_elsewhere", "_fetched_texts"):
        monkeypatch.setattr(f"ham_recommend.index.{module}.POOL", 3)
    for text in ("portrait lady", "ship storm cat", "red blue gold ring", "ship"):
        same(far.search(text, 12), here.search(text, 12), total=False)
        same(far.exact(text, 3), here.exact(text, 3), total=False)


def test_as_many_works_as_milvus_gives_back_at_once(here, far):
    exclude = here.item_ids[:500].tolist()
    same(far.search("ship cat", 8_200, exclude=exclude), here.search("ship cat", 8_200, exclude=exclude))


@ASKING
@given(QUESTIONS)
def test_works_that_say_something_are_the_same(here, far, words):
    one, *others = words
    np.testing.assert_array_equal(far.saying(one).rows, here.saying(one).rows)
    assert len(far.saying(one)) == len(here.saying(one)) == here.frequency(one) or " " in one
    phrase = " ".join(words[:3])
    np.testing.assert_array_equal(far.saying(phrase).rows, here.saying(phrase).rows)
    ours, theirs = (in_all([search.works_saying(word) for word in words]) for search in (far, here))
    assert bool(ours) == bool(theirs)
    assert len(ours) == len(theirs)
    either = [search.saying(one) | search.saying(others[0] if others else "hat") for search in (far, here)]
    np.testing.assert_array_equal(either[0].rows, either[1].rows)


def test_more_works_than_are_given_back_at_once_are_asked_for_in_parts(here, far, monkeypatch):
    monkeypatch.setattr("ham_recommend.index.milvus_texts.MOST_ANSWERED", 50)
    far.texts.saying_all.cache_clear()
    for phrase in ("ship", "cat"):
        assert here.frequency(phrase) > 100
        np.testing.assert_array_equal(far.saying(phrase).rows, here.saying(phrase).rows)
    assert MOST_ANSWERED == 16_384


def test_works_of_a_newer_state_hide_none_of_this_one(here, address):
    """A build may add many works that say the same, while others still answer for the state before."""
    old = far_from(here, address, "older")
    newer = TextIndex.build([document(number, ["zeppelin", "castle"]) for number in range(2000, 2800)])
    with closing(old.texts.store) as store:
        numbers = stem_numbers(["castl", "zeppelin"])
        none = np.zeros(store.dim, np.float32)
        store.write(
            (
                Row(one, Sayings.of(one, numbers, np.ones(2, np.float32), np.arange(2)), 2.0, none, 1)
                for one in newer.item_ids.tolist()
            ),
            None,
        )
        store.write(TextRows(here.parts, {}, None).of(np.arange(len(here))), None)  # now behind them
        for phrase in ("zeppelin", "zeppelin castle"):
            np.testing.assert_array_equal(old.saying(phrase).rows, here.saying(phrase).rows)
        assert bool(in_all([old.works_saying("zeppelin"), old.works_saying("castle")]))
        same(old.search("zeppelin castle", 12), here.search("zeppelin castle", 12), total=False)


def test_works_that_a_newer_state_lacks_are_passed_over(here, address):
    """A build takes out what is gone, while others still answer for the state before."""
    old = far_from(here, address, "before")
    works = np.flatnonzero(here.texts.has_vector)
    gone = works[:40]
    left = np.setdiff1d(here.item_ids, here.item_ids[gone]).tolist()
    named = Boost(np.isin(np.arange(len(here)), works[::3]).astype(np.float32), 0.5)
    with closing(old.texts.store) as store:
        store.delete(here.item_ids[gone].tolist())
        asked = {"boosts": [named], "also": here.item_ids[works[:60]].tolist()}
        found = old.candidates("ship", 12, **asked)
        wanted = here.candidates("ship", 12, within=left, **asked)
        common = [one for one in found.item_ids.tolist() if one in set(left)][:12]
        assert common == wanted.item_ids.tolist()[:12]
        assert old.saying("ship").rows.tolist() == np.setdiff1d(here.saying("ship").rows, gone).tolist()


def test_where_all_that_say_a_word_are_found_nobody_looks_deeper(here, far, monkeypatch):
    depths = []
    nearest = TextsElsewhere.nearest
    monkeypatch.setattr(
        TextsElsewhere, "nearest", lambda self, *asked: depths.append(asked[1]) or nearest(self, *asked)
    )
    assert here.frequency("zeppelin") < 60
    same(far.search("zeppelin", 60), here.search("zeppelin", 60))
    assert len(depths) == 1


def test_the_words_of_works_are_vectors_alike(here, far):
    ids = [*here.item_ids[[1, 500, 3]].tolist(), "m:none"]
    ours, theirs = far.words.get(ids), here.words.get(ids)
    assert ours.item_ids.tolist() == theirs.item_ids.tolist()
    np.testing.assert_allclose(ours.vectors, theirs.vectors, atol=1e-6)
    query = theirs.vectors[1] - 0.3 * theirs.vectors[0]
    limits = {"exclude": ids[:1], "within": here.item_ids[:700].tolist()}
    same(far.words.search(query, 30, **limits)[0], here.words.search(query, 30, **limits)[0])
    np.testing.assert_allclose(
        far.words.products(query[None], ids), here.words.products(query[None], ids), atol=1e-6
    )
    assert sorted(far.meaning.item_ids().tolist()) == sorted(here.meaning.item_ids().tolist())


def test_a_collection_without_words(address):
    empty = TextIndex.build([document(1, [""])])
    far = far_from(empty, address, "empty")
    with closing(far.texts.store):
        assert far.is_empty
        assert not len(far.search("ship", 5))
        assert not len(far.exact("ship", 5))


def written(folder):
    @contextmanager
    def write(name, *, rows):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        yield path

    return write


def test_what_is_known_here_is_read_as_it_was_written(here, tmp_path):
    known = TextRows(here.parts, {}, None).known()
    here.save(written(tmp_path))
    known.save(written(tmp_path))
    again, space = Known.load(tmp_path.joinpath)
    assert space.shape == here.parts.space.shape
    assert (tmp_path / SPACE).exists()
    for name in ("item_ids", "words", "terms"):
        assert list(getattr(again, name)) == list(getattr(known, name))
    for name in ("frequencies", "saying", "numbers", "lengths", "factors", "has_vector", "contents"):
        np.testing.assert_array_equal(getattr(again, name), getattr(known, name))


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("lengths", np.nan),
        ("factors", 0.0),
        ("space_rows", 10**6),
        ("item_ids", None),
        ("terms", None),
        ("saying", -1),
        ("saying", -1),
    ],
)
def test_numbers_that_cannot_be_are_refused(here, tmp_path, name, bad):
    known = TextRows(here.parts, {}, None).known()
    held = getattr(known, name)
    changed = [*held, "zz"] if name == "terms" else held.copy()
    if name != "terms":
        changed[1] = held[0] if bad is None else bad
    here.save(written(tmp_path))
    replace(known, **{name: changed}).save(written(tmp_path))
    with pytest.raises(ArtifactCorruptError), reading():
        Known.load(tmp_path.joinpath)


def test_a_change_of_one_work_changes_its_row_alone(here):
    known = TextRows(here.parts, {}, None).known()
    works = {one.item_id: one for one in museum() if one.item_id in set(here.item_ids)}
    works["m:0040"] = document(40, ["zeppelin", "over", "a", "castle"])
    works["m:0100"] = document(100, ["quagga"])
    after = TextRows(TextIndex.build(works.values(), previous=here).parts, {}, known).known()
    changed = np.flatnonzero(after.contents != known.contents)
    came = here.item_ids[here.parts.all.since_rows].tolist()  # what they mean goes by how rare words are now
    assert {"m:0100"} <= set(after.item_ids[changed]) <= {"m:0100", *came}
    tagged = TextRows(here.parts, {"m:0007": 5}, known).known()
    assert known.item_ids[tagged.contents != known.contents].tolist() == ["m:0007"]


@given(st.lists(st.integers(1, 2**31 - 1), max_size=30, unique=True), st.data())
def test_what_a_work_says_travels_whole(stems, data):
    stems = np.array(sorted(stems), dtype=np.int64)
    said = np.array(
        data.draw(st.lists(st.floats(0.125, 2, width=32), min_size=len(stems), max_size=len(stems)))
    )
    order = np.array(data.draw(st.lists(st.integers(-1, len(stems) - 1))), dtype=np.int64)
    sent = Sayings.of("m:1", stems, said.astype(np.float32), order)
    back = Sayings.unpacked(sent.packed())
    np.testing.assert_array_equal(back.stems, stems)
    np.testing.assert_array_equal(back.said, said.astype(np.float32))
    np.testing.assert_array_equal(back.order, order)
    assert all(amount > 0 for amount in sent.by_amount(0.5).values())


@pytest.mark.parametrize("lie", [np.nan, np.inf, -1.0, 0.0])
def test_amounts_that_cannot_be_are_refused(lie):
    told = Sayings(np.array([1, 2], np.int32), np.array([1.0, lie], np.float32), np.empty(0, np.int16))
    with pytest.raises(ValueError, match="less than not at all"):
        Sayings.unpacked(told.packed())


def test_a_very_long_text_loses_the_order_of_its_last_words_and_one_of_all_words_is_refused():
    stems, said = np.arange(1, 2001), np.ones(2000, np.float32)
    sent = Sayings.of("m:1", stems, said, np.arange(100_000) % 2000)
    assert len(sent.packed()) <= 65_535
    assert 10_000 < len(sent.order) < 100_000
    assert sent.order[-1] == -1
    with pytest.raises(SettingsError, match="'m:1' says 10,000 different words"):
        Sayings.of("m:1", np.arange(10_000), np.ones(10_000, np.float32), np.arange(3))


def test_no_two_stems_have_one_number(monkeypatch):
    stems = [f"stem{number}" for number in range(500)]
    own = _text_rows._hash
    monkeypatch.setattr(_text_rows, "_hash", lambda stem: 1 + own(stem) % 700)
    numbers = stem_numbers(stems)
    assert len(set(numbers.tolist())) == len(stems)
    np.testing.assert_array_equal(numbers, stem_numbers(stems))


def test_while_the_database_is_silent_words_are_not_searched_and_say_so(here):
    def silent():
        raise StoreUnavailableError("Milvus at milvus://db cannot be reached.")

    far = TextSearch(TextsElsewhere(TextRows(here.parts, {}, None).known(), here.parts.space, silent))
    with pytest.raises(StoreUnavailableError, match="cannot be reached"):
        far.search("ship", 5)
    for ask in (far.search, far.exact):  # left alone for a while
        with pytest.raises(StoreUnavailableError, match="Texts cannot be searched just now: "):
            ask("ship", 5)
    with pytest.warns(DataWarning, match="only pictures count"):
        assert not len(far.meaning.get(["m:0001"]))
    with pytest.warns(DataWarning, match="only pictures count"):
        assert not len(far.words.get(["m:0001"]))


@pytest.mark.parametrize("breaks", ["search", "get", "nearest", "sayings"])
def test_a_database_that_falls_silent_while_it_answers_is_left_alone(here, address, monkeypatch, breaks):
    """No answer comes of words without meaning, and nobody waits for what did not answer just now."""
    far = far_from(here, address, "silent")
    asked = []

    def silent(*_, **__):
        asked.append(breaks)
        raise StoreUnavailableError("Milvus at milvus://db does not answer in time.")

    with closing(far.texts.store), warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        assert len(far.search("ship", 5))
        assert not far.trouble
        with monkeypatch.context() as patched:
            patched.setattr(MilvusTexts, breaks, silent)
            for _ in range(3):
                with pytest.raises(StoreUnavailableError, match="answer"):
                    far.search("ship storm cat", 5)
            assert not len(far.meaning.get(["m:0001"]))
            assert asked == [breaks]
        assert far.trouble.startswith("Texts cannot be searched just now")
        monkeypatch.setattr("ham_recommend.index.silence.PAUSE", 0.0)
        same(far.search("ship storm cat", 5), here.search("ship storm cat", 5))
        assert not far.trouble


def test_an_older_milvus_is_refused(address, monkeypatch):
    monkeypatch.setattr(pymilvus.MilvusClient, "get_server_version", lambda *_, **__: "v2.3.5")
    with pytest.raises(StoreUnavailableError, match=r"which has no sparse vectors.*2\.4 or later there\.$"):
        open_text_store(f"{address}/older", "made", "a", 16, create=True)
