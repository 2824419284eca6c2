"""What every encoder promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from ham_recommend.manifest import NearDuplicateCosines
from ham_recommend.records import Vectors

__all__ = ["ColourReader", "ImageEncoder", "NearDuplicateCosines", "TextEncoder", "comparable"]

if TYPE_CHECKING:
    from PIL import Image


class ImageEncoder(ABC):
    """Turns pictures into unit-length vectors.

    Attributes
    ----------
    model_id : str
        Names the method, its version and its settings; vectors are comparable only under the same one.
    dim : int
        Number of dimensions.
    batch_size : int
        How many pictures make a good batch.
    at_once : int
        How many batches are best encoded at the same time, each by a thread of its own.
    runs_on : str
        What it computes with, where that was to be chosen, such as ``"bfloat16 on cpu"``; else empty.
    takes_model : bool
        Whether there are several models to choose from: the constructor's first parameter is then the name of
        one, and may be left out; with ``fetch=False`` it takes only what is on this machine, and asks nobody.
    near_duplicates : NearDuplicateCosines or None
        From which cosines on two pictures count as one; ``None`` where only equal files do.
    """

    takes_model: ClassVar[bool] = False
    near_duplicates: NearDuplicateCosines | None = None
    model_id: str
    dim: int
    batch_size: int = 16
    at_once: int = 1
    runs_on: str = ""

    @classmethod
    def outlives_fork(cls) -> bool:
        """Return whether processes that are forked off once it is loaded can share it, as on a processor."""
        return False

    def prepare(self, image: Image.Image) -> Any:
        """Do what can be done to one picture beforehand, by another thread, while others are encoded.

        Parameters
        ----------
        image : PIL.Image.Image
            Mode RGB; may be kept.

        Returns
        -------
        object
            Small, for :meth:`encode_prepared`; here the picture itself.
        """
        return image

    def encode_prepared(self, prepared: Sequence[Any]) -> Vectors:
        """Encode what :meth:`prepare` returned; see :meth:`encode_images`.

        Whatever else is in the batch, and however many, the same picture gives the same row to the last bit.
        """
        return self.encode_images(prepared)

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

    Attributes
    ----------
    model_id, dim, takes_model
        As of :class:`ImageEncoder`.
    """

    takes_model: ClassVar[bool] = False
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

    def encode_query(self, text: str) -> Vectors:
        """Encode what somebody looks for.

        Parameters
        ----------
        text : str
            A few words.

        Returns
        -------
        ndarray of float32, shape (dim,)
            Unit length; not to be written to.
        """
        row: Vectors = self.encode_texts([text])[0]
        return row


class ColourReader(ABC):
    """Tells from an image encoder's vectors how much of a picture has some colour.

    An :class:`ImageEncoder` whose vectors hold a palette is one of these too.
    """

    @abstractmethod
    def colour_vector(self, rgb: tuple[int, int, int]) -> Vectors:
        """Return the vector to search with for pictures of a colour, shape (dim,), unit length.

        Parameters
        ----------
        rgb : tuple of int
            sRGB, each 0–255.
        """

    @abstractmethod
    def colour_shares(self, vectors: Vectors, rgb: tuple[int, int, int]) -> Vectors:
        """Return how much of each picture has about this colour.

        Parameters
        ----------
        vectors : ndarray of float32, shape (n, dim)
            As the encoder made them.
        rgb : tuple of int
            sRGB, each 0–255.

        Returns
        -------
        ndarray of float32, shape (n,)
            0 to 1.
        """


def comparable(one: str, other: str) -> bool:
    """Return whether vectors with these ``model_id`` values lie in one space.

    What follows the last ``" in "`` names the arithmetic, which changes only the last digits:
    ``"clip-1 1f2e3d4c5b6a in bfloat16"``.
    """
    return _space(one) == _space(other)


def _space(model_id: str) -> str:
    return model_id.rpartition(" in ")[0] or model_id
