"""What one work says, as a database keeps it: numbers of stems to search by, and a text to score it by.

A stem's number is a hash of it, so that a work's row stays as it is whatever other works come or go. Works
are found by two sparse vectors: how much they say of each stem, evened out by their length; and a 1 for each
stem they say. They are scored by the numbers of a text index, which travel packed in a text.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from ham_recommend.encode.text import BREAK
from ham_recommend.errors import SettingsError
from ham_recommend.records import Vectors

Numbers = npt.NDArray[np.int64]

LONGEST = 49_000
"""Bytes of what a work says, which is half as long again as a text."""
_NUMBERS = 2**31
"""Numbers of stems are from 1 to below this."""
_MOST_STEMS = 2**15 - 1
_BYTES_A_STEM, _BYTES_A_WORD = 8, 2
_SILENT = 0
"""The number that a work has which says nothing; nobody asks for it."""


def stem_numbers(stems: Sequence[str]) -> Numbers:
    """Return the number of each stem, no two alike, shape (n,).

    Parameters
    ----------
    stems : sequence of str
        All of a collection, sorted. Where two would have one number, the second takes another, and so may
        depend on the first; works that say it are then written anew, as all that have changed.
    """
    taken: set[int] = set()
    numbers = np.empty(len(stems), dtype=np.int64)
    for place, stem in enumerate(stems):
        number, again = _hash(stem), 0
        while number in taken:
            again += 1
            number = _hash(f"{stem}\0{again}")
        taken.add(number)
        numbers[place] = number
    return numbers


def _hash(stem: str) -> int:
    digest = blake2b(stem.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return 1 + int.from_bytes(digest, "big") % (_NUMBERS - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Sayings:
    """What one work says.

    Parameters
    ----------
    stems : ndarray of int32, shape (m,)
        The numbers of its stems.
    said : ndarray of float32, shape (m,)
        How much it says each, whatever other works do.
    order : ndarray of int16, shape (l,)
        Its stems as they follow each other, as places in ``stems``; -1 where a text ends.
    """

    stems: npt.NDArray[np.int32]
    said: Vectors
    order: npt.NDArray[np.int16]

    @classmethod
    def of(cls, item_id: str, stems: Numbers, said: Vectors, places: Numbers) -> Sayings:
        """Return what a work says, as far as a database can keep it.

        Of a text of more than some 15,000 words the last are in no order.

        Parameters
        ----------
        item_id : str
            The work.
        stems : ndarray of int64, shape (m,)
            The numbers of its stems.
        said : ndarray of float32, shape (m,)
            How much it says each.
        places : ndarray of int, shape (l,)
            As :attr:`order`, whole.

        Raises
        ------
        SettingsError
            It says more different words than can be kept.
        """
        room = LONGEST - _BYTES_A_STEM * len(stems)
        if room < 0 or len(stems) > _MOST_STEMS:
            raise SettingsError(
                f"{item_id!r} says {len(stems):,} different words, of which Milvus keeps "
                f"{LONGEST // _BYTES_A_STEM:,} of one work. Shorten its description."
            )
        order = places[: room // _BYTES_A_WORD].astype(np.int16)
        if len(order) < len(places) and len(order):
            order[-1] = BREAK
        return cls(stems.astype(np.int32), said.astype(np.float32), order)

    def packed(self) -> str:
        """Return it as a text of at most 65,535 letters."""
        size = np.array([len(self.stems)], dtype="<u4")
        parts = (size, self.stems.astype("<i4"), self.said.astype("<f4"), self.order.astype("<i2"))
        return b64encode(b"".join(part.tobytes() for part in parts)).decode("ascii")

    @classmethod
    def unpacked(cls, text: str) -> Sayings:
        """Read what :meth:`packed` wrote.

        Raises
        ------
        ValueError
            It is something else.
        """
        kept = b64decode(text, validate=True)
        size = int(np.frombuffer(kept, "<u4", 1)[0])
        words = 4 + _BYTES_A_STEM * size
        order = np.frombuffer(kept, "<i2", offset=words)
        if len(order) and not -1 <= order.min() <= order.max() < size:
            raise ValueError("a work says a word that is not there")
        said = np.frombuffer(kept, "<f4", size, 4 + 4 * size)
        if not (np.isfinite(said) & (said > 0)).all():
            raise ValueError("a work says a word less than not at all, or without end")
        return cls(np.frombuffer(kept, "<i4", size, 4), said, order)

    def by_amount(self, factor: float) -> dict[int, float]:
        """Return how much it says of each stem, times a factor, as a sparse vector."""
        amounts = self.said * np.float32(factor)
        return dict(zip(self.stems.tolist(), amounts.tolist(), strict=True)) or {_SILENT: 1.0}

    def by_presence(self) -> dict[int, float]:
        """Return a 1 for each stem that it says, as a sparse vector."""
        return dict.fromkeys(self.stems.tolist(), 1.0) or {_SILENT: 1.0}

    def content(self, factor: float, vector: Vectors, mark: int) -> int:
        """Return a hash, of 63 bits, of all that a database keeps of a work.

        Parameters
        ----------
        factor : float
            As for :meth:`by_amount`.
        vector : ndarray of float32, shape (dim,)
            What it means.
        mark : int
            Of what it is filtered by.
        """
        digest = blake2b(digest_size=8)
        parts = (self.stems, self.said, self.order, np.float32(factor), vector, np.int64(mark))
        for part in parts:
            digest.update(np.ascontiguousarray(part).tobytes())
        return int.from_bytes(digest.digest(), "big") >> 1
