"""Where a PostgreSQL server is: what an address may say, and what of it is written down or shown."""

from __future__ import annotations

from contextlib import closing

import pytest
from postgres_server import sentence

import ham_recommend as ham
from ham_recommend.errors import (
    DataWarning,
    SettingsError,
    StoreUnavailableError,
)
from ham_recommend.index._postgres import Postgres
from ham_recommend.index.stores import open_store, remembered
from ham_recommend.sample_museum.source import SampleSource


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
