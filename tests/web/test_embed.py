"""Another machine's model gives the vectors of one's own, in batches; faults are said in a sentence."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import numpy as np
import pytest
from PIL import Image
from tiny_clip import save_clip

from ham_recommend import Recommender, SampleSource, build, errors, registry
from ham_recommend.encode import remote
from ham_recommend.encode.base import ImageEncoder, TextEncoder
from ham_recommend.encode.remote import RemoteEncoder
from ham_recommend.net.servers import LONGEST_WAIT, somebody_waits
from ham_recommend.recommend.pictures import WORDLESS
from ham_recommend.registry import make_encoder
from ham_recommend.testing.encoders import ImageEncoderContract, picture

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return f"clip:{save_clip(tmp_path_factory.mktemp('weights') / 'tiny')}"


@pytest.fixture(scope="module")
def local(weights):
    return make_encoder(weights)


@pytest.fixture
def server(served, weights):
    return served(encoder=weights)


class TestRemoteEncoder(ImageEncoderContract):
    @pytest.fixture
    def encoder(self, server):
        return RemoteEncoder(server)


def test_vectors_are_those_of_the_model_there(server, local):
    there = make_encoder(f"remote:{server}")
    assert (there.model_id, there.dim) == (local.model_id, local.dim)
    assert there.near_duplicates == local.near_duplicates
    pictures = [picture(seed, 40 + 31 * seed, 300 - 9 * seed) for seed in range(20)]
    texts = ["a cat", "ships in a storm", "", "größer", "\ud800 half a letter", "word " * 3_000]
    np.testing.assert_allclose(there.encode_images(pictures), local.encode_images(pictures), atol=1e-3)
    np.testing.assert_allclose(there.encode_texts(texts), local.encode_texts(texts), atol=1e-3)
    for text in texts[:2]:
        np.testing.assert_allclose(there.encode_query(text), local.encode_query(text), atol=1e-3)
    assert there.encode_texts([]).shape == (0, local.dim)


def test_a_machine_without_torch_builds_and_searches_what_the_other_would(
    server, weights, tmp_path, monkeypatch
):
    source = SampleSource(count=24)
    build(source, tmp_path / "near", image_encoder=weights, progress=False)
    monkeypatch.setattr("ham_recommend.encode.clip._torch", lambda: pytest.fail("torch was asked for"))
    build(source, tmp_path / "far", image_encoder=f"remote:{server}", progress=False)
    monkeypatch.undo()
    near, far = Recommender.load(tmp_path / "near"), Recommender.load(tmp_path / "far")
    (ours,), (theirs,) = (rec.workspace.manifest.facts.encoders.values() for rec in (near, far))
    assert ours.model_id == theirs.model_id
    for words in ("a cat", "a stormy sea"):
        assert far.search(words).item_ids.tolist() == near.search(words).item_ids.tolist()
    work = next(iter(near.catalog.pictured))
    content = (near.workspace.root / near.catalog[work].thumbnail).read_bytes()
    assert far.search_by_picture(content)[0].item_id == near.search_by_picture(content)[0].item_id


def test_a_token_is_sent_and_is_written_nowhere(served, weights, tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    server = served(encoder=weights, token="correct-horse")
    monkeypatch.delenv("HAM_TOKENS", raising=False)
    with pytest.raises(errors.SettingsError, match=f"HAM_TOKENS={server}=SECRET"):
        RemoteEncoder(server)
    monkeypatch.setenv("HAM_TOKENS", f"{server}=correct-horse")
    build(SampleSource(count=6), tmp_path / "far", image_encoder=f"remote:{server}", progress=False)
    written = b"".join(path.read_bytes() for path in (tmp_path / "far").rglob("*") if path.is_file())
    assert server.encode() in written
    assert b"correct-horse" not in written
    assert "correct-horse" not in caplog.text
    for secret in ("http://me:correct-horse@host:1", "http://host:1/?token=correct-horse"):
        with pytest.raises(errors.SettingsError, match="HAM_TOKENS") as raised:
            make_encoder(f"remote:{secret}")
        assert "correct-horse" not in str(raised.value)


def test_a_collection_from_elsewhere_cannot_name_a_server(server, monkeypatch):
    monkeypatch.setattr("ham_recommend.encode.remote._named", set())
    monkeypatch.delenv("HAM_ENCODERS", raising=False)
    with pytest.raises(errors.EncodeError, match=f"HAM_ENCODERS={server}"):
        make_encoder(f"remote:{server}", fetch=False)
    monkeypatch.setenv("HAM_ENCODERS", f"http://other:1, {server}/")
    assert make_encoder(f"remote:{server}", fetch=False).dim


@pytest.mark.parametrize(
    "address", ["", "host:8000", "ftp://host", "http://host/sample", "http://[::1", "http://"]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(errors.SettingsError):
        make_encoder(f"remote:{address}")


# ---- servers that are none


class Scripted(BaseHTTPRequestHandler):
    about: ClassVar = {"model_id": "m", "dim": 2, "batch": 4, "near_duplicates": None}
    answers: ClassVar = []

    def do_GET(self):
        self.answer(200, self.about)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(*self.answers.pop(0))

    def answer(self, status, content, headers=()):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **dict(headers)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *given):
        pass


@pytest.fixture
def scripted():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Scripted.answers = []
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {"model_id": "m", "vectors": [[1.0, 0.0, 0.0]]}), "no server of this package"),
        ((200, {"model_id": "m", "vectors": [[3.0, 0.0]]}), "no server of this package"),
        ((200, {"model_id": "m", "vectors": "many"}), "no server of this package"),
        ((200, b"<html>"), "no server of this package"),
        ((302, {}), "no server of this package"),
        ((200, {"model_id": "n", "vectors": [[1.0, 0.0]]}), "another model now"),
        ((500, {"detail": "Something went wrong on the server."}), "Something went wrong"),
    ],
)
def test_a_wrong_answer_is_said_in_one_sentence(scripted, answer, said):
    Scripted.answers = [answer]
    encoder = RemoteEncoder(scripted)
    with pytest.raises(errors.EncodeError, match=said) as raised:
        encoder.encode_texts(["a"])
    assert "\n" not in str(raised.value)


def test_a_server_that_is_busy_is_asked_again(scripted):
    Scripted.answers = [
        (
            503,
            {"detail": "busy"},
        ),
        (200, {"model_id": "m", "vectors": [[1.0, 0.0]]}),
    ]
    assert RemoteEncoder(scripted).encode_texts(["a"]).tolist() == [[1.0, 0.0]]


def test_no_server_has_us_wait_for_as_long_as_it_likes(scripted, monkeypatch):
    monkeypatch.setattr(remote, "_TRIES", remote._TRIES.new(retry_after_max=1))
    Scripted.answers = [(503, {}, {"Retry-After": "3600"}), (200, {"model_id": "m", "vectors": [[1.0, 0.0]]})]
    begun = time.monotonic()
    assert RemoteEncoder(scripted).encode_texts(["a"]).tolist() == [[1.0, 0.0]]
    assert time.monotonic() - begun < 20
    assert remote._TRIES.status * LONGEST_WAIT <= remote.SECONDS


def test_a_server_that_takes_too_long_or_is_away_is_said(scripted, served, monkeypatch):
    monkeypatch.setattr("ham_recommend.encode.remote.SECONDS", 0.2)
    monkeypatch.setattr(Scripted, "do_POST", lambda self: threading.Event().wait(1))
    encoder = RemoteEncoder(scripted)
    with pytest.raises(errors.EncodeError, match="longer than"):
        encoder.encode_texts(["a"])
    with pytest.raises(errors.EncodeError, match="ham serve --encoder clip"):
        RemoteEncoder("http://127.0.0.1:9")
    with pytest.raises(errors.EncodeError, match="--encoder clip"):
        RemoteEncoder(served())


def test_words_do_not_wait_for_a_server_that_hangs(server, served, tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_SHARED", type(registry._SHARED)())
    monkeypatch.setattr(remote, "QUESTION", 1.0)
    monkeypatch.setattr("ham_recommend.index.silence.PAUSE", 60.0)
    build(SampleSource(count=24), tmp_path / "far", image_encoder=f"remote:{server}", progress=False)
    manifest = tmp_path / "far" / "manifest.json"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hanging = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("HAM_ENCODERS", hanging)
        manifest.write_text(manifest.read_text().replace(server, hanging))
        found = Recommender.load(tmp_path / "far")
        texts = found.search("a cat", image_weight=0.0).item_ids.tolist()
        begun = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: found.search("a cat").item_ids.tolist(), range(8)))
        assert answers == [texts] * 8 and found.trouble == WORDLESS
        assert time.monotonic() - begun < 5, "eight who ask at once wait for it once"
        picture_of = _png(picture())
        with pytest.raises(errors.EncoderUnavailableError, match="longer than 1 seconds"):
            found.search_by_picture(picture_of)


def test_a_question_is_asked_once_and_a_batch_of_a_build_patiently(scripted):
    encoder = RemoteEncoder(scripted)
    right = (200, {"model_id": "m", "vectors": [[1.0, 0.0]]})
    Scripted.answers = [(503, {"detail": "busy"}), right]
    with pytest.raises(errors.EncoderUnavailableError, match="busy"), somebody_waits():
        encoder.encode_query("a")
    assert encoder.encode_query("a").tolist() == [1.0, 0.0]
    Scripted.answers = [(503, {"detail": "busy"}), right]
    assert encoder.encode_texts(["a"]).tolist() == [[1.0, 0.0]]


def test_another_model_is_never_searched_with(server, weights, tmp_path, served):
    other = f"clip:{save_clip(tmp_path / 'other', seed=5)}"
    build(SampleSource(count=6), tmp_path / "far", image_encoder=f"remote:{server}", progress=False)
    manifest = tmp_path / "far" / "manifest.json"
    second = served(encoder=other)
    RemoteEncoder(second)  # a person named it
    manifest.write_text(manifest.read_text().replace(server, second))
    with pytest.raises(errors.ArtifactMismatchError, match="encoded with"):
        Recommender.load(tmp_path / "far").search_by_picture(_png(picture()))


# ---- the service


def _png(image):
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 422, "not both"),
        ({"texts": ["a"], "pictures": ["eA=="]}, 422, "not both"),
        ({"pictures": ["not base64!"]}, 422, "pictures.0"),
        ({"pictures": [base64.b64encode(b"no picture").decode()]}, 422, "pictures.0"),
        ({"texts": ["a"] * 65}, 422, "texts"),
        ({"texts": ["a"], "purpose": "fun"}, 422, "purpose"),
    ],
)
def test_what_cannot_be_encoded_is_a_problem_that_says_so(client, weights, body, status, said):
    response = client(encoder=weights).post("/api/v1/embed", json=body)
    assert response.status_code == status
    assert said in response.json()["detail"]


def test_only_a_server_that_was_told_to_encodes(client):
    response = client().get("/api/v1/embed")
    assert response.status_code == 404
    assert "--encoder" in response.json()["detail"]


def test_an_encoder_that_reads_no_words_is_not_served(client):
    response = client(encoder="style").get("/api/v1/embed")
    assert response.status_code == 422
    assert "needs no server" in response.json()["detail"]


def test_pictures_of_more_pixels_than_a_request_may_hold_are_refused_unopened(client, weights, monkeypatch):
    who = client(encoder=weights)
    who.get("/api/v1/embed")
    black = base64.b64encode(_png(Image.new("L", (4_000, 4_000)))).decode()
    monkeypatch.setattr("ham_recommend.web.api.embed.open_picture", lambda *_, **__: pytest.fail("opened"))
    response = who.post("/api/v1/embed", json={"pictures": [black] * 4})
    assert response.status_code == 413
    assert "pixels in all" in response.json()["detail"]


def test_large_pictures_are_sent_smaller_so_that_a_full_batch_is_taken(scripted):
    from ham_recommend.web.api.embed import MOST, PIXELS

    encoder = RemoteEncoder(scripted)
    for size in ((3_000, 3_000), (3_000, 20), (768, 768)):
        sent = Image.open(io.BytesIO(base64.b64decode(encoder.prepare(Image.new("RGB", size)))))
        assert sent.width == 768
        assert MOST * sent.width * sent.height <= PIXELS


class Slow(ImageEncoder, TextEncoder):
    """Counts its batches, and waits at a gate."""

    model_id, dim, batch_size = "slow", 2, 8

    def __init__(self):
        self.gate, self.batches = threading.Event(), []

    def encode_images(self, images):
        return self.encode_texts(images)

    def encode_texts(self, texts):
        self.gate.wait(10)
        self.batches.append(list(texts))
        if "bad" in texts:
            raise errors.EncodeError("That cannot be encoded.")
        return np.array([[len(text), 0] for text in texts], np.float32)


def run_apart(coroutine):
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def test_what_is_asked_meanwhile_is_one_batch_and_each_gets_its_own():
    from ham_recommend.web.embedding import Embedding

    slow = Slow()

    async def asked():
        embedding = Embedding("slow", lambda _: slow)
        texts = ["x" * number for number in range(1, 12)]
        tasks = [asyncio.ensure_future(embedding.encode("texts", [text])) for text in texts]
        await asyncio.sleep(0.05)
        slow.gate.set()
        rows = await asyncio.gather(*tasks)
        left = embedding.waiting
        embedding.close()
        return [int(row[0, 0]) for row in rows], left

    assert run_apart(asked()) == (list(range(1, 12)), 0)
    assert [len(batch) for batch in slow.batches] == [1, 8, 2] or [len(b) for b in slow.batches] == [8, 3]


def test_a_queue_that_is_full_refuses_and_one_fault_hurts_no_others():
    from ham_recommend.web.embedding import Embedding
    from ham_recommend.web.pool import BusyError

    slow = Slow()

    async def asked():
        embedding = Embedding("slow", lambda _: slow, waiting=3)
        bad = asyncio.ensure_future(embedding.encode("texts", ["bad"]))
        other = asyncio.ensure_future(embedding.encode("queries", ["fine"]))
        await asyncio.sleep(0.05)
        with pytest.raises(BusyError):
            await embedding.encode("texts", ["one", "two"])
        slow.gate.set()
        with pytest.raises(errors.EncodeError):
            await bad
        assert (await other).shape == (1, 2)
        assert (await embedding.encode("texts", ["a", "b", "c"])).shape == (3, 2)
        embedding.close()

    run_apart(asked())


def test_who_waits_when_the_server_is_stopped_is_told_at_once():
    from ham_recommend.web.embedding import Embedding
    from ham_recommend.web.pool import BusyError

    slow = Slow()

    async def asked():
        embedding = Embedding("slow", lambda _: slow)
        tasks = [asyncio.ensure_future(embedding.encode("texts", ["a"] * 8)) for _ in range(3)]
        await asyncio.sleep(0.05)
        embedding.close()
        told = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 20)
        slow.gate.set()
        with pytest.raises(BusyError, match="stopped"):
            await embedding.encode("texts", ["late"])
        return [type(each) for each in told], embedding.waiting

    assert run_apart(asked()) == ([BusyError] * 3, 0)


def test_while_the_model_is_loaded_no_more_wait_than_may():
    from ham_recommend.web.embedding import Embedding
    from ham_recommend.web.pool import BusyError

    slow, loaded = Slow(), threading.Event()

    def load(_name):
        loaded.wait(10)
        return slow

    async def asked():
        embedding = Embedding("slow", load, waiting=3)
        tasks = [asyncio.ensure_future(embedding.encode("texts", [f"text {at}"])) for at in range(5)]
        await asyncio.sleep(0.05)
        tasks[0].cancel()
        await asyncio.sleep(0)
        assert embedding.waiting == 2
        loaded.set()
        slow.gate.set()
        told = await asyncio.gather(*tasks, return_exceptions=True)
        embedding.close()
        return [type(each) for each in told]

    kinds = run_apart(asked())
    assert kinds == [asyncio.CancelledError, np.ndarray, np.ndarray, BusyError, BusyError]
    assert "text 0" not in [text for batch in slow.batches for text in batch]


def test_one_model_serves_all_collections(weights, tmp_path):
    from ham_recommend.registry import shared_encoder

    for name in ("one", "two"):
        build(SampleSource(count=6), tmp_path / name, image_encoder=weights, progress=False)
    found = [Recommender.load(tmp_path / name)._picture_search.encoder for name in ("one", "two")]
    assert found[0] is found[1] is shared_encoder(weights)
