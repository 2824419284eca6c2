"""A class's exports in one comparison, with exact references on a museum whose right answers are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from small_museum import kept_in

from ham_recommend import gather
from ham_recommend.errors import DataWarning, SettingsError
from ham_recommend.recommend import classroom
from ham_recommend.recommend.classroom import invent_class
from ham_recommend.recommend.session import Session

CATS = ["m:cat01", "m:cat02", "m:cat03"]
OTHER_CATS = ["m:cat05", "m:cat06", "m:cat07"]
SHIPS = ["m:ship01", "m:ship02", "m:ship03"]


def export(recommender, folder, name, liked=(), disliked=(), asked=None):
    session = Session(recommender, k=4)
    if asked:
        session.search(asked)
    for item_id in liked:
        session.like(item_id)
    for item_id in disliked:
        session.dislike(item_id)
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(session.to_json(), "utf-8")
    return session


@pytest.fixture
def room(recommender, tmp_path):
    folder = tmp_path / "exports"
    export(recommender, folder, "Zoë", CATS, asked="circus cat")
    export(recommender, folder, "Ada", [*CATS[:2], OTHER_CATS[0]], asked="circus cat")
    export(recommender, folder, "Ben", SHIPS, disliked=CATS[:1], asked="ship")
    export(recommender, folder, "Cem", OTHER_CATS)
    export(recommender, folder, "Dov", asked="castle")
    return gather(recommender, folder)


def test_students_are_called_what_their_files_are(room):
    assert room.students == ("Ada", "Ben", "Cem", "Dov", "Zoë")
    overview = room.overview().set_index("student")
    assert overview.loc["Ben", ["turns", "seen", "liked", "disliked"]].tolist() == [1, 4, 3, 1]
    assert overview.loc["Dov", "liked"] == 0


def test_likes_agree_by_their_overlap(room):
    overlap = room.matrix("likes")
    assert overlap.loc["Ada", "Zoë"] == pytest.approx(2 / 4)
    assert overlap.loc["Ada", "Cem"] == pytest.approx(1 / 5)
    assert overlap.loc["Ben", "Zoë"] == 0
    assert overlap.loc["Ada", "Ada"] == 1
    assert np.isnan(overlap.loc["Dov"]).all(), "who likes nothing agrees with no one"


def test_tastes_agree_though_the_works_differ(room):
    taste = room.matrix()
    assert np.allclose(taste, taste.T, equal_nan=True)
    assert np.allclose(np.diag(taste.drop("Dov").drop(columns="Dov")), 1, atol=1e-5)
    assert taste.loc["Cem", "Zoë"] > 0.5 > 0 >= taste.loc["Ben", "Zoë"]
    assert np.isnan(taste.loc["Dov"]).all()
    assert taste.max().max() <= 1


def test_taste_is_the_cosine_of_what_likes_share(museum_without_pictures, tmp_path):
    """In a museum of texts alone there is one channel of short vectors, and the cosine is computed here."""
    recommender = kept_in(tmp_path, museum_without_pictures)
    folder = tmp_path / "exports"
    export(recommender, folder, "a", CATS)
    export(recommender, folder, "b", [*SHIPS, *OTHER_CATS])
    held = recommender.text.meaning.get(recommender.catalog.item_ids.tolist())
    vectors = dict(zip(held.item_ids, held.vectors, strict=True))
    centroid = held.vectors.mean(axis=0)
    one, other = (
        np.mean([vectors[i] for i in ids], axis=0) - centroid for ids in (CATS, [*SHIPS, *OTHER_CATS])
    )
    wanted = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert gather(recommender, folder).matrix("taste").loc["a", "b"] == pytest.approx(wanted, abs=1e-4)


def test_pairs_come_with_those_who_agree_first(room):
    pairs = room.agreement()
    assert list(pairs.columns) == ["student", "other", "shared", "likes", "taste"]
    assert len(pairs) == 10
    assert pairs["taste"].dropna().is_monotonic_decreasing
    assert pairs["taste"].isna().tolist() == [False] * 6 + [True] * 4
    best = pairs.iloc[0]
    assert {best.student, best.other} <= {"Ada", "Cem", "Zoë"}
    row = pairs[(pairs.student == "Ada") & (pairs.other == "Zoë")].iloc[0]
    assert row.shared == 2


def test_works_say_who_likes_them(room):
    works = room.works().set_index("item_id")
    assert works.loc["m:cat01", ["likes", "dislikes", "liked_by"]].tolist() == [2, 1, "Ada, Zoë"]
    assert works["likes"].is_monotonic_decreasing
    assert set(works.index) == {*CATS, *OTHER_CATS, *SHIPS}


def test_what_nobody_found(room, recommender):
    unfound = room.unfound(200)
    everything = set(recommender.catalog.item_ids.tolist())
    marked = {*CATS, *OTHER_CATS, *SHIPS}
    assert not set(unfound.item_ids.tolist()) & (room.seen | marked)
    assert set(unfound.item_ids.tolist()) <= everything
    among = room.unfound(10, among=["m:castle01", "m:castle02", "m:vase01", *CATS])
    assert set(among.item_ids.tolist()) <= {"m:castle01", "m:castle02", "m:vase01"} - room.seen
    assert "m:vase01" in among.item_ids


def test_a_class_that_likes_nothing_still_sees_what_it_missed(recommender, tmp_path):
    export(recommender, tmp_path / "exports", "Dov", asked="castle")
    room = gather(recommender, tmp_path / "exports")
    assert len(room.unfound(5)) == 5
    assert not set(room.unfound(5).item_ids.tolist()) & room.seen
    assert room.works().empty
    assert room.agreement().empty
    assert room.matrix().shape == (1, 1)


def test_a_bad_file_is_told_and_left_out(recommender, tmp_path, monkeypatch):
    folder = tmp_path / "exports"
    export(recommender, folder, "Ada", CATS)
    (folder / "broken.json").write_text("{", "utf-8")
    (folder / "binary.json").write_bytes(b"\xff\xfe\x00")
    (folder / "notes.txt").write_text("no export", "utf-8")
    monkeypatch.setattr(classroom, "LARGEST", (folder / "Ada.json").stat().st_size)
    (folder / "huge.json").write_text("[" + " " * classroom.LARGEST + "]", "utf-8")
    with pytest.warns(DataWarning) as told:
        room = gather(recommender, folder)
    assert room.students == ("Ada",)
    assert sorted(str(each.message).split()[0] for each in told) == [
        "binary.json",
        "broken.json",
        "huge.json",
    ]


def test_an_export_of_another_collection_is_noticed(recommender, tmp_path):
    folder = tmp_path / "exports"
    export(recommender, folder, "Ada", CATS)
    content = json.loads((folder / "Ada.json").read_text("utf-8"))
    content["origin"] = {"manifest_sha256": "0" * 64}
    (folder / "Ada.json").write_text(json.dumps(content), "utf-8")
    with pytest.warns(DataWarning, match=r"Ada\.json is from another collection, or from another build"):
        gather(recommender, folder)


def test_what_cannot_be_gathered_is_said(recommender, tmp_path, room):
    with pytest.raises(SettingsError, match="There is no folder"):
        gather(recommender, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match="None of these is an exported session"):
        gather(recommender, tmp_path / "empty")
    (tmp_path / "other").mkdir()
    copy = tmp_path / "other" / "Ada.json"
    copy.write_bytes((tmp_path / "exports" / "Ada.json").read_bytes())
    with pytest.raises(SettingsError, match="Two students are called 'Ada'"):
        gather(recommender, [tmp_path / "exports" / "Ada.json", copy])
    with pytest.raises(SettingsError, match="Unknown measure of agreement"):
        room.matrix("colour")


def test_an_invented_class_can_be_gathered(recommender, tmp_path):
    files = invent_class(recommender, tmp_path / "class")
    room = gather(recommender, files)
    assert room.students == ("Ada", "Ben", "Chloé")
    first = room.agreement().iloc[0]
    assert {first.student, first.other} == {"Ada", "Ben"}, "they start from the same work"
    assert all(room.overview()["sets"] == "candidates (2)")
