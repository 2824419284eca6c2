"""Reading a table that a build wrote; whatever is wrong with its file is said in a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
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
