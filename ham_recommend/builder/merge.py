"""Join what several machines made of one collection, each with its share of the pictures."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Iterable, Sequence
from functools import partial, reduce
from pathlib import Path
from typing import Any

from ham_recommend.builder.build import BuildReport
from ham_recommend.builder.steps import PROBLEMS, Steps, told, warn_of_stale
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.encode.base import comparable
from ham_recommend.encode.shards import Shards
from ham_recommend.errors import ArtifactMismatchError, SettingsError
from ham_recommend.manifest import joined
from ham_recommend.records import Embeddings, Problem
from ham_recommend.vectors import load_embeddings, model_of, save_embeddings
from ham_recommend.workspace import CATALOG, EMBEDDINGS, Workspace


def merge(
    out: str | os.PathLike[str],
    workspaces: Iterable[str | os.PathLike[str]],
    *,
    store: str | None = None,
    progress: bool = True,
) -> BuildReport:
    """Join collections into one: their works, thumbnails and picture vectors.

    Meant for one collection built with ``shard="1/n"`` to ``"n/n"``; the result is what a single machine
    would have made. Collections of several museums can be joined too. Of a work that several have, the one
    whose picture was read counts.

    Parameters
    ----------
    out : path-like
        The folder of the joined collection.
    workspaces : iterable of path-like
        The collections to join; they stay as they are.
    store : str or None
        How picture vectors are kept; ``None`` for as in the first.
    progress : bool
        Show progress bars on standard error.

    Raises
    ------
    SettingsError
        No collection is given, or ``out`` is one of them.
    ArtifactError
        One is missing, damaged, or its vectors were made by another encoder.
    """
    parts = [Workspace(path) for path in workspaces]
    if not parts:
        raise SettingsError("There is nothing to merge. Name the collections to join.")
    if any(part.root.resolve() == Path(out).resolve() for part in parts):
        raise SettingsError(f"{out} cannot be merged into itself. Give the result a folder of its own.")
    workspace = Workspace(out)
    kind = store or str(parts[0].manifest.facts.get("store", "flat"))
    for part in parts:
        warn_of_stale(part, part.manifest.origins)
    origins = told(joined(origin for part in parts for origin in part.manifest.origins))
    with workspace.draft() as draft:
        steps = Steps(workspace, draft, shown=progress)
        catalogs = [Catalog.read(part.checked(CATALOG)) for part in parts]
        catalog = _joined(catalogs)
        settings = {"merged": len(parts), "origins": origins}
        with draft.write(CATALOG, rows=len(catalog), settings=settings) as path:
            catalog.write(path)
        for part, own in zip(parts, catalogs, strict=True):
            _copy_thumbnails(part, own, workspace)
        steps.text_index(catalog)
        name, embeddings = _embeddings(parts, catalog, draft.root / EMBEDDINGS / "merged.shards")
        if embeddings is not None:
            made_from: dict[str, Any] = {
                "settings": {"model_id": embeddings.model_id},
                "parents": {CATALOG: draft.sha256(CATALOG)},
            }
            save_embeddings(embeddings, name, partial(draft.write, **made_from))
            steps.store(embeddings, name, kind)
        shown = set() if embeddings is None else set(embeddings.item_ids.tolist())
        steps.problems += [problem for problem in _problems(parts) if problem.where not in shown]
        steps.note_problems()
        pictures = len(shown)
        cosines = (part.manifest.facts.get("near_duplicates") for part in parts)
        draft.commit(
            {
                "origins": origins,
                "works": len(catalog),
                "pictures": pictures,
                "image_encoder": name or None,
                # a share may be without a single picture, and so say that its vectors read no words
                "reads_words": any(part.manifest.facts.get("reads_words") for part in parts),
                "near_duplicates": next(filter(None, cosines), None),
                "store": kind,
                "problems": len(steps.problems),
                "command": shlex.join(["ham", "merge", *(str(part.root.absolute()) for part in parts)]),
            }
        )
    return BuildReport(workspace.root, len(catalog), pictures, tuple(steps.problems), steps.seconds)


def _joined(catalogs: Sequence[Catalog]) -> Catalog:
    read = {item_id: picture for one in catalogs for item_id, picture in one.picture_hashes().items()}
    return reduce(Catalog.merged, catalogs).with_thumbnails(read)


def _copy_thumbnails(part: Workspace, catalog: Catalog, workspace: Workspace) -> None:
    for name in catalog.pictures().thumbnails:
        target = workspace.path(name)
        if not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            partial_copy = target.with_suffix(".partial")
            shutil.copyfile(part.path(name), partial_copy)
            partial_copy.replace(target)


def _embeddings(parts: Sequence[Workspace], catalog: Catalog, folder: Path) -> tuple[str, Embeddings | None]:
    """Return the name of the encoder and the vectors of all parts, sorted by ``item_id``."""
    held = {part: _vectors(part) for part in parts if part.manifest.facts.get("image_encoder")}
    if not held:
        return "", None
    (first, (name, vectors)), *_ = held.items()
    for part, (_, others) in held.items():
        if not comparable(others.model_id, vectors.model_id):
            raise ArtifactMismatchError(
                f"{part.root} was encoded with {others.model_id!r}, {first.root} with {vectors.model_id!r}. "
                "Build them with the same --image-encoder."
            )
    every = [embeddings for _, embeddings in held.values()]
    shards = Shards(folder, vectors.model_id, vectors.vectors.shape[1], earlier=every)
    hashes = {item_id: content for item_id, (_, content) in catalog.picture_hashes().items()}
    return name, shards.embeddings(
        {item_id: content for item_id, content in hashes.items() if content in shards}
    )


def _vectors(part: Workspace) -> tuple[str, Embeddings]:
    name = str(part.manifest.facts["image_encoder"])
    return name, load_embeddings(name, model_of(part.manifest.files.get, name), part.checked)


def _problems(parts: Sequence[Workspace]) -> list[Problem]:
    found = (json.loads(part.checked(PROBLEMS).read_bytes()) for part in parts)
    return list(dict.fromkeys(Problem(**problem) for problems in found for problem in problems))
