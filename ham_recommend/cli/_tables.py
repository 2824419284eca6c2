"""Tables of an analysis: columns that fit a terminal, JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from ham_recommend.cli._console import Console
from ham_recommend.cli._show import print_json

if TYPE_CHECKING:
    import pandas as pd

Column = tuple[str, Callable[[Any], str]]
"""What a column is called, and how a cell of it is written."""


_WRAPPED = ("words", "artists")
"""Columns that list words, and may take several lines."""
_LEAST = 11
"""Characters that a text keeps before a column of numbers goes."""


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
    rows = [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
    written = {
        name: [write(row[name]) for row in rows] for name, (_, write) in columns.items() if name in frame
    }
    widths = _widths(written, columns, console.width)
    table = Table(title=Text(heading), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name, width in widths.items():
        title, write = columns[name]
        folds = name in _WRAPPED or name.endswith("item_id")
        table.add_column(
            title,
            justify="left" if write is text else "right",
            width=width,
            no_wrap=write is text and not folds,
            overflow="fold" if folds else "ellipsis",
        )
    for cells in zip(*(written[name] for name in widths), strict=True):
        table.add_row(*map(Text, cells))
    console.print(table if len(frame) else Text(f"{heading}: nothing was found."))
    for note in filter(None, notes):
        console.print(Text(note, style="dim"), soft_wrap=False)


def _widths(written: Mapping[str, list[str]], columns: Mapping[str, Column], room: int) -> dict[str, int]:
    """Return the columns that fit and how wide they are: texts give way first, then the last numbers go."""
    longest = {name: max([1, *map(cell_len, cells)]) for name, cells in written.items()}
    fixed = {
        name: max([longest[name], *map(len, columns[name][0].split())])
        for name in written
        if columns[name][1] is not text or name.endswith("item_id")
    }
    texts = {name: max(longest[name], len(columns[name][0])) for name in written if name not in fixed}
    numbers = [name for name in fixed if not name.endswith("item_id")]

    def left() -> int:
        return room - sum(fixed.values()) - 3 * (len(fixed) + len(texts)) + 1

    while numbers and left() < sum(min(width, _LEAST) for width in texts.values()):
        fixed.pop(numbers.pop())
    while texts and left() < sum(texts.values()):
        widest = max(texts, key=lambda name: texts[name])
        if texts[widest] <= 1:
            break
        texts[widest] -= 1
    return {name: fixed.get(name, texts.get(name, 0)) for name in written if name in fixed or name in texts}


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
