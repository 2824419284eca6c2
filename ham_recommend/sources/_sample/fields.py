"""Noise, blur, flow and strokes over whole pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from ham_recommend.sources._sample.scene import Field

Grid = npt.NDArray[np.intp]


def noise(rng: np.random.Generator, shape: tuple[int, int], cell: float, stretch: float = 1.0) -> Field:
    """Return smooth noise in 0–1 with features of about ``cell`` pixels, ``stretch`` times as long across."""
    rows = max(2, round(shape[0] / cell) + 1)
    columns = max(2, round(shape[1] / (cell * stretch)) + 1)
    seeds = Image.fromarray(rng.random((rows, columns), dtype=np.float32))
    return np.clip(np.asarray(seeds.resize((shape[1], shape[0]), Image.Resampling.BICUBIC)), 0, 1)


def clouds(rng: np.random.Generator, shape: tuple[int, int], cell: float, octaves: int = 4) -> Field:
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
    return values[rows, columns]


def places(shape: tuple[int, int]) -> tuple[Field, Field]:
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


def flow(lightness: Field, rng: np.random.Generator) -> Field:
    """Return the direction a brush would take at every pixel, in radians: along edges, drifting elsewhere."""
    soft = blur(lightness, 3)
    dy, dx = np.gradient(soft)
    cos2, sin2 = dx * dx - dy * dy, 2 * dx * dy
    drift = noise(rng, lightness.shape, 90) * np.float32(2 * np.pi)
    weight = np.float32(2e-4)
    reach = 5
    across = blur(np.clip(cos2 * 60 + 0.5, 0, 1), reach) - 0.5
    along = blur(np.clip(sin2 * 60 + 0.5, 0, 1), reach) - 0.5
    angle = np.arctan2(along + weight * 40 * np.sin(drift), across + weight * 40 * np.cos(drift)) / 2
    return (angle + np.float32(np.pi / 2)).astype(np.float32)


def strokes(
    rgb: Field,
    rng: np.random.Generator,
    cell: float,
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
    cell : float
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
    shape = rgb.shape[:2]
    rows, columns = int(shape[0] / cell) + 3, int(shape[1] / cell) + 3
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
    chosen, relief = _topmost(marks.reshape(5, -1), shape, cell, columns, length * cell, width * cell)
    ground = rgb if under is None else under
    painted = np.where((chosen >= 0)[..., None], colors[np.maximum(chosen, 0)], ground)
    return np.clip(painted, 0, 1).astype(np.float32), relief


def _topmost(
    marks: Field, shape: tuple[int, int], cell: float, columns: int, length: float, width: float
) -> tuple[Grid, Field]:
    """Return which mark lies on top at every pixel (-1 for none), and the relief of its bristles."""
    y, x = places(shape)
    nearest = (y / cell + 1).astype(np.intp) * columns + (x / cell + 1).astype(np.intp)
    chosen = np.full(shape, -1, dtype=np.intp)
    highest = np.full(shape, -1, dtype=np.float32)
    relief = np.zeros(shape, dtype=np.float32)
    home_y, home_x, cos, sin, rank = marks
    for step in (-columns, columns, -1, 1, -columns - 1, -columns + 1, columns - 1, columns + 1, 0):
        mark = nearest + step
        dy, dx = y - home_y[mark], x - home_x[mark]
        c, s, over = cos[mark], sin[mark], rank[mark]
        along, across = (dx * c + dy * s) / length, (dy * c - dx * s) / width
        won = (along * along + across * across < 1) & (over > highest)
        highest[won] = over[won]
        chosen[won] = mark[won]
        relief[won] = (1 - across * across + 0.25 * np.sin(across * 9 + over * 40) - 0.25 * along)[won]
    return chosen, np.clip(relief, 0, 1)


def lit(height: Field, strength: float) -> Field:
    """Return how much light from the upper left a relief catches, around 1."""
    dy, dx = np.gradient(height)
    return (1 + np.float32(strength) * np.clip(-(dx + dy), -1, 1)).astype(np.float32)


def vignette(shape: tuple[int, int], strength: float) -> Field:
    """Return 1 in the middle, less towards the corners."""
    y, x = np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1])
    far = (y[:, None] ** 2 + x[None, :] ** 2) / 2
    return (1 - strength * far**1.3).astype(np.float32)
