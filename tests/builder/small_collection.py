"""Collections of a few works, and everything that can be done to one: for tests that stop it half-way.

Run as a program it does one operation and photographs the collection's folder at every event of the file
system: what a process that is killed there leaves is what lies there then.

    python small_collection.py OPERATION MUSEUM WORKSPACE PHOTOGRAPHS [EVENT TO BE KILLED AT]

With an event to be killed at it photographs nothing; events are counted from 1, so at 0 it only counts them.
"""

from __future__ import annotations

import builtins
import csv
import io
import os
import random
import shutil
import sys
import threading
from pathlib import Path

from PIL import Image, ImageDraw

from ham_recommend import TableSource, build
from ham_recommend.builder.merge import merge
from ham_recommend.builder.removal import remove_built, remove_encoder
from ham_recommend.workspace import Workspace

ALL = "HAM_TORTURE" in os.environ
SUBJECTS = ("ship in a storm", "vase with flowers", "circus cat", "portrait of a lady")


def picture(path, seed):
    shade = random.Random(seed)
    image = Image.new("RGB", (48, 32), tuple(shade.randrange(256) for _ in range(3)))
    left, top = shade.randrange(24), shade.randrange(16)
    colour = tuple(shade.randrange(256) for _ in range(3))
    ImageDraw.Draw(image).rectangle((left, top, left + 20, top + 12), fill=colour)
    image.save(path)


def write_table(folder, numbers, name="works.csv", *, changed=()):
    """Write a table of works with these numbers; those that changed have another title and picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "title", "description", "image"])
        for number in numbers:
            file = f"{number}{'-changed' if number in changed else ''}.png"
            if not (folder / file).exists():
                picture(folder / file, 1000 + number if number in changed else number)
            title = f"{'New' if number in changed else 'Old'} {SUBJECTS[number % 4]} {number}"
            rows.writerow([number, title, f"A {SUBJECTS[number % 4]}.", file])
    return folder / name


def draw_museum(folder):
    """Make every table that an operation reads."""
    write_table(folder, range(5))
    write_table(folder, (1, 2, 3, 5), "changed.csv", changed=(2,))
    write_table(folder, (4, 5, 6), "more.csv", changed=(4,))
    write_table(folder, range(12), "many.csv")
    write_table(folder, (12,), "one.csv")


def make(table, out, **options):
    return build(TableSource(table), out, progress=False, **options)


def styled(museum, out):
    make(museum / "works.csv", out)


def both(museum, out):
    styled(museum, out)
    make(museum / "works.csv", out, image_encoder="colour")


def many(museum, out):
    make(museum / "many.csv", out)


def nothing(museum, out):
    out.mkdir(parents=True)


def merged_before(museum, out):
    styled(museum, out)
    for number in (1, 2):
        make(museum / "changed.csv", museum / f"part{number}", shard=f"{number}/2")


def purge(museum, out):
    workspace = Workspace(out)
    if workspace.exists and workspace.manifest.files:
        remove_built(workspace, held=True, drafted=False)
    else:
        remove_built(workspace, held=False, drafted=False)


def forget_colour(museum, out):
    if "colour" in Workspace(out).manifest.facts.encoders:
        remove_encoder(Workspace(out), "colour")


OPERATIONS = {
    "build": (nothing, styled),
    "rebuild": (both, lambda museum, out: make(museum / "changed.csv", out)),
    "add": (both, lambda museum, out: make(museum / "more.csv", out, add=True)),
    "add one to many": (many, lambda museum, out: make(museum / "one.csv", out, add=True)),
    "other encoder": (styled, lambda museum, out: make(museum / "works.csv", out, image_encoder="colour")),
    "other store": (styled, lambda museum, out: make(museum / "works.csv", out, store="hnsw")),
    "no encoder": (both, lambda museum, out: make(museum / "changed.csv", out, image_encoder=None)),
    "merge": (
        merged_before,
        lambda museum, out: merge(out, [museum / "part1", museum / "part2"], progress=False),
    ),
    "purge": (both, purge),
    "remove encoder": (both, forget_colour),
}
"""Name → what is there before, and what is done."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
EVENTS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.link", "os.symlink"}


class Photographer:
    """Photographs a folder before every change to it; other threads wait meanwhile."""

    def __init__(self, folder, album, kill_at=None):
        self.folder, self.album, self.kill_at = folder, album, kill_at
        self.events = self.photographs = 0
        self._lock, self._last, self._alike = threading.Lock(), {}, 0
        self._at_work = threading.local()

    def hook(self, event, arguments):
        if event == "open":
            _, mode, flags = arguments
            changes = bool((flags or 0) & WRITING) or any(sign in (mode or "") for sign in "wax+")
            if changes and self.is_inside(arguments[0]):
                self.event()
        elif event in EVENTS:
            self.event()

    def is_inside(self, path):
        return isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(str(self.folder))

    def event(self):
        if getattr(self._at_work, "now", False):
            return
        self._at_work.now = True
        try:
            with self._lock:
                self.events += 1
                if self.events == self.kill_at:
                    os._exit(137)
                if self.kill_at is None:
                    self.photograph()
        finally:
            self._at_work.now = False

    def photograph(self):
        """Copy the folder, unless it is as before; again where another thread takes a file away meanwhile.

        Of photographs in a row that show the same names, the second is kept alone, but by ``make torture``: a
        file is being written, and there is nothing of it on the first.
        """
        while True:
            try:
                seen = {str(path): path.lstat() for path in self.folder.rglob("*")}
                seen = {path: (state.st_size, state.st_mtime_ns) for path, state in seen.items()}
                alike = self._alike + 1 if seen.keys() == self._last.keys() else 0
                if seen == self._last or (alike > 1 and not ALL):
                    return
                number = self.photographs - (alike == 1 and not ALL)
                copy = self.album / f"{number:05}"
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(self.folder, copy)
                break
            except (shutil.Error, FileNotFoundError):
                pass
        self._last, self._alike, self.photographs = seen, alike, number + 1

    def watch(self):
        """Watch what Python tells of, and what it does not: syncs, and each half of what is written."""
        sys.addaudithook(self.hook)
        event, opened, synced = self.event, io.open, os.fsync

        class Watched(io.FileIO):
            def write(self, content):
                event()
                half = bytes(content[: len(content) // 2])
                written = super().write(half) if half else 0
                event()
                return written + super().write(content[written:])

        def watched_open(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, *rest):
            if isinstance(file, int) or not set(mode) & set("wax+") or not self.is_inside(file):
                return opened(file, mode, buffering, encoding, errors, newline, *rest)
            raw = Watched(file, mode.replace("b", "").replace("t", ""))
            buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
            return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)

        def watched_fsync(handle):
            event()
            return synced(handle)

        io.open = builtins.open = watched_open
        os.fsync = watched_fsync


def main(operation, museum, workspace, album, kill_at=None):
    watching = Photographer(Path(workspace), Path(album), None if kill_at is None else int(kill_at))
    Path(album).mkdir(exist_ok=True)
    watching.watch()
    OPERATIONS[operation][1](Path(museum), Path(workspace))
    watching.event()
    sys.stdout.write(f"{watching.events}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
