"""``ham browse``."""

from __future__ import annotations

from ham_recommend.cli._show import (
    AsJson,
    Count,
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
    "ham browse artifacts/sample --where classification=Prints",
    "ham browse artifacts/sample --where years=1600:1700 --where culture=Dutch -k 24",
)


def browse(
    workspace: WorkspaceFolder,
    *,
    k: Count = 12,
    where: Filters = None,
    exclude: Exclude = None,
    manifest: Manifest = None,
    as_json: AsJson = False,
) -> None:
    """Leaf through the works that meet a filter; `ham info --facets` says what there is."""
    from ham_recommend.recommend.recommender import Recommender

    recommender = Recommender.load(workspace, encoder="none", manifest=manifest)
    wanted = filters(recommender.catalog, where)
    ranking, ms = timed(lambda: recommender.browse(k, where=wanted, exclude=exclude or ()))
    show(ranking, ms, recommender.workspace, heading=f"{ranking.found:,} works", as_json=as_json)
