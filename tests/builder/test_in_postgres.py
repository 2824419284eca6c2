"""A collection in PostgreSQL grows, shrinks and follows its museum, and outlives a fallen database."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import pytest
from small_collection import write_table

from ham_recommend import Recommender, TableSource, build
from ham_recommend.builder.sync import sync
from ham_recommend.errors import StoreUnavailableError
from ham_recommend.index import silence
from ham_recommend.index.pgvector_store import PgvectorStore
from ham_recommend.index.stores import open_store
from ham_recommend.sources.cleveland import ClevelandSource
from ham_recommend.testing.fake_museum import FakeMuseum
from ham_recommend.workspace import Workspace

POSTGRES = "postgresql:"


@pytest.fixture(autouse=True)
def at_home(embedded, monkeypatch):
    """Have ``postgresql:`` mean the server of the tests."""
    monkeypatch.setenv("HAM_POSTGRES", embedded)


@pytest.fixture
def out(tmp_path, request):
    """Return where a collection may be built; its name, which the database knows it by, is its own."""
    return tmp_path / f"pg-{request.node.name}"


def table(folder, numbers):
    """Return a table of works with these numbers."""
    name = f"{min(numbers)}-{max(numbers)}.csv"
    return TableSource(write_table(folder / "museum", numbers, name))


def make(source, out, **options):
    return build(source, out, progress=False, **options)


def held(out):
    """Return the works that the database holds of a collection."""
    with closing(open_store(POSTGRES, f"{out.name}.style", Recommender.load(out).pictures.dim)) as store:
        return {item_id.partition(":")[2] for item_id in store.item_ids().tolist()}


def numbers(ranking):
    return {int(item_id.partition(":")[2]) for item_id in ranking.item_ids.tolist()}


def near(out, number, k=60):
    """Return the works that the pictures of a collection find near one of them."""
    return numbers(Recommender.load(out).similar_items(f"table:{number}", k=k)) | {number}


def test_new_works_are_found_and_removed_ones_are_gone(tmp_path, out):
    make(table(tmp_path, range(30)), out, store=POSTGRES)
    opened = Recommender.load(out)
    make(table(tmp_path, range(25, 50)), out, add=True)
    assert Workspace(out).manifest.facts.encoders["style"].store == POSTGRES, "it stays where it was"
    assert near(out, 40) == set(range(50))
    assert numbers(opened.similar_items("table:3", k=60)) < set(range(30)), "who has it open sees the old"
    make(table(tmp_path, range(10, 20)), out)
    assert near(out, 12) == set(range(10, 20))
    assert held(out) == {str(number) for number in range(10, 20)}


def test_who_asks_meanwhile_sees_one_state_or_the_other(tmp_path, out):
    small, large = table(tmp_path, range(30)), table(tmp_path, range(10, 50))
    make(small, out, store=POSTGRES)
    ended, states = Event(), [set(range(30)), set(range(10, 50))]

    def ask():
        seen = []
        while not ended.is_set():
            found = near(out, 15)
            if found not in seen:
                seen.append(found)
        return seen

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        try:
            for source in (large, small, large):
                time.sleep(0.2)
                make(source, out)
        finally:
            ended.set()
        seen = asking.result()
    assert sorted(seen, key=len) == states


def test_a_database_that_is_away_keeps_the_old_state_and_the_same_build_goes_on(tmp_path, out, monkeypatch):
    monkeypatch.setattr(silence, "PAUSE", 0.0)
    make(table(tmp_path, range(30)), out, store=POSTGRES)
    before, more = (out / "manifest.json").read_bytes(), table(tmp_path, range(30, 50))
    with monkeypatch.context() as away:
        away.setenv("HAM_POSTGRES", "postgresql://postgres@127.0.0.1:1/postgres")
        with pytest.raises(StoreUnavailableError, match="cannot be reached"):
            make(more, out, add=True)
        assert (out / "manifest.json").read_bytes() == before
    assert near(out, 3) == set(range(30))
    make(more, out, add=True)
    assert near(out, 3) == set(range(50))


@pytest.mark.parametrize("broken", ["upsert", "delete", "optimise"])
def test_a_database_that_falls_away_half_way_leaves_the_old_state_or_the_new(
    tmp_path, out, monkeypatch, broken
):
    make(table(tmp_path, range(30)), out, store=POSTGRES)
    with monkeypatch.context() as falling:
        falling.setattr(PgvectorStore, broken, _falls_away)
        with pytest.raises(StoreUnavailableError):
            make(table(tmp_path, range(10, 50)), out)
    committed = broken != "upsert"
    assert near(out, 15) == set(range(10, 50) if committed else range(30))
    make(table(tmp_path, range(10, 50)), out)
    assert near(out, 15) == set(range(10, 50)) and held(out) == {str(each) for each in range(10, 50)}


def _falls_away(self, *given):
    raise StoreUnavailableError("The database breaks off. Try again when it is well.")


def test_a_sync_brings_new_works_and_takes_vanished_ones(tmp_path, out, monkeypatch):
    with FakeMuseum() as museum:
        monkeypatch.setattr(ClevelandSource, "api", f"{museum.url}/api")
        monkeypatch.setattr(ClevelandSource, "rate", 1e6)
        monkeypatch.setattr(ClevelandSource, "picture_rate", 1e6)
        monkeypatch.setenv("HAM_ALLOW_PRIVATE", museum.place)
        museum.works = {"cleveland": [_work(number, museum.url) for number in range(1, 13)]}
        crawled = ClevelandSource.from_options(folder=out / "1-raw" / "cleveland")
        crawled.crawl(since=None)
        make(crawled, out, store=POSTGRES, fetch_pictures=True)
        museum.works["cleveland"] = [_work(number, museum.url) for number in range(5, 19)]
        report = sync(Workspace(out), full=True, progress=False)
        assert (report.works, report.removed) == (14, 4)
    assert held(out) == {str(number) for number in range(5, 19)}
    found = Recommender.load(out).similar_items("cleveland:18", k=20)
    assert numbers(found) == set(range(5, 18))


def _work(number, url):
    return {
        "id": number,
        "title": f"Harbour {number}",
        "share_license_status": "CC0",
        "updated_at": "2020-01-01",
        "images": {"web": {"url": f"{url}/pictures/{number}.jpg"}},
    }
