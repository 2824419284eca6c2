"""A collection's folder on disk: its paths, its manifest, and writes that happen whole or not at all.

::

    artifacts/<collection>/
      manifest.json          what every file is, what it was made from
      1-raw/                 crawled records, dated
      2-catalog/             works.parquet, thumbnails.parquet, pictures/; catalog.parquet joins them
      3-embeddings/          <encoder>.vectors.npy, <encoder>.ids.npy, <encoder>.contents.npy
      4-index/               <encoder>.<kind>.npz, text.*
      5-analysis/
      sessions.sqlite        likes, dislikes, history

A build writes into ``.draft/``; see :mod:`ham_recommend.draft`. Links inside a workspace are never followed:
a folder or file that is one is refused.
"""

from __future__ import annotations

import errno
import os
import re
import shlex
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from ham_recommend.draft import (
    DRAFT,
    MANIFEST,
    Draft,
    finish_commit,
    intact,
    is_decided,
    readable_or_empty,
)
from ham_recommend.errors import (
    ArtifactCorruptError,
    ArtifactError,
    ArtifactMissingError,
    DataWarning,
    SettingsError,
)
from ham_recommend.files import cannot_be_written, own_path, unwritable
from ham_recommend.manifest import FileEntry, Manifest, sha256

RAW = "1-raw"
WORKS = "2-catalog/works.parquet"
CATALOG = "2-catalog/catalog.parquet"
THUMBNAILS = "2-catalog/thumbnails.parquet"
PICTURES = "2-catalog/pictures"
EMBEDDINGS = "3-embeddings"
SENTENCES = "sentences"
"""What the set of vectors of texts is called."""
INDEX = "4-index"
ANALYSIS = "5-analysis"
TILES = ".tiles.zip"
"""What names of files in it end in that hold the pictures of a map."""
STEPS = frozenset({RAW, "2-catalog", EMBEDDINGS, INDEX, ANALYSIS})
"""The folders a workspace consists of."""

SESSIONS = "sessions.sqlite"
_LOCK = ".lock"
_PATIENCE, _MOMENT = 60.0, 0.05
"""Seconds to wait for files to be put in place, in all and before looking again."""


class Workspace:
    """The folder of one collection.

    Parameters
    ----------
    root : path-like
        The folder; need not exist yet.

    Raises
    ------
    SettingsError
        The path is empty, or one that the system cannot have.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        if not os.fspath(root):
            raise SettingsError("The collection's folder has no name. Give it one, such as artifacts/mine.")
        self.root = Path(root)
        if not _can_be_named(self.root):
            raise SettingsError(
                f"No folder can be called {str(root)!r:.100}. Give it a shorter name, of usual characters."
            )

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
        path = self.root / MANIFEST
        if not path.is_file():
            raise ArtifactMissingError(f"There is no collection in {self.root}. {_way_on(self.root)}")
        return Manifest.read(path)

    @property
    def manifest_sha256(self) -> str:
        """The hash of the manifest, which knows every file by its own: two collections with one are the same.

        Empty where there is no manifest.
        """
        path = self.root / MANIFEST
        return sha256(path) if path.is_file() else ""

    def expect(self, manifest: str) -> None:
        """Warn if this is not the collection that a citation speaks of.

        Parameters
        ----------
        manifest : str
            The hash of its manifest, or the first 8 digits of it or more.

        Raises
        ------
        SettingsError
            It is no such hash.

        Warns
        -----
        DataWarning
            The collection is another one.
        """
        wanted = manifest.lower()
        if not re.fullmatch("[0-9a-f]{8,64}", wanted):
            raise SettingsError(f"A manifest's hash has 8 to 64 hexadecimal digits, not {manifest!r:.80}.")
        found = self.manifest_sha256
        if not found.startswith(wanted):
            warnings.warn(
                f"The collection in {self.root} is not the one that was cited: its manifest begins with "
                f"{found[: len(wanted)] or 'nothing'}, not with {wanted}. Answers may differ.",
                DataWarning,
                stacklevel=3,
            )

    @property
    def exists(self) -> bool:
        """Whether a collection has been built here."""
        self._finish_commit()
        return (self.root / MANIFEST).is_file()

    def path(self, name: str) -> Path:
        """Return the path of a file without checking it."""
        return self.root / name

    def own(self, name: str) -> Path:
        """Return the path of a file or folder that really lies in the workspace.

        Raises
        ------
        ArtifactError
            It is a link, or lies in a folder that is one.
        """
        return own_path(self.root, name)

    def __contains__(self, name: str) -> bool:
        return name in self.manifest.files

    def checked(self, name: str) -> Path:
        """Return the path of a file that is what the manifest says it is.

        Of a large file size and modification time are compared first; its content is hashed only where the
        time differs, as it does after copying a workspace. :meth:`verify` hashes everything.

        Raises
        ------
        ArtifactMissingError
            The manifest does not name it, or it is gone.
        ArtifactCorruptError
            Its content is not what was written.
        ArtifactError
            It is a link, or the system does not let us read it.
        """
        entry = self.manifest.files.get(name)
        path = self.own(name)
        try:
            if entry is None or not path.is_file():
                raise ArtifactMissingError(f"{path} is missing. {self.mending}")
            if not entry.describes(path):
                raise ArtifactCorruptError(f"{path} is not the file that was built. {self.mending}")
        except OSError as error:
            raise ArtifactError.unreadable(path, error) from error
        return path

    def verify(self) -> list[str]:
        """Read every file that the manifest names, and return the names of those that are not as written.

        Raises
        ------
        ArtifactError
            There is no collection, or its manifest is unreadable.
        """
        return [name for name, entry in sorted(self.manifest.files.items()) if not self._whole(name, entry)]

    def _whole(self, name: str, entry: FileEntry) -> bool:
        try:
            return intact(self.own(name), entry)
        except ArtifactError:
            return False

    @property
    def command(self) -> str | None:
        """What builds this collection again, where it lies now; ``None`` when that is not known.

        Each word of it is quoted, whatever the manifest says: a shell runs nothing but ``ham``.
        """
        # the folder as it is now: a copy must not send anyone to build over the collection it was copied from
        out = shlex.quote(str(self.root))
        commands = [build.plain_command for build in self.manifest.facts.builds]
        if None in commands:
            return None
        return " && ".join(f"{command} --out {out}" for command in commands) or None

    @property
    def mending(self) -> str:
        """The sentence that says how to mend the collection."""
        return (
            f"Mend the collection with: {self.command or f'ham build … --out {shlex.quote(str(self.root))}'}"
        )

    @property
    def drafted(self) -> Manifest:
        """What a build has finished that was cut short; empty when there is none."""
        return readable_or_empty(self.root / DRAFT / MANIFEST)

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
            Another process is building here, a folder is a link, or it cannot be written, such as on a full
            disk.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            for name in (_LOCK, DRAFT, MANIFEST, PICTURES, *STEPS):
                self.own(name)
            with self._lock(wait):
                finish_commit(self.root, mend=True)
                draft = Draft(self.root, self._forget_manifest)
                try:
                    yield draft
                finally:
                    self._forget_manifest()
                    draft.close()
        except Timeout as error:
            raise ArtifactError(
                f"Another build is at work in {self.root}. Wait for it, then try again."
            ) from error
        except (FileExistsError, NotADirectoryError) as error:
            raise ArtifactError(f"{self.root} is not a folder. Give --out a folder.") from error
        except OSError as error:
            if not cannot_be_written(error):
                raise
            raise unwritable(error.filename or self.root, error) from error

    def _forget_manifest(self) -> None:
        self.__dict__.pop("manifest", None)

    def _lock(self, wait: float) -> FileLock:
        return FileLock(self.root / _LOCK, timeout=wait)

    def _finish_commit(self) -> None:
        """Finish a commit that was cut short, unless the build that makes it does so itself."""
        given_up = time.monotonic() + _PATIENCE
        while self._is_decided():
            try:
                self.own(_LOCK)
                with self._lock(_MOMENT):
                    finish_commit(self.root)
            except Timeout as error:  # the build is at it; what else it does then need not be waited for
                if time.monotonic() > given_up:
                    raise ArtifactError(
                        f"A build is putting its files in place in {self.root}. Wait for it, then try again."
                    ) from error
            except OSError as error:
                raise ArtifactError(
                    f"The last build of {self.root} has yet to be put in place, but "
                    f"{error.filename or self.root} cannot be written: {error.strerror or error}. "
                    "Open the collection once where you may write."
                ) from error

    def _is_decided(self) -> bool:
        try:
            return is_decided(self.root)
        except OSError as error:
            raise ArtifactError.unreadable(self.root / DRAFT, error) from error


def _way_on(root: Path) -> str:
    """Return what someone means who looks for a collection where there is none."""
    place = root.parent if root.parent.is_dir() else Path("artifacts")
    there = collections_in(place)
    alike = [str(place / name) for name in get_close_matches(root.name, there, n=1)]
    meant = f"Did you mean {alike[0]}? " if alike else ""
    if there:
        return f"{meant}In {place} there are: {', '.join(there)}."
    return f"Make one with: ham build sample --out {root}"


def collections_in(folder: Path) -> list[str]:
    """Return the names of the collections in a folder, sorted; none where it cannot be read."""
    try:
        return sorted(each.name for each in folder.iterdir() if (each / MANIFEST).is_file())
    except OSError:
        return []


def _can_be_named(path: Path) -> bool:
    try:
        os.lstat(path)
    except ValueError:
        return False
    except OSError as error:
        return error.errno != errno.ENAMETOOLONG
    return True


def is_workspace(folder: Path) -> bool:
    """Return whether a collection was or is being built into a folder."""
    # not Path.exists(), which raises where a folder may be listed but not looked into
    return any(os.path.exists(folder / name) for name in (MANIFEST, DRAFT, _LOCK))  # noqa: PTH110
