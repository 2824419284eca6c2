"""Works: one, some, all page by page; and their pictures."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from ham_recommend.errors import UnknownItemError
from ham_recommend.frontend.thumbnails import large_picture
from ham_recommend.recommend.query import parse_where
from ham_recommend.records import Artwork, Where
from ham_recommend.showing import Thumbnail, thumbnail
from ham_recommend.web.api import PREFIX
from ham_recommend.web.api.requests import (
    Cursor,
    ItemId,
    Limit,
    Name,
    WhereTexts,
    body_of,
    described,
    json_response,
    not_modified,
    problems,
    services_of,
)
from ham_recommend.web.api.schemas import ItemsJson, WorkJson, WorksBody
from ham_recommend.web.collections import Opened
from ham_recommend.web.cursors import cursor_text, position_of
from ham_recommend.web.problems import Refused
from ham_recommend.web.works import shown_work

router = APIRouter(prefix=PREFIX, tags=["works"])

_PICTURES_KEPT = "private, max-age=86400, stale-while-revalidate=604800"
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/*": {}}, "description": "The picture."},
    304: {"description": "As before."},
}


@router.get(
    "/collections/{collection}/items",
    responses={200: {"model": ItemsJson}, 304: {"description": "As before."}, **problems(404, 410)},
    summary="List works",
)
async def items(
    request: Request, collection: Name, where: WhereTexts = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """Return works in the order of their ids, page by page."""
    services = services_of(request)
    opened = await services.opened(collection)
    start = position_of(cursor, opened.version, len(opened.recommender.catalog))
    tag = f'"{opened.version}"'
    known = not_modified(request, tag)
    if known is not None:
        return known
    wanted = parse_where(where or [])
    body = await services.pool.run(_page, opened, wanted, start, limit)
    return json_response(body, etag=tag)


@router.post(
    "/collections/{collection}/items",
    responses={200: {"model": ItemsJson}, **problems(400, 404, 413, 415)},
    openapi_extra=described(WorksBody),
    summary="Read several works",
)
async def some(request: Request, collection: Name) -> Response:
    """Return the works with these ids, without those that are not there."""
    services = services_of(request)
    opened = await services.opened(collection)
    body = await body_of(request, WorksBody)
    works = opened.recommender.catalog.get(body.item_ids)
    return json_response(_items(opened, list(works.values()), len(works), None))


@router.get(
    "/collections/{collection}/items/{item_id:path}",
    responses={200: {"model": WorkJson}, 304: {"description": "As before."}, **problems(404)},
    summary="Read a work",
)
async def item(request: Request, collection: Name, item_id: ItemId) -> Response:
    """Return everything that is known of a work."""
    opened = await services_of(request).opened(collection)
    tag = f'"{opened.version}"'
    known = not_modified(request, tag)
    if known is not None:
        return known
    work = opened.recommender.catalog[item_id]
    return json_response(shown_work(work, opened.name), etag=tag)


@router.get(
    "/collections/{collection}/thumbnails/{item_id:path}",
    responses={**_PICTURE, **problems(404)},
    response_class=Response,
    summary="See a work small",
)
async def small(request: Request, collection: Name, item_id: ItemId) -> Response:
    """Return a work's thumbnail."""
    services = services_of(request)
    opened = await services.opened(collection)
    work = opened.recommender.catalog[item_id]
    return await _picture(request, opened, work, thumbnail, opened.recommender.workspace.root, work)


@router.get(
    "/collections/{collection}/pictures/{item_id:path}",
    responses={**_PICTURE, **problems(404)},
    response_class=Response,
    summary="See a work large",
)
async def large(request: Request, collection: Name, item_id: ItemId) -> Response:
    """Return a work's picture, made to fit a screen, where its file lies beside the collection."""
    opened = await services_of(request).opened(collection)
    work = opened.recommender.catalog[item_id]
    if not work.copies_allowed:
        raise UnknownItemError(f"The terms of {item_id!r} do not let its picture be copied.")
    return await _picture(request, opened, work, large_picture, work)


async def _picture(request: Request, opened: Opened, work: Artwork, read: Any, *given: Any) -> Response:
    tag = f'"{opened.version}"'
    known = not_modified(request, tag)
    if known is not None:
        return known
    found: Thumbnail | None = await services_of(request).pool.run(read, *given)
    if found is None:
        raise Refused(404, f"There is no such picture of {work.item_id!r} here.")
    headers = {"cache-control": _PICTURES_KEPT, "etag": tag}
    return Response(found.content, headers=headers, media_type=found.mime)


def _page(opened: Opened, where: Where, start: int, limit: int) -> dict[str, Any]:
    catalog = opened.recommender.catalog
    ids = catalog.filter(where) if where else catalog.item_ids
    works = catalog.get(ids[start : start + limit])
    end = start + limit
    following = cursor_text(opened.version, end) if end < len(ids) else None
    return _items(opened, list(works.values()), len(ids), following)


def _items(opened: Opened, works: list[Artwork], total: int, following: str | None) -> dict[str, Any]:
    return {
        "collection": opened.name,
        "version": opened.version,
        "total": total,
        "items": [shown_work(work, opened.name) for work in works],
        "next": following,
    }
