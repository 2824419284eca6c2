"""Questions: by words, by a picture, from likes, and what is like one work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ham_recommend.answers import Ranking
from ham_recommend.recommend.query import parse_where
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.strategies import DEFAULT
from ham_recommend.recommend.wire import ranking_json, where_from
from ham_recommend.web.api import PREFIX
from ham_recommend.web.api.items import shown_work
from ham_recommend.web.api.requests import (
    Body,
    Cursor,
    IgnoreTexts,
    ItemId,
    Limit,
    Name,
    WhereTexts,
    body_of,
    content_of,
    cursor_text,
    described,
    json_response,
    not_modified,
    position_of,
    problems,
    services_of,
)
from ham_recommend.web.api.schemas import (
    AnswerJson,
    BrowseBody,
    ColourBody,
    RecommendBody,
    SearchBody,
    SimilarBody,
    SurpriseBody,
)
from ham_recommend.web.collections import Opened
from ham_recommend.web.problems import Refused
from ham_recommend.web.services import Services

router = APIRouter(prefix=PREFIX, tags=["questions"])

_ANSWERED: dict[int | str, dict[str, Any]] = {200: {"model": AnswerJson}}
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "As before."}}
_PICTURE_TYPES = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/tiff",
    "image/gif",
    "application/octet-stream",
)
_A_PICTURE = {"schema": {"type": "string", "format": "binary"}}


@dataclass(frozen=True, slots=True)
class Question:
    """A question that its address says whole, so that its answer can be remembered."""

    kind: str
    asked: tuple[object, ...]
    ask: Callable[[Opened, int], Ranking]


@router.get(
    "/collections/{collection}/search",
    responses={**_ANSWERED, **_UNCHANGED, **problems(404, 410)},
    summary="Search by words",
)
async def search(
    request: Request,
    collection: Name,
    *,
    q: Annotated[str, Query(min_length=1, max_length=2_000, description="Any words.")],
    where: WhereTexts = None,
    limit: Limit = 12,
    cursor: Cursor = None,
    correct: Annotated[bool, Query(description="Replace words that no work has by similar ones.")] = True,
    ignore: IgnoreTexts = None,
) -> Response:
    """Return the works that fit words best; the same question is answered from memory."""
    wanted, not_meant = tuple(where or ()), tuple(ignore or ())

    def ask(opened: Opened, count: int) -> Ranking:
        how: dict[str, Any] = {"where": parse_where(wanted), "correct": correct, "ignore": not_meant}
        return opened.recommender.search(q, count, **how)

    asked = Question("search", (q, wanted, correct, not_meant), ask)
    return await _page(request, collection, asked, limit, cursor)


@router.get(
    "/collections/{collection}/similar/{item_id:path}",
    responses={**_ANSWERED, **_UNCHANGED, **problems(404, 410)},
    summary="Find what is like a work",
)
async def similar(
    request: Request,
    collection: Name,
    item_id: ItemId,
    *,
    where: WhereTexts = None,
    limit: Limit = 12,
    cursor: Cursor = None,
) -> Response:
    """Return the works most like one, by picture and by text."""
    wanted = tuple(where or ())

    def ask(opened: Opened, count: int) -> Ranking:
        return opened.recommender.similar_items(item_id, count, where=parse_where(wanted))

    return await _page(request, collection, Question("similar", (item_id, wanted), ask), limit, cursor)


@router.post(
    "/collections/{collection}/search",
    responses={**_ANSWERED, **problems(400, 404, 413, 415)},
    openapi_extra=described(SearchBody),
    summary="Search by words, leaving works out",
)
async def search_without(request: Request, collection: Name) -> Response:
    """Return the works that fit words best, without some that were seen."""

    def ask(recommender: Recommender, body: SearchBody) -> Ranking:
        return recommender.search(
            body.q,
            body.limit,
            where=where_from(body.where),
            exclude=body.exclude,
            correct=body.correct,
            ignore=body.ignore,
            image_weight=body.image_weight,
        )

    return await _answer(request, collection, "search", SearchBody, ask)


@router.post(
    "/collections/{collection}/similar",
    responses={**_ANSWERED, **problems(400, 404, 413, 415)},
    openapi_extra=described(SimilarBody),
    summary="Find what is like a work, leaving works out",
)
async def similar_without(request: Request, collection: Name) -> Response:
    """Return the works most like one, without some that were seen."""

    def ask(recommender: Recommender, body: SimilarBody) -> Ranking:
        where = where_from(body.where)
        return recommender.similar_items(body.item_id, body.limit, exclude=body.exclude, where=where)

    return await _answer(request, collection, "similar", SimilarBody, ask)


@router.post(
    "/collections/{collection}/recommend",
    responses={**_ANSWERED, **problems(400, 404, 413, 415)},
    openapi_extra=described(RecommendBody),
    summary="Recommend from likes",
)
async def recommend(request: Request, collection: Name) -> Response:
    """Return works like those that are liked and unlike those that are not."""

    def ask(recommender: Recommender, body: RecommendBody) -> Ranking:
        return recommender.recommend(
            body.liked,
            body.disliked,
            body.limit,
            exclude=body.exclude,
            where=where_from(body.where),
            strategy=body.strategy or DEFAULT,
            anchor=body.anchor,
            discovery=body.discovery,
            popularity=body.popularity,
            recency=body.recency,
        )

    return await _answer(request, collection, "recommend", RecommendBody, ask)


@router.post(
    "/collections/{collection}/search-by-picture",
    responses={**_ANSWERED, **problems(404, 413, 415, 501)},
    openapi_extra={"requestBody": {"required": True, "content": dict.fromkeys(_PICTURE_TYPES, _A_PICTURE)}},
    summary="Search by a picture",
)
async def by_picture(
    request: Request, collection: Name, where: WhereTexts = None, limit: Limit = 12
) -> Response:
    """Return the works that look most like a picture, which is the body and is not kept."""
    services, opened = services_of(request), await services_of(request).opened(collection)
    if request.headers.get("content-type", "").partition(";")[0].strip() not in _PICTURE_TYPES:
        raise Refused(415, "Send a picture, and say so: Content-Type: image/jpeg, for example.")
    picture = await content_of(request, services.settings.limits.picture)

    def ask() -> bytes:
        ranking = opened.recommender.search_by_picture(picture, limit, where=parse_where(where or ()))
        return encoded(opened, ranking)

    return json_response(await _timed(services, "picture", ask))


@router.post(
    "/collections/{collection}/search-by-colour",
    responses={**_ANSWERED, **problems(400, 404, 413, 415)},
    openapi_extra=described(ColourBody),
    summary="Search by a colour",
)
async def by_colour(request: Request, collection: Name) -> Response:
    """Return the works whose pictures have most of a colour."""

    def ask(recommender: Recommender, body: ColourBody) -> Ranking:
        where = where_from(body.where)
        return recommender.search_by_colour(body.colour, body.limit, where=where, exclude=body.exclude)

    return await _answer(request, collection, "colour", ColourBody, ask)


@router.post(
    "/collections/{collection}/surprise",
    responses={**_ANSWERED, **problems(400, 404, 413, 415)},
    openapi_extra=described(SurpriseBody),
    summary="Draw works by chance",
)
async def surprise(request: Request, collection: Name) -> Response:
    """Return works that have little in common."""

    def ask(recommender: Recommender, body: SurpriseBody) -> Ranking:
        where = where_from(body.where)
        return recommender.surprise(body.limit, where=where, exclude=body.exclude, drawn=body.drawn)

    return await _answer(request, collection, "surprise", SurpriseBody, ask)


@router.post(
    "/collections/{collection}/browse",
    responses={**_ANSWERED, **problems(400, 404, 413, 415)},
    openapi_extra=described(BrowseBody),
    summary="Leaf through works",
)
async def browse(request: Request, collection: Name) -> Response:
    """Return the works that meet a filter: with a picture first, the most popular first."""

    def ask(recommender: Recommender, body: BrowseBody) -> Ranking:
        where = where_from(body.where)
        return recommender.browse(body.limit, where=where, exclude=body.exclude)

    return await _answer(request, collection, "browse", BrowseBody, ask)


def encoded(opened: Opened, ranking: Ranking, start: int = 0, following: str | None = None) -> bytes:
    """Return the answer as JSON, from a position on."""
    content = ranking_json(ranking if not start else ranking.only(slice(start, None)))
    for place, hit in enumerate(content["hits"], start + 1):
        hit["rank"] = place
        hit["work"] = shown_work(ranking.works[hit["item_id"]], opened.name)
    about = {"collection": opened.name, "version": opened.version}
    return orjson.dumps({**about, **content, "next": following})


async def _page(
    request: Request, collection: str, question: Question, limit: int, cursor: str | None
) -> Response:
    """Answer one page of a question that is asked by its address, from memory where it was asked before."""
    services = services_of(request)
    opened = await services.opened(collection)
    most = services.settings.limits.depth
    start = position_of(cursor, opened.version, most - limit)
    tag = f'"{opened.version}"'
    known = not_modified(request, tag)
    if known is not None:
        return known

    def answer() -> bytes:
        ranking = question.ask(opened, start + limit)
        more = len(ranking) == start + limit and start + 2 * limit <= most
        return encoded(opened, ranking, start, cursor_text(opened.version, start + limit) if more else None)

    async def asked() -> bytes:
        return await _timed(services, question.kind, answer)

    key = (opened.name, opened.version, question.kind, question.asked, start, limit)
    content = await services.answers.get(key, asked)
    return json_response(content, etag=tag, cache_control="private, no-cache")


async def _answer(
    request: Request,
    collection: str,
    kind: str,
    model: type[Body],
    ask: Callable[[Recommender, Body], Ranking],
) -> Response:
    """Answer a question that is asked by its body."""
    services = services_of(request)
    opened, body = await services.opened(collection), await body_of(request, model)
    return json_response(await _timed(services, kind, lambda: encoded(opened, ask(opened.recommender, body))))


async def _timed(services: Services, kind: str, ask: Callable[[], bytes]) -> bytes:
    def timed() -> bytes:
        with services.metrics.working(kind):
            return ask()

    answer: Awaitable[bytes] = services.pool.run(timed)
    return await answer
