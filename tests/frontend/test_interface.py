"""The interface in a real Chromium: what people see, click and type."""

from __future__ import annotations

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from collections_and_pages import come_to_rest, until
from geometry import faults
from playwright.sync_api import expect

from ham_recommend.frontend import STATIC
from ham_recommend.frontend.export_pages import html_fragment
from ham_recommend.frontend.messages import CHANNEL_LABELS

pytestmark = pytest.mark.browser

CLEAR = "() => window.ran === undefined"


def cards(stage):
    return stage.page.locator(".ham-card")


def button(scope, name):
    return scope.get_by_role("button", name=name, exact=True)


def titles(stage):
    expect(cards(stage)).not_to_have_count(0)
    return stage.page.locator(".ham-title").all_text_contents()


def drawer(stage):
    """Open what works can be narrowed to, as far as it is not open."""
    toggle = button(stage.page, "Filter")
    if toggle.get_attribute("aria-expanded") == "false":
        toggle.click()
    shown = stage.page.get_by_role("region", name="Filter by")
    expect(shown.locator(".ham-value").first).to_be_visible()
    return shown


def pick(stage, field, value):
    """Choose, or no longer choose, a value of a field."""
    values = drawer(stage).get_by_role("group", name=field, exact=True)
    values.get_by_role("checkbox", name=re.compile(f"^{re.escape(value)}")).click()


def from_year(stage, year):
    field = drawer(stage).get_by_role("spinbutton", name="From year")
    field.fill(year)
    field.press("Tab")


def searched(stage, text="circus cat", count=12):
    stage.search(text)
    expect(stage.page.locator(".ham-asked").first).to_contain_text(text)
    expect(cards(stage)).to_have_count(count)


def test_begins_with_examples_that_work(stage):
    put = stage()
    examples = put.page.get_by_role("group", name="Example searches").get_by_role("button")
    expect(examples).to_have_count(3)
    expect(button(put.page, "Get recommendations")).to_be_disabled()
    wanted = examples.nth(1).text_content()
    examples.nth(1).click()
    expect(cards(put)).to_have_count(12)
    expect(put.page.get_by_role("searchbox", name="Search the collection")).to_have_value(wanted)
    expect(examples).to_have_count(0)


def test_a_folder_of_pictures_says_how_to_begin(stage, tmp_path):
    from PIL import Image

    from ham_recommend import FolderSource, Recommender, build

    (tmp_path / "photos").mkdir()
    for name in ("harbour wall", "old mill", "IMG 0042"):
        Image.new("RGB", (90, 60), "teal").save(tmp_path / "photos" / f"{name}.jpg")
    build(FolderSource(tmp_path / "photos"), tmp_path / "out", progress=False)
    put = stage(Recommender.load(tmp_path / "out"))
    expect(put.page.get_by_text("The works here have few words. Begin with a title")).to_be_visible()
    for way in ("Surprise me", "Drop, paste or choose a picture", "blue"):
        expect(button(put.page.locator(".ham-start"), way)).to_be_visible()
    put.search("a ship in a storm")
    expect(put.page.locator(".ham-empty")).to_contain_text("begin with a picture, a colour, or a surprise")
    put.search(put.widget.collection["examples"][0])
    expect(cards(put)).not_to_have_count(0)


def test_where_there_is_nothing_to_narrow_by_there_is_no_filter(stage, tmp_path):
    from PIL import Image

    from ham_recommend import FolderSource, Recommender, build

    (tmp_path / "photos").mkdir()
    for at in range(30):
        Image.new("RGB", (90, 60), (8 * at, 90, 200 - 6 * at)).save(tmp_path / "photos" / f"pa{at:04}.jpg")
    build(FolderSource(tmp_path / "photos"), tmp_path / "out", progress=False)
    put = stage(Recommender.load(tmp_path / "out"))
    expect(put.page.get_by_text("Begin with a picture, a colour, or a surprise")).to_be_visible()
    expect(put.page.get_by_role("group", name="Example searches")).to_have_count(0)
    for width in (260, 380, 1400):
        put.page.set_viewport_size({"width": width, "height": 900})
        assert faults(put.page.locator(".ham")) == []
    button(put.page.locator(".ham-start"), "Surprise me").click()
    expect(cards(put)).to_have_count(12)
    expect(button(put.page, "Filter")).to_be_hidden()
    expect(put.page.get_by_role("region", name="Filter by")).to_be_hidden()
    button(cards(put).first, "Like").click()
    button(put.page, "Get recommendations").click()
    expect(put.page.locator(".ham-score").first).to_be_attached()
    for width in (260, 380, 1400):
        put.page.set_viewport_size({"width": width, "height": 900})
        assert faults(put.page.locator(".ham")) == []


def test_a_card_shows_a_work(stage):
    put = stage()
    put.page.get_by_role("searchbox").fill("circus cat")
    put.page.get_by_role("searchbox").press("Enter")
    expect(cards(put)).to_have_count(12)
    hit = put.widget.session.turns[0].ranking[0]
    work = put.widget.recommender.catalog[hit.item_id]
    card = put.page.get_by_role("listitem", name=work.title).first
    expect(card).to_contain_text(work.artist)
    expect(card).to_contain_text(work.date)
    expect(card.get_by_role("meter")).to_have_attribute("aria-valuenow", "1.00")
    expect(card).not_to_contain_text(re.compile(r"\d\.\d|%"))  # numbers are in the opened work
    expect(card.locator(".ham-reason")).to_have_text(re.compile("^circus, cat – title, "))
    expect(card.locator(".ham-title mark")).to_have_text(work.title.split())
    for name in ("Like", "Not for me"):
        expect(button(card, name)).to_have_attribute("aria-pressed", "false")
    expect(button(card, "More like this")).to_be_visible()
    expect(card.get_by_role("link", name="Museum page")).to_have_count(0)  # the sample museum has no pages


def test_a_card_leads_to_the_museums_page(stage, hostile):
    put = stage(hostile)
    searched(put, "cat", count=8)
    shown = put.widget.session.turns[0].ranking.works.values()
    pages = {work.item_id: work.page_url for work in shown if work.page_url}
    assert len(pages) >= 2
    links = put.page.locator(".ham-card").get_by_role("link", name="Museum page")
    expect(links).to_have_count(len(pages))
    for item_id, address in pages.items():
        link = put.page.locator(f".ham-card[data-item={json.dumps(item_id)}]").get_by_role("link")
        expect(link).to_have_attribute("href", put.page.evaluate("text => new URL(text).href", address))
        expect(link).to_have_attribute("rel", "noopener noreferrer")
    tab_to(put.page, "Museum page")


def test_turns_fold_with_the_newest_open_on_top(stage):
    put = stage()
    searched(put, "circus cat")
    searched(put, "ships")
    headings = put.page.get_by_role("heading", level=3).filter(has=put.page.locator(".ham-asked"))
    expect(headings).to_have_text([re.compile("ships.*works say so"), re.compile("circus cat.*works say so")])
    turns = put.page.locator(".ham-turn")
    expect(turns.nth(0)).to_have_attribute("open", "")
    expect(turns.nth(1)).not_to_have_attribute("open", "")
    turns.nth(1).locator(".ham-summary").click()
    expect(cards(put)).to_have_count(24)
    turns.nth(0).locator(".ham-summary").click()
    expect(cards(put)).to_have_count(12)
    expect(put.page.locator(".ham-turn:not([open]) li")).to_have_count(0)


def test_liking_leads_to_recommendations_without_repeats(stage):
    put = stage()
    searched(put)
    before = titles(put)
    for at in (0, 2):
        button(cards(put).nth(at), "Like").click()
        expect(button(cards(put).nth(at), "Like")).to_have_attribute("aria-pressed", "true")
    expect(put.page.get_by_text("You like 2 works")).to_be_visible()
    button(put.page, "Get recommendations").click()
    expect(put.page.locator(".ham-asked").first).to_have_text("Recommended for you")
    expect(put.page.locator(".ham-about").first).to_contain_text(f"from {before[0]} and {before[2]}")
    first, second = put.widget.session.turns
    assert not set(first.ranking.item_ids) & set(second.ranking.item_ids)
    button(put.page, "Clear likes").click()
    expect(button(put.page, "Get recommendations")).to_be_disabled()
    assert put.widget.liked_ids == []


def test_the_dial_turns_recommendations_from_the_familiar_to_discovery(stage):
    put = stage()
    dial = put.page.get_by_role("slider", name="How far recommendations reach")
    searched(put)
    expect(dial).to_be_hidden()
    button(cards(put).first, "Like").click()
    expect(dial).to_have_attribute("aria-valuetext", "closest to your likes")
    tab_to(put.page, "How far recommendations reach")
    for _ in range(3):
        put.page.keyboard.press("ArrowRight")
    expect(dial).to_have_attribute("aria-valuetext", "far afield")
    button(put.page, "Get recommendations").click()
    expect(put.page.locator(".ham-about").first).to_contain_text("far afield")
    assert put.widget.session.turns[-1].ranking.query.dials.discovery == 0.75
    assert put.widget.discovery == 0.75
    pick(put, "Kind", "Paintings")
    expect(put.page.locator(".ham-about").first).to_contain_text("Paintings")
    expect(put.page.locator(".ham-about").first).to_contain_text("far afield")
    put.widget.search_by_likes(discovery=0.25)
    put.push()
    expect(dial).to_have_value("0.25")


def test_unliking_works_wherever_the_work_appears(stage):
    put = stage()
    searched(put)
    card = cards(put).first
    tray = put.page.get_by_role("group", name="Works you like")
    away = tray.get_by_role("button", name="Unlike")
    for unlike in (lambda: button(card, "Like").click(), away.click):
        button(card, "Like").click()
        expect(away).to_have_count(1)
        unlike()
        expect(tray.get_by_role("button")).to_have_count(0)
        expect(button(card, "Like")).to_have_attribute("aria-pressed", "false")
        expect(button(put.page, "Get recommendations")).to_be_disabled()


def test_a_small_picture_opens_its_work_and_keeps_the_like(stage):
    put = stage()
    searched(put)
    title = titles(put)[0]
    button(cards(put).first, "Like").click()
    tray = put.page.get_by_role("group", name="Works you like")
    button(tray, f"Details of {title}").click()
    dialog = put.page.get_by_role("dialog", name=title)
    expect(dialog.locator(".ham-facts")).to_be_visible()
    button(dialog, "Close").click()
    expect(button(tray, f"Details of {title}")).to_be_focused()
    assert len(put.widget.liked_ids) == 1


def test_likes_taken_back_come_again_with_one_click(stage):
    put = stage()
    searched(put)
    for at in range(4):
        button(cards(put).nth(at), "Like").click()
    expect(put.page.get_by_text("You like 4 works")).to_be_visible()
    before = list(put.widget.liked_ids)
    button(put.page, "Clear likes").click()
    expect(put.page.get_by_text("Taken back: 4 works.")).to_be_visible()
    button(put.page, "Undo").click()
    expect(put.page.get_by_text("You like 4 works")).to_be_visible()
    expect(button(put.page, "Undo")).to_be_hidden()
    assert put.widget.liked_ids == before
    button(cards(put).first, "Like").click()
    expect(put.page.get_by_text(f"Taken back: “{titles(put)[0]}”.")).to_be_visible()
    button(put.page, "Undo").press("Enter")
    expect(button(cards(put).first, "Like")).to_have_attribute("aria-pressed", "true")
    expect(put.page.locator(".ham-summary").first).to_be_focused()
    assert set(put.widget.liked_ids) == set(before)


def test_not_for_me_excludes_a_like(stage):
    put = stage()
    searched(put)
    card = cards(put).first
    button(card, "Like").click()
    button(card, "Not for me").click()
    expect(button(card, "Like")).to_have_attribute("aria-pressed", "false")
    expect(button(card, "Not for me")).to_have_attribute("aria-pressed", "true")
    away = put.page.get_by_role("group", name="Works that are not for you")
    away.get_by_role("button", name="Take back").click()
    expect(button(card, "Not for me")).to_have_attribute("aria-pressed", "false")
    assert put.widget.disliked_ids == []


def test_show_more_continues_without_repeats(stage):
    put = stage()
    searched(put, "cat")
    button(put.page, "Show more").click()
    expect(cards(put)).to_have_count(24)
    ids = put.page.locator(".ham-card").evaluate_all("cards => cards.map((card) => card.dataset.item)")
    assert ids == put.widget.session.turns[0].ranking.item_ids.tolist()
    assert len(set(ids)) == 24


def test_showing_more_says_so_and_leaves_the_keyboard_where_it_is(stage):
    put = stage()
    searched(put, "cat")
    with put.kernel_busy():
        button(put.page, "Show more").press("Enter")
        expect(put.page.get_by_role("status")).to_have_text("Looking through the collection…")
        expect(button(put.page, "Show more")).to_be_focused()
        button(put.page, "Show more").press("Enter")
        put.page.get_by_role("searchbox").focus()
    expect(cards(put)).to_have_count(24)
    expect(put.page.get_by_role("searchbox")).to_be_focused()
    button(put.page, "Show more").press("Enter")
    expect(cards(put)).to_have_count(36)
    expect(cards(put).nth(24).get_by_role("button", name="Details of")).to_be_focused()


def test_showing_more_can_be_tried_again_after_an_error(stage, monkeypatch):
    from ham_recommend.errors import StoreError

    put = stage()
    searched(put, "cat")

    def broken(*_):
        raise StoreError("The store is away. Try again in a minute.")

    monkeypatch.setattr(put.widget.session, "more", broken)
    button(put.page, "Show more").click()
    expect(put.page.get_by_role("alert")).to_have_text("The store is away. Try again in a minute.")
    monkeypatch.undo()
    button(put.page, "Show more").click()
    expect(cards(put)).to_have_count(24)
    expect(put.page.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("by", ["card", "dialog"])
def test_an_answer_asked_from_far_down_comes_into_view_with_the_keyboard(stage, by):
    put = stage()
    put.page.set_viewport_size({"width": 900, "height": 600})
    searched(put)
    card = cards(put).nth(11)
    if by == "card":
        button(card, "More like this").press("Enter")
    else:
        card.get_by_role("button", name="Details of").press("Enter")
        button(put.page.get_by_role("dialog"), "More like this").press("Enter")
    expect(put.page.locator(".ham-turn")).to_have_count(2)
    summary = put.page.locator(".ham-summary").first
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport()
    put.page.keyboard.press("Tab")
    assert focused(put.page).startswith("Details of")


def test_more_like_this(stage):
    put = stage()
    searched(put)
    wanted = titles(put)[3]
    button(cards(put).nth(3), "More like this").click()
    expect(put.page.locator(".ham-asked").first).to_have_text(f"More like {wanted}")


def test_a_repeated_search_goes_on_and_says_so(stage):
    put = stage()
    searched(put)
    first = titles(put)
    put.search("circus cat")
    expect(put.page.get_by_text("Works you have already seen are left out")).to_be_visible()
    assert put.widget.session.turns[1].ranking.item_ids[0] not in put.widget.session.turns[0].ranking.item_ids
    button(put.page, "Show them again").click()
    expect(put.page.locator(".ham-turn")).to_have_count(3)
    assert titles(put) == first
    put.page.get_by_role("switch", name="Show works again").check()
    put.search("circus cat")
    expect(put.page.locator(".ham-turn")).to_have_count(4)
    assert titles(put) == first


def test_corrected_words_are_told_with_the_way_back(stage):
    put = stage()
    put.search("jumpng cat")
    expect(put.page.get_by_text("“jumpng” read as “jumping”")).to_be_visible()
    button(put.page, "Search for “jumpng cat” as written").click()
    expect(put.page.locator(".ham-turn")).to_have_count(2)
    assert put.widget.session.turns[1].ranking.corrected == {}


def test_where_nothing_fits_one_press_asks_for_what_may_be_meant(stage):
    put = stage()
    put.search("catt")
    expect(put.page.locator(".ham-empty")).to_have_text("Nothing answers “catt”. Did you mean “cat”?")
    button(put.page, "“cat”").click()
    expect(put.page.locator(".ham-asked").first).to_have_text("“cat”")
    expect(put.page.get_by_role("searchbox")).to_have_value("cat")
    assert len(put.widget.session.turns[1].ranking)


def test_filters_come_from_the_catalogue(stage):
    put = stage()
    kind, works = put.widget.collection["kinds"][0]
    values = drawer(put).get_by_role("group", name="Kind")
    expect(values.get_by_role("listitem").first).to_have_text(f"{kind}{works}")
    pick(put, "Kind", kind)
    expect(put.page.locator(".ham-asked").first).to_have_text(kind)
    from_year(put, "1700")
    expect(put.page.locator(".ham-asked")).to_have_text([f"{kind}, from 1700"])
    put.search("portrait")
    expect(put.page.locator(".ham-turn")).to_have_count(2)
    ranking = put.widget.session.turns[-1].ranking
    assert len(ranking) > 0
    assert {work.classification for work in ranking.works.values()} == {kind}
    assert all(work.year_end >= 1700 for work in ranking.works.values())


def test_a_turn_tells_its_filters_and_keeps_them_when_asked_again(stage):
    put = stage()
    kind = put.widget.collection["kinds"][0][0]
    pick(put, "Kind", kind)
    from_year(put, "1700")
    expect(put.page.locator(".ham-asked")).to_have_text([f"{kind}, from 1700"])
    long = "jumpng cat " + "over the wall " * 20
    put.search(long)
    expect(put.page.locator(".ham-about").first).to_contain_text(f"{kind} · from 1700 · ")
    put.page.get_by_role("button", name="as written").click()
    expect(put.page.locator(".ham-turn")).to_have_count(3)
    _, first, second = (turn.ranking.query for turn in put.widget.session.turns)
    assert (second.text, second.where) == (first.text, first.where)
    assert second.text == long.strip()


def test_when_everything_was_seen_it_says_so(stage):
    put = stage(k=100)
    from_year(put, "1990")
    expect(put.page.locator(".ham-turn")).to_have_count(1)
    for turns in (2, 3):
        put.search("circus cat")
        expect(put.page.locator(".ham-turn")).to_have_count(turns)
    expect(put.page.locator(".ham-about").first).to_have_text("from 1990 · Nothing more")
    expect(put.page.get_by_text("You have seen everything that answers “circus cat”")).to_be_visible()
    button(put.page, "Show them again").click()
    expect(put.page.locator(".ham-turn")).to_have_count(4)
    expect(cards(put)).not_to_have_count(0)


def test_a_hopeless_search_says_what_to_try(stage):
    put = stage()
    from_year(put, "9000")
    expect(put.page.locator(".ham-empty")).to_have_text("No work is left. Take away a filter.")
    put.search("cat")
    words = "Nothing answers “cat”. Try fewer or more general words, another spelling, or take away a filter."
    expect(put.page.locator(".ham-empty")).to_have_text(words)
    expect(put.page.locator(".ham-card")).to_have_count(0)
    expect(button(put.page, "Show more")).to_have_count(0)


def test_an_empty_search_asks_for_words(stage):
    put = stage()
    button(put.page, "Search").click()
    expect(put.page.get_by_role("status")).to_have_text(re.compile("^Type"))


def test_an_error_is_one_calm_line(stage, monkeypatch):
    put = stage()
    searched(put)
    store = type(put.widget.recommender)

    def broken(*_, **__):
        from ham_recommend.errors import StoreError

        raise StoreError("The store is away. Try again in a minute.")

    monkeypatch.setattr(store, "search", broken)
    put.search("ships")
    expect(put.page.get_by_role("alert")).to_have_text("The store is away. Try again in a minute.")
    expect(cards(put)).to_have_count(12)
    monkeypatch.undo()
    searched(put, "ships")
    expect(put.page.get_by_role("alert")).to_be_hidden()


def test_while_python_is_busy_the_last_search_wins(stage):
    put = stage()
    with put.kernel_busy():
        put.search("circus cat")
        expect(put.page.get_by_role("status")).to_have_text("Looking through the collection…")
        put.search("castle")
        put.search("ships")
    expect(put.page.locator(".ham-asked")).to_have_text(["“ships”"])
    expect(put.page.get_by_role("status")).to_have_text("Results are shown below.")
    assert [turn.ranking.query.text for turn in put.widget.session.turns] == ["ships"]


def wheres(put):
    return [dict(turn.ranking.query.where) for turn in put.widget.session.turns]


def test_other_filters_apply_at_once_to_the_current_question(stage):
    put = stage()
    kind = put.widget.collection["kinds"][0][0]
    searched(put)
    pick(put, "Kind", kind)
    about = put.page.locator(".ham-about")
    expect(about.first).to_contain_text(f"{kind} · ")
    from_year(put, "1700")
    expect(about.first).to_contain_text(f"{kind} · from 1700 · ")
    expect(about).to_have_count(2)  # the filters tried one after the other are one turn
    years = {"years": (1700, None)}
    assert wheres(put) == [{}, {"classification": [kind], **years}]
    drawer(put).get_by_role("spinbutton", name="From year").fill("")
    drawer(put).get_by_role("spinbutton", name="From year").press("Enter")
    pick(put, "Kind", kind)
    expect(about).to_have_count(2)
    expect(about.first).to_have_text(re.compile("^\\d+ works say so$"))
    first, second = (turn.ranking.item_ids.tolist() for turn in put.widget.session.turns)
    assert second == first


@pytest.mark.parametrize("ask", ["More like this", "Get recommendations"])
def test_what_is_like_a_work_stays_within_the_filters(stage, ask):
    put = stage()
    searched(put)
    button(cards(put).first, "Like").click()
    kind = put.widget.collection["kinds"][0][0]
    pick(put, "Kind", kind)
    button(put.page, "Filter").click()
    expect(put.page.locator(".ham-asked")).to_have_count(2)
    button(put.page if ask.startswith("Get") else cards(put).first, ask).click()
    expect(put.page.locator(".ham-asked")).to_have_count(3)
    turn = put.widget.session.turns[-1]
    assert turn.kind in {"similar", "recommend"}
    assert {work.classification for work in turn.ranking.works.values()} == {kind}
    button(put.page, f"Without {kind}").click()
    expect(put.page.locator(".ham-asked")).to_have_count(4)
    assert put.widget.session.turns[-1].kind == turn.kind
    assert put.widget.session.turns[-1].ranking.query.liked == turn.ranking.query.liked


def test_while_python_is_busy_other_filters_change_the_open_question(stage):
    put = stage()
    kind = put.widget.collection["kinds"][0][0]
    drawer(put)
    with put.kernel_busy():
        put.search("circus cat")
        pick(put, "Kind", kind)
        put.page.wait_for_timeout(100)
    expect(put.page.locator(".ham-about")).to_have_count(1)
    assert wheres(put) == [{"classification": [kind]}]


def test_when_python_has_stopped_it_says_so_beside_the_field(stage):
    put = stage()
    searched(put)
    put.page.evaluate("() => { window.model.send = () => { throw new Error('Cannot send'); }; }")
    button(cards(put).first, "Like").click()
    said = put.page.get_by_role("alert")
    expect(said).to_have_text("Python has stopped. Run the cell again to go on.")
    expect(button(cards(put).first, "Like")).to_have_attribute("aria-pressed", "false")
    put.page.get_by_role("searchbox").fill("ships")
    put.page.get_by_role("searchbox").press("Enter")
    expect(said).to_have_text("Python has stopped. Run the cell again to go on.")
    expect(put.page.locator(".ham-busy")).to_have_count(0)
    field, line = put.page.get_by_role("searchbox").bounding_box(), said.bounding_box()
    assert 0 <= field["y"] - (line["y"] + line["height"]) < 20
    button(put.page, "Show more").click()
    expect(button(put.page, "Show more")).not_to_have_attribute("aria-disabled", "true")


def test_a_host_that_knows_tells_before_anyone_clicks(stage):
    put = stage()
    with put.kernel_busy():
        put.search("ships")
        put.page.evaluate("window.stopped()")
        expect(put.page.get_by_role("alert")).to_have_text(re.compile("^Python has stopped"))


def test_a_long_wait_says_what_to_do_beside_the_field(stage):
    put = stage()
    put.page.clock.install()
    put.page.evaluate("window.held = []")
    put.search("ships")
    put.page.clock.run_for(11_000)
    expect(put.page.get_by_role("status")).to_have_text(
        re.compile("Python does not answer.*run the cell again")
    )


def test_likes_show_at_once_while_python_is_busy(stage):
    put = stage()
    searched(put)
    with put.kernel_busy():
        button(cards(put).nth(0), "Like").click()
        button(cards(put).nth(1), "Like").click()
        expect(button(cards(put).nth(0), "Like")).to_have_attribute("aria-pressed", "true")
        button(cards(put).nth(0), "Like").click()
        expect(put.page.get_by_text("You like 1 work")).to_be_visible()
        assert put.widget.liked_ids == []
    expect(button(cards(put).nth(1), "Like")).to_have_attribute("aria-pressed", "true")
    assert put.widget.liked_ids == [put.widget.session.turns[0].ranking.item_ids[1]]


def test_code_moves_what_is_on_the_page(stage):
    put = stage()
    put.widget.search_for_text("ships")
    put.widget.like(put.widget.session.turns[0].ranking.item_ids[0])
    put.widget.theme = "dark"
    put.push()
    expect(cards(put)).to_have_count(12)
    expect(put.page.get_by_role("searchbox")).to_have_value("ships")
    expect(button(cards(put).first, "Like")).to_have_attribute("aria-pressed", "true")
    assert put.page.locator(".ham").evaluate("el => getComputedStyle(el).colorScheme") == "dark"


def test_a_second_view_shows_the_same(stage):
    put = stage()
    searched(put, "circus cat")
    button(cards(put).nth(0), "Like").click()
    searched(put, "ships")
    put.open_view()
    first, second = put.page.locator(".ham").nth(0), put.page.locator(".ham").nth(1)
    expect(second.get_by_role("listitem")).to_have_count(12)
    expect(second.locator(".ham-asked")).to_have_text(["“ships”", "“circus cat”"])
    expect(second.get_by_text("You like 1 work")).to_be_visible()
    second.locator(".ham-summary").nth(1).click()
    expect(second.get_by_role("listitem")).to_have_count(24)
    button(second.get_by_role("listitem").first, "Not for me").click()
    expect(button(first.get_by_role("listitem").first, "Not for me")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_closing_a_view_leaves_nothing_behind(stage):
    put = stage()
    searched(put)
    one = put.page.evaluate("window.listening()")
    put.open_view()
    put.page.evaluate("window.views[1]()")
    assert put.page.evaluate("window.listening()") == one
    assert put.page.locator(".ham").count() == 1


# ---- pictures -------------------------------------------------------------------------------------------


def painted(scope):
    return scope.locator(".ham-card img").evaluate_all(
        "all => all.filter((each) => each.naturalWidth > 0).length"
    )


def test_pictures_come_when_they_come_into_view(stage):
    put = stage()
    put.page.set_viewport_size({"width": 900, "height": 500})
    searched(put)
    put.page.wait_for_function("document.querySelectorAll('.ham-card img').length >= 3")
    put.page.wait_for_timeout(200)
    early = put.page.locator(".ham-card img").count()
    cards(put).last.scroll_into_view_if_needed()
    put.page.wait_for_function(f"document.querySelectorAll('.ham-card img').length > {early}")
    assert early < 12
    with_picture = sum(bool(work.thumbnail) for work in put.widget.session.turns[0].ranking.works.values())
    until(put.page, lambda: painted(put.page) == with_picture)


def test_pictures_are_whole_and_nothing_moves_when_they_arrive(stage):
    put = stage()
    put.page.evaluate(
        "() => { window.moved = 0; new PerformanceObserver((list) => list.getEntries().forEach((entry) => {"
        " window.moved += entry.value; })).observe({ type: 'layout-shift', buffered: false }); }"
    )
    put.widget.search_for_text("cat")
    put.push()
    put.page.wait_for_function("document.querySelectorAll('.ham-card img').length >= 4")
    boxes = "all => all.map((each) => Math.round(each.getBoundingClientRect().top))"
    before = put.page.locator(".ham-card").evaluate_all(boxes)
    put.page.wait_for_timeout(400)
    assert put.page.locator(".ham-card").evaluate_all(boxes) == before
    button(cards(put).first, "Like").click()
    expect(put.page.get_by_text("You like 1 work")).to_be_visible()
    assert put.page.locator(".ham-card").evaluate_all(boxes) == before
    fits = "all => all.map((each) => getComputedStyle(each).objectFit)"
    assert set(put.page.locator(".ham-card img").evaluate_all(fits)) == {"contain"}
    assert put.page.evaluate("window.moved") < 0.3


def test_object_addresses_are_given_back(stage):
    put = stage()
    put.page.evaluate(
        "() => { window.made = 0; const make = URL.createObjectURL, drop = URL.revokeObjectURL;"
        " URL.createObjectURL = (each) => { window.made++; return make.call(URL, each); };"
        " URL.revokeObjectURL = (each) => { window.made--; drop.call(URL, each); }; }"
    )
    searched(put)
    put.page.wait_for_function("document.querySelectorAll('.ham-card img').length >= 4")
    put.page.wait_for_function("window.made === 0")


def test_remote_pictures_are_shown_from_their_address(stage, tmp_path):
    from ham_recommend import Recommender, TableSource, build

    table = tmp_path / "works.csv"
    table.write_text(
        "id,title,image\n1,Cat at sea,https://pictures.test/1.jpg\n2,Cat on land,ftp://pictures.test/2.jpg\n"
    )
    build(TableSource(table), tmp_path / "out", image_encoder=None, progress=False)
    put = stage(Recommender.load(tmp_path / "out"))
    asked = []
    pixel = bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")
    put.page.route(
        "https://pictures.test/**",
        lambda route: (asked.append(route.request), route.fulfill(body=pixel, content_type="image/gif")),
    )
    put.search("cat")
    expect(cards(put)).to_have_count(2)
    picture = put.page.locator(".ham-card img")
    expect(picture).to_have_attribute("referrerpolicy", "no-referrer")
    expect(picture).to_have_attribute("loading", "lazy")
    expect(picture).to_have_attribute("src", "https://pictures.test/1.jpg")
    put.page.wait_for_function("document.querySelector('.ham-card img').naturalWidth > 0")
    assert [request.headers.get("referer") for request in asked] == [None]


# ---- one work, large ------------------------------------------------------------------------------------


def test_a_work_opens_large_with_everything_and_why(stage):
    put = stage()
    searched(put)
    button(cards(put).nth(1), "Like").click()
    button(put.page, "Get recommendations").click()
    expect(put.page.locator(".ham-asked").first).to_have_text("Recommended for you")
    opener = cards(put).first.get_by_role("button", name="Details of")
    opener.click()
    hit = put.widget.session.turns[1].ranking[0]
    work = put.widget.recommender.catalog[hit.item_id]
    dialog = put.page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", level=2)).to_have_text(work.title)
    expect(dialog.get_by_text("Why it is here")).to_be_visible()
    for name, value in hit.channels.items():
        expect(dialog.locator(".ham-why")).to_contain_text(f"{CHANNEL_LABELS[name]}{value:.2f}")
    nearest = put.widget.recommender.catalog[hit.nearest_liked].title
    expect(dialog.locator(".ham-why")).to_contain_text(f"Closest to {nearest}, which you like")
    expect(dialog.locator("blockquote")).to_have_count(len(work.descriptions))
    expect(dialog.locator(".ham-facts")).to_contain_text(work.item_id)
    button(dialog, "Like").click()
    expect(button(dialog, "Like")).to_have_attribute("aria-pressed", "true")
    put.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    expect(button(cards(put).first, "Like")).to_have_attribute("aria-pressed", "true")


def test_the_museums_own_picture_takes_the_place_of_the_small_one(stage, monkeypatch):
    from ham_recommend.frontend import messages

    address = "https://pictures.test/large.gif"
    detail = messages.detail
    large = {"large_picture_url": address}
    monkeypatch.setattr(messages, "detail", lambda *given: {**detail(*given), **large})
    put = stage()
    pixel = bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")
    put.page.route(address, lambda route: route.fulfill(body=pixel, content_type="image/gif"))
    searched(put)
    cards(put).first.get_by_role("button", name="Details of").click()
    picture = put.page.get_by_role("dialog").locator("img")
    expect(picture).to_have_attribute("src", address)
    expect(picture).to_have_attribute("referrerpolicy", "no-referrer")


def test_an_opened_picture_is_as_large_as_its_file(stage, tmp_path):
    from PIL import Image

    from ham_recommend import FolderSource, Recommender, build

    (tmp_path / "photos").mkdir()
    Image.new("RGB", (1500, 900), "teal").save(tmp_path / "photos" / "old harbour.jpg")
    Image.new("RGB", (5000, 90), "teal").save(tmp_path / "photos" / "long harbour.jpg")
    build(FolderSource(tmp_path / "photos"), tmp_path / "out", progress=False)
    put = stage(Recommender.load(tmp_path / "out"))
    put.search("harbour")
    for name, pixels in (("old harbour", 1500), ("long harbour", 2000)):
        put.page.get_by_role("button", name=f"Details of {name}").click()
        dialog = put.page.get_by_role("dialog", name=name)
        expect(dialog.locator(".ham-large img")).to_have_js_property("naturalWidth", pixels)
        put.page.keyboard.press("Escape")


SETTLED = """
() => new Promise((done) => {
  const shown = () => document.querySelector(".ham-large img"), first = shown();
  setTimeout(() => done(first && first === shown() && first.getBoundingClientRect().width), 200);
})
"""
"""The thumbnail of an opened work has given way to its large picture."""


def test_one_comes_close_to_a_picture_and_moves_in_it(stage):
    put = stage()
    searched(put)
    cards(put).first.get_by_role("button", name="Details of").click()
    dialog = put.page.get_by_role("dialog")
    frame, picture = dialog.locator(".ham-large"), dialog.locator(".ham-large img")
    expect(dialog.locator(".ham-facts")).to_be_visible()  # what comes with them is drawn anew
    put.page.wait_for_function(
        "() => document.querySelector('.ham-large img')?.getBoundingClientRect().width"
    )
    whole = picture.bounding_box()["width"]
    button(dialog, "Come closer to the picture").click(position={"x": 30, "y": 30})
    assert picture.bounding_box()["width"] > 2 * whole
    at = "el => [el.scrollLeft, el.scrollTop]"
    before = frame.evaluate(at)
    box = frame.bounding_box()
    put.page.mouse.move(box["x"] + 200, box["y"] + 200)
    put.page.mouse.down()
    put.page.mouse.move(box["x"] + 120, box["y"] + 150, steps=4)
    put.page.mouse.up()
    assert frame.evaluate(at) == pytest.approx([before[0] + 80, before[1] + 50], abs=4)
    button(dialog, "Show the whole picture").press("Enter")
    assert picture.bounding_box()["width"] <= whole + 1
    expect(dialog).to_be_visible()


ON_TOP = """
(bar) => {
  const { left, right, top, height } = bar.getBoundingClientRect();
  const dialog = bar.closest("dialog").getBoundingClientRect();
  const opaque = !/rgba|transparent/.test(getComputedStyle(bar).backgroundColor);
  const places = Array.from({ length: 40 }, (_, at) => left + 1 + ((right - left - 2) * at) / 39);
  const covered = (x) => !bar.contains(document.elementFromPoint(x, top + height / 2));
  return { opaque, covered: places.filter(covered).length, wide: Math.round(right - left - dialog.width),
    top: Math.round(top - dialog.top), tall: height >= bar.querySelector("button").offsetHeight };
}
"""


@pytest.mark.parametrize("width", [380, 1400])
def test_the_text_of_an_opened_work_never_lies_under_its_buttons(stage, width):
    put = stage()
    put.page.set_viewport_size({"width": width, "height": 800})
    searched(put)
    cards(put).first.get_by_role("button", name="Details of").click()
    dialog = put.page.get_by_role("dialog")
    expect(dialog.locator(".ham-facts")).to_be_visible()
    expect(dialog.locator(".ham-place")).to_have_text("1 of 12")
    for down in (0, 200, 400):
        dialog.evaluate("(element, down) => { element.scrollTop = down; }", down)
        seen = dialog.locator(".ham-tools").evaluate(ON_TOP)
        bar = {"opaque": True, "covered": 0, "top": 0, "tall": True}
        assert {name: seen[name] for name in bar} == bar
        assert -20 <= seen["wide"] <= 0  # the scroll bar is beside it


def test_arrow_keys_lead_to_the_works_beside(stage):
    put = stage()
    searched(put)
    shown = titles(put)
    cards(put).first.get_by_role("button", name="Details of").press("Enter")
    dialog = put.page.get_by_role("dialog")
    expect(button(dialog, "Previous work")).to_have_attribute("aria-disabled", "true")
    place = dialog.locator(".ham-place")
    for at, title in enumerate(shown[1:3], 2):
        put.page.keyboard.press("ArrowRight")
        expect(place).to_have_text(f"{at} of 12")
        expect(dialog.get_by_role("heading", level=2)).to_have_text(title)
        expect(dialog.locator(".ham-facts")).to_be_visible()
    put.page.keyboard.press("ArrowLeft")
    expect(place).to_have_text("2 of 12")
    expect(dialog.get_by_role("heading", level=2)).to_have_text(shown[1])
    button(dialog, "Next work").click()
    expect(place).to_have_text("3 of 12")
    expect(dialog.get_by_role("heading", level=2)).to_have_text(shown[2])
    put.page.keyboard.press("Escape")
    expect(cards(put).nth(2).get_by_role("button", name="Details of")).to_be_focused()


def test_a_picture_that_does_not_load_says_so_and_can_be_tried_again(stage, tmp_path):
    from ham_recommend import Recommender, TableSource, build

    table = tmp_path / "works.csv"
    table.write_text("id,title,image\n1,Cat at sea,https://pictures.test/1.jpg\n2,Cat on land,\n")
    build(TableSource(table), tmp_path / "out", image_encoder=None, progress=False)
    put = stage(Recommender.load(tmp_path / "out"))
    pixel = bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")
    answer = {"status": 404}
    put.page.route("https://pictures.test/**", lambda route: route.fulfill(**answer))
    put.search("cat")
    sea = put.page.get_by_role("listitem", name="Cat at sea")
    expect(sea.locator(".ham-frame")).to_have_text("The picture did not load")
    expect(put.page.get_by_role("listitem", name="Cat on land").locator(".ham-frame")).to_have_text(
        "No picture"
    )
    sea.get_by_role("button", name="Details of").click()
    dialog = put.page.get_by_role("dialog")
    expect(dialog.get_by_text("The picture did not load")).to_be_visible()
    answer = {"body": pixel, "content_type": "image/gif"}
    button(dialog, "Try again").press("Enter")
    expect(dialog.locator(".ham-large img")).to_be_visible()
    expect(dialog.locator(".ham-large")).to_be_focused()
    put.faults[:] = [each for each in put.faults if "404" not in each]


def test_liked_works_without_a_picture_can_be_told_apart(stage, hostile):
    put = stage(hostile)
    searched(put, "cat", count=8)
    card = put.page.get_by_role("listitem", name="قطة السيرك cat")
    button(card, "Like").click()
    mat = put.page.get_by_role("group", name="Works you like").locator(".ham-thumb-mat")
    mat.locator(".ham-no-picture").wait_for(state="attached")
    assert mat.evaluate("el => getComputedStyle(el, '::after').content") == '"قطة السيرك cat"'


# ---- for everyone ---------------------------------------------------------------------------------------


def test_everything_works_by_keyboard(stage):
    put = stage()
    keys = put.page.keyboard
    put.page.get_by_role("searchbox").focus()
    keys.type("circus cat")
    keys.press("Enter")
    expect(cards(put)).to_have_count(12)
    tab_to(put.page, "Details of")
    keys.press("Enter")
    expect(put.page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    tab_to(put.page, "Like")
    assert put.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    keys.press("Space")
    expect(put.page.get_by_text("You like 1 work")).to_be_visible()
    tab_to(put.page, "Not for me")
    tab_to(put.page, "More like this")
    tab_to(put.page, "Show more")
    keys.press("Enter")
    expect(cards(put)).to_have_count(24)
    assert "Details of" in focused(put.page)
    tab_to(put.page, "Unlike", back=True)
    keys.press("Enter")
    expect(put.page.get_by_text("Like works to get recommendations")).to_be_visible()
    expect(put.page.locator(".ham-summary").first).to_be_focused()
    keys.press("Enter")
    expect(cards(put)).to_have_count(0)


def test_the_keyboard_keeps_its_place_when_what_it_pressed_goes_away(stage):
    put = stage()
    put.page.get_by_role("group", name="Example searches").get_by_role("button").first.press("Enter")
    expect(put.page.locator(".ham-summary").first).to_be_focused()
    button(cards(put).first, "Like").press("Enter")
    button(put.page, "Clear likes").press("Enter")
    expect(button(put.page, "Clear likes")).to_be_hidden()
    expect(put.page.locator(".ham-summary").first).to_be_focused()


def focused(page):
    return page.evaluate(
        "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
    )


def tab_to(page, name, *, back=False):
    for _ in range(150):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if name in (focused(page) or ""):
            return
    raise AssertionError(f"{name} cannot be reached with the Tab key")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(stage, scheme):
    put = stage(theme=scheme)
    states = [lambda: None, lambda: searched(put), lambda: button(cards(put).first, "Like").click()]
    states += [lambda: button(cards(put).nth(1), "Not for me").click(), lambda: searched(put, "ships")]
    states += [lambda: cards(put).first.get_by_role("button", name="Details of").click()]
    for change in states:
        change()
        put.page.wait_for_timeout(500)
        come_to_rest(put.page)
        found = Axe().run(put.page).response["violations"]
        assert [
            (each["id"], each["nodes"][0]["html"])
            for each in found
            if each["impact"] in {"serious", "critical"} or each["id"] == "heading-order"
        ] == []


@pytest.mark.parametrize("width", [360, 700, 1200, 2560])
def test_no_width_needs_scrolling_sideways(stage, width, hostile):
    put = stage(hostile)
    put.page.set_viewport_size({"width": width, "height": 900})
    searched(put, "cat", count=8)
    for at in range(8):
        button(cards(put).nth(at), "Like").click()
    cards(put).nth(3).get_by_role("button", name="Details of").click()
    assert put.page.evaluate("document.documentElement.scrollWidth") <= width
    dialog = put.page.get_by_role("dialog")
    assert dialog.evaluate("el => el.scrollWidth <= el.clientWidth")
    heights = put.page.locator(".ham-title").evaluate_all("all => all.map((each) => each.clientHeight)")
    assert max(heights) < 120


HOST = """
.host dl, .host dt, .host dd { display: block; float: left; width: 20%; overflow: hidden; font-weight: bold; }
.host button { border-radius: 3px; border: 2px solid; padding: 9px; }
.host button { letter-spacing: 5px; text-transform: uppercase; }
.host ul { list-style: disc; padding-left: 2em; margin-bottom: 1em; }
.host a:link { color: red; text-decoration: underline; }
.host h2:first-child, .host h3:first-child { font-size: 60px; margin-top: 50px; }
.host p:last-child { font-size: 7px; text-align: right; margin-bottom: 3em; }
.host blockquote { margin: 1em 2em; border-left: 5px solid; }
.host input:not([hidden]), .host select { width: 90%; background: red; }
.host svg, .host img { max-width: 3px; margin: 10px; }
.host summary, .host details { display: block; background: red; }
"""


def test_a_host_that_styles_bare_elements_changes_nothing(stage):
    put = stage()
    searched(put)
    button(cards(put).first, "Like").click()
    button(put.page, "Get recommendations").click()
    expect(put.page.locator(".ham-asked").first).to_have_text("Recommended for you")
    cards(put).first.get_by_role("button", name="Details of").click()
    expect(put.page.locator(".ham-facts")).to_be_visible()
    put.page.emulate_media(reduced_motion="reduce")
    add_snapshot(put)
    before = styles(put.page)
    put.page.add_style_tag(content=HOST)
    put.page.locator("main").evaluate("el => el.classList.add('host')")
    assert styles(put.page) == before
    assert faults(put.page.get_by_role("dialog")) == []


@pytest.mark.parametrize(
    ("style", "fault"),
    [
        (".ham-side dt { width: 8px }", "the word Culture is broken"),
        (".ham-side dl { display: block }", "Culture does not stand beside its value"),
        (".ham-side dd { margin-left: -60px }", "Department lies over"),
        (".ham-side dt { width: 30px; overflow: hidden; white-space: nowrap }", "Culture is cut off"),
        (".ham-heart { border-radius: 3px }", "Like is not round"),
        (".ham-heart { width: 60px }", "Like is not round"),
    ],
)
def test_what_is_wrong_is_seen(stage, style, fault):
    put = stage()
    searched(put)
    cards(put).first.get_by_role("button", name="Details of").click()
    expect(put.page.locator(".ham-facts")).to_be_visible()
    put.page.add_style_tag(content=f"#stage#stage {style}")
    put.page.locator("main").evaluate("el => el.id = 'stage'")
    assert fault in " ".join(faults(put.page.get_by_role("dialog")))


def styles(page):
    """Return every computed style of everything in the interface and in a snapshot beside it."""
    return page.locator(".ham *, .ham-static *").evaluate_all(
        "all => all.map((each) => [each.outerHTML.slice(0, 80), ...[...getComputedStyle(each)]"
        ".map((name) => `${name}: ${getComputedStyle(each)[name]}`)])"
    )


@pytest.mark.parametrize("width", [280, 360, 700, 768, 1200, 2560])
def test_nothing_is_broken_cut_off_or_over_another_thing(stage, width):
    put = stage()
    put.page.set_viewport_size({"width": width, "height": 900})
    searched(put)
    button(cards(put).first, "Like").click()
    button(cards(put).nth(1), "Not for me").click()
    button(put.page, "Get recommendations").click()
    expect(put.page.locator(".ham-asked").first).to_have_text("Recommended for you")
    assert faults(put.page.locator(".ham")) == []
    rows = put.page.locator(".ham-tray-works").evaluate_all("all => all.map((each) => each.clientWidth)")
    assert min(rows) >= 44, "what is liked is seen beside what is not"
    cards(put).first.get_by_role("button", name="Details of").click()
    expect(put.page.locator(".ham-facts")).to_be_visible()
    assert faults(put.page.get_by_role("dialog")) == []


def test_everything_is_large_enough_to_touch(stage):
    put = stage()
    put.page.set_viewport_size({"width": 360, "height": 800})
    searched(put)
    small = put.page.locator(".ham button, .ham a, .ham summary, .ham select, .ham input:not([role])")
    heights = small.evaluate_all(
        "all => all.filter((each) => each.offsetParent).map((each) => each.getBoundingClientRect().height)"
    )
    assert min(heights) >= 24


def test_right_to_left_titles_read_from_the_right(stage, hostile):
    put = stage(hostile)
    searched(put, "cat", count=8)
    title = put.page.locator(".ham-title", has_text="قطة")
    assert title.evaluate("el => getComputedStyle(el).direction") == "rtl"


def test_motion_stops_for_those_who_ask(stage):
    put = stage()
    put.page.emulate_media(reduced_motion="reduce")
    searched(put)
    names = "all => [...new Set(all.map((each) => getComputedStyle(each).animationName))]"
    assert put.page.locator(".ham *").evaluate_all(names) == ["none"]


@pytest.mark.parametrize(
    ("html", "body", "scheme"),
    [
        ("", {"data-jp-theme-light": "true"}, "light"),
        ("", {"data-jp-theme-light": "false"}, "dark"),
        ("", {"class": "vscode-dark"}, "dark"),
        ("dark", {}, "dark"),
    ],
)
def test_follows_the_theme_of_the_notebook(stage, html, body, scheme):
    put = stage()
    for name, value in body.items():
        put.page.evaluate("([name, value]) => document.body.setAttribute(name, value)", [name, value])
    if html:
        put.page.evaluate("(theme) => document.documentElement.setAttribute('theme', theme)", html)
    assert put.page.locator(".ham").evaluate("el => getComputedStyle(el).colorScheme") == scheme


def test_fills_its_place_in_a_row_of_widgets(stage):
    put = stage()
    put.page.locator("main").evaluate("el => { el.style.display = 'flex'; el.append('beside'); }")
    assert put.page.locator(".ham").evaluate("el => el.clientWidth") > 900


# ---- hostile content ------------------------------------------------------------------------------------


def test_hostile_content_stays_text(stage, hostile):
    put = stage(hostile)
    searched(put, "cat", count=8)
    for at in range(8):
        button(cards(put).nth(at), "Like").click()
        cards(put).nth(at).get_by_role("button", name="Details of").click()
        expect(put.page.locator(".ham-facts")).to_be_visible()
        put.page.keyboard.press("Escape")
    button(put.page, "Get recommendations").click()
    put.search("<img src=x onerror='window.ran = 1'>\ud800</script>cat")
    expect(put.page.locator(".ham-turn")).to_have_count(3)
    put.page.wait_for_timeout(300)
    assert put.page.evaluate(CLEAR)
    assert put.page.locator(".ham script, .ham iframe, .ham [onerror], .ham [onclick]").count() == 0
    links = put.page.locator(".ham a").evaluate_all("all => all.map((each) => each.protocol)")
    assert set(links) <= {"https:"}


def test_no_markup_is_made_from_text():
    script = "".join(path.read_text() for path in STATIC.glob("*.js"))
    for door in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "DOMParser",
        "eval(",
        "Function(",
    ):
        assert door not in script
    assert not re.search(r"\bfetch\(|XMLHttpRequest|https?://(?!www\.w3\.org/2000/svg)", script)


# ---- findings -------------------------------------------------------------------------------------------


def add_snapshot(put):
    """Put the session's static output beside the widget, as another output of the notebook."""
    put.page.locator("main").evaluate(
        "(el, html) => el.append(document.createRange().createContextualFragment(html))",
        html_fragment(put.widget.session),
    )


def test_a_snapshot_beside_the_widget_keeps_its_columns(stage):
    put = stage()
    searched(put)
    add_snapshot(put)
    figures = put.page.locator(".ham-static figure")
    expect(figures).to_have_count(12)
    wide = "all => all.filter((each) => each.scrollWidth > each.clientWidth).length"
    assert figures.evaluate_all(wide) == 0


@pytest.mark.parametrize(
    ("label", "ending"), [("HTML", "html"), ("CSV", "csv"), ("JSON", "json"), ("Markdown", "md")]
)
def test_findings_are_one_click_away(stage, tmp_path, label, ending):
    put = stage()
    searched(put)
    with put.page.expect_download() as download:
        button(put.page, f"Save as {label}").click()
    assert download.value.suggested_filename == f"sample.{ending}"
    saved = tmp_path / "saved"
    download.value.save_as(saved)
    assert "circus cat" in saved.read_text("utf-8")


def test_a_part_of_the_findings_can_be_kept(stage, tmp_path):
    put = stage()
    searched(put)
    searched(put, "ships")
    part = put.page.get_by_role("combobox", name="What to keep")
    for choice, asked in (("the newest list", ["ships"]), ("the works you like", [])):
        part.select_option(choice)
        with put.page.expect_download() as download:
            button(put.page, "Save as JSON").click()
        download.value.save_as(tmp_path / "saved")
        assert [turn["text"] for turn in json.loads((tmp_path / "saved").read_text())["turns"]] == asked
