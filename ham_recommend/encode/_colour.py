"""What a picture's colours say: which ones there are, and where they lie.

Colours are measured in Oklab, where equal distances look equal (Björn Ottosson, "A perceptual color space for
image processing", 2020).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

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

# the palette's bins: lightness, green–red, blue–yellow; stronger colours share the outermost bins
_BINS = (6, 5, 5)
_STRIDES = np.array([25, 5, 1])
_LOWEST = np.array([0.0, -0.15, -0.15], np.float32)
_HIGHEST = np.array([1.0, 0.15, 0.15], np.float32)

_RARE = 1e-4  # of all sRGB colours; bins with fewer only catch the rim of their neighbours

# what still counts as the same colour: "a blue" has as many shades as a brush has strokes
_PALER = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 1], [1, 0.75, 0.75], [1, 1.2, 1.2]], np.float32)
_LIGHTER = np.array([[0, 0, 0], [-0.1, 0, 0], [0.1, 0, 0], [0, 0, 0], [0, 0, 0]], np.float32)

_GRID = 3
_MIDDLE_TONE = np.array([0.6, 0.0, 0.02], np.float32)
_COLOUR_OVER_LIGHT = np.array([1.0, 2.0, 2.0], np.float32)


def oklab(rgb: npt.NDArray[np.uint8]) -> Floats:
    """Convert sRGB to Oklab.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (height, width, 3)
        sRGB.

    Returns
    -------
    ndarray of float32, shape (3, height, width)
        Lightness 0–1, then green–red and blue–yellow, about −0.3 to 0.3.
    """
    lab: Floats = np.cbrt(_LINEAR[rgb.reshape(-1, 3)] @ _RGB_TO_LMS) @ _LMS_TO_OKLAB
    return np.ascontiguousarray(lab.T).reshape(3, *rgb.shape[:2])


def palette(lab: Floats) -> Floats:
    """Return how much of the picture has each colour, every pixel shared by the colours it lies between.

    Parameters
    ----------
    lab : ndarray of float32, shape (3, height, width)
        Oklab.

    Returns
    -------
    ndarray of float32, shape (109,)
        Sums to 1, or hardly less: only colours that sRGB can show have a place.
    """
    return _all_colours(lab)[_SHOWABLE]


def palette_of(rgb: tuple[int, int, int]) -> Floats:
    """Return the palette of a colour with its neighbours: a little lighter, darker, paler and stronger.

    Parameters
    ----------
    rgb : tuple of int
        sRGB, each 0–255.

    Returns
    -------
    ndarray of float32, shape (109,)
    """
    lab = oklab(np.array([[rgb]], np.uint8)).ravel()
    return palette(np.ascontiguousarray((lab * _PALER + _LIGHTER).T.reshape(3, 1, -1)))


def _all_colours(lab: Floats) -> Floats:
    steps = np.array(_BINS) - 1
    pixels = lab.reshape(3, -1).T
    place = np.clip((pixels - _LOWEST) / (_HIGHEST - _LOWEST), 0, 1) * steps.astype(np.float32)
    below = np.minimum(place.astype(np.intp), steps - 1)
    above = (place - below).T
    shares = (1 - above, above)
    bins = below @ _STRIDES
    counts = np.zeros(np.prod(_BINS))
    for corner in np.ndindex(2, 2, 2):
        share = shares[corner[0]][0] * shares[corner[1]][1] * shares[corner[2]][2]
        counts += np.bincount(bins + corner @ _STRIDES, share, counts.size)
    return (counts / len(pixels)).astype(np.float32)


def _showable() -> npt.NDArray[np.intp]:
    codes = np.arange(0, 256, 15, dtype=np.uint8)
    cube = np.stack(np.meshgrid(codes, codes, codes), axis=-1)
    return np.flatnonzero(_all_colours(oklab(cube.reshape(-1, 1, 3))) > _RARE)


_SHOWABLE = _showable()


def layout(lab: Floats) -> Floats:
    """Return the mean colour of each field of a 3 × 3 grid, as its difference from a middle tone.

    Parameters
    ----------
    lab : ndarray of float32, shape (3, height, width)
        Oklab.

    Returns
    -------
    ndarray of float32, shape (27,)
        Row by row, three values per field; about −1 to 1.
    """
    fields = fields_of(lab.shape[1:], _GRID)
    sizes = np.maximum(np.bincount(fields, minlength=_GRID**2), 1)
    means = [np.bincount(fields, channel.ravel(), _GRID**2) / sizes for channel in lab]
    return ((np.stack(means, axis=1) - _MIDDLE_TONE) * _COLOUR_OVER_LIGHT).astype(np.float32).ravel()


def fields_of(shape: tuple[int, ...], grid: int) -> npt.NDArray[np.intp]:
    """Return for every pixel, row by row, the number of its field in a ``grid`` × ``grid`` division."""
    down, right = (np.arange(length) * grid // length for length in shape)
    return (down[:, None] * grid + right).ravel()
