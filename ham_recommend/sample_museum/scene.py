"""Shapes with light on them, drawn into one plate that every manner can work from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from ham_recommend.sample_museum import geometry
from ham_recommend.sample_museum.geometry import Points, PointsLike
from ham_recommend.sample_museum.palettes import Color, Palette

Field = npt.NDArray[np.floating[Any]]
"""Values over a picture; float32 throughout."""
Light = Literal["down", "across", "slant", "round", "flat"]

FINE = 2
"""Shapes are drawn this many times larger, then reduced, so that edges are smooth."""

_MOST_PAINTS = 250


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """A drawn scene before any manner.

    Parameters
    ----------
    rgb : ndarray of float32, shape (height, width, 3)
        Lit colours, 0–1.
    base : ndarray of float32, shape (height, width, 3)
        The same without light.
    lines : ndarray of float32, shape (height, width)
        0–1, how much of a contour between shapes a pixel holds.
    parts : ndarray of uint8, shape (height, width)
        Which paint a pixel has.
    palette : Palette
        The colours it was drawn with.
    rng : numpy.random.Generator
        For the manner's own chance.
    """

    rgb: Field
    base: Field
    lines: Field
    parts: npt.NDArray[np.uint8]
    palette: Palette
    rng: np.random.Generator

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rgb.shape[0], self.rgb.shape[1]


@dataclass(frozen=True, slots=True)
class View:
    """Where one stands: how near, towards which point, and whether left and right are swapped.

    Parameters
    ----------
    zoom : float
        At least 1.
    x, y : float
        What stays in place, 0–1 across and down.
    mirrored : bool
        Whether left and right are swapped.
    """

    zoom: float = 1.0
    x: float = 0.5
    y: float = 0.5
    mirrored: bool = False


class Scene:
    """A picture in the making: shapes laid over each other, each with its own light.

    Coordinates run from (0, 0) at the upper left to (``wide``, 1) at the lower right.

    Parameters
    ----------
    size : (int, int)
        Width and height in pixels.
    palette : Palette
        The artist's colours.
    rng : numpy.random.Generator
        For the motif's chance.
    view : View
        Where one stands.
    """

    def __init__(
        self, size: tuple[int, int], palette: Palette, rng: np.random.Generator, view: View | None = None
    ) -> None:
        self.view = view or View()
        self.size = size
        self.wide = size[0] / size[1]
        self.palette = palette
        self.rng = rng
        self._sheet = Image.new("L", (size[0] * FINE, size[1] * FINE))
        self._draw = ImageDraw.Draw(self._sheet)
        self._paints: list[tuple[float, ...]] = []
        self._flat_paints: dict[Color, int] = {}
        self.ground(palette.paper)

    def chance(self, low: float, high: float) -> float:
        """Return a number between two."""
        return float(self.rng.uniform(low, high))

    def pick(self, *choices: Color) -> Color:
        """Return one of several colours."""
        return choices[int(self.rng.integers(len(choices)))]

    def ground(self, top: Color, bottom: Color | None = None, light: Light = "down") -> None:
        """Cover everything."""
        self.shape(geometry.box(-0.01, -0.01, self.wide + 0.02, 1.02), top, bottom or top, light)

    def shape(
        self, outline: PointsLike, fill: Color, shaded: Color | None = None, light: Light = "slant"
    ) -> None:
        """Lay a filled outline over what is there.

        Parameters
        ----------
        outline : array of float, shape (n, 2)
            At least three points.
        fill, shaded : Color
            In the light and away from it; ``shaded`` defaults to a slightly darker ``fill``.
        light : {"down", "across", "slant", "round", "flat"}
            How one turns into the other within the outline's bounds.
        """
        corners = self._seen(geometry.points(outline))
        paint = self._paint(corners, fill, shaded or self.palette.dark(fill, 0.16), light)
        scale = self.size[1] * FINE
        self._draw.polygon((corners * scale).ravel().tolist(), fill=paint)

    def _seen(self, corners: Points) -> Points:
        still = (self.view.x * self.wide, self.view.y)
        near: Points = (corners - still) * self.view.zoom + still
        return (near * (-1, 1) + (self.wide, 0)) if self.view.mirrored else near

    def blob(
        self, knots: PointsLike, fill: Color, shaded: Color | None = None, light: Light = "slant"
    ) -> None:
        """Lay a soft closed curve through knots."""
        self.shape(geometry.smooth(knots), fill, shaded, light)

    def disc(
        self,
        x: float,
        y: float,
        r: float,
        fill: Color,
        shaded: Color | None = None,
        light: Light = "round",
        ry: float | None = None,
        turn: float = 0.0,
    ) -> None:
        """Lay a disc, or an ellipse where ``ry`` is given."""
        self.shape(geometry.oval(x, y, r, ry or r, turn), fill, shaded, light)

    def limb(
        self,
        path: PointsLike,
        widths: list[float] | float,
        fill: Color,
        shaded: Color | None = None,
        light: Light = "slant",
    ) -> None:
        """Lay a tapering limb along a path."""
        self.shape(geometry.limb(path, widths), fill, shaded, light)

    def stroke(self, path: PointsLike, width: float, fill: Color) -> None:
        """Lay a line of even width."""
        self.shape(geometry.limb(path, width, steps=5), fill, fill, "flat")

    def _paint(self, corners: Points, fill: Color, shaded: Color, light: Light) -> int:
        flat = light == "flat" or fill == shaded
        if flat and fill in self._flat_paints:
            return self._flat_paints[fill]
        if len(self._paints) >= _MOST_PAINTS:
            return self._nearest_paint(fill)
        slope = (0.0,) * 5 if flat else _slope(corners, light)
        self._paints.append((*slope, *fill, *(b - a for a, b in zip(fill, shaded, strict=True))))
        paint = len(self._paints) - 1
        if flat:
            self._flat_paints[fill] = paint
        return paint

    def _nearest_paint(self, fill: Color) -> int:
        known = np.array(self._paints)[1:, 5:8]
        return 1 + int(((known - fill) ** 2).sum(axis=1).argmin())

    def plate(self, rng: np.random.Generator) -> Plate:
        """Return the finished drawing, with a generator for the manner."""
        table = np.array(self._paints, dtype=np.float32)
        parts = np.asarray(self._sheet)[::FINE, ::FINE]
        x = (np.arange(self.size[0], dtype=np.float32) / self.size[1])[None, :]
        y = (np.arange(self.size[1], dtype=np.float32) / self.size[1])[:, None]
        squares_x, squares_y, along_x, along_y, start = (table[:, at].take(parts) for at in range(5))
        shade = np.clip((squares_x * x + along_x) * x + (squares_y * y + along_y) * y + start, 0, 1)
        base = self._filled(table[:, 5:8])
        lit = base + shade[..., None] * (self._filled(table[:, 8:11] / 2 + 0.5) * 2 - 1)
        return Plate(np.clip(lit, 0, 1), base, self._contours(table[:, 5:8]), parts, self.palette, rng)

    def _filled(self, fills: Field) -> Field:
        """Return the sheet with every paint in its colour, edges smooth."""
        sheet = self._sheet.copy()
        sheet.putpalette((np.clip(fills, 0, 1) * 255 + 0.5).astype(np.uint8).tobytes())
        return _share(sheet.convert("RGB").reduce(FINE))

    def _contours(self, fills: Field) -> Field:
        """Return where unlit colours meet, the stronger the more they differ in lightness or warmth."""
        edge = np.zeros((self.size[1] * FINE, self.size[0] * FINE), dtype=np.uint8)
        for weights in ((0.3, 0.4, 0.3), (0.34, 0.0, -0.34)):
            levels = (fills @ np.array(weights, dtype=np.float32) + max(-weights[2], 0)) * 255
            value = np.asarray(self._sheet.point(np.resize(levels.astype(np.uint8), 256).tolist()))
            for axis in (0, 1):
                ahead, behind = (np.s_[1:], np.s_[:-1]) if axis == 0 else (np.s_[:, 1:], np.s_[:, :-1])
                step = np.maximum(value[ahead], value[behind]) - np.minimum(value[ahead], value[behind])
                np.maximum(edge[ahead], step, out=edge[ahead])
                np.maximum(edge[behind], step, out=edge[behind])
        strength = np.clip((np.arange(256) - 8) * 18, 0, 255).astype(int).tolist()
        return _share(Image.fromarray(edge).point(strength).reduce(FINE))


def _slope(corners: Points, light: Light) -> tuple[float, float, float, float, float]:
    """Return the coefficients of x², y², x, y and 1 that run from 0 in the light to 1 in the shade."""
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    wide, high = max(x1 - x0, 1e-6), max(y1 - y0, 1e-6)
    if light == "down":
        return 0.0, 0.0, 0.0, 1 / high, -y0 / high
    if light == "across":
        return 0.0, 0.0, 1 / wide, 0.0, -x0 / wide
    if light == "slant":
        return 0.0, 0.0, 0.5 / wide, 0.5 / high, -0.5 * (x0 / wide + y0 / high)
    cx, cy = x0 + 0.36 * wide, y0 + 0.32 * high
    ax, ay = 1 / (0.72 * wide) ** 2, 1 / (0.76 * high) ** 2
    return ax, ay, -2 * ax * cx, -2 * ay * cy, ax * cx * cx + ay * cy * cy


def _share(pixels: Image.Image) -> Field:
    return np.asarray(pixels, dtype=np.float32) / np.float32(255)
