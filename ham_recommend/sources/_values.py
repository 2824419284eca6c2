"""Cells of a stranger's table → text, years, numbers and descriptions."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from ham_recommend.errors import RecordError
from ham_recommend.records import Description
from ham_recommend.sources._rows import from_json

FARTHEST_YEAR = 10_000_000
"""Years beyond this, in either direction, are no years."""

_NOTHING = frozenset({"NULL", "null", "NaN", "nan", "<NA>"})
_WHOLE = re.compile(r"([+-]?\d{1,400})(?:\.0*)?")
_NAME_KEYS = (
    "displayname",
    "display_name",
    "name",
    "title",
    "label",
    "value",
    "text",
    "baseimageurl",
    "url",
    "path",
)
_TEXT_KEYS = ("text", "body", "description", "caption", "value", "content")
_LONGEST_LIST = 1_000_000


def as_text(value: Any) -> str:
    """Return a cell as one text; the entries of a list are joined with semicolons, nothing gives ``""``."""
    if isinstance(value, str):
        text = value.strip()
        return "" if text in _NOTHING else text
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(filter(None, map(_name, value)))
    return _name(value)


def as_texts(value: Any) -> Iterator[Description]:
    """Yield the descriptions in a cell: one text, or a list of texts or of objects with text and model."""
    entries = _listed(value.strip()) if isinstance(value, str) else value
    for entry in entries if isinstance(entries, list) else [entries]:
        if isinstance(entry, dict):
            text = next((entry[key] for key in _TEXT_KEYS if entry.get(key)), "")
            described = Description(_name(text), _name(entry.get("source")), _name(entry.get("model")))
        else:
            described = Description(_name(entry))
        if described.text:
            yield described


def as_year(value: Any, field: str, report: Callable[[str], None]) -> int | None:
    """Return a cell as a year; what is no whole number is unknown, and so is one beyond all years."""
    number = as_whole(value)
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
    return as_text(value).casefold() not in {"false", "no", "n", "0"}


def as_whole(value: Any) -> int | None:
    """Return a cell as a whole number; what is none is unknown."""
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    if isinstance(value, str):
        match = _WHOLE.fullmatch(value.strip().replace("\N{MINUS SIGN}", "-"))
        return int(match[1]) if match else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _name(value: Any) -> str:
    """Return one entry as text: of an object its name, of a number its shortest spelling."""
    if isinstance(value, dict):
        value = next((value[key] for key in _NAME_KEYS if value.get(key)), None)
    if value is None or isinstance(value, list | dict):
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return "" if text in _NOTHING else text


def _listed(text: str) -> Any:
    """Return the list that a cell spells out, in JSON or as pandas writes lists, else the text itself."""
    if not (text.startswith("[") and text.endswith("]") and len(text) <= _LONGEST_LIST):
        return text
    for read in (from_json, ast.literal_eval):
        try:
            found = read(text)
        except (ValueError, SyntaxError, SyntaxWarning, RecursionError, MemoryError):
            continue
        return found if isinstance(found, list) else text
    return text
