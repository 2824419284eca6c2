"""Reading JSON and pictures from servers that are slow, limited, broken or hostile.

Every request has a size limit and a time limit; every redirect is checked like the first address; what is
worth trying again is tried again, with pauses. Proxies of the environment are not used: behind one, nothing
could be said about the address that is reached.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import zlib
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import HTTPError as Urllib3Error
from urllib3.exceptions import ReadTimeoutError

from ham_recommend._version import __version__
from ham_recommend.net.addresses import Secret, web_address
from ham_recommend.net.outcomes import Failure, Fetched, Kind, failure, of_status, or_raise, without_query
from ham_recommend.net.rate_limit import Clock, HostPausedError, RateLimit, backoff, retry_after
from ham_recommend.net.sockets import (
    Call,
    DeadlineError,
    GuardedAdapter,
    RefusedAddressError,
    under_way,
)

__all__ = ["Failure", "Fetched", "Fetcher", "Secret", "allowed_by_environment"]

log = logging.getLogger(__name__)

USER_AGENT = f"ham-recommend/{__version__} (museum collection explorer)"
REDIRECTS = 3
"""Most redirects followed."""
JSON_BYTES = 32 * 2**20
JSON_VALUES = 2_000_000
"""Most values in an answer: an empty list takes three bytes on the way, and a hundred in memory."""
PICTURE_BYTES = 32 * 2**20
_PIECE = 65_536
_BRACKETS = str.maketrans("", "", "[]")
_REDIRECTING = {301, 302, 303, 307, 308}

T = TypeVar("T")
_SLOW: tuple[Kind, str] = ("slow", "the server took too long")
_CUT: tuple[Kind, str] = ("truncated", "the connection ended before the answer did")
_EXPECTED = (
    RefusedAddressError,
    DeadlineError,
    requests.RequestException,
    Urllib3Error,
    OSError,
    ValueError,
)
_ALLOWED = "HAM_ALLOW_PRIVATE"


def allowed_by_environment() -> frozenset[str]:
    """Return the ``host:port`` pairs, separated by commas, of the variable ``HAM_ALLOW_PRIVATE``."""
    return frozenset(place.strip() for place in os.environ.get(_ALLOWED, "").split(",") if place.strip())


class ClosedError(Exception):
    """A fetcher was closed while something was still to be fetched."""


class Fetcher:
    """Fetches from public servers, safely and politely; may be shared by threads.

    Parameters
    ----------
    user_agent : str
        How to introduce ourselves.
    rate_per_host : float
        Most requests a second to one host.
    at_once : int
        Most requests under way to one host.
    allow_private : collection of str
        ``host:port`` pairs that may be reached although their address is private: a server on this machine.
    hosts : collection of str or None
        Only these hosts; ``None`` allows every public one.
    secret : Secret or None
        A key to send.
    attempts : int
        How often to try before giving up.
    longest_pause : float
        A server that asks for a longer pause than this many seconds is not asked again until it is over.
    total_seconds, read_seconds : float
        Longest time for one request with its redirects, and between two packets.
    clock : Clock
        For the pauses; the time limits above are always real.
    before_request : callable or None
        Called before each request with its address; what it raises ends the fetch. For budgets.
    adapter : requests.adapters.BaseAdapter or None
        Carries the requests; ``None`` for real, guarded connections.
    """

    def __init__(
        self,
        user_agent: str = USER_AGENT,
        *,
        rate_per_host: float = 5.0,
        at_once: int = 4,
        allow_private: Collection[str] = (),
        hosts: Collection[str] | None = None,
        secret: Secret | None = None,
        attempts: int = 4,
        longest_pause: float = 120.0,
        total_seconds: float = 60.0,
        read_seconds: float = 15.0,
        clock: Clock | None = None,
        before_request: Callable[[str], None] | None = None,
        adapter: BaseAdapter | None = None,
    ) -> None:
        self._closed = threading.Event()
        self.clock = clock or Clock(sleep=self._sleep)
        self.at_once = at_once
        self._rate_limit = RateLimit(rate_per_host, at_once, self.clock, longest_pause)
        self._allowed = frozenset(place.lower().translate(_BRACKETS) for place in allow_private)
        self._hosts = None if hosts is None else frozenset(host.lower() for host in hosts)
        self._secret = secret
        self._attempts = attempts
        self._longest_pause = longest_pause
        self._total_seconds = total_seconds
        self._read_seconds = read_seconds
        self._before_request = before_request
        self._session = _session(user_agent, adapter or GuardedAdapter(pool_maxsize=max(10, at_once)))

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, and wake who waits for a server."""
        self._closed.set()
        self._session.close()

    def _sleep(self, seconds: float) -> None:
        if self._closed.wait(seconds):
            raise ClosedError

    def get_json(
        self, url: str, params: Mapping[str, Any] | None = None, *, max_bytes: int = JSON_BYTES
    ) -> Any:
        """Return a decoded JSON answer.

        Parameters
        ----------
        url : str
            http or https.
        params : mapping or None
            For the query string.
        max_bytes : int
            Most bytes, compressed and decompressed.

        Raises
        ------
        SourceAuthError
            The server refuses the key or the visitor.
        SourceUnavailableError
            It does not answer as it should; says whether and when to try again.
        """
        return or_raise(self.try_json(url, params, max_bytes=max_bytes))

    def try_json(
        self, url: str, params: Mapping[str, Any] | None = None, *, max_bytes: int = JSON_BYTES
    ) -> Any | Failure:
        """Return a decoded JSON answer, or why there is none; see :meth:`get_json`."""
        return self._with_retries(_with(url, params), max_bytes, "", self._parsed)

    def try_bytes(self, url: str, *, max_bytes: int = PICTURE_BYTES, accept: str = "") -> Fetched | Failure:
        """Return an answer as it is, or why there is none.

        Parameters
        ----------
        url : str
            http or https.
        max_bytes : int
            Most bytes, compressed and decompressed.
        accept : str
            What the content type must begin with, for example ``"image/"``; an unnamed type passes.
        """
        return self._with_retries(url, max_bytes, accept, lambda fetched: fetched)

    def _with_retries(
        self, url: str, max_bytes: int, accept: str, read: Callable[[Fetched], T | Failure]
    ) -> T | Failure:
        """Try, and try again while it makes sense."""
        attempt = 0
        while True:
            outcome = self._with_redirects(url, max_bytes, accept)
            result = outcome if isinstance(outcome, Failure) else read(outcome)
            if not isinstance(result, Failure):
                return result
            attempt += 1
            too_long = (result.retry_after or 0.0) > self._longest_pause
            if not result.worth_retrying or attempt >= self._attempts or too_long:
                return result
            log.info("%s Trying again.", result.detail)
            if not _asks_for_a_pause(result):
                self.clock.sleep(backoff(attempt - 1))

    def _with_redirects(self, url: str, max_bytes: int, accept: str) -> Fetched | Failure:
        """Make one attempt, following redirects."""
        seconds = self._total_seconds
        for _ in range(REDIRECTS + 1):
            if not web_address(url):
                return failure("refused address", url, "only plain http and https addresses are fetched")
            try:
                outcome, seconds = self._limited(url, seconds, max_bytes, accept)
            except HostPausedError as error:
                wait = error.seconds
                return failure("busy", url, f"the server asks for a pause of {wait:,.0f} s", wait)
            if not isinstance(outcome, str):
                return outcome
            url = outcome
        return failure("redirects", url, f"more than {REDIRECTS} redirects")

    def _limited(
        self, url: str, seconds: float, max_bytes: int, accept: str
    ) -> tuple[Fetched | Failure | str, float]:
        """Make one request when the limits allow it; return what came of it and the seconds left."""
        host = urlsplit(url).netloc.lower()
        with self._rate_limit.slot(host):
            if self._before_request is not None:
                self._before_request(url)
            secret = self._secret.query_for(url) if self._secret else ""
            call = Call(seconds, self._allowed, self._hosts, secret)
            outcome = self._within_deadline(url, call, max_bytes, accept)
            if not isinstance(outcome, Failure):
                self._rate_limit.succeeded(host)
            elif _asks_for_a_pause(outcome):
                self._rate_limit.pause(host, outcome.retry_after)
        return outcome, max(0.1, seconds - call.elapsed)

    def _within_deadline(self, url: str, call: Call, max_bytes: int, accept: str) -> Fetched | Failure | str:
        """Make one request; return the new address when the server redirects."""
        try:
            with under_way(call):
                return self._request(url, call, max_bytes, accept)
        except _EXPECTED as error:
            return _failure_of(url, call, error)

    def _request(self, url: str, call: Call, max_bytes: int, accept: str) -> Fetched | Failure | str:
        with self._session.get(
            url,
            stream=True,
            allow_redirects=False,
            timeout=(min(10.0, call.remaining), min(self._read_seconds, call.remaining)),
            headers={"Accept": f"{accept}*" if accept else "application/json"},
        ) as response:
            location = response.headers.get("Location")
            if response.status_code in _REDIRECTING and location:
                _skip(response, call)
                target = urljoin(url, location)
                return self._secret.without(target) if self._secret else target
            if response.status_code != 200:
                _skip(response, call)
                wait = retry_after(response.headers.get("Retry-After"), self.clock.now())
                return of_status(url, response.status_code, wait, keyed=bool(call.secret))
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if accept and kind and not kind.startswith(accept):
                return failure("wrong content", url, f"the server sent {kind[:60]!r}")
            body = _body(response, call, max_bytes)
            if body is None:
                return failure("too large", url, f"more than {max_bytes:,} bytes")
            promised = response.headers.get("Content-Length", "")
            if promised.isdigit() and len(body) != int(promised):
                return failure("truncated", url, f"{len(body):,} of {int(promised):,} bytes came")
            return _decompressed(url, body, response.headers.get("Content-Encoding", ""), kind, max_bytes)

    def _parsed(self, fetched: Fetched) -> Any:
        content = fetched.content
        if self._secret is not None:
            # Answers quote the address they were asked at.
            content = content.replace(self._secret.value.encode(), b"")
        if sum(content.count(sign) for sign in (b",", b"[", b"{")) > JSON_VALUES:
            return failure("too large", fetched.final_url, f"more than {JSON_VALUES:,} values")
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            return failure("truncated", fetched.final_url, "the answer is not readable JSON")


class _Session(requests.Session):
    """Leaves redirects to the fetcher: requests would read the body of one to its end, and decompress it."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """See no redirect."""


def _session(user_agent: str, adapter: BaseAdapter) -> requests.Session:
    session = _Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip"})
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _asks_for_a_pause(failed: Failure) -> bool:
    """Return whether it is the host, not only this request, that is to wait."""
    return failed.kind == "busy" or failed.retry_after is not None


def _failure_of(url: str, call: Call, error: Exception) -> Failure:
    """Return what an exception on the way means; its own words may quote the address and are not repeated."""
    match error:
        case RefusedAddressError():
            return failure("refused address", url, str(error))
        case requests.exceptions.InvalidSchema() | ValueError():
            return failure("refused address", url, "the address cannot be read")
        case DeadlineError() | requests.Timeout() | ReadTimeoutError() | TimeoutError():
            kind, what = _SLOW
        case Urllib3Error():
            kind, what = _SLOW if call.expired else _CUT
        case _:
            broken: tuple[Kind, str] = ("no connection", f"the connection failed ({type(error).__name__})")
            kind, what = _SLOW if call.expired else broken
    return failure(kind, url, what)


def _body(response: requests.Response, call: Call, most: int) -> bytes | None:
    """Return the body as it was sent; ``None`` when it is larger than allowed."""
    pieces: list[bytes] = []
    size = 0
    while True:
        _ = call.remaining
        piece = response.raw.read1(_PIECE, decode_content=False)
        if not piece:
            _ = call.remaining
            return b"".join(pieces)
        size += len(piece)
        if size > most:
            return None
        pieces.append(piece)


def _skip(response: requests.Response, call: Call) -> None:
    """Read a body that nobody needs, if it is short and whole: the connection can then be used again."""
    with suppress(Urllib3Error, OSError):
        _body(response, call, _PIECE)


def _decompressed(url: str, body: bytes, encoding: str, kind: str, most: int) -> Fetched | Failure:
    if encoding.strip().lower() in {"", "identity"}:
        return Fetched(body, kind, without_query(url))
    if encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return failure("wrong content", url, f"compressed as {encoding[:30]!r}, which was not asked for")
    decompressor = zlib.decompressobj(wbits=47)
    try:
        content = decompressor.decompress(body, most + 1)
    except zlib.error:
        return failure("truncated", url, "the compressed answer is damaged")
    if len(content) > most:
        return failure("too large", url, f"more than {most:,} bytes when decompressed")
    if not decompressor.eof:
        return failure("truncated", url, "the compressed answer ends too early")
    return Fetched(content, kind, without_query(url))


def _with(url: str, params: Mapping[str, Any] | None) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(params)}" if params else url
