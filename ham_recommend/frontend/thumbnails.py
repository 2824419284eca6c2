"""The bytes of a work's picture: its thumbnail, smaller for an export, or large from its own file."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from ham_recommend.errors import UnreadablePictureError
from ham_recommend.records import Artwork

logger = logging.getLogger(__name__)

LARGEST = 2_000_000
"""Bytes; a thumbnail is a hundredth of that, and anything larger is no thumbnail."""

LARGE_SIDE = 2_000
"""Pixels of the longer side of an opened picture: sharp on a large screen, and twice as close."""

LARGE_KEPT = 24
"""Opened pictures that are kept, so that leafing back and forth decodes each file once; some 20 MB."""

_SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture as a page can show it.

    Parameters
    ----------
    content : bytes
        The encoded picture.
    mime : str
        Its type, such as ``image/webp``.
    """

    content: bytes
    mime: str


def thumbnail(root: Path, work: Artwork) -> Thumbnail | None:
    """Read a work's thumbnail.

    Parameters
    ----------
    root : Path
        The workspace's folder; nothing outside it is read.
    work : Artwork
        The work.

    Returns
    -------
    Thumbnail or None
        ``None`` when there is none, or it is not a picture a browser knows.
    """
    if not work.thumbnail:
        return None
    path = (root / work.thumbnail).resolve()
    if not path.is_relative_to(root.resolve()):
        return None
    try:
        content = path.read_bytes() if path.stat().st_size <= LARGEST else b""
    except OSError:
        logger.warning("The thumbnail of %s is gone: %s", work.item_id, path)
        return None
    mime = _mime(content)
    return Thumbnail(content, mime) if mime else None


def large_picture(work: Artwork, side: int = LARGE_SIDE) -> Thumbnail | None:
    """Read the file on this machine that a work's thumbnail was made of, at most ``side`` pixels long.

    Returns
    -------
    Thumbnail or None
        A JPEG; ``None`` when the picture is elsewhere, is gone, or is none.
    """
    if not is_here(work):
        return None
    try:
        file = Path(work.picture).stat()
        return _reduced(work.picture, (file.st_size, file.st_mtime_ns), side)
    except (UnreadablePictureError, OSError):
        logger.warning("The picture of %s cannot be read: %s", work.item_id, work.picture)
        return None


@lru_cache(LARGE_KEPT)
def _reduced(path: str, _state: tuple[int, int], side: int) -> Thumbnail:
    """Return a file's picture in a size to be shown; a file that has changed is another one."""
    from ham_recommend.catalog.decoding import open_picture

    stream = BytesIO()
    open_picture(path, long_side=side).save(stream, "JPEG", quality=88)
    return Thumbnail(stream.getvalue(), "image/jpeg")


def is_here(work: Artwork) -> bool:
    """Return whether a work's picture is a file on this machine."""
    elsewhere = "://" in work.picture or work.picture.startswith(("//", "\\\\"))
    return not elsewhere and Path(work.picture).is_absolute()


def smaller(picture: Thumbnail, side: int = 200) -> Thumbnail:
    """Return a picture of at most ``side`` pixels, for files that hold many of them; takes a millisecond."""
    from PIL import Image

    with Image.open(BytesIO(picture.content), formats=("JPEG", "PNG", "WEBP", "GIF")) as image:
        reduced = image.convert("RGB").reduce(max(1, max(image.size) // (2 * side)))
    reduced.thumbnail((side, side))
    stream = BytesIO()
    reduced.save(stream, "JPEG", quality=75)
    return Thumbnail(stream.getvalue(), "image/jpeg")


def _mime(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for start, mime in _SIGNATURES.items() if content.startswith(start)), "")
