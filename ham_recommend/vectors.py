"""Sets of vectors and their ids on disk: ``3-embeddings/<name>.{vectors,ids,contents}.npy``.

Plain NumPy files that any tool can read: float32 rows, and text of fixed width. Never pickled objects.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from tokenize import TokenError
from typing import Any, Protocol
from zipfile import ZIP_STORED, BadZipFile

import numpy as np
import numpy.typing as npt

from ham_recommend.errors import ArtifactCorruptError, ArtifactError, ArtifactMismatchError, SettingsError
from ham_recommend.records import Embeddings, ItemIds, Vectors
from ham_recommend.workspace import EMBEDDINGS

UNREADABLE = (
    *(ValueError, LookupError, EOFError, TypeError, AttributeError, ArithmeticError, MemoryError),
    *(SyntaxError, TokenError, RuntimeError, BadZipFile, zlib.error),
)
"""What reading arrays or JSON of a damaged or crafted file raises, but for what the system refuses."""

_ROWS_AT_ONCE = 4096


class Write(Protocol):
    """Opens a file of the workspace for writing, as :meth:`ham_recommend.workspace.Draft.write` does."""

    def __call__(self, name: str, *, rows: int) -> AbstractContextManager[Path]:
        """Yield where to write the file called ``name``."""


def file_names(name: str) -> tuple[str, str, str]:
    """Return the names of the files of vectors, ids and contents, relative to the workspace.

    Parameters
    ----------
    name : str
        What the set of vectors is called, for example ``"style"``.
    """
    vectors, ids, contents = (f"{EMBEDDINGS}/{name}.{part}.npy" for part in ("vectors", "ids", "contents"))
    return vectors, ids, contents


def save_embeddings(embeddings: Embeddings, name: str, write: Write) -> None:
    """Write the three files of a set of vectors.

    Parameters
    ----------
    embeddings : Embeddings
        Missing ``contents`` are written as empty texts.
    name : str
        What the set is called.
    write : callable
        ``write(name, rows=…)``, a context manager that yields the path to write to.

    Raises
    ------
    SettingsError
        An id ends in a NUL character, which text of fixed width cannot keep.
    """
    contents = np.full(len(embeddings), "") if embeddings.contents is None else embeddings.contents
    arrays = (
        np.ascontiguousarray(embeddings.vectors, dtype=np.float32),
        _fixed_width(embeddings.item_ids),
        _fixed_width(contents),
    )
    for file, array in zip(file_names(name), arrays, strict=True):
        with write(file, rows=len(embeddings)) as path, path.open("wb") as stream:
            np.save(stream, array, allow_pickle=False)


def load_embeddings(name: str, model_id: str, path_of: Callable[[str], Path]) -> Embeddings:
    """Read the three files of a set of vectors; the vectors are mapped from disk, not read into memory.

    Parameters
    ----------
    name : str
        What the set is called.
    model_id : str
        What made the vectors, as the manifest remembers it.
    path_of : callable
        Name relative to the workspace → path, such as :meth:`ham_recommend.workspace.Workspace.checked`.

    Raises
    ------
    ArtifactCorruptError
        A file is not an array of the right kind, an id comes twice, or a vector holds NaN or infinity.
    ArtifactMismatchError
        The files have different numbers of rows.
    """
    vectors_path, ids_path, contents_path = map(path_of, file_names(name))
    vectors = read_array(vectors_path, np.float32, axes=2)
    ids = read_array(ids_path, np.str_, axes=1)
    contents = read_array(contents_path, np.str_, axes=1)
    if not len(vectors) == len(ids) == len(contents):
        raise ArtifactMismatchError(
            f"{vectors_path} has {len(vectors)} vectors for the {len(ids)} ids of {ids_path.name} and the "
            f"{len(contents)} contents of {contents_path.name}. Build the collection again with `ham build`."
        )
    item_ids, shown = _texts(ids, ids_path), _texts(contents, contents_path)
    if len(set(item_ids.tolist())) < len(item_ids):
        raise ArtifactCorruptError(
            f"A work comes twice in {ids_path}. Build the collection again with `ham build`."
        )
    check_finite(vectors, vectors_path)
    known = bool((shown != "").any()) or not len(shown)
    return Embeddings(item_ids, vectors, model_id, shown if known else None)


def _texts(array: npt.NDArray[Any], path: Path) -> ItemIds:
    try:
        return array.astype(np.object_)
    except ValueError as error:  # a number beyond the last character
        raise ArtifactCorruptError(
            f"{path} holds what is no text ({error}). Build the collection again with `ham build`."
        ) from error


def read_array(path: Path, dtype: type[np.generic], axes: int) -> npt.NDArray[Any]:
    """Map an array from a ``.npy`` file, read-only.

    Parameters
    ----------
    path : Path
        The file.
    dtype : numpy type
        What it must hold: ``np.float32``, or ``np.str_`` of any width.
    axes : int
        How many axes it must have.

    Raises
    ------
    ArtifactCorruptError
        It is not such a file.
    ArtifactError
        The system does not let us read it.
    """
    try:
        array = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except OSError as error:
        raise ArtifactError.unreadable(path, error) from error
    except UNREADABLE as error:
        raise ArtifactCorruptError(
            f"{path} is not a NumPy array ({error}). Build it again with `ham build`."
        ) from error
    kind_fits = array.dtype.kind == "U" if dtype is np.str_ else array.dtype == np.dtype(dtype)
    if array.ndim != axes or not kind_fits or not array.dtype.isnative or not array.flags.c_contiguous:
        raise ArtifactCorruptError(
            f"{path} holds {array.dtype.name} of shape {array.shape}, not {dtype.__name__} in {axes} axes. "
            "Build it again with `ham build`."
        )
    return array


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write named arrays to one ``.npz`` file, as they are."""
    with path.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Read the arrays of an ``.npz`` file into memory, which they fill no more than the file fills the disk.

    Raises
    ------
    ArtifactCorruptError
        It is not such a file, or a packed one: a few packed bytes can stand for any number.
    ArtifactError
        The system does not let us read it.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            members = arrays.zip.infolist()
            if any(member.compress_type != ZIP_STORED for member in members):
                raise ValueError("its arrays are packed")
            if sum(member.file_size for member in members) > path.stat().st_size:
                raise ValueError("its arrays claim to be larger than it")
            return {name: arrays[name] for name in arrays.files}
    except OSError as error:
        raise ArtifactError.unreadable(path, error) from error
    except UNREADABLE as error:
        raise ArtifactCorruptError(
            f"{path} does not hold arrays of NumPy ({error}). Build it again with `ham build`."
        ) from error


def check_finite(vectors: Vectors, path: Path) -> None:
    """Refuse vectors whose inner products could be NaN or infinite; reads each of them once.

    Raises
    ------
    ArtifactCorruptError
        One holds NaN or infinity, or is so long that its square is none of the numbers of float32.
    """
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        some = vectors[start : start + _ROWS_AT_ONCE]
        if not np.isfinite(np.einsum("ij,ij->i", some, some)).all():
            raise ArtifactCorruptError(
                f"A vector of {path} holds NaN, infinity or a number beyond all measure. "
                "Build it again with `ham build`."
            )


def _fixed_width(texts: ItemIds) -> npt.NDArray[np.str_]:
    fixed = np.asarray(texts, dtype=np.str_)
    if not np.array_equal(fixed.astype(np.object_), texts):
        raise SettingsError("An id or content ends in a NUL character; clean it before it is stored.")
    return fixed
