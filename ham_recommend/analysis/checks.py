"""Whether a number given by a person is one that can be used."""

from __future__ import annotations

import math


def is_whole(value: object, least: int, most: int) -> bool:
    """Return whether a value is a whole number in a range, both ends included; a truth value is none."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_number(value: object, least: float, most: float) -> bool:
    """Return whether a value is a finite number in a range, both ends included; a truth value is none."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return plain and math.isfinite(float(value)) and least <= float(value) <= most  # type: ignore[arg-type]
