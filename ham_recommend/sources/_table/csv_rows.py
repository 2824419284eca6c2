"""Rows of CSV and TSV, as well as of what programs take for it."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress

from ham_recommend.errors import SourceError
from ham_recommend.sources._table.files import LONGEST_ROW
from ham_recommend.sources._table.rows import Getter, Report, Row, Rows, distinct

_DELIMITERS = ",;\t|"
_READ_AGAIN = 4_000_000
"""Characters of malformed rows that are read again at most, and half as many as were read in all."""


class CsvRows(Rows):
    """Text with one delimiter between values: comma, semicolon, tab or bar, whichever splits the header.

    A row that is too short is filled with empty cells, and empty cells too many are nothing. Quotes may be
    doubled or follow a backslash. A row with a quote out of place is read line by line, the quote as it
    stands.
    """

    def _columns(self) -> tuple[str, ...]:
        self._short = self._stray = 0
        self._first_short = self._first_stray = 0
        feed = _Feed(self.file.lines())
        self._delimiter, columns = self._header(feed)
        return columns

    @property
    def notes(self) -> list[str]:
        """How the file was read, and how many rows were not as they should be."""
        notes = super().notes
        if self._short:
            notes.append(
                f"has {_rows(self._short)} with fewer cells than the header (first in line "
                f"{self._first_short}): the missing ones were taken for empty"
            )
        if self._stray:
            notes.append(
                f"has {_rows(self._stray)} with a quote out of place (first in line {self._first_stray}): "
                "they were read as they stand"
            )
        return notes

    def _read(self, names: Sequence[str], report: Report) -> Iterator[Row]:
        self._short = self._stray = 0
        feed = _Feed(self.file.lines())
        delimiter, columns = self._header(feed)
        width = len(columns)
        position = {name: at for at, name in enumerate(columns)}
        getters = [Getter(name, columns) for name in names]
        wanted = [position[getter.column] for getter in getters]
        nested = any(getter.goes_inside for getter in getters)
        broken = False
        for line, values, stray in self._parsed(feed, delimiter, width):
            if len(values) == width:
                broken = False
            elif len(values) > width or stray or broken:
                broken = len(values) < width
                if broken or any(map(str.strip, values[width:])):
                    report(line, f"{len(values)} columns instead of {width}")
                    continue
            else:
                self._first_short = self._first_short if self._short else line
                self._short += 1
                values.extend([""] * (width - len(values)))
            if stray and delimiter != "\t":  # where tabs separate, quotes are often nothing but quotes
                self._first_stray = self._first_stray if self._stray else line
                self._stray += 1
            cells = [values[at] for at in wanted]
            yield line, list(map(Getter.inside, getters, cells)) if nested else cells

    def _header(self, feed: _Feed) -> tuple[str, tuple[str, ...]]:
        first = next((line for line in feed if line.strip()), "")
        told = re.match(r'^"?sep=(.)"?\s*$', first)  # Excel's own way to name the delimiter
        if told:
            delimiter = told[1]
            feed.next_row()
        else:
            delimiter = max(_DELIMITERS, key=re.sub('"[^"]*"', "", first).count)
            feed.again()
        header = next(self._parsed(feed, delimiter, None), None)
        if header is None:
            raise SourceError(f"{self.file} holds no rows.")
        names = [name.strip() for name in header[1]]
        while len(names) > 1 and not names[-1]:
            del names[-1]
        return delimiter, distinct(names)

    def _parsed(
        self, feed: _Feed, delimiter: str, width: int | None
    ) -> Iterator[tuple[int, list[str], bool]]:
        """Yield line number and cells of each row that is not empty, and whether a quote was out of place."""
        if csv.field_size_limit() < LONGEST_ROW:
            csv.field_size_limit(LONGEST_ROW)
        reader = csv.reader(feed, delimiter=delimiter, strict=True)
        while True:
            line, stray = feed.line, False
            try:
                if not feed.was_read_again or feed.may_read_on:
                    values = next(reader)
                else:
                    text = next(feed)
                    stray = text.count('"') % 2 == 1
                    values = next(csv.reader([text], delimiter=delimiter))
            except StopIteration:
                return
            except csv.Error:
                values, stray = self._mended(feed, delimiter, width)
                reader = csv.reader(feed, delimiter=delimiter, strict=True)
            else:
                if width is not None and len(values) > width and feed.holds('\\"'):
                    values, stray = self._mended(feed, delimiter, width)
            feed.next_row()
            if any(value.strip() for value in values):
                yield line, values, stray

    def _mended(self, feed: _Feed, delimiter: str, width: int | None) -> tuple[list[str], bool]:
        """Return the cells of a malformed row: with quotes behind backslashes, else of its first line."""
        feed.again()
        if feed.may_read_on:
            with suppress(csv.Error, StopIteration):
                values = next(csv.reader(feed, delimiter=delimiter, escapechar="\\", strict=True))
                if feed.holds("\\") and (width is None or len(values) <= width):
                    return values, False
            feed.again()
        line = feed.line
        first = next(feed).rstrip("\r\n")
        if width is None:
            raise SourceError(
                f"The header of {self.file} (line {line}) cannot be read: a quote is out of place there."
            )
        return _as_it_stands(first, delimiter, width), True


def _as_it_stands(line: str, delimiter: str, width: int) -> list[str]:
    """Return the cells of one line in which a quote is out of place."""
    cells = [_unquoted(cell) for cell in line.split(delimiter)]
    if len(cells) == width or delimiter == "\t":
        return cells
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=False))
    except (csv.Error, StopIteration):
        return cells


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell.startswith('"') and cell.endswith('"'):
        return cell[1:-1].replace('""', '"')
    return cell


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


class _Feed(Iterator[str]):
    """Lines on their way into a CSV parser, kept until their row is complete to be read again if need be."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []
        self._length = 0
        self._read = self._read_again = 0
        self.was_read_again = False
        self.line = 1

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._new()
        self.taken.append(line)
        self._length += len(line)
        if self._length > LONGEST_ROW:
            raise csv.Error("unexpected end of data")
        return line

    def _new(self) -> str:
        line = next(self._lines)
        self._read += len(line)
        return line

    def next_row(self) -> None:
        """Let the next line begin another row."""
        self.line += len(self.taken)
        self.taken.clear()
        self._length = 0

    def holds(self, text: str) -> bool:
        """Return whether a text is in this row."""
        return any(text in line for line in self.taken)

    def again(self) -> None:
        """Read all lines of this row again."""
        self.was_read_again = True
        self._read_again += self._length
        self._waiting.extendleft(reversed(self.taken))
        self.taken.clear()
        self._length = 0

    @property
    def may_read_on(self) -> bool:
        """Whether a row may go beyond its line; not for ever, where every line opens a quote."""
        return self._read_again < _READ_AGAIN + self._read // 2
