"""Segments: works that were indexed together, and how two of them are searched as one index.

An index has a base and a segment of what came or changed since, beside a list of the base's works that went
or changed. To add a work writes the second, which is small, and leaves the files of the base as they are;
what depends on all works, such as how rare a term is, is worked out when an index is opened. Once a tenth of
the works are new, all of them become the base.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ham_recommend.encode.languages import small_words_said
from ham_recommend.encode.text import Counts, Order, WordCounts, are_terms, count_stems, gathered
from ham_recommend.encode.weights import Vocabulary, Weights, evened_out, lengths_of, rarity, saturated
from ham_recommend.index._ids import Mask, Rows
from ham_recommend.index.postings import Postings, Said
from ham_recommend.index.word_pairs import Codes, Pairs, WordPairs, pair_codes
from ham_recommend.records import ItemIds, Vectors

NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Works:
    """Works and what was counted of them.

    Parameters
    ----------
    item_ids, digests : ndarray of str objects, shape (n,)
        In any order.
    bare : ndarray of bool, shape (n,)
        Which of them say next to nothing.
    counted : WordCounts
        Of each, in the same order.
    """

    item_ids: ItemIds
    digests: ItemIds
    bare: Mask
    counted: WordCounts

    def __len__(self) -> int:
        return len(self.item_ids)

    @classmethod
    def together(cls, parts: Sequence[Works]) -> Works:
        """Return the works of all parts, in the order of their ids."""
        ids = np.concatenate([part.item_ids for part in parts])
        digests = np.concatenate([part.digests for part in parts])
        bare = np.concatenate([part.bare for part in parts])
        order = np.argsort(ids, kind="stable")
        counted = WordCounts.stacked([part.counted for part in parts]).rows(order)
        return cls(ids[order], digests[order], bare[order], counted)


@dataclass(frozen=True, eq=False)
class Stems:
    """The stems of some works' words, and what each work says of them.

    Parameters
    ----------
    stems : list of str
        Sorted; also those of compounds, be they terms or not.
    of_word : ndarray of int32, shape (n words,)
        The stem of each word.
    said : csr_array of float32, shape (n stems, n works)
        As from :func:`ham_recommend.encode.weights.saturated`; may be mapped from disk.
    """

    stems: list[str]
    of_word: npt.NDArray[np.int32]
    said: Weights


@dataclass(frozen=True, eq=False)
class Segment:
    """Works that were indexed together; nothing in it depends on any other works.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        The works, sorted; row ``i`` of everything else is work ``i``.
    digests : ndarray of str objects, shape (n,)
        Of their documents.
    bare : ndarray of bool, shape (n,)
        Which works say next to nothing.
    shown : ndarray of str objects, shape (n,)
        The content of the picture of each of these, as it was looked at; else empty.
    words : list of str
        The folded words of these works, sorted.
    frequencies : ndarray of int32, shape (n words,)
        How many works use each.
    said : ndarray of int64, shape (languages,)
        How many works say small words of each language.
    counts : csr_array of int32, shape (n, n words)
        How often each work uses each word; may be mapped from disk.
    order : Order
        The words of each work as they follow each other; may be mapped from disk.
    stems : Stems
        What each work says of each stem.
    pairs : ndarray of int64, shape (m,)
        Which works say two stems one after the other; may be mapped from disk.
    placed : ndarray of int, shape (p,)
        The works that have a vector of meaning.
    vectors : ndarray of float32, shape (p, dim)
        These vectors, of unit length; may be mapped from disk.
    told : ndarray of bool, shape (n,)
        Whose meaning was told by their picture, as they say next to nothing.
    """

    item_ids: ItemIds
    digests: ItemIds
    bare: Mask
    shown: ItemIds
    words: list[str]
    frequencies: npt.NDArray[np.int32]
    said: npt.NDArray[np.int64]
    counts: Counts
    order: Order
    stems: Stems
    pairs: Codes
    placed: Rows
    vectors: Vectors
    told: Mask

    @classmethod
    def of(cls, works: Works, shown: ItemIds, language: str) -> Segment:
        """Index works by what was counted of them; they have no vectors yet."""
        counted = works.counted
        stems, of_word, times = count_stems(counted, language)
        return cls(
            works.item_ids,
            works.digests,
            works.bare,
            shown,
            counted.words,
            counted.frequencies,
            small_words_said(counted.words, counted.counts),
            counted.counts,
            counted.order,
            Stems(stems, of_word, saturated(times)),
            pair_codes(counted.order.renamed(of_word), len(stems)),
            np.empty(0, dtype=np.int32),
            np.empty((0, 1), dtype=np.float32),
            np.zeros(len(works.item_ids), dtype=np.bool_),
        )

    def with_meanings(self, meanings: Vectors, told: Mask | None = None) -> Segment:
        """Return the same works with vectors of what they mean, shape (n, dim); zero for those without."""
        placed: Rows = np.flatnonzero(meanings.any(axis=1)).astype(np.int32)
        vectors = meanings if len(placed) == len(meanings) else meanings[placed]
        return replace(self, placed=placed, vectors=vectors, told=self.told if told is None else told)

    def works(self, rows: Rows) -> Works:
        """Return some of its works, and what was counted of them."""
        counted = WordCounts(self.words, self.counts, self.order).rows(rows)
        return Works(self.item_ids[rows], self.digests[rows], self.bare[rows], counted)

    def stems_said(self, rows: Rows) -> Weights:
        """Return what some works say of each stem, shape (m, n stems)."""
        return saturated(gathered(self.counts[rows], self.stems.of_word, len(self.stems.stems)))

    def __len__(self) -> int:
        return len(self.item_ids)


class Joined:
    """A base and what came or changed since, seen as one: the same as if all works had been indexed at once.

    Parameters
    ----------
    base, since : Segment
        Both in the same language.
    gone : ndarray of int, shape (g,)
        The works of the base that went or changed, ascending.

    Raises
    ------
    ValueError
        A work is in both.
    """

    def __init__(self, base: Segment, since: Segment, gone: Rows) -> None:
        self.base, self.since = base, since
        stays = np.ones(len(base), dtype=np.bool_)
        stays[gone] = False
        ids = base.item_ids[stays]
        places = np.searchsorted(ids, since.item_ids)
        self.item_ids: ItemIds = np.insert(ids, places, since.item_ids)
        """The works, sorted, shape (n,)."""
        if not (self.item_ids[1:] > self.item_ids[:-1]).all():
            raise ValueError("a work comes twice, or out of order")
        self.since_rows: Rows = places + np.arange(len(since))
        """The row of each work of ``since``."""
        of_base = np.ones(len(self.item_ids), dtype=np.bool_)
        of_base[self.since_rows] = False
        self.base_rows: Rows = np.full(len(base), NOWHERE, dtype=np.intp)
        """The row of each work of the base; -1 for what is gone."""
        self.base_rows[stays] = np.flatnonzero(of_base)
        self._gone = gone

    def __len__(self) -> int:
        return len(self.item_ids)

    def each(self, of_base: npt.NDArray[Any], of_since: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return what there is for each work, of what there is for those of the base and of the other."""
        every = np.empty(len(self), dtype=of_base.dtype)
        every[self.base_rows[self.base_rows >= 0]] = of_base[self.base_rows >= 0]
        every[self.since_rows] = of_since
        return every

    @cached_property
    def digests(self) -> ItemIds:
        """Of the documents, shape (n,)."""
        return self.each(self.base.digests, self.since.digests)

    @cached_property
    def told(self) -> Mask:
        """Whose meaning was told by their picture, shape (n,)."""
        return self.each(self.base.told, self.since.told)

    @cached_property
    def has_vector(self) -> Mask:
        """Which works have a vector of meaning, shape (n,)."""
        of_base, of_since = (np.zeros(len(part), dtype=np.bool_) for part in (self.base, self.since))
        of_base[self.base.placed] = of_since[self.since.placed] = True
        return self.each(of_base, of_since)

    @cached_property
    def _words(self) -> tuple[list[str], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """The words, sorted, how many works use each, and the stem of each."""
        words, *columns = _united(self.base.words, self.since.words)
        _, *stems = self._stems
        frequencies, of_word = np.zeros((2, len(words)), dtype=np.int32)
        for part, column, stem in zip((self.base, self.since), columns, stems, strict=True):
            frequencies[column] += part.frequencies
            of_word[column] = stem[part.stems.of_word]
        if len(self._gone):
            frequencies[columns[0]] -= np.bincount(
                self.base.counts[self._gone].indices, minlength=len(self.base.words)
            ).astype(np.int32)
        used = frequencies > 0
        if not used.all():
            words = [word for word, is_used in zip(words, used.tolist(), strict=True) if is_used]
        return words, frequencies[used], of_word[used]

    @property
    def stems(self) -> list[str]:
        """The stems of all works, sorted, be they terms or not."""
        return self._stems[0]

    @property
    def stem_of_term(self) -> Rows:
        """Which of these each term is, shape (n terms,)."""
        return self._terms

    def said_in(self, rows: Rows) -> Iterator[tuple[Rows, Weights, Order]]:
        """Yield what some works say of each of all stems, and in what order: those of the base, the others.

        Yields
        ------
        rows : ndarray of int, shape (m,)
            Some of the rows asked for.
        said : csr_array of float32, shape (m, n stems)
            Of these, whatever other works do.
        order : Order
            Their stems as they follow each other.
        """
        segments = (self.base, self.base_rows), (self.since, self.since_rows)
        for (part, rows_here), stems in zip(segments, self._stems[1:], strict=True):
            here = np.flatnonzero(np.isin(rows_here, rows))
            if len(here):
                said = part.stems_said(here)
                said = sparse.csr_array(
                    (said.data, stems[said.indices], said.indptr), shape=(len(here), len(self.stems))
                )
                yield (
                    rows_here[here],
                    said,
                    part.order.rows(here).renamed(stems[part.stems.of_word].astype(np.int32)),
                )

    @cached_property
    def _stems(self) -> tuple[list[str], Rows, Rows]:
        """The stems, sorted, and which of them those of the base and of the other are."""
        return _united(self.base.stems.stems, self.since.stems.stems)

    @property
    def words(self) -> list[str]:
        """The folded words of all works, sorted."""
        return self._words[0]

    @property
    def frequencies(self) -> npt.NDArray[np.int32]:
        """How many works use each word, shape (n words,)."""
        return self._words[1]

    @cached_property
    def _terms(self) -> Rows:
        """The stems that are terms, ascending."""
        words, _, of_word = self._words
        return np.flatnonzero(are_terms(words, of_word, len(self._stems[0])))

    @cached_property
    def terms(self) -> list[str]:
        """The terms, sorted."""
        stems = self._stems[0]
        return stems if len(self._terms) == len(stems) else [stems[row] for row in self._terms.tolist()]

    @cached_property
    def saying(self) -> npt.NDArray[np.int64]:
        """How many works say each term, shape (n terms,)."""
        stems, of_base, of_since = self._stems
        saying = np.zeros(len(stems), dtype=np.int64)
        for part, column in ((self.base, of_base), (self.since, of_since)):
            saying[column] += np.diff(part.stems.said.indptr)
        if len(self._gone):
            gone = self.base.stems_said(self._gone).indices
            saying[of_base] -= np.bincount(gone, minlength=len(of_base))
        if saying.min(initial=0) < 0:
            raise ValueError("fewer works say a stem than are gone of them")
        return saying[self._terms]

    @cached_property
    def idf(self) -> npt.NDArray[np.float32]:
        """How rare each term is, shape (n terms,)."""
        return rarity(self.saying, len(self))

    def vocabulary(self, language: str) -> Vocabulary:
        """Return the terms and how rare each is."""
        return Vocabulary(self.terms, self.idf, language)

    @cached_property
    def postings(self) -> Postings:
        """The TF-IDF weights."""
        return Postings(list(self._said), self.idf, evened_out(self.lengths))

    @property
    def _said(self) -> Iterator[Said]:
        segments = (self.base, self.base_rows), (self.since, self.since_rows)
        for (part, rows), numbers in zip(segments, self.stems_of_terms(), strict=True):
            yield Said(part.stems.said, part.stems_said, numbers, rows)

    @cached_property
    def lengths(self) -> npt.NDArray[np.float64]:
        """How long each work is, shape (n,)."""
        return self.each(*(lengths_of(part.by_stem, self._idf_of(part)) for part in self._said))

    def _idf_of(self, part: Said) -> npt.NDArray[np.float32]:
        """Return how rare each stem of some works is; 0 for those that are no terms."""
        return np.where(part.term_of >= 0, np.append(self.idf, 0)[part.term_of], 0).astype(np.float32)

    def weights_of_since(self) -> Weights:
        """Return the TF-IDF weights of the works of ``since``, by term, without evening out their lengths."""
        _, numbers = self.stems_of_terms()
        terms = np.flatnonzero(numbers >= 0)
        said = self.since.stems.said[numbers[terms]]
        entries = np.zeros(len(numbers) + 1, dtype=np.int32)
        entries[terms + 1] = np.diff(said.indptr)
        values = said.data * np.repeat(self.idf[terms], np.diff(said.indptr))
        starts = np.cumsum(entries, dtype=np.int32)
        return sparse.csr_array((values, said.indices, starts), shape=(len(numbers), len(self.since)))

    def stems_of_terms(self) -> tuple[Rows, Rows]:
        """Return which stem of the base, and of the other, each term is; -1 where it is none there."""
        stems, *columns = self._stems
        found = []
        for column in columns:
            stem_of = np.full(len(stems), NOWHERE, dtype=np.intp)
            stem_of[column] = np.arange(len(column))
            found.append(stem_of[self._terms])
        return found[0], found[1]

    @cached_property
    def pairs(self) -> WordPairs:
        """Which works say terms one after the other."""
        segments = (self.base, self.base_rows), (self.since, self.since_rows)
        pairs = [
            Pairs(part.pairs, len(part.stems.stems), stem_of, rows)
            for (part, rows), stem_of in zip(segments, self.stems_of_terms(), strict=True)
        ]
        return WordPairs(pairs, len(self), self.said_by)

    def said_by(self, work: int) -> npt.NDArray[np.int32]:
        """Return the terms of a work as they follow each other; -1 for what is none."""
        place = np.flatnonzero(self.since_rows == work)
        if len(place):
            part, row, stem = self.since, int(place[0]), self._stems[2]
        else:
            part, row, stem = self.base, int(np.flatnonzero(self.base_rows == work)[0]), self._stems[1]
        words = part.order.of(row)
        said = words >= 0
        terms = np.full(len(words), NOWHERE, dtype=np.int32)
        stems = stem[part.stems.of_word[words[said]]]
        # every stem that is in order is a term: only compounds are none, and those are in no order
        terms[said] = np.searchsorted(self._terms, stems)
        return terms


def _united(one: Sequence[str], other: Sequence[str]) -> tuple[list[str], Rows, Rows]:
    """Return the texts of two sorted lists, sorted, and the place there of each text of both."""
    if not other:
        return list(one), np.arange(len(one)), np.empty(0, dtype=np.intp)
    others = set(other)
    new = others.difference(one)
    both = sorted([*one, *new])
    of_one = np.fromiter((text not in new for text in both), np.bool_, len(both))
    place = {text: at for at, text in enumerate(both) if text in others}
    return both, np.flatnonzero(of_one), np.array([place[text] for text in other], dtype=np.intp)
