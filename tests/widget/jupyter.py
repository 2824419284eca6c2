"""A Jupyter server of its own, away from the user's settings: Lab, Notebook and Voilà at one address."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import Page, TimeoutError

STARTED = re.compile(r"\[(\*|\d+)\]")


@contextmanager
def jupyter_server(home: Path, root: Path, defaults: Path | None = None) -> Iterator[str]:
    """Serve the notebooks in ``root``, keeping settings in ``home``; yield the address.

    With ``defaults`` nothing is set for the user: what holds is what a folder's ``overrides.json`` says.
    """
    if defaults is None:
        set_in_lab(home, "notification", checkForUpdates=False, fetchNews="false", doNotDisturbMode=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
            *(f"--ServerApp.root_dir={root}", "--LabApp.extension_manager=readonly"),
            *([f"--LabApp.app_settings_dir={defaults}"] if defaults else []),
        ],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")},
            "HOME": str(home),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "lab"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        until(lambda: answers(f"{address}/api/status"))
        yield address
    finally:
        process.terminate()
        process.wait(20)


def set_theme(home: Path, theme: str) -> None:
    """Choose the theme that JupyterLab opens with."""
    set_in_lab(home, "themes", theme=theme)


def set_in_lab(home: Path, name: str, **settings: object) -> None:
    folder = home / "lab" / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.jupyterlab-settings").write_text(json.dumps(settings))


def answers(address: str) -> bool:
    """Return whether an address answers."""
    try:
        urllib.request.urlopen(address, timeout=2).close()
    except OSError:
        return False
    return True


def until(true, seconds: float = 30) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def write_notebook(path: Path, *sources: str) -> None:
    """Write a notebook with these code cells."""
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in sources])
    content.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(content, path)


def run_all(page: Page) -> None:
    """Run all cells, as a visitor would; one who clicks before the kernel is there clicks again."""
    page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for(timeout=40_000)
    for _ in range(6):
        try:
            page.get_by_role("menuitem", name="Run", exact=True).click(timeout=5_000)
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click(timeout=5_000)
            page.locator(".jp-InputPrompt").filter(has_text=STARTED).first.wait_for(timeout=5_000)
        except TimeoutError:
            page.keyboard.press("Escape")
        else:
            return
    raise AssertionError("the notebook does not run")
