"""Stores by name and by address: what a stranger's must do, and how it is found, filled and checked."""

from __future__ import annotations

import numpy as np
import pytest
from memory_store import SHELVES, MemoryStore

from ham_recommend import registry
from ham_recommend.errors import ArtifactMissingError, SettingsError, StoreUnavailableError
from ham_recommend.index.addresses import is_url, without_password
from ham_recommend.index.base import FileStore, UrlStore
from ham_recommend.index.stores import file_store, open_store, vectors_name
from ham_recommend.testing.stores import VectorStoreContract
from ham_recommend.testing.url_stores import UrlStoreContract
from ham_recommend.testing.vectors import embeddings_of, unit_vectors


class TestMemoryStore(UrlStoreContract):
    store_class = MemoryStore
    url = "memory://here"


class Plugin:
    dist, value = None, "tests"
    name = "memory"

    def load(self):
        return MemoryStore


@pytest.fixture
def plugged_in(monkeypatch):
    SHELVES.clear()
    monkeypatch.setattr(registry, "entry_points", lambda group: [Plugin()] if "stores" in group else [])


def test_a_suite_cannot_be_switched_off():
    for name in ("test_finds_the_nearest", "agree", "recall"):
        with pytest.raises(TypeError, match=name):
            type("TestLax", (VectorStoreContract,), {"store_class": MemoryStore, name: None})


@pytest.mark.parametrize("kind", ["exact", "flat", "fp16", "hnsw", "ivf", "ivfpq"])
def test_a_kind_is_a_class(kind):
    store = file_store(kind)(8)
    assert isinstance(store, FileStore)
    assert store.kind == kind


def test_a_name_that_is_no_kind_lists_the_kinds(plugged_in):
    for name in ("cosine", "memory"):
        with pytest.raises(SettingsError, match=f"'{name}'. Known: exact, flat, fp16, hnsw, ivf, ivfpq"):
            file_store(name)


def test_an_address_leads_to_the_store_of_its_scheme(plugged_in):
    with pytest.raises(ArtifactMissingError, match=r"sample\.style"):
        open_store("memory://here", "sample.style", 8)
    made = open_store("memory://here", "sample.style", 8, create=True)
    made.upsert(embeddings_of(unit_vectors(3, 8)))
    assert len(open_store("memory://here", "sample.style", 8)) == 3
    with pytest.raises(StoreUnavailableError, match="memory://here"):
        open_store("memory://nowhere", "sample.style", 8)


@pytest.mark.parametrize("url", ["cassette://tape", "flat://here", "://"])
def test_an_unknown_scheme_lists_the_known_ones(plugged_in, url):
    with pytest.raises(SettingsError, match=r"Known: .*memory://"):
        open_store(url, "sample.style", 8)


def test_addresses_and_kinds_are_told_apart():
    assert is_url("memory://here")
    assert is_url("postgresql+embedded:")
    assert not is_url("flat")
    assert issubclass(MemoryStore, UrlStore)


def test_one_model_more_is_the_same_encoder():
    assert vectors_name("sample", "clip:some/model") == "sample.clip"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ann:se:cr@t@db/museum", "postgresql://ann:…@db/museum"),
        ("postgresql://ann:se/cr?e#t@db/museum", "postgresql://ann:…@db/museum"),
        ("postgresql://:secret@db/museum", "postgresql://:…@db/museum"),
        (
            "postgresql:///museum?user=ann&password=secret&host=db",
            "postgresql:///museum?user=ann&password=…&host=db",
        ),
        ("postgresql://db/museum?sslpassword=secret", "postgresql://db/museum?sslpassword=…"),
        ("postgresql+embedded:", "postgresql+embedded:"),
        ("postgresql://ann@db/museum", "postgresql://ann@db/museum"),
        ("memory://here", "memory://here"),
    ],
)
def test_a_password_is_not_shown(url, shown):
    assert without_password(url) == shown


def test_products_of_a_store_that_only_gets():
    store = MemoryStore(2, {"a:1": np.array([1, 0], np.float32), "a:2": np.array([0, 2], np.float32)})
    products = store.products(np.array([[3, 4]], np.float32), ["a:2", "a:9", "a:1", "a:2"])
    np.testing.assert_array_equal(products, [[8, np.nan, 3, 8]])
