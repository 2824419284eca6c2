"""Noise, blur, flow and strokes over whole pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from ham_recommend.sample_museum.scene import Field

Grid = npt.NDArray[np.int32]


def unit(values: Field) -> Field:
    """Return values limited to 0–1."""
    limited: Field = np.clip(values, 0, 1)
    return limited.astype(np.float32, copy=False)


def noise(rng: np.random.Generator, shape: tuple[int, ...], cell: float, stretch: float = 1.0) -> Field:
    """Return smooth noise in 0–1 with features of about ``cell`` pixels, ``stretch`` times as long across."""
    rows = max(2, round(shape[0] / cell) + 1)
    columns = max(2, round(shape[1] / (cell * stretch)) + 1)
    seeds = Image.fromarray(rng.random((rows, columns), dtype=np.float32))
    return unit(np.asarray(seeds.resize((shape[1], shape[0]), Image.Resampling.BICUBIC)))


def clouds(rng: np.random.Generator, shape: tuple[int, ...], cell: float, octaves: int = 4) -> Field:
    """Return noise of several sizes, in about 0–1."""
    total = np.zeros(shape, dtype=np.float32)
    for octave in range(octaves):
        total += noise(rng, shape, cell / 2**octave) / 2**octave
    return total / np.float32(2 - 2.0 ** (1 - octaves))


def blur(values: Field, radius: float) -> Field:
    """Return values in 0–1 blurred by about a Gaussian; two or three axes, 8 bits deep."""
    pixels = Image.fromarray((np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8))
    soft = pixels.filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(soft, dtype=np.float32) / np.float32(255)


def gray(rgb: Field) -> Field:
    """Return lightness in 0–1."""
    return rgb @ np.array([0.3, 0.59, 0.11], dtype=np.float32)


def sampled(values: Field, y: Field, x: Field) -> Field:
    """Return values at other places, nearest pixel, clamped to the picture."""
    rows = np.clip(y + 0.5, 0, values.shape[0] - 1).astype(np.intp)
    columns = np.clip(x + 0.5, 0, values.shape[1] - 1).astype(np.intp)
    there: Field = values[rows, columns]
    return there


def places(shape: tuple[int, ...]) -> tuple[Field, Field]:
    """Return the row and column of every pixel."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    return y, x


def wobbled(values: Field, rng: np.random.Generator, cell: float, reach: float) -> Field:
    """Return values with every pixel taken from a little way off, as a hand or wet paper would shift it."""
    y, x = places(values.shape[:2])
    dy, dx = (noise(rng, values.shape[:2], cell) - 0.5 for _ in range(2))
    return sampled(values, y + dy * 2 * reach, x + dx * 2 * reach)


def larger(values: Field, times: int = 2) -> Field:
    """Return a picture at several times its size."""
    pixels = Image.fromarray((np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8))
    size = (pixels.width * times, pixels.height * times)
    return np.asarray(pixels.resize(size, Image.Resampling.BILINEAR), dtype=np.float32) / np.float32(255)


def smaller(values: Field, times: int = 2) -> Field:
    """Return a picture reduced by a whole number."""
    pixels = Image.fromarray((np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8))
    return np.asarray(pixels.reduce(times), dtype=np.float32) / np.float32(255)


def slopes(values: Field) -> tuple[Field, Field]:
    """Return how values rise downwards and to the right, per pixel."""
    down, across = (np.asarray(step, dtype=np.float32) for step in np.gradient(values))
    return down, across


def flow(lightness: Field, rng: np.random.Generator) -> Field:
    """Return the direction a brush would take at every pixel, in radians: along edges, drifting elsewhere."""
    dy, dx = slopes(blur(lightness, 3))
    drift = noise(rng, lightness.shape, 90) * np.float32(2 * np.pi)
    cos2 = _spread(dx * dx - dy * dy) + np.float32(0.008) * np.cos(drift)
    sin2 = _spread(2 * dx * dy) + np.float32(0.008) * np.sin(drift)
    angle = np.arctan2(sin2, cos2) / 2
    direction: Field = (angle + np.float32(np.pi / 2)).astype(np.float32)
    return direction


def _spread(values: Field) -> Field:
    """Return small signed values carried over to their neighbourhood."""
    return blur(unit(values * 60 + 0.5), 5) - 0.5


def strokes(
    rgb: Field,
    rng: np.random.Generator,
    cell: int,
    length: float,
    width: float,
    *,
    angles: Field | None = None,
    varied: float = 0.06,
    under: Field | None = None,
    tint: Callable[[Field], Field] | None = None,
) -> tuple[Field, Field]:
    """Cover a picture with overlapping brush marks, each of one colour.

    Parameters
    ----------
    rgb : ndarray of float32, shape (height, width, 3)
        What is painted.
    rng : numpy.random.Generator
        Chance.
    cell : int
        Pixels between marks.
    length, width : float
        Half the length and width of a mark, in cells; at most 1.5.
    angles : ndarray of float32, shape (height, width), or None
        Direction of the marks; ``None`` for round dots.
    varied : float
        How much the colour of one mark differs from the next.
    under : ndarray of float32, shape (height, width, 3), or None
        What shows between marks; the picture itself by default.
    tint : callable or None
        Changes the colours of the marks, shape (n, 3).

    Returns
    -------
    painted : ndarray of float32, shape (height, width, 3)
        The covered picture.
    height : ndarray of float32, shape (height, width)
        Relief of the paint, 0–1.
    """
    height, width_ = rgb.shape[:2]
    rows, columns = -(-height // cell) + 2, -(-width_ // cell) + 2
    home_y, home_x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    home_y = (home_y - 1 + rng.random((rows, columns), dtype=np.float32)) * np.float32(cell)
    home_x = (home_x - 1 + rng.random((rows, columns), dtype=np.float32)) * np.float32(cell)
    colors = sampled(rgb, home_y, home_x).reshape(-1, 3)
    colors = colors + rng.normal(0, varied, (len(colors), 1)).astype(np.float32)
    colors = colors + rng.normal(0, varied * 0.6, colors.shape).astype(np.float32)
    if tint is not None:
        colors = tint(colors)
    lean = np.zeros((rows, columns), np.float32) if angles is None else sampled(angles, home_y, home_x)
    lean = lean + rng.normal(0, 0.12, lean.shape).astype(np.float32)
    marks = np.stack([home_y, home_x, np.cos(lean), np.sin(lean), rng.random(lean.shape, dtype=np.float32)])
    chosen, relief = _topmost(marks, cell, length * cell, width * cell)
    chosen, relief = chosen[:height, :width_], relief[:height, :width_]
    painted = colors.astype(np.float32)[np.maximum(chosen, 0)]
    np.copyto(painted, rgb if under is None else under, where=(chosen < 0)[..., None])
    return np.clip(painted, 0, 1, out=painted), relief


def _topmost(marks: Field, cell: int, length: float, width: float) -> tuple[Grid, Field]:
    """Return which mark lies on top at every pixel (-1 for none), and the relief of its bristles.

    ``marks`` holds row, column, cosine, sine and rank of one mark per cell, with a rim of one cell around.
    Every pixel looks at the marks of its own and the eight neighbouring cells; blocks of pixels share them,
    so nothing is looked up pixel by pixel.
    """
    rows, columns = marks.shape[1] - 2, marks.shape[2] - 2
    y = np.arange(rows * cell, dtype=np.float32).reshape(rows, cell, 1, 1)
    x = np.arange(columns * cell, dtype=np.float32).reshape(1, 1, columns, cell)
    numbers = np.arange(marks[0].size, dtype=np.int32).reshape(marks.shape[1:])
    full = (rows, cell, columns, cell)
    chosen = np.full(full, -1, dtype=np.int32)
    highest = np.full(full, -1, dtype=np.float32)
    for down in range(3):
        for right in range(3):
            part = np.s_[down : down + rows, None, right : right + columns, None]
            home_y, home_x, cos, sin, rank = (values[part] for values in marks)
            along = (x - home_x) * (cos / length) + (y - home_y) * (sin / length)
            across = (y - home_y) * (cos / width) - (x - home_x) * (sin / width)
            along *= along
            across *= across
            along += across
            won = (along < 1) & (rank > highest)
            np.copyto(highest, rank, where=won)
            np.copyto(chosen, numbers[part], where=won)
    home_y, home_x, cos, sin, rank = (values.ravel().take(np.maximum(chosen, 0)) for values in marks)
    along = ((x - home_x) * cos + (y - home_y) * sin) / length
    across = ((y - home_y) * cos - (x - home_x) * sin) / width
    relief = np.clip(1 - across * across + 0.25 * np.sin(across * 9 + rank * 40) - 0.25 * along, 0, 1)
    relief[chosen < 0] = 0
    size = (rows * cell, columns * cell)
    return chosen.reshape(size), relief.reshape(size)


def lit(height: Field, strength: float) -> Field:
    """Return how much light from the upper left a relief catches, around 1."""
    dy, dx = slopes(height)
    caught: Field = (1 + strength * np.clip(-(dx + dy), -1, 1)).astype(np.float32)
    return caught


def vignette(shape: tuple[int, ...], strength: float) -> Field:
    """Return 1 in the middle, less towards the corners."""
    y, x = np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1])
    far = (y[:, None] ** 2 + x[None, :] ** 2) / 2
    return (1 - strength * far**1.3).astype(np.float32)
