"""The map on the page and over the API: its address, its tiles, what is refused."""

from __future__ import annotations

import gc
import re
import shutil
import weakref
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore

import numpy as np
import pytest
from collections_and_pages import PATIENCE
from playwright.sync_api import expect

from ham_recommend import Recommender
from ham_recommend.analysis.map import Map
from ham_recommend.frontend.map_replies import opened_map

MAP = "/api/v1/collections/sample/map"
SOFTWARE = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@pytest.fixture(scope="module")
def laid_out(museum, tmp_path_factory):
    folder = tmp_path_factory.mktemp("laid_out") / "sample"
    shutil.copytree(museum, folder)
    Map.fresh(Recommender.load(folder), method="pca").build(keep=True)
    return folder


@pytest.fixture
def museums(laid_out):
    """Serve the small collection with its map."""
    return laid_out.parent


def test_the_map_its_points_and_its_tiles_may_be_kept(client):
    asked = client()
    described = asked.get(MAP)
    facts = described.json()
    tag = described.headers["etag"]
    points = asked.get(f"{MAP}/{facts['vectors']}/points")
    assert len(points.content) == 8 * facts["works"]
    columns, rows = np.frombuffer(points.content, "<u2").reshape(-1, 4)[:, :2].max(axis=0) + 1
    assert [columns, rows] == facts["size"]
    tile = asked.get(f"{MAP}/style/tiles/16-0")
    assert (tile.headers["content-type"], tile.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert "max-age" in tile.headers["cache-control"]
    for address in (MAP, f"{MAP}/style/points", f"{MAP}/style/tiles/16-0"):
        assert asked.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_a_collection_that_is_left_is_not_kept_by_its_map(laid_out):
    recommender = Recommender.load(laid_out)
    found = opened_map(recommender)
    gone = weakref.ref(recommender)
    assert opened_map(recommender) is found
    gc.collect()
    gc.freeze()  # as a server does with what it has opened: no circle that holds it would ever be found
    try:
        del recommender
        gc.collect()
        assert gone() is None
    finally:
        gc.unfreeze()
    assert len(found.tile("16-0")) > 0


@pytest.fixture
def unmapped(museum, tmp_path):
    folder = tmp_path / "unmapped" / "sample"
    shutil.copytree(museum, folder)
    return folder


def few(monkeypatch):
    """Lay out without UMAP, which takes seconds longer."""
    monkeypatch.setattr("ham_recommend.analysis.map.umap_is_installed", lambda: False)


def test_a_map_that_is_made_changes_no_answer(client, unmapped, monkeypatch):
    few(monkeypatch)
    asked = client(places=(unmapped.parent,))
    page = asked.get("/api/v1/collections/sample/items?limit=5")
    search = asked.get("/api/v1/collections/sample/search?q=cat")
    opened = asked.app.services.collections.open("sample")
    assert asked.get(MAP).status_code == 200
    assert (unmapped / "5-analysis" / "style.map.parquet").is_file()
    following = page.json()["next"]
    assert asked.get(f"/api/v1/collections/sample/items?limit=5&cursor={following}").status_code == 200
    again = asked.get("/api/v1/collections/sample/search?q=cat")
    assert again.headers["etag"] == search.headers["etag"]
    assert asked.app.services.collections.open("sample") is opened


def test_a_map_made_by_another_process_is_taken_up(client, unmapped, monkeypatch):
    few(monkeypatch)
    monkeypatch.setattr("ham_recommend.analysis.map.WITHOUT_ASKING", 0)
    asked = client(places=(unmapped.parent,))
    assert "ham map build" in asked.get(MAP).json()["detail"]
    tags = []
    for method in ("pca", "umap"):
        Map.fresh(Recommender.load(unmapped), method=method).build(keep=True)
        asked.app.services.collections.open("sample")
        answer = asked.get(MAP)
        assert answer.status_code == 200
        assert asked.get(f"{MAP}/style/tiles/16-0").status_code == 200
        tags.append(answer.headers["etag"])
    assert tags[0] != tags[1]


def test_a_server_that_only_shows_writes_no_map(client, unmapped, monkeypatch):
    few(monkeypatch)
    asked = client(places=(unmapped.parent,), read_only=True)
    before = {path: path.stat().st_mtime_ns for path in unmapped.rglob("*")}
    assert asked.get(MAP).status_code == 200
    event = {"type": "map", "vectors": "text"}
    assert asked.post("/api/v1/collections/sample/session/events", json=event).status_code == 200
    assert asked.get(f"{MAP}/style/tiles/16-0").status_code == 200
    assert {path: path.stat().st_mtime_ns for path in unmapped.rglob("*")} == before


def test_searches_go_on_while_maps_are_made(client, unmapped, monkeypatch):
    few(monkeypatch)
    asked = client(places=(unmapped.parent,))
    making, end, build = Semaphore(0), Event(), Map.build

    def slow(self, **options):
        making.release()
        assert end.wait(180)
        build(self, **options)

    monkeypatch.setattr(Map, "build", slow)
    one, other = [MAP, f"{MAP}?vectors=style", f"{MAP}/style/points"], f"{MAP}?vectors=text"
    event = {"type": "map", "vectors": "text"}
    with ThreadPoolExecutor(6) as threads:
        try:
            waiting = [threads.submit(asked.get, address) for address in one]
            assert making.acquire(timeout=90)
            assert not making.acquire(timeout=1)  # by whatever names it is asked for, it is one map
            waiting.append(threads.submit(asked.get, other))
            waiting.append(
                threads.submit(asked.post, "/api/v1/collections/sample/session/events", json=event)
            )
            assert making.acquire(timeout=90)
            facets = threads.submit(asked.get, "/api/v1/collections/sample/facets/classification")
            assert facets.result(30).status_code == 200
            assert not any(each.done() for each in waiting)
        finally:
            end.set()
        assert [each.result(60).status_code for each in waiting] == [200] * 5
    assert not making.acquire(blocking=False)


@pytest.mark.parametrize(
    "address",
    [f"{MAP}/style/tiles/8-0", f"{MAP}/style/tiles/16-9", f"{MAP}/clip/points", f"{MAP}/style/tiles/x"],
)
def test_what_there_is_not_is_not_found(client, address):
    answer = client().get(address)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.browser
@pytest.mark.slow
def test_where_one_looks_has_an_address_to_send_and_to_go_back_to(served, browser, chromium):
    painting = browser.browser_type.launch(executable_path=chromium, args=SOFTWARE)
    faults = []
    context = painting.new_context(viewport={"width": 1200, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{served()}/sample")
    page.get_by_role("button", name="Map", exact=True).click()
    rows = page.locator(".ham-map-rows li")
    rows.first.wait_for()
    expect(page).to_have_url(re.compile(r"\?view=map&map=style&x=[\d.]+&y=[\d.]+&z=[\d.]+$"))
    surface = page.locator(".ham-map-surface")
    surface.focus()
    whole = page.url
    for _ in range(3):
        page.keyboard.press("+")
    expect(page).not_to_have_url(whole)
    page.wait_for_timeout(800)
    near = page.url
    titles = page.locator(".ham-map-rows .ham-row-title")
    seen = titles.all_inner_texts()
    other = context.new_page()
    other.goto(near)
    expect(other.locator(".ham-map-rows .ham-row-title")).to_have_text(seen)
    page.go_back()
    expect(page.locator(".ham-map")).to_be_hidden()
    page.go_forward()
    expect(page.locator(".ham-map")).to_be_visible()
    page.get_by_role("searchbox").fill("circus cat")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".ham-map-heading")).to_contain_text("answers on the map")
    expect(page).to_have_url(re.compile(r"\?q=circus\+cat&view=map"))
    painting.close()
    assert faults == []


@pytest.mark.browser
def test_a_lasso_is_part_of_the_address(served, browser, laid_out):
    found = Map.open(Recommender.load(laid_out))
    middle = float(np.median(found.cells[:, 0]))
    corners = [[-1.0, -1.0], [middle, -1.0], [middle, 999.0], [-1.0, 999.0]]
    lasso = "+".join(["style", *(f"{x},{y}" for x, y in corners)])
    with browser.new_context(viewport={"width": 1200, "height": 900}) as context:
        page = context.new_page()
        page.goto(f"{served()}/sample?q=cat&lasso={lasso}")
        cards = page.locator(".ham-card")
        expect(cards.first).to_be_visible()
        inside = {work.title for work in found.catalog.get(found.within(corners)).values()}
        assert set(page.locator(".ham-card .ham-title").all_inner_texts()) <= inside
        chip = page.get_by_role("group", name="Filters").get_by_text("Inside the lasso")
        page.get_by_role("button", name="Without Inside the lasso").click()
        expect(chip).to_be_hidden()
        expect(page).not_to_have_url(re.compile("lasso"))
        page.go_back()
        expect(chip).to_be_visible()
