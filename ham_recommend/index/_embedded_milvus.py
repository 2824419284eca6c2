"""A Milvus of one's own: Milvus Lite, which keeps its files in a folder and runs inside this process.

It is for trying ``--store milvus+lite:`` out, and for tests. One process at a time may have a folder open;
those that are forked off it ask it too.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

from filelock import FileLock, Timeout

from ham_recommend.errors import MissingExtraError, SettingsError, StoreUnavailableError

_LOCK = Lock()
_WAIT = 5.0
"""Seconds to wait for another process that is about to end."""


@dataclass(slots=True)
class _Opened:
    """A folder that is open here."""

    address: str
    lock: FileLock
    users: int = 0


_OPENED: dict[Path, _Opened] = {}


def started(url: str) -> str:
    """Return the address of the Milvus of a folder, which runs in this process until :func:`left`.

    Parameters
    ----------
    url : str
        ``"milvus+lite:"``, or with the folder it keeps its files in: ``"milvus+lite:///srv/vectors"``.

    Raises
    ------
    MissingExtraError
        Milvus Lite is not installed.
    SettingsError
        The folder cannot be one.
    StoreUnavailableError
        It does not start, or another process has the folder open.
    """
    folder = _folder(url)
    manager = _manager()
    with _LOCK:
        if folder not in _OPENED:
            _OPENED[folder] = _open(folder, manager)
        _OPENED[folder].users += 1
        return _OPENED[folder].address


def left(url: str) -> None:
    """Say that one user of a folder has left it; with the last, it is closed."""
    folder = _folder(url)
    with _LOCK:
        opened = _OPENED[folder]
        opened.users -= 1
        if not opened.users:
            del _OPENED[folder]
            _manager().release_server(str(_file(folder)))
            opened.lock.release()


def _leave_to_parent() -> None:
    """Ask what a parent has open, whose threads go on there, and never close it."""
    global _LOCK  # noqa: PLW0603 - a lock cannot be freed by a thread that is gone
    _LOCK = Lock()
    for opened in _OPENED.values():
        opened.users += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


def _open(folder: Path, manager: Any) -> _Opened:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "open.lock", thread_local=False)
        lock.acquire(timeout=_WAIT)
    except Timeout as error:
        raise StoreUnavailableError(
            f"Another program has the Milvus Lite in {folder} open, which serves one at a time. Close "
            "that, or use a Milvus server."
        ) from error
    except OSError as error:
        raise StoreUnavailableError(
            f"Milvus Lite does not start in {folder}: {error.strerror or error}. Mend that, or name another "
            "folder: milvus+lite:///path/to/folder."
        ) from error
    address = manager.start_and_get_uri(str(_file(folder)))
    if address is None:
        lock.release()
        raise StoreUnavailableError(
            f"Milvus Lite does not start in {folder}: its files cannot be read. Delete the folder and fill "
            "it anew, or name another: milvus+lite:///path/to/folder."
        )
    return _Opened(address, lock)


def _file(folder: Path) -> Path:
    return folder / "vectors.db"


def _folder(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            f"{url} names more than a folder, which is all that Milvus Lite has: milvus+lite:///path/to/folder."
        )
    if parts.path:
        return Path(unquote(parts.path)).resolve()
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data).resolve() / "ham_recommend" / "milvus"


def _manager() -> Any:
    try:
        from milvus_lite.server_manager import server_manager_instance
    except ImportError as error:
        raise MissingExtraError.needing("A Milvus of one's own", "milvus") from error
    return server_manager_instance
