"""The text index: finds works by the words they say and by what they mean.

======= ==========================================================================================
words   the exact inner product of the query with the TF-IDF of every work that says one of its terms
meaning the same with the TF-IDF smoothed to its 256 main directions (LSA), by codes of vectors in FAISS
======= ==========================================================================================

Both are cosines in the space of terms. A query that the main directions cannot express gets small scores in
the second, so there the words decide. The two are fused with one weight after the words are scaled by the
best (convex combination of normalised scores: Bruch, Gai and Ingber, ACM TOIS 2023).

What works say and the vectors stay on disk, and are read as they are asked for: they may be larger than
memory, and processes share what is read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from ham_recommend.answers import Query, Ranking
from ham_recommend.encode.analyzer import words
from ham_recommend.encode.weights import for_search
from ham_recommend.index._ids import ItemRows, Mask, Rows
from ham_recommend.index._scoring import checked_k, rescored
from ham_recommend.index._text_files import BASE, SINCE, load_parts, reading, save_base, save_since
from ham_recommend.index._text_parts import METHOD, PathOf, Progress, TextParts, build_parts
from ham_recommend.index.base import VectorStore
from ham_recommend.index.reading import Asked, Reading
from ham_recommend.index.slips import Slips
from ham_recommend.index.spelling import Spelling, Works
from ham_recommend.index.text_scoring import (
    ADJACENCY,
    COVERAGE,
    FIRST,
    FITS,
    LEAST_COSINE,
    LEAST_MEANING,
    LEAST_TOLD,
    MEANING_SHARE,
    POOL,
    Boost,
    Scale,
    fit,
    kth_best,
    total,
)
from ham_recommend.index.word_store import WordStore, allowed, best_positive
from ham_recommend.records import EMPTY, Document, Embeddings, ItemIds, Vectors
from ham_recommend.vectors import Write

Counts = npt.NDArray[np.int16]

_NOWHERE: Works = np.empty(0, dtype=np.intp)
_LEAST_POSITIVE = float(np.finfo(np.float32).smallest_subnormal)


class TextIndex:
    """Searches works by text; make one with :meth:`build` or :meth:`load`.

    Searches may run in several threads at once.

    Parameters
    ----------
    parts : TextParts
        What it is made of.
    """

    BASE: ClassVar = BASE
    SINCE: ClassVar = SINCE
    FILES: ClassVar = (*BASE, SINCE)
    METHOD: ClassVar = METHOD
    """Names how texts become an index; files made by another method are built again."""

    def __init__(self, parts: TextParts) -> None:
        self._parts = parts
        self._rows = ItemRows(parts.all.item_ids)

    @cached_property
    def words(self) -> WordStore:
        """The TF-IDF vectors of works; a work without a known word has a zero vector."""
        return WordStore(self._rows, self._parts.all.postings)

    @cached_property
    def meaning(self) -> VectorStore:
        """Unit-length vectors of what works mean; works without a known word have none."""
        return self._parts.meaning()

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        *,
        previous: TextIndex | None = None,
        unchanged: Mask | None = None,
        pictures: Embeddings | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Build an index of documents, read one at a time.

        Parameters
        ----------
        documents : iterable of Document
            All works of the collection, in any order, each once.
        previous : TextIndex or None
            An earlier index, not modified. Documents with an equal digest are not counted again, and unless a
            tenth of the works came, changed or went since it was built as a whole, its base and its space of
            meanings are kept. The words channel comes out the same, to the last bit, as without it.
        unchanged : ndarray of bool, shape (n previous,), or None
            Which works of the earlier index are known to be as they were: their documents are not given.
        pictures : Embeddings or None
            Vectors of the works' pictures: they tell what works mean that say next to nothing.
        progress : callable or None
            Called with the name of each step as it begins.

        Raises
        ------
        SettingsError
            A work comes twice.
        """
        before = None if previous is None else previous._parts
        return cls(build_parts(documents, before, unchanged, progress, pictures))

    def adds_to(self, other: TextIndex) -> bool:
        """Return whether both have the same base, so that its files need not be written again."""
        return self._parts.base is other._parts.base

    def save(self, write: Write) -> None:
        """Write the index's files.

        Parameters
        ----------
        write : callable
            ``write(name, rows=…)``, a context manager that yields the path to write to.
        """
        save_base(self._parts, write)
        save_since(self._parts, write)

    def save_since(self, write: Write) -> None:
        """Write the one file that is not of the base, :attr:`SINCE`."""
        save_since(self._parts, write)

    @classmethod
    def load(cls, path_of: PathOf) -> Self:
        """Read the files written by :meth:`save`; most stay on disk, and are read as they are asked for.

        Parameters
        ----------
        path_of : callable
            Name → path, such as :meth:`ham_recommend.workspace.Workspace.checked`.

        Raises
        ------
        ArtifactCorruptError
            A file cannot be read.
        ArtifactMismatchError
            The files were not built together.
        """
        with reading():
            index = cls(load_parts(path_of))
            _ = index.words, index.meaning  # worked out at once, not at the first search
            return index

    @classmethod
    def load_to_add(cls, path_of: PathOf) -> Self:
        """Read what :meth:`build` takes of an earlier index; see :meth:`load`."""
        with reading():
            return cls(load_parts(path_of))

    @property
    def item_ids(self) -> ItemIds:
        """The works, sorted, shape (n,)."""
        return self._parts.all.item_ids

    @cached_property
    def by_picture(self) -> frozenset[str]:
        """Works that say next to nothing: what they mean was told by their picture."""
        return frozenset(self.item_ids[self._parts.all.told].tolist())

    @property
    def is_empty(self) -> bool:
        """Whether no work says a word."""
        return not self._parts.vocabulary.terms

    def __len__(self) -> int:
        return len(self._rows)

    def search(
        self,
        text: str,
        k: int,
        *,
        exclude: Collection[str] = (),
        within: Collection[str] | None = None,
        correct: bool = True,
        meaning_share: float = MEANING_SHARE,
    ) -> Ranking:
        """Find works by words and meaning.

        Parameters
        ----------
        text : str
            What to look for; only the first 10,000 characters are read.
        k : int
            At least 0. So many works come back as long as so many allowed ones hold a word of the query or
            are near it in meaning; "nothing fits" is an answer.
        exclude : collection of str
            Works that must not come back; unknown ids are allowed.
        within : collection of str or None
            The only works that may come back; ``None`` for all, unknown ids are allowed.
        correct : bool
            Whether to read unknown words as the known ones they resemble; ``ranking.corrected`` says which.
        meaning_share : float
            What meaning counts, from 0 to 1; words count the rest.

        Returns
        -------
        Ranking
            Scores are at most 1 and comparable within one query, filtered or not. ``channels["words"]`` and
            ``channels["meaning"]`` hold the cosines. Empty when no word is known.

        Raises
        ------
        SettingsError
            ``k`` is negative.
        """
        found = self.candidates(
            text, checked_k(k), exclude=exclude, within=within, correct=correct, meaning_share=meaning_share
        )
        return replace(found.only(slice(k)), query=Query(text=text, k=k))

    def candidates(
        self,
        text: str,
        count: int,
        *,
        exclude: Collection[str] = (),
        within: Collection[str] | None = None,
        correct: bool = True,
        meaning_share: float = MEANING_SHARE,
        also: Collection[str] = (),
        boosts: Sequence[Boost] = (),
    ) -> Ranking:
        """Find the best works, and with them all whose scores it took to know that they are the best.

        Parameters
        ----------
        text, exclude, within, correct, meaning_share
            As in :meth:`search`.
        count : int
            So many works are the very best, as far as the store of meanings finds what is near.
        also : collection of str
            Further works that may come back, where they have anything in common with the query.
        boosts : sequence of Boost
            What the question names, and which works have it.

        Returns
        -------
        Ranking
            As from :meth:`search`, but longer than ``count``.
        """
        asked = self.reading.read(text, correct=correct)
        within = self._saying_all(asked.parted, within)
        counted, words_asked = self._held(asked)
        word_scores = self._word_scores(asked, counted)
        scale = Scale(float(word_scores.max(initial=0.0)) or 1.0, meaning_share, total(boosts))
        base = scale.without_meaning(word_scores, boosts)
        base = allowed(self._rows, base, exclude, within)
        terms, weights = asked.said
        direction = (weights / (np.linalg.norm(weights) or 1.0)) @ self._parts.directions(terms)
        depth = max(POOL, 2 * count)
        floor = max(LEAST_MEANING, LEAST_COSINE * float(np.linalg.norm(direction)))
        lowest = floor * LEAST_TOLD / LEAST_COSINE if self.by_picture else floor
        near, near_scores, at_most = self._near(direction, lowest, depth, exclude, within)
        best = best_positive(self._rows, base, depth)
        rows = np.unique(np.concatenate([best, near, self._rows.find(also)]))
        meaning_scores = self._meaning_scores(rows, direction, near, near_scores)
        fused = scale.fused(base[rows], meaning_scores)
        least = scale.least_base(kth_best(fused, count), at_most)
        if len(best) == depth and base[best[-1]] >= least:
            rows = np.union1d(rows, np.flatnonzero(base >= max(least, _LEAST_POSITIVE)))
            meaning_scores = self._meaning_scores(rows, direction, near, near_scores)
            fused = scale.fused(base[rows], meaning_scores)
        held = self._shares(counted, words_asked, boosts)
        channels = {"words": word_scores[rows], "meaning": meaning_scores}
        fits = meaning_scores >= np.where(self._parts.all.told[rows], lowest, floor)
        related = np.flatnonzero((base[rows] > 0) | fits)
        order = related[self._rows.best_first(rows[related], fused[related], len(related))]
        return Ranking(
            self.item_ids[rows],
            fused,
            channels=channels,
            corrected=asked.corrected,
            translated=asked.translated,
            suggested=EMPTY if len(order) else asked.suggested,
            total=int(np.count_nonzero(allowed(self._rows, held, exclude, within) >= FITS)),
            fit=fit(float(held[rows[order[:FIRST]]].max(initial=0.0))),
        ).only(order)

    def _held(self, asked: Asked) -> tuple[Counts, int]:
        """Return how many words of a question each work holds, shape (n,), and how many there are."""
        counted = np.zeros(len(self), dtype=np.int16)
        for group in asked.groups:
            says = np.zeros(len(self), dtype=np.bool_)
            says[np.concatenate([self._parts.all.postings.works(row) for row in group])] = True
            counted += says
        return counted, len(asked.groups) + asked.unknown

    def _word_scores(self, asked: Asked, counted: Counts) -> Vectors:
        """Return the score of every work by words, shape (n,).

        The inner product, times what speaks for a work: it is short, it holds many of the words asked for,
        and it says them in the same order.
        """
        scores = self.words.scores(*asked.all) * self._by_length
        size = len(asked.groups)
        if size > 1:
            share = np.maximum(np.arange(size + 1), 1) / size
            scores *= (share**COVERAGE).astype(np.float32)[counted]
        if len(asked.sequence) > 1:
            scores *= 1.0 + np.float32(ADJACENCY) * self._parts.all.pairs.shares(asked.sequence)
        return scores

    def _shares(self, counted: Counts, size: int, boosts: Sequence[Boost]) -> Vectors:
        """Return which share of what is asked each work has: its words, and what they name."""
        has = counted.astype(np.float32)
        for boost in boosts:
            has += boost.works > 0
        return np.asarray(has / max(1, size + len(boosts)), dtype=np.float32)

    def frequency(self, word: str) -> int:
        """Return how many works say a word, in any of its forms."""
        return len(self.works_saying(word))

    def saying(self, phrase: str) -> Rows:
        """Return the rows of the works that say a phrase, or a word, ascending.

        Parameters
        ----------
        phrase : str
            Small words that say nothing do not count; neither do endings.
        """
        rows = [self._parts.vocabulary.row(word) for word in words(phrase)]
        if not rows or None in rows:
            return np.empty(0, dtype=np.intp)
        if len(rows) == 1:
            return np.asarray(self.works_saying(words(phrase)[0]), dtype=np.intp)
        return self._parts.all.pairs.saying([row for row in rows if row is not None]).astype(np.intp)

    def _saying_all(self, phrases: Sequence[str], within: Collection[str] | None) -> Collection[str] | None:
        """Return those of some works that say all of some phrases; ``None`` for all works."""
        said = [frozenset(self.item_ids[self.saying(one)].tolist()) for one in phrases]
        return said[0].intersection(*said, *(() if within is None else [within])) if said else within

    def _near(
        self,
        direction: Vectors,
        floor: float,
        depth: int,
        exclude: Collection[str],
        within: Collection[str] | None,
    ) -> tuple[Rows, Vectors, float]:
        """Return the works nearest in meaning, their scores, and how near others can be.

        A store that does not read every vector misses few, but those may be as near as any it finds.
        """
        if not direction.any():
            return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float32), floor
        near = self.meaning.search(direction, depth, exclude=exclude, within=within)[0]
        nearest_left = float(near.scores[-1 if self.meaning.exact else 0]) if len(near) == depth else 0.0
        near = near.only(np.flatnonzero(near.scores >= floor))
        return self._rows.find(near.item_ids), near.scores, max(nearest_left, floor)

    def exact(
        self,
        text: str,
        k: int,
        *,
        exclude: Collection[str] = (),
        within: Collection[str] | None = None,
        correct: bool = True,
    ) -> Ranking:
        """Find works by words alone: the exact scores of the sparse matrix.

        Parameters and errors are those of :meth:`search`.

        Returns
        -------
        Ranking
            Works that share a term with the query.
        """
        asked = self.reading.read(text, correct=correct)
        scores = allowed(self._rows, self.words.scores(*asked.own), exclude, within)
        rows = best_positive(self._rows, scores, checked_k(k))
        return Ranking(
            self.item_ids[rows],
            scores[rows],
            channels={"words": scores[rows]},
            query=Query(text=text, k=k),
            corrected=asked.corrected,
        )

    @property
    def language(self) -> str:
        """Whose endings are taken off words in Latin letters."""
        return self._parts.language

    def works_saying(self, word: str) -> Works:
        """Return the rows of :attr:`item_ids` that hold a word's term, ascending."""
        row = self._parts.vocabulary.row(word)
        return self._parts.all.postings.works(row) if row is not None else _NOWHERE

    @cached_property
    def reading(self) -> Reading:
        """How questions to these works are read."""
        parts, said = self._parts, self.works_saying
        spelling = Spelling(parts.all.words, parts.all.frequencies, said, parts.language, len(self))
        return Reading(parts.vocabulary, Slips(spelling, parts.vocabulary, said, self.saying))

    @cached_property
    def _by_length(self) -> Vectors:
        """What the score of each work is multiplied with for its length, shape (n,)."""
        return for_search(self._parts.all.lengths)

    def _meaning_scores(self, rows: Rows, direction: Vectors, near: Rows, near_scores: Vectors) -> Vectors:
        """Return the inner product of each work with a direction, 0 for works without a vector.

        Parameters
        ----------
        rows : ndarray of int, shape (n,)
            The works, ascending.
        direction : ndarray of float32, shape (dim,)
            What is looked for.
        near, near_scores : ndarray, shape (m,)
            Works that were found near it, all among ``rows``, and their scores.
        """
        scores = np.zeros(len(rows), dtype=np.float32)
        missing = self._parts.all.has_vector[rows]
        if self.meaning.bit_equal_ties:
            places = np.searchsorted(rows, near)
            scores[places] = near_scores
            missing[places] = False
        known = self.meaning.get(self.item_ids[rows[missing]].tolist())
        scores[missing] = rescored(known.vectors, direction)
        return scores
