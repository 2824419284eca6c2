"""What an uploaded collection is made of: pictures, one work each, and tables with the pictures they name.

::

    <pictures>/…                  pictures, in the folders they came in
    <pictures>/.tables/<upload>/  a table, with the pictures that came with it: its rows are the works
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ham_recommend.builder.build import BuildReport
from ham_recommend.errors import SettingsError
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


def place_of(pictures: Path, upload_id: str, names: Iterable[str]) -> Path:
    """Return where the files of one upload go: beside all pictures, or where a table is among them, with it.

    Parameters
    ----------
    pictures : Path
        The folder of what was uploaded into the collection.
    upload_id : str
        The upload; each table has a folder of its own, so that none takes the pictures of another.
    names : iterable of str
        The files' paths.
    """
    if not any(map(is_table, names)):
        return pictures
    known = _tables_in(pictures)
    began = next((place for place in known if place.name.endswith(f"-{upload_id}")), None)
    last = int(known[-1].name.partition("-")[0]) if known else 0
    return began or pictures / _TABLES / f"{last + 1:06d}-{upload_id}"


def parts_in(pictures: Path) -> list[Part]:
    """Return everything that was uploaded into a collection, tables in the order they came."""
    folder = Part(FolderSource(pictures), pictures)
    return [*([folder] if folder.source.count() else []), *map(_of_table, _tables_in(pictures))]


def part_of(pictures: Path, place: Path, names: Sequence[str]) -> Part:
    """Return what has just arrived: pictures, or a table with its pictures."""
    return Part(FolderSource(pictures, only=names), place) if place == pictures else _of_table(place)


def check_apart(pictures: Path, place: Path) -> None:
    """Refuse a table whose works would take the places of works of another one.

    A table with the name of an earlier one is its new version, and may.

    Raises
    ------
    SettingsError
        It names some of their ids.
    """
    if place == pictures:
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
    return Part(TableSource([path for path in _files(place) if is_table(path.name)]), place)


def _files(place: Path) -> list[Path]:
    return sorted(path for path in place.rglob("*") if path.is_file())
