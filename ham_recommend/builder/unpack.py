"""A packed collection opened into a new folder, whole or not at all.

A packed file may be a stranger's: no name, size or content is taken on trust.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from ham_recommend.builder.pack import CHUNK, Counted, Progress, not_written
from ham_recommend.catalog.thumbnails import ThumbnailFolder, Thumbnails
from ham_recommend.draft import MANIFEST
from ham_recommend.errors import ArtifactCorruptError, ArtifactError, SettingsError
from ham_recommend.files import sync_folder
from ham_recommend.manifest import FileEntry, Manifest
from ham_recommend.workspace import PICTURES, RAW, SESSIONS, STEPS, THUMBNAILS, Workspace, is_workspace

LARGEST_MANIFEST = 2**26
LARGEST_PICTURE = 2_000_000
LARGEST_SESSIONS = 2**30
"""Bytes."""
MOST_INFLATED = 100
"""How many times larger than the file its content may be: vectors and texts shrink to a tenth at best."""
_ALWAYS = 2**26
"""Bytes that any file may inflate to."""


def unpack(file: Path, out: Path, *, progress: Progress = lambda _done, _of: None) -> Workspace:
    """Unpack a collection into a new folder, which appears whole or not at all.

    What was left half-done by an unpacking that was stopped is removed first.

    Parameters
    ----------
    file : Path
        What :func:`pack` made, here or elsewhere.
    out : Path
        The folder; must not be there, or be empty.
    progress : callable
        Told how many bytes of how many are done.

    Raises
    ------
    ArtifactCorruptError
        It is no packed collection, is cut short, or holds anything that a collection does not.
    ArtifactError
        There is no room, nothing can be written there, or another process is unpacking to it.
    SettingsError
        There is no such file, or the folder holds something.
    """
    if not file.is_file():
        raise SettingsError(f"There is no file {file}. Give the one that ham pack made.")
    _check_folder(out)
    try:
        with _staged(out) as staging:
            _fill(file, staging, progress)
    except Timeout as error:
        raise ArtifactError(f"Another process is unpacking to {out}. Wait for it.") from error
    except OSError as error:
        raise not_written(out, error) from error
    return Workspace(out)


def _check_folder(out: Path) -> None:
    if out.is_symlink() or (out.exists() and (not out.is_dir() or is_workspace(out) or any(out.iterdir()))):
        raise SettingsError(f"{out} is there already. Choose another folder with --out.")


@contextmanager
def _staged(out: Path) -> Iterator[Path]:
    """Make a folder beside another; it takes the other's name when the block ends without an error."""
    out.parent.mkdir(parents=True, exist_ok=True)
    lock, staging = (out.with_name(f".{out.name}.unpacking{end}") for end in (".lock", ""))
    with FileLock(lock, timeout=0):
        if staging.is_symlink():
            raise ArtifactError(f"{staging} is a link. Remove it, then try again.")
        if staging.exists():
            shutil.rmtree(staging)
        staging.mkdir()
        try:
            yield staging
            if out.exists():
                out.rmdir()
            staging.rename(out)
            sync_folder(out.parent)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
            lock.unlink(missing_ok=True)


def _fill(file: Path, staging: Path, progress: Progress) -> None:
    try:
        with zipfile.ZipFile(file) as packed:
            _take(packed, file.stat().st_size, staging, progress)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError) as error:
        raise _refused(f"it is damaged or cut short ({error!s:.100})") from error
    except ValueError as error:
        if isinstance(error, SettingsError):
            raise
        raise _refused(f"{error!s:.200}") from error


def _take(packed: zipfile.ZipFile, size: int, staging: Path, progress: Progress) -> None:
    infos = _checked_infos(packed.infolist(), size)
    _copy(packed, infos.pop(MANIFEST), staging, Counted(lambda _done, _of: None, 0), LARGEST_MANIFEST)
    manifest = Manifest.read(staging / MANIFEST)
    _check_against(manifest, infos)
    total = sum(info.file_size for info in infos.values())
    room = shutil.disk_usage(staging).free
    if total > room:
        raise ArtifactError(
            f"There is no room: {total / 1e6:,.1f} MB are needed, {room / 1e6:,.1f} MB are free."
        )
    counted = Counted(progress, total)
    for name, info in infos.items():
        entry = manifest.files.get(name)
        digest = _copy(packed, info, staging, counted, info.file_size)
        if entry is not None:
            if digest != entry.sha256:
                raise _refused(f"{name} is not what its manifest says")
            _set_time(staging / name, entry)
    if THUMBNAILS in manifest.files:
        damaged = Thumbnails.read(staging / THUMBNAILS).damaged(staging)
        if damaged:
            raise _refused(f"{damaged[0]} is missing or damaged")


def _checked_infos(infos: Iterable[zipfile.ZipInfo], size: int) -> dict[str, zipfile.ZipInfo]:
    """Return the entries by name, if each is a plain file of its own that does not inflate beyond reason."""
    known: dict[str, zipfile.ZipInfo] = {}
    folded: set[str] = set()
    for info in infos:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir() or kind not in (0, stat.S_IFREG) or info.flag_bits & 0x1:
            raise _refused(f"{info.filename!r:.100} is a folder, a link or encrypted")
        if info.orig_filename != info.filename or info.filename.casefold() in folded:
            raise _refused(f"{info.filename!r:.100} comes twice, or has a name that hides something")
        folded.add(info.filename.casefold())
        known[info.filename] = info
    if MANIFEST not in known:
        raise _refused("it has no manifest")
    if sum(info.file_size for info in known.values()) > MOST_INFLATED * size + _ALWAYS:
        raise _refused("it would inflate beyond all measure")
    return known


def _check_against(manifest: Manifest, infos: Mapping[str, zipfile.ZipInfo]) -> None:
    """Refuse files that the manifest does not know, or of another size, and a manifest that lacks files."""
    for name, info in infos.items():
        entry = manifest.files.get(name)
        if entry is not None:
            if name.partition("/")[0] not in STEPS - {RAW} or "\\" in name or not name.isprintable():
                raise _refused(f"{name!r:.100} is no file of a collection")
            if info.file_size != entry.size:
                raise _refused(f"{name} has another size than its manifest says")
        elif name == SESSIONS:
            _check_size(info, LARGEST_SESSIONS)
        elif _is_picture(name):
            _check_size(info, LARGEST_PICTURE)
        else:
            raise _refused(f"{name!r:.100} is no file of a collection")
    missing = sorted(manifest.files.keys() - infos.keys())
    if missing:
        raise _refused(f"{missing[0]!r:.100} is missing")


def _is_picture(name: str) -> bool:
    content = name.rpartition("/")[2].removesuffix(".jpg")
    plain = len(content) == 32 and not set(content) - set("0123456789abcdef")
    return plain and name.startswith(PICTURES) and name == ThumbnailFolder.name(content)


def _check_size(info: zipfile.ZipInfo, most: int) -> None:
    if info.file_size > most:
        raise _refused(f"{info.filename!r:.100} is too large")


def _copy(packed: zipfile.ZipFile, info: zipfile.ZipInfo, staging: Path, counted: Counted, most: int) -> str:
    """Write one entry into the folder, and return its hash."""
    _check_size(info, most)
    target = staging / info.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with packed.open(info) as source, target.open("xb") as stream:
        for chunk in _chunks(source, info, most):
            digest.update(chunk)
            stream.write(chunk)
            counted.add(len(chunk))
        if not _is_picture(info.filename):  # a hundred thousand of them would wait for the disk for hours
            stream.flush()
            os.fsync(stream.fileno())
    return digest.hexdigest()


def _chunks(source: IO[bytes], info: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    read = 0
    while chunk := source.read(CHUNK):
        read += len(chunk)
        if read > most:
            raise _refused(f"{info.filename!r:.100} is larger than it says")
        yield chunk
    if read != info.file_size:
        raise _refused(f"{info.filename!r:.100} is cut short")


def _set_time(path: Path, entry: FileEntry) -> None:
    """Give a file the time that the manifest knows, so that opening the copy need not hash it again."""
    if 0 <= entry.mtime_ns < 2**62:
        os.utime(path, ns=(entry.mtime_ns, entry.mtime_ns))


def _refused(reason: str) -> ArtifactCorruptError:
    return ArtifactCorruptError(f"This is no packed collection: {reason}. Nothing was unpacked.")
