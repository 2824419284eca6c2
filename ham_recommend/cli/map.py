"""``ham map``: a collection on a plane."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ham_recommend.cli._help import Command
from ham_recommend.cli._show import AsJson, WorkspaceFolder, examples, print_json
from ham_recommend.errors import SettingsError

if TYPE_CHECKING:
    from ham_recommend.analysis.map import Map

app = typer.Typer(
    help="Lay a collection out on a plane of pictures, works near those that they resemble; `show_map()` and "
    "`ham serve` show it.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    epilog=examples("ham map build artifacts/sample", "ham map info artifacts/sample"),
)

Vectors = Annotated[
    str | None,
    typer.Option(
        "--vectors",
        metavar="NAME",
        help="Whose vectors lay it out: an encoder's of pictures; `text` for what the texts mean.",
        show_default=False,
    ),
]


@app.command(
    "build",
    cls=Command,
    epilog=examples(
        "ham map build artifacts/sample",
        "ham map build artifacts/sample --vectors text --method pca",
    ),
)
def build(
    workspace: WorkspaceFolder,
    *,
    vectors: Vectors = None,
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            metavar="umap|pca",
            help="How works are laid out; umap where it is installed, else pca.",
            show_default=False,
        ),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Lay out all works again, rather than let them keep their places.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the map, or add to it what the collection has got since; no other work moves."""
    from ham_recommend.analysis.map import Map
    from ham_recommend.recommend.recommender import Recommender

    find = Map.fresh if anew else Map.open
    found = find(Recommender.load(workspace), vectors=vectors, method=method)
    before = len(found) if found.is_built else 0
    if not found.is_current:
        found.build(progress=sys.stderr.isatty() and not as_json, keep=True)
    if as_json:
        print_json(_facts(found))
        return
    new = len(found) - before
    added = f", {new:,} of them new" if before and new > 0 else ""
    typer.echo(f"{len(found):,} works are on the map{added}. {_how(found)}")
    if found.method == "pca" and method is None and before == 0:
        typer.echo('A map by UMAP keeps neighbours closer. Run: pip install "ham-recommend[map]"')


@app.command("info", cls=Command, epilog=examples("ham map info artifacts/sample --vectors text"))
def info(workspace: WorkspaceFolder, *, vectors: Vectors = None, as_json: AsJson = False) -> None:
    """Say how a map was made, and what its regions are called."""
    from ham_recommend.analysis.map import Map
    from ham_recommend.recommend.recommender import Recommender

    found = Map.open(Recommender.load(workspace), vectors=vectors)
    if not found.is_built:
        raise SettingsError(f"There is no map yet. Make it with: ham map build {workspace}")
    if as_json:
        print_json(_facts(found))
        return
    width, height = found.size
    typer.echo(f"{len(found):,} works by {found.vectors}, on {width:,} × {height:,} cells. {_how(found)}")
    names = [region.name for region in found.regions if region.level == 0]
    if names:
        typer.echo(f"Regions: {', '.join(names)}.")
    if not found.is_current:
        typer.echo(f"The collection has changed since. Add what is new with: ham map build {workspace}")


def _how(found: Map) -> str:
    made = found.made
    later = len(found) - made.laid_out
    placed = f", {later:,} placed among them later" if later > 0 else ""
    trust = "" if made.trust is None else f" Trustworthiness {made.trust:.2f} (12 neighbours)."
    return f"Laid out by {made.method.upper()}{placed}.{trust}"


def _facts(found: Map) -> dict[str, Any]:
    return {
        "works": len(found),
        "vectors": found.vectors,
        "method": found.made.method,
        "laid_out": found.made.laid_out,
        "trustworthiness": found.made.trust,
        "current": found.is_current,
        "cells": found.size,
        "regions": [{"level": each.level, "name": each.name, "works": each.works} for each in found.regions],
    }
