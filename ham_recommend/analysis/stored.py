"""The tables of ``5-analysis/``: read where they are still true, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ham_recommend.draft import Draft
from ham_recommend.errors import ArtifactError
from ham_recommend.vectors import file_names
from ham_recommend.workspace import ANALYSIS, CATALOG, Workspace

ARTISTS = f"{ANALYSIS}/artists.parquet"
"""What a person's own table says of artists."""


def parents_of(workspace: Workspace, encoder: str) -> dict[str, str]:
    """Return the hashes of all that an analysis of one encoder's vectors is made from."""
    files = workspace.manifest.files
    names = (CATALOG, *file_names(encoder), ARTISTS)
    return {name: files[name].sha256 for name in names if name in files}


def read_table(
    workspace: Workspace,
    name: str,
    *,
    settings: Mapping[str, Any] | None = None,
    parents: Mapping[str, str] | None = None,
) -> pa.Table | None:
    """Return a table of an analysis, or ``None`` where there is none that is still true.

    Parameters
    ----------
    workspace : Workspace
        The collection.
    name : str
        Path relative to it.
    settings, parents : mapping or None
        What it would be made with and from now; ``None`` for whatever it was.

    Raises
    ------
    ArtifactError
        It is damaged.
    """
    entry = workspace.manifest.files.get(name) if workspace.exists else None
    if entry is None:
        return None
    stale = parents is not None and dict(entry.parents) != dict(parents)
    if stale or (settings is not None and dict(entry.settings) != json.loads(json.dumps(dict(settings)))):
        return None
    path = workspace.checked(name)
    try:
        return pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise ArtifactError(
            f"{path} is not a table that can be read ({error}). Delete it, then run the analysis again."
        ) from error


def write_tables(
    workspace: Workspace,
    tables: Mapping[str, pa.Table | Sequence[Mapping[str, Any]]],
    *,
    settings: Mapping[str, Any],
    parents: Mapping[str, str],
) -> None:
    """Put tables into a collection, all of them or none.

    Parameters
    ----------
    workspace : Workspace
        The collection.
    tables : mapping of str to pyarrow.Table or list of mapping
        Path relative to the workspace → content.
    settings, parents : mapping
        What shaped them, and the hashes of what they were made from.

    Raises
    ------
    ArtifactError
        The folder cannot be written, or a build in it was cut short or is at work.
    """
    with workspace.draft() as draft:
        refuse_unfinished(workspace, draft)
        stand = draft.before.files
        if any(name not in stand or stand[name].sha256 != digest for name, digest in parents.items()):
            raise ArtifactError(f"{workspace.root} was built anew meanwhile. Run the analysis again.")
        for name, content in tables.items():
            table = content if isinstance(content, pa.Table) else pa.Table.from_pylist(list(content))
            with draft.write(name, rows=table.num_rows, settings=settings, parents=parents) as path:
                pq.write_table(table, path, compression="zstd")
        draft.commit(draft.before.facts, built=False)


def refuse_unfinished(workspace: Workspace, draft: Draft) -> None:
    """Refuse to write beside what a build that was cut short has left: it would be lost."""
    if not draft.is_empty:
        raise ArtifactError(
            f"A build of {workspace.root} was cut short. Finish it, then run the analysis again: "
            f"{workspace.command or 'ham build …'}"
        )
