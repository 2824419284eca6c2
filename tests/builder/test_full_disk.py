"""On a full disk everything ends with one sentence of ours, and what was there before stays whole.

The system refuses files beyond a size, for every user and on every machine, as a disk without room does.
"""

from __future__ import annotations

import os
import resource
import traceback

import numpy as np
import pytest
from small_collection import draw_museum, make
from test_stopped import answers

from ham_recommend import Recommender, errors
from ham_recommend.encode.journal import VectorJournal
from ham_recommend.recommend.session import Session

LIMITS = (0, 1_000, 7_000)


def with_room_for(size, act):
    """Return how an action ends in a process whose files may not exceed a size."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            act()
            said = "done"
        except errors.HamRecommendError as error:
            said = f"ours: {error}"
        except BaseException:
            said = traceback.format_exc()
        os.write(writer, said.encode()[:60_000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        said = told.read()
    assert os.waitpid(child, 0)[1] == 0, "ended by a signal"
    return said


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("disk")
    draw_museum(folder / "museum")
    make(folder / "museum" / "works.csv", folder / "out")
    return folder


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("add", [False, True])
def test_a_build_leaves_the_collection_as_it_was(small, limit, add):
    before = answers(small / "out")
    said = with_room_for(limit, lambda: make(small / "museum" / "more.csv", small / "out", add=add))
    assert said.startswith("ours: ")
    assert "cannot be written: File too large" in said
    assert answers(small / "out") == before


def test_room_for_vectors_is_taken_before_they_are_mapped(tmp_path):
    journal = VectorJournal(tmp_path / "journal", "made-up", 64)
    journal.add(["a", "b"], np.ones((2, 64), np.float32), {})
    shown = {f"w:{number}": "ab"[number % 2] for number in range(2_000)}
    said = with_room_for(100_000, lambda: journal.embeddings(shown))
    assert "OSError: [Errno 27] File too large" in said  # which opening a draft turns into a sentence
    assert journal.embeddings(shown).vectors.sum() == 2_000 * 64


@pytest.mark.parametrize("name", ["likes.html", "likes.json", "likes.csv", "likes.md"])
def test_an_export_says_so_and_keeps_the_file_that_was_there(recommender, tmp_path, name):
    from ham_recommend.frontend import export

    session = Session(recommender)
    session.search("cat")
    path = tmp_path / name
    path.write_text("before")
    said = with_room_for(10, lambda: export.write(session, path))
    assert said.startswith("ours: ")
    assert "cannot be written" in said
    assert path.read_text() == "before"


def test_a_session_says_so_and_keeps_what_it_held(recommender, tmp_path):
    file = tmp_path / "sessions.sqlite"
    liked = recommender.catalog.item_ids[:2].tolist()
    Session(recommender, name="kept", sessions=file).like(liked[0])
    small = file.stat().st_size // 8
    said = with_room_for(small, lambda: Session(recommender, name="kept", sessions=file).like(liked[1]))
    assert said.startswith("ours: ")
    assert list(Session(recommender, name="kept", sessions=file).liked) == liked[:1]


def test_the_collection_still_answers(small):
    assert len(Recommender.load(small / "out").search("old vase", 3))
