"""The pipeline: every picture once, none waited for, nothing lost, nothing fetched that need not be."""

from __future__ import annotations

import io
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from PIL import Image
from slow_encoder import encode_folder, encode_web

from ham_recommend.catalog.decoding import open_picture
from ham_recommend.catalog.thumbnails import SIDE, Original, ThumbnailFolder, content_hash
from ham_recommend.encode._iiif import sized
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.encode.failures import Failures
from ham_recommend.encode.journal import VectorJournal
from ham_recommend.encode.pipeline import LOOK_AHEAD, encode_pictures
from ham_recommend.encode.reading import GIVE_UP_AFTER, OUT_OF_ORDER, SILENT
from ham_recommend.encode.style import StyleEncoder
from ham_recommend.errors import DataWarning
from ham_recommend.net.http import Fetcher
from ham_recommend.net.rate_limit import Clock
from ham_recommend.testing.encoders import picture
from ham_recommend.testing.fake_museum import Answer, FakeMuseum, drawn, sometimes


class MeanColour(ImageEncoder):
    """The mean colour, and a note of what was asked."""

    model_id = "mean-colour"
    dim = 3
    batch_size = 4

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
        made.append(Original(f"m:{seed}", str(path)))
    return made


def run(pictures, root, encoder, *, earlier=(), **options):
    journal = None
    if encoder is not None:
        journal = VectorJournal(root / "journal", encoder.model_id, encoder.dim, earlier=earlier)
    return encode_pictures(pictures, ThumbnailFolder(root), encoder, journal, **options)


def ids(embeddings):
    return embeddings.item_ids.tolist()


def shown(root, done, item_id):
    return ThumbnailFolder(root).open(done.seen[item_id].content)


# Files


def test_every_picture_gets_its_thumbnail_and_the_vector_of_it(encoder, pictures, tmp_path):
    done = run(pictures[::-1], tmp_path / "out", encoder)
    assert ids(done.embeddings) == [each.item_id for each in pictures]
    assert done.problems == []
    seen = [shown(tmp_path / "out", done, each.item_id) for each in pictures]
    np.testing.assert_array_equal(done.embeddings.vectors, encoder.encode_images(seen))
    for each in pictures:
        content, digest = done.seen[each.item_id]
        path = tmp_path / "out" / f"2-catalog/pictures/{content[:2]}/{content}.jpg"
        assert digest == content_hash(path.read_bytes())
        assert done.embeddings.contents[int(each.item_id[2:])] == content


def test_no_copy_is_kept_where_none_is_allowed(encoder, pictures, tmp_path):
    forbidden = [Original(each.item_id, each.address, copies_allowed=False) for each in pictures]
    done = run(forbidden, tmp_path / "out", encoder)
    direct = encoder.encode_images([picture(seed) for seed in range(7)])
    np.testing.assert_array_equal(done.embeddings.vectors, direct)
    assert all(content and not digest for content, digest in done.seen.values())
    assert {path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()} <= {".npz", ".vectors"}


def test_without_an_encoder_only_thumbnails_are_made(pictures, tmp_path):
    done = run(pictures, tmp_path / "out", None)
    assert done.embeddings is None
    assert len(list((tmp_path / "out").rglob("*.jpg"))) == 7


def test_no_pictures(encoder, tmp_path):
    done = run([], tmp_path / "out", encoder)
    assert done.embeddings.vectors.shape == (0, 3)
    assert (done.seen, done.problems) == ({}, [])


@pytest.mark.parametrize("batch_size", [1, 2, 7, 100])
@pytest.mark.parametrize("threads", [1, 5])
def test_batches_and_threads_do_not_matter(encoder, pictures, tmp_path, batch_size, threads):
    encoder.batch_size = batch_size
    done = run(pictures, tmp_path / "out", encoder, threads=threads)
    expected = run(pictures, tmp_path / "expected", MeanColour())
    np.testing.assert_array_equal(done.embeddings.vectors, expected.embeddings.vectors)
    assert max(encoder.batches) <= batch_size


def test_a_bad_picture_is_named_and_skipped(encoder, pictures, tmp_path):
    (tmp_path / "1.png").write_bytes(b"not a picture")
    (tmp_path / "4.png").unlink()
    done = run(pictures, tmp_path / "out", encoder)
    assert ids(done.embeddings) == ["m:0", "m:2", "m:3", "m:5", "m:6"]
    assert [problem.where for problem in done.problems] == ["m:1", "m:4"]
    assert str(tmp_path / "1.png") in done.problems[0].reason
    assert done.seen["m:1"] == done.seen["m:4"] == ("", "")


@pytest.mark.parametrize("copies_allowed", [True, False])
def test_a_bad_picture_shared_by_many_is_a_problem_of_each(encoder, tmp_path, copies_allowed):
    (tmp_path / "bad.jpg").write_bytes(b"bad")
    many = [Original(f"m:{row}", str(tmp_path / "bad.jpg"), copies_allowed) for row in range(9)]
    done = run(many, tmp_path / "out", encoder)
    assert [problem.where for problem in done.problems] == [each.item_id for each in many]
    assert len(done.embeddings) == 0


def test_works_that_share_a_picture_are_encoded_once(encoder, pictures, tmp_path):
    shared = [Original(f"m:{row}", pictures[row % 2].address) for row in range(10)]
    vectors = run(shared, tmp_path / "out", encoder).embeddings.vectors
    assert encoder.encoded == 2
    np.testing.assert_array_equal(vectors, np.tile(vectors[:2], (5, 1)))


def test_what_an_earlier_build_encoded_is_not_encoded_again(encoder, pictures, tmp_path):
    first = run(pictures[:5], tmp_path / "one", encoder).embeddings
    picture(99).save(tmp_path / "2.png")
    again = MeanColour()
    done = run(pictures, tmp_path / "two", again, earlier=[first])
    assert again.encoded == 3
    expected = run(pictures, tmp_path / "three", MeanColour())
    np.testing.assert_array_equal(done.embeddings.vectors, expected.embeddings.vectors)


@pytest.mark.parametrize(
    ("model_id", "encoded"),
    [("mean-colour", 0), ("mean-colour in bfloat16", 0), ("other", 7), ("other in bfloat16", 7)],
)
def test_only_comparable_vectors_are_taken_over(pictures, tmp_path, model_id, encoded):
    before = MeanColour()
    before.model_id = model_id
    first = run(pictures, tmp_path / "one", before).embeddings
    after = MeanColour()
    run(pictures, tmp_path / "two", after, earlier=[first])
    assert after.encoded == encoded


def test_a_thumbnail_outlives_its_original(encoder, pictures, tmp_path):
    done = run(pictures, tmp_path / "out", encoder)
    for seed in range(7):
        (tmp_path / f"{seed}.png").unlink()
    known = [replace(each, content=done.seen[each.item_id].content) for each in pictures]
    other = MeanColour()
    other.model_id = "other"
    again = run(known, tmp_path / "out", other)
    assert again.seen == done.seen
    np.testing.assert_array_equal(again.embeddings.vectors, done.embeddings.vectors)


def test_finished_thumbnails_stay_and_damaged_ones_are_made_again(pictures, tmp_path):
    first = run(pictures, tmp_path / "out", None)
    path = ThumbnailFolder(tmp_path / "out").path(first.seen["m:0"].content)
    whole = path.read_bytes()
    os.utime(path, (1, 1))
    assert run(pictures, tmp_path / "out", None) == first
    assert path.stat().st_mtime == 1
    for damaged in (b"", whole[:100]):
        path.write_bytes(damaged)
        assert run(pictures, tmp_path / "out", None) == first
        assert path.read_bytes() == whole
    assert not list(tmp_path.rglob("*.partial"))


def test_large_pictures_are_reduced_first(encoder, tmp_path):
    picture(0, 1600, 800).save(tmp_path / "large.jpg")
    done = run([Original("m:0", str(tmp_path / "large.jpg"))], tmp_path, encoder)
    assert encoder.sizes == [(SIDE, SIDE // 2)]
    with Image.open(ThumbnailFolder(tmp_path).path(done.seen["m:0"].content)) as thumbnail:
        assert thumbnail.size == encoder.sizes[0]
        assert not thumbnail.getexif()


def test_progress_adds_up_to_all_pictures(encoder, pictures, tmp_path):
    (tmp_path / "3.png").write_bytes(b"")
    steps = []
    run([*pictures, Original("m:x", pictures[6].address)], tmp_path / "out", encoder, progress=steps.append)
    assert sum(steps) == 8


def test_few_pictures_are_read_ahead_however_many_there_are(tmp_path):
    prepared, most = [], []

    class Watching(MeanColour):
        def prepare(self, image):
            prepared.append(1)
            return super().prepare(image)

        def encode_images(self, images):
            most.append(len(prepared))
            return super().encode_images(images)

    for row in range(120):
        Image.new("RGB", (8, 8), (row, 0, 0)).save(tmp_path / f"{row}.png")
    many = [Original(f"m:{row:03}", str(tmp_path / f"{row}.png")) for row in range(120)]
    run(many, tmp_path / "out", Watching(), threads=3)
    assert most[0] <= 3 + 3 * MeanColour.batch_size + 7
    assert len(prepared) == 120


def test_few_pictures_are_known_ahead_however_many_there_are(encoder, pictures, tmp_path):
    taken = []

    def many():
        for row in range(2 * LOOK_AHEAD):
            taken.append(row)
            yield Original(f"m:{row:05}", pictures[row % 7].address)

    known_ahead = []
    run(many(), tmp_path, None, progress=lambda count: known_ahead.append(len(taken) - len(known_ahead)))
    assert max(known_ahead) <= LOOK_AHEAD


def test_as_many_batches_are_encoded_at_the_same_time_as_the_encoder_asks_for(pictures, tmp_path):
    together = threading.Barrier(2)

    class TwoAtOnce(MeanColour):
        batch_size = 1
        at_once = 2

        def encode_images(self, images):
            together.wait(20)  # comes back only when the other thread is here too
            return super().encode_images(images)

    done = run(pictures[:6], tmp_path / "out", TwoAtOnce())
    assert len(done.embeddings) == 6


def test_a_batch_is_stored_before_the_next_one_is_encoded(pictures, tmp_path):
    stored = []

    class Watching(MeanColour):
        batch_size = 2

        def encode_images(self, images):
            stored.append(len(list((tmp_path / "out" / "journal").glob("*.npz"))))
            return super().encode_images(images)

    run(pictures, tmp_path / "out", Watching())
    assert stored == [0, 1, 2, 3]


class NotingPriority(MeanColour):
    def __init__(self):
        super().__init__()
        self.priorities = set()

    def prepare(self, image):
        self.priorities.add(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return super().prepare(image)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no priority of their own")
@pytest.mark.parametrize(("own", "expected"), [(0, 10), (15, 15)])
def test_reading_gives_way_and_never_takes_more_than_the_build_has(pictures, tmp_path, own, expected):
    encoder = NotingPriority()

    def build():
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), own)
        run(pictures, tmp_path / "out", encoder)

    building = threading.Thread(target=build)
    building.start()
    building.join()
    assert encoder.priorities == {expected}


def test_who_may_not_change_priorities_builds_all_the_same(encoder, pictures, tmp_path, monkeypatch):
    def forbidden(*_):
        raise PermissionError("not yours")

    monkeypatch.setattr("os.setpriority", forbidden, raising=False)
    assert len(run(pictures, tmp_path / "out", encoder).embeddings) == 7


def test_what_goes_wrong_in_the_encoder_is_not_hidden(pictures, tmp_path):
    class Broken(MeanColour):
        def encode_images(self, images):
            raise MemoryError("too much")

    with pytest.raises(MemoryError, match="too much"):
        run(pictures, tmp_path / "out", Broken())


@pytest.mark.data
def test_paintings_come_through_whole(data_dir, tmp_path):
    paths = sorted((data_dir / "paintings" / "images").rglob("*.jpg"))[:60]
    done = run([Original(path.stem, str(path)) for path in paths], tmp_path, StyleEncoder())
    assert not done.problems
    expected = StyleEncoder().encode_images([shown(tmp_path, done, path.stem) for path in paths])
    np.testing.assert_array_equal(done.embeddings.vectors, expected)


# The web


def hurried(*museums, **options):
    """Return a fetcher for which pauses take a hundredth of their time."""
    clock = Clock(lambda: time.monotonic() * 100, lambda seconds: time.sleep(seconds / 100))
    return Fetcher(
        allow_private=[getattr(museum, "place", museum) for museum in museums],
        rate_per_host=1000,
        at_once=8,
        clock=clock,
        **{"read_seconds": 0.5, "total_seconds": 2.0, **options},
    )


def on_the_web(museum, count, **options):
    address = f"{museum.url}/iiif/{{}}/full/full/0/default.jpg"
    return [Original(f"m:{row:03}", address.format(row), **options) for row in range(count)]


def test_pictures_are_fetched_once_and_small(encoder, tmp_path):
    with FakeMuseum() as museum, hurried(museum) as fetcher:
        first = run(on_the_web(museum, 30), tmp_path, encoder, fetcher=fetcher)
        again = run(on_the_web(museum, 30), tmp_path, MeanColour(), fetcher=fetcher)
    assert len(first.embeddings) == 30
    assert again.seen == first.seen
    assert museum.count() == 30
    assert all("/!384,384/" in path for path in museum.calls)


def gone(count, servers):
    """Return the places of museums that are no longer there, each with its pictures."""
    with ExitStack() as held:  # all at the same time, or two might get one port
        museums = [held.enter_context(FakeMuseum()) for _ in range(servers)]
        return [
            (
                museum.place,
                [
                    replace(each, item_id=f"{museum.place}:{each.item_id}")
                    for each in on_the_web(museum, count)
                ],
            )
            for museum in museums
        ]


def test_a_server_that_cannot_be_reached_is_left_alone_in_the_end(encoder, tmp_path):
    [(place, lost)] = gone(60, 1)
    with FakeMuseum() as museum, hurried(museum, place, attempts=1) as fetcher:
        there = on_the_web(museum, 5)
        began = fetcher.clock.now()
        with pytest.warns(DataWarning) as warned:
            done = run([*lost, *there], tmp_path, encoder, fetcher=fetcher, threads=4)
        assert fetcher.clock.now() - began >= GIVE_UP_AFTER
    assert ids(done.embeddings) == [each.item_id for each in there]
    assert len(done.problems) == 60
    asked = [problem for problem in done.problems if "wait for the next build" not in problem.reason]
    assert SILENT <= len(asked) <= SILENT + 4
    (warning,) = warned
    assert str(warning.message).startswith(f"{place} did not answer as it should. {60 - len(asked)} of its")


def test_a_server_that_is_back_after_a_while_gives_all_but_the_first_pictures(encoder, tmp_path):
    back_at = time.monotonic() + GIVE_UP_AFTER / 100 / 2

    def away(path, before):
        return "hang up" if time.monotonic() < back_at else None

    with FakeMuseum(faults=away) as museum, hurried(museum, attempts=1) as fetcher:
        done = run(on_the_web(museum, 60), tmp_path, encoder, fetcher=fetcher)
    assert len(done.problems) < SILENT
    assert len(done.embeddings) == 60 - len(done.problems)


def test_a_picture_that_its_server_hangs_up_on_is_not_waited_for(encoder, tmp_path):
    def moody(path, before):
        return "hang up" if path.startswith("/iiif/7/") else None

    with FakeMuseum(faults=moody) as museum, hurried(museum, attempts=1) as fetcher:
        done = run(on_the_web(museum, 20), tmp_path, encoder, fetcher=fetcher)
        assert museum.count("/iiif/7/") == 1
    assert [problem.where for problem in done.problems] == ["m:007"]


@pytest.mark.filterwarnings("ignore::ham_recommend.errors.DataWarning")
def test_without_a_network_a_build_ends_in_a_few_minutes(encoder, tmp_path):
    museums = gone(20, 30)
    with hurried(*(place for place, _ in museums)) as fetcher:
        began = fetcher.clock.now()
        done = run([each for _, lost in museums for each in lost], tmp_path, encoder, fetcher=fetcher)
        assert fetcher.clock.now() - began < 2.5 * GIVE_UP_AFTER
    assert len(done.problems) == 600


@pytest.mark.filterwarnings("ignore::ham_recommend.errors.DataWarning")
@pytest.mark.parametrize("fault", ["busy", "error"])
def test_a_server_that_is_out_of_order_is_left_alone_in_the_end(fault, encoder, tmp_path):
    with FakeMuseum(faults=lambda path, before: fault) as museum, hurried(museum, attempts=1) as fetcher:
        done = run(on_the_web(museum, 150), tmp_path, encoder, fetcher=fetcher, threads=4)
        assert OUT_OF_ORDER <= museum.count() <= OUT_OF_ORDER + 4
    assert len(done.problems) == 150
    waiting = [problem for problem in done.problems if "wait for the next build" in problem.reason]
    assert len(waiting) == 150 - museum.count()


@pytest.mark.parametrize("fault", [Answer(403), "error", "truncated"], ids=["denied", "error", "truncated"])
def test_a_picture_of_many_works_that_cannot_be_had_is_asked_for_once(fault, tmp_path):
    journal = tmp_path / "failures.jsonl"
    with FakeMuseum(faults=lambda path, before: fault) as museum:
        (picture,) = on_the_web(museum, 1)
        works = [replace(picture, item_id=f"m:{row:03}") for row in range(20)]
        for build in (1, 2):
            with hurried(museum, attempts=1) as fetcher:
                failures = Failures(journal.with_suffix(f".{build}"), journal.with_suffix(f".{build - 1}"))
                done = run(works, tmp_path, MeanColour(), fetcher=fetcher, failures=failures, threads=1)
            failures.write(journal.with_suffix(f".{build}"))
            assert [problem.where for problem in done.problems] == [work.item_id for work in works]
            assert len(failures) == 1
    # A temporary failure is asked for once a build; what came damaged, twice, and then not for a while.
    assert museum.count() == 2


def test_where_no_copies_are_allowed_nothing_but_vectors_stays(tmp_path):
    with FakeMuseum() as museum, hurried(museum) as fetcher:
        encoder = MeanColour()
        first = run(on_the_web(museum, 10, copies_allowed=False), tmp_path, encoder, fetcher=fetcher)
        run(on_the_web(museum, 10, copies_allowed=False), tmp_path, encoder, fetcher=fetcher)
    assert museum.count() == encoder.encoded == 10
    assert not list(tmp_path.rglob("*.jpg"))
    direct = MeanColour().encode_images([open_picture(drawn(str(row))) for row in range(10)])
    np.testing.assert_array_equal(first.embeddings.vectors, direct)


def test_the_encoder_does_not_wait_for_a_slow_picture(tmp_path):
    others_done = threading.Event()

    def slow(native):
        if native == "0":
            assert others_done.wait(20)
        return drawn(native)

    class Watching(MeanColour):
        def encode_images(self, images):
            vectors = super().encode_images(images)
            if self.encoded == 36:
                others_done.set()
            return vectors

    with FakeMuseum(pictures=slow) as museum, hurried(museum, read_seconds=30, total_seconds=30) as fetcher:
        encoder = Watching()
        done = run(on_the_web(museum, 37), tmp_path, encoder, fetcher=fetcher)
    assert len(done.embeddings) == 37
    assert encoder.batches[-1] == 1


def test_no_server_waits_for_another_that_stalls(encoder, tmp_path):
    with (
        FakeMuseum() as good,
        FakeMuseum(faults=lambda path, before: "stall") as bad,
        Fetcher(
            allow_private=[good.place, bad.place], rate_per_host=1000, at_once=2, attempts=1, read_seconds=2.4
        ) as fetcher,
    ):
        lost = [replace(each, item_id=f"lost:{each.item_id}") for each in on_the_web(bad, 4)]
        there = on_the_web(good, 30)
        began, moments = time.monotonic(), []
        done = run(
            [*lost, *there],
            tmp_path,
            encoder,
            fetcher=fetcher,
            threads=4,
            progress=lambda count: moments.extend([time.monotonic() - began] * count),
        )
    assert ids(done.embeddings) == [each.item_id for each in there]
    assert len(done.problems) == len(lost)
    assert moments[len(there) - encoder.batch_size * 3] < 2.4  # the last batches are waited for at the end


KILLS = int(os.environ.get("HAM_KILLS", "6"))

MOODS = {
    "busy": 0.10,
    "error": 0.05,
    "stall": 0.02,
    "truncated": 0.02,
    "wrong content": 0.01,
    "to loopback": 0.01,
    "to metadata": 0.01,
}


@pytest.mark.parametrize("passing", [True, False])
def test_a_moody_server(tmp_path, monkeypatch, passing):
    """Whatever goes wrong: the run ends, good pictures are encoded once, bad ones named, none hunted down."""
    connected = Counter()
    connect = __import__("socket").socket.connect

    def noted(sock, place):
        connected[place] += 1
        return connect(sock, place)

    monkeypatch.setattr("socket.socket.connect", noted)
    moods = sometimes(MOODS, seed=5, only_first=passing)
    count = 200
    with FakeMuseum(faults=moods, stall_seconds=5) as museum:
        bad = {}
        for row in range(count):
            fault = moods(f"/iiif/{row}/full/!384,384/0/default.jpg", 0)
            if fault is not None:
                bad[f"m:{row:03}"] = fault
        assert set(bad.values()) == set(MOODS)
        encoder = MeanColour()
        failures = Failures(tmp_path / "failures.jsonl")
        with hurried(museum, read_seconds=0.3, attempts=3) as fetcher:
            pictures = on_the_web(museum, count)
            done = run(pictures, tmp_path, encoder, fetcher=fetcher, failures=failures, threads=8)
        server = ("127.0.0.1", int(museum.place.rpartition(":")[2]))
    lasting = {"wrong content", "to loopback", "to metadata"}
    lost = {item_id for item_id, fault in bad.items() if not passing or fault in lasting}
    assert {problem.where for problem in done.problems} == lost
    assert set(ids(done.embeddings)) == {each.item_id for each in pictures} - lost
    assert encoder.encoded == count - len(lost)
    assert set(connected) == {server}
    for problem in done.problems:
        assert "/iiif/" in problem.reason
    settled = {each.item_id for each in pictures if failures.settled(each.address)}
    kinds = lasting if passing else {*lasting, "truncated"}
    assert settled == {item_id for item_id, fault in bad.items() if fault in kinds}


def test_the_next_run_asks_again_only_where_it_makes_sense(tmp_path):
    moods = {"/iiif/1/": "error", "/iiif/2/": "wrong content", "/iiif/3/": "to loopback", "/iiif/4/": "busy"}

    def faults(path, before):
        return next((mood for start, mood in moods.items() if path.startswith(start)), None)

    def once(day):
        failures = Failures(tmp_path / "journal.jsonl", tmp_path / "kept.jsonl", today=day)
        with hurried(museum, attempts=2) as fetcher:
            done = run(on_the_web(museum, 6), tmp_path, MeanColour(), fetcher=fetcher, failures=failures)
        failures.write(tmp_path / "kept.jsonl")
        (tmp_path / "journal.jsonl").unlink(missing_ok=True)
        return [problem.where for problem in done.problems]

    with FakeMuseum(faults=faults) as museum:
        assert once(date(2026, 5, 1)) == ["m:001", "m:002", "m:003", "m:004"]
        asked = Counter(museum.calls)
        moods.clear()
        assert once(date(2026, 5, 30)) == ["m:002", "m:003"]
        again = {path[6] for path in museum.calls if museum.calls[path] > asked[path]}
        assert again == {"1", "4"}
        assert once(date(2026, 5, 31)) == []


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("https://a.org/iiif/7/full/full/0/default.jpg", "https://a.org/iiif/7/full/!384,384/0/default.jpg"),
        ("https://a.org/iiif/7/full/max/0/default.jpg", "https://a.org/iiif/7/full/!384,384/0/default.jpg"),
        (
            "https://a.org/iiif/2/x/full/843,/0/default.jpg",
            "https://a.org/iiif/2/x/full/!384,384/0/default.jpg",
        ),
        ("https://a.org/7/square/,2000/0/default.png", "https://a.org/7/square/!384,384/0/default.png"),
        ("https://a.org/iiif/7/full/!256,256/0/default.jpg", None),
        ("https://a.org/iiif/7/full/200,/0/default.jpg", None),
        ("https://a.org/iiif/7/full/400,/0/default.jpg", None),
        ("https://a.org/pictures/full/full/7.jpg", None),
        ("https://a.org/full.jpg", None),
    ],
)
def test_servers_are_asked_for_the_size_that_is_needed(address, asked):
    assert sized(address, 384) == (asked or address)


# Kills


@pytest.mark.slow
def test_killed_again_and_again_the_result_is_the_same_and_hardly_anything_is_done_twice(tmp_path):
    count, kills = 100 * KILLS, KILLS
    for folder in ("killed", "whole"):
        (tmp_path / folder / "originals").mkdir(parents=True)
    shades = np.random.RandomState(0).randint(0, 256, (count, 2, 2, 3)).astype(np.uint8)
    for row, shade in enumerate(shades):
        path = tmp_path / "killed" / "originals" / f"{row:04}.png"
        Image.fromarray(shade).resize((96, 64)).save(path, compress_level=1)
        os.link(path, tmp_path / "whole" / "originals" / path.name)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["slow_encoder"])

    def start(folder):
        worker = processes.Process(
            target=encode_folder, args=(tmp_path / folder, tmp_path / f"{folder}.log"), daemon=True
        )
        worker.start()
        return worker

    log, moments, killed = tmp_path / "killed.log", random.Random(3), 0
    while killed < kills:
        before = log.stat().st_size if log.exists() else 0
        worker = start("killed")
        while worker.is_alive() and (not log.exists() or log.stat().st_size == before):
            time.sleep(0.005)  # or most kills would come before there is anything to lose
        time.sleep(moments.uniform(0.0, 0.1))
        worker.kill()
        worker.join()
        assert worker.exitcode == -signal.SIGKILL, "it was done before it could be killed so often"
        killed += 1
    for folder in ("killed", "whole"):
        worker = start(folder)
        worker.join(60)
        assert worker.exitcode == 0
    for name in ("vectors.npy", "ids.npy"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    begun = log.read_text().count("\n")
    assert count <= begun <= count * 1.05


def two_pixels(native):
    """Return a JPEG that no other number has."""
    shades = np.random.RandomState(int(native)).randint(0, 256, (2, 2, 3)).astype(np.uint8)
    written = io.BytesIO()
    Image.fromarray(shades).resize((96, 64)).save(written, "JPEG")
    return written.getvalue()


@pytest.mark.slow
def test_killed_while_it_fetches_the_result_is_the_same_and_hardly_anything_is_fetched_twice(tmp_path):
    count, kills = (
        4400,
        5,
    )  # a kill loses 44 pictures at most: a batch in waiting, three in work, 28 under way
    chance = random.Random(5)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["slow_encoder"])

    def start(folder, museum):
        (tmp_path / folder).mkdir(exist_ok=True)
        log = tmp_path / f"{folder}.log"
        worker = processes.Process(
            target=encode_web, args=(tmp_path / folder, log, museum.place, count), daemon=True
        )
        worker.start()
        return worker

    with FakeMuseum(pictures=two_pixels) as museum:
        for target in sorted(chance.sample(range(1, count), kills)):
            worker = start("killed", museum)
            while worker.is_alive() and museum.keys[""] < target:
                time.sleep(0.001)
            time.sleep(chance.uniform(0.0, 0.02))
            worker.kill()
            worker.join()
            assert worker.exitcode == -signal.SIGKILL
        worker = start("killed", museum)
        worker.join(60)
        assert worker.exitcode == 0
        assert len(museum.calls) == count
        assert count < museum.count() <= count * 1.05
        worker = start("whole", museum)
        worker.join(60)
        assert worker.exitcode == 0
    for name in ("vectors.npy", "ids.npy"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert len(np.load(tmp_path / "whole" / "ids.npy")) == count
