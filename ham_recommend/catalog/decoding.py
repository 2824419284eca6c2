"""Opens pictures of any kind, hostile ones too, without harm."""

from __future__ import annotations

import io
import os
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
    if image.width * image.height < _LARGE or times < 2 or image.mode not in _REDUCIBLE:
        return image
    reduced = Image.Image.reduce(image, (min(times, image.width), min(times, image.height)))
    reduced.info = image.info
    return reduced


_LARGE = 25_000_000
_REDUCIBLE = {"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"}


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
    if image.mode in {"I", "F"} or image.mode.startswith("I;"):
        return _eight_bits(image).convert("RGB")
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


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale grey of more than 8 bits: by what the values show its range to be."""
    values = np.asarray(image)
    rows = max(1, _AT_ONCE // max(1, image.width))
    strips = [slice(top, top + rows) for top in range(0, image.height, rows)]
    low, high = _range_of(image.mode, values, strips)
    scaled = np.zeros(values.shape, np.uint8)
    for strip in strips if high > low else ():
        grey = np.nan_to_num(values[strip].astype(np.float32), posinf=0.0, neginf=0.0)
        scaled[strip] = np.rint((grey - low) * (255.0 / (high - low)))
    return Image.fromarray(scaled)


_AT_ONCE = 4_000_000


def _range_of(mode: str, values: np.ndarray, strips: list[slice]) -> tuple[float, float]:
    if mode.startswith("I;16"):
        return 0.0, 65535.0
    greys = (np.nan_to_num(values[strip].astype(np.float32), posinf=0.0, neginf=0.0) for strip in strips)
    lows, highs = zip(*((float(grey.min()), float(grey.max())) for grey in greys), strict=True)
    low, high = min(lows), max(highs)
    if low < 0:
        return low, high
    ceilings = (1.0, 255.0, 65535.0) if mode == "F" else (255.0, 65535.0)
    return 0.0, next((ceiling for ceiling in ceilings if high <= ceiling), high)
