"""Which works a number names: what follows the colon of an id, or an accession number."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ham_recommend.records import ItemIds


class Numbers:
    """The numbers of works.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        Sorted.
    ids, accessions : pyarrow.Array of str, length n
        The same ids, and the accession number of each work; empty for none.
    """

    def __init__(self, item_ids: ItemIds, ids: pa.Array, accessions: pa.Array) -> None:
        self._item_ids, self._ids, self._accessions = item_ids, ids, accessions

    def works_with(self, number: str) -> list[str]:
        """Return the ids of the works that a number names, sorted; see :meth:`Catalog.numbered`."""
        plain = number.encode(errors="replace").decode()
        source, colon, native = plain.partition(":")
        of_source = self._with_key(self._native_keys, native) if colon else []
        found = [item_id for item_id in of_source if item_id.partition(":")[0].lower() == source.lower()]
        found = found or self._with_key(self._native_keys, plain)
        return found or self._with_key(self._accession_keys, plain)

    def _with_key(self, keys: pa.Array, number: str) -> list[str]:
        """Return the ids of the works whose key is that of a number, sorted; none for a number of nothing."""
        key = _key(pa.array([number]))[0]
        if not key.as_py():
            return []
        return list(self._item_ids[np.flatnonzero(np.from_dlpack(pc.equal(keys, key).cast(pa.uint8())))])

    @cached_property
    def _native_keys(self) -> pa.Array:
        return _key(pc.replace_substring_regex(self._ids, "^[^:]*:", ""))

    @cached_property
    def _accession_keys(self) -> pa.Array:
        return _key(self._accessions)


def _key(numbers: pa.Array) -> pa.Array:
    """Return numbers without what people leave out when they type them."""
    plain = pc.replace_substring_regex(pc.utf8_lower(numbers.cast(pa.string())), r"[^\p{L}\p{N}]+", "")
    return pc.replace_substring_regex(plain, r"^(\p{L}*)0+(\p{N})", r"\1\2")
