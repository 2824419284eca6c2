"""Vectors in PostgreSQL, on a server that the tests start for themselves."""

from __future__ import annotations

import pytest

from ham_recommend.index.pgvector_store import PgvectorStore
from ham_recommend.testing.url_stores import UrlStoreContract


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("postgres")
    for above in (folder, *folder.parents[:2]):
        above.chmod(0o755)
    return f"postgresql+embedded://{folder}"


@pytest.fixture(scope="module", autouse=True)
def addresses(embedded):
    TestEmbedded.url = embedded


class TestEmbedded(UrlStoreContract):
    store_class = PgvectorStore
