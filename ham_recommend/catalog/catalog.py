"""The catalog: one table of works, sorted by ``item_id``, that answers by id, by filter and by field."""

from __future__ import annotations

import logging
import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ham_recommend.catalog.clean import artwork_from, digest_of
from ham_recommend.catalog.describe import document
from ham_recommend.catalog.filters import Filters
from ham_recommend.catalog.parquet import read_parquet
from ham_recommend.catalog.schema import (
    JOINED,
    LINE,
    NAMES,
    PLAIN,
    REPEATED,
    SCHEMA,
    STORED,
    artwork_in,
    is_empty,
    record_batch,
    whole_column,
)
from ham_recommend.catalog.thumbnails import Original, Thumbnails
from ham_recommend.errors import (
    ArtifactMismatchError,
    UnknownItemError,
)
from ham_recommend.fields import SEPARATOR
from ham_recommend.files import whole_file
from ham_recommend.records import FIELDS, Artwork, Document, ItemIds, RawRecord, Where

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_BATCH = 4096


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


def read_originals(path: Path) -> list[Original]:
    """Return where the picture of each work that has one comes from, in the order of the ids.

    Parameters
    ----------
    path : Path
        The file of a catalog; nothing else of it is read.
    """
    table = pq.read_table(path, columns=["item_id", "picture", "copies_allowed"])
    columns = (column.to_pylist() for column in table.columns)
    return [Original(*values) for values in zip(*columns, strict=True) if values[1]]


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
            A record that has not changed since keeps its row there.
        """
        known = {} if previous is None else previous._row_by_digest()
        kept: list[int] = []
        batches = list(_batches(records, known, kept))
        tables = [pa.Table.from_batches(batches, PLAIN).cast(SCHEMA)]
        if previous is not None:
            tables.append(previous._table.take(pa.array(kept, pa.int64())))
        return cls(_sorted(pa.concat_tables(tables)))

    @classmethod
    def read(cls, path: str | os.PathLike[str], thumbnails: str | os.PathLike[str] | None = None) -> Catalog:
        """Read a catalog written by :meth:`write`.

        Parameters
        ----------
        path : path-like
            Its file.
        thumbnails : path-like or None
            The table of its thumbnails, to be joined.

        Raises
        ------
        ArtifactMissingError
            There is no such file.
        ArtifactMismatchError
            It was made by another version, with other columns.
        ArtifactCorruptError
            It is damaged, or no catalog.
        ArtifactError
            The system does not let us read it.
        """
        missing = f"There is no catalog at {path}. Make one with `ham build`."
        table = read_parquet(path, "catalog", missing)
        if not table.schema.equals(STORED):
            raise ArtifactMismatchError(
                f"{path} was made by another version of ham_recommend: {_difference(table.schema)}. "
                "Build the collection again with `ham build`, into the same folder."
            )
        pa.default_memory_pool().release_unused()  # what decoding took, about as much as the table
        catalog = cls(_with_empty(table, JOINED))
        return catalog if thumbnails is None else catalog.with_thumbnails(Thumbnails.read(thumbnails))

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the catalog to one Parquet file, whole or not at all; the same works give the same bytes.

        Its thumbnails have a file of their own.
        """
        with whole_file(Path(path)) as stream:
            # one schema for all, or the bytes would tell by which steps the table was put together
            table = pa.Table.from_arrays(self._table.select(STORED.names).columns, schema=STORED)
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
        for start in range(0, len(self), _BATCH):
            columns = (column.slice(start, _BATCH).to_pylist() for column in self._columns.values())
            for cells in zip(*columns, strict=True):
                yield artwork_in(dict(zip(self._columns, cells, strict=True)))

    def get(self, item_ids: Iterable[str]) -> dict[str, Artwork]:
        """Return the works that are there, by id, in the order asked for."""
        rows = {item_id: self._row(item_id) for item_id in item_ids}
        return {item_id: self._artwork(row) for item_id, row in rows.items() if row is not None}

    @cached_property
    def item_ids(self) -> ItemIds:
        """Every id, sorted; not to be written to."""
        ids: ItemIds = np.array(self._column("item_id").to_pylist(), dtype=object)
        ids.setflags(write=False)
        return ids

    def filter(self, where: Where) -> ItemIds:
        """Return the ids of the works that meet every condition, sorted.

        Parameters
        ----------
        where : mapping
            Field → wanted value, or a list of values of which one must be met. Case and accents make no
            difference. Names and numbers, such as ``classification``, ``culture`` or ``subjects``, must equal
            the value; free texts, such as ``title``, ``artist``, ``place`` or ``descriptions``, must contain
            it: :data:`ham_recommend.records.FIELDS` says which. Where a work has several values, one must.
            ``source`` must equal the first part of the id. ``years`` takes ``(begin, end)``, ``None`` for an
            open end: the work may be from those years, both included; undated works are not.

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
            What follows the colon of an id, or all of it; else, where no id has it, an accession number.
            Case, separators and leading zeros make no difference.
        """
        key = _number_key(pa.array([number.rpartition(":")[2]]))
        if not key[0].as_py():
            return []
        for keys in (self._native_keys, self._accession_keys):
            found = np.flatnonzero(np.from_dlpack(pc.equal(keys, key[0]).cast(pa.uint8())))
            if len(found):
                return list(self.item_ids[found])
        return []

    @cached_property
    def _native_keys(self) -> pa.Array:
        return _number_key(pc.replace_substring_regex(self._column("item_id"), "^[^:]*:", ""))

    @cached_property
    def _accession_keys(self) -> pa.Array:
        return _number_key(self._column("accession_number"))

    def facets(self, field: str, limit: int = 50) -> list[tuple[str, int]]:
        """Return the most frequent values of a field with their number of works, most frequent first.

        Spellings that a filter would not tell apart count together under the most frequent one. A work with
        several values counts for each.

        Parameters
        ----------
        field : str
            One that :meth:`filter` knows and works share values of: neither ``title`` nor ``descriptions``.
        limit : int
            How many at most.

        Raises
        ------
        SettingsError
            The field is not one of those.
        """
        return self._filters.facets(field, limit)

    @property
    def filters(self) -> Filters:
        """The columns that works are filtered by: their values, and which rows have each."""
        return self._filters

    def years(self) -> tuple[int, int] | None:
        """Return the first and last year of all works, or ``None`` when none is dated."""
        begin, end = pc.min(self._column("year_begin")).as_py(), pc.max(self._column("year_end")).as_py()
        return None if begin is None or end is None else (begin, end)

    def documents(self) -> Iterator[Document]:
        """Yield the text of every work, in the order of the ids."""
        return map(document, self)

    def pictures(self) -> Pictures:
        """Return the works that have a thumbnail."""
        shown = self._table.filter(pc.cast(pc.binary_length(self._column("thumbnail")), pa.bool_()))
        ids, thumbnails, digests = (
            shown[name].to_pylist() for name in ("item_id", "thumbnail", "picture_digest")
        )
        return Pictures(np.array(ids, dtype=object), tuple(thumbnails), tuple(digests))

    def with_thumbnails(self, thumbnails: Thumbnails) -> Catalog:
        """Return this catalog with these thumbnails, and no others."""
        rows = pc.index_in(self._column("item_id"), value_set=whole_column(thumbnails.table, "item_id"))
        table, empty = self._table, _empty_texts(self._column("item_id"))
        for name, source in zip(JOINED, ("thumbnail", "content"), strict=True):
            values = pc.coalesce(whole_column(thumbnails.table, source).take(rows), empty)
            table = table.set_column(table.schema.get_field_index(name), SCHEMA.field(name), values)
        return Catalog(table)

    def merged(self, other: Catalog) -> Catalog:
        """Return the works of both; those of ``other`` replace those with the same id here."""
        stays = pc.invert(pc.is_in(self._column("item_id"), value_set=other._column("item_id")))
        return Catalog(_sorted(pa.concat_tables([self._table.filter(stays), other._table])))

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
                table = table.set_column(at, field.name, _joined(self._column(field.name)))
        frame: pd.DataFrame = table.to_pandas()
        return frame.set_index("item_id")

    @cached_property
    def _filters(self) -> Filters:
        return Filters(self._table)

    def _column(self, name: str) -> pa.Array:
        return whole_column(self._table, name)

    @cached_property
    def _columns(self) -> dict[str, pa.Array]:
        """The columns of the fields that some work has anything in."""
        columns = {name: self._column(name) for name in NAMES}
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

    def _row_by_digest(self) -> dict[bytes, int]:
        return {digest: row for row, digest in enumerate(self._column("record_digest").to_pylist())}


def _number_key(numbers: pa.Array) -> pa.Array:
    """Return numbers without what people leave out when they type them."""
    plain = pc.replace_substring_regex(pc.utf8_lower(numbers.cast(pa.string())), r"[^\p{L}\p{N}]+", "")
    return pc.replace_substring_regex(plain, r"^(\p{L}*)0+(\p{N})", r"\1\2")


def _with_empty(table: pa.Table, names: Iterable[str]) -> pa.Table:
    """Return a catalog's table with empty columns where the file has none."""
    for name in names:
        place = SCHEMA.get_field_index(name)
        table = table.add_column(place, SCHEMA.field(name), _empty_texts(table["item_id"]))
    return table


def _empty_texts(like: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return as many empty texts; to make them of Python's would import pandas."""
    return pc.utf8_slice_codeunits(like, 0, 0)


def _difference(schema: pa.Schema) -> str:
    """Say which columns are not those of a catalog."""
    missing = sorted(set(STORED.names) - set(schema.names))
    other = [
        field.name
        for field in schema
        if field.name not in STORED.names or field.type != STORED.field(field.name).type
    ]
    differences = [f"lacks {', '.join(missing)}"] if missing else []
    differences += [f"has its own {', '.join(other)}"] if other else []
    return f"it {' and '.join(differences) or 'orders its columns otherwise'}"


def _joined(column: pa.Array) -> pa.Array:
    """Return a text column with the values of a cell joined as people read them."""
    shared = isinstance(column, pa.DictionaryArray)
    if not pc.any(pc.match_substring(column.dictionary if shared else column, LINE)).as_py():
        return column
    texts = pc.replace_substring(column.cast(pa.string()), LINE, SEPARATOR)
    return texts.dictionary_encode() if shared else texts


def _batches(
    records: Iterable[RawRecord], known: Mapping[bytes, int], kept: list[int]
) -> Iterator[pa.RecordBatch]:
    """Yield the cleaned rows of new records; the rows of known ones go to ``kept``."""
    seen: set[str] = set()
    repeated = 0
    stream = iter(records)
    while batch := list(islice(stream, _BATCH)):
        works: list[Artwork] = []
        digests: list[bytes] = []
        for raw in batch:
            if raw.item_id in seen:
                repeated += 1
                continue
            seen.add(raw.item_id)
            digest = digest_of(raw)
            if digest in known:
                kept.append(known[digest])
            else:
                works.append(artwork_from(raw))
                digests.append(digest)
        yield record_batch(works, digests)
    if repeated:
        log.warning("%d records came with an item_id that had come before, and were left out", repeated)


def _sorted(table: pa.Table) -> pa.Table:
    order = pc.sort_indices(whole_column(table.combine_chunks(), "item_id"))
    table = table.take(order).unify_dictionaries()
    return _with_used_values_only(table)


def _with_used_values_only(table: pa.Table) -> pa.Table:
    """Drop the dictionary values that no row has any more."""
    for name in REPEATED:
        place = table.schema.get_field_index(name)
        plain = whole_column(table.combine_chunks(), name).cast(pa.string())
        table = table.set_column(place, SCHEMA.field(name), plain.dictionary_encode())
    return table
