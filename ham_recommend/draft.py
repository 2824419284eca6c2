"""The next state of a workspace: written aside by a build, then put in place whole.

Each finished file is recorded in the draft's own manifest, so that a build that was killed goes on where it
was. Committing writes ``commit.json``: from that instant the new state is decided, and whoever opens the
workspace next finishes the renames; before that the old files stand. ``commit.json`` is the last file to
leave the draft, as it becomes the manifest, so nothing of a draft outlives its commit.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ham_recommend.errors import ArtifactError, ArtifactMissingError
from ham_recommend.files import own_path, sync_folder, unwritable, write_text
from ham_recommend.manifest import Facts, FileEntry, Manifest, sha256

MANIFEST = "manifest.json"
DRAFT = ".draft"
COMMIT = "commit.json"


class Draft:
    """The next state of a workspace, being written; ``Workspace.draft`` opens one.

    A commit replaces what was kept or written and removes what it was told to; every other file stays.

    Parameters
    ----------
    workspace : Path
        The collection's folder; its lock must be held.
    after_commit : callable
        Called once this is the workspace's state.

    Attributes
    ----------
    before : Manifest
        The state that stands; empty when there is none that can be read.
    files : dict of str to FileEntry
        What this build has kept or written so far.
    """

    def __init__(self, workspace: Path, after_commit: Callable[[], None]) -> None:
        self.workspace = workspace
        self._after_commit = after_commit
        self.root = workspace / DRAFT
        self.root.mkdir(parents=True, exist_ok=True)
        for left in self.root.rglob("*.partial"):  # by a build that was killed: this one holds the lock
            left.unlink(missing_ok=True)
        self.before = readable_or_empty(workspace / MANIFEST)
        self.files: dict[str, FileEntry] = {}
        self._drafted = dict(readable_or_empty(self.root / MANIFEST).files)
        self._removed: set[str] = set()

    def committed(self, name: str) -> Path:
        """Return where a file of the state that stands lies.

        Raises
        ------
        ArtifactMissingError
            There is none, or it is damaged.
        """
        return self._whole(own_path(self.workspace, name), self.before.files.get(name))

    def standing(self, name: str) -> Path:
        """Return where a file of the state that stands lies, without reading it all where that is large.

        Raises
        ------
        ArtifactMissingError
            There is none, or it is not as it was written.
        """
        return self._whole(own_path(self.workspace, name), self.before.files.get(name), thorough=False)

    def newest(self, name: str) -> Path:
        """Return where the newest version of a file lies, be it of a build that was killed.

        Raises
        ------
        ArtifactMissingError
            There is none, or it is damaged.
        """
        if name not in self._drafted:
            return self.committed(name)
        return self._whole(self.own(name), self._drafted[name])

    def made(self, name: str) -> Path:
        """Return where a file lies that this build has kept or written; that is what the next step reads.

        Raises
        ------
        KeyError
            It has done neither.
        """
        return (
            self.own(name) if self.files[name] is self._drafted.get(name) else own_path(self.workspace, name)
        )

    def own(self, name: str) -> Path:
        """Return the path of a file of the draft, which is no link."""
        return own_path(self.workspace, f"{DRAFT}/{name}")

    def _whole(self, path: Path, entry: FileEntry | None, *, thorough: bool = True) -> Path:
        if entry is None or not intact(path, entry, thorough=thorough):
            raise ArtifactMissingError(f"{path} has not been built yet, or is damaged.")
        return path

    def keep(self, *names: str, settings: Mapping[str, Any], parents: Mapping[str, str]) -> bool:
        """Keep files that are whole and were made from these parents with these settings.

        Parameters
        ----------
        *names : str
            Paths relative to the workspace; all of them are kept, or none.
        settings : mapping
            What would shape them now.
        parents : mapping of str to str
            Name → sha256 of what they would be made from now.

        Returns
        -------
        bool
            ``False`` when they have to be written.
        """
        wanted = (json.loads(json.dumps(dict(settings))), dict(parents))
        fresh = {name: entry for name in names if (entry := self._fresh(name, wanted))}
        if len(fresh) < len(names):
            return False
        for name, entry in fresh.items():
            self._take(name, entry)
        return True

    def _fresh(self, name: str, wanted: tuple[Any, Any]) -> FileEntry | None:
        """Return a version of a file that was made as it would be now, and is whole."""
        drafted, committed = self._drafted.get(name), self.before.files.get(name)
        for entry, path in ((drafted, self.own(name)), (committed, own_path(self.workspace, name))):
            made_from = entry and (dict(entry.settings), dict(entry.parents))
            if entry and made_from == wanted and intact(path, entry):
                return entry
        return None

    def _take(self, name: str, entry: FileEntry) -> None:
        """Keep one version of a file; a drafted one that it is not must not be put over it."""
        if entry is not self._drafted.get(name):
            self._drafted.pop(name, None)
            self.own(name).unlink(missing_ok=True)
        self.files[name] = entry

    def carry(self, *names: str, settings: Mapping[str, Any], parents: Mapping[str, str]) -> None:
        """Keep files of the state that stands, as they are still what they would be made.

        Parameters
        ----------
        *names : str
            Paths relative to the workspace.
        settings, parents
            As in :meth:`keep`: what is said of them from now on.
        """
        for name in names:
            entry = replace(self.before.files[name], settings=dict(settings), parents=dict(parents))
            self._take(name, entry)

    def remove(self, *names: str) -> None:
        """Leave files out of the next state; names of files that are not there are allowed."""
        for name in names:
            self._removed.add(name)
            self.files.pop(name, None)

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
        target = self.own(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f"{target.name}.partial")
        try:
            yield partial
            with partial.open("rb") as written:
                os.fsync(written.fileno())
            partial.replace(target)
        except OSError as error:
            raise unwritable(target, error) from error
        finally:
            partial.unlink(missing_ok=True)
        stat = target.stat()
        entry = FileEntry(
            sha256(target), stat.st_size, stat.st_mtime_ns, rows, dict(settings or {}), dict(parents or {})
        )
        self._drafted[name] = self.files[name] = entry
        self._note()

    def _note(self) -> None:
        """Write down what is finished; a power cut may lose that, and then it is made again."""
        path = self.root / MANIFEST
        partial = path.with_name(f"{path.name}.partial")
        partial.write_text(Manifest(self._drafted).to_json(), encoding="utf-8")
        partial.replace(path)

    def sha256(self, *names: str) -> dict[str, str]:
        """Return the digests of files that this build has kept or written, for what is made of them."""
        return {name: self.files[name].sha256 for name in names}

    @property
    def is_empty(self) -> bool:
        """Whether no file has been drafted, nor begun."""
        return not self.root.is_dir() or not any(self.root.iterdir())

    def close(self) -> None:
        """Remove the draft's folder where nothing was drafted."""
        if self.root.is_dir() and self.is_empty:
            self.root.rmdir()

    def abandon(self) -> None:
        """Remove what was drafted; the workspace stays as it is."""
        manifest = self.root / MANIFEST
        _empty_but_for(manifest)
        manifest.unlink(missing_ok=True)  # last, as it tells what of it is left
        self._drafted.clear()
        self.files.clear()

    def commit(self, facts: Facts, *, built: bool = True) -> None:
        """Make this the workspace's state: what was kept or written, and every other file but those removed.

        Parameters
        ----------
        facts : Facts
            What is to be told about the collection; the time is added.
        built : bool
            Whether the collection was built; else the time of its build stays, as after an analysis.

        Raises
        ------
        ArtifactError
            Something else lies where a file belongs; the workspace stays as it is.
        """
        from ham_recommend._version import __version__

        stays = {name: entry for name, entry in self.before.files.items() if name not in self._removed}
        if built:
            facts = replace(facts, built_at=datetime.now(UTC).isoformat(timespec="seconds"))
        manifest = Manifest({**stays, **self.files}, facts, __version__)
        for name in (MANIFEST, *self.files):
            _check_place(own_path(self.workspace, name))
        for name in stays.keys() - self.files.keys():  # what a killed build made of them is of another state
            self.own(name).unlink(missing_ok=True)
        for folder in {self.own(name).parent for name in manifest.files}:
            if folder.is_dir():
                sync_folder(folder)
        write_text(self.root / COMMIT, manifest.to_json())
        finish_commit(self.workspace)
        self._after_commit()


def is_decided(workspace: Path) -> bool:
    """Return whether the next state is decided but not yet in place."""
    return (workspace / DRAFT / COMMIT).is_file()


def finish_commit(workspace: Path, *, mend: bool = False) -> None:
    """Put a decided state in place; where there is none, do nothing.

    Parameters
    ----------
    workspace : Path
        The collection's folder; its lock must be held.
    mend : bool
        Whether to give up a decided state that cannot be read, and go on from the old one.

    Raises
    ------
    ArtifactError
        It cannot be read.
    """
    decided = own_path(workspace, f"{DRAFT}/{COMMIT}")
    if not decided.is_file():
        return
    try:
        manifest = Manifest.read(decided)
    except ArtifactError:
        if not mend:
            raise
        decided.unlink()
        return
    _put_in_place(workspace, manifest)
    _empty_but_for(decided)  # what is left of a draft must not be believed once its commit is forgotten
    decided.replace(workspace / MANIFEST)
    sync_folder(workspace)
    decided.parent.rmdir()


def _check_place(path: Path) -> None:
    """Refuse to decide on a state that could not be put in place."""
    folder = path.parent
    in_the_way = path if path.is_dir() else folder if folder.exists() and not folder.is_dir() else None
    if in_the_way is not None:
        raise ArtifactError(f"{in_the_way} is in the way of {path.name}. Move it away, then build again.")


def _put_in_place(workspace: Path, manifest: Manifest) -> None:
    """Move the files of a decided state to where they belong, and remove those that it leaves out."""
    touched = {workspace}
    for name in manifest.files:
        drafted, target = own_path(workspace, f"{DRAFT}/{name}"), own_path(workspace, name)
        if drafted.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            drafted.replace(target)
            touched.add(target.parent)
    for name in readable_or_empty(workspace / MANIFEST).files.keys() - manifest.files.keys():
        path = own_path(workspace, name)
        if path.is_file():
            path.unlink()
    for folder in sorted(touched):
        sync_folder(folder)


def _empty_but_for(last: Path) -> None:
    """Remove all of a draft but one file."""
    for path in last.parent.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path != last:
            path.unlink()


def readable_or_empty(path: Path) -> Manifest:
    """Return a manifest, or an empty one where there is none that can be read."""
    try:
        return Manifest.read(path)
    except ArtifactError:
        return Manifest()


def intact(path: Path, entry: FileEntry, *, thorough: bool = True) -> bool:
    """Return whether a file is there and its whole content is what was written."""
    try:
        return entry.describes(path, thorough=thorough)
    except OSError:
        return False
