"""The page in a real browser: journeys of a visitor, addresses, a server that restarts, what it weighs."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from collections_and_pages import PATIENCE, come_to_rest
from playwright.sync_api import expect
from serving import running

pytestmark = pytest.mark.browser

DESKTOP, TABLET, PHONE = (1280, 860), (820, 1000), (390, 780)


@pytest.fixture
def open_page(browser):
    """Return a function that opens an address as a new visitor; at the end nothing must have failed."""
    faults, contexts = [], []

    def opened(address, size=DESKTOP, *, context=None, forgive=(), **options):
        width, height = size
        context = context or browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda line: (
                line.type in {"error", "warning"}
                and not any(each in line.text for each in forgive)
                and faults.append(line.text)
            ),
        )
        page.goto(address)
        return page

    yield opened
    for context in dict.fromkeys(contexts):
        context.close()
    assert faults == []


def button(scope, name):
    return scope.get_by_role("button", name=name, exact=True)


def cards(page):
    return page.locator(".ham-card")


def asked(page):
    return page.locator(".ham-turn[open] .ham-asked")


def search(page, words):
    page.get_by_role("searchbox").fill(words)
    button(page, "Search").click()
    expect(asked(page)).to_have_text(f"“{words}”")
    expect(cards(page).first).to_be_visible()


def titles(page):
    return page.locator(".ham-card .ham-title").all_inner_texts()


def accessible(page):
    """Nothing is in the way of anybody, as far as axe can tell."""
    come_to_rest(page)
    found = [
        f"{each['id']}: {each['nodes'][0]['html'][:120]}"
        for each in Axe().run(page, options={"preload": False}).response["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
    assert found == []


def fits(page):
    """Nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (TABLET, "light"), (PHONE, "dark")]
)
def test_a_visitor_is_led_from_the_collections_to_works_they_like(served, open_page, size, scheme):
    page = open_page(served(), size, color_scheme=scheme)
    page.get_by_role("link", name="sample").wait_for()
    accessible(page)
    fits(page)
    page.get_by_role("link", name="sample").click()
    search(page, "circus cat")
    button(cards(page).first, "Like").click()
    expect(page.get_by_text("You like 1 work")).to_be_visible()
    button(page, "Get recommendations").click()
    expect(asked(page)).to_have_text("Recommended for you")
    expect(cards(page).locator("img").nth(2)).to_be_visible()
    fits(page)
    accessible(page)
    cards(page).first.get_by_role("button", name="Details of").click()
    expect(page.locator(".ham-facts")).to_be_visible()
    accessible(page)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")


def test_every_state_has_an_address_that_another_visitor_may_open(served, open_page):
    page = open_page(f"{served()}/sample")
    search(page, "painting")
    button(page, "Filter").click()
    page.get_by_role("checkbox", name=re.compile("^Prints")).first.check()
    expect(page).to_have_url(re.compile(r"/sample\?q=painting&classification=Prints$"))
    page.get_by_label("From year").fill("1500")
    page.keyboard.press("Tab")
    expect(page).to_have_url(re.compile(r"\?q=painting&classification=Prints&from=1500$"))
    expect(page.locator(".ham-about").first).to_contain_text("from 1500")
    cards(page).first.get_by_role("button", name="Details of").click()
    expect(page.locator(".ham-facts")).to_be_visible()
    expect(page).to_have_url(re.compile("work=sample%3A"))
    opened = page.locator(".ham-detail-title").inner_text()
    other = open_page(page.url)
    expect(other.locator(".ham-detail-title")).to_have_text(opened)
    other.keyboard.press("Escape")
    expect(other).to_have_url(re.compile(r"\?q=painting&classification=Prints&from=1500$"))
    expect(cards(other)).to_have_count(cards(page).count())
    assert titles(other) == titles(page)
    expect(other.get_by_role("group", name="Filters")).to_contain_text("Prints")
    assert other.get_by_role("searchbox").input_value() == "painting"
    assert other.title() == "painting · sample"


def test_back_and_forward_lead_through_what_was_seen(served, open_page):
    page = open_page(f"{served()}/sample")
    search(page, "ship")
    ships = titles(page)
    search(page, "circus cat")
    cats = titles(page)
    cards(page).first.get_by_role("button", name="Details of").click()
    expect(page.locator(".ham-facts")).to_be_visible()
    page.go_back()
    expect(page.locator(".ham-facts")).to_be_hidden()
    assert titles(page) == cats
    page.go_back()
    expect(asked(page)).to_have_text("“ship”")
    assert titles(page) == ships
    page.go_forward()
    expect(asked(page)).to_have_text("“circus cat”")
    page.go_forward()
    expect(page.locator(".ham-facts")).to_be_visible()
    assert page.locator(".ham-turn").count() == 2


def test_closing_a_work_goes_back_to_where_it_was_opened(served, open_page):
    page = open_page(f"{served()}/sample")
    search(page, "ship")
    steps = page.evaluate("history.length")
    cards(page).first.get_by_role("button", name="Details of").click()
    expect(page.locator(".ham-facts")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"\?q=ship$"))
    assert page.evaluate("history.length") == steps + 1


def test_an_address_opened_again_shows_the_same_and_asks_nothing_new(served, open_page):
    page = open_page(f"{served()}/sample?like=sample%3A1")
    expect(asked(page)).to_contain_text("More like")
    expect(cards(page).first).to_be_visible()
    before = titles(page)
    page.reload()
    expect(cards(page).first).to_be_visible()
    assert titles(page) == before
    assert page.locator(".ham-turn").count() == 1


def test_an_address_that_leads_nowhere_says_where_to_go(served, open_page):
    page = open_page(f"{served()}/sampel", forgive=("404",))
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    page.get_by_role("link", name="sample").click()
    expect(page.get_by_role("searchbox")).to_be_visible()


def test_two_pages_and_another_device_show_one_session(served, open_page):
    address = served()
    first = open_page(f"{address}/sample")
    search(first, "ship")
    second = open_page(f"{address}/sample", context=first.context)
    expect(cards(second).first).to_be_visible()
    button(cards(second).first, "Like").click()
    expect(first.get_by_text("You like 1 work")).to_be_visible()
    button(first, "Another device").click()
    code = first.locator(".page-code")
    expect(code).to_have_text(re.compile(r"^[A-Z2-9]{4}-[A-Z2-9]{4}$"))
    phone = open_page(f"{address}/sample", PHONE)
    button(phone, "Another device").click()
    phone.get_by_label("Code of the other device").fill(code.inner_text())
    button(phone, "Go on with it here").click()
    expect(phone.get_by_text("You like 1 work")).to_be_visible()


def test_the_page_outlives_a_restart_of_the_server(settings, open_page):
    away = ("Failed to load resource", "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED", "net::")
    with running(settings()) as address:
        page = open_page(f"{address}/sample", forgive=away)
        search(page, "ship")
        button(cards(page).first, "Like").click()
        expect(page.get_by_text("You like 1 work")).to_be_visible()
    page.get_by_role("searchbox").fill("circus cat")
    button(page, "Search").click()
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    port = int(address.rpartition(":")[2])
    with running(settings(port=port)):
        expect(asked(page)).to_have_text("“circus cat”", timeout=30_000)
        expect(page.get_by_text("The server does not answer.")).to_be_hidden(timeout=30_000)
        expect(page.get_by_text("You like 1 work")).to_be_visible()
        assert page.locator(".ham-turn").count() == 2
        page.goto("about:blank")


def test_what_needs_no_words_has_an_address_too(served, open_page):
    page = open_page(f"{served()}/sample")
    button(page, "Surprise me").first.click()
    expect(page).to_have_url(re.compile(r"/sample\?by=chance$"))
    expect(cards(page).first).to_be_visible()
    first = cards(page).first.get_attribute("data-item")
    cards(page).first.get_by_role("button", name=re.compile("^More like")).click()
    expect(page).to_have_url(re.compile(r"/sample\?like=sample%3A\d+$"))
    assert page.evaluate("new URLSearchParams(location.search).get('like')") == first
    page.goto(f"{page.url.partition('?')[0]}?classification=Prints")
    expect(page.get_by_role("group", name="Filters")).to_contain_text("Prints")
    expect(cards(page).first).to_be_visible()


def test_a_collection_that_cannot_be_opened_says_so(settings, museums, open_page):
    """The page waits for it to be mended, and then is there."""
    manifest = museums / "sample" / "manifest.json"
    whole = manifest.read_bytes()
    manifest.unlink()
    manifest.write_bytes(b"{}")
    with running(settings()) as address:
        page = open_page(f"{address}/sample", forgive=("Failed to load resource",))
        expect(page.get_by_text("Something went wrong on the server")).to_be_visible()
        manifest.write_bytes(whole)
        expect(page.get_by_role("searchbox")).to_be_visible(timeout=30_000)
        expect(page.get_by_text("Something went wrong on the server")).to_be_hidden()
        page.goto("about:blank")


def test_the_page_opens_without_a_server_once_it_was_seen(settings, open_page):
    away = ("Failed to load resource", "ERR_", "net::")
    with running(settings()) as address:
        page = open_page(f"{address}/sample", forgive=away)
        search(page, "ship")
        page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        page.reload()
        expect(cards(page).first).to_be_visible()
    page.reload()
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    page.goto("about:blank")


def test_light_or_dark_is_kept(served, open_page):
    page = open_page(f"{served()}/sample", color_scheme="light")
    theme = page.get_by_role("button", name="Colours:")
    theme.click()
    theme.click()
    expect(page.locator(".ham")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator(".ham")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 24, 26)"


def test_the_first_visit_weighs_little_and_the_second_nothing(served, open_page):
    """150 kB before pictures; every file of the page then comes from the browser's own memory."""
    address = served()
    page = open_page("about:blank")
    weights = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    names = {}
    session.on(
        "Network.responseReceived", lambda event: names.update({event["requestId"]: event["response"]["url"]})
    )
    session.on(
        "Network.loadingFinished",
        lambda event: weights.update({names.get(event["requestId"], "?"): event["encodedDataLength"]}),
    )
    page.goto(f"{address}/sample")
    expect(page.get_by_role("searchbox")).to_be_visible()
    page.wait_for_timeout(300)
    files = {name: weight for name, weight in weights.items() if "/static/" in name}
    assert len(files) > 20
    assert sum(weights.values()) < 150_000
    page.reload()
    expect(page.get_by_role("searchbox")).to_be_visible()


def test_the_page_can_be_installed(served, open_page):
    page = open_page(served())
    manifest = page.evaluate("fetch('/manifest.webmanifest').then((answer) => answer.json())")
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        assert page.evaluate("(address) => fetch(address).then(({ status }) => status)", icon["src"]) == 200


def test_the_description_of_the_api_draws_itself(served, open_page):
    page = open_page(f"{served()}/docs")
    expect(page.get_by_role("heading", name="The API")).to_be_visible()
    page.get_by_text("Search by words", exact=True).click()
    expect(page.get_by_text("Any words.")).to_be_visible()
    accessible(page)
    fits(page)


def test_hostile_works_do_nothing(hostile, settings, open_page, tmp_path):
    folder = tmp_path / "evil"
    folder.mkdir()
    (folder / "works").symlink_to(hostile.workspace.root)
    blocked = ("Failed to load resource", "ERR_")
    with running(settings(places=(folder,))) as address:
        page = open_page(f"{address}/works?q=cat", forgive=blocked)
        expect(cards(page).first).to_be_visible()
        cards(page).first.get_by_role("button", name="Details of").click()
        expect(page.locator(".ham-facts")).to_be_visible()
        assert page.evaluate("window.ran") is None
        page.goto("about:blank")


def pictures(folder, count):
    """Write some pictures that can be told apart, and one that is none."""
    from test_uploads import picture

    for number in range(count):
        (folder / f"tower {number}.jpg").write_bytes(picture(number))
    (folder / "broken.jpg").write_bytes(picture(99)[:300])
    return sorted(folder.iterdir())


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_an_uploader_finds_their_own_pictures_and_takes_them_away_again(served, open_page, tmp_path, size):
    address = served()
    (tmp_path / "own").mkdir()
    own = pictures(tmp_path / "own", 5)
    page = open_page(address, size)
    page.get_by_role("link", name="Add your own pictures").click()
    expect(page.get_by_text("They stay on this server.")).to_be_visible()
    accessible(page)
    fits(page)
    page.get_by_label("Choose files").set_input_files(own)
    expect(page.get_by_text("6 files, ")).to_be_visible()
    page.get_by_label("The collection's name").fill("Towers")
    button(page, "Make them searchable").click()
    expect(page.get_by_text("5 works can be searched.")).to_be_visible(timeout=60_000)
    expect(page.locator(".page-problems")).to_contain_text("broken.jpg")
    accessible(page)
    page.get_by_role("link", name="Open Towers").click()
    search(page, "tower 3")
    page.locator(".ham input[type=file]").set_input_files(own[3])
    expect(cards(page).first).to_contain_text("tower 2")
    accessible(page)
    fits(page)
    cards(page).first.get_by_role("button", name="Details of").click()
    expect(page.locator(".ham-detail-title")).to_have_text("tower 2")
    expect(page).to_have_url(re.compile("work=folder%3Atower"))
    page.goto(address)
    button(page, "Remove").click()
    expect(page.get_by_text("Removed.")).to_be_visible()
    button(page, "Undo").click()
    expect(button(page, "Remove")).to_be_visible()
    button(page, "Rename").click()
    page.get_by_label("New name of Towers").fill("High towers")
    button(page, "Save").click()
    expect(page.get_by_role("link", name="High towers")).to_be_visible()


def test_an_upload_goes_on_when_the_server_comes_back(settings, open_page, tmp_path):
    away = ("Failed to load resource", "ERR_", "net::")
    (tmp_path / "own").mkdir()
    own = pictures(tmp_path / "own", 12)
    with running(settings()) as address:
        page = open_page(f"{address}/upload", forgive=away)
        page.get_by_label("Choose files").set_input_files(own)
        page.get_by_label("The collection's name").fill("Towers")
        expect(page.get_by_text("They stay on this server.")).to_be_visible()
        page.route("**/files/4?*", lambda route: route.abort())
        button(page, "Make them searchable").click()
        expect(page.get_by_text("4 of 13 files arrived")).to_be_visible()
    page.unroute("**/files/4?*")
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    with running(settings(port=int(address.rpartition(":")[2]))):
        expect(page.get_by_text("12 works can be searched.")).to_be_visible(timeout=60_000)
        page.goto("about:blank")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_table_is_sent_with_its_pictures(served, open_page, tmp_path, size):
    from test_uploads import table_files

    given = []
    for name, content in table_files():
        given.append(tmp_path / name.rpartition("/")[2])
        given[-1].write_bytes(content)
    page = open_page(f"{served()}/upload", size)
    page.get_by_label("Choose files").set_input_files(given)
    expect(page.get_by_text("If works.csv names these pictures, each of its rows becomes")).to_be_visible()
    page.get_by_label("The collection's name").fill("A gift")
    button(page, "Make them searchable").click()
    expect(page.get_by_text("3 works can be searched.")).to_be_visible(timeout=60_000)
    expect(page.locator(".page-read")).to_contain_text("title ← Titel")
    for left in ("works.csv, line 4", "works.csv, line 5", "stray.jpg no row of the table names it"):
        expect(page.locator(".page-problems")).to_contain_text(left)
    accessible(page)
    fits(page)
    page.get_by_role("link", name="Open A gift").click()
    search(page, "ships before the storm")
    expect(cards(page).first).to_contain_text("Lena Bakker")


def test_a_read_only_server_offers_no_upload(served, open_page):
    page = open_page(served(read_only=True))
    page.get_by_role("link", name="sample").wait_for()
    expect(page.get_by_role("link", name="Add your own pictures")).to_be_hidden()
