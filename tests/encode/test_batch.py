import numpy as np
import pytest

from ham_recommend.encode.base import ImageEncoder
from ham_recommend.encode.batch import Picture, encode_pictures
from ham_recommend.encode.style import StyleEncoder
from ham_recommend.records import Embeddings
from ham_recommend.testing.encoders import picture


class MeanColour(ImageEncoder):
    """The mean colour, and a note of what was asked."""

    model_id = "mean-colour"
    dim = 3

    def __init__(self):
        self.batches = []
        self.sizes = []

    def encode_images(self, images):
        self.batches.append(len(images))
        self.sizes += [image.size for image in images]
        means = [np.asarray(image, np.float32).mean(axis=(0, 1)) + 1 for image in images]
        rows = np.array(means, np.float32).reshape(-1, 3)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    @property
    def encoded(self):
        return sum(self.batches)


@pytest.fixture
def encoder():
    return MeanColour()


@pytest.fixture
def pictures(tmp_path):
    made = []
    for seed in range(7):
        path = tmp_path / f"{seed}.png"
        picture(seed).save(path)
        made.append(Picture(f"m:{seed}", path, f"content {seed}"))
    return made


def ids(embeddings):
    return embeddings.item_ids.tolist()


def test_every_picture_gets_its_vector(encoder, pictures):
    embeddings, problems = encode_pictures(encoder, pictures, batch_size=3)
    assert ids(embeddings) == [each.item_id for each in pictures]
    assert embeddings.contents.tolist() == [each.content for each in pictures]
    assert embeddings.model_id == "mean-colour"
    assert embeddings.vectors.dtype == np.float32
    np.testing.assert_array_equal(
        embeddings.vectors, encoder.encode_images([picture(seed) for seed in range(7)])
    )
    assert problems == []


def test_no_pictures(encoder):
    embeddings, problems = encode_pictures(encoder, [])
    assert len(embeddings) == 0
    assert embeddings.vectors.shape == (0, 3)
    assert problems == []


@pytest.mark.parametrize("batch_size", [1, 2, 7, 100])
@pytest.mark.parametrize("threads", [1, 3])
def test_batches_do_not_matter(encoder, pictures, batch_size, threads):
    embeddings, _ = encode_pictures(encoder, pictures, batch_size=batch_size, threads=threads)
    expected, _ = encode_pictures(MeanColour(), pictures)
    np.testing.assert_array_equal(embeddings.vectors, expected.vectors)
    assert max(encoder.batches) <= batch_size


def test_a_bad_picture_is_named_and_skipped(encoder, pictures, tmp_path):
    (tmp_path / "1.png").write_bytes(b"not a picture")
    (tmp_path / "4.png").unlink()
    embeddings, problems = encode_pictures(encoder, pictures, batch_size=2)
    assert ids(embeddings) == ["m:0", "m:2", "m:3", "m:5", "m:6"]
    assert [problem.where for problem in problems] == ["m:1", "m:4"]
    assert "1.png" in problems[0].reason
    expected = encoder.encode_images([picture(seed) for seed in (0, 2, 3, 5, 6)])
    np.testing.assert_array_equal(embeddings.vectors, expected)


def test_nothing_but_bad_pictures(encoder, tmp_path):
    missing = [Picture(f"m:{row}", tmp_path / f"{row}.jpg", "same") for row in range(3)]
    embeddings, problems = encode_pictures(encoder, missing)
    assert embeddings.vectors.shape == (0, 3)
    assert [problem.where for problem in problems] == ["m:0", "m:1", "m:2"]


def test_what_did_not_change_is_taken_over(encoder, pictures, tmp_path):
    first, _ = encode_pictures(encoder, pictures[:5])
    picture(99).save(tmp_path / "2.png")
    changed = [
        Picture(each.item_id, each.path, each.content + "!" * (row == 2)) for row, each in enumerate(pictures)
    ]
    again = MeanColour()
    second, _ = encode_pictures(again, changed[::-1], previous=first)
    assert again.encoded == 3
    assert ids(second) == [each.item_id for each in pictures[::-1]]
    expected, _ = encode_pictures(MeanColour(), changed[::-1])
    np.testing.assert_array_equal(second.vectors, expected.vectors)


def test_vectors_are_taken_over_as_they_are(encoder, pictures):
    marked = Embeddings(
        np.array(["m:0"], object),
        np.array([[0, 0, 1]], np.float32),
        "mean-colour",
        np.array(["content 0"], object),
    )
    embeddings, _ = encode_pictures(encoder, pictures, previous=marked)
    np.testing.assert_array_equal(embeddings.vectors[0], [0, 0, 1])


@pytest.mark.parametrize(
    ("model_id", "contents"), [("other", ["content 0"]), ("mean-colour", None), ("mean-colour", [""])]
)
def test_what_cannot_be_trusted_is_encoded_again(encoder, pictures, model_id, contents):
    previous = Embeddings(
        np.array(["m:0"], object),
        np.array([[0, 0, 1]], np.float32),
        model_id,
        None if contents is None else np.array(contents, object),
    )
    nameless = [*pictures[:2], Picture("m:x", pictures[2].path, "")]
    encode_pictures(encoder, nameless, previous=previous)
    assert encoder.encoded == 3


def test_works_that_share_a_picture_are_encoded_once(encoder, pictures):
    shared = [Picture(f"m:{row}", pictures[row % 2].path, f"content {row % 2}") for row in range(10)]
    embeddings, _ = encode_pictures(encoder, shared)
    assert encoder.encoded == 2
    np.testing.assert_array_equal(embeddings.vectors, np.tile(embeddings.vectors[:2], (5, 1)))


def test_pictures_without_a_content_hash_are_never_taken_for_one_another(encoder, pictures):
    nameless = [Picture(each.item_id, each.path, "") for each in pictures]
    embeddings, _ = encode_pictures(encoder, nameless)
    assert encoder.encoded == len(np.unique(embeddings.vectors, axis=0)) == 7


def test_progress_adds_up_to_all_pictures(encoder, pictures, tmp_path):
    first, _ = encode_pictures(encoder, pictures[:2])
    (tmp_path / "3.png").write_bytes(b"")
    steps = []
    encode_pictures(encoder, [*pictures, pictures[6]], previous=first, progress=steps.append, batch_size=2)
    assert sum(steps) == 8
    assert steps[0] == 2


def test_large_pictures_are_reduced_first(encoder, tmp_path):
    picture(0, 1600, 800).save(tmp_path / "large.jpg")
    encode_pictures(encoder, [Picture("m:0", tmp_path / "large.jpg", "large")], long_side=200)
    assert encoder.sizes == [(200, 100)]


def test_no_more_than_two_batches_are_held(pictures):
    class Counting(MeanColour):
        def encode_images(self, images):
            asked.append(len(taken))
            return super().encode_images(images)

    class Watched(list):
        def __getitem__(self, row):
            taken.add(row)
            return super().__getitem__(row)

    asked, taken = [], set()
    many = Watched(Picture(f"m:{row}", pictures[row % 7].path, f"content {row}") for row in range(40))
    encode_pictures(Counting(), many, batch_size=4)
    assert all(opened <= 4 * (batch + 2) for batch, opened in enumerate(asked))


def test_the_style_encoder_gives_what_it_gives_directly(pictures):
    embeddings, _ = encode_pictures(StyleEncoder(), pictures)
    expected = StyleEncoder().encode_images([picture(seed) for seed in range(7)])
    np.testing.assert_array_equal(embeddings.vectors, expected)
