"""Several encoders side by side: each answers for the pictures it has seen, and for no other."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from small_collection import draw_museum, make, picture, write_table

from ham_recommend import Recommender
from ham_recommend.builder.merge import merge
from ham_recommend.builder.removal import remove_encoder
from ham_recommend.builder.verify import damaged
from ham_recommend.encode.style import StyleEncoder
from ham_recommend.errors import ArtifactMismatchError, DataWarning, SettingsError
from ham_recommend.vectors import file_names, load_embeddings
from ham_recommend.workspace import Workspace


@pytest.fixture
def museum(tmp_path):
    draw_museum(tmp_path / "museum")
    return tmp_path / "museum"


@pytest.fixture
def out(museum, tmp_path):
    """Return a collection built with style, then with colour."""
    make(museum / "works.csv", tmp_path / "out")
    make(museum / "works.csv", tmp_path / "out", image_encoder="colour", store="exact")
    return tmp_path / "out"


def vectors_of(out, name):
    """Return the vectors of a set by work."""
    workspace = Workspace(out)
    made = workspace.manifest.facts.encoders[name]
    embeddings = load_embeddings(name, made.model_id, workspace.checked)
    return dict(zip(embeddings.item_ids.tolist(), embeddings.vectors, strict=True))


def encoded(monkeypatch):
    """Return a list that grows with every picture the style encoder is given."""
    seen = []
    encode = StyleEncoder.encode_prepared

    def noted(self, prepared):
        seen.extend(prepared)
        return encode(self, prepared)

    monkeypatch.setattr(StyleEncoder, "encode_prepared", noted)
    return seen


def test_each_answers_when_it_is_asked_and_the_last_when_nobody_says(out):
    opened = {name: Recommender.load(out, encoder=name) for name in (None, "style", "colour", "none")}
    assert [opened[name].image_encoder for name in opened] == ["colour", "style", "colour", None]
    assert opened["none"].pictures is None
    scores = {name: opened[name].similar_items("table:1", 4).channels.get("picture") for name in opened}
    np.testing.assert_array_equal(scores[None], scores["colour"])
    assert not np.array_equal(scores["style"], scores["colour"])
    assert scores["none"] is None


def test_an_encoder_that_made_none_is_refused_and_those_that_did_are_named(out):
    with pytest.raises(SettingsError, match=r"'clip'\. It has: colour, style, none\. .*--image-encoder clip"):
        Recommender.load(out, encoder="clip")


def written(path):
    """Return all that the system says of a file but when it was read."""
    stat = path.stat()
    return {name: getattr(stat, name) for name in dir(stat) if name.startswith("st_") and "atime" not in name}


def test_building_one_leaves_the_files_of_the_others_alone(museum, tmp_path):
    make(museum / "works.csv", tmp_path / "out")
    before = {name: written(tmp_path / "out" / name) for name in file_names("style")}
    make(museum / "works.csv", tmp_path / "out", image_encoder="colour", store="hnsw")
    for name, state in before.items():
        assert written(tmp_path / "out" / name) == state
    stores = {path.name for path in (tmp_path / "out" / "4-index").glob("*.*.npz")}
    assert stores >= {"style.flat.npz", "colour.hnsw.npz"}


def test_what_the_analysis_wrote_outlives_every_build(museum, out):
    workspace = Workspace(out)
    with workspace.draft() as draft:
        with draft.write("5-analysis/map.style.npz", rows=5) as path:
            path.write_bytes(b"a map")
        draft.commit(draft.before.facts)
    make(museum / "changed.csv", out)
    assert Workspace(out).checked("5-analysis/map.style.npz").read_bytes() == b"a map"


def test_a_changed_picture_never_answers_with_its_old_vector(museum, out, monkeypatch):
    before = vectors_of(out, "style")
    picture(museum / "2.png", 77)
    (museum / "3.png").unlink()
    write_table(museum, (0, 1, 2, 3, 5))
    (museum / "3.png").unlink(missing_ok=True)
    make(museum / "works.csv", out, image_encoder="colour")
    assert vectors_of(out, "style").keys() == {"table:0", "table:1"}
    assert vectors_of(out, "colour").keys() == {"table:0", "table:1", "table:2", "table:5"}
    seen = encoded(monkeypatch)
    make(museum / "works.csv", out)
    assert len(seen) == 2, "only the changed and the new picture were to be encoded"
    after = vectors_of(out, "style")
    assert after.keys() == {"table:0", "table:1", "table:2", "table:5"}
    np.testing.assert_array_equal(after["table:1"], before["table:1"])
    assert not np.allclose(after["table:2"], before["table:2"])
    assert vectors_of(out, "colour").keys() == after.keys()


def test_added_works_lack_vectors_of_the_others_and_the_facts_say_so(museum, out):
    make(museum / "more.csv", out, add=True)
    facts = Workspace(out).manifest.facts
    assert (facts.encoder, facts.pictures) == ("style", 7)
    assert {name: made.pictures for name, made in facts.encoders.items()} == {"style": 7, "colour": 4}
    assert "table:6" not in Recommender.load(out, encoder="colour").pictures.item_ids()
    make(museum / "more.csv", out, add=True, image_encoder="colour")
    assert vectors_of(out, "colour").keys() == vectors_of(out, "style").keys()


def test_a_build_without_an_encoder_leaves_their_vectors_and_the_choice_alone(museum, out):
    make(museum / "works.csv", out, image_encoder=None)
    assert Recommender.load(out).image_encoder == "colour"
    make(museum / "changed.csv", out, image_encoder=None)
    assert vectors_of(out, "colour").keys() == vectors_of(out, "style").keys() == {"table:1", "table:3"}


def test_damaged_vectors_of_another_encoder_are_left_out_with_a_word(museum, out):
    (out / file_names("style")[0]).write_bytes(b"damaged")
    with pytest.warns(DataWarning, match=r"vectors of style .* left out.*--image-encoder style"):
        make(museum / "works.csv", out, image_encoder="colour")
    assert list(Workspace(out).manifest.facts.encoders) == ["colour"]
    assert damaged(Workspace(out)) == []
    make(museum / "works.csv", out)
    assert vectors_of(out, "style").keys() == vectors_of(out, "colour").keys()


def test_an_encoder_can_be_taken_out(out):
    assert remove_encoder(Workspace(out), "colour") == "colour"
    assert Recommender.load(out).image_encoder == "style"
    assert not [path for path in out.rglob("*") if "colour" in path.name]
    remove_encoder(Workspace(out), "style")
    assert Recommender.load(out).pictures is None
    for nothing in ("style", "none"):
        with pytest.raises(SettingsError):
            remove_encoder(Workspace(out), nothing)


def test_merging_joins_the_encoders_that_all_have(museum, tmp_path):
    parts = [tmp_path / "part1", tmp_path / "part2"]
    for number, part in enumerate(parts, 1):
        make(museum / "works.csv", part, image_encoder="colour", shard=f"{number}/2")
        make(museum / "works.csv", part, shard=f"{number}/2")
    merge(tmp_path / "joined", parts, progress=False)
    assert vectors_of(tmp_path / "joined", "style").keys() == {f"table:{number}" for number in range(5)}
    assert vectors_of(tmp_path / "joined", "colour").keys() == {f"table:{number}" for number in range(5)}
    assert Recommender.load(tmp_path / "joined").image_encoder == "style"
    remove_encoder(Workspace(parts[1]), "colour")
    with pytest.warns(DataWarning, match="vectors of colour"):
        merge(tmp_path / "joined", parts, progress=False)
    assert list(Workspace(tmp_path / "joined").manifest.facts.encoders) == ["style"]
    assert not [path for path in (tmp_path / "joined").rglob("*") if "colour" in path.name]
    remove_encoder(Workspace(parts[0]), "style")
    with pytest.raises(ArtifactMismatchError, match="same --image-encoder"):
        merge(tmp_path / "joined", parts, progress=False)


def test_the_commands_that_make_a_collection_are_remembered_as_far_as_they_count(museum, out):
    def commands():
        return [build.command.replace(str(museum), "") for build in Workspace(out).manifest.facts.builds]

    works, colour = "ham build table /works.csv", " --image-encoder colour --store exact"
    assert commands() == [works, works + colour]
    make(museum / "more.csv", out, add=True)
    make(museum / "more.csv", out, add=True)
    more = "ham build table /more.csv --add"
    assert commands() == [works, works + colour, more]
    make(museum / "changed.csv", out)
    assert commands() == [works + colour, "ham build table /changed.csv"]
    make(museum / "changed.csv", out, image_encoder=None)
    assert commands()[-1] == "ham build table /changed.csv --image-encoder none"
    shutil.rmtree(out)
