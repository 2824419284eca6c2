"""The language of a collection that is written in Latin letters: whose endings its words have.

It is told by small words that stand in most texts of one language and in few names or texts of another: of
117,243 English records less than one in a hundred holds any of a language. One language is told for the whole
collection, as a title or a query is too short to tell its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy import sparse

ENGLISH = "english"
SHARE = 0.3
"""Share of the works that must hold small words of a language; in English ones it stays below 0.04."""

SMALL_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "danish": frozenset({"og", "paa", "til", "fra", "ved", "ikke"}),
        "dutch": frozenset({"een", "het", "naar", "uit", "voor", "zijn", "bij", "aan", "niet"}),
        "french": frozenset(
            {"au", "aux", "avec", "dans", "des", "du", "et", "les", "par", "pour", "sur", "une", "est"}
        ),
        "german": frozenset({"auf", "aus", "das", "ein", "eine", "einer", "im", "mit", "und", "zum", "zur"}),
        "italian": frozenset({"con", "dei", "della", "delle", "gli", "nel", "nella", "per", "sul", "una"}),
        "portuguese": frozenset({"ao", "com", "dos", "em", "na", "nas", "para", "uma"}),
        "spanish": frozenset({"con", "en", "entre", "para", "por", "sobre", "una", "y"}),
        "swedish": frozenset({"av", "ett", "fran", "med", "och", "som", "vid", "inte"}),
    }
)
"""Snowball stemmer → folded words, none of them an English one."""


ARTICLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "dutch": frozenset({"de", "een", "het"}),
        "french": frozenset({"au", "aux", "des", "du", "la", "le", "les", "un", "une"}),
        "german": frozenset({"das", "dem", "den", "der", "die", "ein", "eine", "einem", "einen", "einer"}),
        "italian": frozenset({"del", "della", "gli", "il", "la", "le", "lo", "un", "una", "uno"}),
        "spanish": frozenset({"al", "del", "el", "la", "las", "los", "un", "una"}),
    }
)
"""Snowball stemmer → folded articles, some with what stands before them in one word."""


def small_words_said(words: list[str], counts: sparse.csr_array) -> npt.NDArray[np.int64]:
    """Return how many works say at least one of the small words of each language of :data:`SMALL_WORDS`.

    Parameters
    ----------
    words : list of str
        Folded.
    counts : csr_array, shape (n works, n words)
        How often each work says each word.
    """
    column = {word: at for at, word in enumerate(words)}
    return np.array(
        [
            _saying(counts, [column[word] for word in small if word in column])
            for small in SMALL_WORDS.values()
        ],
        dtype=np.int64,
    )


def language_of(said: npt.NDArray[np.int64], n_works: int) -> str:
    """Return the language of a collection, by the name of its Snowball stemmer.

    Parameters
    ----------
    said : ndarray of int64
        As from :func:`small_words_said`; those of parts of a collection add up.
    n_works : int
        How many works it has.
    """
    likeliest = int(np.argmax(said))
    return [*SMALL_WORDS][likeliest] if said[likeliest] >= SHARE * max(1, n_works) else ENGLISH


def _saying(counts: sparse.csr_array, columns: list[int]) -> int:
    """Return how many works say at least one of some words."""
    return int(np.count_nonzero(np.diff(counts[:, columns].tocsr().indptr))) if columns else 0
