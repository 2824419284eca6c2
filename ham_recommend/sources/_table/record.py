"""One row of a table → one record."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from ham_recommend.records import FIELDS, Description, RawRecord
from ham_recommend.sources._ids import usable_id
from ham_recommend.sources._table.columns import Columns, FieldColumns, TextColumn
from ham_recommend.sources._table.pictures import Pictures, addresses_in, is_plain_address, mended_address
from ham_recommend.sources._table.values import (
    BETWEEN_VALUES,
    as_descriptions,
    as_popularity,
    as_text,
    as_values,
    as_whole,
    as_year,
    as_yes,
    by_preference,
    is_by_language,
    out_of_brackets,
    spelled_out,
)

OF_SEVERAL_VALUES = frozenset(field.name for field in FIELDS if field.several and not field.listed)
"""Fields in which a cell may hold several values."""

_PLAIN_YEAR = re.compile(r"-?\d{3,4}")

Values = Sequence[Any]
"""The cells of a row, in the order of :attr:`Columns.names`."""

Report = Callable[[str], None]
"""Called with what is left out of a record."""


def several(values: Sequence[str]) -> str | tuple[str, ...]:
    """Return several values of one field as a record holds them."""
    return tuple(values) if len(values) > 1 else "".join(values)


class RecordReader:
    """Reads rows as records.

    Parameters
    ----------
    columns : Columns
        What the cells of a row hold.
    source : str
        The prefix of ids that have none.
    pictures : Pictures
        Finds the pictures.
    """

    def __init__(self, columns: Columns, source: str, pictures: Pictures) -> None:
        fields = dict(columns.fields)
        self._pictures = pictures
        self._texts = columns.texts
        self._item_id = id_reader(fields.pop("item_id", None), source)
        self._title = _titles_reader(fields.pop("title", None), fields.pop("other_titles", None))
        self._subjects = _values_reader(fields.pop("subjects", None))
        self._picture = fields.pop("picture", _NO_COLUMNS).at
        self._page = fields.pop("page_url", _NO_COLUMNS).at
        self._date = _text_reader(fields.pop("date", None))
        self._years = [fields.pop(field, _NO_COLUMNS).at for field in ("year_begin", "year_end")]
        self._popularity, self._copies = (
            fields.pop(field, _NO_COLUMNS).at for field in ("popularity", "copies_allowed")
        )
        self._of_one_column = [
            (field, found.at[0], _cell_reader(field)) for field, found in fields.items() if len(found.at) == 1
        ]
        self._of_more = [
            (field, _several_reader(field, found) if field in OF_SEVERAL_VALUES else _joint_reader(found))
            for field, found in fields.items()
            if len(found.at) > 1
        ]

    def read(self, values: Values, spare_id: str, report: Report) -> RawRecord:
        """Read one row.

        Parameters
        ----------
        values : sequence
            The row's cells.
        spare_id : str
            The id, where the table has no column of ids.
        report : callable
            Called with what is left out of the record.

        Raises
        ------
        RecordError
            The row has no usable id, or its popularity is no number one can use.
        """
        item_id = self._item_id(values, spare_id)
        popularity = as_popularity(_first(values, self._popularity)) if self._popularity else None
        title, other_titles = self._title(values) if self._title else ("", ())
        begin, end = (_first(values, at) if at else None for at in self._years)
        date, first, last = _dates(self._date(values) if self._date else "", begin, end, report)
        picture, other_pictures = (
            self._pictures.find(item_id, [values[at] for at in self._picture], report)
            if self._picture
            else ("", ())
        )
        texts: dict[str, Any] = {
            field: read(cell) for field, at, read in self._of_one_column if (cell := values[at]) is not None
        }
        for field, read_all in self._of_more:
            texts[field] = read_all(values)
        return RawRecord(
            item_id=item_id,
            title=title,
            other_titles=other_titles,
            subjects=tuple(self._subjects(values)) if self._subjects else (),
            date=date,
            year_begin=first,
            year_end=last,
            descriptions=_descriptions(values, self._texts) if self._texts else (),
            picture=picture,
            other_pictures=other_pictures,
            page_url=_page([values[at] for at in self._page], report) if self._page else "",
            popularity=popularity,
            copies_allowed=as_yes(_first(values, self._copies)) if self._copies else True,
            **texts,
        )


def id_reader(columns: FieldColumns | None, source: str) -> Callable[[Values, str], str]:
    """Return what reads the id of a row, or makes one of a spare id where the table has no column of ids."""
    read = _text_reader(columns)
    return lambda values, spare: usable_id(read(values) if read else spare, source)


_NO_COLUMNS = FieldColumns(())


def _first(values: Values, at: Sequence[int]) -> Any:
    """Return the first of some cells that says something."""
    if len(at) == 1:
        return values[at[0]]
    return next((values[one] for one in at if as_text(values[one])), None)


def _text_reader(columns: FieldColumns | None) -> Callable[[Values], str] | None:
    """Return what reads a field of one text."""
    if columns is None:
        return None
    if len(columns.at) == 1:
        only = columns.at[0]
        return lambda values: as_text(values[only])
    return _joint_reader(columns)


def _joint_reader(columns: FieldColumns) -> Callable[[Values], str]:
    """Return what reads a field of one text from the first column that has one, or from all."""
    at = columns.at
    if columns.add_up:
        return lambda values: BETWEEN_VALUES.join(
            _each_once([text for one in at if (text := as_text(values[one]))])
        )
    return lambda values: next((text for one in at if (text := as_text(values[one]))), "")


def _values_reader(columns: FieldColumns | None) -> Callable[[Values], list[str]] | None:
    """Return what reads the values of a field, each once: of the first column that has any, or of all."""
    if columns is None:
        return None
    at = columns.at
    if len(at) == 1:
        only = at[0]
        return lambda values: _each_once(as_values(values[only]))
    if columns.add_up:
        return lambda values: _each_once([value for one in at for value in as_values(values[one])])
    return lambda values: _each_once(next((found for one in at if (found := as_values(values[one]))), []))


def _several_reader(field: str, columns: FieldColumns) -> Callable[[Values], str | tuple[str, ...]]:
    """Return what reads a field of several values from more than one column."""
    read = _values_reader(columns) or (lambda _: [])
    if field == "culture":
        return lambda values: several(out_of_brackets(read(values)))
    return lambda values: several(read(values))


def _cell_reader(field: str) -> Callable[[Any], str | tuple[str, ...]]:
    """Return what reads a field from a cell of the only column that holds it."""
    if field not in OF_SEVERAL_VALUES:
        return as_text
    read = _in_brackets if field == "culture" else _of
    of_text = lru_cache(maxsize=1 << 13)(read)  # the same artists and materials come again and again
    return lambda cell: of_text(cell) if isinstance(cell, str) else read(cell)


def _of(cell: Any) -> str | tuple[str, ...]:
    return several(_each_once(as_values(cell)))


def _in_brackets(cell: Any) -> str | tuple[str, ...]:
    return several(out_of_brackets(_each_once(as_values(cell))))


def _titles_reader(
    first: FieldColumns | None, others: FieldColumns | None
) -> Callable[[Values], tuple[str, tuple[str, ...]]] | None:
    """Return what reads the title and the others."""
    in_title = first.at if first else ()
    in_others = _values_reader(others)
    if not in_title and in_others is None:
        return None

    def read(values: Values) -> tuple[str, tuple[str, ...]]:
        titles = [title for at in in_title for title in _titles(values[at])]
        if in_others is not None:
            titles += in_others(values)
        if len(titles) < 2:
            return titles[0] if titles else "", ()
        title, *more = _each_once(titles)
        return title, tuple(more)

    return read


def _titles(cell: Any) -> list[str]:
    """Return the titles in a cell: one, whatever stands in it, or those of a list; ``[Untitled]`` is none."""
    if isinstance(cell, str):
        text = as_text(cell)
        found = spelled_out(text) if text.startswith("[") else text
        if isinstance(found, str):
            return [found] if found else []
        cell = found
    if isinstance(cell, dict) and is_by_language(cell):
        return [title for language in by_preference(cell) for title in as_values(cell[language])]
    return [] if cell is None else as_values(cell)


def _each_once(values: list[str]) -> list[str]:
    return values if len(values) < 2 else list(dict.fromkeys(values))


def _dates(text: str, begin: Any, end: Any, report: Report) -> tuple[str, int | None, int | None]:
    """Return the displayed date and the years; a date that is a plain number is a year too."""
    first = None if begin is None else as_year(begin, "year_begin", report)
    last = None if end is None else as_year(end, "year_end", report)
    if text and 0 in {first, last}:
        first = last = None  # 0 is no year: half of the range is missing, and the words know better
    elif first is last is None and (number := as_whole(text or begin)):
        text = str(number)
        if _PLAIN_YEAR.fullmatch(text):
            first = last = number
    if not text and (begin is not None or end is not None):
        text = _written_range(begin, end, first, last)
    return text, first or None, last or None


def _written_range(begin: Any, end: Any, first: int | None, last: int | None) -> str:
    """Return a range whose ends are words rather than years, such as ``c. 1700 – c. 1710``."""
    told = list(dict.fromkeys(filter(None, map(as_text, (begin, end)))))
    in_words = (first is None and as_text(begin)) or (last is None and as_text(end))
    return " – ".join(told) if in_words else ""


def _descriptions(values: Sequence[Any], columns: Sequence[TextColumn]) -> tuple[Description, ...]:
    return tuple(
        Description(
            told.text,
            told.source or _cell(values, column.source) or column.name,
            told.model or _model(values, column),
        )
        for column in columns
        if values[column.at] is not None
        for told in as_descriptions(values[column.at])
    )


def _cell(values: Sequence[Any], at: int | None) -> str:
    return "" if at is None else as_text(values[at])


def _model(values: Sequence[Any], column: TextColumn) -> str:
    """Return the model that wrote a text, from its own column or a kind such as ``ai_gemini-2.5-flash``."""
    return _cell(values, column.model) or _cell(values, column.kind).partition("ai_")[2]


def _page(cells: Sequence[Any], report: Report) -> str:
    """Return the first cell's address that a browser can open."""
    if is_plain_address(cells[0]):
        return str(cells[0])
    told = [text for cell in cells if cell for text in addresses_in(cell)]
    page = next(filter(None, map(mended_address, told)), "")
    if told and not page:
        report(f"the page {told[0][:200]!r} is no http(s) address; the work is kept without it")
    return page
