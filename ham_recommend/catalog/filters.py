"""Which works meet a filter, and how many share a value: columns made comparable once, then compared in C."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ham_recommend.catalog.describe import PLURALS, match_key
from ham_recommend.catalog.schema import LINE, whole_column
from ham_recommend.catalog.tags import NO_YEAR, Condition, Numbers, Tags, Within, gathered, tag_of
from ham_recommend.catalog.timeline import Years
from ham_recommend.errors import SettingsError
from ham_recommend.facets import Timeline
from ham_recommend.records import EMPTY, FIELDS, ItemIds, Where

FARTHEST = 1_000_000
"""How far from year 0 works are looked for; farther years are slips, and do not fit into every number."""
ITEM, SOURCE, YEARS = "item_id", "source", "years"
"""What works are filtered by beside their fields: the id, the first part of it, and their years."""

KNOWN = (YEARS, ITEM, SOURCE, *(field.name for field in FIELDS if field.filter))
COUNTED = frozenset({SOURCE, *(field.name for field in FIELDS if field.facet)})
EXACTLY = "="
"""What begins a wanted text that must be the whole value of a field, where a part of it would do."""
EQUAL = frozenset({SOURCE, *(field.name for field in FIELDS if field.filter == "equal")})

_MOST_COMPARED = 200
"""Tags in a condition: a list of a thousand takes a Milvus of 117,245 works 26 ms to compare."""

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
        self._values: dict[str, Values] = {}
        self._keys: dict[str, pa.Array] = {}
        self._tags: dict[str, Numbers] = {}

    def mask(self, where: Where) -> Mask:
        """Return which rows meet every condition; see :meth:`Catalog.filter`."""
        mask = np.ones(self._table.num_rows, dtype=np.bool_)
        for field, wanted in where.items():
            check_condition(field, wanted)
            met = self._between(wanted) if field == YEARS else self._text(field, _texts(field, wanted))
            np.logical_and(mask, met, out=mask)
        return mask

    def facets(
        self, field: str, limit: int, where: Where = EMPTY, containing: str = ""
    ) -> list[tuple[str, int]]:
        """Return the most frequent values; see :meth:`Catalog.facets`."""
        if field not in COUNTED:
            raise SettingsError.unknown("field to count", field, COUNTED)
        others = {name: wanted for name, wanted in where.items() if name != field}
        values = self.values_of(field)
        counts = values.counts(self.mask(others) if others else None)
        if containing:
            counts = np.where(_contains(match_keys(values.names), [containing]), counts, 0)
        return [(values.names[row].as_py(), int(counts[row])) for row in values.most(counts, limit)]

    def timeline(self, where: Where = EMPTY) -> Timeline:
        """Return how many works may be from each stretch of years; see :meth:`Catalog.timeline`."""
        others = {name: wanted for name, wanted in where.items() if name != YEARS}
        return self.years.timeline(self.mask(others) if others else None)

    def within(self, item_ids: ItemIds, where: Where) -> Within:
        """Return the works that meet every condition, for a store that is to search them.

        Parameters
        ----------
        item_ids : ndarray of str objects, shape (n rows,)
            What the rows are called.
        where : mapping
            As in :meth:`Catalog.filter`.

        Raises
        ------
        SettingsError
            As there.
        """
        return Within(item_ids[self.mask(where)], partial(self.condition, where))

    def condition(self, where: Where) -> Condition | None:
        """Return in numbers what works have to meet; ``None`` where that cannot be said, or not in short."""
        begin, end = pair_of_years(where[YEARS]) if YEARS in where else (None, None)
        tags: list[tuple[int, ...]] = []
        for field in where:
            if field == YEARS:
                continue
            if field not in COUNTED:
                return None
            keys = self.values_of(field).keys
            met = _meets(field, keys, _texts(field, where[field]))
            if met[_is_empty(keys)].any():
                return None  # nothing is kept of a value that is missing
            tags.append(tuple(self._tags_of(field)[met].tolist()))
        return Condition(begin, end, tuple(tags)) if sum(map(len, tags)) <= _MOST_COMPARED else None

    def tags(self, item_ids: ItemIds) -> Tags:
        """Return what each row is filtered by.

        Parameters
        ----------
        item_ids : ndarray of str objects, shape (n rows,)
            What the rows are called.
        """
        dated = self.years.dated
        first = np.where(dated, self.years.first, NO_YEAR).astype(np.int64)
        last = np.where(dated, self.years.last, -NO_YEAR).astype(np.int64)
        fields = []
        for field in sorted(COUNTED):
            values = self.values_of(field)
            rows, held = values.held()
            kept = ~_is_empty(values.keys)[held]
            fields.append((rows[kept], self._tags_of(field)[held[kept]]))
        return Tags(item_ids, first, last, *gathered(len(item_ids), fields))

    def _tags_of(self, field: str) -> Numbers:
        """Return the tag of each value of a field, shape (n values,)."""
        if field not in self._tags:
            keys = self.values_of(field).keys.to_pylist()
            self._tags[field] = np.array([tag_of(field, key) for key in keys], dtype=np.int64)
        return self._tags[field]

    def _text(self, field: str, wanted: Sequence[str]) -> Mask:
        if field == ITEM:
            return _mask(pc.is_in(self._column(ITEM), value_set=pa.array(wanted, pa.string())))
        if field == "descriptions":
            return self._in_descriptions(wanted)
        if field in COUNTED:
            values = self.values_of(field)
            return values.rows(_meets(field, values.keys, wanted))
        return _meets(field, self._keys_of(field), wanted)

    def _in_descriptions(self, wanted: Sequence[str]) -> Mask:
        lists = self._column("descriptions")
        mask = np.zeros(self._table.num_rows, dtype=np.bool_)
        met = _contains(match_keys(lists.flatten().field("text")), wanted)
        mask[np.from_dlpack(pc.list_parent_indices(lists))[met]] = True
        return mask

    def _between(self, wanted: Any) -> Mask:
        return self.years.between(*pair_of_years(wanted))

    @cached_property
    def years(self) -> Years:
        """The years of every row."""
        first, last = self._column("year_begin"), self._column("year_end")
        dated = _mask(pc.and_(pc.is_valid(first), pc.is_valid(last)))
        return Years(_numbers(first), _numbers(last), dated)

    def _column(self, name: str) -> pa.Array:
        return whole_column(self._table, name)

    def values_of(self, field: str) -> Values:
        """Return the different values of a field that works share."""
        if field not in self._values:
            column = self._sources() if field == SOURCE else self._column(field)
            self._values[field] = Values(column, plurals=field in EQUAL)
        return self._values[field]

    def _sources(self) -> pa.DictionaryArray:
        return pc.replace_substring_regex(self._column("item_id"), ":.*", "").dictionary_encode()

    def _keys_of(self, field: str) -> pa.Array:
        if field not in self._keys:
            keys = match_keys(self._column(field))
            self._keys[field] = singular(keys) if field in EQUAL else keys
        return self._keys[field]


class Values:
    """The different values of a column, and which rows have each; a row may have several.

    Values that a filter does not tell apart are one, under the spelling that most rows have.

    Parameters
    ----------
    column : pyarrow.DictionaryArray
        Of strings, with several values on a line each.
    plurals : bool
        Whether a plural is the same value as its singular.
    """

    def __init__(self, column: pa.DictionaryArray, *, plurals: bool) -> None:
        cells = pc.split_pattern(column.dictionary, LINE)
        values = cells.flatten().dictionary_encode()
        self._spellings: pa.StringArray = values.dictionary
        self._spelling = _numbers(values.indices)
        self._start = np.from_dlpack(cells.offsets).astype(np.int32, copy=False)
        self._cell = np.from_dlpack(column.indices)
        self._plurals = plurals

    @cached_property
    def _grouped(self) -> pa.DictionaryArray:
        keys = match_keys(self._spellings)
        return (singular(keys) if self._plurals else keys).dictionary_encode()

    @property
    def keys(self) -> pa.Array:
        """The values as they are compared, shape (n values,)."""
        return self._grouped.dictionary

    @cached_property
    def _value(self) -> npt.NDArray[np.int32]:
        """Which value stands at each place of the cells."""
        value: npt.NDArray[np.int32] = _numbers(self._grouped.indices)[self._spelling]
        return value

    @cached_property
    def names(self) -> pa.Array:
        """Each value in its most frequent spelling, shape (n values,)."""
        counts = self._counts(self._spelling, len(self._spellings), None)
        order = np.lexsort((np.from_dlpack(pc.rank(self._spellings)), -counts))
        _, first = np.unique(np.from_dlpack(self._grouped.indices)[order], return_index=True)
        return self._spellings.take(_places(order[first]))

    def rows(self, met: Mask) -> Mask:
        """Return which rows have one of the values that are met.

        Parameters
        ----------
        met : ndarray of bool, shape (n values,)
            Aligned with :attr:`keys`.
        """
        cells = met[self._value]
        if len(cells) >= len(self._start):
            cells = np.logical_or.reduceat(cells, self._start[:-1])  # each has a value, be it an empty one
        rows: Mask = cells[self._cell]
        return rows

    def held(self) -> tuple[Numbers, Numbers]:
        """Return every value of every row: which row, and which value it is, an empty one too."""
        lengths = np.diff(self._start)[self._cell].astype(np.int64)
        rows = np.repeat(np.arange(len(lengths)), lengths)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return rows, self._value[self._start[self._cell][rows] + within].astype(np.int64)

    @property
    def spellings(self) -> pa.StringArray:
        """The values as they are written, each spelling by itself, shape (n spellings,)."""
        return self._spellings

    def spelling_counts(self) -> npt.NDArray[np.intp]:
        """Return how many rows have each spelling, shape (n spellings,)."""
        return self._counts(self._spelling, len(self._spellings), None)

    def strongest(self, strengths: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the greatest strength of the spellings of each row.

        Parameters
        ----------
        strengths : ndarray of float32, shape (n spellings,)
            Aligned with :attr:`spellings`, at least 0.
        """
        cells = strengths[self._spelling]
        if len(cells) >= len(self._start):
            cells = np.maximum.reduceat(cells, self._start[:-1])
        rows: npt.NDArray[np.float32] = cells[self._cell]
        return rows

    def counts(self, mask: Mask | None) -> npt.NDArray[np.intp]:
        """Return how many rows have each value, shape (n values,).

        Parameters
        ----------
        mask : ndarray of bool, shape (n rows,), or None
            The rows that count; ``None`` for all.
        """
        return self._counts(self._value, len(self.keys), mask)

    def _counts(self, values: npt.NDArray[np.int32], size: int, mask: Mask | None) -> npt.NDArray[np.intp]:
        counted = self._cell if mask is None else self._cell[mask]
        of_cells = np.bincount(counted, minlength=len(self._start) - 1)
        of_values = np.repeat(of_cells, np.diff(self._start))
        return np.bincount(values, weights=of_values, minlength=size).astype(np.intp)

    def most(self, counts: npt.NDArray[np.intp], limit: int) -> list[int]:
        """Return the values that are not empty and most frequent, ties in the order of their keys."""
        counts = np.where(np.from_dlpack(pc.binary_length(self.keys)) == 0, 0, counts)
        found = np.flatnonzero(counts)
        if 0 < limit < len(found):
            least = np.partition(counts[found], len(found) - limit)[len(found) - limit]
            found = found[counts[found] >= least]
        keys = self.keys.take(_places(found)).to_pylist()
        order = sorted(range(len(found)), key=lambda at: (-counts[found[at]], keys[at]))
        return [int(found[at]) for at in order[: max(0, limit)]]


def match_keys(texts: pa.Array) -> pa.Array:
    """Return texts without case and accents, as filters compare them."""
    plain = pc.string_is_ascii(texts)
    lower = pc.ascii_lower(texts)
    if pc.all(plain, min_count=0).as_py():
        return lower
    accented = pc.invert(plain)
    keys = _strings(map(match_key, texts.filter(accented).to_pylist()))
    return pc.replace_with_mask(lower, accented, keys)


def singular(keys: pa.Array) -> pa.Array:
    """Return keys without plural endings; see :func:`ham_recommend.catalog.describe.value_key`."""
    for plural, ending in PLURALS:
        keys = pc.replace_substring_regex(keys, plural, ending)
    return keys


def _meets(field: str, keys: pa.Array, wanted: Sequence[str]) -> Mask:
    """Return which keys meet one of the wanted texts."""
    if field in EQUAL:
        return _mask(pc.is_in(keys, value_set=singular(match_keys(_strings(wanted)))))
    whole = [text.removeprefix(EXACTLY) for text in wanted if text.startswith(EXACTLY)]
    parts = [text for text in wanted if not text.startswith(EXACTLY)]
    met = _mask(pc.is_in(keys, value_set=match_keys(_strings(whole)))) if whole else None
    if not parts:
        return np.zeros(len(keys), dtype=np.bool_) if met is None else met
    return _contains(keys, parts) if met is None else met | _contains(keys, parts)


def _is_empty(keys: pa.Array) -> Mask:
    empty: Mask = np.from_dlpack(pc.binary_length(keys)) == 0
    return empty


def _contains(texts: pa.Array, wanted: Sequence[str]) -> Mask:
    mask = np.zeros(len(texts), dtype=np.bool_)
    for text in match_keys(_strings(wanted)).to_pylist():
        # twice as fast on long columns as match_substring
        mask |= _mask(pc.match_substring_regex(texts, re.escape(text)))
    return mask


# pyarrow's own conversions from and to Python import pandas, which answering does without


def _strings(texts: Iterable[str]) -> pa.Array:
    encoded = [text.encode("utf-8", "replace") for text in texts]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)


def _places(rows: npt.NDArray[np.intp]) -> pa.Array:
    return pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(rows.astype(np.int64))])


def _mask(column: pa.BooleanArray) -> Mask:
    mask: Mask = np.from_dlpack(column.cast(pa.uint8())).view(np.bool_)
    return mask


def _numbers(column: pa.Array) -> npt.NDArray[np.int32]:
    """Return the values of a column, with anything where it has nulls."""
    values = np.frombuffer(column.buffers()[1], dtype=np.int32)
    return values[column.offset : column.offset + len(column)]


def check_condition(field: str, wanted: Any) -> None:
    """Refuse what no work can be asked for.

    Parameters
    ----------
    field : str
        One of :data:`KNOWN`.
    wanted : object
        As in :meth:`Catalog.filter`.

    Raises
    ------
    SettingsError
        The field is unknown, or the value cannot be one of its values.
    """
    if field not in KNOWN:
        raise SettingsError.unknown("field to filter by", field, KNOWN)
    if field == YEARS:
        pair_of_years(wanted)
    else:
        _texts(field, wanted)


def _texts(field: str, wanted: Any) -> list[str]:
    """Return the wanted values as a list of texts that are not blank."""
    values = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(values, Sequence | set | frozenset) or not values:
        raise SettingsError(f"{field} is filtered by a text or a list of texts, not by {wanted!r:.100}.")
    if not all(isinstance(value, str) and value.strip() for value in values):
        raise SettingsError(f"{field} is filtered by texts that are not blank, not by {wanted!r:.100}.")
    return [value.strip() for value in values]


def pair_of_years(wanted: Any) -> tuple[int | None, int | None]:
    """Return the years that works are filtered by, checked.

    Raises
    ------
    SettingsError
        They are no pair of whole years or None, lie farther than :data:`FARTHEST` from year 0, or end before
        they begin.
    """
    try:
        begin, end = (None if year is None else operator.index(year) for year in wanted)
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"years is filtered by (begin, end), each a whole year or None, not by {wanted!r:.100}."
        ) from error
    if any(year is not None and abs(year) > FARTHEST for year in (begin, end)):
        raise SettingsError(f"years lie between {-FARTHEST} and {FARTHEST}. Leave an end open instead.")
    if begin is not None and end is not None and begin > end:
        raise SettingsError(f"years must begin before they end: {begin} is after {end}.")
    return begin, end
