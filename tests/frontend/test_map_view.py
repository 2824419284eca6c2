"""The map: what the conversation tells, and what one sees and does in a browser."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from collections_and_pages import PATIENCE, until
from playwright.sync_api import expect

import ham_recommend as ham
from ham_recommend import HAM_recommend, Recommender, Session
from ham_recommend.analysis.map import Map
from ham_recommend.frontend import Conversation, messages

SOFTWARE = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@pytest.fixture(scope="module")
def mapped(museum, tmp_path_factory):
    """Copy the small collection, lay it out by PCA, which takes no time; return its recommender."""
    folder = tmp_path_factory.mktemp("mapped") / "sample"
    shutil.copytree(museum, folder)
    recommender = Recommender.load(folder)
    for vectors in (None, "text"):
        Map.fresh(recommender, vectors=vectors, method="pca").build(keep=True)
    return Recommender.load(folder)


# ---- the conversation -------------------------------------------------------------------------------------


@pytest.fixture
def ask(mapped):
    sent = []
    talk = Conversation(Session(mapped), lambda message, buffers: sent.append((message, buffers)))

    def asked(kind, **event):
        sent.clear()
        talk.receive({"type": kind, **event})
        return sent[-1]

    asked.talk = talk
    return asked


def test_the_map_comes_with_eight_bytes_for_each_work(ask, mapped):
    told, (points,) = ask("map", view="a")
    found = ham.map(mapped)
    assert (told["type"], told["view"], told["trouble"], told["vectors"]) == ("map", "a", "", "style")
    assert len(points) == 8 * told["works"] == 8 * len(found)
    cells = np.frombuffer(points, "<u2").reshape(-1, 4)[:, :2].astype(int) + told["origin"]
    assert (cells == found.cells).all()
    assert [name for name, _ in told["choices"]] == ["style", "text"]
    assert "lack a picture" in told["note"]


def test_tiles_works_and_places_come_by_their_numbers(ask, mapped):
    told, pages = ask("map_tiles", vectors="style", names=["16-0", "64-0"])
    assert told["names"] == ["16-0", "64-0"]
    assert all(page.startswith(b"\xff\xd8\xff") for page in pages)
    told, _ = ask("map_works", vectors="style", rows=[3, 1, 9_999, -1])
    ids = [work["item_id"] for work in told["works"]]
    assert (told["rows"], ids) == ([3, 1], ham.map(mapped).ids_at([3, 1]))
    told, _ = ask("map_places", vectors="style", item_ids=[*ids, "sample:nobody"])
    assert (told["rows"], [work["item_id"] for work in told["works"]]) == ([3, 1], ids)


def test_a_turn_lights_up_its_works_and_others_that_answer_it(ask, mapped):
    ask("search", text="circus cat", request="r")
    turn = ask.talk.session.turns[-1]
    told, _ = ask("map_turn", vectors="style", turn_id=turn.turn_id)
    found = ham.map(mapped)
    own = [each for each in turn.ranking.item_ids if found.rows_of([each])]
    assert found.ids_at(told["rows"]) == own
    assert told["further"]
    assert not set(told["rows"]) & set(told["further"])
    ask("similar", item_id=own[0], request="s")
    told, _ = ask("map_turn", vectors="style", turn_id=ask.talk.session.turns[-1].turn_id)
    assert told["start"] == found.rows_of(own[:1])[0]


def test_a_lasso_selects_and_an_empty_one_lets_go(ask, mapped):
    told, _ = ask("lasso", vectors="style", polygon=[[-1, -1], [999, -1], [999, 999], [-1, 999]])
    assert told["works"] == len(ask.talk.selected) == len(ham.map(mapped))
    told, _ = ask("lasso", vectors="style", polygon=[])
    assert (told["works"], ask.talk.selected) == (0, [])


def half(mapped):
    """Return the left half of the map as a lasso's filter says it, and the works in it."""
    found = ham.map(mapped)
    middle = float(np.median(found.cells[:, 0]))
    corners = [[-1.0, -1.0], [middle, -1.0], [middle, 999.0], [-1.0, 999.0]]
    return " ".join(["style", *(f"{x},{y}" for x, y in corners)]), found.within(corners)


def test_a_lasso_narrows_what_is_asked_and_counted(ask, mapped):
    lasso, inside = half(mapped)
    assert 10 < len(inside) < len(ham.map(mapped))
    whole = set(mapped.search("cat", 200).item_ids)
    ask("search", text="cat", where={"lasso": lasso}, request="r")
    turn = ask.talk.session.turns[-1]
    assert len(turn.ranking)
    assert set(turn.ranking.item_ids) <= set(inside)
    assert whole - set(inside)
    assert messages.filters(turn.ranking.query.where) == [f"{len(inside)} chosen works"]
    ask("more", turn_id=turn.turn_id, request="s")
    assert set(ask.talk.session.turns[-1].ranking.item_ids) == whole & set(inside)
    told, _ = ask("facets", where={"lasso": [lasso], "years": [None, None]}, view="a")
    assert told["works"] == len(inside)
    ask("browse", where={"lasso": "style 0,0 0,0.1 0.1,0"}, request="t")
    assert len(ask.talk.session.turns[-1].ranking) <= 1


@pytest.mark.parametrize(
    "lasso", ["style", "style 1,2", "style a,b c,d e,f", "clip 0,0 9,0 9,9", "\0", "style 1 2 3", [[]]]
)
def test_a_lasso_that_is_none_is_said_in_a_line(ask, lasso):
    ask.talk.receive({"type": "search", "text": "cat", "where": {"lasso": lasso}, "request": "r"})
    assert ask.talk.state.error
    assert "wrong inside" not in ask.talk.state.error
    assert ask.talk.session.turns == ()


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"type": "map_tiles", "vectors": "style", "names": ["7-0"]}, "no page"),
        ({"type": "map_tiles", "vectors": "clip", "names": []}, "clip"),
        ({"type": "lasso", "vectors": "style", "polygon": [[0, 0]]}, "3 to 2,000 corners"),
        ({"type": "lasso", "vectors": "style", "polygon": ["a", "b", "c"]}, "corners"),
        ({"type": "map_turn", "vectors": "style", "turn_id": 99}, "turn"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(ask, event, said):
    ask.talk.receive({**event, "request": "r"})
    assert said in ask.talk.state.error


def test_a_large_collection_without_a_map_says_how_to_make_it(museum, tmp_path, monkeypatch):
    monkeypatch.setattr("ham_recommend.analysis.map.WITHOUT_ASKING", 10)
    sent = []
    shutil.copytree(museum, tmp_path / "large")
    talk = Conversation(Session(Recommender.load(tmp_path / "large")), lambda *each: sent.append(each))
    talk.receive({"type": "map"})
    assert "ham map build" in sent[-1][0]["trouble"]


# ---- in a browser -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def painting_browser(browser, chromium):
    """Start a browser that draws by WebGL without a graphics card."""
    painting = browser.browser_type.launch(executable_path=chromium, args=SOFTWARE)
    yield painting
    painting.close()


@pytest.fixture
def show(painting_browser, mapped, tmp_path):
    """Return a function that puts a widget with its map on a page."""
    from stage import Stage

    contexts, stages = [], []

    def shown(width=1200, height=900, **options):
        context = painting_browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", **options
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        widget = HAM_recommend(mapped, sessions=tmp_path)
        widget.show_map()
        stage = Stage(context.new_page(), widget)
        stages.append(stage)
        listed(stage).first.wait_for()
        return stage

    yield shown
    for context in contexts:
        context.close()
    assert [fault for stage in stages for fault in stage.faults if "ReadPixels" not in fault] == []


def listed(stage):
    return stage.page.locator(".ham-map-rows li")


def heading(stage):
    return stage.page.locator(".ham-map-heading")


def surface(stage):
    return stage.page.locator(".ham-map-surface")


def spot_of(stage, row):
    """Return where on the page a work lies while all of the map is seen."""
    found = ham.map(stage.widget.recommender)
    box = surface(stage).bounding_box()
    (columns, rows), (left, top) = found.size, found.origin
    cell = min(160, box["width"] / (columns + 2), box["height"] / (rows + 2))
    x, y = found.cells[row] - (left, top) + 0.5 - (columns / 2, rows / 2)
    return box["x"] + box["width"] / 2 + x * cell, box["y"] + box["height"] / 2 + y * cell


def colour_at(stage, x, y):
    """Return the mean colour of a few pixels of the page."""
    import io

    from PIL import Image

    clip = {"x": round(x) - 2, "y": round(y) - 2, "width": 5, "height": 5}
    picture = Image.open(io.BytesIO(stage.page.screenshot(clip=clip))).convert("RGB")
    return np.asarray(picture, float).mean(axis=(0, 1))


@pytest.mark.browser
@pytest.mark.slow
def test_every_work_is_its_picture_at_its_place(show):
    stage = show()
    found = ham.map(stage.widget.recommender)
    stage.page.wait_for_timeout(600)
    stage.page.add_style_tag(content=".ham-map-labels { visibility: hidden }")
    colours = found.kept.tints.colours.astype(float)
    near = []
    for row in range(0, len(found), 12):
        shown = colour_at(stage, *spot_of(stage, row))
        near.append(np.abs(shown - colours[row]).mean())
    assert np.median(near) < 40, "the middle of a picture is somewhat like the mean of it"
    sea = colour_at(stage, *(surface(stage).bounding_box()[side] + 60 for side in ("x", "y")))
    assert np.ptp(sea) < 8
    assert stage.page.locator(".ham-map-label.ham-shown").count() >= 3


@pytest.mark.browser
@pytest.mark.slow
def test_a_click_opens_the_work_that_lies_there(show):
    stage = show()
    found = ham.map(stage.widget.recommender)
    row = found.rows_of(found.ids_at(range(len(found))))[len(found) // 2]
    stage.page.mouse.click(*spot_of(stage, row))
    title = stage.widget.recommender.catalog[found.ids_at([row])[0]].title
    expect(stage.page.locator(".ham-detail-title")).to_have_text(title)


@pytest.mark.browser
@pytest.mark.slow
def test_the_keyboard_moves_the_map_and_opens_the_work_in_the_middle(show):
    stage = show()
    expect(surface(stage)).to_be_focused()
    for key in ("+", "+", "+", "ArrowRight", "ArrowDown"):
        stage.page.keyboard.press(key)
    expect(heading(stage)).to_contain_text("Near the middle")
    stage.page.wait_for_timeout(500)
    first = listed(stage).first.locator(".ham-row-title").inner_text()
    stage.page.keyboard.press("Enter")
    expect(stage.page.locator(".ham-detail-title")).to_have_text(first)
    stage.page.keyboard.press("Escape")
    stage.page.keyboard.press("Home")


@pytest.mark.browser
@pytest.mark.slow
def test_answers_light_up_and_the_list_is_theirs(show):
    stage = show()
    stage.search("circus cat")
    expect(heading(stage)).to_contain_text("answers on the map")
    turn = stage.widget.session.turns[-1]
    titles = [
        hit.work.title for hit in turn.ranking if ham.map(stage.widget.recommender).rows_of([hit.item_id])
    ]
    assert listed(stage).locator(".ham-row-title").all_inner_texts()[: len(titles)] == titles
    button = stage.page.get_by_role("button", name="Where they lie")
    button.click()
    expect(stage.page.get_by_role("button", name="Gather them")).to_be_visible()
    stage.page.get_by_role("button", name="Show all", exact=True).click()
    expect(heading(stage)).to_contain_text("Near the middle")


@pytest.mark.browser
@pytest.mark.slow
def test_a_lasso_becomes_a_table_and_a_set(show):
    stage = show()
    view = stage.widget.show_map()
    stage.push()
    assert len(view.selected) == 0
    stage.page.get_by_role("button", name="Lasso").click()
    box = surface(stage).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    stage.page.mouse.move(x - 120, y - 120)
    stage.page.mouse.down()
    for corner in ((x + 120, y - 120), (x + 120, y + 120), (x - 120, y + 120), (x - 120, y - 60)):
        stage.page.mouse.move(*corner, steps=6)
    stage.page.mouse.up()
    expect(heading(stage)).to_contain_text("inside the lasso")
    count = len(view.selected)
    assert 5 < count < len(ham.map(stage.widget.recommender))
    assert {"item_id", "title"} <= set(view.selected.columns)
    expect(heading(stage)).to_have_text(f"{count} works inside the lasso")
    stage.page.get_by_text("Put into a set").last.click()
    stage.page.get_by_label("Name of a new set").last.fill("middle")
    stage.page.get_by_role("button", name="Add", exact=True).last.click()
    chosen = tuple(view.selected["item_id"])
    until(stage.page, lambda: "middle" in stage.widget.session.sets)
    assert stage.widget.session.sets["middle"].item_ids == chosen
    stage.page.get_by_role("button", name="Search only these").click()
    chip = stage.page.get_by_role("group", name="Filters").get_by_text(f"{count} works of the map")
    expect(chip).to_be_visible()
    stage.search("cat")
    expect(heading(stage)).to_contain_text("on the map")
    assert set(stage.widget.session.turns[-1].ranking.item_ids) <= set(chosen)
    stage.page.get_by_role("button", name=f"Without {count} works of the map").click()
    expect(chip).to_be_hidden()
    until(stage.page, lambda: not stage.widget.session.turns[-1].ranking.query.where)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("size", "scheme"), [((1200, 900), "light"), ((390, 800), "dark")])
def test_nothing_is_in_anybodys_way(show, size, scheme):
    stage = show(*size, color_scheme=scheme)
    assert stage.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(stage.page, options={"preload": False}).response["violations"]
    assert [each["id"] for each in found if each["impact"] in {"serious", "critical"}] == []


SEEN = """() => {
  const canvas = document.querySelector(".ham-map-canvas");
  const { width, height } = canvas;
  const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, width, height);
  const seen = [...new Uint32Array(data.buffer)].filter(Boolean);
  return { painted: seen.length / (width * height), colours: new Set(seen).size };
}"""


@pytest.mark.browser
@pytest.mark.slow
def test_without_webgl_the_map_is_flat_and_says_so(page, mapped, tmp_path):
    from stage import Stage

    page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        " return kind === 'webgl2' ? null : get.call(this, kind, ...more); };"
    )
    widget = HAM_recommend(mapped, sessions=tmp_path)
    widget.show_map()
    stage = Stage(page, widget)
    listed(stage).first.wait_for()
    expect(page.get_by_text("This browser has no WebGL 2")).to_be_visible()
    expect(page.locator(".ham-map-stage").get_by_text("WebGL")).to_have_count(0)
    page.wait_for_function(f"() => ({SEEN})().colours > 1_000")  # pictures have more than works have
    painted = page.evaluate(f"() => ({SEEN})().painted")
    assert 0.1 < painted < 0.9
    assert stage.faults == []
