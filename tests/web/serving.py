"""A server on loopback, in the process of the test."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager


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
