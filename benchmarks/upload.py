"""Pictures through the page beside `ham build folder` on the same pictures, in turns.

    python benchmarks/upload.py [--pictures FOLDER] [--rounds 3]

By default the 1,062 paintings of ``$HAM_DATA``. They are sent as the page sends them: said beforehand, piece
by piece over one connection, finished, followed until they can be searched. Both use the encoder that they
choose by themselves. The clock runs for whatever else the machine does, too; the CPU is that of the
server with all its processes, or that of the command; the sender's own is not counted.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import requests
from rich.console import Console
from rich.table import Table

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
HAM = Path(sys.executable).with_name("ham")
PIECE = 2 * 1024 * 1024
"""Bytes of a request, as in ``web/static/sending.js``."""


def main():
    options = arguments()
    files = sorted(path for path in options.pictures.rglob("*") if path.suffix.lower() in {".jpg", ".png"})
    taken = {"ham build folder": [], "through the page": [], "  of that, building": []}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            taken["ham build folder"].append(built(options.pictures, Path(folder) / f"built{number}"))
            whole, building = uploaded(options.pictures, files, Path(folder) / f"served{number}")
            taken["through the page"].append(whole)
            taken["  of that, building"].append(building)
    table = Table("what", "seconds", "CPU seconds", "pictures/s", title=f"{len(files):,} pictures")
    for what, rounds in taken.items():
        clock, cpu = (statistics.median(each) for each in zip(*rounds, strict=True))
        table.add_row(what, f"{clock:.1f}", f"{cpu:.1f}", f"{len(files) / clock:.0f}")
    table.add_section()
    for at, what in enumerate(("rate by the clock", "rate by CPU")):
        ours, theirs = (
            statistics.median(each[at] for each in taken[name])
            for name in ("through the page", "ham build folder")
        )
        table.add_row(f"{what}, page / command", f"{theirs / ours:.2f}")
    Console().print(table)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, default=DATA / "paintings" / "images")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def built(pictures, out):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([HAM, "build", "folder", pictures, "--out", out], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, cpu


def uploaded(pictures, files, folder):
    """Return seconds and CPU seconds of an upload, from the first request on, and those of its build."""
    folder.mkdir()
    server, address = started(folder)
    who = requests.Session()
    who.get(address)
    try:
        start, cpu = time.perf_counter(), processor(server)
        names = [path.relative_to(pictures).as_posix() for path in files]
        said = [{"name": name, "size": path.stat().st_size} for name, path in zip(names, files, strict=True)]
        upload = who.post(f"{address}api/v1/uploads", json={"collection": "mine", "files": said}).json()
        there = f"{address}api/v1/uploads/{upload['upload_id']}"
        for number, path in enumerate(files):
            content = path.read_bytes()
            for offset in range(0, len(content), PIECE):
                piece = content[offset : offset + PIECE]
                who.put(f"{there}/files/{number}", params={"offset": offset}, data=piece).raise_for_status()
        arrived, cpu_arrived = time.perf_counter(), processor(server)
        who.post(f"{there}/finish").raise_for_status()
        while (now := who.get(there).json())["stage"] == "building":
            time.sleep(0.1)
        assert (now["stage"], now["works"]) == ("done", len(files)), now
        end, cpu_end = time.perf_counter(), processor(server)
        return (end - start, cpu_end - cpu), (end - arrived, cpu_end - cpu_arrived)
    finally:
        server.terminate()
        server.wait()
        server.stderr.close()


def started(folder):
    """Start a server with nothing but the sample, in which the upload makes a collection of its own."""
    subprocess.run(
        [HAM, "build", "sample", "--out", folder / "sample", "--image-encoder", "none"],
        check=True,
        capture_output=True,
    )
    command = [HAM, "serve", folder, "--port", "0", "--sessions", folder / "state"]
    server = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "200"}
    )
    line = next(line for line in server.stderr if "http://" in line)
    address = line[line.index("http://") :].split()[0]
    while not requests.get(f"{address}readyz", timeout=30).ok:
        time.sleep(0.05)
    return server, address


def processor(server):
    front = psutil.Process(server.pid)
    return sum(sum(each.cpu_times()[:2]) for each in [front, *front.children(recursive=True)])


if __name__ == "__main__":
    main()
