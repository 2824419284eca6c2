"""Searching by a picture of one's own, and by words that find pictures."""

from __future__ import annotations

import csv
import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
import pytest
from PIL import Image
from tiny_clip import save_clip

from ham_recommend import Recommender, TableSource, build, errors
from ham_recommend.cli.main import app
from ham_recommend.encode.base import ImageEncoder, TextEncoder
from ham_recommend.recommend.pictures import WORDLESS
from ham_recommend.recommend.weights import Weights
from ham_recommend.testing.encoders import picture

COUNT = 40
HAM = str(Path(sys.executable).with_name("ham"))


class Named(ImageEncoder, TextEncoder):
    """A space with one direction for red, green and blue, in pictures and in words."""

    model_id = "named"
    dim = 3

    def encode_images(self, images):
        rows = np.array([np.asarray(image, np.float32).mean(axis=(0, 1)) + 1 for image in images]).reshape(
            -1, 3
        )
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    def encode_texts(self, texts):
        rows = (
            np.array([[word in text for word in ("red", "green", "blue")] for text in texts], np.float32)
            + 0.1
        )
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def museum(tmp_path_factory):
    folder = tmp_path_factory.mktemp("museum")
    with (folder / "works.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "title", "classification", "image"])
        for number in range(COUNT):
            picture(number).save(folder / f"{number}.png")
            subject = "Harbour" if number % 2 else "Garden"
            rows.writerow(
                [number, f"{subject} {number}", "Prints" if number < 20 else "Paintings", f"{number}.png"]
            )
        Image.new("RGB", (90, 60), (250, 10, 10)).save(folder / "red.png")
        rows.writerow(["red", "Untitled", "Paintings", "red.png"])
        rows.writerow(["words", "Something red in words only", "Paintings", ""])
    return folder


@pytest.fixture(scope="module")
def style(museum, tmp_path_factory):
    out = tmp_path_factory.mktemp("style")
    build(TableSource(museum / "works.csv"), out, progress=False)
    return out


@pytest.fixture
def named(museum, tmp_path, monkeypatch):
    monkeypatch.setattr("ham_recommend.registry._SHARED", WeakValueDictionary())  # none of another test's
    monkeypatch.setattr("ham_recommend.registry.make_encoder", lambda name, **_: Named())
    build(TableSource(museum / "works.csv"), tmp_path / "named", image_encoder="named", progress=False)
    return Recommender.load(tmp_path / "named")


def ids(ranking):
    return ranking.item_ids.tolist()


@pytest.mark.parametrize("as_bytes", [True, False])
def test_a_picture_finds_itself(museum, style, as_bytes):
    recommender = Recommender.load(style)
    for number in (3, 17, 38):
        path = museum / f"{number}.png"
        found = recommender.search_by_picture(path.read_bytes() if as_bytes else path, 5)
        assert ids(found)[0] == f"table:{number}"
        assert found.scores[0] == pytest.approx(1, abs=0.05)
        assert len(found) == 5
        assert list(found.channels) == ["picture"]
        assert set(found.works) == set(ids(found))
        assert found.query.picture == (f"{path.stat().st_size} bytes" if as_bytes else path.name)


def test_a_smaller_copy_finds_its_original(museum, style, tmp_path):
    with Image.open(museum / "8.png") as original:
        original.resize((72, 48), Image.Resampling.LANCZOS).save(tmp_path / "copy.jpg", quality=90)
    assert ids(Recommender.load(style).search_by_picture(tmp_path / "copy.jpg", 3))[0] == "table:8"


def test_filters_and_exclusions_hold(museum, style):
    recommender = Recommender.load(style)
    found = recommender.search_by_picture(
        museum / "3.png", 50, where={"classification": "Prints"}, exclude=["table:3", "table:4"]
    )
    assert set(ids(found)) == {f"table:{number}" for number in range(20)} - {"table:3", "table:4"}


def test_what_is_no_picture_is_refused(style, tmp_path):
    recommender = Recommender.load(style)
    (tmp_path / "text.txt").write_text("no picture")
    for source in (tmp_path / "text.txt", tmp_path / "missing.jpg", b"", b"GIF89a"):
        with pytest.raises(errors.UnreadablePictureError, match="cannot be read"):
            recommender.search_by_picture(source)


def test_without_picture_vectors_the_error_says_how_to_get_them(museum, tmp_path):
    build(TableSource(museum / "works.csv"), tmp_path / "out", image_encoder=None, progress=False)
    recommender = Recommender.load(tmp_path / "out")
    with pytest.raises(errors.SettingsError, match="--image-encoder"):
        recommender.search_by_picture(museum / "3.png")
    with pytest.raises(errors.SettingsError, match="--image-encoder"):
        recommender.search("harbour", image_weight=0.5)
    assert len(recommender.search("harbour", image_weight=0.0))


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan"), "much", True])
def test_a_weight_is_a_number_from_0_to_1(named, weight):
    with pytest.raises(errors.SettingsError, match="from 0"):
        named.search("red", image_weight=weight)


def test_style_does_not_read_words(style):
    recommender = Recommender.load(style)
    with pytest.raises(errors.SettingsError, match="does not read words"):
        recommender.search("harbour", image_weight=0.5)
    assert "picture" not in recommender.search("harbour").channels


def test_words_find_what_only_the_picture_shows(named):
    assert "table:red" not in ids(named.search("red", 5, image_weight=0.0))
    found = named.search("red", 5)
    assert set(ids(found)[:2]) == {"table:red", "table:words"}
    assert ids(named.search("red", 5, image_weight=1.0))[0] == "table:red"
    by_id = {hit.item_id: hit for hit in found}
    assert "words" in by_id["table:words"].channels
    assert "picture" not in by_id["table:words"].channels
    assert by_id["table:red"].channels["picture"] == pytest.approx(0.99, abs=0.02)


def test_the_score_is_the_weighted_mean_of_both(named):
    texts = {hit.item_id: hit.score for hit in named.search("harbour red", 42, image_weight=0.0)}
    pictures = {hit.item_id: hit.score for hit in named.search("harbour red", 42, image_weight=1.0)}
    for hit in named.search("harbour red", 42):
        share = Weights().picture_in_search
        expected = (1 - share) * texts.get(hit.item_id, 0) + share * pictures.get(hit.item_id, 0)
        assert hit.score == pytest.approx(expected, abs=1e-5)


def test_filters_do_not_change_scores(named):
    every = {hit.item_id: hit.score for hit in named.search("harbour red", 42)}
    some = named.search("harbour red", 42, where={"classification": "Prints"}, exclude=["table:3"])
    assert "table:3" not in ids(some)
    assert all(work.classification == "Prints" for work in some.works.values())
    for hit in some:
        assert hit.score == pytest.approx(every[hit.item_id], abs=1e-5)


def test_a_collection_is_still_searched_where_its_encoder_cannot_be_loaded(named, monkeypatch, caplog):
    def missing(name, **_):
        raise errors.EncodeError("no weights here")

    monkeypatch.setattr("ham_recommend.registry.make_encoder", missing)
    fresh = Recommender.load(named.workspace.root)
    assert ids(fresh.search("harbour", 3)) == ids(fresh.search("harbour", 3, image_weight=0.0))
    assert caplog.text.count("no weights here") == 1
    with pytest.raises(errors.EncodeError):
        fresh.search("harbour", image_weight=0.5)


def test_while_the_server_that_encodes_is_away_texts_answer(named, monkeypatch, caplog):
    class Away(Named):
        away, asked = False, 0

        def encode_texts(self, texts):
            Away.asked += 1
            if Away.away:
                raise errors.EncoderUnavailableError("http://there does not answer. Start it there.")
            return super().encode_texts(texts)

    monkeypatch.setattr("ham_recommend.registry.make_encoder", lambda name, **_: Away())
    fresh = Recommender.load(named.workspace.root)
    texts = ids(fresh.search("red", 5, image_weight=0.0))
    both = ids(fresh.search("red harbour", 5))
    assert fresh.trouble == ""
    Away.away = True
    assert ids(fresh.search("red", 5)) == texts
    assert fresh.trouble == WORDLESS
    asked = Away.asked
    for words in ("garden", "harbour", "red garden"):
        assert "picture" not in fresh.search(words, 5).channels
    assert Away.asked == asked, "a server that is away is left alone for a while"
    assert caplog.text.count("does not answer") == 1
    with pytest.raises(errors.EncoderUnavailableError):
        fresh.search("red", image_weight=0.5)
    Away.away = False
    monkeypatch.setattr("ham_recommend.index.silence.PAUSE", 0.0)
    assert ids(fresh.search("red harbour", 5)) == both
    assert "table:red" in ids(fresh.search("red", 5)) and fresh.trouble == ""


def test_a_server_that_was_away_at_first_is_asked_again(named, monkeypatch):
    def away(name, **_):
        raise errors.EncoderUnavailableError("http://there does not answer. Start it there.")

    monkeypatch.setattr("ham_recommend.index.silence.PAUSE", 0.0)
    monkeypatch.setattr("ham_recommend.registry.make_encoder", away)
    fresh = Recommender.load(named.workspace.root)
    assert "table:red" not in ids(fresh.search("red", 5)) and fresh.trouble == WORDLESS
    monkeypatch.setattr("ham_recommend.registry.make_encoder", lambda name, **_: Named())
    assert "table:red" in ids(fresh.search("red", 5)) and fresh.trouble == ""


def test_another_model_under_the_same_name_is_refused(named, monkeypatch, museum):
    class Other(Named):
        model_id = "other"

    monkeypatch.setattr("ham_recommend.registry.make_encoder", lambda name, **_: Other())
    with pytest.raises(errors.ArtifactMismatchError, match="ham build"):
        Recommender.load(named.workspace.root).search_by_picture(museum / "3.png")


def test_clip_from_build_to_answers(museum, tmp_path):
    pytest.importorskip("torch")
    encoder = f"clip:{save_clip(tmp_path / 'tiny')}"
    report = build(TableSource(museum / "works.csv"), tmp_path / "out", image_encoder=encoder, progress=False)
    assert report.pictures == COUNT + 1
    assert (tmp_path / "out" / "3-embeddings" / "clip.vectors.npy").is_file()
    recommender = Recommender.load(tmp_path / "out")
    found = recommender.search("harbour", 5)
    assert "picture" in found.channels
    assert ids(recommender.search_by_picture(museum / "7.png", 3))[0] == "table:7"
    again = build(TableSource(museum / "works.csv"), tmp_path / "out", image_encoder=encoder, progress=False)
    assert again.seconds == {}


def test_a_model_in_a_folder_is_found_from_anywhere(museum, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    save_clip(tmp_path / "tiny")
    monkeypatch.chdir(tmp_path)
    build(TableSource(museum / "works.csv"), "out", image_encoder="clip:tiny", progress=False)
    monkeypatch.chdir(museum)
    found = Recommender.load(tmp_path / "out").search("harbour", 5)
    assert "picture" in found.channels


def test_the_command_line_takes_a_picture(museum, style):
    from typer.testing import CliRunner

    runner = CliRunner()
    shown = runner.invoke(
        app,
        ["search", str(style), "--picture", str(museum / "5.png"), "-k", "3", "--json"],
        catch_exceptions=False,
    )
    content = json.loads(shown.stdout)
    assert content["query"] == {"picture": "5.png"}
    assert content["hits"][0]["item_id"] == "table:5"
    for wrong in ([], ["harbour", "--picture", "x.jpg"]):
        with pytest.raises(errors.SettingsError, match="--picture FILE"):
            runner.invoke(app, ["search", str(style), *wrong], catch_exceptions=False)


@pytest.fixture
def hub():
    """A hub that has nothing, and remembers what it was asked for."""
    asked = []

    class Hub(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("model", ["stranger/model", "stranger/$(id)", "//server/share", r"\\server\share"])
def test_a_search_asks_no_hub_for_the_model_that_a_manifest_names(museum, style, tmp_path, hub, model):
    """The words are still looked for in the texts, and the command that gets the model is said."""
    pytest.importorskip("torch")
    address, asked = hub
    received = shutil.copytree(style, tmp_path / "received")
    manifest = json.loads((received / "manifest.json").read_text("utf-8"))
    manifest["facts"]["encoders"]["style"] |= {"name": f"clip:{model}", "reads_words": True}
    (received / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    for question in (["harbour"], ["--picture", museum / "5.png"]):
        done = subprocess.run(
            [HAM, "search", received, *question],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "HF_ENDPOINT": address, "HF_HOME": str(tmp_path / "hub")},
        )
        assert asked == []
        told = " ".join(done.stderr.split())
        assert "cannot be loaded" in told
        assert f"hf download {shlex.quote(model)}" in told or "another machine" in told
        assert done.returncode == (0 if question == ["harbour"] else 2), told
    assert "Traceback" not in told


def test_a_build_that_names_a_model_does_ask(museum, tmp_path, hub):
    pytest.importorskip("torch")
    address, asked = hub
    command = [
        "build",
        "table",
        museum / "works.csv",
        "--image-encoder",
        "clip:some/model",
        "--out",
        tmp_path / "x",
    ]
    done = subprocess.run(
        [HAM, *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_ENDPOINT": address, "HF_HOME": str(tmp_path / "hub")},
    )
    assert done.returncode == 2
    assert asked
