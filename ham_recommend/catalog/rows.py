"""Records become rows of the catalog, some at a time, however large they are."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import pyarrow as pa

from ham_recommend.catalog.clean import cleaned, digest_and_length, picture_of
from ham_recommend.catalog.schema import record_batch
from ham_recommend.records import RawRecord

log = logging.getLogger(__name__)

_BATCH = 4096
_BATCH_LENGTH = 2**24
"""Records, and characters of them, that are cleaned at a time: a record may be of any length."""


def rows_of(
    records: Iterable[RawRecord], known: Mapping[tuple[bytes, str], int], kept: list[int]
) -> Iterator[pa.RecordBatch]:
    """Yield the cleaned rows of new records.

    Parameters
    ----------
    records : iterable of RawRecord
        In any order; of two with the same ``item_id`` the first counts.
    known : mapping of (bytes, str) to int
        Digest of a record and the picture it names → the row that it was cleaned to before.
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
            row = known.get((digest, picture_of(raw)))
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
