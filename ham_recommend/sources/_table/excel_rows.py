"""Rows of an Excel workbook."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from typing import IO, Any

from ham_recommend.errors import MissingExtraError, SettingsError, SourceError
from ham_recommend.sources._table.files import TableFile
from ham_recommend.sources._table.rows import Getter, Report, Row, Rows, distinct

LARGEST_WORKBOOK = 256 * 2**20
"""Bytes that the parts of a workbook may unpack to."""
_MOST_TIMES, _HARMLESS = 100, 16 * 2**20
"""How many times its size a workbook may unpack to, and up to how many bytes that does not matter."""

_MOST_COLUMNS = 5_000
_LONGEST_ROW, _PIECE = 8 * 2**20, 2**20
"""Bytes of a row, which is held whole, and of a piece that is looked through at once."""


class ExcelRows(Rows):
    """A sheet of an Excel workbook; its first row that is not empty holds the names.

    Parameters
    ----------
    file : TableFile
        The workbook.
    sheet : str
        Which of its sheets; by default the first that is not empty.
    """

    unit = "row"

    def __init__(self, file: TableFile, sheet: str = "") -> None:
        self.sheet = sheet
        self._others: list[str] = []
        super().__init__(file)

    @property
    def notes(self) -> list[str]:
        """Which sheet was read, where there are others."""
        if not self._others:
            return super().notes
        others = ", ".join(map(repr, self._others[:20]))
        return [*super().notes, f"was read from its sheet {self.sheet!r}; it also has {others} (--sheet)"]

    def _columns(self) -> tuple[str, ...]:
        asked = bool(self.sheet)
        with self._workbook() as book:
            names = [sheet.title for sheet in book.worksheets]
            if asked and self.sheet not in names:
                raise SettingsError.unknown("sheet", self.sheet, names)
            for name in [self.sheet] if asked else names:
                header = next(_filled(book[name]), None)
                if header is not None:
                    self.sheet = name
                    self._others = [] if asked else [other for other in names if other != name]
                    return _names(header[1])
        raise SourceError(f"{self.file} holds no rows.")

    def _read(self, names: Sequence[str], report: Report) -> Iterator[Row]:  # noqa: ARG002 - every row is sound
        position = {name: at for at, name in enumerate(self.columns)}
        getters = [Getter(name, self.columns) for name in names]
        wanted = [position[getter.column] for getter in getters]
        with self._workbook() as book:
            for number, cells in islice(_filled(book[self.sheet]), 1, None):
                values = [_plain(cells[at]) if at < len(cells) else None for at in wanted]
                yield number, list(map(Getter.inside, getters, values))

    @contextmanager
    def _workbook(self) -> Iterator[Any]:
        try:
            import openpyxl
        except ImportError as error:
            raise MissingExtraError.needing("Reading Excel workbooks", "excel") from error
        with self.file.anywhere() as place:
            self._check_size(place)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about styles and extensions, which hold no content
                try:
                    book = openpyxl.load_workbook(place, read_only=True, data_only=True)
                except (KeyError, ValueError, TypeError, AttributeError, SyntaxError) as error:
                    raise SourceError(f"{self.file} is no workbook that can be read ({error}).") from error
                try:
                    yield book
                finally:
                    book.close()

    def _check_size(self, place: Any) -> None:
        with zipfile.ZipFile(place) as parts:
            size = sum(part.file_size for part in parts.infolist())
            packed = sum(part.compress_size for part in parts.infolist())
            if size <= LARGEST_WORKBOOK and any(map(_has_long_row, _sheets(parts))):
                raise SourceError(
                    f"{self.file} has a row of more than {_LONGEST_ROW:,} bytes. Save it as CSV."
                )
        if size > LARGEST_WORKBOOK or size > max(_HARMLESS, _MOST_TIMES * packed):
            raise SourceError(f"{self.file} unpacks to {size:,} bytes, which is too much. Save it as CSV.")
        if hasattr(place, "seek"):
            place.seek(0)


def _sheets(parts: zipfile.ZipFile) -> Iterator[IO[bytes]]:
    for part in parts.infolist():
        if part.filename.startswith("xl/worksheets/") and not part.is_dir():
            with parts.open(part) as sheet:
                yield sheet


def _has_long_row(sheet: IO[bytes]) -> bool:
    """Return whether more than a row may hold lies between the beginnings of two."""
    since = 0
    while piece := sheet.read(_PIECE):
        last = max(piece.rfind(b"<row"), piece.rfind(b":row"))
        since = since + len(piece) if last < 0 else len(piece) - last
        if since > _LONGEST_ROW:
            return True
    return False


def _filled(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the rows that are not empty, with their numbers in the sheet."""
    sheet.reset_dimensions()  # what the file says of its size need not be true
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if any(cell is not None and str(cell).strip() for cell in cells[:_MOST_COLUMNS]):
            yield number, cells[:_MOST_COLUMNS]


def _names(header: Sequence[Any]) -> tuple[str, ...]:
    names = ["" if cell is None else str(_plain(cell)).strip() for cell in header]
    while names and not names[-1]:
        del names[-1]
    return distinct(names)


def _plain(cell: Any) -> Any:
    """Return a cell as the value of a table: a date as text, without the midnight that Excel adds."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return cell
