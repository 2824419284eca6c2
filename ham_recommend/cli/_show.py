"""How answers look: a table for people, JSON for programs."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from ham_recommend.answers import Hit, Ranking
from ham_recommend.cli._console import Console, escaped
from ham_recommend.errors import SettingsError
from ham_recommend.records import CHANNELS, Artwork, shown_in
from ham_recommend.workspace import Workspace

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog


_CALLED = {"classification": "kind", "meaning": "the word", "years": "time"}


def _folder(text: str) -> Path:
    if not text:
        raise typer.BadParameter("the folder has no name. Give it one, such as artifacts/mine.")
    try:
        path = Workspace(text).root
    except SettingsError as error:
        raise typer.BadParameter(str(error)) from error
    if path.exists() and not path.is_dir():
        raise typer.BadParameter(f"{text} is a file. A collection is a folder, such as artifacts/mine.")
    return path


WorkspaceFolder = Annotated[
    Path, typer.Argument(metavar="WORKSPACE", parser=_folder, help="The collection's folder.")
]
Out = Annotated[
    Path, typer.Option("--out", metavar="WORKSPACE", parser=_folder, help="The collection's folder.")
]
Count = Annotated[int, typer.Option("-k", metavar="N", min=1, help="How many works to show.")]
OutUnlessExplained = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="WORKSPACE", parser=_folder, show_default=False, help="The collection's folder."
    ),
]
Filters = Annotated[
    list[str] | None,
    typer.Option(
        "--where", metavar="FIELD=VALUE", help="Only works with this value; `years=1800:1900` for years."
    ),
]
Encoder = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        metavar="NAME",
        help="Whose picture vectors answer, where there are several; `none` for texts only.",
    ),
]
Semantic = Annotated[
    str | None,
    typer.Option(
        "--semantic",
        metavar="sentences[:MODEL]|none",
        help="Order what words find by what sentences mean; of itself where --text-encoder built it.",
    ),
]
Manifest = Annotated[
    str | None,
    typer.Option(
        "--manifest", metavar="HASH", help="Say so if this is not the collection with this manifest."
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="ID", help="A work to leave out; repeat for more."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
SHOWN_VALUES = 12
ROOMY = 110
"""Columns of a terminal from which on each channel's score is shown too."""


def examples(*commands: str) -> str:
    """Return the examples that end a command's help, one a line."""
    return "**Examples:**\n\n" + "\n\n".join(f"`{command}`" for command in commands)


def timed(ask: Callable[[], Ranking]) -> tuple[Ranking, float]:
    """Return an answer and how many milliseconds it took."""
    start = time.perf_counter()
    ranking = ask()
    return ranking, (time.perf_counter() - start) * 1000


def filters(catalog: Catalog, typed: Iterable[str] | None) -> dict[str, Any]:
    """Return filters as they were typed, each with a value that some work has.

    Raises
    ------
    SettingsError
        A filter is not ``FIELD=VALUE``, or no work has such a value; the message says which there are.
    """
    from ham_recommend.catalog.filters import COUNTED
    from ham_recommend.recommend.query import parse_where

    wanted = parse_where(typed or [])
    for field in COUNTED & wanted.keys():
        values = wanted[field] if isinstance(wanted[field], list) else [wanted[field]]
        for value in values:
            if not len(catalog.filter({field: value})):
                raise SettingsError(
                    f"No work has {field}={value}. There are: {_known(catalog, field, value)}."
                )
    return wanted


def _known(catalog: Catalog, field: str, value: str) -> str:
    """Return the values of a field in a line, those spelt most alike first, then the most frequent."""
    counts = {text: works for text, works in catalog.facets(field, 10_000) if text}
    alike = [text for text in counts if text.casefold() == value.casefold()]
    alike += get_close_matches(value, counts, n=3)
    shown = list(dict.fromkeys([*alike, *counts]))[:SHOWN_VALUES]
    more = f" and {len(counts) - len(shown):,} more" if len(counts) > len(shown) else ""
    return ", ".join(f"{text} ({counts[text]:,})" for text in shown) + more if shown else "none"


def show(ranking: Ranking, ms: float, workspace: Workspace, *, heading: str, as_json: bool) -> None:
    """Print a ranking."""
    if as_json:
        print_json(answer(ranking, ms, workspace))
        return
    console = Console()
    for wrong, right in ranking.corrected.items():
        console.print(Text.assemble("Searched for ", (right, "bold"), " instead of ", (wrong, "strike"), "."))
    for line in _understood(ranking):
        console.print(line)
    if not len(ranking):
        for word, meant in ranking.suggested.items():
            console.print(
                Text.assemble("Nothing fits ", (word, "bold"), ". Did you mean ", (meant, "bold"), "?")
            )
        if not ranking.suggested:
            console.print("No works found. Try other or fewer words, or another filter.")
        return
    for word in ranking.ignored:
        console.print(Text.assemble("No work says ", (word, "strike"), "."))
    console.print(_table(ranking, heading, console.width))
    count = f"{_fitting(ranking)}{len(ranking)} work{'' if len(ranking) == 1 else 's'} in {ms:.0f} ms"
    if ranking.saying is not None and ranking.saying > len(ranking):
        count += f"; {ranking.saying:,} works say so"
    console.print(Text(count, style="dim"))


def _understood(ranking: Ranking) -> Iterator[Text]:
    """Yield what words of a search were read as, a line each."""
    for one in ranking.understood:
        what = _CALLED.get(one.field, one.field)
        undo = "" if one.exact or one.field == "number" else f"  --ignore {shlex.quote(one.key)}"
        exactly = "exactly " if one.exact else ""
        yield Text.assemble(
            "Read ", (one.words, "bold"), f" as {exactly}{what} ", (one.value, "bold"), ".", (undo, "dim")
        )


def _fitting(ranking: Ranking) -> str:
    """Say how few works have what was asked, where more are shown."""
    if ranking.total is None or ranking.total >= len(ranking):
        return ""
    if not ranking.total:
        return "Nothing fits; these are near in meaning: "
    return f"Only {ranking.total} fit{'s' if ranking.total == 1 else ''}, then more like it: "


def answer(ranking: Ranking, ms: float, workspace: Workspace) -> dict[str, Any]:
    """Return a ranking as the JSON object that ``--json`` prints."""
    asked = ranking.query
    query: Any = asked.text or {"liked": list(asked.liked), "disliked": list(asked.disliked)}
    for name in ("picture", "colour", "drawn"):
        if getattr(asked, name) not in ("", None):
            query = {name: getattr(asked, name)}
    return {
        "query": query,
        "where": {field: _plain(value) for field, value in asked.where.items()},
        "corrected": dict(ranking.corrected),
        "suggested": dict(ranking.suggested),
        "understood": [
            {"field": one.field, "value": one.value, "words": one.words, "exact": one.exact}
            for one in ranking.understood
        ],
        "total": ranking.total,
        "fit": None if ranking.fit is None else round(ranking.fit, 3),
        "ignored": list(ranking.ignored),
        "saying": ranking.saying,
        **({"found": ranking.found} if ranking.found is not None else {}),
        "hits": [_hit(hit, workspace) for hit in ranking],
        "ms": round(ms, 3),
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else list(value)


def print_json(content: Any) -> None:
    """Print JSON to standard output, readable and with non-ASCII letters as they are, where it takes them."""
    takes_all = (sys.stdout.encoding or "").lower().startswith("utf")
    sys.stdout.write(escaped(json.dumps(content, ensure_ascii=not takes_all, indent=2)) + "\n")


def _hit(hit: Hit, workspace: Workspace) -> dict[str, Any]:
    work = hit.work
    picture = str(workspace.path(work.thumbnail).resolve()) if work.thumbnail else work.picture
    return {
        "rank": hit.rank,
        "item_id": hit.item_id,
        "score": round(hit.score, 6),
        "channels": {name: round(score, 6) for name, score in hit.channels.items()},
        "why": str(hit.why),
        **{field.name: work.text(field.name) for field in shown_in("export")},
        "years": [work.year_begin, work.year_end],
        "picture": picture or None,
        **({"folded": list(hit.folded)} if hit.folded else {}),
        **({"nearest_liked": hit.nearest_liked} if hit.nearest_liked else {}),
        **({"by_picture": True} if hit.by_picture else {}),
    }


def _table(ranking: Ranking, heading: str, width: int) -> Table:
    channels = [name for name in CHANNELS if name in ranking.channels] if width >= ROOMY else []
    longest = max(len(hit.item_id) for hit in ranking)
    widths = _text_widths(width - 20 - 10 * len(channels), longest)
    table = Table(title=Text(heading), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", justify="right", style="dim", no_wrap=True)
    for name, room in widths.items():
        folds = name == "Title"
        table.add_column(name, width=room, overflow="fold" if folds else "ellipsis", no_wrap=not folds)
    scored = bool(max((hit.score for hit in ranking), default=0.0))
    for name in ("score", *channels) if scored else ():
        table.add_column(name.capitalize(), justify="right", no_wrap=True)
    for hit in ranking:
        work = hit.work
        scores = [f"{hit.channels[name]:z.2f}" if name in hit.channels else "–" for name in channels]
        title = Text(_line(work.title) or "Untitled", style="bold")
        title.truncate(widths["Title"], overflow="ellipsis")
        title.append(f"\n{hit.item_id}", style="not bold dim cyan")
        why = Text(str(hit.why), style="not bold dim")
        why.truncate(widths["Title"], overflow="ellipsis")
        title.append(f"\n{why.plain}" if why.plain else "", style="not bold dim")
        texts = (title, Text(_line(work.artist) or "–"), Text(_line(work.text("date")) or "–"))[: len(widths)]
        table.add_row(str(hit.rank), *texts, *([f"{hit.score:z.2f}", *scores] if scored else []))
    return table


def _text_widths(room: int, item_id: int) -> dict[str, int]:
    """Return how wide the columns of text are; in a narrow terminal dates go first, then artists.

    An id stands under its title and must not be broken: it is copied. Where it is long, the others give way.
    """
    shares = {"Title": 52, "Artist": 28, "Date": 20}
    while len(shares) > 1 and room < max(13 * len(shares), item_id + 9 * (len(shares) - 1)):
        shares.popitem()
    widths = {name: max(8, room * share // sum(shares.values())) for name, share in shares.items()}
    short = item_id - widths["Title"]
    if short <= 0:
        return widths
    if len(widths) == 1:
        return {"Title": min(item_id, room + 4)}
    return {
        name: item_id if name == "Title" else width - -(-short // (len(widths) - 1))
        for name, width in widths.items()
    }


def _line(text: str) -> str:
    return " ".join(text.split())


def titles(works: Iterable[Artwork]) -> str:
    """Return the titles of a few works in one phrase."""
    return ", ".join(f"“{work.title or work.item_id}”" for work in works)
