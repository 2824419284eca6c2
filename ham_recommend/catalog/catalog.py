"""The catalog: one table of works, sorted by ``item_id``, that answers by id, by filter and by field."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ham_recommend.catalog.describe import SEARCHED, document_of
from ham_recommend.catalog.filters import Filters
from ham_recommend.catalog.numbers import Numbers
from ham_recommend.catalog.parquet import check_rows, read_parquet
from ham_recommend.catalog.rows import KnownRecords, rows_of
from ham_recommend.catalog.schema import (
    JOINED,
    LINE,
    MAY_LACK,
    NAMES,
    PLAIN,
    SCHEMA,
    artwork_in,
    difference,
    is_empty,
    whole_column,
)
from ham_recommend.catalog.thumbnails import Thumbnails, check_thumbnails
from ham_recommend.errors import (
    ArtifactMismatchError,
    UnknownItemError,
)
from ham_recommend.facets import Timeline
from ham_recommend.fields import SEPARATOR
from ham_recommend.files import whole_file
from ham_recommend.records import EMPTY, FIELDS, Artwork, Document, ItemIds, RawRecord, Where

if TYPE_CHECKING:
    import pandas as pd

_BATCH = 4096
_MOST_PIECES = 256
"""Of a table, up to which it is quicker to put rows between others than to sort all of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """The works that have a thumbnail, and what each shows.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        Sorted.
    thumbnails : tuple of str, length n
        Paths relative to the workspace.
    digests : tuple of str, length n
        Hash of the original picture; equal digests mean equal pictures.
    """

    item_ids: ItemIds
    thumbnails: tuple[str, ...]
    digests: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.item_ids)


class Catalog:
    """Works by ``item_id``. It never changes; methods that would change it return another one.

    Parameters
    ----------
    table : pyarrow.Table
        With the columns of :data:`ham_recommend.catalog.schema.SCHEMA`, sorted by unique ``item_id``.
    """

    def __init__(self, table: pa.Table) -> None:
        self._table = table.combine_chunks()

    @classmethod
    def from_records(cls, records: Iterable[RawRecord], *, previous: Catalog | None = None) -> Catalog:
        """Clean records into a catalog, holding only a few of them at a time.

        Parameters
        ----------
        records : iterable of RawRecord
            In any order; of two with the same ``item_id`` the first counts.
        previous : Catalog or None
            A record that has not changed since keeps its row there, if that names the same picture.
        """
        known = None if previous is None else KnownRecords(previous._table)
        kept: list[int] = []
        batches = list(rows_of(records, known, kept))
        tables = [pa.Table.from_batches(batches, PLAIN)]
        if previous is not None:
            tables.append(previous._table.take(pa.array(kept, pa.int64())).cast(PLAIN))
        return cls(_sorted(pa.concat_tables(tables)))

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Catalog:
        """Read a catalog written by :meth:`write`.

        Parameters
        ----------
        path : path-like
            Its file.

        Raises
        ------
        ArtifactMissingError
            There is no such file.
        ArtifactMismatchError
            It was made by another version, with other columns.
        ArtifactCorruptError
            It is damaged, no catalog, or holds what no build writes.
        ArtifactError
            The system does not let us read it.
        """
        missing = f"There is no catalog at {path}. Make one with `ham build`."
        table = read_parquet(path, "catalog", missing)
        if not table.schema.equals(SCHEMA):
            raise ArtifactMismatchError(
                f"{path} was made by another version of ham_recommend: {difference(table.schema)}. "
                "Build the collection again with `ham build`, into the same folder."
            )
        check_rows(table, path, MAY_LACK)
        check_thumbnails(table, path)
        pa.default_memory_pool().release_unused()  # what decoding took, about as much as the table
        return cls(table)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the catalog to one Parquet file, whole or not at all; the same works give the same bytes."""
        with whole_file(Path(path)) as stream:
            # one schema for all, or the bytes would tell by which steps the table was put together
            table = pa.Table.from_arrays(self._table.columns, schema=SCHEMA)
            pq.write_table(table, stream, compression="zstd")

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __repr__(self) -> str:
        return f"Catalog({len(self)} works)"

    def __contains__(self, item_id: object) -> bool:
        return self._row(item_id) is not None

    def __getitem__(self, item_id: str) -> Artwork:
        """Return one work.

        Raises
        ------
        UnknownItemError
            No work has this id.
        """
        row = self._row(item_id)
        if row is None:
            raise UnknownItemError(
                f"No work has the id {item_id!r}. An id looks like {self._example()!r}; search to find one."
            )
        return self._artwork(row)

    def __iter__(self) -> Iterator[Artwork]:
        """Yield every work, in the order of the ids."""
        for cells in _row_by_row(*self._columns.values()):
            yield artwork_in(dict(zip(self._columns, cells, strict=True)))

    def get(self, item_ids: Iterable[str]) -> dict[str, Artwork]:
        """Return the works that are there, by id, in the order asked for."""
        rows = {item_id: row for item_id in item_ids if (row := self._row(item_id)) is not None}
        numbers = np.fromiter(rows.values(), np.int64, len(rows))
        at = pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(numbers)])  # without pandas
        works = _row_by_row(*(column.take(at) for column in self._columns.values()))
        return {
            item_id: artwork_in(dict(zip(self._columns, cells, strict=True)))
            for item_id, cells in zip(rows, works, strict=True)
        }

    @cached_property
    def item_ids(self) -> ItemIds:
        """Every id, sorted; not to be written to."""
        ids: ItemIds = np.array(self.column("item_id").to_pylist(), dtype=object)
        ids.setflags(write=False)
        return ids

    def filter(self, where: Where) -> ItemIds:
        """Return the ids of the works that meet every condition, sorted.

        Parameters
        ----------
        where : mapping
            Field → wanted value, or a list of values of which one must be met. Case and accents make no
            difference. Names and numbers, such as ``classification``, ``culture`` or ``subjects``, must equal
            the value, in the singular or the plural; free texts, such as ``title``, ``artist``, ``place`` or
            ``descriptions``, must contain it, or with ``=`` before it be it (``"=Rembrandt"``):
            :data:`ham_recommend.records.FIELDS` says which. Where a work has several values, one must.
            ``item_id`` must be one of those given, ``source`` its start. ``years`` takes ``(begin, end)``,
            ``None`` for an open end: the work may be from those, both included; undated works are not.

        Raises
        ------
        SettingsError
            A field is unknown or a value cannot be one; the known fields are listed.
        """
        return self.item_ids[self._filters.mask(where)]

    def numbered(self, number: str) -> list[str]:
        """Return the ids of the works that a number names, sorted.

        Parameters
        ----------
        number : str
            An id, or what follows the colon of one; else, where no id has it, an accession number. Case,
            separators and leading zeros make no difference, but the source that an id names must be right.
        """
        return self._numbers.works_with(number)

    @cached_property
    def _numbers(self) -> Numbers:
        return Numbers(self.item_ids, self.column("item_id"), self.column("accession_number"))

    def facets(
        self, field: str, limit: int = 50, *, where: Where = EMPTY, containing: str = ""
    ) -> list[tuple[str, int]]:
        """Return the most frequent values of a field with their number of works, most frequent first.

        Spellings that a filter would not tell apart count together under the most frequent one. A work with
        several values counts for each.

        Parameters
        ----------
        field : str
            One that :meth:`filter` knows and works share values of: neither ``title`` nor ``descriptions``.
        limit : int
            How many at most.
        where : mapping
            Count only works that meet these conditions, as in :meth:`filter`. What it says of the field
            itself does not count, so that a second value can be chosen beside the first.
        containing : str
            Only values with this in them; case and accents make no difference.

        Raises
        ------
        SettingsError
            The field is not one of those, or a condition cannot be one.
        """
        return self._filters.facets(field, limit, where, containing)

    def timeline(self, where: Where = EMPTY) -> Timeline:
        """Return how many works may be from each stretch of years and each century.

        Parameters
        ----------
        where : mapping
            Count only works that meet these conditions, as in :meth:`filter`; what it says of the years does
            not count.
        """
        return self._filters.timeline(where)

    def mask(self, where: Where) -> npt.NDArray[np.bool_]:
        """Return which works meet every condition, as in :meth:`filter`, in the order of :attr:`item_ids`."""
        return self._filters.mask(where)

    @cached_property
    def browsing_order(self) -> npt.NDArray[np.intp]:
        """The rows as one leafs through them: those with a picture first, and of these the most popular.

        What is left is mixed, the same way each time: neighbours by id are often of one series.
        """
        unpopular = np.from_dlpack(pc.negate(pc.fill_null(self.column("popularity"), 0.0)))
        mixed = np.random.default_rng(0).permutation(len(self))
        return np.lexsort((mixed, unpopular, ~self._has_picture))

    @cached_property
    def pictured(self) -> frozenset[str]:
        """The works that have a picture, be it elsewhere."""
        return frozenset(self.item_ids[self._has_picture].tolist())

    @cached_property
    def _has_picture(self) -> npt.NDArray[np.bool_]:
        lengths = [np.from_dlpack(pc.binary_length(self.column(name))) for name in ("thumbnail", "picture")]
        return np.logical_or(*(length > 0 for length in lengths))

    @property
    def filters(self) -> Filters:
        """The columns that works are filtered by: their values, and which rows have each."""
        return self._filters

    def years(self) -> tuple[int, int] | None:
        """Return the first and last year of all works, or ``None`` when none is dated."""
        begin, end = pc.min(self.column("year_begin")).as_py(), pc.max(self.column("year_end")).as_py()
        return None if begin is None or end is None else (begin, end)

    def popularity(self) -> dict[str, float]:
        """Return how popular works are: work → its number, of those works that have one."""
        values = self.column("popularity").to_pylist()
        pairs = zip(self.item_ids.tolist(), values, strict=True)
        return {item_id: value for item_id, value in pairs if value is not None}

    def documents(self, chosen: npt.NDArray[np.bool_] | None = None) -> Iterator[Document]:
        """Yield the texts of works, in the order of the ids.

        Parameters
        ----------
        chosen : ndarray of bool, shape (n,), or None
            Of which works; ``None`` for all.
        """
        if chosen is not None:
            yield from Catalog(self._table.filter(_mask(chosen))).documents()
            return
        names = [name for name in SEARCHED if name in self._columns]
        told = self.column("descriptions")
        columns = (
            self.column("item_id"),
            pa.ListArray.from_arrays(told.offsets, told.values.field("text")),
            self.column("year_begin"),
            self.column("year_end"),
        )
        texts = (_joined(self._columns[name]) for name in names)
        for item_id, descriptions, begin, end, *cells in _row_by_row(*columns, *texts):
            said = {name: text for name, text in zip(names, cells, strict=True) if text}
            yield document_of(item_id, said, descriptions, begin, end)

    def pictures(self) -> Pictures:
        """Return the works that have a thumbnail."""
        shown = self._table.filter(pc.cast(pc.binary_length(self.column("thumbnail")), pa.bool_()))
        ids, thumbnails, digests = (
            shown[name].to_pylist() for name in ("item_id", "thumbnail", "picture_digest")
        )
        return Pictures(np.array(ids, dtype=object), tuple(thumbnails), tuple(digests))

    def picture_addresses(self) -> frozenset[str]:
        """Return where the pictures of all works lie."""
        return frozenset(self.column("picture").to_pylist()) - {""}

    def with_thumbnails(self, thumbnails: Thumbnails) -> Catalog:
        """Return this catalog with these thumbnails, and no others."""
        rows = pc.index_in(self.column("item_id"), value_set=whole_column(thumbnails.table, "item_id"))
        table, empty = self._table, _empty_texts(self.column("item_id"))
        for name, source in zip(JOINED, ("thumbnail", "content"), strict=True):
            values = pc.coalesce(whole_column(thumbnails.table, source).take(rows), empty)
            table = table.set_column(table.schema.get_field_index(name), SCHEMA.field(name), values)
        return Catalog(table)

    def merged(self, other: Catalog, *, renewed: str = "") -> Catalog:
        """Return the works of both; those of ``other`` replace the same, or all of a source ``renewed``."""
        goes = pc.is_in(self.column("item_id"), value_set=other.column("item_id"))
        goes = pc.or_(goes, pc.starts_with(self.column("item_id"), f"{renewed}:")) if renewed else goes
        stays = self._table.filter(pc.invert(goes)) if pc.any(goes).as_py() else self._table
        return Catalog(_interleaved(stays.cast(PLAIN), other._table.cast(PLAIN)))

    def to_frame(self) -> pd.DataFrame:
        """Return the catalog as a pandas table, one row per work, indexed by ``item_id``.

        Returns
        -------
        pandas.DataFrame
            The fields of :class:`ham_recommend.records.Artwork`; text that works share is categorical, and
            several values of one field are joined by ``"; "``.
        """
        table = self._table.select(NAMES)
        for at, field in enumerate(FIELDS):
            if field.several:
                table = table.set_column(at, field.name, _joined(self.column(field.name)))
        frame: pd.DataFrame = table.to_pandas()
        return frame.set_index("item_id")

    @cached_property
    def _filters(self) -> Filters:
        return Filters(self._table)

    def column(self, name: str) -> pa.Array:
        """Return a column of the table, as :data:`ham_recommend.catalog.schema.SCHEMA` names it."""
        return whole_column(self._table, name)

    @cached_property
    def _columns(self) -> dict[str, pa.Array]:
        """The columns of the fields that some work has anything in."""
        columns = {name: self.column(name) for name in NAMES}
        return {name: column for name, column in columns.items() if not is_empty(column)}

    def _row(self, item_id: object) -> int | None:
        if not isinstance(item_id, str):
            return None
        row = bisect_left(self.item_ids, item_id)
        return row if row < len(self) and self.item_ids[row] == item_id else None

    def _artwork(self, row: int) -> Artwork:
        return artwork_in({name: column[row].as_py() for name, column in self._columns.items()})

    def _example(self) -> str:
        return str(self.item_ids[0]) if len(self) else "sample:17"


def _mask(chosen: npt.NDArray[np.bool_]) -> pa.Array:
    """Return a mask as Arrow has it; to make it of NumPy's would import pandas."""
    packed = pa.py_buffer(np.packbits(chosen, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(chosen), [None, packed])


def _empty_texts(like: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return as many empty texts; to make them of Python's would import pandas."""
    return pc.utf8_slice_codeunits(like, 0, 0)


def _row_by_row(*columns: pa.Array) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of some columns, row by row; only a few rows are held at a time."""
    for start in range(0, len(columns[0]) if columns else 0, _BATCH):
        parts = (column.slice(start, _BATCH) for column in columns)
        yield from zip(*(_plainly_stored(part).to_pylist() for part in parts), strict=True)


def _plainly_stored(column: pa.Array) -> pa.Array:
    """Return a column whose values Python gets quickly: those of shared texts take ten times as long."""
    return column.dictionary_decode() if isinstance(column, pa.DictionaryArray) else column


def _joined(column: pa.Array) -> pa.Array:
    """Return a text column with the values of a cell joined as people read them."""
    shared = isinstance(column, pa.DictionaryArray)
    if not pc.any(pc.match_substring(column.dictionary if shared else column, LINE)).as_py():
        return column
    texts = pc.replace_substring(column.cast(pa.string()), LINE, SEPARATOR)
    return texts.dictionary_encode() if shared else texts


def _sorted(table: pa.Table) -> pa.Table:
    """Return rows in the order of the ids; shared texts are stored once, those that no row has not at all."""
    table = table.combine_chunks()
    return table.take(pc.sort_indices(whole_column(table, "item_id"))).combine_chunks().cast(SCHEMA)


def _interleaved(one: pa.Table, other: pa.Table) -> pa.Table:
    """Return the rows of two tables that are in order, as :func:`_sorted` does."""
    ids, others = (np.array(whole_column(table, "item_id").to_pylist(), object) for table in (one, other))
    places, firsts = np.unique(np.searchsorted(ids, others), return_index=True)
    if len(places) > _MOST_PIECES:
        return _sorted(pa.concat_tables([one, other]))
    pieces, start = [], 0
    for place, first, end in zip(places.tolist(), firsts, [*firsts[1:], len(others)], strict=True):
        pieces += [one.slice(start, place - start), other.slice(first, end - first)]
        start = place
    return pa.concat_tables([*pieces, one.slice(start)]).combine_chunks().cast(SCHEMA)
