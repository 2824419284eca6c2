"""Methods: the ways to answer a question in words that `ham eval` compares, by name.

========= ====================================================================================================
ham       the collection's own search, as everybody uses it
words     its exact words alone, without meaning
meaning   its meaning alone
notebook  the search of the notebook this began with: TF-IDF of 1–3-grams
tfidf     scikit-learn's TF-IDF as it comes
bm25      BM25 of bm25s, over the same stems as ours
========= ====================================================================================================

The name of a strategy is a method too: the first three answers of ``ham`` count as liked, and what it
recommends follows them. Another package adds a method under the entry-point group ``ham_recommend.methods``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ham_recommend import registry
from ham_recommend.answers import Ranking
from ham_recommend.errors import SettingsError
from ham_recommend.evaluate import baselines
from ham_recommend.evaluate.metrics import Search
from ham_recommend.records import ItemIds, Where

if TYPE_CHECKING:
    from ham_recommend.recommend.recommender import Recommender

OURS = "ham"
"""What the others are compared with."""
LIKED = 3
"""Answers that count as liked where a strategy is asked for."""


class Method(ABC):
    """A way to answer a question in words. It is made without arguments.

    Attributes
    ----------
    title : str
        What it is, in a few words.
    """

    title: ClassVar[str]

    @abstractmethod
    def prepared(self, collection: Recommender, where: Where | None) -> Search:
        """Return its search of a collection, with whatever it builds for it.

        Parameters
        ----------
        collection : Recommender
            The works are in ``collection.catalog``, their documents in ``collection.catalog.documents()``.
        where : mapping or None
            The works that may come back, as in :meth:`Recommender.search`; all count for what is usual.

        Raises
        ------
        HamRecommendError
            It cannot search this collection, or lacks a package.
        """


class Ours(Method):
    """The collection's own search."""

    title = "words, meaning and pictures"

    def prepared(self, collection: Recommender, where: Where | None) -> Search:
        """Search as everybody does; see :class:`Method`."""
        return _ours(collection, where)


class Words(Method):
    """Exact words alone."""

    title = "exact words alone"

    def prepared(self, collection: Recommender, where: Where | None) -> Search:
        """Search the sparse matrix; see :class:`Method`."""
        return partial(collection.text.exact, within=_within(collection, where))


class Meaning(Method):
    """Meaning alone."""

    title = "meaning alone (LSA)"

    def prepared(self, collection: Recommender, where: Where | None) -> Search:
        """Search the main directions; see :class:`Method`."""
        return partial(collection.text.search, meaning_share=1.0, within=_within(collection, where))


class Notebook(Method):
    """What the notebook did."""

    title = "the notebook: TF-IDF of 1–3-grams"

    def prepared(self, collection: Recommender, where: Where | None) -> Search:
        """Count anew; see :class:`Method`."""
        return baselines.notebook(list(collection.catalog.documents()), _within(collection, where))


class PlainTfidf(Method):
    """What one would try first."""

    title = "scikit-learn's TF-IDF"

    def prepared(self, collection: Recommender, where: Where | None) -> Search:
        """Count anew; see :class:`Method`."""
        return baselines.sparse_tfidf(list(collection.catalog.documents()), _within(collection, where))


class Bm25(Method):
    """What a search engine does."""

    title = "BM25 (bm25s, our stems)"

    def prepared(self, collection: Recommender, where: Where | None) -> Search:
        """Count anew; see :class:`Method`."""
        return baselines.bm25(list(collection.catalog.documents()), _within(collection, where))


def known_methods() -> list[str]:
    """Return the names of all methods, those of strategies last."""
    methods = registry.known("method")
    return [*sorted(methods, key=lambda name: name != OURS), *registry.known("strategy")]


def title_of(name: str) -> str:
    """Return what a method is, in a few words.

    Raises
    ------
    SettingsError
        No such method.
    """
    if name in registry.known("method"):
        return registry.load("method", name).title
    return f"`{name}`, of the first {LIKED} answers"


def prepared(name: str, collection: Recommender, where: Where | None = None) -> Search:
    """Return the search of a method by its name; parameters are those of :meth:`Method.prepared`.

    Raises
    ------
    SettingsError
        No such method; the message lists the known ones.
    MissingExtraError
        It lacks a package.
    """
    if name in registry.known("method"):
        return registry.load("method", name)().prepared(collection, where)
    if name in registry.known("strategy"):
        return _feedback(collection, name, where)
    raise SettingsError.unknown("method", name, known_methods())


def _within(collection: Recommender, where: Where | None) -> ItemIds | None:
    return collection.catalog.filter(where) if where else None


def _ours(collection: Recommender, where: Where | None) -> Search:
    """Search as everybody does; works that are folded under another follow it, as judgements name each."""

    def search(text: str, k: int) -> Ranking:
        found = collection.search(text, k, where=where)
        return _unfolded(found).only(slice(k))

    return search


def _unfolded(ranking: Ranking) -> Ranking:
    if not ranking.folded:
        return ranking
    hits = [(item_id, hit.score) for hit in ranking for item_id in (hit.item_id, *hit.folded)]
    ids, scores = zip(*hits, strict=True)
    return Ranking(np.array(ids, dtype=object), np.array(scores, dtype=np.float32))


def _feedback(collection: Recommender, strategy: str, where: Where | None) -> Search:
    ask = _ours(collection, where)

    def search(text: str, k: int) -> Ranking:
        first = ask(text, min(k, LIKED))
        if not len(first):
            return first
        more = collection.recommend(first.item_ids.tolist(), k=k, strategy=strategy, where=where)
        more = _unfolded(more)
        return Ranking(
            np.concatenate([first.item_ids, more.item_ids])[:k],
            np.concatenate([first.scores, more.scores])[:k],
        )

    return search
