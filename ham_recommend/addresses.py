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
        Empty when the text is no address, names no host or has another scheme.
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in {"http", "https"} and parts.netloc else ""
