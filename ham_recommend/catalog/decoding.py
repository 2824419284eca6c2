"""Opens pictures of any kind, hostile ones too, without harm."""

from __future__ import annotations

import io
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from ham_recommend.errors import UnreadablePictureError

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF")
"""The only formats that are opened, whatever a file's name says."""

MAX_BYTES = 64 * 2**20
MAX_PIXELS = 100_000_000

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def open_picture(
    source: str | os.PathLike[str] | bytes,
    *,
    long_side: int | None = None,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
    name: str = "",
) -> Image.Image:
    """Open a JPEG, PNG, WebP, TIFF or GIF (its first frame) as an upright RGB picture.

    Transparent parts become white, 16-bit and floating-point grey is scaled to 8 bits, CMYK is converted the
    way Photoshop stores it. Colour profiles are not applied.

    Parameters
    ----------
    source : path-like or bytes
        The file, or its content.
    long_side : int or None
        Reduce the picture to at most this many pixels on its longer side; large JPEGs open faster then.
    max_bytes, max_pixels : int
        Larger files, and pictures that would unpack to more pixels, are refused before they are decoded.
    name : str
        What to call it in errors, instead of the file's name.

    Returns
    -------
    PIL.Image.Image
        Mode RGB, decoded, without metadata.

    Raises
    ------
    UnreadablePictureError
        Whatever is wrong with it; the message names the file and the reason.
    """
    if isinstance(source, bytes):
        content, given = source, f"{len(source)} bytes"
    else:
        content, given = picture_content(Path(source), max_bytes), str(Path(source))
    return _decoded(content, name or given, long_side, max_bytes, max_pixels)


def picture_content(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Return a file's bytes, one more at most than are allowed.

    Raises
    ------
    UnreadablePictureError
        There is no such file, or it may not be read.
    """
    try:
        if not path.is_file():
            raise UnreadablePictureError(f"{path} cannot be read: there is no such file.")
        with path.open("rb") as stream:
            return stream.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnreadablePictureError(f"{path} cannot be read: {reason}.") from error


def _decoded(
    content: bytes, name: str, long_side: int | None, max_bytes: int, max_pixels: int
) -> Image.Image:
    if not content:
        raise UnreadablePictureError(f"{name} cannot be read: it is empty.")
    if len(content) > max_bytes:
        raise UnreadablePictureError(f"{name} cannot be read: it has more than {max_bytes:,} bytes.")
    try:
        with _no_warnings(), Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_size(image, name, max_pixels)
            return _upright_rgb(image, long_side)
    except UnreadablePictureError:
        raise
    except UnidentifiedImageError as error:
        raise UnreadablePictureError(f"{name} cannot be read: it is no {', '.join(FORMATS)}.") from error
    except Image.DecompressionBombError as error:
        raise UnreadablePictureError(
            f"{name} cannot be read: it has more than {max_pixels:,} pixels."
        ) from error
    except Exception as error:  # a broken file can raise anything from inside its decoder
        reason = str(error).rstrip(".") or type(error).__name__
        raise UnreadablePictureError(f"{name} cannot be read: {reason}.") from error


def _check_size(image: Image.Image, name: str, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise UnreadablePictureError(
            f"{name} cannot be read: {width:,} × {height:,} is more than {max_pixels:,} pixels."
        )


def _upright_rgb(image: Image.Image, long_side: int | None) -> Image.Image:
    if long_side is not None:
        # decode at up to an eighth of the size, but leave twice as much as needed to resample from
        image.draft(None, (2 * long_side, 2 * long_side))
    image.load()
    turn = _UPRIGHT.get(_orientation(image))
    rgb = _rgb(image)
    if long_side is not None and max(rgb.size) > long_side:
        rgb = _reduced(rgb, long_side)
    if turn is not None:
        rgb = rgb.transpose(turn)
    rgb.info.clear()
    return rgb


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; 1, upright, when the EXIF data is absent or broken."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # broken EXIF raises anything, and does not hurt the picture
        return 1


def _reduced(image: Image.Image, long_side: int) -> Image.Image:
    scale = long_side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in {"I", "F"} or image.mode.startswith("I;"):
        return _eight_bits(image).convert("RGB")
    if image.has_transparency_data:
        with_alpha = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(with_alpha, mask=with_alpha.getchannel("A"))
        return white
    return image.convert("RGB") if image.mode != "RGB" else image.copy()


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale grey of more than 8 bits: by what the values show its range to be."""
    grey = np.nan_to_num(np.asarray(image, dtype=np.float32), posinf=0.0, neginf=0.0)
    low, high = float(grey.min()), float(grey.max())
    if image.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    elif low >= 0:
        ceilings = (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0)
        low, high = 0.0, next((ceiling for ceiling in ceilings if high <= ceiling), high)
    scaled = (grey - low) * (255.0 / (high - low)) if high > low else grey * 0
    return Image.fromarray(np.rint(scaled).astype(np.uint8))


class _Quiet:
    """Silences Pillow's warnings while any thread decodes; Python's filters are shared by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._filters = warnings.catch_warnings()

    def enter(self) -> None:
        with self._lock:
            if not self._inside:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._filters.__exit__(None, None, None)


_quiet = _Quiet()


@contextmanager
def _no_warnings() -> Iterator[None]:
    _quiet.enter()
    try:
        yield
    finally:
        _quiet.leave()
