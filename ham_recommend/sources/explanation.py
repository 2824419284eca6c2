"""What a source takes for what: which column became which field, and what was left out."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ham_recommend.manifest import ColumnsUsed, FieldColumns
from ham_recommend.records import Description, RawRecord

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

    @property
    def read_from(self) -> FieldColumns:
        """What is kept of it in the manifest."""
        return FieldColumns(self.field, self.columns, self.add_up and len(self.columns) > 1)


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

    @property
    def columns(self) -> ColumnsUsed:
        """What is kept of it in the manifest."""
        read = tuple(use.read_from for use in self.used)
        return ColumnsUsed(read, tuple(self.left_out), self.notes)

    def __str__(self) -> str:
        lines = [
            str(use.read_from)
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
