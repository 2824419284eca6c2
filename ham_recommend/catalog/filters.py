"""Which works meet a filter: columns folded once, then compared in C."""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ham_recommend.catalog.describe import fold
from ham_recommend.catalog.schema import REPEATED, whole_column
from ham_recommend.errors import SettingsError
from ham_recommend.records import Where

EQUAL = ("source", "classification", "culture", "department", "period")
CONTAIN = ("title", "artist", "date", "medium", "technique", "credit", "rights", "descriptions")
FIELDS = ("years", *EQUAL, *CONTAIN)
COUNTED = frozenset({*EQUAL, *REPEATED})

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
            met = self._between(wanted) if field == "years" else self._text(field, _texts(field, wanted))
            np.logical_and(mask, met, out=mask)
        return mask

    def facets(self, field: str, limit: int) -> list[tuple[str, int]]:
        """Return the most frequent values; see :meth:`Catalog.facets`."""
        if field not in COUNTED:
            raise SettingsError.unknown("field to count", field, COUNTED)
        column = self._dictionary(field)
        counts = np.bincount(np.from_dlpack(column.indices), minlength=len(column.dictionary)).tolist()
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
        met = meets(self._fold(field), wanted)
        if field == "title":
            return met
        of_each: Mask = met[np.from_dlpack(self._dictionary(field).indices)]
        return of_each

    def _in_descriptions(self, wanted: Sequence[str]) -> Mask:
        lists = self._column("descriptions")
        mask = np.zeros(self._table.num_rows, dtype=np.bool_)
        met = _contains(folded(lists.flatten().field("text")), wanted)
        mask[np.from_dlpack(pc.list_parent_indices(lists))[met]] = True
        return mask

    def _between(self, wanted: Any) -> Mask:
        begin, end = _pair_of_years(wanted)
        first, last, dated = self._years
        mask = np.ones(self._table.num_rows, dtype=np.bool_)
        if begin is not None:
            mask &= dated & (last >= begin)
        if end is not None:
            mask &= dated & (first <= end)
        return mask

    @cached_property
    def _years(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Mask]:
        first, last = self._column("year_begin"), self._column("year_end")
        dated = _mask(pc.and_(pc.is_valid(first), pc.is_valid(last)))
        return _numbers(first), _numbers(last), dated

    def _column(self, name: str) -> pa.Array:
        return whole_column(self._table, name)

    def _dictionary(self, field: str) -> pa.DictionaryArray:
        if field not in self._dictionaries:
            self._dictionaries[field] = self._sources() if field == "source" else self._column(field)
        return self._dictionaries[field]

    def _sources(self) -> pa.DictionaryArray:
        return pc.replace_substring_regex(self._column("item_id"), ":.*", "").dictionary_encode()

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
    accented = pc.invert(plain)
    return pc.replace_with_mask(lower, accented, _strings(map(fold, texts.filter(accented).to_pylist())))


def _equals(texts: pa.Array, wanted: Sequence[str]) -> Mask:
    return _mask(pc.is_in(texts, value_set=folded(_strings(wanted))))


def _contains(texts: pa.Array, wanted: Sequence[str]) -> Mask:
    mask = np.zeros(len(texts), dtype=np.bool_)
    for text in folded(_strings(wanted)).to_pylist():
        # twice as fast on long columns as match_substring
        mask |= _mask(pc.match_substring_regex(texts, re.escape(text)))
    return mask


# pyarrow's own conversions from and to Python import pandas, which answering does without


def _strings(texts: Iterable[str]) -> pa.Array:
    encoded = [text.encode("utf-8", "replace") for text in texts]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)


def _mask(column: pa.BooleanArray) -> Mask:
    mask: Mask = np.from_dlpack(column.cast(pa.uint8())).view(np.bool_)
    return mask


def _numbers(column: pa.Array) -> npt.NDArray[np.int32]:
    """Return the values of a column, with anything where it has nulls."""
    values = np.frombuffer(column.buffers()[1], dtype=np.int32)
    return values[column.offset : column.offset + len(column)]


def _texts(field: str, wanted: Any) -> list[str]:
    """Return the wanted values as a list of texts that are not blank."""
    values = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(values, Sequence | set | frozenset) or not values:
        raise SettingsError(f"{field} is filtered by a text or a list of texts, not by {wanted!r}.")
    if not all(isinstance(value, str) and value.strip() for value in values):
        raise SettingsError(f"{field} is filtered by texts that are not blank, not by {wanted!r}.")
    return [value.strip() for value in values]


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
