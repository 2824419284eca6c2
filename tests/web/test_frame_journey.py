"""The owner of a frame hangs it, marks by keys and touch, looks back, sleeps, and lives without a network."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from test_journeys import DESKTOP, PHONE, TABLET, accessible, button, fits, open_page  # noqa: F401

pytestmark = pytest.mark.browser

TV = (1920, 1080)
LOST = ("Failed to load resource", "net::ERR")


def hung(page):
    return page.locator(".frame-picture:not(.frame-leaving)")


def work(page):
    """Return the id of the work on the wall."""
    expect(hung(page)).to_be_visible()
    return page.evaluate("JSON.parse(localStorage['frame of sample']).shown.at(-1).work.id")


def hang(page):
    button(page, "Hang it").click()
    page.wait_for_url("**/frame?of=sample")
    expect(hung(page)).to_be_visible()


def press(page, key):
    """Press a key that changes the work, and wait until it is another one."""
    before = hung(page).element_handle()
    page.keyboard.press(key)
    page.wait_for_function("before => before.classList.contains('frame-leaving')", arg=before)
    return work(page)


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "dark"), (TABLET, "light"), (PHONE, "light"), (TV, "dark")]
)
def test_an_owner_hangs_a_frame(served, open_page, size, scheme):  # noqa: F811
    page = open_page(f"{served()}/frame", size, color_scheme=scheme)
    expect(page.get_by_text("Leave out")).to_be_visible()
    accessible(page)
    fits(page)
    hang(page)
    expect(page.locator(".frame-bar")).to_be_visible()
    page.wait_for_timeout(1_700)  # both pictures are there while one takes the other's place
    accessible(page)
    fits(page)
    whole = page.evaluate(
        """() => [".frame-picture", ".frame-label", ".frame-bar"].every((name) => {
             const { left, top, right, bottom } = document.querySelector(name).getBoundingClientRect();
             return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && right > left;
           })"""
    )
    assert whole
    picture, label = hung(page).bounding_box(), page.locator(".frame-label").bounding_box()
    assert picture["y"] + picture["height"] <= label["y"]
    assert picture["height"] > 0.4 * size[1] or picture["width"] > 0.6 * size[0]
    page.keyboard.press("h")
    expect(page.get_by_role("dialog", name="Which picture was that?")).to_be_visible()
    accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="What hangs here")).to_be_visible()
    accessible(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE, TV])
def test_upright_and_lying_pictures_are_seen_whole(served, open_page, size):  # noqa: F811
    page = open_page(f"{served()}/frame", size)
    hang(page)
    shapes = set()
    for _ in range(30):
        picture, label = hung(page).bounding_box(), page.locator(".frame-label").bounding_box()
        assert picture["x"] >= 0
        assert picture["y"] >= 0
        assert picture["x"] + picture["width"] <= size[0]
        assert picture["y"] + picture["height"] <= label["y"]
        shapes.add(hung(page).evaluate("each => each.naturalHeight > each.naturalWidth"))
        if len(shapes) == 2:
            return
        press(page, "ArrowRight")
    raise AssertionError("all pictures lie, or all stand")


def test_keys_of_a_remote_do_everything(served, open_page):  # noqa: F811
    address = served()
    page = open_page(f"{address}/frame")
    hang(page)
    first = work(page)
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("status").get_by_text("You like this")).to_be_visible()
    second = press(page, "ArrowRight")
    assert second != first
    third = press(page, "ArrowDown")  # not for me: the next one comes
    assert third not in {first, second}
    assert press(page, "ArrowLeft") == second
    page.keyboard.press("Enter")
    expect(button(page, "Like")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(button(page, "Keep")).to_be_focused()
    page.keyboard.press("Enter")
    expect(button(page, "Keep")).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("() => !JSON.parse(localStorage['frame of sample']).letters.length")
    state = page.request.get(f"{address}/api/v1/collections/sample/session").json()
    assert len(state["liked_ids"]) == len(state["disliked_ids"]) == 1
    ((name, kept),) = state["sets"]
    assert (name, len(kept)) == ("From the frame", 1)
    assert kept == state["disliked_ids"]


def test_what_is_taken_back_is_taken_back(served, open_page):  # noqa: F811
    page = open_page(f"{served()}/frame")
    hang(page)
    button(page, "Like").click()
    button(page, "Undo").click()
    expect(button(page, "Like")).to_have_attribute("aria-pressed", "false")


def test_a_swipe_leads_on_and_back(served, open_page):  # noqa: F811
    page = open_page(f"{served()}/frame", PHONE)
    hang(page)
    first = work(page)

    def swipe(start, end):
        before = hung(page).element_handle()
        page.mouse.move(start, 300)
        page.mouse.down()
        page.mouse.move(end, 305)
        page.mouse.up()
        page.wait_for_function("before => before.classList.contains('frame-leaving')", arg=before)

    swipe(300, 100)
    assert work(page) != first
    swipe(100, 300)
    assert work(page) == first


def test_the_history_says_when_and_hangs_a_work_again(served, open_page):  # noqa: F811
    page = open_page(f"{served()}/frame")
    hang(page)
    first = work(page)
    press(page, "ArrowRight")
    page.keyboard.press("h")
    entries = page.locator(".frame-entry")
    expect(entries).to_have_count(2)
    expect(page.locator(".frame-day")).to_have_text("Today")
    entries.nth(1).click()
    page.wait_for_function("() => JSON.parse(localStorage['frame of sample']).shown.length === 3")
    assert work(page) == first


def test_works_follow_each_other_and_a_reload_changes_nothing(served, open_page):  # noqa: F811
    page = open_page("about:blank")
    page.clock.install()
    page.goto(f"{served()}/frame")
    page.get_by_label("A work stays").select_option("1 minute")
    hang(page)
    first = work(page)
    page.clock.run_for(30_000)
    page.reload()
    assert work(page) == first
    before = hung(page).element_handle()
    page.clock.run_for(35_000)
    page.wait_for_function(
        "before => !before.isConnected || before.className.includes('leaving')", arg=before
    )
    assert work(page) != first


def test_it_is_dark_in_quiet_hours_until_somebody_comes(served, open_page):  # noqa: F811
    page = open_page("about:blank", timezone_id="UTC")
    page.clock.install(time="2026-03-01T21:59:00Z")
    page.goto(f"{served()}/frame")
    page.get_by_label("Quiet hours").check()
    expect(page.get_by_label("Quiet from")).to_have_value("22:00")
    hang(page)
    page.clock.run_for(120_000)
    expect(page.locator(".frame-quiet")).to_be_visible()
    expect(hung(page)).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(hung(page)).to_be_visible()
    page.clock.run_for(90_000)
    expect(hung(page)).to_be_hidden()
    page.clock.fast_forward("09:00:00")
    page.clock.run_for(2_000)
    expect(page.locator(".frame-quiet")).to_have_count(0)
    expect(hung(page)).to_be_visible()


def test_a_night_without_a_network_shows_twenty_works_and_forgets_nothing(served, open_page):  # noqa: F811
    address = served()
    page = open_page(f"{address}/frame", forgive=LOST)
    hang(page)
    page.wait_for_function("async () => (await (await caches.open('ham-frame-1')).keys()).length >= 20")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.reload()
    expect(hung(page)).to_be_visible()
    page.context.set_offline(True)
    page.reload()
    seen = [work(page)]
    page.keyboard.press("ArrowUp")
    for _ in range(18):
        seen.append(press(page, "ArrowRight"))
        assert hung(page).evaluate("picture => picture.naturalWidth") > 0
    assert len(set(seen)) == 19
    page.context.set_offline(False)
    page.wait_for_function("() => !JSON.parse(localStorage['frame of sample']).letters.length")
    told = page.request.get(f"{address}/api/v1/collections/sample/frame/history").json()["shown"]
    assert [each["work"]["item_id"] for each in told][:19] == seen[::-1]
    state = page.request.get(f"{address}/api/v1/collections/sample/session").json()
    assert len(state["liked_ids"]) == 1


def test_where_nothing_fits_the_wall_says_so(served, open_page):  # noqa: F811
    page = open_page("about:blank")
    nothing = {"works": [], "fitting": 0, "anew": False}
    page.route("**/frame/next", lambda route: route.fulfill(json=nothing))
    page.goto(f"{served()}/frame?of=sample")
    expect(page.get_by_text("Nothing here has a picture that fits.")).to_be_visible()
    accessible(page)
