"""Step 2, records → ``2-catalog/works.parquet``: clean what a source yields into one table of works."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ham_recommend.builder.run import Run, counted, readable
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.catalog.changes import count_gone, sources_that_stay
from ham_recommend.catalog.clean import RULES
from ham_recommend.errors import ArtifactMissingError, DataWarning
from ham_recommend.manifest import Origin, joined, origins_in
from ham_recommend.sources.base import Source
from ham_recommend.workspace import RAW, WORKS, Workspace


def write_works(run: Run, source: Source, *, add: bool, renew: bool = False) -> None:
    """Read a source into the table of works, unless it is as it was and nothing of it was left out.

    Parameters
    ----------
    run : Run
        The build.
    source : Source
        Where the records come from.
    add : bool
        Whether the works that are there stay, but for those that the source has too.
    renew : bool
        Whether, then, those go that an earlier build took from this source and that it has no more.

    Raises
    ------
    SourceError
        The source cannot be read.
    ArtifactError
        There is a collection that nothing can be added to; the message says what mends it.
    """
    base = _added_to(run) if add else None
    source.settle(run.workspace.own(f"{RAW}/{source.name}"))
    # before anything is read: what is crawled meanwhile must not make the rest look younger
    origin, fingerprint = source.origin(), None if add else source.fingerprint()
    previous = base if base is not None else readable(lambda: Catalog.read(run.draft.newest(WORKS)))
    fresh = _settings(origin, fingerprint, left_out=0)
    if previous and fingerprint and not add and run.draft.keep(WORKS, settings=fresh, parents={}):
        return
    with run.step("catalog", "Reading records", source.count()) as bar:
        read = Catalog.from_records(counted(source.fetch(), bar.update), previous=previous)
        run.problems += source.problems
        run.notes += source.notes
    settings = _settings(origin, fingerprint, left_out=len(source.problems))
    if add:
        run.named = read.picture_addresses()
        origins = joined([*_origins_that_stay(run, base, read), origin])
        settings = {"added": True, "origins": as_json(origins)}
    works = read if base is None else base.merged(read, renewed=source.name if renew else "")
    with run.draft.write(WORKS, rows=len(works), settings=settings) as path:
        works.write(path)
    run.remember(works)


def count_removed(run: Run) -> int:
    """Return how many works were there before and are no more."""
    before = run.draft.before.files.get(WORKS)
    if before is None or before.sha256 == run.draft.files[WORKS].sha256:
        return 0
    was = readable(run.works_before)
    return 0 if was is None else count_gone(was, run.works())


def _added_to(run: Run) -> Catalog | None:
    """Return the works that are added to; ``None`` where nothing has been built or all was purged."""
    workspace = run.workspace
    if not workspace.exists:
        if workspace.path(WORKS).exists():
            raise ArtifactMissingError(
                f"{workspace.root} holds works but no manifest.json, so nothing can be added to it. "
                "Bring the manifest back, or build the whole collection again without --add."
            )
        return None
    return run.works_before() if workspace.manifest.files else None


def _settings(origin: Origin, fingerprint: str | None, *, left_out: int) -> Mapping[str, Any]:
    """Return what the works depend on; records that were left out are read again, as they may be mended."""
    return {
        "origins": as_json([origin]),
        "fingerprint": fingerprint,
        "rules": RULES,
        "left_out": left_out,
    }


def _origins_that_stay(run: Run, base: Catalog | None, read: Catalog) -> list[Origin]:
    """Return the origins of what stays when works are added; warn where they are too old."""
    if base is None:
        return []
    sources = sources_that_stay(base, read)
    origins = origins_in(run.draft.before.files[WORKS].settings)
    kept = [origin for origin in origins if origin.source in sources]
    warn_of_stale(run.workspace, kept)
    return kept


def as_json(origins: Iterable[Origin]) -> list[dict[str, Any]]:
    """Return origins as JSON values."""
    content: list[dict[str, Any]] = json.loads(json.dumps([asdict(origin) for origin in origins]))
    return content


def warn_of_stale(workspace: Workspace, origins: Iterable[Origin]) -> None:
    """Warn of records that a collection holds longer than it may."""
    for origin in origins:
        if origin.stale:
            warnings.warn(
                f"Records of {origin.source} in {workspace.root} are older than the {origin.term_days} days "
                "they may be kept. Crawl and build them again, or remove them with `ham purge --built`.",
                DataWarning,
                stacklevel=2,
            )
