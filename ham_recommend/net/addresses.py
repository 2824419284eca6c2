"""What counts as an address on the web, for every step alike."""

from __future__ import annotations

from urllib.parse import urlsplit


def on_the_web(place: str) -> bool:
    """Return whether a place is an http(s) address rather than a path on this machine."""
    return place.lower().startswith(("http://", "https://"))


def web_address(text: str) -> str:
    """Return an http(s) address as it is; anything else is none.

    Returns
    -------
    str
        Empty when the text is no address, names no host, has another scheme, or carries a user or password,
        which are nobody's to see.
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    acceptable = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    return text if acceptable else ""
