"""The collections: which there are, and what each is like."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from ham_recommend.catalog.filters import COUNTED
from ham_recommend.errors import HamRecommendError
from ham_recommend.frontend import messages
from ham_recommend.recommend.query import parse_where
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.without_words import BROWSED
from ham_recommend.showing import showable
from ham_recommend.web.api import PREFIX
from ham_recommend.web.api.requests import (
    Name,
    WhereTexts,
    json_response,
    not_modified,
    packed_response,
    problems,
    services_of,
)
from ham_recommend.web.api.schemas import CollectionDetailJson, CollectionsJson, FacetJson, FacetsJson
from ham_recommend.web.collections import Opened
from ham_recommend.web.questions import Question
from ham_recommend.web.services import Services
from ham_recommend.web.works import thumbnail_url

router = APIRouter(prefix=PREFIX, tags=["collections"])
log = logging.getLogger(__name__)


@router.get(
    "/collections", responses={200: {"model": CollectionsJson}, **problems()}, summary="List the collections"
)
async def collections(request: Request) -> Response:
    """Return every collection that is served, in the order of their names."""
    services = services_of(request)
    known, closed = [], []
    for name in services.collections.roots():
        try:
            opened = await services.opened(name)
        except HamRecommendError as error:
            log.warning("The collection %s cannot be opened. %s", name, error)
            closed.append(name)
        else:
            known.append(_summary(opened, _may_change(services, name)))
    body = {
        "collections": known,
        "closed": closed,
        "read_only": services.settings.read_only or services.settings.folder is None,
    }
    return json_response(body, cache_control="no-cache")


@router.get(
    "/collections/{collection}",
    responses={200: {"model": CollectionDetailJson}, 304: {"description": "As before."}, **problems(404)},
    summary="Describe a collection",
)
async def collection(request: Request, collection: Name) -> Response:
    """Return what a collection is like, and what its works can be filtered by."""
    services = services_of(request)
    opened = await services.opened(collection)
    return await _kept(request, opened, partial(_detail, opened, _may_change(services, collection)))


@router.get(
    "/collections/{collection}/facets",
    responses={200: {"model": FacetsJson}, 304: {"description": "As before."}, **problems(404)},
    summary="Count what a filter leaves",
)
async def facets(
    request: Request,
    collection: Name,
    *,
    where: WhereTexts = None,
    field: Annotated[
        list[str] | None, Query(max_length=20, description="Whose values are counted; repeatable.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1_000, description="How many values of each.")] = 12,
    containing: Annotated[str, Query(max_length=200, description="Only values with this in them.")] = "",
) -> Response:
    """Return the values of some fields as the other conditions leave them, and the works over time."""
    services = services_of(request)
    opened = await services.opened(collection)
    tag = f'"{opened.version}"'
    known = not_modified(request, tag)
    if known is not None:
        return known
    given = {"where": parse_where(where or ()), "fields": field or BROWSED, "containing": containing}
    question = Question(
        collection=opened.name, version=opened.version, kind="facets", given=given, limit=limit
    )
    content = await services.answering.ask(opened, question)
    return packed_response(request, content, etag=tag)


@router.get(
    "/collections/{collection}/facets/{field}",
    responses={200: {"model": FacetJson}, 304: {"description": "As before."}, **problems(404)},
    summary="Count the values of a field",
)
async def values_of(
    request: Request,
    collection: Name,
    field: Annotated[str, Path(min_length=1, max_length=100, description="Such as `classification`.")],
    limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
) -> Response:
    """Return the most frequent values of a field, with how many works have each."""
    opened = await services_of(request).opened(collection)
    counted = opened.recommender.catalog.facets
    return await _kept(request, opened, lambda: {"field": field, "values": counted(field, limit)})


async def _kept(request: Request, opened: Opened, make: Callable[[], Mapping[str, Any]]) -> Response:
    """Answer with what stays the same as long as a collection does, unless it is known there."""
    tag = f'"{opened.version}"'
    known = not_modified(request, tag)
    if known is not None:
        return known
    made = await services_of(request).pool.run(make)
    return json_response(made, etag=tag)


def _may_change(services: Services, name: str) -> bool:
    return not services.settings.read_only and services.uploads.may_change(name)


def _summary(opened: Opened, changeable: bool) -> dict[str, Any]:
    recommender = opened.recommender
    facts = recommender.workspace.manifest.facts
    example = _with_thumbnail(recommender)
    return {
        "name": opened.name,
        "works": len(recommender.catalog),
        "pictures": facts.pictures,
        "encoder": recommender.image_encoder,
        "changeable": changeable,
        "searches_by_picture": recommender.pictures is not None,
        "built_at": facts.built_at,
        "origins": [showable(origin.source, messages.LINE_LENGTH) for origin in facts.origins],
        "example": example and thumbnail_url(opened.name, example),
    }


def _detail(opened: Opened, changeable: bool) -> dict[str, Any]:
    shown = messages.collection(opened.recommender)
    return {
        **_summary(opened, changeable),
        "version": opened.version,
        "years": shown["years"],
        "kinds": shown["kinds"],
        "examples": shown["examples"],
        "facets": sorted(COUNTED),
    }


def _with_thumbnail(recommender: Recommender) -> str | None:
    """Return a work that can stand for the collection: the first of some that has a thumbnail."""
    some = recommender.catalog.get(recommender.catalog.item_ids[:50])
    return next((work.item_id for work in some.values() if work.thumbnail), None)
