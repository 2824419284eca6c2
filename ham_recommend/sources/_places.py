"""Where a source's files lie."""

from __future__ import annotations

import os
from pathlib import Path

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
