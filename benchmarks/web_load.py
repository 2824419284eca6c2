"""The page's server under load: start, weight of a request, and thousands of open connections.

    python benchmarks/web_load.py [--collection FOLDER] [--connections 10000] [--rate 1000] [--seconds 20]

Without a collection the 117,243 works of ``$HAM_DATA/collections`` are built first (two minutes). The load
comes from another process and is open: requests leave at their times, whether answers came or not, and each
is timed from when it should have left. A loader that waits for answers (wrk) hides every queue. Questions are
as people ask them: words of titles, the most frequent ones far more often than the others (Zipf).
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import numpy as np
import psutil
import requests
from rich.console import Console
from rich.table import Table

from ham_recommend import Recommender, TableSource, build

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
QUESTIONS = 5_000
NEW = 20_000
"""Questions that are asked once, so that none is remembered."""
ZIPF = 1.1
PORT = 8765


def main():
    options = arguments()
    if options.loader:
        asyncio.run(load(options))
        return
    with tempfile.TemporaryDirectory() as folder:
        collection = options.collection or built(Path(folder))
        questions = Path(folder) / "questions.json"
        questions.write_text(json.dumps(asked_in(collection)))
        table = Table(
            "what", "measured", title=f"ham serve, {len(Recommender.load(collection).catalog):,} works"
        )
        server = started(collection, folder, table)
        try:
            overhead(server, collection.name, table)
            for warm, rate in (
                (True, options.rate),
                (False, options.uncached),
                (False, 3 * options.uncached),
            ):
                before = processor(server)
                under_load(options, collection.name, questions, table, warm=warm, rate=rate)
                table.add_row("  its CPU, warming included", f"{processor(server) - before:.1f} s")
            table.add_row("memory after all that", memory(server))
        finally:
            server.terminate()
            server.wait()
    Console().print(table)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collection", type=Path)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=1_000)
    parser.add_argument("--uncached", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--loader", help=argparse.SUPPRESS)
    parser.add_argument("--fresh", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def built(folder):
    source = TableSource(DATA / "collections" / "museum_117k.parquet")
    build(source, folder / "museum", image_encoder="none", progress=False)
    return folder / "museum"


def asked_in(collection):
    """Return questions made of the words of titles."""
    chance = random.Random(3)
    catalog = Recommender.load(collection).catalog
    titles = [
        work.title for work in catalog.get(catalog.item_ids[:: max(1, len(catalog) // 20_000)]).values()
    ]
    questions = {}
    while len(questions) < QUESTIONS + NEW:
        words = [word for word in chance.choice(titles).split() if word.isalpha()]
        if words:
            start = chance.randrange(len(words))
            questions[" ".join(words[start : start + 1 + chance.randrange(4)]).lower()] = None
    return list(questions)


def started(collection, folder, table):
    """Start a server; say how long its first answer took."""
    command = [Path(sys.executable).with_name("ham"), "serve", collection, "--port", str(PORT)]
    begin = time.perf_counter()
    server = subprocess.Popen(
        [*command, "--sessions", Path(folder) / "state", "--rate", "1000000"], stderr=subprocess.DEVNULL
    )
    while True:
        try:
            answer = requests.get(address(collection.name, "ships in a storm"), timeout=60)
            break
        except requests.ConnectionError:
            time.sleep(0.01)
    seconds = time.perf_counter() - begin
    assert answer.json()["hits"]
    used = sum(psutil.Process(server.pid).cpu_times()[:2])
    table.add_row("start to first answer", f"{seconds:.2f} s ({used:.2f} s CPU)")
    table.add_row("memory then, all processes", memory(server))
    return server


def processes(server):
    front = psutil.Process(server.pid)
    return [front, *front.children(recursive=True)]


def memory(server):
    """Return what all processes hold; what they share is counted once (PSS)."""
    held = [each.memory_full_info().pss for each in processes(server)]
    return f"{sum(held) / 1e6:.0f} MB in {len(held)} processes"


def processor(server):
    """Seconds of CPU so far, of all processes."""
    return sum(sum(each.cpu_times()[:2]) for each in processes(server))


def address(collection, question):
    return f"http://127.0.0.1:{PORT}/api/v1/collections/{collection}/search?q={quote(question)}"


def overhead(server, collection, table, count=2_000):
    """CPU of the server for a question whose answer is remembered."""
    process, asking = psutil.Process(server.pid), requests.Session()
    for _ in range(50):
        asking.get(address(collection, "ships in a storm"))
    before = sum(process.cpu_times()[:2])
    for _ in range(count):
        asking.get(address(collection, "ships in a storm"))
    used = sum(process.cpu_times()[:2]) - before
    table.add_row("a request beside the search", f"{1000 * used / count:.2f} ms CPU")


def under_load(options, collection, questions, table, *, warm, rate):
    command = [sys.executable, __file__, "--loader", f"{collection}\t{questions}", "--rate", str(rate)]
    command += ["--seconds", str(options.seconds), "--connections", str(options.connections)]
    done = subprocess.run(
        [*command, *([] if warm else ["--fresh"])], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    name = "remembered" if warm else "nothing remembered"
    table.add_row(
        f"{options.connections:,} connections, {rate:.0f}/s, {name}",
        f"p50 {found['p50']:.1f}, p99 {found['p99']:.1f} ms; {found['answered']:,} answered, "
        f"{found['refused']} told to wait, {found['lost']} lost",
    )


# ---- the loader, in a process of its own


async def load(options):
    gc.disable()  # the loader's own pauses would count as the server's
    collection, file = options.loader.split("\t")
    questions = json.loads(Path(file).read_text())
    chance = np.random.default_rng(int(options.rate))
    count = int(options.rate * options.seconds * 1.2)
    if options.fresh:
        texts = chance.choice(questions[QUESTIONS:], count, replace=False)
    else:
        ranks = np.arange(1, QUESTIONS + 1) ** -ZIPF
        texts = chance.choice(questions[:QUESTIONS], count, p=ranks / ranks.sum())
        await warmed(collection, questions[:QUESTIONS])
    lines = await connected(options.connections)
    times, refused, lost = [], 0, 0

    async def one(line, text, due):
        nonlocal refused, lost
        try:
            status = await asked(*line, f"/api/v1/collections/{collection}/search?q={quote(text)}")
        except (OSError, asyncio.IncompleteReadError):
            lost += 1
            return
        if status == 200:
            times.append(time.perf_counter() - due)
        else:
            refused += 1
        free.append(line)

    free, tasks = list(lines), []
    chance_of_line = random.Random(2)
    due = time.perf_counter()
    end = due + options.seconds
    for text in texts:
        due += chance.exponential(1 / options.rate)
        if due > end:
            break
        await asyncio.sleep(max(0, due - time.perf_counter()))
        at = chance_of_line.randrange(len(free))
        free[at], free[-1] = free[-1], free[at]
        tasks.append(asyncio.ensure_future(one(free.pop(), text, due)))
    await asyncio.gather(*tasks)
    for _, writer in lines:
        writer.close()
    p50, p99 = np.percentile(times, [50, 99]) * 1000
    print(json.dumps({"p50": p50, "p99": p99, "answered": len(times), "refused": refused, "lost": lost}))


async def warmed(collection, questions):
    line = await asyncio.open_connection("127.0.0.1", PORT)
    for question in questions:
        await asked(*line, f"/api/v1/collections/{collection}/search?q={quote(question)}")


async def connected(count):
    """Open connections, and use each once, so that the server has taken it."""
    lines = []
    for start in range(0, count, 200):
        some = min(200, count - start)
        fresh = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", PORT) for _ in range(some)))
        await asyncio.gather(*(asked(*line, "/healthz") for line in fresh))
        lines += fresh
    return lines


async def asked(reader, writer, path):
    """Ask over an open connection; return the status of the answer."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head[9:12])


if __name__ == "__main__":
    main()
