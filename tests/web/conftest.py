"""A server over the small collection: in the test for what programs ask, on loopback for a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from serving import running

LOCAL = {"host": "localhost"}


@pytest.fixture
def museums(museum, tmp_path):
    """Return a folder with one collection, called sample."""
    folder = tmp_path / "museums"
    shutil.copytree(museum, folder / "sample", copy_function=link)
    return folder


def link(source, target):
    """Collections are never written in place, so a copy need not cost a disk."""
    Path(target).hardlink_to(source)


@pytest.fixture
def settings(museums, tmp_path):
    """Return a function that makes settings."""
    from ham_recommend.web.settings import Settings

    def make(**options):
        return Settings(**{"places": (museums,), "sessions": tmp_path / "sessions", "port": 0, **options})

    return make


@pytest.fixture
def client(settings):
    """Return a function that starts the application inside the test and returns who asks it."""
    from contextlib import ExitStack

    from starlette.testclient import TestClient

    from ham_recommend.web.app import make_app

    with ExitStack() as stack:

        def start(*, headers=None, app=None, **options):
            application = app or make_app(settings(**options))
            made = TestClient(
                application, base_url="http://localhost", headers=headers, follow_redirects=False
            )
            return stack.enter_context(made)

        yield start


@pytest.fixture
def served(settings):
    """Return a function that serves on loopback until the test ends."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(running(settings(**options)))


@pytest.fixture
def command(museums, tmp_path):
    """Return a function that starts ``ham serve``; its processes end with the test."""
    started = []

    def start(*options):
        state = tmp_path / "state"
        server = subprocess.Popen(
            [
                Path(sys.executable).with_name("ham"),
                "serve",
                museums,
                "--port",
                "0",
                "--sessions",
                state,
                *options,
            ],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "COLUMNS": "200"},
        )
        started.append(server)
        line = next(line for line in server.stderr if "http://" in line)
        return server, line[line.index("http://") :].split()[0].rstrip("/")

    yield start
    for server in started:
        server.kill()
        server.wait()
        server.stderr.close()
