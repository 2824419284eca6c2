"""Relevance judgements: which works answer which query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ham_recommend.errors import ArtifactCorruptError, ArtifactMissingError, SettingsError

COLUMNS = ("query_id", "query", "item_id")


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
        Parquet with the columns ``query_id``, ``query`` and ``item_id``, one row per pair.

    Raises
    ------
    ArtifactMissingError
        There is no such file.
    ArtifactCorruptError
        It is not Parquet, or lacks a column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pairs = pq.read_table(path, columns=list(COLUMNS))
    except FileNotFoundError as error:
        raise ArtifactMissingError(f"There are no judgements at {path}. Check the path.") from error
    except (pa.ArrowInvalid, KeyError, OSError) as error:
        raise ArtifactCorruptError(
            f"{path} is not a Parquet file with the columns {', '.join(COLUMNS)}: {error}"
        ) from error
    if pairs.num_columns < len(COLUMNS):
        raise ArtifactCorruptError(f"{path} does not have the columns {', '.join(COLUMNS)}.")
    texts: dict[str, str] = {}
    relevant: dict[str, set[str]] = {}
    for query_id, text, item_id in zip(*(pairs[name].to_pylist() for name in COLUMNS), strict=True):
        texts[str(query_id)] = text
        relevant.setdefault(str(query_id), set()).add(item_id)
    return Judgements(texts, {query: frozenset(found) for query, found in relevant.items()})
