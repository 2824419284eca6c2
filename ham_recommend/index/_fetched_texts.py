"""Which works of a database are fetched for a question, so that the best are surely among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ham_recommend.index._ids import Mask, Rows
from ham_recommend.index._milvus_asked import MOST_ANSWERED
from ham_recommend.index.text_scoring import ADJACENCY, FITS, POOL, Scale
from ham_recommend.index.texts import NOTHING, Proposals, Proposed, Question
from ham_recommend.records import Vectors

if TYPE_CHECKING:
    from ham_recommend.index.texts_elsewhere import TextsElsewhere

MORE = 4
"""How many times as many works are looked through, where the best may be among others."""
_FETCHED = 1_000
"""Works that may be among the best that are fetched rather than told apart by looking through more."""
_ROUNDING = 1e-5


class Fetched(Proposals):
    """Fetches the works that may be among the best for one question.

    Parameters
    ----------
    texts : TextsElsewhere
        Where they are.
    question : Question
        The question.
    """

    def __init__(self, texts: TextsElsewhere, question: Question) -> None:
        self._texts, self._question = texts, question
        self._asked = texts.numbered(*question.asked.all)
        known = texts.known
        in_order = 1.0 + ADJACENCY * (len(question.asked.sequence) > 1)
        self._ratio = (known.evened * known.by_length / known.factors) * np.float32(in_order + _ROUNDING)
        self._most = float(self._ratio.max(initial=0.0))
        self._limited = bool(len(question.exclude)) or question.within is not None
        self._mask = texts.rows.mask(question.exclude, question.within)
        boosted = [np.flatnonzero(boost.works > 0) for boost in question.boosts]
        self._always: Rows = np.unique(np.concatenate([question.also, *boosted]))
        self._taken: Rows = np.empty(0, dtype=np.intp)
        self._words: Vectors = np.empty(0, dtype=np.float32)
        self._counted = np.empty(0, dtype=np.int16)
        self._depth = min(question.depth, MOST_ANSWERED)
        self._look()

    def _look(self) -> None:
        """See which works say most of what is asked, and how much any may have by words."""
        rows, scores, left = self._texts.nearest(self._asked, self._depth)
        self._hits, self._left = self._bound(rows, scores, left)
        if not self._limited:
            self._allowed_hits, self._allowed_left = self._hits, self._left
            return
        limit = self._question.exclude, self._question.within
        rows, scores, left = self._texts.nearest(self._asked, self._depth, *limit)
        self._allowed_hits, self._allowed_left = self._bound(rows, scores, left)

    def _bound(self, rows: Rows, scores: Vectors, left: float) -> tuple[tuple[Rows, Vectors], float]:
        """Return the works found, ascending, with the most that each may have, and what others may have."""
        order = np.argsort(rows)
        return (rows[order], scores[order] * self._ratio[rows[order]]), left * self._most

    def _look_deeper(self) -> bool:
        """Look through more works; return whether there may be any."""
        if self._depth >= MOST_ANSWERED or not max(self._left, self._allowed_left):
            return False
        self._depth = min(MORE * self._depth, MOST_ANSWERED)
        self._look()
        return True

    def _take(self, rows: Rows) -> None:
        """Fetch works, and score them by their words."""
        rows = np.setdiff1d(rows, self._taken, assume_unique=True)
        if not len(rows):
            return
        spoken, asked = self._texts.spoken(rows), self._question.asked
        counted = spoken.counted(asked)
        taken = np.concatenate([self._taken, rows])
        order = np.argsort(taken)
        self._taken = taken[order]
        self._words = np.concatenate([self._words, spoken.scores(asked, counted)])[order]
        self._counted = np.concatenate([self._counted, counted])[order]

    def first(self) -> Proposed:
        """Return the likeliest by what they say and have."""
        rows, words = self._allowed_hits
        every = np.union1d(rows, self._always)
        may = np.zeros(len(every), dtype=np.float32)
        may[np.searchsorted(every, rows)] = words
        scale = self._question.scale(float(self._hits[1].max(initial=0.0)))
        base = scale.without_meaning(may, self._question.boosts_of(every)) * self._allowed(every)
        best = best_first(base)[: self._question.depth]
        fitting = rows[self._allowed(rows)] if self._question.meaning_share == 1.0 else rows[:0]  # to count
        self._take(np.union1d(np.union1d(every[best], fitting), self._question.also))
        return self._proposed()

    def deeper(self, least: float) -> Proposed:
        """Return all that may have at least so much; where they are many, looking through more works."""
        while True:
            scale = self._scale()
            rows, base, others = self._may_have(scale)
            wanted = base >= least
            if (others < least and np.count_nonzero(wanted) <= _FETCHED) or not self._look_deeper():
                break
        best = np.flatnonzero(wanted)[best_first(base[wanted])[:MOST_ANSWERED]]
        self._take(np.sort(rows[best]))
        return self._proposed(all_there_is=self._depth >= MOST_ANSWERED)

    def _may_have(self, scale: Scale) -> tuple[Rows, Vectors, float]:
        """Return works not yet fetched, what each may have but for its meaning, and what others may."""
        found, words = self._allowed_hits
        rows = np.setdiff1d(np.union1d(found, self._always), self._taken, assume_unique=True)
        may = np.full(len(rows), self._allowed_left, dtype=np.float32)
        here = np.isin(found, rows, assume_unique=True)
        may[np.searchsorted(rows, found[here])] = words[here]
        base = scale.without_meaning(may, self._question.boosts_of(rows)) * self._allowed(rows)
        others = scale.without_meaning(np.array([self._allowed_left], dtype=np.float32), ())
        return rows, base, float(others[0])

    def _allowed(self, rows: Rows) -> Mask:
        return np.ones(len(rows), dtype=np.bool_) if self._mask is None else self._mask[rows]

    def _scale(self) -> Scale:
        """Return the scale, once no other work can have more by words than the best that was fetched."""
        while True:
            best = float(self._words.max(initial=0.0))
            rows, words = self._hits
            better = (words > best) & ~np.isin(rows, self._taken, assume_unique=True)
            if better.any():
                rows, words = rows[better], words[better]
                self._take(np.sort(rows[best_first(words)[:POOL]]))
            elif self._left <= best or not self._look_deeper():
                return self._question.scale(best)

    def _proposed(self, *, all_there_is: bool = False) -> Proposed:
        scale, question = self._scale(), self._question
        allowed = self._allowed(self._taken)
        kept = allowed | np.isin(self._taken, question.also, assume_unique=True)
        rows, words = self._taken[kept], self._words[kept]
        boosts = question.boosts_of(rows)
        held = question.shares(self._counted[kept], boosts)
        base = scale.without_meaning(words, boosts) * allowed[kept]
        _, others, left = self._may_have(scale)
        left = max(left, float(others.max(initial=0.0)))
        fitting = int(np.count_nonzero((held >= FITS) & allowed[kept]))
        return Proposed(
            rows, words, base, held, scale, NOTHING if all_there_is or not left else left, fitting
        )


def best_first(scores: Vectors) -> Rows:
    """Return the places of all positive scores, best first, ties in the order they are in."""
    positive = np.flatnonzero(scores > 0)
    return positive[np.lexsort((positive, -scores[positive]))]
