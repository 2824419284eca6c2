"""What a text index is made of: how it is built, and added to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from ham_recommend.encode.languages import language_of, small_words_said
from ham_recommend.encode.text import count_words
from ham_recommend.encode.weights import Vocabulary, by_work, fit_space, project, weigh
from ham_recommend.errors import SettingsError
from ham_recommend.index._ids import Mask, Rows
from ham_recommend.index._segments import Joined, Segment, Works
from ham_recommend.index.base import FileStore
from ham_recommend.index.by_picture import Teller, says_little, with_what_is_told
from ham_recommend.index.faiss_nearby import IvfPqStore
from ham_recommend.records import Document, Embeddings, ItemIds, Vectors

METHOD = "words-lsa-7"
"""Names the analyzer, the weights and the files; to be changed with any of them."""
STALE = 0.1
"""Share of works that may come, or go, before all of them are the base and the space is fitted again."""

_NO_ROWS: Rows = np.empty(0, dtype=np.int32)
_NO_TEXTS: ItemIds = np.empty(0, dtype=np.object_)
_NO_WORKS = Works(_NO_TEXTS, _NO_TEXTS, np.empty(0, dtype=np.bool_), count_words([]))

Progress = Callable[[str], None]
PathOf = Callable[[str], Path]


@dataclass(frozen=True, eq=False)
class TextParts:
    """Everything a text index keeps.

    Parameters
    ----------
    base : Segment
        The works that were there when the space of meanings was fitted.
    since : Segment
        Those that came or changed since.
    gone : ndarray of int, shape (g,)
        The works of the base that went or changed, ascending.
    language : str
        Whose endings were taken off words in Latin letters.
    space : ndarray of float32, shape (n stems of the base, dim)
        The directions of meaning, zero for stems that are no terms; may be mapped from disk.
    teller : Teller or None
        What was learnt about how pictures tell meanings, once that was asked for.
    nearby : callable returning FileStore
        Makes a store of the base's vectors, a new one each time.
    """

    base: Segment
    since: Segment
    gone: Rows
    language: str
    space: Vectors
    teller: Teller | None
    nearby: Callable[[], FileStore]

    @cached_property
    def all(self) -> Joined:
        """All works, as one.

        Raises
        ------
        ValueError
            A work is in both segments.
        """
        return Joined(self.base, self.since, self.gone)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The terms and how rare each is."""
        return self.all.vocabulary(self.language)

    def directions(self, terms: Rows) -> Vectors:
        """Return the directions of some terms, shape (m, dim); zero for those that are new to the space."""
        stems = self._space_rows[terms]
        directions = np.zeros((len(terms), self.space.shape[1]), dtype=np.float32)
        directions[stems >= 0] = self.space[stems[stems >= 0]]
        return directions

    @cached_property
    def _space_rows(self) -> Rows:
        return self.all.stems_of_terms()[0]

    def meaning(self) -> FileStore:
        """Return a store of the vectors of all works that have any."""
        store = self.nearby()
        if len(self.gone):
            store.delete(self.base.item_ids[self.gone].tolist())
        if len(self.since.placed):
            store.upsert(Embeddings(self.since.item_ids[self.since.placed], self.since.vectors, METHOD))
        return store


def build_parts(
    documents: Iterable[Document],
    previous: TextParts | None,
    unchanged: Mask | None,
    progress: Progress | None,
    pictures: Embeddings | None,
) -> TextParts:
    """Build from documents; see :meth:`ham_recommend.index.text_index.TextIndex.build`."""
    tell = progress or (lambda _: None)
    tell("counting words")
    new, kept = _told_apart(documents, previous, unchanged)
    seen = _Seen.of(pictures)
    if previous is None:
        return _built(Works.together([new]), seen, tell)
    of_base, of_since = (
        np.append(kept, False)[rows]  # a work that is gone, -1, is the last
        for rows in (previous.all.base_rows, previous.all.since_rows)
    )
    came = [new, previous.since.works(np.flatnonzero(of_since))]
    learns = seen.has_to_be_learnt(previous, [of_base, of_since], new)
    retold = of_base & seen.tells_otherwise(previous.base, learns=learns)
    gone = np.flatnonzero(~of_base | retold)
    if max(len(came[0]) + len(came[1]) + np.count_nonzero(retold), len(gone)) <= STALE * (
        len(new) + kept.sum()
    ):
        if retold.any():
            came.append(previous.base.works(np.flatnonzero(retold)))
        works = Works.together(came)
        if _language(previous.base, gone, works) == previous.language:
            return _added_to(previous, works, gone, seen, tell, learns=learns)
    stays = previous.base.works(np.flatnonzero(of_base))
    return _built(Works.together([*came[:2], stays]), seen, tell)


def _told_apart(
    documents: Iterable[Document], previous: TextParts | None, unchanged: Mask | None
) -> tuple[Works, Mask]:
    """Count the words of new and changed works, and say which of those before are as they were."""
    before = None if previous is None else previous.all
    kept = np.zeros(0 if before is None else len(before), dtype=np.bool_)
    if unchanged is not None:
        kept |= unchanged
    known = {} if before is None else {item_id: row for row, item_id in enumerate(before.item_ids.tolist())}
    digests: dict[str, str] = {}
    bare: list[bool] = []

    def new() -> Iterator[Document]:
        for document in documents:
            item_id, row = document.item_id, known.get(document.item_id)
            if item_id in digests or (row is not None and kept[row]):
                raise SettingsError(f"{item_id!r} comes twice among the documents; give each work one.")
            if before is not None and row is not None and document.digest == before.digests[row] != "":
                kept[row] = True
                continue
            digests[item_id] = document.digest
            bare.append(says_little(document))
            yield document

    counted = count_words(new())
    ids, their_digests = (np.array([*texts], dtype=np.object_) for texts in (digests, digests.values()))
    return Works(ids, their_digests, np.array(bare, dtype=np.bool_), counted), kept


def _language(base: Segment, gone: Rows, works: Works) -> str:
    """Return the language of what stays of a base and of other works."""
    said = base.said + small_words_said(works.counted.words, works.counted.counts)
    if len(gone):
        said = said - small_words_said(base.words, base.counts[gone])
    return language_of(said, len(base) - len(gone) + len(works))


def _built(works: Works, seen: _Seen, tell: Progress) -> TextParts:
    """Make all works the base of an index."""
    language = language_of(small_words_said(works.counted.words, works.counted.counts), len(works))
    tell("weighing words")
    base = Segment.of(works, seen.of_bare(works), language)
    nothing = Segment.of(_NO_WORKS, _NO_TEXTS, language)
    parts = TextParts(
        base, nothing, _NO_ROWS, language, np.empty((0, 1), np.float32), None, lambda: _empty(1)
    )
    terms, _ = parts.all.stems_of_terms()
    weights = by_work(weigh(base.stems.said[terms])[1])
    tell("finding meanings")
    of_terms = fit_space(weights)
    space = np.zeros((len(base.stems.stems), of_terms.shape[1]), dtype=np.float32)
    space[terms] = of_terms
    base = base.with_meanings(project(weights, of_terms))
    teller = None
    if seen.any_of(base):
        tell("telling meanings by pictures")
        teller = seen.learnt([(base, np.ones(len(base), dtype=np.bool_))])
        base = seen.told(base, teller)
    nothing = replace(nothing, vectors=np.empty((0, space.shape[1]), dtype=np.float32))
    return TextParts(base, nothing, _NO_ROWS, language, space, teller, partial(_store_of, base))


def _added_to(
    previous: TextParts, works: Works, gone: Rows, seen: _Seen, tell: Progress, *, learns: bool
) -> TextParts:
    """Add to a base what came or changed since it was made; its space of meanings stays."""
    tell("weighing words")
    since = Segment.of(works, seen.of_bare(works), previous.language)
    parts = replace(previous, since=since, gone=gone)
    weights = by_work(parts.all.weights_of_since())
    tell("finding meanings")
    terms: Rows = np.unique(weights.indices)
    since = since.with_meanings(project(weights[:, terms], parts.directions(terms)))
    teller = previous.teller
    if seen.any_of(since):
        tell("telling meanings by pictures")
        if learns or teller is None:
            stays = np.ones(len(previous.base), dtype=np.bool_)
            stays[gone] = False
            teller = seen.learnt([(previous.base, stays), (since, np.ones(len(since), dtype=np.bool_))])
        since = seen.told(since, teller)
    return replace(parts, since=since, teller=teller)


def _store_of(base: Segment) -> FileStore:
    store = _empty(base.vectors.shape[1])
    store.upsert(Embeddings(base.item_ids[base.placed], base.vectors, METHOD))
    return store


def _empty(dim: int) -> FileStore:
    return IvfPqStore(dim)


@dataclass(frozen=True, eq=False)
class _Seen:
    """The pictures of works, as far as they tell what works mean that say next to nothing.

    Parameters
    ----------
    pictures : Embeddings
        Their vectors.
    rows : dict of str to int
        Work → the row of its vector.
    """

    pictures: Embeddings
    rows: dict[str, int]

    @classmethod
    def of(cls, pictures: Embeddings | None) -> _Seen:
        pictures = pictures or Embeddings(_NO_TEXTS, np.empty((0, 1), dtype=np.float32), "")
        return cls(pictures, {item_id: row for row, item_id in enumerate(pictures.item_ids.tolist())})

    def content(self, item_id: str) -> str:
        """Return the content of the picture of a work; empty for none."""
        row = self.rows.get(item_id)
        if row is None:
            return ""
        contents = self.pictures.contents
        return "seen" if contents is None else str(contents[row])

    def of_bare(self, works: Works | Segment) -> ItemIds:
        """Return the content of the picture of each work that says little, empty for all others."""
        shown = np.full(len(works.item_ids), "", dtype=np.object_)
        for row in np.flatnonzero(works.bare).tolist():
            shown[row] = self.content(works.item_ids[row])
        return shown

    def any_of(self, segment: Segment) -> bool:
        """Return whether a work of a segment says little and has a picture."""
        return bool((segment.shown != "").any())

    def tells_otherwise(self, base: Segment, *, learns: bool) -> Mask:
        """Return which works' pictures tell another meaning than they did."""
        shown = self.of_bare(base)
        otherwise: Mask = (shown != base.shown) | ((shown != "") & learns)
        return otherwise

    def has_to_be_learnt(self, previous: TextParts, stays: list[Mask], new: Works) -> bool:
        """Return whether what pictures tell is asked for, and yet unknown or known from far other works."""
        silent = [self.of_bare(new)[new.bare]]
        for segment, there in zip((previous.base, previous.since), stays, strict=True):
            silent.append(self.of_bare(segment)[segment.bare & there])
        pictured = np.count_nonzero(np.concatenate(silent) != "")
        teller, works = previous.teller, len(self.rows) - int(pictured)
        if not pictured:
            return False
        return (
            teller is None
            or teller.model_id != self.pictures.model_id
            or (teller.knows and teller.matrix.shape[0] != self.pictures.vectors.shape[1])
            or abs(works - teller.works) > STALE * works
        )

    def learnt(self, segments: list[tuple[Segment, Mask]]) -> Teller:
        """Learn what pictures tell from the works that have a picture, words and a vector."""
        known, meanings, silent = [], [], 0
        for segment, there in segments:
            silent += int(np.count_nonzero(segment.shown[there] != ""))
            speaks = (there & ~segment.bare)[segment.placed]
            rows = np.array(
                [self.rows.get(item_id, -1) for item_id in segment.item_ids[segment.placed[speaks]].tolist()],
                dtype=np.intp,
            )
            known.append(rows[rows >= 0])
            meanings.append(segment.vectors[np.flatnonzero(speaks)[rows >= 0]])
        return Teller.learnt(
            self.pictures.model_id,
            len(self.rows) - silent,
            self.pictures.vectors,
            np.concatenate(known),
            np.concatenate(meanings),
        )

    def told(self, segment: Segment, teller: Teller) -> Segment:
        """Return a segment in which works that say little mean what their pictures tell, beside that."""
        wanted = np.flatnonzero(segment.shown != "")
        if not teller.knows or not len(wanted):
            return segment
        meanings = np.zeros((len(segment), segment.vectors.shape[1]), dtype=np.float32)
        meanings[segment.placed] = segment.vectors
        rows = [self.rows[item_id] for item_id in segment.item_ids[wanted].tolist()]
        meanings[wanted] = with_what_is_told(meanings[wanted], teller.tell(self.pictures.vectors[rows]))
        told = np.zeros(len(segment), dtype=np.bool_)
        told[wanted] = True
        return segment.with_meanings(meanings, told)
