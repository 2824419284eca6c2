"""A museum's own tables: CSV, TSV, JSON, JSON Lines, Parquet or Excel."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import tempfile
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Self

from ham_recommend.errors import RecordError, SettingsError, SourceError
from ham_recommend.manifest import listed
from ham_recommend.records import Problem, RawRecord
from ham_recommend.sources._places import absolute, kind_of
from ham_recommend.sources._table.columns import Columns, FieldColumns, canonical_mapping, choose_columns
from ham_recommend.sources._table.files import checked_encoding, readable
from ham_recommend.sources._table.kinds import check_kind, open_rows
from ham_recommend.sources._table.pictures import Elsewhere, Pictures, told_as_files
from ham_recommend.sources._table.record import RecordReader, id_reader
from ham_recommend.sources._table.rows import Rows
from ham_recommend.sources._table.values import as_text
from ham_recommend.sources.base import LIMIT, Option, Source, checked_limit
from ham_recommend.sources.explanation import Explanation, explained

_UNUSABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\s]+")
_NO_MAPPING: Mapping[str, str] = MappingProxyType({})


class TableSource(Source):
    """The works of one table or of several, read in pieces.

    The columns are found by their usual names in several languages and in the systems of museums. Where two
    columns mean the same, the second fills the gaps of the first; subjects, places, periods and kinds of all
    of their columns add up. Further titles are kept beside the first. Of nested records, the parts of objects
    are columns too, such as ``date.text``. :meth:`explain` says which column becomes which field, and which
    are left out.

    Columns that describe a work (``description…``, ``alt_text``, ``label text``, ``caption``,
    ``annotations``, ``inscription``, …) all become descriptions, with the column as their source; a column
    that lists several becomes several. Those that describe something else (the artist, the condition, the
    rights, the record) do not. A ``<column>_model`` beside it, or a ``<column>_kind`` such as ``ai_gemini``,
    says which model wrote a text. All of them are handed on; the catalog drops those that repeat another
    field word for word.

    A cell may hold several values where a field may: a list, also one spelled out in JSON, or texts divided
    by ``;``, ``|`` or ``$``. Years of 0 are unknown. Life dates of the artist are not read: they are not the
    years of the work.

    A picture is an http(s) address, a path beside the table or in the folder ``images`` beside it, or the
    picture's own bytes. Of several the first that can be had is taken, and the others are kept beside it. A
    work whose picture does not exist or lies outside the table's folder is kept without it, and the problem
    noted.

    A table without a column of ids gets the numbers of its rows as ids.

    Parameters
    ----------
    path : path-like or sequence of path-like
        ``.csv``, ``.tsv``, ``.txt``, ``.json``, ``.jsonl``, ``.ndjson``, ``.parquet`` or ``.xlsx``, each also
        with ``.gz`` or ``.zip``; several tables are read one after the other. Text is UTF-8, or what Excel
        writes in Western Europe.
    mapping : mapping of str to str or sequence of str
        Field of :class:`~ham_recommend.records.RawRecord` → column or columns, for columns with unusual
        names; a path such as ``production.0.creator.name`` leads into nested records. Several columns add up.
    ignore : collection of str
        Columns to leave out.
    limit : int or None
        At most so many works.
    encoding : str or None
        Of the text, where it is another than the above.
    sheets : str or sequence of str
        Sheets of a workbook; by default the first that is not empty.
    pictures : callable or None
        Finds pictures that are not where the table says, as after files were sent from elsewhere: given a
        work's id and the path that its row tells, it returns a path, or nothing. By default none are found.

    Raises
    ------
    SettingsError
        The kind of file, a field of ``mapping``, the encoding or the limit is not one we know.
    SourceError
        There is no such file, or the system does not let us look.
    """

    name: ClassVar[str] = "table"
    title: ClassVar[str] = "A table of works: CSV, TSV, JSON, Parquet or Excel"
    help: ClassVar[str] = (
        "Pictures that lie on the web are shown from there; fetching them politely takes hours for a large "
        "table."
    )
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            name="path",
            type=Path,
            flag="",
            metavar="FILE…",
            repeated=True,
            help="CSV, TSV, JSON, JSON Lines, Parquet or .xlsx; each also with .gz or .zip.",
        ),
        LIMIT,
        Option(
            name="mapping",
            flag="--map",
            metavar="field=column",
            repeated=True,
            default=(),
            help="Which column holds a field; repeat for more, also of one field.",
        ),
        Option(name="ignore", metavar="COLUMN", repeated=True, default=(), help="A column to leave out."),
        Option(
            name="encoding", metavar="NAME", help="Of the text, if it is neither UTF-8 nor what Excel writes."
        ),
        Option(
            name="sheets",
            flag="--sheet",
            metavar="NAME",
            repeated=True,
            default=(),
            help="A sheet of a workbook; by default the first that is not empty.",
        ),
    )
    examples: ClassVar[tuple[str, ...]] = ("works.csv", "works.parquet --map title=Titel --ignore alt_text")
    fetch_pictures: ClassVar[bool | None] = False

    def __init__(
        self,
        path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        *,
        mapping: Mapping[str, str | Sequence[str]] = _NO_MAPPING,
        ignore: Collection[str] = (),
        limit: int | None = None,
        encoding: str | None = None,
        sheets: str | Sequence[str] = (),
        pictures: Elsewhere | None = None,
    ) -> None:
        super().__init__()
        self._elsewhere = pictures
        self.paths = tuple(map(Path, [path] if isinstance(path, str | os.PathLike) else path))
        if not self.paths:
            raise SettingsError("Name at least one table.")
        for one in self.paths:
            _check_file(one)
        self.mapping = canonical_mapping(mapping)
        self.ignore = tuple(sorted({ignore} if isinstance(ignore, str) else set(ignore)))
        self.limit = checked_limit(limit)
        self.encoding = None if encoding is None else checked_encoding(encoding)
        self.sheets = (sheets,) if isinstance(sheets, str) else tuple(sheets)
        self._kept: Path | None = None
        self._opened: tuple[object, list[_Table]] | None = None

    def settle(self, folder: Path) -> None:
        """Keep the pictures that a table holds in this folder."""
        self._kept = folder.absolute()

    @classmethod
    def from_options(cls, *, mapping: Sequence[str] = (), **values: Any) -> Self:
        """Make the source from what was typed; each part of the mapping is ``"field=column"``."""
        columns: dict[str, list[str]] = {}
        for field, column in map(_pair, mapping):
            columns.setdefault(field, []).append(column)
        return cls(mapping=columns, **values)

    def fetch(self, *, since: date | None = None) -> Iterator[RawRecord]:
        """Yield the works in the tables' order. A table cannot tell what changed ``since``: all works come.

        Raises
        ------
        SourceError
            A file is empty, damaged, or in an encoding that cannot be told.
        SettingsError
            A column of ``mapping`` or ``ignore`` is in none of the tables.
        """
        del since
        self.problems, self.notes = [], []
        empty = True
        for record in islice(self._records(self._tables()), self.limit):
            empty = False
            yield record
        if empty:
            first = "".join(f" {problem.where}: {problem.reason}." for problem in self.problems[:1])
            raise SourceError(f"{_named(self.paths)} holds no usable work.{first}")

    def explain(self, rows: int = 1000) -> Explanation:
        """Say which column becomes which field, with samples; nothing is built.

        Parameters
        ----------
        rows : int
            How many works to look at; 0 to look at the names of the columns alone.

        Raises
        ------
        SourceError, SettingsError
            As :meth:`fetch` does.
        """
        tables = self._tables()
        columns: dict[str, list[str]] = {}
        left_out: dict[str, str] = {}
        for table in tables:
            for field, names in table.columns.of_fields().items():
                columns[field] = list(dict.fromkeys([*columns.get(field, []), *names]))
            for name in table.columns.left_out:
                left_out[name] = left_out.get(name, "")
        told, self.problems, self.notes = (self.problems, self.notes), [], []
        adding_up = {
            field for table in tables for field, found in table.columns.fields.items() if found.add_up
        }
        used, works = explained(columns, islice(self._records(tables), rows), {*adding_up, "descriptions"})
        self.problems, self.notes = told
        for table in tables if rows else ():
            left_out.update(table.samples_left_out(rows))
        notes = dict.fromkeys(f"{table.name} {note}" for table in tables for note in table.notes)
        return Explanation(used, MappingProxyType(left_out), tuple(notes), works)

    def fingerprint(self) -> str:
        """Return a digest of the files and of where the pictures beside them were found."""
        digest = hashlib.sha256()
        for path in self.paths:
            with readable(path), path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        for place in self.pictures_beside():
            digest.update(os.fsencode(place + "\0"))
        return digest.hexdigest()

    def pictures_beside(self) -> Iterator[str]:
        """Yield the path of each picture beside the tables that a row names; empty where there is none."""
        for table in self._tables():
            with_pictures = "picture" in table.columns.fields
            for item_id, cells in table.picture_cells(self.name) if with_pictures else ():
                yield from table.pictures().beside(item_id, cells)

    def pictures_told(self) -> Iterator[tuple[str, tuple[str, ...], Path]]:
        """Yield each work's id, the pictures that its row tells of as files, and the folder of its table."""
        seen: set[str] = set()
        for table in self._tables():
            for item_id, cells in table.picture_cells(self.name):
                if item_id not in seen:
                    seen.add(item_id)
                    yield item_id, tuple(told_as_files(cells)), table.path.parent

    def settings(self) -> Mapping[str, Any]:
        """Return the files' names, without their folders, and the options."""
        return {
            "files": [path.name for path in self.paths],
            "mapping": {field: list(columns) for field, columns in sorted(self.mapping.items())},
            "ignore": list(self.ignore),
            "limit": self.limit,
            "encoding": self.encoding,
            "sheets": list(self.sheets),
        }

    def command(self) -> str:
        """Return the command's words: the files and every option."""
        words = [self.name, *(str(absolute(path).parent / path.name) for path in self.paths)]
        for field, columns in sorted(self.mapping.items()):
            for column in columns:
                words += ["--map", f"{field}={column}"]
        for column in self.ignore:
            words += ["--ignore", column]
        for sheet in self.sheets:
            words += ["--sheet", sheet]
        words += [] if self.encoding is None else ["--encoding", self.encoding]
        words += [] if self.limit is None else ["--limit", str(self.limit)]
        return shlex.join(words)

    def count(self) -> int | None:
        """Return the number of rows, which only Parquet tells without being read."""
        if not all(path.name.lower().endswith(".parquet") for path in self.paths):
            return None
        total = sum(open_rows(path).total or 0 for path in self.paths)
        return total if self.limit is None else min(total, self.limit)

    def _tables(self) -> list[_Table]:
        """Return the tables, opened once while their files stay as they are, as JSON is read whole for it."""
        with readable(_named(self.paths)):
            files = [path.stat() for path in self.paths]
        state = [(file.st_size, file.st_mtime_ns, file.st_ino) for file in files]
        if self._opened is None or self._opened[0] != state:
            self._opened = state, self._newly_opened()
        return self._opened[1]

    def _newly_opened(self) -> list[_Table]:
        opened = [
            (path, open_rows(path, self.encoding, sheet))
            for path in self.paths
            for sheet in self.sheets or [""]
        ]
        in_any = tuple(dict.fromkeys(column for _, rows in opened for column in rows.columns))
        choose_columns(in_any, self.mapping, self.ignore)  # refuses what is in none of them
        tables = [
            _Table(path, rows, self._columns_of(rows), self._pictures_kept, self._elsewhere)
            for path, rows in opened
        ]
        if not any(table.columns.names for table in tables):
            raise SourceError(
                f"{_named(self.paths)} has no column whose name is known. Say what they hold with "
                f"mapping={{'title': 'COLUMN'}} (--map title=COLUMN). Its columns: {listed(in_any)}."
            )
        return tables

    def _columns_of(self, rows: Rows) -> Columns:
        """Choose the columns of one of several tables, in which those that were asked for may be missing."""
        if len(self.paths) * max(1, len(self.sheets)) == 1:
            return choose_columns(rows.columns, self.mapping, self.ignore, rows.parts)
        there = {
            field: [name for name in names if _is_in(name, rows)] for field, names in self.mapping.items()
        }
        return choose_columns(
            rows.columns,
            {field: names for field, names in there.items() if names},
            [name for name in self.ignore if _is_in(name, rows)],
            rows.parts,
        )

    def _records(self, tables: Sequence[_Table]) -> Iterator[RawRecord]:
        seen: set[str] = set()
        for table in tables:
            try:
                yield from table.records(self.name, seen, self.problems)
            finally:
                self.notes += [f"{table.name} {note}" for note in table.notes]

    def _pictures_kept(self) -> Path:
        if self._kept is None:
            self._kept = Path(tempfile.mkdtemp(prefix="ham-table-"))
            weakref.finalize(self, shutil.rmtree, self._kept, ignore_errors=True)
        return self._kept / "pictures"


@dataclass(frozen=True, slots=True)
class _Table:
    """One table, opened."""

    path: Path
    rows: Rows
    columns: Columns
    kept: Callable[[], Path]
    elsewhere: Elsewhere | None

    @property
    def name(self) -> str:
        """What to call it."""
        sheet = getattr(self.rows, "sheet", "")
        return f"{self.path.name}, {sheet}" if sheet else self.path.name

    @property
    def notes(self) -> list[str]:
        """What a person should know about how it is read."""
        notes = [*self.rows.notes, *self.columns.notes]
        if "item_id" not in self.columns.fields:
            notes.append(
                f"has no column that looks like an id: its {self.rows.unit} numbers are the ids. "
                "If it has one, name it with mapping={'item_id': 'COLUMN'} (--map item_id=COLUMN)"
            )
        return notes

    def records(self, source: str, seen: set[str], problems: list[Problem]) -> Iterator[RawRecord]:
        """Yield the records whose ids were not seen before, and note those that are left out."""

        def report(line: int, reason: str) -> None:
            problems.append(Problem(f"{self.name}, {self.rows.unit} {line}", reason))

        reader = RecordReader(self.columns, source, self.pictures())
        for line, values in self.rows.read(self.columns.names, report):
            try:
                record = reader.read(values, self._spare_id(line), partial(report, line))
            except RecordError as error:
                report(line, str(error))
                continue
            if record.item_id in seen:
                report(line, f"the id {record.item_id} came before")
                continue
            seen.add(record.item_id)
            yield record

    def samples_left_out(self, rows: int) -> dict[str, str]:
        """Return one value of each column that is left out, where the first rows have any."""
        found: dict[str, str] = {}
        for _, values in islice(self.rows.read(self.columns.left_out, _overlook), rows):
            for name, value in zip(self.columns.left_out, values, strict=True):
                if name not in found and value is not None and (text := as_text(value)):
                    found[name] = text
        return found

    def picture_cells(self, source: str) -> Iterator[tuple[str, Sequence[Any]]]:
        """Yield the id of each row that has one, and its cells of pictures."""
        of_id = self.columns.fields.get("item_id", FieldColumns(()))
        of_pictures = self.columns.fields.get("picture", FieldColumns(()))
        first = len(of_id.at)
        read = id_reader(FieldColumns(tuple(range(first)), of_id.add_up) if first else None, source)
        names = [self.columns.names[at] for at in (*of_id.at, *of_pictures.at)]
        for line, values in self.rows.read(names, _overlook):
            with suppress(RecordError):
                yield read(values, self._spare_id(line)), values[first:]

    def pictures(self) -> Pictures:
        """Return what finds its pictures."""
        return Pictures(absolute(self.path).parent, self.kept, self.elsewhere)

    def _spare_id(self, line: int) -> str:
        return f"{_UNUSABLE.sub('_', self.path.name.partition('.')[0])}-{line}"


def _pair(typed: str) -> tuple[str, str]:
    field, equals, column = (part.strip() for part in typed.partition("="))
    if not (field and equals and column):
        raise SettingsError(f"--map {typed!r} is not of the form field=column, for example title=Titel.")
    return field, column


def _overlook(line: int, reason: str) -> None:
    """Leave it to :meth:`TableSource.fetch` to report what is wrong with a line."""


def _check_file(path: Path) -> None:
    found = kind_of(path)
    if found == "folder":
        raise SourceError(f"{path} is a folder. Name the table in it, or read it as a folder of pictures.")
    check_kind(path)
    if found != "file":
        raise SourceError(f"There is no table {path}. Check the path.")


def _is_in(column: str, rows: Rows) -> bool:
    try:
        choose_columns(rows.columns, {"title": [column]}, ())
    except SettingsError:
        return False
    return True


def _named(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths[:3])) + (", …" if len(paths) > 3 else "")
