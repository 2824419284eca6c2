"""Relevance judgements: which works answer which query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ham_recommend.errors import ArtifactCorruptError, ArtifactMissingError, SettingsError

QUERY_ID, QUERY, ITEM = "query_id", "query", "item_id"

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Judgements:
    """Queries and the works that answer them.

    Parameters
    ----------
    texts : mapping of str to str
        Query id → what is asked; two queries may ask the same in words and mean another thing.
    relevant : mapping of str to frozenset of str
        Query id → the item ids that answer it.
    """

    texts: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]

    def __len__(self) -> int:
        return len(self.relevant)

    def __iter__(self) -> Iterator[str]:
        return iter(self.relevant)

    def half(self, part: int) -> Judgements:
        """Return every second query: 0 to tune with, 1 to check the tuning.

        Raises
        ------
        SettingsError
            ``part`` is neither 0 nor 1.
        """
        if part not in {0, 1}:
            raise SettingsError.unknown("half", part, ("0", "1"))
        half = sorted(self.relevant)[part::2]
        return Judgements(
            {query: self.texts[query] for query in half}, {query: self.relevant[query] for query in half}
        )


def read_judgements(path: Path) -> Judgements:
    """Read pairs of query and relevant work.

    Parameters
    ----------
    path : Path
        Parquet, or CSV in UTF-8, with the columns ``query``, ``item_id`` and, where two queries may ask the
        same, ``query_id``; one row per pair.

    Raises
    ------
    ArtifactMissingError
        There is no such file.
    ArtifactCorruptError
        It cannot be read, lacks a column, or holds a query or work without text.
    """
    import pyarrow as pa

    try:
        table = _read(path)
    except FileNotFoundError as error:
        raise ArtifactMissingError(f"There are no judgements at {path}. Check the path.") from error
    except (pa.ArrowException, OSError) as error:
        raise ArtifactCorruptError(f"{path} cannot be read as Parquet or CSV: {error}") from error
    lacking = [name for name in (QUERY, ITEM) if name not in table.column_names]
    if lacking:
        raise ArtifactCorruptError(f"{path} lacks the column {' and '.join(lacking)}.")
    ids = table[QUERY_ID if QUERY_ID in table.column_names else QUERY].to_pylist()
    texts: dict[str, str] = {}
    relevant: dict[str, set[str]] = {}
    for query_id, text, item_id in zip(ids, table[QUERY].to_pylist(), table[ITEM].to_pylist(), strict=True):
        if not isinstance(text, str) or not text.strip() or not isinstance(item_id, str) or not item_id:
            raise ArtifactCorruptError(f"{path} has a row without a query or an item_id. Mend or remove it.")
        texts[str(query_id)] = text
        relevant.setdefault(str(query_id), set()).add(item_id)
    return Judgements(texts, {query: frozenset(found) for query, found in relevant.items()})


def _read(path: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import csv

    if path.suffix.lower() != ".csv":
        return pq.read_table(path)
    as_text = {name: pa.string() for name in (QUERY_ID, QUERY, ITEM)}
    return csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=as_text))
