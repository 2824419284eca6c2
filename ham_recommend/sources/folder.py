"""A folder of pictures, one work each."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ham_recommend.errors import MissingExtraError, RecordError, SettingsError, SourceError
from ham_recommend.picture_files import (
    FORMATS,
    MAX_BYTES,
    OTHER_SUFFIXES,
    SETTING,
    SUFFIXES,
    max_pixels,
    opened,
    pixels_held,
    reduce_while_decoding,
)
from ham_recommend.records import Description, Problem, RawRecord
from ham_recommend.sources._ids import check_id
from ham_recommend.sources._places import absolute, kind_of
from ham_recommend.sources.base import LIMIT, Option, Source, checked_limit
from ham_recommend.sources.explanation import Explanation, explained
from ham_recommend.workspace import STEPS, is_workspace

if TYPE_CHECKING:
    from PIL import Image

_DESCRIPTION = 0x010E
_ARTIST = 0x013B
_LONGEST_ARTIST = 200
_LONG_SIDE = 384  # of a thumbnail
_BY_CAMERAS = re.compile(r"\s*(\w+ digital (still )?camera|dcim.*|minolta.*|samsung.*|\W*)\s*", re.I)


_FIELDS = {
    "item_id": ("the path",),
    "title": ("the file's name",),
    "artist": ("EXIF Artist",),
    "descriptions": ("EXIF ImageDescription",),
    "picture": ("the file",),
}


class FolderSource(Source):
    """The pictures of a folder and its subfolders, one work each, sorted by path.

    A work's id is its path in the folder, its title the file's name with spaces for underscores and dashes.
    The artist and a description are taken from the picture's EXIF data where it has them; its date is not, as
    it tells when the picture was taken, not when the work was made.

    Hidden files and folders are passed over, and so are the thumbnails of a collection that was built into
    the folder. Links to folders are not followed. Files that are empty, no pictures by their first bytes,
    larger than 256 MB, or of more pixels than can be held (100 million, or what ``HAM_MAX_MEGAPIXELS`` says;
    of a large JPEG only an eighth of its height and width is decoded) are left out, each with a problem;
    whether the rest of a file can be decoded shows when its thumbnail is made. Pictures of kinds that are not
    read are counted in one more problem.

    Parameters
    ----------
    path : path-like
        The folder.
    limit : int or None
        At most so many works.
    only : iterable of str or None
        Paths within the folder, with ``/``: only these are looked at, as where they have just been added to a
        collection of the others. ``None`` for all.

    Raises
    ------
    SettingsError
        The limit is no whole number of at least 1.
    SourceError
        There is no such folder, or the system does not let us look.
    """

    name: ClassVar[str] = "folder"
    title: ClassVar[str] = "A folder of pictures, one work each"
    options: ClassVar[tuple[Option, ...]] = (
        Option(name="path", type=Path, flag="", metavar="DIR", help="The folder, searched recursively."),
        LIMIT,
    )
    examples: ClassVar[tuple[str, ...]] = ("~/Pictures/museum",)

    def __init__(
        self, path: str | os.PathLike[str], *, limit: int | None = None, only: Iterable[str] | None = None
    ) -> None:
        super().__init__()
        self._only = None if only is None else sorted(set(only))
        self.path = Path(path)
        self._absolute = absolute(path)
        self.limit = checked_limit(limit)
        found = kind_of(self.path)
        if found == "file":
            raise SourceError(f"{self.path} is a file. Name the folder it lies in.")
        if found != "folder":
            raise SourceError(f"There is no folder {self.path}. Check the path.")

    def fetch(self, *, since: date | None = None) -> Iterator[RawRecord]:
        """Yield the works, sorted by path.

        Parameters
        ----------
        since : date or None
            Not used: a file's own date tells nothing about the work.

        Raises
        ------
        SourceError
            There is no readable picture in the folder.
        """
        del since
        self.problems = []
        empty = True
        for record in islice(self._records(), self.limit):
            empty = False
            yield record
        if empty and self._only is None:
            first = "".join(f" {problem.where}: {problem.reason}." for problem in self.problems[:1])
            kinds = ", ".join(SUFFIXES)
            raise SourceError(f"{self.path} and its subfolders hold no readable picture ({kinds}).{first}")

    def fingerprint(self) -> str:
        """Return a digest of the files' names, sizes and times."""
        digest = hashlib.sha256()
        for name in self._names([]):
            digest.update(os.fsencode(f"{name}\0{_stamp(self.path / name)}\n"))
        return digest.hexdigest()

    def settings(self) -> Mapping[str, Any]:
        """Return the folder's name, without where it lies, and the options."""
        return {"folder": self._absolute.name, "limit": self.limit}

    def command(self) -> str:
        """Return the command's words: the folder and the limit."""
        limit = [] if self.limit is None else ["--limit", str(self.limit)]
        return shlex.join([self.name, str(self._absolute), *limit])

    def count(self) -> int:
        """Return the number of files that look like pictures by their names."""
        return len(self._names([])[: self.limit])

    def _records(self) -> Iterator[RawRecord]:
        for name in self._names(self.problems):
            try:
                yield _record(name, self._absolute / name)
            except RecordError as error:
                self.problems.append(Problem(_showable(name), str(error)))

    def _names(self, problems: list[Problem]) -> list[str]:
        """Return the paths of the pictures in the folder, with ``/``, sorted; note folders that stay shut."""
        if self._only is not None:
            return [name for name in self._only if _is_picture_name(name.rpartition("/")[2])]

        def note(error: OSError) -> None:
            where = _showable(os.path.relpath(error.filename, self.path))
            problems.append(Problem(where, f"the folder cannot be read: {error.strerror}"))

        names = []
        others: Counter[str] = Counter()
        for folder, folders, files in os.walk(self.path, onerror=note):
            passed_over = STEPS if is_workspace(Path(folder)) else ()
            folders[:] = [name for name in folders if not name.startswith(".") and name not in passed_over]
            inside = Path(folder).relative_to(self.path)
            names += [(inside / name).as_posix() for name in files if _is_picture_name(name)]
            others.update(suffix for name in files if (suffix := _other_suffix(name)))
        if others:
            problems.append(_not_read(others))
        return sorted(names)

    def explain(self, rows: int = 1000) -> Explanation:
        """Say what of a picture becomes which field, with samples; nothing is built.

        Parameters
        ----------
        rows : int
            How many pictures to look at.
        """
        problems, self.problems = self.problems, []
        used, works = explained(_FIELDS, islice(self._records(), rows))
        self.problems = problems
        found: list[Problem] = []
        self._names(found)
        return Explanation(used, notes=tuple(f"{one.where}: {one.reason}" for one in found), works=works)


def _is_picture_name(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


def _other_suffix(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return suffix if suffix in OTHER_SUFFIXES and not name.startswith(".") else ""


def _not_read(others: Counter[str]) -> Problem:
    count = sum(others.values())
    pictures = "1 picture of a kind that is" if count == 1 else f"{count:,} pictures of kinds that are"
    kinds = ", ".join(f"{number:,} {suffix}" for suffix, number in others.most_common())
    return Problem(", ".join(sorted(others)), f"{pictures} not read: left out ({kinds})")


def _stamp(path: Path) -> str:
    try:
        told = path.stat()
    except OSError as error:
        return type(error).__name__
    return f"{told.st_size}\0{told.st_mtime_ns}"


def _record(name: str, path: Path) -> RawRecord:
    check_id(name)
    artist, text = _told_by_header(path)
    return RawRecord(
        item_id=f"{FolderSource.name}:{name}",
        title=_title(path.stem),
        artist=artist,
        descriptions=(Description(text, source="EXIF"),) if text else (),
        picture=str(path),
    )


def _title(stem: str) -> str:
    return " ".join(unicodedata.normalize("NFC", re.sub("[_-]+", " ", stem)).split()) or stem


def _told_by_header(path: Path) -> tuple[str, str]:
    """Return artist and description from a picture's header, which is all that is read.

    Raises
    ------
    RecordError
        The file is empty, cannot be read or is no picture.
    """
    from PIL import UnidentifiedImageError

    _check_file(path)
    try:
        with opened(path) as picture:
            _check_pixels(picture)
            return _told_by_exif(picture)
    except (RecordError, SettingsError):
        raise
    except MissingExtraError as error:
        raise RecordError(str(error)) from error
    except UnidentifiedImageError as error:
        raise RecordError(f"it is no picture of a kind we read ({', '.join(FORMATS)})") from error
    except Exception as error:  # broken headers make Pillow's readers raise almost anything
        raise RecordError(f"its header is broken: {error}") from error


def _check_file(path: Path) -> None:
    try:
        told = path.stat()
    except OSError as error:
        raise RecordError(f"it cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(told.st_mode):
        raise RecordError("it is no file")
    if not told.st_size:
        raise RecordError("the file is empty")
    if told.st_size > MAX_BYTES:
        raise RecordError(f"it has {told.st_size:,} bytes, more than {MAX_BYTES:,}")


def _check_pixels(picture: Image.Image) -> None:
    size, most = picture.size, max_pixels()
    reduce_while_decoding(picture, _LONG_SIDE)
    if pixels_held(picture, size) > most:
        raise RecordError(f"it has {size[0]:,} × {size[1]:,} pixels, more than {most:,} ({SETTING})")


def _told_by_exif(picture: Image.Image) -> tuple[str, str]:
    from PIL import Image

    try:
        exif = Image.Image.getexif(picture)  # a PNG's own method would decode all of it
        artist, text = _exif_text(exif.get(_ARTIST)), _exif_text(exif.get(_DESCRIPTION))
    except Exception:  # odd EXIF data is no reason to leave out a picture
        return "", ""
    return artist if len(artist) <= _LONGEST_ARTIST else "", "" if _BY_CAMERAS.fullmatch(text) else text


def _exif_text(value: object) -> str:
    """Return a tag as text. Most programs write UTF-8; Pillow reads Latin-1, as the standard has it."""
    if not isinstance(value, str):
        return ""
    with suppress(UnicodeError):
        value = value.encode("latin-1").decode("utf-8")
    return value.replace("\0", " ").strip()


def _showable(name: str) -> str:
    return name.encode("utf-8", "replace").decode()
