"""Near-identical pictures appear once, and nothing is lost by it."""

from __future__ import annotations

import csv
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ham_recommend.answers import Ranking
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.catalog.thumbnails import Thumbnail, Thumbnails
from ham_recommend.encode.style import StyleEncoder
from ham_recommend.index.exact import ExactStore
from ham_recommend.recommend.channels import Batch
from ham_recommend.recommend.near_duplicates import PLACEHOLDER, NearDuplicates, distinct, fold
from ham_recommend.records import Embeddings, RawRecord
from ham_recommend.workspace import Workspace


def catalog_of(digests):
    """A catalog of works with pictures of these hashes; an empty hash is no picture."""
    catalog = Catalog.from_records([RawRecord(item_id=item_id) for item_id in digests])
    return catalog.with_thumbnails(
        Thumbnails.of(
            Thumbnail(item_id, "", "", digest, f"pictures/{digest}.webp")
            for item_id, digest in digests.items()
            if digest
        )
    )


def store_of(vectors):
    ids, rows = list(vectors), np.array(list(vectors.values()), dtype=np.float32)
    store = ExactStore(rows.shape[1])
    store.upsert(
        Embeddings(np.array(ids, dtype=object), rows / np.linalg.norm(rows, axis=1)[:, None], "test")
    )
    return store


STYLE = StyleEncoder.near_duplicates


def alike_in(catalog, vectors=None, cosines=STYLE, folder="."):
    """Tell which works are near-duplicates, or None where no two can be."""
    pictures = None if vectors is None else Batch(vectors)
    same = NearDuplicates(Workspace(folder), catalog, cosines)
    return partial(same.alike, pictures=pictures) if same.possible(pictures) else None


def ranking_of(item_ids):
    scores = np.linspace(1, 0, len(item_ids), dtype=np.float32)
    return Ranking(np.array(item_ids, dtype=object), scores, channels={"words": scores.copy()})


digests = st.dictionaries(
    st.integers(0, 60).map("w:{:02}".format), st.sampled_from(["", "a", "b", "c", "d"]), min_size=1
)


@given(digests, st.integers(1, 20), st.sets(st.integers(0, 60).map("w:{:02}".format), max_size=5))
def test_distinct_works_come_back_until_there_are_no_more(digests, k, known):
    alike = alike_in(catalog_of(digests))
    candidates = [item_id for item_id in digests if item_id not in known]
    found = distinct(lambda wanted: ranking_of(candidates[:wanted]), k, known, alike, most=len(digests))
    pictures = [digests[item_id] or item_id for item_id in found.item_ids]
    assert len(set(pictures)) == len(pictures)
    assert len(found) == min(k, len({digests[item_id] or item_id for item_id in candidates}))
    for item_id, others in found.folded.items():
        assert all(digests[other] == digests[item_id] for other in others)
    before = {digests.get(item_id) for item_id in known} - {"", None}
    again = [digests[item_id] in before for item_id in found.item_ids]
    assert again == sorted(again), "works with a picture shown before come last"
    for late in (False, True):
        assert (np.diff(found.scores[np.array(again, dtype=bool) == late]) <= 0).all()


@given(digests)
def test_a_longer_answer_begins_with_the_shorter_one(digests):
    alike, known = alike_in(catalog_of(digests)), ("w:00", "w:07")
    candidates = [item_id for item_id in digests if item_id not in known]

    def ask(wanted):
        return ranking_of(candidates[:wanted])

    longest = distinct(ask, 70, known, alike, most=len(digests)).item_ids.tolist()
    for k in range(1, len(longest) + 1):
        assert distinct(ask, k, known, alike, most=len(digests)).item_ids.tolist() == longest[:k]


@given(digests)
def test_asked_for_everything_no_work_is_lost(digests):
    alike = alike_in(catalog_of(digests))
    found = distinct(lambda wanted: ranking_of(list(digests)[:wanted]), 100, (), alike, most=len(digests))
    shown = [*found.item_ids, *(other for group in found.folded.values() for other in group)]
    assert sorted(shown) == sorted(digests)


@given(st.lists(st.integers(0, 4), max_size=20))
def test_each_is_folded_under_the_best_placed(pictures):
    ids = [f"w:{row}" for row in range(len(pictures))]
    picture_of = dict(zip(ids, pictures, strict=True))

    def alike(left, right):
        same = [[picture_of[one] == picture_of[other] for other in right] for one in left]
        return np.array(same, dtype=bool).reshape(len(left), len(right))

    groups = fold(ids, alike)
    for item_id, others in groups.items():
        assert all(ids.index(item_id) < ids.index(other) for other in others)
    assert list(groups) == [ids[pictures.index(picture)] for picture in dict.fromkeys(pictures)]
    assert sorted([*groups, *(other for group in groups.values() for other in group)]) == sorted(ids)


def test_near_vectors_are_one_picture_and_others_are_not():
    store = store_of({"w:1": [1, 0, 0], "w:2": [1, 0.05, 0], "w:3": [1, 0.4, 0], "w:4": [0, 0, 1]})
    works = ["w:1", "w:2", "w:3", "w:4", "w:5"]
    alike = alike_in(catalog_of(dict.fromkeys(works, "")), store)
    assert fold(works, alike) == {"w:1": ("w:2",), "w:3": (), "w:4": (), "w:5": ()}


def test_vectors_of_an_encoder_without_cosines_of_its_own_fold_nothing():
    store = store_of({"w:1": [1, 0], "w:2": [1, 0]})
    assert alike_in(catalog_of({"w:1": "", "w:2": ""}), store, cosines=None) is None
    alike = alike_in(catalog_of({"w:1": "a", "w:2": "", "w:3": "a"}), store, cosines=None)
    assert np.argwhere(alike(["w:1", "w:2"], ["w:2", "w:3"])).tolist() == [[0, 1]]


def test_a_picture_of_no_picture_folds_nothing():
    """A museum's one placeholder, shared by many works, must not hide them."""
    works = {f"w:{row:03}": "placeholder" for row in range(PLACEHOLDER + 1)}
    store = store_of({item_id: [1.0, 0.0] for item_id in works})
    assert not alike_in(catalog_of(works), store)(list(works), list(works)).any()


def test_a_collection_without_pictures_is_asked_once():
    asked = []

    def ask(wanted):
        asked.append(wanted)
        return ranking_of(["w:1", "w:2"])

    alike = alike_in(catalog_of({"w:1": "", "w:2": ""}))
    assert len(distinct(ask, 5, (), alike, most=2)) == 2
    assert asked == [5]


def test_near_vectors_whose_pictures_look_different_are_two_works(tmp_path):
    """Works of one series: the vectors say the same, the thumbnails do not."""
    left, right = (Image.new("RGB", (60, 60), "white") for _ in range(2))
    left.paste("navy", (0, 0, 30, 60))
    right.paste("navy", (30, 0, 60, 60))
    works = {"w:1": left, "w:2": right, "w:3": left.point(lambda value: min(255, int(value * 1.03) + 2))}
    alike = collection_of(tmp_path, works, dict.fromkeys(works, (1.0, 0.0)))
    assert fold(list(works), alike) == {"w:1": ("w:3",), "w:2": ()}


def test_an_unreadable_thumbnail_leaves_it_to_the_vectors(tmp_path):
    works = {f"w:{row}": Image.new("RGB", (8, 8), "red") for row in range(3)}
    alike = collection_of(tmp_path, works, {"w:0": (1, 0), "w:1": (1, 0.01), "w:2": (1, 0.1)})
    for path in tmp_path.iterdir():
        path.write_bytes(b"not a picture")
    assert fold(list(works), alike) == {"w:0": ("w:1",), "w:2": ()}


def collection_of(folder, pictures, vectors):
    """Lay thumbnails into a folder, each with a hash of its own."""
    for item_id, picture in pictures.items():
        picture.save(folder / f"{item_id[2:]}.jpg", quality=90)
    catalog = Catalog.from_records([RawRecord(item_id=item_id) for item_id in pictures])
    thumbnails = (Thumbnail(item_id, "", "", item_id, f"{item_id[2:]}.jpg") for item_id in pictures)
    catalog = catalog.with_thumbnails(Thumbnails.of(thumbnails))
    return alike_in(catalog, store_of(vectors), folder=folder)


@pytest.fixture(scope="module")
def paintings(data_dir):
    """Every third of the real paintings, to keep this quick."""
    with (data_dir / "paintings" / "paintings.csv").open(encoding="utf-8") as rows:
        files = [row["file"] for row in csv.DictReader(rows)][::3]
    return [Image.open(data_dir / "paintings" / "images" / file).convert("RGB") for file in files]


def encoded(folder, pictures):
    works = {f"w:{row:04}": picture for row, picture in enumerate(pictures)}
    vectors = StyleEncoder().encode_images(pictures)
    return list(works), collection_of(folder, works, dict(zip(works, vectors, strict=True)))


@pytest.mark.data
def test_different_paintings_are_never_folded(paintings, tmp_path):
    ids, alike = encoded(tmp_path, paintings)
    assert len(fold(ids, alike)) == len(ids)


@pytest.mark.data
def test_a_painting_photographed_again_is_folded(paintings, tmp_path):
    first = paintings[:40]
    again = [
        picture.resize((picture.width * 3 // 4, picture.height * 3 // 4)).point(
            lambda value: min(255, value * 1.04)
        )
        for picture in first
    ]
    ids, alike = encoded(tmp_path, [*first, *again])
    groups = fold(ids, alike)
    assert groups == {one: (other,) for one, other in zip(ids[:40], ids[40:], strict=True)}
