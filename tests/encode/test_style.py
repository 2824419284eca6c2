import csv

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from ham_recommend import registry
from ham_recommend.catalog.thumbnails import Original, ThumbnailFolder
from ham_recommend.encode import _colour, _texture
from ham_recommend.encode.journal import VectorJournal
from ham_recommend.encode.pipeline import encode_pictures
from ham_recommend.encode.style import StyleEncoder
from ham_recommend.testing.encoders import ImageEncoderContract, picture


class TestStyleEncoder(ImageEncoderContract):
    tolerance = 0

    @pytest.fixture
    def encoder(self):
        return StyleEncoder()


def style(*images):
    return StyleEncoder().encode_images(images)


def likeness(first, second):
    one, other = style(first, second)
    return float(one @ other)


def scene(ink, paper, seed=0):
    """Strokes on a ground."""
    image = Image.new("RGB", (200, 150), paper)
    draw = ImageDraw.Draw(image)
    for x0, y0, x1, y1 in np.random.RandomState(seed).randint(0, 200, (25, 4)).tolist():
        draw.line((x0, y0, x1, y1), fill=ink, width=3)
    return image


def blur(image):
    return image.filter(ImageFilter.GaussianBlur(3))


def test_it_is_registered():
    assert registry.load("encoder", "style") is StyleEncoder


def test_the_same_manner_in_the_same_colours_is_nearest():
    blue, again = scene("navy", "ivory"), scene("navy", "ivory", seed=1)
    assert likeness(blue, again) > likeness(blue, scene("darkred", "gold", seed=1))
    assert likeness(blue, again) > likeness(blue, blur(again))


def test_a_mirror_image_is_nearly_the_same():
    image = picture(1, 200, 160)
    assert likeness(image, ImageOps.mirror(image)) > 0.97
    assert likeness(image, ImageOps.mirror(image)) > likeness(image, picture(2, 200, 160))


def test_grey_pictures_differ_by_surface_and_tone():
    hatched, smooth = scene("black", "white"), blur(scene("black", "white"))
    assert likeness(hatched, scene("black", "white", seed=1)) > likeness(hatched, smooth)
    assert likeness(hatched, scene("black", "white", seed=1)) > likeness(hatched, ImageOps.invert(hatched))


def test_a_tall_picture_differs_from_a_wide_one_of_the_same_colour():
    tall, taller, wide = (Image.new("RGB", size, "teal") for size in ((60, 100), (60, 110), (100, 60)))
    assert likeness(tall, taller) > likeness(tall, wide)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ((255, 255, 255), (1.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (0.6279554, 0.2248631, 0.1258463)),
        ((0, 255, 0), (0.8664396, -0.2338874, 0.1794985)),
        ((0, 0, 255), (0.4520137, -0.0324570, -0.3115281)),
    ],
)
def test_oklab_agrees_with_its_published_values(code, expected):
    lab = _colour.oklab(np.full((1, 1, 3), code, np.uint8))
    np.testing.assert_allclose(lab[:, 0, 0], expected, atol=2e-4)


@pytest.mark.parametrize("size", [(96, 64), (1, 1), (1, 50), (50, 1)])
def test_every_count_is_a_share_of_the_picture(size):
    lab = _colour.oklab(np.asarray(picture(4, *size)))
    changes = _texture.steps(lab)
    assert _colour.palette(lab).sum() == pytest.approx(1, abs=0.01)
    assert _texture.edge_kinds(changes).sum() == pytest.approx(1)
    assert _texture.edge_strengths(changes).sum() == pytest.approx(1)
    np.testing.assert_allclose(_texture.ring_patterns(lab[0]).reshape(3, -1).sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("turn", [ImageOps.mirror, ImageOps.flip])
def test_edges_read_the_same_in_a_mirror(turn):
    image = picture(5, 90, 70)
    changes, turned = (_texture.steps(_colour.oklab(np.asarray(each))) for each in (image, turn(image)))
    np.testing.assert_allclose(_texture.edge_kinds(changes), _texture.edge_kinds(turned), atol=1e-3)


def test_ring_patterns_read_the_same_in_a_mirror():
    light = _colour.oklab(np.asarray(picture(6, 90, 70)))[0]
    # even radii are smoothed by boxes that have no middle, so only the finest one is exact
    np.testing.assert_allclose(
        _texture.ring_patterns(light)[:35], _texture.ring_patterns(light[:, ::-1])[:35], atol=1e-6
    )


def test_layout_says_where_a_colour_lies():
    image = Image.new("RGB", (90, 60), "black")
    image.paste("white", (60, 40, 90, 60))
    lightness = _colour.layout(_colour.oklab(np.asarray(image))).reshape(3, 3, 3)[..., 0]
    expected = np.zeros((3, 3))
    expected[2, 2] = 1
    np.testing.assert_allclose(lightness, expected - 0.6, atol=1e-3)


@pytest.mark.parametrize(
    ("direction", "orientation"), [((1, 0), 0), ((1, 1), 1), ((0, 1), 2), ((1, -1), 3), ((-1, -1), 1)]
)
def test_edge_layout_says_in_which_direction_light_changes(direction, orientation):
    across, down = np.meshgrid(np.arange(60), np.arange(60))
    light = 0.02 * (direction[0] * across + direction[1] * down)
    strongest = _texture.edge_layout(light.astype(np.float32)).reshape(9, 4).argmax(axis=1)
    assert (strongest == orientation).all()


@pytest.mark.data
@pytest.mark.slow
def test_paintings_of_one_style_and_of_one_artist_come_together(data_dir, tmp_path):
    with (data_dir / "paintings" / "paintings.csv").open(encoding="utf-8", newline="") as table:
        works = list(csv.DictReader(table))
    images = data_dir / "paintings" / "images"
    pictures = [Original(work["id"], str(images / work["file"]), copies_allowed=False) for work in works]
    encoder = StyleEncoder()
    journal = VectorJournal(tmp_path, encoder.model_id, encoder.dim)
    vectors = encode_pictures(pictures, ThumbnailFolder(tmp_path), encoder, journal).embeddings.vectors
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -np.inf)
    nearest = np.argsort(-alike, axis=1, kind="stable")[:, :10]
    for field, least in (("style", 0.27), ("artist", 0.21)):
        label = np.array([work[field] for work in works])
        assert (label[nearest] == label[:, None]).mean() >= least
