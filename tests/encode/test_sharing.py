"""Pictures encoded by workers: whatever is wrong with a picture, all is as one machine would have made it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from ham_recommend import errors
from ham_recommend.catalog.thumbnails import Original, ThumbnailFolder
from ham_recommend.encode import sharing
from ham_recommend.encode.failures import Failures
from ham_recommend.encode.journal import VectorJournal
from ham_recommend.encode.pipeline import encode_pictures
from ham_recommend.encode.sharing import encode_share
from ham_recommend.encode.style import StyleEncoder
from ham_recommend.net.http import Fetcher
from ham_recommend.testing.encoders import picture
from ham_recommend.testing.fake_museum import Answer, FakeMuseum


class Workers:
    """A cluster in threads of this process; notes what it is sent."""

    slots = 2

    def __init__(self, encode=encode_share):
        self._pool = ThreadPoolExecutor(2)
        self._encode = encode
        self.shares = []

    def submit(self, share):
        self.shares.append(share)
        return self._pool.submit(self._encode, "style", share)


@pytest.fixture
def small_shares(monkeypatch):
    monkeypatch.setattr(sharing, "SHARE", 7)


@pytest.fixture
def originals(tmp_path):
    """Return pictures of every kind, on this machine and on the web, with the museum that serves those."""
    folder = tmp_path / "museum"
    folder.mkdir()
    for number in range(30):
        picture(number).save(folder / f"{number:02}.png")
    for number in (3, 4):
        (folder / f"again-{number}.png").write_bytes((folder / "03.png").read_bytes())
    for name in ("broken-1", "broken-2"):
        (folder / f"{name}.png").write_bytes(b"the same bad bytes")
    files = [
        Original(f"f:{path.stem}", str(path), copies_allowed="7" not in path.stem)
        for path in [*sorted(folder.iterdir()), folder / "gone.png"]
    ]

    def faults(path, before):
        if "/cut/" in path and before % 2 == 0:
            return Answer(200, b"half a picture", {"Content-Type": "image/jpeg"})
        return "wrong content" if "/no/" in path else None

    with FakeMuseum(faults=faults) as museum:
        paths = [f"iiif/{number}/full/full/0/default.jpg" for number in range(20)]
        paths += ["iiif/cut/full/full/0/default.jpg", "iiif/no/full/full/0/default.jpg"]
        web = [
            Original(f"w:{row:02}", f"{museum.url}/{path}", bool(row % 5)) for row, path in enumerate(paths)
        ]
        web.append(Original("w:twice", web[6].address))
        yield museum, [*files, *web]


def encode(museum, originals, root, cluster=None, encoder=None):
    encoder = encoder or StyleEncoder()
    thumbnails, journal = (
        ThumbnailFolder(root),
        VectorJournal(root / "journal", encoder.model_id, encoder.dim),
    )
    with Fetcher(allow_private=[museum.place], rate_per_host=1e6) as fetcher:
        done = encode_pictures(
            originals,
            thumbnails,
            encoder,
            journal,
            fetcher=fetcher,
            cluster=cluster,
            failures=Failures(root / "failures.jsonl"),
        )
    return done


def files_of(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.glob("2-catalog/**/*.jpg")}


def check_same(one, other):
    assert one.seen == other.seen
    assert one.problems == other.problems
    assert one.embeddings.item_ids.tolist() == other.embeddings.item_ids.tolist()
    assert one.embeddings.vectors.tobytes() == other.embeddings.vectors.tobytes()
    assert one.embeddings.contents.tolist() == other.embeddings.contents.tolist()


def test_all_is_as_one_machine_would_have_made_it(originals, tmp_path, small_shares):
    museum, pictures = originals
    here = encode(museum, pictures, tmp_path / "here")
    assert len(here.embeddings) == 54 and len(here.problems) == 4
    calls = Counter(museum.calls)
    workers = Workers()
    there = encode(museum, pictures, tmp_path / "there", workers)
    check_same(here, there)
    assert files_of(tmp_path / "here") == files_of(tmp_path / "there") != {}
    assert museum.calls == calls + calls, "the museum was to be asked as often as by one machine"
    assert sum(map(len, workers.shares)) >= 45 and max(map(len, workers.shares)) == 7


def test_only_vectors_that_are_missing_are_made_and_from_thumbnails(originals, tmp_path, small_shares):
    museum, pictures = originals
    first = encode(museum, pictures, tmp_path / "there", Workers())
    calls = Counter(museum.calls)
    known = [
        Original(each.item_id, each.address, each.copies_allowed, first.seen[each.item_id].content)
        for each in pictures
        if first.seen[each.item_id].digest
    ]
    again = Workers()
    check_same_vectors = encode(museum, known, tmp_path / "there", again)
    assert not again.shares and museum.calls == calls
    anew = Workers()
    for path in (tmp_path / "there" / "journal").iterdir():
        path.unlink()
    encoded = encode(museum, known, tmp_path / "there", anew)
    assert museum.calls == calls
    assert all(parcel.is_thumbnail for share in anew.shares for parcel in share)
    assert encoded.embeddings.vectors.tobytes() == check_same_vectors.embeddings.vectors.tobytes()


def test_a_picture_that_only_workers_cannot_read_is_read_here(originals, tmp_path, small_shares):
    def half_blind(name, share):
        done = encode_share(name, share[1:])
        return done._replace(readable=(False, *done.readable))

    museum, pictures = originals
    check_same(
        encode(museum, pictures, tmp_path / "here"),
        encode(museum, pictures, tmp_path / "there", Workers(half_blind)),
    )


def test_shares_are_small_enough_for_memory(originals, tmp_path, monkeypatch):
    museum, pictures = originals
    monkeypatch.setattr(sharing, "SHARE_BYTES", 1)
    workers = Workers()
    encode(museum, pictures[:5], tmp_path / "there", workers)
    assert [len(share) for share in workers.shares] == [1] * 5


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ({"version": "0.0.1"}, r"runs ham-recommend 0\.0\.1, this machine .*Install the same version"),
        ({"model_id": "style-0"}, "encodes with 'style-0', this machine with 'style-1'.*same model"),
    ],
)
def test_workers_that_differ_are_refused(originals, tmp_path, made, says):
    museum, pictures = originals
    other = Workers(lambda name, share: encode_share(name, share)._replace(**made))
    with pytest.raises(errors.ClusterError, match=says):
        encode(museum, pictures, tmp_path / "there", other)


def test_what_was_encoded_before_a_cluster_broke_off_is_kept(originals, tmp_path, small_shares):
    class Breaking(Workers):
        def submit(self, share):
            if len(self.shares) < 5:
                return super().submit(share)
            broken = Future()
            broken.set_exception(errors.ClusterError("the cluster is gone"))
            return broken

    museum, pictures = originals
    with pytest.raises(errors.ClusterError, match="gone"):
        encode(museum, pictures, tmp_path / "there", Breaking())
    kept = len(VectorJournal(tmp_path / "there" / "journal", "style-1", StyleEncoder.dim))
    assert kept >= 7
    rest = Workers()
    done = encode(museum, pictures, tmp_path / "there", rest)
    check_same(encode(museum, pictures, tmp_path / "here"), done)
    assert sum(map(len, rest.shares)) < 54 - kept


def test_a_worker_reads_nothing_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "one.png"
    picture(1).save(path)
    parcel = sharing.Parcel(path.read_bytes(), from_web=False, is_thumbnail=False, is_kept=True)
    path.unlink()
    done = encode_share("style", [parcel, sharing.Parcel(b"bad", False, False, True)])
    assert done.readable == (True, False) and len(done.thumbnails) == 1 and not list(tmp_path.iterdir())
    assert np.allclose(np.linalg.norm(done.vectors, axis=1), 1)
