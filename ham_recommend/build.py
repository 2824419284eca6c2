"""Run steps 1 to 4 into a workspace: read the source, clean it, encode it, index it.

Only what is stale is done again, and a build that was killed goes on where it was. Whatever happens, the
workspace shows either the state before or the state after, never a mixture.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tqdm.auto import tqdm

from ham_recommend import registry
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.catalog.pictures import make_thumbnails
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.encode.batch import Picture, encode_pictures
from ham_recommend.encode.embeddings import file_names, load_embeddings, save_embeddings
from ham_recommend.errors import ArtifactError
from ham_recommend.index.text_index import TextIndex
from ham_recommend.records import Artwork, Embeddings, Problem
from ham_recommend.sources.base import Source
from ham_recommend.workspace import CATALOG, INDEX, PICTURES, RAW, Draft, Workspace

PROBLEMS = "2-catalog/problems.json"
T = TypeVar("T")
Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Parameters
    ----------
    workspace : Path
        The collection's folder.
    works : int
        How many works the catalog holds.
    pictures : int
        How many of them have a picture vector.
    problems : tuple of Problem
        Every record and picture that was left out, with the reason.
    seconds : mapping of str to float
        Step → wall time; a step that was fresh is not named.
    """

    workspace: Path
    works: int
    pictures: int
    problems: tuple[Problem, ...]
    seconds: Mapping[str, float]


def build(
    source: Source,
    out: str | os.PathLike[str],
    *,
    image_encoder: str | None = "style",
    store: str = "flat",
    add: bool = False,
    progress: bool = True,
) -> BuildReport:
    """Turn a source into a collection that can be searched.

    Parameters
    ----------
    source : Source
        Where the records come from.
    out : path-like
        The collection's folder; an existing collection is brought up to date.
    image_encoder : str or None
        A name from the registry, or ``None`` (or ``"none"``) for a collection without picture vectors.
    store : str
        How picture vectors are kept: ``"flat"`` (exact), ``"fp16"``, ``"hnsw"``, ``"ivf"`` or ``"exact"``.
    add : bool
        Keep the works that are there already, and add or replace those of the source.
    progress : bool
        Show a progress bar for each step on standard error.

    Returns
    -------
    BuildReport
        What was done and what was left out.

    Raises
    ------
    SettingsError
        An unknown encoder or store.
    SourceError
        The source cannot be read; the collection stays as it was.
    ArtifactError
        The folder cannot be written, or another build is at work in it.
    """
    encoder_name = "" if image_encoder in (None, "none") else str(image_encoder)
    encoder: ImageEncoder | None = registry.load("encoder", encoder_name)() if encoder_name else None
    registry.load("store", store)
    workspace = Workspace(out)
    with workspace.draft() as draft:
        steps = _Steps(workspace, draft, shown=progress)
        catalog = steps.catalog(source, add=add)
        steps.text_index(catalog)
        vectors = 0 if encoder is None else steps.picture_index(catalog, encoder_name, encoder, store)
        steps.note_problems()
        draft.commit(
            {
                "source": source.name,
                "settings": dict(source.settings()),
                "works": len(catalog),
                "pictures": vectors,
                "image_encoder": encoder_name if vectors else None,
                "store": store,
                "problems": len(steps.problems),
                "command": f"ham build {source.name} … --out {shlex.quote(str(workspace.root))}",
            }
        )
        _remove_unused_thumbnails(workspace, catalog)
    return BuildReport(workspace.root, len(catalog), vectors, tuple(steps.problems), steps.seconds)


class _Steps:
    """One run over one draft; each method is a step, and keeps what is fresh."""

    def __init__(self, workspace: Workspace, draft: Draft, *, shown: bool) -> None:
        self.workspace = workspace
        self.draft = draft
        self.shown = shown
        self.problems: list[Problem] = []
        self.seconds: dict[str, float] = {}

    def catalog(self, source: Source, *, add: bool) -> Catalog:
        """Take steps 1 and 2: records → catalog and thumbnails."""
        source.settle(self.workspace.path(RAW) / source.name)
        previous = self._newest(lambda: Catalog.read(self.draft.checked(CATALOG)))
        if previous and not add and self._catalog_is_fresh(source, previous):
            return previous
        catalog = self._with_thumbnails(self._read(source, previous))
        if add and previous:
            catalog = previous.merged(catalog)  # whose own thumbnails stay, wherever the originals are by now
        settings = {"added": True} if add else _catalog_settings(source, catalog)
        with self.draft.write(CATALOG, rows=len(catalog), settings=settings) as path:
            catalog.write(path)
        return catalog

    def _catalog_is_fresh(self, source: Source, previous: Catalog) -> bool:
        """Whether source and picture files are as they were; what was left out may have been mended since."""
        left_out = self._newest(lambda: json.loads(self.draft.checked(PROBLEMS).read_bytes()))
        if left_out != [] or source.fingerprint() is None:
            return False
        return self.draft.keep(CATALOG, settings=_catalog_settings(source, previous), parents={})

    def _read(self, source: Source, previous: Catalog | None) -> Catalog:
        with self._step("catalog", "Reading records", source.count()) as advance:
            catalog = Catalog.from_records(_counted(source.fetch(), advance), previous=previous)
            self.problems += source.problems
            return catalog

    def _with_thumbnails(self, catalog: Catalog) -> Catalog:
        local = [work for work in catalog if _is_local(work)]
        if not local:
            return catalog
        with self._step("thumbnails", "Making thumbnails", len(local)) as advance:
            thumbnails = make_thumbnails(local, self.workspace.root, progress=advance)
            self.problems += thumbnails.problems
            return catalog.with_thumbnails(thumbnails.made)

    def text_index(self, catalog: Catalog) -> None:
        """Take steps 3 and 4 for texts: documents → text index."""
        made_from: dict[str, Any] = {
            "settings": {"method": TextIndex.METHOD},
            "parents": self._parents(CATALOG),
        }
        if self._all_kept(TextIndex.FILES, **made_from):
            return
        with self._step("text index", "Indexing texts", len(catalog)) as advance:
            previous = self._newest(lambda: TextIndex.load(self.draft.checked))
            index = TextIndex.build(_counted(catalog.documents(), advance), previous=previous)
            index.save(partial(self.draft.write, **made_from))

    def picture_index(self, catalog: Catalog, name: str, encoder: ImageEncoder, kind: str) -> int:
        """Take steps 3 and 4 for pictures: thumbnails → embeddings → store; return how many there are."""
        shown = catalog.pictures()
        if not len(shown):
            return 0
        made_from: dict[str, Any] = {
            "settings": {"model_id": encoder.model_id},
            "parents": self._parents(CATALOG),
        }
        if not self._all_kept(file_names(name), **made_from):
            pictures = [
                Picture(item_id, self.workspace.path(thumbnail), digest)
                for item_id, thumbnail, digest in zip(
                    shown.item_ids.tolist(), shown.thumbnails, shown.digests, strict=True
                )
            ]
            with self._step("pictures", "Encoding pictures", len(pictures)) as advance:
                previous = self._newest(lambda: self._embeddings(name))
                embeddings, problems = encode_pictures(encoder, pictures, previous=previous, progress=advance)
                self.problems += problems
                save_embeddings(embeddings, name, partial(self.draft.write, **made_from))
        embeddings = self._embeddings(name)
        self._store(embeddings, name, kind)
        return len(embeddings)

    def _store(self, embeddings: Embeddings, encoder: str, kind: str) -> None:
        name = f"{INDEX}/{encoder}.{kind}.faiss"
        made_from: dict[str, Any] = {
            "settings": {"kind": kind, "model_id": embeddings.model_id},
            "parents": self._parents(*file_names(encoder)),
        }
        if self.draft.keep(name, **made_from):
            return
        with self._step("picture index", "Indexing pictures", len(embeddings)) as advance:
            store = registry.load("store", kind)(embeddings.vectors.shape[1], kind)
            store.upsert(embeddings)
            with self.draft.write(name, rows=len(embeddings), **made_from) as path:
                store.save(path)
            advance(len(embeddings))

    def _embeddings(self, encoder: str) -> Embeddings:
        entry = self.draft.entry(file_names(encoder)[0])
        model_id = str(entry.settings.get("model_id")) if entry else ""
        return load_embeddings(encoder, model_id, self.draft.checked)

    def note_problems(self) -> None:
        """Write down what was left out, unless this run found everything fresh and has nothing to add."""
        if not self.seconds and self.draft.keep(PROBLEMS, settings={}, parents={}):
            return
        with self.draft.write(PROBLEMS, rows=len(self.problems)) as path:
            content = [asdict(problem) for problem in self.problems]
            path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")

    def _parents(self, *names: str) -> dict[str, str]:
        return {name: self.draft.sha256(name) for name in names}

    def _all_kept(
        self, names: Iterable[str], *, settings: Mapping[str, Any], parents: Mapping[str, str]
    ) -> bool:
        return all(self.draft.keep(name, settings=settings, parents=parents) for name in names)

    def _newest(self, read: Callable[[], T]) -> T | None:
        """Return what an earlier build made, as far as it can be read."""
        try:
            return read()
        except (ArtifactError, OSError, ValueError):
            return None

    @contextmanager
    def _step(self, name: str, shown_as: str, total: int | None) -> Iterator[Progress]:
        start = time.perf_counter()
        with tqdm(desc=shown_as, total=total, disable=not self.shown, unit="", leave=True) as bar:
            yield bar.update
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def _catalog_settings(source: Source, catalog: Catalog) -> dict[str, Any]:
    """Return what a catalog depends on besides the code."""
    return {
        "source": source.name,
        "settings": dict(source.settings()),
        "fingerprint": source.fingerprint(),
        "pictures": _state_of_files(work.picture for work in catalog if _is_local(work)),
    }


def _is_local(work: Artwork) -> bool:
    return bool(work.picture) and not work.picture.lower().startswith(("http:", "https:"))


def _state_of_files(paths: Iterable[str]) -> str:
    """Return a digest of the sizes and times of files."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            stat = Path(path).stat()
            digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
        except OSError:
            digest.update(f"{path}\0gone\n".encode())
    return digest.hexdigest()


def _counted(records: Iterable[T], advance: Progress) -> Iterator[T]:
    for record in records:
        yield record
        advance(1)


def _remove_unused_thumbnails(workspace: Workspace, catalog: Catalog) -> None:
    used = {workspace.path(name) for name in catalog.pictures().thumbnails}
    for path in workspace.path(PICTURES).glob("*/*"):
        if path not in used:
            path.unlink(missing_ok=True)
