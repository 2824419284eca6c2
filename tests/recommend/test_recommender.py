"""Answers of the recommender, on a small museum whose right answers are known."""

from __future__ import annotations

import copy
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_store import SHELVES, MemoryStore
from small_museum import DIM, EACH, MOTIFS, build_collection, museum

from ham_recommend import registry
from ham_recommend.errors import (
    ArtifactCorruptError,
    ArtifactMismatchError,
    ArtifactMissingError,
    SettingsError,
    StoreUnavailableError,
    UnknownItemError,
)
from ham_recommend.index.one_state import OneState
from ham_recommend.index.stores import fill_store, open_store, vectors_name
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.weights import Weights
from ham_recommend.records import RawRecord
from ham_recommend.workspace import CATALOG

IDS = [f"m:{motif}{number:02}" for motif in MOTIFS for number in range(EACH)]
ids = st.sampled_from(IDS)


def motif(item_id):
    return item_id[2:-2]


@pytest.fixture(scope="module")
def rec(museum_folder):
    return Recommender.load(museum_folder)


@pytest.fixture(scope="module")
def texts(museum_without_pictures):
    return Recommender.load(museum_without_pictures)


def assert_well_formed(ranking, k):
    """Check what every ranking promises."""
    assert len(ranking) <= k
    shown = [*ranking.item_ids, *(other for group in ranking.folded.values() for other in group)]
    assert len(set(shown)) == len(shown)
    if not ranking.query.liked:
        places = list(zip(-ranking.scores, ranking.item_ids, strict=True))
        assert places == sorted(places)
    assert set(ranking.works) == set(ranking.item_ids)
    assert ranking.query.k == k


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ships in a storm", "ship"),
        ("jumping circus cat", "cat"),
        ("blue vase", "vase"),
        ("ruined castle", "castle"),
    ],
)
def test_a_search_finds_what_was_described(rec, text, wanted):
    ranking = rec.search(text)
    assert_well_formed(ranking, 12)
    assert len(ranking) == 12
    assert {motif(item_id) for item_id in ranking.item_ids} == {wanted}
    assert ranking.query.text == text
    assert set(ranking.channels) == {"words", "meaning"}


def test_a_search_says_what_it_corrected(rec):
    assert rec.search("jumpps cat").corrected == {"jumpps": "jumps"}
    assert not rec.search("jumpps cat", correct=False).corrected


@pytest.mark.parametrize("form", [list, tuple, set, iter, np.array])
def test_what_is_excluded_may_come_in_any_form(rec, form):
    seen = ["m:ship01", "m:ship14", "m:nowhere"]
    for ask in (rec.search, lambda *_, **options: rec.recommend(["m:ship02"], **options), rec.similar_items):
        found = ask("m:ship02", exclude=form(seen)).item_ids.tolist()
        assert found == ask("m:ship02", exclude=seen).item_ids.tolist()
        assert not {*found} & {*seen}


def test_a_single_work_need_not_be_in_a_list(rec):
    one = rec.recommend("m:ship02", "m:cat02", exclude="m:ship01").item_ids.tolist()
    assert one == rec.recommend(["m:ship02"], ["m:cat02"], exclude=["m:ship01"]).item_ids.tolist()
    assert "m:ship01" not in one


def test_a_hopeless_search_is_empty(rec):
    assert len(rec.search("zzzz qqqq")) == 0


def test_filters_and_exclusions_act_inside_the_search(rec):
    first = rec.search("stormy ship", 4, where={"classification": "Prints", "years": (1640, None)})
    rest = rec.search(
        "stormy ship",
        4,
        where={"classification": "Prints", "years": (1640, None)},
        exclude=first.item_ids.tolist(),
    )
    for ranking in (first, rest):
        assert len(ranking) == 4
        for work in ranking.works.values():
            assert work.classification == "Prints"
            assert work.year_end >= 1640
    assert not set(first.item_ids) & set(rest.item_ids)


@pytest.mark.parametrize(
    "where", [{"colour": "red"}, {"years": (1900, 1800)}, {"classification": 7}, "Prints", 7]
)
@pytest.mark.parametrize("ask", ["search", "recommend", "similar_items"])
def test_a_bad_filter_is_refused(rec, ask, where):
    start = {"search": "ship", "recommend": ["m:ship01"], "similar_items": "m:ship01"}[ask]
    with pytest.raises(SettingsError):
        getattr(rec, ask)(start, where=where)


@pytest.fixture
def memory(monkeypatch):
    """Let a store of another package come through its entry point."""

    class Point:
        dist, value = None, "tests"
        name = "memory"

        def load(self):
            return MemoryStore

    SHELVES.clear()
    monkeypatch.setattr(registry, "entry_points", lambda group: [Point()] if "stores" in group else [])


def fill(rec, url):
    """Put the picture vectors of a collection into a store behind an address."""
    held = rec.pictures.get(rec.catalog.item_ids.tolist())
    store = open_store(url, vectors_name(rec.workspace.name, "style"), DIM, create=True)
    fill_store(store, held)
    return store


some = st.lists(ids, max_size=6, unique=True)


@given(
    some.filter(bool),
    some,
    st.lists(ids, max_size=20),
    st.integers(1, 70),
    st.sampled_from(["interleave", "mean"]),
)
def test_recommendations_are_new_and_as_many_as_there_are(rec, liked, disliked, exclude, k, strategy):
    disliked = [item_id for item_id in disliked if item_id not in liked]
    ranking = rec.recommend(liked, disliked, k, exclude=exclude, strategy=strategy)
    assert_well_formed(ranking, k)
    hidden = {*liked, *disliked, *exclude}
    folded = [other for group in ranking.folded.values() for other in group]
    assert not hidden & {*ranking.item_ids, *folded}
    assert len(ranking) + len(folded) >= min(k, len(set(IDS) - hidden))
    assert set(ranking.nearest_liked) == set(ranking.item_ids)
    assert set(ranking.nearest_liked.values()) <= set(liked)


@given(st.permutations(["m:ship01", "m:cat02", "m:vase03", "m:cat05"]))
def test_the_order_of_likes_does_not_matter(rec, liked):
    assert rec.recommend(liked).item_ids.tolist() == rec.recommend(sorted(liked)).item_ids.tolist()


def test_two_interests_are_both_served(rec):
    liked = ["m:ship01", "m:ship02", "m:cat03"]
    found = [motif(item_id) for item_id in rec.recommend(liked).item_ids]
    assert (found.count("ship"), found.count("cat")) == (6, 6)


def test_the_score_of_a_recommendation_is_its_closeness_to_the_nearest_interest(rec):
    """As far as each interest speaks for itself, without a share of all likes."""
    rec = copy.copy(rec)
    rec.weights = Weights(shared=0.0)
    one, other = "m:ship01", "m:cat03"
    alone = [{hit.item_id: hit.score for hit in rec.similar_items(item_id, 60)} for item_id in (one, other)]
    found = rec.recommend([one, other], k=20)
    assert [motif(hit.item_id) for hit in found][:4] in (["ship", "cat"] * 2, ["cat", "ship"] * 2)
    for hit in found:
        closest = max(scores.get(hit.item_id, -1.0) for scores in alone)
        assert hit.score == pytest.approx(closest, abs=1e-5)
    for kind in ("ship", "cat"):
        scores = [hit.score for hit in found if motif(hit.item_id) == kind]
        assert scores == sorted(scores, reverse=True)


def test_each_hit_says_which_liked_work_it_is_closest_to(rec):
    for hit in rec.recommend(["m:ship01", "m:cat03"]):
        assert motif(hit.nearest_liked) == motif(hit.item_id)
        assert hit.channels["meaning"] > 0.5
        assert ("picture" in hit.channels) == bool(len(rec.pictures.get([hit.item_id])))


def test_a_dislike_pushes_its_kind_back(rec):
    def place(ranking):
        return np.mean([hit.rank for hit in ranking if motif(hit.item_id) == "vase"])

    plain = rec.recommend(["m:ship01"], k=60)
    pushed = rec.recommend(["m:ship01"], ["m:vase01"], k=60)
    assert place(pushed) > place(plain)


def test_texts_alone_serve_too(texts):
    assert texts.pictures is None
    found = texts.recommend(["m:ship01", "m:cat03"], k=12)
    assert_well_formed(found, 12)
    assert {motif(item_id) for item_id in found.item_ids} == {"ship", "cat"}
    assert set(found.channels) == {"words", "meaning"}
    assert {motif(item_id) for item_id in texts.similar_items("m:vase01", 10).item_ids} == {"vase"}


def test_similar_works_are_of_a_kind(rec):
    ranking = rec.similar_items("m:castle05", 13)
    assert_well_formed(ranking, 13)
    assert {motif(item_id) for item_id in ranking.item_ids} == {"castle"}
    assert "m:castle05" not in ranking.item_ids
    assert ranking.query.liked == ("m:castle05",)
    assert not ranking.nearest_liked


def test_impressions_of_one_print_appear_once(rec):
    one, other = f"m:cat{EACH - 2}", f"m:cat{EACH - 1}"
    for ranking in (
        rec.search("circus cat", 40),
        rec.recommend(["m:cat01"], k=40),
        rec.similar_items("m:cat01", 40),
    ):
        folded = {hit.item_id: hit.folded for hit in ranking}
        assert {one, other} & set(folded) in ({one}, {other})
        assert folded.get(one, ()) + folded.get(other, ()) in ((one,), (other,))


def test_the_other_impression_of_a_liked_print_comes_last(rec):
    one, other = f"m:cat{EACH - 2}", f"m:cat{EACH - 1}"
    ranking = rec.recommend([one], k=100)
    assert ranking.item_ids[-1] == other
    assert rec.similar_items(one, 5).item_ids[0] == other


def test_a_work_with_neither_text_nor_picture_is_like_nothing(rec):
    assert len(rec.similar_items("m:nothing")) == 0
    assert len(rec.recommend(["m:nothing"])) == 0
    with_it = rec.recommend(["m:nothing", "m:ship01"]).item_ids.tolist()
    assert with_it == rec.recommend(["m:ship01"], exclude=["m:nothing"]).item_ids.tolist()


@pytest.mark.parametrize(
    "ask",
    [
        lambda rec: rec.similar_items("m:ship99"),
        lambda rec: rec.recommend(["m:ship01", "m:ship99"]),
        lambda rec: rec.recommend(["m:ship01"], ["m:ship99"]),
    ],
)
def test_an_unknown_work_is_named(rec, ask):
    with pytest.raises(UnknownItemError, match=r"m:ship99.*Did you mean.*m:ship09"):
        ask(rec)


@pytest.mark.parametrize(
    "ask",
    [
        lambda rec: rec.recommend([]),
        lambda rec: rec.recommend(["m:ship01"], ["m:ship01"]),
        lambda rec: rec.recommend(["m:ship01"], strategy="median"),
        lambda rec: rec.recommend(["m:ship01"], k=0),
        lambda rec: rec.search(""),
        lambda rec: rec.search("ship", k=-3),
        lambda rec: rec.similar_items("m:ship01", k="many"),
        lambda rec: rec.recommend(None),
        lambda rec: rec.recommend(["m:ship01"], None),
        lambda rec: rec.recommend(["m:ship01"], strategy=[]),
        lambda rec: rec.recommend(["m:ship01"], exclude=None),
        lambda rec: rec.search("ship", exclude=None),
        lambda rec: rec.search("ship", exclude=[None]),
        lambda rec: rec.similar_items("m:ship01", exclude=[["m:ship02"]]),
    ],
)
def test_a_question_without_an_answer_is_refused(rec, ask):
    with pytest.raises(SettingsError):
        ask(rec)


def test_threads_get_the_answers_one_would(rec):
    asks = [lambda text=text: rec.search(text).item_ids.tolist() for text in MOTIFS.values()]
    asks += [lambda item_id=item_id: rec.recommend([item_id]).item_ids.tolist() for item_id in IDS[::7]]
    expected = [ask() for ask in asks]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            assert [task.result() for task in [pool.submit(ask) for ask in asks]] == expected


class TestLoading:
    @pytest.mark.parametrize("store", ["exact", "flat", "fp16", "hnsw", "ivf", "ivfpq"])
    def test_another_store_gives_the_same_answers(self, museum_folder, rec, store):
        other = Recommender.load(museum_folder, store=store)
        assert other.pictures.kind == store
        ours, theirs = (set(one.similar_items("m:cat02").item_ids) for one in (rec, other))
        assert len(ours & theirs) >= 11

    def test_an_unknown_store_lists_the_known_ones(self, museum_folder):
        with pytest.raises(SettingsError, match="flat"):
            Recommender.load(museum_folder, store="flatter")

    def test_a_store_behind_an_address_gives_the_same_answers(self, museum_folder, rec, memory):
        fill(rec, "memory://here")
        other = Recommender.load(museum_folder, store="memory://here")
        assert isinstance(other.pictures.behind, OneState)
        for ask in (
            lambda one: one.search("stormy ship"),
            lambda one: one.recommend(["m:ship02", "m:cat05"], ["m:vase01"]),
            lambda one: one.similar_items("m:castle01"),
        ):
            assert ask(other).item_ids.tolist() == ask(rec).item_ids.tolist()

    def test_an_address_without_the_vectors_is_refused_with_the_command_that_fills_it(
        self, museum_folder, rec, memory
    ):
        told = r"me:…@here .*museum\.style.*--store 'memory://me:…@here'"
        with pytest.raises(ArtifactMismatchError, match=told):
            Recommender.load(museum_folder, store="memory://me:secret@here")
        store = fill(rec, "memory://here")
        store.delete(["m:ship02"])
        with pytest.raises(ArtifactMismatchError, match=r"lacks 1 of the \d+ works.*--store memory://here"):
            Recommender.load(museum_folder, store="memory://here")
        with pytest.raises(SettingsError, match="Known: memory://"):
            Recommender.load(museum_folder, store="elsewhere://here")
        with pytest.raises(StoreUnavailableError):
            Recommender.load(museum_folder, store="memory://nowhere")

    def test_nothing_there(self, tmp_path):
        with pytest.raises(ArtifactMissingError, match="ham build"):
            Recommender.load(tmp_path / "nothing")

    def test_a_damaged_file_is_refused_with_the_command_that_mends_it(self, tmp_path):
        workspace = build_collection(tmp_path / "museum", *museum())
        path = workspace.path(CATALOG)
        path.write_bytes(path.read_bytes()[:-10] + b"0123456789")
        with pytest.raises(ArtifactCorruptError, match="ham build"):
            Recommender.load(workspace.root)

    def test_a_collection_rebuilt_while_it_is_opened_is_opened_as_it_is_now(self, tmp_path):
        opened = build_collection(tmp_path / "museum", *museum())
        assert opened.manifest
        build_collection(opened.root, [RawRecord(item_id="m:1", title="Ship")], {"m:1": np.ones(DIM)})
        assert Recommender.load(opened).catalog.item_ids.tolist() == ["m:1"]

    def test_a_lost_file_is_refused_with_the_command_that_mends_it(self, tmp_path):
        workspace = build_collection(tmp_path / "museum", *museum())
        workspace.path("3-embeddings/style.ids.npy").unlink()
        with pytest.raises(ArtifactMissingError, match="ham build"):
            Recommender.load(workspace.root)

    def test_a_museum_of_one_work(self, tmp_path):
        records = [RawRecord(item_id="m:1", title="Ship")]
        rec = Recommender.load(build_collection(tmp_path / "one", records, {"m:1": np.ones(DIM)}).root)
        assert rec.search("ship").item_ids.tolist() == ["m:1"]
        assert len(rec.similar_items("m:1")) == 0
        assert len(rec.recommend(["m:1"])) == 0

    def test_an_empty_museum(self, tmp_path):
        rec = Recommender.load(build_collection(tmp_path / "none", [], {}).root)
        assert len(rec.search("ship")) == 0
        with pytest.raises(UnknownItemError):
            rec.similar_items("m:1")

    def test_answers_need_no_slow_imports(self, museum_folder):
        code = (
            "import sys; from ham_recommend import Recommender; rec = Recommender.load(sys.argv[1]);"
            "rec.search('ship'); rec.recommend(['m:ship01']); rec.similar_items('m:cat01');"
            "print(*sorted({'pandas', 'sklearn', 'torch', 'requests', 'PIL'} & set(sys.modules)))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(museum_folder)], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == ""
