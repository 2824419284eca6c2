"""What every vector store promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol, Self

from ham_recommend.records import Embeddings, Ranking, Vectors


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

    def vectors(self, item_ids: Sequence[str]) -> Vectors:
        """Return the vectors of works, shape (len(item_ids), dim)."""

    def products(self, vectors: Vectors, item_ids: Sequence[str]) -> Vectors:
        """Return the inner product of each vector with each work, shape (len(vectors), len(item_ids))."""

    def __contains__(self, item_id: object) -> bool: ...


class VectorStore(ABC):
    """Vectors by ``item_id``, searched by inner product. Higher is better, in every store.

    A store never changes the arrays it is given, nor returns views of its own.

    Parameters
    ----------
    dim : int
        Number of dimensions, at least 1.
    kind : str
        The name it was asked for by: ``"exact"``, ``"flat"``, ``"fp16"``, ``"hnsw"``, ``"ivf"``, …
    """

    def __init__(self, dim: int, kind: str = "exact") -> None:
        self.dim = dim
        self.kind = kind

    @abstractmethod
    def upsert(self, embeddings: Embeddings) -> None:
        """Add vectors, replacing those whose ``item_id`` is already there.

        Raises
        ------
        DimensionError
            The vectors have another number of dimensions.
        """

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
            Best first, ties broken by ``item_id``.

        Raises
        ------
        DimensionError
            The vectors have another number of dimensions.
        SettingsError
            ``k`` is negative, or a vector holds NaN or infinity.
        """

    @abstractmethod
    def vectors(self, item_ids: Sequence[str]) -> Vectors:
        """Return copies of stored vectors.

        Returns
        -------
        ndarray of float32, shape (len(item_ids), dim)
            In the order asked for; what a lossy store keeps, not what it was given.

        Raises
        ------
        UnknownItemError
            A work has no vector here.
        """

    def products(self, vectors: Vectors, item_ids: Sequence[str]) -> Vectors:
        """Return the inner product of each vector with each work.

        Parameters
        ----------
        vectors : ndarray of float32, shape (n, dim)
            The questions.
        item_ids : sequence of str, length m
            The works.

        Returns
        -------
        ndarray of float32, shape (n, m)

        Raises
        ------
        UnknownItemError
            A work has no vector here.
        """
        products: Vectors = vectors @ self.vectors(item_ids).T
        return products

    @abstractmethod
    def delete(self, item_ids: Collection[str]) -> None:
        """Remove vectors; unknown ids are allowed."""

    @abstractmethod
    def __contains__(self, item_id: object) -> bool: ...

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def save(self, path: Path) -> None:
        """Write the index to one file; the ids travel in the embeddings' own files."""

    @classmethod
    @abstractmethod
    def load(cls, path: Path, embeddings: Embeddings, kind: str) -> Self:
        """Read an index written by :meth:`save` for exactly these embeddings.

        Raises
        ------
        ArtifactMismatchError
            The file does not belong to the embeddings.
        """

    def close(self) -> None:  # noqa: B027 - most stores hold nothing to release
        """Release what the store holds; it must not be used afterwards."""
