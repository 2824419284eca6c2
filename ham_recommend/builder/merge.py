"""Join what several machines made of one collection, each with its share of the pictures."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial, reduce
from pathlib import Path
from typing import Any

from ham_recommend.builder.build import BuildReport
from ham_recommend.builder.facts import PROBLEMS, facts_of, write_problems
from ham_recommend.builder.indexes import (
    fill_stores,
    picture_indexes,
    prepare_stores,
    settled_store,
    write_picture_index,
    write_text_index,
)
from ham_recommend.builder.pictures import write_catalog
from ham_recommend.builder.removal import sweep
from ham_recommend.builder.run import Run
from ham_recommend.builder.sentences import merge_sentences
from ham_recommend.builder.texts import fill_text_store, prepare_texts, write_known_texts
from ham_recommend.builder.works import as_json, warn_of_stale
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.catalog.thumbnails import ThumbnailFolder, Thumbnails
from ham_recommend.encode.base import comparable
from ham_recommend.encode.failures import FAILURES
from ham_recommend.encode.journal import VectorJournal
from ham_recommend.errors import ArtifactMismatchError, DataWarning, SettingsError
from ham_recommend.index.addresses import is_url
from ham_recommend.index.stores import check_store, remembered
from ham_recommend.index.text_stores import texts_in
from ham_recommend.manifest import EncoderFacts, PastBuild, joined
from ham_recommend.records import Problem
from ham_recommend.vectors import file_names, load_embeddings, save_embeddings
from ham_recommend.workspace import EMBEDDINGS, THUMBNAILS, WORKS, Workspace


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
    whose picture was read counts. Vectors are joined of the encoders that every collection with vectors has.

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
    if store is not None:
        check_store(store)
    parts = [Workspace(path) for path in workspaces]
    if not parts:
        raise SettingsError("There is nothing to merge. Name the collections to join.")
    if any(part.root.resolve() == Path(out).resolve() for part in parts):
        raise SettingsError(f"{out} cannot be merged into itself. Give the result a folder of its own.")
    for part in parts:
        warn_of_stale(part, part.manifest.facts.origins)
    encoders = _encoders(parts, store)
    workspace = Workspace(out)
    with workspace.draft() as draft:
        run = Run(workspace, draft, shown=progress)
        for name in draft.before.facts.encoders:
            draft.remove(*file_names(name), *picture_indexes(run, name))
        draft.remove(FAILURES)
        _write_works(run, parts)
        _write_thumbnails(run, parts)
        write_catalog(run)
        for name in encoders:
            _write_vectors(run, parts, name)
        merge_sentences(run, parts)
        write_text_index(run, next(iter(encoders), None))
        texts = texts_in(draft.before.files)
        write_known_texts(run, texts)
        encoders = {
            name: replace(made, store=settled_store(run, name, made.store)) for name, made in encoders.items()
        }
        for name, encoder in encoders.items():
            write_picture_index(run, name, encoder.store)
        facts = facts_of(run, encoders, next(iter(encoders), None))
        run.problems += _problems(parts, run, facts.encoder)
        write_problems(run)
        command = shlex.join(["ham", "merge", *(str(part.root.absolute()) for part in parts)])
        build = PastBuild(command, facts.encoder or "")
        addresses = {name: store or made.store for name, made in encoders.items() if is_url(made.store)}
        prepare_stores(run, addresses)
        prepare_texts(run, texts)
        draft.commit(replace(facts, problems=len(run.problems), builds=(build,)))
        sweep(workspace)
        fill_stores(run, addresses)
        fill_text_store(run, texts)
    pictures = facts.default.pictures if facts.default else 0
    return BuildReport(
        workspace.root,
        facts.works,
        pictures,
        tuple(run.problems),
        run.seconds,
        0,
        facts.origins,
        tuple(run.notes),
    )


def _encoders(parts: Sequence[Workspace], store: str | None) -> dict[str, EncoderFacts]:
    """Return the encoders that every collection with vectors has, the first one's own choice first."""
    held = [part for part in parts if part.manifest.facts.encoders]
    if not held:
        return {}
    first, *others = held
    facts = first.manifest.facts
    common = {name: made for name, made in facts.encoders.items() if all(map(partial(_has, name), held))}
    for part in others:
        _check_comparable(first, part, common)
    for name in sorted({name for part in held for name in part.manifest.facts.encoders} - common.keys()):
        lack = f"Not every collection has vectors of {name}, so they were left out."
        warnings.warn(f"{lack} Build those that lack them, then merge again.", DataWarning, stacklevel=3)
    chosen_first = sorted(common, key=lambda name: name != facts.encoder)
    return {
        name: replace(common[name], store=remembered(store or common[name].store)) for name in chosen_first
    }


def _has(name: str, part: Workspace) -> bool:
    return name in part.manifest.facts.encoders


def _check_comparable(first: Workspace, part: Workspace, common: Iterable[str]) -> None:
    """Refuse collections that have no encoder in common, or different models of one."""
    ours, theirs = first.manifest.facts.encoders, part.manifest.facts.encoders
    for name in list(common) or sorted(ours):
        if name not in theirs or not comparable(ours[name].model_id, theirs[name].model_id):
            raise ArtifactMismatchError(
                f"{part.root} was encoded with {_models(theirs)}, {first.root} with {_models(ours)}. "
                "Build them with the same --image-encoder."
            )


def _models(encoders: Mapping[str, EncoderFacts]) -> str:
    return " and ".join(repr(made.model_id) for made in encoders.values())


def _write_works(run: Run, parts: Sequence[Workspace]) -> None:
    works = reduce(Catalog.merged, (Catalog.read(part.checked(WORKS)) for part in parts))
    origins = joined(origin for part in parts for origin in part.manifest.facts.origins)
    settings = {"merged": len(parts), "origins": as_json(origins)}
    with run.draft.write(WORKS, rows=len(works), settings=settings) as path:
        works.write(path)
    run.remember(works)


def _write_thumbnails(run: Run, parts: Sequence[Workspace]) -> None:
    tables = {part: Thumbnails.read(part.checked(THUMBNAILS)) for part in parts}
    for part, thumbnails in tables.items():
        _copy(part, thumbnails, run.workspace)
    joint = Thumbnails.of(row for thumbnails in tables.values() for row in thumbnails)
    made_from: dict[str, Any] = {"settings": {"merged": len(parts)}, "parents": run.draft.sha256(WORKS)}
    with run.draft.write(THUMBNAILS, rows=len(joint), **made_from) as path:
        joint.write(path)


def _copy(part: Workspace, thumbnails: Thumbnails, workspace: Workspace) -> None:
    """Copy the thumbnails of a part that are not there yet, or not as they were written."""
    there = ThumbnailFolder(workspace.root, thumbnails.digests())
    for content in thumbnails.digests():
        if not there.digest(content):
            target = there.path(content)
            target.parent.mkdir(parents=True, exist_ok=True)
            copy = target.with_name(f"{target.name}.{os.getpid()}.partial")
            shutil.copyfile(part.own(there.name(content)), copy)
            copy.replace(target)


def _write_vectors(run: Run, parts: Sequence[Workspace], name: str) -> None:
    """Join the vectors of all parts that one encoder made."""
    every = [
        load_embeddings(name, part.manifest.facts.encoders[name].model_id, part.checked)
        for part in parts
        if _has(name, part)
    ]
    first = every[0]
    folder = run.draft.own(f"{EMBEDDINGS}/{name}.merging")
    journal = VectorJournal(folder, first.model_id, first.vectors.shape[1], earlier=every)
    contents = Thumbnails.read(run.draft.made(THUMBNAILS)).contents()
    known = {item_id: content for item_id, content in contents.items() if content in journal}
    lacking = len(contents) - len(known)
    settings = {"model_id": first.model_id, **({"lacking": lacking} if lacking else {})}
    made_from: dict[str, Any] = {"settings": settings, "parents": run.draft.sha256(THUMBNAILS)}
    save_embeddings(journal.embeddings(known), name, partial(run.draft.write, **made_from))


def _problems(parts: Sequence[Workspace], run: Run, encoder: str | None) -> list[Problem]:
    """Return what was left out of every part, but for the pictures that another part has."""
    found = (json.loads(part.checked(PROBLEMS).read_bytes()) for part in parts)
    problems = dict.fromkeys(Problem(**problem) for listed in found for problem in listed)
    shown: set[str] = set()
    if encoder is not None:
        shown = set(load_embeddings(encoder, "", run.draft.made).item_ids.tolist())
    return [problem for problem in problems if problem.where not in shown]
