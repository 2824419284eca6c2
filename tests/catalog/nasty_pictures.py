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
        "ppm": saved(corners(), "PPM"),
        "bmp header only": b"BM" + b"\0" * 60,
        "billions of pixels": huge_png(),
        "many pixels": huge_png(11_000, 10_000),
    }


def profile(space, tags, pcs=b"XYZ "):
    """Return a colour profile of version 2 with these tags, as name → content."""
    table, content = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(content), len(data))
        content += data + b"\0" * (-len(data) % 4)
    head = struct.pack(">I4sI4s4s4s", start + len(content), b"\0" * 4, 0x02400000, b"mntr", space, pcs)
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    head += struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + content


def _described(name):
    text = name.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 78


def _numbers(kind, *numbers):
    return kind + b"\0" * 4 + b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)


DISPLAY_P3 = {
    b"r": (0.51512, 0.24120, -0.00105),
    b"g": (0.29198, 0.69225, 0.04189),
    b"b": (0.15710, 0.06657, 0.78407),
}


def display_p3(gamma=2.2):
    """Return a profile with the primaries of Display P3."""
    tags = {b"desc": _described("Wide"), b"wtpt": _numbers(b"XYZ ", 0.9642, 1.0, 0.8249)}
    for letter, primary in DISPLAY_P3.items():
        tags[letter + b"XYZ"] = _numbers(b"XYZ ", *primary)
        tags[letter + b"TRC"] = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    return profile(b"RGB ", tags)


def swapped_inks():
    """Return a profile of a press whose cyan ink is red: its colours cannot come from anywhere else."""
    nodes = b""
    for ink in range(16):
        cyan, black = ink & 8, ink & 1
        nodes += bytes((0, 128, 128) if black else (136, 208, 195) if cyan else (255, 128, 128))
    ramp = bytes(range(256))
    lut = (
        b"mft1\0\0\0\0"
        + bytes((4, 3, 2, 0))
        + b"".join(
            struct.pack(">i", 65536 if row == column else 0) for row in range(3) for column in range(3)
        )
    )
    tags = {b"desc": _described("Press"), b"A2B0": lut + ramp * 4 + nodes + ramp * 3}
    return profile(b"CMYK", tags, b"Lab ")


def with_profile(jp2, colours):
    """Return a JPEG 2000 file with a colour profile instead of the name of its colours."""
    header, named = jp2.index(b"jp2h") - 4, jp2.index(b"colr") - 4
    size, old = (struct.unpack(">I", jp2[at : at + 4])[0] for at in (header, named))
    box = struct.pack(">I", 11 + len(colours)) + b"colr" + bytes((2, 0, 0)) + colours
    head = jp2[:header] + struct.pack(">I", size - old + len(box)) + jp2[header + 4 : named]
    return head + box + jp2[named + old :]
