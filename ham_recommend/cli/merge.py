"""``ham merge``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ham_recommend.cli._show import AsJson, Out, examples
from ham_recommend.cli.build import show_report

EXAMPLES = examples(
    "ham merge part1 part2 part3 --out artifacts/harvard", "ham merge part1 part2 --out artifacts/all --json"
)


def merge(
    workspaces: Annotated[list[Path], typer.Argument(metavar="WORKSPACE…", help="The collections to join.")],
    out: Out,
    *,
    store: Annotated[
        str | None, typer.Option("--store", help="How vectors are kept; as in the first, if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Join collections, such as those built with --shard, each with its share of the pictures."""
    from ham_recommend.builder.merge import merge as join

    report = join(out, workspaces, store=store, progress=sys.stderr.isatty() and not as_json)
    show_report(report, as_json=as_json)
