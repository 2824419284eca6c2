"""Step 4, catalog and vectors → ``4-index/``: the text index, and one picture index per encoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ham_recommend.builder.run import Bar, Run, counted, readable
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.catalog.changes import compared
from ham_recommend.catalog.tags import Tags
from ham_recommend.index.addresses import is_url
from ham_recommend.index.base import TaggedStore, VectorStore
from ham_recommend.index.choice import AUTO, chosen
from ham_recommend.index.stores import add_new, file_store, fill_store, open_store, tags_of, vectors_name
from ham_recommend.index.text_index import TextIndex
from ham_recommend.records import Embeddings
from ham_recommend.vectors import file_names, load_embeddings, read_array
from ham_recommend.workspace import CATALOG, INDEX, WORKS


def write_text_index(run: Run, encoder: str | None) -> None:
    """Index the documents of the works, unless they are as they were.

    Parameters
    ----------
    run : Run
        The build.
    encoder : str or None
        The set of vectors of pictures that tell what works mean that say next to nothing, if there is one.
    """
    seen = encoder if encoder is not None and file_names(encoder)[0] in run.draft.files else None
    made_from: dict[str, Any] = {
        "settings": {"method": TextIndex.METHOD, **({"pictures": seen} if seen else {})},
        "parents": run.draft.sha256(WORKS, *(file_names(seen) if seen else ())),
    }
    works = run.works()
    if run.draft.keep(*TextIndex.FILES, **made_from):
        kept = readable(lambda: _of(works, run.draft.made))
        if kept is not None:
            return
    with run.step("text index", "Indexing texts", len(works)) as bar:
        pictures = load_embeddings(seen, model_of(run, seen), run.draft.made) if seen else None
        previous = readable(lambda: _earlier(run))
        index = _built(run, works, previous, pictures, bar)
        bar.set_postfix_str("writing")
        write = partial(run.draft.write, **made_from)
        if previous is not None and index.adds_to(previous):
            run.draft.carry(*TextIndex.BASE, **made_from)
            index.save_since(write)
        else:
            index.save(write)
        bar.set_postfix_str("")


def _built(
    run: Run, works: Catalog, previous: TextIndex | None, pictures: Embeddings | None, bar: Bar
) -> TextIndex:
    """Index works; of those that an earlier index has as they are the documents are not made again."""
    unchanged = new = None
    before = None if previous is None else readable(run.works_before)
    if previous is not None and before is not None and _is_of(previous, before, run):
        unchanged, new = compared(before, works)
    return TextIndex.build(
        counted(works.documents(new), bar.update),
        previous=previous,
        unchanged=unchanged,
        pictures=pictures,
        progress=bar.set_postfix_str,
    )


def _is_of(index: TextIndex, works: Catalog, run: Run) -> bool:
    """Return whether an index was made of the works as they stood."""
    entry = run.draft.before.files[TextIndex.SINCE]
    return entry.parents.get(WORKS) == run.draft.before.files[WORKS].sha256 and np.array_equal(
        index.item_ids, works.item_ids
    )


def _earlier(run: Run) -> TextIndex:
    """Return the text index that stands; where works are added, only what that takes is read of it."""
    if run.adds:
        return TextIndex.load_to_add({name: run.draft.standing(name) for name in TextIndex.FILES}.__getitem__)
    paths = {name: run.draft.committed(name) for name in TextIndex.FILES}
    return TextIndex.load(paths.__getitem__)


def _of(catalog: Catalog, path_of: Callable[[str], Path]) -> TextIndex | None:
    """Return the text index of these works; ``None`` where it is of others."""
    index = TextIndex.load(path_of)
    return index if np.array_equal(index.item_ids, catalog.item_ids) else None


def settled_store(run: Run, name: str, store: str) -> str:
    """Return which store a set of vectors goes into; where it was left to us, the build notes what and why.

    Parameters
    ----------
    run : Run
        The build, its vectors written.
    name : str
        What the set of vectors is called.
    store : str
        As somebody chose it, perhaps ``"auto"``.
    """
    if store != AUTO:
        return store
    file = file_names(name)[0]
    if file not in run.draft.files:
        return chosen(0, 0).kind
    choice = chosen(*read_array(run.draft.made(file), np.float32, axes=2).shape)
    run.notes.append(choice.why)
    return choice.kind


def write_picture_index(run: Run, name: str, store: str) -> None:
    """Put a set of vectors into a store and write it; where there are no vectors any more, remove it.

    Parameters
    ----------
    run : Run
        The build.
    name : str
        What the set of vectors is called.
    store : str
        Its kind; one of another kind is replaced. One behind an address is filled by
        :func:`prepare_stores` and, once the build is committed, :func:`fill_stores`.
    """
    run.draft.remove(*picture_indexes(run, name))
    if is_url(store) or file_names(name)[0] not in run.draft.files:
        return
    store_class = file_store(store)
    file = store_class.file_name(name)
    embeddings = load_embeddings(name, model_of(run, name), run.draft.made)
    made_from: dict[str, Any] = {
        "settings": {"kind": store, "model_id": embeddings.model_id},
        "parents": run.draft.sha256(*file_names(name)),
    }
    if run.draft.keep(file, **made_from):
        kept = readable(lambda: store_class.load(run.draft.made(file), embeddings))
        if kept is not None:
            return
    with run.step("picture index", "Indexing pictures", len(embeddings)) as bar:
        filled = store_class(embeddings.vectors.shape[1])
        filled.upsert(embeddings)
        with run.draft.write(file, rows=len(embeddings), **made_from) as path:
            filled.save(path)
        bar.update(len(embeddings))


def prepare_stores(run: Run, addresses: Mapping[str, str]) -> None:
    """Put new works into the stores behind addresses, before they count; nobody sees them yet.

    Parameters
    ----------
    run : Run
        The build, about to be committed.
    addresses : mapping of str to str
        Set of vectors → the address of its store.

    Raises
    ------
    StoreUnavailableError
        One does not answer; the same build goes on from here.
    """
    for name, url in addresses.items():
        if file_names(name)[0] in run.draft.files:
            embeddings = load_embeddings(name, model_of(run, name), run.draft.made)
            _fill(run, name, url, embeddings, catalog=run.draft.made(CATALOG), how=add_new)


def fill_stores(run: Run, addresses: Mapping[str, str]) -> None:
    """Make the stores behind addresses hold what has been committed, and nothing else.

    Parameters
    ----------
    run : Run
        The build, committed.
    addresses : mapping of str to str
        Set of vectors → the address of its store.

    Raises
    ------
    StoreUnavailableError
        One does not answer; the same build goes on from here.
    """
    facts = run.workspace.manifest.facts
    for name, url in addresses.items():
        if name in facts.encoders:
            embeddings = load_embeddings(name, facts.encoders[name].model_id, run.workspace.checked)
            _fill(run, name, url, embeddings, catalog=run.workspace.checked(CATALOG), how=fill_store)


def _fill(
    run: Run,
    name: str,
    url: str,
    embeddings: Embeddings,
    *,
    catalog: Path,
    how: Callable[[VectorStore, Embeddings, Tags | None], object],
) -> None:
    with run.step("picture index", "Filling the store", len(embeddings)) as bar:
        dim = embeddings.vectors.shape[1]
        with closing(open_store(url, vectors_name(run.workspace.name, name), dim, create=True)) as store:
            tags = tags_of(Catalog.read(catalog)) if isinstance(store, TaggedStore) else None
            how(store, embeddings, tags)
        bar.update(len(embeddings))


def picture_indexes(run: Run, name: str) -> list[str]:
    """Return the files of the picture indexes of a set of vectors that stand now, of whatever kind."""
    return [file for file in run.draft.before.files if file.startswith(f"{INDEX}/{name}.")]


def model_of(run: Run, name: str) -> str:
    """Return the ``model_id`` of what made a set of vectors of this build."""
    return str(run.draft.files[file_names(name)[0]].settings["model_id"])
