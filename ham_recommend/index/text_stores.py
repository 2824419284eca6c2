"""Databases that hold a collection's texts: which there are, and how one is filled and opened."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ham_recommend.catalog.catalog import Catalog
from ham_recommend.errors import (
    ArtifactMismatchError,
    ArtifactMissingError,
    DimensionError,
    SettingsError,
)
from ham_recommend.index._text_files import reading
from ham_recommend.index._text_known import KNOWN, SPACE, Known, TextRows
from ham_recommend.index.milvus_texts import MilvusTexts
from ham_recommend.index.stores import Filled, held_otherwise, remembered, tags_of
from ham_recommend.index.text_index import TextIndex
from ham_recommend.index.text_search import TextSearch
from ham_recommend.index.texts_elsewhere import TextsElsewhere
from ham_recommend.manifest import FileEntry
from ham_recommend.workspace import Workspace

HERE = "files"
"""What ``--text-store`` says for texts that lie in files of the collection."""
_SCHEMES = ("milvus", "milvus+lite")


def check_text_store(store: str) -> None:
    """Refuse what cannot hold texts.

    Raises
    ------
    SettingsError
        It is neither :data:`HERE` nor the address of a database that searches by words.
    """
    scheme, colon, _ = store.partition(":")
    if store != HERE and not (colon and scheme in _SCHEMES):
        known = [HERE, *(f"{name}://" for name in _SCHEMES)]
        raise SettingsError.unknown("store of texts", f"{scheme}://" if colon else store, known)


def address_of(store: str) -> str:
    """Return the address of a store of texts that somebody named; empty for files."""
    return "" if store == HERE else store


def remembered_texts(store: str) -> str:
    """Return what a collection writes down of the address of its texts; empty for files.

    Raises
    ------
    SettingsError
        No texts can be there.
    """
    if not store:
        return ""
    check_text_store(store)
    return remembered(store)


def texts_in(files: Mapping[str, FileEntry]) -> str:
    """Return where a manifest, perhaps a stranger's, says that texts are; empty where files hold them.

    Raises
    ------
    SettingsError
        No texts can be there.
    """
    return remembered_texts(str(files[KNOWN].settings.get("store", ""))) if KNOWN in files else ""


def space_in(files: Mapping[str, FileEntry]) -> str:
    """Return what a collection's space of meanings is called, by its content; empty where there is none."""
    return files[SPACE].sha256[:16] if SPACE in files else ""


def open_text_store(url: str, collection: str, space: str, dim: int, *, create: bool = False) -> MilvusTexts:
    """Open the texts of a collection in a database.

    Parameters
    ----------
    url, dim, create
        As in :meth:`MilvusTexts.open`.
    collection : str
        Its name.
    space : str
        As from :func:`space_in`.
    """
    return MilvusTexts.open(url, f"{collection}.texts@{space}", dim, create=create)


def fill_texts(store: MilvusTexts, rows: TextRows, known: Known, catalog: Catalog) -> Filled:
    """Make a database hold exactly these texts: write what is new or changed, delete what is gone.

    Parameters
    ----------
    store : MilvusTexts
        Filled before or not.
    rows : TextRows
        Every text of one collection.
    known : Known
        As :meth:`TextRows.known` returns it.
    catalog : Catalog
        What its works are filtered by.
    """
    held, _ = store.contents()
    gone = held.keys() - set(known.item_ids.tolist())
    if gone:
        store.delete(gone)
    pairs = zip(known.item_ids.tolist(), known.contents.tolist(), strict=True)
    wanted = np.array([held.get(item_id) != content for item_id, content in pairs], dtype=np.bool_)
    return _written(store, rows, wanted, catalog, len(gone))


def add_texts(store: MilvusTexts, rows: TextRows, known: Known, catalog: Catalog) -> Filled:
    """Write the texts that a database does not hold yet: nobody who answers for the state before sees them.

    Parameters are those of :func:`fill_texts`.
    """
    held, _ = store.contents()
    new = np.array([item_id not in held for item_id in known.item_ids.tolist()], dtype=np.bool_)
    return _written(store, rows, new, catalog, 0)


def _written(store: MilvusTexts, rows: TextRows, wanted: np.ndarray, catalog: Catalog, gone: int) -> Filled:
    places = np.flatnonzero(wanted)
    if len(places):
        store.write(rows.of(places), tags_of(catalog))
    if gone or len(places):
        store.optimise()
    return Filled(len(places), gone)


def open_texts(workspace: Workspace, catalog: Catalog, asked: str | None = None) -> TextSearch:
    """Return what searches a collection's texts; a database is opened when it is first asked.

    Parameters
    ----------
    workspace : Workspace
        The collection.
    catalog : Catalog
        What its works are filtered by.
    asked : str or None
        The address of a database, or :data:`HERE`; ``None`` for where they were built for.

    Raises
    ------
    ArtifactError
        A file is missing or damaged.
    SettingsError
        No texts can be there.
    """
    if asked is not None:
        check_text_store(asked)
    url = texts_in(workspace.manifest.files) if asked is None else address_of(asked)
    if not url:
        return TextIndex.load(workspace.checked)
    with reading():
        known, space = Known.load(workspace.checked)

        def opened() -> MilvusTexts:
            return _open_filled(url, workspace, known, space.shape[1], catalog)

        return TextSearch(TextsElsewhere(known, space, opened))


def _open_filled(url: str, workspace: Workspace, known: Known, dim: int, catalog: Catalog) -> MilvusTexts:
    """Open a database for the texts that are known here.

    It may hold more, and the newer texts of some: a build may be filling it for the next state.

    Raises
    ------
    ArtifactMismatchError
        It holds others, or none; the message names the command that fills it.
    """
    try:
        space = space_in(workspace.manifest.files)
        store = open_text_store(url, workspace.name, space, dim)
        try:
            held, marks = store.contents()
            _check(known, held)
            store.expect(tags_of(catalog), marks)
        except BaseException:
            store.close()
            raise
    except (ArtifactMissingError, ArtifactMismatchError, DimensionError) as error:
        raise held_otherwise(url, "the texts", workspace, "--text-store", error) from error
    return store


def _check(known: Known, held: dict[str, int]) -> None:
    lacking = [item_id for item_id in known.item_ids.tolist() if item_id not in held]
    if lacking:
        raise ArtifactMismatchError(f"it lacks {len(lacking):,} of {len(known.item_ids):,} works")
    pairs = zip(known.item_ids.tolist(), known.contents.tolist(), strict=True)
    others = sum(held[item_id] != content for item_id, content in pairs)
    if 2 * others > len(known.item_ids):
        raise ArtifactMismatchError("it holds other texts than the collection")
