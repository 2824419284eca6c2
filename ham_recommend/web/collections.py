"""The collections that are served: found by name, opened when first asked for, and again when built anew.

While one that was built anew is being opened, the state before goes on answering.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock, Thread

from ham_recommend.draft import MANIFEST
from ham_recommend.errors import ArtifactMissingError, HamRecommendError, SettingsError
from ham_recommend.manifest import Manifest
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.workspace import ANALYSIS, Workspace, collections_in

log = logging.getLogger(__name__)

_GONE = (0, 0)
RESERVED = frozenset(
    {
        "api",
        "static",
        "frame",
        "upload",
        "docs",
        "healthz",
        "readyz",
        "metrics",
        "sw.js",
        "manifest.webmanifest",
    }
)
"""What follows the server's address but is no collection."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A collection that answers.

    Parameters
    ----------
    name : str
        Its name.
    recommender : Recommender
        What answers.
    version : str
        Hash of its manifest, but for analyses: as long as it is the same, so are all answers.
    """

    name: str
    recommender: Recommender
    version: str


class Collections:
    """Collections by name, each opened once. Any thread may ask.

    Parameters
    ----------
    places : iterable of Path
        Collections, or folders that hold some; a folder is looked into anew each time.

    Raises
    ------
    SettingsError
        A collection has the name of another, or one that means something else in an address.
    """

    def __init__(self, places: Iterable[Path]) -> None:
        self._places = tuple(places)
        self._opened: dict[str, tuple[tuple[int, int], Opened]] = {}
        self._lock = Lock()
        self._opening: dict[str, Lock] = {}
        self._renewed: dict[str, tuple[int, int]] = {}
        roots: dict[str, Path] = {}
        for name, root in self._found():
            if name in RESERVED:
                raise SettingsError(
                    f"A collection called {name!r} cannot be served. Rename its folder {root}."
                )
            if name in roots and roots[name].resolve() != root.resolve():
                raise SettingsError(
                    f"Two collections are called {name!r}: {roots[name]} and {root}. Serve one of them."
                )
            roots[name] = root

    def roots(self) -> dict[str, Path]:
        """Return the folder of each collection by name, sorted; those that are gone are let go."""
        found: dict[str, Path] = {}
        for name, root in self._found():
            if name not in RESERVED:
                found.setdefault(name, root)
        for name in self._opened.keys() - found.keys():
            self._opened.pop(name, None)
        return dict(sorted(found.items()))

    def root(self, name: str) -> Path:
        """Return a collection's folder.

        Raises
        ------
        ArtifactMissingError
            No collection of that name is served.
        """
        roots = self.roots()
        if name not in roots:
            raise ArtifactMissingError(f"There is no collection {name!r:.80} here.")
        return roots[name]

    def current(self, name: str) -> Opened | None:
        """Return a collection if it is open; takes some microseconds.

        One that was built anew since is opened beside everything else, and returned once that is done.
        """
        known = self._opened.get(name)
        if known is None:
            return None
        stamp, opened = known
        now = _stamp(opened.recommender.workspace.root)
        if now == _GONE:
            return None
        if now != stamp:
            self._renew(name, now)
        return opened

    def open(self, name: str) -> Opened:
        """Return a collection as it was last built, opening it if need be.

        Raises
        ------
        ArtifactError
            There is none of that name, or it cannot be opened.
        """
        newest = self._newest(name)
        if newest is not None:
            return newest
        root = self.root(name)
        with self._lock:
            opening = self._opening.setdefault(name, Lock())
        with opening:
            newest = self._newest(name)
            if newest is not None:
                return newest
            stamp = _stamp(root)
            opened = self._with_analyses(name, root) or _opened(name, root)
            self._opened[name] = (stamp, opened)
            return opened

    def prepare(self) -> None:
        """Load what answers take in the collections that are open, for workers that are forked to share."""
        for _, opened in self._opened.values():
            opened.recommender.prepare()

    def _newest(self, name: str) -> Opened | None:
        """Return a collection if it is open and was not built anew since."""
        known = self._opened.get(name)
        if known is None:
            return None
        stamp, opened = known
        return opened if _stamp(opened.recommender.workspace.root) == stamp else None

    def _with_analyses(self, name: str, root: Path) -> Opened | None:
        """Return a collection that is open, if nothing but analyses were written into it since."""
        known = self._opened.get(name)
        if known is None:
            return None
        opened, now = known[1], Workspace(root).manifest
        if opened.version != _version(now):
            return None
        opened.recommender.workspace.manifest = now
        return opened

    def _renew(self, name: str, stamp: tuple[int, int]) -> None:
        """Begin to open what was built anew, once."""
        with self._lock:
            if self._renewed.get(name) == stamp:
                return
            self._renewed[name] = stamp
        Thread(target=self._open_anew, args=(name,), name=f"open-{name}", daemon=True).start()

    def _open_anew(self, name: str) -> None:
        try:
            self.open(name)
        except HamRecommendError as error:
            log.warning("The collection %s was built anew but cannot be opened: %s", name, error)

    def _found(self) -> Iterator[tuple[str, Path]]:
        for place in self._places:
            if (place / MANIFEST).is_file():
                yield place.resolve().name, place
            else:
                yield from ((name, place / name) for name in collections_in(place))


def _opened(name: str, root: Path) -> Opened:
    recommender = Recommender.load(root)
    return Opened(name, recommender, _version(recommender.workspace.manifest))


def _version(manifest: Manifest) -> str:
    answering = {name: each for name, each in manifest.files.items() if not name.startswith(f"{ANALYSIS}/")}
    return hashlib.sha256(replace(manifest, files=answering).to_json().encode()).hexdigest()[:16]


def _stamp(root: Path) -> tuple[int, int]:
    try:
        stat = (root / MANIFEST).stat()
    except OSError:
        return _GONE
    return (stat.st_mtime_ns, stat.st_ino)
