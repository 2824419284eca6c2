"""How fast pictures from a server become vectors, beside the bare model and beside the notebook's way.

A museum on this machine (in a process of its own) serves the paintings with 50 ms latency. The model has the
size of OpenAI's ViT-B/32 and random weights, which costs the same time.

    python benchmarks/picture_pipeline.py [--count N]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ham_recommend.catalog.decoding import open_picture
from ham_recommend.catalog.thumbnails import Original, ThumbnailFolder
from ham_recommend.encode.clip import ClipEncoder
from ham_recommend.encode.journal import VectorJournal
from ham_recommend.encode.pipeline import encode_pictures
from ham_recommend.encode.style import StyleEncoder
from ham_recommend.net.http import Fetcher
from ham_recommend.net.outcomes import or_raise

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("HAM_DATA", ROOT.parent / "shared" / "data"))
LATENCY = 0.05
AT_ONCE = 64
BARE = "bare model, ready tensors"
VIT_B_32 = {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "image_size": 224,
    "patch_size": 32,
}
SERVE = """
import sys, time
from pathlib import Path
from ham_recommend.testing.fake_museum import FakeMuseum
paths = {path.stem: path.read_bytes() for path in Path(sys.argv[1]).rglob("*.jpg")}
with FakeMuseum(pictures=paths, latency=float(sys.argv[2])) as museum:
    print(museum.place, flush=True)
    begun = time.process_time()
    sys.stdin.read()
    print(time.process_time() - begun, flush=True)
"""


class Museum:
    """The museum in a process of its own, and what it cost."""

    def __enter__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(DATA / "paintings" / "images"), str(LATENCY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.place = self._process.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.seconds = float(self._process.communicate()[0])

    def pictures(self, count, *, copies_allowed):
        """Return the first paintings, with their addresses here."""
        names = sorted(path.stem for path in (DATA / "paintings" / "images").rglob("*.jpg"))[:count]
        address = f"http://{self.place}/iiif/{{}}/full/full/0/default.jpg"
        return [Original(name, address.format(name), copies_allowed) for name in names]

    def fetcher(self):
        """Return a fetcher that need not be polite."""
        return Fetcher(allow_private=[self.place], rate_per_host=10_000, at_once=32)


def random_clip(folder):
    """Return an encoder of full size, and its model as transformers has it.

    Only the tower for words is small, and not used.
    """
    sys.path.insert(0, str(ROOT / "tests"))
    from tiny_clip import save_clip
    from transformers import CLIPModel

    encoder = ClipEncoder(str(save_clip(Path(folder), vision=VIT_B_32, dim=512)))
    return encoder, CLIPModel.from_pretrained(folder).eval().to(encoder._model.device, encoder._model.dtype)


def bare_clip(encoder, model, prepared, *, threads=1):
    """Return pictures a second of a model alone, on tensors that are ready.

    With one thread for each operation there is a chunk at work on every core, as the encoder does it; with
    more, the cores share each operation on a batch of 16, as torch does when nobody says.
    """
    import torch

    at_once, size = (encoder.at_once, encoder.batch_size) if threads == 1 else (1, 16)
    batches = [
        encoder._preparing.normalised(torch, np.stack(prepared[start : start + size]))
        for start in range(0, len(prepared) - size + 1, size)
    ]
    batches = [batch.to(model.device, model.dtype) for batch in batches]

    def forward(batch):
        with torch.inference_mode():
            model.get_image_features(pixel_values=batch)

    torch.set_num_threads(threads)
    start, busy = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(forward, batches))
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    torch.set_num_threads(1)
    return size * len(batches) / seconds, busy / (size * len(batches))


def bare_style(encoder, prepared):
    start, busy = time.perf_counter(), time.process_time()
    for first in range(0, len(prepared), encoder.batch_size):
        encoder.encode_prepared(prepared[first : first + encoder.batch_size])
    return len(prepared) / (time.perf_counter() - start), (time.process_time() - busy) / len(prepared)


def through_the_pipeline(encoder, count, *, copies_allowed):
    """Return pictures a second, and the processor's seconds a picture: of this process and of the server."""
    with tempfile.TemporaryDirectory() as folder:
        with Museum() as museum, museum.fetcher() as fetcher:
            pictures = museum.pictures(count, copies_allowed=copies_allowed)
            journal = VectorJournal(Path(folder) / "journal", encoder.model_id, encoder.dim)
            thumbnails = ThumbnailFolder(Path(folder))
            begun, busy = time.perf_counter(), time.process_time()
            done = encode_pictures(pictures, thumbnails, encoder, journal, fetcher=fetcher)
            seconds, busy = time.perf_counter() - begun, time.process_time() - busy
        assert len(done.embeddings) == count, done.problems[:3]
    return count / seconds, busy / count, museum.seconds / count


def the_notebooks_way(encoder, count):
    """Download 64, then embed them one by one, in turn."""
    with Museum() as museum, museum.fetcher() as fetcher:
        pictures = museum.pictures(count, copies_allowed=False)
        begun = time.perf_counter()
        for first in range(0, count, AT_ONCE):
            batch = [
                or_raise(fetcher.try_bytes(each.address)).content
                for each in pictures[first : first + AT_ONCE]
            ]
            for content in batch:
                encoder.encode_images([open_picture(content)])
        return count / (time.perf_counter() - begun)


def prepared_pictures(encoder, count):
    paths = sorted((DATA / "paintings" / "images").rglob("*.jpg"))[:count]
    return [encoder.prepare(open_picture(path, long_side=384)) for path in paths]


def report(title, rounds):
    """Print the median of each row over the rounds, and its share of the bare model."""
    table = Table(title=title)
    for heading in ("", "pictures/s", "of the bare model", "CPU ms a picture", "the server's"):
        table.add_column(heading, justify="right" if heading else "left")
    for name in rounds[0]:
        rates = [each[name][0] for each in rounds]
        shares = [each[name][0] / each[BARE][0] for each in rounds]
        costs = [1000 * float(np.median([each[name][at] for each in rounds])) for at in (1, 2)]
        shown = [f"{cost:.1f}" if cost else "" for cost in costs]
        table.add_row(name, f"{np.median(rates):.1f}", f"{100 * np.median(shares):.0f} %", *shown)
    Console(width=120).print(table)


def clip_round(clip, model, prepared, count):
    before = bare_clip(clip, model, prepared)
    rows = {
        BARE: before,
        "bare model, threads sharing each operation": (
            *bare_clip(clip, model, prepared, threads=clip.at_once),
            0,
        ),
        "the encoder's model, ready tensors": (*bare_clip(clip, clip._model, prepared), 0),
        "pipeline, vectors only": through_the_pipeline(clip, count, copies_allowed=False),
    }
    after = bare_clip(clip, model, prepared)
    rows[BARE] = (2 / (1 / before[0] + 1 / after[0]), (before[1] + after[1]) / 2, 0)
    rows["pipeline, with thumbnails"] = through_the_pipeline(clip, count, copies_allowed=True)
    rows["64 downloads, then one by one"] = (the_notebooks_way(clip, min(count, 192)), 0, 0)
    return rows


def style_round(style, prepared, count):
    return {
        BARE: (*bare_style(style, prepared), 0),
        "pipeline, vectors only": through_the_pipeline(style, count, copies_allowed=False),
        "pipeline, with thumbnails": through_the_pipeline(style, count, copies_allowed=True),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1062, help="how many pictures")
    parser.add_argument("--rounds", type=int, default=1, help="how often; medians are shown")
    parser.add_argument("--only", choices=["clip", "style"])
    asked = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    for name, models_of, one_round in (("clip", random_clip, clip_round), ("style", None, style_round)):
        if asked.only not in {None, name}:
            continue
        with tempfile.TemporaryDirectory() as folder:
            encoder, *model = models_of(folder) if models_of else [StyleEncoder()]
        prepared = prepared_pictures(encoder, asked.count)
        encoder.encode_prepared(prepared[:32])
        rounds = [one_round(encoder, *model, prepared, asked.count) for _ in range(asked.rounds)]
        report(f"{asked.count} paintings × {asked.rounds}, {encoder.model_id}, {cores} cores", rounds)


if __name__ == "__main__":
    main()
