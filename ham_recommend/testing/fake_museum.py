"""A museum on this machine that speaks the dialects of real ones, and fails on command.

It serves invented records at the paths, in the shapes and with the limits of the Harvard Art Museums, The
Met, the Art Institute of Chicago, the Cleveland Museum of Art and SMK, and pictures through IIIF. Every
request is counted. Which request goes wrong, and how, is decided by ``faults``; the dialect of another museum
is added by ``dialects``.
"""

from __future__ import annotations

import gzip
import io
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from ham_recommend.net.sockets import current_call
from ham_recommend.testing._dialects import (
    Answer,
    Dialects,
    Json,
    drawn,
    good_answer,
    harvard_works,
    json_answer,
)

__all__ = [
    "Answer",
    "Dialects",
    "FakeMuseum",
    "Fault",
    "Faults",
    "drawn",
    "harvard_works",
    "json_answer",
    "no_faults",
    "sometimes",
]

Fault = Literal[
    "busy",
    "busy until",
    "error",
    "stall",
    "drip",
    "hang up",
    "truncated",
    "lying length",
    "short length",
    "wrong content",
    "malformed",
    "bomb",
    "to loopback",
    "to metadata",
    "in circles",
]
Faults = Callable[[str, int], Fault | Answer | None]
"""``(path, how many requests for it came before) -> what goes wrong``: a fault, or the very answer."""


def no_faults(path: str, before: int) -> Fault | None:
    """Never go wrong."""
    del path, before
    return None


def sometimes(chances: Mapping[Fault, float], seed: int = 0, *, only_first: bool = True) -> Faults:
    """Return faults for a share of the paths, always the same ones.

    Parameters
    ----------
    chances : mapping of Fault to float
        Share of the paths for each; together at most 1.
    seed : int
        Chooses the paths.
    only_first : bool
        Whether a second request for the same path goes well.
    """

    def faults(path: str, before: int) -> Fault | None:
        if only_first and before:
            return None
        drawn = random.Random(f"{seed} {path}").random()  # noqa: S311
        for fault, chance in chances.items():
            drawn -= chance
            if drawn < 0:
                return fault
        return None

    return faults


@dataclass(slots=True)
class FakeMuseum:
    """A museum on this machine; use it in a ``with`` block, or in process through :meth:`adapter`.

    Parameters
    ----------
    objects, annotations : sequence of dict
        In Harvard's shapes; see :func:`harvard_works`. Ids ascend.
    works : mapping of str to sequence of dict
        Records of the open museums by name: ``"met"``, ``"artic"``, ``"cleveland"``, ``"smk"``, or of one
        whose dialect was added.
    pictures : callable or mapping
        Picture id → JPEG; by default a small one is drawn.
    key : str
        The only key Harvard's dialect accepts; empty accepts everybody.
    dialects : sequence of (str, callable)
        What another museum answers: a regular expression of the whole path, and what is called with this
        museum, the query string as a dict and the groups of the expression, and returns an :class:`Answer`.
    faults : callable
        Which request goes wrong.
    latency : float
        Seconds before each answer.
    stall_seconds : float
        Seconds that a stall lasts.
    """

    objects: Sequence[Json] = ()
    annotations: Sequence[Json] = ()
    works: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    pictures: Callable[[str], bytes] | Mapping[str, bytes] | None = None
    key: str = ""
    dialects: Dialects = ()
    faults: Faults = no_faults
    latency: float = 0.0
    stall_seconds: float = 30.0
    calls: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)
    agents: Counter[str] = field(default_factory=Counter)
    at_once: int = 0
    most_at_once: int = 0
    _server: ThreadingHTTPServer | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closing: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._closing.clear()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._server = None

    @property
    def place(self) -> str:
        """``host:port``, as ``allow_private`` wants it."""
        return f"127.0.0.1:{self._server.server_port}" if self._server else "museum.test"

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{self.place}"

    def adapter(self) -> BaseAdapter:
        """Return an adapter for requests that asks this museum without a network."""
        return _InProcess(self)

    def count(self, prefix: str = "/") -> int:
        """Return how many requests came for paths with this beginning."""
        with self._lock:
            return sum(count for path, count in self.calls.items() if path.startswith(prefix))

    def answer(self, address: str, agent: str = "") -> tuple[Answer, Fault | None]:
        """Return the answer to a request, and what is to go wrong with it."""
        parts = urlsplit(address)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        counted = parts.path + (f"?{asked['q']}" if "q" in asked else "")
        with self._lock:
            before = self.calls[counted]
            self.calls[counted] += 1
            self.keys[asked.get("apikey", "")] += 1
            self.agents[agent] += 1
        fault = self.faults(counted, before)
        if isinstance(fault, Answer):
            return fault, None
        return _with_fault(good_answer(self, parts.path, asked), fault), fault

    def picture(self, native: str) -> bytes | None:
        """Return the picture with this id."""
        if self.pictures is None:
            return drawn(native)
        return self.pictures.get(native) if isinstance(self.pictures, Mapping) else self.pictures(native)


# Going wrong


def _with_fault(good: Answer, fault: Fault | None) -> Answer:
    """Return the answer a fault leads to, as far as headers and body can say it."""
    return _FAULTY[fault](good) if fault in _FAULTY else good


def _redirect(target: str) -> Callable[[Answer], Answer]:
    return lambda _: Answer(302, b"", {"Location": target})


def _busy_until(good: Answer) -> Answer:
    del good
    when = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 2))
    return Answer(429, b"slow down", {"Retry-After": when})


def _truncated(good: Answer) -> Answer:
    """End the content itself early; length and type are in order."""
    return Answer(good.status, good.body[: len(good.body) * 3 // 5], good.headers)


def _bomb(good: Answer) -> Answer:
    packed = gzip.compress(b"0" * 50_000_000, compresslevel=1)
    return Answer(200, packed, {**good.headers, "Content-Encoding": "gzip"})


_FAULTY: dict[Fault | None, Callable[[Answer], Answer]] = {
    "busy": lambda _: Answer(429, b"slow down", {"Retry-After": "1"}),
    "busy until": _busy_until,
    "error": lambda _: Answer(500, b"<h1>Oh no</h1>", {"Content-Type": "text/html"}),
    "wrong content": lambda _: Answer(200, b"<html>Please log in</html>", {"Content-Type": "text/html"}),
    "malformed": lambda good: Answer(200, b'{"info": {"totalrecords": 1}, "records": [', good.headers),
    "to loopback": _redirect("http://127.0.0.1:9/secret"),
    "to metadata": _redirect("http://169.254.169.254/latest/meta-data/"),
    "in circles": _redirect("?again"),
    "truncated": _truncated,
    "bomb": _bomb,
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay calm when a client hangs up."""


def _handler(museum: FakeMuseum) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in two packets would wait for each other.
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            with museum._lock:
                museum.at_once += 1
                museum.most_at_once = max(museum.most_at_once, museum.at_once)
            try:
                self._reply()
            finally:
                with museum._lock:
                    museum.at_once -= 1

        def _reply(self) -> None:
            answer, fault = museum.answer(self.path, self.headers.get("User-Agent", ""))
            if museum.latency:
                museum._closing.wait(museum.latency)
            if fault == "stall":
                museum._closing.wait(museum.stall_seconds)
            if fault in {"stall", "hang up"}:
                self.close_connection = True
                return
            lengths = {"lying length": len(answer.body) + 1_000, "short length": len(answer.body) // 2}
            self._head(answer, lengths.get(str(fault), len(answer.body)))
            if fault == "drip":
                self._drip(answer.body)
                return
            self.wfile.write(answer.body)
            self.close_connection = fault == "lying length"

        def _head(self, answer: Answer, length: int) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(length))
            self.end_headers()

        def _drip(self, body: bytes) -> None:
            self.close_connection = True
            for byte in body:
                if museum._closing.wait(0.1):
                    return
                self.wfile.write(bytes([byte]))
                self.wfile.flush()

    return Handler


class _InProcess(BaseAdapter):
    """Answers requests without a network; faults of the connection itself need the real server."""

    def __init__(self, museum: FakeMuseum) -> None:
        super().__init__()
        self._museum = museum

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        address = current_call().address(str(request.url))
        answer = self._museum.answer(address, str(request.headers.get("User-Agent", "")))[0]
        response = requests.Response()
        response.status_code, response.url, response.request = answer.status, str(request.url), request
        response.headers.update({**answer.headers, "Content-Length": str(len(answer.body))})
        response.raw = HTTPResponse(io.BytesIO(answer.body), status=answer.status, preload_content=False)
        return response

    def close(self) -> None:
        """Hold nothing."""
