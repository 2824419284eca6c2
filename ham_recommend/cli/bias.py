"""``ham bias``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ham_recommend.cli._show import AsJson, Encoder, WorkspaceFolder, examples
from ham_recommend.cli._tables import number, print_frame, share, show_table, text

EXAMPLES = examples(
    "ham bias artifacts/sample",
    "ham bias artifacts/sample --queries questions.txt --html bias.html",
    "ham bias artifacts/sample --fair culture",
)


def bias(
    workspace: WorkspaceFolder,
    *,
    queries: Annotated[
        Path | None,
        typer.Option("--queries", metavar="FILE", help="Questions, one a line; else a fixed set."),
    ] = None,
    fair: Annotated[
        str | None,
        typer.Option(
            "--fair", metavar="FIELD", help="Re-rank answers by this, such as `culture`; says the cost."
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Also write a report.")] = None,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Compare what answers show with what the collection holds: cultures, centuries, gender, departments."""
    from ham_recommend.analysis.bias import bias as count
    from ham_recommend.recommend.recommender import Recommender

    report = count(Recommender.load(workspace, encoder=encoder), queries, fair=fair)
    written = report.to_html(html) if html else None
    more = {
        "works": report.works,
        "missing": dict(report.missing),
        "shift": dict(report.shift),
        "skew": report.skew,
        "anti_hubs": report.anti_hubs,
        "asked": list(report.asked),
        "unanswered": list(report.unanswered),
        "fair": report.fair,
        "cost": report.cost,
        "file": None if written is None else str(written),
    }
    if as_json:
        print_frame(report.shares, **more)
        return
    columns = {
        "value": ("Value", text),
        "works": ("Works", number(0)),
        "catalog": ("Catalog", share),
        "answers": ("Answers", share),
        "ratio": ("Ratio", number()),
        "low": ("from", number()),
        "high": ("to", number()),
        "recommendations": ("Recommended", share),
        "top": ("Top 100", share),
    }
    for by, group in report.shares.groupby("by", sort=False):
        show_table(group, columns, heading=f"By {by}")
    missing = ", ".join(f"{count:,} {what}" for what, count in report.missing.items())
    typer.echo(f"Of {report.works:,} works: {missing}.")
    if report.fair is not None:
        typer.echo(f"Re-ranked by {report.fair}, which took {report.cost:.1%} of closeness.")
    if written is not None:
        typer.echo(f"Written: {written}")
