"""A stranger's store: vectors behind an address, which here is a shelf of this process."""

from __future__ import annotations

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.errors import ArtifactMissingError, DimensionError, SettingsError, StoreUnavailableError
from ham_recommend.index.base import UrlStore
from ham_recommend.records import Embeddings

SHELVES: dict[tuple[str, str], tuple[int, dict[str, np.ndarray]]] = {}


class MemoryStore(UrlStore):
    """Reads every vector in float32, so that equal ones may come out a rounding error apart."""

    exact = True

    def __init__(self, dim, held):
        super().__init__(dim)
        self._held = held

    @classmethod
    def open(cls, url, name, dim, *, create=False):
        if url.startswith("memory://nowhere"):
            raise StoreUnavailableError("The shelf 'nowhere' does not answer. Try memory://here.")
        if (url, name) not in SHELVES:
            if not create:
                raise ArtifactMissingError(f"there are no vectors called {name!r} at {url}")
            SHELVES[url, name] = dim, {}
        kept, held = SHELVES[url, name]
        if kept != dim:
            raise DimensionError(f"{name!r} holds vectors of {kept} dimensions, not of {dim}")
        return cls(dim, held)

    def upsert(self, embeddings):
        vectors = self._checked(embeddings.vectors)
        ids = embeddings.item_ids.tolist()
        for row, item_id in enumerate(ids):
            if item_id in ids[:row]:
                raise SettingsError(f"{item_id!r} comes twice")
            if not np.isfinite(vectors[row]).all():
                raise SettingsError(f"the vector of {item_id!r} is no vector")
        self._held.update(zip(ids, vectors.copy(), strict=True))

    def delete(self, item_ids):
        for item_id in list(item_ids):
            self._held.pop(item_id, None)

    def search(self, vectors, k, *, exclude=(), within=None):
        queries = self._checked(np.atleast_2d(vectors))
        if k < 0 or not np.isfinite(queries).all():
            raise SettingsError(f"k is {k}, or a question is no vector")
        exclude, within = set(exclude), None if within is None else set(within)
        ids = [
            item_id
            for item_id in self._held
            if item_id not in exclude and (within is None or item_id in within)
        ]
        rows = np.array([self._held[item_id] for item_id in ids], np.float32).reshape(-1, self.dim)
        answers = []
        for query in queries:
            scores = rows @ query
            order = np.argsort(-scores)[:k]
            answers.append(Ranking(np.array(ids, object)[order], scores[order]))
        return answers

    def get(self, item_ids):
        known = [item_id for item_id in dict.fromkeys(item_ids) if item_id in self._held]
        rows = np.array([self._held[item_id] for item_id in known], np.float32).reshape(-1, self.dim)
        return Embeddings(np.array(known, object), rows, "")

    def item_ids(self):
        return np.array(list(self._held), object)

    def __len__(self):
        return len(self._held)

    def _checked(self, vectors):
        if vectors.ndim != 2 or vectors.shape[1] != self.dim:
            raise DimensionError(f"vectors of {self.dim} dimensions are kept here")
        return np.asarray(vectors, np.float32)
