"""The application: pages, API, health and metrics, behind the guard."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from types import FrameType

from fastapi import FastAPI, Request
from starlette.responses import Response

from ham_recommend._version import __version__
from ham_recommend.errors import HamRecommendError
from ham_recommend.web import problems
from ham_recommend.web.api.requests import json_response, services_of
from ham_recommend.web.api.schemas import HealthJson, ReadyJson
from ham_recommend.web.collections import Collections
from ham_recommend.web.guard import Guard
from ham_recommend.web.metrics import CONTENT_TYPE
from ham_recommend.web.services import Services
from ham_recommend.web.settings import Settings
from ham_recommend.web.workers import Workers

log = logging.getLogger(__name__)

_API = ("collections", "search", "items", "map", "sessions", "frame", "embed", "uploads", "jobs")
_ABOUT = (
    "Search a museum's collection by words, by pictures and by taste. Errors are `application/problem+json`. "
    "Answers carry an `ETag` that stays the same as long as the collection does. Lists go on by `cursor`."
)

_COLLECTS_EVERY = 300.0
"""Seconds. Ten thousand connections take .3 s to look through (`benchmarks/web_load.py`)."""
_NEVER = 2**31 - 1


def make_app(
    settings: Settings, collections: Collections | None = None, workers: Workers | None = None
) -> Guard:
    """Return the application, an ASGI one; collections are opened once it starts.

    Parameters
    ----------
    settings : Settings
        What is served, and to whom.
    collections : Collections, optional
        What is served, where some of it is open already.
    workers : Workers, optional
        Who answers questions; by default threads of this process.

    Raises
    ------
    SettingsError, ArtifactError
        Two collections have one name, or the folder of the visitors cannot be written.
    """
    services = Services.of(settings, collections, workers)
    app = FastAPI(
        title="ham_recommend",
        version=__version__,
        description=_ABOUT,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    app.state.services = services
    problems.install(app)
    _add_health(app)
    for part in _API:
        app.include_router(import_module(f"ham_recommend.web.api.{part}").router)
    app.include_router(import_module("ham_recommend.web.pages").router)
    return Guard(app, services)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the collections, so that the first question does not wait; follow the sessions until the end."""
    services: Services = app.state.services
    _stop_streams_first(services)
    if services.workers is not None:
        await services.workers.start()
    opening = asyncio.create_task(_open_all(services))
    watching = asyncio.create_task(services.conversations.watch())
    collecting = asyncio.create_task(_collect_now_and_then())
    yield
    services.conversations.stop()
    for task in (opening, watching, collecting):
        task.cancel()
    if services.workers is not None:
        services.workers.close()
    if services.embedding is not None:
        services.embedding.close()
    services.pool.close()
    services.conversations.close()
    services.maps.close()
    services.uploads.close()


def _stop_streams_first(services: Services) -> None:
    """End the streams of pages when the server is told to stop: by themselves they never would."""
    loop = asyncio.get_running_loop()

    def chain(number: int) -> None:
        before = signal.getsignal(number)

        def told(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(services.conversations.stop)
            if callable(before):
                before(number, frame)

        signal.signal(number, told)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            chain(number)


async def _open_all(services: Services) -> None:
    for name in services.collections.roots():
        try:
            await services.opened(name)
        except HamRecommendError as error:
            log.warning("The collection %s cannot be opened. %s", name, error)
    services.ready.set()
    if not services.settings.read_only:
        await services.pool.run(services.uploads.resume)
    gc.freeze()  # what is loaded now stays: the collector need not look through it again


async def _collect_now_and_then() -> None:
    """Look for garbage in circles by the clock: by its own count Python stops the page far more often."""
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)
    try:
        while True:
            await asyncio.sleep(_COLLECTS_EVERY)
            gc.collect()
    finally:
        gc.set_threshold(young, middle, old)


def _add_health(app: FastAPI) -> None:
    @app.get("/healthz", tags=["health"], responses={200: {"model": HealthJson}}, summary="Whether it lives")
    async def healthz() -> Response:
        return json_response({"status": "ok"}, cache_control="no-store")

    @app.get(
        "/readyz",
        tags=["health"],
        responses={200: {"model": ReadyJson}, **problems_of_health()},
        summary="Whether it can answer",
    )
    async def readyz(request: Request) -> Response:
        services = services_of(request)
        if not services.ready.is_set():
            return problems.problem(503, "The collections are being opened.", {"Retry-After": "1"})
        count = len(services.collections.roots())
        return json_response({"status": "ready", "collections": count}, cache_control="no-store")

    @app.get(
        "/metrics",
        tags=["health"],
        responses={200: {"content": {"text/plain": {}}, "description": "In Prometheus' text format."}},
        response_class=Response,
        summary="What was counted",
    )
    async def metrics(request: Request) -> Response:
        return Response(services_of(request).metrics.text(), headers={"content-type": CONTENT_TYPE})


def problems_of_health() -> dict[int | str, dict[str, object]]:
    """Return the description of what a server says that is not ready."""
    return {503: {"description": "Not yet.", "content": {problems.MEDIA_TYPE: {}}}}
