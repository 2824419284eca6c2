"""What every vector store must do that lies behind an address, as a suite to subclass.

::

    from ham_recommend.testing.url_stores import UrlStoreContract

    class TestMyStore(UrlStoreContract):
        store_class = MyStore
        url = "mine://localhost/test"

Where the address is known only once a server runs, let a fixture set ``TestMyStore.url``.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import sleep
from typing import ClassVar
from uuid import uuid4

import pytest

from ham_recommend.errors import ArtifactMissingError, DimensionError
from ham_recommend.index.base import UrlStore, VectorStore
from ham_recommend.records import Embeddings
from ham_recommend.testing.stores import COUNT, VectorStoreContract
from ham_recommend.testing.vectors import DIM, embeddings_of, unit_vectors


def _new_name() -> str:
    return f"test.{uuid4().hex}"


class UrlStoreContract(VectorStoreContract):
    """The promises of :class:`ham_recommend.index.base.UrlStore`, those of every store included.

    Attributes
    ----------
    url : str
        An address that can be written to; vectors are put there under names that begin with ``test.``.
    """

    store_class: ClassVar[type[UrlStore]]
    url: ClassVar[str]
    _given: ClassVar[frozenset[str]] = frozenset({"store_class", "url"})

    def empty(self, dim: int = DIM) -> VectorStore:
        """Return the store of a name that was never used."""
        return self.store_class.open(self.url, _new_name(), dim, create=True)

    @pytest.fixture
    def name(self) -> Iterator[str]:
        """Return a name of the test's own, and empty it afterwards."""
        name = f"{_new_name()} of “Ōkami & Söhne”"
        yield name
        left = self.store_class.open(self.url, name, DIM, create=True)
        left.delete(left.item_ids())
        left.close()

    def test_what_one_upserts_another_finds(self, name: str, embeddings: Embeddings) -> None:
        first = self.store_class.open(self.url, name, DIM, create=True)
        first.upsert(embeddings)
        other = self.store_class.open(self.url, name, DIM)
        self.agree(other, self.truth(first, embeddings), unit_vectors(10, seed=26), 12)
        other.delete(embeddings.item_ids[:5])
        assert len(first) == COUNT - 5
        first.close()
        assert len(other.search(unit_vectors(1), COUNT)[0]) == COUNT - 5
        other.close()
        again = self.store_class.open(self.url, name, DIM, create=True)
        assert len(again) == COUNT - 5, "creating never empties what is there"
        again.close()

    def test_others_see_a_write_within_the_delay_declared(self, name: str, embeddings: Embeddings) -> None:
        first = self.store_class.open(self.url, name, DIM, create=True)
        first.upsert(embeddings)
        other = self.store_class.open(self.url, name, DIM)
        sleep(self.store_class.delay)
        assert len(other.search(unit_vectors(1), COUNT)[0]) == COUNT
        new = embeddings_of(unit_vectors(2, seed=27), ["new:1", str(embeddings.item_ids[0])])
        first.upsert(new)
        first.delete(embeddings.item_ids[1:3])
        sleep(self.store_class.delay)
        assert len(other) == COUNT - 1
        for vector, item_id in zip(new.vectors, new.item_ids, strict=True):
            assert other.search(vector, 1)[0].item_ids.tolist() == [item_id]
        assert not len(other.get(embeddings.item_ids[1:3].tolist()))
        first.close()
        other.close()

    def test_names_are_kept_apart(self, name: str, store: VectorStore) -> None:
        mine = self.store_class.open(self.url, name, DIM, create=True)
        mine.upsert(embeddings_of(unit_vectors(1), ["a:1"]))
        assert (len(mine), len(store)) == (1, COUNT)
        mine.delete(mine.item_ids())
        assert len(store) == COUNT
        mine.close()

    def test_nothing_is_made_unless_asked(self) -> None:
        never = f"{_new_name()} never made"
        for _ in range(2):
            with pytest.raises(ArtifactMissingError, match="never made"):
                self.store_class.open(self.url, never, DIM)

    def test_vectors_of_other_dimensions_are_refused(self, name: str, embeddings: Embeddings) -> None:
        first = self.store_class.open(self.url, name, DIM, create=True)
        first.upsert(embeddings)
        for create in (False, True):
            with pytest.raises(DimensionError, match=str(DIM)):
                self.store_class.open(self.url, name, DIM + 1, create=create)
        assert len(first) == COUNT
        first.close()
