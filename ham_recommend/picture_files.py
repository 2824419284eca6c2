"""Files of pictures: which kinds are opened, how large they may be, and opening their headers safely."""

from __future__ import annotations

import io
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from ham_recommend.errors import MissingExtraError, SettingsError

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "JPEG2000", "AVIF")
"""The only formats that are opened, whatever a file's name says; with the extra ``heic`` also HEIF."""

SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".jp2", ".j2k",
    ".jpf", ".jpx", ".avif", ".heic", ".heif",
)  # fmt: skip
"""Files with these suffixes, in either case, are taken for pictures."""

OTHER_SUFFIXES = (
    ".psd", ".psb", ".svg", ".svgz", ".eps", ".ai", ".pdf", ".jxl", ".jxr", ".raw", ".dng", ".cr2", ".cr3",
    ".nef", ".arw", ".orf", ".rw2", ".raf", ".pef", ".iiq", ".3fr", ".tga", ".pcx", ".ppm", ".pgm", ".pbm",
    ".ico", ".icns", ".exr", ".hdr", ".djvu",
    ".xcf", ".heics", ".avifs", ".dib", ".wmf", ".emf", ".ptif", ".dcm", ".sgi",
)  # fmt: skip
"""Files with these suffixes are pictures of kinds that are not opened."""

MAX_BYTES = 256 * 2**20
MAX_PIXELS = 100_000_000
"""Pixels, of four bytes each, that one picture may hold in memory, unless a person says otherwise."""

SETTING = "HAM_MAX_MEGAPIXELS"
"""The environment variable that says otherwise, in millions of pixels."""

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def max_pixels() -> int:
    """Return how many pixels of one picture may be held in memory.

    Raises
    ------
    SettingsError
        ``HAM_MAX_MEGAPIXELS`` is no number above 0.
    """
    given = os.environ.get(SETTING, "")
    if not given:
        return MAX_PIXELS
    try:
        pixels = int(float(given) * 1_000_000)
    except (ValueError, OverflowError):
        pixels = 0
    if pixels < 1:
        raise SettingsError(
            f"{SETTING} must be a number of millions of pixels, such as 200; it is {given!r:.60}."
        )
    return pixels


@contextmanager
def opened(source: Path | bytes) -> Iterator[Image.Image]:
    """Open a picture's header, without warnings and whatever its size; nothing is decoded yet.

    Parameters
    ----------
    source : Path or bytes
        The file, or its content.

    Raises
    ------
    MissingExtraError
        It is a HEIC picture, and the extra that reads these is not installed.
    Exception
        Whatever Pillow raises for what it cannot read.
    """
    from PIL import Image

    head = source[:12] if isinstance(source, bytes) else _head(source)
    formats = _formats_for(head)
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    with quiet(), Image.open(file, formats=formats) as image:
        if image.format == "JPEG2000":
            image.info.setdefault("icc_profile", _jp2_profile(image))
        yield image


def reduce_while_decoding(image: Image.Image, long_side: int) -> None:
    """Let a picture be decoded at a fraction of its size, but leave twice as much as needed to resample from.

    JPEG and JPEG 2000 can do so; others are decoded whole.
    """
    image.draft(None, (2 * long_side, 2 * long_side))
    if image.format == "JPEG2000":
        times = max(1, max(image.size) // (2 * long_side))
        cast("Any", image).reduce = min(times.bit_length() - 1, _halvings(image))


def _halvings(image: Image.Image) -> int:
    """Return how often a JPEG 2000 picture can be halved: what its first COD segment says."""
    header = _header(image)
    start = header.find(b"\xff\x4f\xff\x51")
    coding = header.find(b"\xff\x52\x00", start) if start >= 0 else -1
    return min(header[coding + 9], 32) if 0 <= coding < len(header) - 9 else 0


def _jp2_profile(image: Image.Image) -> bytes | None:
    """Return the colour profile of a JPEG 2000 picture, which Pillow does not look for."""
    header = _header(image)
    at = header.find(b"colr\x02")
    size = int.from_bytes(header[at - 4 : at]) if at >= 4 else 0
    return (header[at + 7 : at - 4 + size] or None) if size else None


def _header(image: Image.Image) -> bytes:
    file: IO[bytes] = cast("Any", image).fp
    at = file.tell()
    file.seek(0)
    header = file.read(_HEADER)
    file.seek(at)
    return header


_HEADER = 1 << 20


_HELD_AGAIN = {"WEBP": 4, "AVIF": 3, "HEIF": 3}
"""How many times their decoders hold a picture, with frames of their own; measured."""


def pixels_held(image: Image.Image, size: tuple[int, int]) -> int:
    """Return how many pixels, of four bytes each, decoding a picture holds at once.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened, and told to be reduced if it shall be.
    size : (int, int)
        Its own size, before that.
    """
    whole = _area(size)
    if image.format in {"JPEG", "MPO"} and image.info.get("progressive"):
        return max(_area(image.size), whole // 2)  # two to three bytes of coefficients for each pixel
    if image.format == "JPEG2000":
        return whole >> (2 * int(getattr(image, "_reduce", 0)))
    if image.format in _HELD_AGAIN:
        return _HELD_AGAIN[image.format] * whole
    return _area(image.size) * (2 if image.mode in {"RGBA", "LA", "PA", "I", "F"} else 1)


def _area(size: tuple[int, int]) -> int:
    return max(size[0], 3) * size[1]  # a row costs eight bytes more, however short it is


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(12)


def _formats_for(head: bytes) -> tuple[str, ...]:
    if head[4:8] != b"ftyp" or head[8:12] not in _HEIF_BRANDS:
        return FORMATS
    try:
        import pillow_heif
    except ImportError as error:
        if head[8:12] in {b"mif1", b"msf1"}:  # may be AVIF
            return FORMATS
        raise MissingExtraError.needing("Reading HEIC pictures", "heic") from error
    pillow_heif.register_heif_opener()
    return (*FORMATS, "HEIF")


class _Quiet:
    """Silences Pillow while any thread reads: Python's filters and Pillow's limit belong to all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._filters = warnings.catch_warnings()
        self._limit: int | None = None

    def enter(self) -> None:
        from PIL import Image

        with self._lock:
            if not self._inside:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")
                self._limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
            self._inside += 1

    def leave(self) -> None:
        from PIL import Image

        with self._lock:
            self._inside -= 1
            if not self._inside:
                Image.MAX_IMAGE_PIXELS = self._limit
                self._filters.__exit__(None, None, None)


_quiet = _Quiet()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Pillow from warning about what a picture holds, and from refusing large ones on its own."""
    _quiet.enter()
    try:
        yield
    finally:
        _quiet.leave()
