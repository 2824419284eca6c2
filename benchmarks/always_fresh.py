"""How long until new works answer, and what those who ask meanwhile notice.

A collection of so many works, with the picture vectors of ``style``, has more works added to it, then taken
out again, while another process asks it all the time, of the newest state there is. The texts are those of
museums, the pictures parts of paintings: of the first works few and shared, of the new ones all different.

    python benchmarks/always_fresh.py [--works N] [--new N] [--store KIND] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from rich.console import Console
from rich.table import Table

from ham_recommend import Recommender, TableSource, build
from ham_recommend.draft import MANIFEST

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("HAM_DATA", ROOT.parent / "shared" / "data"))
MUSEUM = DATA / "collections" / "museum_117k.parquet"


def paintings():
    return sorted((DATA / "paintings" / "images").rglob("*.jpg"))


def new_pictures(folder, count):
    """Write so many different pictures: parts of paintings; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn, sources, paths = np.random.default_rng(1), paintings(), []
    for number in range(count):
        path = folder / f"{number:06}.jpg"
        paths.append(str(path))
        if path.exists():
            continue
        with Image.open(sources[number % len(sources)]) as painting:
            width, height = painting.size
            left, top = drawn.uniform(0, 0.3, 2) * (width, height)
            part = painting.convert("RGB").crop(
                (int(left), int(top), int(left + 0.7 * width), int(top + 0.7 * height))
            )
        part.save(path, quality=90)
    return paths


def tables(folder, works, new):
    """Write the table of the first works and that of the new ones; return their paths."""
    rows = pd.read_parquet(MUSEUM).drop(columns=["image_url"])
    rows = pd.concat([rows] * -(-(works + new) // len(rows)), ignore_index=True)
    shared = [shutil.copy(path, folder) for path in paintings()]
    rows["id"] = [f"{number:07}" for number in range(len(rows))]
    first, added = rows[:works].copy(), rows[works : works + new].copy()
    first["image"] = [str(shared[number % len(shared)]) for number in range(works)]
    added["image"] = new_pictures(folder / "new", new)
    paths = folder / "first.parquet", folder / "added.parquet"
    for table, path in zip((first, added), paths, strict=True):
        table.to_parquet(path)
    return paths


def ask(root, ended, told):
    """Ask all the time; tell how long each answer and each opening took, and every number of works seen."""
    stamp, rec, sizes, waits, opened = None, None, [], [], []
    while not ended.is_set():
        begun = time.perf_counter()
        now = (root / MANIFEST).stat()
        if (now.st_mtime_ns, now.st_ino) != stamp:
            stamp, rec = (now.st_mtime_ns, now.st_ino), Recommender.load(root)
            opened.append(time.perf_counter() - begun)
            begun = time.perf_counter()
        hits = rec.search("portrait of a woman", k=12)
        near = rec.similar_items(str(rec.catalog.item_ids[-1]), k=12)
        assert len(hits) == len(near) == 12
        waits.append(time.perf_counter() - begun)
        if not sizes or sizes[-1] != len(rec.catalog):
            sizes.append(len(rec.catalog))
        time.sleep(0.05)
    told.put((sizes, waits, opened))


def timed(does):
    """Return wall seconds, CPU seconds and what was done."""

    def cpu():
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    begun, busy = time.perf_counter(), cpu()
    report = does()
    return time.perf_counter() - begun, cpu() - busy, report


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--works", type=int, default=117_243)
    parser.add_argument("--new", type=int, default=10_000)
    parser.add_argument("--store", default="flat")
    parser.add_argument("--folder", type=Path, help="where to keep what is made; else it is removed")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = asked.folder or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        first, added = tables(folder, asked.works, asked.new)
        out = folder / f"collection-{asked.store}"
        options = {"store": asked.store, "progress": False}
        rounds = [("the first works", timed(lambda: build(TableSource(first), out, **options)))]
        ended, told = multiprocessing.Event(), multiprocessing.Queue()
        asking = multiprocessing.Process(target=ask, args=(out, ended, told))
        asking.start()
        rounds.append(("new works", timed(lambda: build(TableSource(added), out, add=True, **options))))
        rounds.append(("the new works taken out", timed(lambda: build(TableSource(first), out, **options))))
        time.sleep(10)  # until the last state was opened too
        ended.set()
        sizes, waits, opened = told.get()
        asking.join()
    table = Table(title=f"{asked.works:,} works, {asked.new:,} new, store {asked.store}, style")
    for heading in ("", "s", "CPU s", "works", "of it"):
        table.add_column(heading, justify="right" if heading not in {"", "of it"} else "left")
    for name, (seconds, busy, report) in rounds:
        steps = ", ".join(f"{step} {spent:.0f}" for step, spent in report.seconds.items())
        table.add_row(name, f"{seconds:.0f}", f"{busy:.0f}", f"{report.works:,}", steps)
    console = Console(width=150)
    console.print(table)
    console.print(
        f"Meanwhile {len(waits):,} pairs of questions, median {1000 * np.median(waits):.0f} ms, "
        f"99 % within {1000 * np.quantile(waits, 0.99):.0f} ms, slowest {1000 * max(waits):.0f} ms; "
        f"opened {len(opened)} times, at most {max(opened):.1f} s. Works seen: {sizes}."
    )


if __name__ == "__main__":
    main()
