"""``ham merge``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ham_recommend.cli._show import AsJson, examples
from ham_recommend.cli.build import show_report

EXAMPLES = examples(
    "ham merge artifacts/harvard part1 part2 part3", "ham merge artifacts/all part1 part2 --json"
)


def merge(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder of the joined collection.")],
    workspaces: Annotated[list[Path], typer.Argument(metavar="WORKSPACE…", help="The collections to join.")],
    store: Annotated[
        str | None, typer.Option("--store", help="How vectors are kept; as in the first, if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Join collections that were built with --shard, each with its share of the pictures."""
    from ham_recommend.merge import merge as join

    report = join(out, workspaces, store=store, progress=sys.stderr.isatty() and not as_json)
    show_report(report, as_json=as_json)
