"""What differs between two catalogs, told from the hashes of the records that their works were made of."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ham_recommend.catalog.catalog import Catalog

Mask = npt.NDArray[np.bool_]


def compared(before: Catalog, now: Catalog) -> tuple[Mask, Mask]:
    """Return which works of a catalog are in a later one as they were, and which there are new or changed.

    Parameters
    ----------
    before, now : Catalog
        The earlier and the later one.

    Returns
    -------
    unchanged : ndarray of bool, shape (n before,)
    new : ndarray of bool, shape (n now,)
    """
    places = pc.index_in(before.column("item_id"), value_set=now.column("item_id"))
    same = pc.equal(now.column("record_digest").take(places), before.column("record_digest"))
    unchanged = _as_mask(pc.fill_null(same, False))
    new = np.ones(len(now), dtype=np.bool_)
    new[np.from_dlpack(pc.fill_null(places, 0))[unchanged]] = False
    return unchanged, new


def same_records(one: Catalog, other: Catalog) -> bool:
    """Return whether both are of the same records."""
    names = ("item_id", "record_digest", "picture")
    return all(one.column(name).equals(other.column(name)) for name in names)


def count_gone(before: Catalog, now: Catalog) -> int:
    """Return how many works of a catalog a later one lacks."""
    return int(np.count_nonzero(~_are_in(before, now)))


def sources_that_stay(before: Catalog, replaced: Catalog) -> set[str]:
    """Return the sources of those works that are not replaced by works of another catalog."""
    ids = before.item_ids[~_are_in(before, replaced)]
    sources: set[str] = set()
    row = 0
    while row < len(ids):  # sorted: the works of one source follow each other
        source = ids[row].partition(":")[0]
        sources.add(source)
        row = bisect_left(ids, f"{source};", row + 1)  # what comes after a colon
    return sources


def _are_in(one: Catalog, other: Catalog) -> Mask:
    return _as_mask(pc.is_in(one.column("item_id"), value_set=other.column("item_id")))


def _as_mask(column: pa.Array) -> Mask:
    return np.from_dlpack(column.cast(pa.uint8())).astype(np.bool_)
