"""Which strings of letters are English words, whether or not a museum writes them.

A question about *halogen* asks for halogen, and for no haloed saint. ``real_words.txt.gz`` holds some 100,000
words, made by ``tools/related_words.py``; ``related_words.txt`` says from what and under which terms.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ham_recommend.encode.related import related_words

OUT = Path(__file__).with_name("real_words.txt.gz")
SHORTEST_PART = 4
"""Letters of each of the two words that make a compound: of shorter ones any string is made."""

_BEFORE = """
    anti auto counter cross cyber electro hetero homo hyper hypo inter intra macro mega meta micro mini mono
    multi nano neuro over photo poly post pseudo psycho radio semi socio super tele thermo trans ultra under
"""
_PREFIXES = frozenset(_BEFORE.split())


def is_real_word(word: str) -> bool:
    """Return whether a string of letters is an English word, or is made of two as new words are.

    Parameters
    ----------
    word : str
        Folded.
    """
    return word.isascii() and word.isalpha() and (is_listed_word(word) or _is_made_of_two(word))


def is_listed_word(word: str) -> bool:
    """Return whether a folded word is in the list."""
    if not word.isascii():
        return False
    words, asked = _listed(), np.bytes_(word)
    at = int(np.searchsorted(words, asked))
    return at < len(words) and bool(words[at] == asked)


def _is_made_of_two(word: str) -> bool:
    """Return whether a word is a compound, or has a prefix: *bootloader*, *hyperparameter*."""
    frequent = related_words()
    cuts = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
    parts = ((word[:cut], word[cut:]) for cut in cuts)
    return any((first in frequent or first in _PREFIXES) and second in frequent for first, second in parts)


@cache
def _listed() -> npt.NDArray[np.bytes_]:
    """Return the words, sorted: an array takes a fifth of the room of a set."""
    return np.array(gzip.decompress(OUT.read_bytes()).split())
