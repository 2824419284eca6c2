"""The modules, styles and icons of the page, held in memory: nothing is read from disk for a request."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ham_recommend.frontend import STATIC as INTERFACE

STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it travels.

    Parameters
    ----------
    content : bytes
        The file.
    compressed : bytes
        The same by gzip; empty where that makes it no smaller.
    media_type : str
        What it is.
    """

    content: bytes
    compressed: bytes
    media_type: str


@cache
def assets() -> Mapping[str, Asset]:
    """Return every file by its name: ``web/static/page.css``, as modules name each other."""
    found = {}
    for prefix, folder in (("frontend/static", INTERFACE), ("web/static", STATIC)):
        for path in sorted(folder.iterdir()):
            if path.suffix in _TYPES:
                found[f"{prefix}/{path.name}"] = _asset(path)
    return found


@cache
def version() -> str:
    """Return a hash of all files; it is part of their addresses, so that a browser may keep them for good."""
    digest = hashlib.sha256()
    for name, asset in assets().items():
        digest.update(name.encode() + b"\0" + asset.content)
    return digest.hexdigest()[:12]


def address(name: str) -> str:
    """Return where a browser finds a file."""
    return f"/static/{version()}/{name}"


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    compressed = gzip.compress(content, 9, mtime=0) if path.suffix != ".png" else b""
    return Asset(content, compressed if len(compressed) < len(content) else b"", _TYPES[path.suffix])
