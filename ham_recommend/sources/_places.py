"""Where a source's files lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from ham_recommend.errors import SourceError


def absolute(path: str | os.PathLike[str]) -> Path:
    """Return the path from the root on, with links kept as the user named them.

    Raises
    ------
    SourceError
        Its name is no text, so that no catalog could hold it.
    """
    found = os.path.abspath(path)  # noqa: PTH100 - Path.absolute() keeps "..", Path.resolve() follows links
    try:
        found.encode("utf-8")
    except UnicodeEncodeError as error:
        raise SourceError(f"The path {os.fsencode(found)!r} is not UTF-8. Rename the folder.") from error
    return Path(found)


def kind_of(path: Path) -> Literal["file", "folder", "nothing"]:
    """Return what lies at a path.

    Raises
    ------
    SourceError
        The system does not let us look.
    """
    try:
        return "folder" if path.is_dir() else "file" if path.is_file() else "nothing"
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror or error}. Check that you may read it and its folder."
        ) from error
