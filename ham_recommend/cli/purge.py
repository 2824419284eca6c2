"""``ham purge``: remove records that may not be kept any longer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ham_recommend.cli._console import Console
from ham_recommend.cli._show import AsJson, WorkspaceFolder, examples, print_json
from ham_recommend.draft import DRAFT
from ham_recommend.errors import ArtifactMissingError, SettingsError
from ham_recommend.manifest import Origin, origins_in
from ham_recommend.workspace import PICTURES, RAW, WORKS, Workspace

EXAMPLES = examples(
    "ham purge artifacts/harvard",
    "ham purge artifacts/harvard --built",
    "ham purge artifacts/mine --encoder colour",
)


def purge(
    workspace: WorkspaceFolder,
    *,
    built: Annotated[
        bool,
        typer.Option("--built", help="Remove what was built from such records too, finished or cut short."),
    ] = False,
    everything: Annotated[
        bool, typer.Option("--everything", help="Remove crawled records of any age, unfinished crawls too.")
    ] = False,
    encoder: Annotated[
        str | None,
        typer.Option("--encoder", metavar="NAME", help="Remove only the vectors of this encoder."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Remove crawled records older than their museum lets them be kept, or the vectors of one encoder."""
    from ham_recommend.sources.raw import purge_raw, raw_folders

    opened = Workspace(workspace)
    if encoder is not None:
        _remove_encoder(opened, encoder, alone=not (built or everything), as_json=as_json)
        return
    folders = raw_folders(opened.path(RAW))
    if not folders and not opened.exists and not _left(opened):
        raise ArtifactMissingError(f"There is neither a collection nor a crawl in {workspace}.")
    removed = [path for folder in folders for path in purge_raw(folder, everything=everything)]
    held, drafted = _held(opened, everything=everything), _drafted(opened, everything=everything)
    if built:
        _remove(opened, held=bool(held), drafted=bool(drafted))
    _report(opened, removed, [*held, *drafted], built=built, as_json=as_json)


def _held(workspace: Workspace, *, everything: bool) -> list[str]:
    """Return the files of the collection, if it holds records that are to go."""
    if not workspace.exists:
        return []
    manifest = workspace.manifest
    return sorted(manifest.files) if _are_due(manifest.facts.origins, everything=everything) else []


def _drafted(workspace: Workspace, *, everything: bool) -> list[str]:
    """Return the files of a build that was cut short, if they hold records that are to go."""
    files = workspace.drafted.files
    origins = origins_in(files[WORKS].settings) if WORKS in files else ()
    return sorted(f"{DRAFT}/{name}" for name in files) if _are_due(origins, everything=everything) else []


def _are_due(origins: Iterable[Origin], *, everything: bool) -> bool:
    return any(origin.stale or (everything and origin.fetched) for origin in origins)


def _remove(workspace: Workspace, *, held: bool, drafted: bool) -> None:
    """Remove the collection, or what a build that was cut short left; opening a draft removes half files."""
    from ham_recommend.builder.removal import remove_built

    if held or _left(workspace):
        remove_built(workspace, held=held, drafted=drafted)


def _left(workspace: Workspace) -> bool:
    """Return whether a build or a purge that was cut short may have left something."""
    return any(workspace.path(name).is_dir() for name in (DRAFT, PICTURES))


def _remove_encoder(workspace: Workspace, encoder: str, *, alone: bool, as_json: bool) -> None:
    from ham_recommend.builder.removal import remove_encoder

    if not alone:
        raise SettingsError("--encoder removes vectors only. Leave --built and --everything out.")
    before = sorted(workspace.manifest.files)
    name = remove_encoder(workspace, encoder)
    removed = [file for file in before if file not in workspace]
    if as_json:
        print_json({"encoder": name, "removed": removed})
    else:
        text = Text(f"The vectors of {name} are removed from {workspace.root}.")
        Console(highlight=False).print(text, soft_wrap=True)


def _report(
    workspace: Workspace, removed: list[Path], holding: list[str], *, built: bool, as_json: bool
) -> None:
    if as_json:
        names = [str(path.relative_to(workspace.root)) for path in removed]
        print_json({"removed": names, "built_from_them": holding, "built_removed": built and bool(holding)})
        return
    console = Console(highlight=False)
    console.print(Text(f"{len(removed):,} raw files removed from {workspace.root}."), soft_wrap=True)
    if holding and built:
        console.print(Text(f"{len(holding):,} files of the collection removed too."))
    elif holding:
        console.print(
            Text(
                f"The collection built from such records still holds their texts ({', '.join(holding)}). "
                "Crawl and build again to refresh it, or remove it with --built."
            ),
            soft_wrap=True,
        )
