"""Texts that lie in a database: it proposes works, and these are fetched and scored as texts here are.

What a database finds is ordered by the inner product alone. How many of the words a work holds, whether it
says them one after the other, and what else a question names is known of a work once it is fetched; of all
others there is a bound. Works are asked for until none of the others can be among the best, to the 16,384
that Milvus gives back at once: beyond these, what is best of all may be missed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from threading import RLock
from typing import TypeVar, cast

import numpy as np
from scipy import sparse

from ham_recommend.encode.text import BREAK, Order
from ham_recommend.encode.weights import Weights
from ham_recommend.errors import StoreUnavailableError
from ham_recommend.index._fetched_texts import MORE, Fetched, best_first
from ham_recommend.index._ids import Mask, Rows
from ham_recommend.index._milvus_asked import MOST_ANSWERED, keys_of
from ham_recommend.index._text_known import Known
from ham_recommend.index._text_rows import Numbers, Sayings
from ham_recommend.index.base import VectorStore
from ham_recommend.index.milvus_texts import MilvusTexts, Nearest
from ham_recommend.index.one_state import OneState
from ham_recommend.index.postings import Postings, Said
from ham_recommend.index.saying import Works, WorksHere, in_all
from ham_recommend.index.silence import Silence
from ham_recommend.index.text_scoring import POOL
from ham_recommend.index.texts import Proposals, Question, Spoken, Texts
from ham_recommend.index.tolerant import TolerantStore
from ham_recommend.index.word_pairs import Pairs, WordPairs, pair_codes
from ham_recommend.index.word_store import WordStore
from ham_recommend.records import Vectors

T = TypeVar("T")

SILENT = "Texts cannot be searched just now: the database that holds them does not answer."
_REMEMBERED = 64
"""Which works say all of some words: so many answers are remembered, each as long as such works are many."""
_SAID_TOGETHER = 4096
"""Whether any work says all of some words: so many answers are remembered."""
_SPARE = 8
"""Works fetched beyond k, so that rounding and ties at the edge show themselves."""
_ROUNDING = 1e-5


class TextsElsewhere(Texts):
    """What works say and mean, in a database.

    Parameters
    ----------
    known : Known
        What is known of them here.
    space : ndarray of float32, shape (m, dim)
        The directions of meaning; may be mapped from disk.
    open_store : callable
        Opens the database, and raises :class:`StoreUnavailableError` where it cannot.
    """

    def __init__(self, known: Known, space: Vectors, open_store: Callable[[], MilvusTexts]) -> None:
        super().__init__(known.item_ids, known.vocabulary)
        self.known = known
        self.words, self.frequencies = known.words, known.frequencies
        self.told, self.has_vector = known.told, known.has_vector
        self._space = space
        self._open = open_store
        self._opening = RLock()
        self._opened: MilvusTexts | None = None
        self._silence = Silence(SILENT)
        keys = np.array(keys_of(known.item_ids.tolist()), dtype=np.int64)
        self._row_of_key = np.argsort(keys, kind="stable")
        self._keys, self._sorted_keys = keys, keys[self._row_of_key]
        self._term_of_number = np.argsort(known.numbers, kind="stable")
        self._sorted_numbers = known.numbers[self._term_of_number]
        self.saying_all = lru_cache(_REMEMBERED)(self._saying_all)
        self.any_says_all = lru_cache(_SAID_TOGETHER)(self._any_says_all)

    @property
    def store(self) -> MilvusTexts:
        """The database; opened when it is first asked.

        Raises
        ------
        StoreUnavailableError
            It does not answer, or did not a short while ago.
        ArtifactMismatchError
            It holds other texts.
        """
        with self._opening:
            if self._silence.left_alone:
                raise StoreUnavailableError(f"{SILENT} Try again in a minute.")
            if self._opened is None:
                try:
                    self._opened = self._open()
                except StoreUnavailableError:
                    self._silence.noticed()
                    raise
                self._silence.ended()
            return self._opened

    def check_ready(self) -> None:
        """Refuse to search while the database does not answer."""
        _ = self.store

    @property
    def trouble(self) -> str:
        """What a person should know while it is silent; empty while it answers."""
        return self._silence.trouble

    def _ask(self, ask: Callable[[MilvusTexts], T]) -> T:
        """Ask the database, and leave it alone for a while where it does not answer."""
        store = self.store
        try:
            answer = ask(store)
        except StoreUnavailableError:
            self._silence.noticed()
            raise
        self._silence.ended()
        return answer

    @cached_property
    def meaning(self) -> VectorStore:
        """Unit-length vectors of what works mean; while the database is silent no work has one."""

        def opened() -> VectorStore:
            return OneState(self.store, self.item_ids[self.has_vector].tolist())

        return TolerantStore(self._space.shape[1], opened, silence=self._silence, others="pictures")

    def directions(self, terms: Rows) -> Vectors:
        """Return the directions of some terms; see :class:`Texts`."""
        rows = self.known.space_rows[terms]
        directions = np.zeros((len(terms), self._space.shape[1]), dtype=np.float32)
        directions[rows >= 0] = self._space[rows[rows >= 0]]
        return directions

    def frequency(self, term: int) -> int:
        """Return how many works say a term."""
        return int(self.known.saying[term])

    def saying(self, term: int) -> Works:
        """Return the works that say a term."""
        return _Saying(self, frozenset({int(self.known.numbers[term])}), self.frequency(term))

    def saying_phrase(self, terms: Sequence[int]) -> Works:
        """Return the works that say at least two terms one after the other."""
        rows = in_all(map(self.saying, terms)).rows
        return WorksHere(rows[self.spoken(rows).pairs.saying(terms)])

    def _saying_all(self, numbers: frozenset[int], at_most: int) -> Rows:
        """Return the rows of the works that say all of some stems, ascending."""
        keys = self._ask(lambda store: store.says_all(numbers, at_most))
        if len(keys) < at_most or at_most >= MOST_ANSWERED:  # of so many, none is left out
            return np.sort(self._rows_of(keys))
        return self._saying_all(numbers, MORE * at_most)

    def _any_says_all(self, numbers: frozenset[int]) -> bool:
        keys = self._ask(lambda store: store.says_all(numbers, _SPARE))
        if len(keys) < _SPARE or len(self._rows_of(keys)):
            return len(self._rows_of(keys)) > 0
        return len(self.saying_all(numbers, POOL)) > 0  # those found were of another state

    def _rows_of(self, keys: Numbers) -> Rows:
        """Return the rows of works by what the database calls them, without those of another state."""
        rows = self.places(keys)
        return rows[rows >= 0]

    def places(self, keys: Numbers) -> Rows:
        """Return the row of each work by what the database calls it; -1 for those of another state."""
        if not len(self._keys):
            return np.full(len(keys), -1, dtype=np.intp)
        places = np.minimum(np.searchsorted(self._sorted_keys, keys), len(self._keys) - 1)
        rows = self._row_of_key[places]
        return np.where(self._sorted_keys[places] == keys, rows, -1)

    def numbered(self, terms: Rows, weights: Vectors) -> dict[int, float]:
        """Return what is asked for as the database knows it; what counts against a work is left out."""
        amounts = weights * self.vocabulary.idf[terms]
        counts = amounts > 0
        numbers = self.known.numbers[terms[counts]]
        return dict(zip(numbers.tolist(), amounts[counts].tolist(), strict=True))

    def sayings(self, rows: Rows) -> list[Sayings]:
        """Fetch what some works say; nothing of those that are gone."""
        found = self._ask(lambda store: store.sayings(self._keys[rows]))
        nothing = Sayings(np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.int16))
        return [found.get(key, nothing) for key in self._keys[rows].tolist()]

    def spoken(self, rows: Rows) -> Spoken:
        """Fetch what some works say, ready to be scored."""
        sayings = self.sayings(rows)
        sizes = [len(one.stems) for one in sayings]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        terms = self._terms_of(np.concatenate([np.empty(0, np.int32), *(one.stems for one in sayings)]))
        said = np.concatenate([np.empty(0, np.float32), *(one.said for one in sayings)])
        known = terms >= 0
        kept = np.append(0, np.cumsum(known))[starts].astype(np.int32)
        shape = (len(rows), len(self.vocabulary.terms))
        by_work = sparse.csr_array((said[known], terms[known].astype(np.int32), kept), shape=shape)
        by_work.sort_indices()
        all_rows = np.arange(len(rows))
        part = Said(by_work.T.tocsr(), by_work.__getitem__, np.arange(shape[1]), all_rows)
        orders = [
            np.where(one.order < 0, BREAK, np.append(terms[start : start + size], BREAK)[one.order])
            for one, start, size in zip(sayings, starts.tolist(), sizes, strict=False)
        ]
        order = Order(
            np.concatenate([np.empty(0, np.int32), *orders]).astype(np.int32),
            np.concatenate([[0], np.cumsum([len(one) for one in orders])]).astype(np.int64),
        )
        codes = pair_codes(order, shape[1])
        return Spoken(
            Postings([part], self.vocabulary.idf, self.known.evened[rows]),
            WordPairs([Pairs(codes, shape[1], np.arange(shape[1]), all_rows)], len(rows), order.of),
            self.known.by_length[rows],
        )

    def _terms_of(self, numbers: Numbers) -> Rows:
        """Return the terms with some numbers; -1 for those of stems that are no terms here."""
        if not len(self._sorted_numbers):
            return np.full(len(numbers), -1, dtype=np.intp)
        places = np.minimum(np.searchsorted(self._sorted_numbers, numbers), len(self._sorted_numbers) - 1)
        return np.where(self._sorted_numbers[places] == numbers, self._term_of_number[places], -1)

    def weights_of(self, rows: Rows) -> Weights:
        """Return the TF-IDF weights of some works; see :class:`Texts`."""
        each, places = np.unique(rows, return_inverse=True)
        return self.spoken(each).postings.of(np.arange(len(each)))[places]

    def nearest(
        self,
        words: Mapping[int, float],
        depth: int,
        exclude: Collection[str] = (),
        within: Collection[str] | None = None,
    ) -> tuple[Rows, Vectors, float]:
        """Return the works that say most of some words, their inner products, and the most others have.

        Parameters
        ----------
        words : mapping of int to float
            As from :meth:`numbered`.
        depth : int
            How many works, at most 16,384.
        exclude, within
            As in :meth:`ham_recommend.index.base.VectorStore.search`.
        """
        mask = self.rows.mask(exclude, within) if len(exclude) or within is not None else None
        if not words or (mask is not None and not mask.any()):
            return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float32), 0.0
        found = self._found(words, depth, mask, exclude, within)
        rows = self.places(found.keys)
        ours = rows >= 0
        return rows[ours], found.scores[ours], found.left

    def _found(
        self,
        words: Mapping[int, float],
        depth: int,
        mask: Mask | None,
        exclude: Collection[str],
        within: Collection[str] | None,
    ) -> Nearest:
        if mask is None:
            return self._ask(lambda store: store.nearest(words, depth))

        def allows(keys: Numbers) -> Mask:
            rows = self.places(keys)
            return mask[rows] & (rows >= 0)

        return self._ask(lambda store: store.nearest(words, depth, allows, exclude, within))

    def best(
        self, terms: Rows, weights: Vectors, k: int, exclude: Collection[str], within: Collection[str] | None
    ) -> tuple[Rows, Vectors]:
        """Return the works with the greatest inner products; see :class:`Texts`.

        The database goes by another length, so that what it finds is put in order here.
        """
        asked, ratio = self.numbered(terms, weights), self.known.evened / self.known.factors
        against = bool((weights < 0).any())
        most, depth = float(ratio.max(initial=0.0)), max(POOL, 2 * (k + _SPARE))
        while k:
            depth = min(depth, MOST_ANSWERED)
            rows, amounts, left = self.nearest(asked, depth, exclude, within)
            at_most = amounts * ratio[rows]
            if not against and k < len(rows):
                kth = np.partition(at_most, len(rows) - k)[len(rows) - k]
                rows = rows[at_most >= kth * (1.0 - _ROUNDING)]
            rows = np.sort(rows)
            scores = self.spoken(rows).postings.scores(terms, weights)
            order = best_first(scores)[:k]
            least = float(scores[order[-1]]) if len(order) == k else 0.0
            if not left or left * most < least or depth == MOST_ANSWERED:
                return rows[order], scores[order]
            depth *= MORE
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float32)

    @cached_property
    def word_store(self) -> VectorStore:
        """The TF-IDF vectors of works; while the database is silent no work has one."""

        def opened() -> VectorStore:
            self.check_ready()
            return cast("VectorStore", WordStore(self))  # it is asked for what it can alone

        dim = max(1, len(self.vocabulary.terms))
        return TolerantStore(dim, opened, silence=self._silence, others="pictures")

    def proposals(self, question: Question) -> Proposals:
        """Return what proposes works, fetching those that may be among the best."""
        return Fetched(self, question)


class _Saying(Works):
    """The works that say all of some stems: asked for once somebody wants to know.

    Parameters
    ----------
    texts : TextsElsewhere
        Whose works.
    numbers : frozenset of int
        What they say.
    at_most : int
        How many say the rarest of the stems; of one stem alone, how many works they are.
    """

    def __init__(self, texts: TextsElsewhere, numbers: frozenset[int], at_most: int) -> None:
        self._texts, self._numbers, self._at_most = texts, numbers, at_most

    @property
    def rows(self) -> Rows:
        """Their rows, ascending."""
        if not self._at_most:
            return np.empty(0, dtype=np.intp)
        # asked for beyond those there can be, so that works of another state do not at once hide some
        return self._texts.saying_all(self._numbers, self._at_most + POOL)

    def __len__(self) -> int:
        return self._at_most if len(self._numbers) == 1 else len(self.rows)

    def __bool__(self) -> bool:
        if not self._at_most or len(self._numbers) == 1:
            return self._at_most > 0
        return self._texts.any_says_all(self._numbers)

    def __and__(self, other: Works) -> Works:
        if not isinstance(other, _Saying):
            return super().__and__(other)
        numbers = self._numbers | other._numbers
        return _Saying(self._texts, numbers, min(self._at_most, other._at_most))
