"""Words searched in Milvus beside words searched in files: the same answers, CPU time and memory.

    python benchmarks/words_in_milvus.py WORKSPACE [--folder FOLDER] [--questions 200] [--milvus ADDRESS]

WORKSPACE is a collection whose texts are in files; it stays as it is. Asked are the English questions of
``questions.txt`` and the beginnings of titles. Without an address, Milvus Lite keeps its files in FOLDER and
runs in a process of its own, so that the memory of the process that asks is that of answering: what it holds
of its own, and its share of the pages of files that it has mapped.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from ham_recommend.catalog.catalog import Catalog
from ham_recommend.encode.related import related_words
from ham_recommend.index import _embedded_milvus
from ham_recommend.index._text_known import KNOWN, Known, TextRows
from ham_recommend.index.text_index import TextIndex
from ham_recommend.index.text_search import TextSearch
from ham_recommend.index.text_stores import fill_texts, open_text_store
from ham_recommend.index.texts_elsewhere import TextsElsewhere
from ham_recommend.workspace import CATALOG, Workspace

QUESTIONS = Path(__file__).with_name("questions.txt")
LITE = """
import sys
from milvus_lite.server_manager import server_manager_instance as manager
print(manager.start_and_get_uri(sys.argv[1]), flush=True)
sys.stdin.read()
"""
LIBRARY = ctypes.CDLL(None)


def questions(workspace: Workspace, count: int) -> list[str]:
    lines = [line.split("|")[0] for line in QUESTIONS.read_text("utf-8").splitlines() if line[:1] not in "#"]
    catalog = Catalog.read(workspace.checked(CATALOG))
    works = catalog.get(random.Random(1).sample(catalog.item_ids.tolist(), min(len(catalog), 10 * count)))
    titles = [" ".join(work.title.split()[:4]) for work in works.values() if len(work.title.split()) > 2]
    return [*lines, *titles][:count]


def memory() -> tuple[float, float]:
    """Return MB of this process's own, and its share of mapped files."""
    gc.collect()
    LIBRARY.malloc_trim(0)
    held = psutil.Process().memory_full_info()
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    own = next(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:")) / 1e3
    return own, held.pss / 1e6 - own


@contextmanager
def lite(folder: Path) -> Iterator[psutil.Process]:
    """Run Milvus Lite in another process; this one then asks that."""
    command = [sys.executable, "-c", LITE, str(folder / "vectors.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        address = running.stdout.readline().strip()
        _embedded_milvus.started = lambda _: address
        _embedded_milvus.left = lambda _: None
        yield psutil.Process(running.pid)
        running.kill()


def fill(workspace: Workspace, address: str, folder: Path) -> float:
    """Fill Milvus, and write what is known of the texts; return CPU seconds, as far as they are ours."""
    start = time.process_time()
    parts = TextIndex.load_to_add(workspace.checked).parts
    rows = TextRows(parts, {}, None)
    known = rows.known()
    store = open_text_store(address, "benchmark", "texts", rows.dim, create=True)
    fill_texts(store, rows, known, Catalog.read(workspace.checked(CATALOG)))
    store.close()

    @contextmanager
    def written(name: str, *, rows: int) -> Iterator[Path]:  # noqa: ARG001
        yield folder / Path(name).name

    known.save(written)
    return time.process_time() - start


def ask(search: TextSearch, asked: list[str]) -> tuple[list, np.ndarray]:
    """Return the answers, and CPU milliseconds of this process for each."""
    search.search("portrait", 12)
    answers, times = [], []
    for one in asked:
        start = time.process_time()
        answers.append(search.search(one, 12))
        times.append(1e3 * (time.process_time() - start))
    return answers, np.array(times)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("workspace", type=Path)
    options.add_argument("--folder", type=Path, default=Path("words_in_milvus"))
    options.add_argument("--questions", type=int, default=200)
    options.add_argument("--milvus", default="")
    options.add_argument("--step", choices=("fill", "files", "milvus"))
    given = options.parse_args()
    given.folder.mkdir(exist_ok=True)
    address = given.milvus or f"milvus+lite://{given.folder.resolve()}"
    if given.step is None:
        for step in ("fill", "files", "milvus"):
            subprocess.run([sys.executable, *sys.argv, "--step", step], check=True)
        return
    workspace, console, listed = Workspace(given.workspace), Console(), given.folder / "questions.txt"
    if given.step == "fill":
        listed.write_text("\n".join(questions(workspace, given.questions)), "utf-8")
        console.print(f"filled in {fill(workspace, address, given.folder):.0f} s of CPU")
        return
    asked, kept = listed.read_text("utf-8").splitlines(), given.folder / "answers.npz"
    related_words()
    before = memory()
    table = Table("words in", "same works", "largest difference", "CPU ms", "Milvus's", "MB own", "MB mapped")
    if given.step == "files":
        answers, times = ask(TextIndex.load(workspace.checked), asked)
        np.savez(kept, ids=[" ".join(one.item_ids) for one in answers])
        scores = {str(at): one.scores for at, one in enumerate(answers)}
        np.savez(given.folder / "scores.npz", **scores)
        own, mapped = (after - was for after, was in zip(memory(), before, strict=True))
        table.add_row("files", "", "", f"{times.mean():.1f}", "", f"{own:.0f}", f"{mapped:.0f}")
        console.print(table)
        return
    with lite(given.folder) as server:
        known, space = Known.load(
            lambda name: given.folder / Path(name).name if name == KNOWN else workspace.checked(name)
        )
        store = open_text_store(address, "benchmark", "texts", space.shape[1])
        search = TextSearch(TextsElsewhere(known, space, lambda: store))
        search.search("portrait", 12)
        spent = sum(server.cpu_times()[:2])
        answers, times = ask(search, asked)
        spent = 1e3 * (sum(server.cpu_times()[:2]) - spent) / len(asked)
        own, mapped = (after - was for after, was in zip(memory(), before, strict=True))
        wanted, scores = np.load(kept)["ids"], np.load(given.folder / "scores.npz")
        same = sum(" ".join(one.item_ids) == ids for one, ids in zip(answers, wanted, strict=True))
        pairs = [(one.scores, scores[str(at)]) for at, one in enumerate(answers)]
        worst = max(np.abs(a - b).max(initial=0) if len(a) == len(b) else np.inf for a, b in pairs)
        cells = (f"{same} of {len(asked)}", f"{worst:.0e}", f"{times.mean():.0f}", f"{spent:.0f}")
        table.add_row("Milvus", *cells, f"{own:.0f}", f"{mapped:.0f}")
        console.print(table)


if __name__ == "__main__":
    main()
