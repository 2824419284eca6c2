"""A collection packed into one file to hand out, without what its terms forbid.

It is a ZIP file, so that anyone can look into it. The same collection gives the same bytes, and its manifest
stays as it is, so a citation of a search holds for the copy.
"""

from __future__ import annotations

import hashlib
import sqlite3
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from ham_recommend.catalog.thumbnails import Thumbnails
from ham_recommend.draft import MANIFEST
from ham_recommend.errors import ArtifactCorruptError, ArtifactError, SettingsError
from ham_recommend.files import cannot_be_written, unwritable, whole_file
from ham_recommend.index.addresses import is_url
from ham_recommend.index.text_stores import texts_in
from ham_recommend.manifest import Manifest
from ham_recommend.workspace import (
    CATALOG,
    RAW,
    SESSIONS,
    THUMBNAILS,
    Workspace,
)

ENDING = ".ham.zip"
COMMENT = b"A collection of ham_recommend. Open it with: ham unpack FILE"
CHUNK = 2**20
"""Bytes read at a time."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PACKED_ALREADY = (".jpg", ".npz", ".parquet")

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are done."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What :func:`pack` made.

    Parameters
    ----------
    path : Path
        The file.
    sha256 : str
        Its hash, to be told along with it.
    size : int
        Bytes.
    files : int
        How many files of the collection are in it.
    left_out : tuple of str
        What is not, each with the reason, in a sentence.
    notes : tuple of str
        What whoever hands it out should know.
    """

    path: Path
    sha256: str
    size: int
    files: int
    left_out: tuple[str, ...]
    notes: tuple[str, ...]


def pack(
    workspace: Workspace,
    out: Path | None = None,
    *,
    sessions: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> Packed:
    """Pack a collection into one file, which appears whole or not at all.

    Parameters
    ----------
    workspace : Workspace
        The collection.
    out : Path or None
        The file; ``None`` for the collection's name with ``.ham.zip`` in the working folder. A packed
        collection of that name is replaced, any other file is not.
    sessions : bool
        Whether to add the likes, sets and history of named sessions, which are someone's own.
    progress : callable
        Told how many bytes of how many are done.

    Raises
    ------
    ArtifactError
        A file is missing, damaged or changes meanwhile, or nothing can be written there.
    SettingsError
        The terms of a source forbid to hand the collection out now, or ``out`` is another file.
    """
    manifest = workspace.manifest
    _check_terms(manifest)
    target = out or Path(f"{workspace.name}{ENDING}")
    _check_target(target)
    pictures = _pictures(workspace)
    sizes = {name: entry.size for name, entry in manifest.files.items()}
    total = sum(sizes.values()) + sum(workspace.own(name).stat().st_size for name in pictures)
    counted = Counted(progress, total)
    try:
        with whole_file(target) as stream, zipfile.ZipFile(stream, "w", allowZip64=True) as packed:
            packed.comment = COMMENT
            _add(packed, MANIFEST, workspace.own(MANIFEST), counted)
            for name, entry in sorted(manifest.files.items()):
                digest = _add(packed, name, workspace.checked(name), counted)
                if digest != entry.sha256:
                    raise ArtifactCorruptError(
                        f"{workspace.path(name)} is damaged, or a build is at work. {workspace.mending}"
                    )
            for name in pictures:
                _add(packed, name, workspace.own(name), counted)
            if sessions:
                _add_sessions(packed, workspace)
            files = len(packed.namelist())
    except OSError as error:
        raise not_written(target, error) from error
    with target.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    left_out = tuple(_left_out(workspace, sessions=sessions))
    return Packed(target, digest, target.stat().st_size, files, left_out, tuple(_notes(workspace)))


def _check_terms(manifest: Manifest) -> None:
    stale = sorted(origin.source for origin in manifest.facts.origins if origin.stale)
    if stale:
        raise SettingsError(
            f"The records of {', '.join(stale)} are older than their museum lets them be kept, so they may "
            "not be handed out. Crawl and build them again first."
        )
    if not manifest.files:
        raise SettingsError("There is nothing to pack: the collection was removed by `ham purge`.")


def _check_target(target: Path) -> None:
    if target.is_dir() or (target.exists() and not _is_packed(target)):
        raise SettingsError(
            f"{target} is there, and is no packed collection. Choose another name with --out."
        )


def _is_packed(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as packed:
            return packed.comment == COMMENT
    except (OSError, zipfile.BadZipFile, ValueError):
        return False


def _pictures(workspace: Workspace) -> list[str]:
    """Return the thumbnails, after making sure that every one of them may be copied."""
    if THUMBNAILS not in workspace:
        return []
    thumbnails = Thumbnails.read(workspace.checked(THUMBNAILS))
    columns = pq.read_table(workspace.checked(CATALOG), columns=["item_id", "copies_allowed"]).to_pydict()
    allowed = dict(zip(columns["item_id"], columns["copies_allowed"], strict=True))
    forbidden = [row.item_id for row in thumbnails if row.thumbnail and not allowed.get(row.item_id, True)]
    if forbidden:
        raise ArtifactError(
            f"There are thumbnails of works of which no copies are allowed, such as {forbidden[0]!r}. "
            f"{workspace.mending}"
        )
    damaged = thumbnails.damaged(workspace.root)
    if damaged:
        raise ArtifactCorruptError(f"{workspace.path(damaged[0])} is missing or damaged. {workspace.mending}")
    return sorted(thumbnails.paths())


def _left_out(workspace: Workspace, *, sessions: bool) -> Iterator[str]:
    if workspace.path(RAW).is_dir():
        yield f"{RAW}/: what was crawled or drawn, which only a build reads, and terms may forbid copies."
    if workspace.path(SESSIONS).is_file() and not sessions:
        yield f"{SESSIONS}: likes, sets and history, which are someone's own; --sessions adds them."
    for made in workspace.manifest.facts.encoders.values():
        if is_url(made.store):
            yield f"the store at {made.store}: open the copy with another one, such as store='flat'."
    texts = texts_in(workspace.manifest.files)
    if texts:
        yield f"the texts at {texts}: open the copy with text_store='files', which are in it."


def _notes(workspace: Workspace) -> Iterator[str]:
    for origin in workspace.manifest.facts.origins:
        if origin.term_days and origin.fetched:
            yield (
                f"The records of {origin.source}, fetched on {origin.fetched[:10]}, may be kept for "
                f"{origin.term_days} days; the copy knows it too."
            )
    yield "The commands and picture files in it are named as on this machine, folders included."


class Counted:
    """Adds up bytes, and tells how many are done."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def add(self, count: int) -> None:
        """Add some more."""
        self._done += count
        self._progress(min(self._done, self._total), self._total)


def _add(packed: zipfile.ZipFile, name: str, path: Path, counted: Counted) -> str:
    """Add a file, and return the hash of what was added."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
    info.compress_type = zipfile.ZIP_STORED if name.endswith(_PACKED_ALREADY) else zipfile.ZIP_DEFLATED
    info.file_size = path.stat().st_size
    digest = hashlib.sha256()
    with path.open("rb") as source, packed.open(info, "w") as entry:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            entry.write(chunk)
            counted.add(len(chunk))
    return digest.hexdigest()


def _add_sessions(packed: zipfile.ZipFile, workspace: Workspace) -> None:
    """Add a copy of the sessions as they are at one moment, though others may be writing."""
    path = workspace.own(SESSIONS)
    if not path.is_file():
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / SESSIONS
        try:
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            raise ArtifactCorruptError(f"{path} cannot be read ({error}). Leave --sessions out.") from error
        _add(packed, SESSIONS, copy, Counted(lambda _done, _of: None, 0))


def not_written(path: Path, error: OSError) -> ArtifactError:
    """Return the error for a file that cannot be written or read."""
    return unwritable(path, error) if cannot_be_written(error) else ArtifactError.unreadable(path, error)
