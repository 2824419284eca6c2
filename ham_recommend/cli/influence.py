"""``ham influence``: resemblance through time."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ham_recommend.cli._help import Command
from ham_recommend.cli._show import (
    AsJson,
    Count,
    Encoder,
    Filters,
    WorkspaceFolder,
    answer,
    examples,
    filters,
    print_json,
    show,
    timed,
)
from ham_recommend.cli._tables import number, print_frame, show_table, text
from ham_recommend.errors import SettingsError

if TYPE_CHECKING:
    from ham_recommend.analysis.influence import Influence

app = typer.Typer(
    help="Show which works resemble earlier ones, and what came after: resemblance and order in time, not "
    "evidence that an artist saw a work.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    epilog=examples(
        "ham influence build artifacts/sample",
        "ham influence before artifacts/sample sample:17",
        'ham influence after artifacts/sample "Margaret Ashcombe" --years 1900:1950',
        "ham influence tour artifacts/sample sample:5 sample:17 --stops 6",
    ),
)

Work = Annotated[str, typer.Argument(metavar="ID", help="A work: its id or accession number.")]
Years = Annotated[
    str | None, typer.Option("--years", metavar="FROM:TO", help="Only works from these years: 1900:1950.")
]
Draws = Annotated[
    int | None,
    typer.Option("--draws", metavar="N", help="Permutations that p-values come from; 0 for none."),
]
DocumentedPairs = Annotated[
    Path | None,
    typer.Option(
        "--documented",
        metavar="FILE",
        help="A CSV table of pairs whose influence is documented: earlier, later, source.",
    ),
]
Edges = Annotated[int, typer.Option("--edges", metavar="N", help="Earlier works that each is joined to.")]
Hubs = Annotated[
    str, typer.Option("--hubs", metavar="NAME", help="`csls` corrects for hubs, `none` does not.")
]
Beta = Annotated[float, typer.Option("--beta", metavar="0–1", help="What closeness in time adds.")]
Decay = Annotated[
    str | None,
    typer.Option("--decay", metavar="NAME", help="`exponential` multiplies by closeness in time instead."),
]
WORKS = {
    "item_id": ("Id", text),
    "title": ("Title", text),
    "artist": ("Artist", text),
    "date": ("Date", text),
}
P_VALUES = {"p": ("p", number(3)), "p_corrected": ("p, of all", number(3))}


def opened(
    workspace: Path, encoder: str | None, documented: Path | None = None, *, quiet: bool = False
) -> Influence:
    """Open a collection's map of resemblance; it is built where it is not there."""
    from ham_recommend.analysis.influence import influence
    from ham_recommend.recommend.recommender import Recommender

    recommender = Recommender.load(workspace, encoder=encoder)
    found = influence(recommender, progress=sys.stderr.isatty() and not quiet)
    return found if documented is None else found.with_documented(documented)


def years_in(given: str | None) -> tuple[int | None, int | None] | None:
    """Read a span of years as it was typed."""
    from ham_recommend.recommend.query import parse_where

    found: tuple[int | None, int | None] | None = parse_where([f"years={given}"])["years"] if given else None
    return found


def _notes(found: Influence) -> tuple[str, str]:
    from ham_recommend.analysis import CAVEAT
    from ham_recommend.analysis.coverage import Coverage

    return f"{Coverage.of(found)}.", CAVEAT


def _show(
    frame: Any, columns: Mapping[str, Any], found: Influence, *, heading: str, as_json: bool, **more: Any
) -> None:
    coverage, caveat = _notes(found)
    if as_json:
        print_frame(frame, note=caveat, **more)
    else:
        show_table(frame, columns, heading=heading, notes=(coverage, caveat))


@app.command("build", cls=Command, epilog=examples("ham influence build artifacts/sample --edges 20"))
def build(
    workspace: WorkspaceFolder,
    *,
    edges: Edges = 10,
    hubs: Hubs = "csls",
    beta: Beta = 0.1,
    decay: Decay = None,
    encoder: Encoder = None,
    graphml: Annotated[
        Path | None, typer.Option("--graphml", metavar="FILE", help="Also write the graph, for Gephi.")
    ] = None,
    parquet: Annotated[
        Path | None, typer.Option("--parquet", metavar="FILE", help="Also write its edges as a table.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare all works once, and keep what was found in the collection."""
    from ham_recommend.analysis.coverage import Coverage
    from ham_recommend.analysis.influence import Influence
    from ham_recommend.recommend.recommender import Recommender

    recommender = Recommender.load(workspace, encoder=encoder)
    found = Influence.open(recommender, k=edges, hubs=hubs, beta=beta, decay=decay)
    if not found.is_built:
        found.build(progress=sys.stderr.isatty() and not as_json, keep=True)
    written = [
        write(path) for write, path in ((found.to_graphml, graphml), (found.to_parquet, parquet)) if path
    ]
    coverage = Coverage.of(found)
    if as_json:
        counted = {name: getattr(coverage, name) for name in coverage.__dataclass_fields__}
        print_json({**counted, "edges": len(found.graph.edges), "files": [str(path) for path in written]})
        return
    typer.echo(f"{coverage}; {len(found.graph.edges):,} edges to earlier works.")
    for path in written:
        typer.echo(f"Written: {path}")


@app.command("before", cls=Command, epilog=examples("ham influence before artifacts/sample sample:17 -k 6"))
def before(
    workspace: WorkspaceFolder,
    item: Work,
    *,
    k: Count = 12,
    years: Years = None,
    where: Filters = None,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Find the earlier works that a work resembles most."""
    found = opened(workspace, encoder, quiet=as_json)
    wanted = filters(found.recommender.catalog, where)
    ranking, ms = timed(lambda: found.before(item, k, years=years_in(years), where=wanted))
    _show_ranking(found, ranking, ms, f"Earlier works that {item} resembles", as_json=as_json)


@app.command(
    "after",
    cls=Command,
    epilog=examples(
        "ham influence after artifacts/sample sample:17",
        'ham influence after artifacts/sample --artist "Margaret Ashcombe" --years 1900:1950',
        'ham influence after artifacts/sample "ships in a storm"',
    ),
)
def after(
    workspace: WorkspaceFolder,
    what: Annotated[
        str | None,
        typer.Argument(help="A work's id, an artist's name, or words to search for.", show_default=False),
    ] = None,
    *,
    artist: Annotated[
        str | None, typer.Option("--artist", metavar="NAME", help="The works of this artist.")
    ] = None,
    k: Count = 12,
    years: Years = None,
    where: Filters = None,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Find the later works that resemble a work, an artist's works, or those that words find."""
    if (what is None) == (artist is None):
        raise SettingsError("Say what later works should resemble: an id, words, or --artist NAME.")
    found = opened(workspace, encoder, quiet=as_json)
    wanted = filters(found.recommender.catalog, where)
    group: Any = what if artist is None else {"artist": artist}
    ranking, ms = timed(lambda: found.after(group, k, years=years_in(years), where=wanted))
    _show_ranking(found, ranking, ms, f"Echoes of {what or artist}", as_json=as_json)


def _show_ranking(found: Influence, ranking: Any, ms: float, heading: str, *, as_json: bool) -> None:
    workspace = found.recommender.workspace
    coverage, caveat = _notes(found)
    if as_json:
        print_json({**answer(ranking, ms, workspace), "note": caveat})
        return
    show(ranking, ms, workspace, heading=heading, as_json=False)
    typer.echo(f"{coverage}\n{caveat}")


@app.command(
    "artists",
    cls=Command,
    epilog=examples(
        "ham influence artists artifacts/sample",
        'ham influence artists artifacts/sample "Margaret Ashcombe" --documented pairs.csv',
    ),
)
def artists(
    workspace: WorkspaceFolder,
    artist: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Only pairs with this artist.", show_default=False)
    ] = None,
    *,
    k: Count = 20,
    draws: Draws = None,
    least: Annotated[
        int, typer.Option("--least", metavar="N", min=1, help="Dated works that an artist must have.")
    ] = 2,
    documented: DocumentedPairs = None,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Show whose works resemble whose earlier ones, and how often chance would do as well."""
    found = opened(workspace, encoder, documented, quiet=as_json)
    pairs = found.artists(artist, k=k, draws=draws, least=least)
    columns = {
        "earlier": ("Earlier", text),
        "later": ("Later", text),
        "score": ("Score", number()),
        "p_earlier": ("P earlier", number()),
        "works": ("Works", number(0)),
        **P_VALUES,
        "documented": ("Documented by", text),
    }
    _show(pairs, columns, found, heading="Whose works resemble whose earlier ones", as_json=as_json)
    if found.documented is not None and not as_json:
        _show_agreement(found)


def _show_agreement(found: Influence) -> None:
    from ham_recommend.analysis.documented import agreement

    try:
        table = agreement(found)
    except SettingsError as error:
        typer.echo(str(error))
        return
    columns = {
        "among": ("Among", text),
        "by": ("By", text),
        "auc": ("AUC", number(3)),
        "date_matched": ("Same gap in time", number(3)),
        "low": ("from", number(3)),
        "high": ("to", number(3)),
        "over_dates": ("Over dates", number(3)),
        "over_dates_low": ("from", number(3)),
        "over_dates_high": ("to", number(3)),
    }
    note = "One half is chance. Documented pairs record fame as well as influence."
    show_table(table, columns, heading="How well that agrees with documented pairs", notes=(note,))


@app.command("rank", cls=Command, epilog=examples("ham influence rank artifacts/sample -k 20"))
def rank(
    workspace: WorkspaceFolder, *, k: Count = 12, encoder: Encoder = None, as_json: AsJson = False
) -> None:
    """Rank works by PageRank among works of the same time, beside the plain one that measures age."""
    found = opened(workspace, encoder, quiet=as_json)
    columns = {
        **WORKS,
        "rescaled_pagerank": ("For its time", number(1)),
        "plain_place": ("Plain place", number(0)),
        "echoes": ("Echoes", number(0)),
        "creativity": ("Creativity", number(2)),
    }
    _show(found.rank(k), columns, found, heading="Works that later ones lead back to", as_json=as_json)


@app.command("communities", cls=Command, epilog=examples("ham influence communities artifacts/sample"))
def communities(
    workspace: WorkspaceFolder,
    *,
    resolution: Annotated[
        float, typer.Option("--resolution", metavar="R", help="Greater: more and smaller ones.")
    ] = 1.0,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Group works that resemble each other, with the words and times that set each group apart."""
    found = opened(workspace, encoder, quiet=as_json)
    columns = {
        "community": ("", number(0)),
        "works": ("Works", number(0)),
        "years": ("Years", text),
        "words": ("Words", text),
        "artists": ("Artists", text),
    }
    table = found.communities(resolution=resolution)
    _show(table, columns, found, heading="Groups of works that resemble each other", as_json=as_json)


@app.command(
    "bridges",
    cls=Command,
    epilog=examples('ham influence bridges artifacts/sample "Margaret Ashcombe" "Ogata Hanzō"'),
)
def bridges(
    workspace: WorkspaceFolder,
    one: Annotated[str, typer.Argument(help="A group: an artist, FIELD=VALUE, or words.")],
    other: Annotated[str, typer.Argument(help="The other group.")],
    *,
    k: Count = 12,
    draws: Draws = None,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Find the works that stand between two groups: close to both, in neither."""
    found = opened(workspace, encoder, quiet=as_json)
    groups = [_group(found, each) for each in (one, other)]
    table = found.bridges(groups[0], groups[1], k, draws=draws)
    columns = {**WORKS, "to_one": ("To first", number()), "to_other": ("To second", number()), **P_VALUES}
    _show(table, columns, found, heading=f"Works between {one} and {other}", as_json=as_json)


def _group(found: Influence, typed: str) -> Any:
    """Return a group as it was typed; ``FIELD=VALUE`` is a filter."""
    field, equals, _ = typed.partition("=")
    if not equals or not field.isidentifier():
        return typed
    return filters(found.recommender.catalog, [typed])


@app.command("tour", cls=Command, epilog=examples("ham influence tour artifacts/sample sample:5 sample:17"))
def tour(
    workspace: WorkspaceFolder,
    start: Annotated[str, typer.Argument(metavar="FROM", help="The earlier work.")],
    end: Annotated[str, typer.Argument(metavar="TO", help="The later work.")],
    *,
    stops: Annotated[int, typer.Option("--stops", metavar="N", help="How many works, both included.")] = 8,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Lead from one work to a later one by small steps, each later and by another artist."""
    found = opened(workspace, encoder, quiet=as_json)
    columns = {**WORKS, "cosine": ("Like the last", number()), "p_earlier": ("P earlier", number())}
    table = found.tour(start, end, stops)
    _show(table, columns, found, heading=f"From {start} to {end}", as_json=as_json)


@app.command("reception", cls=Command, epilog=examples("ham influence reception artifacts/sample sample:5"))
def reception(
    workspace: WorkspaceFolder, item: Work, *, encoder: Encoder = None, as_json: AsJson = False
) -> None:
    """Count how often later works resemble a work, for as many works as each decade has."""
    found = opened(workspace, encoder, quiet=as_json)
    columns = {
        "decade": ("Decade", lambda year: f"{year}s" if year > 0 else f"{-year}s BCE"),
        "echoes": ("Echoes", number(0)),
        "works": ("Of works", number(0)),
        "share": ("Share", number(3)),
        "low": ("from", number(3)),
        "high": ("to", number(3)),
    }
    _show(found.reception(item), columns, found, heading=f"The reception of {item}", as_json=as_json)


@app.command(
    "diffusion", cls=Command, epilog=examples("ham influence diffusion artifacts/sample --by culture")
)
def diffusion(
    workspace: WorkspaceFolder,
    *,
    by: Annotated[str, typer.Option("--by", metavar="FIELD", help="What the groups are.")] = "culture",
    least: Annotated[
        int, typer.Option("--least", metavar="N", min=1, help="Dated works that a group must have.")
    ] = 10,
    k: Count = 20,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Show which groups resemble which earlier ones more than numbers and dates would give."""
    found = opened(workspace, encoder, quiet=as_json)
    table = found.diffusion(by, least=least)
    columns = {
        "earlier": ("Earlier", text),
        "later": ("Later", text),
        "edges": ("Edges", number(0)),
        "expected": ("Expected", number(1)),
        "ratio": ("Ratio", number(1)),
        "low": ("from", number(1)),
        "high": ("to", number(1)),
        "artists": ("Artists", number(0)),
    }
    shown = table if as_json else table.head(k)
    _show(shown, columns, found, heading=f"Which {by} resembles which earlier one", as_json=as_json)


@app.command("fuse", cls=Command, epilog=examples("ham influence fuse artifacts/sample style=0.8 time=0.2"))
def fuse(
    workspace: WorkspaceFolder,
    weights: Annotated[
        list[str],
        typer.Argument(metavar="ENCODER=WEIGHT…", help="Blocks and their weights; `time` for dates."),
    ],
    *,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="What the vectors are called.")
    ] = "fused",
    as_json: AsJson = False,
) -> None:
    """Join the vectors of encoders, and dates, into one set, which --encoder then answers by."""
    from ham_recommend.analysis.fused import fuse as join
    from ham_recommend.recommend.recommender import Recommender

    shares = {}
    for typed in weights:
        block, _, weight = typed.partition("=")
        try:
            shares[block] = float(weight)
        except ValueError:
            raise SettingsError(f"{typed!r} is not ENCODER=WEIGHT, such as style=0.8.") from None
    count = join(Recommender.load(workspace), shares, name=name)
    if as_json:
        print_json({"name": name, "works": count})
    else:
        typer.echo(f"{count:,} works have a vector of {name} now; ask with --encoder {name}.")
