"""Large pictures of opened works are kept where the terms allow it, and shown from there."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from ham_recommend import Recommender, TableSource, build
from ham_recommend.frontend.kept_pictures import KeptPictures
from ham_recommend.records import Artwork
from ham_recommend.testing.fake_museum import Answer, FakeMuseum


def jpeg(width, height, colour="teal"):
    stream = BytesIO()
    Image.new("RGB", (width, height), colour).save(stream, "JPEG")
    return stream.getvalue()


@pytest.fixture
def iiif_museum(monkeypatch):
    """Return a museum on this machine that has a IIIF server."""

    def iiif(_museum, _query, name, _size):
        if name == "bomb":
            return Answer(200, b"\x89PNG\r\n\x1a\n not a picture", {"Content-Type": "image/png"})
        return Answer(200, jpeg(2600, 1300), {"Content-Type": "image/jpeg"})

    with FakeMuseum(dialects=[(r"/iiif/(\w+)/full/([^/]+)/0/default\.jpg", iiif)]) as served:
        monkeypatch.setenv("HAM_ALLOW_PRIVATE", served.place)
        yield served


def work(iiif_museum, name="harbour", **facts):
    return Artwork(item_id=name, picture=f"{iiif_museum.url}/iiif/{name}/full/full/0/default.jpg", **facts)


def sizes(iiif_museum):
    return [path.split("/")[4] for path in iiif_museum.calls if path.startswith("/iiif/")]


def test_an_opened_picture_is_kept_in_a_size_that_was_asked_for(iiif_museum, tmp_path):
    kept = KeptPictures(tmp_path / "kept")
    harbour = work(iiif_museum)
    assert kept.get(harbour) is None
    kept.keep(harbour)
    kept.wait()
    assert sizes(iiif_museum) == ["!2000,2000"]
    found = kept.get(harbour)
    with Image.open(BytesIO(found.content)) as image:
        assert (image.format, image.size) == ("JPEG", (2000, 1000))
    assert [path.suffix for path in (tmp_path / "kept").iterdir()] == [".jpg"]


@pytest.mark.parametrize(
    ("name", "facts"),
    [("closed", {"copies_allowed": False}), ("bomb", {})],
    ids=["terms forbid", "no picture"],
)
def test_what_may_not_be_copied_or_is_no_picture_is_not_kept(iiif_museum, tmp_path, name, facts):
    kept = KeptPictures(tmp_path / "kept")
    kept.keep(work(iiif_museum, name, **facts))
    kept.wait()
    assert kept.get(work(iiif_museum, name, **facts)) is None
    assert not (tmp_path / "kept").exists() or not list((tmp_path / "kept").iterdir())
    assert sizes(iiif_museum) == ([] if facts else ["!2000,2000"])


def test_terms_that_change_hide_what_was_kept(iiif_museum, tmp_path):
    kept = KeptPictures(tmp_path)
    kept.keep(work(iiif_museum))
    kept.wait()
    assert kept.get(work(iiif_museum))
    assert kept.get(replace(work(iiif_museum), copies_allowed=False)) is None


def test_a_private_address_is_not_asked(iiif_museum, tmp_path, monkeypatch):
    monkeypatch.delenv("HAM_ALLOW_PRIVATE")
    kept = KeptPictures(tmp_path)
    kept.keep(work(iiif_museum))
    kept.wait()
    assert sizes(iiif_museum) == []


def test_those_not_looked_at_for_longest_make_room(iiif_museum, tmp_path):
    names = ["first", "second", "third"]
    kept = KeptPictures(tmp_path)
    kept.keep(work(iiif_museum, "first"))
    kept.wait()
    size = next(tmp_path.iterdir()).stat().st_size
    kept = KeptPictures(tmp_path, most_bytes=2 * size)
    kept.keep(work(iiif_museum, "second"))
    kept.wait()
    for path in tmp_path.iterdir():
        os.utime(path, (time.time() - 100, time.time() - 100))
    assert kept.get(work(iiif_museum, "first"))
    kept.keep(work(iiif_museum, "third"))
    kept.wait()
    assert [bool(kept.get(work(iiif_museum, name))) for name in names] == [True, False, True]


def test_no_link_and_nothing_else_in_the_folder_is_shown(iiif_museum, tmp_path):
    kept = KeptPictures(tmp_path / "kept")
    kept.keep(work(iiif_museum))
    kept.wait()
    path = next((tmp_path / "kept").iterdir())
    path.write_bytes(b"<script>")
    assert kept.get(work(iiif_museum)) is None
    (tmp_path / "secret.jpg").write_bytes(jpeg(9, 9))
    path.unlink()
    path.symlink_to(tmp_path / "secret.jpg")
    assert kept.get(work(iiif_museum)) is None


@pytest.mark.parametrize(
    ("cache", "folder"),
    [("", "home/.cache/ham_recommend/pictures"), ("elsewhere", "elsewhere/pictures"), ("none", None)],
)
def test_where_they_are_kept_can_be_said(tmp_path, monkeypatch, cache, folder):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HAM_CACHE", str(tmp_path / cache) if cache == "elsewhere" else cache)
    here = KeptPictures.here()
    assert (here._folder if here else None) == (tmp_path / folder if folder else None)


@pytest.mark.browser
def test_an_opened_work_shows_what_was_kept_and_asks_the_museum_no_more(
    iiif_museum, tmp_path, monkeypatch, stage
):
    monkeypatch.setenv("HAM_CACHE", str(tmp_path / "cache"))
    table = tmp_path / "works.csv"
    address = f"{iiif_museum.url}/iiif/harbour/full/full/0/default.jpg"
    table.write_text(f"id,title,image\n1,Old harbour,{address}\n2,A hill,\n")
    build(TableSource(table), tmp_path / "out", image_encoder=None, progress=False)
    put = stage(Recommender.load(tmp_path / "out"))
    harbour = put.widget.recommender.search("harbour")[0].item_id
    put.widget._conversation.receive({"type": "detail", "item_id": harbour, "view": "v1"})
    put.widget._conversation._kept.wait()
    asked = sizes(iiif_museum)
    put.search("harbour")
    put.page.get_by_role("button", name="Details of Old harbour").click()
    put.page.wait_for_function("document.querySelector('.ham-large img')?.naturalWidth === 2000")
    picture = put.page.get_by_role("dialog").locator(".ham-large img")
    assert picture.get_attribute("src").startswith("blob:")
    assert sizes(iiif_museum) == asked == ["!2000,2000"]
