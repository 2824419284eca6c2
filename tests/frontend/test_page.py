"""The same modules, one by one, in a page over plain HTTP: a conversation needs no notebook to be seen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from web_adapter import WebAdapter, served

from ham_recommend import Session
from ham_recommend.frontend import STATIC

pytestmark = pytest.mark.browser


@pytest.fixture
def web(page, recommender):
    """Return a page with the interface over HTTP, its address, its adapter, and what it loaded."""
    faults, loaded = [], []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: line.type in {"error", "warning"} and faults.append(line.text))
    page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2]))
    adapter = WebAdapter(Session(recommender))
    with served(adapter) as address:
        page.goto(address)
        yield page, address, adapter, loaded
        page.goto("about:blank")
    assert faults == []


def button(scope, name):
    return scope.get_by_role("button", name=name, exact=True)


def cards(page):
    return page.get_by_role("listitem")


def visit(page):
    """Search, like, get recommendations and open one."""
    page.get_by_role("searchbox").fill("circus cat")
    button(page, "Search").click()
    expect(cards(page)).to_have_count(12)
    button(cards(page).first, "Like").click()
    expect(page.get_by_text("You like 1 work")).to_be_visible()
    button(cards(page).nth(1), "Not for me").click()
    button(page, "Get recommendations").click()
    expect(page.locator(".ham-asked").first).to_have_text("Recommended for you")
    expect(cards(page)).to_have_count(12)
    cards(page).first.get_by_role("button", name="Details of").click()
    expect(page.locator(".ham-facts")).to_be_visible()
    page.wait_for_function("document.querySelectorAll('.ham-card img').length > 3")
    expect(page.get_by_role("status")).to_have_text("Results are shown below.")


def seen(page):
    """Return what is on the page, less the names made up for it and the pictures, which take their time."""
    html = page.locator(".ham").evaluate("el => el.outerHTML")
    html = re.sub(r'<img [^>]*>|(?:id|aria-\w+by)="v[^"]*"', "", html)
    return re.sub(r"><", ">\n<", html).splitlines()


def test_the_modules_one_by_one_do_what_the_joined_one_does(web, browser, stage):
    page, _, adapter, loaded = web
    visit(page)
    modules = {path.name for path in STATIC.glob("*.js")}
    assert modules <= set(loaded)
    beside = stage()
    visit(beside.page)
    assert len(adapter.conversation.session.turns) == 2
    assert seen(page) == seen(beside.page)


def test_two_pages_show_one_conversation(web, page):
    first, address, adapter, _ = web
    visit(first)
    first.keyboard.press("Escape")
    second = page.context.new_page()
    second.goto(address)
    expect(cards(second)).to_have_count(12)
    expect(second.get_by_text("You like 1 work")).to_be_visible()
    button(cards(second).nth(2), "Like").click()
    expect(first.get_by_text("You like 2 works")).to_be_visible()
    expect(button(cards(first).nth(2), "Like")).to_have_attribute("aria-pressed", "true")
    assert len(adapter.conversation.session.liked) == 2
    second.close()


def test_findings_are_saved_from_a_page(web, tmp_path):
    page, _, _, _ = web
    visit(page)
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        button(page, "Save as CSV").click()
    assert download.value.suggested_filename == "sample.csv"
    download.value.save_as(tmp_path / "saved.csv")
    assert "circus cat" in (tmp_path / "saved.csv").read_text("utf-8-sig")
