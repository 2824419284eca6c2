"""From likes to recommendations: the strategies beside the notebook's average and other ways one would try.

    python benchmarks/taste.py [--trials 300]

Real picture vectors of 577 paintings (``$HAM_DATA/clip``, default ``../shared/data``); an interest is a
museum department. *Even* is the share of the weaker of two interests in the top 12, relative to the stronger
(1 = both served alike); *right* is the share of works from any liked department. Of 300 trials, a figure is
right to ±.02.
"""

from __future__ import annotations

import argparse
import csv
import os
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ham_recommend.index.exact import ExactStore
from ham_recommend.recommend.channels import Channel
from ham_recommend.recommend.question import Question
from ham_recommend.recommend.strategies import interleaved, strategy_named
from ham_recommend.recommend.taste import interests, tastes_of
from ham_recommend.recommend.weights import Weights
from ham_recommend.records import Dials, Embeddings

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
K = 12
LARGE = 20
ALIKE = [
    ("Chinese Art", "Japanese Art"),
    ("Chinese Art", "Korean Art"),
    ("European Painting and Sculpture", "Modern European Painting and Sculpture"),
    ("American Painting and Sculpture", "Modern European Painting and Sculpture"),
]


def together(question):
    return [list(range(len(question.liked)))]


def each_alone(question):
    return [[row] for row in range(len(question.liked))]


def by_interest(question):
    return interests(question.likeness(question.liked))


def by_tastes(groups, *, centred):
    def recommend(question):
        tastes, _ = tastes_of(question, groups(question), centred=centred)
        return interleaved(question, tastes, K).item_ids[:K]

    return recommend


def by_strategy(name):
    return lambda question: strategy_named(name).rank(question, K).item_ids[:K]


def by_nearest_like(question):
    (channel,) = question.channels
    found = channel.search(channel.likes(), K)
    ids = np.unique(np.concatenate([ranking.item_ids for ranking in found]))
    return ids[np.argsort(-question.likeness(ids.tolist()).max(axis=0))[:K]]


WAYS = {
    "average of the likes (notebook; `mean`)": by_strategy("mean"),
    "average, from the centroid": by_tastes(together, centred=True),
    "nearest like": by_nearest_like,
    "every like interleaved": by_tastes(each_alone, centred=False),
    "interests interleaved": by_tastes(by_interest, centred=False),
    "interests interleaved, from the centroid": by_tastes(by_interest, centred=True),
    "and the average of all likes (`interleave`)": by_strategy("interleave"),
    "every like, from the centroid (`each`)": by_strategy("each"),
    "best score, as in Qdrant (`best_score`)": by_strategy("best_score"),
}
DISCOVERY = (0.0, 0.25, 0.5, 0.75, 1.0)


class Paintings:
    """The vectors, and which department holds which painting."""

    def __init__(self, folder: Path):
        with (folder / "paintings_vitb32.csv").open(encoding="utf-8") as rows:
            self.home = {row["id"]: row["department"] for row in csv.DictReader(rows)}
        ids = np.array(list(self.home), dtype=object)
        store = ExactStore(512)
        store.upsert(Embeddings(ids, np.load(folder / "paintings_vitb32.npy"), "clip"))
        self.channel = Channel("picture", store, 1.0, ids)
        self.members = {
            name: [item for item in ids if self.home[item] == name] for name in self.home.values()
        }
        self.large = sorted(name for name, items in self.members.items() if len(items) >= LARGE)

    def some(self, random, department, count):
        """Return ``count`` paintings of a department."""
        return random.choice(self.members[department], count, replace=False).tolist()

    def shares(self, found, departments):
        """Return the share of the found works that each department holds."""
        homes = [self.home[item] for item in found]
        return [homes.count(name) / K for name in departments]


def two_interests(paintings, way, likes_each, trials):
    random, even, right = np.random.default_rng(1), [], []
    for _ in range(trials):
        pair = random.choice(paintings.large, 2, replace=False)
        liked = [item for name in pair for item in paintings.some(random, name, likes_each)]
        shares = paintings.shares(way(Question([paintings.channel], liked, exclude=liked)), pair)
        even.append(min(shares) / max(*shares, 1 / K))
        right.append(sum(shares))
    return np.mean(right), np.mean(even)


def one_interest(paintings, way, likes, trials):
    random, right = np.random.default_rng(2), []
    for _ in range(trials):
        name = random.choice(paintings.large)
        liked = paintings.some(random, name, likes)
        right += paintings.shares(way(Question([paintings.channel], liked, exclude=liked)), [name])
    return np.mean(right)


def with_dislikes(paintings, strategy, trials, weight):
    random, shares = np.random.default_rng(3), []
    for trial in range(trials):
        wanted, unwanted = random.permutation(ALIKE[trial % len(ALIKE)])
        liked, disliked = paintings.some(random, wanted, 2), paintings.some(random, unwanted, 2)
        question = Question(
            [paintings.channel],
            liked,
            disliked,
            exclude=[*liked, *disliked],
            weights=Weights(dislike=weight),
        )
        shares.append(paintings.shares(by_strategy(strategy)(question), (wanted, unwanted)))
    return np.mean(shares, axis=0)


def with_discovery(paintings, discovery, trials):
    """Return how far works are from the nearest like, and how many are right, with 4 likes of one kind."""
    random, novel, right = np.random.default_rng(4), [], []
    for _ in range(trials):
        name = random.choice(paintings.large)
        liked = paintings.some(random, name, 4)
        dials = Dials(discovery=discovery)
        question = Question([paintings.channel], liked, exclude=liked, dials=dials)
        found = by_strategy("interleave")(question)
        novel.append(1 - question.likeness(found.tolist()).max(axis=0).mean())
        right += paintings.shares(found, [name])
    return np.mean(novel), np.mean(right)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trials", type=int, default=300)
    trials = parser.parse_args().trials
    paintings = Paintings(DATA / "clip")
    likes = Table("likes become an answer by", title=f"Top {K} of 577 paintings, {trials} trials each")
    for column in (
        "2 of each of two: right",
        "even",
        "6 of each: right",
        "even",
        "4 of one: right",
        "12 of one: right",
    ):
        likes.add_column(column, justify="right")
    for name, way in WAYS.items():
        figures = (
            *two_interests(paintings, way, 2, trials),
            *two_interests(paintings, way, 6, trials),
            one_interest(paintings, way, 4, trials),
            one_interest(paintings, way, 12, trials),
        )
        likes.add_row(name, *(f"{figure:.3f}" for figure in figures))
    dislikes = Table("2 likes, 2 dislikes from a department easily mistaken for it", "wanted", "unwanted")
    for name in ("mean", "interleave"):
        for weight in (0.0, 0.2, Weights().dislike, 0.5, 1.0):
            good, bad = with_dislikes(paintings, name, trials, weight)
            dislikes.add_row(f"`{name}`, dislikes weigh {weight:.2f}", f"{good:.3f}", f"{bad:.3f}")
    discovery = Table("`interleave`, 4 likes of one: discovery", "far from the nearest like", "right")
    for dial in DISCOVERY:
        novel, right = with_discovery(paintings, dial, trials)
        discovery.add_row(f"{dial:.2f}", f"{novel:.3f}", f"{right:.3f}")
    console = Console(width=150)
    console.print(likes)
    console.print(dislikes)
    console.print(discovery)


if __name__ == "__main__":
    main()
