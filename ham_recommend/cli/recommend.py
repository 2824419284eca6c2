"""``ham recommend``."""

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
    titles,
)

EXAMPLES = examples(
    "ham recommend artifacts/sample --like sample:17 --like sample:40",
    "ham recommend artifacts/sample --like sample:17 --dislike sample:3 -k 6 --json",
)


def recommend(
    workspace: WorkspaceFolder,
    *,
    like: Annotated[
        list[str],
        typer.Option(
            "--like", metavar="ID", help="A work you like, by its id or accession number; repeat for more."
        ),
    ],
    dislike: Annotated[
        list[str] | None, typer.Option("--dislike", metavar="ID", help="A work you do not like.")
    ] = None,
    k: Count = 12,
    where: Filters = None,
    exclude: Exclude = None,
    strategy: Annotated[
        str | None,
        typer.Option(
            "--strategy",
            metavar="NAME",
            help="How likes become an answer: `interleave` serves every interest, `mean` averages.",
        ),
    ] = None,
    encoder: Encoder = None,
    manifest: Manifest = None,
    as_json: AsJson = False,
) -> None:
    """Recommend works from the ones you like."""
    from ham_recommend.recommend.recommender import Recommender

    recommender = Recommender.load(workspace, encoder=encoder, manifest=manifest)
    wanted = filters(recommender.catalog, where)
    chosen = {} if strategy is None else {"strategy": strategy}
    ranking, ms = timed(
        lambda: recommender.recommend(like, dislike or (), k, exclude=exclude or (), where=wanted, **chosen)
    )
    heading = f"Because you like {titles(recommender.catalog[item_id] for item_id in ranking.query.liked)}"
    show(ranking, ms, recommender.workspace, heading=heading, as_json=as_json)
