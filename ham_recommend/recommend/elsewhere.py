"""A recommender whose questions are answered elsewhere: by a server, or by another process of this one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ham_recommend.answers import Ranking
from ham_recommend.errors import SettingsError
from ham_recommend.recommend.query import checked_exclude, checked_k, checked_text, checked_weight
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.strategies import DEFAULT
from ham_recommend.recommend.wire import where_json
from ham_recommend.records import Dials, Where


class ElsewhereRecommender(Recommender):
    """Puts its questions as JSON values; whoever answers is asked by :meth:`_found`."""

    @abstractmethod
    def _found(self, kind: str, k: int, given: Mapping[str, Any]) -> Ranking:
        """Return the answer to a question.

        Parameters
        ----------
        kind : str
            ``search``, ``similar``, ``recommend``, ``colour``, ``surprise`` or ``browse``.
        k : int
            How many works.
        given : mapping
            What goes with it, as JSON values.
        """

    def search(
        self,
        text: str,
        k: int = 12,
        *,
        where: Where | None = None,
        exclude: Iterable[str] = (),
        correct: bool = True,
        image_weight: float | None = None,
        ignore: Iterable[str] = (),
    ) -> Ranking:
        """Find works by words, as :meth:`Recommender.search` does."""
        weight = None if image_weight is None else checked_weight(image_weight)
        said = {"q": checked_text(text), "correct": correct, "ignore": sorted(set(ignore))}
        return self._found("search", checked_k(k), {**said, "image_weight": weight, **within(where, exclude)})

    def search_by_colour(
        self, colour: str, k: int = 12, *, where: Where | None = None, exclude: Iterable[str] = ()
    ) -> Ranking:
        """Find the works that have most of a colour, as :meth:`Recommender.search_by_colour` does."""
        return self._found("colour", checked_k(k), {"colour": colour, **within(where, exclude)})

    def surprise(
        self,
        k: int = 12,
        *,
        where: Where | None = None,
        exclude: Iterable[str] = (),
        drawn: int | None = None,
    ) -> Ranking:
        """Find works by chance, as :meth:`Recommender.surprise` does."""
        return self._found("surprise", checked_k(k), {"drawn": drawn, **within(where, exclude)})

    def browse(self, k: int = 12, *, where: Where | None = None, exclude: Iterable[str] = ()) -> Ranking:
        """Leaf through works, as :meth:`Recommender.browse` does."""
        return self._found("browse", checked_k(k), within(where, exclude))

    def recommend(
        self,
        liked: Iterable[str],
        disliked: Iterable[str] = (),
        k: int = 12,
        *,
        exclude: Iterable[str] = (),
        where: Where | None = None,
        strategy: str = DEFAULT,
        anchor: str = "",
        discovery: float = 0.0,
        popularity: float = 0.0,
        recency: float = 0.0,
    ) -> Ranking:
        """Recommend works from the ones that are liked, as :meth:`Recommender.recommend` does."""
        marks = {"liked": _listed(liked), "disliked": _listed(disliked)}
        if not any(marks.values()):
            raise SettingsError("Nothing is liked yet. Like at least one work, then ask again.")
        dials = Dials(anchor=anchor, discovery=discovery, popularity=popularity, recency=recency)
        given = {**marks, "strategy": strategy, **asdict(dials), **within(where, exclude)}
        return self._found("recommend", checked_k(k), given)

    def similar_items(
        self, item_id: str, k: int = 12, *, exclude: Iterable[str] = (), where: Where | None = None
    ) -> Ranking:
        """Find the works most like one work, as :meth:`Recommender.similar_items` does."""
        return self._found("similar", checked_k(k), {"item_id": item_id, **within(where, exclude)})


def within(where: Where | None, exclude: Iterable[str]) -> dict[str, Any]:
    """Return a filter and what is left out, as JSON values."""
    return {"where": where_json(where), "exclude": sorted(checked_exclude(exclude))}


def _listed(item_ids: Iterable[str]) -> list[str]:
    return [item_ids] if isinstance(item_ids, str) else list(item_ids)
