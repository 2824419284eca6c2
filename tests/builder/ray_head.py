"""A cluster of two workers under Ray, started by a test on this machine and ended with all its processes."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress

import psutil

SECONDS, ATTEMPTS = 60, 3


@contextmanager
def ray_head(workers=2):
    """Start a head; yield its address for clients, and the one that ``RAY_ADDRESS`` holds.

    Only who has the token in the environment gets in: have it there before Ray is imported.
    """
    environment = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    place = tempfile.mkdtemp()  # short, as names of sockets are
    environment["RAY_TMPDIR"] = place
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    port, clients = _free_port(), _free_port()
    try:
        head = _started(workers, port, clients)
        try:
            yield f"ray://127.0.0.1:{clients}", f"127.0.0.1:{port}"
        finally:
            end(head)
    finally:
        shutil.rmtree(place, ignore_errors=True)
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def end(head):
    """Kill a process and all that it started."""
    with suppress(psutil.NoSuchProcess):
        processes = [head, *head.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, SECONDS)


def encoding_workers():
    """Return the workers on this machine that encode a share at this moment."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if "ray::encode_share" in " ".join(process.info["cmdline"] or ())
    ]


def _free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def _started(workers, port, clients):
    """Start a head, once more where a busy machine was too slow for Ray's own limits."""
    command = f"start --head --block --num-cpus={workers} --port={port} --ray-client-server-port={clients}"
    command += " --node-ip-address=127.0.0.1 --include-dashboard=false --object-store-memory=150000000"
    for _ in range(ATTEMPTS):
        head = psutil.Popen(
            [sys.executable, "-m", "ray.scripts.scripts", *command.split()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if _answers(clients, head):
            return head
        end(head)
    raise AssertionError("ray start did not come up")


def _answers(port, head):
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and head.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.1)
    return False
