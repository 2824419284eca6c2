"""Rows of Apache Parquet, read in batches that surely fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from ham_recommend.errors import SourceError
from ham_recommend.sources._table.rows import Getter, Report, Row, Rows

BATCH_BYTES = 32 * 2**20
"""Bytes that a batch of rows may unpack to."""

_BATCH_ROWS = 4096
_MOST_COLUMNS = 5_000


class ParquetRows(Rows):
    """Apache Parquet.

    A dictionary of a few bytes can stand for gigabytes of text, so each row group is read in batches of
    as many rows as fit into :data:`BATCH_BYTES`, were each of them as long as the longest can be. Dates are
    text, also those beyond the years that Python knows.
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
            for group in range(file.num_row_groups):
                rows = _rows_that_fit(place, file.metadata.row_group(group), group, wanted)
                for batch in file.iter_batches(rows, row_groups=[group], columns=wanted):
                    yield from _rows(batch, getters, first, report)
                    first += batch.num_rows


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


def _rows_that_fit(place: Any, group: Any, number: int, columns: Sequence[str]) -> int:
    """Return how many rows of a row group can be read at once."""
    wanted = frozenset(columns)
    chunks = [group.column(at) for at in range(group.num_columns)]
    chunks = [
        chunk for chunk in chunks if wanted & {chunk.path_in_schema, chunk.path_in_schema.split(".")[0]}
    ]
    row = sum(chunk.total_uncompressed_size for chunk in chunks) / max(1, group.num_rows)
    probed = []
    for chunk in chunks:
        if chunk.physical_type == "BYTE_ARRAY" and _REPEATING & set(chunk.encodings):
            if chunk.total_uncompressed_size < _SMALL:
                row += chunk.total_uncompressed_size
            else:
                probed.append(chunk.path_in_schema)
    row += _longest_entries(place, number, probed) if probed else 0
    return int(max(1, min(_BATCH_ROWS, BATCH_BYTES // max(1, row))))


_REPEATING = {"RLE_DICTIONARY", "PLAIN_DICTIONARY", "DELTA_BYTE_ARRAY"}
"""Encodings in which one stored value can stand for many."""

_SMALL = 256


def _longest_entries(place: Any, group: int, paths: Sequence[str]) -> int:
    """Return the bytes of the longest entries of the dictionaries of these columns, together."""
    import pyarrow.parquet as pq

    longest: dict[str, int] = {}
    with pq.ParquetFile(place, read_dictionary=list(paths)) as file:
        for batch in file.iter_batches(1, row_groups=[group], columns=list(paths)):
            longest = dict(zip(batch.schema.names, map(_longest, batch.columns), strict=True))
            break
        empty = [path for path in paths if not longest.get(path.split(".")[0], longest.get(path, 0))]
        # A list that is empty in the first row has no dictionary yet.
        for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=empty) if empty else ():
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                longest[name] = max(longest.get(name, 0), _longest(column))
            if all(longest[name] for name in batch.schema.names):
                break
    return sum(longest.values())


def _longest(column: Any) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _longest(column.dictionary)
    if pa.types.is_struct(kind):
        return sum(_longest(column.field(at)) for at in range(kind.num_fields))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _longest(column.values)
    if pa.types.is_map(kind):
        return _longest(column.keys) + _longest(column.items)
    if _is_text(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pc.max(pc.binary_length(column)).as_py() or 0
    return 0


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


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
        if _is_text(entry.type):
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
