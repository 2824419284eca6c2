"""Documents → counted words and stems.

What is counted is kept in whole numbers (:data:`VOICE` to the word), so that counts add up to the same
figures in whatever order documents arrive, and weights are equal to the last bit after works were added one
by one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ham_recommend.encode.accession import number_words
from ham_recommend.encode.analyzer import HYPHEN, document_words, stem, year_words
from ham_recommend.records import FIELDS, Document

VOICE = 2520
"""What one word of a description counts for; divisible by every number of descriptions up to ten."""
FIELD_WEIGHTS = {field.name: round(field.weight * VOICE) for field in FIELDS if field.weight}
"""What one word of each field counts for: a title says in few words what a work shows, most others say
the same of many works."""
YEARS = VOICE // 2
"""What a word for the century or decade counts for; like the date, it says the same of many works."""

BREAK = -1
"""Stands in the order of words where a text ends."""

Counts = sparse.csr_array
"""Works × words, int32, in units of 1 / :data:`VOICE`."""


@dataclass(frozen=True, eq=False)
class WordCounts:
    """How often each work says each word, and in what order.

    Parameters
    ----------
    words : list of str
        Sorted, each used by at least one work.
    counts : csr_array of int32, shape (n works, n words)
        In units of 1 / :data:`VOICE`, column indices sorted.
    order : Order
        The words of each work as they follow each other.
    """

    words: list[str]
    counts: Counts
    order: Order

    @property
    def frequencies(self) -> npt.NDArray[np.int32]:
        """How many works use each word, shape (n words,)."""
        return _frequencies(self.counts)

    def rows(self, rows: npt.NDArray[np.intp]) -> WordCounts:
        """Return the counts of some works, in the order given."""
        return _canonical(self.words, self.counts[rows], self.order.rows(rows))

    @classmethod
    def stacked(cls, parts: Sequence[WordCounts]) -> WordCounts:
        """Return the works of all parts, one after the other."""
        column = {word: at for at, word in enumerate(sorted({word for part in parts for word in part.words}))}
        columns = [np.array([column[word] for word in part.words], np.int32) for part in parts]
        pairs = list(zip(parts, columns, strict=True))
        widened = [gathered(part.counts, moved, len(column)) for part, moved in pairs]
        order = Order.stacked([part.order.renamed(moved) for part, moved in pairs])
        return _canonical(list(column), sparse.vstack(widened, format="csr"), order)


@dataclass(frozen=True, eq=False)
class Order:
    """The words or terms of works as they follow each other.

    Parameters
    ----------
    words : ndarray of int32, shape (n,)
        Columns of a vocabulary; :data:`BREAK` where a text ends, and for what is no word of a phrase.
    starts : ndarray of int64, shape (n works + 1,)
        Where each work begins, and where the last one ends.
    """

    words: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]

    def of(self, work: int) -> npt.NDArray[np.int32]:
        """Return the words of one work."""
        return self.words[self.starts[work] : self.starts[work + 1]]

    def rows(self, rows: npt.NDArray[np.intp]) -> Order:
        """Return the order of some works, in the order given."""
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        places = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], lengths)
        return Order(self.words[places], starts)

    def renamed(self, columns: npt.NDArray[np.int32]) -> Order:
        """Return the same with each word's column moved: ``columns[word]`` is its new one."""
        named = self.words != BREAK
        words = np.full_like(self.words, BREAK)
        words[named] = columns[self.words[named]]
        return Order(words, self.starts)

    @classmethod
    def stacked(cls, parts: Sequence[Order]) -> Order:
        """Return the works of all parts, one after the other."""
        lengths = np.concatenate([np.diff(part.starts) for part in parts])
        starts = np.concatenate([[0], np.cumsum(lengths)])
        return cls(np.concatenate([part.words for part in parts]), starts)


def count_words(documents: Iterable[Document]) -> WordCounts:
    """Count the words of documents.

    The descriptions of a work are one voice: each different one counts for ``1 / n``, so that a work with
    many does not outshout a work with one, and repeating one changes nothing.

    Parameters
    ----------
    documents : iterable of Document
        One row of counts each, in order.
    """
    known: dict[str, int] = _Numbering()
    columns, lengths, weights, parts = array("i"), array("i"), array("i"), array("i")
    for document in documents:
        before = len(lengths)
        for text, weight in _weighted_texts(document):
            start = len(columns)
            columns.extend([known[word] for word in text])
            lengths.append(len(columns) - start)
            weights.append(weight)
        parts.append(len(lengths) - before)
    per_text = np.frombuffer(lengths, np.int32)
    works = np.repeat(
        np.repeat(np.arange(len(parts), dtype=np.int32), np.frombuffer(parts, np.int32)), per_text
    )
    values = np.repeat(np.frombuffer(weights, np.int32), per_text)
    shape, said = (len(parts), len(known)), np.frombuffer(columns, np.int32)
    counts = sparse.coo_array((values, (works, said)), shape=shape).tocsr()
    order = _in_order(said, per_text, np.frombuffer(parts, np.int32), list(known))
    return _canonical(list(known), counts, order)


def _in_order(
    said: npt.NDArray[np.int32],
    per_text: npt.NDArray[np.int32],
    texts: npt.NDArray[np.int32],
    words: list[str],
) -> Order:
    """Return words as they follow each other, text by text; a compound follows no word of its text."""
    compound = np.array([HYPHEN in word for word in words], np.bool_)
    ends = np.cumsum(per_text)
    broken = np.insert(np.where(compound[said], BREAK, said) if len(said) else said, ends, BREAK)
    # each text is longer by its break
    lengths = np.concatenate([[0], np.cumsum(per_text + 1)])
    return Order(broken.astype(np.int32), lengths[np.concatenate([[0], np.cumsum(texts)])].astype(np.int64))


class _Numbering(dict[str, int]):
    """Numbers each new word as it is met."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


def _weighted_texts(document: Document) -> Iterable[tuple[Sequence[str], int]]:
    named = {"title": document.title, "artist": document.artist, **document.fields}
    texts = [(_words_of_field(name, text), FIELD_WEIGHTS[name]) for name, text in named.items()]
    yield from texts
    known = {word for text, _ in texts for word in text}
    yield [word for word in year_words(document.year_begin, document.year_end) if word not in known], YEARS
    voices = list(dict.fromkeys(document.descriptions))
    for text in voices:
        yield document_words(text), max(1, round(VOICE / len(voices)))


def _words_of_field(name: str, text: str) -> Sequence[str]:
    return number_words(text) if name == "accession_number" else document_words(text)


def _canonical(words: list[str], counts: Counts, order: Order) -> WordCounts:
    """Sort the words and drop those that nobody uses."""
    used = np.zeros(len(words), bool)
    used[counts.indices] = True
    kept = sorted((word, at) for at, word in enumerate(words) if used[at])
    column = np.zeros(len(words), np.int32)
    column[[at for _, at in kept]] = np.arange(len(kept), dtype=np.int32)
    return WordCounts([word for word, _ in kept], gathered(counts, column, len(kept)), order.renamed(column))


def gathered(counts: Counts, column: npt.NDArray[np.int32], width: int) -> Counts:
    """Move each column to a new place; columns that share one are summed."""
    moved = sparse.csr_array(
        (counts.data, column[counts.indices], counts.indptr), shape=(counts.shape[0], width), copy=True
    )
    moved.sum_duplicates()
    return moved


def count_stems(counted: WordCounts, language: str) -> tuple[list[str], npt.NDArray[np.int32], Counts]:
    """Add up the counts of words that have one stem.

    Parameters
    ----------
    counted : WordCounts
        Of any works.
    language : str
        Whose endings are taken off words in Latin letters.

    Returns
    -------
    stems : list of str
        Sorted; also those of compounds, be they terms or not.
    of_word : ndarray of int32, shape (n words,)
        The stem of each word.
    times : csr_array of int32, shape (n stems, n works)
        In units of 1 / :data:`VOICE`, column indices sorted.
    """
    stem_of = stem(counted.words, language)
    stems = sorted(set(stem_of))
    column = {each: at for at, each in enumerate(stems)}
    of_word = np.array([column[each] for each in stem_of], np.int32)
    by_stem = gathered(counted.counts, of_word, len(stems)).tocsc()
    shape = (len(stems), counted.counts.shape[0])
    return stems, of_word, sparse.csr_array((by_stem.data, by_stem.indices, by_stem.indptr), shape)


def are_terms(words: Sequence[str], of_word: npt.NDArray[np.int32], n_stems: int) -> npt.NDArray[np.bool_]:
    """Return which stems are terms: a compound as a whole only where some work writes it as one word.

    Parameters
    ----------
    words : sequence of str
        Those that are used.
    of_word : ndarray of int32, shape (n words,)
        The stem of each.
    n_stems : int
        How many stems there are.
    """
    terms = np.zeros(n_stems, np.bool_)
    terms[of_word[[HYPHEN not in word for word in words]]] = True
    return terms


def _frequencies(counts: Counts) -> npt.NDArray[np.int32]:
    return np.bincount(counts.indices, minlength=counts.shape[1]).astype(np.int32)
