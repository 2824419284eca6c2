"""What a workspace says of its files: their content, their settings and what they were made from."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from ham_recommend._typed_json import typed
from ham_recommend.errors import (
    ArtifactCorruptError,
    ArtifactError,
    ArtifactMismatchError,
    SettingsError,
)

FORMAT = 3
ALWAYS_HASHED = 2**20
"""Bytes up to which a file is hashed whenever it is checked; a larger one only where its time differs."""
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_NAMED, _LONGEST_NAME = 40, 60
"""Columns that a line names, and characters of each."""
LONGEST_TERM = 36_500
"""Days; a hundred years are as good as for ever."""


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

    def describes(self, path: Path, *, thorough: bool = False) -> bool:
        """Return whether a file is still what was written.

        Parameters
        ----------
        path : Path
            The file.
        thorough : bool
            Whether to hash the content even of a large file whose size and time are as they were.
        """
        stat = path.stat()
        if stat.st_size != self.size:
            return False
        trusted = stat.st_mtime_ns == self.mtime_ns and self.size > ALWAYS_HASHED and not thorough
        return trusted or sha256(path) == self.sha256


@dataclass(frozen=True, slots=True)
class FieldColumns:
    """Where one field is read from.

    Parameters
    ----------
    field : str
        A field of :class:`~ham_recommend.records.RawRecord`.
    columns : tuple of str
        Its columns, or what else it is read from, the first to be asked first.
    add_up : bool
        Whether all of the columns count; else a further one only fills the gaps of those before it.
    """

    field: str
    columns: tuple[str, ...]
    add_up: bool = False

    def __str__(self) -> str:
        return f"{self.field} ← {(' + ' if self.add_up else ' or ').join(map(_one_line, self.columns))}"


@dataclass(frozen=True, slots=True)
class ColumnsUsed:
    """Which column of a table became which field.

    Parameters
    ----------
    fields : tuple of FieldColumns
        The fields that are read, in the order of a record.
    left_out : tuple of str
        The columns of which nothing is read.
    notes : tuple of str
        What else a person should know: an encoding that was guessed, ids that were made up.
    """

    fields: tuple[FieldColumns, ...]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def line(self) -> str:
        """Return all of it in one line: ``title ← titel, date ← productie, left out: 2 columns: a, b``."""
        parts = [str(read) for read in self.fields]
        if self.left_out:
            count = "1 column" if len(self.left_out) == 1 else f"{len(self.left_out):,} columns"
            parts.append(f"left out: {count}: {listed(self.left_out)}")
        return ", ".join(parts)


def listed(columns: Sequence[str]) -> str:
    """Return columns as text, the first ones of very many."""
    more = len(columns) - _NAMED
    return ", ".join(map(_one_line, columns[:_NAMED])) + (f", and {more:,} more" if more > 0 else "")


def _one_line(name: str) -> str:
    """Return the beginning of a name, on one line."""
    line = " ".join(name[: 4 * _LONGEST_NAME].split())
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 1]}…"


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
    columns : ColumnsUsed or None
        Which column became which field, where they come from columns.
    museum : str
        The museum whose works they are, for citations; empty where the source does not know.
    """

    source: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    fetched: str = ""
    term_days: int | None = None
    columns: ColumnsUsed | None = None
    museum: str = ""

    def __post_init__(self) -> None:
        if self.fetched and datetime.fromisoformat(self.fetched).tzinfo is None:
            raise ValueError(f"the time {self.fetched:.40} has no time zone")
        if self.term_days is not None and not 0 < self.term_days <= LONGEST_TERM:
            raise ValueError(f"a term of {self.term_days} days is none")

    @property
    def age(self) -> timedelta | None:
        """How old the oldest record is; ``None`` when none was fetched."""
        return datetime.now(UTC) - datetime.fromisoformat(self.fetched) if self.fetched else None

    @property
    def stale(self) -> bool:
        """Whether the oldest record is older than it may be."""
        return bool(self.age and self.term_days and self.age > timedelta(days=self.term_days))


def origins_in(settings: Mapping[str, Any]) -> tuple[Origin, ...]:
    """Return the origins among a catalog's settings.

    Raises
    ------
    ArtifactCorruptError
        They are something else.
    """
    try:
        return typed(tuple[Origin, ...], settings.get("origins", []), "origins")
    except ValueError as error:
        raise ArtifactCorruptError(
            f"The manifest does not say where the works come from ({error}). "
            "Build the collection again with `ham build`."
        ) from error


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
class NearDuplicateCosines:
    """From which cosines on two pictures count as one, for the vectors of one encoder.

    Parameters
    ----------
    look : float
        From here on the pictures themselves are compared: below it, no two that look the same were seen.
    sure : float
        From here on they are one even where they cannot be compared.
    """

    look: float
    sure: float


FUSED = "fused-1"
"""Begins the ``model_id`` of vectors that were joined from others, which no encoder makes."""


@dataclass(frozen=True, slots=True)
class EncoderFacts:
    """What one encoder made of a collection's pictures.

    Parameters
    ----------
    name : str
        The encoder as it was asked for, with its model: ``"clip:openai/clip-vit-large-patch14"``.
    model_id : str
        What exactly made the vectors.
    pictures : int
        How many works have a vector.
    reads_words : bool
        Whether it encodes words too, into the same space.
    store : str
        How its vectors are kept: a kind of file, or the address of a store without its password.
    near_duplicates : NearDuplicateCosines or None
        From which cosines on two pictures count as one; ``None`` where only equal files do.
    """

    name: str
    model_id: str
    pictures: int
    reads_words: bool
    store: str
    near_duplicates: NearDuplicateCosines | None = None

    @property
    def again(self) -> str:
        """What makes the vectors once more, in words."""
        if self.model_id.startswith(FUSED):
            return "fuse them once more with `ham influence fuse`"
        return f"build the collection once more with --image-encoder {self.name}"


@dataclass(frozen=True, slots=True)
class PastBuild:
    """A build that made some of a collection.

    Parameters
    ----------
    command : str
        The command that does it again, but for ``--out``.
    encoder : str
        Whose vectors it made, a key of :attr:`Facts.encoders`; empty for no one's.
    """

    command: str
    encoder: str = ""

    @property
    def plain_command(self) -> str | None:
        """The command, each word quoted anew: a shell runs nothing but ``ham build`` or ``ham merge``.

        ``None`` if it is something else: a manifest may be a stranger's, and people paste what they see.
        """
        try:
            words = shlex.split(self.command)
        except ValueError:
            return None
        if words[:2] not in (["ham", "build"], ["ham", "merge"]) or _INVISIBLE.search(self.command):
            return None
        return shlex.join(words)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is worth telling about a collection.

    Parameters
    ----------
    works : int
        How many works the catalog holds.
    pictures : int
        Of how many of them the picture has been read.
    origins : tuple of Origin
        Where the works come from.
    encoder : str or None
        Whose vectors answer when nobody says which; a key of ``encoders``.
    encoders : mapping of str to EncoderFacts
        Name of a set of vectors, such as ``"style"`` → what made them.
    problems : int
        How many records and pictures were left out.
    builds : tuple of PastBuild
        Which builds, one after the other, make the collection as it is.
    built_at : str
        When, in ISO format.
    """

    works: int = 0
    pictures: int = 0
    origins: tuple[Origin, ...] = ()
    encoder: str | None = None
    encoders: Mapping[str, EncoderFacts] = field(default_factory=dict)
    problems: int = 0
    builds: tuple[PastBuild, ...] = ()
    built_at: str = ""

    def __post_init__(self) -> None:
        if self.encoder is not None and self.encoder not in self.encoders:
            raise ValueError(f"there are no vectors of the encoder {self.encoder:.60}")

    @property
    def default(self) -> EncoderFacts | None:
        """What made the vectors that answer when nobody says which."""
        return None if self.encoder is None else self.encoders[self.encoder]

    def encoder_named(self, encoder: str | None) -> str | None:
        """Return whose vectors are meant: a key of ``encoders``, or ``None`` for no pictures.

        Parameters
        ----------
        encoder : str or None
            An encoder's name, with or without its model; ``"none"`` for no pictures, ``None`` for the
            collection's own choice.

        Raises
        ------
        SettingsError
            No such encoder made vectors here; those that did are listed.
        """
        if encoder is None or encoder == "none":
            return self.encoder if encoder is None else None
        for name, made in self.encoders.items():
            if encoder in (name, made.name):
                return name
        known = ", ".join([*sorted(made.name for made in self.encoders.values()), "none"])
        raise SettingsError(
            f"The collection has no picture vectors of {encoder!r}. It has: {known}. "
            f"Build it once more with --image-encoder {encoder} to add them."
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a workspace holds.

    Parameters
    ----------
    files : mapping of str to FileEntry
        Path relative to the workspace, with ``/`` → entry.
    facts : Facts
        What is worth telling about the collection.
    package_version : str
        The version that wrote it.
    """

    files: Mapping[str, FileEntry] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)
    package_version: str = ""

    def __post_init__(self) -> None:
        for name in self.files:
            _check_inside(name)

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
            layout = content.pop("format")
            if layout != FORMAT:
                raise ArtifactMismatchError(
                    f"{path} has layout {layout!r:.20}, this version reads layout {FORMAT}. "
                    "Build the collection again with `ham build`."
                )
            return typed(cls, content, "the manifest")
        except OSError as error:
            raise ArtifactError.unreadable(path, error) from error
        except RecursionError as error:
            raise _unreadable(path, "it is nested too deeply") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable(path, error) from error


def sha256(path: Path) -> str:
    """Return the hex SHA-256 of a file's content."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _unreadable(path: Path, reason: object) -> ArtifactCorruptError:
    return ArtifactCorruptError(
        f"{path} is not a readable manifest ({reason}). Build the collection again with `ham build`."
    )


def _check_inside(name: str) -> None:
    """Refuse a name that is none of a collection's files: only those may be moved or removed."""
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or any(part.startswith(".") for part in path.parts):
        raise ValueError(f"{name!r:.80} is no file of a collection")
    if (
        path.as_posix() != name
        or "\0" in name
        or path.parts[0].startswith(("manifest.json", "sessions.sqlite"))
    ):
        raise ValueError(f"{name!r:.80} is no file of a collection")
