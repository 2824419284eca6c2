"""The bytes of a work's picture in a size that fills a screen, from its own file."""

from __future__ import annotations

import logging
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from ham_recommend.errors import UnreadablePictureError
from ham_recommend.records import Artwork
from ham_recommend.showing import Thumbnail

logger = logging.getLogger(__name__)

LARGE_SIDE = 2_000
"""Pixels of the longer side of an opened picture: sharp on a large screen, and twice as close."""

LARGE_KEPT = 24
"""Opened pictures that are kept, so that leafing back and forth decodes each file once; some 20 MB."""


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
