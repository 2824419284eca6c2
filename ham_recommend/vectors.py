"""Sets of vectors and their ids on disk: ``3-embeddings/<name>.{vectors,ids,contents}.npy``.

Plain NumPy files that any tool can read: float32 rows, and text of fixed width. Never pickled objects.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from tokenize import TokenError
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ham_recommend.errors import ArtifactCorruptError, ArtifactError, ArtifactMismatchError, SettingsError
from ham_recommend.records import Embeddings, ItemIds
from ham_recommend.workspace import EMBEDDINGS


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
        A file is not an array of the right kind.
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
    known = bool((contents != "").any()) or not len(contents)
    return Embeddings(
        ids.astype(np.object_), vectors, model_id, contents.astype(np.object_) if known else None
    )


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
    except (ValueError, EOFError, TypeError, AttributeError, SyntaxError, TokenError) as error:
        raise ArtifactCorruptError(f"{path} is not a NumPy array ({error}). Build it again.") from error
    if array.ndim != axes or not np.issubdtype(array.dtype, dtype):
        raise ArtifactCorruptError(
            f"{path} holds {array.dtype} of shape {array.shape}, not {dtype.__name__} in {axes} axes. "
            "Build it again."
        )
    return array


def _fixed_width(texts: ItemIds) -> npt.NDArray[np.str_]:
    fixed = np.asarray(texts, dtype=np.str_)
    if not np.array_equal(fixed.astype(np.object_), texts):
        raise SettingsError("An id or content ends in a NUL character; clean it before it is stored.")
    return fixed
