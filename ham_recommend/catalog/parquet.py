"""Reading a table that a build wrote; whatever is wrong with its file is said in a sentence."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ham_recommend.errors import ArtifactCorruptError, ArtifactError, ArtifactMissingError
from ham_recommend.parquet_files import whole


def read_parquet(path: str | os.PathLike[str], kind: str, missing: str) -> pa.Table:
    """Read a Parquet file whole; its columns are for the caller to check.

    Parameters
    ----------
    path : path-like
        The file.
    kind : str
        What it holds, such as ``"catalog"``.
    missing : str
        What to say when there is no such file.

    Raises
    ------
    ArtifactMissingError
        There is no such file.
    ArtifactCorruptError
        It is damaged, no Parquet, or unpacks to more than a file of its size may.
    ArtifactError
        The system does not let us read it.
    """
    try:
        with pq.ParquetFile(Path(path), memory_map=True) as stored:
            table = whole(Path(path), stored)
            table.validate(full=True)
            return table
    except FileNotFoundError as error:
        raise ArtifactMissingError(missing) from error
    except PermissionError as error:
        raise ArtifactError.unreadable(path, error) from error
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ArtifactCorruptError(
            f"{path} is not a readable {kind} ({error}). Build it again with `ham build`."
        ) from error


def check_rows(table: pa.Table, path: str | os.PathLike[str], may_lack: Collection[str] = ()) -> None:
    """Refuse rows that no build writes: without an id, in another order, twice, or with gaps.

    Parameters
    ----------
    table : pyarrow.Table
        What was read, with a column ``item_id``.
    path : path-like
        Where.
    may_lack : collection of str
        Columns that need not have a value in every row.

    Raises
    ------
    ArtifactCorruptError
        It says what is wrong.
    """
    gaps = [name for name in table.column_names if name not in may_lack and _has_gaps(table[name])]
    numbers = [column for column in table.columns if pa.types.is_floating(column.type)]
    ids = table["item_id"].combine_chunks()
    if gaps:
        wrong = f"nothing where {gaps[0]} belongs"
    elif pc.all(pc.less(ids[:-1], ids[1:])).as_py() is False or (len(ids) and not ids[0].as_py()):
        wrong = "a work twice, without an id, or out of order"
    elif any(pc.all(pc.is_finite(column)).as_py() is False for column in numbers):
        wrong = "a number that is none"
    else:
        return
    raise ArtifactCorruptError(f"{path} holds {wrong}. Build the collection again with `ham build`.")


def _has_gaps(column: pa.ChunkedArray) -> bool:
    """Return whether a value is missing, or any inside of one."""
    if column.null_count:
        return True
    if pa.types.is_list(column.type):
        return _has_gaps(pc.list_flatten(column))
    if pa.types.is_struct(column.type):
        return any(map(_has_gaps, column.flatten()))
    return pa.types.is_dictionary(column.type) and any(chunk.dictionary.null_count for chunk in column.chunks)
