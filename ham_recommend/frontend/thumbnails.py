"""The bytes of a work's picture in a size that fills a screen, from its own file."""

from __future__ import annotations

import logging
from io import BytesIO
from pathlib import Path

from ham_recommend.errors import UnreadablePictureError
from ham_recommend.records import Artwork
from ham_recommend.showing import Thumbnail

logger = logging.getLogger(__name__)

LARGE_SIDE = 2_000
"""Pixels of the longer side of an opened picture: sharp on a large screen, and twice as close."""


def large_picture(work: Artwork, side: int = LARGE_SIDE) -> Thumbnail | None:
    """Read the file on this machine that a work's thumbnail was made of, at most ``side`` pixels long.

    Returns
    -------
    Thumbnail or None
        A JPEG; ``None`` when the picture is elsewhere, is gone, or is none.
    """
    from ham_recommend.catalog.decoding import open_picture

    if not is_here(work):
        return None
    try:
        picture = open_picture(work.picture, long_side=side)
    except (UnreadablePictureError, OSError):
        logger.warning("The picture of %s cannot be read: %s", work.item_id, work.picture)
        return None
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=88)
    return Thumbnail(stream.getvalue(), "image/jpeg")


def is_here(work: Artwork) -> bool:
    """Return whether a work's picture is a file on this machine."""
    elsewhere = "://" in work.picture or work.picture.startswith(("//", "\\\\"))
    return not elsewhere and Path(work.picture).is_absolute()
