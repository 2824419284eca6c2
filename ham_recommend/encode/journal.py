"""Vectors on their way: each batch is written whole once it is encoded; a kill loses what is under way.

A batch is an ``.npz`` file, read without unpickling:

========== ==========================================================================
model_id   what made the vectors
contents   hash of each picture encoded, shape (n,)
vectors    float32, shape (n, dim)
addresses  web addresses read meanwhile, shape (m,), each asked for only once
shown      hash of the picture at each of them, shape (m,)
========== ==========================================================================

Once all are there, :meth:`VectorJournal.embeddings` joins them.
"""

from __future__ import annotations

import os
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ham_recommend.encode.base import comparable
from ham_recommend.files import reserve
from ham_recommend.records import Embeddings, Vectors

_GATHERED = "gathered.vectors"


class VectorJournal:
    """The vectors known so far of one encoder, by the content of the picture.

    Parameters
    ----------
    folder : path-like
        Where batches lie; need not exist yet. One process at a time writes here.
    model_id : str
        What encodes; vectors that are not comparable are passed over.
    dim : int
        Number of dimensions.
    earlier : sequence of Embeddings
        Vectors of finished builds.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        model_id: str,
        dim: int,
        *,
        earlier: Sequence[Embeddings] = (),
    ) -> None:
        self.model_id = model_id
        self.dim = dim
        self.shown: dict[str, str] = {}
        self._folder = Path(folder)
        self._holders: list[Embeddings | Path] = []
        self._places: dict[str, tuple[int, int]] = {}
        for embeddings in earlier:
            if comparable(embeddings.model_id, model_id) and embeddings.contents is not None:
                self._hold(embeddings, [str(content) for content in embeddings.contents])
        written = sorted(self._folder.glob("*.npz"))
        for path in written:
            self._read(path)
        self._next = len(written)

    def __contains__(self, content: object) -> bool:
        return content in self._places

    def __len__(self) -> int:
        return len(self._places)

    def add(self, contents: Sequence[str], vectors: Vectors, shown: Mapping[str, str]) -> None:
        """Write one batch.

        Parameters
        ----------
        contents : sequence of str, length n
            Hash of each picture.
        vectors : ndarray of float32, shape (n, dim)
            What they were encoded to.
        shown : mapping of str to str
            Web address → hash of the picture there.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._next:07d}.npz"
        partial = path.with_suffix(".partial")
        with partial.open("wb") as stream:
            np.savez(
                stream,
                model_id=np.array(self.model_id),
                contents=np.array(contents, np.str_),
                vectors=np.asarray(vectors, np.float32).reshape(-1, self.dim),
                addresses=np.array(list(shown), np.str_),
                shown=np.array(list(shown.values()), np.str_),
            )
        partial.replace(path)
        self._next += 1
        self._hold(path, contents)
        self.shown.update(shown)

    def embeddings(self, shown: Mapping[str, str]) -> Embeddings:
        """Join the vectors of works, sorted by ``item_id``; the array is mapped from disk.

        Parameters
        ----------
        shown : mapping of str to str
            ``item_id`` → hash of its picture, which must be known here.
        """
        item_ids = sorted(shown)
        contents = [shown[item_id] for item_id in item_ids]
        vectors = self._room_for(len(item_ids))
        for holder, rows in self._by_holder(contents).items():
            targets, sources = zip(*rows, strict=True)
            vectors[list(targets)] = self._vectors(holder)[list(sources)]
        return Embeddings(np.array(item_ids, object), vectors, self.model_id, np.array(contents, object))

    def _by_holder(self, contents: Sequence[str]) -> dict[int, list[tuple[int, int]]]:
        groups: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for target, content in enumerate(contents):
            holder, row = self._places[content]
            groups[holder].append((target, row))
        return groups

    def _vectors(self, holder: int) -> Vectors:
        held = self._holders[holder]
        if isinstance(held, Embeddings):
            return held.vectors
        with np.load(held, allow_pickle=False) as batch:
            vectors: Vectors = batch["vectors"]
        return vectors

    def _room_for(self, rows: int) -> Vectors:
        if not rows:
            return np.empty((0, self.dim), np.float32)
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / _GATHERED
        with path.open("wb") as stream:
            reserve(stream, rows * self.dim * np.dtype(np.float32).itemsize)
        return np.memmap(path, np.float32, "r+", shape=(rows, self.dim))

    def _read(self, path: Path) -> None:
        """Take over a batch; one that a power cut left damaged is as good as none."""
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as batch:
                usable = comparable(str(batch["model_id"]), self.model_id)
                usable = usable and batch["vectors"].shape == (len(batch["contents"]), self.dim)
                contents, addresses = batch["contents"].tolist(), batch["addresses"].tolist()
                shown = batch["shown"].tolist()
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return
        if usable:
            self._hold(path, contents)
            self.shown.update(zip(addresses, shown, strict=True))

    def _hold(self, holder: Embeddings | Path, contents: Sequence[str]) -> None:
        for row, content in enumerate(contents):
            if content:
                self._places[content] = (len(self._holders), row)
        self._holders.append(holder)
