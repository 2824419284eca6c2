"""A collection at an address is asked like one in a folder, and answers the same."""

from __future__ import annotations

import socket
import time

import pytest

import ham_recommend as ham
from ham_recommend import errors
from ham_recommend.recommend import remote as remote_module
from ham_recommend.recommend.remote import RemoteRecommender


@pytest.fixture
def remote(served):
    return ham.Recommender.load(f"{served()}/sample")


def same(remote, local):
    """What means something on the other machine only is the one difference."""
    here = ["picture", "thumbnail", "other_pictures"]
    assert remote.to_frame().drop(columns=here).equals(local.to_frame().drop(columns=here))
    assert remote.query == local.query
    assert dict(remote.folded) == dict(local.folded)
    assert dict(remote.corrected) == dict(local.corrected)
    assert dict(remote.translated) == dict(local.translated)
    assert (remote.understood, remote.total, remote.fit) == (local.understood, local.total, local.fit)
    assert (remote.ignored, remote.saying, remote.found) == (local.ignored, local.saying, local.found)
    assert dict(remote.strongest) == dict(local.strongest)
    assert [hit.why for hit in remote] == [hit.why for hit in local]


def test_every_question_is_answered_alike(remote, recommender):
    assert isinstance(remote, RemoteRecommender)
    where = {"classification": ["Prints", "Paintings"], "years": (1500, None)}
    first, second = recommender.search("circus cat", 2).item_ids.tolist()
    for text, options in (
        ("circus cat", {}),
        ("circuss catt", {"k": 30}),
        ("circuss catt", {"correct": False}),
        ("Schiff", {}),
        ("french paintings 19th century", {}),
        ("french paintings 19th century", {"ignore": ["culture=French", "years=1801–1900"]}),
        ("painting", {"where": where}),
        ("painting", {"exclude": {first, second}}),
    ):
        same(remote.search(text, **options), recommender.search(text, **options))
    for options in ({}, {"where": where}, {"exclude": [first]}, {"k": 3}):
        same(remote.similar_items(second, **options), recommender.similar_items(second, **options))
    for options in ({}, {"strategy": "mean"}, {"disliked": [first]}, {"discovery": 0.5}):
        same(remote.recommend([second], **options), recommender.recommend([second], **options))
    same(remote.browse(5, where=where), recommender.browse(5, where=where))
    same(remote.surprise(5, drawn=7), recommender.surprise(5, drawn=7))
    same(remote.search_by_colour("#c04020"), recommender.search_by_colour("#c04020"))
    work = next(work for work in recommender.catalog if work.thumbnail)
    picture = recommender.workspace.root / work.thumbnail
    for options in ({}, {"where": {"years": (1900, 1950)}}):
        local = recommender.search_by_picture(picture.read_bytes(), **options)
        same(remote.search_by_picture(picture, **options), local)


def test_what_a_filter_leaves_is_counted_alike(remote, recommender):
    for where, options in (
        (None, {}),
        ({"classification": ["Paintings", "Prints"]}, {"limit": 3}),
        ({"years": (1600, None)}, {"fields": ("classification",)}),
        ({"years": (1600, 1900), "classification": "Paintings"}, {"fields": ("artist",), "containing": "an"}),
    ):
        assert remote.facets(where, **options) == recommender.facets(where, **options)
    with pytest.raises(errors.SettingsError, match="nonsense"):
        remote.facets({"nonsense": "x"})


def test_a_server_that_is_another_program_is_no_bug_of_ours(remote, monkeypatch):
    monkeypatch.setattr(remote._server, "ask", lambda *_, **__: {"works": "many", "hits": 3})
    for asked in (remote.facets, remote.browse):
        with pytest.raises(errors.ArtifactError, match="does not answer as this version"):
            asked()


def test_its_catalog_holds_the_same_works(remote, recommender):
    theirs, ours = remote.catalog, recommender.catalog
    assert len(theirs) == len(ours)
    assert theirs.item_ids.tolist() == ours.item_ids.tolist()
    assert theirs.facets("classification") == ours.facets("classification")
    assert theirs.years() == ours.years()
    assert list(theirs.filter({"years": (1800, 1850)})) == list(ours.filter({"years": (1800, 1850)}))
    for item_id in ours.item_ids[:20]:
        work, wanted = theirs[item_id], ours[item_id]
        assert (work.title, work.several, work.descriptions) == (
            wanted.title,
            wanted.several,
            wanted.descriptions,
        )
    assert "no such" not in theirs


def test_a_session_goes_on_with_it(remote, recommender):
    near, far = ham.Session(recommender), ham.Session(remote)
    for session in (near, far):
        first = session.search("circus cat").ranking[0].item_id
        session.like(first)
    assert far.recommend().ranking.item_ids.tolist() == near.recommend().ranking.item_ids.tolist()


def test_errors_are_the_errors_they_were(remote, served):
    with pytest.raises(errors.UnknownItemError):
        remote.recommend(["no such"])
    with pytest.raises(errors.SettingsError, match="Known"):
        remote.recommend(["sample:1"], strategy="none")
    with pytest.raises(errors.SettingsError, match="classification"):
        remote.search("ship", where={"nonsense": "x"})
    with pytest.raises(errors.UnreadablePictureError):
        remote.search_by_picture(b"no picture")
    with pytest.raises(errors.SettingsError, match="folder"):
        _ = remote.workspace
    with pytest.raises(errors.SettingsError, match="decided there"):
        ham.Recommender.load(remote.address, encoder="style")
    with pytest.raises(errors.ArtifactMissingError):
        ham.Recommender.load(remote.address.replace("sample", "simple"))
    for wrong in ("http://localhost/", "http://localhost/a/b"):
        with pytest.raises(errors.SettingsError, match="8000/sample"):
            ham.Recommender.load(wrong)
    with pytest.raises(errors.StoreUnavailableError, match="ham serve"):
        ham.Recommender.load("http://127.0.0.1:9/sample")


def test_a_token_comes_from_the_environment(served, monkeypatch):
    server = served(token="correct-horse")
    address = f"{server}/sample"
    monkeypatch.delenv("HAM_TOKENS", raising=False)
    with pytest.raises(errors.SettingsError, match="HAM_TOKENS"):
        ham.Recommender.load(address)
    monkeypatch.setenv("HAM_TOKENS", f"https://other.example=wrong, {server}/=correct-horse")
    assert len(ham.Recommender.load(address).search("ship", 3)) == 3


def test_a_server_that_hangs_is_given_up_after_one_try(monkeypatch):
    monkeypatch.setattr(remote_module, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        with pytest.raises(errors.StoreUnavailableError, match=r"does not answer \(ReadTimeout\)"):
            ham.Recommender.load(f"http://127.0.0.1:{silent.getsockname()[1]}/sample")
        assert time.monotonic() - begun < 3
