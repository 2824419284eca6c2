"""Pictures of every kind, opened safely; thumbnails by content."""

import contextlib
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nasty_pictures import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    animated_gif,
    broken,
    corners,
    floating_grey,
    half_transparent,
    saved,
    sixteen_bit_grey,
    turned,
)
from PIL import Image

from ham_recommend.catalog.decoding import open_picture
from ham_recommend.errors import UnreadablePictureError


def near(pixel, colour, tolerance=12):
    return all(abs(a - b) <= tolerance for a, b in zip(pixel, colour, strict=True))


def assert_corners(image, tolerance=12):
    width, height = image.size
    quarters = [(1, 1, RED), (3, 1, GREEN), (3, 3, BLUE), (1, 3, WHITE)]
    for across, down, colour in quarters:
        assert near(image.getpixel((width * across // 4, height * down // 4)), colour, tolerance)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
def test_every_format_opens_as_rgb(format, tmp_path):
    path = tmp_path / "picture.of.any.name"
    path.write_bytes(saved(corners(), format))
    for source in (path, str(path), path.read_bytes()):
        image = open_picture(source)
        assert (image.mode, image.size) == ("RGB", (60, 40))
        assert_corners(image, 20)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(orientation, format):
    image = open_picture(turned(orientation, format))
    assert image.size == (60, 40)
    assert_corners(image, 25)
    assert not image.getexif()


def test_orientation_is_honoured_in_a_reduced_picture():
    image = open_picture(turned(6, size=(2400, 1600)), long_side=300)
    assert image.size == (300, 200)
    assert_corners(image)


def test_broken_exif_does_not_hurt():
    content = saved(corners(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff")
    assert_corners(open_picture(content))


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "YCbCr", "LAB"])
def test_colour_modes(mode):
    format = {"CMYK": "JPEG", "YCbCr": "TIFF", "LAB": "TIFF"}.get(mode, "PNG")
    source = corners() if mode not in {"L", "1"} else corners().convert("L")
    if mode == "LAB":
        source = Image.new("LAB", (60, 40), (255, 128, 128))
    image = open_picture(saved(source.convert(mode), format, **({"quality": 95} if mode == "CMYK" else {})))
    assert image.mode == "RGB"
    if mode in {"P", "CMYK", "YCbCr"}:
        assert_corners(image, 35)
    if mode == "L":
        assert image.getpixel((15, 10)) == (source.getpixel((15, 10)),) * 3


@pytest.mark.parametrize("content", [sixteen_bit_grey("PNG"), sixteen_bit_grey("TIFF"), floating_grey()])
def test_more_than_eight_bits_keep_their_tones(content):
    row = np.asarray(open_picture(content))[0, :, 0].astype(int)
    assert (row[0], row[-1]) == (0, 255)
    assert np.delete(row, 5) == pytest.approx(np.delete(np.linspace(0, 255, 64), 5), abs=1.5)


def test_values_that_fill_no_known_range_are_stretched():
    grey = np.linspace(-5, 300_000, 64, dtype=np.float32).reshape(8, 8)
    pixels = np.asarray(open_picture(saved(Image.fromarray(grey), "TIFF")))
    assert (pixels.min(), pixels.max()) == (0, 255)


@pytest.mark.parametrize("mode", ["RGBA", "P", "RGB", "LA"])
def test_transparent_parts_become_white(mode):
    image = open_picture(half_transparent(mode))
    assert image.getpixel((30, 10)) == WHITE
    assert image.getpixel((10, 10)) != WHITE


def test_of_an_animation_the_first_frame_is_read():
    assert_corners(open_picture(animated_gif()), 20)


@pytest.mark.parametrize("name", broken())
def test_what_is_no_picture_is_refused_by_name(name, tmp_path):
    path = tmp_path / f"{name}.jpg"
    path.write_bytes(broken()[name])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UnreadablePictureError, match=str(path)) as caught:
            open_picture(path)
    assert "cannot be read: " in str(caught.value)


@pytest.mark.parametrize("where", ["missing.jpg", "folder", "nul\x00.jpg", "x" * 3000])
def test_what_is_no_file_is_refused(where, tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(UnreadablePictureError):
        open_picture(f"{tmp_path}/{where}")


def test_caps_hold_before_anything_is_decoded():
    content = saved(corners((500, 400)), "PNG")
    with pytest.raises(UnreadablePictureError, match=r"500 × 400 is more than 199,999 pixels"):
        open_picture(content, max_pixels=199_999)
    with pytest.raises(UnreadablePictureError, match="more than 100 bytes"):
        open_picture(content, max_bytes=100)
    assert open_picture(content, max_pixels=200_000, max_bytes=len(content)).size == (500, 400)


@pytest.mark.parametrize("size", [(3000, 1), (1, 3000), (1000, 999), (383, 10), (384, 384)])
def test_reduced_pictures_fit_and_keep_their_shape(size):
    image = open_picture(
        saved(corners(size) if min(size) > 1 else Image.new("RGB", size), "PNG"), long_side=384
    )
    assert max(image.size) == min(384, max(size))
    assert min(image.size) >= 1
    assert abs(image.width * size[1] - image.height * size[0]) <= max(size)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "TIFF", "GIF"]), st.integers(0, 10**6), st.binary(max_size=12))
def test_damaged_files_open_or_are_refused(format, place, damage):
    content = bytearray(saved(corners(), format))
    place %= len(content)
    content[place : place + len(damage)] = damage
    with contextlib.suppress(UnreadablePictureError):
        assert open_picture(bytes(content), max_pixels=10_000_000).mode == "RGB"


def test_threads_leave_the_warning_filters_as_they_were():
    before = list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: open_picture(turned(6)), range(40)))
    assert list(warnings.filters) == before
