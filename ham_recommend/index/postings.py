"""Which works say each term, and how much: read for the terms asked for, and weighed as they are read.

What a work says of a term never depends on other works, so it stays on disk as it was counted. How rare terms
are and how long works are depends on all of them; both enter with one number a term and one a work. So memory
holds little more than that, however much the works say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ham_recommend.encode.weights import Weights
from ham_recommend.index._ids import Rows
from ham_recommend.records import Vectors

Works = npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Said:
    """What some works say, under numbers of their own.

    Parameters
    ----------
    by_stem : csr_array of float32, shape (n stems here, n works here)
        How much each work says each stem, whatever other works do; may be mapped from disk.
    by_work : callable
        Works here → the same of these, shape (m, n stems here).
    numbers : ndarray of int, shape (n terms of all,)
        The stem here of each term; -1 for those that these works lack.
    rows : ndarray of int, shape (n works here,)
        The row of each of these works among all, ascending; -1 for those that are left out.
    """

    by_stem: Weights
    by_work: Callable[[Rows], Weights]
    numbers: Rows
    rows: Rows

    @cached_property
    def stays(self) -> Rows:
        """The works here that are not left out, ascending."""
        return np.flatnonzero(self.rows >= 0)

    @cached_property
    def known(self) -> Rows:
        """The rows of these works among all, ascending."""
        return self.rows[self.stays]

    @property
    def is_whole(self) -> bool:
        """Whether none of the works here is left out."""
        return len(self.stays) == len(self.rows)

    @cached_property
    def term_of(self) -> Rows:
        """The term of each stem here; -1 for what is none."""
        terms = np.full(self.by_stem.shape[0], -1, dtype=np.intp)
        here = np.flatnonzero(self.numbers >= 0)
        terms[self.numbers[here]] = here
        return terms

    def works(self, term: int) -> Works:
        """Return the rows of the works here that say a term, ascending."""
        stem = self.numbers[term]
        if stem < 0:
            return np.empty(0, dtype=np.intp)
        starts = self.by_stem.indptr
        rows = self.rows[self.by_stem.indices[starts[stem] : starts[stem + 1]]]
        return rows if self.is_whole else rows[rows >= 0]

    def scores(self, terms: Rows, weights: Vectors) -> Vectors:
        """Return the inner product of each work here with a query, shape (n works here,)."""
        stems = self.numbers[terms]
        here = stems >= 0
        scores: Vectors = self.by_stem[stems[here]].T @ weights[here]
        return scores


class Postings:
    """The TF-IDF weights of works: by term, and of a few by work.

    Parameters
    ----------
    parts : sequence of Said
        Each of other works.
    idf : ndarray of float32, shape (n terms,)
        How rare each term is.
    evened : ndarray of float32, shape (n,)
        What each work's weights are multiplied with for its length.
    """

    def __init__(self, parts: Sequence[Said], idf: npt.NDArray[np.float32], evened: Vectors) -> None:
        self._parts = [part for part in parts if len(part.rows)]
        self._idf = idf
        self._evened = evened

    @property
    def shape(self) -> tuple[int, int]:
        """How many terms there are, and how many works."""
        return len(self._idf), len(self._evened)

    def works(self, term: int) -> Works:
        """Return the rows of the works that say a term, ascending."""
        found = [part.works(term) for part in self._parts]
        if len(found) == 1:
            return found[0]
        return np.sort(np.concatenate([*found, np.empty(0, dtype=np.intp)]), kind="stable")  # merges

    def scores(self, terms: Rows, weights: Vectors) -> Vectors:
        """Return the inner product of every work with a query, shape (n,).

        Parameters
        ----------
        terms : ndarray of int, shape (m,)
            The query's terms.
        weights : ndarray of float32, shape (m,)
            Their weights.
        """
        asked = weights * self._idf[terms]
        if len(self._parts) == 1 and self._parts[0].is_whole:
            return self._parts[0].scores(terms, asked) * self._evened
        scores = np.zeros(len(self._evened), dtype=np.float32)
        for part in self._parts:
            scored = part.scores(terms, asked)
            scores[part.known] = scored if part.is_whole else scored[part.stays]
        return scores * self._evened

    def of(self, rows: Rows) -> Weights:
        """Return the weights of some works, shape (m, n terms), in the order given."""
        found = [self._of(part, rows) for part in self._parts]
        nothing: Any = sparse.csr_array((len(rows), len(self._idf)), dtype=np.float32)
        return found[0] if len(found) == 1 else sum(found, nothing)

    def _of(self, part: Said, rows: Rows) -> Weights:
        """Return the same of the works of one part; the rows of others are empty."""
        at = np.minimum(np.searchsorted(part.known, rows), len(part.known) - 1)
        ours = np.flatnonzero(part.known[at] == rows) if len(part.known) else at[:0]
        said = part.by_work(part.stays[at[ours]])
        terms = part.term_of[said.indices]
        is_term = terms >= 0
        starts = np.zeros(len(rows) + 1, dtype=np.int64)
        starts[ours + 1] = np.diff(np.append(0, np.cumsum(is_term))[said.indptr])
        starts = np.cumsum(starts)
        terms = terms[is_term]
        values = said.data[is_term] * self._idf[terms] * np.repeat(self._evened[rows], np.diff(starts))
        return sparse.csr_array((values, terms, starts), shape=(len(rows), len(self._idf)))
