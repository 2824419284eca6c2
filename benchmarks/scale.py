"""How stores grow: each kind, and what one would otherwise pick, on the same vectors and questions.

    python benchmarks/scale.py [--n 117245 300000] [--stores flat,hnsw,postgresql+embedded:] [--json FILE]

Vectors gather around centres, a hundred to each, as those of pictures do. Each store is filled in a process
of its own and asked in another, so that memory is that of answering. *Memory* is what the process (for a
database: its server too) holds of its own once it has answered and given back what it no longer needs; *a
work* is what of it the works and their ids account for, without the program; *mapped* are pages of files,
which the system drops when it needs room. CPU is that of the process and of the server, so that a busy
machine does not matter. USearch cannot filter: it is asked for more, and what is not allowed is dropped.
USearch and LanceDB are left out where they are not installed. A Milvus server on this
machine is named by its address, and asked through pymilvus alone, for as many of the nearest and nothing
else, after that: --stores milvus://127.0.0.1:19530,bare+milvus://127.0.0.1:19530. A store that keeps what
works are filtered by is asked for the limits by ids and by tags. A database is asked once it is quiet.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from ham_recommend.catalog.tags import Condition, Tags, Within, gathered
from ham_recommend.index._milvus import asking, named
from ham_recommend.index.addresses import is_url
from ham_recommend.index.base import TaggedStore
from ham_recommend.index.stores import file_store, fill_store, open_store
from ham_recommend.records import Embeddings

K = 12
QUESTIONS = 200
DIM = 512
PER_CENTRE = 100
STORES = ("flat", "fp16", "hnsw", "ivf", "ivfpq", "postgresql+embedded:", "usearch", "lancedb")
ROWS_AT_ONCE = 20_000
TAGS = {"1 %": 0, "10 %": 1}
BY_TAG = " by tag"
QUIET = 70
"""Seconds: Milvus looks each minute for something to sort."""
LIBRARY = ctypes.CDLL(None)


def make(folder: Path, n: int) -> None:
    """Write vectors, questions, limits and true answers."""
    rng = np.random.default_rng(0)
    centres = 1.5 * rng.standard_normal((max(1, n // PER_CENTRE), DIM), dtype=np.float32)

    def near_centres(count: int) -> np.ndarray:
        vectors = rng.standard_normal((count, DIM), dtype=np.float32)
        vectors += centres[rng.integers(0, len(centres), count)]
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    vectors = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, (n, DIM))
    questions = near_centres(QUESTIONS)
    best: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    order = rng.permutation(n)
    limits = {"plain": None, "−1,000": order[:1000], "1 %": order[: n // 100], "10 %": order[: n // 10]}
    masks = {name: np.full(n, name in {"plain", "−1,000"}) for name in limits}
    for name, rows in limits.items():
        if rows is not None:
            masks[name][rows] = name != "−1,000"
    for start in range(0, n, ROWS_AT_ONCE):
        stop = min(start + ROWS_AT_ONCE, n)
        vectors[start:stop] = near_centres(stop - start)
        scores = questions @ vectors[start:stop].T
        for name, mask in masks.items():
            here = np.where(mask[start:stop], scores, -np.inf)
            rows = np.argpartition(-here, K, axis=1)[:, :K]
            found = np.take_along_axis(here, rows, 1)
            if name in best:
                rows = np.concatenate([best[name][0], rows + start], axis=1)
                found = np.concatenate([best[name][1], found], axis=1)
            top = np.argsort(-found, axis=1)[:, :K]
            best[name] = np.take_along_axis(rows, top, 1), np.take_along_axis(found, top, 1)
    vectors.flush()
    np.save(folder / "questions.npy", questions)
    np.savez(
        folder / "asked.npz",
        **{f"rows {name}": rows for name, rows in limits.items() if rows is not None},
        **{f"true {name}": rows for name, (rows, _) in best.items()},
    )


def embeddings_in(folder: Path) -> Embeddings:
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    ids = np.array([f"made:{row:08d}" for row in range(len(vectors))], dtype=np.object_)
    return Embeddings(ids, vectors, "made-up")


def tags_in(folder: Path, embeddings: Embeddings) -> Tags:
    """Return what the works are filtered by: what the limits leave has tags, as if it were of a kind.

    Six further tags make it as many as the works of a museum of 117,243 have, and all are of one year.
    """
    asked, n = np.load(folder / "asked.npz"), len(embeddings)
    others = np.random.default_rng(2).integers(len(TAGS), 3000, 6 * n)
    fields = [(np.repeat(np.arange(n), 6), others)]
    for limit, tag in TAGS.items():
        rows = asked[f"rows {limit}"].astype(np.int64)
        fields.append((rows, np.full(len(rows), tag)))
    years = np.zeros(n, dtype=np.int64)
    return Tags(embeddings.item_ids, years, years, *gathered(n, fields))


class Ours:
    """A store of this library."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        own = {"postgresql+embedded:": folder / "postgres", "milvus+lite:": folder / "milvus"}
        self.url = f"{name}//{own[name]}" if name in own else name
        self.file = folder / f"index.{name.partition(':')[0]}"

    def fill(self, embeddings: Embeddings) -> None:
        if is_url(self.name):
            if self.url != self.name:
                Path(self.url.partition("//")[2]).mkdir(exist_ok=True)
            with_room = open_store(self.url, f"scale.{len(embeddings)}", DIM, create=True)
            fill_store(with_room, embeddings, tags_in(self.folder, embeddings))
            with_room.close()
        else:
            store = file_store(self.name)(DIM)
            store.upsert(embeddings)
            store.save(self.file)

    def bring_in(self) -> None:
        if not is_url(self.name):
            file_store(self.name)(DIM)

    def open(self, embeddings: Embeddings) -> None:
        if is_url(self.name):
            self.store = open_store(self.url, f"scale.{len(embeddings)}", DIM)
            if isinstance(self.store, TaggedStore):
                self.store.expect(tags_in(self.folder, embeddings))
        else:
            self.store = file_store(self.name).load(self.file, embeddings)

    def ask(self, question: np.ndarray, exclude: list[str], within: Collection[str] | None) -> list[str]:
        return self.store.search(question, K, exclude=exclude, within=within)[0].item_ids.tolist()


class BareMilvus:
    """What Ours filled into a Milvus, asked through pymilvus for the nearest of all."""

    def __init__(self, name: str, folder: Path) -> None:
        self.url = name.replace("bare+milvus", "http")

    def fill(self, embeddings: Embeddings) -> None: ...

    def bring_in(self) -> None:
        import pymilvus  # noqa: F401

    def open(self, embeddings: Embeddings) -> None:
        import pymilvus

        self.client = pymilvus.MilvusClient(self.url, dedicated=True)
        self.collection = named(f"scale.{len(embeddings)}")[0]

    def ask(self, question: np.ndarray, exclude: list[str], within: Collection[str] | None) -> list[str]:
        hits = self.client.search(
            self.collection,
            data=[question],
            limit=K,
            output_fields=["item_id"],
            search_params=asking("hnsw", K),
            consistency_level="Session",
        )
        return [hit["entity"]["item_id"] for hit in hits[0]]


class USearch:
    """The graph of USearch, by its own defaults, in half precision."""

    def __init__(self, name: str, folder: Path) -> None:
        self.file = folder / "index.usearch"

    def fill(self, embeddings: Embeddings) -> None:
        from usearch.index import Index

        index = Index(ndim=DIM, metric="ip", dtype="f16")
        index.add(np.arange(len(embeddings)), np.asarray(embeddings.vectors), threads=1)
        index.save(str(self.file))

    def bring_in(self) -> None:
        import usearch.index  # noqa: F401

    def open(self, embeddings: Embeddings) -> None:
        from usearch.index import Index

        self.index = Index.restore(str(self.file))
        self.ids = embeddings.item_ids

    def ask(self, question: np.ndarray, exclude: list[str], within: list[str] | None) -> list[str]:
        wanted = (
            K + len(exclude) if within is None else min(len(self.ids), 20 * K * len(self.ids) // len(within))
        )
        found = self.ids[self.index.search(question, min(wanted, 5000), threads=1).keys]
        dropped, kept = set(exclude), None if within is None else set(within)
        return [one for one in found if one not in dropped and (kept is None or one in kept)][:K]


class LanceDb:
    """A table of LanceDB with its usual index, and a filter by ids."""

    def __init__(self, name: str, folder: Path) -> None:
        self.file = folder / "index.lancedb"

    def fill(self, embeddings: Embeddings) -> None:
        import lancedb
        import pyarrow as pa

        def batches():
            for start in range(0, len(embeddings), ROWS_AT_ONCE):
                rows = slice(start, start + ROWS_AT_ONCE)
                flat = pa.array(np.asarray(embeddings.vectors[rows]).reshape(-1))
                yield pa.record_batch(
                    [pa.array(embeddings.item_ids[rows]), pa.FixedSizeListArray.from_arrays(flat, DIM)],
                    names=["item_id", "vector"],
                )

        schema = pa.schema([("item_id", pa.string()), ("vector", pa.list_(pa.float32(), DIM))])
        table = lancedb.connect(self.file).create_table(
            "works", pa.RecordBatchReader.from_batches(schema, batches())
        )
        table.create_index(metric="dot")
        table.create_scalar_index("item_id")

    def bring_in(self) -> None:
        import lancedb  # noqa: F401

    def open(self, embeddings: Embeddings) -> None:
        import lancedb

        self.table = lancedb.connect(self.file).open_table("works")

    def ask(self, question: np.ndarray, exclude: list[str], within: list[str] | None) -> list[str]:
        query = self.table.search(question).distance_type("dot").nprobes(64).refine_factor(20)
        if exclude:
            query = query.where(f"item_id NOT IN ({', '.join(map(repr, exclude))})", prefilter=True)
        if within is not None:
            query = query.where(f"item_id IN ({', '.join(map(repr, within))})", prefilter=True)
        return query.select(["item_id"]).limit(K).to_arrow()["item_id"].to_pylist()


def store_of(name: str, folder: Path):
    others = {"usearch": USearch, "lancedb": LanceDb, "bare+milvus": BareMilvus}
    return others.get(name.partition(":")[0], Ours)(name, folder)


def server_of(name: str, folder: Path) -> list[psutil.Process]:
    """Return the processes of the database in a folder, or of the Milvus on this machine."""
    if "milvus://" in name:
        return [one for one in psutil.process_iter(["name"]) if one.info["name"] == "milvus"]
    try:
        server = psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]))
        return [server, *server.children(recursive=True)]
    except (OSError, psutil.Error):
        return []


class Cpu:
    """Seconds of processor time, of this process and of a database beside it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.start = self._now()

    def _now(self) -> float:
        mine = psutil.Process().cpu_times()
        total = mine.user + mine.system
        for process in server_of(self.name, self.folder):
            try:
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
            except psutil.Error:
                continue
        return total

    def seconds(self) -> float:
        return self._now() - self.start


def settle(name: str, folder: Path) -> None:
    """Wait for a database that still sorts what it was given, as Milvus does some minutes later by itself."""
    quiet, until = 0, time.monotonic() + 300
    while server_of(name, folder) and quiet < QUIET and time.monotonic() < until:
        cpu = Cpu(name, folder)
        time.sleep(1)
        quiet = quiet + 1 if cpu.seconds() < 0.1 else 0


def held(name: str, folder: Path) -> tuple[float, float]:
    """Return the megabytes that belong to the process and its server, and those of mapped files."""
    own, mapped = 0.0, 0.0
    if hasattr(LIBRARY, "malloc_trim"):
        LIBRARY.malloc_trim(0)
    for process in (psutil.Process(), *server_of(name, folder)):
        try:
            lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        except OSError:
            continue
        said = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith("Rss")}
        own += said["RssAnon"]
        mapped += said["RssFile"]
    return own, mapped


def fill(name: str, folder: Path) -> dict[str, float]:
    embeddings = embeddings_in(folder)
    before = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    store, cpu = store_of(name, folder), Cpu(name, folder)
    store.fill(embeddings)
    seconds = cpu.seconds()
    after = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return {"build": seconds, "disk": (after - before) / 1e6}


def ask(name: str, folder: Path) -> dict[str, float]:
    embeddings, questions = embeddings_in(folder), np.load(folder / "questions.npy")
    asked = np.load(folder / "asked.npz")
    limits = {key[5:]: asked[key] for key in asked if key.startswith("true ")}
    own, mapped = held(name, folder)
    store = store_of(name, folder)
    store.bring_in()
    program = held(name, folder)[0]
    store.open(embeddings)
    settle(name, folder)
    said: dict[str, float] = {}
    if isinstance(store, BareMilvus):
        limits = {"plain": limits["plain"]}
    if isinstance(getattr(store, "store", None), TaggedStore):
        limits.update({f"{limit}{BY_TAG}": limits[limit] for limit in TAGS})
    for limit, truth in limits.items():
        rows = asked.get(f"rows {limit.removesuffix(BY_TAG)}", [])
        chosen = embeddings.item_ids[rows].tolist() if len(rows) else []
        exclude, within = (chosen, None) if limit in {"plain", "−1,000"} else ([], chosen)
        if limit.endswith(BY_TAG):
            condition = Condition(tags=((TAGS[limit.removesuffix(BY_TAG)],),))
            within = Within(np.array(within, dtype=np.object_), lambda told=condition: told)
        store.ask(questions[0], exclude, within)
        cpu, start = Cpu(name, folder), time.perf_counter()
        found = [store.ask(question, exclude, within) for question in questions]
        said[f"cpu {limit}"] = 1000 * cpu.seconds() / len(questions)
        said[f"wall {limit}"] = 1000 * (time.perf_counter() - start) / len(questions)
        true = [set(embeddings.item_ids[best]) for best in truth]
        hits = [len(set(ours) & best) for ours, best in zip(found, true, strict=True)]
        said[f"recall {limit}"] = sum(hits) / (K * len(questions))
        said[f"lost {limit}"] = sum(hit == 0 for hit in hits)
    now = held(name, folder)
    a_work = 2**20 * (now[0] - program) / len(embeddings)
    return {**said, "memory": now[0] - own, "a work": a_work, "mapped": now[1] - mapped}


def apart(step: str, name: str, folder: Path) -> dict[str, float] | None:
    """Run a step in a process of its own; ``None`` where it cannot be."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, "--step", step, "--stores", name, "--folder", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"{name} is left out: {done.stderr.strip().splitlines()[-1]}")
        return None
    return json.loads(done.stdout.splitlines()[-1])


def show(results: dict[str, dict[str, float]], n: int) -> None:
    table = Table(title=f"{n:,} vectors of {DIM} dimensions: CPU ms a question (recall@{K} in brackets)")
    columns = ["plain", "−1,000", *TAGS]
    columns += [
        f"{limit}{BY_TAG}"
        for limit in TAGS
        if any(f"cpu {limit}{BY_TAG}" in said for said in results.values())
    ]
    for column in ("", *columns, "build s", "memory MB", "a work, B", "mapped MB", "disk MB"):
        table.add_column(column, justify="left" if not column else "right")
    for name, said in results.items():
        asked = [
            f"{said[f'cpu {limit}']:.2f} ({said[f'recall {limit}']:.3f})" if f"cpu {limit}" in said else ""
            for limit in columns
        ]
        sizes = [f"{said[size]:,.0f}" for size in ("build", "memory", "a work", "mapped", "disk")]
        table.add_row(name, *asked, *sizes)
    Console(width=150).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, nargs="+", default=[117_245])
    parser.add_argument("--stores", default=",".join(STORES))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--step", choices=["fill", "ask"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps((fill if options.step == "fill" else ask)(options.stores, options.folder)))
        return
    everything = {}
    for n in options.n:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            folder.chmod(0o755)
            make(folder, n)
            results = {}
            for name in options.stores.split(","):
                filled = apart("fill", name, folder)
                asked = apart("ask", name, folder) if filled is not None else None
                if asked is None:
                    continue
                results[name] = {**filled, **asked}
                everything[n] = results
                if options.json:
                    options.json.write_text(json.dumps(everything, indent=1, ensure_ascii=False))
            show(results, n)


if __name__ == "__main__":
    main()
