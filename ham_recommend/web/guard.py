"""What stands before every handler: who may ask, by which name, from which page, how much and how often.

Plain ASGI rather than a middleware of the framework, which costs a task and a queue for every request.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from html import escape
from math import ceil
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ham_recommend.web.problems import Refused, of_error, problem
from ham_recommend.web.rates import Rates
from ham_recommend.web.services import Services
from ham_recommend.web.visitors import COOKIE, COOKIE_SECONDS

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger("ham_recommend.web.requests")

TOKEN_COOKIE = "ham_token"  # noqa: S105 - its name, not the token
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN = frozenset({"/healthz", "/readyz"})
"""What a watchdog asks without a token, and as often as it likes."""
GUESS_COST = 30.0
"""What a wrong token or code counts, in requests: guessing stops after a few."""

PIECE_COST = 0.1
"""What a piece of an upload counts: a thousand pictures are a thousand requests, and wanted."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data: https: http:",  # museums' own pictures
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_FILE_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
"""Of a file of the page, which is no document: a page loads some sixty, and the rest would weigh 25 kB."""


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


_RAW_HEADERS, _RAW_FILE_HEADERS = _raw(_HEADERS), _raw(_FILE_HEADERS)


class Guard:
    """Wraps the application.

    Parameters
    ----------
    app : ASGI application
        What answers those who may ask.
    services : Services
        The parts of this process.
    """

    def __init__(self, app: App, services: Services) -> None:
        self._app = app
        self.services = services
        self._settings = services.settings
        self._rates, self._new = services.rates()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = perf_counter()
        asked = Asked(scope, self.services)
        scope.setdefault("state", {})["asked"] = asked
        asked.admit_visitor = self._admit_new
        asked.rates = self._rates

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                ours = _RAW_FILE_HEADERS if scope["path"].startswith("/static/") else _RAW_HEADERS
                message["headers"] = [*_clean(message["headers"]), *ours, *asked.cookies()]
                self._count(scope, message["status"], perf_counter() - start)
            await send(message)

        try:
            refusal = self._refusal(asked)
        except Refused as refused:
            refusal = of_error(refused)
        if refusal is None:
            await self._app(scope, receive, sending)
        else:
            await refusal(scope, receive, sending)

    def _refusal(self, asked: Asked) -> Response | None:
        """Return what to answer instead, where the request may not pass."""
        if not self._settings.knows(asked.headers.get("host", "")):
            names = "the address it listens on, or a name given with --name"
            return problem(421, f"This server does not go by that name. Use {names}.")
        if asked.path in OPEN:
            return None
        self._check_rate(asked)
        if not self._settings.token:
            self._check_origin(asked)
            return None
        return self._without_token(asked)

    def _without_token(self, asked: Asked) -> Response | None:
        """Let in who knows the token; who gives it in an address gets a cookie, and an address without it."""
        bearer = asked.headers.get("authorization", "").partition("Bearer ")[2]
        if bearer and _equal(bearer, self._settings.token):
            return None  # no page elsewhere can make a browser send this
        expected = self.services.visitors.passed(self._settings.token)
        if _equal(asked.cookie(TOKEN_COOKIE), expected):
            self._check_origin(asked)
            return None
        query = parse_qsl(asked.query, keep_blank_values=True)
        given = dict(query).get("token", "")
        if asked.method == "GET" and given and _equal(given, self._settings.token):
            rest = urlencode([(name, value) for name, value in query if name != "token"])
            asked.set_cookie(TOKEN_COOKIE, expected)
            return RedirectResponse(asked.local_path + (f"?{rest}" if rest else ""), 303)
        if given or bearer:
            asked.charge(GUESS_COST)
        wanted = {"WWW-Authenticate": "Bearer"}
        if "text/html" in asked.headers.get("accept", ""):
            return HTMLResponse(_ask_for_token(asked.local_path, wrong=bool(given)), 401, wanted)
        return problem(401, "This server asks for a token: Authorization: Bearer TOKEN.", wanted)

    def _check_rate(self, asked: Asked) -> None:
        wait = self._rates.wait(asked.who, PIECE_COST if asked.method == "PUT" else 1.0)
        if wait:
            raise Refused(429, "That was too much at once. Wait a moment.", {"Retry-After": f"{ceil(wait)}"})

    def _check_origin(self, asked: Asked) -> None:
        """Refuse what changes something and comes from a page elsewhere."""
        if asked.method in SAFE:
            return
        site, origin = asked.headers.get("sec-fetch-site"), asked.headers.get("origin")
        elsewhere = site not in {None, "same-origin", "none"}
        if elsewhere or (origin is not None and urlsplit(origin).netloc != asked.headers.get("host")):
            raise Refused(403, "A page of another server may not change anything here.")

    def _admit_new(self, asked: Asked) -> None:
        wait = self._new.wait(asked.address)
        if wait:
            raise Refused(429, "Too many new visitors come from there.", {"Retry-After": f"{ceil(wait)}"})

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self.services.metrics.request(route, scope["method"], status, seconds)
        if log.isEnabledFor(logging.INFO):
            line = {
                "route": route,
                "method": scope["method"],
                "status": status,
                "ms": round(seconds * 1e3, 2),
            }
            log.info(orjson.dumps(line).decode())


class Asked:
    """One request: who makes it, and what its answer gives back to them."""

    admit_visitor: Callable[[Asked], None]
    rates: Rates

    def __init__(self, scope: Scope, services: Services) -> None:
        self.headers = Headers(scope=scope)
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: str = scope["query_string"].decode("latin-1")
        self._raw_path: str = scope.get("raw_path", b"/").decode("latin-1")
        self._scheme: str = scope.get("scheme", "http")
        self.address: str = (scope.get("client") or ("unknown", 0))[0]
        self._services = services
        self._cookies = cookie_parser(self.headers.get("cookie", "")) if "cookie" in self.headers else {}
        self._given: list[tuple[bytes, bytes]] = []
        self._visitor = services.visitors.visitor(self.cookie(COOKIE)) if self._cookies else None

    @property
    def who(self) -> str:
        """Whose requests are counted together: a visitor's, or those of an address."""
        return self._visitor or self.address

    @property
    def local_path(self) -> str:
        """The path as a link within this server: two slashes at its start would name another one."""
        return "/" + self._raw_path.partition("?")[0].lstrip("/\\")

    @property
    def visitor(self) -> str:
        """The visitor; somebody new gets a cookie.

        Raises
        ------
        Refused
            Too many new ones come from this address.
        """
        if self._visitor is None:
            self.admit_visitor(self)
            self.become(self._services.visitors.new())
        assert self._visitor is not None  # noqa: S101
        return self._visitor

    def become(self, visitor: str) -> None:
        """Go on as another visitor."""
        self._visitor = visitor
        self.set_cookie(COOKIE, self._services.visitors.cookie(visitor))

    def charge(self, cost: float) -> None:
        """Count something that is worth guessing as many requests of this address.

        Raises
        ------
        Refused
            It was tried too often.
        """
        wait = self.rates.wait(self.address, cost)
        if wait:
            raise Refused(429, "That was tried too often. Wait a moment.", {"Retry-After": f"{ceil(wait)}"})

    def cookie(self, name: str) -> str:
        """Return what a cookie holds; empty when it was not sent."""
        return str(self._cookies.get(name, ""))

    def set_cookie(self, name: str, value: str) -> None:
        """Let the browser keep something that no script and no other site gets."""
        secure = "; Secure" if self._scheme == "https" else ""
        text = f"{name}={value}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{secure}"
        self._given.append((b"set-cookie", text.encode("latin-1")))

    def cookies(self) -> list[tuple[bytes, bytes]]:
        """Return the headers that set cookies."""
        return self._given


def _clean(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return headers without those whose value would begin another line."""
    return [(name, value) for name, value in headers if not {10, 13, 0} & set(value)]


def _equal(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _ask_for_token(path: str, *, wrong: bool) -> str:
    said = "That is not the token. " if wrong else ""
    return (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Token</title>'
        '<meta name="viewport" content="width=device-width">'
        f'<form action="{escape(path)}"><p>{said}This server asks for a token.</p>'
        '<label>Token <input type="password" name="token" autocomplete="current-password" autofocus></label> '
        "<button>Go on</button></form></html>"
    )
