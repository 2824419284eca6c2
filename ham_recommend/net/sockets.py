"""Connections that only ever go to public addresses, and never outlive their deadline.

A name is resolved here, every address it stands for is judged, and the socket is connected to the very
address that was judged: what a name server says a moment later changes nothing. As redirects open their
connections here too, no answer of any server can lead into the private network.
"""

from __future__ import annotations

import heapq
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ham_recommend.net.addresses import is_public

AddressInfo = tuple[Any, ...]
"""One answer of ``socket.getaddrinfo``."""

_LOOKUPS = threading.BoundedSemaphore(16)


class RefusedAddressError(Exception):
    """A name stands for an address that is not public; nothing was connected."""


class DeadlineError(Exception):
    """The time for a request was used up."""


@dataclass(slots=True)
class Call:
    """One request under way: what it may reach, and until when.

    Parameters
    ----------
    seconds : float
        How long it may take, from the first packet to the last.
    allowed : frozenset of str
        ``host:port`` pairs that may be private.
    hosts : frozenset of str or None
        The only hosts that may be reached; ``None`` for every public one.
    secret : str
        Added to the query string on the wire and nowhere else, so that no log, error or answer shows it.
    """

    seconds: float
    allowed: frozenset[str]
    hosts: frozenset[str] | None = None
    secret: str = field(default="", repr=False)
    expired: bool = False
    ended: bool = False
    _watched: socket.socket | None = None
    _begun: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def remaining(self) -> float:
        """Seconds left.

        Raises
        ------
        DeadlineError
            None are.
        """
        left = self._begun + self.seconds - time.monotonic()
        if self.expired or left <= 0:
            raise DeadlineError
        return left

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._begun

    def watch(self, sock: socket.socket) -> None:
        """Cut this socket when the deadline comes, whoever is waiting for it then."""
        with self._lock:
            self._forget()
            # A second handle on the same connection: TLS takes the first one over.
            self._watched = socket.socket(fileno=socket.dup(sock.fileno()))

    def expire(self) -> None:
        """End the request now."""
        with self._lock:
            self.expired = not self.ended
            if self._watched is not None:
                try:
                    self._watched.shutdown(socket.SHUT_RDWR)
                except OSError:
                    self._watched.close()

    def end(self) -> None:
        """Let the socket go."""
        with self._lock:
            self.ended = True
            self._forget()

    def _forget(self) -> None:
        if self._watched is not None:
            self._watched.close()
            self._watched = None

    def address(self, url: str) -> str:
        """Return an address as it goes over the wire, with the secret."""
        return f"{url}{'&' if '?' in url else '?'}{self.secret}" if self.secret else url


_current: ContextVar[Call] = ContextVar("call")


def current_call() -> Call:
    """Return the request of the current thread."""
    return _current.get()


class _Deadlines:
    """One thread that ends the requests whose time is up, whatever their own threads wait for."""

    def __init__(self) -> None:
        self._waking = threading.Condition()
        self._calls: list[tuple[float, int, Call]] = []
        self._thread: threading.Thread | None = None

    def add(self, call: Call) -> None:
        """End a request when its time is up, if it has not ended by then."""
        with self._waking:
            while self._calls and self._calls[0][2].ended:
                heapq.heappop(self._calls)
            heapq.heappush(self._calls, (time.monotonic() + call.seconds, id(call), call))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="ham-deadlines", daemon=True)
                self._thread.start()
            elif self._calls[0][2] is call:
                self._waking.notify()

    def _run(self) -> None:
        while True:
            with self._waking:
                wait = self._calls[0][0] - time.monotonic() if self._calls else None
                if wait is None or wait > 0:
                    self._waking.wait(wait)
                    continue
                call = heapq.heappop(self._calls)[2]
            call.expire()


_deadlines = _Deadlines()


@contextmanager
def under_way(call: Call) -> Iterator[Call]:
    """Make this the request of the current thread, and hold it to its deadline."""
    token = _current.set(call)
    _deadlines.add(call)
    try:
        yield call
    finally:
        call.end()
        _current.reset(token)


def resolved(host: str, port: int, timeout: float) -> list[AddressInfo]:
    """Return what a name stands for.

    It is looked up in a thread of its own: nothing can interrupt a lookup that a name server leaves hanging.

    Raises
    ------
    OSError
        The name does not resolve, or not in time.
    """
    until = time.monotonic() + timeout
    answer: queue.SimpleQueue[list[AddressInfo] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answer.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except Exception as error:  # whatever it is, it belongs to the thread that asked
            answer.put(error)
        finally:
            _LOOKUPS.release()

    if not _LOOKUPS.acquire(timeout=timeout):
        raise ConnectionError(f"{host} was not looked up in time")
    threading.Thread(target=look_up, name="ham-lookup", daemon=True).start()
    try:
        found = answer.get(timeout=max(0.0, until - time.monotonic()))
    except queue.Empty:
        raise ConnectionError(f"{host} was not found in time") from None
    if isinstance(found, Exception):
        raise found
    return found


def connect(host: str, port: int, timeout: float, call: Call) -> socket.socket:
    """Resolve a name, judge its addresses, and connect to the first that answers.

    Raises
    ------
    RefusedAddressError
        The host is not on the list, or an address is not public and not allowed.
    OSError
        The name does not resolve or nothing answers.
    """
    if call.hosts is not None and host.lower() not in call.hosts:
        raise RefusedAddressError(f"{host} is not on the list of allowed hosts")
    found = resolved(host, port, min(timeout, call.remaining))
    if f"{host}:{port}".lower() not in call.allowed:
        refused = [str(place[0]) for *_, place in found if not is_public(str(place[0]))]
        if refused:
            raise RefusedAddressError(f"{host} stands for {refused[0]}, which is not a public address")
    problem: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, place in found:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(min(timeout, call.remaining))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(place)
        except OSError as error:
            sock.close()
            problem = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    _ = call.remaining
    raise ConnectionError(f"{host} cannot be reached") from problem


class _Guarded(HTTPConnection):
    """Opens its socket with :func:`connect`; what it may do is said by the current :class:`Call`."""

    def _new_conn(self) -> socket.socket:
        call = _current.get()
        timeout = float(self.timeout) if isinstance(self.timeout, int | float) else call.remaining
        sock = connect(self.host, int(self.port or 80), timeout, call)
        call.watch(sock)
        return sock

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        """Send a request, with the secret on it."""
        call = _current.get()
        if self.sock is not None:
            call.watch(self.sock)
        super().request(method, call.address(url), *args, **kwargs)


class _GuardedTls(_Guarded, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


class GuardedAdapter(HTTPAdapter):
    """A requests adapter whose connections are guarded; it works only inside :func:`under_way`."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools, with guarded connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
