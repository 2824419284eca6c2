"""What any page may show of a work: text it can carry, addresses it may follow, and its picture as data."""

from __future__ import annotations

import base64
import logging
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from ham_recommend.errors import ArtifactError
from ham_recommend.files import own_path
from ham_recommend.net import addresses
from ham_recommend.records import Artwork

logger = logging.getLogger(__name__)

ADDRESS_LENGTH = 2_000
LARGEST = 2_000_000
"""Bytes; a thumbnail is a hundredth of that, and anything larger is no thumbnail."""

_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}
_IIIF_SIZE = re.compile(r"(/full/)(?:full|max|!?\d*,\d*)(/0/(?:default|native|color)\.\w+)$")
"""The size in the address of a whole picture, as the IIIF Image API has it."""


def showable(text: str, length: int) -> str:
    """Return text that any page and any encoding can carry, cut to ``length`` characters."""
    clean = _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return clean if len(clean) <= length else f"{clean[: length - 1].rstrip()}…"


def web_address(text: str, length: int = ADDRESS_LENGTH) -> str:
    """Return an http(s) address, or an empty string for anything else."""
    if len(text) > length or _UNSHOWABLE.search(text):
        return ""
    return addresses.web_address(text)


def picture_address(text: str, length: int = ADDRESS_LENGTH) -> str:
    """Return the address of a picture that a page may show; empty for one in the reader's own network."""
    return addresses.public_address(web_address(text, length))


def sized_address(address: str, side: int) -> str:
    """Return the address of a picture of at most ``side`` pixels, where the address says its size (IIIF)."""
    return _IIIF_SIZE.sub(rf"\g<1>!{side},{side}\g<2>", address)


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

    @property
    def address(self) -> str:
        """The picture itself as an address."""
        return f"data:{self.mime};base64,{base64.b64encode(self.content).decode()}"


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


def smaller(picture: Thumbnail, side: int = 200) -> Thumbnail:
    """Return a picture of at most ``side`` pixels, for files that hold many of them; takes a millisecond."""
    from PIL import Image

    with Image.open(BytesIO(picture.content), formats=("JPEG", "PNG", "WEBP", "GIF")) as image:
        reduced = image.convert("RGB").reduce(max(1, max(image.size) // (2 * side)))
    reduced.thumbnail((side, side))
    stream = BytesIO()
    reduced.save(stream, "JPEG", quality=75)
    return Thumbnail(stream.getvalue(), "image/jpeg")


def inline_picture(root: Path | None, work: Artwork, side: int) -> str:
    """Return the address of a small picture for a page that has to stand alone; empty where there is none.

    The picture itself where the terms allow copies, else its address at the museum.
    """
    small = thumbnail(root, work) if root and work.copies_allowed else None
    return smaller(small, side).address if small else picture_address(work.picture)


def _mime(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for start, mime in _SIGNATURES.items() if content.startswith(start)), "")
