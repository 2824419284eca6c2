"""Vectors in Milvus: in Milvus Lite, and on a server that the tests start for themselves."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from milvus_server import MilvusServer

import ham_recommend as ham
from ham_recommend.errors import (
    DataWarning,
    DimensionError,
    SettingsError,
    StoreError,
    StoreUnavailableError,
)
from ham_recommend.index._milvus import Milvus
from ham_recommend.index.milvus_store import MilvusStore
from ham_recommend.index.stores import fill_store, open_store, remembered
from ham_recommend.testing.counting import MOST_ASKED, small_museum
from ham_recommend.testing.url_stores import UrlStoreContract
from ham_recommend.testing.vectors import clustered_vectors, embeddings_of, unit_vectors


@pytest.fixture(scope="module")
def lite(tmp_path_factory):
    return f"milvus+lite://{tmp_path_factory.mktemp('lite')}"


@pytest.fixture(scope="module", autouse=True)
def lite_address(lite):
    TestLite.url = lite


class TestLite(UrlStoreContract):
    store_class = MilvusStore


@pytest.fixture(scope="module")
def running():
    """Run a server that asks for a password; its clock ticks faster than is usual, so that tests wait less."""
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
class TestServer(UrlStoreContract):
    store_class = MilvusStore
