"""Ways in without words, filters and reasons, in a real Chromium: what people see, click, drag and drop."""

from __future__ import annotations

import base64
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from collections_and_pages import come_to_rest
from geometry import faults
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

DROP = """
([selector, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const given = new DataTransfer();
  given.items.add(new File([bytes], "my cat.jpg", { type: "image/jpeg" }));
  const event = { bubbles: true, cancelable: true };
  const target = document.querySelector(selector);
  if (type === "paste") target.dispatchEvent(new ClipboardEvent("paste", { ...event, clipboardData: given }));
  else for (const name of type.split(" ")) target.dispatchEvent(new DragEvent(name, { ...event, dataTransfer: given }));
}
"""  # noqa: E501
TOP = "el => el.getBoundingClientRect().top - document.querySelector('.ham').getBoundingClientRect().top"


def button(scope, name):
    return scope.get_by_role("button", name=name, exact=True)


def cards(put):
    return put.page.locator(".ham-card")


def opened(put):
    if button(put.page, "Filter").get_attribute("aria-expanded") == "false":
        button(put.page, "Filter").click()
    drawer = put.page.get_by_role("region", name="Filter by")
    expect(drawer.locator(".ham-value").first).to_be_visible()
    return drawer


def box(put, field, value):
    return (
        opened(put)
        .get_by_role("group", name=field, exact=True)
        .get_by_role("checkbox", name=re.compile(rf"^{re.escape(value)}\s*[\d,]*$"))
    )


def picture_of(put, at=0):
    recommender = put.widget.recommender
    work = recommender.catalog[sorted(recommender.catalog.pictured)[at]]
    return work, recommender.workspace.path(work.thumbnail).read_bytes()


def test_a_surprise_is_another_one_each_time(stage):
    put = stage()
    button(put.page.locator(".ham-start"), "Surprise me").click()
    expect(cards(put)).to_have_count(12)
    button(put.page.locator(".ham-ways"), "Surprise me").click()
    expect(put.page.locator(".ham-asked")).to_have_text(["A surprise", "A surprise"])
    first, second = (turn.ranking for turn in put.widget.session.turns)
    assert not set(first.item_ids) & set(second.item_ids)
    expect(put.page.get_by_role("meter")).to_have_count(0)


def test_leafing_through_by_kind_and_artist_with_counts_that_follow(stage):
    put = stage()
    catalog = put.widget.recommender.catalog
    box(put, "Kind", "Prints").check()
    total = len(catalog.filter({"classification": "Prints"}))
    expect(put.page.locator(".ham-asked")).to_have_text("Prints")
    expect(put.page.locator(".ham-about")).to_have_text(f"{total} works")
    drawer = put.page.get_by_role("region", name="Filter by")
    expect(drawer.locator(".ham-works")).to_have_text(f"{total} works")
    artist, works = catalog.facets("artist", where={"classification": "Prints"})[0]
    expect(box(put, "Artist", artist).locator("xpath=../span[last()]")).to_have_text(str(works))
    box(put, "Artist", artist).check()
    expect(drawer.locator(".ham-works")).to_have_text(f"{works} work{'s' * (works > 1)}")
    asked = put.widget.session.turns[-1].ranking.query.where
    assert asked == {"classification": ["Prints"], "artist": [f"={artist}"]}
    button(put.page, f"Without {artist}").click()
    box(put, "Kind", "Paintings").check()
    more = len(catalog.filter({"classification": ["Prints", "Paintings"]}))
    expect(put.page.locator(".ham-about")).to_have_text(f"{more} works")
    for chip in ("Prints", "Paintings"):
        button(put.page, f"Without {chip}").click()
    expect(put.page.locator(".ham-asked")).to_have_text("All works")


SAME_COUNT = """
() => {
  const [left, answered] = [".ham-works", ".ham-about"].map((one) => document.querySelector(one)?.textContent.trim());
  return left && left === answered;
}
"""  # noqa: E501
"""The filters and the answers, which come one after the other, say the same number of works."""


def test_the_keyboard_keeps_its_place_among_the_filters(stage):
    put = stage()
    for kind in ("Prints", "Paintings"):
        box(put, "Kind", kind).press("Space")
        put.page.wait_for_function(SAME_COUNT)
        expect(box(put, "Kind", kind)).to_be_checked()
        expect(box(put, "Kind", kind)).to_be_focused()
    button(put.page, "Without Prints").press("Enter")
    expect(button(put.page, "Without Paintings")).to_be_focused()
    button(put.page, "Without Paintings").press("Enter")
    expect(button(put.page, "Filter")).to_be_focused()


def test_a_long_list_is_searched(stage):
    put = stage()
    names = opened(put).get_by_role("group", name="Artist", exact=True)
    names.get_by_role("textbox", name="Find in Artist").fill("emile")
    expect(names.get_by_role("listitem")).to_have_text([re.compile("^Émile Corvisart")])
    names.get_by_role("textbox").fill("nobody")
    expect(names.get_by_role("listitem")).to_have_text(["None"])


def test_years_are_chosen_by_dragging_over_the_histogram(stage):
    put = stage()
    opened(put)
    bars = put.page.locator(".ham-bars").bounding_box()
    y = bars["y"] + bars["height"] / 2
    put.page.mouse.move(bars["x"] + bars["width"] * 0.8, y)
    put.page.mouse.down()
    put.page.mouse.move(bars["x"] + bars["width"] * 0.9, y, steps=4)
    put.page.mouse.up()
    expect(put.page.locator(".ham-asked")).to_have_count(1)
    begin, end = put.widget.session.turns[-1].ranking.query.where["years"]
    first, last = put.widget.recommender.catalog.years()
    span = last - first
    assert first + span * 0.7 < begin < end < first + span
    expect(put.page.locator(".ham-chip")).to_have_text(f"{begin}–{end}")
    expect(put.page.locator(".ham-chosen")).to_have_text(f"{begin}–{end}")
    expect(put.page.get_by_role("slider", name="First year")).to_have_attribute("aria-valuenow", str(begin))


def test_years_are_chosen_from_the_keyboard(stage):
    put = stage()
    opened(put)
    first, last = (put.page.get_by_role("slider", name=name) for name in ("First year", "Last year"))
    expect(first).to_have_attribute("aria-valuetext", "any year")
    first.focus()
    for _ in range(3):
        put.page.keyboard.press("ArrowRight")
    expect(put.page.locator(".ham-asked")).to_have_count(1)
    years = put.widget.session.turns[-1].ranking.query.where["years"]
    assert years[1] is None
    expect(first).to_have_attribute("aria-valuenow", str(years[0]))
    expect(first).to_be_focused()
    last.press("PageDown")
    expect(last).not_to_have_attribute("aria-valuetext", "any year")
    first.press("Home")
    last.press("End")
    expect(put.page.locator(".ham-chip")).to_have_count(0)
    expect(put.page.locator(".ham-asked")).to_have_text(["All works"])


def test_a_century_is_a_click_away(stage):
    put = stage()
    box(put, "Century", "19th").check()
    expect(put.page.locator(".ham-chip")).to_have_text("1801–1900")
    box(put, "Century", "20th").check()
    expect(put.page.locator(".ham-chip")).to_have_text(re.compile("^1801–"))
    expect(box(put, "Century", "19th")).to_be_checked()


@pytest.mark.parametrize("how", ["dragenter dragover drop", "paste"])
def test_a_picture_is_dropped_or_pasted(stage, how):
    put = stage()
    work, content = picture_of(put)
    put.page.evaluate(DROP, [".ham-field", how, base64.b64encode(content).decode()])
    expect(cards(put)).to_have_count(12)
    expect(put.page.locator(".ham-asked")).to_have_text("Like your picture my cat.jpg")
    expect(put.page.locator(".ham-own")).to_be_visible()
    expect(put.page.locator(".ham-drop")).to_be_hidden()
    assert put.widget.session.turns[0].ranking[0].item_id == work.item_id
    box(put, "Kind", "Prints").check()
    expect(put.page.locator(".ham-about").first).to_contain_text("Prints")
    expect(put.page.locator(".ham-own").first).to_be_visible()
    assert put.widget.session.turns[-1].kind == "picture"


def test_a_picture_is_chosen_and_what_is_none_is_said_to_be_none(stage, tmp_path):
    put = stage()
    _, content = picture_of(put, 5)
    with put.page.expect_file_chooser() as chooser:
        button(put.page, "Drop, paste or choose a picture").click()
    (tmp_path / "no.jpg").write_bytes(b"no picture at all")
    chooser.value.set_files(tmp_path / "no.jpg")
    expect(put.page.get_by_role("alert")).to_be_visible()
    expect(put.page.locator(".ham-start")).to_be_visible()
    (tmp_path / "yes.jpg").write_bytes(content)
    with put.page.expect_file_chooser() as chooser:
        button(put.page, "Drop, paste or choose a picture").click()
    chooser.value.set_files(tmp_path / "yes.jpg")
    expect(cards(put)).to_have_count(12)
    expect(put.page.get_by_role("alert")).to_be_hidden()


def test_a_file_too_large_to_travel_is_told_beside_the_field(stage):
    put = stage()
    put.page.evaluate("""() => {
      const given = new DataTransfer();
      given.items.add(new File([new Uint8Array(21_000_000)], "scan.tif", { type: "image/tiff" }));
      const event = { bubbles: true, cancelable: true, dataTransfer: given };
      document.querySelector(".ham-field").dispatchEvent(new DragEvent("drop", event));
    }""")
    expect(put.page.get_by_role("alert")).to_have_text(re.compile("^This picture is too large"))
    put.search("circus cat")
    expect(cards(put)).to_have_count(12)
    expect(put.page.get_by_role("alert")).to_be_hidden()


def test_a_large_picture_is_made_small_before_it_travels(stage):
    from io import BytesIO

    from PIL import Image

    put = stage()
    stream = BytesIO()
    Image.effect_noise((3000, 2000), 80).convert("RGB").save(stream, "JPEG", quality=95)
    sent = []
    put.page.on("console", lambda line: sent.append(line.text))
    put.page.evaluate(
        "() => { const { send } = window.model;"
        " window.model.send = (event) => { window.sent = event; send(event); }; }"
    )
    put.page.evaluate(DROP, [".ham-field", "drop", base64.b64encode(stream.getvalue()).decode()])
    expect(cards(put)).to_have_count(12)
    assert put.page.evaluate("window.sent.type === 'pictures' || window.sent.data.length < 400000")


def test_a_colour_is_where_one_begins(stage):
    put = stage()
    button(put.page.locator(".ham-start"), "blue").click()
    expect(cards(put)).to_have_count(12)
    expect(put.page.locator(".ham-asked")).to_have_text("With blue")
    expect(put.page.locator(".ham-summary").first).to_be_focused()
    button(put.page, "By colour").click()
    button(put.page.get_by_role("group", name="Colours"), "red").click()
    expect(put.page.locator(".ham-asked").first).to_have_text("With red")


def test_the_heading_counts_the_works_that_say_so_and_names_the_rest(stage):
    put = stage()
    put.search("Flamenco")
    expect(cards(put)).to_have_count(12)
    ranking = put.widget.session.turns[0].ranking
    assert 1 < ranking.saying < 12
    expect(put.page.locator(".ham-about")).to_have_text(f"{ranking.saying} works say so; more by meaning")


def test_a_card_says_why_and_marks_the_words_in_their_texts(stage):
    put = stage()
    put.search("jumpng cats qqzzq")
    expect(cards(put)).to_have_count(12)
    hit = put.widget.session.turns[0].ranking[0]
    expect(cards(put).first.locator(".ham-reason")).to_contain_text("jumping, cats – ")
    about = re.compile(r"^no work says “qqzzq” · \d+ works? says? the rest")
    expect(put.page.locator(".ham-about")).to_have_text(about)
    cards(put).first.get_by_role("button", name="Details of").click()
    dialog = put.page.get_by_role("dialog")
    expect(dialog.locator(".ham-facts")).to_be_visible()
    marks = dialog.locator("mark").all_text_contents()
    assert set(marks) == set(hit.why.marked)
    button(dialog, "Close").click()
    button(cards(put).first, "Like").click()
    button(put.page, "Get recommendations").click()
    expect(cards(put).first.locator(".ham-reason")).to_have_text(f"because you liked {hit.work.title}")


def test_marks_are_text_and_never_markup(stage, hostile):
    put = stage(hostile)
    put.search("cat script")
    expect(cards(put)).to_have_count(8)
    expect(put.page.locator(".ham-title mark").first).to_be_visible()
    button(put.page, "Filter").click()
    expect(put.page.locator(".ham-value").first).to_be_visible()
    for at in range(3):
        cards(put).nth(at).get_by_role("button", name="Details of").click()
        expect(put.page.locator(".ham-facts")).to_be_visible()
        button(put.page.get_by_role("dialog"), "Close").click()
    assert put.page.evaluate("window.ran === undefined")
    assert put.page.locator(".ham script, .ham [onerror]").count() == 0


def test_the_bar_is_low_and_the_first_work_on_the_first_screen(stage):
    put = stage()
    put.page.set_viewport_size({"width": 1400, "height": 900})
    put.search("circus cat")
    expect(cards(put)).to_have_count(12)
    assert put.page.locator(".ham-turn").first.evaluate(TOP) <= 200
    button(cards(put).first, "Like").click()
    expect(put.page.get_by_text("You like 1 work")).to_be_visible()
    assert put.page.locator(".ham-turn").first.evaluate(TOP) <= 200
    put.page.set_viewport_size({"width": 380, "height": 700})
    put.page.wait_for_timeout(300)
    first = cards(put).first.locator(".ham-frame").bounding_box()
    assert first["y"] + first["height"] <= 700


@pytest.mark.parametrize("width", [380, 768, 1400, 2560])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_beginning_and_the_drawer_look_right(stage, width, scheme):
    put = stage(theme=scheme)
    put.page.set_viewport_size({"width": width, "height": 900})
    opened(put)
    states = [lambda: None, lambda: button(put.page.locator(".ham-start"), "blue").click()]
    for change in (*states, lambda: box(put, "Kind", "Paintings").check()):
        change()
        put.page.wait_for_timeout(500)
        come_to_rest(put.page)
        assert faults(put.page.locator(".ham")) == []
        assert put.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = Axe().run(put.page).response["violations"]
        assert [each["id"] for each in found if each["impact"] in {"serious", "critical"}] == []
        small = put.page.locator(".ham button, .ham label, .ham input:not([type=checkbox])")
        heights = small.evaluate_all(
            "all => all.filter((each) => each.offsetParent).map((each) => each.offsetHeight)"
        )
        assert min(heights) >= 24
