"""Jobs: what is built beside everything else, and how far it is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse

from ham_recommend.errors import ArtifactMissingError
from ham_recommend.web.api import PREFIX
from ham_recommend.web.api.requests import asked_by, json_response, problems
from ham_recommend.web.api.uploads import changing
from ham_recommend.web.pool import BusyError
from ham_recommend.web.problems import Refused
from ham_recommend.web.services import Services

router = APIRouter(prefix=PREFIX, tags=["jobs"])

LOOK = 0.2
"""Seconds between looks at how far a job is."""
LISTENERS = 8
"""Streams that one visitor may listen to at once; a page needs one."""
JobId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="That of the upload that is built.")]


class JobJson(BaseModel):
    """A build, and how far it is."""

    job_id: str
    collection: str
    stage: str = Field(description="`waiting`, `running`, `done` or `failed`.")
    doing: str = Field(description="What is done now, such as `Reading pictures`.")
    done: int = Field(description="How many of that are done.")
    total: int = Field(description="Of how many; 0 where nobody knows.")
    said: str
    problems: list[list[str]] = Field(description="Pictures that were left out, each with the reason.")
    works: int


@router.get("/jobs/{job_id}", responses={200: {"model": JobJson}, **problems(404)}, summary="See a job")
async def see(request: Request, job_id: JobId) -> Response:
    """Return how far a job is; only whoever began it may ask."""
    services = changing(request)
    found = await services.pool.run(services.uploads.job, asked_by(request).visitor, job_id)
    return json_response(asdict(found), cache_control="no-store")


@router.get(
    "/jobs/{job_id}/events/stream",
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "The job, whenever it is further."},
        **problems(404),
    },
    response_class=StreamingResponse,
    summary="Hear how far a job is",
)
async def events(request: Request, job_id: JobId) -> Response:
    """Send the job now, whenever it is further, and when it has ended; then the stream ends."""
    services, visitor = changing(request), asked_by(request).visitor
    await services.pool.run(services.uploads.job, visitor, job_id)
    if services.uploads.listeners[visitor] >= LISTENERS:
        raise Refused(429, "You listen to as many builds as you may. Close a page.", {"Retry-After": "10"})
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(
        _following(services, visitor, job_id), headers=headers, media_type="text/event-stream"
    )


async def _following(services: Services, visitor: str, job_id: str) -> AsyncIterator[bytes]:
    before = b""
    services.uploads.listeners[visitor] += 1
    try:
        while not services.conversations.stopping:
            with suppress(BusyError):  # then it is looked at the next time
                found = await services.pool.run(services.uploads.job, visitor, job_id)
                now = orjson.dumps(asdict(found))
                if now != before:
                    yield b"event: job\ndata: " + now + b"\n\n"
                    before = now
                if found.stage in {"done", "failed"}:
                    return
            await asyncio.sleep(LOOK)
    except ArtifactMissingError:
        return  # it was dropped meanwhile
    finally:
        services.uploads.listeners[visitor] -= 1
        services.uploads.listeners += Counter()  # who listens to nothing is forgotten
