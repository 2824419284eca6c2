"""A server on loopback, in the process of the test; and what is seen of one that has its own processes."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import psutil
import requests


@contextmanager
def running(settings):
    """Serve on loopback, in this process; yield the address."""
    import uvicorn

    from ham_recommend.web.app import make_app
    from ham_recommend.web.server import address_of, bound

    taken = bound(settings)
    app = make_app(settings)
    config = uvicorn.Config(app, log_config=None, lifespan="on", ws="none", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield address_of(taken).rstrip("/")
    finally:
        app.services.conversations.stop()
        server.should_exit = True
        thread.join(10)
        taken.close()


def metric(address, name):
    lines = requests.get(f"{address}/metrics", timeout=30).text.splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])


def until(holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def below(server):
    return psutil.Process(server.pid).children(recursive=True)


def workers_of(server):
    """The first below the server forks the others."""
    return [each for each in below(server) if each.ppid() != server.pid]
