"""Questions: by words, by a picture, from likes, and what is like one work."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ham_recommend.recommend.query import parse_where
from ham_recommend.recommend.wire import where_from
from ham_recommend.web.api import PREFIX
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
    described,
    not_modified,
    packed_response,
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
from ham_recommend.web.cursors import position_of
from ham_recommend.web.pool import PassingAnswer
from ham_recommend.web.problems import Refused
from ham_recommend.web.questions import Question

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
    given = {"q": q, "where": where or (), "correct": correct, "ignore": ignore or ()}
    return await _page(request, collection, "search", given, limit=limit, cursor=cursor)


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
    given = {"item_id": item_id, "where": where or ()}
    return await _page(request, collection, "similar", given, limit=limit, cursor=cursor)


@router.post(
    "/collections/{collection}/search",
    responses={**_ANSWERED, **problems(400, 404, 413, 415)},
    openapi_extra=described(SearchBody),
    summary="Search by words, leaving works out",
)
async def search_without(request: Request, collection: Name) -> Response:
    """Return the works that fit words best, without some that were seen."""
    return await _answer(request, collection, "search", SearchBody)


@router.post(
    "/collections/{collection}/similar",
    responses={**_ANSWERED, **problems(400, 404, 413, 415)},
    openapi_extra=described(SimilarBody),
    summary="Find what is like a work, leaving works out",
)
async def similar_without(request: Request, collection: Name) -> Response:
    """Return the works most like one, without some that were seen."""
    return await _answer(request, collection, "similar", SimilarBody)


@router.post(
    "/collections/{collection}/recommend",
    responses={**_ANSWERED, **problems(400, 404, 413, 415)},
    openapi_extra=described(RecommendBody),
    summary="Recommend from likes",
)
async def recommend(request: Request, collection: Name) -> Response:
    """Return works like those that are liked and unlike those that are not."""
    return await _answer(request, collection, "recommend", RecommendBody)


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
    question = Question(
        collection=opened.name,
        version=opened.version,
        kind="picture",
        given={"where": parse_where(where or ())},
        limit=limit,
        picture=picture,
    )
    return packed_response(request, await services.answering.ask(opened, question))


@router.post(
    "/collections/{collection}/search-by-colour",
    responses={**_ANSWERED, **problems(400, 404, 413, 415)},
    openapi_extra=described(ColourBody),
    summary="Search by a colour",
)
async def by_colour(request: Request, collection: Name) -> Response:
    """Return the works whose pictures have most of a colour."""
    return await _answer(request, collection, "colour", ColourBody)


@router.post(
    "/collections/{collection}/surprise",
    responses={**_ANSWERED, **problems(400, 404, 413, 415)},
    openapi_extra=described(SurpriseBody),
    summary="Draw works by chance",
)
async def surprise(request: Request, collection: Name) -> Response:
    """Return works that have little in common."""
    return await _answer(request, collection, "surprise", SurpriseBody)


@router.post(
    "/collections/{collection}/browse",
    responses={**_ANSWERED, **problems(400, 404, 413, 415)},
    openapi_extra=described(BrowseBody),
    summary="Leaf through works",
)
async def browse(request: Request, collection: Name) -> Response:
    """Return the works that meet a filter: with a picture first, the most popular first."""
    return await _answer(request, collection, "browse", BrowseBody)


async def _page(
    request: Request, collection: str, kind: str, given: dict[str, Any], *, limit: int, cursor: str | None
) -> Response:
    """Answer one page of a question that is asked by its address, from memory where it was asked before."""
    services = services_of(request)
    opened = await services.opened(collection)
    most = services.settings.limits.depth
    tag = f'"{opened.version}"'
    start = position_of(cursor, opened.version, most - limit)
    known = not_modified(request, tag)
    if known is not None:
        return known

    question = Question(
        collection=opened.name,
        version=opened.version,
        kind=kind,
        given={**given, "where": parse_where(given["where"])},
        limit=limit,
        start=start,
        most=most,
    )
    content = await services.answering.ask(opened, question)
    if isinstance(content, PassingAnswer):
        return packed_response(request, content, cache_control="no-store")
    return packed_response(request, content, etag=tag)


async def _answer(request: Request, collection: str, kind: str, model: type[Body]) -> Response:
    """Answer a question that is asked by its body."""
    services = services_of(request)
    opened, body = await services.opened(collection), await body_of(request, model)
    given = body.model_dump(mode="json", exclude={"limit"})
    question = Question(
        collection=opened.name,
        version=opened.version,
        kind=kind,
        given={**given, "where": where_from(given["where"])},
        limit=body.limit,  # type: ignore[attr-defined]
    )
    return packed_response(request, await services.answering.ask(opened, question))
