"""The files of a text index: written down, and read with every number checked before it is used."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ham_recommend.encode.languages import ENGLISH, SMALL_WORDS
from ham_recommend.encode.text import Counts, Order
from ham_recommend.encode.weights import SATURATION, Weights
from ham_recommend.errors import (
    ArtifactCorruptError,
    ArtifactError,
    ArtifactMismatchError,
)
from ham_recommend.index._ids import Mask, Rows
from ham_recommend.index._segments import Segment, Stems
from ham_recommend.index._structures import check_array
from ham_recommend.index._text_parts import METHOD, PathOf, TextParts
from ham_recommend.index.by_picture import Teller
from ham_recommend.index.faiss_nearby import IvfPqStore
from ham_recommend.records import Embeddings, ItemIds, Vectors
from ham_recommend.vectors import UNREADABLE, Write, read_array, read_arrays, write_arrays
from ham_recommend.workspace import INDEX

BASE = tuple(
    f"{INDEX}/text.{part}"
    for part in (
        "vocabulary.json",
        "works.npz",
        "counts.npy",
        "order.npy",
        "pairs.npy",
        "postings.npy",
        "said.npy",
        "frequencies.npy",
        "lsa.npy",
        "clusters.npz",
        "vectors.npy",
    )
)
"""The files of the base of a text index: they stay as they are while works are added."""
SINCE = f"{INDEX}/text.since.npz"
"""The file of what came, changed or went since."""

_MOST_COUNTED = 2**27
"""In units of 1 / ``VOICE``: a work that says a word 50,000 times, more often than any text is read."""
_MOST_SAID = SATURATION + 1
"""What a work says that repeats a word without end."""
_ROWS_AT_ONCE = 4096
_ROUNDING = 1e-3

Arrays = Mapping[str, npt.NDArray[Any]]
Shape = tuple[int, int]


def save_base(parts: TextParts, write: Write) -> None:
    """Write the files of the base; see :meth:`ham_recommend.index.text_index.TextIndex.save`."""
    base = parts.base
    n, stems = len(base), base.stems
    names = {"method": METHOD, "language": parts.language, "stems": stems.stems, "words": base.words}
    with write(_name("vocabulary.json"), rows=len(stems.stems)) as path:
        path.write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
    _write_arrays(write, "works.npz", n, _of_works(base))
    _write_array(write, "counts.npy", _columns_and_data(base.counts))
    _write_array(write, "postings.npy", np.asarray(stems.said.indices))
    _write_array(write, "said.npy", np.asarray(stems.said.data))
    _write_array(write, "order.npy", np.asarray(base.order.words))
    _write_array(write, "pairs.npy", np.asarray(base.pairs))
    _write_array(write, "frequencies.npy", base.frequencies)
    _write_array(write, "lsa.npy", np.asarray(parts.space))
    with write(_name("clusters.npz"), rows=len(base.placed)) as path:
        parts.nearby().save(path)
    _write_array(write, "vectors.npy", np.asarray(base.vectors))


def save_since(parts: TextParts, write: Write) -> None:
    """Write the file of what came, changed or went since the base was made."""
    since, teller = parts.since, parts.teller
    arrays = {
        **_of_works(since),
        "base": np.array(_of_base(parts.base), dtype=np.int64),
        "gone": parts.gone.astype(np.int32),
        "words": arrays_of_texts(since.words),
        "stems": arrays_of_texts(since.stems.stems),
        "frequencies": since.frequencies,
        "order": since.order.words,
        "codes": since.pairs,
        "vectors": since.vectors,
        "counts": _columns_and_data(since.counts),
        "postings": since.stems.said.indices,
        "stems_said": since.stems.said.data,
    }
    if teller is not None:
        arrays |= {
            "teller": arrays_of_texts([teller.model_id]),
            "teller.works": np.array(teller.works, dtype=np.int64),
            "teller.matrix": teller.matrix,
            "teller.constant": teller.constant,
        }
    with write(SINCE, rows=len(since)) as path:
        write_arrays(path, arrays)


def load_parts(path_of: PathOf) -> TextParts:
    """Read every file; see :meth:`ham_recommend.index.text_index.TextIndex.load`."""
    stems, words, language = _load_names(path_of(_name("vocabulary.json")))
    works = read_arrays(path_of(_name("works.npz")))
    space = read_array(path_of(_name("lsa.npy")), np.float32, axes=2)
    map_vectors = partial(read_array, path_of(_name("vectors.npy")), np.float32, axes=2)
    vectors = map_vectors()  # only adding reads it: who answers has a map of its own in a store
    if len(space) != len(stems) or space.shape[1:] != vectors.shape[1:]:
        raise _not_built_together()
    _check_lengths("direction", space, 1.0)
    _check_lengths("vector", map_vectors(), 1.0)
    base = _segment(
        works,
        words,
        stems,
        frequencies=read_array(path_of(_name("frequencies.npy")), np.int32, axes=1),
        order=read_array(path_of(_name("order.npy")), np.int32, axes=1),
        pairs=read_array(path_of(_name("pairs.npy")), np.int64, axes=1),
        postings=read_array(path_of(_name("postings.npy")), np.int32, axes=1),
        stems_said=read_array(path_of(_name("said.npy")), np.float32, axes=1),
        counts=read_array(path_of(_name("counts.npy")), np.int32, axes=2),
        vectors=vectors,
    )
    since, gone, teller = _load_since(read_arrays(path_of(SINCE)), base, space.shape[1])
    clusters, placed = path_of(_name("clusters.npz")), base.item_ids[base.placed]

    def nearby() -> IvfPqStore:
        return IvfPqStore.load(clusters, Embeddings(placed, map_vectors(), METHOD))

    parts = TextParts(base, since, gone, language, space, teller, nearby)
    _ = parts.all.idf  # cannot be worked out of files that contradict each other
    return parts


@contextmanager
def reading() -> Iterator[None]:
    """Say in a sentence what is wrong with a file that is read."""
    try:
        yield
    except OSError as error:
        raise ArtifactError.unreadable("A file of the text index", error) from error
    except UNREADABLE as error:
        raise ArtifactCorruptError(
            f"A file of the text index cannot be read ({error}). Build it again with `ham build`."
        ) from error


def _counts(counts: npt.NDArray[Any], starts: npt.NDArray[Any], shape: Shape) -> Counts:
    """Return how often works say words, of which nobody has vouched for a number."""
    columns, times = counts
    check_array("counts of words", times, np.int32, (len(times),))
    if len(times) and not (times.min() > 0 and times.max() <= _MOST_COUNTED):
        raise ValueError("the counts of words say less than once, or more often than a text is long")
    return _sparse(times, columns, starts, shape)


def _said(said: npt.NDArray[Any], works: npt.NDArray[Any], starts: npt.NDArray[Any], shape: Shape) -> Weights:
    """Return how much works say of stems, of which nobody has vouched for a number."""
    check_array("what works say", said, np.float32, (len(said),))
    if len(said) and not (said.min() > 0 and said.max() <= _MOST_SAID):  # NaN is neither
        raise ValueError("a work says less of a stem than nothing, or more than can be said")
    return _sparse(said, works, starts, shape)


def _load_since(arrays: Arrays, base: Segment, dim: int) -> tuple[Segment, Rows, Teller | None]:
    """Read what came, changed or went since, and what was learnt of pictures."""
    check_array("size of the base", arrays["base"], np.int64, (3,))
    if arrays["base"].tolist() != _of_base(base):
        raise _not_built_together()
    words, stems = (texts_of(arrays[name]).tolist() for name in ("words", "stems"))
    vectors, gone = arrays["vectors"], arrays["gone"]
    check_array("vectors", vectors, np.float32, (len(vectors), dim))
    _check_lengths("vector", vectors, 1.0)
    check_array("works that are gone", gone, np.int32, (gone.size,))
    if len(gone) and not (gone[0] >= 0 and gone[-1] < len(base) and (gone[1:] > gone[:-1]).all()):
        raise ValueError("a work that is gone was never there")
    since = _segment(
        arrays,
        words,
        stems,
        frequencies=arrays["frequencies"],
        order=arrays["order"],
        pairs=arrays["codes"],
        postings=arrays["postings"],
        stems_said=arrays["stems_said"],
        counts=arrays["counts"],
        vectors=vectors,
    )
    return since, gone, _load_teller(arrays, dim) if "teller" in arrays else None


def _load_teller(arrays: Arrays, dim: int) -> Teller:
    works, matrix, constant = (arrays[f"teller.{name}"] for name in ("works", "matrix", "constant"))
    check_array("number of works that were learnt from", works, np.int64, ())
    check_array("what pictures tell", matrix, np.float32, (len(matrix), dim))
    check_array("constant", constant, np.float32, (dim,))
    if not (np.isfinite(matrix).all() and np.isfinite(constant).all()):
        raise ValueError("what pictures tell holds NaN or infinity")
    (model_id,) = texts_of(arrays["teller"]).tolist()
    return Teller(model_id, int(works), matrix, constant)


def _of_base(base: Segment) -> list[int]:
    """Return what a base is known by."""
    told = "".join(base.digests.tolist()).encode("utf-8", "surrogatepass")
    return [len(base), len(base.words), zlib.crc32(told)]


def _not_built_together() -> ArtifactMismatchError:
    return ArtifactMismatchError(
        "The files of the text index were not built together. Build it again with `ham build`."
    )


def _of_works(segment: Segment) -> dict[str, npt.NDArray[Any]]:
    bare = np.flatnonzero(segment.bare)
    return {
        "item_ids": arrays_of_texts(segment.item_ids),
        "digests": arrays_of_texts(segment.digests),
        "bare": bare.astype(np.int32),
        "shown": arrays_of_texts(segment.shown[bare]),
        "told": segment.told,
        "placed": segment.placed.astype(np.int32),
        "starts": segment.order.starts,
        "counted": segment.counts.indptr,
        "posted": segment.stems.said.indptr,
        "said": segment.said,
        "stem_of": segment.stems.of_word,
        "pairs": np.array(len(segment.pairs), dtype=np.int64),
    }


def _segment(
    works: Arrays,
    words: list[str],
    stems: list[str],
    *,
    frequencies: npt.NDArray[Any],
    order: npt.NDArray[Any],
    pairs: npt.NDArray[Any],
    postings: npt.NDArray[Any],
    stems_said: npt.NDArray[Any],
    counts: npt.NDArray[Any],
    vectors: Vectors,
) -> Segment:
    """Make a segment of what was read, with every number of it checked."""
    n, n_words, n_stems = _number_of_works(works), len(words), len(stems)
    bare, shown = _bare(works, n)
    of_word = works["stem_of"]
    check_array("stems of words", of_word, np.int32, (n_words,))
    if n_words and not 0 <= of_word.min() <= of_word.max() < n_stems:
        raise ValueError("a word has a stem that is not there")
    check_array("frequencies", frequencies, np.int32, (n_words,))
    if n_words and not 0 < frequencies.min() <= frequencies.max() <= n:
        raise ValueError("the frequency of a word is none")
    check_array("small words", works["said"], np.int64, (len(SMALL_WORDS),))
    check_array("number of pairs", works["pairs"], np.int64, ())
    check_array("pairs of words", pairs, np.int64, (int(works["pairs"]),))
    placed, told = works["placed"], works["told"]
    check_array("works that have a vector", placed, np.int32, (len(vectors),))
    if placed.size and not (placed[0] >= 0 and placed[-1] < n and (placed[1:] > placed[:-1]).all()):
        raise ValueError("a vector is of a work that is not there, or of one that has another")
    check_array("works told by their picture", told, np.bool_, (n,))
    return Segment(
        texts_of(works["item_ids"]),
        texts_of(works["digests"]),
        bare,
        shown,
        words,
        frequencies,
        works["said"],
        _counts(counts, works["counted"], (n, n_words)),
        _order(order, works["starts"], n, n_words),
        Stems(stems, of_word, _said(stems_said, postings, works["posted"], (n_stems, n))),
        pairs,
        placed,
        vectors,
        told,
    )


def _number_of_works(works: Arrays) -> int:
    """Return of how many works there are ids and digests."""
    ids, digests = works["item_ids"], works["digests"]
    if ids.ndim != 1 or ids.dtype.kind != "S" or digests.dtype.kind != "S" or ids.shape != digests.shape:
        raise ValueError("the works and their digests are not as many texts")
    return len(ids)


def _bare(works: Arrays, n: int) -> tuple[Mask, ItemIds]:
    """Return which works say next to nothing, and what the picture of each showed."""
    rows, contents = works["bare"], works["shown"]
    check_array("works that say little", rows, np.int32, (rows.size,))
    if contents.dtype.kind != "S" or contents.shape != rows.shape:
        raise ValueError("the works that say little have not a picture each")
    if rows.size and not 0 <= rows.min() <= rows.max() < n:
        raise ValueError("a work that says little is not there")
    bare, shown = np.zeros(n, dtype=np.bool_), np.full(n, "", dtype=np.object_)
    bare[rows] = True
    shown[rows] = texts_of(contents)
    return bare, shown


def _load_names(path: Path) -> tuple[list[str], list[str], str]:
    """Read the stems, the words and the language."""
    names = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(names, dict):
        raise TypeError("the vocabulary is no JSON object")
    if names.get("method") != METHOD:
        raise ArtifactMismatchError(
            f"The text index was built by the method {names.get('method')!r:.40}, this version reads "
            f"{METHOD!r}. Build it again with `ham build`."
        )
    for what in ("stems", "words"):
        if not isinstance(names[what], list) or set(map(type, names[what])) - {str}:
            raise ValueError(f"the {what} are no list of texts")
    if names["language"] not in (ENGLISH, *SMALL_WORDS):
        raise ValueError("the language of the vocabulary is not known")
    return names["stems"], names["words"], names["language"]


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


def _write_arrays(write: Write, part: str, rows: int, arrays: Arrays) -> None:
    with write(_name(part), rows=rows) as path:
        write_arrays(path, arrays)


def _columns_and_data(matrix: Counts) -> npt.NDArray[np.int32]:
    """Return what fills the rows of a matrix, shape (2, m)."""
    return np.stack([matrix.indices, matrix.data])


def _sparse(
    data: npt.NDArray[Any], indices: npt.NDArray[Any], indptr: npt.NDArray[Any], shape: Shape
) -> sparse.csr_array:
    """Make a matrix of arrays that nobody has vouched for: SciPy writes wherever its indices point."""
    check_array("rows of a matrix", indptr, np.int32, (shape[0] + 1,))
    check_array("columns of a matrix", indices, np.int32, (len(data),))
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


def _check_lengths(what: str, vectors: Vectors, most: float) -> None:
    """Refuse vectors that are longer than they can be; reads each of them once."""
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        some = vectors[start : start + _ROWS_AT_ONCE]
        squares = np.einsum("ij,ij->i", some, some)
        if not squares.max(initial=0.0) <= most**2 + _ROUNDING:
            raise ValueError(f"a {what} is longer than it can be, or holds NaN")


def arrays_of_texts(texts: Iterable[str]) -> npt.NDArray[np.bytes_]:
    """Keep texts as UTF-8 of fixed width, a quarter of what NumPy's own text type takes."""
    return np.array([text.encode("utf-8", "surrogatepass") for text in texts], dtype=np.bytes_)


def texts_of(kept: npt.NDArray[np.bytes_]) -> ItemIds:
    texts = [text.decode("utf-8", "surrogatepass") for text in kept.tolist()]
    return np.array(texts, dtype=np.object_)
