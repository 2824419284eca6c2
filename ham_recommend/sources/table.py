"""A museum's own table: CSV, TSV, JSON Lines or Parquet."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Self

from ham_recommend.errors import RecordError, SettingsError, SourceError
from ham_recommend.net.addresses import on_the_web
from ham_recommend.records import Description, Problem, RawRecord
from ham_recommend.sources._columns import Columns, TextColumn, canonical_mapping, choose_columns
from ham_recommend.sources._ids import usable_id
from ham_recommend.sources._places import absolute, kind_of
from ham_recommend.sources._rows import ParquetRows, Rows, readable, reader_of
from ham_recommend.sources._values import as_popularity, as_text, as_texts, as_whole, as_year, as_yes
from ham_recommend.sources.base import LIMIT, Option, Source, checked_limit

_NO_MAPPING: Mapping[str, str] = MappingProxyType({})
_PLAIN_YEAR = re.compile(r"-?\d{3,4}")
_PICTURE_FOLDERS = ("", "images")


class TableSource(Source):
    """The works of one table file, read in pieces.

    The columns are found by their usual names in several languages. Columns that describe a work
    (``description…``, ``alt_text``, ``label text``, ``caption``, ``annotations``, …) all become descriptions,
    with the column as their source; a column that lists several becomes several. A ``<column>_model`` beside
    it, or a ``<column>_kind`` such as ``ai_gemini``, says which model wrote it. All of them are handed on;
    the catalog drops those that repeat another field word for word.

    Years of 0 are unknown. Life dates of the artist are not read: they are not the years of the work.

    A picture is an http(s) address or a path beside the table, or in the folder ``images`` beside it. A work
    whose picture does not exist or lies outside the table's folder is kept without it, and the problem noted.

    Parameters
    ----------
    path : path-like
        ``.csv``, ``.tsv``, ``.jsonl``, ``.ndjson`` (these also with ``.gz``) or ``.parquet``. Text is UTF-8.
    mapping : mapping of str to str
        Field of :class:`~ham_recommend.records.RawRecord` → column, for columns with unusual names.
    ignore : collection of str
        Columns to leave out.
    limit : int or None
        At most so many works.

    Raises
    ------
    SettingsError
        The kind of file, a field of ``mapping`` or the limit is not one we know.
    SourceError
        There is no such file, or the system does not let us look.
    """

    name: ClassVar[str] = "table"
    title: ClassVar[str] = "A table of works: CSV, TSV, JSON Lines or Parquet"
    help: ClassVar[str] = (
        "Pictures that lie on the web are shown from there; fetching them politely takes hours for a large "
        "table."
    )
    options: ClassVar[tuple[Option, ...]] = (
        Option(name="path", type=Path, flag="", metavar="FILE", help="CSV, TSV, JSON Lines or Parquet."),
        LIMIT,
        Option(
            name="mapping",
            flag="--map",
            metavar="field=column",
            repeated=True,
            default=(),
            help="Which column holds a field.",
        ),
        Option(name="ignore", metavar="COLUMN", repeated=True, default=(), help="A column to leave out."),
    )
    examples: ClassVar[tuple[str, ...]] = ("works.csv", "works.parquet --map title=Titel --ignore alt_text")
    fetch_pictures: ClassVar[bool | None] = False

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        mapping: Mapping[str, str] = _NO_MAPPING,
        ignore: Collection[str] = (),
        limit: int | None = None,
    ) -> None:
        super().__init__()
        self.path = Path(path)
        self._folder = absolute(path).parent
        found = kind_of(self.path)
        if found == "folder":
            raise SourceError(
                f"{self.path} is a folder. Name the table in it, or read it as a folder of pictures."
            )
        self._reader = reader_of(self.path)
        if found != "file":
            raise SourceError(f"There is no table {self.path}. Check the path.")
        self.mapping = canonical_mapping(mapping)
        self.ignore = tuple(sorted({ignore} if isinstance(ignore, str) else set(ignore)))
        self.limit = checked_limit(limit)

    @classmethod
    def from_options(cls, *, mapping: Sequence[str] = (), **values: Any) -> Self:
        """Make the source from what was typed; each part of the mapping is ``"field=column"``."""
        return cls(mapping=dict(map(_pair, mapping)), **values)

    def fetch(self, *, since: date | None = None) -> Iterator[RawRecord]:
        """Yield the works in the table's order. A table cannot tell what changed ``since``: all works come.

        Raises
        ------
        SourceError
            The file is empty, damaged, not UTF-8, or has no column with ids.
        SettingsError
            A column of ``mapping`` or ``ignore`` is not in the table.
        """
        del since
        self.problems = []
        rows, columns = self._opened()
        empty = True
        for record in islice(self._records(rows, columns), self.limit):
            empty = False
            yield record
        if empty:
            first = "".join(f" {problem.where}: {problem.reason}." for problem in self.problems[:1])
            raise SourceError(f"{self.path} holds no usable work.{first}")

    def fingerprint(self) -> str:
        """Return a digest of the file and of where the pictures beside it were found."""
        with readable(self.path), self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
        rows, columns = self._opened()
        pictures = [columns.names[columns.fields["picture"]]] if "picture" in columns.fields else []
        for told in (as_text(cell) for _, cells in rows.read(pictures, _overlook) for cell in cells):
            if told and not on_the_web(told):
                digest.update(os.fsencode(_picture_file(told, self._folder)[0] + "\0"))
        return digest.hexdigest()

    def settings(self) -> Mapping[str, Any]:
        """Return the file's name, without its folder, and the options."""
        return {
            "file": self.path.name,
            "mapping": dict(sorted(self.mapping.items())),
            "ignore": list(self.ignore),
            "limit": self.limit,
        }

    def command(self) -> str:
        """Return the command's words: the file and every option."""
        words = [self.name, str(self._folder / self.path.name)]
        for field, column in sorted(self.mapping.items()):
            words += ["--map", f"{field}={column}"]
        for column in self.ignore:
            words += ["--ignore", column]
        words += [] if self.limit is None else ["--limit", str(self.limit)]
        return shlex.join(words)

    def count(self) -> int | None:
        """Return the number of rows, which only Parquet tells without being read."""
        if self._reader is not ParquetRows:
            return None
        total = ParquetRows(self.path).total
        return total if self.limit is None else min(total, self.limit)

    def _opened(self) -> tuple[Rows, Columns]:
        rows = self._reader(self.path)
        columns = choose_columns(rows.columns, self.mapping, self.ignore)
        if "item_id" not in columns.fields:
            raise SourceError(
                f"{self.path} has no column that looks like an id. Name it with "
                "mapping={'item_id': 'COLUMN'} (--map item_id=COLUMN). "
                f"Its columns: {', '.join(rows.columns)}."
            )
        return rows, columns

    def _records(self, rows: Rows, columns: Columns) -> Iterator[RawRecord]:
        def report(line: int, reason: str) -> None:
            self.problems.append(Problem(f"{self.path.name}, {rows.unit} {line}", reason))

        seen: set[str] = set()
        for line, values in rows.read(columns.names, report):
            try:
                record = _record(values, columns, self._folder, partial(report, line))
            except RecordError as error:
                report(line, str(error))
                continue
            if record.item_id in seen:
                report(line, f"the id {record.item_id} came before")
                continue
            seen.add(record.item_id)
            yield record


def _pair(typed: str) -> tuple[str, str]:
    field, equals, column = (part.strip() for part in typed.partition("="))
    if not (field and equals and column):
        raise SettingsError(f"--map {typed!r} is not of the form field=column, for example title=Titel.")
    return field, column


def _overlook(line: int, reason: str) -> None:
    """Leave it to :meth:`TableSource.fetch` to report what is wrong with a line."""


def _record(
    values: Sequence[Any], columns: Columns, folder: Path, report: Callable[[str], None]
) -> RawRecord:
    cells = {field: values[at] for field, at in columns.fields.items()}
    item_id = usable_id(as_text(cells.pop("item_id")), TableSource.name)
    popularity = as_popularity(cells.pop("popularity", None))
    copies_allowed = as_yes(cells.pop("copies_allowed", None))
    begin, end = (cells.pop(field, None) for field in ("year_begin", "year_end"))
    picture = as_text(cells.pop("picture", None))
    texts: dict[str, Any] = {field: as_text(value) for field, value in cells.items()}
    return RawRecord(
        item_id=item_id,
        descriptions=_descriptions(values, columns.texts),
        picture=_picture(picture, folder, report),
        popularity=popularity,
        copies_allowed=copies_allowed,
        **_dates(texts.pop("date", ""), begin, end, report),
        **texts,
    )


def _dates(text: str, begin: Any, end: Any, report: Callable[[str], None]) -> dict[str, Any]:
    """Return the displayed date and the years; a date that is a plain number is a year too."""
    first, last = as_year(begin, "year_begin", report), as_year(end, "year_end", report)
    if text and 0 in {first, last}:
        first = last = None  # 0 is no year: half of the range is missing, and the words know better
    elif first is last is None and (number := as_whole(text or begin)):
        text = str(number)
        if _PLAIN_YEAR.fullmatch(text):
            first = last = number
    if not text and first is None:
        text = as_text(begin)
    return {"date": text, "year_begin": first or None, "year_end": last or None}


def _descriptions(values: Sequence[Any], columns: Sequence[TextColumn]) -> tuple[Description, ...]:
    return tuple(
        Description(
            told.text,
            told.source or _cell(values, column.source) or column.name,
            told.model or _model(values, column),
        )
        for column in columns
        if values[column.at] is not None
        for told in as_texts(values[column.at])
    )


def _cell(values: Sequence[Any], at: int | None) -> str:
    return "" if at is None else as_text(values[at])


def _model(values: Sequence[Any], column: TextColumn) -> str:
    """Return the model that wrote a text, from its own column or a kind such as ``ai_gemini-2.5-flash``."""
    return _cell(values, column.model) or _cell(values, column.kind).partition("ai_")[2]


def _picture(told: str, folder: Path, report: Callable[[str], None]) -> str:
    """Return an address as it is, a path made absolute, or nothing with a reason in the report."""
    if not told or on_the_web(told):
        return told
    path, reason = _picture_file(told, folder)
    if reason:
        report(f"the picture {told[:200]!r} {reason}; the work is kept without it")
    return path


def _picture_file(told: str, folder: Path) -> tuple[str, str]:
    """Return the absolute path of a picture, or what is wrong with it."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", told):
        return "", "is neither an http(s) address nor a path"
    inside = str(folder).rstrip(os.sep) + os.sep
    spellings = (told, told.replace("\\", "/")) if "\\" in told else (told,)
    for place in (folder / name / spelling for spelling in spellings for name in _PICTURE_FOLDERS):
        # Plain arithmetic on names, not resolve(): a picture folder that the user linked to counts as inside.
        path = os.path.normpath(place)
        if not path.startswith(inside):
            return "", "lies outside the table's folder"
        if os.path.isfile(path):  # noqa: PTH113 - answers False for names no file can have
            return path, ""
    return "", "does not exist beside the table"
