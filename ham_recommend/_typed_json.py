"""Reads JSON values into frozen dataclasses: every field has its declared type, or one sentence says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

DEEPEST = 20
"""Levels that a value of any type may be nested; ours have three."""

_NAMES: Mapping[type, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def typed(kind: type[T], value: object, where: str) -> T:
    """Return a JSON value as what it is declared to be.

    Parameters
    ----------
    kind : type
        A frozen dataclass, ``tuple[X, ...]``, ``Mapping[str, X]``, ``X | None``, ``str``, ``int``, ``float``,
        ``bool`` or ``Any``.
    value : object
        As :func:`json.loads` returns it.
    where : str
        What to call the value in the error.

    Raises
    ------
    ValueError
        It is something else; the message names the place.
    """
    result: T = _read(kind, value, where)
    return result


def _read(kind: Any, value: object, where: str) -> Any:
    if kind is Any:
        return _shallow(value, where)
    if is_dataclass(kind):
        return _record(kind, value, where)
    form = get_origin(kind)
    if form in (Union, UnionType):
        return _one_of(get_args(kind), value, where)
    if form is tuple:
        return _sequence(get_args(kind)[0], value, where)
    if form is not None:
        return _mapping(get_args(kind)[1], value, where)
    return _plain(kind, value, where)


def _plain(kind: type, value: object, where: str) -> object:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:  # True is no number
        raise ValueError(f"{where} is not {_NAMES.get(kind, 'null')}")
    return value


def _one_of(kinds: tuple[Any, ...], value: object, where: str) -> Any:
    if value is None and NoneType in kinds:
        return None
    (kind,) = (kind for kind in kinds if kind is not NoneType)
    return _read(kind, value, where)


def _sequence(kind: Any, value: object, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{where} is not a list")  # noqa: TRY004 - whoever reads a file expects one kind of error
    return tuple(_read(kind, item, f"{where}[{at}]") for at, item in enumerate(value))


def _mapping(kind: Any, value: object, where: str) -> dict[str, Any]:
    return {name: _read(kind, item, f"{where}.{name:.60}") for name, item in _object(value, where).items()}


def _record(kind: Any, value: object, where: str) -> Any:
    given, types = _object(value, where), _types(kind)
    unknown = sorted(given.keys() - types.keys())
    missing = sorted(types.keys() - given.keys())
    if unknown or missing:
        raise ValueError(
            f"{where} {'has an unknown' if unknown else 'lacks its'} {(unknown or missing)[0]:.60}"
        )
    return kind(**{name: _read(types[name], item, f"{where}.{name}") for name, item in given.items()})


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is not an object")  # noqa: TRY004 - as above
    return value


def _shallow(value: object, where: str) -> object:
    """Return a value of any type that is not nested so deeply that working on it would fail."""
    level = [value]
    for _ in range(DEEPEST):
        level = [item for outer in level if isinstance(outer, dict | list) for item in _inside(outer)]
        if not level:
            return value
    raise ValueError(f"{where} is nested too deeply")


def _inside(outer: dict[str, object] | list[object]) -> list[object]:
    return list(outer.values()) if isinstance(outer, dict) else outer


@cache
def _types(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
