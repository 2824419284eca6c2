"""How a field of a work is declared: what it is called, holds and counts, and where it is shown.

The fields themselves are declared in :mod:`ham_recommend.records`, one line each; columns, filters, facets,
documents, exports and labels are derived from these lines.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, Literal

Kind = Literal["text", "year", "number", "address", "flag", "descriptions"]
Filter = Literal["", "equal", "contain"]
Place = Literal["card", "detail", "table", "export"]

_DECLARATION = "declaration"
OPENED: tuple[Place, ...] = ("detail", "table", "export")
"""Where most texts are shown."""
CARD: tuple[Place, ...] = ("card", "table", "export")
"""Where the texts of a card are shown; it stands above the opened work, which does not repeat them."""
EVERYWHERE: tuple[Place, ...] = ("card", "detail", "table", "export")
SEPARATOR = "; "
"""What stands between several values of a field, where people read them."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a work.

    Parameters
    ----------
    name : str
        What it is called in Python, in tables and in filters.
    label : str
        What people read.
    kind : {"text", "year", "number", "address", "flag", "descriptions"}
        What it holds; an address is an http(s) address or a path.
    several : bool
        Whether it may hold several values; a filter matches each, a facet counts each.
    listed : bool
        Whether a work holds these as a tuple, and not joined to one text.
    filter : {"", "equal", "contain"}
        Whether a value that is filtered by must equal the field's or be part of it; empty: no filter.
    facet : bool
        Whether works share its values, so that these are worth counting.
    weight : float
        What each of its words counts for in the document, where a word of the only description counts for 1;
        0 for a field that is not searched by words.
    shown : frozenset of {"card", "detail", "table", "export"}
        Where people see it: on the card of an answer, in the opened work, in a table of answers, in exports.
    """

    name: str
    label: str
    kind: Kind = "text"
    several: bool = False
    listed: bool = False
    filter: Filter = ""
    facet: bool = False
    weight: float = 0.0
    shown: frozenset[Place] = frozenset()


def declared(label: str, *, shown: Iterable[Place] = (), **facts: Any) -> dict[str, Any]:
    """Return the metadata of a dataclass field that declares a field of a work.

    Parameters
    ----------
    label : str
        What people read.
    shown : iterable of {"card", "detail", "table", "export"}
        Where people see it.
    **facts
        The other parameters of :class:`Field`, but its name.
    """
    return {_DECLARATION: {"label": label, "shown": frozenset(shown), **facts}}


def text(label: str, *, shown: Iterable[Place] = OPENED, **facts: Any) -> Any:
    """Declare a text; with ``several=True`` one that may hold several values."""
    return dataclasses.field(default="", metadata=declared(label, shown=shown, **facts))


def texts(label: str, *, shown: Iterable[Place] = OPENED, **facts: Any) -> Any:
    """Declare a list of texts, which a work holds as a tuple."""
    metadata = declared(label, shown=shown, several=True, listed=True, **facts)
    return dataclasses.field(default=(), metadata=metadata)


def year(label: str) -> Any:
    """Declare a year, negative = BCE; ``None`` where it is unknown."""
    return dataclasses.field(default=None, metadata=declared(label, shown=("table",), kind="year"))


def number(label: str, default: float | None = None) -> Any:
    """Declare a number."""
    return dataclasses.field(default=default, metadata=declared(label, shown=("table",), kind="number"))


def address(label: str, *, shown: Iterable[Place]) -> Any:
    """Declare an http(s) address or a path."""
    return dataclasses.field(default="", metadata=declared(label, shown=shown, kind="address"))


def addresses(label: str, *, shown: Iterable[Place]) -> Any:
    """Declare a list of addresses, which a work holds as a tuple."""
    metadata = declared(label, shown=shown, kind="address", several=True, listed=True)
    return dataclasses.field(default=(), metadata=metadata)


def fields_of(record: type[Any]) -> tuple[Field, ...]:
    """Return the fields that a dataclass declares, in their order."""
    return tuple(
        Field(name=each.name, **each.metadata[_DECLARATION])
        for each in dataclasses.fields(record)
        if _DECLARATION in each.metadata
    )


def joined(values: str | Iterable[str]) -> str:
    """Return values as people read them, joined by ``"; "``; a text is returned as it is."""
    return values if isinstance(values, str) else SEPARATOR.join(values)


def years_in_words(begin: int | None, end: int | None, *, sure: bool = True) -> str:
    """Return a span of years as people write it.

    Parameters
    ----------
    begin, end : int or None
        Negative = BCE; ``None`` for an open end.
    sure : bool
        Whether the work is known to be from these years.

    Examples
    --------
    >>> years_in_words(1860, 1869), years_in_words(-300, -200), years_in_words(1880, None)
    ('1860–1869', '300–200 BCE', 'from 1880')
    """
    if begin is None and end is None:
        return ""
    if begin is None or end is None:
        return f"until {_year(end)}" if begin is None else f"from {_year(begin)}"
    if begin == end:
        span = _year(begin)
    elif end < 0:
        span = f"{-begin}–{_year(end)}"
    else:
        span = f"{_year(begin)}–{end}{' CE' if begin < 0 else ''}"
    return span if sure else f"c. {span}"


def _year(year: int | None) -> str:
    return f"{-year} BCE" if year is not None and year < 0 else str(year)
