"""The text index: finds works by the words they say and by what they mean.

======= ==========================================================================================
words   the exact inner product of the query with the TF-IDF of every work, from a sparse matrix
meaning the same with the TF-IDF smoothed to its 256 main directions (LSA), from vectors in FAISS
======= ==========================================================================================

Both are cosines in the space of terms. A query that the main directions cannot express gets small scores in
the second, so there the words decide. The two are fused with one weight after the words are scaled by the
best (convex combination of normalised scores: Bruch, Gai and Ingber, ACM TOIS 2023).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Self

import numpy as np

from ham_recommend.answers import Query, Ranking
from ham_recommend.encode.accession import number_in, parts_of_numbers
from ham_recommend.encode.analyzer import LONGEST_QUERY, initials, other_spellings, words
from ham_recommend.index._ids import Mask, Rows
from ham_recommend.index._scoring import checked_k, rescored
from ham_recommend.index._text_parts import (
    FILES,
    METHOD,
    PathOf,
    Progress,
    TextParts,
    build_parts,
    load_parts,
    save_parts,
)
from ham_recommend.index.base import VectorStore
from ham_recommend.index.fusion import fuse
from ham_recommend.index.spelling import RARE, Spelling, Works
from ham_recommend.index.word_store import WordStore, allowed, best_positive
from ham_recommend.records import Document, Embeddings, ItemIds, Vectors
from ham_recommend.vectors import Write

INITIALS = 0.1
"""What initials count beside the family name; a title with the same letters in it is no artist."""
MEANING_SHARE = 0.2
"""What meaning counts in the score of a text, beside the words with the rest of 1.

Set by ``benchmarks/text_search.py``.
"""
LEAST_MEANING = 0.01
LEAST_COSINE = 0.3
"""Below either, a work without any of the query's words does not fit it, and pads no answer.

The first is the inner product with the query; the second the cosine with what of it the main directions
express, so that the neighbours of a rare word are found and the noise around a frequent one is not.
"""
LEAST_TOLD = 0.1
"""The same cosine for works whose meaning was told by their picture, which blurs it.

In ``benchmarks/without_words.py`` works that show a motif have .1 to .6, nine in ten of the others less.
"""
POOL = 200
"""Works that words and meaning propose each, at least: enough that others rarely have to be looked at."""
MOST_CORRECTED = 8
"""Words of one query that are corrected; who misspells more does not write this collection's language."""

_NOWHERE: Works = np.empty(0, dtype=np.intp)
_ROUNDING = 1e-6
_LEAST_POSITIVE = float(np.finfo(np.float32).smallest_subnormal)
_TYPED = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class TextIndex:
    """Searches works by text; make one with :meth:`build` or :meth:`load`.

    Searches may run in several threads at once.

    Parameters
    ----------
    parts : TextParts
        What it is made of.
    """

    FILES: ClassVar = FILES
    METHOD: ClassVar = METHOD
    """Names how texts become an index; files made by another method are built again."""

    def __init__(self, parts: TextParts) -> None:
        self._parts = parts
        self.words = WordStore(parts.item_ids, parts.postings)
        """The TF-IDF vectors of works; a work without a known word has a zero vector."""
        self.meaning: VectorStore = parts.meaning
        """Unit-length vectors of what works mean; works without a known word have none."""
        self._rows = self.words.rows

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        *,
        previous: TextIndex | None = None,
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
            tenth of the works are new to it, its space of meanings is kept. The words channel comes out the
            same, to the last bit, as without it.
        pictures : Embeddings or None
            Vectors of the works' pictures: they tell what works mean that say next to nothing.
        progress : callable or None
            Called with the name of each step as it begins.

        Raises
        ------
        SettingsError
            A work comes twice.
        """
        return cls(build_parts(documents, None if previous is None else previous._parts, progress, pictures))

    def save(self, write: Write) -> None:
        """Write the index's files.

        Parameters
        ----------
        write : callable
            ``write(name, rows=…)``, a context manager that yields the path to write to.
        """
        save_parts(self._parts, write)

    @classmethod
    def load(cls, path_of: PathOf, *, whole: bool = False) -> Self:
        """Read the files written by :meth:`save`.

        Parameters
        ----------
        path_of : callable
            Name → path, such as :meth:`ham_recommend.workspace.Workspace.checked`.
        whole : bool
            Whether to read at once what only adding works needs; else it is read when it is needed.

        Raises
        ------
        ArtifactCorruptError
            A file cannot be read.
        ArtifactMismatchError
            The files were not built together.
        """
        parts = load_parts(path_of)
        if whole:
            counts = parts.counts()
            parts = replace(parts, counts=lambda: counts)
        return cls(parts)

    @property
    def item_ids(self) -> ItemIds:
        """The works, sorted, shape (n,)."""
        return self._parts.item_ids

    @cached_property
    def by_picture(self) -> frozenset[str]:
        """Works that say next to nothing: what they mean was told by their picture."""
        return frozenset(self.item_ids[self._parts.told].tolist())

    @property
    def is_empty(self) -> bool:
        """Whether no work says a word."""
        return not self._parts.vocabulary.terms

    def __len__(self) -> int:
        return len(self._parts.item_ids)

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
            text,
            checked_k(k),
            exclude=exclude,
            within=within,
            correct=correct,
            meaning_share=meaning_share,
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

        Returns
        -------
        Ranking
            As from :meth:`search`, but longer than ``count``.
        """
        (terms, weights), corrected = self._read(text, correct=correct)
        word_scores = self.words.scores(terms, weights)
        scale = _Scale(float(word_scores.max(initial=0.0)) or 1.0, meaning_share)
        word_scores = allowed(self._rows, word_scores, exclude, within)
        direction = weights @ self._parts.space[terms]
        depth = max(POOL, 2 * count)
        floor = max(LEAST_MEANING, LEAST_COSINE * float(np.linalg.norm(direction)))
        lowest = floor * LEAST_TOLD / LEAST_COSINE if self.by_picture else floor
        near, near_scores, at_most = self._near(direction, lowest, depth, exclude, within)
        by_words = best_positive(self._rows, word_scores, depth)
        rows = np.unique(np.concatenate([by_words, near, self._rows.find(also)]))
        meaning_scores = self._meaning_scores(rows, direction, near, near_scores)
        fused = scale.fused(word_scores[rows], meaning_scores)
        least = scale.least_words(_kth_best(fused, count), at_most)
        if len(by_words) == depth and word_scores[by_words[-1]] >= least:
            rows = np.union1d(rows, np.flatnonzero(word_scores >= max(least, _LEAST_POSITIVE)))
            meaning_scores = self._meaning_scores(rows, direction, near, near_scores)
            fused = scale.fused(word_scores[rows], meaning_scores)
        channels = {"words": word_scores[rows], "meaning": meaning_scores}
        fits = meaning_scores >= np.where(self._parts.told[rows], lowest, floor)
        related = np.flatnonzero((channels["words"] > 0) | fits)
        order = related[self._rows.best_first(rows[related], fused[related], len(related))]
        return Ranking(self.item_ids[rows], fused, channels=channels, corrected=corrected).only(order)

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
        query, corrected = self._read(text, correct=correct)
        scores = allowed(self._rows, self.words.scores(*query), exclude, within)
        rows = best_positive(self._rows, scores, checked_k(k))
        return Ranking(
            self.item_ids[rows],
            scores[rows],
            channels={"words": scores[rows]},
            query=Query(text=text, k=k),
            corrected=corrected,
        )

    def _read(self, text: str, *, correct: bool) -> tuple[tuple[Rows, Vectors], dict[str, str]]:
        """Return a query's terms and weights, and what was corrected."""
        number, text = number_in(text[:LONGEST_QUERY], self._parts.vocabulary.row_of)
        asked = words(text)
        meant = self._corrections(asked, parts_of_numbers(text)) if correct else {}
        counted = [*(meant[word] for word in asked if word in meant), *asked]
        less = dict.fromkeys(initials(text), INITIALS) if len(asked) > 1 else {}
        less |= {part: 0.5 for pair in meant.values() if " " in pair for part in pair.split()}
        query = self._parts.vocabulary.query(
            [number, *(word for word in counted if word not in less)], other_spellings(text) | less
        )
        return query, {_typed(text, word): known for word, known in meant.items()}

    def _corrections(self, asked: list[str], exact: set[str]) -> dict[str, str]:
        """Return the words meant by those that match nothing, or so little that it may be a slip as well."""
        frequencies = {word: len(self.works_saying(word)) for word in dict.fromkeys(asked)}
        doubtful = [
            word for word, frequency in frequencies.items() if frequency <= RARE and word not in exact
        ]
        right = [word for word, frequency in frequencies.items() if frequency > RARE]
        found = {
            word: self._spelling.correct(word, frequencies[word], right) for word in doubtful[:MOST_CORRECTED]
        }
        return {word: meant for word, meant in found.items() if meant is not None}

    @property
    def language(self) -> str:
        """Whose endings are taken off words in Latin letters."""
        return self._parts.vocabulary.language

    def works_saying(self, word: str) -> Works:
        """Return the rows of :attr:`item_ids` that hold a word's term, ascending."""
        row = self._parts.vocabulary.row(word)
        postings = self._parts.postings
        return postings.indices[slice(*postings.indptr[row : row + 2])] if row is not None else _NOWHERE

    @cached_property
    def _has_vector(self) -> Mask:
        """Which works have a vector, shape (n,)."""
        placed = np.zeros(len(self), dtype=np.bool_)
        placed[self._rows.find(self._parts.placed)] = True
        return placed

    @cached_property
    def _spelling(self) -> Spelling:
        parts = self._parts
        return Spelling(parts.words, parts.frequencies, self.works_saying, parts.vocabulary.language)

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
        missing = self._has_vector[rows]
        if self.meaning.bit_equal_ties:
            places = np.searchsorted(rows, near)
            scores[places] = near_scores
            missing[places] = False
        known = self.meaning.get(self.item_ids[rows[missing]].tolist())
        scores[missing] = rescored(known.vectors, direction)
        return scores


@dataclass(frozen=True, slots=True)
class _Scale:
    """How the scores of words and meaning become one.

    Parameters
    ----------
    best : float
        The score of words that counts as 1.
    meaning_share : float
        What meaning counts.
    """

    best: float
    meaning_share: float

    def fused(self, word_scores: Vectors, meaning_scores: Vectors) -> Vectors:
        return fuse(
            {"words": word_scores, "meaning": meaning_scores},
            {"words": 1.0 - self.meaning_share, "meaning": self.meaning_share},
            bounds={"words": (0.0, self.best), "meaning": (0.0, 1.0)},
        )

    def least_words(self, fused: float, meaning: float) -> float:
        """Return the score of words that it takes to reach a fused one, with so much meaning."""
        needed = fused - self.meaning_share * meaning - _ROUNDING
        return self.best * needed / max(1.0 - self.meaning_share, _ROUNDING)


def _kth_best(scores: Vectors, k: int) -> float:
    """Return the ``k``-th best score, or less than any where there are not so many."""
    if not 0 < k <= len(scores):
        return -np.inf if k else np.inf
    return float(np.partition(scores, len(scores) - k)[len(scores) - k])


def _typed(text: str, word: str) -> str:
    """Return a word the way the user typed it."""
    return next((typed for typed in _TYPED.findall(text) if words(typed) == [word]), word)
