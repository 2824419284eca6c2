"""What a workspace says of its files: their content, their settings and what they were made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ham_recommend.errors import ArtifactCorruptError, ArtifactError, ArtifactMismatchError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class FileEntry:
    """What the manifest says of one file.

    Parameters
    ----------
    sha256 : str
        Hex digest of the content.
    size : int
        Bytes.
    mtime_ns : int
        Modification time when written; while size and time agree the content is not hashed again.
    rows : int
        How many works, vectors or terms it holds.
    settings : mapping
        What shaped it, JSON values only.
    parents : mapping of str to str
        Name → sha256 of each file it was made from.
    """

    sha256: str
    size: int
    mtime_ns: int
    rows: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a workspace holds.

    Parameters
    ----------
    files : mapping of str to FileEntry
        Path relative to the workspace, with ``/`` → entry.
    facts : mapping
        Anything worth telling about the collection: its source, when it was built. JSON values only.
    package_version : str
        The version that wrote it.
    """

    files: Mapping[str, FileEntry] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    package_version: str = ""

    def to_json(self) -> str:
        """Return the manifest as indented JSON."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True, ensure_ascii=False)

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read a manifest.

        Raises
        ------
        ArtifactCorruptError
            It is not JSON of the right shape.
        ArtifactMismatchError
            It was written by a version with another layout.
        ArtifactError
            The system does not let us read it.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise ArtifactMismatchError(
                    f"{path} has layout {content['format']}, this version reads layout {FORMAT}. "
                    "Build the collection again with `ham build`."
                )
            files = {_inside(name): FileEntry(**entry) for name, entry in content["files"].items()}
            return cls(files, content["facts"], content["package_version"])
        except OSError as error:
            raise ArtifactError.unreadable(path, error) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ArtifactCorruptError(
                f"{path} is not a readable manifest ({error}). Build the collection again with `ham build`."
            ) from error


def _inside(name: str) -> str:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise ValueError(f"{name!r} points outside the workspace")
    return name
