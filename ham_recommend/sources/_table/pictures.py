"""Pictures and pages of a table: addresses mended, paths found beside the table, bytes written to files."""

from __future__ import annotations

import hashlib
import html
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ham_recommend.errors import SourceError
from ham_recommend.files import whole_file
from ham_recommend.net.addresses import on_the_web, web_address
from ham_recommend.sources._table.values import as_text, spelled_out

LONGEST_ADDRESS = 4_000

_FOLDERS = ("", "images")
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
# Most addresses; what else is one, takes a longer look.
_PLAIN_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9][A-Za-z0-9.-]{0,250}(?::[0-9]{1,5})?/[A-Za-z0-9_.~%/?=+:@!*'()#&-]{0,2000}"
)
_NEXT_ADDRESS = re.compile(r"[\s|;,$]+(?=https?://|//\w|www\.)", re.IGNORECASE)
_INSIDE = re.compile(r"""[("'](https?://[^\s"'()<>]+)[)"']""", re.IGNORECASE)
"""An address inside of HTML, Markdown or a formula of Excel."""
_NEXT_PATH = re.compile(r"\s*[|;,\n$]\s*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_FIRST_KEYS = (
    "bytes", "url", "uri", "baseimageurl", "iiifbaseuri", "@id", "id", "src", "href", "full", "large", "web",
    "print", "image", "file", "path", "value", "content", "thumbnail",
)  # fmt: skip
Elsewhere = Callable[[str, str], str]
"""Given a work's id and the path that its row tells, returns where the picture is; else nothing."""
_SUFFIXES = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"GIF8": ".gif", b"RIFF": ".webp", b"BM": ".bmp"}


class Pictures:
    """Finds the pictures that a table's cells tell of.

    Parameters
    ----------
    folder : Path
        The table's own; paths are told from there, or from ``images`` in it.
    kept : callable
        Returns the folder in which pictures are kept that the table itself holds.
    elsewhere : callable or None
        Finds those that are not where the table says.
    """

    def __init__(self, folder: Path, kept: Callable[[], Path], elsewhere: Elsewhere | None = None) -> None:
        self._folder = folder
        self._kept = kept
        self._elsewhere = elsewhere

    def find(
        self, item_id: str, cells: Sequence[Any], report: Callable[[str], None]
    ) -> tuple[str, tuple[str, ...]]:
        """Return the first picture of a work that can be had, and the others; if there is none, report why.

        Returns
        -------
        str
            A web address or an absolute path; empty when there is none.
        tuple of str
            Further ones.
        """
        if len(cells) == 1:
            only = cells[0]
            if only is None or only == "":
                return "", ()
            if is_plain_address(only):
                return str(only), ()
        found: dict[str, None] = {}
        reasons = []
        for candidate in self._candidates(item_id, cells):
            place, reason = self._had(item_id, candidate)
            if place:
                found[place] = None
            else:
                reasons.append(f"the picture {candidate[:200]!r} {reason}; the work is kept without it")
        if reasons and not found:
            report(reasons[0])
        first, *others = [*found] or [""]
        return first, tuple(others)

    def beside(self, item_id: str, cells: Iterable[Any]) -> Iterator[str]:
        """Yield the path of each picture that is told of as a file; an empty one where there is none."""
        here = [cell for cell in cells if cell and not is_plain_address(cell)]
        for candidate in self._candidates(item_id, here) if here else ():
            if isinstance(candidate, str) and not _is_address(candidate):
                yield self._found(item_id, candidate)[0]

    def _found(self, item_id: str, told: str) -> tuple[str, str]:
        path, reason = found_beside(told, self._folder)
        named = "" if path or self._elsewhere is None else self._elsewhere(item_id, told)
        return (named, "") if named else (path, reason)

    def _candidates(self, item_id: str, cells: Iterable[Any]) -> Iterator[str | bytes]:
        for cell in cells:
            for told in _told(cell):
                if isinstance(told, bytes):
                    yield told
                elif _is_address(told):
                    yield from _NEXT_ADDRESS.split(told)
                elif inside := _INSIDE.findall(told):
                    yield from inside
                elif _NEXT_PATH.search(told) and not self._found(item_id, told)[0]:
                    yield from filter(None, _NEXT_PATH.split(told))
                else:
                    yield told

    def _had(self, item_id: str, candidate: str | bytes) -> tuple[str, str]:
        if isinstance(candidate, bytes):
            return self._written(candidate), ""
        if _is_address(candidate):
            address = mended_address(candidate)
            return address, "is no address that can be asked for" if not address else ""
        return self._found(item_id, candidate)

    def _written(self, content: bytes) -> str:
        """Write the bytes of a picture, once, and return the file's path."""
        digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        suffix = next((suffix for magic, suffix in _SUFFIXES.items() if content.startswith(magic)), ".img")
        path = self._kept() / digest[:2] / f"{digest}{suffix}"
        try:
            if not path.exists() or path.stat().st_size != len(content):
                path.parent.mkdir(parents=True, exist_ok=True)
                with whole_file(path, "wb") as file:
                    file.write(content)
        except OSError as error:
            raise SourceError(f"The table's pictures cannot be written to {path.parent}: {error}.") from error
        return str(path)


def is_plain_address(cell: Any) -> bool:
    """Return whether a cell is a usual http(s) address, in which nothing has to be mended."""
    return isinstance(cell, str) and _PLAIN_ADDRESS.fullmatch(cell) is not None


def told_as_files(cells: Iterable[Any]) -> Iterator[str]:
    """Yield the paths that cells tell; of what may be one path or several, the whole and the parts."""
    for cell in cells:
        for told in _told(cell) if cell and not is_plain_address(cell) else ():
            if isinstance(told, str) and not _is_address(told) and not _INSIDE.search(told):
                yield told
                if _NEXT_PATH.search(told):
                    yield from filter(None, _NEXT_PATH.split(told))


def mended_address(text: str) -> str:
    """Return an http(s) address as a server expects it, without entities and blanks; else nothing."""
    if _PLAIN_ADDRESS.fullmatch(text):
        return text
    address = text.strip().strip("<>\"'“”‘’").strip()
    for _ in range(2):  # "&amp;amp;" is found as well
        address = _ENTITY.sub(lambda entity: html.unescape(entity[0]), address)
    address = re.sub(r"[\r\n\t]+\s*", "", address)
    address = re.sub(r"\s", "%20", address)
    if address.startswith("//"):
        address = f"https:{address}"
    elif address.lower().startswith("www."):
        address = f"https://{address}"
    acceptable = len(address) <= LONGEST_ADDRESS and address.isprintable() and "\\" not in address[:200]
    return web_address(address) if acceptable else ""


def found_beside(told: str, folder: Path) -> tuple[str, str]:
    """Return the absolute path of a picture in the table's folder, or what is wrong with it."""
    if _SCHEME.match(told):
        return "", "is neither an http(s) address nor a path"
    inside = str(folder).rstrip(os.sep) + os.sep
    spellings = (told, told.replace("\\", "/")) if "\\" in told else (told,)
    for place in (folder / name / spelling for spelling in spellings for name in _FOLDERS):
        # Plain arithmetic on names, not resolve(): a picture folder that the user linked to counts as inside.
        path = os.path.normpath(place)
        if not path.startswith(inside):
            return "", "lies outside the table's folder"
        if os.path.isfile(path):  # noqa: PTH113 - answers False for names no file can have
            return path, ""
    return "", "does not exist beside the table"


def addresses_in(cell: Any) -> list[str]:
    """Return what a cell holds that may be addresses, not yet mended."""
    told = (text for text in _told(cell) if isinstance(text, str))
    return [part for text in told for part in (_NEXT_ADDRESS.split(text) if _is_address(text) else [text])]


def _is_address(text: str) -> bool:
    head = text.lstrip(" \t\r\n<\"'“‘")[:8].lower()
    return on_the_web(head) or head.startswith(("//", "www."))


def _told(cell: Any, depth: int = 4) -> Iterator[str | bytes]:
    """Yield the addresses, paths and bytes of pictures that a cell holds."""
    if isinstance(cell, str):
        text = as_text(cell)
        found = spelled_out(text) if text[:1] in {"[", "{"} else text
        if isinstance(found, str):
            yield from (found,) if found else ()
            return
        cell = found
    if isinstance(cell, bytes | bytearray | memoryview):
        yield from (bytes(cell),) if cell else ()
    elif isinstance(cell, list | tuple):
        for entry in cell if depth else ():
            yield from _told(entry, depth - 1)
    elif isinstance(cell, dict) and depth:
        inside = [cell[key] for key in _FIRST_KEYS if cell.get(key)] or list(cell.values())
        yield from next((found for entry in inside if (found := list(_told(entry, depth - 1)))), [])
    elif cell is not None and not isinstance(cell, dict | bool):
        yield str(cell)
