"""``ham build``: one subcommand for each registered source."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ham_recommend.cli._console import Console
from ham_recommend.cli._explained import columns_in_lines, show_explanation
from ham_recommend.cli._show import AsJson, OutUnlessExplained, examples, print_json
from ham_recommend.cli._sources import SourceCommands, command
from ham_recommend.cli.crawl import crawl_shown, museum_in
from ham_recommend.errors import SettingsError

if TYPE_CHECKING:
    from ham_recommend.builder.build import BuildReport
    from ham_recommend.sources.base import Option, Source

SHOWN_PROBLEMS = 10

ImageEncoder = Annotated[
    str,
    typer.Option(
        "--image-encoder",
        metavar="style|colour|clip[:MODEL]|none",
        help="How pictures become vectors: style needs nothing, colour is a simple baseline, clip lets words "
        "find pictures (MODEL: a CLIP or SigLIP checkpoint's name or folder), none leaves pictures out.",
    ),
]
TextEncoderName = Annotated[
    str | None,
    typer.Option(
        "--text-encoder",
        metavar="sentences[:MODEL]",
        show_default=False,
        help="Also encode what works say, to order searches by what sentences mean (MODEL: a "
        "sentence-transformers checkpoint's name or folder, multilingual ones too).",
    ),
]
Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="KIND|ADDRESS",
        show_default=False,
        help="How vectors are kept: flat (usual), fp16, hnsw, ivf, ivfpq or exact; auto for what suits "
        "their number; or the address of a database: postgresql://user@host/name. A collection keeps what "
        "it has.",
    ),
]
TextStore = Annotated[
    str | None,
    typer.Option(
        "--text-store",
        metavar="files|ADDRESS",
        show_default=False,
        help="Where words are searched: files (usual), or a Milvus from 2.4 on, milvus://host:19530 or "
        "milvus+lite:, for more texts than memory holds. A collection keeps what it has.",
    ),
]
Shard = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="i/n",
        help="Read only the i-th of n shares of the pictures; join with `ham merge`.",
    ),
]
On = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="ray[://HOST:PORT]",
        show_default=False,
        help="Have a cluster encode the pictures: ray for this machine's own, or the address of its head.",
    ),
]
Gpus = Annotated[
    float,
    typer.Option(
        "--gpus",
        metavar="N",
        min=0.0,
        help="With --on: how much of a GPU each share of pictures takes, such as 0.25.",
    ),
]
Add = Annotated[bool, typer.Option("--add", help="Keep the works that are there; add or replace these.")]


class _BuildCommands(SourceCommands):
    """``ham build NAME``."""

    def command_for(self, source: type[Source]) -> Any:
        """Return ``ham build`` for one source."""

        def build_from(
            out: OutUnlessExplained = None,
            *,
            image_encoder: ImageEncoder = "style",
            text_encoder: TextEncoderName = None,
            store: Store = None,
            text_store: TextStore = None,
            shard: Shard = None,
            on: On = None,
            gpus: Gpus = 0.0,
            add: Add = False,
            as_json: AsJson = False,
            **options: Any,
        ) -> None:
            from ham_recommend.builder.build import build

            fetch_pictures = options.pop("fetch_pictures", False)
            if options.pop("explain", False):
                explain(source.from_options(**options), as_json=as_json)
                return
            if out is None:
                raise SettingsError("Name the collection's folder, such as --out artifacts/mine.")
            report = build(
                _made(source, out, options, quiet=as_json),
                out,
                image_encoder=image_encoder,
                text_encoder=text_encoder,
                store=store,
                text_store=text_store,
                add=add,
                shard=shard,
                on=on,
                gpus=gpus,
                fetch_pictures=fetch_pictures,
                progress=sys.stderr.isatty() and not as_json,
            )
            show_report(report, as_json=as_json)

        written = [f"ham build {source.name} {one}".rstrip() for one in source.examples]
        return command(
            source.name,
            build_from,
            (*source.options, *_fetching(source), *_explaining(source)),
            f"{source.title}.\n\n{source.help}",
            examples(*(f"{one} --out artifacts/mine" for one in written)),
        )


app = typer.Typer(
    cls=_BuildCommands,
    help="Build a collection: read its records, clean them, encode them, index them.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    epilog=examples(
        "ham build sample --out artifacts/sample",
        "ham build table works.csv --out artifacts/mine --map title=Titel",
        "ham build folder pictures --out artifacts/mine",
    ),
)


def _fetching(source: type[Source]) -> tuple[Option, ...]:
    """Return the switch to fetch pictures, where a source has some on the web."""
    from ham_recommend.sources.base import Option

    if source.fetch_pictures is None:
        return ()
    return (
        Option(
            name="fetch_pictures",
            type=bool,
            default=source.fetch_pictures,
            help="Fetch pictures that lie on the web, to encode them.",
        ),
    )


def _explaining(source: type[Source]) -> tuple[Option, ...]:
    """Return the switch to explain what would be read, where a source reads columns."""
    from ham_recommend.sources.base import Option, Source

    if source.explain is Source.explain:
        return ()
    return (
        Option(
            name="explain",
            type=bool,
            default=False,
            help="Only say what would become which field, with samples of the first 1,000 works.",
        ),
    )


def explain(source: Source, *, as_json: bool) -> None:
    """Print which column would become which field."""
    explanation = source.explain()
    if explanation is None:
        raise SettingsError(f"The records of {source.name} do not come from columns.")
    if as_json:
        print_json(asdict(explanation.columns))
    else:
        show_explanation(explanation)


def _made(kind: type[Source], out: Path, options: dict[str, Any], *, quiet: bool) -> Source:
    """Return a source; of a museum, what is missing is crawled."""
    from ham_recommend.sources.crawled import CrawledSource

    if not issubclass(kind, CrawledSource):
        return kind.from_options(**options)
    museum = museum_in(kind, out, options)
    if not museum.is_fresh():
        crawl_shown(museum, since=None, wait=True, quiet=quiet)
    return museum


def show_report(report: BuildReport, *, as_json: bool) -> None:
    """Print what was built."""
    if as_json:
        print_json(_content(report))
    else:
        _print(report)


def _content(report: BuildReport) -> dict[str, object]:
    return {
        "workspace": str(report.workspace),
        "works": report.works,
        "pictures": report.pictures,
        "problems": [{"where": problem.where, "reason": problem.reason} for problem in report.problems],
        "notes": list(report.notes),
        "columns": [asdict(origin.columns) for origin in report.origins if origin.columns],
        "seconds": {step: round(seconds, 2) for step, seconds in report.seconds.items()},
    }


def _print(report: BuildReport) -> None:
    console = Console(highlight=False)
    done = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in report.seconds.items())
    console.print(Text(f"{report.works:,} works, {report.pictures:,} picture vectors in {report.workspace}"))
    if report.removed:
        console.print(Text(f"{report.removed:,} works that were there before are no more.", style="yellow"))
    for line in columns_in_lines(report.origins):
        console.print(Text(line, style="dim"), soft_wrap=True)
    for note in report.notes:
        console.print(Text(f"Note: {note}.", style="yellow"), soft_wrap=True)
    console.print(Text(done or "Everything was fresh; nothing had to be done.", style="dim"))
    if report.problems:
        console.print(Text(f"Problems: {len(report.problems):,}", style="yellow"))
        for problem in report.problems[:SHOWN_PROBLEMS]:
            console.print(Text(f"  {problem.where}: {problem.reason}"), soft_wrap=True)
        if len(report.problems) > SHOWN_PROBLEMS:
            console.print(Text("  … all of them in 2-catalog/problems.json", style="dim"))
