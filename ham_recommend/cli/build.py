"""``ham build``: one subcommand per source."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from ham_recommend.cli._show import AsJson, Out, examples, print_json
from ham_recommend.errors import SettingsError

if TYPE_CHECKING:
    from ham_recommend.builder.build import BuildReport
    from ham_recommend.sources.base import Source

SHOWN_PROBLEMS = 10

app = typer.Typer(
    help="Build a collection: read its records, clean them, encode them, index them.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    epilog=examples(
        "ham build sample --out artifacts/sample",
        "ham build table works.csv --out artifacts/mine --map title=Titel",
        "ham build folder pictures --out artifacts/mine",
    ),
)

ImageEncoder = Annotated[
    str,
    typer.Option(
        "--image-encoder",
        metavar="style|colour|clip[:MODEL]|none",
        help="How pictures become vectors: style needs nothing, colour is a simple baseline, clip lets words "
        "find pictures (MODEL: a CLIP or SigLIP checkpoint's name or folder), none leaves pictures out.",
    ),
]
Store = Annotated[str, typer.Option("--store", help="How vectors are kept: flat, fp16, hnsw, ivf or exact.")]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, metavar="N", help="Read only the first N works.")
]
Shard = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="i/n",
        help="Read only the i-th of n shares of the pictures; join with `ham merge`.",
    ),
]
Add = Annotated[bool, typer.Option("--add", help="Keep the works that are there; add or replace these.")]


@app.command(
    "sample",
    epilog=examples("ham build sample --out artifacts/sample", "ham build sample --out demo --limit 60"),
)
def sample(
    out: Out,
    *,
    image_encoder: ImageEncoder = "style",
    store: Store = "flat",
    shard: Shard = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="How many works to draw.")] = 600,
    seed: Annotated[int, typer.Option("--seed", help="Draw another museum.")] = 1889,
    as_json: AsJson = False,
) -> None:
    """Draw a museum of invented works, for trying things out offline."""
    from ham_recommend.sample_museum.source import SampleSource

    _build(SampleSource(limit, seed), out, image_encoder, store, shard, add=False, as_json=as_json)


@app.command(
    "table",
    epilog=examples(
        "ham build table works.csv --out artifacts/mine",
        "ham build table works.parquet --out artifacts/mine --map title=Titel --ignore alt_text",
    ),
)
def table(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV, JSON Lines or Parquet.")],
    out: Out,
    *,
    image_encoder: ImageEncoder = "style",
    store: Store = "flat",
    shard: Shard = None,
    limit: Limit = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="field=column", help="Which column holds a field.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="COLUMN", help="A column to leave out.")
    ] = None,
    add: Add = False,
    fetch_pictures: Annotated[
        bool,
        typer.Option("--fetch-pictures", help="Also fetch pictures that lie on the web, to encode them."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Build from a table of works.

    Pictures that lie on the web are shown from there; fetching them politely takes hours for a large table.
    """
    from ham_recommend.sources.table import TableSource

    source = TableSource(file, mapping=_pairs(mapping or []), ignore=tuple(ignore or ()), limit=limit)
    _build(source, out, image_encoder, store, shard, add=add, fetch_pictures=fetch_pictures, as_json=as_json)


@app.command("folder", epilog=examples("ham build folder ~/Pictures/museum --out artifacts/mine"))
def folder(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder of pictures, searched recursively.")
    ],
    out: Out,
    *,
    image_encoder: ImageEncoder = "style",
    store: Store = "flat",
    shard: Shard = None,
    limit: Limit = None,
    add: Add = False,
    as_json: AsJson = False,
) -> None:
    """Build from a folder of pictures."""
    from ham_recommend.sources.folder import FolderSource

    _build(FolderSource(folder, limit=limit), out, image_encoder, store, shard, add=add, as_json=as_json)


def _museum(name: str, told: str) -> None:
    """Add the subcommand that crawls what is missing of a museum, then builds."""

    @app.command(
        name, help=told, epilog=examples(f"ham build {name} --out artifacts/{name} --query ship --limit 500")
    )
    def museum(
        out: Out,
        *,
        query: Annotated[str, typer.Option("--query", help="Only works the museum finds for this.")] = "",
        image_encoder: ImageEncoder = "style",
        store: Store = "flat",
        shard: Shard = None,
        limit: Limit = None,
        add: Add = False,
        fetch_pictures: Annotated[
            bool, typer.Option("--fetch-pictures/--no-fetch-pictures", help="Fetch pictures to encode them.")
        ] = True,
        as_json: AsJson = False,
    ) -> None:
        from ham_recommend.cli.crawl import crawl_shown, museum_source

        source = museum_source(name, out, query=query, limit=limit)
        if not source.is_fresh():
            crawl_shown(source, since=None, wait=True, quiet=as_json)
        _build(
            source, out, image_encoder, store, shard, add=add, fetch_pictures=fetch_pictures, as_json=as_json
        )


for _name, _told in {
    "harvard": "Crawl the Harvard Art Museums, as far as that is still to be done, and build.",
    "met": "Crawl The Met, as far as that is still to be done, and build.",
    "artic": "Crawl the Art Institute of Chicago, as far as that is still to be done, and build.",
    "cleveland": "Crawl the Cleveland Museum of Art, as far as that is still to be done, and build.",
    "smk": "Crawl SMK in Copenhagen, as far as that is still to be done, and build.",
}.items():
    _museum(_name, _told)


def _pairs(mapping: list[str]) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in mapping]
    for (field, equals, column), given in zip(pairs, mapping, strict=True):
        if not (field and equals and column):
            raise SettingsError(f"--map {given!r} is not of the form field=column, for example title=Titel.")
    return {field.strip(): column.strip() for field, _, column in pairs}


def _build(
    source: Source,
    out: Path,
    image_encoder: str,
    store: str,
    shard: str | None,
    *,
    add: bool,
    as_json: bool,
    fetch_pictures: bool = False,
) -> None:
    from ham_recommend.builder.build import build

    report = build(
        source,
        out,
        image_encoder=image_encoder,
        store=store,
        add=add,
        shard=shard,
        fetch_pictures=fetch_pictures,
        progress=sys.stderr.isatty() and not as_json,
    )
    show_report(report, as_json=as_json)


def show_report(report: BuildReport, *, as_json: bool) -> None:
    """Print what was built."""
    if as_json:
        print_json(_content(report))
    else:
        _tell(report)


def _content(report: BuildReport) -> dict[str, object]:
    return {
        "workspace": str(report.workspace),
        "works": report.works,
        "pictures": report.pictures,
        "problems": [{"where": problem.where, "reason": problem.reason} for problem in report.problems],
        "seconds": {step: round(seconds, 2) for step, seconds in report.seconds.items()},
    }


def _tell(report: BuildReport) -> None:
    console = Console(highlight=False)
    done = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in report.seconds.items())
    console.print(Text(f"{report.works:,} works, {report.pictures:,} picture vectors in {report.workspace}"))
    if report.removed:
        console.print(Text(f"{report.removed:,} works that were there before are no more.", style="yellow"))
    console.print(Text(done or "Everything was fresh; nothing had to be done.", style="dim"))
    if report.problems:
        console.print(Text(f"Problems: {len(report.problems):,}", style="yellow"))
        for problem in report.problems[:SHOWN_PROBLEMS]:
            console.print(Text(f"  {problem.where}: {problem.reason}"), soft_wrap=True)
        if len(report.problems) > SHOWN_PROBLEMS:
            console.print(Text("  … all of them in 2-catalog/problems.json", style="dim"))
