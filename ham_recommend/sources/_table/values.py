"""Cells of a stranger's table → text, several values, years, numbers and descriptions."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from ham_recommend.errors import RecordError
from ham_recommend.records import Description
from ham_recommend.sources._table.json_rows import from_json

FARTHEST_YEAR = 10_000_000
"""Years beyond this, in either direction, are no years."""

BETWEEN_VALUES = "; "
"""What stands between the values of a field that are kept as one text."""

_NOTHING = frozenset(
    {"NULL", "null", "NaN", "nan", "<NA>", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!"}
)
_WHOLE = re.compile(r"([+-]?\d{1,400})(?:\.0*)?")
_ISO_DATE = re.compile(r"([+-]?\d{4,7})-\d\d(?:-\d\d(?:[T ].*)?)?")
NAME_KEYS = (
    "@value", "displayname", "displayName", "display_name", "name", "fc", "title", "label", "_label",
    "prefLabel", "preferredLabel", "preferred_label", "display", "value", "text", "content", "#text", "term",
    "fullName", "full_name", "creator", "artist", "maker", "author", "agent", "person", "subject", "tag",
    "material", "technique", "place", "date", "period", "description", "baseimageurl", "url", "path", "@id",
)  # fmt: skip
_TEXT_KEYS = ("text", "body", "description", "caption", "value", "content", "@value")
_PARTS_KEYS = ("children", "narrower")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?|def|default|@?none|und")
_FAVOURITES = ("en", "eng", "en-GB", "en-US", "def", "default")
_LONGEST_LIST = 1_000_000
_DEEPEST = 8

_SEPARATORS = r";|$¦•\n\r\v\x1c-\x1f"
_SEPARATOR = re.compile(rf"[{_SEPARATORS}]")
_VALUE = re.compile(
    r"(?:\([^()]{0,200}\)"  # what stands in brackets stays together,
    r"|&#?\w{1,31};"  # as do entities
    r"|\$(?=\s?\d)"  # and prices
    rf"|[^{_SEPARATORS}])+"
)
_IN_BRACKETS = re.compile(r"(?:\([^()]*\)\s*)+")


def as_text(value: Any) -> str:
    """Return a cell as one text; the entries of a list are joined with semicolons, nothing gives ``""``."""
    if isinstance(value, str):
        text = value.strip()
        return "" if text in _NOTHING else text
    return "" if value is None else BETWEEN_VALUES.join(_names(value))


def as_values(value: Any) -> list[str]:
    """Return the values in a cell that may hold several: a list, also spelled out, or divided by signs."""
    if value is None:
        return []
    if not isinstance(value, str):
        return list(_names(value))
    text = value.strip()
    if not text or text in _NOTHING:
        return []
    if text[0] in "[{" and (found := spelled_out(text)) is not text:
        return list(_names(found))
    if not _SEPARATOR.search(text):
        return [text]
    pieces = (piece.strip() for piece in _VALUE.findall(text))
    return [piece for piece in pieces if piece and piece not in _NOTHING]


def out_of_brackets(values: list[str]) -> list[str]:
    """Return the values of ``(American) (French)``, as some museums write them; others stay."""
    return (
        values
        if not any(map(_IN_BRACKETS.fullmatch, values))
        else [
            inside
            for value in values
            for inside in (
                re.findall(r"\(\s*(.*?)\s*\)", value) if _IN_BRACKETS.fullmatch(value) else [value]
            )
            if inside
        ]
    )


def as_descriptions(value: Any) -> Iterator[Description]:
    """Yield the descriptions in a cell: one text, or a list of texts or of objects with text and model."""
    found = spelled_out(value.strip()) if isinstance(value, str) else value
    if isinstance(found, dict) and is_by_language(found):
        found = [text for entry in found.values() for text in (entry if isinstance(entry, list) else [entry])]
    for entry in found if isinstance(found, list) else [found]:
        if isinstance(entry, dict):
            text = next((entry[key] for key in _TEXT_KEYS if entry.get(key)), entry)
            described = Description(
                BETWEEN_VALUES.join(_names(text)), as_text(entry.get("source")), as_text(entry.get("model"))
            )
        else:
            described = Description(as_text(entry))
        if described.text:
            yield described


def as_year(value: Any, field: str, report: Callable[[str], None]) -> int | None:
    """Return a cell as a year, of a full date its year; what is neither, or is too far, is unknown."""
    number = as_whole(value)
    if number is None and isinstance(value, str) and (date := _ISO_DATE.fullmatch(value.strip())):
        number = int(date[1])
    if number is None or abs(number) <= FARTHEST_YEAR:
        return number
    report(f"{field} is {value!s:.40}, which is no year; the work is kept without it")
    return None


def as_popularity(value: Any) -> float | None:
    """Return a cell as a number of at least 0; what is no number is unknown.

    Raises
    ------
    RecordError
        The number is negative or endless.
    """
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if math.isnan(number):
        return None
    if number < 0 or math.isinf(number):
        raise RecordError(f"popularity is {number}, it must be at least 0")
    return number


def as_yes(value: Any) -> bool:
    """Return whether a cell says yes, as an empty one does."""
    return value is None or as_text(value).casefold() not in {"false", "no", "n", "0"}


def as_whole(value: Any) -> int | None:
    """Return a cell as a whole number; what is none is unknown."""
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    if isinstance(value, str):
        match = _WHOLE.fullmatch(value.strip().replace("\N{MINUS SIGN}", "-"))
        return int(match[1]) if match else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def spelled_out(text: str) -> Any:
    """Return the list or object that a text spells out, in JSON or as Python does, else the text itself."""
    if not (text[:1] + text[-1:] in {"[]", "{}"} and len(text) <= _LONGEST_LIST):
        return text
    for read in (from_json, ast.literal_eval):
        try:
            found = read(text)
        except (ValueError, SyntaxError, SyntaxWarning, TypeError, RecursionError, MemoryError):
            continue
        return found if isinstance(found, list | dict) else text
    return text


def is_by_language(value: dict[Any, Any]) -> bool:
    """Return whether an object says one thing in several languages."""
    return bool(value) and all(
        isinstance(key, str) and _LANGUAGE.fullmatch(key) and key not in NAME_KEYS for key in value
    )


def is_of_parts(value: dict[Any, Any]) -> bool:
    """Return whether an object consists of others, which are read one by one."""
    return any(value.get(key) for key in _PARTS_KEYS)


def by_preference(value: dict[Any, Any]) -> list[str]:
    """Return the languages of such an object, English first."""
    return list(dict.fromkeys([key for key in _FAVOURITES if key in value] + list(value)))


def _names(value: Any, depth: int = _DEEPEST) -> Iterator[str]:
    """Yield the texts that a value of any type holds: of an object its name, of a number the number."""
    if isinstance(value, dict):
        yield from _names_of_object(value, depth - 1)
    elif isinstance(value, list | tuple):
        for entry in value if depth else ():
            yield from _names(entry, depth - 1)
    elif value is not None:
        text = _plain(value)
        if text and text not in _NOTHING:
            yield text


def _names_of_object(value: dict[Any, Any], depth: int) -> Iterator[str]:
    if depth <= 0:
        return
    parts = next((value[key] for key in _PARTS_KEYS if value.get(key)), None)
    if parts is not None:
        for part in parts if isinstance(parts, list) else [parts]:
            if isinstance(part, dict):
                yield from _names({key: part[key] for key in part if key not in _PARTS_KEYS}, depth)
                if any(part.get(key) for key in _PARTS_KEYS):
                    yield from _names_of_object(part, depth - 1)
            else:
                yield from _names(part, depth)
    elif is_by_language(value):
        chosen = next((value[key] for key in by_preference(value) if value[key]), None)
        yield from _names(chosen, depth)
    else:
        named = (value[key] for key in NAME_KEYS if value.get(key))
        yield from next((texts for entry in named if (texts := list(_names(entry, depth)))), [])


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
