"""One picture is added to a collection that is there: how long until it can be searched.

    python benchmarks/add_one.py [--collection FOLDER] [--times 5]

Once to 10,000 works with pictures, drawn for it, as the page does with an upload; and once to the 117,243
works of ``$HAM_DATA/collections``, whose pictures lie elsewhere (built first, or copied from
``--collection``).
Time is that of the clock and of the processor, median of several; the parts are the build's own steps, and
opening what was built. The floor is what no way of keeping whole files goes below: writing as many bytes as
the new files hold, flushing them to the disk and hashing them once.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from ham_recommend import FolderSource, Recommender, TableSource, build
from ham_recommend.workspace import Workspace

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
WORKS = 10_000
WORDS = ("ship", "red", "tree", "portrait", "river", "still", "horse", "saint", "winter", "vase", "church")


def main():
    given = argparse.ArgumentParser()
    given.add_argument("--collection", type=Path)
    given.add_argument("--times", type=int, default=5)
    options = given.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = folder / "pictures"
        pictures.mkdir()
        for number in range(WORKS):
            draw(pictures, number)
        build(FolderSource(pictures), folder / "drawn", progress=False)
        if options.collection:
            shutil.copytree(options.collection, folder / "museum")
        else:
            table = DATA / "collections" / "museum_117k.parquet"
            build(TableSource(table), folder / "museum", image_encoder=None, progress=False)
        for collection in ("drawn", "museum"):
            report(folder / collection, pictures, options.times)


def draw(folder, number):
    """Write a small picture; return its name."""
    chance = np.random.default_rng(number)
    tiles = Image.fromarray(chance.integers(0, 255, (6, 8, 3), dtype=np.uint8))
    name = f"{' '.join(chance.choice(WORDS, 3))} {number:06}.jpg"
    tiles.resize((160, 120), Image.Resampling.BICUBIC).save(folder / name, quality=80)
    return name


def report(collection, pictures, times):
    parts = defaultdict(list)
    for at in range(times + 1):
        name = draw(pictures, WORKS + at)
        before = entries(collection)
        start = clocks()
        made = build(FolderSource(pictures, only=[name]), collection, add=True, progress=False)
        added = clocks()
        found = Recommender.load(collection).search(Path(name).stem, 1)
        end = clocks()
        assert found[0].item_id == f"folder:{name}"
        new = [file for file, entry in entries(collection).items() if before.get(file) != entry]
        if not at:
            continue  # what is imported is imported once
        for step, seconds in made.seconds.items():
            parts[f"of it, {step}"].append((seconds, float("nan")))
        parts["added"].append(added - start)
        parts["opened and asked"].append(end - added)
        parts["until it is found"].append(end - start)
        parts["floor"].append(floor(collection, new))
        written = sum((collection / file).stat().st_size for file in new)
    table = Table("part", "seconds", "CPU seconds", title=f"One picture more, {made.works:,} works")
    for name in ("until it is found", "added", *(part for part in parts if "," in part), "opened and asked"):
        row(table, name, parts[name])
    row(table, f"floor: {written / 1e6:,.0f} MB in {len(new)} files", parts["floor"])
    Console().print(table)


def row(table, name, measured):
    wall, cpu = (statistics.median(each) for each in zip(*measured, strict=True))
    table.add_row(name, f"{wall:.2f}", "" if np.isnan(cpu) else f"{cpu:.2f}")


def entries(collection):
    return {name: entry.sha256 for name, entry in Workspace(collection).manifest.files.items()}


def floor(collection, names):
    """Write, flush and hash what the new files hold; reading them counts as well, from memory."""
    start = clocks()
    with tempfile.TemporaryDirectory(dir=collection.parent) as folder:
        for number, name in enumerate(names):
            content = (collection / name).read_bytes()
            with (Path(folder) / str(number)).open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            hashlib.sha256(content).digest()
    return clocks() - start


def clocks():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return np.array([time.perf_counter(), used.ru_utime + used.ru_stime])


if __name__ == "__main__":
    main()
