"""``ham sync``, against the fake museum: what changed is crawled, built and in the stores; nothing else."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import date

import pytest
from filelock import FileLock
from strangers import overheard, rewrite_encoders

from ham_recommend import Recommender, build, registry
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.encode import _hub
from ham_recommend.sample_museum.source import SampleSource
from ham_recommend.sources.cleveland import ClevelandSource
from ham_recommend.testing.fake_museum import FakeMuseum

BEFORE, TODAY = "2020-01-01", date.today().isoformat()


def work(number, url, title="Harbour", updated=BEFORE):
    """Return a record as Cleveland gives it."""
    return {
        "id": number,
        "title": f"{title} {number}",
        "share_license_status": "CC0",
        "updated_at": updated,
        "images": {"web": {"url": f"{url}/pictures/{number}.jpg"}},
    }


@pytest.fixture
def museum(monkeypatch):
    with FakeMuseum() as server:
        server.works = {"cleveland": [work(number, server.url) for number in range(1, 31)]}
        monkeypatch.setattr(ClevelandSource, "api", f"{server.url}/api")
        monkeypatch.setattr(ClevelandSource, "rate", 1e6)
        monkeypatch.setattr(ClevelandSource, "picture_rate", 1e6)
        monkeypatch.setenv("HAM_ALLOW_PRIVATE", server.place)
        yield server


def change(museum):
    """Have five works more, and one that is called otherwise."""
    held = museum.works["cleveland"]
    held[6] = work(7, museum.url, "Lighthouse", TODAY)
    held += [work(number, museum.url, "Ferry", TODAY) for number in range(31, 36)]


@pytest.fixture
def out(tmp_path, ham, museum):
    """Return a collection that was built from the museum."""
    out = tmp_path / "collection"
    assert ham("build", "cleveland", "--out", out)[0] == 0
    return out


def noted(out):
    return [json.loads(line) for line in (out / "sync.jsonl").read_text("utf-8").splitlines()]


def titles(out):
    return {work.title for work in Catalog.read(out / "2-catalog" / "catalog.parquet")}


def test_what_changed_is_crawled_and_built_and_nothing_else_is_asked_for(ham, museum, out):
    museum.calls.clear()
    change(museum)
    code, text, _ = ham("sync", out)
    assert code == 0
    assert f"cleveland, since {TODAY}: 5 new records, 1 changed, 0 vanished." in text
    assert "35 works, 35 picture vectors are up to date." in text
    assert {"Lighthouse 7", "Ferry 35", "Harbour 8"} <= titles(out) and "Harbour 7" not in titles(out)
    assert sorted(path for path in museum.calls if "pictures" in path) == [
        f"/pictures/{number}.jpg" for number in range(31, 36)
    ]
    assert Recommender.load(out).search("ferry", k=1)[0].work.title.startswith("Ferry")
    assert noted(out)[-1]["museums"][0]["crawl"]["added"] == 5 and noted(out)[-1]["error"] == ""


def test_with_nothing_new_nothing_is_built(ham, museum, out):
    before = (out / "2-catalog" / "works.parquet").stat().st_mtime_ns
    code, text, _ = ham("sync", out, "--json")
    told = json.loads(text)
    assert code == 0 and told["works"] == 30 and set(told["seconds"]) <= {"crawl"}
    assert (out / "2-catalog" / "works.parquet").stat().st_mtime_ns == before


def test_works_that_are_gone_are_missed_by_a_full_sync(ham, museum, out):
    del museum.works["cleveland"][:10]
    assert json.loads(ham("sync", out, "--json")[1])["works"] == 30
    told = json.loads(ham("sync", out, "--full", "--json")[1])
    assert (told["works"], told["removed"], told["museums"][0]["crawl"]["vanished"]) == (20, 10, 10)


def test_works_of_other_sources_stay_and_each_set_of_vectors_grows(ham, museum, tmp_path):
    out = tmp_path / "mixed"
    build(SampleSource(8), out, progress=False)
    for encoder in ("colour", "style"):
        arguments = ("--out", out, "--add", "--image-encoder", encoder)
        assert ham("build", "cleveland", *arguments)[0] == 0
    before = Recommender.load(out).workspace.manifest.facts
    change(museum)
    del museum.works["cleveland"][0]
    told = json.loads(ham("sync", out, "--full", "--json")[1])
    assert (told["works"], told["removed"]) == (42, 1)
    facts = Recommender.load(out).workspace.manifest.facts
    assert facts.encoders.keys() == {"colour", "style"} and facts.encoder == "style"
    for name, made in facts.encoders.items():
        assert made.pictures == before.encoders[name].pictures + 4
    assert set(facts.builds) == set(before.builds)


def test_a_store_behind_an_address_follows(ham, museum, tmp_path, monkeypatch):
    monkeypatch.setitem(registry.BUILT_IN["store"], "memory", "memory_store:MemoryStore")
    monkeypatch.setattr("memory_store.SHELVES", {})
    from memory_store import SHELVES as shelves

    out = tmp_path / "collection"
    ham("build", "cleveland", "--out", out, "--store", "memory://here")
    change(museum)
    del museum.works["cleveland"][0]
    assert ham("sync", out, "--full")[0] == 0
    ((_, held),) = shelves.values()
    assert set(held) == {f"cleveland:{number}" for number in range(2, 36)}


def test_a_strangers_database_is_not_told_ones_password(ham, museum, out, monkeypatch):
    pytest.importorskip("psycopg")
    monkeypatch.delenv("HAM_POSTGRES", raising=False)
    monkeypatch.setenv("PGPASSWORD", "my-own-secret")
    change(museum)
    with overheard() as (port, told):
        rewrite_encoders(out, store=f"postgresql://u@127.0.0.1:{port}/db")
        code, _, said = ham("sync", out)
    assert code == 1 and "HAM_POSTGRES" in said
    assert told == []


def test_a_strangers_server_is_not_asked_to_encode_unless_it_is_allowed(ham, museum, out, monkeypatch):
    monkeypatch.delenv("HAM_ENCODERS", raising=False)
    change(museum)
    with overheard() as (port, told):
        server = f"http://127.0.0.1:{port}"
        rewrite_encoders(out, name=f"remote:{server}")
        code, _, said = ham("sync", out)
        assert code == 2 and f"HAM_ENCODERS={server}" in said
        assert told == []
        monkeypatch.setenv("HAM_ENCODERS", server)
        ham("sync", out)
        assert told[0].startswith(b"GET /api/v1/embed")


def test_a_model_that_only_a_collection_names_is_not_downloaded(ham, museum, out, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr(_hub, "ask_hub", lambda *given: pytest.fail("the hub was asked"))
    change(museum)
    rewrite_encoders(out, name="clip:nobody/has-this-model")
    code, _, said = ham("sync", out)
    assert code == 2 and "only where a person names them" in said


def test_two_never_meet(ham, museum, out):
    with FileLock(out / ".sync.lock"):
        code, text, said = ham("sync", out)
    assert code == 1 and not text and "Another sync is at work" in said


def test_a_museum_out_of_order_is_told_and_the_next_sync_goes_on(ham, museum, out):
    change(museum)
    museum.faults = lambda path, before: "error" if "artworks" in path else None
    code, _, said = ham("sync", out)
    assert code == 1 and "Error:" in said
    assert noted(out)[-1]["error"] and titles(out) == {f"Harbour {number}" for number in range(1, 31)}
    museum.faults = lambda path, before: None
    code, text, _ = ham("sync", out)
    assert code == 0 and f"since {TODAY}: 5 new" in text and len(titles(out)) == 35


RUN = """
import sys
from ham_recommend.builder.sync import sync
from ham_recommend.sources.cleveland import ClevelandSource
from ham_recommend.workspace import Workspace
ClevelandSource.api, ClevelandSource.rate, ClevelandSource.picture_rate = sys.argv[2], 1e6, 1e6
sync(Workspace(sys.argv[1]), progress=False)
"""


def test_one_that_was_killed_shows_the_old_state_and_is_gone_on_with(ham, museum, out):
    change(museum)
    reached = []

    def slowly(path, before):
        if "pictures" in path:
            reached.append(path)
            time.sleep(0.2)

    museum.faults = slowly
    command = [sys.executable, "-c", RUN, str(out), f"{museum.url}/api"]
    running = subprocess.Popen(command)
    while running.poll() is None and len(reached) < 2:
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL, "it was done before it could be killed"
    assert titles(out) == {f"Harbour {number}" for number in range(1, 31)}
    museum.faults = lambda path, before: None
    code, text, _ = ham("sync", out)
    assert code == 0 and "35 works, 35 picture vectors" in text and len(titles(out)) == 35


def test_what_cannot_be_synced_is_refused(ham, museum, tmp_path):
    code, _, said = ham("sync", tmp_path / "nowhere")
    assert code == 2 and "There is no collection" in said
    build(SampleSource(5), tmp_path / "sample", image_encoder=None, progress=False)
    code, _, said = ham("sync", tmp_path / "sample")
    assert code == 2 and "Nothing of" in said and "ham build" in said
    ham("build", "cleveland", "--out", tmp_path / "share", "--shard", "1/2")
    code, _, said = ham("sync", tmp_path / "share")
    assert code == 2 and "one share" in said
    ham("merge", tmp_path / "share", "--out", tmp_path / "joined")
    code, _, said = ham("sync", tmp_path / "joined")
    assert code == 2 and "merged" in said
