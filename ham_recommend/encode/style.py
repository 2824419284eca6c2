"""Picture vectors from plain image statistics: colour, texture and composition, without any weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from ham_recommend.encode import _colour, _texture
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.records import Vectors

Floats = npt.NDArray[np.float32]

SIDE = 192
_SHAPES = np.linspace(-1.5, 1.5, 9, dtype=np.float32)


class StyleEncoder(ImageEncoder):
    """Encodes how a picture looks: its palette, its brushwork and how both are laid out.

    The vector joins blocks of plain statistics. Each block is flattened by a power below one, so that a rare
    colour or stroke counts too, then brought to unit length and weighted; the cosine of two vectors is thus
    the weighted mean of the cosines of their blocks.
    """

    model_id = "style-1"
    dim = len(_colour._showable()) + 48 + 177 + 48 + 9

    def encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        """Encode pictures; see :meth:`ImageEncoder.encode_images`."""
        rows = np.empty((len(images), self.dim), np.float32)
        for row, image in enumerate(images):
            rows[row] = _style_of(image)
        return rows


def _style_of(image: Image.Image) -> Floats:
    small = _small(image)
    lab = _colour.oklab(np.asarray(small))
    light = np.ascontiguousarray(lab[..., 0])
    blocks = (
        _weighted(_colour.palette(lab[::2, ::2]), power=0.3, weight=0.14),
        _weighted(_colour.layout(lab), power=0.5, weight=0.01),
        _weighted(_texture.patterns(light), power=0.3, weight=0.8),
        _weighted(_texture.edge_strengths(light), power=0.5, weight=0.035),
        _weighted(_format(image), power=1.0, weight=0.015),
    )
    vector = np.concatenate(blocks)
    return vector / np.linalg.norm(vector)


def _small(image: Image.Image) -> Image.Image:
    scale = SIDE / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    return image.resize((width, height), Image.Resampling.BOX)


def _format(image: Image.Image) -> Floats:
    """Return where the picture stands between tall and wide."""
    return np.exp(-(((np.log2(image.width / image.height).clip(-1.5, 1.5) - _SHAPES) / 0.25) ** 2))


def _weighted(block: Floats, *, power: float, weight: float) -> Floats:
    flat = np.sign(block) * np.abs(block) ** power
    flat -= flat.mean()
    norm = np.linalg.norm(flat)
    return flat * np.float32(np.sqrt(weight) / norm) if norm else flat
