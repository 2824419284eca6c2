"""``ham enrich``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ham_recommend.cli._console import as_text
from ham_recommend.cli._show import AsJson, WorkspaceFolder, examples, print_json

EXAMPLES = examples(
    "ham enrich artifacts/sample artists.csv",
    "ham enrich artifacts/mine wikidata.csv --on 'artist name' --json",
)
_SHOWN = 8


def enrich(
    workspace: WorkspaceFolder,
    table: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV table of artists, with headings.")],
    *,
    on: Annotated[str, typer.Option("--on", metavar="COLUMN", help="The column of names.")] = "artist",
    as_json: AsJson = False,
) -> None:
    """Add what a table says of artists: born, died, culture, gender, movement, each with its source."""
    from ham_recommend.analysis.enrich import enrich as join
    from ham_recommend.recommend.recommender import Recommender

    done = join(Recommender.load(workspace), table, on=on)
    if as_json:
        print_json(asdict(done))
        return
    typer.echo(
        f"{done.matched:,} of {done.artists:,} artists are in the table, with {done.matched_works:,} of "
        f"{done.works:,} works."
    )
    typer.echo(f"Works of which it is known now: {', '.join(f'{n} {c:,}' for n, c in done.known.items())}.")
    for names, what in (
        (done.ambiguous, "Left out, as rows contradict each other"),
        (done.unmatched, "Not there"),
    ):
        if names:
            more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
            typer.echo(as_text(f"{what}: {', '.join(names[:_SHOWN])}{more}."))
