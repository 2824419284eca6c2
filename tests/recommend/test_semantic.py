"""Searches ordered by what sentences mean: with vectors a build made, and with texts encoded when needed."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from ham_recommend import Recommender, TableSource, build, registry
from ham_recommend.builder.merge import merge
from ham_recommend.builder.removal import remove_encoder
from ham_recommend.encode.base import TextEncoder
from ham_recommend.errors import ArtifactMismatchError, EncodeError, SettingsError
from ham_recommend.recommend.semantic import SHARE
from ham_recommend.workspace import Workspace

# No two of one topic are among the related words that come with the package.
TOPICS = {"ship": "long", "lantern": "long", "basket": "long", "cat": "soft", "mill": "soft", "pear": "ripe"}


class Topics(TextEncoder):
    """Knows which words are about the same."""

    model_id, dim = "topics-1", 4

    def encode_texts(self, texts):
        rows = np.full((len(texts), 4), 0.05, dtype=np.float32)
        for row, text in enumerate(texts):
            for word, topic in TOPICS.items():
                if word in text.lower():
                    rows[row, ("long", "soft", "ripe").index(topic)] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(autouse=True)
def topics(monkeypatch):
    class Point:
        dist, value, name = None, "tests", "topics"

        def load(self):
            return Topics

    monkeypatch.setattr(registry, "entry_points", lambda group: [Point()] if "text_enc" in group else [])


def table(path, words, start=0):
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "title"])
        rows.writerows([number, f"A {word} upon a wall {number}"] for number, word in enumerate(words, start))
    return TableSource(path)


@pytest.fixture
def collection(tmp_path):
    words = [list(TOPICS)[number % len(TOPICS)] for number in range(60)]
    build(
        table(tmp_path / "a.csv", words), tmp_path / "out", image_encoder=None, text_encoder="topics",
        progress=False,
    )  # fmt: skip
    return tmp_path / "out"


def shown(ranking):
    return [hit.work.title.split()[1] for hit in ranking]


def test_a_build_that_embeds_all_works_brings_in_what_shares_no_word(collection):
    recommender = Recommender.load(collection)
    assert set(shown(Recommender.load(collection, semantic="none").search("basket", k=30))) == {"basket"}
    found = recommender.search("basket", k=30)
    assert shown(found)[:10] == ["basket"] * 10
    assert set(shown(found)) == {"basket", "ship", "lantern"}
    assert found.channels["sentences"][0] == pytest.approx(1, abs=0.01)
    for k in (1, 5, 12, 25):
        assert recommender.search("basket", k=k).item_ids.tolist() == found.item_ids[:k].tolist()


def test_filters_and_what_is_left_out_hold(collection):
    recommender = Recommender.load(collection)
    seen = set(recommender.search("basket", k=5).item_ids)
    assert not seen & set(recommender.search("basket", k=30, exclude=seen).item_ids)


def test_what_a_build_embedded_can_be_taken_away(collection):
    assert remove_encoder(Workspace(collection), "topics") == "topics"
    assert not [*collection.glob("3-embeddings/*")]
    assert set(shown(Recommender.load(collection).search("basket", k=30))) == {"basket"}
    with pytest.raises(SettingsError, match="no picture vectors of 'topics'"):
        remove_encoder(Workspace(collection), "topics")


def test_texts_are_encoded_when_needed_where_no_build_has(tmp_path):
    build(
        table(tmp_path / "a.csv", ["ship", "cat"] * 20), tmp_path / "out", image_encoder=None, progress=False
    )
    found = Recommender.load(tmp_path / "out", semantic="topics").search("cat upon a wall", k=40)
    assert shown(found)[:20] == ["cat"] * 20
    said = Recommender.load(tmp_path / "out").search("cat upon a wall", k=40)
    best = float(said.scores.max())
    of = dict(zip(said.item_ids, said.scores, strict=True))
    for hit in found:
        expected = (1 - SHARE) * of[hit.item_id] / best + SHARE * hit.channels["sentences"]
        assert hit.score == pytest.approx(expected, abs=1e-5)


def test_the_vectors_follow_the_works(collection, tmp_path):
    def sentences(folder):
        return {hit.item_id for hit in Recommender.load(folder).search("basket", k=200)}

    before = sentences(collection)
    again = build(
        TableSource(tmp_path / "a.csv"), collection, image_encoder=None, text_encoder="topics", progress=False
    )
    assert "sentences" not in again.seconds
    build(
        table(tmp_path / "b.csv", ["lantern"] * 3, 100),
        collection,
        image_encoder=None,
        add=True,
        progress=False,
    )
    assert sentences(collection) == before  # new works lack a vector until their encoder is asked
    build(
        TableSource(tmp_path / "b.csv"), collection, image_encoder=None, text_encoder="topics", add=True,
        progress=False,
    )  # fmt: skip
    assert sentences(collection) == before | {"table:100", "table:101", "table:102"}
    build(
        table(tmp_path / "c.csv", ["ship"], 200), tmp_path / "other", image_encoder=None,
        text_encoder="topics", progress=False,
    )  # fmt: skip
    merge(tmp_path / "merged", [collection, tmp_path / "other"], progress=False)
    assert "table:200" in sentences(tmp_path / "merged")


def test_a_build_that_was_stopped_goes_on(tmp_path, monkeypatch):
    source = table(tmp_path / "a.csv", ["ship"] * 600)
    asked = []

    class Stopping(Topics):
        def encode_texts(self, texts):
            asked.append(len(texts))
            if len(asked) == 2:
                raise KeyboardInterrupt
            return super().encode_texts(texts)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(registry, "make_text_encoder", lambda name, fetch=True: Stopping())
        build(source, tmp_path / "out", image_encoder=None, text_encoder="topics", progress=False)
    with monkeypatch.context() as patched:
        patched.setattr(registry, "make_text_encoder", lambda name, fetch=True: Stopping())
        build(source, tmp_path / "out", image_encoder=None, text_encoder="topics", progress=False)
    assert asked == [256, 256, 256, 88]


def test_another_encoder_of_the_same_name_is_refused(collection, monkeypatch):
    monkeypatch.setattr(Topics, "model_id", "topics-2")
    with pytest.raises(ArtifactMismatchError, match="Build it again with --text-encoder topics"):
        Recommender.load(collection).search("basket")


def test_where_the_encoder_is_missing_the_words_answer(collection, monkeypatch, caplog):
    def missing(name, fetch=True):
        raise EncodeError("It is gone.")

    monkeypatch.setattr(registry, "make_text_encoder", missing)
    recommender = Recommender.load(collection)
    assert set(shown(recommender.search("basket", k=30))) == {"basket"}
    assert set(shown(recommender.search("ship", k=30))) == {"ship"}
    assert caplog.text.count("Sentences are not read. It is gone.") == 1


def test_an_unknown_encoder_is_told(collection):
    with pytest.raises(SettingsError, match="topics"):
        Recommender.load(collection, semantic="topic")
