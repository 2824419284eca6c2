"""The map on the page and over the API: its address, its tiles, what is refused."""

from __future__ import annotations

import re
import shutil

import numpy as np
import pytest
from playwright.sync_api import expect

from ham_recommend import Recommender
from ham_recommend.analysis.map import Map

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
    context.set_default_timeout(20_000)
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
    page.wait_for_timeout(800)
    near = page.url
    assert near != whole
    titles = page.locator(".ham-map-rows .ham-row-title")
    seen = titles.all_inner_texts()
    other = context.new_page()
    other.goto(near)
    other.locator(".ham-map-rows li").first.wait_for()
    other.wait_for_timeout(500)
    assert other.locator(".ham-map-rows .ham-row-title").all_inner_texts() == seen
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
