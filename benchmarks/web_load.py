"""The page's server under load: start, weight of a request, and thousands of open connections.

    python benchmarks/web_load.py [--collection FOLDER] [--connections 10000] [--rate 1000] [--seconds 20]
    python benchmarks/web_load.py --visitors 300 [--visitor-rate 100] [--uncached 100]

Without a collection the 117,243 works of ``$HAM_DATA/collections`` are built first (two minutes). The load
comes from another process and is open: requests leave at their times, whether answers came or not, and each
is timed from when it should have left. A loader that waits for answers (wrk) hides every queue. Questions are
as people ask them: words of titles, the most frequent ones far more often than the others (Zipf).

With visitors the page itself is under load: each visitor has a cookie, a session and an open stream, sends
events as the page does, and likes, goes on and leafs now and then, while programs ask ``/api/v1``.
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
        asyncio.run(load_as_visitors(options) if options.visitors else load(options))
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
            if options.visitors:
                with_visitors(options, server, collection.name, questions, table)
            else:
                programs_alone(options, server, collection.name, questions, table)
            table.add_row("memory after all that", memory(server))
        finally:
            server.terminate()
            server.wait()
    Console().print(table)


def programs_alone(options, server, collection, questions, table):
    overhead(server, collection, table)
    for warm, rate in ((True, options.rate), (False, options.uncached), (False, 3 * options.uncached)):
        before = processor(server)
        under_load(options, collection, questions, table, warm=warm, rate=rate)
        table.add_row("  its CPU, warming included", f"{processor(server) - before:.1f} s")


def with_visitors(options, server, collection, questions, table):
    """Ask as visitors of the page do, while programs ask the API what nobody asked before."""
    front = psutil.Process(server.pid)
    before, in_front = processor(server), sum(front.cpu_times()[:2])
    command = [sys.executable, __file__, "--loader", f"{collection}\t{questions}", "--visitors"]
    command += [str(options.visitors), "--visitor-rate", str(options.visitor_rate)]
    command += ["--uncached", str(options.uncached), "--seconds", str(options.seconds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    for kind, found in json.loads(done.stdout).items():
        table.add_row(
            f"{options.visitors:,} visitors, {options.visitor_rate:.0f}/s; {kind}",
            f"p50 {found['p50']:.1f}, p99 {found['p99']:.1f} ms; {found['answered']:,} answered, "
            f"{found['refused']} told to wait, {found['lost']} lost",
        )
    table.add_row("  CPU of the process in front", f"{sum(front.cpu_times()[:2]) - in_front:.1f} s")
    table.add_row("  CPU of all", f"{processor(server) - before:.1f} s")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collection", type=Path)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=1_000)
    parser.add_argument("--uncached", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--visitors", type=int, default=0)
    parser.add_argument("--visitor-rate", type=float, default=100, help="events of all visitors a second")
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


async def load_as_visitors(options):
    """Be all visitors at once, and programs beside them."""
    gc.disable()
    collection, file = options.loader.split("\t")
    questions = json.loads(Path(file).read_text())
    chance = np.random.default_rng(7)
    ranks = np.arange(1, QUESTIONS + 1) ** -ZIPF
    visitors = [await Visitor.arrived(collection, number) for number in range(options.visitors)]
    free = list(visitors)
    program = await connected(1_000)
    found = {}

    async def one(kind, asking, due, back, to):
        times, counts = found.setdefault(kind, ([], [0, 0]))
        try:
            status = await asking
        except (OSError, asyncio.IncompleteReadError):
            counts[1] += 1
            return
        if status == 200:
            times.append(time.perf_counter() - due)
        else:
            counts[0] += 1
        to.append(back)

    async def as_visitors():
        tasks = []
        async for due in moments(options.visitor_rate, options.seconds, chance):
            visitor = free.pop(chance.integers(len(free)))  # one that waits for nothing
            kind, event = visitor.next_event(
                questions[chance.choice(QUESTIONS, p=ranks / ranks.sum())], chance
            )
            tasks.append(asyncio.ensure_future(one(kind, visitor.tell(event), due, visitor, free)))
        await asyncio.gather(*tasks)

    async def as_programs():
        tasks, fresh = [], iter(questions[QUESTIONS:])
        async for due in moments(options.uncached, options.seconds, chance):
            line, path = program.pop(), f"/api/v1/collections/{collection}/search?q={quote(next(fresh))}"
            tasks.append(
                asyncio.ensure_future(
                    one("/api/v1, nothing remembered", asked(*line, path), due, line, program)
                )
            )
        await asyncio.gather(*tasks)

    async def as_watchdog():
        (line,) = await connected(1)
        async for due in moments(20, options.seconds, chance):
            await one("/healthz", asked(*line, "/healthz"), due, None, [])

    await asyncio.gather(as_visitors(), *([as_programs()] if options.uncached else []), as_watchdog())
    report = {}
    for kind, (times, (refused, lost)) in sorted(found.items()):
        p50, p99 = np.percentile(times or [np.nan], [50, 99]) * 1000
        report[kind] = {"p50": p50, "p99": p99, "answered": len(times), "refused": refused, "lost": lost}
    print(json.dumps(report))


async def moments(rate, seconds, chance):
    """Yield the times at which requests leave, whatever became of those before."""
    due = time.perf_counter()
    end = due + seconds
    while (due := due + chance.exponential(1 / rate)) < end:
        await asyncio.sleep(max(0, due - time.perf_counter()))
        yield due


class Visitor:
    """One page that is open: its cookie, the connection that it asks by, and its stream."""

    def __init__(self, collection, number):
        self.base, self.number = f"/api/v1/collections/{collection}/session", number
        self.events, self.turns, self.shown = 0, 0, []

    @classmethod
    async def arrived(cls, collection, number):
        """Open a page as a browser does. Fifty come from each address: no more are let in at once."""
        self = cls(collection, number)
        here = (f"127.0.1.{number // 50 + 1}", 0)
        self.line = await asyncio.open_connection("127.0.0.1", PORT, local_addr=here)
        self.line[1].write(request("GET", f"/{collection}"))
        head, _ = await answer(self.line[0])
        self.cookie = head.partition("set-cookie: ")[2].partition(";")[0]
        self.line[1].write(request("GET", self.base, cookie=self.cookie))
        assert (await answer(self.line[0]))[0].startswith("http/1.1 200")
        self.stream = await asyncio.open_connection("127.0.0.1", PORT, local_addr=here)
        self.stream[1].write(request("GET", f"{self.base}/stream?stream=s{number}", cookie=self.cookie))
        await self.stream[0].readuntil(b"event: hello")
        return self

    def next_event(self, text, chance):
        """Return what is done next: of twenty things fifteen are searches."""
        drawn = chance.random()
        if drawn < 0.75 or not self.shown:
            return "page: search", {"type": "search", "text": text}
        if drawn < 0.85:
            return "page: like", {"type": "like", "item_id": self.shown[chance.integers(len(self.shown))]}
        if drawn < 0.9:
            return "page: more", {"type": "more", "turn_id": self.turns}
        if drawn < 0.95:
            return "page: similar", {"type": "similar", "item_id": self.shown[0]}
        return "page: facets", {"type": "facets", "where": {"classification": "Prints"}}

    async def tell(self, event):
        """Send an event; return the status of its answer."""
        self.events += 1
        path = f"{self.base}/events?stream=s{self.number}&name=s{self.number}-{self.events}"
        body = json.dumps({**event, "request": f"{self.number}-{self.events}"}).encode()
        self.line[1].write(request("POST", path, body, cookie=self.cookie))
        head, content = await answer(self.line[0])
        status = int(head[9:12])
        if status == 200:
            for message, _ in json.loads(content):
                assert not (message["type"] == "state" and message["changes"].get("error")), message
                if message["type"] == "turn":
                    self.turns = message["heading"]["turn_id"]
                    self.shown = [work["item_id"] for work in message["works"]] or self.shown
        return status


def request(method, path, body=b"", *, cookie=""):
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{PORT}", f"Content-Length: {len(body)}"]
    lines += [f"Cookie: {cookie}"] if cookie else []
    lines += ["Content-Type: application/json", "Sec-Fetch-Site: same-origin"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


async def answer(reader):
    """Return the head of an answer, in small letters but for values, and its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(head.lower().partition("content-length:")[2].split("\r\n")[0])
    return head.replace("HTTP", "http"), await reader.readexactly(length)


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
