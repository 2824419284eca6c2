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
    'ham recommend artifacts/sample --like sample:17 --anchor "ships in a storm" --discovery 0.5',
)


def recommend(
    workspace: WorkspaceFolder,
    *,
    like: Annotated[
        list[str] | None,
        typer.Option(
            "--like", metavar="ID", help="A work you like, by its id or accession number; repeat for more."
        ),
    ] = None,
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
            help="How likes become an answer: `interleave` serves every interest; `mean`, `each` and "
            "`best_score` are there to compare.",
        ),
    ] = None,
    anchor: Annotated[
        str, typer.Option("--anchor", metavar="WORDS", help="Words that the works should answer too.")
    ] = "",
    discovery: Annotated[
        float,
        typer.Option("--discovery", metavar="0…1", help="From what is closest to far and still fitting."),
    ] = 0.0,
    popularity: Annotated[
        float,
        typer.Option("--popularity", metavar="-1…1", help="From works few people look at to those many do."),
    ] = 0.0,
    recency: Annotated[
        float,
        typer.Option("--recency", metavar="0…1", help="How much less each like counts than the one after."),
    ] = 0.0,
    encoder: Encoder = None,
    manifest: Manifest = None,
    as_json: AsJson = False,
) -> None:
    """Recommend works from the ones you like, the latest like last."""
    from ham_recommend.recommend.recommender import Recommender
    from ham_recommend.recommend.strategies import DEFAULT

    if not like and not dislike:
        raise typer.BadParameter("name at least one work that you like: --like ID, or --dislike ID.")
    recommender = Recommender.load(workspace, encoder=encoder, manifest=manifest)
    wanted = filters(recommender.catalog, where)
    ranking, ms = timed(
        lambda: recommender.recommend(
            like or (),
            dislike or (),
            k,
            exclude=exclude or (),
            where=wanted,
            strategy=strategy or DEFAULT,
            anchor=anchor,
            discovery=discovery,
            popularity=popularity,
            recency=recency,
        )
    )
    query = ranking.query
    because = f"you like {titles(recommender.catalog[item_id] for item_id in query.liked)}"
    if not query.liked:
        because = f"you do not like {titles(recommender.catalog[item_id] for item_id in query.disliked)}"
    if anchor:
        because += f" and ask for {query.dials.anchor}"
    show(ranking, ms, recommender.workspace, heading=f"Because {because}", as_json=as_json)
