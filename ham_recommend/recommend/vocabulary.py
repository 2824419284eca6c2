"""Which values of a field a question names: its kinds, cultures and periods, in any form."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np

from ham_recommend.encode.analyzer import fold, stem, words
from ham_recommend.encode.related import spellings
from ham_recommend.records import Vectors

INFLECTED, PART = 0.9, 0.7
"""What a value counts that is named in another form, and one that is named in part."""

_OF_MANY = "art age dynasty early era high late middle movement new old period school style"
_GENERIC = frozenset(_OF_MANY.split())
_SCHOOL_OF = re.compile(r"school of\b", re.IGNORECASE)
"""Whoever asks for London does not ask for the School of London."""
_PARTS = re.compile(r"\s*(?:[;,/&()\[\]]|\band\b)\s*")


class Vocabulary:
    """The values of one field, by the words that name them.

    Parameters
    ----------
    values : Values
        As from :meth:`ham_recommend.catalog.filters.Filters.values_of`.
    """

    def __init__(self, values: Any) -> None:
        self.values = values
        self._texts: list[str] = values.spellings.to_pylist()
        self._counts = values.spelling_counts()
        self._whole: dict[tuple[str, ...], list[int]] = {}
        self._part: dict[tuple[str, ...], list[int]] = {}
        for at, text in enumerate(self._texts):
            self._whole.setdefault(_key(text), []).append(at)
            for part in _PARTS.split(text):
                key = _key(part)
                self._part.setdefault(key, []).append(at)
                if not _SCHOOL_OF.match(part):
                    self._part.setdefault(tuple(word for word in key if word not in _GENERIC), []).append(at)

    def named(self, said: str) -> tuple[str, Vectors | None]:
        """Return the value that is named best, and how strongly each value is, shape (n values,)."""
        key = _key(said)
        whole, part = self._whole.get(key, []), self._part.get(key, [])
        if not key or not (whole or part) or _GENERIC.issuperset(key):
            return "", None
        strengths = np.zeros(len(self._texts), dtype=np.float32)
        strengths[part] = PART
        strengths[whole] = INFLECTED
        equal = [at for at in whole if fold(self._texts[at]) == fold(said)]
        strengths[equal] = 1.0
        best = max(equal or whole or part, key=lambda at: (self._counts[at], self._texts[at]))
        return self._texts[best], strengths


@lru_cache(maxsize=4096)  # a question has each of its runs of words looked up in every field
def _key(text: str) -> tuple[str, ...]:
    """Return the terms of a value, one for British and American, long and short forms."""
    folded = (min((word, *spellings(word))) for word in words(text))
    return tuple(stem(folded))
