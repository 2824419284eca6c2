"""The text index of a collection: built from documents, added to, written to files and read again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Self

from ham_recommend.index._ids import Mask
from ham_recommend.index._text_files import BASE, SINCE, load_parts, reading, save_base, save_since
from ham_recommend.index._text_parts import METHOD, PathOf, Progress, TextParts, build_parts
from ham_recommend.index.text_search import TextSearch
from ham_recommend.index.texts import TextsHere
from ham_recommend.records import Document, Embeddings
from ham_recommend.vectors import Write


class TextIndex(TextSearch):
    """Searches works by texts that are in files; make one with :meth:`build` or :meth:`load`.

    What works say and the vectors stay on disk, and are read as they are asked for: they may be larger than
    memory, and processes share what is read.

    Parameters
    ----------
    parts : TextParts
        What it is made of.
    """

    BASE: ClassVar = BASE
    SINCE: ClassVar = SINCE
    FILES: ClassVar = (*BASE, SINCE)
    METHOD: ClassVar = METHOD
    """Names how texts become an index; files made by another method are built again."""

    def __init__(self, parts: TextParts) -> None:
        here = TextsHere(parts)
        super().__init__(here)
        self._parts, self._here = parts, here

    @property
    def parts(self) -> TextParts:
        """What it is made of."""
        return self._parts

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        *,
        previous: TextIndex | None = None,
        unchanged: Mask | None = None,
        pictures: Embeddings | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Build an index of documents, read one at a time.

        Parameters
        ----------
        documents : iterable of Document
            All works of the collection, in any order, each once.
        previous : TextIndex or None
            An earlier index, not modified. Documents with an equal digest are not counted again, and unless a
            tenth of the works came, changed or went since it was built as a whole, its base and its space of
            meanings are kept. The words channel comes out the same, to the last bit, as without it.
        unchanged : ndarray of bool, shape (n previous,), or None
            Which works of the earlier index are known to be as they were: their documents are not given.
        pictures : Embeddings or None
            Vectors of the works' pictures: they tell what works mean that say next to nothing.
        progress : callable or None
            Called with the name of each step as it begins.

        Raises
        ------
        SettingsError
            A work comes twice.
        """
        before = None if previous is None else previous._parts
        return cls(build_parts(documents, before, unchanged, progress, pictures))

    def adds_to(self, other: TextIndex) -> bool:
        """Return whether both have the same base, so that its files need not be written again."""
        return self._parts.base is other._parts.base

    def save(self, write: Write) -> None:
        """Write the index's files.

        Parameters
        ----------
        write : callable
            ``write(name, rows=…)``, a context manager that yields the path to write to.
        """
        save_base(self._parts, write)
        save_since(self._parts, write)

    def save_since(self, write: Write) -> None:
        """Write the one file that is not of the base, :attr:`SINCE`."""
        save_since(self._parts, write)

    @classmethod
    def load(cls, path_of: PathOf) -> Self:
        """Read the files written by :meth:`save`; most stay on disk, and are read as they are asked for.

        Parameters
        ----------
        path_of : callable
            Name → path, such as :meth:`ham_recommend.workspace.Workspace.checked`.

        Raises
        ------
        ArtifactCorruptError
            A file cannot be read.
        ArtifactMismatchError
            The files were not built together.
        """
        with reading():
            index = cls(load_parts(path_of))
            _ = index._here.spoken, index.meaning  # worked out at once, not at the first search
            return index

    @classmethod
    def load_to_add(cls, path_of: PathOf) -> Self:
        """Read what :meth:`build` takes of an earlier index; see :meth:`load`."""
        with reading():
            return cls(load_parts(path_of))
