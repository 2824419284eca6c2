"""A collection whose words are searched in Milvus: built, added to, mended after a kill, a stranger's."""

from __future__ import annotations

import json
import shutil
import warnings
from contextlib import closing

import numpy as np
import pytest
from small_collection import write_table

from ham_recommend import Recommender, TableSource, build
from ham_recommend.builder.merge import merge
from ham_recommend.errors import (
    ArtifactMismatchError,
    DataWarning,
    SettingsError,
    StoreUnavailableError,
)
from ham_recommend.frontend.messages import collection as collection_of
from ham_recommend.index import silence
from ham_recommend.index._text_known import KNOWN, Known
from ham_recommend.index.milvus_texts import MilvusTexts
from ham_recommend.index.text_stores import open_text_store, space_in, texts_in
from ham_recommend.workspace import Workspace

ASKED = ("ship in a storm", "old circus cat", "portrait", "vase with flowers 12", "new", "potrait of a ladi")


@pytest.fixture
def address(tmp_path, monkeypatch):
    address = f"milvus+lite://{tmp_path}/milvus"
    monkeypatch.setenv("HAM_MILVUS", address)
    return address


def made(table, out, **options):
    return build(TableSource(table), out, progress=False, image_encoder=None, **options)


@pytest.fixture
def collection(address, tmp_path):
    """Return a collection of 60 works in Milvus, and the folder of its tables."""
    folder = tmp_path / "museum"
    out = tmp_path / "made"
    made(write_table(folder, range(60)), out, text_store=address)
    return out, folder


def opened(address, out):
    workspace = Workspace(out)
    dim = Known.load(workspace.checked)[1].shape[1]
    return open_text_store(address, out.name, space_in(workspace.manifest.files), dim)


def held(address, out):
    """Return what the database keeps of each work, and what it should."""
    known, _ = Known.load(Workspace(out).checked)
    with closing(opened(address, out)) as store:
        return store.contents()[0], dict(zip(known.item_ids.tolist(), known.contents.tolist(), strict=True))


def check_same(out):
    """Check that searches answer as they do from the collection's files."""
    here, far = Recommender.load(out, text_store="files"), Recommender.load(out)
    with closing(far.text.texts.store):
        for asked in ASKED:
            for options in ({}, {"exclude": here.catalog.item_ids[::3].tolist()}):
                ours, theirs = far.search(asked, 12, **options), here.search(asked, 12, **options)
                assert ours.item_ids.tolist() == theirs.item_ids.tolist()
                np.testing.assert_allclose(ours.scores, theirs.scores, atol=1e-6)
                assert [ours.reasons.why(hit) for hit in ours] == [theirs.reasons.why(hit) for hit in theirs]
                assert ours.reasons.saying == theirs.reasons.saying
        liked = here.catalog.item_ids[3:5].tolist()
        assert far.recommend(liked, k=9).item_ids.tolist() == here.recommend(liked, k=9).item_ids.tolist()
        exact = 'ship -old "in a storm"'
        assert set(far.search(exact, 40).item_ids) == set(here.search(exact, 40).item_ids)


def test_works_that_come_change_and_go_follow(collection, address):
    out, folder = collection
    check_same(out)
    assert texts_in(Workspace(out).manifest.files) == "milvus:"
    assert "--text-store milvus:" in Workspace(out).command
    made(write_table(folder, range(58, 64), "more.csv", changed=(59,)), out, add=True)
    now, wanted = held(address, out)
    assert now == wanted
    assert len(now) == 64
    check_same(out)
    made(write_table(folder, range(10, 50), "less.csv"), out)
    now, wanted = held(address, out)
    assert now == wanted
    assert len(now) == 40
    check_same(out)


def test_adding_a_work_writes_that_work_alone(collection, monkeypatch):
    out, folder = collection
    written = []
    write = MilvusTexts._write
    monkeypatch.setattr(
        MilvusTexts,
        "_write",
        lambda self, rows, tags: written.extend(row.item_id for row in rows) or write(self, rows, tags),
    )
    made(write_table(folder, [60], "one.csv"), out, add=True)
    assert written == ["table:60"]
    written.clear()
    made(folder / "one.csv", out, add=True)
    assert written == []


def test_filters_act_in_milvus_and_are_the_same(address, tmp_path):
    out = tmp_path / "made"
    table = write_table(tmp_path / "museum", range(60))
    first, *works = table.read_text().splitlines()
    kinds = [f"{line},{'Maps' if row % 4 == 3 else 'Prints'}" for row, line in enumerate(works)]
    table.write_text("\n".join([f"{first},classification", *kinds]) + "\n")
    made(table, out, text_store=address)
    here, far = Recommender.load(out, text_store="files"), Recommender.load(out)
    with closing(far.text.texts.store):
        for where in ({"classification": "map"}, {"classification": "print"}):
            for asked in ("lady", "old portrait map", "maps"):
                ours, theirs = far.search(asked, 9, where=where), here.search(asked, 9, where=where)
                assert ours.item_ids.tolist() == theirs.item_ids.tolist()
                assert ours.reasons.saying == theirs.reasons.saying


class KilledError(BaseException):
    """Nothing catches it, as nothing catches a kill."""


@pytest.mark.parametrize("step", range(1, 7))
def test_a_filling_that_is_killed_goes_on(collection, address, monkeypatch, step):
    """Whatever was written when it was killed, who answers does so for the old state or for the new."""
    out, folder = collection
    monkeypatch.setattr("ham_recommend.index.milvus_texts._AT_ONCE", 5)
    table = write_table(folder, range(5, 72), "next.csv", changed=(7, 8))
    before = Recommender.load(out, text_store="files").search("ship in a storm", 12)
    change, left = MilvusTexts._change, [step]

    def killed(self, how, what):
        left[0] -= 1
        if left[0] == 0:
            raise KilledError
        change(self, how, what)

    with monkeypatch.context() as patched:
        patched.setattr(MilvusTexts, "_change", killed)
        with pytest.raises(KilledError):
            made(table, out)
    here, far = Recommender.load(out, text_store="files"), Recommender.load(out)
    with closing(far.text.texts.store):
        found = far.search("ship in a storm", 12)
    assert found.item_ids.tolist() == here.search("ship in a storm", 12).item_ids.tolist()
    if step <= 3:  # nothing is committed before all that is new is there
        assert found.item_ids.tolist() == before.item_ids.tolist()
    made(table, out)
    now, wanted = held(address, out)
    assert now == wanted
    check_same(out)


def test_a_database_that_is_out_of_reach_stops_a_build_and_leaves_what_was(collection, address, tmp_path):
    out, folder = collection
    (tmp_path / "file").touch()
    more = write_table(folder, range(64), "more.csv")
    with pytest.raises(StoreUnavailableError, match=r"does not start.*\.$"):
        made(more, out, text_store=f"milvus+lite://{tmp_path}/file")
    assert len(Recommender.load(out).catalog) == 60
    check_same(out)
    assert held(address, out)[0].keys() == set(Recommender.load(out).catalog.item_ids)


def test_while_it_is_out_of_reach_pictures_answer(address, tmp_path, monkeypatch):
    out = tmp_path / "made"
    table = write_table(tmp_path / "museum", range(12))
    build(TableSource(table), out, progress=False, text_store=address)
    monkeypatch.setenv("HAM_MILVUS", "milvus://ann:sesame@127.0.0.1:9")
    rec = Recommender.load(out)
    rec.prepare()  # as the page does before it takes connections
    assert collection_of(rec)["examples"] == []
    assert rec.trouble.startswith("Texts cannot be searched just now")
    monkeypatch.setattr(silence, "PAUSE", 0.0)
    with pytest.raises(StoreUnavailableError, match="The texts at ") as error:
        rec.search("ship")
    assert "sesame" not in str(error.value)
    with pytest.warns(DataWarning, match="Until then only pictures count"):
        found = rec.similar_items("table:3", k=5)
    assert len(found) == 5
    assert all("picture" in hit.channels for hit in found)


def test_texts_go_back_into_files_and_none_answers_from_a_database_any_more(collection):
    out, folder = collection
    made(folder / "works.csv", out, text_store="files")
    workspace = Workspace(out)
    assert texts_in(workspace.manifest.files) == ""
    assert KNOWN not in workspace
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(Recommender.load(out).search("ship", 5)) == 5
    with pytest.raises(Exception, match=KNOWN):
        Recommender.load(out, text_store="milvus+lite:")


def test_a_database_that_holds_other_texts_is_refused_with_the_command_that_fills_it(collection, address):
    out, _ = collection
    with closing(opened(address, out)) as store:
        store.delete(["table:5"])
    with pytest.raises(ArtifactMismatchError, match=r"lacks 1 of 60 works\. Fill it with: ham build"):
        Recommender.load(out).search("ship")
    shutil.rmtree(out.parent / "milvus")
    with pytest.raises(ArtifactMismatchError, match="there are no"):
        Recommender.load(out).search("ship")


@pytest.mark.parametrize("store", ["postgresql://db", "flat", "milvu:", "http://db"])
def test_what_cannot_hold_texts_is_refused_at_once(tmp_path, store):
    with pytest.raises(SettingsError, match="store of texts"):
        made(write_table(tmp_path, range(3)), tmp_path / "made", text_store=store)


def test_a_strangers_address_is_told_nothing(collection, address):
    """A manifest may name any server: this machine's password goes to the one of its own environment."""
    out, _ = collection
    manifest = out / "manifest.json"
    content = json.loads(manifest.read_text())
    content["files"][KNOWN]["settings"]["store"] = "milvus://stranger.example:1"
    manifest.write_text(json.dumps(content))
    far = Recommender.load(out)
    with closing(far.text.texts.store) as store:
        assert store._server.shown == address
        assert len(far.search("ship", 5)) == 5


def test_merged_collections_keep_where_their_texts_are(collection, address, tmp_path):
    out, folder = collection
    made(write_table(folder, range(60, 70), "others.csv"), tmp_path / "others")
    made(folder / "works.csv", tmp_path / "first")
    merge(out, [tmp_path / "first", tmp_path / "others"], progress=False)
    now, wanted = held(address, out)
    assert now == wanted
    assert len(now) == 70
    check_same(out)
