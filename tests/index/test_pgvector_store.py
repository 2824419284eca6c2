"""Vectors in PostgreSQL, on a server that the tests start for themselves: what is kept and found."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress

import psycopg
import pytest

from ham_recommend.catalog.catalog import Catalog
from ham_recommend.errors import (
    ArtifactMissingError,
    DimensionError,
    SettingsError,
)
from ham_recommend.index.pgvector_store import PgvectorStore
from ham_recommend.index.stores import Filled, fill_store, open_store, tags_of
from ham_recommend.testing.counting import MOST_ASKED, small_museum
from ham_recommend.testing.tagged_stores import KINDS, TaggedStoreContract, made_up_records
from ham_recommend.testing.vectors import embeddings_of, unit_vectors


@pytest.fixture(scope="module", autouse=True)
def addresses(embedded):
    TestEmbedded.url = embedded


class TestEmbedded(TaggedStoreContract):
    store_class = PgvectorStore


def test_the_same_vectors_by_the_address_of_the_server(embedded, uri):
    embeddings = embeddings_of(unit_vectors(40))
    with closing(open_store(embedded, "test.both ways", 16, create=True)) as store:
        fill_store(store, embeddings)
    for address in (uri, uri.replace("postgresql:", "postgres:")):
        with closing(open_store(address, "test.both ways", 16)) as other:
            assert sorted(other.item_ids()) == sorted(embeddings.item_ids)


@pytest.mark.parametrize("bad", ["zero:\0", "half:\ud800", "long:" + "x" * 2000])
def test_an_id_it_cannot_hold_is_refused_before_sending(embedded, bad):
    with closing(open_store(embedded, "test.ids", 16, create=True)) as store:
        with pytest.raises(SettingsError, match="cannot hold the id"):
            store.upsert(embeddings_of(unit_vectors(2), ["good:1", bad]))
        assert len(store) == 0
        store.delete([bad])


def test_numbers_that_half_precision_cannot_hold_are_refused(embedded):
    with closing(open_store(embedded, "test.large", 16, create=True)) as store:
        with pytest.raises(SettingsError, match="large:1"):
            store.upsert(embeddings_of(unit_vectors(2) * [[1.0], [1e6]], ["large:0", "large:1"]))
        assert len(store) == 0


@pytest.mark.parametrize("dim", [0, 16_001])
def test_dimensions_it_cannot_hold_are_refused(embedded, dim):
    with pytest.raises(DimensionError, match="1 to 16,000"):
        open_store(embedded, "test.wide", dim, create=True)


def test_very_many_dimensions(embedded):
    embeddings = embeddings_of(unit_vectors(30, 9000))
    with closing(open_store(embedded, "test.very wide", 9000, create=True)) as store:
        fill_store(store, embeddings)
        for query, item_id in zip(embeddings.vectors[:3], embeddings.item_ids[:3], strict=True):
            assert store.search(query, 1)[0].item_ids.tolist() == [item_id]


def test_vectors_of_another_layout_are_made_anew_when_filled(embedded, uri):
    with closing(open_store(embedded, "test.layout", 16, create=True)) as store:
        store.upsert(embeddings_of(unit_vectors(3)))
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("UPDATE ham_vectors SET layout = 99 WHERE name = 'test.layout'")
    with pytest.raises(ArtifactMissingError, match=r"test\.layout"):
        open_store(embedded, "test.layout", 16)
    with closing(open_store(embedded, "test.layout", 16, create=True)) as store:
        assert len(store) == 0


def test_several_may_make_the_same_room_at_once(uri):
    names = [f"test.room {number % 3}" for number in range(24)]
    errors = []

    def make(name):
        try:
            open_store(uri, name, 16, create=True).close()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=make, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def asked_for(monkeypatch):
    """Return what searches compare with, by name, from now on."""
    sent, execute = [], psycopg.Connection.execute

    def noted(self, query, params=None, **options):
        if isinstance(params, dict) and "most" in params:
            names = re.findall(r"%\((\w+)\)s", query)
            sent.append({name: params[name] for name in names if name not in {"query", "most"}})
        return execute(self, query, params, **options)

    monkeypatch.setattr(psycopg.Connection, "execute", noted)
    return sent


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        ({"classification": KINDS[3], "years": (1000, 1700)}, {"tags0", "begin", "end"}),
        ({"artist": ["nobody", "O'Keeffe"], "culture": "dutch"}, {"tags0", "tags1"}),
        ({"years": (None, 1000)}, {"begin", "end"}),
        ({"title": "No. 7"}, {"within"}),
    ],
)
def test_a_filter_travels_as_numbers_where_these_can_say_it(embedded, monkeypatch, where, sent):
    records = made_up_records(4000)
    catalog = Catalog.from_records(records)
    embeddings = embeddings_of(unit_vectors(4000), [record.item_id for record in records])
    within = catalog.filters.within(catalog.item_ids, where)
    assert len(within) > 50
    with closing(open_store(embedded, "test.sent", 16, create=True)) as store:
        fill_store(store, embeddings, tags_of(catalog))
        asked = asked_for(monkeypatch)
        store.search(unit_vectors(1, seed=2), 12, within=within)
        assert [one.keys() for one in asked] == [{"within"}], "nobody told it what is expected"
        store.expect(tags_of(catalog))
        asked.clear()
        found = store.search(unit_vectors(1, seed=2), 12, within=within)[0]
    assert len(found) == 12
    assert set(found.item_ids) <= set(within)
    assert [one.keys() for one in asked] == [sent]
    if sent != {"within"}:
        flat = [value if isinstance(value, list) else [value] for value in asked[0].values()]
        assert all(isinstance(number, int | None) for numbers in flat for number in numbers)


def test_a_table_without_tags_is_read_by_ids_and_gets_them_when_it_is_filled(embedded, uri, monkeypatch):
    records = made_up_records(2500)
    catalog = Catalog.from_records(records)
    embeddings = embeddings_of(unit_vectors(2500), [record.item_id for record in records])
    within = catalog.filters.within(catalog.item_ids, {"culture": "dutch"})
    question = unit_vectors(1, seed=2)
    with closing(open_store(embedded, "test.untagged", 16, create=True)) as store:
        fill_store(store, embeddings)
        table = store._table
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE {table} DROP years, DROP tags, DROP mark")
        connection.execute("UPDATE ham_vectors SET layout = 1 WHERE name = 'test.untagged'")
    asked = asked_for(monkeypatch)
    with closing(open_store(embedded, "test.untagged", 16)) as reading:
        reading.expect(tags_of(catalog))
        before = reading.search(question, 12, within=within)[0]
        with closing(open_store(embedded, "test.untagged", 16, create=True)) as writing:
            assert len(writing) == 2500, "what was there still is"
            assert fill_store(writing, embeddings, tags_of(catalog)) == Filled(2500, 0)
            assert writing.marks() == tags_of(catalog).marks
        assert reading.search(question, 12, within=within)[0].item_ids.tolist() == before.item_ids.tolist()
    assert all(one.keys() == {"within"} for one in asked)
    asked.clear()
    with closing(open_store(embedded, "test.untagged", 16)) as reading:
        reading.expect(tags_of(catalog))
        assert reading.search(question, 12, within=within)[0].item_ids.tolist() == before.item_ids.tolist()
    assert [one.keys() for one in asked] == [{"tags0"}]


def test_tags_that_are_written_later_are_gone_by(embedded, monkeypatch):
    records = made_up_records(2500)
    catalog = Catalog.from_records(records)
    embeddings = embeddings_of(unit_vectors(2500), [record.item_id for record in records])
    within = catalog.filters.within(catalog.item_ids, {"culture": "dutch"})
    with (
        closing(open_store(embedded, "test.late", 16, create=True)) as writing,
        closing(open_store(embedded, "test.late", 16)) as reading,
    ):
        fill_store(writing, embeddings)
        reading.expect(tags_of(catalog))
        fill_store(writing, embeddings, tags_of(catalog))
        asked = asked_for(monkeypatch)
        monkeypatch.setattr("ham_recommend.index._loose.TRUSTED", 0.0)
        monkeypatch.setattr("ham_recommend.index._loose._AT_ONCE", 1_200)
        found = [reading.search(unit_vectors(1), 12, within=within)[0].item_ids.tolist() for _ in range(3)]
    assert found[0] == found[1] == found[2]
    assert [set(one) - {"loose", "named"} for one in asked] == [{"within"}, {"tags0"}, {"tags0"}]


class Line:
    """A line to a server that takes its time, and counts how often one waits for it."""

    def __init__(self, socket_path, seconds):
        self.seconds, self.waits, self._answered = seconds, 0, True
        self._path = socket_path
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._path)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for pair, counted in (((client, server), True), ((server, client), False)):
                    threading.Thread(target=self._carry, args=[*pair, counted], daemon=True).start()

    def _carry(self, here, there, counted):
        with suppress(OSError), here, there:
            while content := here.recv(2**20):
                if counted and self._answered:
                    self.waits += 1
                    time.sleep(self.seconds)
                self._answered = not counted
                there.sendall(content)

    def close(self):
        self._listening.close()


ANOTHER = """
import sys
import numpy as np
from ham_recommend.index.stores import open_store
store = open_store(sys.argv[1], "test.watched", 4)
for line in sys.stdin:
    print(*sorted(store.search(np.ones(4, np.float32), 9)[0].item_ids), flush=True)
"""


def test_another_process_sees_at_once_what_one_writes(uri):
    with closing(open_store(uri, "test.watched", 4, create=True)) as store:
        watching = subprocess.Popen(
            [sys.executable, "-c", ANOTHER, uri], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        with watching:

            def seen():
                watching.stdin.write("\n")
                watching.stdin.flush()
                return watching.stdout.readline().split()

            assert seen() == []
            store.upsert(embeddings_of(unit_vectors(2, 4), ["a:1", "a:2"]))
            assert seen() == ["a:1", "a:2"]
            store.delete(["a:1"])
            assert seen() == ["a:2"]
            watching.stdin.close()


def test_a_process_that_is_forked_asks_over_connections_of_its_own(embedded):
    embeddings = embeddings_of(unit_vectors(40))
    with closing(open_store(embedded, "test.forked", 16, create=True)) as store:
        fill_store(store, embeddings)
        wanted = [store.search(row, 3)[0].item_ids.tolist() for row in embeddings.vectors]
        children = []
        for _ in range(4):
            child = os.fork()
            if not child:
                same = False
                try:
                    for _ in range(5):
                        found = [store.search(row, 3)[0].item_ids.tolist() for row in embeddings.vectors]
                        same = found == wanted
                        assert same
                    store.close()
                finally:
                    os._exit(0 if same else 1)
            children.append(child)
        for _ in range(5):
            assert [store.search(row, 3)[0].item_ids.tolist() for row in embeddings.vectors] == wanted
        assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4


def test_a_recommendation_over_a_slow_line(embedded, uri):
    embeddings = embeddings_of(unit_vectors(400))
    with closing(open_store(embedded, "test.far away", 16, create=True)) as store:
        fill_store(store, embeddings)
    line = Line(f"{embedded.removeprefix('postgresql+embedded://')}/.s.PGSQL.5432", 0.005)
    with (
        closing(line),
        closing(
            open_store(f"postgresql://postgres@127.0.0.1:{line.port}/postgres", "test.far away", 16)
        ) as far,
    ):
        recommender, ids = small_museum(far), embeddings.item_ids.tolist()
        recommender.recommend(ids[:5], ids[10:12])
        line.waits = 0
        for likes in (ids[20:21], ids[30:37], ids[40:80]):
            recommender.recommend(likes, ids[100:103], exclude=ids[200:300])
        assert line.waits <= 3 * (MOST_ASKED + 2), "hardly more than one wait for each time it is asked"
