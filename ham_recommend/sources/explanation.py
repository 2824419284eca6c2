"""What a source takes for what: which column became which field, and what was left out."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ham_recommend.records import Description, RawRecord

_NAMED = 40
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class FieldUse:
    """Where the values of one field come from.

    Parameters
    ----------
    field : str
        A field of :class:`~ham_recommend.records.RawRecord`.
    columns : tuple of str
        The columns, or what else it is read from, the first to be asked first.
    filled : int
        How many of the works that were looked at have it.
    samples : tuple of str
        A few of its values.
    add_up : bool
        Whether all of the columns count; else a further one only fills the gaps of those before it.
    """

    field: str
    columns: tuple[str, ...]
    filled: int = 0
    samples: tuple[str, ...] = ()
    add_up: bool = False

    def __str__(self) -> str:
        return f"{self.field} ← {(' + ' if self.add_up else ' or ').join(map(shortened, self.columns))}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a source takes for what.

    Parameters
    ----------
    used : tuple of FieldUse
        The fields, in the order of a record.
    left_out : mapping of str to str
        Column → one of its values; the columns of which nothing is read.
    notes : tuple of str
        What else a person should know: an encoding that was guessed, ids that were made up.
    works : int
        How many works were looked at; 0 where only the names of the columns were.
    """

    used: tuple[FieldUse, ...]
    left_out: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()
    works: int = 0

    def line(self) -> str:
        """Return all of it in one line: ``title ← titel, date ← productie, left out: 2 columns: a, b``."""
        parts = [str(use) for use in self.used]
        if self.left_out:
            columns = "1 column" if len(self.left_out) == 1 else f"{len(self.left_out):,} columns"
            parts.append(f"left out: {columns}: {listed(list(self.left_out))}")
        return ", ".join(parts)

    def facts(self) -> dict[str, Any]:
        """Return what is kept of it, as JSON values."""
        return {
            "fields": {use.field: list(use.columns) for use in self.used},
            "left_out": list(self.left_out),
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        lines = [
            str(use)
            + (f"  ({use.filled:,} of {self.works:,})" if self.works else "")
            + "".join(f"\n    {shortened(sample)}" for sample in use.samples)
            for use in self.used
        ]
        if self.left_out:
            lines.append(f"left out: {len(self.left_out):,}")
            lines += [
                f"  {name}{f': {shortened(sample)}' if sample else ''}"
                for name, sample in self.left_out.items()
            ]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


def explained(
    columns: Mapping[str, Sequence[str]],
    records: Iterable[RawRecord] = (),
    adding_up: Container[str] = (),
    samples: int = 3,
) -> tuple[tuple[FieldUse, ...], int]:
    """Return how the fields of some records are filled, and how many records there are.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        Field → columns.
    records : iterable of RawRecord
        To look at.
    adding_up : container of str
        The fields of which all columns count.
    samples : int
        How many different values of each field to keep.
    """
    filled = dict.fromkeys(columns, 0)
    kept: dict[str, dict[str, None]] = {name: {} for name in columns}
    count = 0
    for record in records:
        count += 1
        for name in columns:
            text = _as_shown(getattr(record, name))
            filled[name] += bool(text)
            if text and len(kept[name]) < samples:
                kept[name][text] = None
    uses = tuple(
        FieldUse(name, tuple(given), filled[name], tuple(kept[name]), name in adding_up)
        for name, given in columns.items()
    )
    return uses, count


def shortened(text: str) -> str:
    """Return the beginning of a text, on one line."""
    line = " ".join(text[: 4 * _SHOWN].split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def _as_shown(value: Any) -> str:
    if isinstance(value, tuple):
        return "; ".join(entry.text if isinstance(entry, Description) else str(entry) for entry in value)
    return "" if value is None else str(value)


def listed(names: Sequence[str]) -> str:
    """Return some names as text, the first ones of very many."""
    more = len(names) - _NAMED
    return ", ".join(map(shortened, names[:_NAMED])) + (f", and {more:,} more" if more > 0 else "")
