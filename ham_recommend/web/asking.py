"""A collection as conversations see it: its works are at hand, its questions go where the server answers."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import local
from typing import Any

import orjson

from ham_recommend.answers import Ranking
from ham_recommend.facets import Facets
from ham_recommend.recommend.elsewhere import ElsewhereRecommender, within
from ham_recommend.recommend.query import check_pictures, checked_k
from ham_recommend.recommend.wire import facets_from, ranking_from, where_json
from ham_recommend.recommend.without_words import BROWSED
from ham_recommend.records import Where
from ham_recommend.web.collections import Opened
from ham_recommend.web.questions import Question

Ask = Callable[[Question], bytes]
"""Waits for the packed answer to a question; called on a thread that is not the loop's."""


class AskingRecommender(ElsewhereRecommender):
    """Reads works from its own catalog, and lets others search.

    Parameters
    ----------
    opened : Opened
        The collection.
    ask : callable
        Answers its questions.
    """

    def __init__(self, opened: Opened, ask: Ask) -> None:
        here = opened.recommender
        super().__init__(
            here.workspace,
            here.catalog,
            here.text,
            pictures=here.pictures,
            image_encoder=here.image_encoder,
            reads_words=here.reads_words,
            near_duplicates=here.near_duplicates,
            weights=here.weights,
            sentences=here.sentences,
        )
        self._opened = opened
        self._ask = ask
        self._last = local()  # many visitors ask at once, each on a thread

    @property
    def trouble(self) -> str:
        """What did not work for the last answer on this thread, as a sentence; empty while all is well."""
        return getattr(self._last, "trouble", "")

    @property
    def reads_colours(self) -> bool:
        """Whether :meth:`search_by_colour` works here."""
        return self._opened.recommender.reads_colours

    def search_by_picture(
        self,
        picture: str | os.PathLike[str] | bytes,
        k: int = 12,
        *,
        where: Where | None = None,
        exclude: Iterable[str] = (),
    ) -> Ranking:
        """Find the works that look most like a picture, as :meth:`Recommender.search_by_picture` does."""
        check_pictures(self.pictures)
        content = picture if isinstance(picture, bytes) else Path(picture).read_bytes()
        return self._found("picture", checked_k(k), within(where, exclude), content)

    def facets(
        self,
        where: Where | None = None,
        *,
        fields: Sequence[str] = BROWSED,
        limit: int = 12,
        containing: str = "",
    ) -> Facets:
        """Count what a filter leaves, as :meth:`Recommender.facets` does."""
        given = {"where": where_json(where), "fields": list(fields), "containing": containing}
        return facets_from(self._answer("facets", limit, given))

    def explained(self, ranking: Ranking) -> Ranking:
        """Return a ranking that can say why its works are there; one that was just found can already."""
        return ranking if ranking.reasons else self._opened.recommender.explained(ranking)

    def _found(self, kind: str, k: int, given: Mapping[str, Any], picture: bytes = b"") -> Ranking:
        content = self._answer(kind, k, given, picture)
        self._last.trouble = content["trouble"]
        ranking = ranking_from(content)
        return replace(ranking, works=self.catalog.get(ranking.item_ids.tolist()), root=self.root)

    def _answer(self, kind: str, limit: int, given: Mapping[str, Any], picture: bytes = b"") -> Any:
        opened = self._opened
        question = Question(
            collection=opened.name,
            version=opened.version,
            kind=kind,
            given=given,
            limit=limit,
            works=False,
            picture=picture,
        )
        return orjson.loads(gzip.decompress(self._ask(question)))
