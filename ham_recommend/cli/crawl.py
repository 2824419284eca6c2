"""``ham crawl``: fetch a museum's records into a workspace's raw files."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeGuard

import typer
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from ham_recommend.cli._console import Console
from ham_recommend.cli._show import AsJson, Out, examples, print_json
from ham_recommend.cli._sources import SourceCommands, command, loaded
from ham_recommend.errors import HamRecommendError, SettingsError
from ham_recommend.workspace import RAW, Workspace

if TYPE_CHECKING:
    from datetime import date

    from ham_recommend.sources.base import Source
    from ham_recommend.sources.crawled import CrawledSource, CrawlReport
    from ham_recommend.sources.crawled import Progress as CrawlProgress

QUIET_SECONDS = 60.0
"""Where there is no terminal for a bar, a line is written this often."""

Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the next day's calls, or stop there.")]
Since = Annotated[
    datetime | None,
    typer.Option(
        "--since",
        formats=["%Y-%m-%d"],
        help="Only what changed since this day, which is not after the last crawl.",
    ),
]
ABOUT = """Fetch the records; a crawl that was stopped goes on where it was.

A museum's daily budget of calls is counted for each WORKSPACE: crawl with one key into one folder."""


class _CrawlCommands(SourceCommands):
    """``ham crawl NAME``."""

    def offers(self, name: str) -> bool:
        """Whether this source is crawled."""
        try:
            return _is_crawled(loaded(name))
        except HamRecommendError:
            return False

    def command_for(self, source: type[Source]) -> Any:
        """Return ``ham crawl`` for one museum."""
        if not _is_crawled(source):
            raise SettingsError(
                f"{source.name!r} is not crawled; run: ham build {source.name} … --out WORKSPACE"
            )

        def crawl_into(
            out: Out, *, since: Since = None, wait: Wait = True, as_json: AsJson = False, **options: Any
        ) -> None:
            museum = museum_in(source, out, options)
            report = crawl_shown(museum, since=since.date() if since else None, wait=wait, quiet=as_json)
            if as_json:
                print_json({"workspace": str(out), **_content(report)})
            else:
                print_report(museum, report, out)

        more = f"ham crawl {source.name} --out artifacts/mine"
        written = [f"ham crawl {source.name} {one} --out artifacts/mine" for one in source.examples]
        return command(
            source.name,
            crawl_into,
            source.options,
            f"{source.title}.\n\n{ABOUT}",
            examples(more, f"{more} --since 2026-11-01", *written),
        )


app = typer.Typer(
    cls=_CrawlCommands,
    help="Fetch the records of a museum; a crawl that was stopped goes on where it was.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    epilog=examples(
        "ham crawl harvard --out artifacts/harvard",
        "ham crawl harvard --out artifacts/harvard --since 2026-11-01",
        "ham crawl cleveland --out artifacts/cleveland --query ship --limit 500",
    ),
)


def _is_crawled(source: type[Source]) -> TypeGuard[type[CrawledSource]]:
    from ham_recommend.sources.crawled import CrawledSource

    return issubclass(source, CrawledSource)


def museum_in(kind: type[CrawledSource], out: Path, options: Mapping[str, Any]) -> CrawledSource:
    """Return a museum that keeps its raw files in a workspace."""
    return kind.from_options(**options, folder=Workspace(out).path(RAW) / kind.name)


def crawl_shown(museum: CrawledSource, *, since: date | None, wait: bool, quiet: bool) -> CrawlReport:
    """Crawl with one bar that says what is done, what is left, and when it ends."""
    with _shown(museum.name, quiet=quiet) as show:
        return museum.crawl(since=since, wait=wait, progress=show)


@contextmanager
def _shown(name: str, *, quiet: bool) -> Iterator[Callable[[CrawlProgress], object]]:
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with Progress(
            TextColumn("Crawling {task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[words]}"),
            console=Console(stderr=True),
        ) as bar:
            task = bar.add_task(name, total=None, words="")
            yield lambda progress: bar.update(
                task, completed=progress.done, total=progress.total, words=in_words(progress)
            )
    else:
        yield _lines(name)


def _lines(name: str) -> Callable[[CrawlProgress], object]:
    """Return what writes a line now and then."""
    last = [float("-inf")]
    console = Console(stderr=True, highlight=False)

    def show(progress: CrawlProgress) -> None:
        if time.monotonic() - last[0] >= QUIET_SECONDS:
            last[0] = time.monotonic()
            console.print(Text(f"Crawling {name}: {in_words(progress)}"), soft_wrap=True)

    return show


def in_words(progress: CrawlProgress) -> str:
    """Return how far a crawl is, in words."""
    parts = [f"{progress.done:,} records"]
    if progress.total is not None:
        parts = [f"{progress.done:,} of {progress.total:,} records, {progress.total - progress.done:,} left"]
    if progress.calls_left is not None:
        parts.append(f"{progress.calls_left:,} calls left today")
    if progress.waits_until is not None:
        parts.append(f"goes on {_moment(progress.waits_until)}")
    if progress.ends_at is not None:
        parts.append(f"finished about {_moment(progress.ends_at)}")
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


def print_report(museum: CrawledSource, report: CrawlReport, out: Path) -> None:
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
