"""What a workspace says of its files: their content, their settings and what they were made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
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

    def describes(self, path: Path) -> bool:
        """Return whether a file is still what was written."""
        stat = path.stat()
        same_size, same_time = stat.st_size == self.size, stat.st_mtime_ns == self.mtime_ns
        return same_size and (same_time or sha256(path) == self.sha256)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where works of a collection come from, and how long they may be kept.

    Parameters
    ----------
    source : str
        The source's name.
    settings : mapping
        What shaped the records, JSON values only.
    fetched : str
        When the oldest record was fetched, in ISO format with a time zone; empty when none was fetched.
    term_days : int or None
        How many days the museum lets them be kept; ``None`` for ever.
    """

    source: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    fetched: str = ""
    term_days: int | None = None

    @property
    def age(self) -> timedelta | None:
        """How old the oldest record is; ``None`` when none was fetched."""
        return datetime.now(UTC) - datetime.fromisoformat(self.fetched) if self.fetched else None

    @property
    def stale(self) -> bool:
        """Whether the oldest record is older than it may be."""
        return bool(self.age and self.term_days and self.age > timedelta(days=self.term_days))


def origins_in(told: Mapping[str, Any]) -> list[Origin]:
    """Return the origins among facts or settings."""
    return [Origin(**origin) for origin in told.get("origins", ())]


def joined(origins: Iterable[Origin]) -> list[Origin]:
    """Join what is said of the same records: the oldest fetch and the shortest term count."""
    known: dict[str, Origin] = {}
    for origin in origins:
        name = json.dumps([origin.source, origin.settings], sort_keys=True)
        both = [known.get(name, origin), origin]
        fetched = min((one.fetched for one in both if one.fetched), default="")
        term = min((one.term_days for one in both if one.term_days), default=None)
        known[name] = replace(origin, fetched=fetched, term_days=term)
    return list(known.values())


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a workspace holds.

    Parameters
    ----------
    files : mapping of str to FileEntry
        Path relative to the workspace, with ``/`` → entry.
    facts : mapping
        Anything worth telling about the collection: its origins, when it was built. JSON values only.
    package_version : str
        The version that wrote it.
    """

    files: Mapping[str, FileEntry] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    package_version: str = ""

    @property
    def origins(self) -> list[Origin]:
        """Where the works come from."""
        return origins_in(self.facts)

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


def sha256(path: Path) -> str:
    """Return the hex SHA-256 of a file's content."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _inside(name: str) -> str:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise ValueError(f"{name!r} points outside the workspace")
    return name
