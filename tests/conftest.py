"""What every test shares: no network, no user folder, the data folder, a small collection, a browser."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from pathlib import Path

import pytest
from collections_and_pages import browser, hostile, museum, page, recommender, whole_sample
from postgres_server import database, embedded, new_folder, uri
from shares import Shares, slow_files_first

__all__ = [
    "browser",
    "database",
    "embedded",
    "hostile",
    "museum",
    "new_folder",
    "page",
    "recommender",
    "uri",
    "whole_sample",
]

DATA = Path(os.environ.get("HAM_DATA", Path(__file__).parents[1].parent / "shared" / "data"))
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}


def pytest_configure(config):
    from hypothesis import settings
    from pytest_socket import socket_allow_hosts

    # A first call imports heavy libraries, and several test processes share the machine. CI tries the same
    # examples each time, as luck must not decide whether a change passes; elsewhere new ones are tried.
    usual = settings.get_profile("ci" if IN_CI else "default")
    settings.register_profile("unhurried", usual, deadline=None)
    settings.load_profile("unhurried")
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


def _chromium():
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Shares(config, log)


def pytest_collection_modifyitems(items):
    """Skip what cannot run here; CI forbids that skip, so there the test fails on what it lacks."""
    slow_files_first(items)
    if IN_CI:
        return
    for item in items:
        if item.get_closest_marker("data") and not DATA.is_dir():
            item.add_marker(pytest.mark.skip(reason=f"no data folder at {DATA}; set HAM_DATA"))
        if item.get_closest_marker("browser") and not _chromium():
            item.add_marker(pytest.mark.skip(reason="no Chromium; install it or set CHROMIUM"))


def pytest_sessionfinish(session):
    """Let no test be skipped in CI, for whatever reason: what CI lacks has to be installed there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IN_CI and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """Keep every test out of the user's folders."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
    return home


@pytest.fixture(scope="session")
def data_dir():
    """Return the folder of real collections, for tests marked ``data``."""
    return DATA


@pytest.fixture(scope="session")
def chromium():
    """Return the path of Chromium, for tests marked ``browser``."""
    path = _chromium()
    assert path, "Chromium is needed: apt-get install chromium"
    return path


@pytest.fixture
def ham(monkeypatch, capsys):
    """Return what runs the command line in this process: arguments → exit code, output, errors."""
    from ham_recommend.cli import main

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["ham", *map(str, arguments)])
        monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
        with pytest.raises(SystemExit) as ended:
            main.run()
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return run
