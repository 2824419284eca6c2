"""Which works say two terms one right after the other, and which say a whole phrase."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ham_recommend.encode.text import BREAK, Order

Codes = npt.NDArray[np.int64]
"""A pair of terms and a work in one number: ``(first * terms + second) * works + work``, sorted."""
Works = npt.NDArray[np.int64]


def pair_codes(order: Order, n_terms: int) -> Codes:
    """Return every pair of terms that follow each other in a work, once for each work.

    Parameters
    ----------
    order : Order
        The terms of each work; small words that say nothing are not among them, so that ``reading a letter``
        is a pair.
    n_terms : int
        How many terms there are.

    Returns
    -------
    ndarray of int64, shape (m,)
        Sorted, unique.
    """
    first, second = order.words[:-1].astype(np.int64), order.words[1:].astype(np.int64)
    n_works = len(order.starts) - 1
    work = np.repeat(np.arange(n_works, dtype=np.int64), np.diff(order.starts))[:-1]
    # a work ends with a break, so that no pair spans two works
    pairs = (first != BREAK) & (second != BREAK)
    codes: Codes = np.sort((first[pairs] * n_terms + second[pairs]) * n_works + work[pairs])
    # by sorting: np.unique takes a hundred times as long where few numbers come twice
    first_of_each: Codes = codes[np.diff(codes, prepend=-1) > 0]
    return first_of_each


@dataclass(frozen=True, eq=False)
class Pairs:
    """The pairs of some works, under numbers of their own.

    Parameters
    ----------
    codes : ndarray of int64, shape (m,)
        As from :func:`pair_codes`; may be mapped from disk.
    n_terms : int
        How many terms there are among these works.
    numbers : ndarray of int, shape (n terms of all,)
        The number of each term here; -1 for those that these works lack.
    rows : ndarray of int, shape (n works here,)
        The row of each of these works among all, ascending; -1 for those that are left out.
    """

    codes: Codes
    n_terms: int
    numbers: Works
    rows: Works

    def of(self, first: int, second: int) -> Works:
        """Return the rows of the works that say two terms one right after the other, ascending."""
        one, other = self.numbers[first], self.numbers[second]
        if one < 0 or other < 0:
            return np.empty(0, dtype=np.int64)
        n_works = len(self.rows)
        least = (int(one) * self.n_terms + int(other)) * n_works
        start, stop = np.searchsorted(self.codes, [least, least + n_works])
        works: Works = np.asarray(self.codes[start:stop]) - least
        rows = self.rows[works[(works >= 0) & (works < n_works)]]
        return rows[rows >= 0].astype(np.int64)


class WordPairs:
    """Finds the works that say terms one after the other.

    Parameters
    ----------
    parts : sequence of Pairs
        Each of other works.
    n_works : int
        How many works there are in all.
    said_by : callable
        Work → its terms as they follow each other; asked only for phrases of more than two.
    """

    def __init__(
        self, parts: Sequence[Pairs], n_works: int, said_by: Callable[[int], npt.NDArray[np.int32]]
    ) -> None:
        self._parts = parts
        self._n_works = n_works
        self._said_by = said_by

    def of(self, first: int, second: int) -> Works:
        """Return the rows of the works that say two terms one right after the other, ascending."""
        return np.sort(np.concatenate([part.of(first, second) for part in self._parts]))

    def shares(self, terms: Sequence[int]) -> npt.NDArray[np.float32]:
        """Return which share of the pairs of neighbours in a query each work says, shape (n works,).

        Parameters
        ----------
        terms : sequence of int
            The terms of the query, in order.
        """
        pairs = list(dict.fromkeys(pairwise(terms)))
        found = [self.of(*pair) for pair in pairs]
        said = np.bincount(np.concatenate([*found, np.empty(0, np.int64)]), minlength=self._n_works)
        return (said / max(1, len(pairs))).astype(np.float32)

    def saying(self, phrase: Sequence[int]) -> Works:
        """Return the rows of the works that say a phrase of at least two terms, ascending."""
        found = self.of(*phrase[:2])
        for pair in pairwise(phrase[1:]):
            found = np.intersect1d(found, self.of(*pair), assume_unique=True)
        if len(phrase) == 2:
            return found
        return found[[self._says(self._said_by(work), phrase) for work in found.tolist()]]

    @staticmethod
    def _says(said: npt.NDArray[np.int32], phrase: Sequence[int]) -> bool:
        if len(said) < len(phrase):
            return False
        windows = np.lib.stride_tricks.sliding_window_view(said, len(phrase))
        return bool((windows == np.array(phrase)).all(axis=1).any())
