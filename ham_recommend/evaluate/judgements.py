"""Relevance judgements: which works answer which query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ham_recommend.errors import ArtifactCorruptError, ArtifactMissingError, SettingsError


@dataclass(frozen=True, slots=True)
class Judgements:
    """Queries and the works that answer them.

    Parameters
    ----------
    relevant : mapping of str to frozenset of str
        Query → the item ids that answer it.
    """

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
        return Judgements({query: self.relevant[query] for query in sorted(self.relevant)[part::2]})


def read_judgements(path: Path) -> Judgements:
    """Read pairs of query and relevant work.

    Parameters
    ----------
    path : Path
        Parquet with the text columns ``query`` and ``item_id``, one row per pair. Queries with the same words
        are one query.

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
        pairs = pq.read_table(path, columns=["query", "item_id"])
    except FileNotFoundError as error:
        raise ArtifactMissingError(f"There are no judgements at {path}. Check the path.") from error
    except (pa.ArrowInvalid, KeyError, OSError) as error:
        raise ArtifactCorruptError(
            f"{path} is not a Parquet file with the columns query and item_id: {error}"
        ) from error
    if pairs.num_columns < 2:
        raise ArtifactCorruptError(f"{path} lacks the columns query and item_id.")
    relevant: dict[str, set[str]] = {}
    for query, item_id in zip(pairs["query"].to_pylist(), pairs["item_id"].to_pylist(), strict=True):
        relevant.setdefault(query, set()).add(item_id)
    return Judgements({query: frozenset(found) for query, found in relevant.items()})
