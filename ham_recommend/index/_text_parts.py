"""What a text index is made of: how it is built, and added to."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ham_recommend.encode.text import (
    Counts,
    Order,
    Vocabulary,
    Weights,
    WordCounts,
    count_words,
    fit_space,
    project,
    weigh,
)
from ham_recommend.errors import (
    SettingsError,
)
from ham_recommend.index._ids import Mask
from ham_recommend.index.base import FileStore
from ham_recommend.index.by_picture import noting_little, tell_by_picture
from ham_recommend.index.faiss_nearby import IvfStore
from ham_recommend.index.word_pairs import Codes, pair_codes
from ham_recommend.records import Document, Embeddings, ItemIds, Vectors

METHOD = "words-lsa-5"
"""Names the analyzer, the weights and the files; to be changed with any of them."""
STALE = 0.1
"""Share of works that may be new to the space of meanings before it is fitted again."""

Progress = Callable[[str], None]
PathOf = Callable[[str], Path]


@dataclass(frozen=True, eq=False)
class TextParts:
    """Everything a text index keeps.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        The works, sorted; row ``i`` of everything else is work ``i``.
    digests : ndarray of str objects, shape (n,)
        Of their documents.
    fitted : ndarray of bool, shape (n,)
        Whether the space was fitted to the work as it is now.
    words : list of str
        The folded words of the collection, sorted.
    frequencies : ndarray of int32, shape (n words,)
        How many works use each.
    counts : callable returning csr_array of int32, shape (n, n words)
        Read only when works are added.
    order : Order
        The words of each work as they follow each other; may be mapped from disk.
    pairs : ndarray of int64, shape (m,)
        Which works say two terms one after the other; may be mapped from disk.
    vocabulary : Vocabulary
        The terms.
    postings : csr_array of float32, shape (n terms, n)
        The TF-IDF weights, by term.
    space : ndarray of float32, shape (n terms, dim)
        The directions of meaning; may be mapped from disk.
    meaning : FileStore
        Unit-length vectors of the works that have any.
    placed : ndarray of str objects, shape (m,)
        The works in ``meaning``, in its order.
    told : ndarray of bool, shape (n,)
        Whose meaning was told by their picture, as they say next to nothing.
    """

    item_ids: ItemIds
    digests: ItemIds
    fitted: Mask
    words: list[str]
    frequencies: npt.NDArray[np.int32]
    counts: Callable[[], Counts]
    order: Order
    pairs: Codes
    vocabulary: Vocabulary
    postings: sparse.csr_array
    space: Vectors
    meaning: FileStore
    placed: ItemIds
    told: Mask


def build_parts(
    documents: Iterable[Document],
    previous: TextParts | None,
    progress: Progress | None,
    pictures: Embeddings | None,
) -> TextParts:
    """Build from documents; see :meth:`ham_recommend.index.text_index.TextIndex.build`."""
    tell = progress or (lambda _: None)
    tell("counting words")
    bare: set[str] = set()
    read = documents if pictures is None else noting_little(documents, bare)
    item_ids, digests, fitted, counted = _count(read, previous)
    tell("weighing words")
    vocabulary, weights = weigh(counted)
    terms_in_order = counted.order.renamed(vocabulary.columns(counted.words))
    tell("finding meanings")
    stale = np.count_nonzero(~fitted) > STALE * len(fitted)
    if previous is None or stale or previous.vocabulary.language != vocabulary.language:
        fitted = np.ones(len(item_ids), dtype=np.bool_)
        previous = None
        space = fit_space(weights)
    else:
        space = _moved(previous.space, previous.vocabulary, vocabulary)
    told, meanings = np.zeros(len(item_ids), dtype=np.bool_), None
    if bare and pictures is not None:
        tell("telling meanings by pictures")
        meanings = project(weights, space)
        says_little = np.array([item_id in bare for item_id in item_ids.tolist()], dtype=np.bool_)
        told = tell_by_picture(item_ids, meanings, says_little, pictures)
    if previous is None:
        vectors = project(weights, space) if meanings is None else meanings
        meaning, placed = _place(item_ids, vectors, IvfStore(space.shape[1]))
    else:
        new = _new(previous, item_ids, digests, told)
        vectors = project(weights[np.flatnonzero(new)], space) if meanings is None else meanings[new]
        meaning, placed = _add(previous, item_ids, new, vectors)
    return TextParts(
        item_ids,
        digests,
        fitted,
        counted.words,
        counted.frequencies,
        lambda: counted.counts,
        counted.order,
        pair_codes(terms_in_order, len(vocabulary.terms)),
        vocabulary,
        _by_term(weights),
        space,
        meaning,
        placed,
        told,
    )


def _count(
    documents: Iterable[Document], previous: TextParts | None
) -> tuple[ItemIds, ItemIds, Mask, WordCounts]:
    """Count the words of new and changed documents, and take over the counts of the others."""
    known: Mapping[str, int] = {}
    if previous is not None:
        known = {item_id: row for row, item_id in enumerate(previous.item_ids.tolist())}
    kept: list[int] = []
    new: list[tuple[str, str]] = []

    def fresh() -> Iterator[Document]:
        for document in documents:
            row = known.get(document.item_id)
            if previous is not None and row is not None and document.digest == previous.digests[row] != "":
                kept.append(row)
            else:
                new.append((document.item_id, document.digest))
                yield document

    parts = [count_words(fresh())]
    columns = [np.array(new, dtype=np.object_).reshape(-1, 2)]
    fitted = [np.zeros(len(new), dtype=np.bool_)]
    if previous is not None:
        before = WordCounts(previous.words, previous.counts(), previous.order)
        parts.append(before.rows(np.array(kept, dtype=np.intp)))
        columns.append(np.stack([previous.item_ids[kept], previous.digests[kept]], axis=1))
        fitted.append(previous.fitted[kept])
    item_ids, digests = np.concatenate(columns).T
    order = np.argsort(item_ids, kind="stable")
    item_ids = item_ids[order]
    if len(item_ids) > 1 and (item_ids[1:] == item_ids[:-1]).any():
        twice = item_ids[1:][item_ids[1:] == item_ids[:-1]][0]
        raise SettingsError(f"{twice!r} comes twice among the documents; give each work one.")
    return item_ids, digests[order], np.concatenate(fitted)[order], WordCounts.stacked(parts).rows(order)


def _place(item_ids: ItemIds, vectors: Vectors, store: FileStore) -> tuple[FileStore, ItemIds]:
    """Put the works that have a vector into the store, and return it with their ids."""
    placed = vectors.any(axis=1)
    store.upsert(Embeddings(item_ids[placed], vectors[placed], METHOD))
    return store, item_ids[placed]


def _new(previous: TextParts, item_ids: ItemIds, digests: ItemIds, told: Mask) -> Mask:
    """Return which works are new or changed, or have their meaning by their picture, now or before."""
    before = dict(zip(previous.item_ids.tolist(), previous.digests.tolist(), strict=True))
    told_before = set(previous.item_ids[previous.told].tolist())
    after = zip(item_ids.tolist(), digests.tolist(), strict=True)
    changed = [
        not digest or before.get(item_id) != digest or item_id in told_before for item_id, digest in after
    ]
    return np.array(changed, dtype=np.bool_) | told


def _add(previous: TextParts, item_ids: ItemIds, new: Mask, vectors: Vectors) -> tuple[FileStore, ItemIds]:
    """Fold the meanings of what is new or changed into a copy of the previous store."""
    gone = set(previous.item_ids.tolist()).difference(item_ids[~new].tolist())
    store = copy.deepcopy(previous.meaning)
    store.delete(gone)
    store, placed = _place(item_ids[new], vectors, store)
    kept = [item_id not in gone for item_id in previous.placed.tolist()]
    return store, np.concatenate([previous.placed[kept], placed])


def _moved(space: Vectors, before: Vocabulary, after: Vocabulary) -> Vectors:
    """Carry a space over to another vocabulary; terms new to it have no direction."""
    moved = np.zeros((len(after.terms), space.shape[1]), dtype=np.float32)
    shared = [(row, at) for term, row in after.row_of.items() if (at := before.row_of.get(term)) is not None]
    if shared:
        rows, sources = np.array(shared).T
        moved[rows] = space[sources]
    return moved


def _by_term(weights: Weights) -> sparse.csr_array:
    columns = weights.tocsc()
    return sparse.csr_array((columns.data, columns.indices, columns.indptr), shape=weights.shape[::-1])
