"""A visitor's session with a collection: state, events, news; and going on with another device."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from ham_recommend.web.api import PREFIX
from ham_recommend.web.api.requests import (
    Name,
    asked_by,
    body_of,
    json_of,
    json_response,
    problems,
    services_of,
)
from ham_recommend.web.api.requests import described as body_described
from ham_recommend.web.api.schemas import CodeBody, CodeJson
from ham_recommend.web.guard import GUESS_COST
from ham_recommend.web.problems import Refused
from ham_recommend.web.visitors import CODE_SECONDS

router = APIRouter(prefix=PREFIX, tags=["sessions"])

Stream = Annotated[
    str,
    Query(min_length=1, max_length=64, pattern=r"^[\w-]+$", description="What the page calls its stream."),
]
_EVENT = {
    "schema": {"type": "object", "properties": {"type": {"type": "string"}}, "required": ["type"]},
    "example": {"type": "search", "text": "ships in a storm", "request": "a-1"},
}


@router.get(
    "/collections/{collection}/session",
    responses={200: {"content": {"application/json": {}}, "description": "The state."}, **problems(404)},
    response_class=Response,
    summary="Read the session's state",
)
async def state(request: Request, collection: Name) -> Response:
    """Return what a page has to know when it opens: likes, turns, the collection."""
    services = services_of(request)
    opened = await services.opened(collection)
    content = await services.conversations.state(opened, asked_by(request).visitor)
    return json_response(content, cache_control="no-store")


@router.post(
    "/collections/{collection}/session/events",
    responses={
        200: {
            "content": {"application/json": {}},
            "description": "Messages, each with its buffers in base64.",
        },
        **problems(400, 404, 413, 415),
    },
    response_class=Response,
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": _EVENT}}},
    summary="Send an event",
)
async def events(
    request: Request,
    collection: Name,
    stream: Stream = "none",
    name: Annotated[
        str,
        Query(max_length=64, description="A name of the event: sent again under it, it is not done again."),
    ] = "",
) -> Response:
    """Let something happen in the session; return the messages that it causes, in order.

    What an event may be, and which messages answer it, is said in ``ham_recommend/frontend/protocol.py``.
    """
    services = services_of(request)
    opened = await services.opened(collection)
    event = await json_of(request, services.settings.limits.picture)  # it may be a picture to search by
    if not isinstance(event, dict):
        raise Refused(422, "An event is an object with a type.")
    await services.maps.for_event(opened, event)
    content = await services.conversations.answer(
        opened, asked_by(request).visitor, event, name=name, stream=stream
    )
    return json_response(content, cache_control="no-store")


@router.get(
    "/collections/{collection}/session/stream",
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "`hello`, `news`, `bye`."},
        **problems(404),
    },
    response_class=StreamingResponse,
    summary="Hear of news",
)
async def stream(request: Request, collection: Name, stream: Stream) -> Response:
    """Tell a page whenever another page or device of the same visitor changed the session."""
    services = services_of(request)
    opened = await services.opened(collection)
    told = services.conversations.stream(opened, asked_by(request).visitor, stream)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(told, headers=headers, media_type="text/event-stream")


@router.delete(
    "/collections/{collection}/session",
    status_code=204,
    responses=problems(404),
    response_class=Response,
    summary="Forget the session",
)
async def forget(request: Request, collection: Name) -> Response:
    """Remove the visitor's likes and history in a collection, what its frame showed too, for good."""
    services = services_of(request)
    opened = await services.opened(collection)
    visitor = asked_by(request).visitor
    await services.pool.run(services.conversations.forget, opened, visitor)
    await services.pool.run(services.frames.forget, visitor, collection)
    return Response(status_code=204)


@router.post(
    "/sessions/code",
    responses={200: {"model": CodeJson}, **problems()},
    summary="Get a code for another device",
)
async def code(request: Request) -> Response:
    """Return a code that lets another device go on with this visitor's sessions, once."""
    services = services_of(request)
    made = await services.pool.run(services.visitors.code, asked_by(request).visitor)
    return json_response({"code": made, "seconds": CODE_SECONDS}, cache_control="no-store")


@router.post(
    "/sessions/join",
    status_code=204,
    responses=problems(400, 413, 415),
    response_class=Response,
    openapi_extra=body_described(CodeBody),
    summary="Go on as on another device",
)
async def join(request: Request) -> Response:
    """Take over the sessions of the visitor that the code was made for."""
    services, asked = services_of(request), asked_by(request)
    body = await body_of(request, CodeBody)
    asked.charge(GUESS_COST)
    asked.become(await services.pool.run(services.visitors.redeem, body.code))
    return Response(status_code=204)
