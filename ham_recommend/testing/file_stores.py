"""What every vector store must do that is kept in a file, as a suite to subclass.

::

    from ham_recommend.testing.file_stores import FileStoreContract

    class TestMyStore(FileStoreContract):
        store_class = MyStore
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from ham_recommend.errors import ArtifactMismatchError
from ham_recommend.index.base import FileStore, VectorStore
from ham_recommend.index.exact import ExactStore
from ham_recommend.records import Embeddings
from ham_recommend.testing.stores import COUNT, VectorStoreContract
from ham_recommend.testing.vectors import DIM, embeddings_of, unit_vectors


class FileStoreContract(VectorStoreContract):
    """The promises of :class:`ham_recommend.index.base.FileStore`, those of every store included."""

    store_class: ClassVar[type[FileStore]]

    def saved(self, store: VectorStore, path: Path) -> Path:
        """Write a store to a file."""
        assert isinstance(store, FileStore)
        store.save(path)
        return path

    def test_the_file_says_encoder_and_kind(self) -> None:
        expected = f"4-index/clip.{self.store_class.kind}{self.store_class.suffix}"
        assert self.store_class.file_name("clip:some/model") == expected

    def test_save_and_load(
        self, store: VectorStore, exact: ExactStore, embeddings: Embeddings, tmp_path: Path
    ) -> None:
        self.saved(store, tmp_path / "index")
        loaded = self.store_class.load(tmp_path / "index", embeddings)
        assert (loaded.dim, len(loaded)) == (DIM, COUNT)
        queries = unit_vectors(20, seed=20)
        self.agree(loaded, exact, queries, 12, exclude=embeddings.item_ids[:9])
        for ours, theirs in zip(loaded.search(queries, 12), store.search(queries, 12), strict=True):
            assert ours.item_ids.tolist() == theirs.item_ids.tolist()

    def test_a_loaded_store_can_be_changed(
        self, store: VectorStore, embeddings: Embeddings, tmp_path: Path
    ) -> None:
        self.saved(store, tmp_path / "index")
        loaded = self.store_class.load(tmp_path / "index", embeddings)
        loaded.delete(embeddings.item_ids[:7])
        loaded.upsert(embeddings_of(unit_vectors(3, seed=21), ["new:1", "new:2", embeddings.item_ids[50]]))
        assert len(loaded) == COUNT - 5
        assert loaded.search(unit_vectors(3, seed=21)[1], 1)[0].item_ids[0] == "new:2"

    def test_what_was_deleted_is_not_saved(
        self, store: VectorStore, embeddings: Embeddings, tmp_path: Path
    ) -> None:
        store.delete(embeddings.item_ids[:9])
        self.saved(store, tmp_path / "index")
        left = Embeddings(embeddings.item_ids[9:], embeddings.vectors[9:], "made-up")
        loaded = self.store_class.load(tmp_path / "index", left)
        self.agree(loaded, self.truth(store, left), unit_vectors(20, seed=22), 12)

    def test_an_empty_store_can_be_saved(self, tmp_path: Path) -> None:
        self.saved(self.empty(), tmp_path / "index")
        nothing = embeddings_of(unit_vectors(0))
        assert len(self.store_class.load(tmp_path / "index", nothing)) == 0

    def test_an_index_of_other_works_is_refused(
        self, store: VectorStore, embeddings: Embeddings, tmp_path: Path
    ) -> None:
        self.saved(store, tmp_path / "index")
        fewer = embeddings_of(embeddings.vectors[1:], list(embeddings.item_ids[1:]))
        wider = embeddings_of(unit_vectors(COUNT, DIM + 1))
        for others in (fewer, wider):
            with pytest.raises(ArtifactMismatchError, match="index"):
                self.store_class.load(tmp_path / "index", others)

    def test_the_same_works_make_the_same_file(self, embeddings: Embeddings, tmp_path: Path) -> None:
        for name in ("one", "other"):
            self.saved(self.filled(embeddings), tmp_path / name)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()

    def test_searching_leaves_its_file_as_it_was(
        self, store: VectorStore, embeddings: Embeddings, tmp_path: Path
    ) -> None:
        before = self.saved(store, tmp_path / "before").read_bytes()
        store.search(unit_vectors(5, seed=18), 12, exclude=embeddings.item_ids[:30])
        store.get(list(embeddings.item_ids)).vectors[:] = 7
        assert self.saved(store, tmp_path / "after").read_bytes() == before

    def test_its_file_outlives_it(self, store: VectorStore, tmp_path: Path) -> None:
        path = self.saved(store, tmp_path / "index")
        store.close()
        assert path.stat().st_size > 0
