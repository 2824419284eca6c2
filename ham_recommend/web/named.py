"""Which pictures the tables of an upload name, kept beside them, and which files are these.

A path that is told and a path that is there are one if the shorter of them ends the longer, whatever the
case: a browser sends files without the folders they were in. Where that is true of two files, or a row of
another work tells another path of which it is true, nobody knows which is meant, and the picture is missing.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import orjson

from ham_recommend import __version__
from ham_recommend.files import whole_file
from ham_recommend.sources._places import absolute
from ham_recommend.sources._table.pictures import found_beside
from ham_recommend.sources.table import TableSource
from ham_recommend.web.file_names import DEEPEST

T = TypeVar("T")
Parts = tuple[str, ...]
"""Folders and name of a path."""


class Told(NamedTuple):
    """A picture as a row tells it: of which work, at which path from which folder of the upload."""

    item_id: str
    path: str
    folder: str


class Named(NamedTuple):
    """The works of some tables, and what they tell of pictures, by the pictures' own names without case."""

    ids: list[str]
    told: dict[str, list[Sequence[str]]]

    def of(self, name: str) -> Iterator[Told]:
        """Yield what is told of pictures of one name."""
        return (Told(*one) for one in self.told.get(name, ()))


def read_named(place: Path, tables: Iterable[Path]) -> Named:
    """Read what tables in a folder name.

    Raises
    ------
    SourceError
        A table cannot be read.
    """
    named = Named([], {})
    within = cache(lambda folder: os.path.relpath(folder, place))
    for item_id, paths, folder in TableSource([*tables]).pictures_told():
        named.ids.append(item_id)
        for path in paths:
            for name in folded(parts_of(path))[-1:]:
                told = named.told.setdefault(name, [])
                told.append((item_id, path, within(folder)))
    return named


def joined(several: Iterable[Named]) -> Named:
    """Return what several tables name; of works with one id the first counts."""
    whole = Named([], {})
    seen: set[str] = set()
    for each in several:
        whole.ids.extend(item_id for item_id in each.ids if item_id not in seen)
        for name, told in each.told.items():
            whole.told.setdefault(name, []).extend(one for one in told if one[0] not in seen)
        seen.update(each.ids)
    return whole


def kept_named(path: Path) -> Named | None:
    """Return what was kept in a file; ``None`` where nothing was, or by a version that may read otherwise."""
    try:
        version, ids, told = orjson.loads(path.read_bytes())
        if version == __version__:
            return Named(ids, told)
    except (OSError, ValueError, TypeError):
        pass
    return None


def keep_named(named: Named, path: Path) -> None:
    """Keep it in a file."""
    with whole_file(path) as file:
        file.write(orjson.dumps([__version__, *named]))


class Finder:
    """Finds the pictures that tables name, in the folder of their upload or with earlier versions of them.

    Parameters
    ----------
    place : Path
        The folder of the upload.
    named : callable
        Returns what its tables name; called when that is needed.
    earlier : sequence of Finder
        The newest first. One lends a picture only to the work that had that very picture there.
    """

    def __init__(self, place: Path, named: Callable[[], Named], earlier: Sequence[Finder] = ()) -> None:
        self._place = absolute(place)
        self._earlier = earlier
        self._read = named
        self._told = cache(self._told_of)
        self._served = cache(self._served_of)
        self._lacking = cache(self._lacking_of)

    def __call__(self, item_id: str, told: str) -> str:
        """Return where a picture is that is not where its row tells; empty where nobody knows."""
        own = self._own(item_id, told)
        return own or next(filter(None, (other.lent(item_id, told) for other in self._earlier)), "")

    def lent(self, item_id: str, told: str) -> str:
        """Return the picture that a work has here under a name."""
        wanted = folded(parts_of(told))
        if not wanted:
            return ""
        same = (
            one
            for one in self._told(wanted[-1]).of_work.get(item_id, ())
            if _one_ends_the_other(folded(parts_of(one.path)), wanted)
        )
        return next(filter(None, map(self._at, same)), "")

    def names(self, name: str) -> bool:
        """Return whether a row tells a picture that a file of this name may be."""
        parts = folded(parts_of(name))
        return any(True for _ in self._told(parts[-1]).alike.of(parts))

    def serves(self, path: Path) -> bool:
        """Return whether a file of the folder is the picture of a row."""
        return str(absolute(path)) in self._served(folded(parts_of(path.name))[-1])

    def lacks(self, name: str) -> bool:
        """Return whether a row lacks a picture that a file of this name may be."""
        parts = folded(parts_of(name))
        return any(True for _ in self._lacking(parts[-1]).of(parts))

    @cached_property
    def named(self) -> Named:
        """What the tables name."""
        return self._read()

    @cached_property
    def _files(self) -> _Alike[str]:
        files: _Alike[str] = _Alike()
        for place, _, names in os.walk(self._place):
            for name in names:
                path = os.path.join(place, name)  # noqa: PTH118 - as found_beside returns them
                files.add(folded(parts_of(os.path.relpath(path, self._place))), path)
        return files

    def _told_of(self, name: str) -> _Tellings:
        return _Tellings(self.named.of(name))

    def _served_of(self, name: str) -> frozenset[str]:
        return frozenset(map(self._at, self.named.of(name)))

    def _lacking_of(self, name: str) -> _Alike[Told]:
        lacking: _Alike[Told] = _Alike()
        for told in self.named.of(name):
            if not (self._at(told) or self(told.item_id, told.path)):
                lacking.add(folded(parts_of(told.path)), told)
        return lacking

    def _at(self, told: Told) -> str:
        beside, _ = found_beside(told.path, absolute(self._place / told.folder))
        return beside or self._own(told.item_id, told.path)

    def _own(self, item_id: str, told: str) -> str:
        spelled = parts_of(told)
        wanted = folded(spelled)
        found = ([*self._files.longer(wanted)] or [*self._files.shorter(wanted)]) if wanted else []
        if len(found) != 1:
            return ""
        there = parts_of(os.path.relpath(found[0], self._place))
        for other in self._told(wanted[-1]).alike.of(folded(there)):
            path = parts_of(other.path)
            as_good = folded(path) != wanted or (path != spelled and _one_ends_the_other(path, there))
            if as_good and other.item_id != item_id:
                return ""
        return found[0]


class _Tellings:
    """What rows tell of pictures of one name: by the work, and each path once."""

    def __init__(self, told: Iterable[Told]) -> None:
        self.of_work: dict[str, list[Told]] = {}
        self.alike: _Alike[Told] = _Alike()
        once: set[Parts] = set()
        for one in told:
            self.of_work.setdefault(one.item_id, []).append(one)
            parts = parts_of(one.path)
            if parts not in once:
                once.add(parts)
                self.alike.add(folded(parts), one)


class _Alike(Generic[T]):
    """What has a path, found by paths of which one ends the other."""

    def __init__(self) -> None:
        self._whole: dict[Parts, list[T]] = {}
        self._ends: dict[Parts, list[T]] = {}

    def add(self, parts: Parts, value: T) -> None:
        self._whole.setdefault(parts, []).append(value)
        for length in range(1, min(len(parts), DEEPEST + 1)):
            self._ends.setdefault(parts[-length:], []).append(value)

    def longer(self, parts: Parts) -> Iterator[T]:
        """Yield what has this path, or one that it ends."""
        yield from self._whole.get(parts, ())
        yield from self._ends.get(parts, ())

    def shorter(self, parts: Parts) -> Iterator[T]:
        """Yield what has a path that ends this one."""
        for length in range(min(len(parts) - 1, DEEPEST), 0, -1):
            yield from self._whole.get(parts[-length:], ())

    def of(self, parts: Parts) -> Iterator[T]:
        yield from self.longer(parts)
        yield from self.shorter(parts)


def parts_of(told: str) -> Parts:
    """Return the folders and the name of a path."""
    parts = unicodedata.normalize("NFC", told).replace("\\", "/").split("/")
    return tuple(part.strip() for part in parts if part.strip() not in {"", ".", ".."})


def folded(parts: Parts) -> Parts:
    """Return the parts of a path as they are compared: without case."""
    return tuple(part.casefold() for part in parts)


def _one_ends_the_other(one: Parts, other: Parts) -> bool:
    return all(this == that for this, that in zip(one[::-1], other[::-1], strict=False))
