"""From likes to recommendations: the strategies beside the notebook's average and other ways one would try.

    python benchmarks/taste.py [--trials 300]

Real picture vectors of 577 paintings (``$HAM_DATA/clip``, default ``../shared/data``); an interest is a
museum department. *Even* is the share of the weaker of two interests in the top 12, relative to the stronger
(1 = both served alike); *right* is the share of works from any liked department.
"""

from __future__ import annotations

import argparse
import csv
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ham_recommend.index.exact import ExactStore
from ham_recommend.recommend.channels import Channel, likeness, rank, tastes_of
from ham_recommend.recommend.taste import STRATEGIES, Strategy
from ham_recommend.records import Embeddings

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
K = 12
LARGE = 20
ALIKE = [
    ("Chinese Art", "Japanese Art"),
    ("Chinese Art", "Korean Art"),
    ("European Painting and Sculpture", "Modern European Painting and Sculpture"),
    ("American Painting and Sculpture", "Modern European Painting and Sculpture"),
]


def each_alone(cosines):
    return [[row] for row in range(len(cosines))]


def by_strategy(strategy):
    def recommend(channel, liked):
        return rank(tastes_of(liked, (), [channel], strategy), K, liked, None).item_ids

    return recommend


def by_nearest_like(channel, liked):
    ids = channel.item_ids
    closest = likeness(liked, ids.tolist(), [channel]).max(axis=0)
    closest[np.isin(ids, liked)] = -np.inf
    return ids[np.argsort(-closest)[:K]]


WAYS = {
    "average of the likes (notebook; `mean`)": by_strategy(STRATEGIES["mean"]),
    "average, from the middle": by_strategy(replace(STRATEGIES["mean"], centred=True)),
    "nearest like": by_nearest_like,
    "every like in turn": by_strategy(Strategy(each_alone, centred=False)),
    "every like in turn, from the middle": by_strategy(Strategy(each_alone, centred=True)),
    "interests in turn, from the middle (`turns`)": by_strategy(STRATEGIES["turns"]),
}


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
        shares = paintings.shares(way(paintings.channel, liked), pair)
        even.append(min(shares) / max(*shares, 1 / K))
        right.append(sum(shares))
    return np.mean(even), np.mean(right)


def one_interest(paintings, way, likes, trials):
    random, right = np.random.default_rng(2), []
    for _ in range(trials):
        name = random.choice(paintings.large)
        liked = paintings.some(random, name, likes)
        right += paintings.shares(way(paintings.channel, liked), [name])
    return np.mean(right)


def with_dislikes(paintings, strategy, trials, *, heard):
    random, shares = np.random.default_rng(3), []
    for trial in range(trials):
        wanted, unwanted = random.permutation(ALIKE[trial % len(ALIKE)])
        liked, disliked = paintings.some(random, wanted, 2), paintings.some(random, unwanted, 2)
        tastes = tastes_of(liked, disliked if heard else (), [paintings.channel], STRATEGIES[strategy])
        found = rank(tastes, K, [*liked, *disliked], None).item_ids
        shares.append(paintings.shares(found, (wanted, unwanted)))
    return np.mean(shares, axis=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trials", type=int, default=300)
    trials = parser.parse_args().trials
    paintings = Paintings(DATA / "clip")
    likes = Table("likes become an answer by", title=f"Top {K} of 577 paintings, {trials} trials each")
    for column in (
        "2 + 2 likes: even",
        "right",
        "6 + 6 likes: even",
        "right",
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
    for name in STRATEGIES:
        for heard in (False, True):
            good, bad = with_dislikes(paintings, name, trials, heard=heard)
            dislikes.add_row(
                f"`{name}`, dislikes {'heard' if heard else 'not heard'}", f"{good:.3f}", f"{bad:.3f}"
            )
    console = Console(width=150)
    console.print(likes)
    console.print(dislikes)


if __name__ == "__main__":
    main()
