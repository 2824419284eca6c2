"""Rows of a table file, read in pieces: CSV, TSV, JSON Lines and Parquet behind one small interface."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import zlib
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO, Any, cast

from ham_recommend.errors import SettingsError, SourceError

Report = Callable[[int, str], None]
"""Called with a line number and the reason why that line is left out."""

Row = tuple[int, Sequence[Any]]
"""Line number, counted from 1, and the values of the wanted columns."""

LONGEST_ROW = 10_000_000
"""Characters in one row. Text behind a quote that nobody closed would otherwise fill the memory."""

_BATCH_ROWS = 4096
_CHUNK = 1 << 20
_DELIMITERS = ",;\t|"


class Rows(ABC):
    """A table file.

    Attributes
    ----------
    columns : tuple of str
        All columns of the file.
    unit : str
        What the numbers count: ``"line"`` or ``"row"``.
    """

    unit = "line"

    def __init__(self, path: Path) -> None:
        self.path = path
        with readable(path):
            if not path.stat().st_size:
                raise SourceError(f"{path} is empty.")
            self.columns = self._columns()

    def read(self, names: Sequence[str], report: Report) -> Iterator[Row]:
        """Yield the values of the columns ``names``, row by row; malformed rows are reported and left out.

        Raises
        ------
        SourceError
            The file as a whole cannot be read on.
        """
        with readable(self.path):
            yield from self._read(names, report)

    @abstractmethod
    def _columns(self) -> tuple[str, ...]: ...

    @abstractmethod
    def _read(self, names: Sequence[str], report: Report) -> Iterator[Row]: ...


class CsvRows(Rows):
    """Text with one delimiter between values: comma, semicolon, tab or bar, whichever splits the header."""

    def _columns(self) -> tuple[str, ...]:
        with _open_text(self.path) as file:
            return self._header(_Feed(_lines(file, self.path)))[1]

    def _read(self, names: Sequence[str], report: Report) -> Iterator[Row]:
        with _open_text(self.path) as file:
            feed = _Feed(_lines(file, self.path))
            delimiter, columns = self._header(feed)
            wanted = [columns.index(name) for name in names]
            for line, values in _parsed(feed, delimiter, report):
                if len(values) == len(columns):
                    yield line, [values[at] for at in wanted]
                else:
                    report(line, f"{len(values)} columns instead of {len(columns)}")

    def _header(self, feed: _Feed) -> tuple[str, tuple[str, ...]]:
        first = next((line for line in feed if line.strip()), "")
        told = re.match(r'^"?sep=(.)"?\s*$', first)  # Excel's own way to name the delimiter
        if told:
            delimiter = told[1]
            feed.next_row()
        else:
            delimiter = max(_DELIMITERS, key=re.sub('"[^"]*"', "", first).count)
            feed.again()
        header = next(_parsed(feed, delimiter, self._refuse_header), None)
        if header is None:
            raise SourceError(f"{self.path} holds no rows.")
        return delimiter, _distinct([name.strip() for name in header[1]])

    def _refuse_header(self, line: int, reason: str) -> None:
        raise SourceError(f"The header of {self.path} (line {line}) cannot be read: {reason}.")


class JsonRows(Rows):
    """One JSON object per line."""

    def _columns(self) -> tuple[str, ...]:
        columns: dict[str, None] = {}
        for _, found in self._objects(lambda _line, _reason: None):
            columns.update(dict.fromkeys(found))
        if not columns:
            raise SourceError(f"{self.path} holds no JSON objects. One object per line is needed.")
        return tuple(columns)

    def _read(self, names: Sequence[str], report: Report) -> Iterator[Row]:
        for line, found in self._objects(report):
            yield line, [found.get(name) for name in names]

    def _objects(self, report: Report) -> Iterator[tuple[int, dict[str, Any]]]:
        with _open_text(self.path) as file:
            for line, text in enumerate(_lines(file, self.path), 1):
                if not text.strip():
                    continue
                try:
                    found = from_json(text)
                except (ValueError, RecursionError) as error:
                    report(line, f"not valid JSON ({error})")
                    continue
                if isinstance(found, dict):
                    yield line, found
                else:
                    report(line, f"a JSON object is needed, this is {type(found).__name__}")


class ParquetRows(Rows):
    """Apache Parquet, read in batches of a few thousand rows."""

    unit = "row"

    def _columns(self) -> tuple[str, ...]:
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path) as file:
            self.total: int = file.metadata.num_rows
            return tuple(file.schema_arrow.names)

    def _read(self, names: Sequence[str], report: Report) -> Iterator[Row]:  # noqa: ARG002
        import pyarrow.parquet as pq

        numbers = count(1)
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(_BATCH_ROWS, columns=list(names)):
                at = [batch.schema.names.index(name) for name in names]
                columns = [_values(batch.column(position)) for position in at]
                yield from zip(numbers, zip(*columns, strict=True), strict=False)


READERS: dict[str, type[Rows]] = {
    ".csv": CsvRows,
    ".tsv": CsvRows,
    ".csv.gz": CsvRows,
    ".tsv.gz": CsvRows,
    ".jsonl": JsonRows,
    ".ndjson": JsonRows,
    ".jsonl.gz": JsonRows,
    ".parquet": ParquetRows,
}
"""Suffix → how such a file is read."""


def reader_of(path: Path) -> type[Rows]:
    """Return the class that reads files with this suffix.

    Raises
    ------
    SettingsError
        No such kind of table is known.
    """
    name = path.name.lower()
    for suffix, reader in READERS.items():
        if name.endswith(suffix):
            return reader
    raise SettingsError.unknown("kind of table", path.name, READERS)


def from_json(text: str) -> Any:
    """Read JSON; lone surrogates, which no file can hold, become U+FFFD.

    Raises
    ------
    ValueError, RecursionError
        Not JSON, or nested too deeply.
    """
    found = json.loads(text)
    if _SURROGATE.search(text):
        safe = json.dumps(found, ensure_ascii=False).encode("utf-16", "surrogatepass")
        return json.loads(safe.decode("utf-16", "replace"))
    return found


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while reading a file into one clear error."""
    from pyarrow.lib import ArrowException

    try:
        yield
    except UnicodeDecodeError as error:
        raise SourceError(_not_utf8(path)) from error
    except PermissionError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}. Check that you may read it.") from error
    except (OSError, EOFError, zlib.error, ArrowException) as error:
        raise SourceError(
            f"{path} cannot be read: it is damaged, cut short or not what its name says ({error}). "
            "Copy or download it again."
        ) from error


def _not_utf8(path: Path) -> str:
    """Say where a file stops being UTF-8, and how to make it so."""
    with _open_bytes(path) as file:
        if file.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            return f"{path} is UTF-16, not UTF-8. Convert it: {_convert(path, 'UTF-16')}"
        file.seek(0)
        line, byte, value = _first_undecodable(file)
    return (
        f"{path} is not UTF-8: line {line} holds the byte 0x{value:02x} (byte {byte} of the file). "
        f"If it is Windows-1252, convert it: {_convert(path, 'WINDOWS-1252')}"
    )


def _first_undecodable(file: IO[bytes]) -> tuple[int, int, int]:
    """Return the line and the position, both counted from 1, and the value of the first byte out of place."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, before = 1, 0
    while chunk := file.read(_CHUNK):
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            seen = error.object[: error.start]
            carried = len(error.object) - len(chunk)
            return lines + seen.count(b"\n"), before - carried + error.start + 1, error.object[error.start]
        lines += chunk.count(b"\n")
        before += len(chunk)
    begun = decoder.getstate()[0]
    return lines, before - len(begun) + 1, begun[0]


def _convert(path: Path, encoding: str) -> str:
    return f"iconv -f {encoding} -t UTF-8 {path.name} > utf8-{path.name}"


def _open_bytes(path: Path) -> IO[bytes]:
    if path.suffix.lower() == ".gz":
        return cast("IO[bytes]", gzip.open(path))
    return path.open("rb")


@contextmanager
def _open_text(path: Path) -> Iterator[io.TextIOWrapper]:
    with _open_bytes(path) as file, io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
        yield text


def _lines(file: IO[str], path: Path) -> Iterator[str]:
    """Yield the lines, ends of line included, and refuse endless ones."""
    number = 0
    while line := file.readline(LONGEST_ROW):
        number += 1
        if len(line) == LONGEST_ROW:
            raise SourceError(f"Line {number} of {path} is longer than {LONGEST_ROW:,} characters.")
        if number == 1 and "\0" in line:
            raise SourceError(f"{path} is no text in UTF-8: its first line holds NUL characters.")
        yield line


class _Feed(Iterator[str]):
    """Lines on their way into a CSV parser, kept until their row is complete to be read again if need be."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._waiting: deque[str] = deque()
        self._taken: list[str] = []
        self._length = 0
        self.line = 1

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else next(self._lines)
        self._taken.append(line)
        self._length += len(line)
        if self._length > LONGEST_ROW:
            raise csv.Error("unexpected end of data")
        return line

    def next_row(self) -> None:
        """Let the next line begin another row."""
        self.line += len(self._taken)
        self._taken.clear()
        self._length = 0

    def skip_line(self) -> str:
        """Take the first line of a malformed row away, return it, and read the others again."""
        first, *others = self._taken
        self._waiting.extendleft(reversed(others))
        self._taken = [first]
        self.next_row()
        return first

    def again(self) -> None:
        """Read all lines of this row again."""
        self._waiting.extendleft(reversed(self._taken))
        self._taken.clear()
        self._length = 0


def _parsed(feed: _Feed, delimiter: str, report: Report) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and values of each row; after a malformed one go on with its second line."""
    if csv.field_size_limit() < LONGEST_ROW:
        csv.field_size_limit(LONGEST_ROW)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line, first = feed.line, feed.skip_line()
            if delimiter == "\t":  # where tabs separate, quotes are often nothing but quotes
                yield line, first.rstrip("\r\n").split("\t")
            else:
                report(line, _CSV_REASONS.get(str(error), str(error)))
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
            continue
        line = feed.line
        feed.next_row()
        if any(value.strip() for value in values):
            yield line, values


_CSV_REASONS = {"unexpected end of data": "a quote is opened here and never closed"}


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, numbered where several columns share one: ``note``, ``note 2``."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return tuple(distinct)


def _values(column: Any) -> list[Any]:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.date32(), safe=False)
    values: list[Any] = column.to_pylist()
    return values
