"""What every encoder promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from PIL import Image

from ham_recommend.records import Vectors


class ImageEncoder(ABC):
    """Turns pictures into unit-length vectors.

    Attributes
    ----------
    model_id : str
        Names the method, its version and its settings; vectors are comparable only under the same one.
    dim : int
        Number of dimensions.
    """

    model_id: str
    dim: int

    @abstractmethod
    def encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        """Encode pictures.

        Parameters
        ----------
        images : sequence of PIL.Image.Image
            Mode RGB, any size from 1 × 1 up; not modified.

        Returns
        -------
        ndarray of float32, shape (len(images), dim)
            Unit-length rows; the same picture gives the same row, whatever else is in the batch.
        """


class TextEncoder(ABC):
    """Turns texts into unit-length vectors.

    A class that is an :class:`ImageEncoder` too puts both into one space.
    """

    model_id: str
    dim: int

    @abstractmethod
    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Encode texts.

        Parameters
        ----------
        texts : sequence of str
            Any length; a model may read only the beginning.

        Returns
        -------
        ndarray of float32, shape (len(texts), dim)
            Unit-length rows.
        """
