"""The map: how it is made up, where its works lie, and the pages of tiles that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from ham_recommend.errors import SettingsError
from ham_recommend.frontend.map_replies import map_facts
from ham_recommend.web.api import PREFIX
from ham_recommend.web.api.requests import Name, json_response, not_modified, problems, services_of
from ham_recommend.web.api.schemas import MapJson
from ham_recommend.web.collections import Opened
from ham_recommend.web.problems import Refused

if TYPE_CHECKING:
    from ham_recommend.analysis.map import Map

router = APIRouter(prefix=PREFIX, tags=["map"])

Vectors = Annotated[
    str, Query(max_length=100, description="Whose vectors: an encoder's, or `text`; leave it out for any.")
]
VectorsName = Annotated[
    str, Path(min_length=1, max_length=100, description="Whose vectors, as the map says.")
]
_KEPT = "private, max-age=86400, stale-while-revalidate=604800"


def _bytes(media_type: str, what: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {}}, "description": what}, 304: {"description": "As before."}}


@router.get(
    "/collections/{collection}/map",
    responses={200: {"model": MapJson}, 304: {"description": "As before."}, **problems(404)},
    summary="Describe the map",
)
async def described(request: Request, collection: Name, vectors: Vectors = "") -> Response:
    """Return the size of a map, the names of its regions, and which tiles it has."""
    services = services_of(request)
    opened = await services.opened(collection)
    found = await services.maps.of(opened, vectors)
    tag = _tag(opened, found)
    known = not_modified(request, tag)
    if known is not None:
        return known
    facts = await services.pool.run(map_facts, opened.recommender, found)
    return json_response(facts, etag=tag)


@router.get(
    "/collections/{collection}/map/{vectors}/points",
    responses={**_bytes("application/octet-stream", "Eight bytes for each work."), **problems(404)},
    response_class=Response,
    summary="Read where works lie",
)
async def points(request: Request, collection: Name, vectors: VectorsName) -> Response:
    """Return, for each work, column and row (little-endian uint16), red, green, blue, and its shape."""
    return await _kept(request, collection, vectors, "application/octet-stream", "")


@router.get(
    "/collections/{collection}/map/{vectors}/tiles/{name}",
    responses={**_bytes("image/jpeg", "A page of tiles."), **problems(404)},
    response_class=Response,
    summary="See a page of tiles",
)
async def tile(
    request: Request,
    collection: Name,
    vectors: VectorsName,
    name: Annotated[str, Path(min_length=1, max_length=16, description="Size and page: `16-0`.")],
) -> Response:
    """Return a page of tiles of 16, 32 or 64 pixels."""
    return await _kept(request, collection, vectors, "image/jpeg", name)


async def _kept(request: Request, collection: str, vectors: str, media_type: str, name: str) -> Response:
    services = services_of(request)
    opened = await services.opened(collection)
    try:
        found = await services.maps.of(opened, vectors)
        tag = _tag(opened, found)
        known = not_modified(request, tag)
        if known is not None:
            return known
        content = await services.pool.run(lambda: found.tile(name) if name else found.points())
    except SettingsError as error:
        raise Refused(404, str(error)) from error
    return Response(content, headers={"etag": tag, "cache-control": _KEPT}, media_type=media_type)


def _tag(opened: Opened, found: Map) -> str:
    return f'"{opened.version}.{found.digest}"'
