"""``ham evolution``."""

from __future__ import annotations

from typing import Annotated

import typer

from ham_recommend.cli._show import AsJson, Encoder, WorkspaceFolder, examples
from ham_recommend.cli._tables import number, print_frame, show_table, text
from ham_recommend.cli.influence import Years, years_in

EXAMPLES = examples(
    "ham evolution artifacts/sample landscape --years 1800:2000 --step 25",
    "ham evolution artifacts/sample portrait --json",
)


def evolution(
    workspace: WorkspaceFolder,
    what: Annotated[str, typer.Argument(help="Words to search for, or an artist's name.")],
    *,
    years: Years = None,
    step: Annotated[int, typer.Option("--step", metavar="N", help="Years of a step.")] = 25,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Show how a group of works changes: per step what is typical, what is new, and how it looks."""
    from ham_recommend.analysis.evolution import evolution as evolve
    from ham_recommend.recommend.recommender import Recommender

    found = evolve(Recommender.load(workspace, encoder=encoder), what, years_in(years), step)
    if as_json:
        print_frame(found.steps, name=found.name, note=found.note)
        return
    columns = {
        "years": ("Years", text),
        "works": ("Works", number(0)),
        "typical": ("Typical", text),
        "novel": ("Newest", text),
        "novelty": ("Novelty", number()),
        "drift": ("Drift", number()),
        "lightness": ("Light", number()),
        "colourfulness": ("Colour", number()),
        "warmth": ("Warmth", number()),
    }
    gaps = "Of steps with fewer than five works nothing is said."
    show_table(found.steps, columns, heading=f"{found.name} through time", notes=(gaps, found.note))
