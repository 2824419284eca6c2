"""Outlines of shapes. Points are ``(n, 2)`` float arrays; the picture's height is 1 and y points down."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
PointsLike = Points | Sequence[tuple[float, float]]


def points(these: PointsLike) -> Points:
    """Return points as an array of shape (n, 2)."""
    return np.asarray(these, dtype=np.float64).reshape(-1, 2)


def smooth(these: PointsLike, *, closed: bool = True, steps: int = 8) -> Points:
    """Return a Catmull–Rom curve through the points, ``steps`` samples per span."""
    knots = points(these)
    if closed:
        padded = np.vstack([knots[-1:], knots, knots[:2]])
    else:
        padded = np.vstack([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    b, s, e, a = (knot[:, None, :] for knot in (before, start, end, after))
    curve = 0.5 * (2 * s + (e - b) * t + (2 * b - 5 * s + 4 * e - a) * t**2 + (3 * s - b - 3 * e + a) * t**3)
    flat: Points = curve.reshape(-1, 2)
    return flat if closed else np.vstack((flat, knots[-1:]))


def oval(x: float, y: float, rx: float, ry: float, turn: float = 0.0, parts: int = 40) -> Points:
    """Return an ellipse, ``turn`` in radians."""
    outline: Points = _circle(parts) * (rx, ry)
    return (turned(outline, turn) if turn else outline) + (x, y)


@cache
def _circle(parts: int) -> Points:
    angle = np.linspace(0, 2 * np.pi, parts, endpoint=False)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def turned(these: PointsLike, turn: float, about: tuple[float, float] = (0.0, 0.0)) -> Points:
    """Return points turned by radians about a point."""
    c, s = np.cos(turn), np.sin(turn)
    rotated: Points = (points(these) - about) @ np.array([[c, s], [-s, c]]) + about
    return rotated


def limb(path: PointsLike, widths: Sequence[float] | float, *, steps: int = 8) -> Points:
    """Return the outline of a tapering limb along a smoothed path, full ``widths`` given at its knots."""
    knots = points(path)
    spine = smooth(knots, closed=False, steps=steps)
    wide = np.full(len(knots), widths) if isinstance(widths, float | int) else np.asarray(widths, dtype=float)
    spots = np.arange(len(spine)) * ((len(knots) - 1) / (len(spine) - 1))
    half = np.interp(spots, np.arange(len(knots)), wide)[:, None] / 2
    along = np.empty_like(spine)
    along[1:-1] = spine[2:] - spine[:-2]
    along[0], along[-1] = spine[1] - spine[0], spine[-1] - spine[-2]
    along /= np.maximum(np.hypot(along[:, :1], along[:, 1:]), 1e-9)
    side = np.column_stack([-along[:, 1], along[:, 0]])
    head = [spine[:1] - along[:1] * half[:1] * 0.8]
    tail = [spine[-1:] + along[-1:] * half[-1:] * 0.8]
    return np.vstack([*head, spine + side * half, *tail, (spine - side * half)[::-1]])


def ridge(rng: np.random.Generator, width: float, y: float, swing: float, rough: float = 0.5) -> Points:
    """Return a skyline across the picture: random hills of height ``swing`` about ``y``, left to right."""
    x = np.linspace(-0.02, width + 0.02, 90)
    line = np.full_like(x, y)
    for octave in range(5):
        phase, pace = rng.uniform(0, 2 * np.pi), rng.uniform(0.7, 1.3) * 2.1**octave * 2.2
        line += swing * rough**octave * np.sin(x * pace + phase) * 0.6
    return np.column_stack([x, line])


def down_to(line: Points, y: float = 1.02) -> Points:
    """Close a skyline at the bottom."""
    return np.vstack([line, [(line[-1, 0], y), (line[0, 0], y)]])


def star(x: float, y: float, outer: float, inner: float, rays: int, turn: float = 0.0) -> Points:
    """Return a star with ``rays`` points."""
    angle = turn + np.arange(2 * rays) * np.pi / rays
    radius = np.where(np.arange(2 * rays) % 2 == 0, outer, inner)
    return np.column_stack([x + radius * np.sin(angle), y - radius * np.cos(angle)])


def box(x: float, y: float, width: float, height: float) -> Points:
    """Return a rectangle from its upper left corner."""
    return points([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])


def of_revolution(x: float, top: float, profile: Sequence[tuple[float, float]]) -> Points:
    """Return a vessel's outline from ``(depth below top, radius)`` pairs, mirrored about ``x``."""
    side = smooth(profile, closed=False, steps=10)
    return np.vstack(
        [
            np.column_stack([x - side[:, 1], top + side[:, 0]]),
            np.column_stack([x + side[::-1, 1], top + side[::-1, 0]]),
        ]
    )
