"""The map: how it is made up, where its works lie, and the pages of tiles that show them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from ham_recommend.errors import SettingsError
from ham_recommend.frontend.map_replies import map_of, opened_map
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.web.api import PREFIX
from ham_recommend.web.api.requests import Name, json_response, not_modified, problems, services_of
from ham_recommend.web.api.schemas import MapJson
from ham_recommend.web.problems import Refused

router = APIRouter(prefix=PREFIX, tags=["map"])

By = Annotated[
    str, Query(max_length=100, description="Whose vectors: an encoder's, or `text`; leave it out for any.")
]
ByName = Annotated[str, Path(min_length=1, max_length=100, description="Whose vectors, as the map says.")]
_KEPT = "private, max-age=86400, stale-while-revalidate=604800"


def _bytes(media_type: str, what: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {}}, "description": what}, 304: {"description": "As before."}}


@router.get(
    "/collections/{collection}/map",
    responses={200: {"model": MapJson}, 304: {"description": "As before."}, **problems(404)},
    summary="Describe the map",
)
async def described(request: Request, collection: Name, by: By = "") -> Response:
    """Return the size of a map, the names of its regions, and which tiles it has."""
    services = services_of(request)
    opened = await services.opened(collection)
    tag = f'"{opened.version}"'
    known = not_modified(request, tag)
    if known is not None:
        return known
    found = await services.pool.run(lambda: map_of(opened.recommender, by))
    return json_response(found, etag=tag, cache_control="private, no-cache")


@router.get(
    "/collections/{collection}/map/{by}/points",
    responses={**_bytes("application/octet-stream", "Eight bytes for each work."), **problems(404)},
    response_class=Response,
    summary="Read where works lie",
)
async def points(request: Request, collection: Name, by: ByName) -> Response:
    """Return, for each work, column and row (little-endian uint16), red, green, blue, and its shape."""
    return await _kept(request, collection, by, "application/octet-stream", "")


@router.get(
    "/collections/{collection}/map/{by}/tiles/{name}",
    responses={**_bytes("image/jpeg", "A page of tiles."), **problems(404)},
    response_class=Response,
    summary="See a page of tiles",
)
async def tile(
    request: Request,
    collection: Name,
    by: ByName,
    name: Annotated[str, Path(min_length=1, max_length=16, description="Size and page: `16-0`.")],
) -> Response:
    """Return a page of tiles of 16, 32 or 64 pixels."""
    return await _kept(request, collection, by, "image/jpeg", name)


async def _kept(request: Request, collection: str, by: str, media_type: str, name: str) -> Response:
    services = services_of(request)
    opened = await services.opened(collection)
    tag = f'"{opened.version}"'
    known = not_modified(request, tag)
    if known is not None:
        return known
    try:
        content = await services.pool.run(_content, opened.recommender, by, name)
    except SettingsError as error:
        raise Refused(404, str(error)) from error
    return Response(content, headers={"etag": tag, "cache-control": _KEPT}, media_type=media_type)


def _content(recommender: Recommender, by: str, name: str) -> bytes:
    found = opened_map(recommender, by)
    return found.tile(name) if name else found.points()
