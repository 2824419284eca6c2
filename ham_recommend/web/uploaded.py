"""What an uploaded collection is made of: pictures, one work each, and tables with the pictures they name.

::

    <pictures>/…                  pictures, in the folders they came in
    <pictures>/.tables/<upload>/  a table, with the pictures that came with it: its rows are the works
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ham_recommend.builder.build import BuildReport
from ham_recommend.errors import HamRecommendError, SettingsError
from ham_recommend.sources._table.pictures import name_parts
from ham_recommend.sources.base import Source
from ham_recommend.sources.folder import FolderSource
from ham_recommend.sources.table import TableSource
from ham_recommend.web.file_names import is_table

_TABLES = ".tables"


@dataclass(frozen=True, slots=True)
class Part:
    """What is read in one go.

    Parameters
    ----------
    source : Source
        What reads it.
    place : Path
        The folder of its files.
    """

    source: Source
    place: Path

    def left_out(self, report: BuildReport) -> Iterator[tuple[str, str]]:
        """Yield what became no work, or a work without its picture, each with the reason.

        No path of the server is in it.
        """
        for problem in report.problems:
            name = without_places(problem.where.removeprefix("folder:"), self.place)
            yield name, without_places(problem.reason, self.place).removeprefix(name).lstrip(" :")
        if isinstance(self.source, TableSource):
            known = {*self.source.pictures_beside(), *(str(table.absolute()) for table in self.source.paths)}
            for path in _files(self.place):
                if str(path.absolute()) not in known:
                    yield path.relative_to(self.place).as_posix(), "no row of the table names it"

    @property
    def table_names(self) -> list[str]:
        """The names of its tables; none where it is pictures."""
        return [path.name for path in self.source.paths] if isinstance(self.source, TableSource) else []

    def read_as(self, report: BuildReport) -> str:
        """Return which column of a table became what, as a sentence; empty for pictures."""
        if not isinstance(self.source, TableSource):
            return ""
        of_table = [origin.columns for origin in report.origins if origin.source == self.source.name]
        name = self.source.paths[0].name
        return f"{name}: {of_table[-1].line()}." if of_table and of_table[-1] else ""


def without_places(said: str, *places: Path) -> str:
    """Return what is said of files without saying where on the server they lie."""
    for place in places:
        for root in (place.absolute(), place):
            said = said.replace(f"{root}{os.sep}", "")
    return said


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the files of an upload go.

    Parameters
    ----------
    goes : list of str
        For each file its path in the folder of what was uploaded into the collection; empty for a stray.
    strays : list of (str, str)
        Names of tables that are none of these pictures, each with the reason.
    """

    goes: list[str]
    strays: list[tuple[str, str]]


def planned(pictures: Path, arrived: Path, upload_id: str, names: Sequence[str]) -> Plan:
    """Decide what the files of an upload are.

    A table is one of the pictures that came with it if it names any of them; then its rows are the works.
    Another one is a stray, as is a JSON file that a camera or a program left beside its pictures, and is left
    out. Tables that come without pictures are all taken. A picture that an earlier table names and lacks goes
    to that table. Any other is a work of its own, unless it came with a table, which then does not name it.

    Parameters
    ----------
    pictures : Path
        The folder of what was uploaded into the collection.
    arrived : Path
        The folder of the files.
    upload_id : str
        The upload; its tables get a folder of their own, so that none takes the pictures of another.
    names : sequence of str
        The files' paths.
    """
    tables = [name for name in names if is_table(name)]
    strays = _strays(arrived, tables) if len(tables) < len(names) else {}
    with_table = len(strays) < len(tables)
    home = f"{_TABLES}/{_next_number(pictures):06d}-{upload_id}/" if with_table else ""
    named = _named(arrived, [name for name in tables if name not in strays]) if with_table else set()
    lacking = _Lacking(pictures)
    goes = []
    for name in names:
        if name in strays:
            goes.append("")
        elif is_table(name) or str((arrived / name).absolute()) in named:
            goes.append(home + name)
        else:
            place = lacking.place_for(name)
            goes.append(f"{_TABLES}/{place.name}/{name}" if place else home + name)
    return Plan(goes, sorted(strays.items()))


def _strays(arrived: Path, tables: Iterable[str]) -> dict[str, str]:
    """Return the tables that name none of the pictures they came with, each with what is said of it."""
    strays = {}
    for name in tables:
        try:
            if not _named(arrived, [name]):
                strays[name] = "names none of these pictures; send it by itself to make its rows works"
        except HamRecommendError as error:
            said = without_places(str(error), arrived).removeprefix(name).lstrip(" :")
            strays[name] = f"is no table of these pictures: {said.partition('. ')[0].rstrip('.')}"
    return strays


def _named(arrived: Path, tables: Sequence[str]) -> set[str]:
    source = TableSource([arrived / name for name in tables], pictures=[arrived])
    return {path for _, path in source.pictures_named() if path}


class _Lacking:
    """The pictures that earlier tables of a collection name and do not have."""

    def __init__(self, pictures: Path) -> None:
        self._lacking: dict[str, list[tuple[list[str], Path]]] = {}
        for place in reversed(_tables_in(pictures)):
            with suppress(HamRecommendError):
                for told, path in _of_table(place).source.pictures_named():  # type: ignore[attr-defined]
                    parts = name_parts(told)
                    if parts and not path:
                        self._lacking.setdefault(parts[-1], []).append((parts, place))

    def place_for(self, name: str) -> Path | None:
        """Return the folder of the newest table that lacks a picture."""
        parts = name_parts(name)
        for wanted, place in self._lacking.get(parts[-1], ()):
            if all(one == other for one, other in zip(parts[::-1], wanted[::-1], strict=False)):
                return place
        return None


def _next_number(pictures: Path) -> int:
    known = _tables_in(pictures)
    return (int(known[-1].name.partition("-")[0]) if known else 0) + 1


def table_of(pictures: Path, upload_id: str) -> Path | None:
    """Return the folder of the tables that came with an upload; ``None`` where none did."""
    return next((place for place in _tables_in(pictures) if place.name.endswith(f"-{upload_id}")), None)


def parts_in(pictures: Path) -> list[Part]:
    """Return everything that was uploaded into a collection, tables in the order they came."""
    folder = Part(FolderSource(pictures), pictures)
    return [*([folder] if folder.source.count() else []), *map(_of_table, _tables_in(pictures))]


def parts_of(pictures: Path, goes: Iterable[str]) -> list[Part]:
    """Return what an upload makes anew: its own pictures, and each table that it brings or adds to."""
    names = [path for path in goes if path and not path.startswith(f"{_TABLES}/")]
    places = {path.split("/")[1] for path in goes if path.startswith(f"{_TABLES}/")}
    folder = [Part(FolderSource(pictures, only=names), pictures)] if names else []
    return [*folder, *(_of_table(pictures / _TABLES / place) for place in sorted(places))]


def check_apart(pictures: Path, place: Path | None) -> None:
    """Refuse a table whose works would take the places of works of another one.

    A table with the name of an earlier one is its new version, and may.

    Raises
    ------
    SettingsError
        It names some of their ids.
    """
    if place is None:
        return
    new = _of_table(place)
    ids = {record.item_id for record in new.source.fetch()}
    for other in map(_of_table, _tables_in(pictures)):
        if other.place == place or other.table_names == new.table_names:
            continue
        both = sorted(ids & {record.item_id for record in other.source.fetch()})
        if both:
            raise SettingsError(
                f"{len(both):,} works of this table have the ids of works of {', '.join(other.table_names)}: "
                f"{', '.join(both[:5])}. Give them ids of their own, or put them into another collection."
            )


def _tables_in(pictures: Path) -> list[Path]:
    return sorted((pictures / _TABLES).iterdir()) if (pictures / _TABLES).is_dir() else []


def _of_table(place: Path) -> Part:
    """Return the tables of a folder; their pictures lie there, or with earlier tables of these names."""
    tables = _table_files(place)
    names = [path.name for path in tables]
    earlier = [
        other
        for other in reversed(_tables_in(place.parent.parent))
        if other.name < place.name and [path.name for path in _table_files(other)] == names
    ]
    return Part(TableSource(tables, pictures=[place, *earlier]), place)


def _table_files(place: Path) -> list[Path]:
    return [path for path in _files(place) if is_table(path.name)]


def _files(place: Path) -> list[Path]:
    return sorted(path for path in place.rglob("*") if path.is_file())
