"""What an uploaded collection is made of: pictures, one work each, and tables with the pictures they name.

::

    <pictures>/…                  pictures, in the folders they came in
    <pictures>/.tables/<upload>/  a table, with the pictures that came with it: its rows are the works
    <pictures>/.tables/<upload>.json  what it names, so that it is read once
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from itertools import starmap
from pathlib import Path

from ham_recommend.builder.build import BuildReport
from ham_recommend.errors import HamRecommendError, SettingsError
from ham_recommend.sources.base import Source
from ham_recommend.sources.folder import FolderSource
from ham_recommend.sources.table import TableSource
from ham_recommend.web.file_names import is_table
from ham_recommend.web.named import Finder, Named, joined, keep_named, kept_named, read_named

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
    finder : Finder or None
        Finds the pictures of a table.
    """

    source: Source
    place: Path
    finder: Finder | None = None

    def left_out(self, report: BuildReport) -> Iterator[tuple[str, str]]:
        """Yield what became no work, or a work without its picture, each with the reason.

        No path of the server is in it.
        """
        for problem in report.problems:
            name = without_places(problem.where.removeprefix("folder:"), self.place)
            yield name, without_places(problem.reason, self.place).removeprefix(name).lstrip(" :")
        if self.finder is not None:
            for path in _files(self.place):
                if not is_table(path.name) and not self.finder.serves(path):
                    name = path.relative_to(self.place).as_posix()
                    unclear = self.finder.names(name)
                    yield name, f"{'it is not clear which' if unclear else 'no'} row of the table names it"

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
    pictures_too = [name for name in names if not is_table(name)]
    read, strays = _read(arrived, tables, pictures_too) if pictures_too else ({}, {})
    home = f"{_TABLES}/{_next_number(pictures):06d}-{upload_id}" if len(strays) < len(tables) else ""
    own = Finder(arrived, partial(joined, [read[name] for name in sorted(read, key=Path)]))
    if read:
        keep_named(own.named, _beside(pictures / home))
    earlier = [each for each in reversed(_finders(pictures).items()) if _readable(each[1])]
    goes = []
    for name in names:
        if name in strays:
            goes.append("")
        elif is_table(name) or own.names(name):
            goes.append(f"{home}/{name}")
        else:
            place = next((place for place, finder in earlier if finder.lacks(name)), None)
            goes.append(f"{_TABLES}/{place.name}/{name}" if place else f"{home}/{name}" if home else name)
    return Plan(goes, sorted(strays.items()))


def _read(
    arrived: Path, tables: Iterable[str], pictures: Sequence[str]
) -> tuple[dict[str, Named], dict[str, str]]:
    """Return what the tables name, and those that are none of these pictures, each with the reason."""
    read, strays = {}, {}
    for name in tables:
        try:
            named = read_named(arrived, [arrived / name])
        except HamRecommendError as error:
            said = without_places(str(error), arrived).removeprefix(name).lstrip(" :")
            strays[name] = f"is no table of these pictures: {said.partition('. ')[0].rstrip('.')}"
            continue
        if any(map(Finder(arrived, partial(joined, [named])).names, pictures)):
            read[name] = named
        else:
            strays[name] = "names none of these pictures; send it by itself to make its rows works"
    return read, strays


def _readable(finder: Finder) -> bool:
    with suppress(HamRecommendError):
        return bool(finder.named)
    return False


def _next_number(pictures: Path) -> int:
    known = _tables_in(pictures)
    return (int(known[-1].name.partition("-")[0]) if known else 0) + 1


def table_of(pictures: Path, upload_id: str) -> Path | None:
    """Return the folder of the tables that came with an upload; ``None`` where none did."""
    return next((place for place in _tables_in(pictures) if place.name.endswith(f"-{upload_id}")), None)


def take_away(place: Path) -> None:
    """Remove the tables that came with an upload, and their pictures."""
    shutil.rmtree(place, ignore_errors=True)
    _beside(place).unlink(missing_ok=True)


def parts_in(pictures: Path) -> list[Part]:
    """Return everything that was uploaded into a collection, tables in the order they came."""
    folder = Part(FolderSource(pictures), pictures)
    return [*([folder] if folder.source.count() else []), *starmap(_of_table, _finders(pictures).items())]


def parts_of(pictures: Path, goes: Iterable[str]) -> list[Part]:
    """Return what an upload makes anew: its own pictures, and each table that it brings or adds to."""
    names = [path for path in goes if path and not path.startswith(f"{_TABLES}/")]
    places = {path.split("/")[1] for path in goes if path.startswith(f"{_TABLES}/")}
    folder = [Part(FolderSource(pictures, only=names), pictures)] if names else []
    finders = _finders(pictures) if places else {}
    return [*folder, *(_of_table(place, finders[place]) for place in finders if place.name in places)]


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
    ids = set(_named(place).ids)
    for other in _tables_in(pictures):
        names = _table_names(other)
        both = [] if names == _table_names(place) else sorted(ids.intersection(_named(other).ids))
        if both:
            raise SettingsError(
                f"{len(both):,} works of this table have the ids of works of {', '.join(names)}: "
                f"{', '.join(both[:5])}. Give them ids of their own, or put them into another collection."
            )


def _tables_in(pictures: Path) -> list[Path]:
    folder = pictures / _TABLES
    return sorted(place for place in folder.iterdir() if place.is_dir()) if folder.is_dir() else []


def _of_table(place: Path, finder: Finder) -> Part:
    return Part(TableSource(_table_files(place), pictures=finder), place, finder)


def _finders(pictures: Path) -> dict[Path, Finder]:
    """Return what finds the pictures of each upload's tables, there or with earlier tables of these names."""
    tables = {place: _table_names(place) for place in _tables_in(pictures)}
    read = {place: cache(partial(_named, place)) for place in tables}
    alone = {place: Finder(place, read[place]) for place in tables}
    return {
        place: Finder(
            place,
            read[place],
            [alone[other] for other in reversed(tables) if other < place and tables[other] == tables[place]],
        )
        for place in tables
    }


def _named(place: Path) -> Named:
    """Return what the tables of a folder name; they are read once."""
    known = kept_named(_beside(place))
    if known is None:
        known = read_named(place, _table_files(place))
        keep_named(known, _beside(place))
    return known


def _beside(place: Path) -> Path:
    return place.with_name(f"{place.name}.json")


def _table_names(place: Path) -> list[str]:
    return [path.name for path in _table_files(place)]


def _table_files(place: Path) -> list[Path]:
    return [path for path in _files(place) if is_table(path.name)]


def _files(place: Path) -> list[Path]:
    return sorted(path for path in place.rglob("*") if path.is_file())
