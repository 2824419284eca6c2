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
from ham_recommend.workspace import CATALOG, PICTURES, RAW, Workspace

EXAMPLES = examples("ham purge artifacts/harvard", "ham purge artifacts/harvard --built")


def purge(
    workspace: WorkspaceFolder,
    *,
    built: Annotated[
        bool, typer.Option("--built", help="Remove the collection built from such records too.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--everything", help="Remove crawled records of any age, unfinished crawls too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove crawled records older than their museum lets them be kept."""
    from ham_recommend.sources._raw import purge_raw, raw_state

    opened = Workspace(workspace)
    folders = raw_folders(opened)
    if not folders and not opened.exists:
        raise ArtifactMissingError(f"There is neither a collection nor a crawl in {workspace}.")
    due = [folder for folder in folders if (state := raw_state(folder)) and (everything or state.stale)]
    removed = [path for folder in due for path in purge_raw(folder, everything=everything)]
    holding = _holding(opened, [folder.name for folder in folders])
    if built and holding:
        _remove_built(opened)
    _report(opened, removed, holding, built=built, as_json=as_json)


def raw_folders(workspace: Workspace) -> list[Path]:
    """Return the folders of a workspace into which something was crawled."""
    from ham_recommend.sources._ledger import LEDGER

    return sorted(path.parent for path in workspace.path(RAW).glob(f"*/{LEDGER}"))


def _holding(workspace: Workspace, sources: list[str]) -> list[str]:
    """Return the built files that hold text of these sources."""
    from ham_recommend.catalog.catalog import Catalog

    if not sources or not workspace.exists or CATALOG not in workspace:
        return []
    prefixes = tuple(f"{source}:" for source in sources)
    ids = Catalog.read(workspace.checked(CATALOG)).item_ids
    return sorted(workspace.manifest.files) if any(str(one).startswith(prefixes) for one in ids) else []


def _remove_built(workspace: Workspace) -> None:
    known = {name: workspace.manifest.facts.get(name) for name in ("source", "command")}
    with workspace.draft() as draft:
        draft.commit({**known, "works": 0})
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
