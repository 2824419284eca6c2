"""Works through time: what the conversation tells, and what one sees of it in a browser."""

from __future__ import annotations

import pytest

from ham_recommend import HAM_recommend, Session
from ham_recommend.frontend import Conversation


@pytest.fixture
def sent(recommender):
    messages = []
    talk = Conversation(Session(recommender), lambda message, _buffers: messages.append(message))

    def ask(item_id, **more):
        messages.clear()
        talk.receive({"type": "through_time", "item_id": item_id, **more})
        return messages[-1]

    return ask


@pytest.fixture(scope="module")
def dated(recommender):
    """Return a work in the middle of the collection's time."""
    works = [work for work in recommender.catalog if work.thumbnail and work.year_begin and work.artist]
    return sorted(works, key=lambda work: (work.year_begin, work.item_id))[len(works) * 2 // 3].item_id


def test_earlier_works_come_before_and_echoes_after(sent, dated):
    told = sent(dated, view="a")
    assert told["type"] == "through_time"
    assert told["view"] == "a"
    assert not told["trouble"]
    middle = sum(told["years"])
    assert told["before"]
    assert all(sum(work["years"]) < middle and 0.5 < work["p_earlier"] <= 1 for work in told["before"])
    assert all(sum(work["years"]) > middle for work in told["after"])
    assert min(work["likeness"] for work in [*told["before"], *told["after"]]) > 0
    years = [sum(stop["years"]) for stop in told["tour"]]
    assert years == sorted(years)
    assert dated in [stop["item_id"] for stop in told["tour"]]
    assert "not evidence" in told["note"]


def test_a_work_without_a_place_in_time_says_why(sent, recommender):
    without = next(
        work.item_id for work in recommender.catalog if work.year_begin is None or not work.thumbnail
    )
    assert "no place in this order" in sent(without)["trouble"]


@pytest.fixture
def stage(page, recommender, tmp_path):
    from stage import Stage

    stage = Stage(page, HAM_recommend(recommender, sessions=tmp_path))
    yield stage
    assert stage.faults == []


@pytest.mark.browser
def test_bars_lie_on_the_axis_and_lines_lead_to_them(stage, dated):
    stage.widget.show_timeline(dated)
    stage.push()
    page = stage.page
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Through time").first.wait_for()
    rows = dialog.locator(".ham-rows li")
    count = rows.count()
    assert count > 5
    assert dialog.locator(".ham-lines path").count() == count - 1
    lefts = [bar.bounding_box() for bar in dialog.locator(".ham-rows .ham-when").all()]
    middles = [box["x"] + box["width"] / 2 for box in lefts]
    assert middles == sorted(middles), "rows are in the order of time, and so are their bars"
    lane = dialog.locator(".ham-rows .ham-lane").first.bounding_box()
    assert all(
        lane["x"] - 1 <= box["x"] and box["x"] + box["width"] <= lane["x"] + lane["width"] + 8
        for box in lefts
    )
    assert page.evaluate("document.querySelector('.ham-dialog[open]').scrollWidth <= innerWidth")


@pytest.mark.browser
def test_one_goes_on_and_back_by_keyboard_and_narrows_by_decades(stage, dated):
    stage.widget.show_timeline(dated)
    stage.push()
    dialog = stage.page.get_by_role("dialog")
    title = dialog.get_by_role("heading", level=2)
    first = title.inner_text()
    rows = dialog.locator(".ham-rows li")
    before = rows.count()
    handle = dialog.get_by_role("slider", name="First year")
    handle.focus()
    for _ in range(40):
        handle.press("ArrowRight")
    assert dialog.locator(".ham-rows li:visible").count() < before
    for _ in range(40):
        handle.press("ArrowLeft")
    assert dialog.locator(".ham-rows li:visible").count() == before
    other = dialog.locator(".ham-rows li.ham-before button").first
    other.focus()
    other.press("Enter")
    dialog.get_by_role("button", name="Back").wait_for()
    dialog.locator(".ham-rows li").first.wait_for()
    dialog.get_by_role("button", name="Back").press("Enter")
    dialog.locator(".ham-rows li").first.wait_for()
    assert title.inner_text() == first


@pytest.mark.browser
def test_a_tour_plays_says_where_it_is_and_stops(stage, dated):
    stage.widget.show_timeline(dated)
    stage.push()
    dialog = stage.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Play").click()
    dialog.locator(".ham-tour li[aria-current=step]").wait_for()
    assert dialog.get_by_role("status").inner_text().startswith("1 of ")
    dialog.get_by_role("button", name="Pause").click()
    assert dialog.locator(".ham-tour li[aria-current]").count() == 0


@pytest.mark.browser
def test_an_opened_work_leads_through_time(stage):
    stage.search("ship")
    stage.page.locator(".ham-open").first.click()
    stage.page.get_by_role("button", name="Through time").click()
    stage.page.locator(".ham-rows li").first.wait_for()
    stage.page.get_by_role("button", name="Open this work").first.click()
    stage.page.get_by_role("button", name="Through time").wait_for()
