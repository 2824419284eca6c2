"""The bytes of a work's picture in a size that fills a screen, from its own file."""

from __future__ import annotations

import logging
from functools import lru_cache
from io import BytesIO
from pathlib import Path, PurePosixPath

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

    Only those very bytes are shown, which the name of the thumbnail is the hash of: a collection that came
    from elsewhere may name any file, and shows none that its maker did not have.

    Returns
    -------
    Thumbnail or None
        A JPEG; ``None`` when the picture is elsewhere, is gone, is another one now, or is none.
    """
    if not is_here(work) or not work.thumbnail:
        return None
    try:
        file = Path(work.picture).stat()
        state = file.st_size, file.st_mtime_ns
        large = _reduced(work.picture, state, PurePosixPath(work.thumbnail).stem, side)
    except (UnreadablePictureError, OSError) as error:
        logger.warning("The picture of %s cannot be read: %s", work.item_id, error)
        return None
    if large is None:
        logger.warning("%s is not the picture of %s that was built", work.picture, work.item_id)
    return large


@lru_cache(LARGE_KEPT)
def _reduced(path: str, _state: tuple[int, int], content: str, side: int) -> Thumbnail | None:
    """Return a file's picture in a size to be shown; ``None`` where its bytes have another hash."""
    from ham_recommend.catalog.decoding import open_picture, picture_content
    from ham_recommend.catalog.thumbnails import content_hash

    packed = picture_content(Path(path))
    if content_hash(packed) != content:
        return None
    stream = BytesIO()
    open_picture(packed, long_side=side, name=path).save(stream, "JPEG", quality=88)
    return Thumbnail(stream.getvalue(), "image/jpeg")


def is_here(work: Artwork) -> bool:
    """Return whether a work's picture is a file on this machine."""
    elsewhere = "://" in work.picture or work.picture.startswith(("//", "\\\\"))
    return not elsewhere and Path(work.picture).is_absolute()
