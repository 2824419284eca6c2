"""What the server counts, for Prometheus: nothing that says who asked, or what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ham_recommend.timing import ENCODER, STORE, listening

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Working = Callable[[str], AbstractContextManager[None]]
"""Times what is done for questions of a kind."""
Told = Callable[[str, Mapping[str, float]], None]
"""Is told what parts of that took."""
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "ham_requests", "Requests answered.", ["route", "method", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "ham_request_seconds",
            "From a request to the head of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._work = Histogram(
            "ham_work_seconds",
            "Time in which questions were answered, without waiting for their turn.",
            ["kind"],
            buckets=_SECONDS,
            registry=self.registry,
        )

        self._parts = {
            STORE: self._part(
                "ham_store_seconds", "Time of an answer in which stores of vectors were asked."
            ),
            ENCODER: self._part("ham_encode_seconds", "Time of an answer in which an encoder encoded."),
        }

    def _part(self, name: str, help_text: str) -> Histogram:
        return Histogram(name, help_text, ["kind"], buckets=_SECONDS, registry=self.registry)

    def gauge(self, name: str, help_text: str, value: Callable[[], float]) -> None:
        """Show a number that is looked up when somebody asks."""
        Gauge(name, help_text, registry=self.registry).set_function(value)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, method, status).inc()
        self._seconds.labels(route).observe(seconds)

    @contextmanager
    def working(self, kind: str) -> Iterator[None]:
        """Time an answer of one kind: ``search``, ``recommend``, ``similar``, ``picture``.

        What of it stores and encoders take counts too, where the same thread asks them.
        """
        start = perf_counter()
        try:
            with listening() as seconds:
                yield
        finally:
            self._work.labels(kind).observe(perf_counter() - start)
            self.parts(kind, seconds)

    def encoded(self, kind: str, seconds: float) -> None:
        """Count what an encoder took of a batch."""
        self.parts(kind, {ENCODER: seconds})

    def parts(self, kind: str, seconds: Mapping[str, float]) -> None:
        """Count what stores and encoders took of an answer; see :mod:`ham_recommend.timing`."""
        for name, taken in seconds.items():
            self._parts[name].labels(kind).observe(taken)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)
