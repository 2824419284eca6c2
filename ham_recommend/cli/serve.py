"""``ham serve``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ham_recommend.cli._console import Console
from ham_recommend.cli._show import examples
from ham_recommend.errors import MissingExtraError, SettingsError
from ham_recommend.workspace import Workspace, collections_in

WORKERS = 0 if sys.platform == "darwin" else 2
"""On macOS, what Accelerate and torch have begun does not outlive a fork."""
EXAMPLES = examples(
    "ham serve",
    "ham serve artifacts/sample --open",
    "ham serve collections --host 0.0.0.0 --token SECRET",
    "ham serve collections --host 0.0.0.0 --read-only --public --name museum.example.org",
    "ham serve collections --host 0.0.0.0 --token SECRET --encoder clip",
)


def serve(
    places: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[COLLECTION_OR_FOLDER]…",
            help="Collections, or folders that hold some. Without any: `artifacts`.",
            show_default=False,
        ),
    ] = None,
    *,
    host: Annotated[
        str,
        typer.Option(
            "--host", metavar="ADDRESS", help="Where to listen; beyond this machine only with a guard."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="The port; 0 for any that is free.")
    ] = 8000,
    token: Annotated[
        str,
        typer.Option(
            "--token",
            metavar="SECRET",
            envvar="HAM_TOKEN",
            help="What visitors must know.",
            show_default=False,
        ),
    ] = "",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Let nobody upload, rename or remove.")
    ] = False,
    public: Annotated[
        bool, typer.Option("--public", help="Let everybody look who reaches the server.")
    ] = False,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="HOST", help="A name the server goes by, such as museum.example.org."),
    ] = None,
    sessions: Annotated[
        Path | None,
        typer.Option(
            "--sessions", metavar="FOLDER", help="Where likes and history are kept.", show_default=False
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            metavar="N",
            min=0,
            max=64,
            help="Processes that answer questions, beside the one in front. On macOS none, if not said.",
        ),
    ] = WORKERS,
    rate: Annotated[
        float,
        typer.Option(
            "--rate", metavar="N", min=0.1, help="Requests per second of one visitor, in the long run."
        ),
    ] = 30.0,
    encoder: Annotated[
        str,
        typer.Option(
            "--encoder",
            metavar="NAME",
            help="Encode pictures and words for other machines too, such as with `clip`; they build and "
            "search with `remote:http://HOST:PORT`.",
            show_default=False,
        ),
    ] = "",
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Show collections as a page, and answer programs by an API."""
    served = tuple(places or [Path("artifacts")])
    _check(served)
    try:
        from ham_recommend.web import server
        from ham_recommend.web.settings import Limits, Settings
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("ham_recommend"):
            raise
        raise MissingExtraError.needing("ham serve", "web") from error
    settings = Settings(
        places=served,
        host=host,
        port=port,
        token=token,
        read_only=read_only,
        public=public,
        names=tuple(name or ()),
        sessions=sessions,
        encoder=encoder,
        limits=Limits(rate=rate, burst=max(300.0, 10 * rate)),
    )
    console = Console(stderr=True, highlight=False)

    def listening(address: str) -> None:
        shown = f"{address}{_only_one(served)}"
        console.print(f"Open [bold]{shown}[/bold]   (Ctrl-C ends it)", soft_wrap=True)
        if token:
            console.print("Visitors are asked for the token.", soft_wrap=True)
        if open_page:
            typer.launch(shown)

    server.serve(settings, workers=workers, listening=listening)


def _check(places: tuple[Path, ...]) -> None:
    """Say what is missing before a server starts that has nothing to show."""
    for place in places:
        if not place.is_dir():
            raise SettingsError(
                f"There is no folder {place}. Make a collection with: ham build sample --out {place}"
            )
        if not Workspace(place).exists and not collections_in(place):
            raise SettingsError(
                f"There is no collection in {place}. Make one with: ham build sample --out {place / 'sample'}"
            )


def _only_one(places: tuple[Path, ...]) -> str:
    """Return the name of the collection, where a single one is served."""
    from urllib.parse import quote

    only = len(places) == 1 and Workspace(places[0]).exists
    return quote(places[0].resolve().name, safe="") if only else ""
