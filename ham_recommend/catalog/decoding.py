"""Opens pictures of any kind, hostile ones too, without harm."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from ham_recommend.errors import MissingExtraError, UnreadablePictureError
from ham_recommend.picture_files import (
    FORMATS,
    MAX_BYTES,
    SETTING,
    max_pixels,
    opened,
    pixels_held,
    reduce_while_decoding,
)

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
    max_pixels: int | None = None,
    name: str = "",
) -> Image.Image:
    """Open a picture (the first frame of several) as an upright one in sRGB.

    Transparent parts become white, 16-bit and floating-point grey is scaled to 8 bits. Colours are those of
    the picture's profile; CMYK without one is converted the way Photoshop stores it.

    Parameters
    ----------
    source : path-like or bytes
        The file, or its content.
    long_side : int or None
        Reduce the picture to at most this many pixels on its longer side; large JPEGs open faster then.
    max_bytes : int
        Larger files are refused.
    max_pixels : int or None
        Pictures of which more pixels would have to be held at once are refused before they are decoded;
        ``None`` for what :func:`ham_recommend.picture_files.max_pixels` says. A large JPEG that is to be
        reduced is decoded at a fraction of its size, so that only that fraction counts.
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
    content: bytes, name: str, long_side: int | None, max_bytes: int, most: int | None
) -> Image.Image:
    if not content:
        raise UnreadablePictureError(f"{name} cannot be read: it is empty.")
    if len(content) > max_bytes:
        raise UnreadablePictureError(f"{name} cannot be read: it has more than {max_bytes:,} bytes.")
    most = max_pixels() if most is None else most
    try:
        with opened(content) as image:
            size = image.size
            if long_side is not None:
                reduce_while_decoding(image, long_side)
            _check_size(image, size, name, most)
            return _upright_rgb(image, long_side)
    except (UnreadablePictureError, MissingExtraError) as error:
        raise UnreadablePictureError(str(error)) from error
    except UnidentifiedImageError as error:
        raise UnreadablePictureError(f"{name} cannot be read: it is no {', '.join(FORMATS)}.") from error
    except Exception as error:  # a broken file can raise anything from inside its decoder
        reason = str(error).rstrip(".") or type(error).__name__
        raise UnreadablePictureError(f"{name} cannot be read: {reason}.") from error


def _check_size(image: Image.Image, size: tuple[int, int], name: str, most: int) -> None:
    if pixels_held(image, size) > most:
        raise UnreadablePictureError(
            f"{name} cannot be read: {size[0]:,} × {size[1]:,} is more than {most:,} pixels ({SETTING})."
        )


def _upright_rgb(image: Image.Image, long_side: int | None) -> Image.Image:
    image.load()
    turn = _UPRIGHT.get(_orientation(image))
    profile = image.info.get("icc_profile")
    rgb = _rgb(image if long_side is None else _roughly_reduced(image, long_side), profile)
    if long_side is not None and max(rgb.size) > long_side:
        rgb = _reduced(rgb, long_side)
    if turn is not None:
        rgb = rgb.transpose(turn)
    rgb.info.clear()
    return rgb


def _roughly_reduced(image: Image.Image, long_side: int) -> Image.Image:
    """Return a large picture at no less than twice the size that is wanted, before it is converted."""
    times = max(image.size) // (2 * long_side)
    if image.width * image.height < _LARGE or times < 2:
        return image
    factors = min(times, image.width), min(times, image.height)
    if image.mode not in _REDUCIBLE:
        return _reduced_in_bands(image, factors)
    reduced = Image.Image.reduce(image, factors)
    reduced.info = image.info
    return reduced


_LARGE = 25_000_000
_REDUCIBLE = {"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"}
_AT_ONCE = 4_000_000
"""Pixels that are converted at once."""


def _reduced_in_bands(image: Image.Image, factors: tuple[int, int]) -> Image.Image:
    """Reduce what has to be converted first, a band at a time."""
    plain = _to_grey(image) if _is_deep(image.mode) else _without_palette(image)
    rows = max(1, _AT_ONCE // (image.width * factors[1])) * factors[1]
    bands = [plain(band).reduce(factors) for band in _bands(image, rows)]
    reduced = Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    top = 0
    for band in bands:
        reduced.paste(band, (0, top))
        top += band.height
    kept = () if _is_deep(image.mode) else ("icc_profile",)
    reduced.info = {name: image.info[name] for name in kept if name in image.info}
    return reduced


def _bands(image: Image.Image, rows: int) -> Iterator[Image.Image]:
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def _without_palette(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    mode = "RGBA" if image.has_transparency_data else "L" if image.mode == "1" else "RGB"
    return lambda band: band.convert(mode)


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


def _rgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if _is_deep(image.mode):
        return _to_grey(image)(image).convert("RGB")
    if image.has_transparency_data:
        with_alpha = image if image.mode == "RGBA" else image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        coloured = _in_srgb(with_alpha.convert("RGB"), profile) if profile else with_alpha
        white.paste(coloured, mask=with_alpha.getchannel("A"))
        return white
    if profile:
        return _in_srgb(image, profile)
    return image.convert("RGB") if image.mode != "RGB" else image.copy()


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return the colours that a profile means; one that is broken or of other colours is passed over."""
    image = image if image.mode in _SPACES else image.convert("RGB")
    with suppress(Exception):  # a broken profile raises anything, and does not hurt the picture
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        known = "srgb" in ImageCms.getProfileDescription(theirs).casefold()
        if not known and theirs.profile.xcolor_space.strip() == _SPACES[image.mode]:
            ours = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, theirs, ours, outputMode="RGB")
            return image.convert("RGB") if converted is None else converted
    return image.convert("RGB")


_SPACES = {"RGB": "RGB", "CMYK": "CMYK", "L": "GRAY"}


def _is_deep(mode: str) -> bool:
    """Return whether a mode is grey of more than 8 bits."""
    return mode in {"I", "F"} or mode.startswith("I;")


def _to_grey(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Return what scales grey of more than 8 bits: by what the values of the whole show its range to be."""
    low, high = _range_of(image)

    def grey(band: Image.Image) -> Image.Image:
        values = np.nan_to_num(np.asarray(band).astype(np.float32), posinf=0.0, neginf=0.0)
        scaled = (values - low) * (255.0 / (high - low)) if high > low else np.zeros_like(values)
        return Image.fromarray(np.rint(scaled).astype(np.uint8))

    return grey


def _range_of(image: Image.Image) -> tuple[float, float]:
    mode = image.mode
    if mode.startswith("I;16"):
        return 0.0, 65535.0
    rows = max(1, _AT_ONCE // max(1, image.width))
    bands = (np.asarray(band).astype(np.float32) for band in _bands(image, rows))
    greys = (np.nan_to_num(band, posinf=0.0, neginf=0.0) for band in bands)
    lows, highs = zip(*((float(grey.min()), float(grey.max())) for grey in greys), strict=True)
    low, high = min(lows), max(highs)
    if low < 0:
        return low, high
    ceilings = (1.0, 255.0, 65535.0) if mode == "F" else (255.0, 65535.0)
    return 0.0, next((ceiling for ceiling in ceilings if high <= ceiling), high)
