"""Search by text: finds works by the words they say and by what they mean.

======= ==========================================================================================
words   the exact inner product of the query with the TF-IDF of every work that says one of its terms
meaning the same with the TF-IDF smoothed to its 256 main directions (LSA), by codes of vectors in FAISS
======= ==========================================================================================

Both are cosines in the space of terms. A query that the main directions cannot express gets small scores in
the second, so there the words decide. The two are fused with one weight after the words are scaled by the
best (convex combination of normalised scores: Bruch, Gai and Ingber, ACM TOIS 2023).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from ham_recommend.answers import Query, Ranking
from ham_recommend.encode.analyzer import words
from ham_recommend.index._ids import Rows
from ham_recommend.index._scoring import checked_k, rescored
from ham_recommend.index.base import Searchable, VectorStore
from ham_recommend.index.reading import Reading
from ham_recommend.index.saying import Works, WorksHere, in_all
from ham_recommend.index.slips import Slips
from ham_recommend.index.spelling import Spelling
from ham_recommend.index.text_scoring import (
    FIRST,
    LEAST_COSINE,
    LEAST_MEANING,
    LEAST_TOLD,
    MEANING_SHARE,
    POOL,
    Boost,
    fit,
    kth_best,
)
from ham_recommend.index.texts import NOTHING, Question, Texts
from ham_recommend.records import EMPTY, ItemIds, Vectors


class TextSearch:
    """Searches works by text, wherever what they say is.

    Searches may run in several threads at once.

    Parameters
    ----------
    texts : Texts
        What works say and mean.
    """

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.words: Searchable = texts.word_store

    @cached_property
    def meaning(self) -> VectorStore:
        """Unit-length vectors of what works mean; works without a known word have none."""
        return self.texts.meaning

    @property
    def item_ids(self) -> ItemIds:
        """The works, sorted, shape (n,)."""
        return self.texts.item_ids

    @cached_property
    def by_picture(self) -> frozenset[str]:
        """Works that say next to nothing: what they mean was told by their picture."""
        return frozenset(self.item_ids[self.texts.told].tolist())

    @property
    def trouble(self) -> str:
        """What a person should know while texts cannot be searched; empty while they can."""
        return self.texts.trouble

    @property
    def is_empty(self) -> bool:
        """Whether no work says a word."""
        return not self.texts.vocabulary.terms

    def __len__(self) -> int:
        return len(self.texts.rows)

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
        untranslated: Collection[str] = (),
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
        untranslated : collection of str
            Meanings that no word is read as; see :meth:`ham_recommend.index.reading.Reading.read`.

        Returns
        -------
        Ranking
            As from :meth:`search`, but longer than ``count``.
        """
        self.texts.check_ready()
        asked = self.reading.read(text, correct=correct, untranslated=untranslated)
        within = self._saying_all(asked.parted, within)
        terms, weights = asked.said
        direction = (weights / (np.linalg.norm(weights) or 1.0)) @ self.texts.directions(terms)
        depth = max(POOL, 2 * count)
        floor = max(LEAST_MEANING, LEAST_COSINE * float(np.linalg.norm(direction)))
        lowest = floor * LEAST_TOLD / LEAST_COSINE if self.by_picture else floor
        near, near_scores, at_most = self._near(direction, lowest, depth, exclude, within)
        part = np.union1d(near, self.texts.rows.find(also))
        proposals = self.texts.proposals(Question(asked, boosts, meaning_share, exclude, within, depth, part))
        found = proposals.first()
        while True:
            meaning_scores = self._meaning_scores(found.rows, direction, near, near_scores)
            fused = found.scale.fused(found.base, meaning_scores)
            least = found.scale.least_base(kth_best(fused, count), at_most)
            if found.left == NOTHING or found.left < least:
                break
            found = proposals.deeper(least)
        self.texts.check_ready()  # meanings that are not to be had are no answer
        rows, held = found.rows, found.held
        fits = meaning_scores >= np.where(self.texts.told[rows], lowest, floor)
        related = np.flatnonzero((found.base > 0) | fits)
        order = related[self.texts.rows.best_first(rows[related], fused[related], len(related))]
        return Ranking(
            self.item_ids[rows],
            fused,
            channels={"words": found.words, "meaning": meaning_scores},
            corrected=asked.corrected,
            translated=asked.translated,
            suggested=EMPTY if len(order) else asked.suggested,
            total=found.total,
            fit=fit(float(held[order[:FIRST]].max(initial=0.0))),
        ).only(order)

    def frequency(self, word: str) -> int:
        """Return how many works say a word, in any of its forms."""
        term = self.texts.vocabulary.row(word)
        return 0 if term is None else self.texts.frequency(term)

    def saying(self, phrase: str) -> Works:
        """Return the works that say a phrase, or a word.

        Parameters
        ----------
        phrase : str
            Small words that say nothing do not count; neither do endings.
        """
        terms = [self.texts.vocabulary.row(word) for word in words(phrase)]
        known = [term for term in terms if term is not None]
        if not known or len(known) < len(terms):
            return WorksHere.none()
        return self.texts.saying(known[0]) if len(known) == 1 else self.texts.saying_phrase(known)

    def _saying_all(self, phrases: Sequence[str], within: Collection[str] | None) -> Collection[str] | None:
        """Return those of some works that say all of some phrases; ``None`` for all works."""
        if not phrases:
            return within
        said = frozenset(self.item_ids[in_all(map(self.saying, phrases)).rows].tolist())
        return said if within is None else said.intersection(within)

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
        return self.texts.rows.find(near.item_ids), near.scores, max(nearest_left, floor)

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
        self.texts.check_ready()
        asked = self.reading.read(text, correct=correct)
        rows, scores = self.texts.best(*asked.own, checked_k(k), exclude, within)
        return Ranking(
            self.item_ids[rows],
            scores,
            channels={"words": scores},
            query=Query(text=text, k=k),
            corrected=asked.corrected,
        )

    @property
    def language(self) -> str:
        """Whose endings are taken off words in Latin letters."""
        return self.texts.vocabulary.language

    def works_saying(self, word: str) -> Works:
        """Return the works that hold a word's term."""
        term = self.texts.vocabulary.row(word)
        return WorksHere.none() if term is None else self.texts.saying(term)

    @cached_property
    def reading(self) -> Reading:
        """How questions to these works are read."""
        texts, said = self.texts, self.works_saying
        language = texts.vocabulary.language
        spelling = Spelling(texts.words, texts.frequencies, said, language, len(self))
        return Reading(texts.vocabulary, Slips(spelling, texts.vocabulary, said, self.saying))

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
        missing = self.texts.has_vector[rows]
        if self.meaning.bit_equal_ties:
            places = np.searchsorted(rows, near)
            scores[places] = near_scores
            missing[places] = False
        known = self.meaning.get(self.item_ids[rows[missing]].tolist())
        if len(known) < np.count_nonzero(missing):  # a database may have lost some to the state after this
            missing = np.isin(rows, self.texts.rows.find(known.item_ids), assume_unique=True)
        scores[missing] = rescored(known.vectors, direction)
        return scores
