"""A second adapter: a conversation over plain HTTP and server-sent events, by the standard library alone."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread

from ham_recommend import Session
from ham_recommend.frontend import STATIC, Conversation

PAGE = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Page</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/interface.css">
<main></main>
<script type="module" src="/page.js"></script>"""
TYPES = {".js": "text/javascript", ".css": "text/css"}


class WebAdapter:
    """Posts become events; every open stream gets the state, then each message."""

    def __init__(self, session: Session) -> None:
        self.streams: list[SimpleQueue[str | None]] = []
        self.lock = Lock()
        self.conversation = Conversation(session, self.send)

    def send(self, message, buffers) -> None:
        line = json.dumps([message, [base64.b64encode(each).decode() for each in buffers]])
        with self.lock:
            for stream in self.streams:
                stream.put(line)

    def messages(self) -> Iterator[str]:
        stream: SimpleQueue[str | None] = SimpleQueue()
        with self.lock:
            stream.put(json.dumps([{"type": "state", "changes": self.conversation.state.to_json()}, []]))
            self.streams.append(stream)
        yield from iter(stream.get, None)

    def close(self) -> None:
        for stream in self.streams:
            stream.put(None)


class Handler(BaseHTTPRequestHandler):
    adapter: WebAdapter

    def do_GET(self):
        path = Path(self.path)
        if self.path == "/messages":
            self._answer("text/event-stream")
            for line in self.adapter.messages():
                self.wfile.write(f"data: {line}\n\n".encode())
        elif path.parent == Path("/static"):
            self._answer(TYPES[path.suffix], (STATIC / path.name).read_text("utf-8"))
        elif self.path == "/page.js":
            self._answer(TYPES[".js"], Path(__file__).with_name("page.js").read_text("utf-8"))
        else:
            self._answer("text/html", PAGE)

    def do_POST(self):
        self.adapter.conversation.receive(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer("text/plain", "")

    def _answer(self, kind, text=""):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """Say nothing on the test's screen."""


@contextmanager
def served(adapter: WebAdapter) -> Iterator[str]:
    """Serve a conversation on loopback; yield its address."""
    handler = type("Handler", (Handler,), {"adapter": adapter})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        adapter.close()
        server.shutdown()
