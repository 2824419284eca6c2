"""Which paintings a picture vector puts side by side: the style encoder beside plainer statistics.

    python benchmarks/picture_style.py

1,062 paintings of at most 384 pixels (``$HAM_DATA/paintings``, default ``../shared/data``). Every painting
asks for the ten others nearest to it; *style* and *artist* are the shares of those ten that are of its own.
The rate includes reading and decoding the files.
"""

from __future__ import annotations

import csv
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table
from scipy.ndimage import gaussian_filter

from ham_recommend.catalog.thumbnails import Original, ThumbnailFolder
from ham_recommend.encode._colour import fields_of, oklab
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.encode.journal import VectorJournal
from ham_recommend.encode.pipeline import encode_pictures
from ham_recommend.encode.style import StyleEncoder

PAINTINGS = Path(os.environ.get("HAM_DATA", "../shared/data")) / "paintings"
K = 10


class Plain(ImageEncoder):
    """Encodes with a function from a picture's sRGB array to a row."""

    def __init__(self, model_id, dim, describe):
        self.model_id, self.dim, self.describe = model_id, dim, describe

    def encode_images(self, images):
        """Encode pictures; see the base class."""
        return unit([self.describe(np.asarray(image)) for image in images])


def chance():
    random = np.random.default_rng(0)
    return Plain("chance: random vectors", 64, lambda _rgb: random.normal(size=64))


def rgb_histogram(rgb):
    steps = rgb.reshape(-1, 3).astype(np.intp) * 5 // 256
    return np.bincount(steps @ (25, 5, 1), minlength=125)


def quick_trial(rgb):
    lab = oklab(np.asarray(Image.fromarray(rgb).reduce(2)))
    parts = ((1, histogram(lab)), (2, layout(lab)), (8, orientations(lab[0])))
    return np.concatenate([np.sqrt(weight) * unit([part])[0] for weight, part in parts])


def histogram(lab):
    place = (lab.reshape(3, -1).T - (0, -0.15, -0.15)) / (1, 0.3, 0.3)
    steps = np.clip(place * 8, 0, 7).astype(np.intp)
    return np.sqrt(np.bincount(steps @ (64, 8, 1), minlength=512))


def layout(lab):
    fields = fields_of(lab.shape[1:], 4)
    sums = [np.bincount(fields, channel.ravel(), 16) for channel in lab]
    return (np.array(sums) / np.maximum(np.bincount(fields, minlength=16), 1)).ravel()


def orientations(light):
    scales = []
    for sigma in (0.7, 1.4, 2.8, 5.6):
        down, right = np.gradient(gaussian_filter(light, sigma))
        angle = (np.arctan2(down, right) % np.pi / np.pi * 8).astype(np.intp) % 8
        scales.append(sigma * np.bincount(angle.ravel(), np.hypot(down, right).ravel(), 8))
    return np.sqrt(np.concatenate(scales))


def unit(rows):
    rows = np.asarray(rows, np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def share_alike(vectors, labels):
    """Return the share of every work's nearest ``K`` others that have its label."""
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -np.inf)
    nearest = np.argpartition(-likeness, K, axis=1)[:, :K]
    return (labels[nearest] == labels[:, None]).mean()


def main():
    with (PAINTINGS / "paintings.csv").open(encoding="utf-8", newline="") as table:
        works = list(csv.DictReader(table))
    paths = [str(PAINTINGS / "images" / work["file"]) for work in works]
    pictures = [
        Original(work["id"], path, copies_allowed=False) for work, path in zip(works, paths, strict=True)
    ]
    styles, artists = (np.array([work[field] for work in works]) for field in ("style", "artist"))

    encoders = (
        chance(),
        Plain("RGB histogram", 125, rgb_histogram),
        Plain("quick trial: Lab histogram, 4 × 4 layout, gradients at 4 scales", 592, quick_trial),
        StyleEncoder(),
    )
    table = Table(title=f"{len(works):,} paintings, {os.cpu_count()} cores")
    for heading in ("vectors", "dimensions", f"style@{K}", f"artist@{K}", "pictures/s"):
        table.add_column(heading, justify="left" if heading == "vectors" else "right")
    for encoder in encoders:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            journal = VectorJournal(folder, encoder.model_id, encoder.dim)
            done = encode_pictures(pictures, ThumbnailFolder(Path(folder)), encoder, journal)
            vectors = np.array(done.embeddings.vectors)
        rate = len(pictures) / (time.perf_counter() - start)
        shares = (f"{share_alike(vectors, labels):.3f}" for labels in (styles, artists))
        table.add_row(encoder.model_id, str(encoder.dim), *shares, f"{rate:.0f}")
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
