"""A cluster of two workers under Ray, started by a test on this machine and ended with all its processes."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import psutil

SECONDS = 240
"""On two cores that others use too, Ray takes its time."""


@contextmanager
def ray_head(workers=2):
    """Start a head; yield its address for clients, and the one that ``RAY_ADDRESS`` holds.

    Only who has the token in the environment gets in: have it there before Ray is imported.
    """
    environment = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_raylet_start_wait_time_s": str(SECONDS),
    }
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    port, clients = _free_port(), _free_port()
    command = f"start --head --block --num-cpus={workers} --port={port} --ray-client-server-port={clients}"
    command += " --node-ip-address=127.0.0.1 --include-dashboard=false --object-store-memory=150000000"
    head = psutil.Popen(
        [sys.executable, "-m", "ray.scripts.scripts", *command.split()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(clients, head)
        yield f"ray://127.0.0.1:{clients}", f"127.0.0.1:{port}"
    finally:
        end(head)
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


def _wait_for(port, head):
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and head.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError(f"ray start did not come up: {head.poll()}")
