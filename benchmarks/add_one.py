"""One picture more is added to a collection that is there: how long until it can be searched.

    python benchmarks/add_one.py [--collection FOLDER] [--times 50] [--works 10000]

Once to 10,000 works with pictures, drawn for it, as the page does with an upload; and once to the 117,243
works of ``$HAM_DATA/collections``, whose pictures lie elsewhere (built first, or copied from
``--collection``).
The first addition, and the last, median of the five last, of so many in a row: what is added may not pile up.
Time is that of the clock and of the processor; the parts are the build's own steps, and opening what was
built. The floor is what no way of keeping files goes below that hold so much: writing as many bytes as the
new files hold, flushing them to the disk and hashing them once. Before and after all of them: how long a
collection takes to open, and to answer (median, and 99 in a hundred).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from ham_recommend import FolderSource, Recommender, TableSource, build
from ham_recommend.workspace import Workspace

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
WORDS = ("ship", "red", "tree", "portrait", "river", "still", "horse", "saint", "winter", "vase", "church")
LAST = 5
QUESTIONS = 200


def main():
    given = argparse.ArgumentParser()
    given.add_argument("--collection", type=Path)
    given.add_argument("--times", type=int, default=50)
    given.add_argument("--works", type=int, default=10_000)
    options = given.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = folder / "pictures"
        pictures.mkdir()
        for number in range(options.works):
            draw(pictures, number)
        build(FolderSource(pictures), folder / "drawn", progress=False)
        if options.collection:
            shutil.copytree(options.collection, folder / "museum")
        else:
            table = DATA / "collections" / "museum_117k.parquet"
            build(TableSource(table), folder / "museum", image_encoder=None, progress=False)
        add(folder / "drawn", pictures, options.works)  # what is imported is imported once
        for number, collection in enumerate((folder / "drawn", folder / "museum"), start=1):
            report(collection, pictures, number * 10 * options.works, options.times)


def draw(folder, number):
    """Write a small picture; return its name."""
    chance = np.random.default_rng(number)
    tiles = Image.fromarray(chance.integers(0, 255, (6, 8, 3), dtype=np.uint8))
    name = f"{' '.join(chance.choice(WORDS, 3))} {number:06}.jpg"
    tiles.resize((160, 120), Image.Resampling.BICUBIC).save(folder / name, quality=80)
    return name


def report(collection, pictures, first, times):
    answering = [answers(collection)]
    added = [add(collection, pictures, first + number) for number in range(times)]
    answering.append(answers(collection))
    works = Workspace(collection).manifest.facts.works
    steps = dict.fromkeys(step for each in added for step in each)
    columns = ("first, seconds", "CPU", f"last of {times}", "CPU")
    table = Table("part", *columns, title=f"One picture more, {works:,} works")
    for step in steps:
        shown = added[0].get(step), np.median([each[step] for each in added[-LAST:] if step in each], axis=0)
        table.add_row(step, *("" if np.isnan(each) else f"{each:.2f}" for both in shown for each in both))
    for step, *both in zip(("open", "ask, median of ms", "ask, 99 in 100"), *answering, strict=True):
        table.add_row(step, *(cell for value in both for cell in (f"{value:.2f}", "")))
    Console().print(table)


def add(collection, pictures, number):
    """Add a picture; return the seconds of the clock and of the processor that each part took."""
    name = draw(pictures, number)
    before = entries(collection)
    start = clocks()
    made = build(FolderSource(pictures, only=[name]), collection, add=True, progress=False)
    added = clocks()
    found = Recommender.load(collection).search(Path(name).stem, 1)
    end = clocks()
    assert found[0].item_id == f"folder:{name}"
    new = [file for file, entry in entries(collection).items() if before.get(file) != entry]
    written = sum((collection / file).stat().st_size for file in new)
    return {
        "until it is found": end - start,
        "added": added - start,
        **{f"of it, {step}": np.array([seconds, np.nan]) for step, seconds in made.seconds.items()},
        "opened and asked": end - added,
        "floor": floor(collection, new),
        "MB written": np.array([written / 1e6, np.nan]),
    }


def answers(collection):
    """Return the seconds it takes to open a collection and ask once, and the milliseconds of an answer."""
    start = time.perf_counter()
    museum = Recommender.load(collection)
    museum.search("ship")
    opened = time.perf_counter() - start
    chance = np.random.default_rng(0)
    taken = []
    for _ in range(QUESTIONS):
        question = " ".join(chance.choice(WORDS, 3))
        start = time.perf_counter()
        museum.search(question)
        taken.append(1_000 * (time.perf_counter() - start))
    return opened, *np.percentile(taken, (50, 99))


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
