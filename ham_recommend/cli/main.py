"""The ``ham`` command: the switchboard, and what an error looks like."""

from __future__ import annotations

import io
import logging
import signal
import sys
import warnings
from typing import Annotated, Any, NoReturn

import typer
from rich.markup import escape

from ham_recommend import errors
from ham_recommend._version import __version__
from ham_recommend.cli import (
    bias,
    browse,
    build,
    crawl,
    enrich,
    eval,
    evolution,
    influence,
    info,
    map,
    merge,
    pack,
    purge,
    recommend,
    search,
    serve,
    similar,
    surprise,
    sync,
)
from ham_recommend.cli._console import Console, PlainFormatter
from ham_recommend.cli._help import Command, Group

OUR_FAILURE = 1
YOUR_INPUT = 2
_YOURS = (
    errors.SettingsError,
    errors.UnknownItemError,
    errors.MissingExtraError,
    errors.SourceError,
    errors.ArtifactMissingError,
    errors.EncodeError,
)


def _stop() -> NoReturn:
    """Say that nothing is lost, and end."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # pressed again, it ends at once, without a traceback
    Console(stderr=True, highlight=False).print(
        "Stopped. Nothing is lost; the same command goes on from here.", soft_wrap=True
    )
    sys.exit(130)


class _BuildFirst(Group):
    """Lists the commands as they are registered, but those of ``build``, which has its own, at the top."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=lambda name: name != "build")

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # Typer would end without a word
            _stop()


app = typer.Typer(
    name="ham",
    cls=_BuildFirst,
    help="Explore a museum's collection by words, by pictures and by taste.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.add_typer(build.app, name="build")
app.command("search", cls=Command, epilog=search.EXAMPLES)(search.search)
app.command("recommend", cls=Command, epilog=recommend.EXAMPLES)(recommend.recommend)
app.command("similar", cls=Command, epilog=similar.EXAMPLES)(similar.similar)
app.add_typer(influence.app, name="influence")
app.add_typer(map.app, name="map")
app.command("evolution", cls=Command, epilog=evolution.EXAMPLES)(evolution.evolution)
app.command("bias", cls=Command, epilog=bias.EXAMPLES)(bias.bias)
app.command("enrich", cls=Command, epilog=enrich.EXAMPLES)(enrich.enrich)
app.command("serve", cls=Command, epilog=serve.EXAMPLES)(serve.serve)
app.command("surprise", cls=Command, epilog=surprise.EXAMPLES)(surprise.surprise)
app.command("browse", cls=Command, epilog=browse.EXAMPLES)(browse.browse)
app.command("info", cls=Command, epilog=info.EXAMPLES)(info.info)
app.add_typer(crawl.app, name="crawl")
app.command("sync", cls=Command, epilog=sync.EXAMPLES)(sync.sync)
app.command("merge", cls=Command, epilog=merge.EXAMPLES)(merge.merge)
app.add_typer(eval.app, name="eval")
app.command("pack", cls=Command, epilog=pack.PACK_EXAMPLES)(pack.pack)
app.command("unpack", cls=Command, epilog=pack.UNPACK_EXAMPLES)(pack.unpack)
app.command("purge", cls=Command, epilog=purge.EXAMPLES)(purge.purge)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"ham {__version__}")
        raise typer.Exit


@app.callback()
def main(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say more about what is done.")] = False,
) -> None:
    """Explore a museum's collection by words, by pictures and by taste."""
    shown = logging.StreamHandler()
    shown.setFormatter(PlainFormatter("%(message)s"))
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[shown])


def exit_code(error: Exception) -> int:
    """Return 2 where other input would help, 1 where it would not."""
    if isinstance(error, errors.SourceUnavailableError):
        return OUR_FAILURE
    return YOUR_INPUT if isinstance(error, _YOURS) else OUR_FAILURE


def run() -> None:
    """Run the command line; our own errors are shown as one message, anything else surfaces."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows another
    console = Console(stderr=True, highlight=False)
    warnings.showwarning = lambda message, *_args, **_kwargs: console.print(
        f"[yellow]Note:[/] {escape(str(message))}", soft_wrap=True
    )
    try:
        app()
    except errors.HamRecommendError as error:
        console.print(f"[bold red]Error:[/] {escape(str(error))}", soft_wrap=True)
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        _stop()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
