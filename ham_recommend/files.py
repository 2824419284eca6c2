"""Files that appear whole or not at all, in folders that are no links."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ham_recommend.errors import ArtifactError

_UNWRITABLE = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    *(errno.EISDIR, errno.ENAMETOOLONG),
)

_AT_ONCE = 2**20


def own_path(root: Path, name: str) -> Path:
    """Return the path of a file or folder that really lies in a folder of ours.

    Parameters
    ----------
    root : Path
        The folder; it may itself be a link.
    name : str
        Path relative to it, with ``/``.

    Raises
    ------
    ArtifactError
        It is a link, lies in a folder that is one, or elsewhere.
    """
    path = root
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise ArtifactError(f"{name!r:.200} lies outside {root}. Nothing is read or written there.")
    for part in PurePosixPath(name).parts:
        path = path / part
        if os.path.islink(path):  # noqa: PTH114 - Path.is_symlink() raises where a folder may not be looked into
            raise ArtifactError(
                f"{path} is a link. Nothing is read or written through links inside a collection: "
                "remove it, then build the collection again."
            )
    return path


@contextmanager
def whole_file(path: Path, mode: str = "wb") -> Iterator[IO[Any]]:
    """Open a file that appears under its name only when the block ends without an error.

    Parameters
    ----------
    path : Path
        The final name; its folder is made.
    mode : {"wb", "w"}
        Text is UTF-8.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with partial.open(mode, encoding=None if "b" in mode else "utf-8") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def reserve(stream: IO[bytes], size: int) -> None:
    """Fill a new file with so many bytes that the disk surely has.

    A map of a file that only claims its size ends the process with a signal once the disk is full.

    Raises
    ------
    OSError
        There is no room.
    """
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(stream.fileno(), 0, size)
        return
    for start in range(0, size, _AT_ONCE):
        stream.write(bytes(min(_AT_ONCE, size - start)))
    stream.flush()


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut, where the system allows it."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole, so that it survives a power cut."""
    with whole_file(path, "w") as stream:
        stream.write(text)
    sync_folder(path.parent)


def cannot_be_written(error: OSError) -> bool:
    """Return whether the system refuses to write here, as on a full disk; anything else is no one's fault."""
    return error.errno in _UNWRITABLE


def unwritable(path: object, error: OSError) -> ArtifactError:
    """Return the error for a file that the system does not let us write."""
    return ArtifactError(
        f"{path} cannot be written: {error.strerror or error}. "
        "Make room or choose another folder; what was built before is unchanged."
    )
