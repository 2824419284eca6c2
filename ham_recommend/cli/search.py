"""``ham search``."""

from __future__ import annotations

from typing import Annotated

import typer

from ham_recommend.cli._show import AsJson, Count, Filters, WorkspaceFolder, examples, show, timed

EXAMPLES = examples(
    'ham search artifacts/sample "ships in a storm"',
    'ham search artifacts/sample "portrait" -k 6 --where classification=Paintings --where years=1600:1700',
    'ham search artifacts/sample "circus cat" --json',
)


def search(
    workspace: WorkspaceFolder,
    text: Annotated[str, typer.Argument(help="What to look for, in plain words.")],
    *,
    k: Count = 12,
    where: Filters = None,
    as_is: Annotated[bool, typer.Option("--as-is", help="Do not correct spelling.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search a collection in plain words."""
    from ham_recommend.recommend.query import parse_where
    from ham_recommend.recommend.recommender import Recommender

    filters = parse_where(where or [])
    recommender = Recommender.load(workspace)
    ranking, ms = timed(lambda: recommender.search(text, k, where=filters, correct=not as_is))
    show(ranking, ms, recommender.workspace, heading=f"Works for “{text}”", as_json=as_json)
