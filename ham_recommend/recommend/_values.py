"""Values of a JSON document that a stranger may have written: each is what it should be, or refused."""

from __future__ import annotations

from typing import Any


def as_list(value: Any) -> list[Any]:
    """Return a list."""
    if not isinstance(value, list):
        raise TypeError(f"{value!r:.60} is not a list")
    return value


def as_mapping(value: Any) -> dict[str, Any]:
    """Return an object."""
    if not isinstance(value, dict):
        raise TypeError(f"{value!r:.60} is not an object")
    return value


def as_text(value: Any) -> str:
    """Return a text; half a character, which no file or page can carry, becomes a question mark."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.60} is not a text")
    return value.encode("utf-8", "replace").decode()


def as_item(value: Any) -> str:
    """Return an ``item_id``, which is no empty text."""
    if not value:
        raise ValueError("an item_id is empty")
    return as_text(value)


def as_items(value: Any) -> tuple[str, ...]:
    """Return several of them."""
    return tuple(as_item(each) for each in as_list(value))


def as_count(value: Any) -> int:
    """Return a whole number from 0 to what JSON carries exactly."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise TypeError(f"{value!r:.60} is not a count")
    return value


def as_number(value: Any) -> float:
    """Return a finite number."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 1e30:
        raise TypeError(f"{value!r:.60} is not a score")
    return float(value)
