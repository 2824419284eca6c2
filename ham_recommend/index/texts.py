"""What works say and mean, wherever that is: the door by which a search by text asks for it.

:class:`TextsHere` has it in files of the collection, and scores every work.
:class:`ham_recommend.index.texts_elsewhere.TextsElsewhere` has it in a database, which proposes works; these
are fetched, and scored in the same way.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ham_recommend.encode.weights import Vocabulary, Weights, for_search
from ham_recommend.index._ids import ItemRows, Mask, Rows
from ham_recommend.index._text_parts import TextParts
from ham_recommend.index.base import Searchable, VectorStore
from ham_recommend.index.postings import Postings
from ham_recommend.index.reading import Asked
from ham_recommend.index.saying import Works, WorksHere
from ham_recommend.index.text_scoring import ADJACENCY, COVERAGE, FITS, Boost, Scale, total
from ham_recommend.index.word_pairs import WordPairs
from ham_recommend.index.word_store import WordStore, best_positive
from ham_recommend.records import ItemIds, Vectors

Counts = npt.NDArray[np.int16]
NOTHING = -np.inf
_LEAST_POSITIVE = float(np.finfo(np.float32).smallest_subnormal)


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What works are proposed for.

    Parameters
    ----------
    asked : Asked
        Its words.
    boosts : sequence of Boost
        What it names.
    meaning_share : float
        What meaning counts.
    exclude, within
        As in :meth:`ham_recommend.index.base.VectorStore.search`.
    depth : int
        How many works are proposed at first.
    also : ndarray of int
        Works that take part in any case.
    """

    asked: Asked
    boosts: Sequence[Boost]
    meaning_share: float
    exclude: Collection[str]
    within: Collection[str] | None
    depth: int
    also: Rows

    def shares(self, counted: Counts, boosts: Sequence[Boost]) -> Vectors:
        """Return which share of what is asked each work has: its words, and what they name."""
        has = counted.astype(np.float32)
        for boost in boosts:
            has += boost.works > 0
        size = len(self.asked.groups) + self.asked.unknown + len(boosts)
        return np.asarray(has / max(1, size), dtype=np.float32)

    def boosts_of(self, rows: Rows) -> list[Boost]:
        """Return what it names, for some works."""
        return [Boost(boost.works[rows], boost.weight) for boost in self.boosts]

    def scale(self, best: float) -> Scale:
        """Return the scale on which the best score of words counts as 1."""
        return Scale(best or 1.0, self.meaning_share, total(self.boosts))


@dataclass(frozen=True, slots=True, eq=False)
class Proposed:
    """Works that may be among the best, and what they have but for their meaning.

    Parameters
    ----------
    rows : ndarray of int, shape (m,)
        Which, ascending.
    words : ndarray of float32, shape (m,)
        Their scores by words.
    base : ndarray of float32, shape (m,)
        What they have but for their meaning, on the scale; 0 for those that may not come back.
    held : ndarray of float32, shape (m,)
        Which share of what is asked they have.
    scale : Scale
        What the best score of all works counts.
    left : float
        The most that any other work can have but for its meaning.
    total : int
        How many works have at least half of what is asked; where not all are known, at least so many.
    """

    rows: Rows
    words: Vectors
    base: Vectors
    held: Vectors
    scale: Scale
    left: float
    total: int


class Proposals(ABC):
    """Proposes works for one question."""

    @abstractmethod
    def first(self) -> Proposed:
        """Return the likeliest."""

    @abstractmethod
    def deeper(self, least: float) -> Proposed:
        """Return all that have at least so much but for their meaning."""


class Texts(ABC):
    """What works say and mean.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        The works, sorted.
    vocabulary : Vocabulary
        The terms, and how rare each is.

    Attributes
    ----------
    rows : ItemRows
        The row of each work.
    words : sequence of str
        The folded words of all works, sorted.
    frequencies : ndarray of int32, shape (n words,)
        How many works use each.
    told : ndarray of bool, shape (n,)
        Whose meaning was told by their picture.
    has_vector : ndarray of bool, shape (n,)
        Which works have a vector of meaning.
    """

    words: Sequence[str]
    frequencies: npt.NDArray[np.int32]
    told: Mask
    has_vector: Mask

    def __init__(self, item_ids: ItemIds, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.rows = ItemRows(item_ids)

    @property
    def item_ids(self) -> ItemIds:
        """The works, sorted, shape (n,)."""
        return self.rows.item_ids

    @cached_property
    def word_store(self) -> Searchable:
        """The TF-IDF vectors of works; a work without a known word has a zero vector."""
        return WordStore(self)

    @property
    @abstractmethod
    def meaning(self) -> VectorStore:
        """Unit-length vectors of what works mean."""

    def check_ready(self) -> None:  # noqa: B027 - what is here always is
        """Refuse to search where that cannot be done just now.

        Raises
        ------
        StoreUnavailableError
            A database that holds the texts does not answer.
        """

    @property
    def trouble(self) -> str:
        """What a person should know while they cannot be searched; empty while they can."""
        return ""

    @abstractmethod
    def directions(self, terms: Rows) -> Vectors:
        """Return the directions of some terms, shape (m, dim); zero for those that are new to the space."""

    @abstractmethod
    def frequency(self, term: int) -> int:
        """Return how many works say a term."""

    @abstractmethod
    def saying(self, term: int) -> Works:
        """Return the works that say a term."""

    @abstractmethod
    def saying_phrase(self, terms: Sequence[int]) -> Works:
        """Return the works that say at least two terms one after the other."""

    @abstractmethod
    def weights_of(self, rows: Rows) -> Weights:
        """Return the TF-IDF weights of some works, shape (m, n terms), in the order given."""

    @abstractmethod
    def best(
        self, terms: Rows, weights: Vectors, k: int, exclude: Collection[str], within: Collection[str] | None
    ) -> tuple[Rows, Vectors]:
        """Return the works with the ``k`` greatest positive inner products with a query, and these."""

    @abstractmethod
    def proposals(self, question: Question) -> Proposals:
        """Return what proposes works for a question."""


@dataclass(frozen=True, eq=False)
class Spoken:
    """What some works say, ready to be scored.

    Parameters
    ----------
    postings : Postings
        Their weights.
    pairs : WordPairs
        What they say one after the other.
    by_length : ndarray of float32, shape (n,)
        What a search multiplies the score of each with for its length.
    """

    postings: Postings
    pairs: WordPairs
    by_length: Vectors

    def counted(self, asked: Asked) -> Counts:
        """Return how many words of a question each work holds, shape (n,)."""
        counted = np.zeros(len(self.by_length), dtype=np.int16)
        for group in asked.groups:
            says = np.zeros(len(counted), dtype=np.bool_)
            says[np.concatenate([self.postings.works(row) for row in group])] = True
            counted += says
        return counted

    def scores(self, asked: Asked, counted: Counts) -> Vectors:
        """Return the score of every work by words, shape (n,).

        The inner product, times what speaks for a work: it is short, it holds many of the words asked for,
        and it says them in the same order.
        """
        scores = self.postings.scores(*asked.all) * self.by_length
        size = len(asked.groups)
        if size > 1:
            share = np.maximum(np.arange(size + 1), 1) / size
            scores *= (share**COVERAGE).astype(np.float32)[counted]
        if len(asked.sequence) > 1:
            scores *= 1.0 + np.float32(ADJACENCY) * self.pairs.shares(asked.sequence)
        return scores


class TextsHere(Texts):
    """What works say and mean, in files that are read as they are asked for.

    Parameters
    ----------
    parts : TextParts
        What was read of them.
    """

    def __init__(self, parts: TextParts) -> None:
        super().__init__(parts.all.item_ids, parts.vocabulary)
        self._parts = parts
        self.words, self.frequencies = parts.all.words, parts.all.frequencies
        self.told, self.has_vector = parts.all.told, parts.all.has_vector

    @cached_property
    def meaning(self) -> VectorStore:
        """Unit-length vectors of what works mean."""
        return self._parts.meaning()

    @cached_property
    def spoken(self) -> Spoken:
        """What all works say."""
        every = self._parts.all
        return Spoken(every.postings, every.pairs, for_search(every.lengths))

    def directions(self, terms: Rows) -> Vectors:
        """Return the directions of some terms; see :class:`Texts`."""
        return self._parts.directions(terms)

    def frequency(self, term: int) -> int:
        """Return how many works say a term."""
        return len(self._parts.all.postings.works(term))

    def saying(self, term: int) -> Works:
        """Return the works that say a term."""
        return WorksHere(self._parts.all.postings.works(term).astype(np.intp, copy=False))

    def saying_phrase(self, terms: Sequence[int]) -> Works:
        """Return the works that say at least two terms one after the other."""
        return WorksHere(self._parts.all.pairs.saying(terms).astype(np.intp))

    def weights_of(self, rows: Rows) -> Weights:
        """Return the TF-IDF weights of some works; see :class:`Texts`."""
        return self._parts.all.postings.of(rows)

    def best(
        self, terms: Rows, weights: Vectors, k: int, exclude: Collection[str], within: Collection[str] | None
    ) -> tuple[Rows, Vectors]:
        """Return the works with the greatest inner products; see :class:`Texts`."""
        scores = self.rows.allowed(self._parts.all.postings.scores(terms, weights), exclude, within)
        best = best_positive(self.rows, scores, k)
        return best, scores[best]

    def proposals(self, question: Question) -> Proposals:
        """Return what proposes works, going by the scores of all."""
        return _Scored(self, question)


class _Scored(Proposals):
    """Knows the scores of all works for one question.

    Parameters
    ----------
    texts : TextsHere
        What they say.
    question : Question
        The question.
    """

    def __init__(self, texts: TextsHere, question: Question) -> None:
        asked = question.asked
        counted = texts.spoken.counted(asked)
        self._words = texts.spoken.scores(asked, counted)
        self._scale = question.scale(float(self._words.max(initial=0.0)))
        base = self._scale.without_meaning(self._words, question.boosts)
        self._base = texts.rows.allowed(base, question.exclude, question.within)
        self._held = question.shares(counted, question.boosts)
        fitting = texts.rows.allowed(self._held, question.exclude, question.within) >= FITS
        self._total = int(np.count_nonzero(fitting))
        self._best = best_positive(texts.rows, self._base, question.depth)
        self._rows = np.union1d(self._best, question.also)
        self._all_known = len(self._best) < question.depth

    def first(self) -> Proposed:
        """Return the best but for their meaning."""
        left = NOTHING if self._all_known else float(self._base[self._best[-1]])
        return self._of(self._rows, left)

    def deeper(self, least: float) -> Proposed:
        """Return all that have at least so much but for their meaning."""
        more = np.flatnonzero(self._base >= max(least, _LEAST_POSITIVE))
        return self._of(np.union1d(self._rows, more), NOTHING)

    def _of(self, rows: Rows, left: float) -> Proposed:
        return Proposed(
            rows, self._words[rows], self._base[rows], self._held[rows], self._scale, left, self._total
        )
