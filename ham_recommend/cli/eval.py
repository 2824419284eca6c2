"""``ham eval``: how well a collection answers judged queries beside other methods, and how it recommends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from ham_recommend.cli._console import Console
from ham_recommend.cli._help import Command, Group
from ham_recommend.cli._show import AsJson, Encoder, Semantic, WorkspaceFolder, examples, filters, print_json
from ham_recommend.errors import SettingsError
from ham_recommend.workspace import ANALYSIS

if TYPE_CHECKING:
    from ham_recommend.evaluate.compare import Case, Difference, Judged
    from ham_recommend.evaluate.taste import TasteScores
    from ham_recommend.recommend.recommender import Recommender

USUAL = "bm25,tfidf,words"
USUAL_STRATEGIES = "interleave,mean,each,best_score"
_NARROW = 100

Relevance = Annotated[
    list[Path],
    typer.Argument(
        metavar="RELEVANCE…",
        help="Judgements: Parquet or CSV with the columns `query` and `item_id`, one row for each pair of a "
        "query and a work that answers it; `query_id` where two queries ask the same.",
    ),
]
Within = Annotated[
    list[str] | None,
    typer.Option(
        "--within", metavar="FIELD=VALUE", help="Only these works may come back, as only they were judged."
    ),
]


class _SearchUnlessNamed(Group):
    """Takes what names no command as what is to be evaluated."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["search", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_SearchUnlessNamed,
    help="Measure a collection's answers against judgements: of searches, unless `taste` is named.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    epilog=examples(
        "ham eval artifacts/museum judgements.parquet --compare bm25,notebook",
        "ham eval taste artifacts/museum judgements.parquet",
    ),
)


@app.command(
    cls=Command,
    epilog=examples(
        "ham eval artifacts/museum judgements.parquet",
        "ham eval artifacts/museum tate.parquet --within source=tate --compare notebook,bm25,words,mean",
        "ham eval artifacts/museum judgements.csv --json",
    ),
)
def search(
    workspace: WorkspaceFolder,
    relevance: Relevance,
    *,
    within: Within = None,
    compare: Annotated[
        str,
        typer.Option(
            "--compare",
            metavar="NAMES",
            help="Methods to compare with, with commas: words, meaning, notebook, tfidf, bm25, a package's "
            "own, or a strategy's name for what it recommends from the first three answers. Wins and "
            "losses are against the first.",
        ),
    ] = USUAL,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep",
            metavar="FOLDER",
            help="Keep answers here, to go on from after a stop; else in the collection's folder.",
        ),
    ] = None,
    cases: Annotated[
        int, typer.Option("--cases", metavar="N", min=0, help="How many wins and losses to show.")
    ] = 5,
    encoder: Encoder = None,
    semantic: Semantic = None,
    as_json: AsJson = False,
) -> None:
    """Measure searches: nDCG@10, recall@100, MRR and hit@1, with paired intervals, wins and losses."""
    from ham_recommend.evaluate.compare import difference
    from ham_recommend.evaluate.judgements import read_judgements
    from ham_recommend.evaluate.methods import OURS, known_methods
    from ham_recommend.recommend.recommender import Recommender

    names = _names(compare, known_methods(), "method")
    recommender = Recommender.load(workspace, encoder=encoder, semantic=semantic)
    where = filters(recommender.catalog, within) or None
    folder = keep or _folder_of(recommender)
    results = []
    for path in relevance:
        judgements = read_judgements(path)
        judged = _judged([OURS, *names], recommender, judgements, where, folder, quiet=as_json)
        ours = judged[0]
        rows = [
            (each, None if each is ours else difference(_ndcg(ours, judgements), _ndcg(each, judgements)))
            for each in judged
        ]
        rival = judged[1] if len(judged) > 1 else None
        won, lost = _cases(ours, rival, judgements, recommender, cases)
        results.append((path, rows, rival, won, lost))
    if as_json:
        print_json([_content(*result) for result in results])
        return
    for result in results:
        _print(*result)


def _names(typed: str, known: Sequence[str], kind: str) -> list[str]:
    names = list(dict.fromkeys(name.strip() for name in typed.split(",") if name.strip()))
    for name in names:
        if name not in known:
            raise SettingsError.unknown(kind, name, known)
    return names


def _folder_of(recommender: Recommender) -> Path | None:
    """Return where answers are kept, unless the collection may only be read."""
    root = recommender.workspace.root
    return root / ANALYSIS / "runs" if os.access(root, os.W_OK) else None


def _judged(
    names: Sequence[str],
    recommender: Recommender,
    judgements: Any,
    where: Any,
    folder: Path | None,
    *,
    quiet: bool,
) -> list[Judged]:
    from tqdm.auto import tqdm

    from ham_recommend.evaluate.compare import Judged
    from ham_recommend.evaluate.runs import answers

    judged = []
    for name in dict.fromkeys(names):
        shown = sys.stderr.isatty() and not quiet
        with tqdm(desc=name, total=len(judgements), disable=not shown, unit="", leave=False) as bar:
            found = answers(name, recommender, judgements, where=where, kept=folder, advance=bar.update)
        judged.append(Judged.of(name, found, judgements))
    return judged


def _ndcg(judged: Judged, judgements: Iterable[str]) -> list[float]:
    return [judged.scores[query].ndcg_10 for query in judgements]


def _cases(
    ours: Judged, rival: Judged | None, judgements: Any, recommender: Recommender, count: int
) -> tuple[list[Case], list[Case]]:
    from ham_recommend.evaluate.compare import cases

    return ([], []) if rival is None else cases(ours, rival, judgements, recommender, count)


def _content(
    path: Path,
    rows: Sequence[tuple[Judged, Difference | None]],
    rival: Judged | None,
    won: Sequence[Case],
    lost: Sequence[Case],
) -> dict[str, Any]:
    return {
        "relevance": str(path),
        "queries": rows[0][0].metrics.queries,
        "methods": [
            {
                "method": judged.method,
                **{
                    name: round(value, 6)
                    for name, value in asdict(judged.metrics).items()
                    if name != "queries"
                },
                **({"ours_minus_this": _rounded(found)} if found else {}),
            }
            for judged, found in rows
        ],
        "compared_with": rival.method if rival else None,
        "wins": [asdict(case) for case in won],
        "losses": [asdict(case) for case in lost],
    }


def _rounded(found: Difference) -> dict[str, float]:
    return {name: round(value, 6) for name, value in asdict(found).items()}


def _print(
    path: Path,
    rows: Sequence[tuple[Judged, Difference | None]],
    rival: Judged | None,
    won: Sequence[Case],
    lost: Sequence[Case],
) -> None:
    console = Console(highlight=False)
    table = Table(
        title=Text(f"{path.name}: {rows[0][0].metrics.queries:,} queries"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("Method", no_wrap=True)
    for name in ("nDCG@10", "R@100", "MRR", "hit@1"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("ham is better by", justify="right", no_wrap=True)
    for judged, found in rows:
        means = judged.metrics
        figures = (means.ndcg_10, means.recall_100, means.mrr, means.hit_1)
        table.add_row(judged.method, *(f"{figure:.3f}" for figure in figures), _interval(found))
    console.print(table)
    console.print(Text("The last column: difference in nDCG@10, 95 % by the paired bootstrap.", style="dim"))
    for heading, found_cases in (("Won", won), ("Lost", lost)):
        if found_cases and rival is not None:
            console.print(_table_of(found_cases, f"{heading} most against {rival.method}", console.width))


def _interval(found: Difference | None) -> Text:
    if found is None:
        return Text("–", style="dim")
    style = ("green" if found.mean > 0 else "red") if found.is_sure else "dim"
    return Text(f"{found.mean:+.3f} [{found.low:+.3f}, {found.high:+.3f}]", style=style)


def _table_of(found: Sequence[Case], heading: str, width: int) -> Table:
    table = Table(title=Text(f"\n{heading}"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Query", width=24 if width < _NARROW else 40, overflow="ellipsis", no_wrap=True)
    table.add_column("ham", justify="right", no_wrap=True)
    table.add_column("theirs", justify="right", no_wrap=True)
    table.add_column("Why", overflow="fold")
    for case in found:
        table.add_row(Text(case.query), f"{case.ours:.2f}", f"{case.theirs:.2f}", Text(case.reason))
    return table


@app.command(cls=Command, epilog=examples("ham eval taste artifacts/museum judgements.parquet --trials 100"))
def taste(
    workspace: WorkspaceFolder,
    relevance: Relevance,
    *,
    within: Within = None,
    compare: Annotated[
        str,
        typer.Option("--compare", metavar="NAMES", help="Strategies, with commas; the first is compared."),
    ] = USUAL_STRATEGIES,
    trials: Annotated[int, typer.Option("--trials", metavar="N", min=1, help="How often to try each.")] = 200,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Measure recommendations: three works of a judged query are liked, or of two; the rest are right."""
    from tqdm.auto import tqdm

    from ham_recommend import registry
    from ham_recommend.evaluate.judgements import read_judgements
    from ham_recommend.evaluate.taste import judge_strategy
    from ham_recommend.evaluate.taste import trials as drawn
    from ham_recommend.recommend.recommender import Recommender

    names = _names(compare, registry.known("strategy"), "strategy")
    recommender = Recommender.load(workspace, encoder=encoder)
    where = filters(recommender.catalog, within) or None
    for path in relevance:
        both = drawn(read_judgements(path), recommender, where, trials)
        scores = []
        for name in names:
            shown = sys.stderr.isatty() and not as_json
            total = len(both[0]) + len(both[1])
            with tqdm(desc=name, total=total, disable=not shown, unit="", leave=False) as bar:
                scores.append(judge_strategy(name, recommender, both, where=where, advance=bar.update))
        if as_json:
            print_json({"relevance": str(path), "strategies": [_taste_content(each) for each in scores]})
        else:
            _print_taste(path, scores)


def _taste_content(scores: TasteScores) -> dict[str, Any]:
    means = {name: _mean(getattr(scores, name)) for name in ("one_right", "two_right", "two_even")}
    return {"strategy": scores.strategy, **{name: round(value, 6) for name, value in means.items()}}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _print_taste(path: Path, scores: Sequence[TasteScores]) -> None:
    from ham_recommend.evaluate.compare import difference

    console = Console(highlight=False)
    count = len(scores[0].one_right)
    table = Table(
        title=Text(f"{path.name}: {count:,} trials, twelve works each"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in ("Strategy", "one taste: right", "two: right", "even", "ms", "first is better by"):
        table.add_column(name, justify="left" if name == "Strategy" else "right", no_wrap=name != "Strategy")
    for each in scores:
        found = None if each is scores[0] else difference(scores[0].one_right, each.one_right)
        shares = (each.one_right, each.two_right, each.two_even)
        table.add_row(
            each.strategy, *(f"{_mean(share):.3f}" for share in shares), f"{each.ms:.0f}", _interval(found)
        )
    console.print(table)
    console.print(Text("The last column: one taste, right; 95 % by the paired bootstrap.", style="dim"))
