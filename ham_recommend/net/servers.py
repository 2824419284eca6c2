"""How servers of this package are asked: each told its own token alone, none waited for long."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import urlsplit

import requests
from requests.adapters import DEFAULT_POOLSIZE, HTTPAdapter
from urllib3.util.retry import Retry

from ham_recommend.errors import SettingsError

TOKENS = "HAM_TOKENS"
"""The environment variable with servers' tokens, commas between: ``http://host:8000=SECRET,https://…=OTHER``."""
LONGEST_WAIT = 5
"""Seconds that a server may have us wait before it is asked again: somebody is waiting for the answer."""
CONNECTING = 3.05
"""Seconds until a server is reached: one packet may be lost on the way, which is sent again after three."""
QUESTION = 5.0
"""Seconds until a server begins to answer what somebody waits for, who is better off with less than later."""
_somebody_waits: ContextVar[bool] = ContextVar("somebody_waits", default=False)
_NEXT = re.compile(r",\s*(?=https?://)")
_PORTS = {"http": 80, "https": 443}


def token_for(server: str) -> str:
    """Return the token that a server wants to be told; empty where none is known.

    Parameters
    ----------
    server : str
        Its address: ``"http://host:8000"``; a path behind it does not count.

    Raises
    ------
    SettingsError
        ``HAM_TOKENS`` cannot be read.
    """
    wanted = _place(server)
    for entry in _NEXT.split(os.environ.get(TOKENS, "").strip(", ")):
        address, _, token = entry.partition("=")
        if entry and not (token.strip() and _place(address)):
            raise SettingsError(
                f"{TOKENS} cannot be read. Write it like this: {TOKENS}=http://host:8000=SECRET"
            )
        if entry and _place(address) == wanted:
            return token.strip()
    return ""


@contextmanager
def somebody_waits() -> Iterator[None]:
    """Have servers asked within as somebody waits for them: once, and for :data:`QUESTION` seconds."""
    before = _somebody_waits.set(True)
    try:
        yield
    finally:
        _somebody_waits.reset(before)


def is_waited_for() -> bool:
    """Return whether somebody waits for what is asked now."""
    return _somebody_waits.get()


def session_for(server: str, tries: Retry, connections: int = DEFAULT_POOLSIZE) -> requests.Session:
    """Return a session with a server, which is told its token.

    Parameters
    ----------
    server : str
        Its address: ``"http://host:8000"``.
    tries : Retry
        What is tried again, and how often; it waits :data:`LONGEST_WAIT` at most, whatever the server asks.
    connections : int
        How many connections are kept.

    Raises
    ------
    SettingsError
        ``HAM_TOKENS`` cannot be read.
    """
    session = requests.Session()
    patient = tries.new(retry_after_max=LONGEST_WAIT)
    session.mount(server, HTTPAdapter(max_retries=patient, pool_maxsize=connections))
    if token := token_for(server):
        session.headers["Authorization"] = f"Bearer {token}"
    return session


def asks_for_token(server: str) -> SettingsError:
    """Return the error of a server that wants a token, or another one."""
    return SettingsError(f"{server} asks for a token. Tell it with the variable {TOKENS}={server}=SECRET")


def _place(address: str) -> tuple[str, str, int] | None:
    """Return where a server is: scheme, host and port; ``None`` where that is no address."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]
