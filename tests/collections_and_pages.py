"""What tests of the front end and of the widget share: a small collection, a hostile one, and a browser."""

from __future__ import annotations

import csv
import time

import pytest

PATIENCE = 20_000  # milliseconds; two test processes and their browsers share two processors
SCRIPT = "<script>window.ran = 1</script>"
HANDLER = '"><img src=x onerror="window.ran = 1">'
HOSTILE = {
    "title": [
        f"Cat {SCRIPT}",
        f"Cat {HANDLER}",
        "Cat </script><script>window.ran = 1</script></title></style>",
        "Cat " + "w" * 10_000,
        "Cat \u202egnp.exe\u202c \u2066\u0007\u001b[31m",
        "=HYPERLINK(“https://evil.test”) cat",
        "قطة السيرك cat",
        "-->]]>`*_{}[]()#+-.!| cat",
    ],
    "artist": [
        HANDLER,
        SCRIPT,
        "+cmd|' /C calc'!A0",
        "@SUM(1+1)",
        "\x00\x01",
        "",
        "מִרְיָם",
        "'; DROP TABLE works; --",
    ],
    "description": [
        f"A cat. {SCRIPT} {HANDLER}",
        "A cat &lt;script&gt;window.ran = 1&lt;/script&gt;",
        *["A cat."] * 6,
    ],
    "url": [
        "javascript:window.ran = 1",
        "data:text/html,<script>window.ran = 1</script>",
        'https://museum.test/"onclick="window.ran = 1',
        "https://museum.test/</script>",
        "//museum.test/x",
        "https://museum.test/ok?a=1&b=<2>",
        " javascript:window.ran=1",
        "vbscript:x",
    ],
    "image": ["javascript:window.ran = 1", 'https://pictures.test/1.jpg"onerror="window.ran = 1', *[""] * 6],
    "credit": [HANDLER, SCRIPT, *["Gift"] * 6],
}


@pytest.fixture(scope="session")
def museum(tmp_path_factory):
    """Build a procedural museum of 240 works; return the folder."""
    yield from sample_in(tmp_path_factory.mktemp("collections") / "sample", count=240)


@pytest.fixture(scope="session")
def whole_sample(tmp_path_factory):
    """Build the procedural museum as the demo does; return the folder.

    That takes long: who asks for it has a place in a row of ``shares.py``.
    """
    yield from sample_in(tmp_path_factory.mktemp("whole") / "sample")


def sample_in(folder, **options):
    from ham_recommend import SampleSource, build

    build(SampleSource(**options), folder, progress=False)
    before = (folder / "manifest.json").read_bytes()
    yield folder
    assert (folder / "manifest.json").read_bytes() == before, "a test wrote into what all tests share"


@pytest.fixture(scope="session")
def recommender(museum):
    from ham_recommend import Recommender

    return Recommender.load(museum)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """Build a collection whose every text attacks the page; return its recommender."""
    from ham_recommend import Recommender, TableSource, build

    folder = tmp_path_factory.mktemp("hostile")
    table = folder / "works.csv"
    with table.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "date", "classification", *HOSTILE])
        for at in range(8):
            rows.writerow(
                [f"{at}{HANDLER}", "c. 1650 <b>", SCRIPT, *(values[at] for values in HOSTILE.values())]
            )
    build(TableSource(table), folder / "out", progress=False)
    return Recommender.load(folder / "out")


@pytest.fixture(scope="session")
def browser(chromium):
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1200, "height": 900}, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def until(page, true):
    """Wait until something is true that is not on the page, which goes on meanwhile."""
    end = time.monotonic() + PATIENCE / 1000
    while not true():
        assert time.monotonic() < end
        page.wait_for_timeout(50)


def come_to_rest(page):
    """Wait until nothing on a page fades or moves, but for what never ends: half faded, no text is plain."""
    page.evaluate(
        """() => Promise.allSettled(document.getAnimations()
            .filter((each) => each.playState === "running" && each.effect.getTiming().iterations !== Infinity)
            .map((each) => each.finished))"""
    )
