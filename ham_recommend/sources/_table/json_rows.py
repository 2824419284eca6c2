"""Rows of JSON: one object per line, or a list of objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import IO, Any, TypeGuard

from ham_recommend.errors import SourceError
from ham_recommend.sources._table.files import LONGEST_ROW, quoted
from ham_recommend.sources._table.rows import Getter, Report, Row, Rows, paths_in_lists, paths_into

LARGEST_DOCUMENT = 100_000_000
"""Characters of a document that is no list of objects but holds one somewhere inside."""

_CHUNK = 1 << 16
_HEAD = 1 << 20
_OPENS_A_LIST = re.compile(r'\{\s*"[^"]{0,99}"\s*:\s*[\[{]')
_MOST_COLUMNS = 5_000
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LISTS = """
    records items data results result objects artobjects artworks works hits docs documents entries rows
    collection collections member members features graph @graph response paintings pictures list"""
_USUAL_LISTS = frozenset(_LISTS.split())
_BETWEEN = re.compile(r"[\s,]*")


class JsonRows(Rows):
    """JSON objects: one per line, a list of them, or a document that holds such a list."""

    def _columns(self) -> tuple[str, ...]:
        self._kind = self._found_kind()
        self.unit = "line" if self._kind == "lines" else "record"
        self._top: dict[str, None] = {}
        columns: dict[str, None] = {}
        parts: dict[str, None] = {}
        for _, found in self._objects(lambda _line, _reason: None):
            self._top.update(dict.fromkeys(found))
            for key, value in found.items():
                columns[key] = None
                if isinstance(value, dict) and len(columns) < _MOST_COLUMNS:
                    columns.update(dict.fromkeys(paths_into(value, key)))
                if isinstance(value, dict | list) and len(parts) < _MOST_COLUMNS:
                    parts.update(dict.fromkeys(paths_in_lists(value, key)))
        if not columns:
            raise SourceError(
                f"{self.file} holds no JSON objects. One object per line is needed, or a list of objects."
            )
        self.parts = tuple(parts)
        return tuple(columns)

    def _read(self, names: Sequence[str], report: Report) -> Iterator[Row]:
        getters = [Getter(name, tuple(self._top)) for name in names]
        for line, found in self._objects(report):
            yield line, [getter.inside(found.get(getter.column)) for getter in getters]

    def _found_kind(self) -> str:
        """Return ``"lines"``, ``"list"`` or ``"document"``: what the first characters begin."""
        with self._mended_text() as read:
            head = read(_HEAD).lstrip("\ufeff \t\r\n")
        if head.startswith("["):
            return "list"
        first = re.split(r"[\r\n]", head, maxsplit=1)[0].strip()
        if not first.startswith("{"):
            return "lines"
        if len(first) == len(head) == _HEAD:
            return "document" if _OPENS_A_LIST.match(first) else "lines"
        try:
            found = json.loads(first)
        except (ValueError, RecursionError):
            return "document" if first == "{" or _opens_only(first) else "lines"
        return "document" if _works_in(found) and not self._has_more_lines() else "lines"

    def _has_more_lines(self) -> bool:
        lines = (line for line in self.file.lines() if line.strip())
        next(lines, None)
        return next(lines, None) is not None

    def _objects(self, report: Report) -> Iterator[tuple[int, dict[str, Any]]]:
        values = {"lines": self._of_lines, "list": self._of_list, "document": self._of_document}
        for number, value in values[self._kind](report):
            if isinstance(value, dict):
                yield number, value
            else:
                report(number, f"a JSON object is needed, this is {type(value).__name__}")

    def _of_lines(self, report: Report) -> Iterator[tuple[int, Any]]:
        for line, text in enumerate(self.file.lines(), 1):
            if not text.strip():
                continue
            try:
                found = from_json(text)
            except (ValueError, RecursionError) as error:
                report(line, f"not valid JSON ({error})")
                continue
            yield line, found

    def _of_list(self, report: Report) -> Iterator[tuple[int, Any]]:  # noqa: ARG002 - none can be left out
        with self._mended_text() as read:
            entries = _entries(read, str(self.file))
            first = next(entries, None)
            if _are_names(first):
                yield from enumerate((dict(zip(first, row, strict=False)) for row in entries), 1)
            elif first is not None:
                yield from enumerate(chain([first], entries), 1)

    def _of_document(self, report: Report) -> Iterator[tuple[int, Any]]:  # noqa: ARG002
        with self._mended_text() as read:
            text = read(LARGEST_DOCUMENT + 1)
        if len(text) > LARGEST_DOCUMENT:
            raise SourceError(
                f"{self.file} is one JSON document of more than {LARGEST_DOCUMENT:,} characters. Write the "
                f"list in it as JSON Lines: jq -c .records[] {quoted(self.file.path.name)} > works.jsonl"
            )
        try:
            found = list(_documents(text))
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{self.file} is not valid JSON: {error}.") from error
        yield from enumerate(found if len(found) > 1 else _works_in(found[0]) or found, 1)

    @contextmanager
    def _mended_text(self) -> Iterator[_Read]:
        with self.file.text() as text:
            yield _Read(text, self)


class _Read:
    """Reads text piece by piece, with the bytes that are not UTF-8 mended."""

    def __init__(self, text: IO[str], rows: JsonRows) -> None:
        self._text = text
        self._rows = rows

    def __call__(self, size: int) -> str:
        return self._rows.file.mended(self._text.read(size))


def from_json(text: str) -> Any:
    """Read JSON; lone surrogates, which no file can hold, become U+FFFD.

    Raises
    ------
    ValueError, RecursionError
        Not JSON, or nested too deeply.
    """
    found = json.loads(text)
    return _without_halves(found) if _SURROGATE.search(text) else found


def _without_halves(found: Any) -> Any:
    safe = json.dumps(found, ensure_ascii=False).encode("utf-16", "surrogatepass")
    return json.loads(safe.decode("utf-16", "replace"))


def _entries(read: _Read, name: str) -> Iterator[Any]:
    """Yield the entries of one list, holding little more than one of them."""
    decode = json.JSONDecoder().raw_decode
    buffer, at, wanted, number = read(_CHUNK).lstrip().removeprefix("["), 0, _CHUNK, 1
    reason = "its end is missing"
    while True:
        at = _BETWEEN.match(buffer, at).end()  # type: ignore[union-attr]
        if buffer[at : at + 1] == "]":
            return
        try:
            value, end = decode(buffer, at) if at < len(buffer) else (None, at)
        except RecursionError as error:
            raise SourceError(f"Record {number} of {name} is nested too deeply.") from error
        except json.JSONDecodeError as error:
            end, reason = len(buffer), error.msg
        if end == len(buffer):  # cut off, or a number that may go on
            more = read(wanted)
            if not more or len(buffer) - at > LONGEST_ROW:
                raise SourceError(
                    f"Record {number} of {name} is not valid JSON ({reason}). "
                    "The file is damaged or cut short; copy or download it again."
                )
            buffer, at, wanted = buffer[at:] + more, 0, wanted * 2
            continue
        text = buffer[at:end]
        yield _without_halves(value) if _SURROGATE.search(text) else value
        at, wanted, number = end, _CHUNK, number + 1


def _documents(text: str) -> Iterator[Any]:
    """Yield the JSON values that stand one after the other, each over several lines."""
    decode = json.JSONDecoder().raw_decode
    at = _BETWEEN.match(text).end()  # type: ignore[union-attr]
    while at < len(text):
        value, end = decode(text, at)
        yield _without_halves(value) if _SURROGATE.search(text[at:end]) else value
        at = _BETWEEN.match(text, end).end()  # type: ignore[union-attr]


def _works_in(value: Any, depth: int = 4) -> list[Any] | None:
    """Return the objects that a document holds under one of the usual names, or each under its id."""
    if isinstance(value, list):
        return value if any(isinstance(entry, dict) for entry in value) else None
    if not isinstance(value, dict) or not depth:
        return None
    if found := _rows_in(value):
        return found
    for key, entry in value.items():
        if key.lower() in _USUAL_LISTS and (found := _works_in(entry, depth - 1)):
            return found
    entries = list(value.values())
    if len(entries) > 1 and all(isinstance(entry, dict) and len(entry) > 1 for entry in entries):
        return [{"id": key, **entry} for key, entry in value.items()]
    return None


def _rows_in(value: dict[str, Any]) -> list[Any] | None:
    """Return the rows of a document that holds a table by its columns, as programs for data write it."""
    columns = list(value.values())
    names, rows = value.get("columns"), value.get("data")
    if _are_names(names) and isinstance(rows, list) and all(isinstance(row, list) for row in rows):
        return [dict(zip(names, row, strict=False)) for row in rows]
    if len(columns) < 2:
        return None
    if all(isinstance(column, dict) and column and all(map(str.isdigit, column)) for column in columns):
        return [{name: value[name].get(row) for name in value} for row in columns[0]]
    if all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns):
        whole = len(columns[0]) > 1 and not any(
            isinstance(cell, dict) for column in columns for cell in column
        )
        return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)] if whole else None
    return None


def _are_names(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and len(value) > 1 and all(isinstance(name, str) for name in value)


def _opens_only(line: str) -> bool:
    """Return whether a line begins an object that goes on in the next."""
    return line.count("{") + line.count("[") > line.count("}") + line.count("]") and line.endswith(
        ("{", "[", ",")
    )
