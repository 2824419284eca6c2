"""Opens the files of tables: plain, gzip or zip, in whatever encoding a program wrote them."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, Any, cast

from ham_recommend.errors import SettingsError, SourceError

LONGEST_ROW = 10_000_000
"""Characters in one row. Text behind a quote that nobody closed would otherwise fill the memory."""

LARGEST_UNPACKED = 16 * 2**30
"""Bytes that an archive may unpack to where a copy of its content must be made."""

_SAMPLE = 1 << 22
_HEAD = 4096
_LINE_IN_HEAD = 20_000
_BOMS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_STRAY = re.compile("[\udc80-\udcff]+")
_WELL_WRITTEN = re.compile("[^\x00-\x7f\udc80-\udcff]+")
_WINDOWS_LETTERS = re.compile(rb"[A-Za-z][\xc0-\xff]|[\xc0-\xff][a-z]")
_MAC_LETTERS = re.compile(rb"[A-Za-z][\x80-\x84\x86-\x90\x98-\x9f]|[\x80-\x84\x86-\x90\x98-\x9f][a-z]")
_WESTERN, _MAC = "Windows-1252", "Mac Roman"
_PYTHON_NAMES = {_WESTERN: "cp1252", _MAC: "mac_roman"}
_CODES = "windows-1251 (Cyrillic), windows-1250 (Central Europe), shift_jis, gb18030, big5, euc_kr"


class TableFile:
    """A file that holds one table, whatever it is packed in.

    Parameters
    ----------
    path : Path
        ``…``, ``….gz`` or ``….zip`` with one table in it.
    member : str
        For a zip archive, the table's name in it.
    encoding : str or None
        Of its text; ``None`` to find out.
    """

    def __init__(self, path: Path, member: str = "", encoding: str | None = None) -> None:
        self.path = path
        self.member = member
        self.encoding = encoding
        self.notes: dict[str, None] = {}

    def __str__(self) -> str:
        return f"{self.path}, {self.member}" if self.member else str(self.path)

    @property
    def is_packed(self) -> bool:
        """Whether the bytes on disk are not the table's own."""
        return bool(self.member) or self.path.suffix.lower() == ".gz"

    @contextmanager
    def content(self) -> Iterator[IO[bytes]]:
        """Open the table's own bytes, to be read from the first to the last."""
        if self.member:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as file:
                yield file
        elif self.is_packed:
            with gzip.open(self.path) as file:
                yield cast("IO[bytes]", file)
        else:
            with self.path.open("rb") as file:
                yield file

    @contextmanager
    def anywhere(self) -> Iterator[Path | IO[bytes]]:
        """Give what can be read at any place: the file itself, or a temporary copy of what is packed."""
        if not self.is_packed:
            yield self.path
            return
        with self.content() as packed, tempfile.TemporaryFile() as copy:
            _unpack(packed, copy, str(self))
            copy.seek(0)
            yield copy

    def lines(self) -> Iterator[str]:
        """Yield the lines, ends of line included; endless ones are refused.

        Raises
        ------
        SourceError
            A line is too long, or the encoding cannot be told.
        """
        with self.text() as text:
            number = 0
            while line := text.readline(LONGEST_ROW):
                number += 1
                if len(line) == LONGEST_ROW:
                    raise SourceError(f"Line {number} of {self} is longer than {LONGEST_ROW:,} characters.")
                if number == 1 and "\0" in line:
                    raise SourceError(f"{self} is no text: its first line holds NUL characters.")
                yield line if line.isascii() else self.mended(line, number)

    @contextmanager
    def text(self) -> Iterator[io.TextIOWrapper]:
        """Open the table as text; bytes that are not of its encoding become surrogates for :meth:`mended`."""
        encoding = self._encoding
        with self.content() as file:
            errors = "surrogateescape" if encoding == "utf-8-sig" else "replace"
            with io.TextIOWrapper(cast("Any", file), encoding=encoding, errors=errors, newline="") as text:
                yield text

    def mended(self, text: str, line: int | None = None) -> str:
        """Return text in which bytes that are not UTF-8 are read as what Excel writes; it is noted once."""
        if not _STRAY.search(text):
            return text
        if not self.notes:
            at = "" if line is None else f" (first in line {line})"
            self.notes[f"is not UTF-8{at}: it was read as {self._legacy}"] = None
        codec = _PYTHON_NAMES[self._legacy]

        def read(stray: re.Match[str]) -> str:
            return stray[0].encode("utf-8", "surrogateescape").decode(codec, "replace")

        return _STRAY.sub(read, text)

    @cached_property
    def _encoding(self) -> str:
        if self.encoding is not None:
            return checked_encoding(self.encoding)
        with self.content() as file:
            head = file.read(_HEAD)
        found = next((name for bom, name in _BOMS.items() if head.startswith(bom)), "") or _without_bom(head)
        if not found:
            return "utf-8-sig"
        self.notes[f"was read as {found}"] = None
        return found

    @cached_property
    def _legacy(self) -> str:
        """Say which encoding of Western Europe the bytes that are not UTF-8 are in.

        Raises
        ------
        SourceError
            There are so many that it is the encoding of another script.
        """
        with self.content() as file:
            sample = _bytes_out_of_place(file)
        high = len(re.findall(rb"[\x80-\xff]", sample))
        in_words = len(re.findall(rb"(?<=[\x80-\xff])[\x80-\xff]|[\x80-\xff](?=[\x80-\xff])", sample))
        if high > 4 and in_words > 0.4 * high:  # the West seldom writes two accented letters in a row
            raise SourceError(
                f"{self} is not UTF-8, and not an encoding of Western Europe. Say which it is with "
                f"encoding= (--encoding): {_CODES}, or any other that Python knows."
            )
        # Where Windows has accented letters, Mac has signs that seldom stand in a word, and vice versa.
        windows, mac = (len(re.findall(letters, sample)) for letters in (_WINDOWS_LETTERS, _MAC_LETTERS))
        return _MAC if mac > windows else _WESTERN


def checked_encoding(name: str) -> str:
    """Return the name of an encoding of text.

    Raises
    ------
    SettingsError
        Python knows no such encoding.
    """
    try:
        "".encode(name)
        return codecs.lookup(name).name
    except (LookupError, ValueError, TypeError) as error:
        raise SettingsError(f"Unknown encoding {name!r}. Known are utf-8, windows-1252, {_CODES}.") from error


def open_table(path: Path, known: Callable[[str], bool], encoding: str | None = None) -> TableFile:
    """Return the file of a table; of a zip archive, the one table in it.

    Parameters
    ----------
    path : Path
        There is such a file.
    known : callable
        Whether a name is that of a table.
    encoding : str or None
        Of its text.

    Raises
    ------
    SourceError
        The archive is damaged, or holds no table or several.
    """
    if path.suffix.lower() != ".zip":
        return TableFile(path, "", encoding)
    with readable(path), zipfile.ZipFile(path) as archive:
        inside = [name for name in archive.namelist() if known(name) and not _is_hidden(name)]
    tables = [name for name in inside if not name.lower().endswith(".txt")]
    inside = tables if len(tables) == 1 else inside  # the others are to be read by people
    if len(inside) != 1:
        names = ", ".join(sorted(inside)[:20]) or "none"
        raise SourceError(
            f"{path} must hold one table; it holds {len(inside)} ({names}). "
            f"Unpack it (python -m zipfile -e {quoted(path.name)} .) and name the tables you want."
        )
    return TableFile(path, inside[0], encoding)


@contextmanager
def readable(path: object) -> Iterator[None]:
    """Turn whatever goes wrong while reading a file into one clear error."""
    from pyarrow.lib import ArrowException

    try:
        yield
    except PermissionError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}. Check that you may read it.") from error
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, UnicodeError, ArrowException) as error:
        raise SourceError(
            f"{path} cannot be read: it is damaged, cut short or not what its name says ({error}). "
            "Copy or download it again."
        ) from error
    except (NotImplementedError, RuntimeError) as error:  # an archive with a password, or of an unusual kind
        raise SourceError(f"{path} cannot be unpacked ({error}). Unpack it and name the table.") from error


def quoted(name: str) -> str:
    """Return a file's name as every shell takes it, that of Windows too."""
    return name if re.fullmatch(r"[\w.+-]+", name) else f'"{name}"'


def _unpack(packed: IO[bytes], copy: IO[bytes], name: str) -> None:
    size = 0
    while chunk := packed.read(_SAMPLE):
        size += len(chunk)
        if size > LARGEST_UNPACKED:
            raise SourceError(f"{name} unpacks to more than {LARGEST_UNPACKED:,} bytes.")
        copy.write(chunk)


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


def _without_bom(head: bytes) -> str:
    """Recognise UTF-16 without its mark: text of the West has a NUL in every other byte."""
    if len(head) < 4 or head.count(0) * 5 < len(head) * 2:
        return ""
    return "UTF-16-LE" if head[1::2].count(0) > head[::2].count(0) else "UTF-16-BE"


def _bytes_out_of_place(file: IO[bytes]) -> bytes:
    """Return up to a few megabytes of lines that are not UTF-8, without the characters that are."""
    found, size = [], 0
    while size < _SAMPLE and (line := file.readline(_LINE_IN_HEAD)):
        if line.isascii():
            continue
        text = line.decode("utf-8", "surrogateescape")
        strays = sum(map(len, _STRAY.findall(text)))
        if strays:
            well_written = len(_WELL_WRITTEN.findall(text))
            text = _WELL_WRITTEN.sub(" ", text) if well_written >= strays else text
            found.append(text.encode("utf-8", "surrogateescape"))
            size += len(line)
    return b"".join(found)
