"""Rows of a table, read in pieces: one small interface for every kind of file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ham_recommend.errors import SourceError
from ham_recommend.sources._table.files import TableFile, readable

Report = Callable[[int, str], None]
"""Called with a line number and the reason why that line, or a part of it, is left out."""

Row = tuple[int, Sequence[Any]]
"""Line number, counted from 1, and the values of the wanted columns."""


_LOOKED_INTO = 20
"""Entries of a list whose parts are looked at: more would say nothing new."""


class Rows(ABC):
    """A table.

    Parameters
    ----------
    file : TableFile
        What it is read from.

    Attributes
    ----------
    columns : tuple of str
        All columns; where rows hold objects, also the paths into them, such as ``date.text``.
    parts : tuple of str
        The paths into lists of objects, such as ``production.date`` where production is one.
    unit : str
        What the numbers count: ``"line"``, ``"row"`` or ``"record"``.
    total : int or None
        How many rows there are, where that is known without reading them.
    """

    unit = "line"
    total: int | None = None
    parts: tuple[str, ...] = ()

    def __init__(self, file: TableFile) -> None:
        self.file = file
        with readable(file):
            if not file.path.stat().st_size:
                raise SourceError(f"{file} is empty.")
            self.columns = self._columns()

    @property
    def notes(self) -> list[str]:
        """What a person should know about how the table was read so far."""
        return list(self.file.notes)

    def read(self, names: Sequence[str], report: Report) -> Iterator[Row]:
        """Yield the values of the columns ``names``, row by row; malformed rows are reported and left out.

        Raises
        ------
        SourceError
            The file as a whole cannot be read on.
        """
        with readable(self.file):
            yield from self._read(names, report)

    @abstractmethod
    def _columns(self) -> tuple[str, ...]: ...

    @abstractmethod
    def _read(self, names: Sequence[str], report: Report) -> Iterator[Row]: ...


class Getter:
    """Gets a column's value, or what lies at a path inside of it, from a row's objects.

    Parameters
    ----------
    path : str
        ``"title"``, ``"date.text"``, ``"production.0.creator.name"``, or ``"creators.name"`` for the names of
        all of a list.
    columns : collection of str
        The row's own columns; the longest that begins the path is taken.
    """

    def __init__(self, path: str, columns: Sequence[str]) -> None:
        steps = path.split(".")
        known = frozenset(columns)
        heads = (".".join(steps[:length]) for length in range(len(steps), 0, -1))
        self.column = next((head for head in heads if head in known), path)
        self._steps = steps[self.column.count(".") + 1 :]

    @property
    def goes_inside(self) -> bool:
        """Whether more than the column's value is wanted."""
        return bool(self._steps)

    def inside(self, value: Any) -> Any:
        """Return what lies at the rest of the path in a value of the column."""
        return at_path(value, self._steps) if self._steps else value


def at_path(value: Any, steps: Sequence[str]) -> Any:
    """Return what lies inside of objects and lists; a step that is no number goes into all of a list."""
    for at, step in enumerate(steps):
        if isinstance(value, str):
            from ham_recommend.sources._table.values import spelled_out

            value = spelled_out(value)
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list | tuple):
            if not (step.isdecimal() and len(step) < 10):
                return [found for entry in value if (found := at_path(entry, steps[at:])) is not None]
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value


def paths_into(value: Any, head: str, depth: int = 4) -> Iterator[str]:
    """Yield the paths to what lies inside of an object, itself not included."""
    if isinstance(value, dict) and depth:
        for key, entry in value.items():
            path = f"{head}.{key}"
            yield path
            yield from paths_into(entry, path, depth - 1)


def paths_in_lists(value: Any, head: str, depth: int = 4) -> Iterator[str]:
    """Yield the paths to what lies inside of the objects of a list."""
    if isinstance(value, dict) and depth:
        for key, entry in value.items():
            yield from paths_in_lists(entry, f"{head}.{key}", depth - 1)
    elif isinstance(value, list) and depth:
        for entry in value[:_LOOKED_INTO]:
            yield from paths_into(entry, head, depth - 1)
            yield from paths_in_lists(entry, head, depth - 1) if isinstance(entry, dict) else ()


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, numbered where several columns share one: ``note``, ``note 2``."""
    seen: dict[str, int] = {}
    taken = set(names)
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        numbered = name if seen[name] == 1 else f"{name} {seen[name]}"
        while numbered != name and numbered in taken:
            seen[name] += 1
            numbered = f"{name} {seen[name]}"
        taken.add(numbered)
        found.append(numbered)
    return tuple(found)
