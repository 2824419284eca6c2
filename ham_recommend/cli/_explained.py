"""How it looks which column became which field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from ham_recommend.cli._console import Console
from ham_recommend.manifest import Origin

if TYPE_CHECKING:
    from ham_recommend.sources.explanation import Explanation

_WIDTH = 18


def columns_in_lines(origins: Iterable[Origin]) -> list[str]:
    """Return, a line each, which column became which field; the same line comes once."""
    return list(dict.fromkeys(origin.columns.line() for origin in origins if origin.columns))


def show_explanation(explanation: Explanation) -> None:
    """Print what would become which field, with samples, and what would be left out."""
    console = Console(highlight=False)
    console.print(_used(explanation))
    if explanation.left_out:
        console.print(_left_out(explanation))
    for note in explanation.notes:
        console.print(Text(f"Note: {note}.", style="yellow"))


def _used(explanation: Explanation) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column("Field", no_wrap=True, width=max(len(use.field) for use in explanation.used))
    table.add_column("From", overflow="fold", width=_WIDTH)
    table.add_column(f"Of {explanation.works:,}", justify="right", no_wrap=True, width=8)
    table.add_column("Samples", overflow="ellipsis", no_wrap=True, ratio=1)
    for use in explanation.used:
        samples = "\n".join(" ".join(sample.split()) for sample in use.samples)
        table.add_row(use.field, Text(" + ".join(use.columns)), f"{use.filled:,}", Text(samples))
    return table


def _left_out(explanation: Explanation) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column(f"Left out: {len(explanation.left_out):,}", overflow="fold", width=2 * _WIDTH)
    table.add_column("Sample", overflow="ellipsis", no_wrap=True, ratio=1)
    for name, sample in explanation.left_out.items():
        table.add_row(Text(name), Text(" ".join(sample.split())))
    return table
