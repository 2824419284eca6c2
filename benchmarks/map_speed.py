"""The map of 117,243 works with pictures, and of a million points: how soon it is there, how it moves.

Places come from clusters laid out by PCA, pictures from the sample museum, each shown for many works. The map
is drawn by Chromium without a graphics card (SwiftShader), on a stage of 1,060 × 760 pixels, and served over
loopback. Run it with ``python benchmarks/map_speed.py [WORKS …]``.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from threading import Thread

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import sync_playwright

from ham_recommend.analysis import map_layout, map_tiles
from ham_recommend.analysis._umap import umap
from ham_recommend.analysis.map_tiles import SIDE, SIZES, Shown, write_tiles
from ham_recommend.frontend import STATIC
from ham_recommend.frontend.modules import interface_style
from ham_recommend.sample_museum.source import SampleSource

PICTURED, MILLION = 117_243, 1_000_000
WITH_TILES = 200_000
"""Works up to which pictures are made; beyond there are colours alone."""
DRAWN = 120
SOFTWARE = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
_TILE = map_tiles._tile
PAGE = """<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,"><style>%s
body { margin: 0 } .ham { height: 760px; width: 1060px } .ham .ham-map-stage { position: static !important; }
.ham-map-surface { position: absolute; inset: 0; width: 1060px; height: 760px }</style>
<section class="ham"></section><script type="module">
import { Stage } from "/static/map_stage.js";
const facts = await (await fetch("/facts")).json();
const points = new DataView(await (await fetch("/points")).arrayBuffer());
window.tile = async (name) => {
  const got = await fetch(`/tiles/${name}`);
  stage.receiveTile(name, got.ok ? await got.blob() : null);
};
const nothing = () => {};
const host = { askTiles: (names) => names.forEach(window.tile), askPictures: nothing, onOpen: nothing,
  onPoint: nothing, onLasso: nothing, onSettle: nothing, onKey: nothing, onEscape: nothing };
const stage = (window.stage = new Stage(host));
document.querySelector(".ham").append(stage.element);
await new Promise(requestAnimationFrame);
const start = performance.now();
stage.show(facts, points);
const painted = () => {
  if (!stage.painter.calls) return requestAnimationFrame(painted);
  const { gl } = stage.painter;
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  window.first = performance.now() - start;
};
requestAnimationFrame(painted);
window.pan = async (z, seconds) => {
  const { camera } = stage;
  camera.jumpTo(z ? { ...window.dense, z } : camera.home);
  for (let waited = 0; waited < 20000 && !(stage.rests && waited > 400); waited += 100)
    await new Promise((resolve) => setTimeout(resolve, 100));
  const { gl } = stage.painter;
  const pixel = new Uint8Array(4);
  const times = [];
  const began = performance.now();
  let before = began;
  while (performance.now() - began < seconds * 1000) {
    camera.moveBy(Math.sin(times.length / 9) * 14, Math.cos(times.length / 9) * 14);
    await new Promise(requestAnimationFrame);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    times.push(performance.now() - before);
    before = performance.now();
  }
  times.sort((a, b) => a - b);
  const seconds_passed = (performance.now() - began) / 1000;
  return { fps: times.length / seconds_passed, frames: times.length,
    slow: times[Math.floor(times.length * 0.95)], calls: stage.painter.calls, bytes: stage.painter.bytes,
    pages: stage.pages.held };
};
</script>"""


def clustered(count: int) -> np.ndarray:
    chance = np.random.default_rng(0)
    centres = chance.normal(size=(400, 16))
    vectors = centres[chance.integers(400, size=count)] + 0.5 * chance.normal(size=(count, 16))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def thumbnails(folder: Path) -> list[Path]:
    """Draw some pictures, as large as thumbnails are."""
    paths = []
    for at, record in enumerate(SampleSource(count=DRAWN).fetch()):
        if record.picture and Path(record.picture).is_file():
            with Image.open(record.picture) as picture:
                picture.thumbnail((384, 384))
                path = folder / f"{at}.jpg"
                picture.convert("RGB").save(path, quality=88)
                paths.append(path)
    return paths


def read_once() -> None:
    """Let each of the few pictures be decoded once: what that costs a work is measured apart."""
    read = cache(lambda path: _TILE(Shown(path, "", "")))
    map_tiles._tile = lambda work: read(work.path)


def cost_of_reading(paths: list[Path], count: int = 2_000) -> float:
    """Return the milliseconds of CPU that reading a thumbnail of the sample museum's size takes."""
    start = time.process_time()
    for work in works_to_show(paths, count):
        _TILE(work)
    return 1000 * (time.process_time() - start) / count


def works_to_show(paths: list[Path], count: int) -> list[Shown]:
    return [Shown(paths[at % len(paths)], f"{at}", "") for at in range(count)]


def points_of(cells: np.ndarray, tints: map_tiles.Tints) -> bytes:
    table = np.zeros(len(cells), dtype=np.dtype([("cell", "<u2", 2), ("colour", "u1", 3), ("shape", "u1")]))
    table["cell"] = cells - cells.min(axis=0)
    table["colour"] = tints.colours
    table["shape"] = np.where(tints.aspects > 0, np.clip(128 + 32 * np.log2(tints.aspects + 1e-9), 1, 255), 0)
    return table.tobytes()


class Handler(BaseHTTPRequestHandler):
    """Serves one map, and counts the bytes of it that were sent."""

    facts: bytes
    points: bytes
    tiles: Path | None
    sent = 0

    def do_GET(self):
        kind, content = self._found()
        self.send_response(200 if content else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        if not self.path.startswith("/static"):
            type(self).sent += len(content)

    def _found(self):
        path = Path(self.path)
        if path.parent == Path("/static"):
            return "text/javascript", (STATIC / path.name).read_bytes()
        if path.parent == Path("/tiles"):
            size, _, page = path.name.partition("-")
            if self.tiles is None:
                return "image/jpeg", b""
            return "image/jpeg", map_tiles.read_page(self.tiles, int(size), int(page))
        if path.name in ("facts", "points"):
            return "application/octet-stream", getattr(self, path.name)
        return "text/html", (PAGE % interface_style()).encode()

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def served(facts, points, tiles):
    handler = type(
        "Served", (Handler,), {"facts": json.dumps(facts).encode(), "points": points, "tiles": tiles}
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield handler, f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def cpu_of(marker: str) -> float:
    """Return the seconds of CPU that the browser's processes have taken."""
    total = 0.0
    for process in psutil.process_iter():
        try:
            if any(marker in part for part in process.cmdline()):
                times = process.cpu_times()
                total += times.user + times.system
        except psutil.Error:
            continue
    return total


def memory_of(marker: str) -> float:
    """Return the memory, in MB, of the browser's processes with what only each of them has."""
    total = 0
    for process in psutil.process_iter():
        try:
            if any(marker in part for part in process.cmdline()):
                total += process.memory_full_info().uss
        except psutil.Error:
            continue
    return total / 1e6


def measured(count: int, folder: Path) -> None:
    print(f"\n{count:,} works")
    start = time.process_time()
    cells = map_layout.laid_out(clustered(count), "pca", 0)
    order = map_layout.in_map_order(cells)
    cells = cells[order]
    print(f"  laid out (PCA) in {time.process_time() - start:.1f} s of CPU, {cells.max(axis=0) + 1} cells")
    tiles = None
    if count <= WITH_TILES:
        tiles = folder / "tiles.zip"
        paths = thumbnails(folder)
        print(f"  {cost_of_reading(paths):.1f} ms of CPU to read a picture")
        read_once()
        start = time.process_time()
        tints = write_tiles(tiles, works_to_show(paths, count))
        passed, size = time.process_time() - start, tiles.stat().st_size / 1e6
        print(f"  pages written in {passed:.0f} s of CPU, {size:.0f} MB on disk")
    else:
        colours = np.random.default_rng(1).integers(40, 220, (count, 3), dtype=np.uint8)
        tints = map_tiles.Tints(colours, np.zeros(count, np.float32))
    size = (cells.max(axis=0) - cells.min(axis=0) + 1).tolist()
    facts = {"vectors": "x", "works": count, "size": size, "origin": [0, 0], "scale": 1, "page": SIDE}
    facts |= {"tiles": list(SIZES), "regions": [], "note": "", "trouble": "", "choices": []}
    middle = np.median(cells, axis=0).tolist()
    with served(facts, points_of(cells, tints), tiles) as (handler, address), sync_playwright() as playwright:
        shown(playwright, handler, address, middle)


def shown(playwright, handler, address, middle) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    profile = tempfile.mkdtemp(prefix="map-speed-")
    browser = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium, args=[*SOFTWARE], viewport={"width": 1060, "height": 760}
    )
    try:
        page = browser.new_page()
        page.on("pageerror", lambda error: print(f"  ERROR {error}"))
        page.goto(address)
        page.wait_for_function("window.first !== undefined", timeout=120_000)
        print(f"  first paint {page.evaluate('window.first'):.0f} ms after the data is there")
        page.evaluate("(middle) => { window.dense = { x: middle[0], y: middle[1] } }", middle)
        for name, z in (("all of it", 0), ("8 pixels a work", 8), ("24 pixels", 24), ("60 pixels", 60)):
            page.evaluate("(z) => window.pan(z, 0.2)", z)
            before = cpu_of(profile)
            found = page.evaluate("(z) => window.pan(z, 4)", z)
            each = 1000 * (cpu_of(profile) - before) / found["frames"]
            print(
                f"  {name:<16} {found['fps']:5.1f} frames/s, slowest of 20 {found['slow']:4.0f} ms, "
                f"{each:3.0f} ms of CPU each, "
                f"{found['calls']} call(s), {found['pages']} pages, textures {found['bytes'] / 1e6:.0f} MB, "
                f"transferred {handler.sent / 1e6:.1f} MB"
            )
        print(f"  memory of the browser {memory_of(profile):,.0f} MB")
    finally:
        browser.close()
        shutil.rmtree(profile, ignore_errors=True)


def how_well_places_keep(count: int = 12_000, groups: int = 40, dim: int = 64) -> None:
    """Print the trustworthiness of UMAP's plane, of its cells, and of works that are added to them."""
    chance = np.random.default_rng(0)
    vectors = chance.normal(size=(groups, dim))[chance.integers(groups, size=count)]
    vectors = (vectors + 0.8 * chance.normal(size=(count, dim))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    trust = partial(map_layout.trustworthiness, vectors)
    print(f"{count:,} works in {groups} groups: trustworthiness of a new map")
    plane = umap(vectors, 0)
    print(f"  UMAP's plane {trust(plane):.3f}")
    for room, evenness in product((2.0, 2.6), (0.4, 0.6, 0.8)):
        map_layout.ROOM, map_layout.EVENNESS = room, evenness
        cells = map_layout.in_cells(plane)
        print(f"  {room} cells a work, evenness {evenness}: {trust(cells):.3f}")
    map_layout.ROOM, map_layout.EVENNESS = 2.6, 0.6
    print("  and of one to which works were added, as it was and stretched twofold")
    for added in (0.1, 0.2, 0.3, 0.5):
        first = int(count * (1 - added))
        cells = map_layout.laid_out(vectors[:first], "umap", 0)
        kept = []
        for scale in (1, 2):
            new = map_layout.placed_among(vectors[first:], vectors[:first], scale * cells)
            kept.append(trust(np.concatenate([scale * cells, new])))
        print(f"  {added:.0%} of all added later: {kept[0]:.3f} {kept[1]:.3f}")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        how_well_places_keep()
    for wanted in [int(each) for each in sys.argv[1:]] or [PICTURED, MILLION]:
        with tempfile.TemporaryDirectory() as kept:
            measured(wanted, Path(kept))
