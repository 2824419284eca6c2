"""``ham info``."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from ham_recommend.cli._console import Console
from ham_recommend.cli._explained import columns_in_lines
from ham_recommend.cli._show import AsJson, WorkspaceFolder, examples, print_json
from ham_recommend.errors import ArtifactCorruptError
from ham_recommend.manifest import FUSED, Facts, Manifest, Origin
from ham_recommend.workspace import CATALOG, RAW, Workspace

if TYPE_CHECKING:
    from ham_recommend.sources.raw import RawState

EXAMPLES = examples(
    "ham info artifacts/sample",
    "ham info artifacts/sample --facets",
    "ham info artifacts/sample --verify",
    "ham info artifacts/sample --json",
)
SHOWN_DAMAGED = 10
SHOWN_VALUES = 30


def info(
    workspace: WorkspaceFolder,
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every file and thumbnail whole, and compare its hash.")
    ] = False,
    facets: Annotated[
        bool, typer.Option("--facets", help="Count the values that works can be filtered by.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a collection holds, and check that its files are whole."""
    opened = Workspace(workspace)
    raw = _raw(opened)
    if raw and not opened.exists:
        _show_raw(raw, as_json=as_json)
        return
    manifest = opened.manifest
    if verify:
        _verify(opened)
    for name in manifest.files:
        opened.checked(name)
    counted = _facets(opened) if facets else {}
    if as_json:
        counts = {"facets": counted} if facets else {}
        print_json({**_content(opened, manifest), "raw": _raw_content(raw), **counts})
    elif facets:
        Console().print(_facet_table(counted))
    else:
        Console().print(_facts(opened, manifest))
        Console().print(_files(manifest))
        for origin in (origin for origin in manifest.facts.origins if origin.stale):
            note = f"The records of {origin.source} in this collection are older than allowed: "
            Console().print(Text(f"{note}crawl and build them again, or run ham purge --built."))
        if raw:
            _show_raw(raw, as_json=False)


def _facets(workspace: Workspace) -> dict[str, list[tuple[str, int]]]:
    """Return the most frequent values of each field that has some."""
    from ham_recommend.catalog.catalog import Catalog
    from ham_recommend.catalog.filters import COUNTED

    catalog = Catalog.read(workspace.checked(CATALOG))
    counts = {
        field: [(value, works) for value, works in catalog.facets(field, SHOWN_VALUES) if value]
        for field in sorted(COUNTED)
    }
    return {field: values for field, values in counts.items() if values}


def _facet_table(counted: Mapping[str, list[tuple[str, int]]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Field", no_wrap=True)
    table.add_column("Values, the most frequent first, for --where FIELD=VALUE", overflow="fold")
    for field, values in counted.items():
        table.add_row(field, Text(", ".join(f"{value} ({works:,})" for value, works in values)))
    return table


def _content(workspace: Workspace, manifest: Manifest) -> dict[str, Any]:
    files = {
        name: {"rows": entry.rows, "bytes": entry.size, "sha256": entry.sha256}
        for name, entry in sorted(manifest.files.items())
    }
    return {
        "workspace": str(workspace.root),
        "version": manifest.package_version,
        **_numbers(manifest.facts),
        "text_store": _text_store(manifest),
        "origins": [_origin_content(origin) for origin in manifest.facts.origins],
        "command": workspace.command,
        "files": files,
    }


def _text_store(manifest: Manifest) -> str:
    """Return where words are searched: an address, or files."""
    from ham_recommend.index.text_stores import HERE, texts_in

    return texts_in(manifest.files) or HERE


def _numbers(facts: Facts) -> dict[str, Any]:
    made = facts.default
    return {
        "works": facts.works,
        "pictures": made.pictures if made else 0,
        "image_encoder": made.name if made else None,
        "reads_words": bool(made and made.reads_words),
        "store": made.store if made else None,
        "encoders": {
            name: {**asdict(encoder), "lacking": facts.pictures - encoder.pictures}
            for name, encoder in facts.encoders.items()
        },
        "problems": facts.problems,
        "built_at": facts.built_at,
    }


def _verify(workspace: Workspace) -> None:
    """Refuse a collection of which anything is not as it was written."""
    from ham_recommend.builder.verify import damaged

    found = damaged(workspace)
    if found:
        named = ", ".join(found[:SHOWN_DAMAGED]) + (" …" if len(found) > SHOWN_DAMAGED else "")
        raise ArtifactCorruptError(f"Not as it was built: {named}. {workspace.mending}")


def _origin_content(origin: Origin) -> dict[str, Any]:
    age = origin.age and round(origin.age / timedelta(days=1), 2)
    return {**asdict(origin), "age_days": age, "stale": origin.stale}


def _facts(workspace: Workspace, manifest: Manifest) -> Table:
    table = Table(
        title=Text(str(workspace.root)), title_justify="left", box=None, show_header=False, pad_edge=False
    )
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    facts = manifest.facts
    rows = {
        "Source": "; ".join(map(_origin_in_words, facts.origins)) or "none",
        "Columns": "\n".join(columns_in_lines(facts.origins)) or "none",
        "Works": f"{facts.works:,}",
        "With a picture": f"{facts.pictures:,}",
        "Picture encoders": "\n".join(_encoders(facts)) or "none",
        "Texts": f"searched in {_text_store(manifest)}",
        "Problems": f"{facts.problems:,}",
        "Built": facts.built_at,
        "Made with": workspace.command or "unknown",
    }
    if not manifest.files:
        rows = {"State": "removed by `ham purge`", "To build it again": workspace.command or "unknown"}
    for name, value in rows.items():
        table.add_row(name, Text(str(value)))
    return table


def _encoders(facts: Facts) -> Iterator[str]:
    """Say of each encoder how many works have a vector of it; the one that answers comes first."""
    for name in sorted(facts.encoders, key=lambda name: (name != facts.encoder, name)):
        made = facts.encoders[name]
        lacking = facts.pictures - made.pictures
        missing = f"; {lacking:,} works lack one until a build with --image-encoder {made.name}"
        if made.model_id.startswith(FUSED):
            missing = f"; {lacking:,} works lack one: a part of it, or they came since `ham influence fuse`"
        yield f"{made.name}, {made.pictures:,} vectors, store {made.store}{missing if lacking else ''}"


def _origin_in_words(origin: Origin) -> str:
    """Return where works come from, how old they are, and how long they may be kept."""
    age = f", {origin.age.days} days old" if origin.age else ""
    term = f", may be kept for {origin.term_days} days" if origin.term_days else ""
    return f"{origin.source}{age}{term}"


def _files(manifest: Manifest) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("File", overflow="fold")
    table.add_column("Rows", justify="right")
    table.add_column("MB", justify="right")
    for name, entry in sorted(manifest.files.items()):
        table.add_row(Text(name), f"{entry.rows:,}", f"{entry.size / 1e6:,.2f}")
    return table


def _raw(workspace: Workspace) -> dict[str, RawState]:
    """Return what was crawled into a workspace, by source."""
    from ham_recommend.sources.raw import raw_folders, raw_state

    states = {folder.name: raw_state(folder) for folder in raw_folders(workspace.path(RAW))}
    return {name: state for name, state in states.items() if state}


def _show_raw(raw: dict[str, RawState], *, as_json: bool) -> None:
    if as_json:
        print_json({"raw": _raw_content(raw)})
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Crawled", "Records", "Age", "Keep for", "Calls left today"):
        table.add_column(name, justify="left" if name == "Crawled" else "right")
    for name, state in raw.items():
        table.add_row(
            Text(name),
            f"{state.records:,}",
            f"{_days(state):.0f} days",
            f"{state.term_days} days" if state.term_days else "ever",
            "no limit" if state.calls_left is None else f"{state.calls_left:,}",
        )
    console = Console()
    console.print(table)
    for name, state in raw.items():
        if state.stale:
            console.print(Text(f"{name} is older than allowed: refresh it with ham crawl, or run ham purge."))
        if not state.complete:
            console.print(Text(f"{name} is unfinished: ham crawl {name} goes on where it stopped."))


def _raw_content(raw: dict[str, RawState]) -> dict[str, Any]:
    return {
        name: {
            "records": state.records,
            "age_days": round(_days(state), 2),
            "term_days": state.term_days,
            "stale": state.stale,
            "complete": state.complete,
            "calls_left_today": state.calls_left,
        }
        for name, state in raw.items()
    }


def _days(state: RawState) -> float:
    return (time.time() - state.oldest) / 86_400.0
