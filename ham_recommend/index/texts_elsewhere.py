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
from typing import cast

import numpy as np
from scipy import sparse

from ham_recommend.encode.text import BREAK, Order
from ham_recommend.encode.weights import Weights
from ham_recommend.errors import StoreUnavailableError
from ham_recommend.index._ids import Mask, Rows
from ham_recommend.index._milvus_asked import MOST_ANSWERED, keys_of
from ham_recommend.index._text_known import Known
from ham_recommend.index._text_rows import Numbers, Sayings, pair_numbers
from ham_recommend.index.base import VectorStore
from ham_recommend.index.milvus_texts import MilvusTexts, Nearest
from ham_recommend.index.one_state import OneState
from ham_recommend.index.postings import Postings, Said
from ham_recommend.index.saying import Works, WorksHere
from ham_recommend.index.silence import Silence
from ham_recommend.index.text_scoring import ADJACENCY, FITS, POOL, Scale
from ham_recommend.index.texts import NOTHING, Proposals, Proposed, Question, Spoken, Texts
from ham_recommend.index.tolerant import TolerantStore
from ham_recommend.index.word_pairs import Pairs, WordPairs, pair_codes
from ham_recommend.index.word_store import WordStore
from ham_recommend.records import Vectors

SILENT = "Texts cannot be searched just now: the database that holds them does not answer."
_MORE = 4
"""How many times as many works are looked through, where the best may be among others."""
_FETCHED = 1_000
"""Works that may be among the best that are fetched rather than told apart by looking through more."""
_REMEMBERED = 512
"""Which works say all of some words: so many answers are remembered."""
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
        self.any_says_all = lru_cache(_REMEMBERED)(self._any_says_all)

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
            if self._opened is None:
                if self._silence.left_alone:
                    raise StoreUnavailableError(f"{SILENT} Try again in a minute.")
                try:
                    self._opened = self._open()
                except StoreUnavailableError:
                    self._silence.noticed()
                    raise
                self._silence.ended()
            return self._opened

    @cached_property
    def meaning(self) -> VectorStore:
        """Unit-length vectors of what works mean; while the database is silent no work has one."""

        def opened() -> VectorStore:
            return OneState(self.store, self.item_ids[self.has_vector].tolist())

        return TolerantStore(self._space.shape[1], opened, means=SILENT, others="pictures")

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
        numbers = self.known.numbers[list(terms)]
        pairs = pair_numbers(numbers[:-1], numbers[1:])
        both = _Saying(self, frozenset([*numbers.tolist(), *pairs.tolist()]), min(map(self.frequency, terms)))
        if len(terms) == 2:
            return both
        rows = both.rows
        return WorksHere(rows[self.spoken(rows).pairs.saying(terms)])

    def _saying_all(self, numbers: frozenset[int], at_most: int) -> Rows:
        """Return the rows of the works that say all of some stems and pairs, ascending."""
        return np.sort(self._rows_of(self.store.says_all(numbers, at_most)))

    def _any_says_all(self, numbers: frozenset[int]) -> bool:
        return len(self._rows_of(self.store.says_all(numbers, _SPARE))) > 0

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
        found = self.store.sayings(self._keys[rows])
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
            return self.store.nearest(words, depth)

        def allows(keys: Numbers) -> Mask:
            rows = self.places(keys)
            return mask[rows] & (rows >= 0)

        return self.store.nearest(words, depth, allows, exclude, within)

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
            order = _best_first(scores)[:k]
            least = float(scores[order[-1]]) if len(order) == k else 0.0
            if not left or left * most < least or depth == MOST_ANSWERED:
                return rows[order], scores[order]
            depth *= _MORE
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float32)

    @cached_property
    def word_store(self) -> VectorStore:
        """The TF-IDF vectors of works; while the database is silent no work has one."""

        def opened() -> VectorStore:
            _ = self.store
            return cast("VectorStore", WordStore(self))  # it is asked for what it can alone

        dim = max(1, len(self.vocabulary.terms))
        return TolerantStore(dim, opened, means=SILENT, others="pictures")

    def proposals(self, question: Question) -> Proposals:
        """Return what proposes works, fetching those that may be among the best."""
        return _Fetched(self, question)


class _Saying(Works):
    """The works that say all of some stems and pairs: asked for once somebody wants to know.

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
        # works of another state are among them, if few
        return self._texts.saying_all(self._numbers, 2 * self._at_most + POOL)

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


class _Fetched(Proposals):
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
        if self._depth >= MOST_ANSWERED:
            return False
        self._depth = min(_MORE * self._depth, MOST_ANSWERED)
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
        best = _best_first(base)[: self._question.depth]
        self._take(np.union1d(every[best], self._question.also))
        return self._proposed()

    def deeper(self, least: float) -> Proposed:
        """Return all that may have at least so much; where they are many, looking through more works."""
        while True:
            scale = self._scale()
            rows, base, others = self._may_have(scale)
            wanted = base >= least
            if (others < least and np.count_nonzero(wanted) <= _FETCHED) or not self._look_deeper():
                break
        best = np.flatnonzero(wanted)[_best_first(base[wanted])[:MOST_ANSWERED]]
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
                self._take(np.sort(rows[_best_first(words)[:POOL]]))
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


def _best_first(scores: Vectors) -> Rows:
    """Return the places of all positive scores, best first, ties in the order they are in."""
    positive = np.flatnonzero(scores > 0)
    return positive[np.lexsort((positive, -scores[positive]))]
