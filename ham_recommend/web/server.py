"""Listening: one process or several behind one socket, ended without cutting anybody off."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial

import uvicorn
from uvicorn.supervisors import Multiprocess

from ham_recommend.errors import SettingsError
from ham_recommend.web.app import make_app
from ham_recommend.web.settings import Settings

KEEP_ALIVE = 120
"""Seconds; uvicorn's own 5 lost 8,516 of 10,000 connections in a load test."""
BACKLOG = 4096
GRACE = 10
"""Seconds for what is under way when the server is told to stop."""


def serve(settings: Settings, *, workers: int = 1, listening: Callable[[str], None] = print) -> None:
    """Serve until stopped by Ctrl-C or SIGTERM.

    Parameters
    ----------
    settings : Settings
        What is served, where, and to whom.
    workers : int
        How many processes answer.
    listening : callable
        Told the address once connections are taken.

    Raises
    ------
    SettingsError
        The address cannot be listened on.
    """
    taken = bound(settings)
    config = uvicorn.Config(
        partial(make_app, settings),
        factory=True,
        lifespan="on",
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
        backlog=BACKLOG,
        workers=workers,
        access_log=False,  # the guard writes its own, without addresses
        log_config=None,
        server_header=False,
        proxy_headers=False,
        date_header=True,
    )
    listening(address_of(taken))
    if workers > 1:
        Multiprocess(config, sockets=[taken]).run()
    else:
        uvicorn.Server(config).run(sockets=[taken])


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
    taken.set_inheritable(True)
    return taken


def address_of(taken: socket.socket) -> str:
    """Return the address of a listening socket, as one types it into a browser."""
    host, port = taken.getsockname()[:2]
    name = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)  # noqa: S104
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/"
