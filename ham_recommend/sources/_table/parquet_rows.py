"""Rows of Apache Parquet, read in batches that surely fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from ham_recommend.errors import SourceError
from ham_recommend.parquet_files import batches, is_text
from ham_recommend.sources._table.rows import Getter, Report, Row, Rows

_MOST_COLUMNS = 5_000


class ParquetRows(Rows):
    """Apache Parquet.

    As many rows are read at a time as surely fit into memory. Dates are text, also those beyond the years
    that Python knows.
    """

    unit = "row"

    def _columns(self) -> tuple[str, ...]:
        import pyarrow.parquet as pq

        with self.file.anywhere() as place, pq.ParquetFile(place) as file:
            self.total = file.metadata.num_rows
            self._top = tuple(file.schema_arrow.names)
            columns = dict.fromkeys(
                path for field in file.schema_arrow for path in (field.name, *_paths(field.type, field.name))
            )
            self.parts = tuple(
                path for field in file.schema_arrow for path in _paths_in_lists(field.type, field.name)
            )
        if len(columns) > _MOST_COLUMNS:
            raise SourceError(f"{self.file} has {len(columns):,} columns, more than {_MOST_COLUMNS:,}.")
        return tuple(columns)

    def _read(self, names: Sequence[str], report: Report) -> Iterator[Row]:
        import pyarrow.parquet as pq

        getters = [Getter(name, self._top) for name in names]
        wanted = list(dict.fromkeys(getter.column for getter in getters))
        first = 1
        with self.file.anywhere() as place, pq.ParquetFile(place) as file:
            try:
                for batch in batches(place, file, wanted):
                    yield from _rows(batch, getters, first, report)
                    first += batch.num_rows
            except ValueError as error:
                raise SourceError(f"{self.file} cannot be read: {error}.") from error


def _rows(batch: Any, getters: Sequence[Getter], first: int, report: Report) -> Iterator[Row]:
    unreadable: dict[int, list[str]] = {}
    read = {
        name: _values(batch.column(at), partial(_note, unreadable, name))
        for at, name in enumerate(batch.schema.names)
    }
    columns = [
        [getter.inside(value) for value in read[getter.column]] if getter.goes_inside else read[getter.column]
        for getter in getters
    ]
    numbered = zip(range(first, first + batch.num_rows), zip(*columns, strict=True), strict=True)
    if not unreadable:
        yield from numbered
        return
    for number, values in numbered:
        for name in unreadable.get(number - first, ()):
            report(number, f"{name} holds a value that cannot be read; the work is kept without it")
        yield number, values


def _note(unreadable: dict[int, list[str]], name: str, row: int) -> None:
    unreadable.setdefault(row, []).append(name)


def _paths(kind: Any, head: str, depth: int = 4) -> Iterator[str]:
    """Yield the paths to what lies inside of a struct."""
    import pyarrow as pa

    if pa.types.is_struct(kind) and depth:
        for field in kind:
            path = f"{head}.{field.name}"
            yield path
            yield from _paths(field.type, path, depth - 1)


def _paths_in_lists(kind: Any, head: str, depth: int = 4) -> Iterator[str]:
    """Yield the paths to what lies inside of lists of structs."""
    import pyarrow as pa

    if pa.types.is_struct(kind) and depth:
        for field in kind:
            yield from _paths_in_lists(field.type, f"{head}.{field.name}", depth - 1)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _paths(kind.value_type, head, depth - 1)


def _values(column: Any, unreadable: Any) -> list[Any]:
    """Return a column's values; one that Python cannot hold is ``None`` and reported by its row."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return _days(column)
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError, pa.ArrowException):
        return [_value(entry, row, unreadable) for row, entry in enumerate(column)]
    return values


def _value(entry: Any, row: int, unreadable: Any) -> Any:
    import pyarrow as pa

    try:
        return entry.as_py()
    except UnicodeDecodeError:
        if is_text(entry.type):
            return entry.cast(pa.binary()).as_py().decode("cp1252", "replace")
    except (ValueError, OverflowError, pa.ArrowException):
        pass
    unreadable(row)
    return None


def _days(column: Any) -> list[str | None]:
    """Return dates and timestamps as ``1889-12-31``; for years of any size."""
    import numpy as np
    import pyarrow as pa

    unit = {"date32[day]": "D", "date64[ms]": "ms"}.get(str(column.type)) or column.type.unit
    numbers = column.cast(pa.int32() if unit == "D" else pa.int64())
    days = numbers.fill_null(0).to_numpy(zero_copy_only=False).astype("int64")
    texts = np.datetime_as_string(days.astype(f"datetime64[{unit}]").astype("datetime64[D]")).tolist()
    return [text if known else None for text, known in zip(texts, column.is_valid().to_pylist(), strict=True)]
