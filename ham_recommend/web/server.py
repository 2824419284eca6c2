"""Listening: one process in front, workers behind it, ended without cutting anybody off."""

from __future__ import annotations

import gc
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import uvicorn

from ham_recommend.errors import HamRecommendError, SettingsError
from ham_recommend.web.app import make_app
from ham_recommend.web.collections import Collections
from ham_recommend.web.settings import Settings
from ham_recommend.web.workers import Workers

log = logging.getLogger(__name__)

KEEP_ALIVE = 120
"""Seconds; uvicorn's own 5 lost 8,516 of 10,000 connections in a load test."""
BACKLOG = 4096
GRACE = 10
"""Seconds for what is under way when the server is told to stop."""
SWITCH = 0.0005
"""Seconds after which a thread lets another one go on. With Python's own .005 the loop, which holds the
connections, waits behind the threads that speak with visitors (`benchmarks/web_load.py --visitors 200`)."""
OPENING = 3.0
"""Seconds after which no further collection is opened before connections are taken."""


def serve(settings: Settings, *, workers: int = 0, listening: Callable[[str], None] = print) -> None:
    """Serve until stopped by Ctrl-C or SIGTERM.

    Parameters
    ----------
    settings : Settings
        What is served, where, and to whom.
    workers : int
        How many processes answer questions; with none, and where processes cannot be forked, threads do.
    listening : callable
        Told the address once connections are taken.

    Raises
    ------
    SettingsError
        The address cannot be listened on.
    """
    taken = bound(settings)
    sys.setswitchinterval(SWITCH)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # questions come at once: each has a processor, not all
    collections = Collections(settings.places)
    os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")  # else to look for a GPU spoils forking
    with _no_garbage():
        _open_some(collections)
        collections.prepare()
    forked = None
    if workers and hasattr(os, "fork"):
        forked = Workers(collections, workers, settings.limits.waiting, taken)
    config = uvicorn.Config(
        make_app(settings, collections, forked),
        lifespan="on",
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
        backlog=BACKLOG,
        access_log=False,  # the guard writes its own, without addresses
        log_config=None,
        server_header=False,
        proxy_headers=False,
        date_header=True,
    )
    listening(address_of(taken))
    uvicorn.Server(config).run(sockets=[taken])


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Look for no garbage while everything that is read stays: that took a fifth of the time to read it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _open_some(collections: Collections) -> None:
    """Open collections, so that workers share them; those that take too long are opened when asked for."""
    start = monotonic()
    for name in collections.roots():
        if monotonic() - start > OPENING:
            return
        try:
            collections.open(name)
        except HamRecommendError as error:
            log.warning("The collection %s cannot be opened. %s", name, error)


def bound(settings: Settings) -> socket.socket:
    """Return a socket that listens where the settings say.

    Raises
    ------
    SettingsError
        Something else listens there, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    taken = socket.socket(family)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((settings.host, settings.port))
        taken.listen(BACKLOG)
    except OSError as error:
        taken.close()
        raise SettingsError(
            f"{settings.host}:{settings.port} cannot be listened on: {error.strerror or error}. "
            "Choose another with --port, or --port 0 for any that is free."
        ) from error
    return taken


def address_of(taken: socket.socket) -> str:
    """Return the address of a listening socket, as one types it into a browser."""
    host, port = taken.getsockname()[:2]
    name = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)  # noqa: S104
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/"
