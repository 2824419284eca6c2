"""``ham info``."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ham_recommend.cli._show import AsJson, WorkspaceFolder, examples, print_json
from ham_recommend.manifest import Manifest
from ham_recommend.workspace import Workspace

EXAMPLES = examples("ham info artifacts/sample", "ham info artifacts/sample --json")


def info(workspace: WorkspaceFolder, as_json: AsJson = False) -> None:
    """Show what a collection holds, and check that its files are whole."""
    opened = Workspace(workspace)
    manifest = opened.manifest
    for name in manifest.files:
        opened.checked(name)
    if as_json:
        print_json(_content(opened, manifest))
    else:
        Console().print(_facts(opened, manifest))
        Console().print(_files(manifest))


def _content(workspace: Workspace, manifest: Manifest) -> dict[str, Any]:
    files = {
        name: {"rows": entry.rows, "bytes": entry.size, "sha256": entry.sha256}
        for name, entry in sorted(manifest.files.items())
    }
    return {
        "workspace": str(workspace.root),
        "version": manifest.package_version,
        **manifest.facts,
        "files": files,
    }


def _facts(workspace: Workspace, manifest: Manifest) -> Table:
    table = Table(
        title=Text(str(workspace.root)), title_justify="left", box=None, show_header=False, pad_edge=False
    )
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    facts = manifest.facts
    rows = {
        "Source": facts.get("source"),
        "Works": f"{facts.get('works', 0):,}",
        "With a picture vector": f"{facts.get('pictures', 0):,}",
        "Picture encoder": facts.get("image_encoder") or "none",
        "Store": facts.get("store"),
        "Left out": f"{facts.get('problems', 0):,}",
        "Built": facts.get("built_at"),
        "Made with": facts.get("command"),
    }
    for name, value in rows.items():
        table.add_row(name, Text(str(value)))
    return table


def _files(manifest: Manifest) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("File", overflow="fold")
    table.add_column("Rows", justify="right")
    table.add_column("MB", justify="right")
    for name, entry in sorted(manifest.files.items()):
        table.add_row(Text(name), f"{entry.rows:,}", f"{entry.size / 1e6:,.2f}")
    return table
