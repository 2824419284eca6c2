"""``ham surprise``."""

from __future__ import annotations

from typing import Annotated

import typer

from ham_recommend.cli._show import (
    AsJson,
    Count,
    Encoder,
    Exclude,
    Filters,
    Manifest,
    WorkspaceFolder,
    examples,
    filters,
    show,
    timed,
)

EXAMPLES = examples(
    "ham surprise artifacts/sample",
    "ham surprise artifacts/sample -k 6 --where classification=Prints --drawn 7",
)


def surprise(
    workspace: WorkspaceFolder,
    *,
    k: Count = 12,
    where: Filters = None,
    exclude: Exclude = None,
    drawn: Annotated[
        int | None,
        typer.Option("--drawn", metavar="N", min=0, help="Draw with this number: it gives the same works."),
    ] = None,
    encoder: Encoder = None,
    manifest: Manifest = None,
    as_json: AsJson = False,
) -> None:
    """Show works by chance that have little in common."""
    from ham_recommend.recommend.recommender import Recommender

    recommender = Recommender.load(workspace, encoder=encoder, manifest=manifest)
    wanted = filters(recommender.catalog, where)
    ranking, ms = timed(lambda: recommender.surprise(k, where=wanted, exclude=exclude or (), drawn=drawn))
    heading = f"A surprise, drawn with {ranking.query.drawn}"
    show(ranking, ms, recommender.workspace, heading=heading, as_json=as_json)
