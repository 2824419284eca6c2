"""The bytes of a work's picture: its thumbnail, smaller for an export, or large from its own file."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath

from ham_recommend.errors import ArtifactError, UnreadablePictureError
from ham_recommend.files import own_path
from ham_recommend.records import Artwork

logger = logging.getLogger(__name__)

LARGEST = 2_000_000
"""Bytes; a thumbnail is a hundredth of that, and anything larger is no thumbnail."""

LARGE_SIDE = 2_000
"""Pixels of the longer side of an opened picture: sharp on a large screen, and twice as close."""

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
    path = root / work.thumbnail
    try:
        path = own_path(root, work.thumbnail)
        content = path.read_bytes() if path.stat().st_size <= LARGEST else b""
    except (OSError, ArtifactError):
        logger.warning("The thumbnail of %s is gone: %s", work.item_id, path)
        return None
    mime = _mime(content)
    return Thumbnail(content, mime) if mime else None


def large_picture(work: Artwork, side: int = LARGE_SIDE) -> Thumbnail | None:
    """Read the file on this machine that a work's thumbnail was made of, at most ``side`` pixels long.

    Only those very bytes are shown, which the name of the thumbnail is the hash of: a collection that came
    from elsewhere may name any file, and shows none that its maker did not have.

    Returns
    -------
    Thumbnail or None
        A JPEG; ``None`` when the picture is elsewhere, is gone, is another one now, or is none.
    """
    from ham_recommend.catalog.decoding import open_picture, picture_content
    from ham_recommend.catalog.thumbnails import content_hash

    if not is_here(work) or not work.thumbnail:
        return None
    try:
        packed = picture_content(Path(work.picture))
        known = content_hash(packed) == PurePosixPath(work.thumbnail).stem
        picture = open_picture(packed, long_side=side, name=work.picture) if known else None
    except (UnreadablePictureError, OSError) as error:
        logger.warning("The picture of %s cannot be read: %s", work.item_id, error)
        return None
    if picture is None:
        logger.warning("%s is not the picture of %s that was built", work.picture, work.item_id)
        return None
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=88)
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
