"""What every vector store promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.index.addresses import without_password
from ham_recommend.records import Embeddings, ItemIds, Vectors
from ham_recommend.timing import STORE, timed
from ham_recommend.workspace import INDEX

if TYPE_CHECKING:
    from ham_recommend.catalog.tags import Tags


class Searchable(Protocol):
    """Vectors by ``item_id`` that can be searched and compared, but not necessarily changed or saved."""

    dim: int

    def search(
        self,
        vectors: Vectors,
        k: int,
        *,
        exclude: Collection[str] = (),
        within: Collection[str] | None = None,
    ) -> list[Ranking]:
        """Find the ``k`` works with the greatest inner product, for each vector."""

    def get(self, item_ids: Sequence[str]) -> Embeddings:
        """Return the vectors of those works that have one, in the order asked for."""

    def products(self, vectors: Vectors, item_ids: Sequence[str]) -> Vectors:
        """Return the inner product of each vector with each work, NaN for works without a vector."""

    def __len__(self) -> int: ...


class VectorStore(ABC):
    """Vectors by ``item_id``, searched by inner product. Higher is better, in every store.

    A store never changes the arrays it is given, nor returns views of its own. It sees its own changes at
    once. Whoever asks a store asks in batches, a handful of times for one answer, as every call may go over a
    network.

    Parameters
    ----------
    dim : int
        Number of dimensions, at least 1.

    Attributes
    ----------
    exact : bool
        Declares that a search reads every vector, so that it always finds the nearest.
    bit_equal_ties : bool
        Declares that the scores of a search are those of :class:`ham_recommend.index.exact.ExactStore` to the
        last bit, so that equal vectors tie and come in the order of their ids.
    lossy : float
        How far a number that is kept may be from the one that was given.
    trouble : str
        Why it cannot answer now, as a sentence that anybody may read; empty while all is well.
    """

    exact: bool = False
    bit_equal_ties: bool = False
    lossy: ClassVar[float] = 0.0
    trouble: str = ""

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def __init_subclass__(cls, **options: Any) -> None:
        """Note how long each store takes to answer, a stranger's too."""
        super().__init_subclass__(**options)
        for name in {"search", "get", "products"} & cls.__dict__.keys():
            setattr(cls, name, timed(STORE)(cls.__dict__[name]))

    @abstractmethod
    def upsert(self, embeddings: Embeddings) -> None:
        """Add vectors, replacing those whose ``item_id`` is already there.

        Raises
        ------
        DimensionError
            The vectors have another number of dimensions.
        SettingsError
            An id comes twice, or a vector holds NaN or infinity; nothing has changed.
        """

    @abstractmethod
    def delete(self, item_ids: Collection[str]) -> None:
        """Remove vectors; unknown ids are allowed."""

    @abstractmethod
    def search(
        self,
        vectors: Vectors,
        k: int,
        *,
        exclude: Collection[str] = (),
        within: Collection[str] | None = None,
    ) -> list[Ranking]:
        """Find the ``k`` works with the greatest inner product, for each vector.

        ``exclude`` and ``within`` act inside the search: ``k`` works come back as long as ``k`` allowed
        ones exist.

        Parameters
        ----------
        vectors : ndarray of float32, shape (n, dim) or (dim,)
            The questions; not modified.
        k : int
            At least 0; may exceed the number of works.
        exclude : collection of str
            Works that must not come back; unknown ids are allowed.
        within : collection of str or None
            The only works that may come back; ``None`` for all, unknown ids are allowed.

        Returns
        -------
        list of Ranking, length n
            Best first; where :attr:`bit_equal_ties` is declared, ties are broken by ``item_id``.

        Raises
        ------
        DimensionError
            The vectors have another number of dimensions.
        SettingsError
            ``k`` is negative, or a vector holds NaN or infinity.
        """

    @abstractmethod
    def get(self, item_ids: Sequence[str]) -> Embeddings:
        """Return the vectors of those works that have one here.

        Parameters
        ----------
        item_ids : sequence of str
            Unknown ids are passed over; an id that comes again is answered once.

        Returns
        -------
        Embeddings
            In the order asked for: copies of what a store keeps, which in a lossy one is not quite what it
            was given. ``model_id`` and ``contents`` need not be known.
        """

    def products(self, vectors: Vectors, item_ids: Sequence[str]) -> Vectors:
        """Return the inner product of each vector with each work.

        Here from :meth:`get`; a server that can multiply should do it there.

        Parameters
        ----------
        vectors : ndarray of float32, shape (n, dim)
            The questions.
        item_ids : sequence of str, length m
            The works; may repeat.

        Returns
        -------
        ndarray of float32, shape (n, m)
            NaN for works without a vector.
        """
        known = self.get(item_ids)
        products = np.full((len(vectors), len(item_ids)), np.nan, dtype=np.float32)
        row_of = {item_id: row for row, item_id in enumerate(known.item_ids.tolist())}
        columns = [column for column, item_id in enumerate(item_ids) if item_id in row_of]
        rows = [row_of[item_ids[column]] for column in columns]
        products[:, columns] = vectors @ known.vectors[rows].T
        return products

    @abstractmethod
    def item_ids(self) -> ItemIds:
        """Return the works that have a vector, shape (n,), in no particular order."""

    @abstractmethod
    def __len__(self) -> int: ...

    def optimise(self) -> None:  # noqa: B027 - most stores are always ready
        """Make searches fast after many changes, which may take long; what they find stays the same."""

    def close(self) -> None:  # noqa: B027 - most stores hold nothing to release
        """Release what the store holds; it must not be used afterwards."""


class FileStore(VectorStore):
    """A store that lives in memory and is kept in one file of the collection.

    Attributes
    ----------
    kind : str
        The name it is registered under: ``"exact"``, ``"flat"``, ``"hnsw"``, …
    suffix : str
        How the names of its files end, dot included.
    """

    kind: ClassVar[str]
    suffix: ClassVar[str]

    @abstractmethod
    def save(self, path: Path) -> None:
        """Write the index to one file; the ids travel in the embeddings' own files."""

    @classmethod
    @abstractmethod
    def load(cls, path: Path, embeddings: Embeddings) -> Self:
        """Read an index written by :meth:`save` for exactly these embeddings.

        Raises
        ------
        ArtifactCorruptError
            The file cannot be read.
        ArtifactMismatchError
            The file does not belong to the embeddings.
        """

    @classmethod
    def file_name(cls, encoder: str) -> str:
        """Return the name of the file of one encoder's vectors, relative to the workspace.

        Parameters
        ----------
        encoder : str
            The encoder's name, for example ``"style"``; which model it loads makes no difference.
        """
        return f"{INDEX}/{encoder.partition(':')[0]}.{cls.kind}{cls.suffix}"


class UrlStore(VectorStore):
    """A store that lives behind an address, such as a database; registered under the address's scheme.

    Its vectors outlive the process: what one process upserts, the next one finds.

    Attributes
    ----------
    delay : float
        Declares how many seconds later, at most, others who have it open see what one has written.
    """

    delay: ClassVar[float] = 0.0

    @classmethod
    @abstractmethod
    def open(cls, url: str, name: str, dim: int, *, create: bool = False) -> Self:
        """Open the vectors of one collection and encoder.

        Parameters
        ----------
        url : str
            The address, as somebody typed it: ``"postgresql://…"``.
        name : str
            What the vectors are called there, such as ``"sample.style"``; any printable text. Vectors of
            other names are not touched.
        dim : int
            Number of dimensions, at least 1.
        create : bool
            Whether to make room for them where the address has none of this name.

        Raises
        ------
        ArtifactMissingError
            There are none of this name, and none may be made.
        DimensionError
            Those of this name have another number of dimensions.
        StoreUnavailableError
            The address does not answer, or lets nobody in; the message does not show its password.
        """

    @classmethod
    def remembered(cls, url: str) -> str:
        """Return what a collection writes down of the address it is filled into, and opens later.

        Here all but its password. A collection may come from a stranger: a store that this machine would tell
        secrets, or that does more than answer, says less.
        """
        return without_password(url)


class TaggedStore(UrlStore):
    """A store behind an address that keeps what works are filtered by, and so is not sent long lists of ids.

    Where ``within`` of a search is a :class:`ham_recommend.catalog.tags.Within` whose condition can be said
    in numbers, it may let that condition act there instead of the ids. What comes back is the same: works
    whose tags, as of when the store was opened, are not as :meth:`expect` was told are asked for by their
    ids. Tags that others write later are noticed when it is opened again.
    """

    @abstractmethod
    def upsert(self, embeddings: Embeddings, tags: Tags | None = None) -> None:
        """Add vectors as every store does, each with what its work is filtered by.

        Parameters
        ----------
        embeddings : Embeddings
            The vectors.
        tags : Tags or None
            Of these works at least; ``None`` where nobody knows.
        """

    @abstractmethod
    def marks(self) -> dict[str, int]:
        """Return the mark of the tags of every work that has a vector here; see :class:`Tags`."""

    @abstractmethod
    def expect(self, tags: Tags, held: Mapping[str, int] | None = None) -> None:
        """Say what works are filtered by: conditions mean that from now on.

        Parameters
        ----------
        tags : Tags
            Of all works that may be asked for.
        held : mapping of str to int, or None
            What :meth:`marks` has just returned; ``None`` to ask for it.
        """
