"""``ham crawl``: fetch a museum's records into a workspace's raw files."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from ham_recommend import registry
from ham_recommend.cli._show import AsJson, Out, examples, print_json
from ham_recommend.errors import SettingsError
from ham_recommend.workspace import RAW, Workspace

if TYPE_CHECKING:
    from ham_recommend.sources._run import CrawlReport, Standing
    from ham_recommend.sources.crawled import CrawledSource

EXAMPLES = examples(
    "ham crawl harvard --out artifacts/harvard",
    "ham crawl harvard --out artifacts/harvard --since 2026-11-01",
    "ham crawl cleveland --out artifacts/cleveland --query ship --limit 500",
)
QUIET_SECONDS = 60.0
"""Where there is no terminal for a bar, a line is written this often."""

Query = Annotated[str, typer.Option("--query", help="Only works that the museum finds for these words.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Only the first N works.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the next day's calls, or stop there.")]


def crawl(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="harvard, met, artic, cleveland or smk.")],
    out: Out,
    *,
    query: Query = "",
    limit: Limit = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            formats=["%Y-%m-%d"],
            help="Only what changed since this day, which is not after the last crawl.",
        ),
    ] = None,
    wait: Wait = True,
    as_json: AsJson = False,
) -> None:
    """Fetch the records of a museum; a crawl that was stopped goes on where it was.

    A museum's daily budget of calls is counted for each WORKSPACE: crawl with one key into one folder.
    """
    museum = museum_source(source, out, query=query, limit=limit)
    report = crawl_shown(museum, since=since.date() if since else None, wait=wait, quiet=as_json)
    if as_json:
        print_json({"workspace": str(out), **_content(report)})
    else:
        tell(museum, report, out)


def museum_source(name: str, out: Path, *, query: str, limit: int | None) -> CrawledSource:
    """Return a museum that keeps its raw files in a workspace.

    Raises
    ------
    SettingsError
        The source is unknown or is not crawled.
    """
    from ham_recommend.net.http import allowed_by_environment
    from ham_recommend.sources.crawled import CrawledSource

    kind = registry.load("source", name)
    if not issubclass(kind, CrawledSource):
        raise SettingsError(f"{name!r} is not crawled; run: ham build {name} … --out {out}")
    folder = Workspace(out).path(RAW) / name
    museum: CrawledSource = kind(query, limit, folder=folder, allow_private=allowed_by_environment())
    return museum


def crawl_shown(museum: CrawledSource, *, since: Any, wait: bool, quiet: bool) -> CrawlReport:
    """Crawl with one bar that says what is done, what is left, and when it ends."""
    with _shown(museum.name, quiet=quiet) as show:
        return museum.crawl(since=since, wait=wait, progress=show)


@contextmanager
def _shown(name: str, *, quiet: bool) -> Iterator[Any]:
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with Progress(
            TextColumn("Crawling {task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[told]}"),
            console=Console(stderr=True),
        ) as bar:
            task = bar.add_task(name, total=None, told="")
            yield lambda standing: bar.update(
                task, completed=standing.done, total=standing.total, told=told(standing)
            )
    else:
        yield _lines(name)


def _lines(name: str) -> Any:
    """Return what writes a line now and then."""
    last = [float("-inf")]
    console = Console(stderr=True, highlight=False)

    def show(standing: Standing) -> None:
        if time.monotonic() - last[0] >= QUIET_SECONDS:
            last[0] = time.monotonic()
            console.print(Text(f"Crawling {name}: {told(standing)}"), soft_wrap=True)

    return show


def told(standing: Standing) -> str:
    """Return where a crawl stands, in words."""
    parts = [f"{standing.done:,} records"]
    if standing.total is not None:
        parts = [f"{standing.done:,} of {standing.total:,} records, {standing.total - standing.done:,} left"]
    if standing.calls_left is not None:
        parts.append(f"{standing.calls_left:,} calls left today")
    if standing.waits_until is not None:
        parts.append(f"goes on {_moment(standing.waits_until)}")
    if standing.ends_at is not None:
        parts.append(f"finished about {_moment(standing.ends_at)}")
    return " · ".join(parts)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%a %d %b %H:%M")


def _content(report: CrawlReport) -> dict[str, int]:
    return {
        "works": report.records,
        "added": report.added,
        "changed": report.changed,
        "vanished": report.vanished,
        "missed": report.missed,
    }


def tell(museum: CrawledSource, report: CrawlReport, out: Path) -> None:
    """Say what a crawl brought, and what comes next."""
    console = Console(highlight=False)
    console.print(Text(f"{report.records:,} works of {museum.name} in {museum.folder}"), soft_wrap=True)
    console.print(
        Text(
            f"Records: {report.added:,} new, {report.changed:,} changed, {report.vanished:,} vanished.",
            style="dim",
        )
    )
    if report.missed:
        text = f"{report.missed:,} passed over, as the museum could not give them: the next crawl asks again."
        console.print(Text(text, style="yellow"), soft_wrap=True)
    console.print(
        Text(f"Now run: ham build {museum.command()} --out {shlex.quote(str(out))}"), soft_wrap=True
    )
