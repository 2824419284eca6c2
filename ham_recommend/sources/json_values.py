"""Values of a museum's JSON, of whatever type they turn out to be → text, numbers, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]
"""One decoded JSON object."""


def mappings(value: Any) -> list[Json]:
    """Return the objects of a list; anything else holds none."""
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list | tuple) else []


def mapping(value: Any) -> Json:
    """Return an object; anything else is an empty one."""
    return value if isinstance(value, Mapping) else {}


def texts(value: Any) -> list[str]:
    """Return the texts of a list that say something, each once."""
    found = (as_text(entry) for entry in value) if isinstance(value, list | tuple) else ()
    return list(dict.fromkeys(text for text in found if text))


def first_text(entries: Any, name: str) -> str:
    """Return what the first object that has this entry says there."""
    return next((text for entry in mappings(entries) if (text := as_text(entry.get(name)))), "")


def as_text(value: Any) -> str:
    """Return a text or number as text; anything else says nothing."""
    if isinstance(value, str):
        # Half of a surrogate pair cannot be written to any file.
        return value.strip().encode("utf-8", "replace").decode("utf-8")
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def as_whole(value: Any) -> int | None:
    """Return a whole number, also one written as text; ``None`` for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and len(value) <= 18:
        try:
            return int(value)
        except ValueError:
            return None
    return value if isinstance(value, int) else None


def as_year(value: Any) -> int | None:
    """Return a year; 0 stands for unknown."""
    year = as_whole(value)
    return year if year and -1_000_000 < year < 10_000 else None


def as_count(value: Any) -> float | None:
    """Return a number of things, such as page views."""
    views = as_whole(value)
    return float(views) if views is not None and 0 <= views < 10**15 else None
