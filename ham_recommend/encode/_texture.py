"""What a picture's surface says: brushwork, line and edge at several scales and orientations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, uniform_filter

Floats = npt.NDArray[np.float32]

RADII = (1, 2, 4)
NOTICEABLE = 0.04
SIGMAS = (0.7, 1.4, 2.8, 5.6)
STRENGTHS = 12
_RING = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))


def _uniform_patterns() -> npt.NDArray[np.intp]:
    """Number the 58 ring patterns with at most two changes between dark and light; the others share 58."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    is_uniform = (bits != np.roll(bits, 1, axis=1)).sum(axis=1) <= 2
    return np.where(is_uniform, np.cumsum(is_uniform) - 1, 58)


_PATTERN = _uniform_patterns()


def patterns(light: Floats) -> Floats:
    """Return how often each uniform local binary pattern occurs, at three radii.

    After Ojala, Pietikäinen and Mäenpää, "Multiresolution gray-scale and rotation invariant texture
    classification with local binary patterns" (2002); a neighbour counts as lighter only when one would notice.

    Parameters
    ----------
    light : ndarray of float32, shape (height, width)
        Lightness, 0–1.

    Returns
    -------
    ndarray of float32, shape (len(RADII) * 59,)
        Each radius sums to 1.
    """
    return np.concatenate([_patterns_at(light, radius) for radius in RADII])


def _patterns_at(light: Floats, radius: int) -> Floats:
    height, width = light.shape
    smooth = np.pad(uniform_filter(light, radius, mode="nearest"), radius, mode="edge")
    centre = smooth[radius:-radius, radius:-radius] + np.float32(NOTICEABLE)
    codes = np.zeros(light.shape, np.uint8)
    for bit, (down, right) in enumerate(_RING):
        reach = radius if 0 in (down, right) else max(1, round(radius * 0.7071))
        top, left = radius + down * reach, radius + right * reach
        codes |= (smooth[top : top + height, left : left + width] > centre).astype(np.uint8) << bit
    counts = np.bincount(codes.ravel(), minlength=256) / codes.size
    return np.bincount(_PATTERN, counts, 59).astype(np.float32)


def edge_strengths(light: Floats) -> Floats:
    """Return how much of the picture has edges of each strength, at four scales.

    Parameters
    ----------
    light : ndarray of float32, shape (height, width)
        Lightness, 0–1.

    Returns
    -------
    ndarray of float32, shape (len(SIGMAS) * STRENGTHS,)
        Each scale sums to 1; strengths rise by a constant factor.
    """
    return np.concatenate([_edge_strengths_at(light, sigma) for sigma in SIGMAS])


def _edge_strengths_at(light: Floats, sigma: float) -> Floats:
    smooth = np.pad(gaussian_filter(light, sigma), 1, mode="edge")
    down = (smooth[2:, 1:-1] - smooth[:-2, 1:-1]) / 2
    right = (smooth[1:-1, 2:] - smooth[1:-1, :-2]) / 2
    strength = np.log2(np.hypot(down, right) * sigma + 2.0**-9)
    place = np.clip((strength + 9) / 8, 0, 1).ravel() * (STRENGTHS - 1)
    below = np.minimum(place.astype(np.intp), STRENGTHS - 2)
    above = place - below
    counts = np.bincount(below, 1 - above, STRENGTHS) + np.bincount(below + 1, above, STRENGTHS)
    return (counts / light.size).astype(np.float32)
