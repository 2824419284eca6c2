"""``ham pack`` and ``ham unpack``: a collection as one file to hand out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ham_recommend.cli._console import Console
from ham_recommend.cli._show import AsJson, WorkspaceFolder, examples, print_json
from ham_recommend.workspace import Workspace

PACK_EXAMPLES = examples(
    "ham pack artifacts/sample", "ham pack artifacts/sample --out sample.ham.zip --sessions"
)
UNPACK_EXAMPLES = examples("ham unpack sample.ham.zip", "ham unpack sample.ham.zip --out artifacts/copy")


def pack(
    workspace: WorkspaceFolder,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="The file; by default NAME.ham.zip here.", show_default=False
        ),
    ] = None,
    sessions: Annotated[
        bool, typer.Option("--sessions", help="Add the likes, sets and history of named sessions.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Pack a collection into one file to hand out, without what its terms forbid."""
    from ham_recommend.builder.pack import pack as write

    with _progress("Packing", shown=not as_json) as progress:
        packed = write(Workspace(workspace), out, sessions=sessions, progress=progress)
    if as_json:
        print_json({**asdict(packed), "path": str(packed.path)})
        return
    console = Console(highlight=False)
    console.print(Text(f"{packed.path}: {packed.files:,} files, {packed.size / 1e6:,.1f} MB"), soft_wrap=True)
    console.print(Text(f"sha256 {packed.sha256}", style="dim"), soft_wrap=True)
    for sentence in packed.left_out:
        console.print(Text(f"Left out: {sentence}"), soft_wrap=True)
    for note in packed.notes:
        console.print(Text(f"Note: {note}", style="dim"), soft_wrap=True)


def unpack(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What ham pack made.", show_default=False)],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="WORKSPACE", help="A new folder; by default artifacts/NAME.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Unpack a collection into a new folder, after checking everything in it."""
    from ham_recommend.builder.pack import ENDING
    from ham_recommend.builder.unpack import unpack as read

    folder = out or Path("artifacts") / (file.name.removesuffix(ENDING).removesuffix(".zip") or "unpacked")
    with _progress("Unpacking", shown=not as_json) as progress:
        opened = read(file, folder, progress=progress)
    manifest = opened.manifest
    if as_json:
        print_json({"workspace": str(folder), "works": manifest.facts.works, "files": len(manifest.files)})
        return
    text = f'{manifest.facts.works:,} works in {folder}. Search them with: ham search {folder} "…"'
    Console(highlight=False).print(Text(text), soft_wrap=True)


@contextmanager
def _progress(title: str, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a bar where there is a terminal to show it in."""
    from tqdm.auto import tqdm

    with tqdm(
        desc=title, unit="B", unit_scale=True, leave=False, disable=not (shown and sys.stderr.isatty())
    ) as bar:

        def progress(done: int, of: int) -> None:
            bar.total = of
            bar.update(done - bar.n)

        yield progress
