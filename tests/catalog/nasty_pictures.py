"""Picture files of every kind a museum's disk holds, written for a test."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 160, 60), (20, 60, 200), (255, 255, 255)


def corners(size=(60, 40)):
    """Return a picture whose four quarters are red, green, blue and white, clockwise from the top left."""
    width, height = size
    image = Image.new("RGB", size, RED)
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (width // 2, height // 2, width, height))
    image.paste(WHITE, (0, height // 2, width // 2, height))
    return image


def saved(image, format, **options):
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def turned(orientation, format="JPEG", size=(60, 40)):
    """Return :func:`corners` stored the wrong way round, with the EXIF orientation that says so."""
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    image = corners(size) if undo is None else corners(size).transpose(undo)
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(image, format, exif=exif.tobytes())


def sixteen_bit_grey(format="PNG"):
    """Return a ramp from black to white in 16 bits."""
    ramp = np.linspace(0, 65535, 64).astype(np.uint16)
    return saved(Image.fromarray(np.tile(ramp, (8, 1))), format)


def floating_grey():
    ramp = np.linspace(0, 1, 64, dtype=np.float32)
    ramp[5] = np.nan
    return saved(Image.fromarray(np.tile(ramp, (8, 1))), "TIFF")


def half_transparent(mode):
    """Return a picture that is blue on the left and fully transparent black on the right."""
    pixels = np.zeros((20, 40, 4), dtype=np.uint8)
    pixels[:, :20] = (*BLUE, 255)
    image = Image.fromarray(pixels)
    if mode == "P":
        palette = Image.new("P", (40, 20), 0)
        palette.putpalette([*BLUE, 0, 0, 0])
        palette.paste(1, (20, 0, 40, 20))
        return saved(palette, "PNG", transparency=1)
    if mode == "RGB":
        return saved(image.convert("RGB"), "PNG", transparency=(0, 0, 0))
    return saved(image if mode == "RGBA" else image.convert(mode), "PNG")


def animated_gif():
    frames = [corners(), Image.new("RGB", (60, 40), "black")]
    return saved(frames[0], "GIF", save_all=True, append_images=frames[1:])


def huge_png(width=60_000, height=60_000):
    """Return a file of a few hundred bytes that claims to unpack to billions of pixels."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\x00" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def broken():
    """Return name → bytes that are no readable picture."""
    jpeg = saved(corners((400, 300)), "JPEG")
    png = saved(corners((400, 300)), "PNG")
    return {
        "empty": b"",
        "text": b"<html>404 Not Found</html>",
        "zeros": b"\x00" * 4096,
        "jpeg cut short": jpeg[: len(jpeg) // 2],
        "jpeg header only": jpeg[:20],
        "png cut short": png[: len(png) // 2],
        "png with a damaged chunk": png[:60] + b"\xff\xff\xff\xff" + png[64:],
        "gif header only": b"GIF89a\xff\xff\xff\xff",
        "tiff pointing nowhere": b"II*\x00\xff\xff\xff\x7f",
        "webp header only": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        "bmp": saved(corners(), "BMP"),
        "billions of pixels": huge_png(),
        "many pixels": huge_png(11_000, 10_000),
    }
