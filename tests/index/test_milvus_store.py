"""Vectors in Milvus: in Milvus Lite, and on a server that the tests start for themselves."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pymilvus
import pytest
from killed_while_writing import check_whole, confirmed_by
from milvus_server import MilvusServer

import ham_recommend as ham
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.errors import (
    ArtifactMissingError,
    DataWarning,
    DimensionError,
    SettingsError,
    StoreError,
    StoreUnavailableError,
)
from ham_recommend.index import _embedded_milvus
from ham_recommend.index._milvus import Milvus, named
from ham_recommend.index.exact import ExactStore
from ham_recommend.index.milvus_store import MilvusStore
from ham_recommend.index.stores import fill_store, open_store, remembered, tags_of
from ham_recommend.index.text_stores import open_text_store
from ham_recommend.testing.counting import MOST_ASKED, small_museum
from ham_recommend.testing.tagged_stores import KINDS, TaggedStoreContract, made_up_records
from ham_recommend.testing.vectors import clustered_vectors, embeddings_of, unit_vectors

KILLS = int(os.environ.get("HAM_KILLS", "3"))
"""As a killed server takes twelve seconds to come back; ``make kills`` asks for twenty."""


@pytest.fixture(scope="module")
def lite(tmp_path_factory):
    return f"milvus+lite://{tmp_path_factory.mktemp('lite')}"


@pytest.fixture(scope="module", autouse=True)
def lite_address(lite):
    TestLite.url = lite


class TestLite(TaggedStoreContract):
    store_class = MilvusStore


def sentence(error):
    """Return what an error says, which has to be a line that a person can read."""
    said = str(error.value)
    assert "\n" not in said
    assert said[0].isupper()
    assert said.endswith(".")
    assert "sesame" not in said
    return said


def test_an_address_in_the_environment(lite, monkeypatch):
    monkeypatch.delenv("HAM_MILVUS", raising=False)
    with pytest.raises(StoreUnavailableError, match="Set HAM_MILVUS to its address") as error:
        open_store("milvus:", "test.environment", 16)
    sentence(error)
    monkeypatch.setenv("HAM_MILVUS", lite)
    with closing(open_store("milvus:", "test.environment", 16, create=True)) as store:
        assert len(store) == 0


def test_a_collection_remembers_no_address(lite, tmp_path, monkeypatch):
    monkeypatch.delenv("HAM_MILVUS", raising=False)
    ham.build(ham.SampleSource(40), tmp_path / "made", store=lite, progress=False)
    shown = (tmp_path / "made" / "manifest.json").read_text()
    assert '"milvus:"' in shown
    assert "lite" not in shown
    ham.build(ham.SampleSource(40), tmp_path / "plain", progress=False)
    with pytest.warns(DataWarning, match="Set HAM_MILVUS"):
        assert len(ham.Recommender.load(tmp_path / "made").search("ship"))
    monkeypatch.setenv("HAM_MILVUS", lite)
    ours, theirs = (ham.Recommender.load(tmp_path / name) for name in ("made", "plain"))
    liked = ours.catalog.item_ids[:2].tolist()
    assert ours.recommend(liked).item_ids.tolist() == theirs.recommend(liked).item_ids.tolist()
    ours.pictures.close()


@pytest.mark.parametrize("url", ["milvus://evil.example/x", "milvus+lite:///evil", "milvus://e?index=flat"])
def test_a_strangers_collection_leads_to_ones_own_server_alone(url):
    assert remembered(url) == "milvus:"
    assert remembered("milvus+lite:") == "milvus+lite:"


def test_an_address_without_its_password_takes_it_from_the_environment(monkeypatch):
    asked = "milvus://ann:…@db.example/museum"
    monkeypatch.setenv("HAM_MILVUS", "milvus://ann:sesame@db.example/museum")
    assert Milvus(asked).settings["token"] == "ann:sesame"
    monkeypatch.setenv("HAM_MILVUS", "milvus://ann:sesame@other.example/museum")
    assert Milvus(asked).settings["token"] == "ann:"


def test_what_an_address_says():
    asked = Milvus("milvus://ann:ope%40n@db.example:99/museum?index=ivf_pq&tls=yes")
    assert asked.kind == "ivf_pq"
    wanted = {"uri": "https://db.example:99", "token": "ann:ope@n", "db_name": "museum"}
    assert asked.settings == wanted
    assert Milvus("milvus://:key@[::1]").settings == {"uri": "http://[::1]:19530", "token": "key"}
    assert Milvus("milvus://db").kind == "", "the one there is"


@pytest.mark.parametrize(
    "url",
    [
        "milvus://ann:ses/ame@db:port/museum",
        "milvus://ann:sesame@db:99999999/museum",
        "milvus://ann:sesame@db/museum?no_such_setting=1",
        "milvus://db/museum?password=sesame",
        "milvus://ann:sesame@db?index",
        "milvus://ann:sesame@db?index=nearest",
        "milvus:museum",
        "milvus+lite://host/folder",
    ],
)
def test_an_address_that_cannot_be_read(url):
    with pytest.raises(SettingsError) as error:
        open_store(url, "test.unreadable", 16)
    assert "ses/ame" not in str(error.value)
    assert "sesame" not in str(error.value)


@pytest.mark.parametrize("host", ["127.0.0.1:1", "db.invalid"])
def test_a_server_that_is_not_there(host):
    start = time.monotonic()
    with pytest.raises(StoreUnavailableError, match=r"cannot be reached.*Check the address") as error:
        open_store(f"milvus://ann:sesame@{host}/museum", "test.nowhere", 16)
    assert "milvus://ann:…@" in sentence(error)
    assert time.monotonic() - start < 15


def test_a_server_that_never_answers():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        with pytest.raises(StoreUnavailableError, match="cannot be reached") as error:
            open_store(f"milvus://127.0.0.1:{silent.getsockname()[1]}", "test.silent", 16)
        assert time.monotonic() - start < 15
    sentence(error)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("write /data/x: no space left on device", "out of room"),
        ("quota exceeded[reason=disk quota exceeded, please allocate more resources]", "out of room"),
        ("permission deny to insert", "does not let its user"),
        ("<_MultiThreadedRendezvous of RPC that terminated with: DEADLINE_EXCEEDED>", "does not answer"),
    ],
)
def test_what_goes_wrong_there_is_said_in_one_sentence(lite, message, said):
    def fail(client):
        raise pymilvus.MilvusException(message=message)

    with closing(Milvus(lite)) as server:
        with pytest.raises(StoreUnavailableError, match=said) as error:
            server.run(fail)
        sentence(error)
        with pytest.raises(StoreError, match="refuses") as error:
            server.run(lambda client: client.query("no_such_collection", filter="key in [1]"))
        sentence(error)


def test_an_older_server(lite, monkeypatch):
    monkeypatch.setattr(pymilvus.MilvusClient, "get_server_version", lambda *_, **__: "v2.2.16")
    with pytest.raises(StoreUnavailableError, match=r"Milvus v2\.2\.16.*2\.3 or later") as error:
        open_store(f"{lite}/older", "test.older", 16)
    sentence(error)


@pytest.mark.parametrize("bad", ["zero:\0", "half:\ud800", "long:" + "x" * 2000])
def test_an_id_it_cannot_hold_is_refused_before_sending(lite, bad):
    with closing(open_store(lite, "test.ids", 16, create=True)) as store:
        with pytest.raises(SettingsError, match="Milvus cannot hold the id"):
            store.upsert(embeddings_of(unit_vectors(2), ["good:1", bad]))
        assert len(store) == 0
        store.delete([bad])


@pytest.mark.parametrize("dim", [0, 32_769])
def test_dimensions_it_cannot_hold_are_refused(lite, dim):
    with pytest.raises(DimensionError, match="1 to 32,768"):
        open_store(lite, "test.wide", dim, create=True)


def test_one_process_at_a_time_has_a_folder_of_lite(tmp_path):
    address = f"milvus+lite://{tmp_path}"
    ask = (
        "from ham_recommend.index import _embedded_milvus as lite; lite._WAIT = 0.1\n"
        "from ham_recommend.index.stores import open_store\n"
        f"print(len(open_store({address!r}, 'test.shared', 16)))"
    )

    def other():
        command = [sys.executable, "-c", ask]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    with closing(open_store(address, "test.shared", 16, create=True)) as store:
        store.upsert(embeddings_of(unit_vectors(30)))
        assert "Another program has the Milvus Lite in" in other().stderr.splitlines()[-1]
    assert other().stdout == "30\n"


def test_a_folder_of_lite_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailableError, match="does not start") as error:
        open_store(f"milvus+lite://{tmp_path}/file", "test.nowhere", 16)
    sentence(error)


@pytest.fixture(scope="module")
def running():
    """Run a server that asks for a password; its clock ticks fast, so that tests wait less."""
    folder = Path(tempfile.mkdtemp(prefix="ham-milvus-"))
    server = MilvusServer(folder, "authorization_enabled=true", "proxy.timeTickInterval=20")
    try:
        server.start()
        yield server
    finally:
        server.close()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server(running):
    TestServer.url = f"milvus://root:Milvus@127.0.0.1:{running.port}"
    return TestServer.url


@pytest.mark.usefixtures("server")
class TestServer(TaggedStoreContract):
    store_class = MilvusStore


def address_of(running, settings=""):
    return f"milvus://root:Milvus@127.0.0.1:{running.port}{settings}"


def test_a_wrong_password(running):
    with pytest.raises(StoreUnavailableError, match="cannot be reached") as error:
        open_store(f"milvus://root:sesame@127.0.0.1:{running.port}", "test.locked", 16)
    assert "give the password in HAM_MILVUS" in sentence(error)


def test_a_server_without_sparse_vectors_cannot_search_by_words(running):
    with pytest.raises(StoreUnavailableError, match=r"Milvus v?2\.3\.5.*sparse.*2\.4 or later") as error:
        open_text_store(address_of(running), "test", "a", 16, create=True)
    sentence(error)


@pytest.mark.parametrize("kind", ["flat", "ivf_sq8", "ivf_pq"])
def test_every_kind_of_index_finds_the_nearest(running, kind):
    vectors, queries = clustered_vectors(3000, 30)
    embeddings = embeddings_of(vectors)
    exact = ExactStore(vectors.shape[1])
    exact.upsert(embeddings)
    name = f"test.kind {kind}"
    with closing(open_store(address_of(running), name, vectors.shape[1], create=True)) as store:
        fill_store(store, embeddings)
    changed = address_of(running, f"?index={kind}")
    with closing(open_store(changed, name, vectors.shape[1], create=True)) as store:
        store.optimise()
        hits = 0
        for ours, best in zip(store.search(queries, 12), exact.search(queries, 12), strict=True):
            assert ours.scores.tolist() == sorted(ours.scores.tolist(), reverse=True)
            hits += len(set(ours.item_ids) & set(best.item_ids))
        assert hits >= 0.98 * 12 * len(queries)
    with closing(open_store(address_of(running), name, vectors.shape[1])) as store:
        assert len(store.search(queries, 12)[0]) == 12, "whoever opens it uses the index it has"


def filters_sent(monkeypatch):
    """Return the filters of the searches that are sent from now on."""
    sent, search = [], pymilvus.MilvusClient.search

    def noted(self, *given, **options):
        sent.append(options["filter"])
        return search(self, *given, **options)

    monkeypatch.setattr(pymilvus.MilvusClient, "search", noted)
    return sent


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        (
            {"classification": "tags, [1]) or (key > 0", "years": (1000, 1700)},
            ["array_contains_any", "last >= 1000", "first <= 1700"],
        ),
        (
            {"artist": ["nobody", "O'Keeffe"], "source": "other", "years": (-10, 1400)},
            ["array_contains_any", "last >= -10"],
        ),
        ({"title": "No. 7"}, ["key in"]),
    ],
)
def test_a_filter_travels_as_numbers_where_these_can_say_it(lite, monkeypatch, where, sent):
    records = made_up_records(9000)
    catalog = Catalog.from_records(records)
    embeddings = embeddings_of(unit_vectors(9000), [record.item_id for record in records])
    within = catalog.filters.within(catalog.item_ids, where)
    assert 100 < len(within) < 0.06 * 9000
    with closing(open_store(lite, "test.sent", 16, create=True)) as store:
        fill_store(store, embeddings, tags_of(catalog))
        filters = filters_sent(monkeypatch)
        store.search(unit_vectors(1, seed=2), 12, within=within)
        assert all(one.startswith("key in") for one in filters), "nobody told it what is expected"
        store.expect(tags_of(catalog))
        filters.clear()
        found = store.search(unit_vectors(1, seed=2), 12, within=within)[0]
    assert len(found) == 12
    assert set(found.item_ids) <= set(within)
    assert len(filters) == 1
    assert all(part in filters[0] for part in sent)
    assert re.fullmatch(r"[a-z_ ()\[\],<>=0-9-]+", filters[0]), "no text of the catalogue is in it"


def test_what_an_earlier_version_laid_out_has_to_be_written_again(running, monkeypatch):
    address = address_of(running)
    with monkeypatch.context() as earlier:
        earlier.setattr("ham_recommend.index._milvus._LAYOUT", 1)
        open_store(address, "test.layout", 16, create=True).close()
    with pytest.raises(ArtifactMissingError, match=r"laid out as an earlier version did.*written again"):
        open_store(address, "test.layout", 16)
    open_store(address, "test.layout", 16, create=True).close()
    with closing(Milvus(address)) as server:
        now, earlier = named("test.layout")
        there = server.run(lambda client: client.list_collections())
    assert now in there
    assert not set(earlier) & set(there)


def test_whoever_only_reads_makes_no_index(running):
    address = address_of(running)
    with closing(open_store(address, "test.no index", 16, create=True)) as store:
        store.upsert(embeddings_of(unit_vectors(20)))
    collection = named("test.no index")[0]

    def drop(client):
        client.release_collection(collection)
        client.drop_index(collection, "vector")

    with closing(Milvus(address)) as server:
        server.run(drop)
        with pytest.raises(ArtifactMissingError, match="have no index yet"):
            open_store(address, "test.no index", 16)
        assert server.run(lambda client: client.list_indexes(collection)) == []
    with closing(open_store(address, "test.no index", 16, create=True)) as store:
        assert len(store.search(unit_vectors(1), 3)[0]) == 3


def test_vectors_that_are_still_loaded_are_not_waited_for(running, monkeypatch):
    address = address_of(running)
    open_store(address, "test.loading", 16, create=True).close()
    state = {"state": pymilvus.client.types.LoadState.Loading}
    monkeypatch.setattr(pymilvus.MilvusClient, "get_load_state", lambda *_, **__: state)
    monkeypatch.setattr("ham_recommend.index._milvus._LOADING", 0.2)
    with pytest.raises(StoreUnavailableError, match="is still loading its vectors") as error:
        open_store(address, "test.loading", 16)
    sentence(error)


@pytest.mark.parametrize("k", [3, 20_000], ids=["the nearest", "more than Milvus gives back at once"])
def test_a_question_is_given_up_as_a_whole(running, monkeypatch, k):
    """However often Milvus is asked for one answer, and though each time it just answers in time."""
    with closing(open_store(address_of(running), f"test.dribbles {k}", 16, create=True)) as store:
        store.upsert(embeddings_of(unit_vectors(30)))
        assert len(store.search(unit_vectors(1), k)[0]) == min(k, 30)
        monkeypatch.setattr("ham_recommend.index.milvus_store.ANSWERING", 1.5)
        monkeypatch.setattr(running, "delay", 0.9)
        start = time.monotonic()
        with pytest.raises(StoreUnavailableError, match="does not answer in time") as error:
            store.search(unit_vectors(1), k)
        sentence(error)
        assert time.monotonic() - start < 8


def test_pages_that_each_come_in_time_are_given_up_as_a_whole(running, monkeypatch):
    with closing(open_store(address_of(running), "test.many pages", 16, create=True)) as store:
        store.upsert(embeddings_of(unit_vectors(30)))
        monkeypatch.setattr(store, "_at_once", 1)
        assert len(store.search(unit_vectors(1), 20_000)[0]) == 30
        monkeypatch.setattr("ham_recommend.index.milvus_store.ANSWERING", 2.0)
        monkeypatch.setattr(running, "delay", 0.2)
        with pytest.raises(StoreUnavailableError, match="does not answer in time") as error:
            store.search(unit_vectors(1), 20_000)
        sentence(error)


def test_tags_of_very_many_works_that_are_written_later_are_gone_by(lite, monkeypatch):
    """A process that opened between a commit and the filling of the store goes by ids no longer than that."""
    records = made_up_records(4_000)
    catalog = Catalog.from_records(records)
    embeddings = embeddings_of(unit_vectors(4_000, dim=4), [record.item_id for record in records])
    within = catalog.filters.within(catalog.item_ids, {"classification": KINDS[-1], "years": (1000, 1700)})
    assert 100 < len(within) < 0.06 * 4_000
    with (
        closing(open_store(lite, "test.late", 4, create=True)) as writing,
        closing(open_store(lite, "test.late", 4)) as reading,
    ):
        fill_store(writing, embeddings)
        reading.expect(tags_of(catalog))
        filters = filters_sent(monkeypatch)
        monkeypatch.setattr("ham_recommend.index._loose.TRUSTED", 0.0)
        monkeypatch.setattr("ham_recommend.index._loose._AT_ONCE", 1_500)
        question = unit_vectors(1, dim=4, seed=2)
        before = reading.search(question, 12, within=within)[0]
        assert all(one.startswith("key in") for one in filters)
        fill_store(writing, embeddings, tags_of(catalog))
        for _ in range(3):  # each looks at a part of them again
            filters.clear()
            after = reading.search(question, 12, within=within)[0]
            assert after.item_ids.tolist() == before.item_ids.tolist()
        assert ["array_contains_any" in one for one in filters] == [True]


def test_threads_that_begin_together_share_a_connection(lite, monkeypatch):
    opened, client = [], pymilvus.MilvusClient

    def slowly(*given, **options):
        time.sleep(0.1)
        opened.append(given)
        return client(*given, **options)

    monkeypatch.setattr(pymilvus, "MilvusClient", slowly)
    with closing(Milvus(lite)) as server, ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: id(server.run(lambda client: client)), range(4)))) == 1
    assert len(opened) == 1


def test_a_process_forked_off_asks_the_lite_of_its_parent_and_leaves_it_open(lite):
    """The page answers by processes that are forked off, while one alone may have a folder open."""
    embeddings = embeddings_of(unit_vectors(40))
    with closing(open_store(lite, "test.forked", 16, create=True)) as store:
        fill_store(store, embeddings)
        wanted = store.search(embeddings.vectors[0], 3)[0].item_ids.tolist()
        with _embedded_milvus._LOCK:  # as a thread may hold it that does not run in the child
            child = os.fork()
        if not child:
            same = False
            try:
                same = store.search(embeddings.vectors[0], 3)[0].item_ids.tolist() == wanted
                store.close()
            finally:
                os._exit(0 if same else 1)
        until = time.monotonic() + 20
        while (ended := os.waitpid(child, os.WNOHANG))[0] == 0:
            if time.monotonic() > until:
                os.kill(child, signal.SIGKILL)
            time.sleep(0.05)
        assert ended[1] == 0
        assert store.search(embeddings.vectors[0], 3)[0].item_ids.tolist() == wanted


def test_a_process_that_is_forked_asks_over_a_connection_of_its_own(running):
    embeddings = embeddings_of(unit_vectors(40))
    with closing(open_store(address_of(running), "test.forked", 16, create=True)) as store:
        fill_store(store, embeddings)

        def asked():
            return [store.search(row, 3)[0].item_ids.tolist() for row in embeddings.vectors]

        wanted = asked()
        child = os.fork()
        if not child:
            same = False
            try:
                same = asked() == wanted
                store.close()
            finally:
                os._exit(0 if same else 1)
        assert asked() == wanted
        assert os.waitpid(child, 0)[1] == 0


def test_a_server_that_is_too_slow_is_given_up(running, monkeypatch):
    with closing(open_store(address_of(running), "test.slow", 16, create=True)) as store:
        store.upsert(embeddings_of(unit_vectors(30)))
        assert len(store) == 30
        monkeypatch.setattr("ham_recommend.index.milvus_store.ANSWERING", 0.5)
        monkeypatch.setattr(running, "delay", 2.0)
        start = time.monotonic()
        with pytest.raises(StoreUnavailableError, match="does not answer in time") as error:
            store.search(unit_vectors(1), 3)
        sentence(error)
        assert time.monotonic() - start < 10
        monkeypatch.undo()
        assert len(store.search(unit_vectors(1), 3)[0]) == 3


def test_a_recommendation_over_a_slow_line(running, monkeypatch):
    embeddings = embeddings_of(unit_vectors(400))
    with closing(open_store(address_of(running), "test.far away", 16, create=True)) as store:
        fill_store(store, embeddings)
        recommender, ids = small_museum(store), embeddings.item_ids.tolist()
        recommender.recommend(ids[:5], ids[10:12])
        running.waits = 0
        for likes in (ids[20:21], ids[30:37], ids[40:80]):
            recommender.recommend(likes, ids[100:103], exclude=ids[200:300])
        assert running.waits <= 3 * (2 * MOST_ASKED + 2), "at most two waits for each time it is asked"


@pytest.mark.slow
def test_a_server_killed_while_writing_loses_nothing_it_confirmed(running):
    store = open_store(address_of(running), "test.killed", 16, create=True)

    def kill_and_start():
        running.kill()
        running.start()

    confirmed = confirmed_by(store, kill_and_start, kills=KILLS, late=0.5, patience=120, pause=0.01)
    until = time.monotonic() + 120
    held = None
    while held is None:
        try:
            held = store.item_ids().tolist()
        except StoreUnavailableError:
            assert time.monotonic() < until, "it does not come back"
            time.sleep(0.2)
    check_whole(held, confirmed)
    store.close()
