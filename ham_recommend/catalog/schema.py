"""The columns of the catalog's table, one row per work, and how a work becomes a row and a row a work.

Rows are sorted by ``item_id``. Only years and popularity can be null. What was read of the pictures is a
table of its own, as it changes at other times; see :mod:`ham_recommend.catalog.thumbnails`. The works as
they are cleaned, before it is joined, are stored in the same columns.

=================== =================================================================================
the fields of       :data:`ham_recommend.records.FIELDS`; missing text is ``""``, and several values of
                    one field stand on a line each
``thumbnail``       path of the thumbnail, joined; ``""`` where there is none
``picture_digest``  hash of the original picture's bytes, joined; ``""`` where it has not been read
``record_digest``   hash of the raw record the row was made from, so that it need not be cleaned again
=================== =================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ham_recommend.fields import Field, joined
from ham_recommend.records import FIELDS, Artwork, Description

NAMES = tuple(field.name for field in FIELDS)
"""The columns that hold the fields of an artwork."""

LINE = "\n"
"""What stands between several values in one cell; a cleaned value never holds it."""

MAY_LACK = tuple(name for name in NAMES if Artwork.__dataclass_fields__[name].default is None)
"""Columns that can be null."""

REPEATED = tuple(field.name for field in FIELDS if field.facet)
"""Text columns whose values repeat; kept dictionary-encoded, which makes them small and quick to filter."""

_REPEATED = pa.dictionary(pa.int32(), pa.string())
_DESCRIPTION = pa.struct({"text": pa.string(), "source": pa.string(), "model": pa.string()})
_TYPES = {
    "text": pa.string(),
    "address": pa.string(),
    "year": pa.int32(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "descriptions": pa.list_(_DESCRIPTION),
}


def _type_of(field: Field) -> pa.DataType:
    return _REPEATED if field.facet else _TYPES[field.kind]


SCHEMA = pa.schema(
    {
        **{field.name: _type_of(field) for field in FIELDS},
        "picture_digest": pa.string(),
        "record_digest": pa.binary(16),
    }
)

JOINED = ("thumbnail", "picture_digest")
"""The columns that come from the table of thumbnails; empty in the table of works."""

PLAIN = pa.schema([pa.field(f.name, pa.string()) if f.type == _REPEATED else f for f in SCHEMA])
"""The same columns before dictionary encoding, as rows are collected."""


_LISTED = tuple(field.name for field in FIELDS if field.listed)
_TEXTS = tuple(field.name for field in FIELDS if field.several and not field.listed)


def artwork_in(cells: Mapping[str, Any]) -> Artwork:
    """Return the artwork in a row: column → cell, without the columns that are empty all the way."""
    several = {name: tuple(cells[name].split(LINE)) for name in _TEXTS if LINE in cells.get(name, "")}
    fields = {**cells, **{name: joined(values) for name, values in several.items()}}
    for name in _LISTED:
        if name in cells:
            fields[name] = tuple(cells[name].split(LINE)) if cells[name] else ()
    if "descriptions" in cells:
        fields["descriptions"] = tuple(Description(**each) for each in cells["descriptions"])
    return Artwork(**fields, several=several) if several else Artwork(**fields)


def description_cell(descriptions: Iterable[Description]) -> list[dict[str, str]]:
    """Return the cell of a work's descriptions."""
    return [{"text": each.text, "source": each.source, "model": each.model} for each in descriptions]


def record_batch(cells: Mapping[str, Sequence[Any]], digests: Sequence[bytes]) -> pa.RecordBatch:
    """Return rows, not yet dictionary-encoded, of works whose pictures have not been read.

    Parameters
    ----------
    cells : mapping of str to sequence of length n
        Field → the cells of its column.
    digests : sequence of bytes, length n
        Hashes of the raw records they were made from.
    """
    unread = dict.fromkeys(JOINED, [""] * len(digests))
    columns = {**cells, **unread, "record_digest": digests}
    return pa.RecordBatch.from_pydict({name: columns[name] for name in PLAIN.names}, PLAIN)


def is_empty(column: pa.Array) -> bool:
    """Return whether no row has anything in a column."""
    match column:
        case pa.DictionaryArray():
            return len(column.dictionary) < 2 and column.dictionary.to_pylist() in ([], [""])
        case pa.StringArray():
            return not pc.any(pc.binary_length(column).cast(pa.bool_())).as_py()
        case _:
            return bool(column.null_count == len(column))


def whole_column(table: pa.Table, name: str) -> pa.Array:
    """Return a column of a table whose columns have at most one chunk."""
    column = table[name]
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)


def difference(schema: pa.Schema) -> str:
    """Say which columns are not those of a catalog."""
    missing = sorted(set(SCHEMA.names) - set(schema.names))
    other = [
        field.name
        for field in schema
        if field.name not in SCHEMA.names or field.type != SCHEMA.field(field.name).type
    ]
    differences = [f"lacks {', '.join(missing)}"] if missing else []
    differences += [f"has its own {', '.join(other)}"] if other else []
    return f"it {' and '.join(differences) or 'orders its columns otherwise'}"
