"""Whether a store changes what people are answered: the same questions to a collection in two stores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.fields import SEPARATOR
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.records import Where

K = 12
_MOST_SEEN = 1_000


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a collection, whichever store it is in.

    Parameters
    ----------
    kind : str
        ``"words"``, ``"likes"``, ``"a work"`` or ``"a picture"``, with ``", filtered"`` and ``", seen"``.
    ask : callable
        The collection → its answer.
    """

    kind: str
    ask: Callable[[Recommender], Ranking]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the answers of a store are those of another.

    Parameters
    ----------
    same : mapping of str to float
        Kind of question → share of the works of the one's answers that are in the other's, 0 to 1.
    equal : int
        How many answers are the same works in the same order.
    shorter : int
        How many answers have fewer works.
    """

    same: Mapping[str, float]
    equal: int
    shorter: int

    @property
    def overall(self) -> float:
        """The mean over the kinds, 0 to 1."""
        return float(np.mean(list(self.same.values())))


def questions(recommender: Recommender, count: int = 200, seed: int = 0) -> list[Question]:
    """Return questions by words, likes, a work and a picture; half of each filtered, half with seen works.

    Parameters
    ----------
    recommender : Recommender
        The collection, in any store; its words, works and vectors are what is asked for.
    count : int
        How many; the same seed gives the same questions.
    seed : int
        Of what is drawn by chance.
    """
    drawn = np.random.default_rng(seed)
    assert recommender.pictures is not None
    pictured = np.sort(recommender.pictures.item_ids())
    makers = (_words, _likes, _a_work, _a_picture)
    asked = []
    for number in range(count):
        where = _filter(recommender, str(drawn.choice(pictured))) if number // 4 % 2 else {}
        most = min(_MOST_SEEN, len(pictured) // 4)
        seen = drawn.choice(pictured, most, replace=False).tolist() if number // 8 % 2 else []
        name, ask = makers[number % 4](recommender, drawn, pictured, where, frozenset(seen))
        asked.append(Question(name + ", filtered" * bool(where) + ", seen" * bool(seen), ask))
    return asked


Made = tuple[str, Callable[[Recommender], Ranking]]
Drawn = np.random.Generator
Ids = np.ndarray[tuple[int], np.dtype[np.object_]]


def _filter(recommender: Recommender, item_id: str) -> Where:
    """Return a filter that leaves what is of the same kind, or of the same century, as a work."""
    work = recommender.catalog[item_id]
    if work.classification:
        return {"classification": work.classification.split(SEPARATOR)[0]}
    return {} if work.year_begin is None else {"years": (work.year_begin - 50, work.year_begin + 50)}


def _words(rec: Recommender, drawn: Drawn, ids: Ids, where: Where, seen: frozenset[str]) -> Made:
    words = " ".join(rec.catalog[str(drawn.choice(ids))].title.split()[:3]) or "portrait"
    return "words", lambda asked: asked.search(words, K, where=where, exclude=seen)


def _likes(rec: Recommender, drawn: Drawn, ids: Ids, where: Where, seen: frozenset[str]) -> Made:  # noqa: ARG001
    liked = drawn.choice(ids, int(drawn.integers(1, 9)), replace=False).tolist()
    disliked = drawn.choice(ids, int(drawn.integers(0, 3)), replace=False).tolist()
    disliked = [item_id for item_id in disliked if item_id not in liked]
    return "likes", lambda asked: asked.recommend(liked, disliked, K, where=where, exclude=seen)


def _a_work(rec: Recommender, drawn: Drawn, ids: Ids, where: Where, seen: frozenset[str]) -> Made:  # noqa: ARG001
    work = str(drawn.choice(ids))
    return "a work", lambda asked: asked.similar_items(work, K, where=where, exclude=seen)


def _a_picture(rec: Recommender, drawn: Drawn, ids: Ids, where: Where, seen: frozenset[str]) -> Made:
    """Ask the store for what is near a vector a little beside that of a work, as another picture's is."""
    assert rec.pictures is not None
    vector = rec.pictures.get([str(drawn.choice(ids))]).vectors[0]
    beside = drawn.standard_normal(len(vector)).astype(np.float32)
    vector = vector + 0.5 * np.linalg.norm(vector) * beside / np.linalg.norm(beside)
    vector /= np.linalg.norm(vector)
    within = rec.catalog.filter(where) if where else None

    def ask(asked: Recommender) -> Ranking:
        assert asked.pictures is not None
        return asked.pictures.search(vector, K, exclude=seen, within=within)[0]

    return "a picture", ask


def agreement(recommender: Recommender, asked: Sequence[Question], wanted: Sequence[Ranking]) -> Agreement:
    """Ask a collection, and compare its answers with those from another store.

    Parameters
    ----------
    recommender : Recommender
        The collection in a store.
    asked : sequence of Question
        From :func:`questions`.
    wanted : sequence of Ranking
        What the same collection in the other store answered.
    """
    same: dict[str, list[float]] = defaultdict(list)
    equal = shorter = 0
    for question, answer in zip(asked, wanted, strict=True):
        ours, theirs = (each.item_ids.tolist() for each in (question.ask(recommender), answer))
        same[question.kind].append(len(set(ours) & set(theirs)) / len(theirs) if theirs else 1.0)
        equal += ours == theirs
        shorter += len(ours) < len(theirs)
    return Agreement({kind: float(np.mean(each)) for kind, each in same.items()}, equal, shorter)
