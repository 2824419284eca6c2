"""Works that say next to nothing: their pictures tell what they mean, as far as the others' pictures do.

Ridge regression (A. E. Hoerl and R. W. Kennard, "Ridge Regression", Technometrics 1970) from the vectors of
pictures to those of meanings, fitted on the works that have both, in closed form from sums over them. So a
work without a word has its place in the channel of meaning, and a search by words finds it, with no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ham_recommend.records import Document, Vectors

RIDGE = 0.002
"""What holds the regression back, as a share of the variance of all pictures.

In ``benchmarks/without_words.py`` all from .0003 to .003 tell alike, more and less than that tell less.
"""
FEWEST = 60
"""Works that have both, at least; from fewer nothing is learnt. Chosen."""
LEAST_TOLD = 0.6
"""In which share of pairs a held-out picture must tell its own work's words from another's; chance is a half.

Chosen: in the sample it is .9, and where pictures have nothing to do with words, .5.
"""
LITTLE = 2
"""A work that shows fewer different words than this says next to nothing: "Untitled", "IMG 4711", "Vase"."""
_SAID = ("title", "other_titles", "subjects")
_READ = 200
"""Characters of a text that are looked at: more than it takes to see whether it says anything."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_EMPTY_WORDS = frozenset(
    {"untitled", "unknown", "img", "dsc", "dscn", "scan", "image", "picture", "jpg", "jpeg"}
)
_BATCH = 4096
_HELD_OUT = 5
"""Every fifth work is held out to see what is learnt from the others."""
_MOST_COMPARED = 512


def says_little(document: Document) -> bool:
    """Return whether a work has next to no words for what it shows."""
    if any(_WORD.search(text) for text in document.descriptions):
        return False
    texts = (document.title, *(document.fields.get(name, "") for name in _SAID[1:]))
    words = {word.casefold() for text in texts for word in _WORD.findall(text[:_READ])}
    return len(words - _EMPTY_WORDS) < LITTLE


@dataclass(eq=False)
class _Sums:
    """What the closed form takes of some works: sums over them, in float64."""

    count: int
    pictures: npt.NDArray[np.float64]
    meanings: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]
    products: npt.NDArray[np.float64]

    @classmethod
    def nothing(cls, dim: int, dim_meaning: int) -> _Sums:
        shapes = (dim,), (dim_meaning,), (dim, dim), (dim, dim_meaning)
        return cls(0, *(np.zeros(shape) for shape in shapes))

    def add(self, pictures: npt.NDArray[np.float64], meanings: npt.NDArray[np.float64]) -> None:
        self.count += len(pictures)
        self.pictures += pictures.sum(axis=0)
        self.meanings += meanings.sum(axis=0)
        self.squares += pictures.T @ pictures
        self.products += pictures.T @ meanings

    def __add__(self, other: _Sums) -> _Sums:
        return _Sums(
            self.count + other.count,
            self.pictures + other.pictures,
            self.meanings + other.meanings,
            self.squares + other.squares,
            self.products + other.products,
        )

    def solved(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return the regression: its matrix, shape (dim, dim_meaning), and what is added to every product."""
        mean, mean_meaning = self.pictures / self.count, self.meanings / self.count
        squares = self.squares - self.count * np.outer(mean, mean)
        products = self.products - self.count * np.outer(mean, mean_meaning)
        held_back = max(RIDGE * float(np.trace(squares)), np.finfo(np.float64).tiny)
        matrix: npt.NDArray[np.float64] = np.linalg.solve(
            squares + held_back * np.eye(len(squares)), products
        ).astype(np.float64)
        return matrix, mean_meaning - mean @ matrix


@dataclass(frozen=True, eq=False)
class Teller:
    """What was learnt of a collection about how pictures tell meanings.

    Parameters
    ----------
    model_id : str
        What made the vectors of the pictures.
    works : int
        How many works with words and a picture there were to learn from, about.
    matrix : ndarray of float32, shape (dim, dim_meaning)
        Empty where pictures do not tell meanings.
    constant : ndarray of float32, shape (dim_meaning,)
        What is added to every product.
    """

    model_id: str
    works: int
    matrix: Vectors
    constant: Vectors

    @classmethod
    def learnt(
        cls, model_id: str, works: int, pictures: Vectors, known: npt.NDArray[np.intp], meanings: Vectors
    ) -> Teller:
        """Learn from works that have both.

        Parameters
        ----------
        model_id, works
            As above.
        pictures : ndarray of float32, shape (p, dim)
            The vectors of pictures; may be mapped from disk, and are read in parts.
        known : ndarray of int, shape (n,)
            Which of them are of works that have words.
        meanings : ndarray of float32, shape (n, dim_meaning)
            The meanings of these.

        Returns
        -------
        Teller
            One that knows nothing where there are fewer than :data:`FEWEST` works to learn from, or pictures
            do not tell the words of works that were held out.
        """
        shape = pictures.shape[1], meanings.shape[1]
        nothing = cls(model_id, works, np.empty((0, shape[1]), np.float32), np.zeros(shape[1], np.float32))
        if len(known) < FEWEST:
            return nothing
        held_out = np.arange(len(known)) % _HELD_OUT == 0
        sums = []
        for part in (np.flatnonzero(~held_out), np.flatnonzero(held_out)):
            sums.append(_Sums.nothing(*shape))
            for rows in _batches(part):
                sums[-1].add(pictures[known[rows]].astype(np.float64), meanings[rows].astype(np.float64))
        compared = np.flatnonzero(held_out)
        compared = compared[:: -(-len(compared) // _MOST_COMPARED)]
        predicted = cls._of(model_id, works, sums[0]).tell(pictures[known[compared]])
        if _told(predicted, meanings[compared]) < LEAST_TOLD:
            return nothing
        return cls._of(model_id, works, sums[0] + sums[1])

    @classmethod
    def _of(cls, model_id: str, works: int, sums: _Sums) -> Teller:
        matrix, constant = sums.solved()
        return cls(model_id, works, matrix.astype(np.float32), constant.astype(np.float32))

    @property
    def knows(self) -> bool:
        """Whether pictures tell meanings here."""
        return bool(self.matrix.size)

    def tell(self, pictures: Vectors) -> Vectors:
        """Tell from pictures what works mean.

        Parameters
        ----------
        pictures : ndarray of float32, shape (m, dim)
            Their vectors.

        Returns
        -------
        ndarray of float32, shape (m, dim_meaning)
            Unit-length rows.
        """
        batches = _batches(np.arange(len(pictures)))
        empty = np.empty((0, len(self.constant)))
        return _unit(
            np.concatenate([empty, *(pictures[rows] @ self.matrix + self.constant for rows in batches)])
        )


def _told(predicted: Vectors, meanings: Vectors) -> float:
    """Return in which share of pairs of works a prediction is nearer to its own work's meaning."""
    products = predicted @ meanings.T
    own = np.diag(products)[:, None]
    nearer = (own > products).sum() + (own == products).sum() / 2 - len(products) / 2
    return float(nearer / max(1, len(products) * (len(products) - 1)))


def _unit(rows: npt.NDArray[np.floating]) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def _batches(rows: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))


def with_what_is_told(meanings: Vectors, told: Vectors) -> Vectors:
    """Return the meanings of works beside what their pictures tell, both of unit length or zero."""
    return _unit(meanings + told)
