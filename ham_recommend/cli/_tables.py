"""Tables of an analysis: columns that fit a terminal, JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from ham_recommend.cli._console import Console
from ham_recommend.cli._show import print_json

if TYPE_CHECKING:
    import pandas as pd

Column = tuple[str, Callable[[Any], str]]
"""What a column is called, and how a cell of it is written."""


def number(digits: int = 2) -> Callable[[Any], str]:
    """Return what writes a number, and a dash where there is none."""
    return lambda value: "–" if _is_nothing(value) else f"{value:,.{digits}f}"


def share(value: Any) -> str:
    """Write a share in per cent."""
    return "–" if _is_nothing(value) else f"{value:.1%}"


def text(value: Any) -> str:
    """Write a text in one line, and a dash where there is none."""
    return " ".join(str(value).split()) or "–"


def show_table(
    frame: pd.DataFrame, columns: Mapping[str, Column], *, heading: str, notes: tuple[str, ...] = ()
) -> None:
    """Print some columns of a table, and lines below it.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    columns : mapping
        Name of a column → heading and how a cell is written; those that the table lacks are left out.
    heading : str
        What stands above.
    notes : tuple of str
        What stands below; empty ones are left out.
    """
    console = Console()
    table = Table(title=Text(heading), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    shown = {name: column for name, column in columns.items() if name in frame}
    for name, (title, write) in shown.items():
        words = write is text
        table.add_column(
            title,
            justify="left" if words else "right",
            overflow="fold" if name.endswith("item_id") else "ellipsis",
            no_wrap=name != "words",
            ratio=None if not words or name.endswith("item_id") else 1,
        )
    for row in frame.to_dict("records"):
        table.add_row(*(Text(write(row[name])) for name, (_, write) in shown.items()))
    console.print(table if len(frame) else Text(f"{heading}: nothing was found."))
    for note in filter(None, notes):
        console.print(Text(note, style="dim"), soft_wrap=False)


def print_frame(frame: pd.DataFrame, **more: Any) -> None:
    """Print a table as JSON: ``rows``, and further fields; what is not a number is null."""
    rows = [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]
    print_json({**{name: _plain(value) for name, value in more.items()}, "rows": rows})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return None if _is_nothing(value) else round(value, 6)
    return value if json.dumps(value, default=str) else None


def _is_nothing(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
