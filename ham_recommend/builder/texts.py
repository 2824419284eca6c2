"""Step 4 for texts that are searched in a database: what answering needs of them here, and filling it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from ham_recommend.builder.run import Run, readable
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.index._text_known import KNOWN, Known, TextRows
from ham_recommend.index.milvus_texts import MilvusTexts
from ham_recommend.index.stores import Filled, tags_of
from ham_recommend.index.text_index import TextIndex
from ham_recommend.index.text_stores import add_texts, fill_texts, open_text_store, remembered_texts, space_in
from ham_recommend.workspace import CATALOG

PathOf = Callable[[str], Path]
Fill = Callable[[MilvusTexts, TextRows, Known, Catalog], Filled]


def write_known_texts(run: Run, store: str) -> None:
    """Write what answering needs of the texts; where files answer, remove it.

    Parameters
    ----------
    run : Run
        The build, which has indexed them.
    store : str
        The address of the database that is to hold them; empty where files do.
    """
    if not store:
        run.draft.remove(KNOWN)
        return
    made_from: dict[str, Any] = {
        "settings": {"method": TextIndex.METHOD, "store": remembered_texts(store)},
        "parents": run.draft.sha256(CATALOG, *TextIndex.FILES),
    }
    if run.draft.keep(KNOWN, **made_from) and readable(lambda: Known.load(run.draft.made)) is not None:
        return
    with run.step("text index", "Numbering words", None):
        before = readable(lambda: Known.load(run.draft.committed))
        known = _rows(run.draft.made, None if before is None else before[0]).known()
        known.save(lambda name, rows: run.draft.write(name, rows=rows, **made_from))


def prepare_texts(run: Run, store: str) -> None:
    """Put new texts into the database, before they count; nobody sees them yet.

    Parameters
    ----------
    run : Run
        The build, about to be committed.
    store : str
        The address of the database; empty where files hold them.

    Raises
    ------
    StoreUnavailableError
        It does not answer, or cannot search by words; the same build goes on from here.
    """
    if store:
        _fill(run, store, run.draft.made, add_texts, space_in(run.draft.files))


def fill_text_store(run: Run, store: str) -> None:
    """Make the database hold the texts that have been committed, and nothing else.

    Where all works were indexed anew, what was there before stays until the next build, for whoever still
    answers from it.

    Parameters and errors are those of :func:`prepare_texts`.
    """
    if store:
        space = space_in(run.workspace.manifest.files)
        _fill(run, store, run.workspace.checked, fill_texts, space, stays=space_in(run.draft.before.files))


def _fill(run: Run, url: str, path_of: PathOf, how: Fill, space: str, *, stays: str | None = None) -> None:
    known, directions = Known.load(path_of)
    with (
        run.step("text index", "Filling the store of texts", len(known.item_ids)) as bar,
        closing(open_text_store(url, run.workspace.name, space, directions.shape[1], create=True)) as store,
    ):
        how(store, _rows(path_of, known), known, Catalog.read(path_of(CATALOG)))
        if stays is not None:
            store.drop_others([stays])
        bar.update(len(known.item_ids))


def _rows(path_of: PathOf, known: Known | None) -> TextRows:
    """Return the texts of an index, numbered as is known; where nothing is, anew."""
    catalog = Catalog.read(path_of(CATALOG))
    return TextRows(TextIndex.load_to_add(path_of).parts, tags_of(catalog).marks, known)
