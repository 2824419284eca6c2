"""What comes of a request: what was fetched, or why not, without anything secret."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar
from urllib.parse import urlsplit, urlunsplit

from ham_recommend.errors import SourceAuthError, SourceUnavailableError

T = TypeVar("T")

Kind = Literal[
    "refused address",
    "redirects",
    "denied",
    "not found",
    "busy",
    "server error",
    "slow",
    "no connection",
    "truncated",
    "too large",
    "wrong content",
]
_CHECK_THE_KEY = "Check the key, and whether the server may be used."
_TURNED_AWAY = "It turns this visitor away: try again later or from another network, or ask those who run it."
_WORTH_RETRYING: frozenset[Kind] = frozenset({"busy", "server error", "slow", "no connection", "truncated"})


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server sent.

    Parameters
    ----------
    content : bytes
        Whole, as long as the server said, and decompressed.
    content_type : str
        Lower case, without parameters; empty when the server names none.
    final_url : str
        Where it came from after redirects.
    """

    content: bytes = field(repr=False)
    content_type: str
    final_url: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be fetched.

    Parameters
    ----------
    kind : str
        One of a few, for counting.
    detail : str
        A sentence for people, without secrets.
    worth_retrying : bool
        Whether another attempt, later, might succeed.
    retry_after : float or None
        Seconds the server asked to wait.
    keyed : bool
        Whether a key was sent.
    """

    kind: Kind
    detail: str
    worth_retrying: bool = False
    retry_after: float | None = None
    keyed: bool = False

    def __str__(self) -> str:
        return self.detail


def of_status(url: str, status: int, wait: float | None, *, keyed: bool) -> Failure:
    """Return what an HTTP status other than 200 means; ``wait`` is what ``Retry-After`` asks for."""
    kinds: dict[int, Kind] = {401: "denied", 403: "denied", 408: "slow", 429: "busy", 503: "busy"}
    kind = kinds.get(status, "server error" if status >= 500 else "not found")
    return replace(failure(kind, url, f"the server answered {status}", wait), keyed=keyed)


def failure(kind: Kind, url: str, what: str, wait: float | None = None) -> Failure:
    """Return a failure that says where and what, as a sentence."""
    return Failure(kind, f"{without_query(url)}: {_printable(what)}.", kind in _WORTH_RETRYING, wait)


def or_raise(outcome: T | Failure) -> T:
    """Return what was fetched.

    Raises
    ------
    SourceAuthError
        The server refuses the key or the visitor.
    SourceUnavailableError
        Anything else went wrong; says whether and when to try again.
    """
    if not isinstance(outcome, Failure):
        return outcome
    if outcome.kind == "denied":
        raise SourceAuthError(f"{outcome} {_CHECK_THE_KEY if outcome.keyed else _TURNED_AWAY}")
    hint = "Try again later; nothing is lost." if outcome.worth_retrying else "Trying again will not help."
    raise SourceUnavailableError(
        f"{outcome} {hint}", retry_after=outcome.retry_after, worth_retrying=outcome.worth_retrying
    )


def without_query(url: str) -> str:
    """Return an address without query, fragment or user: what may be shown."""
    try:
        parts = urlsplit(url)
        shown = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))[:300]
    except ValueError:
        return "an unreadable address"
    return _printable(shown)


def _printable(text: str) -> str:
    # An address may come from a server, and end up in a terminal.
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
