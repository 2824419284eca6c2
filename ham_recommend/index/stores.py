"""Which store serves a name or an address, and how one behind an address is filled."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ham_recommend import registry
from ham_recommend.catalog.tags import Tags
from ham_recommend.errors import ArtifactMismatchError, ArtifactMissingError, DimensionError, SettingsError
from ham_recommend.index.addresses import is_url, without_password
from ham_recommend.index.base import FileStore, TaggedStore, UrlStore, VectorStore
from ham_recommend.index.choice import AUTO, chosen
from ham_recommend.index.one_state import OneState
from ham_recommend.index.tolerant import TolerantStore
from ham_recommend.manifest import EncoderFacts
from ham_recommend.records import Embeddings, ItemIds
from ham_recommend.vectors import load_embeddings
from ham_recommend.workspace import Workspace

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog

_BATCH = 4096
"""Vectors that are compared or sent at once: some 8 MB of 512 dimensions."""
_COMPARED = 64


@dataclass(frozen=True, slots=True)
class Filled:
    """What filling a store changed.

    Parameters
    ----------
    written : int
        Works that were new, or had another vector or other tags.
    deleted : int
        Works that are gone.
    """

    written: int
    deleted: int


def file_store(kind: str) -> type[FileStore]:
    """Return the class of a kind of store that is kept in a file.

    Raises
    ------
    SettingsError
        No such kind; the message lists the known ones.
    """
    store = _registered(kind)
    if not issubclass(store, FileStore):
        raise SettingsError.unknown("kind of store", kind, _known(FileStore))
    return store


def check_store(store: str) -> None:
    """Refuse a store that no kind and no scheme of an address is registered for; ``auto`` is one.

    Raises
    ------
    SettingsError
        The message lists the known ones.
    """
    if is_url(store):
        _url_store(store)
    elif store != AUTO:
        file_store(store)


def open_store(url: str, name: str, dim: int, *, create: bool = False) -> UrlStore:
    """Open a store behind an address.

    Parameters
    ----------
    url : str
        Its scheme names the class: ``"postgresql://…"``.
    name, dim, create
        As in :meth:`UrlStore.open`.

    Raises
    ------
    SettingsError
        No store is registered for the scheme; the message lists the known ones.
    ArtifactMissingError, DimensionError, StoreUnavailableError
        As in :meth:`UrlStore.open`.
    """
    return _url_store(url).open(url, name, dim, create=create)


def remembered(store: str) -> str:
    """Return what a collection writes down of its store: the kind, or of an address what may be known.

    Raises
    ------
    SettingsError
        No store is registered for the address.
    """
    return _url_store(store).remembered(store) if is_url(store) else store


def with_own_stores(encoders: Mapping[str, EncoderFacts]) -> dict[str, EncoderFacts]:
    """Return what a manifest says made its vectors, with no store but such as a build here would write down.

    A collection may come from a stranger: whoever opens or fills its stores asks for them here, so that no
    address of the stranger's is told this machine's user and passwords.

    Parameters
    ----------
    encoders : mapping of str to EncoderFacts
        As they are in a manifest.

    Raises
    ------
    SettingsError
        No store is registered for an address.
    """
    return {name: replace(made, store=remembered(made.store)) for name, made in encoders.items()}


def _url_store(url: str) -> type[UrlStore]:
    scheme = url.partition(":")[0]
    store = _registered(scheme)
    if not issubclass(store, UrlStore):
        known = [f"{name}://" for name in _known(UrlStore)]
        raise SettingsError.unknown("address of a store", f"{scheme}://", known)
    return store


def _registered(name: str) -> type[Any]:
    """Return the class registered under a name, or ``object`` where there is none."""
    try:
        store: type[Any] = registry.load("store", name)
    except SettingsError:
        return object
    return store


def _known(base: type[Any]) -> list[str]:
    return [name for name in registry.known("store") if issubclass(_registered(name), base)]


def vectors_name(collection: str, encoder: str) -> str:
    """Return what a collection's vectors are called in a store behind an address: ``"sample.style"``."""
    return f"{collection}.{encoder.partition(':')[0]}"


def fill_store(store: VectorStore, embeddings: Embeddings, tags: Tags | None = None) -> Filled:
    """Make a store hold exactly these vectors: write what is new or changed, delete what is gone.

    Works whose tags have changed count as changed, in a store that keeps tags.

    Parameters
    ----------
    store : VectorStore
        Filled before or not.
    embeddings : Embeddings
        Every vector of one collection and encoder.
    tags : Tags or None
        What these works are filtered by; ``None`` where nobody knows.

    Raises
    ------
    DimensionError
        The vectors have another number of dimensions.
    """
    marks = store.marks() if tags is not None and isinstance(store, TaggedStore) else None
    before = set(store.item_ids().tolist() if marks is None else marks)
    gone = before.difference(embeddings.item_ids.tolist())
    if gone:
        store.delete(gone)
    written, right = 0, before
    if marks is not None and tags is not None:
        right = {item_id for item_id, mark in marks.items() if tags.marks.get(item_id) == mark}
    for batch in _batches(embeddings):
        new = _changed(store, batch, right)
        if len(new):
            _put(store, new, tags)
            written += len(new)
    if gone or written:
        store.optimise()
    return Filled(written, len(gone))


def _put(store: VectorStore, embeddings: Embeddings, tags: Tags | None) -> None:
    if isinstance(store, TaggedStore):
        store.upsert(embeddings, tags)
    else:
        store.upsert(embeddings)


def add_new(store: VectorStore, embeddings: Embeddings, tags: Tags | None = None) -> int:
    """Write the vectors of works that a store does not hold yet; return how many.

    Nobody who answers for the state before sees them: :class:`~ham_recommend.index.one_state.OneState`.
    """
    held = set(store.item_ids().tolist())
    new = np.array([item_id not in held for item_id in embeddings.item_ids], dtype=np.bool_)
    for batch in _batches(_rows(embeddings, np.flatnonzero(new))):
        _put(store, batch, tags)
    return int(new.sum())


def open_filled(
    url: str, workspace: Workspace, encoder: str, embeddings: Embeddings, catalog: Catalog
) -> VectorStore:
    """Open the store behind an address that holds a collection's vectors, for the state that these are of.

    Parameters
    ----------
    url : str
        Its address.
    workspace : Workspace
        The collection.
    encoder : str
        The name of what made the vectors.
    embeddings : Embeddings
        The vectors it has to hold.
    catalog : Catalog
        What its works are filtered by.

    Raises
    ------
    SettingsError, StoreUnavailableError
        As in :func:`open_store`.
    ArtifactMismatchError
        It holds others, or none; the message names the command that fills it.
    """
    name = vectors_name(workspace.name, encoder)
    try:
        store = open_store(url, name, embeddings.vectors.shape[1])
        marks = store.marks() if isinstance(store, TaggedStore) else None
        check_filled(store, embeddings, marks)
        if isinstance(store, TaggedStore):
            store.expect(tags_of(catalog), marks)
    except (ArtifactMissingError, ArtifactMismatchError, DimensionError) as error:
        raise held_otherwise(url, f"the vectors {name!r}", workspace, "--store", error) from error
    return OneState(store, embeddings.item_ids.tolist())


def held_otherwise(
    url: str, what: str, workspace: Workspace, option: str, error: Exception
) -> ArtifactMismatchError:
    """Return the error of a database that holds others than a collection, with the command that fills it."""
    shown = without_password(url)
    command = workspace.command or f"ham build … --out {shlex.quote(str(workspace.root))}"
    return ArtifactMismatchError(
        f"{shown} does not hold {what} of {workspace.root}: {error}. "
        f"Fill it with: {command} {option} {shlex.quote(shown)}"
    )


def tags_of(catalog: Catalog) -> Tags:
    """Return what works are filtered by, as numbers that a database can keep."""
    return catalog.filters.tags(catalog.item_ids)


def _open_tolerantly(
    url: str, workspace: Workspace, name: str, embeddings: Embeddings, catalog: Catalog, *, must: bool
) -> TolerantStore:
    def opened() -> VectorStore:
        return open_filled(url, workspace, name, embeddings, catalog)

    store = TolerantStore(embeddings.vectors.shape[1], opened, opened() if must else None)
    len(store)
    return store


def check_filled(store: VectorStore, embeddings: Embeddings, among: Collection[str] | None = None) -> None:
    """Refuse a store that lacks some of these works or, going by a few of them, holds other vectors.

    It may hold more, and the newer vectors of some: a build may be filling it for the next state.

    Parameters
    ----------
    store : VectorStore
        Which.
    embeddings : Embeddings
        What it has to hold.
    among : collection of str or None
        The works that it holds, if that is known; ``None`` to ask it.

    Raises
    ------
    ArtifactMismatchError
        It says how many works differ.
    """
    held = set(store.item_ids().tolist() if among is None else among)
    wanted = set(embeddings.item_ids.tolist())
    if wanted - held:
        raise ArtifactMismatchError(
            f"it lacks {len(wanted - held):,} of the {len(wanted):,} works that have a vector, and holds "
            f"{len(held - wanted):,} others"
        )
    rows = np.linspace(0, len(embeddings) - 1, min(_COMPARED, len(embeddings))).astype(np.intp)
    if 2 * len(_changed(store, _rows(embeddings, rows), held)) > len(rows):
        raise ArtifactMismatchError("it holds other vectors than the collection")


def _batches(embeddings: Embeddings) -> Iterator[Embeddings]:
    for start in range(0, len(embeddings), _BATCH):
        yield _rows(embeddings, np.arange(start, min(start + _BATCH, len(embeddings))))


def _changed(store: VectorStore, embeddings: Embeddings, held: set[str]) -> Embeddings:
    """Return those vectors that the store does not hold as they are."""
    ids = embeddings.item_ids.tolist()
    known = store.get([item_id for item_id in ids if item_id in held])
    row_of = {item_id: row for row, item_id in enumerate(ids)}
    rows = np.array([row_of[item_id] for item_id in known.item_ids.tolist()], dtype=np.intp)
    near = np.isclose(known.vectors, embeddings.vectors[rows], rtol=0, atol=store.lossy + 1e-6)
    same = np.zeros(len(ids), dtype=np.bool_)
    same[rows] = near.all(axis=1)
    return _rows(embeddings, np.flatnonzero(~same))


def _rows(embeddings: Embeddings, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Embeddings:
    contents: ItemIds | None = None if embeddings.contents is None else embeddings.contents[rows]
    return Embeddings(embeddings.item_ids[rows], embeddings.vectors[rows], embeddings.model_id, contents)


def open_pictures(
    workspace: Workspace, catalog: Catalog, name: str, made: EncoderFacts, asked: str | None
) -> VectorStore:
    """Return the store of picture vectors: as it was built, or filled anew if another kind is asked for.

    Parameters
    ----------
    workspace : Workspace
        The collection.
    catalog : Catalog
        Its works.
    name : str
        What the set of vectors is called.
    made : EncoderFacts
        What made them.
    asked : str or None
        A kind of store, ``auto`` or the address of one; ``None`` for the one that they were built for.

    Raises
    ------
    ArtifactError
        A file is missing or damaged, or the store behind the address holds other vectors.
    SettingsError
        No such store.
    StoreUnavailableError
        The address that is asked for does not answer. One that pictures were built for may be silent for a
        while; see :class:`ham_recommend.index.tolerant.TolerantStore`.
    """
    store = asked or remembered(made.store)
    embeddings = load_embeddings(name, made.model_id, workspace.checked)
    if not set(embeddings.item_ids.tolist()) <= set(catalog.item_ids.tolist()):
        raise ArtifactMismatchError(
            f"The vectors {name!r} of {workspace.root} are of other works than its catalog. "
            f"{workspace.mending}"
        )
    if store == AUTO:
        store = chosen(*embeddings.vectors.shape).kind
    if is_url(store):
        return _open_tolerantly(store, workspace, name, embeddings, catalog, must=asked is not None)
    store_class = file_store(store)
    file = store_class.file_name(name)
    if file in workspace:
        return store_class.load(workspace.checked(file), embeddings)
    filled = store_class(embeddings.vectors.shape[1])
    filled.upsert(embeddings)
    return filled
