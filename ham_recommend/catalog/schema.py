"""The columns of the catalog's table: one row per work, sorted by ``item_id``.

Only years and popularity can be null. What was read of the pictures is a table of its own, as it changes at
other times; see :mod:`ham_recommend.catalog.thumbnails`. It is joined when a catalog is read.

=================== =================================================================================
the fields of       :class:`ham_recommend.records.Artwork`; missing text is ``""``
``thumbnail``       path of the thumbnail, joined; ``""`` where there is none
``picture_digest``  hash of the original picture's bytes, joined; ``""`` where it has not been read
``record_digest``   hash of the raw record the row was made from, so that it need not be cleaned again
=================== =================================================================================
"""

from __future__ import annotations

import pyarrow as pa

REPEATED = (
    "artist", "culture", "date", "classification", "medium",
    "technique", "period", "department", "rights", "credit",
)  # fmt: skip
"""Text columns whose values repeat; kept dictionary-encoded, which makes them small and quick to filter."""

_REPEATED = pa.dictionary(pa.int32(), pa.string())
_DESCRIPTION = pa.struct({"text": pa.string(), "source": pa.string(), "model": pa.string()})

SCHEMA = pa.schema(
    {
        "item_id": pa.string(),
        "title": pa.string(),
        "artist": _REPEATED,
        "culture": _REPEATED,
        "date": _REPEATED,
        "year_begin": pa.int32(),
        "year_end": pa.int32(),
        "date_confidence": pa.float64(),
        "classification": _REPEATED,
        "medium": _REPEATED,
        "technique": _REPEATED,
        "period": _REPEATED,
        "department": _REPEATED,
        "descriptions": pa.list_(_DESCRIPTION),
        "picture": pa.string(),
        "thumbnail": pa.string(),
        "picture_digest": pa.string(),
        "page_url": pa.string(),
        "rights": _REPEATED,
        "credit": _REPEATED,
        "popularity": pa.float64(),
        "copies_allowed": pa.bool_(),
        "record_digest": pa.binary(16),
    }
)

JOINED = ("thumbnail", "picture_digest")
"""The columns that come from the table of thumbnails."""
STORED = pa.schema([field for field in SCHEMA if field.name not in JOINED])
"""The columns of the catalog's own file."""

PLAIN = pa.schema([pa.field(f.name, pa.string()) if f.type == _REPEATED else f for f in SCHEMA])
"""The same columns before dictionary encoding, as rows are collected."""


def whole_column(table: pa.Table, name: str) -> pa.Array:
    """Return a column of a table whose columns have at most one chunk."""
    column = table[name]
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)
