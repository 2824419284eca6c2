"""Works that say next to nothing: their pictures tell what they mean, as far as the others' pictures do.

Ridge regression (A. E. Hoerl and R. W. Kennard, "Ridge Regression", Technometrics 1970) from the vectors of
pictures to those of meanings, fitted on the works that have both, in closed form from sums over them. So a
work without a word has its place in the channel of meaning, and a search by words finds it, with no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ham_recommend.records import Document, Embeddings, ItemIds, Vectors

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


def noting_little(documents: Iterable[Document], noted: set[str]) -> Iterator[Document]:
    """Yield documents, and note which works say next to nothing."""
    for document in documents:
        if says_little(document):
            noted.add(document.item_id)
        yield document


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


def meanings_by_picture(
    pictures: Vectors, known: npt.NDArray[np.intp], meanings: Vectors, wanted: npt.NDArray[np.intp]
) -> Vectors | None:
    """Tell from pictures what works mean.

    Parameters
    ----------
    pictures : ndarray of float32, shape (p, dim)
        The vectors of pictures; may be mapped from disk, and are read in parts.
    known : ndarray of int, shape (n,)
        Which of them are of works that have words.
    meanings : ndarray of float32, shape (n, dim_meaning)
        The meanings of these.
    wanted : ndarray of int, shape (m,)
        Which of them are of works that say little.

    Returns
    -------
    ndarray of float32, shape (m, dim_meaning), or None
        Unit-length rows. ``None`` where there are fewer than :data:`FEWEST` works to learn from, or pictures
        do not tell the words of works that were held out.
    """
    if len(known) < FEWEST or not len(wanted):
        return None
    held_out = np.arange(len(known)) % _HELD_OUT == 0
    sums = []
    for part in (np.flatnonzero(~held_out), np.flatnonzero(held_out)):
        sums.append(_Sums.nothing(pictures.shape[1], meanings.shape[1]))
        for rows in _batches(part):
            sums[-1].add(pictures[known[rows]].astype(np.float64), meanings[rows].astype(np.float64))
    compared = np.flatnonzero(held_out)
    compared = compared[:: -(-len(compared) // _MOST_COMPARED)]
    if _told(_predicted(sums[0], pictures[known[compared]]), meanings[compared]) < LEAST_TOLD:
        return None
    return _predicted(sums[0] + sums[1], pictures[wanted])


def _predicted(sums: _Sums, pictures: Vectors) -> Vectors:
    matrix, constant = sums.solved()
    batches = _batches(np.arange(len(pictures)))
    parts = [pictures[rows].astype(np.float64) @ matrix + constant for rows in batches]
    return _unit(np.concatenate(parts))


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


def tell_by_picture(
    item_ids: ItemIds, meanings: Vectors, bare: npt.NDArray[np.bool_], pictures: Embeddings
) -> npt.NDArray[np.bool_]:
    """Give works that say little the meaning that their pictures tell, beside what they do say.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        The works.
    meanings : ndarray of float32, shape (n, dim_meaning)
        Their meanings, unit length, or zero for works without a word; changed in place.
    bare : ndarray of bool, shape (n,)
        Which works say little.
    pictures : Embeddings
        The vectors of pictures, of some of the works.

    Returns
    -------
    ndarray of bool, shape (n,)
        Whose meaning was told by their picture.
    """
    told = np.zeros(len(item_ids), dtype=np.bool_)
    row_of = {item_id: row for row, item_id in enumerate(pictures.item_ids.tolist())}
    rows = np.array([row_of.get(item_id, -1) for item_id in item_ids.tolist()], dtype=np.intp)
    wanted = np.flatnonzero(bare & (rows >= 0))
    known = np.flatnonzero(~bare & (rows >= 0) & meanings.any(axis=1))
    predicted = meanings_by_picture(pictures.vectors, rows[known], meanings[known], rows[wanted])
    if predicted is not None:
        meanings[wanted] = _unit(meanings[wanted] + predicted)
        told[wanted] = True
    return told
