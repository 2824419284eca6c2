"""The files of a text index: written down, and read with every number checked before it is used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ham_recommend.encode.languages import ENGLISH, SMALL_WORDS
from ham_recommend.encode.text import (
    Counts,
    Order,
    Vocabulary,
)
from ham_recommend.errors import (
    ArtifactCorruptError,
    ArtifactError,
    ArtifactMismatchError,
)
from ham_recommend.index._ids import Mask
from ham_recommend.index._structures import check_array
from ham_recommend.index._text_parts import METHOD, PathOf, TextParts
from ham_recommend.index.faiss_nearby import IvfStore
from ham_recommend.records import Embeddings, ItemIds, Vectors
from ham_recommend.vectors import UNREADABLE, Write, read_array, read_arrays, write_arrays
from ham_recommend.workspace import INDEX

FILES = tuple(
    f"{INDEX}/text.{part}"
    for part in (
        "vocabulary.json",
        "works.npz",
        "counts.npz",
        "order.npy",
        "pairs.npy",
        "postings.npz",
        "idf.npy",
        "frequencies.npy",
        "lsa.npy",
        "clusters.npz",
        "vectors.npy",
    )
)
"""Every file of a text index."""

_GREATEST_WEIGHT = 1e4
"""No work weighs so much: its weights are at most the idf, a logarithm, by a length of about one."""
_MOST_COUNTED = 2**27
"""In units of 1 / ``VOICE``: a work that says a word 50,000 times, more often than any text is read."""
_ROWS_AT_ONCE = 4096
_ROUNDING = 1e-3


def save_parts(parts: TextParts, write: Write) -> None:
    """Write every file; see :meth:`ham_recommend.index.text_index.TextIndex.save`."""
    n, n_terms = len(parts.item_ids), len(parts.vocabulary.terms)
    vocabulary = parts.vocabulary
    names = {
        "method": METHOD,
        "language": vocabulary.language,
        "terms": vocabulary.terms,
        "words": parts.words,
    }
    with write(_name("vocabulary.json"), rows=n_terms) as path:
        path.write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
    works = {
        "item_ids": _bytes(parts.item_ids),
        "digests": _bytes(parts.digests),
        "fitted": parts.fitted,
        "told": parts.told,
        "placed": np.searchsorted(parts.item_ids, parts.placed).astype(np.int32),
        "starts": parts.order.starts,
        "pairs": np.array(len(parts.pairs), dtype=np.int64),
    }
    _write_arrays(write, "works.npz", n, works)
    _write_arrays(write, "counts.npz", n, _sparse_arrays(parts.counts()))
    _write_arrays(write, "postings.npz", n_terms, _sparse_arrays(parts.postings))
    _write_array(write, "order.npy", np.asarray(parts.order.words))
    _write_array(write, "pairs.npy", np.asarray(parts.pairs))
    _write_array(write, "idf.npy", parts.vocabulary.idf)
    _write_array(write, "frequencies.npy", parts.frequencies)
    _write_array(write, "lsa.npy", np.asarray(parts.space))
    with write(_name("clusters.npz"), rows=len(parts.placed)) as path:
        parts.meaning.save(path)
    _write_array(write, "vectors.npy", parts.meaning.get(parts.placed.tolist()).vectors)


def load_parts(path_of: PathOf) -> TextParts:
    """Read every file; see :meth:`ham_recommend.index.text_index.TextIndex.load`."""
    with _reading():
        return _load_parts(path_of)


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArtifactError.unreadable("A file of the text index", error) from error
    except UNREADABLE as error:
        raise ArtifactCorruptError(
            f"A file of the text index cannot be read ({error}). Build it again with `ham build`."
        ) from error


def _load_counts(path: Path, shape: tuple[int, int]) -> Counts:
    with _reading():
        counts = _sparse(read_arrays(path), shape, np.int32)
        if len(counts.data) and not (counts.data.min() > 0 and counts.data.max() <= _MOST_COUNTED):
            raise ValueError("a word is said less than once, or more often than a text is long")
        return counts


def _load_parts(path_of: PathOf) -> TextParts:
    terms, words, language = _load_names(path_of(_name("vocabulary.json")))
    item_ids, digests, fitted, placed_rows, told, starts, n_pairs = _load_works(path_of(_name("works.npz")))
    placed = item_ids[placed_rows]
    n, n_terms, n_words = len(item_ids), len(terms), len(words)
    idf = np.load(path_of(_name("idf.npy")), allow_pickle=False)
    frequencies = np.load(path_of(_name("frequencies.npy")), allow_pickle=False)
    space_path, vectors_path = path_of(_name("lsa.npy")), path_of(_name("vectors.npy"))
    space = read_array(space_path, np.float32, axes=2)
    vectors = read_array(vectors_path, np.float32, axes=2)
    lengths = [len(space), len(idf), len(frequencies), len(vectors)]
    if lengths != [n_terms, n_terms, n_words, len(placed)] or space.shape[1:] != vectors.shape[1:]:
        raise ArtifactMismatchError(
            "The files of the text index were not built together. Build it again with `ham build`."
        )
    check_array("idf", idf, np.float32, (n_terms,))
    check_array("frequencies", frequencies, np.int32, (n_words,))
    _check_within("weight of a term", idf, _GREATEST_WEIGHT)
    _check_within("frequency of a word", frequencies, n)
    _check_lengths("direction", space, 1.0)
    _check_lengths("vector", vectors, 1.0)
    postings = _sparse(read_arrays(path_of(_name("postings.npz"))), (n_terms, n), np.float32)
    _check_within("weight of a word", postings.data, _GREATEST_WEIGHT)
    counts_path = path_of(_name("counts.npz"))
    said = np.load(path_of(_name("order.npy")), mmap_mode="r", allow_pickle=False)
    pairs = np.load(path_of(_name("pairs.npy")), mmap_mode="r", allow_pickle=False)
    check_array("pairs of words", pairs, np.int64, (n_pairs,))
    return TextParts(
        item_ids,
        digests,
        fitted,
        words,
        frequencies,
        lambda: _load_counts(counts_path, (n, n_words)),
        _order(said, starts, n, n_words),
        pairs,
        Vocabulary(terms, idf, language),
        postings,
        space,
        IvfStore.load(path_of(_name("clusters.npz")), Embeddings(placed, vectors, METHOD)),
        placed,
        told,
    )


def _load_names(path: Path) -> tuple[list[str], list[str], str]:
    """Read the terms, the words and the language."""
    names = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(names, dict):
        raise TypeError("the vocabulary is no JSON object")
    if names.get("method") != METHOD:
        raise ArtifactMismatchError(
            f"The text index was built by the method {names.get('method')!r:.40}, this version reads "
            f"{METHOD!r}. Build it again with `ham build`."
        )
    for what in ("terms", "words"):
        if not isinstance(names[what], list) or set(map(type, names[what])) - {str}:
            raise ValueError(f"the {what} are no list of texts")
    if names["language"] not in (ENGLISH, *SMALL_WORDS):
        raise ValueError("the language of the vocabulary is not known")
    return names["terms"], names["words"], names["language"]


def _load_works(
    path: Path,
) -> tuple[ItemIds, ItemIds, Mask, npt.NDArray[np.int32], Mask, npt.NDArray[np.int64], int]:
    """Read the works, their digests, which are fitted, placed or told, where each begins, the pairs."""
    works = read_arrays(path)
    fitted, placed = works["fitted"], works["placed"]
    check_array("fitted works", fitted, np.bool_, (fitted.size,))
    check_array("works that have a vector", placed, np.int32, (placed.size,))
    for texts in (works["item_ids"], works["digests"]):
        if texts.dtype.kind != "S" or texts.shape != fitted.shape:
            raise ValueError("the works and their digests are not as many texts as there are works")
    if placed.size and not 0 <= placed.min() <= placed.max() < fitted.size:
        raise ValueError("a vector is of a work that is not there")
    if placed.size and np.bincount(placed).max() > 1:
        raise ValueError("a work has two vectors")
    item_ids = _texts(works["item_ids"])
    if not (item_ids[1:] > item_ids[:-1]).all():
        raise ValueError("the works are not in order, or one comes twice")
    told = works["told"]
    check_array("works told by their picture", told, np.bool_, fitted.shape)
    n_pairs = works["pairs"]
    check_array("number of pairs", n_pairs, np.int64, ())
    return item_ids, _texts(works["digests"]), fitted, placed, told, works["starts"], int(n_pairs)


def _order(words: npt.NDArray[np.int32], starts: npt.NDArray[np.int64], n: int, n_words: int) -> Order:
    check_array("starts of works", starts, np.int64, (n + 1,))
    check_array("words in order", words, np.int32, (len(words),))
    if starts[0] != 0 or starts[-1] != len(words) or (np.diff(starts) < 0).any():
        raise ValueError("the words of works do not follow each other")
    if len(words) and not -1 <= words.min() <= words.max() < n_words:
        raise ValueError("a work says a word that is not there")
    return Order(words, starts)


def _name(part: str) -> str:
    return f"{INDEX}/text.{part}"


def _write_array(write: Write, part: str, array: npt.NDArray[Any]) -> None:
    with write(_name(part), rows=len(array)) as path, path.open("wb") as stream:
        np.save(stream, array, allow_pickle=False)


def _write_arrays(write: Write, part: str, rows: int, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    with write(_name(part), rows=rows) as path:
        write_arrays(path, arrays)


def _sparse_arrays(matrix: sparse.csr_array) -> dict[str, npt.NDArray[Any]]:
    return {"indptr": matrix.indptr, "indices": matrix.indices, "data": matrix.data}


def _sparse(
    arrays: Mapping[str, npt.NDArray[Any]], shape: tuple[int, int], dtype: type[np.generic]
) -> sparse.csr_array:
    """Make a matrix of arrays that nobody has vouched for: SciPy writes wherever its indices point."""
    indptr, indices, data = arrays["indptr"], arrays["indices"], arrays["data"]
    check_array("rows of a matrix", indptr, np.int32, (shape[0] + 1,))
    check_array("columns of a matrix", indices, np.int32, (len(indices),))
    check_array("values of a matrix", data, dtype, (len(indices),))
    if indptr[0] != 0 or indptr[-1] != len(indices) or (np.diff(indptr) < 0).any():
        raise ValueError("the rows of a matrix do not follow each other")
    if len(indices) and not (indices.min() >= 0 and indices.max() < shape[1]):
        raise ValueError("a matrix points outside itself")
    ascending = indices[1:] > indices[:-1]
    starts = indptr[(indptr > 0) & (indptr < len(indices))]
    ascending[starts - 1] = True
    if not ascending.all():
        raise ValueError("the columns of a matrix are not sorted")
    return sparse.csr_array((data, indices, indptr), shape=shape)


def _check_within(what: str, values: npt.NDArray[Any], most: float) -> None:
    """Refuse numbers below 0, above the most, and NaN."""
    if values.size and not (values.min() >= 0 and values.max() <= most):
        raise ValueError(f"the {what} is none")


def _check_lengths(what: str, vectors: Vectors, most: float) -> None:
    """Refuse vectors that are longer than they can be; reads each of them once."""
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        some = vectors[start : start + _ROWS_AT_ONCE]
        squares = np.einsum("ij,ij->i", some, some)
        if not squares.max(initial=0.0) <= most**2 + _ROUNDING:
            raise ValueError(f"a {what} is longer than it can be, or holds NaN")


def _bytes(texts: ItemIds) -> npt.NDArray[np.bytes_]:
    """Keep texts as UTF-8 of fixed width, a quarter of what NumPy's own text type takes."""
    return np.array([text.encode("utf-8", "surrogatepass") for text in texts.tolist()], dtype=np.bytes_)


def _texts(kept: npt.NDArray[np.bytes_]) -> ItemIds:
    texts = [text.decode("utf-8", "surrogatepass") for text in kept.tolist()]
    return np.array(texts, dtype=np.object_)
