"""``ham purge``: remove records that may not be kept any longer."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from ham_recommend.cli._show import AsJson, WorkspaceFolder, examples, print_json
from ham_recommend.errors import ArtifactMissingError
from ham_recommend.manifest import Origin, origins_in
from ham_recommend.workspace import CATALOG, DRAFT, PICTURES, RAW, Workspace

EXAMPLES = examples("ham purge artifacts/harvard", "ham purge artifacts/harvard --built")


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
    as_json: AsJson = False,
) -> None:
    """Remove crawled records older than their museum lets them be kept."""
    from ham_recommend.sources.raw import purge_raw, raw_folders

    opened = Workspace(workspace)
    folders = raw_folders(opened.path(RAW))
    if not folders and not opened.exists and not opened.path(DRAFT).is_dir():
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
    return sorted(manifest.files) if _are_due(manifest.origins, everything=everything) else []


def _drafted(workspace: Workspace, *, everything: bool) -> list[str]:
    """Return the files of a build that was cut short, if they hold records that are to go."""
    files = workspace.drafted.files
    origins = origins_in(files[CATALOG].settings) if CATALOG in files else []
    return sorted(f"{DRAFT}/{name}" for name in files) if _are_due(origins, everything=everything) else []


def _are_due(origins: list[Origin], *, everything: bool) -> bool:
    return any(origin.stale or (everything and origin.fetched) for origin in origins)


def _remove(workspace: Workspace, *, held: bool, drafted: bool) -> None:
    """Remove the collection, or what a build that was cut short left; opening a draft removes half files."""
    if not (held or workspace.path(DRAFT).is_dir()):
        return
    with workspace.draft() as draft:
        if held or drafted:
            draft.abandon()
        if held:
            draft.commit({"command": workspace.manifest.facts.get("command"), "works": 0})
    if held or (drafted and not workspace.exists):
        shutil.rmtree(workspace.path(PICTURES), ignore_errors=True)


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
