"""What a picture's surface says: brushwork, line and edge.

Whatever is counted here reads the same in a mirror, except for :func:`edge_layout`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, uniform_filter

from ham_recommend.encode._colour import Floats, fields_of

Codes = npt.NDArray[np.integer[Any]]

_RADII = (1, 2, 4)
_LIGHTER = 0.04
_RING = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))

_FINE, _COARSE = 0.7, 1.5
_RISES = (0.02, 0.01, 0.01)  # light, green–red, blue–yellow: the least difference that counts
_LIGHT_STRENGTHS = (0.02, 0.06, 0.15)
_COLOUR_STRENGTHS = (0.008, 0.02, 0.05)
_ORIENTATIONS = 4
_GRID = 3


def ring_patterns(light: Floats) -> Floats:
    """Return how often each pattern of lighter neighbours occurs around a pixel, at three radii.

    Uniform local binary patterns (Ojala, Pietikäinen and Mäenpää, "Multiresolution gray-scale and rotation
    invariant texture classification with local binary patterns", 2002), mirror images counted as one.

    Parameters
    ----------
    light : ndarray of float32, shape (height, width)
        Lightness, 0–1.

    Returns
    -------
    ndarray of float32, shape (105,)
        Each radius sums to 1.
    """
    return np.concatenate([_ring_patterns_at(light, radius) for radius in _RADII])


def _ring_patterns_at(light: Floats, radius: int) -> Floats:
    height, width = light.shape
    smooth = np.pad(uniform_filter(light, radius, mode="nearest"), radius, mode="edge")
    noticed = smooth[radius : radius + height, radius : radius + width] + np.float32(_LIGHTER)
    codes = np.zeros(light.shape, np.uint8)
    for bit, (down, right) in enumerate(_RING):
        reach = radius if 0 in (down, right) else max(1, round(radius * np.sqrt(0.5)))
        top, left = radius + down * reach, radius + right * reach
        codes |= (smooth[top : top + height, left : left + width] > noticed).view(np.uint8) << bit
    return _share(codes, _RING_PATTERN)


def _ring_pattern_of_code() -> Codes:
    """Return each code's pattern: its own with at most two changes around the ring, else the common one."""
    codes = np.arange(256)
    bits = codes[:, None] >> np.arange(8) & 1
    is_uniform = (bits != np.roll(bits, 1, axis=1)).sum(axis=1) <= 2
    mirrored = bits[:, (4 - np.arange(8)) % 8] @ (1 << np.arange(8))
    return _numbered(np.where(is_uniform, np.minimum(codes, mirrored), 256))


def steps(lab: Floats, sigma: float = _FINE) -> Floats:
    """Return how each channel changes from left to right and from top to bottom.

    Parameters
    ----------
    lab : ndarray of float32, shape (channels, height, width)
        Oklab, or lightness alone.
    sigma : float
        How far it is smoothed before, in pixels.

    Returns
    -------
    ndarray of float32, shape (channels, 2, height, width)
        The change over two pixels.
    """
    smooth = np.pad(gaussian_filter(lab, (0, sigma, sigma)), ((0, 0), (1, 1), (1, 1)), mode="edge")
    right = smooth[:, 1:-1, 2:] - smooth[:, 1:-1, :-2]
    down = smooth[:, 2:, 1:-1] - smooth[:, :-2, 1:-1]
    return np.stack([right, down], axis=1)


def edge_kinds(changes: Floats) -> Floats:
    """Return how often light and both colour channels rise, fall or stay together, across and down.

    Parameters
    ----------
    changes : ndarray of float32, shape (3, 2, height, width)
        From :func:`steps`.

    Returns
    -------
    ndarray of float32, shape (196,)
        Sums to 1. An edge seen from its other side is the same edge.
    """
    codes = np.zeros(changes.shape[2:], np.int16)
    for channel, least in zip(changes, _RISES, strict=True):
        for change in channel:
            codes = codes * 3 + 1 + (change > least) - (change < -least)
    return _share(codes, _EDGE_KIND)


def _edge_kind_of_code() -> Codes:
    signs = np.array(list(np.ndindex(3, 3, 3, 3, 3, 3))) - 1
    places = 3 ** np.arange(5, -1, -1)
    mirror = np.array([-1, 1, -1, 1, -1, 1])
    alike = [(signs * flip + 1) @ places for flip in (1, -1, mirror, -mirror)]
    return _numbered(np.min(alike, axis=0))


def edge_strengths(changes: Floats) -> Floats:
    """Return how often light and colour change by how much, and in which direction light changes.

    Parameters
    ----------
    changes : ndarray of float32, shape (3, 2, height, width)
        From :func:`steps`.

    Returns
    -------
    ndarray of float32, shape (52,)
        Sums to 1.
    """
    light, colour = _length(changes[:1]), _length(changes[1:])
    light_level, colour_level = _level(light, _LIGHT_STRENGTHS), _level(colour, _COLOUR_STRENGTHS)
    kinds = np.where(light_level == 0, 0, (light_level - 1) * _ORIENTATIONS + 1 + _orientation(changes[0]))
    kinds_of_light = len(_LIGHT_STRENGTHS) * _ORIENTATIONS + 1
    count = kinds_of_light * (len(_COLOUR_STRENGTHS) + 1)
    codes = colour_level * kinds_of_light + kinds
    return (np.bincount(codes.ravel(), minlength=count) / codes.size).astype(np.float32)


def edge_layout(light: Floats) -> Floats:
    """Return how much light changes in each of four directions, in each field of a 3 × 3 grid.

    Parameters
    ----------
    light : ndarray of float32, shape (height, width)
        Lightness, 0–1.

    Returns
    -------
    ndarray of float32, shape (36,)
        Row by row, four directions per field.
    """
    changes = steps(light[None], _COARSE)[0]
    strength = _length(changes[None])
    noticed = np.where(strength > _RISES[0], strength, 0)
    codes = fields_of(light.shape, _GRID) * _ORIENTATIONS + _orientation(changes).ravel()
    energy = np.bincount(codes, noticed.ravel(), _GRID**2 * _ORIENTATIONS)
    return (energy / light.size).astype(np.float32)


def _length(changes: Floats) -> Floats:
    flat = changes.reshape(-1, *changes.shape[2:])
    length: Floats = np.sqrt(np.einsum("chw,chw->hw", flat, flat))
    return length


def _orientation(changes: Floats) -> Codes:
    """Return 0 for a change across, 1 down to the right, 2 down, 3 down to the left."""
    right, down = changes
    across, along = np.abs(right), np.abs(down)
    narrow = np.float32(np.tan(np.pi / 8))
    slanted = np.where(right * down > 0, np.uint8(1), np.uint8(3))
    upright = np.where(across < narrow * along, np.uint8(2), slanted)
    return np.where(along <= narrow * across, np.uint8(0), upright)


def _level(strength: Floats, bounds: tuple[float, ...]) -> Codes:
    level = np.zeros(strength.shape, np.uint8)
    for bound in bounds:
        level += strength > bound
    return level


def _numbered(codes: Codes) -> Codes:
    return np.unique(codes, return_inverse=True)[1]


def _share(codes: Codes, kind_of_code: Codes) -> Floats:
    counts = np.bincount(codes.ravel(), minlength=len(kind_of_code))
    return (np.bincount(kind_of_code, counts) / codes.size).astype(np.float32)


_RING_PATTERN = _ring_pattern_of_code()
_EDGE_KIND = _edge_kind_of_code()
