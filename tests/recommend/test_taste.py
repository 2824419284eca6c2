"""What likes say: interests, dislikes; and what strategies make of them."""

from __future__ import annotations

import csv
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ham_recommend import registry
from ham_recommend.answers import Ranking
from ham_recommend.errors import SettingsError
from ham_recommend.index.exact import ExactStore
from ham_recommend.recommend.channels import Channel
from ham_recommend.recommend.question import Question
from ham_recommend.recommend.strategies import Strategy, interleave, strategy_named, unlike
from ham_recommend.recommend.taste import MAX_INTERESTS, interests, taste_vector
from ham_recommend.records import Dials, Embeddings


def recommended(strategy, channel, liked, disliked=(), k=12):
    """Return what a strategy makes of likes in one channel."""
    question = Question([channel], liked, disliked, exclude=[*liked, *disliked])
    return strategy_named(strategy).rank(question, k).only(slice(k))


def unit(rows):
    rows = np.atleast_2d(np.asarray(rows, dtype=np.float32))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def random_rows(seed, count, dim=8):
    return unit(np.random.default_rng(seed).normal(size=(count, dim)))


@given(st.integers(0, 10_000), st.integers(1, 30))
def test_every_like_belongs_to_one_interest(seed, count):
    likes = random_rows(seed, count)
    groups = interests(likes @ likes.T)
    assert sorted(row for group in groups for row in group) == list(range(count))
    assert len(groups) <= MAX_INTERESTS
    assert [len(group) for group in groups] == sorted((len(group) for group in groups), reverse=True)


def test_two_kinds_of_likes_are_two_interests():
    east, north = unit([1, 0, 0.1]), unit([0, 1, 0.1])
    likes = np.concatenate([east, north, east, north, east])
    assert interests(likes @ likes.T) == [[0, 2, 4], [1, 3]]


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.integers(-9, 9)))
def test_interests_are_interleaved(tenths):
    closeness = tenths / np.float32(10)
    lists, count = closeness.shape
    order = interleave(closeness, count).tolist()
    for k in (0, 1, count // 2, count + 3):
        assert interleave(closeness, k).tolist() == order[:k]
    left = set(range(count))
    for start in range(0, count, lists):
        expected = []
        for interest in range(min(lists, count - start)):
            best = max(left, key=lambda row: (closeness[interest, row], -row))
            expected.append((-closeness[interest, best], best))
            left.discard(best)
        assert order[start : start + lists] == [row for _, row in sorted(expected)]


@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(0, 5))
def test_a_taste_vector_has_length_one_whatever_the_order(seed, likes, dislikes):
    liked, disliked = random_rows(seed, likes), random_rows(seed + 1, dislikes or 1)[:dislikes]
    origin = random_rows(seed + 2, 1)[0] / 3
    vector = taste_vector(liked, disliked, origin, 0.35)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_allclose(taste_vector(liked[::-1], disliked[::-1], origin, 0.35), vector, atol=1e-6)


@given(st.integers(0, 10_000))
def test_a_dislike_pushes_away(seed):
    liked, (disliked,) = random_rows(seed, 2), random_rows(seed + 1, 1)
    origin = np.zeros(8, dtype=np.float32)
    plain = taste_vector(liked, np.empty((0, 8), dtype=np.float32), origin, 0.35)
    pushed = taste_vector(liked, disliked[None], origin, 0.35)
    assert pushed @ disliked <= plain @ disliked + 1e-6


def test_likes_that_say_nothing_give_no_vector():
    assert not taste_vector(unit([[1, 0], [-1, 0]]), np.empty((0, 2), np.float32), np.zeros(2), 0.35).any()


def test_an_unknown_strategy_lists_the_known_ones():
    with pytest.raises(SettingsError, match="mean, best_score, each, interleave"):
        strategy_named("median")


def test_a_strategy_of_another_package_comes_through_its_entry_point(monkeypatch):
    class NearestLike(Strategy):
        def rank(self, question, k):
            (channel,) = question.channels
            found = [ranking for ranking in channel.search(channel.likes(), k) if len(ranking)]
            ids = np.unique(np.concatenate([ranking.item_ids for ranking in found]))
            return Ranking.from_scores(ids, channel.cosines_with_likes(ids.tolist()).max(axis=0), k)

    class Point:
        dist, value = None, "tests"
        name = "nearest_like"

        def load(self):
            return NearestLike

    monkeypatch.setattr(registry, "entry_points", lambda group: [Point()] if "strategies" in group else [])
    assert registry.known("strategy") == ["best_score", "each", "interleave", "mean", "nearest_like"]
    vectors = random_rows(9, 60)
    ids = np.array([f"x:{row:02}" for row in range(60)], dtype=object)
    store = ExactStore(8)
    store.upsert(Embeddings(ids, vectors, "random"))
    liked = ["x:05", "x:17"]
    found = recommended("nearest_like", Channel("picture", store, 1.0, ids), liked, k=7)
    scan = (vectors @ vectors[[5, 17]].T).max(axis=1)
    scan[[5, 17]] = -np.inf
    assert found.item_ids.tolist() == ids[np.argsort(-scan)[:7]].tolist()


def test_the_mean_is_the_average_of_the_likes():
    """The baseline gives what a plain scan with the average vector gives."""
    vectors = random_rows(5, 80)
    ids = np.array([f"x:{row:02}" for row in range(80)], dtype=object)
    store = ExactStore(8)
    store.upsert(Embeddings(ids, vectors, "random"))
    liked = ["x:03", "x:41", "x:77"]
    found = recommended("mean", Channel("picture", store, 1.0, ids), liked, k=10)
    scan = vectors @ vectors[[3, 41, 77]].mean(axis=0)
    scan[[3, 41, 77]] = -np.inf
    assert found.item_ids.tolist() == ids[np.argsort(-scan)[:10]].tolist()


@pytest.fixture(scope="module")
def paintings(data_dir):
    """Real picture vectors of paintings, and the museum department of each."""
    with (data_dir / "clip" / "paintings_vitb32.csv").open(encoding="utf-8") as rows:
        departments = {row["id"]: row["department"] for row in csv.DictReader(rows)}
    ids = np.array(list(departments), dtype=object)
    store = ExactStore(512)
    store.upsert(Embeddings(ids, np.load(data_dir / "clip" / "paintings_vitb32.npy"), "clip"))
    return Channel("picture", store, 1.0, ids), departments


def served(paintings, strategy, *, likes_each, trials=100):
    """Return the evenness of two interests in the top 12, and the share of works from either."""
    channel, departments = paintings
    names, counts = np.unique(list(departments.values()), return_counts=True)
    large = names[counts >= 20]
    members = {name: [item for item, home in departments.items() if home == name] for name in large}
    random = np.random.default_rng(7)
    evenness, precision = [], []
    for _ in range(trials):
        one, other = random.choice(large, 2, replace=False)
        liked = [*random.choice(members[one], likes_each, replace=False)]
        liked += [*random.choice(members[other], likes_each, replace=False)]
        found = recommended(strategy, channel, liked)
        homes = [departments[item] for item in found.item_ids]
        both = homes.count(one), homes.count(other)
        evenness.append(min(both) / max(*both, 1))
        precision.append(sum(both) / 12)
    return np.mean(evenness), np.mean(precision)


@pytest.mark.data
@pytest.mark.parametrize("likes_each", [2, 5])
def test_interleaving_serves_two_interests_where_the_mean_serves_one(paintings, likes_each):
    mean_evenness, mean_precision = served(paintings, "mean", likes_each=likes_each)
    evenness, precision = served(paintings, "interleave", likes_each=likes_each)
    assert evenness > 2 * mean_evenness
    assert evenness > 0.4
    assert precision > mean_precision


ALIKE = [
    ("Chinese Art", "Korean Art"),
    ("European Painting and Sculpture", "Modern European Painting and Sculpture"),
    ("American Painting and Sculpture", "Modern European Painting and Sculpture"),
]


@pytest.mark.data
def test_dislikes_keep_their_kind_away(paintings):
    """Like two works of a department, dislike two of one that is easily mistaken for it."""
    channel, departments = paintings
    random = np.random.default_rng(3)
    found = {"with": [], "without": []}
    for trial in range(120):
        wanted, unwanted = random.permutation(ALIKE[trial % len(ALIKE)])
        liked, disliked = (
            random.choice(
                [item for item, home in departments.items() if home == kind], 2, replace=False
            ).tolist()
            for kind in (wanted, unwanted)
        )
        for name, pushing in (("with", disliked), ("without", [])):
            question = Question([channel], liked, pushing, exclude=[*liked, *disliked])
            ranking = strategy_named("interleave").rank(question, 12)
            homes = [departments[item] for item in ranking.item_ids[:12]]
            found[name].append((homes.count(wanted) / 12, homes.count(unwanted) / 12))
    (good, bad), (good_before, bad_before) = (np.mean(found[name], axis=0) for name in ("with", "without"))
    assert bad < 0.9 * bad_before
    assert good > 0.95 * good_before


def one_taste(paintings, *, trials=60, **dials):
    """Return, for four likes of one department, how many are right and how far they are from every like."""
    channel, departments = paintings
    names, counts = np.unique(list(departments.values()), return_counts=True)
    random, right, novelty = np.random.default_rng(5), [], []
    for _ in range(trials):
        home = random.choice(names[counts >= 20])
        members = [item for item, where in departments.items() if where == home]
        liked = random.choice(members, 4, replace=False).tolist()
        question = Question([channel], liked, exclude=liked, dials=Dials(**dials))
        found = strategy_named("interleave").rank(question, 12).item_ids[:12].tolist()
        right.append(np.mean([departments[item] == home for item in found]))
        novelty.append(1 - question.likeness(found).max(axis=0).mean())
    return np.mean(right), np.mean(novelty)


@pytest.mark.data
def test_the_average_of_all_likes_helps_where_they_are_one_taste(paintings):
    assert one_taste(paintings)[0] >= 0.605


@pytest.mark.data
def test_novelty_rises_with_discovery_and_still_fits(paintings):
    figures = [one_taste(paintings, discovery=dial, trials=30) for dial in (0.0, 0.25, 0.5, 0.75, 1.0)]
    novelty = [novel for _, novel in figures]
    assert all(more > less + 0.02 for less, more in itertools.pairwise(novelty)), novelty
    chance = 1 / 8
    assert figures[-1][0] > 2 * chance


def some_works(count=80, dim=8):
    ids = np.array([f"x:{row:03}" for row in range(count)], dtype=object)
    store = ExactStore(dim)
    store.upsert(Embeddings(ids, random_rows(5, count, dim), "random"))
    return Channel("picture", store, 1.0, ids)


@given(st.integers(0, 1_000), st.floats(0, 1), st.integers(1, 40))
def test_with_discovery_a_longer_answer_still_begins_with_the_shorter_one(seed, discovery, k):
    channel = some_works()
    liked = np.random.default_rng(seed).choice(channel.item_ids, 3, replace=False).tolist()
    question = Question([channel], liked, exclude=liked, dials=Dials(discovery=discovery))
    longest = interleaved_ids(question, 77)
    assert len(set(longest)) == 77
    assert interleaved_ids(question, k)[:k] == longest[:k]


def interleaved_ids(question, k):
    return strategy_named("interleave").rank(question, k).item_ids.tolist()


@given(hnp.arrays(np.float32, (3, 20), elements=st.integers(-9, 9)), st.floats(0.05, 1))
def test_an_interest_has_as_many_turns_as_its_latest_like_counts(closeness, share):
    order = interleave(closeness, 20, turns=[1.0, share, 1e-6])
    assert sorted(order.tolist()) == list(range(20))
    alone = interleave(closeness[:1], 20)
    assert alone[0] in interleave(closeness, 3, turns=[1.0, share, 1e-6])


def test_recency_leans_towards_the_last_like():
    old, new = unit([1, 0, 0.2]), unit([0, 1, 0.2])
    likes = np.concatenate([old, new])
    even = taste_vector(likes, np.empty((0, 3), np.float32), np.zeros(3), 0.35)
    leaning = taste_vector(
        likes, np.empty((0, 3), np.float32), np.zeros(3), 0.35, counts=np.array([0.3, 1.0])
    )
    assert leaning @ new[0] > even @ new[0] == pytest.approx(even @ old[0])


@pytest.mark.parametrize("recency", [0.0, 0.2, 1.0])
def test_likes_count_less_the_older_they_are(recency):
    question = Question([some_works()], ["x:001", "x:002", "x:003"], dials=Dials(recency=recency))
    expected = [(1 - recency) ** 2, 1 - recency, 1.0]
    np.testing.assert_allclose(question.counts, expected, atol=1e-5)
    assert len(interleaved_ids(question, 12)) >= 12


@pytest.mark.parametrize("name", ["interleave", "mean", "each", "best_score"])
def test_every_strategy_answers_one_like_and_many(name):
    channel = some_works(count=700)
    for count in (1, 500):
        liked = channel.item_ids[:count].tolist()
        found = recommended(name, channel, liked, disliked=["x:699"], k=20).item_ids.tolist()
        assert len(set(found)) == 20
        assert not {*liked, "x:699"} & set(found)


def test_the_best_score_is_that_of_the_nearest_like_unless_a_dislike_is_nearer():
    channel = some_works()
    liked, disliked = ["x:003", "x:041"], ["x:077"]
    question = Question([channel], liked, disliked, exclude=[*liked, *disliked])
    found = strategy_named("best_score").rank(question, 77)
    wanted = question.likeness(found.item_ids.tolist()).max(axis=0)
    unwanted = question.of_dislikes().likeness(found.item_ids.tolist()).max(axis=0)
    expected = np.where(unwanted > wanted, -(unwanted**2), wanted)
    first = expected[:24]  # the first stage, in order
    np.testing.assert_allclose(found.scores, expected, atol=1e-6)
    assert (np.diff(first) <= 1e-6).all()


def test_where_nothing_is_liked_what_comes_back_has_least_of_the_dislikes():
    channel = some_works()
    question = Question([channel], [], ["x:005", "x:006"], exclude=["x:005", "x:006"])
    found = unlike(question, 10).item_ids[:10].tolist()
    likeness = question.of_dislikes().likeness(channel.item_ids.tolist()).mean(axis=0)
    by_likeness = channel.item_ids[np.argsort(likeness)].tolist()
    assert set(found) <= set(by_likeness[:20])


@pytest.mark.parametrize(
    ("dial", "value"),
    [
        ("discovery", 1.5),
        ("discovery", -0.1),
        ("popularity", 2),
        ("recency", "new"),
        ("discovery", True),
        ("popularity", float("nan")),
    ],
)
def test_a_dial_that_is_out_of_range_is_told(dial, value):
    with pytest.raises(SettingsError, match=f"The {dial} is a number from"):
        Dials(**{dial: value})
