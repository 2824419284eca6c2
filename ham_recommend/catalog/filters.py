"""Which works meet a filter: columns folded once, then compared in C."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ham_recommend.catalog.schema import REPEATED
from ham_recommend.errors import SettingsError
from ham_recommend.records import Where

EQUAL = ("source", "classification", "culture", "department", "period")
CONTAIN = ("title", "artist", "date", "medium", "technique", "credit", "rights", "descriptions")
FIELDS = ("years", *EQUAL, *CONTAIN)

Mask = npt.NDArray[np.bool_]


class Filters:
    """Answers filters over one table.

    Parameters
    ----------
    table : pyarrow.Table
        With the catalog's columns, each in at most one chunk.
    """

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._dictionaries: dict[str, pa.DictionaryArray] = {}
        self._folded: dict[str, pa.Array] = {}

    def mask(self, where: Where) -> Mask:
        """Return which rows meet every condition; see :meth:`Catalog.filter`."""
        mask = np.ones(self._table.num_rows, dtype=np.bool_)
        for field, wanted in where.items():
            if field not in FIELDS:
                raise SettingsError.unknown("field to filter by", field, FIELDS)
            mask &= self._years(wanted) if field == "years" else self._text(field, _texts(field, wanted))
        return mask

    def facets(self, field: str, limit: int) -> list[tuple[str, int]]:
        """Return the most frequent values; see :meth:`Catalog.facets`."""
        if field not in (*EQUAL, *REPEATED):
            raise SettingsError.unknown("field to count", field, (*EQUAL, *REPEATED))
        column = self._dictionary(field)
        counts = np.bincount(column.indices.to_numpy(), minlength=len(column.dictionary)).tolist()
        spelt: dict[str, str] = {}
        total: Counter[str] = Counter()
        values = zip(column.dictionary.to_pylist(), self._fold(field).to_pylist(), counts, strict=True)
        for value, folded, count in sorted(values, key=lambda entry: (-entry[2], entry[0])):
            if folded and count:
                spelt.setdefault(folded, value)
                total[folded] += count
        ordered = sorted(total.items(), key=lambda entry: (-entry[1], entry[0]))
        return [(spelt[folded], count) for folded, count in ordered[: max(0, limit)]]

    def _text(self, field: str, wanted: Sequence[str]) -> Mask:
        meets = _equals if field in EQUAL else _contains
        if field == "descriptions":
            return self._in_descriptions(wanted)
        if field == "title":
            return meets(self._fold(field), wanted)
        return meets(self._fold(field), wanted)[self._dictionary(field).indices.to_numpy()]

    def _in_descriptions(self, wanted: Sequence[str]) -> Mask:
        lists = self._column("descriptions")
        mask = np.zeros(self._table.num_rows, dtype=np.bool_)
        if len(lists):
            met = _contains(folded(lists.flatten().field("text")), wanted)
            mask[pc.list_parent_indices(lists).to_numpy()[met]] = True
        return mask

    def _years(self, wanted: Any) -> Mask:
        begin, end = _pair_of_years(wanted)
        mask = np.ones(self._table.num_rows, dtype=np.bool_)
        if begin is not None:
            mask &= _true(pc.greater_equal(self._column("year_end"), begin))
        if end is not None:
            mask &= _true(pc.less_equal(self._column("year_begin"), end))
        return mask

    def _column(self, name: str) -> pa.Array:
        column = self._table[name]
        return column.chunk(0) if column.num_chunks else pa.array([], column.type)

    def _dictionary(self, field: str) -> pa.DictionaryArray:
        if field not in self._dictionaries:
            self._dictionaries[field] = self._sources() if field == "source" else self._column(field)
        return self._dictionaries[field]

    def _sources(self) -> pa.DictionaryArray:
        parts = pc.split_pattern(self._column("item_id"), ":", max_splits=1)
        return pc.list_element(parts, 0).dictionary_encode()

    def _fold(self, field: str) -> pa.Array:
        if field not in self._folded:
            plain = self._column(field) if field == "title" else self._dictionary(field).dictionary
            self._folded[field] = folded(plain)
        return self._folded[field]


def folded(texts: pa.Array) -> pa.Array:
    """Return texts without case and accents, as filters compare them."""
    plain = pc.string_is_ascii(texts)
    lower = pc.ascii_lower(texts)
    if pc.all(plain, min_count=0).as_py():
        return lower
    apart = pc.utf8_normalize(pc.filter(texts, pc.invert(plain)), "NFKD")
    bare = pc.utf8_lower(pc.replace_substring_regex(apart, r"\pM+", ""))
    return pc.replace_with_mask(lower, pc.invert(plain), bare)


def _equals(texts: pa.Array, wanted: Sequence[str]) -> Mask:
    return _true(pc.is_in(texts, value_set=folded(pa.array(wanted, pa.string()))))


def _contains(texts: pa.Array, wanted: Sequence[str]) -> Mask:
    mask = np.zeros(len(texts), dtype=np.bool_)
    for text in folded(pa.array(wanted, pa.string())).to_pylist():
        mask |= _true(pc.match_substring(texts, text))
    return mask


def _true(column: pa.Array) -> Mask:
    mask: Mask = pc.fill_null(column, False).to_numpy(zero_copy_only=False)
    return mask


def _texts(field: str, wanted: Any) -> list[str]:
    """Return the wanted values as a list of texts that are not blank."""
    values = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(values, Sequence | set | frozenset) or not values:
        raise SettingsError(f"{field} is filtered by a text or a list of texts, not by {wanted!r}.")
    if not all(isinstance(value, str) and value.strip() for value in values):
        raise SettingsError(f"{field} is filtered by texts that are not blank, not by {wanted!r}.")
    return [value.strip().encode("utf-8", "replace").decode() for value in values]


def _pair_of_years(wanted: Any) -> tuple[int | None, int | None]:
    try:
        begin, end = (None if year is None else operator.index(year) for year in wanted)
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"years is filtered by (begin, end), each a whole year or None, not by {wanted!r}."
        ) from error
    if begin is not None and end is not None and begin > end:
        raise SettingsError(f"years must begin before they end: {begin} is after {end}.")
    return begin, end
