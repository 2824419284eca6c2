"""``ham similar``."""

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
    "ham similar artifacts/sample sample:17", "ham similar artifacts/sample sample:17 -k 6 --json"
)


def similar(
    workspace: WorkspaceFolder,
    item_id: Annotated[
        str, typer.Argument(metavar="ID", help="The work to start from: its id or accession number.")
    ],
    *,
    k: Count = 12,
    where: Filters = None,
    exclude: Exclude = None,
    encoder: Encoder = None,
    manifest: Manifest = None,
    as_json: AsJson = False,
) -> None:
    """Find the works most like one work."""
    from ham_recommend.recommend.recommender import Recommender

    recommender = Recommender.load(workspace, encoder=encoder, manifest=manifest)
    wanted = filters(recommender.catalog, where)
    ranking, ms = timed(lambda: recommender.similar_items(item_id, k, exclude=exclude or (), where=wanted))
    heading = f"Works like {titles([recommender.catalog[ranking.query.liked[0]]])}"
    show(ranking, ms, recommender.workspace, heading=heading, as_json=as_json)
