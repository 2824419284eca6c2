"""``ham sync``: bring a collection up to date with its museums, for a nightly job."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ham_recommend.cli._console import Console
from ham_recommend.cli._show import AsJson, WorkspaceFolder, examples, print_json
from ham_recommend.cli.crawl import Wait, crawl_shown
from ham_recommend.workspace import Workspace

if TYPE_CHECKING:
    from ham_recommend.builder.sync import SyncReport

EXAMPLES = examples(
    "ham sync artifacts/harvard",
    "ham sync artifacts/harvard --full",
    "ham sync artifacts/harvard --json",
)


def sync(
    workspace: WorkspaceFolder,
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Ask for every record, so that works that are gone are missed too.")
    ] = False,
    store: Annotated[
        str | None,
        typer.Option("--store", metavar="URL", help="The address of its store, where that needs a password."),
    ] = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Crawl what changed since the last time, build it, and fill the stores.

    Answers go on meanwhile, from the old state until the new one is whole. A sync that was stopped is gone on
    with by the next; two of one collection never meet. Each leaves a line in WORKSPACE/sync.jsonl.

    It ends with 0 when all is up to date, 1 when trying again later may help, 2 when it needs a person.
    """
    from ham_recommend.builder.sync import sync as bring_up_to_date

    report = bring_up_to_date(
        Workspace(workspace),
        full=full,
        store=store,
        wait=wait,
        crawl=lambda museum, since: crawl_shown(museum, since=since, wait=wait, quiet=as_json),
        progress=sys.stderr.isatty() and not as_json,
    )
    if as_json:
        print_json({"workspace": str(workspace), **asdict(report)})
    else:
        _print(report)


def _print(report: SyncReport) -> None:
    console = Console(highlight=False)
    for synced in report.museums:
        found = synced.crawl
        since = f"since {synced.since}" if synced.since else "in all"
        console.print(
            Text(
                f"{synced.museum}, {since}: {found.added:,} new records, {found.changed:,} changed, "
                f"{found.vanished:,} vanished."
            ),
            soft_wrap=True,
        )
        if found.missed:
            passed = (
                f"{found.missed:,} passed over, as the museum could not give them: the next one asks again."
            )
            console.print(Text(passed, style="yellow"), soft_wrap=True)
    console.print(Text(f"{report.works:,} works, {report.pictures:,} picture vectors are up to date."))
    if report.removed:
        console.print(Text(f"{report.removed:,} works that were there before are no more."))
    if report.problems:
        console.print(
            Text(f"Problems: {report.problems:,}, in 2-catalog/problems.json", style="yellow"), soft_wrap=True
        )
    done = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in report.seconds.items())
    console.print(Text(done, style="dim"), soft_wrap=True)
