"""Pictures of every kind, opened safely; thumbnails by content."""

import contextlib
import io
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nasty_pictures import (
    BLUE,
    DISPLAY_P3,
    GREEN,
    RED,
    WHITE,
    animated_gif,
    broken,
    corners,
    display_p3,
    floating_grey,
    half_transparent,
    saved,
    sixteen_bit_grey,
    swapped_inks,
    turned,
    with_profile,
)
from PIL import Image, ImageCms

from ham_recommend.catalog.decoding import open_picture
from ham_recommend.errors import UnreadablePictureError


def near(pixel, colour, tolerance=12):
    return all(abs(a - b) <= tolerance for a, b in zip(pixel, colour, strict=True))


def assert_corners(image, tolerance=12):
    width, height = image.size
    quarters = [(1, 1, RED), (3, 1, GREEN), (3, 3, BLUE), (1, 3, WHITE)]
    for across, down, colour in quarters:
        assert near(image.getpixel((width * across // 4, height * down // 4)), colour, tolerance)


pillow_heif.register_heif_opener()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "JPEG2000", "AVIF", "HEIF"])
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


def in_display_p3(pixel):
    """Return what sRGB shows for a colour of :func:`display_p3`, by the book."""
    wide = np.array(list(DISPLAY_P3.values())).T @ (np.array(pixel) / 255) ** 2.2
    to_srgb = np.array([[3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540],
                        [0.0719453, -0.2289914, 1.4052427]])  # fmt: skip
    light = np.clip(to_srgb @ wide, 0, 1)
    return tuple(np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "JPEG2000"])
@pytest.mark.parametrize("long_side", [None, 16])
def test_colours_are_those_of_the_profile(format, long_side):
    pixel = (200, 100, 50)
    content = saved(Image.new("RGB", (64, 48), pixel), format, icc_profile=display_p3())
    content = with_profile(content, display_p3()) if format == "JPEG2000" else content
    shown = open_picture(content, long_side=long_side).getpixel((8, 6))
    assert near(shown, in_display_p3(pixel), 5)
    assert not near(shown, pixel, 8)


def test_colours_of_a_press_are_those_of_its_profile():
    red = open_picture(
        saved(Image.new("CMYK", (32, 32), (255, 0, 0, 0)), "JPEG", quality=98, icc_profile=swapped_inks())
    ).getpixel((9, 9))
    assert red[0] > 200
    assert max(red[1:]) < 80
    without = open_picture(saved(Image.new("CMYK", (32, 32), (255, 0, 0, 0)), "JPEG", quality=98))
    assert without.getpixel((9, 9))[0] < 40


def test_transparent_parts_stay_white_under_a_profile():
    content = saved(Image.open(io.BytesIO(half_transparent("RGBA"))), "PNG", icc_profile=display_p3())
    assert open_picture(content).getpixel((30, 10)) == WHITE
    assert near(open_picture(content).getpixel((10, 10)), in_display_p3(BLUE), 5)


@pytest.mark.parametrize(
    "broken_profile", [b"", b"x", b"\0" * 200, display_p3()[:150], display_p3()[:400], swapped_inks()]
)
def test_a_profile_that_does_not_fit_does_not_hurt(broken_profile):
    assert_corners(open_picture(saved(corners(), "JPEG", icc_profile=broken_profile)))


def test_srgb_stays_to_the_bit():
    known = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with_profile = open_picture(saved(corners(), "PNG", icc_profile=known))
    assert with_profile.tobytes() == open_picture(saved(corners(), "PNG")).tobytes()


@pytest.mark.parametrize("progressive", [False, True])
def test_a_reproduction_of_151_megapixels_is_read_in_little_memory(tmp_path, progressive):
    size = (14204, 10652)
    whole = Image.new("L", size, 80)
    whole.paste(200, (0, 0, size[0] // 2, size[1]))
    whole.save(tmp_path / "master.jpg", quality=20, progressive=progressive)
    del whole
    code = (
        "import pathlib, re, sys; from ham_recommend.catalog.decoding import open_picture; "
        "image = open_picture(sys.argv[1], long_side=384); "
        "print(image.size, image.getpixel((9, 9))[0], image.getpixel((375, 9))[0], "
        "re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "master.jpg"], capture_output=True, text=True, check=True
    ).stdout.rsplit(" ", 3)
    assert told[0] == "(384, 288)"
    assert (abs(int(told[1]) - 200) < 4, abs(int(told[2]) - 80) < 4) == (True, True)
    assert int(told[3]) < 1024 * (600 if progressive else 200)


@pytest.mark.parametrize("levels", [1, 2, 3, 6])
def test_jpeg_2000_is_reduced_as_far_as_its_file_allows(levels):
    content = saved(corners((1600, 1200)), "JPEG2000", num_resolutions=levels)
    image = open_picture(content, long_side=100)
    assert image.size == (100, 75)
    assert_corners(image, 20)
    assert_corners(open_picture(content), 20)


def test_the_cap_counts_what_is_held_and_can_be_set(monkeypatch):
    wide, narrow = saved(Image.new("RGB", (1600, 1200)), "PNG"), saved(Image.new("L", (1, 60_000)), "PNG")
    monkeypatch.setenv("HAM_MAX_MEGAPIXELS", "1")
    with pytest.raises(
        UnreadablePictureError, match=r"1,600 × 1,200 is more than 1,000,000 pixels .*MEGAPIXELS"
    ):
        open_picture(wide)
    assert open_picture(saved(Image.new("RGB", (1600, 1200)), "JPEG"), long_side=100).size == (100, 75)
    monkeypatch.setenv("HAM_MAX_MEGAPIXELS", "0.1")
    with pytest.raises(UnreadablePictureError, match="1 × 60,000"):  # each row costs eight bytes more
        open_picture(narrow)
    monkeypatch.setenv("HAM_MAX_MEGAPIXELS", "2.5")
    assert open_picture(wide).size == (1600, 1200)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK", "P", "I", "F"])
def test_large_pictures_look_as_small_ones_do(mode):
    """Above 25 million pixels they are reduced before they are converted."""
    large = corners((6000, 4400)).convert(mode)
    format = "TIFF" if mode in {"CMYK", "I", "F"} else "PNG"
    shown = open_picture(
        saved(large, format, **({} if format == "TIFF" else {"compress_level": 1})), long_side=60
    )
    assert shown.size == (60, 44)
    expected = large.convert("RGB").resize((60, 44))
    assert np.abs(np.asarray(shown).astype(int) - np.asarray(expected))[::20, ::20].max() < 12


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
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "JPEG2000", "AVIF", "HEIF"]),
    st.integers(0, 10**6),
    st.binary(max_size=12),
)
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
