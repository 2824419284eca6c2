"""Picture vectors from plain image statistics: colour, texture and composition, without any weights."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from ham_recommend.encode import _colour, _texture
from ham_recommend.encode._colour import Floats
from ham_recommend.encode.base import ColourReader, ImageEncoder, NearDuplicateCosines
from ham_recommend.records import Vectors

_SIDE = 192
_FLATTENING = 0.3
_SHAPES = np.linspace(-1.5, 1.5, 9, dtype=np.float32)
_WEIGHTS = {
    "palette": 0.14,
    "colour layout": 0.01,
    "ring patterns": 0.69,  # much, because these differ little: between two pictures they correlate by 0.9
    "edge kinds": 0.09,
    "edge strengths": 0.04,
    "edge layout": 0.02,
    "shape": 0.01,
}


class StyleEncoder(ImageEncoder, ColourReader):
    """Encodes how a picture looks: its palette, its surface, and how both are laid out.

    The vector joins blocks of counts. In each block a power below one lifts what is rare (a few strokes of
    red say more than the hundredth patch of brown), the mean is taken off, and the rest is brought to the
    block's weight; so the cosine of two vectors is the weighted mean of the correlations of their blocks. Few
    numbers were tuned, the weights above all; nothing is learnt from any collection.
    """

    model_id = "style-1"
    near_duplicates = NearDuplicateCosines(look=0.98, sure=0.998)
    dim = 534

    def encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        """Encode pictures; see :meth:`ImageEncoder.encode_images`."""
        rows = np.empty((len(images), self.dim), np.float32)
        with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
            for row, vector in enumerate(pool.map(_style, images)):
                rows[row] = vector
        return rows

    def colour_vector(self, rgb: tuple[int, int, int]) -> Vectors:
        """Return the vector to search with for a colour; see :meth:`ColourReader.colour_vector`."""
        vector = np.zeros(self.dim, np.float32)
        block = _weighted(_colour.palette_of(rgb), _WEIGHTS["palette"])
        vector[: len(block)] = block / np.linalg.norm(block)
        return vector

    def colour_shares(self, vectors: Vectors, rgb: tuple[int, int, int]) -> Vectors:
        """Return how much of each picture has a colour; see :meth:`ColourReader.colour_shares`."""
        wanted = _colour.palette_of(rgb)
        shares: Vectors = _palettes(vectors[:, : len(wanted)]) @ (wanted / wanted.max())
        return shares


def _palettes(blocks: Floats) -> Floats:
    """Return the palettes that blocks were made of: what :func:`_weighted` did, undone.

    No picture has every colour, so the least number of a block is that of none; and a palette sums to 1.
    """
    lifted = blocks - blocks.min(axis=1, keepdims=True)
    counts = lifted ** np.float32(1 / _FLATTENING)
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12), np.float32)


def _style(image: Image.Image) -> Floats:
    blocks = [_weighted(block, _WEIGHTS[name]) for name, block in _blocks(image)]
    vector = np.concatenate(blocks)
    unit: Floats = vector / np.linalg.norm(vector)
    return unit


def _blocks(image: Image.Image) -> Iterator[tuple[str, Floats]]:
    lab = _colour.oklab(np.asarray(_small(image)))
    sparse, changes = lab[:, ::2, ::2], _texture.steps(lab)
    yield "palette", _colour.palette(sparse)
    yield "colour layout", _colour.layout(sparse)
    yield "ring patterns", _texture.ring_patterns(lab[0])
    yield "edge kinds", _texture.edge_kinds(changes)
    yield "edge strengths", _texture.edge_strengths(changes)
    yield "edge layout", _texture.edge_layout(lab[0])
    yield "shape", _shape(image)


def _small(image: Image.Image) -> Image.Image:
    scale = _SIDE / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    return image.resize((width, height), Image.Resampling.BOX)


def _shape(image: Image.Image) -> Floats:
    """Return where the picture stands between tall and wide."""
    octaves = np.clip(np.log2(image.width / image.height), _SHAPES[0], _SHAPES[-1])
    return np.asarray(np.exp(-(((octaves - _SHAPES) / 0.25) ** 2)), np.float32)


def _weighted(block: Floats, weight: float) -> Floats:
    lifted = np.sign(block) * np.abs(block) ** np.float32(_FLATTENING)
    lifted -= lifted.mean()
    length = float(np.linalg.norm(lifted))
    return np.asarray(lifted * (np.sqrt(weight) / (length or 1.0)), np.float32)
