"""What answering needs of texts that lie in a database: the words of a collection, and a few numbers a work.

It is written when the texts are, and read instead of them: memory does not grow with what works say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ham_recommend.encode.languages import ENGLISH, SMALL_WORDS
from ham_recommend.encode.text import BREAK
from ham_recommend.encode.weights import Vocabulary, evened_out, for_search, rarity
from ham_recommend.errors import ArtifactMismatchError
from ham_recommend.index._ids import Mask, Rows
from ham_recommend.index._structures import check_array
from ham_recommend.index._text_files import arrays_of_texts, texts_of
from ham_recommend.index._text_parts import METHOD, PathOf, TextParts
from ham_recommend.index._text_rows import Numbers, Sayings, stem_numbers
from ham_recommend.records import ItemIds, Vectors
from ham_recommend.vectors import Write, read_array, read_arrays, write_arrays
from ham_recommend.workspace import INDEX

KNOWN = f"{INDEX}/text.known.npz"
SPACE = f"{INDEX}/text.lsa.npy"
_DRIFT = 0.1
"""How far the length of a work may count otherwise in a database than here before the work is written anew;
what is asked for goes by what is here."""
_AT_ONCE = 512
"""Works whose texts are packed at once."""


@dataclass(frozen=True, eq=False)
class Known:
    """What is known here of works whose texts are in a database.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        The works, sorted.
    language : str
        Whose endings were taken off words in Latin letters.
    words : list of str
        Their folded words, sorted.
    frequencies : ndarray of int32, shape (n words,)
        How many works use each.
    terms : list of str
        Their terms, sorted.
    saying : ndarray of int64, shape (n terms,)
        How many works say each.
    numbers : ndarray of int64, shape (n terms,)
        What the database calls each.
    space_rows : ndarray of int32, shape (n terms,)
        The row of each in the space of meanings; -1 for those that are new to it.
    lengths : ndarray of float64, shape (n,)
        How long each work is.
    factors : ndarray of float32, shape (n,)
        What its words in the database were multiplied with for that.
    told, has_vector : ndarray of bool, shape (n,)
        Whose meaning was told by their picture; which works have one.
    contents : ndarray of int64, shape (n,)
        A hash of all that the database keeps of each work.
    """

    item_ids: ItemIds
    language: str
    words: list[str]
    frequencies: npt.NDArray[np.int32]
    terms: list[str]
    saying: npt.NDArray[np.int64]
    numbers: Numbers
    space_rows: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.float64]
    factors: Vectors
    told: Mask
    has_vector: Mask
    contents: Numbers

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The terms and how rare each is."""
        return Vocabulary(self.terms, rarity(self.saying, len(self.item_ids)), self.language)

    @cached_property
    def evened(self) -> Vectors:
        """What the weights of each work are multiplied with for its length."""
        return evened_out(self.lengths)

    @cached_property
    def by_length(self) -> Vectors:
        """What a search multiplies the score of each work with beside that."""
        return for_search(self.lengths)

    def save(self, write: Write) -> None:
        """Write it to its file."""
        with write(KNOWN, rows=len(self.item_ids)) as path:
            write_arrays(
                path,
                {
                    "method": arrays_of_texts([METHOD, self.language]),
                    "item_ids": arrays_of_texts(self.item_ids),
                    "words": _lines(self.words),
                    "frequencies": self.frequencies,
                    "terms": _lines(self.terms),
                    "saying": self.saying,
                    "numbers": self.numbers,
                    "space_rows": self.space_rows,
                    "lengths": self.lengths,
                    "factors": self.factors,
                    "told": self.told,
                    "has_vector": self.has_vector,
                    "contents": self.contents,
                },
            )

    @classmethod
    def load(cls, path_of: PathOf) -> tuple[Known, Vectors]:
        """Read the file, with every number of it checked, and the space of meanings, mapped.

        Raises
        ------
        ArtifactMismatchError
            Another method made it.
        ValueError
            Its numbers contradict each other.
        """
        arrays = read_arrays(path_of(KNOWN))
        method, language = texts_of(arrays["method"]).tolist()
        if method != METHOD or language not in (ENGLISH, *SMALL_WORDS):
            raise ArtifactMismatchError(
                f"The text index was built by the method {method!r:.40}, this version reads {METHOD!r}. "
                "Build it again with `ham build`."
            )
        ids, words, terms = texts_of(arrays["item_ids"]), _texts(arrays["words"]), _texts(arrays["terms"])
        shapes = {
            "frequencies": (np.int32, len(words)),
            "saying": (np.int64, len(terms)),
            "numbers": (np.int64, len(terms)),
            "space_rows": (np.int32, len(terms)),
            "lengths": (np.float64, len(ids)),
            "factors": (np.float32, len(ids)),
            "told": (np.bool_, len(ids)),
            "has_vector": (np.bool_, len(ids)),
            "contents": (np.int64, len(ids)),
        }
        for name, (kind, size) in shapes.items():
            check_array(name, arrays[name], kind, (size,))
        space = read_array(path_of(SPACE), np.float32, axes=2)
        rows, lengths, factors = (arrays[name] for name in ("space_rows", "lengths", "factors"))
        if len(ids) and not (
            (ids[1:] > ids[:-1]).all()
            and (np.isfinite(lengths) & (lengths >= 0)).all()
            and (factors > 0).all()
        ):
            raise ValueError("the works of texts that are elsewhere are not in order, or have no length")
        for name in ("frequencies", "saying"):
            if arrays[name].size and not 0 < arrays[name].min() <= arrays[name].max() <= len(ids):
                raise ValueError("a word is said by no work, or by more than there are")
        if len(terms) and not -1 <= rows.min() <= rows.max() < len(space):
            raise ValueError("a term has a direction that is not there")
        known = cls(
            ids,
            language,
            words,
            arrays["frequencies"],
            terms,
            **{name: arrays[name] for name in shapes if name != "frequencies"},
        )
        return known, space


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One work as a database is given it.

    Parameters
    ----------
    item_id : str
        Which.
    sayings : Sayings
        What it says.
    factor : float
        What its words are multiplied with.
    vector : ndarray of float32, shape (dim,)
        What it means; zero for nothing.
    content : int
        A hash of all of it.
    """

    item_id: str
    sayings: Sayings
    factor: float
    vector: Vectors
    content: int


class TextRows:
    """The rows of a text index, made as they are asked for.

    Parameters
    ----------
    parts : TextParts
        What it is made of.
    marks : mapping of str to int
        Of what works are filtered by.
    previous : Known or None
        What was known of the rows before: what has not changed stays as it was written.
    """

    def __init__(self, parts: TextParts, marks: dict[str, int], previous: Known | None) -> None:
        self._parts, self._marks = parts, marks
        every = parts.all
        self._numbers = stem_numbers(every.stems)
        self._factors = _factors(every.lengths, every.item_ids, previous)
        self.item_ids = every.item_ids

    @property
    def dim(self) -> int:
        """Number of dimensions of what works mean."""
        return int(self._parts.space.shape[1])

    def known(self) -> Known:
        """Return what is to be known of them where works are searched."""
        every = self._parts.all
        contents = np.empty(len(every), dtype=np.int64)
        for start in range(0, len(every), _AT_ONCE):
            for row, made in self._made(np.arange(start, min(start + _AT_ONCE, len(every)))):
                contents[row] = made.content
        return Known(
            every.item_ids,
            self._parts.language,
            every.words,
            every.frequencies,
            every.terms,
            every.saying,
            self._numbers[every.stem_of_term],
            every.stems_of_terms()[0].astype(np.int32),
            every.lengths,
            self._factors,
            every.told,
            every.has_vector,
            contents,
        )

    def of(self, rows: Rows) -> Iterator[Row]:
        """Yield some works, a part of them made at once."""
        for start in range(0, len(rows), _AT_ONCE):
            yield from (made for _, made in self._made(rows[start : start + _AT_ONCE]))

    def _made(self, rows: Rows) -> Iterator[tuple[int, Row]]:
        vectors = self._vectors(rows)
        for some, said, order in self._parts.all.said_in(rows):
            for at, row in enumerate(some.tolist()):
                item_id = self.item_ids[row]
                mine = slice(said.indptr[at], said.indptr[at + 1])
                stems = said.indices[mine]
                follow = order.of(at)
                places = np.searchsorted(stems, follow)
                places = np.where((follow >= 0) & (np.append(stems, BREAK)[places] == follow), places, BREAK)
                sayings = Sayings.of(item_id, self._numbers[stems], said.data[mine], places)
                factor, vector = float(self._factors[row]), vectors[row]
                content = sayings.content(factor, vector, self._marks.get(item_id, 0))
                yield row, Row(item_id, sayings, factor, vector, content)

    def _vectors(self, rows: Rows) -> dict[int, Vectors]:
        """Return what some works mean; zero for nothing."""
        every = self._parts.all
        vectors = {row: np.zeros(self.dim, dtype=np.float32) for row in rows.tolist()}
        for part, here in ((every.base, every.base_rows), (every.since, every.since_rows)):
            placed = here[part.placed]
            for at in np.flatnonzero(np.isin(placed, rows)).tolist():
                vectors[int(placed[at])] = np.array(part.vectors[at])
        return vectors


def _lines(texts: list[str]) -> npt.NDArray[np.uint8]:
    """Return words, none of which holds a line's end, as bytes: one long word makes no other longer."""
    return np.frombuffer("\n".join(texts).encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _texts(lines: npt.NDArray[np.uint8]) -> list[str]:
    check_array("words", lines, np.uint8, (len(lines),))
    return lines.tobytes().decode("utf-8", "surrogatepass").split("\n") if len(lines) else []


def _factors(lengths: npt.NDArray[np.float64], item_ids: ItemIds, previous: Known | None) -> Vectors:
    """Return what the words of works are multiplied with: as it was written, unless it has changed much."""
    factors: Vectors = evened_out(lengths) * for_search(lengths)
    if previous is None or not len(previous.item_ids):
        return factors
    places = np.minimum(np.searchsorted(previous.item_ids, item_ids), len(previous.item_ids) - 1)
    before = previous.factors[places]
    stays = (previous.item_ids[places] == item_ids) & (np.abs(factors / before - 1.0) <= _DRIFT)
    return np.where(stays, before, factors).astype(np.float32)
