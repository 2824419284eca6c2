"""A store behind an address: ``shelf:///folder`` keeps each set of vectors in one file of that folder."""

from pathlib import Path
from urllib.parse import quote

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.errors import ArtifactMissingError, DimensionError, SettingsError, StoreUnavailableError
from ham_recommend.index.base import UrlStore
from ham_recommend.records import Embeddings


class ShelfStore(UrlStore):
    """Reads every vector for every question."""

    exact = True

    def __init__(self, dim, path, held):
        super().__init__(dim)
        self._path, self._held = path, held

    @classmethod
    def open(cls, url, name, dim, *, create=False):
        folder = Path(url.removeprefix("shelf://").partition("@")[2] or url.removeprefix("shelf://"))
        if not folder.is_dir():
            raise StoreUnavailableError("There is no such shelf. Make the folder first.")
        path = folder / f"{quote(name, safe='')}.npz"
        if not path.is_file():
            if not create:
                raise ArtifactMissingError(f"there are no vectors called {name!r} there")
            return cls(dim, path, {})
        with np.load(path) as kept:
            held = dict(zip(kept["ids"].tolist(), kept["vectors"], strict=True))
        if held and len(next(iter(held.values()))) != dim:
            raise DimensionError(f"{name!r} holds vectors of other dimensions than {dim}")
        return cls(dim, path, held)

    def upsert(self, embeddings):
        self._held.update(zip(embeddings.item_ids.tolist(), self._checked(embeddings.vectors), strict=True))
        self._write()

    def delete(self, item_ids):
        for item_id in list(item_ids):
            self._held.pop(item_id, None)
        self._write()

    def search(self, vectors, k, *, exclude=(), within=None):
        queries = self._checked(np.atleast_2d(vectors))
        if k < 0 or not np.isfinite(queries).all():
            raise SettingsError(f"k is {k}, or a question is no vector")
        hidden, only = set(exclude), None if within is None else set(within)
        ids = [i for i in sorted(self._held) if i not in hidden and (only is None or i in only)]
        scores = queries @ self._rows(ids).T
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return [
            Ranking(np.array(ids, object)[rows], row[rows]) for row, rows in zip(scores, best, strict=True)
        ]

    def get(self, item_ids):
        known = [item_id for item_id in dict.fromkeys(item_ids) if item_id in self._held]
        return Embeddings(np.array(known, object), self._rows(known), "")

    def item_ids(self):
        return np.array(list(self._held), object)

    def __len__(self):
        return len(self._held)

    def _rows(self, item_ids):
        return np.array([self._held[item_id] for item_id in item_ids], np.float32).reshape(-1, self.dim)

    def _checked(self, vectors):
        if vectors.ndim != 2 or vectors.shape[1] != self.dim:
            raise DimensionError(f"vectors of {self.dim} dimensions are kept here")
        return np.asarray(vectors, np.float32)

    def _write(self):
        np.savez(self._path, ids=np.array(list(self._held), str), vectors=self._rows(list(self._held)))
