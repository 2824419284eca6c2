"""Picture vectors that say which colours there are, and nothing else: the plain histogram to compare with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from ham_recommend.encode.base import ImageEncoder, NearDuplicateCosines
from ham_recommend.records import Vectors

_LEVELS = 8


class ColourEncoder(ImageEncoder):
    """Counts the pixels in 8 × 8 × 8 boxes of red, green and blue, as M. J. Swain and D. H. Ballard did.

    "Color Indexing", International Journal of Computer Vision 7 (1991). A baseline: ``style`` sees colour the
    way people do, and surface and layout besides.
    """

    model_id = "colour-1"
    near_duplicates = NearDuplicateCosines(look=0.95, sure=0.99)
    dim = _LEVELS**3

    def encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        """Encode pictures; see :meth:`ImageEncoder.encode_images`."""
        counts = np.empty((len(images), self.dim), np.float32)
        for row, image in enumerate(images):
            counts[row] = _histogram(image)
        lengths: Vectors = np.linalg.norm(counts, axis=1, keepdims=True)
        return counts / lengths


def _histogram(image: Image.Image) -> Vectors:
    red, green, blue = np.moveaxis(np.asarray(image) >> 5, -1, 0).astype(np.intp)
    boxes = (red * _LEVELS + green) * _LEVELS + blue
    return np.bincount(boxes.ravel(), minlength=_LEVELS**3).astype(np.float32)
