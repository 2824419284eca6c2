"""What becomes of a collection whose pictures lie in a database that falls silent, and comes back."""

from __future__ import annotations

import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from memory_store import SHELVES, MemoryStore

from ham_recommend import Recommender, Session, registry
from ham_recommend.errors import DataWarning, StoreUnavailableError
from ham_recommend.frontend.conversation import Conversation
from ham_recommend.index import silence
from ham_recommend.index.stores import fill_store, open_store, vectors_name
from ham_recommend.index.tolerant import SILENT, TolerantStore
from ham_recommend.vectors import load_embeddings
from ham_recommend.workspace import Workspace


class Shelf(MemoryStore):
    """A store that answers only while the lights are on."""

    lit = True
    asked = 0

    @classmethod
    def open(cls, url, name, dim, *, create=False):
        cls.check()
        return super().open(url, name, dim, create=create)

    @classmethod
    def check(cls):
        Shelf.asked += 1
        if not cls.lit:
            raise StoreUnavailableError("The shelf at shelf://ann:…@here is dark. Turn on the light.")

    def search(self, *given, **options):
        self.check()
        return super().search(*given, **options)

    def get(self, item_ids):
        self.check()
        return super().get(item_ids)

    def item_ids(self):
        self.check()
        return super().item_ids()

    def __len__(self):
        self.check()
        return super().__len__()


class Plugin:
    dist, value, name = None, "tests", "shelf"

    def load(self):
        return Shelf


@pytest.fixture
def shelved(museum_folder, tmp_path, monkeypatch):
    """Return the folder of a collection that was built for a store behind an address."""
    SHELVES.clear()
    monkeypatch.setattr(Shelf, "lit", True)
    monkeypatch.setattr(registry, "entry_points", lambda group: [Plugin()] if "stores" in group else [])
    shutil.copytree(museum_folder, tmp_path / "museum")
    workspace = Workspace(tmp_path / "museum")
    facts = workspace.manifest.facts
    name, made = next(iter(facts.encoders.items()))
    embeddings = load_embeddings(name, made.model_id, workspace.checked)
    where = vectors_name(workspace.name, name)
    fill_store(open_store("shelf://here", where, embeddings.vectors.shape[1], create=True), embeddings)
    with workspace.draft() as draft:
        draft.commit(replace(facts, encoders={name: replace(made, store="shelf://here")}))
    return tmp_path / "museum"


def ids(ranking):
    return ranking.item_ids.tolist()


def test_texts_answer_while_it_is_silent_and_pictures_when_it_is_back(shelved, monkeypatch):
    monkeypatch.setattr(silence, "PAUSE", 0.0)
    with_pictures = Recommender.load(shelved)
    without = Recommender.load(shelved, encoder="none")
    liked = ["m:ship02", "m:cat05"]
    expected = ids(with_pictures.recommend(liked))
    assert expected != ids(without.recommend(liked))
    monkeypatch.setattr(Shelf, "lit", False)
    with pytest.warns(DataWarning, match="is dark"):
        assert ids(with_pictures.search("stormy ship")) == ids(without.search("stormy ship"))
    assert ids(with_pictures.recommend(liked)) == ids(without.recommend(liked))
    assert with_pictures.pictures.trouble == SILENT
    monkeypatch.setattr(Shelf, "lit", True)
    assert ids(with_pictures.recommend(liked)) == expected
    assert with_pictures.pictures.trouble == ""


def test_a_collection_opens_while_it_is_silent(shelved, monkeypatch):
    monkeypatch.setattr(silence, "PAUSE", 0.0)
    expected = ids(Recommender.load(shelved).recommend(["m:ship02"]))
    monkeypatch.setattr(Shelf, "lit", False)
    with pytest.warns(DataWarning, match="is dark"):
        recommender = Recommender.load(shelved)
    assert len(recommender.search("stormy ship"))
    with pytest.raises(StoreUnavailableError, match="Search by words"):
        recommender.search_by_picture(b"")
    with pytest.raises(StoreUnavailableError, match="is dark"):
        Recommender.load(shelved, store="shelf://here")
    monkeypatch.setattr(Shelf, "lit", True)
    assert ids(recommender.recommend(["m:ship02"])) == expected


def test_a_silent_store_is_left_alone_for_a_while(shelved, monkeypatch):
    recommender = Recommender.load(shelved)
    monkeypatch.setattr(Shelf, "lit", False)
    with pytest.warns(DataWarning, match="is dark"):
        recommender.recommend(["m:ship02"])
    asked, start = Shelf.asked, time.monotonic()
    for _ in range(5):
        recommender.recommend(["m:ship02"])
    assert Shelf.asked == asked or time.monotonic() - start > silence.PAUSE


def test_threads_that_come_at_once_open_it_once():
    opened = []
    together = threading.Barrier(8)

    def slowly():
        opened.append(1)
        time.sleep(0.2)
        return MemoryStore(4, {})

    store = TolerantStore(4, slowly)

    def count(_):
        together.wait()
        return len(store)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(count, range(8))) == [0] * 8
    assert len(opened) == 1


def test_threads_that_come_at_once_find_it_silent_once():
    tried = []
    together = threading.Barrier(8)

    def silent():
        tried.append(1)
        time.sleep(0.2)
        raise StoreUnavailableError("The shelf is dark. Turn on the light.")

    store = TolerantStore(4, silent)

    def count(_):
        together.wait()
        return len(store)

    with pytest.warns(DataWarning, match="is dark"), ThreadPoolExecutor(8) as pool:
        assert list(pool.map(count, range(8))) == [0] * 8
    assert len(tried) == 1 and store.trouble == SILENT


def test_the_conversation_says_it_calmly(shelved, monkeypatch):
    monkeypatch.setattr(silence, "PAUSE", 0.0)
    sent = []
    talk = Conversation(Session(Recommender.load(shelved)), lambda message, buffers: sent.append(message))
    monkeypatch.setattr(Shelf, "lit", False)
    with pytest.warns(DataWarning, match="is dark"):
        talk.receive({"type": "search", "text": "stormy ship", "request": "1"})
        talk.receive({"type": "like", "item_id": "m:ship02"})
        talk.receive({"type": "recommend", "request": "2"})
    assert (talk.state.message, talk.state.error) == (SILENT, "")
    assert len(talk.session.turns) == 2
    assert all(len(turn.ranking) for turn in talk.session.turns)
    assert "shelf://" not in str(sent), "whoever looks at a page need not know where its database is"
    monkeypatch.setattr(Shelf, "lit", True)
    talk.receive({"type": "recommend", "request": "3"})
    assert (talk.state.message, talk.state.error) == ("", "")


def test_the_page_remembers_no_answer_that_was_given_while_it_was_silent(shelved, tmp_path, monkeypatch):
    from starlette.testclient import TestClient

    from ham_recommend.web.app import make_app
    from ham_recommend.web.settings import Settings

    monkeypatch.setattr(silence, "PAUSE", 0.0)
    address = f"/api/v1/collections/{shelved.name}/similar/m:ship02"
    settings = Settings(places=(shelved,), sessions=tmp_path / "sessions", port=0)
    with TestClient(make_app(settings), base_url="http://localhost") as client:

        def asked():
            response = client.get(address)
            return response, [hit["work"]["item_id"] for hit in response.json()["hits"]]

        expected = ids(Recommender.load(shelved).similar_items("m:ship02"))
        client.get(f"/api/v1/collections/{shelved.name}")
        monkeypatch.setattr(Shelf, "lit", False)
        with pytest.warns(DataWarning, match="is dark"):
            response, found = asked()
        assert response.json()["trouble"] == SILENT
        assert found != expected
        assert "etag" not in response.headers
        assert response.headers["cache-control"] == "no-store"
        monkeypatch.setattr(Shelf, "lit", True)
        response, found = asked()
        assert response.json()["trouble"] == ""
        assert found == expected
        assert "etag" in response.headers
        monkeypatch.setattr(Shelf, "lit", False)
        assert asked()[1] == expected
