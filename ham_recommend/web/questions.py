"""Questions as data: asked here or in another process, they are answered by the same bytes."""

from __future__ import annotations

import gzip
import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from ham_recommend.answers import Ranking
from ham_recommend.facets import Facets
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.strategies import DEFAULT
from ham_recommend.recommend.wire import ranking_json, where_from
from ham_recommend.web.collections import Opened
from ham_recommend.web.cursors import cursor_text
from ham_recommend.web.frames import Wanted, chosen
from ham_recommend.web.pool import PassingAnswer
from ham_recommend.web.works import shown_work

Given = Mapping[str, Any]

_QUICKLY = 1
"""Level of gzip: a twelve of 15 kB becomes 3.1 kB in .09 ms; level 6 saves another tenth and takes longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a collection.

    Parameters
    ----------
    collection : str
        Its name.
    version : str
        Which version of it is meant.
    kind : str
        ``search``, ``similar``, ``recommend``, ``picture``, ``colour``, ``surprise`` or ``browse``, which a
        ranking answers; ``facets``; ``frame``.
    given : mapping
        What goes with it, as JSON values: what the body of such a request holds.
    limit : int
        How many works.
    start : int
        How many of the best are left out: they were on earlier pages.
    most : int
        After how many works pages end; 0 for a question that has one page.
    works : bool
        Whether the answer tells what is known of its works, beside their ids.
    picture : bytes
        The picture to search by.
    """

    collection: str
    version: str
    kind: str
    given: Given = field(default_factory=dict)
    limit: int = 12
    start: int = 0
    most: int = 0
    works: bool = True
    picture: bytes = b""

    def to_bytes(self) -> bytes:
        """Return the question without its picture, as JSON; equal questions are equal bytes."""
        names = ("collection", "version", "kind", "given", "limit", "start", "most", "works")
        return orjson.dumps({name: getattr(self, name) for name in names}, option=orjson.OPT_SORT_KEYS)

    @property
    def key(self) -> bytes | None:
        """What equal questions share whose answers are equal; ``None`` for one that is nobody else's.

        That is one that leaves out what somebody has seen, begins with a picture, or draws by chance.
        """
        by_chance = self.kind == "frame" or (self.kind == "surprise" and self.given["drawn"] is None)
        if by_chance or self.picture or self.given.get("exclude"):
            return None
        return hashlib.blake2b(self.to_bytes(), digest_size=16).digest()

    @classmethod
    def from_bytes(cls, content: bytes, picture: bytes = b"") -> Question:
        """Return the question that :meth:`to_bytes` wrote."""
        return cls(**orjson.loads(content), picture=picture)


def answered(opened: Opened, question: Question) -> bytes:
    """Return the answer to a question as JSON, packed by gzip to a fifth; it travels and is remembered so.

    It is a :class:`PassingAnswer` while something does not work.

    Raises
    ------
    HamRecommendError
        Nothing can be answered; its message says why.
    """
    if question.kind == "facets":
        return _packed(_facets(opened.recommender, question))
    if question.kind == "frame":
        return _packed(_frame(opened, question))
    count = question.start + question.limit
    ranking = _ASK[question.kind](opened.recommender, question, count)
    more = len(ranking) == count and count + question.limit <= question.most
    shown = ranking if not question.start else ranking.only(slice(question.start, None))
    content = ranking_json(shown, lambda work: shown_work(work, opened.name) if question.works else None)
    for place, hit in enumerate(content["hits"], question.start + 1):
        hit["rank"] = place
    about = {"collection": opened.name, "version": opened.version}
    following = cursor_text(opened.version, count) if more else None
    trouble = opened.recommender.trouble
    answer = _packed({**about, **content, "next": following, "trouble": trouble})
    return PassingAnswer(answer) if trouble else answer


def _packed(content: Any) -> bytes:
    return gzip.compress(orjson.dumps(content), _QUICKLY, mtime=0)


def _facets(recommender: Recommender, question: Question) -> Facets:
    given = question.given
    return recommender.facets(
        where_from(given["where"]),
        fields=given["fields"],
        limit=question.limit,
        containing=given["containing"],
    )


def _frame(opened: Opened, question: Question) -> dict[str, Any]:
    given = dict(question.given)
    shown = given.pop("shown")
    chance = random.Random()  # noqa: S311 - a shuffle
    found = chosen(opened.recommender, Wanted.from_json(given), shown, question.limit, chance)
    works = opened.recommender.catalog.get(found.item_ids)
    return {
        "works": [shown_work(work, opened.name) for work in works.values()],
        "fitting": found.fitting,
        "anew": found.anew,
    }


def _common(given: Given) -> dict[str, Any]:
    return {"where": where_from(given.get("where")), "exclude": given.get("exclude", ())}


def _search(recommender: Recommender, question: Question, count: int) -> Ranking:
    given = question.given
    return recommender.search(
        given["q"],
        count,
        correct=given["correct"],
        ignore=given["ignore"],
        image_weight=given.get("image_weight"),
        **_common(given),
    )


def _similar(recommender: Recommender, question: Question, count: int) -> Ranking:
    return recommender.similar_items(question.given["item_id"], count, **_common(question.given))


def _recommend(recommender: Recommender, question: Question, count: int) -> Ranking:
    given = question.given
    dials = {name: given[name] for name in ("anchor", "discovery", "popularity", "recency")}
    strategy = given["strategy"] or DEFAULT
    return recommender.recommend(
        given["liked"], given["disliked"], count, strategy=strategy, **dials, **_common(given)
    )


def _picture(recommender: Recommender, question: Question, count: int) -> Ranking:
    return recommender.search_by_picture(question.picture, count, **_common(question.given))


def _colour(recommender: Recommender, question: Question, count: int) -> Ranking:
    return recommender.search_by_colour(question.given["colour"], count, **_common(question.given))


def _surprise(recommender: Recommender, question: Question, count: int) -> Ranking:
    return recommender.surprise(count, drawn=question.given["drawn"], **_common(question.given))


def _browse(recommender: Recommender, question: Question, count: int) -> Ranking:
    return recommender.browse(count, **_common(question.given))


_ASK: Mapping[str, Callable[[Recommender, Question, int], Ranking]] = {
    "search": _search,
    "similar": _similar,
    "recommend": _recommend,
    "picture": _picture,
    "colour": _colour,
    "surprise": _surprise,
    "browse": _browse,
}
