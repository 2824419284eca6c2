"""What every image encoder must pass; subclass it and return your encoder from the fixture.

::

    class TestMyEncoder(ImageEncoderContract):
        @pytest.fixture
        def encoder(self):
            return MyEncoder()

One that is slow to load is best kept in a module-scoped fixture that this one returns.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from ham_recommend.encode.base import ImageEncoder


def picture(seed: int = 0, width: int = 96, height: int = 64) -> Image.Image:
    """Return coloured blotches, the same for the same arguments.

    Parameters
    ----------
    seed : int
        Another seed makes another picture.
    width, height : int
        Size in pixels.
    """
    blotches = np.random.RandomState(seed).randint(0, 256, (5, 7, 3)).astype(np.uint8)
    return Image.fromarray(blotches).resize((width, height), Image.Resampling.BICUBIC)


class ImageEncoderContract:
    """The promises of :class:`ham_recommend.encode.base.ImageEncoder`.

    Attributes
    ----------
    tolerance : float
        How far two vectors of one picture may lie apart where they were encoded in different batches; 0 for
        encoders without floating-point kernels that depend on the batch.
    """

    tolerance = 1e-5

    @pytest.fixture
    def encoder(self) -> ImageEncoder:
        """Return the encoder under test."""
        raise NotImplementedError("Override the fixture `encoder`.")

    def test_it_names_itself_and_its_size(self, encoder: ImageEncoder) -> None:
        assert isinstance(encoder.model_id, str)
        assert encoder.model_id.strip()
        assert encoder.dim > 0

    def test_rows_are_unit_length_float32(self, encoder: ImageEncoder) -> None:
        vectors = encoder.encode_images([picture(seed) for seed in range(5)])
        assert vectors.shape == (5, encoder.dim)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)

    def test_no_pictures_make_no_rows(self, encoder: ImageEncoder) -> None:
        vectors = encoder.encode_images([])
        assert vectors.shape == (0, encoder.dim)
        assert vectors.dtype == np.float32

    def test_encoding_again_gives_the_same(self, encoder: ImageEncoder) -> None:
        images = [picture(seed) for seed in range(4)]
        np.testing.assert_array_equal(encoder.encode_images(images), encoder.encode_images(images))

    def test_other_pictures_in_the_batch_do_not_matter(self, encoder: ImageEncoder) -> None:
        images = [picture(seed, 40 + 9 * seed, 90 - 7 * seed) for seed in range(9)]
        together = encoder.encode_images(images)
        backwards = encoder.encode_images(images[::-1])[::-1]
        alone = np.concatenate([encoder.encode_images([image]) for image in images])
        np.testing.assert_allclose(backwards, together, atol=self.tolerance)
        np.testing.assert_allclose(alone, together, atol=self.tolerance)

    def test_different_pictures_differ(self, encoder: ImageEncoder) -> None:
        vectors = encoder.encode_images([picture(seed) for seed in range(6)])
        likeness = vectors @ vectors.T
        assert likeness[~np.eye(6, dtype=bool)].max() < 0.9999

    def test_a_smaller_copy_is_nearest_to_its_original(self, encoder: ImageEncoder) -> None:
        images = [picture(seed, 320, 240) for seed in range(6)]
        copies = [image.resize((240, 180), Image.Resampling.LANCZOS) for image in images]
        likeness = encoder.encode_images(copies) @ encoder.encode_images(images).T
        np.testing.assert_array_equal(likeness.argmax(axis=1), range(6))

    @pytest.mark.parametrize(
        "size", [(1, 1), (1, 2), (2, 1), (3, 3), (1, 3000), (3000, 1), (7, 900), (2500, 1700)]
    )
    def test_any_size_is_encoded(self, encoder: ImageEncoder, size: tuple[int, int]) -> None:
        _assert_sound(encoder, picture(3, *size))

    @pytest.mark.parametrize("colour", ["black", "white", "#808080", "#ff0000", "#0000ff"])
    @pytest.mark.parametrize("size", [(1, 1), (64, 64), (50, 333)])
    def test_one_flat_colour_is_encoded(
        self, encoder: ImageEncoder, colour: str, size: tuple[int, int]
    ) -> None:
        _assert_sound(encoder, Image.new("RGB", size, colour))

    def test_black_and_white_differ(self, encoder: ImageEncoder) -> None:
        black, white = encoder.encode_images(
            [Image.new("RGB", (64, 64), colour) for colour in ("black", "white")]
        )
        assert black @ white < 0.9999

    def test_pictures_are_not_modified(self, encoder: ImageEncoder) -> None:
        images = [picture(seed) for seed in range(3)]
        before = [(image.mode, image.size, image.tobytes()) for image in images]
        encoder.encode_images(images)
        assert [(image.mode, image.size, image.tobytes()) for image in images] == before

    def test_threads_do_not_disturb_each_other(self, encoder: ImageEncoder) -> None:
        batches = [[picture(10 * batch + seed) for seed in range(4)] for batch in range(8)]
        expected = [encoder.encode_images(batch) for batch in batches]
        with ThreadPoolExecutor(4) as pool:
            for got, wanted in zip(pool.map(encoder.encode_images, batches), expected, strict=True):
                np.testing.assert_allclose(got, wanted, atol=self.tolerance)


def _assert_sound(encoder: ImageEncoder, image: Image.Image) -> None:
    vectors = encoder.encode_images([image])
    assert vectors.shape == (1, encoder.dim)
    assert np.isfinite(vectors).all()
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-4)
