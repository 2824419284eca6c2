"""How fast the widget feels: from the click to painted cards and pictures, in JupyterLab in Chromium.

Usage: python benchmarks/widget_speed.py [WORKSPACE]      (default artifacts/sample)

The clock runs in the page: it starts with the click on "Search" and stops after the frame in which the cards,
or all pictures on the screen, have been painted. Kernel, server and browser are real. The last
line says how busy the machine was with other things.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "frontend"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "widget"))
from jupyter import jupyter_server, run_all, write_notebook

from ham_recommend import HAM_recommend, Recommender

SEARCHES = (
    *(
        "circus cat",
        "ships in a storm",
        "portrait of a man",
        "blue painting",
        "moonlit water",
        "castle on a hill",
    ),
    *("still life with fruit", "vase with flowers", "dancer", "night in the city", "abstract", "woodcut"),
    *("17th century portrait", "calligraphy", "textile ornament", "jumping cat", "red circle", "hills"),
    *(
        "tiles",
        "cubist",
        "pointillist landscape",
        "family in a city",
        "Chinese vase",
        "sea",
        "tree",
        "acrobat",
    ),
    *("green", "woman", "golden light", "geometric forms"),
)
SAME = 14
TURNS = 3 * len(SEARCHES) + SAME
NO_MUSEUM = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
"""A picture that lies at a museum fails at once: how slowly a name is not found is not what is asked."""
CLOCK = """
(text) => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error(`no answer to ${text}`)), 10000);
  const root = document.querySelector(".ham"), field = root.querySelector("input[type=search]");
  const newest = () => Number(root.querySelector(".ham-turn")?.dataset.turn ?? 0);
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const before = newest(), start = performance.now();
  const seen = (card) => { const box = card.getBoundingClientRect(); return box.top < innerHeight && box.bottom > 0; };
  const pictures = async (cards) => {
    const visible = [...root.querySelectorAll(".ham-turn[open] .ham-card")].filter(seen);
    const loaded = visible.every((card) => card.querySelector(".ham-no-picture") || card.querySelector("img")?.complete);
    if (!loaded) return requestAnimationFrame(() => pictures(cards));
    await Promise.all([...root.querySelectorAll(".ham-card img")].filter((img) => img.complete).map((img) => img.decode().catch(() => 0)));
    await painted();
    const drawn = visible.filter((card) => card.querySelector("img")?.naturalWidth).length;
    resolve({ cards, pictures: performance.now() - start, drawn });
  };
  const watch = async () => {
    if (newest() === before || !root.querySelector(".ham-turn .ham-card, .ham-turn .ham-empty")) return requestAnimationFrame(watch);
    await painted();
    pictures(performance.now() - start);
  };
  field.value = text;
  root.querySelector("button[type=submit]").click();
  requestAnimationFrame(watch);
})
"""  # noqa: E501


def main() -> None:
    workspace = Path(sys.argv[1] if len(sys.argv) > 1 else "artifacts/sample").resolve()
    times, rest = measured(workspace)
    first = times[: len(SEARCHES)]
    early, late = times[:SAME], times[-SAME:]
    print(f"{'':44}{'median':>9}{'p90':>9}")
    row("click → cards with text painted (30 searches)", [each["cards"] for each in first])
    if any(each["drawn"] for each in first):
        row("click → pictures on screen painted", [each["pictures"] for each in first])
    row("another filter → cards painted", rest["filter"])
    row(f"click → opened work{' with its picture' if rest['drawn'] else ''}", rest["opened"])
    row(f"turns 1 to {SAME}: cards", [each["cards"] for each in early])
    row("the same searches 90 turns later: cards", [each["cards"] for each in late])
    ratio = statistics.median(x["cards"] for x in late) / statistics.median(x["cards"] for x in early)
    print(f"{'late turns against early ones':44}{ratio:>8.2f}×")
    sizes = bytes_per_turn(workspace)
    median, most = statistics.median(sizes) / 1000, max(sizes) / 1000
    print(f"{'sent per turn, pictures aside':44}{median:>6.1f} kB, at most {most:.1f} kB")
    print(f"{'load of the machine over the last minutes':44}{', '.join(f'{x:.1f}' for x in os.getloadavg())}")


def row(label: str, values: list[float]) -> None:
    deciles = statistics.quantiles(values, n=10)
    print(f"{label:44}{statistics.median(values):>6.0f} ms{deciles[-1]:>6.0f} ms")


def measured(workspace: Path) -> tuple[list[dict[str, float]], dict[str, list[float]]]:
    """Return the times of every turn, after one search to warm up, and of what follows, in milliseconds."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", NO_MUSEUM]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = Path(folder, "notebooks")
        root.mkdir()
        write_notebook(
            root / "speed.ipynb",
            f"from ham_recommend import HAM_recommend\nHAM_recommend({str(workspace)!r})",
        )
        with jupyter_server(Path(folder, "home"), root) as address:
            browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            page.goto(f"{address}/lab/tree/speed.ipynb?reset")
            run_all(page)
            times, rest = clocked(page), further(page)
            browser.close()
    return times, rest


FILTER = """
() => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("the filter does nothing")), 10000);
  const root = document.querySelector(".ham");
  const turn = () => root.querySelector(".ham-turn")?.dataset.turn;
  const before = turn(), start = performance.now();
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const watch = async () => {
    if (turn() === before || !root.querySelector(".ham-turn .ham-card, .ham-turn .ham-empty")) return requestAnimationFrame(watch);
    await painted();
    resolve(performance.now() - start);
  };
  root.querySelector(".ham-value input").click();
  requestAnimationFrame(watch);
})
"""  # noqa: E501
OPEN = """
(at) => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("the work does not open")), 10000);
  const root = document.querySelector(".ham"), start = performance.now();
  const watch = async () => {
    const dialog = root.querySelector("dialog[open]"), picture = dialog?.querySelector(".ham-large img");
    const there = picture?.naturalWidth || dialog?.querySelector(".ham-large .ham-no-picture");
    if (!there || !dialog.querySelector(".ham-facts")) return requestAnimationFrame(watch);
    await picture?.decode().catch(() => 0);
    requestAnimationFrame(() => setTimeout(() => {
      dialog.close();
      resolve({ opened: performance.now() - start, drawn: Boolean(picture?.naturalWidth) });
    }));
  };
  root.querySelectorAll(".ham-card .ham-open")[at].click();
  requestAnimationFrame(watch);
})
"""


def further(page: Page) -> dict[str, list[float]]:
    """Return how long other filters and opened works take, in milliseconds, and how many had pictures."""
    times: dict[str, list[float]] = {"filter": [], "opened": [], "drawn": []}
    page.evaluate(CLOCK, "portrait")
    for at in range(SAME // 2):
        seen = page.evaluate(OPEN, at)
        times["opened"].append(seen["opened"])
        times["drawn"] += [seen["opened"]] * seen["drawn"]
        page.wait_for_timeout(100)
    page.get_by_role("button", name="Filter", exact=True).click()
    page.locator(".ham-value").first.wait_for()
    for _ in range(SAME):
        times["filter"].append(page.evaluate(FILTER))
        page.wait_for_timeout(300)
    return times


def clocked(page: Page) -> list[dict[str, float]]:
    page.get_by_role("searchbox", name="Search the collection").wait_for(timeout=60_000)
    page.get_by_role("switch", name="Show works again").check()
    page.evaluate(CLOCK, "warm up with a cat")
    times = []
    for turn in range(TURNS):
        times.append(page.evaluate(CLOCK, SEARCHES[turn % len(SEARCHES)]))
        page.wait_for_timeout(60)
    return times


def bytes_per_turn(workspace: Path) -> list[int]:
    """Return what each of 100 turns sends, pictures aside, in bytes."""
    from stage import Wire

    widget = HAM_recommend(Recommender.load(workspace))
    widget.comm = wire = Wire()
    sizes = []
    for turn in range(100):
        widget.search_for_text(f"{SEARCHES[turn % len(SEARCHES)]} {turn}")
        sizes.append(sum(len(json.dumps(data).encode()) for data, _ in wire.take()))
    return sizes


if __name__ == "__main__":
    main()
