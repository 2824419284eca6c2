"""What went wrong, as ``application/problem+json`` (RFC 9457): the same for every way to ask."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ham_recommend import errors
from ham_recommend.frontend.messages import FACT_LENGTH
from ham_recommend.showing import showable
from ham_recommend.web.pool import BusyError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (BusyError, 503),
    (errors.UnknownItemError, 404),
    (errors.ArtifactMissingError, 404),
    (errors.StoreUnavailableError, 503),
    (errors.MissingExtraError, 501),
    (errors.UnreadablePictureError, 422),
    (errors.SettingsError, 422),
    (errors.HamRecommendError, 500),
)
_BLANK = "about:blank"
_OUR_TYPE = "urn:ham-recommend:"
_OURS = 500
"""From this status on the fault is the server's: what happened is for its log, not for its visitors."""


class Refused(Exception):  # noqa: N818 - it is an answer
    """A request that is answered by a status and a sentence.

    Parameters
    ----------
    status : int
        The HTTP status.
    detail : str
        What happened and what to do.
    headers : mapping of str to str
        Headers that belong to the status, such as ``Retry-After``.
    """

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Response:
    """Return a problem as a response."""
    title = HTTPStatus(status).phrase
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": showable(detail, FACT_LENGTH),
        **more,
    }
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


def of_error(error: Exception) -> Response:
    """Return what to tell of an error: our own say what to do, anything else only that it happened.

    The ``type`` of a problem names the class of :mod:`ham_recommend.errors`, so that a client can raise it.
    """
    if isinstance(error, Refused):
        return problem(error.status, error.detail, error.headers)
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), _OURS)
    if status == 503:
        return problem(503, str(error), {"Retry-After": "1"})
    if status >= _OURS and status != 501:
        ours = isinstance(error, errors.HamRecommendError)
        log.error("A request failed. %s", error if ours else "", exc_info=None if ours else error)
        return problem(status, "Something went wrong on the server, whose log says what. Try something else.")
    return problem(status, str(error), type=f"{_OUR_TYPE}{type(error).__name__}")


def install(app: FastAPI) -> None:
    """Let every error of a handler become a problem."""

    async def ours(_request: Request, error: Exception) -> Response:
        return of_error(error)

    async def invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is registered for
        faults = [
            {"where": ".".join(map(str, each["loc"])), "what": str(each["msg"])}
            for each in error.errors()[:20]
        ]
        first = f"{faults[0]['where']}: {faults[0]['what']}." if faults else "The request is not valid."
        return problem(422, first, errors=faults)

    async def http(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
        said = "There is nothing here." if error.status_code == 404 else str(error.detail)
        return problem(error.status_code, said, dict(error.headers or {}))

    app.add_exception_handler(errors.HamRecommendError, ours)
    app.add_exception_handler(Refused, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
