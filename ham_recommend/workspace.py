"""A collection's folder on disk: its paths, its manifest, and writes that happen whole or not at all.

::

    artifacts/<collection>/
      manifest.json          what every file is, what it was made from
      1-raw/                 crawled records, dated
      2-catalog/             catalog.parquet, pictures/
      3-embeddings/          <encoder>.vectors.npy, <encoder>.ids.npy, <encoder>.contents.npy
      4-index/               <encoder>.<kind>.faiss, text.*
      5-analysis/
      sessions.sqlite        likes, dislikes, history

A build writes into ``.draft/`` and records each finished file in the draft's own manifest, so a killed build
goes on where it was. Committing renames the draft's manifest to ``commit.json``: from that instant the new
state is decided, and whoever opens the folder next finishes the renames. Before that the old files stand.
"""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from ham_recommend.errors import ArtifactCorruptError, ArtifactError, ArtifactMissingError, SettingsError
from ham_recommend.manifest import FileEntry, Manifest, sha256

RAW = "1-raw"
CATALOG = "2-catalog/catalog.parquet"
PICTURES = "2-catalog/pictures"
EMBEDDINGS = "3-embeddings"
INDEX = "4-index"
ANALYSIS = "5-analysis"
STEPS = frozenset({RAW, "2-catalog", EMBEDDINGS, INDEX, ANALYSIS})
"""The folders a workspace consists of."""

SESSIONS = "sessions.sqlite"
DRAFT = ".draft"

_MANIFEST = "manifest.json"
_COMMIT = "commit.json"
_LOCK = ".lock"
_UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Workspace:
    """The folder of one collection.

    Parameters
    ----------
    root : path-like
        The folder; need not exist yet.

    Raises
    ------
    SettingsError
        The path is empty.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        if not os.fspath(root):
            raise SettingsError("The collection's folder has no name. Give it one, such as artifacts/mine.")
        self.root = Path(root)

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r})"

    @property
    def name(self) -> str:
        """The folder's name, which is the collection's name."""
        return self.root.resolve().name

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest, after finishing a commit that was cut short.

        Raises
        ------
        ArtifactMissingError
            Nothing has been built here.
        ArtifactError
            The manifest is unreadable.
        """
        self._finish_commit()
        path = self.root / _MANIFEST
        if not path.is_file():
            raise ArtifactMissingError(
                f"There is no collection in {self.root}. Make one with: ham build sample --out {self.root}"
            )
        return Manifest.read(path)

    @property
    def exists(self) -> bool:
        """Whether a collection has been built here."""
        self._finish_commit()
        return (self.root / _MANIFEST).is_file()

    def path(self, name: str) -> Path:
        """Return the path of a file without checking it."""
        return self.root / name

    def __contains__(self, name: str) -> bool:
        return name in self.manifest.files

    def checked(self, name: str) -> Path:
        """Return the path of a file that is what the manifest says it is.

        Size and modification time are compared first; the content is hashed only where the time differs,
        as it does after copying a workspace.

        Raises
        ------
        ArtifactMissingError
            The manifest does not name it, or it is gone.
        ArtifactCorruptError
            Its content is not what was written.
        ArtifactError
            The system does not let us read it.
        """
        entry = self.manifest.files.get(name)
        path = self.root / name
        try:
            if entry is None or not path.is_file():
                raise ArtifactMissingError(f"{path} is missing. {self._mend()}")
            if not entry.describes(path):
                raise ArtifactCorruptError(f"{path} is not the file that was built. {self._mend()}")
        except OSError as error:
            raise ArtifactError.unreadable(path, error) from error
        return path

    @property
    def command(self) -> str | None:
        """The command that builds this collection again, where it lies now; ``None`` when it is not known."""
        command = self.manifest.facts.get("command")
        # the folder as it is now: a copy must not send anyone to build over the collection it was copied from
        return f"{command} --out {shlex.quote(str(self.root))}" if command else None

    def _mend(self) -> str:
        return (
            f"Mend the collection with: {self.command or f'ham build … --out {shlex.quote(str(self.root))}'}"
        )

    @property
    def drafted(self) -> Manifest:
        """What a build has finished that was cut short; empty when there is none."""
        return _readable_or_empty(self.root / DRAFT / _MANIFEST)

    @contextmanager
    def draft(self, wait: float = 0.0) -> Iterator[Draft]:
        """Open the draft of the next state; only one process may hold it.

        Parameters
        ----------
        wait : float
            Seconds to wait for another build of the same collection.

        Raises
        ------
        ArtifactError
            Another process is building here, or the folder cannot be written, such as on a full disk.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with self._lock(wait):
                self._finish_commit_locked()
                yield Draft(self)
        except Timeout as error:
            raise ArtifactError(
                f"Another build is at work in {self.root}. Wait for it, then try again."
            ) from error
        except (FileExistsError, NotADirectoryError) as error:
            raise ArtifactError(f"{self.root} is not a folder. Give --out a folder.") from error
        except OSError as error:
            if error.errno not in _UNWRITABLE:
                raise
            raise _unwritable(error.filename or self.root, error) from error

    def _lock(self, wait: float) -> FileLock:
        return FileLock(self.root / _LOCK, timeout=wait)

    def _finish_commit(self) -> None:
        decided = self.root / DRAFT / _COMMIT
        try:
            pending = decided.is_file()
        except OSError as error:
            raise ArtifactError.unreadable(decided, error) from error
        if not pending:
            return
        try:
            with self._lock(60.0):
                self._finish_commit_locked()
        except Timeout as error:
            raise ArtifactError(
                f"A build is putting its files in place in {self.root}. Wait for it, then try again."
            ) from error
        except OSError as error:
            raise ArtifactError(
                f"The last build of {self.root} has yet to be put in place, but "
                f"{error.filename or self.root} cannot be written: {error.strerror or error}. "
                "Open the collection once where you may write."
            ) from error

    def _finish_commit_locked(self) -> None:
        decided = self.root / DRAFT / _COMMIT
        if not decided.is_file():
            return
        manifest = Manifest.read(decided)
        for name in manifest.files:
            drafted = self.root / DRAFT / name
            if drafted.is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                drafted.replace(self.root / name)
        previous = self.root / _MANIFEST
        for name in set(_readable_or_empty(previous).files) - set(manifest.files):
            (self.root / name).unlink(missing_ok=True)
        sync_folder(self.root)
        decided.replace(previous)
        sync_folder(self.root)
        shutil.rmtree(self.root / DRAFT, ignore_errors=True)
        self.__dict__.pop("manifest", None)


class Draft:
    """The next state of a workspace, being written; get one from :meth:`Workspace.draft`.

    Parameters
    ----------
    workspace : Workspace
        Its lock must be held.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.root = workspace.root / DRAFT
        self.root.mkdir(parents=True, exist_ok=True)
        for left in self.root.rglob("*.partial"):  # by a build that was killed: this one holds the lock
            left.unlink(missing_ok=True)
        self._before = _readable_or_empty(workspace.root / _MANIFEST)
        self._drafted = dict(_readable_or_empty(self.root / _MANIFEST).files)
        self._kept: dict[str, FileEntry] = {}

    def entry(self, name: str) -> FileEntry | None:
        """Return what is known of a file: of the draft's version, else of the one it would replace."""
        return self._drafted.get(name) or self._before.files.get(name)

    def checked(self, name: str) -> Path:
        """Return where the newest version of a file lies, if it is whole.

        Raises
        ------
        ArtifactMissingError
            It has not been written, or it is damaged.
        """
        root = self.root if name in self._drafted else self.workspace.root
        entry = self.entry(name)
        if entry is None or not _intact(root / name, entry):
            raise ArtifactMissingError(f"{self.workspace.path(name)} has not been built yet.")
        return root / name

    def keep(self, name: str, *, settings: Mapping[str, Any], parents: Mapping[str, str]) -> bool:
        """Keep a file if it is whole and was made from these parents with these settings.

        Parameters
        ----------
        name : str
            Path relative to the workspace.
        settings : mapping
            What would shape it now.
        parents : mapping of str to str
            Name → sha256 of what it would be made from now.

        Returns
        -------
        bool
            ``False`` when it has to be written.
        """
        wanted = (json.loads(json.dumps(dict(settings))), dict(parents))
        for entries, root in ((self._drafted, self.root), (self._before.files, self.workspace.root)):
            entry = entries.get(name)
            if (
                entry
                and (dict(entry.settings), dict(entry.parents)) == wanted
                and _intact(root / name, entry)
            ):
                if root != self.root:
                    self._discard(name)
                self._kept[name] = entry
                return True
        return False

    def _discard(self, name: str) -> None:
        """Forget a drafted file, so that committing cannot put it over the one that is kept."""
        self._drafted.pop(name, None)
        (self.root / name).unlink(missing_ok=True)

    @contextmanager
    def write(
        self,
        name: str,
        *,
        rows: int,
        settings: Mapping[str, Any] | None = None,
        parents: Mapping[str, str] | None = None,
    ) -> Iterator[Path]:
        """Write a file aside; it counts only once the block ends without an error.

        Parameters
        ----------
        name : str
            Path relative to the workspace.
        rows : int
            How many works, vectors or terms it holds.
        settings : mapping
            What shaped it, JSON values only.
        parents : mapping of str to str
            Name → sha256 of what it was made from.

        Yields
        ------
        Path
            Where to write.

        Raises
        ------
        ArtifactError
            It cannot be written, such as on a full disk.
        """
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f"{target.name}.partial")
        try:
            yield partial
            with partial.open("rb") as written:
                os.fsync(written.fileno())
            partial.replace(target)
        except OSError as error:
            raise _unwritable(target, error) from error
        finally:
            partial.unlink(missing_ok=True)
        stat = target.stat()
        entry = FileEntry(
            sha256(target), stat.st_size, stat.st_mtime_ns, rows, dict(settings or {}), dict(parents or {})
        )
        self._drafted[name] = self._kept[name] = entry
        _write_text(self.root / _MANIFEST, Manifest(self._drafted).to_json())

    def sha256(self, name: str) -> str:
        """Return the digest of a file that was kept or written in this draft."""
        return self._kept[name].sha256

    def abandon(self) -> None:
        """Remove what was drafted; the workspace stays as it is."""
        shutil.rmtree(self.root, ignore_errors=True)
        self._drafted.clear()
        self._kept.clear()

    def commit(self, facts: Mapping[str, Any]) -> None:
        """Make everything kept or written the workspace's state; files that are neither are removed.

        Parameters
        ----------
        facts : mapping
            See :class:`Manifest`.
        """
        from ham_recommend._version import __version__

        stamped = {**facts, "built_at": datetime.now(UTC).isoformat(timespec="seconds")}
        manifest = Manifest(self._kept, stamped, __version__)
        _write_text(self.root / _COMMIT, manifest.to_json())
        self.workspace._finish_commit_locked()


def is_workspace(folder: Path) -> bool:
    """Return whether a collection was or is being built into a folder."""
    # not Path.exists(), which raises where a folder may be listed but not looked into
    return any(os.path.exists(folder / name) for name in (_MANIFEST, DRAFT, _LOCK))  # noqa: PTH110


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


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut, where the system allows it."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_text(path: Path, text: str) -> None:
    with whole_file(path, "w") as stream:
        stream.write(text)
    sync_folder(path.parent)


def _unwritable(path: object, error: OSError) -> ArtifactError:
    return ArtifactError(
        f"{path} cannot be written: {error.strerror or error}. "
        "Make room or choose another folder; what was built before is unchanged."
    )


def _readable_or_empty(path: Path) -> Manifest:
    try:
        return Manifest.read(path)
    except ArtifactError:
        return Manifest()


def _intact(path: Path, entry: FileEntry) -> bool:
    try:
        return entry.describes(path)
    except OSError:
        return False
