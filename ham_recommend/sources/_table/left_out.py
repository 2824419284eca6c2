"""Which columns of a table nothing is read of, also inside of objects that are read as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ham_recommend.sources._table.values import NAME_KEYS, is_by_language, is_of_parts

Parts = Mapping[str, Sequence[str]]
"""Column → the parts of its objects."""


def left_out(
    columns: Sequence[str], parts: Sequence[str], used: Collection[str], named: Collection[str]
) -> tuple[str, ...]:
    """Return the columns of which nothing is used.

    Parameters
    ----------
    columns, parts : sequence of str
        All columns; parts are paths into lists of objects.
    used : collection of str
        The columns that are read.
    named : collection of str
        Those of them of whose objects only the names are read: the rest of such an object is left out.
    """
    every = tuple(dict.fromkeys([*columns, *parts]))
    inside = _parts_of(every)
    above = {path for name in used for path in ends_of(name)}
    hidden = {name for whole in used for name in _below(whole, inside)}
    beside = {part for whole in named for part in _beside_the_name(whole, inside, above)}
    return tuple(
        name
        for name in every
        if not inside.get(name) and name not in above and (name in beside or name not in hidden)
    )


def ends_of(path: str) -> Iterator[str]:
    """Yield a path and the columns above it."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _parts_of(columns: Sequence[str]) -> dict[str, list[str]]:
    known = frozenset(columns)
    inside: dict[str, list[str]] = {}
    for name in columns:
        if (whole := name.rpartition(".")[0]) in known:
            inside.setdefault(whole, []).append(name)
    return inside


def _below(whole: str, inside: Parts) -> Iterator[str]:
    for part in inside.get(whole, ()):
        yield part
        yield from _below(part, inside)


def _beside_the_name(whole: str, inside: Parts, used: Collection[str]) -> Iterator[str]:
    """Yield the parts of objects that do not stand for the whole, as :func:`.values.as_values` reads it."""
    part_of_key = {part.rpartition(".")[2]: part for part in inside.get(whole, ())}
    if is_by_language(part_of_key) or is_of_parts(part_of_key):
        return
    name = next((part_of_key[key] for key in NAME_KEYS if key in part_of_key), None)
    for part in part_of_key.values():
        if part == name:
            yield from _beside_the_name(part, inside, used)
        elif part not in used:
            yield part
            yield from _below(part, inside)
