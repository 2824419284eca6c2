"""Named sets, two turns side by side and citations, as events and messages and in a real Chromium."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from collections_and_pages import come_to_rest
from geometry import faults
from playwright.sync_api import expect
from test_conversation import Talk

from ham_recommend import Session
from ham_recommend.frontend import export
from ham_recommend.frontend.findings import Findings


@pytest.fixture
def talk(recommender):
    talk = Talk(Session(recommender))
    talk.say("search", text="circus cat")
    return talk


# ---- the conversation -------------------------------------------------------------------------------------


def test_a_set_is_made_changed_and_undone(talk):
    first, second, third, *_ = talk.shown()
    (told,) = talk.say("add_to_set", name="slides", item_ids=[first, second])
    assert (told["type"], told["name"], told["view"]) == ("set", "slides", None)
    assert [work["item_id"] for work in told["works"]] == [first, second]
    assert talk.state.sets == (("slides", (first, second)),)
    assert talk.state.sets_undoable
    (told,) = talk.say("note_set", name="slides", note="week 2", item_id=second)
    assert [work["note"] for work in told["works"]] == ["", "week 2"]
    (told,) = talk.say("note_set", name="slides", note="for the class")
    assert told["note"] == "for the class"
    (told,) = talk.say("arrange_set", name="slides", item_ids=[second])
    assert [work["item_id"] for work in told["works"]] == [second, first]
    (told,) = talk.say("rename_set", name="slides", to="Monday")
    assert told["name"] == "Monday"
    assert talk.state.sets == (("Monday", (second, first)),)
    (told,) = talk.say("undo_sets")
    assert told["name"] == "slides"
    (told,) = talk.say("undo_sets")
    assert [work["item_id"] for work in told["works"]] == [first, second]
    (told,) = talk.say("remove_from_set", name="slides", item_ids=[first, third])
    assert [work["item_id"] for work in told["works"]] == [second]
    assert talk.say("delete_set", name="slides") == []
    assert talk.state.sets == ()
    (told,) = talk.say("undo_sets")
    assert talk.state.sets == (("slides", (second,)),)


def test_what_cannot_be_done_to_a_set_is_an_error_in_words(talk):
    talk.say("add_to_set", name="slides", item_ids=talk.shown()[:1])
    for event in (
        {"kind": "add_to_set", "name": "x" * 61, "item_ids": []},
        {"kind": "add_to_set", "name": "slides", "item_ids": ["m:nowhere"]},
        {"kind": "rename_set", "name": "slide", "to": "x"},
        {"kind": "note_set", "name": "slides", "note": "x" * 5_001},
        {"kind": "set", "name": "nothing"},
        {"kind": "compare", "turn_ids": [1]},
        {"kind": "compare", "turn_ids": [1, 99]},
        {"kind": "cite"},
        {"kind": "cite", "item_id": "m:nowhere"},
    ):
        kind = event.pop("kind")
        talk.say(kind, **event, request="r")
        assert talk.state.error, kind
        assert talk.state.sets == (("slides", tuple(talk.shown()[:1])),)
    talk.say("set", name="slides", request="r")
    assert talk.state.error == ""


def test_a_set_is_shown_to_the_view_that_asks(talk):
    talk.say("add_to_set", name="slides", item_ids=talk.shown()[:2])
    (told,) = talk.say("set", name="slides", view="v7")
    assert told["view"] == "v7"
    assert {"item_id", "title", "artist", "date", "picture_url", "note"} <= told["works"][0].keys()


def test_what_code_did_to_the_sets_is_shown_after_a_refresh(talk):
    talk.session.sets.add("slides", talk.shown()[0])
    talk.conversation.refresh()
    (told,) = talk.take()
    assert told["name"] == "slides"
    assert talk.state.sets == (("slides", (talk.shown()[0],)),)
    talk.conversation.reset()
    talk.take()
    assert (talk.state.sets, talk.state.turns, talk.state.liked_ids) == ((), (), ())


def test_two_turns_side_by_side(talk):
    talk.say("search", text="cat in a tent")
    (told,) = talk.say("compare", turn_ids=[1, 2], view="v1")
    one, other = talk.shown(0), talk.shown(1)
    assert (told["first"]["turn_id"], told["second"]["turn_id"], told["view"]) == (1, 2, "v1")
    places = {work["item_id"]: (work["first"], work["second"]) for work in told["works"]}
    assert places == {
        item: tuple(ids.index(item) + 1 if item in ids else None for ids in (one, other))
        for item in dict.fromkeys([*one, *other])
    }
    assert told["overlap"] == round(len({*one} & {*other}) / len({*one, *other}), 4)


def test_a_work_and_a_turn_are_cited(talk):
    item_id = talk.shown()[0]
    (told,) = talk.say("cite", item_id=item_id, view="v1")
    assert [text["label"] for text in told["texts"]] == ["Plain text", "BibTeX", "CSL-JSON"]
    assert "Sample Museum" in told["texts"][0]["text"]
    assert json.loads(told["texts"][2]["text"])[0]["id"] == item_id
    talk.say("search", text="circus cat")
    for turn_id in (1, 2):
        (told,) = talk.say("cite", turn_id=turn_id)
        texts = {text["label"]: text["text"] for text in told["texts"]}
        digest = talk.session.recommender.workspace.manifest_sha256[:12]
        assert digest in told["note"]
        assert all(digest in text for text in texts.values())
        assert texts["Command"].startswith("ham search ")
        assert ("--exclude" in texts["Command"]) == (turn_id == 2)


def test_every_export_carries_the_sets(talk):
    first, second, *_ = talk.shown()
    talk.say("add_to_set", name="sl*des", item_ids=[first, second])
    talk.say("note_set", name="sl*des", note="=1+1 <b>for</b> `Monday`")
    talk.say("note_set", name="sl*des", note="=HYPERLINK(1)", item_id=second)
    session = talk.session
    table = list(csv.DictReader(io.StringIO(export.csv_text(Findings.of(session)).lstrip("\ufeff"))))
    rows = [row for row in table if row["kind"] == "set"]
    assert [(row["asked"], row["rank"], row["item_id"], row["note"]) for row in rows] == [
        ("sl*des", "1", first, ""),
        ("sl*des", "2", second, "'=HYPERLINK(1)"),
    ]
    assert len(table) == len(rows) + 12
    one = Findings.of(session, set_name="sl*des")
    page = export.content(one, "x.html").decode()
    assert page.count("<figure>") == 2
    assert "=1+1 &lt;b&gt;for&lt;/b&gt;" in page
    text = export.content(one, "x.md").decode()
    assert "## sl\\*des" in text
    assert "\\=HYPERLINK" in text or "=HYPERLINK\\(1\\)" in text
    alone = json.loads(export.content(one, "x.json"))
    assert (alone["turns"], alone["liked"]) == ([], [])
    copy = Session.from_json(session.recommender, json.dumps(alone))
    assert dict(copy.sets) == dict(session.sets)
    for made in (page, text, json.dumps(alone)):
        assert session.recommender.workspace.manifest_sha256 in made
    (file,) = talk.say("export", format="json", set_name="sl*des")
    assert json.loads(talk.buffers[0][0])["sets"] == alone["sets"]
    assert file["name"] == "sample.json"


# ---- on a page --------------------------------------------------------------------------------------------


def searched(put, *texts):
    for text in texts:
        put.search(text)
        expect(put.page.locator(".ham-asked").first).to_contain_text(text)
        expect(put.page.locator(".ham-cards").first.get_by_role("listitem")).to_have_count(12)


def button(scope, name):
    return scope.get_by_role("button", name=name, exact=True)


@pytest.mark.browser
def test_a_set_is_made_from_a_work_noted_moved_and_undone(stage):
    put = stage()
    searched(put, "circus cat")
    ids = put.widget.session.turns[0].ranking.item_ids.tolist()
    panel = put.page.get_by_role("region", name="Sets")
    expect(panel).to_be_hidden()
    put.page.locator(".ham-card .ham-open").nth(2).click()
    dialog = put.page.get_by_role("dialog")
    dialog.get_by_text("Keep in a set").click()
    dialog.get_by_label("Name of a new set").fill("slides")
    dialog.get_by_label("Name of a new set").press("Enter")
    expect(dialog.get_by_role("checkbox", name="slides")).to_be_checked()
    dialog.get_by_label("Name of a new set").press("ArrowRight")
    expect(dialog.get_by_role("checkbox", name="slides")).to_be_checked()
    dialog.get_by_role("checkbox", name="slides").uncheck()
    expect(dialog.get_by_role("checkbox", name="slides")).not_to_be_checked()
    dialog.get_by_role("checkbox", name="slides").check()
    put.page.keyboard.press("Escape")
    put.page.get_by_text("Keep all of these in a set").click()
    box = put.page.locator(".ham-below").get_by_role("checkbox", name="slides")
    assert box.evaluate("box => box.indeterminate")
    box.click()
    expect(box).to_be_checked()
    order = [ids[2], *ids[:2], *ids[3:]]
    assert list(put.widget.session.sets["slides"].item_ids) == order
    button(panel, "slides 12").click()
    rows = panel.get_by_role("listitem")
    expect(rows).to_have_count(12)
    panel.get_by_label("Note on the set").fill("for Monday")
    panel.get_by_label("Note on the set").press("Tab")
    rows.nth(1).get_by_role("textbox").fill("first slide")
    rows.nth(1).get_by_role("button", name="forward").click()
    expect(rows.nth(0).get_by_role("textbox")).to_have_value("first slide")
    expect(rows.nth(0).get_by_role("button", name="forward")).to_be_focused()
    rows.nth(3).get_by_role("button", name="Take").click()
    expect(rows).to_have_count(11)
    kept = put.widget.session.sets["slides"]
    assert (kept.note, kept.item_ids[0], kept.notes[kept.item_ids[0]]) == (
        "for Monday",
        order[1],
        "first slide",
    )
    button(panel, "Undo").click()
    expect(rows).to_have_count(12)
    panel.get_by_label("Name of the set").fill("Montag")
    panel.get_by_label("Name of the set").press("Enter")
    expect(button(panel, "Montag 12")).to_have_attribute("aria-expanded", "true")
    expect(rows).to_have_count(12)
    with put.page.expect_download() as download:
        button(panel, "Save the set as CSV").click()
    assert download.value.suggested_filename == "sample.csv"
    button(panel, "Delete set").click()
    expect(rows).to_have_count(0)
    expect(button(panel, "Undo")).to_be_visible()


@pytest.mark.browser
def test_two_lists_are_compared_and_a_search_is_cited(stage):
    put = stage()
    searched(put, "ship", "circus cat", "cat in a tent")
    select = put.page.get_by_label("Compare with another list").first
    select.focus()
    expect(select.locator("option")).to_have_text(["Compare with…", "“circus cat”", "“ship”"])
    select.select_option("“circus cat”")
    dialog = put.page.get_by_role("dialog", name="Side by side")
    lists = dialog.get_by_role("list")
    expect(lists.nth(0).get_by_role("listitem")).to_have_count(12)
    first, second = (turn.ranking.item_ids.tolist() for turn in reversed(put.widget.session.turns[1:]))
    both = sum(item in second for item in first)
    expect(dialog.locator(".ham-note")).to_contain_text("in both lists" if both else "No work is in both")
    expect(lists.nth(1).get_by_text("only here")).to_have_count(12 - both)
    assert faults(dialog) == []
    put.page.keyboard.press("Escape")
    put.page.get_by_role("button", name="Cite or repeat").first.click()
    dialog = put.page.get_by_role("dialog", name="Cite or repeat")
    expect(dialog.get_by_role("heading", level=3)).to_have_text(["Plain text", "Python", "Command"])
    put.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    copy = button(dialog, "Copy: Command")
    copy.click()
    expect(copy).to_have_text(re.compile("Copied|Selected"))
    command = dialog.get_by_label("Command", exact=True).text_content()
    assert faults(dialog) == []
    put.page.keyboard.press("Escape")
    field = put.page.get_by_role("searchbox")
    field.fill("")
    field.press("ControlOrMeta+v")
    expect(field).to_have_value(command)


@pytest.mark.browser
def test_pictures_come_side_by_side_where_the_notebook_scrolls_inside_the_page(stage):
    put = stage()
    put.page.add_style_tag(content="main { height: 500px; overflow: auto }")
    searched(put, "circus cat", "cat in a tent")
    put.page.get_by_label("Compare with another list").first.select_option("“circus cat”")
    dialog = put.page.get_by_role("dialog", name="Side by side")
    expect(dialog.locator("li").first).to_be_visible()
    expect(dialog.locator(".ham-compared").get_by_role("listitem").first.locator("img")).to_be_visible()
    put.page.keyboard.press("Escape")


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1400])
def test_pictures_that_do_not_load_break_nothing_where_they_are_small(stage, tmp_path, width):
    from ham_recommend import Recommender, TableSource, build

    table = tmp_path / "works.csv"
    rows = [
        f"{at},The Large Harbour Seen from the Eastern Hill {at},https://pictures.test/{at}.jpg"
        for at in range(3)
    ]
    table.write_text("\n".join(["id,title,image", *rows]))
    build(TableSource(table), tmp_path / "out", image_encoder=None, progress=False)
    put = stage(Recommender.load(tmp_path / "out"))
    put.page.set_viewport_size({"width": width, "height": 900})
    put.page.route("https://pictures.test/**", lambda route: route.fulfill(status=404))
    put.widget.session.sets.add("slides", *put.widget.recommender.catalog.item_ids.tolist())
    put.widget.search_for_text("harbour")
    put.widget.search_for_text("hill", allow_repeats=True)
    put.widget.refresh()
    put.push()
    put.page.locator(".ham-set-tab").click()
    small = put.page.locator(".ham-thumb-mat .ham-no-picture")
    expect(small).to_have_count(3)
    assert faults(put.page.locator(".ham")) == []
    words = put.page.locator(".ham-set-work .ham-title").first
    assert words.evaluate("title => title.clientWidth") >= 150
    put.page.get_by_label("Compare with another list").first.select_option(index=1)
    dialog = put.page.get_by_role("dialog", name="Side by side")
    expect(dialog.locator(".ham-no-picture")).to_have_count(6)
    assert faults(dialog) == []
    put.faults[:] = [fault for fault in put.faults if "404" not in fault]


@pytest.mark.browser
def test_the_keyboard_keeps_its_place_in_a_set_and_when_it_is_gone(stage):
    put = stage()
    searched(put, "circus cat")
    put.widget.session.sets.add("slides", *put.widget.session.turns[0].ranking.item_ids[:2].tolist())
    put.widget.refresh()
    put.push()
    panel = put.page.get_by_role("region", name="Sets")
    button(panel, "slides 2").press("Enter")
    rows, undo = panel.get_by_role("listitem"), button(panel, "Undo")
    for left in (1, 0):
        rows.first.get_by_role("button", name="Take").press("Enter")
        expect(rows).to_have_count(left)
        expect(undo).to_be_focused()
    button(panel, "Delete set").press("Enter")
    expect(panel.get_by_label("Name of the set")).to_have_count(0)
    expect(undo).to_be_focused()
    for _ in range(4):
        if undo.is_visible():
            undo.press("Enter")
            put.page.wait_for_timeout(200)
    expect(panel).to_be_hidden()
    expect(put.page.locator(".ham-summary").first).to_be_focused()


LINES = """
(element) => {
  const range = document.createRange();
  const letters = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    for (let at = 0; at < node.length; at++) {
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      letters.push([Math.round(range.getBoundingClientRect().top), node.data[at]]);
    }
  const lines = new Map();
  for (const [top, letter] of letters) lines.set(top, (lines.get(top) ?? "") + letter);
  return [...lines.values()].map((line) => line.trimEnd());
}
"""


@pytest.mark.browser
def test_lines_to_repeat_an_answer_break_where_one_can_read_on(stage):
    put = stage()
    put.page.set_viewport_size({"width": 380, "height": 900})
    searched(put, "circus cat", "circus cat in a tent")
    put.widget.like(put.widget.session.turns[0].ranking.item_ids[0])
    put.widget.search_by_likes()
    put.push()
    expect(put.page.locator(".ham-asked").first).to_have_text("Recommended for you")
    put.page.get_by_role("button", name="Cite or repeat").first.click()
    option = put.page.locator(".ham-option")
    expect(option.first).to_be_visible()
    assert set(option.evaluate_all("all => all.map((each) => each.getClientRects().length)")) == {1}
    python, command = put.page.locator(".ham-citation").all_text_contents()[1:]
    assert ".recommend(['" in python
    assert command.startswith("ham recommend ")
    assert " --manifest=" in command
    lines = put.page.locator(".ham-citation").nth(1).evaluate(LINES)
    assert not [line for line in lines if line.endswith(("['", "['s"))]


@pytest.mark.browser
def test_a_work_is_cited_where_it_is_open(stage):
    put = stage()
    searched(put, "circus cat")
    put.page.locator(".ham-card .ham-open").first.click()
    put.page.get_by_text("Cite this work").click()
    cite = put.page.locator(".ham-cite")
    expect(cite.get_by_role("heading", level=3)).to_have_text(["Plain text", "BibTeX", "CSL-JSON"])
    expect(cite.locator("pre").nth(1)).to_contain_text("@misc{sample:")


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 760, 1400])
def test_sets_are_laid_out_well_and_read_by_all(stage, theme, width):
    put = stage(theme=theme)
    put.page.set_viewport_size({"width": width, "height": 900})
    searched(put, "circus cat")
    ids = put.widget.session.turns[0].ranking.item_ids.tolist()
    put.widget.session.sets.add("candidates for an essay on masks", *ids[:4], note="a note of some length")
    put.widget.session.sets.add("s", *ids[4:6])
    put.widget.refresh()
    put.push()
    panel = put.page.get_by_role("region", name="Sets")
    panel.get_by_role("button", name="candidates").click()
    expect(panel.get_by_role("listitem")).to_have_count(4)
    put.page.get_by_text("Keep all of these in a set").click()
    assert faults(put.page.locator(".ham")) == []
    assert put.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    come_to_rest(put.page)
    found = Axe().run(put.page, context=".ham", options={"resultTypes": ["violations"]})
    serious = [
        each["id"] for each in found.response["violations"] if each["impact"] in {"serious", "critical"}
    ]
    assert serious == []


@pytest.mark.browser
def test_hostile_names_notes_and_works_run_nothing(stage, hostile):
    put = stage(hostile)
    attack = '<img src=x onerror="window.ran = 1"> "]'
    put.widget.session.sets.add(attack, *hostile.catalog.item_ids.tolist(), note=attack)
    put.widget.session.sets.note(attack, attack)
    put.widget.refresh()
    put.push()
    put.search("cat")
    expect(put.page.get_by_role("listitem")).not_to_have_count(0)
    put.page.locator(".ham-set-tab").click()
    expect(put.page.locator(".ham-set-work")).to_have_count(8)
    put.search("circus")
    expect(put.page.locator(".ham-turn")).to_have_count(2)
    put.page.locator(".ham-turn summary.ham-summary").nth(1).click()
    put.page.get_by_role("button", name="Cite or repeat").last.click()
    expect(put.page.locator(".ham-citation")).to_have_count(3)
    put.page.keyboard.press("Escape")
    put.page.locator(".ham-card .ham-open").last.click()
    put.page.get_by_text("Cite this work").click()
    expect(put.page.locator(".ham-cite .ham-citation")).to_have_count(3)
    put.page.wait_for_timeout(300)
    assert put.page.evaluate("window.ran === undefined")
    put.faults = [fault for fault in put.faults if "404" not in fault]
