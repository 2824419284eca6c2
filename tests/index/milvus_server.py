"""A Milvus server in a network of its own, reached over one socket in its folder.

Milvus listens at nine ports of every interface. Here it is alone with a loopback of its own, where only what
opens the socket gets in: ``python milvus_server.py FOLDER [NAME=VALUE …]`` runs it until it is stopped.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

PORT = 19530
_STARTING = 180.0
_LOOPBACK_UP = ["ip", "link", "set", "lo", "up"]


def line_to(listening, connect, before=lambda: None):
    """Carry whatever comes in at a socket to where ``connect`` leads, in threads."""

    def carry(here, there, wait):
        with suppress(OSError):
            while content := here.recv(2**20):
                wait()
                there.sendall(content)
        for one in (here, there):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def carry_both(client):
        with client, connect() as server:
            back = threading.Thread(target=carry, args=[server, client, lambda: None], daemon=True)
            back.start()
            carry(client, server, before)
            back.join()

    def accept_one(client):
        with suppress(OSError):
            carry_both(client)

    def accept():
        with suppress(OSError), listening:
            while True:
                client, _ = listening.accept()
                threading.Thread(target=accept_one, args=[client], daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    return thread


class MilvusServer:
    """The server of a folder; started on first use, and again after it was killed."""

    def __init__(self, folder, *settings):
        self.folder, self._settings, self._process = Path(folder), settings, None
        self.socket = self.folder / "line"
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.delay, self.waits = 0.0, 0
        line_to(self._listening, self._connect, self._wait)

    def _wait(self):
        self.waits += 1
        time.sleep(self.delay)

    def _connect(self):
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(str(self.socket))
        except OSError:
            server.close()
            raise
        return server

    def start(self):
        """Start it, and wait until it is well."""
        self.socket.unlink(missing_ok=True)
        command = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        with (self.folder / "said").open("w") as said:
            self._process = subprocess.Popen(
                [*command, sys.executable, __file__, str(self.folder), *self._settings],
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
        until = time.monotonic() + _STARTING
        while not self.socket.exists():
            assert self._process.poll() is None, (self.folder / "said").read_text()
            assert time.monotonic() < until, "Milvus does not start"
            time.sleep(0.1)

    def processes(self):
        """Return what runs of it."""
        if self._process is None or self._process.poll() is not None:
            return []
        keeper = psutil.Process(self._process.pid)
        return [keeper, *keeper.children(recursive=True)]

    def kill(self):
        """Kill it, as when the power fails."""
        running = self.processes()
        for process in running:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(running, timeout=10)
        self._process.wait()

    def close(self):
        """Kill it for good."""
        self.kill()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # closing alone does not wake who waits there


def main(folder, *settings):
    from milvus import MilvusServer as Standalone

    subprocess.run(_LOOPBACK_UP, check=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    server = Standalone()
    for setting in settings:
        name, said = setting.split("=", 1)
        server.config.set(name, {"true": True, "false": False}.get(said, said))
    server.set_base_dir(folder)
    server.listen_port = PORT
    server.start()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"{folder}/line.new")
    listening.listen(64)
    carrying = line_to(listening, lambda: socket.create_connection(("127.0.0.1", PORT)))
    Path(folder, "line.new").rename(Path(folder, "line"))
    carrying.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
