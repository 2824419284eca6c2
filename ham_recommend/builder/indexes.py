"""Step 4, catalog and vectors → ``4-index/``: the text index, and one picture index per encoder."""

from __future__ import annotations

from functools import partial
from typing import Any

from ham_recommend import registry
from ham_recommend.builder.run import Run, counted, readable
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.index.text_index import TextIndex
from ham_recommend.vectors import file_names, index_name, load_embeddings
from ham_recommend.workspace import CATALOG, INDEX


def write_text_index(run: Run) -> None:
    """Index the documents of the catalog, unless they are as they were."""
    made_from: dict[str, Any] = {
        "settings": {"method": TextIndex.METHOD},
        "parents": run.draft.sha256(CATALOG),
    }
    if run.draft.keep(*TextIndex.FILES, **made_from):
        return
    catalog = Catalog.read(run.draft.made(CATALOG))
    with run.step("text index", "Indexing texts", len(catalog)) as bar:
        previous = readable(lambda: _earlier(run))
        documents = counted(catalog.documents(), bar.update)
        index = TextIndex.build(documents, previous=previous, progress=bar.set_postfix_str)
        bar.set_postfix_str("writing")
        index.save(partial(run.draft.write, **made_from))
        bar.set_postfix_str("")


def _earlier(run: Run) -> TextIndex:
    """Return the text index that stands, every file of it whole: some are read only when they are needed."""
    paths = {name: run.draft.committed(name) for name in TextIndex.FILES}
    return TextIndex.load(paths.__getitem__)


def write_picture_index(run: Run, name: str, kind: str) -> None:
    """Put a set of vectors into a store and write it; where there are no vectors any more, remove it.

    Parameters
    ----------
    run : Run
        The build.
    name : str
        What the set of vectors is called.
    kind : str
        The store's registered name; a store of another kind is replaced.
    """
    file = index_name(name, kind)
    run.draft.remove(*picture_indexes(run, name))
    if file_names(name)[0] not in run.draft.files:
        return
    embeddings = load_embeddings(name, model_of(run, name), run.draft.made)
    made_from: dict[str, Any] = {
        "settings": {"kind": kind, "model_id": embeddings.model_id},
        "parents": run.draft.sha256(*file_names(name)),
    }
    if run.draft.keep(file, **made_from):
        return
    with run.step("picture index", "Indexing pictures", len(embeddings)) as bar:
        store = registry.load("store", kind)(embeddings.vectors.shape[1], kind)
        store.upsert(embeddings)
        with run.draft.write(file, rows=len(embeddings), **made_from) as path:
            store.save(path)
        bar.update(len(embeddings))


def picture_indexes(run: Run, name: str) -> list[str]:
    """Return the files of the picture indexes of a set of vectors that stand now, of whatever kind."""
    return [file for file in run.draft.before.files if file.startswith(f"{INDEX}/{name}.")]


def model_of(run: Run, name: str) -> str:
    """Return the ``model_id`` of what made a set of vectors of this build."""
    return str(run.draft.files[file_names(name)[0]].settings["model_id"])
