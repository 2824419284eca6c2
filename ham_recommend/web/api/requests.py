"""What handlers have in common: bodies read within limits, pages by cursor, conditional replies."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Path, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from ham_recommend.web.api.schemas import Given, ProblemJson
from ham_recommend.web.guard import Asked
from ham_recommend.web.problems import MEDIA_TYPE, Refused
from ham_recommend.web.services import Services

Body = TypeVar("Body", bound=Given)

Name = Annotated[str, Path(min_length=1, max_length=200, description="A collection.")]
ItemId = Annotated[str, Path(min_length=1, max_length=500, description="A work.")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many works.")]
Cursor = Annotated[
    str | None, Query(max_length=200, description="`next` of the page before; leave it out for the first.")
]
WhereTexts = Annotated[
    list[str] | None,
    Query(
        alias="where",
        max_length=20,
        description="Only works with this value: `classification=Prints`, `years=1800:1900`; repeatable.",
    ),
]
IgnoreTexts = Annotated[
    list[Annotated[str, Query(max_length=2_000)]] | None,
    Query(
        max_length=100,
        description="What the words do not name after all: `artist=Edgar Degas`, the field and value of "
        "something in `understood`; repeatable.",
    ),
]

_TAKES_GZIP = re.compile(r"\s*gzip\s*(;(?!\s*q=0(\.0*)?\s*(;|$)).*)?", re.IGNORECASE)

LEAST_CACHED = "private, no-cache"
"""Kept, but asked about each time; the version is known in microseconds."""


def services_of(request: Request) -> Services:
    """Return the parts of this process."""
    return request.app.state.services  # type: ignore[no-any-return]


def asked_by(request: Request) -> Asked:
    """Return the request as the guard knows it."""
    return request.scope["state"]["asked"]  # type: ignore[no-any-return]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of what may go wrong."""
    schema = ProblemJson.model_json_schema()
    always = {401, 403, 421, 422, 429, 500, 503}
    return {
        status: {"description": "What went wrong.", "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted(always | set(statuses))
    }


def described(model: type[Given]) -> dict[str, Any]:
    """Return the description of a body that :func:`body_of` reads."""
    schema = model.model_json_schema()
    schema = _inlined(schema, schema.pop("$defs", {}))
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _inlined(schema: Any, defined: Mapping[str, Any]) -> Any:
    """Return a schema that stands by itself, with what it refers to in place of the references."""
    if isinstance(schema, list):
        return [_inlined(each, defined) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(defined[schema["$ref"].rpartition("/")[2]], defined)
    return {name: _inlined(each, defined) for name, each in schema.items()}


async def content_of(request: Request, most: int) -> bytes:
    """Return the body of a request.

    Raises
    ------
    Refused
        It is longer than ``most`` bytes, which is noticed before more than that is read.
    """
    too_long = Refused(
        413, f"That is more than {most:,} bytes, the most that is taken here.", {"Connection": "close"}
    )
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > most:
        raise too_long
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > most:
            raise too_long
    return bytes(content)


async def body_of(request: Request, model: type[Body], most: int | None = None) -> Body:
    """Return the JSON body of a request, checked.

    Raises
    ------
    Refused
        It is no such JSON.
    """
    content = await json_of(request, most)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise Refused(422, f"{where}: {first['msg']}.") from error


async def json_of(request: Request, most: int | None = None) -> Any:
    """Return the JSON value that a body is.

    Raises
    ------
    Refused
        It is not JSON, or does not say so, which a form on another page could not either.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused(415, "Send JSON, and say so: Content-Type: application/json.")
    content = await content_of(request, most or services_of(request).settings.limits.body)
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Refused(400, f"That is not JSON: {error}.") from error


def json_response(content: bytes | Mapping[str, Any], status: int = 200, /, **headers: str) -> Response:
    """Return JSON; what has an ``etag`` may be kept."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {"cache-control": LEAST_CACHED} if "etag" in headers else {}
    return Response(body, status, kept | named, "application/json")


def packed_response(request: Request, answer: bytes, **headers: str) -> Response:
    """Return JSON that is packed by gzip; unpacked to who does not read that."""
    reads = takes_gzip(request)
    response = json_response(answer if reads else gzip.decompress(answer), vary="accept-encoding", **headers)
    if reads:
        response.headers["content-encoding"] = "gzip"
        if "etag" in headers:
            response.headers["etag"] = f"W/{headers['etag']}"  # the same answer by other bytes
    return response


def takes_gzip(request: Request) -> bool:
    """Return whether who asks reads gzip."""
    said = ",".join(request.headers.getlist("accept-encoding"))
    return any(map(_TAKES_GZIP.fullmatch, said.split(",")))


def not_modified(request: Request, tag: str) -> Response | None:
    """Return the answer to whoever has the current version already."""
    known = request.headers.get("if-none-match", "")
    if tag in (each.strip().removeprefix("W/") for each in known.split(",")):
        return Response(
            status_code=304, headers={"etag": tag, "cache-control": LEAST_CACHED, "vary": "accept-encoding"}
        )
    return None
