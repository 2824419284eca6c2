"""What a picture's colours say: which ones there are, and where they lie.

Colours are measured in Oklab (Björn Ottosson, "A perceptual color space for image processing", 2020),
where equal distances look equal.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

BINS = (6, 6, 6)
LOWEST = np.array([0.0, -0.15, -0.15], np.float32)
HIGHEST = np.array([1.0, 0.15, 0.15], np.float32)
GRID = 4
_MIDDLE = np.array([0.6, 0.0, 0.02], np.float32)
_SPREAD = np.array([1.0, 2.0, 2.0], np.float32)

_CODES = np.arange(256) / 255
_LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)
_RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
).T
_LMS_TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
).T


def oklab(rgb: npt.NDArray[np.uint8]) -> Floats:
    """Convert sRGB codes to Oklab.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (..., 3)
        sRGB.

    Returns
    -------
    ndarray of float32, shape (..., 3)
        Lightness 0–1, then green–red and blue–yellow, about −0.3 to 0.3.
    """
    lab: Floats = np.cbrt(_LINEAR[rgb] @ _RGB_TO_LMS) @ _LMS_TO_OKLAB
    return lab


def palette(lab: Floats) -> Floats:
    """Return how much of the picture has each colour, shared linearly between neighbouring colours.

    Parameters
    ----------
    lab : ndarray of float32, shape (height, width, 3)
        Oklab.

    Returns
    -------
    ndarray of float32, shape (PALETTE,)
        Sums to 1. Only the colours that a screen can show have a place.
    """
    return _all_colours(lab)[_showable()]


def _all_colours(lab: Floats) -> Floats:
    pixels = lab.reshape(-1, 3)
    steps = np.array(BINS) - 1
    place = np.clip((pixels - LOWEST) / (HIGHEST - LOWEST), 0, 1) * steps.astype(np.float32)
    below = np.minimum(place.astype(np.intp), steps - 1)
    above = place - below
    counts = np.zeros(np.prod(BINS))
    for corner in np.ndindex(2, 2, 2):
        share = np.where(corner, above, 1 - above).prod(axis=1)
        counts += np.bincount(np.ravel_multi_index(tuple((below + corner).T), BINS), share, counts.size)
    return (counts / len(pixels)).astype(np.float32)


@cache
def _showable() -> npt.NDArray[np.intp]:
    codes = np.arange(0, 256, 15, dtype=np.uint8)
    cube = np.stack(np.meshgrid(codes, codes, codes), axis=-1)
    return np.flatnonzero(_all_colours(oklab(cube.reshape(-1, 1, 3))))


def layout(lab: Floats) -> Floats:
    """Return the mean colour of each field of a 4 × 4 grid, as its distance from a middle tone.

    Parameters
    ----------
    lab : ndarray of float32, shape (height, width, 3)
        Oklab.

    Returns
    -------
    ndarray of float32, shape (GRID * GRID * 3,)
        Row by row; about −1 to 1.
    """
    rows, columns = (_field_of(length) for length in lab.shape[:2])
    fields = (rows[:, None] * GRID + columns).ravel()
    sizes = np.bincount(fields, minlength=GRID * GRID)
    sums = [np.bincount(fields, channel, GRID * GRID) for channel in lab.reshape(-1, 3).T]
    means = np.stack(sums, axis=1) / np.maximum(sizes, 1)[:, None]
    return ((means - _MIDDLE) * _SPREAD * (sizes > 0)[:, None]).astype(np.float32).ravel()


def _field_of(length: int) -> npt.NDArray[np.intp]:
    return np.arange(length) * GRID // length
