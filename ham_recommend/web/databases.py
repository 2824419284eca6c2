"""The small SQLite files that the server keeps beside the sessions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ham_recommend.errors import ArtifactError


@contextmanager
def opened_database(path: Path, without: str) -> Iterator[sqlite3.Connection]:
    """Open a database for one transaction.

    Parameters
    ----------
    path : Path
        Its file.
    without : str
        What becomes of a damaged one: ``"Move it away; frames then begin anew."``

    Raises
    ------
    ArtifactError
        It cannot be used.
    """
    try:
        with closing(sqlite3.connect(path, timeout=30.0)) as database, database:
            yield database
    except sqlite3.DatabaseError as error:
        raise ArtifactError(f"{path} cannot be used: {error}. {without}") from error
