"""The whole journey in real JupyterLab, in Notebook 7 and as a Voilà page, kernels and all."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from collections_and_pages import come_to_rest
from geometry import faults
from jupyter import jupyter_server, run_all, set_theme, until, write_notebook
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

START = 40_000


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """Return the folder of the Jupyter server's settings."""
    return tmp_path_factory.mktemp("jupyter")


@pytest.fixture(scope="module")
def server(settings, tmp_path_factory):
    """Return the address of a Jupyter server and the folder of its notebooks."""
    root = tmp_path_factory.mktemp("notebooks")
    with jupyter_server(settings, root) as address:
        yield address, root


@pytest.fixture
def notebook(server, museum):
    """Return a function that writes a notebook and returns its name."""
    _, root = server

    def write(name, *cells, session):
        arguments = f"{str(museum)!r}, session={session!r}"
        sources = [f"from ham_recommend import HAM_recommend\nw = HAM_recommend({arguments})\nw", *cells]
        write_notebook(root / name, *sources)
        return name

    return write


def button(scope, name):
    return scope.get_by_role("button", name=name, exact=True)


def restart_and_run_all(page):
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel and Run All Cells…").click()
    button(page, "Confirm Kernel Restart").click()


def search(page, text):
    field = page.get_by_role("searchbox", name="Search the collection")
    field.wait_for(timeout=START)
    field.fill(text)
    field.press("Enter")
    expect(page.locator(".ham-asked").first).to_contain_text(text)
    expect(page.get_by_role("listitem").filter(has=button(page, "Like"))).to_have_count(12)


def shown(page):
    return page.get_by_role("listitem").filter(has=button(page, "Like"))


def titles(page):
    return page.locator(".ham-card .ham-title").all_text_contents()


def test_the_journey_in_jupyterlab(page, server, notebook):
    address, root = server
    name = notebook("journey.ipynb", "w.export('findings.html'); w.export('findings.csv')", session="journey")
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{address}/lab/tree/{name}?reset")
    run_all(page)

    search(page, "circus cat")
    for at in (0, 1):
        button(shown(page).nth(at), "Like").click()
    first_titles = titles(page)
    button(page, "Get recommendations").click()
    expect(page.locator(".ham-asked").first).to_have_text("Recommended for you")
    expect(page.locator(".ham-about").first).to_contain_text(f"from {first_titles[0]} and {first_titles[1]}")
    expect(shown(page)).to_have_count(12)

    liked = page.get_by_role("group", name="Works you like").get_by_role("button", name="Unlike")
    liked.first.click()
    expect(liked).to_have_count(1)
    for at in (2, 5):
        button(shown(page).nth(at), "Like").click()
    expect(page.get_by_text("You like 3 works")).to_be_visible()
    button(page, "Get recommendations").click()
    expect(page.locator("details.ham-turn")).to_have_count(3)
    expect(shown(page)).to_have_count(12)
    button(page, "Clear likes").click()
    expect(button(page, "Get recommendations")).to_be_disabled()

    top = page.locator("details.ham-turn > summary").first
    top.click()
    expect(shown(page)).to_have_count(0)
    top.click()
    expect(shown(page)).to_have_count(12)
    like = button(shown(page).first, "Like")
    like.press("Space")
    expect(like).to_have_attribute("aria-pressed", "true")
    for key in ("d", "d", "a", "x"):  # the notebook's own shortcuts: delete the cell, insert one, cut it
        like.press(key)
    like.press("Enter")
    expect(like).to_have_attribute("aria-pressed", "false")
    like.press("Enter")
    expect(page.get_by_text("You like 1 work")).to_be_visible()
    assert page.locator(".jp-CodeCell").count() == 2

    before = titles(page)
    until((root / "findings.csv").exists)
    (root / "findings.csv").unlink()
    restart_and_run_all(page)
    expect(page.locator("details.ham-turn")).to_have_count(3, timeout=START)
    expect(shown(page)).to_have_count(12)
    expect(page.get_by_text("You like 1 work")).to_be_visible()
    assert titles(page) == before

    until((root / "findings.csv").exists)
    assert (root / "findings.csv").read_text("utf-8-sig").startswith("turn,")
    page.goto((root / "findings.html").as_uri())
    assert page.locator("section").count() == 4
    assert page.locator("figure").count() == 37
    page.wait_for_function("[...document.images].some((each) => each.naturalWidth > 0)")
    assert faults == []


def test_when_the_kernel_ends_it_says_so_and_a_reopened_notebook_shows_the_last_results(
    page, server, notebook
):
    address, root = server
    name = notebook("stopped.ipynb", session="stopped")
    page.goto(f"{address}/lab/tree/{name}?reset")
    run_all(page)
    search(page, "circus cat")
    page.wait_for_timeout(1_000)
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_role("menuitem", name="Save Notebook").first.click()
    until(lambda: "circus cat" in (root / name).read_text())
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel…").click()
    button(page, "Confirm Kernel Restart").click()
    expect(page.get_by_role("alert").filter(has_text="Python has stopped")).to_be_visible(timeout=START)
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Shut Down Kernel").click()
    page.goto(f"{address}/lab/tree/{name}?reset")
    expect(page.locator(".ham-fallback figure")).to_have_count(12, timeout=START)
    expect(page.locator(".ham-fallback")).to_be_visible()
    expect(page.get_by_text("model not found")).to_be_hidden()


WIDTHS = (380, 760, 1280, 2560)
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 17, 17)"}


CUT_BY = """
(root) => {
  const cut = [];
  for (let each = root.parentElement; !each.matches(".jp-Cell, body"); each = each.parentElement)
    if (each.scrollHeight > each.clientHeight + 1 && getComputedStyle(each).overflowY !== "visible")
      cut.push(each.className);
  return cut;
}
"""


def looks_right(page, element):
    """See at every width that nothing is broken, cut off or over another thing, and that texts stand out."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        assert (width, faults(element)) == (width, [])
    come_to_rest(page)
    found = Axe().run(page, context=".ham", options={"runOnly": ["color-contrast"]}).response["violations"]
    assert [node["html"] for each in found for node in each["nodes"]] == []


def open_in(page, server, notebook, host, theme):
    """Open a notebook in a host and run it."""
    address, _ = server
    name = notebook(f"{host}-{theme}.ipynb", session=f"{host} {theme}")
    if host == "voila":
        return page.goto(f"{address}/voila/render/{name}?theme={theme}", timeout=START)
    page.goto(f"{address}/lab/tree/{name}?reset" if host == "lab" else f"{address}/notebooks/{name}")
    run_all(page)
    if host == "lab":  # its list of files takes a third of the screen
        page.locator(".jp-DirListing").first.wait_for()
        page.keyboard.press("Control+b")
    return None


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("host", ["lab", "notebook", "voila"])
def test_everything_looks_right(page, server, settings, notebook, host, theme):
    set_theme(settings, THEMES[theme])
    open_in(page, server, notebook, host, theme)
    search(page, "circus cat")
    button(shown(page).first, "Like").click()
    button(page, "Get recommendations").click()
    expect(page.locator("details.ham-turn")).to_have_count(2)
    expect(page.locator(".ham-asked").first).to_have_text("Recommended for you")
    page.wait_for_function("document.querySelectorAll('.ham-card img').length > 0")
    looks_right(page, page.locator(".ham"))
    assert page.locator(".ham").evaluate(CUT_BY) == []
    shown(page).first.get_by_role("button", name="Details of").click()
    opened = page.get_by_role("dialog", name=titles(page)[0])
    expect(opened.locator("dt", has_text="Identifier")).to_be_visible()
    looks_right(page, opened)
    assert opened.evaluate("el => getComputedStyle(el).backgroundColor") == PAPER[theme]
    set_theme(settings, THEMES["light"])


@pytest.mark.parametrize("with_defaults", [True, False])
def test_no_news_cover_the_demo(page, tmp_path, with_defaults):
    from pathlib import Path

    (tmp_path / "settings").mkdir()
    defaults = Path(__file__).parents[2] / "notebooks" / "jupyterlab.json"
    if with_defaults:
        (tmp_path / "settings" / "overrides.json").write_bytes(defaults.read_bytes())
    with jupyter_server(tmp_path / "home", tmp_path, tmp_path / "settings") as address:
        page.goto(f"{address}/lab?reset")
        page.get_by_role("menuitem", name="File", exact=True).wait_for(timeout=START)
        question = page.get_by_text("Would you like to get notified about official Jupyter news?")
        if with_defaults:
            page.wait_for_timeout(4_000)
            expect(question).to_have_count(0)
        else:
            expect(question).to_be_visible(timeout=START)
