"""Parquet files read within bounds of memory: a few bytes of one can stand for gigabytes.

Three things unpack, and each is looked at before it does: pages (their headers say how large they become, and
the decoder holds them to it), dictionaries (one entry can stand for every row of a column), and rows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_BYTES = 32 * 2**20
"""Bytes that a batch of rows may unpack to."""
LEAST_BUDGET = 256 * 2**20
UNPACKED = 100
"""Bytes that a file may unpack to in memory: so many anyway, or so many times its size if that is more.

The catalog of 117,000 works unpacks to four times its size.
"""

_BATCH_ROWS = 4096
_LARGE = 2**16
"""Bytes from which on a page counts as large: no more rows are read at once than lie on one."""
_SMALL = 256
_HEADER = 2**16
_LONGEST_HEADER = 2**24

Place = Path | IO[bytes]
"""A file, by its path or opened so that any place in it can be read."""


def budget(place: Place) -> int:
    """Return how many bytes a file may unpack to at once."""
    with _opened(place) as stream:
        return max(LEAST_BUDGET, UNPACKED * stream.seek(0, os.SEEK_END))


def batches(place: Place, file: Any, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a Parquet file, as many at a time as surely fit into memory.

    Parameters
    ----------
    place : Path or file
        The file.
    file : pyarrow.parquet.ParquetFile
        The same, opened.
    columns : sequence of str or None
        Names of the columns that are wanted; ``None`` for all.

    Raises
    ------
    ValueError
        Its pages would not fit into memory, or are none.
    """
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        chunks = _wanted(group, columns)
        pages = _pages_of(place, chunks)
        rows = _rows_that_fit(place, group.num_rows, number, pages)
        yield from file.iter_batches(rows, row_groups=[number], columns=columns)


def whole(path: Path, file: Any) -> pa.Table:
    """Return all rows of a Parquet file, as long as they unpack to no more than a file of its size may.

    Parameters
    ----------
    path : Path
        The file.
    file : pyarrow.parquet.ParquetFile
        The same, opened.

    Raises
    ------
    ValueError
        They unpack to more, or its pages are none.
    """
    import pyarrow as pa

    size, most, rows = path.stat().st_size, budget(path), file.metadata.num_rows
    if rows > size:
        raise ValueError(f"it says that its {size:,} bytes are {rows:,} rows")
    if _at_most(path, file) <= most:
        return file.read()
    read, held = [], 0
    for batch in batches(path, file):
        held += batch.nbytes
        if held > most:
            raise ValueError(f"its {size:,} bytes unpack to more than {most:,}")
        read.append(batch)
    return pa.Table.from_batches(read, file.schema_arrow).unify_dictionaries().combine_chunks()


def _at_most(path: Path, file: Any) -> int:
    """Return how many bytes the rows unpack to, were each as long as the longest."""
    bytes_at_most = 0
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        pages = _pages_of(path, _wanted(group, None))
        bytes_at_most += sum(each.unpacked for each in pages)
        bytes_at_most += group.num_rows * _longest_values(path, number, pages)
    return bytes_at_most


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages of one column of a row group.

    Parameters
    ----------
    path : str
        The column.
    repeats : bool
        Whether one value in them can stand for many.
    largest, unpacked : int
        Bytes that the largest of them unpacks to, and all.
    fewest : int
        Rows that any large one holds, at least.
    """

    path: str
    repeats: bool
    largest: int
    unpacked: int
    fewest: int


def _wanted(group: Any, columns: Sequence[str] | None) -> list[Any]:
    chunks = [group.column(at) for at in range(group.num_columns)]
    if columns is None:
        return chunks
    wanted = frozenset(columns)
    return [chunk for chunk in chunks if wanted & {chunk.path_in_schema, chunk.path_in_schema.split(".")[0]}]


def _pages_of(place: Place, chunks: Sequence[Any]) -> list[_Pages]:
    """Look at the headers of all pages; refuse columns of which one page of each is too much at once."""
    most = budget(place)
    with _opened(place) as stream:
        pages = [_walked(stream, chunk) for chunk in chunks]
    held = sum(each.largest for each in pages)
    if held > most:
        raise ValueError(f"its pages unpack to {held:,} bytes at once, more than {most:,}")
    return pages


def _walked(stream: IO[bytes], chunk: Any) -> _Pages:
    at = min((at for at in (chunk.dictionary_page_offset, chunk.data_page_offset) if at), default=0)
    end = at + chunk.total_compressed_size
    nested = "." in chunk.path_in_schema  # a row may lie on any number of pages
    largest, total, fewest = 0, 0, _BATCH_ROWS
    while at < end:
        header, start = _page_header(stream, at)
        unpacked, packed = (_whole(header, size, -1) for size in (_UNPACKED_SIZE, _PACKED_SIZE))
        if unpacked < 0 or packed < 0:
            raise ValueError("a page of it has no size")
        largest, total, at = max(largest, unpacked), total + unpacked, start + packed
        data = header.get(_DATA) or header.get(_DATA_2)
        if isinstance(data, dict) and unpacked > _LARGE and not nested:
            fewest = min(fewest, max(1, _whole(data, _VALUES, 1)))
    repeats = chunk.physical_type == "BYTE_ARRAY"
    return _Pages(chunk.path_in_schema, repeats, total if nested else largest, total, fewest)


def _page_header(stream: IO[bytes], at: int) -> tuple[dict[int, Any], int]:
    """Return the numbers in the header of a page, by their field, and where its content begins."""
    size = _HEADER
    while True:
        stream.seek(at)
        content = stream.read(size)
        try:
            numbers, length = _struct(content, 0)
        except IndexError:
            if len(content) < size or size >= _LONGEST_HEADER:
                raise ValueError("a page of it has no header") from None
            size *= 16
        else:
            return numbers, at + length


def _struct(content: bytes, at: int, depth: int = 0) -> tuple[dict[int, Any], int]:
    """Read a struct as Thrift packs it; return its whole numbers and structs by field, and where it ends."""
    numbers: dict[int, Any] = {}
    field = 0
    while head := content[at]:
        at += 1
        kind = head & 15
        if head >> 4:
            field += head >> 4
        else:
            field, at = _number(content, at)
        if kind in _WHOLE:
            numbers[field], at = _number(content, at)
        elif kind == _STRUCT and depth < _DEEPEST:
            numbers[field], at = _struct(content, at, depth + 1)
        elif kind not in _FLAGS:
            at = _after(content, at, kind, depth)
    return numbers, at + 1


_UNPACKED_SIZE, _PACKED_SIZE, _DATA, _DATA_2, _VALUES = 2, 3, 5, 8, 1
"""Fields of a page's header, and of what it says of data: ``PageHeader`` in Parquet's ``parquet.thrift``."""
_DEEPEST = 8
_FLAGS, _BYTE, _WHOLE, _DOUBLE, _TEXT, _LISTS, _STRUCT = {1, 2}, 3, {4, 5, 6}, 7, 8, {9, 10}, 12


def _after(content: bytes, at: int, kind: int, depth: int) -> int:
    """Return where a value ends."""
    if depth >= _DEEPEST:
        raise ValueError("a header of it is nested too deeply")
    if kind in _WHOLE:
        return _number(content, at)[1]
    if kind == _TEXT:
        length, at = _varint(content, at)
        return at + length
    if kind == _STRUCT:
        return _struct(content, at, depth + 1)[1]
    if kind in _LISTS:
        count, inside = content[at] >> 4, content[at] & 15
        at += 1
        if count == 15:
            count, at = _varint(content, at)
        for _ in range(count):
            at = at + 1 if inside in _FLAGS else _after(content, at, inside, depth + 1)
        return at
    if kind in {_BYTE, _DOUBLE}:
        return at + (1 if kind == _BYTE else 8)
    raise ValueError("a header of it holds what none does")


def _whole(numbers: dict[int, Any], field: int, otherwise: int) -> int:
    value = numbers.get(field)
    return value if isinstance(value, int) else otherwise


def _number(content: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(content, at)
    return (value >> 1) ^ -(value & 1), at


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("a header of it holds an endless number")


def _rows_that_fit(place: Place, rows: int, number: int, pages: Sequence[_Pages]) -> int:
    """Return how many rows of a row group can be read at once, were each as long as the longest can be."""
    row = sum(each.unpacked for each in pages) / max(1, rows) + _longest_values(place, number, pages)
    fewest = min((each.fewest for each in pages), default=1)
    return int(max(1, min(fewest, BATCH_BYTES // max(1, row))))


def _longest_values(place: Place, number: int, pages: Sequence[_Pages]) -> int:
    """Return how many bytes a row can take whose values are stored once for many."""
    repeating = [each for each in pages if each.repeats]
    probed = [each.path for each in repeating if each.largest >= _SMALL]
    small = sum(each.largest for each in repeating if each.largest < _SMALL)
    return small + (_longest_entries(place, number, probed) if probed else 0)


def _longest_entries(place: Place, group: int, paths: Sequence[str]) -> int:
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
    if is_text(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pc.max(pc.binary_length(column)).as_py() or 0
    return 0


def is_text(kind: Any) -> bool:
    """Return whether a type of Arrow's is text."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _opened(place: Place) -> AbstractContextManager[IO[bytes]]:
    return place.open("rb") if isinstance(place, Path) else nullcontext(place)
