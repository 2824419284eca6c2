"""A stranger's catalogue cannot send its reader's browser into the network the browser is in."""

from __future__ import annotations

import csv

import pytest
from playwright.sync_api import expect

from ham_recommend import HAM_recommend, Recommender, TableSource, build

pytestmark = pytest.mark.browser

PUBLIC = "https://pictures.test/cat.jpg"
PRIVATE = (
    "http://127.0.0.1/admin?do=reboot",
    "http://localhost:8888/cat.jpg",
    "http://10.0.0.1/cat.jpg",
    "http://192.168.1.1/cat.jpg",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/cat.jpg",
    "http://[::ffff:127.0.0.1]/cat.jpg",
    "http://2130706433/cat.jpg",
    "http://0x7f.1/cat.jpg",
    "http://017700000001/cat.jpg",
    "http://127.1/cat.jpg",
    "http://127.0.0.1./cat.jpg",
    "http://%31%32%37.0.0.1/cat.jpg",
    "http://１２７.０.０.１/cat.jpg",
    "http://127。0。0。1/cat.jpg",
    "http://router/cat.jpg",
    "http://nas.local/cat.jpg",
    "http://db.internal/cat.jpg",
    "http://x.localhost/cat.jpg",
)


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    """A collection of cats whose pictures lie where the reader's browser sits, and of one on the web."""
    folder = tmp_path_factory.mktemp("private")
    with (folder / "works.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "title", "image", "credit"])
        rows.writerows([at, "cat", place, "Gift"] for at, place in enumerate((PUBLIC, *PRIVATE)))
    build(TableSource(folder / "works.csv"), folder / "out", image_encoder=None, progress=False)
    return Recommender.load(folder / "out")


@pytest.fixture
def asked_for(page):
    """Return the addresses that the page asked for, none of which is answered."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.route(lambda url: not url.startswith(("http://stage.test/", "file:")), lambda route: route.abort())
    return asked


def elsewhere(asked):
    return {url for url in asked if not url.startswith(("http://stage.test/", "file:", "data:", "blob:"))}


def test_the_interface_asks_for_no_private_picture(page, asked_for, collection):
    from stage import Stage

    widget = HAM_recommend(collection, k=len(PRIVATE) + 1)
    stage = Stage(page, widget)
    stage.search("cat")
    cards = page.get_by_role("listitem")
    expect(cards).to_have_count(len(PRIVATE) + 1)
    for at in range(len(PRIVATE) + 1):
        cards.nth(at).scroll_into_view_if_needed()
    cards.first.get_by_role("button", name="Details of").click()
    expect(page.locator(".ham-facts")).to_be_visible()
    page.wait_for_timeout(500)
    assert elsewhere(asked_for) == {PUBLIC}
    widget.close()


def test_nor_does_an_exported_page(page, asked_for, collection, tmp_path):
    widget = HAM_recommend(collection, k=len(PRIVATE) + 1)
    widget.search_for_text("cat")
    for item_id in widget.session.turns[0].ranking.item_ids:
        widget.like(item_id)
    page.goto(widget.export(tmp_path / "out.html").as_uri())
    figures = page.locator("figure")
    expect(figures).to_have_count(2 * len(PRIVATE) + 2)
    for at in range(figures.count()):
        figures.nth(at).scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    assert elsewhere(asked_for) == {PUBLIC}
    table = widget.export(tmp_path / "out.csv").read_text("utf-8")
    assert not [place for place in PRIVATE if place in table]
    widget.close()
