"""The frame: what comes next on a wall, what was on it, and when."""

from __future__ import annotations

import gzip
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from ham_recommend.web.api import PREFIX
from ham_recommend.web.api.requests import (
    Name,
    asked_by,
    body_of,
    described,
    json_response,
    packed_response,
    problems,
    services_of,
)
from ham_recommend.web.api.schemas import Given, ItemIdText, WorkJson
from ham_recommend.web.frames import Wanted
from ham_recommend.web.questions import Question
from ham_recommend.web.works import shown_work

router = APIRouter(prefix=PREFIX, tags=["frame"])


class NextBody(Given):
    """What the owner of a frame wants to see."""

    limit: int = Field(20, ge=1, le=50)
    discovery: float = Field(0.0, ge=0, le=1, description="From familiar to discovery.")
    without: list[Annotated[str, Field(max_length=200)]] = Field(
        default_factory=list, max_length=100, description="Kinds that are left out."
    )
    held: list[ItemIdText] = Field(
        default_factory=list, max_length=200, description="Works that the frame has already."
    )


class NextJson(BaseModel):
    """What comes next."""

    works: list[WorkJson]
    fitting: int = Field(description="How many works fit at all.")
    anew: bool = Field(description="Whether everything that fits was shown, so that a new round begins.")


class ShowingBody(Given):
    """A work, and when it was shown."""

    item_id: ItemIdText
    at: float = Field(ge=0, le=1e11, description="Seconds since 1970.")


class ShownBody(Given):
    """What was shown."""

    shown: list[ShowingBody] = Field(max_length=1_000)


class ShowingJson(BaseModel):
    """A work, and when it was shown."""

    at: float = Field(description="Seconds since 1970.")
    work: WorkJson


class HistoryJson(BaseModel):
    """What was shown, newest first."""

    shown: list[ShowingJson]


@router.post(
    "/collections/{collection}/frame/next",
    responses={200: {"model": NextJson}, **problems(400, 404, 413, 415)},
    openapi_extra=described(NextBody),
    summary="Choose what a frame shows next",
)
async def following(request: Request, collection: Name) -> Response:
    """Return works by the visitor's taste, none of them shown before everything that fits was."""
    services = services_of(request)
    opened, body = await services.opened(collection), await body_of(request, NextBody)
    visitor = asked_by(request).visitor
    liked, disliked = await services.conversations.marks(opened, visitor)
    wanted = Wanted(
        liked=liked,
        disliked=disliked,
        discovery=body.discovery,
        without=frozenset(body.without),
        held=frozenset(body.held),
    )
    before = await services.pool.run(services.frames.this_round, visitor, opened.name)
    question = Question(
        collection=opened.name,
        version=opened.version,
        kind="frame",
        given={**wanted.to_json(), "shown": before},
        limit=body.limit,
    )
    content = await services.answering.ask(opened, question)
    if orjson.loads(gzip.decompress(content))["anew"]:
        await services.pool.run(services.frames.begin_round, visitor, opened.name)
    return packed_response(request, content, cache_control="no-store")


@router.post(
    "/collections/{collection}/frame/shown",
    status_code=204,
    responses=problems(400, 404, 413, 415),
    response_class=Response,
    openapi_extra=described(ShownBody),
    summary="Say what a frame has shown",
)
async def shown(request: Request, collection: Name) -> Response:
    """Remember works and when they were shown; a frame without a network may say it later."""
    services = services_of(request)
    opened, body = await services.opened(collection), await body_of(request, ShownBody)
    known = [(each.item_id, each.at) for each in body.shown if each.item_id in opened.recommender.catalog]
    await services.pool.run(services.frames.record, asked_by(request).visitor, collection, known)
    return Response(status_code=204)


@router.get(
    "/collections/{collection}/frame/history",
    responses={200: {"model": HistoryJson}, **problems(404)},
    summary="See which work that was",
)
async def history(
    request: Request, collection: Name, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> Response:
    """Return the works that the visitor's frames have shown, and when last, newest first."""
    services = services_of(request)
    opened = await services.opened(collection)
    rows = await services.pool.run(services.frames.history, asked_by(request).visitor, collection, limit)
    works = opened.recommender.catalog.get(item_id for item_id, _ in rows)
    told = [
        {"at": at, "work": shown_work(works[item_id], opened.name)}
        for item_id, at in rows
        if item_id in works
    ]
    return json_response({"shown": told}, cache_control="no-store")
