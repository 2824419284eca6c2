"""While a collection grows and shrinks, answers are of the old state or of the new, never of a mixture."""

from __future__ import annotations

import csv
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from threading import Event
from typing import ClassVar

import pytest
from memory_store import MemoryStore

from ham_recommend import Recommender, TableSource, build, errors, registry
from ham_recommend.testing.encoders import picture
from ham_recommend.web.collections import Collections

OLD, NEW, GONE = 40, 20, 10
ASKED = "table:30"


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Return the table of a collection, and the same with works more and works less."""
    folder = tmp_path_factory.mktemp("museum")
    for number in range(OLD + NEW):
        picture(number).save(folder / f"{number}.png")
    paths = folder / "old.csv", folder / "new.csv"
    for path, numbers in zip(paths, (range(OLD), range(GONE, OLD + NEW)), strict=True):
        with path.open("w", newline="", encoding="utf-8") as stream:
            rows = csv.writer(stream)
            rows.writerow(["id", "title", "image"])
            rows.writerows([number, f"Harbour {number}", f"{number}.png"] for number in numbers)
    return paths


class SlowStore(MemoryStore):
    """Takes its time, so that there is an in-between to be seen."""

    shelves: ClassVar[dict] = {}

    @classmethod
    def open(cls, url, name, dim, *, create=False):
        if create:
            cls.shelves.setdefault(name, {})
        if name not in cls.shelves:
            raise errors.ArtifactMissingError(f"there are no vectors called {name!r} at {url}")
        return cls(dim, cls.shelves[name])

    def upsert(self, embeddings):
        for row in range(len(embeddings)):
            self._held.update({str(embeddings.item_ids[row]): embeddings.vectors[row].copy()})
            time.sleep(0.03)

    def delete(self, item_ids):
        for item_id in sorted(item_ids):
            self._held.pop(item_id, None)
            time.sleep(0.02)

    def search(self, vectors, k, **which):
        while True:
            try:
                return super().search(vectors, k, **which)
            except RuntimeError:  # changed while it was walked through: a database would not mind
                pass

    def item_ids(self):
        return super().item_ids() if self._held else super().item_ids().astype(object)


@pytest.fixture
def slow(monkeypatch):
    monkeypatch.setattr(SlowStore, "shelves", {})
    load = registry.load
    monkeypatch.setattr(
        registry,
        "load",
        lambda kind, name: SlowStore if (kind, name) == ("store", "slow") else load(kind, name),
    )


def answer(rec):
    """Return an answer by pictures, one by words, and how many works there are."""
    near = rec.similar_items(ASKED, k=45)
    words = rec.search("harbour 15", k=5)
    return (
        near.item_ids.tolist(),
        [round(score, 5) for score in near.scores],
        words.item_ids.tolist(),
        len(rec.catalog),
    )


def states(tables, tmp_path, store):
    """Return the answers of the old state and of the new, each built alone."""
    answers = []
    for number, table in enumerate(tables):
        build(TableSource(table), tmp_path / f"alone-{number}", store=store, progress=False)
        answers.append(answer(Recommender.load(tmp_path / f"alone-{number}")))
    assert answers[0] != answers[1]
    return answers


def ask_all_the_time(root, ended):
    """Open the collection and ask it, again and again; return what was answered, each answer once."""
    seen = []
    while not ended.is_set():
        found = answer(Recommender.load(root))
        if found not in seen:
            seen.append(found)
    return seen


@pytest.mark.parametrize("store", ["flat", "slow://here"])
def test_who_opens_it_meanwhile_sees_one_state_or_the_other(tables, tmp_path, slow, store):
    old, new = states(tables, tmp_path, store)
    out, ended = tmp_path / "out", Event()
    build(TableSource(tables[0]), out, store=store, progress=False)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask_all_the_time, out, ended)
        try:
            for table in (tables[1], tables[0], tables[1]):
                time.sleep(0.3)
                build(TableSource(table), out, store=store, progress=False)
        finally:
            ended.set()
        seen = asking.result()
    assert sorted(seen) == sorted([old, new])


def test_who_has_it_open_goes_on_seeing_the_old_state_while_the_new_is_made(tables, tmp_path, slow):
    old, _ = states(tables, tmp_path, "slow://here")
    out = tmp_path / "out"
    build(TableSource(tables[0]), out, store="slow://here", progress=False)
    opened, manifest = Recommender.load(out), (out / "manifest.json").read_bytes()
    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(build, TableSource(tables[1]), out, store="slow://here", progress=False)
        held = set()
        while not building.done():
            found = answer(opened)
            if (out / "manifest.json").read_bytes() == manifest:
                assert found == old
                held.add(len(SlowStore.shelves["out.style"]))
        building.result()
    assert len(held) > 2, "the store was not seen while it was filled"


def keep_asking(root, ended, told):
    told.put(ask_all_the_time(root, ended))


def test_another_process_sees_one_state_or_the_other(tables, tmp_path):
    old, new = states(tables, tmp_path, "hnsw")
    out, context = tmp_path / "out", get_context("spawn")
    build(TableSource(tables[0]), out, store="hnsw", progress=False)
    ended, told = context.Event(), context.Queue()
    asking = context.Process(target=keep_asking, args=(out, ended, told))
    asking.start()
    begun = time.monotonic()
    while time.monotonic() - begun < 6:
        for table in (tables[1], tables[0]):
            build(TableSource(table), out, store="hnsw", progress=False)
    ended.set()
    assert all(found in (old, new) for found in told.get(timeout=60))
    asking.join(60)


def test_the_page_answers_from_the_old_state_until_the_new_one_is_open(tables, tmp_path, monkeypatch):
    out = tmp_path / "out"
    build(TableSource(tables[0]), out, progress=False)
    served = Collections([tmp_path])
    old = served.open("out")
    build(TableSource(tables[1]), out, progress=False)
    load, go_on = Recommender.load, Event()

    def slowly(root):
        go_on.wait(30)
        return load(root)

    monkeypatch.setattr(Recommender, "load", slowly)
    assert all(served.current("out") is old for _ in range(5))
    go_on.set()
    until = time.monotonic() + 30
    while served.current("out") is old and time.monotonic() < until:
        time.sleep(0.01)
    assert len(served.current("out").recommender.catalog) == OLD + NEW - GONE
    shutil.rmtree(out)
    assert served.current("out") is None
