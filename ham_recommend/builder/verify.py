"""Reads every file of a collection, and every thumbnail, to see whether all is as it was written."""

from __future__ import annotations

from ham_recommend.catalog.thumbnails import Thumbnails
from ham_recommend.workspace import THUMBNAILS, Workspace


def damaged(workspace: Workspace) -> list[str]:
    """Return the paths of files that are gone or not as they were written, relative to the workspace.

    Raises
    ------
    ArtifactError
        There is no collection, or its manifest is unreadable.
    """
    files = workspace.verify()
    if THUMBNAILS not in workspace or THUMBNAILS in files:
        return files
    return files + Thumbnails.read(workspace.own(THUMBNAILS)).damaged(workspace.root)
