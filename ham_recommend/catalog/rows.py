"""Records become rows of the catalog, some at a time, however large they are."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from itertools import islice

import pyarrow as pa

from ham_recommend.catalog.clean import cleaned, digest_and_length, picture_of
from ham_recommend.catalog.schema import record_batch, whole_column
from ham_recommend.records import RawRecord

log = logging.getLogger(__name__)

_DIGEST = 16
"""Bytes."""
_BATCH = 4096
_BATCH_LENGTH = 2**24
"""Records, and characters of them, that are cleaned at a time: a record may be of any length."""


class KnownRecords:
    """Records that have been cleaned to rows before.

    Parameters
    ----------
    table : pyarrow.Table
        With the columns of :data:`ham_recommend.catalog.schema.SCHEMA`.
    """

    def __init__(self, table: pa.Table) -> None:
        digests = whole_column(table, "record_digest")
        start = digests.offset * _DIGEST
        content = digests.buffers()[1].to_pybytes() if len(digests) else b""
        places = range(start, start + len(digests) * _DIGEST, _DIGEST)
        self._rows = {content[place : place + _DIGEST]: row for row, place in enumerate(places)}
        self._pictures = whole_column(table, "picture")

    def row(self, digest: bytes, picture: str) -> int | None:
        """Return the row of a record; ``None`` where it has not been cleaned, or names another picture."""
        row = self._rows.get(digest)
        return row if row is not None and self._pictures[row].as_py() == picture else None


def rows_of(
    records: Iterable[RawRecord], known: KnownRecords | None, kept: list[int]
) -> Iterator[pa.RecordBatch]:
    """Yield the cleaned rows of new records.

    Parameters
    ----------
    records : iterable of RawRecord
        In any order; of two with the same ``item_id`` the first counts.
    known : KnownRecords or None
        Those that were cleaned before.
    kept : list of int
        Where the rows of known records go.
    """
    seen: set[str] = set()
    repeated = 0
    stream = iter(records)
    while True:
        new: dict[bytes, RawRecord] = {}
        taken = held = 0
        for raw in islice(stream, _BATCH):
            taken += 1
            if raw.item_id in seen:
                repeated += 1
                continue
            seen.add(raw.item_id)
            digest, length = digest_and_length(raw)
            row = known.row(digest, picture_of(raw)) if known else None
            if row is not None:
                kept.append(row)
            else:
                new[digest] = raw
                held += length
            if held > _BATCH_LENGTH:
                break
        if new:
            yield record_batch(cleaned([*new.values()]), [*new])
        if not taken:
            break
    if repeated:
        log.warning("%d records came with an item_id that had come before, and were left out", repeated)
