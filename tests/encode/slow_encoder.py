"""Builds of pictures to be killed: an encoder that takes its time and notes what it begins with."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from ham_recommend.catalog.thumbnails import Original, ThumbnailFolder
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.encode.failures import Failures
from ham_recommend.encode.journal import VectorJournal
from ham_recommend.encode.pipeline import encode_pictures
from ham_recommend.net.http import Fetcher


class SlowEncoder(ImageEncoder):
    """Encodes two pixels; notes every picture as soon as it begins with it."""

    model_id = "slow"
    dim = 6
    batch_size = 4

    def __init__(self, log):
        self.log = log

    def encode_images(self, images):
        pixels = [[*image.getpixel((5, 5)), *image.getpixel((90, 60))] for image in images]
        with self.log.open("a") as notes:
            notes.writelines(f"{pixel}\n" for pixel in pixels)
        time.sleep(0.004)
        rows = np.array(pixels, np.float32) + 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def encode_folder(root: Path, log: Path):
    """Encode all pictures under ``root / "originals"``, and leave the arrays in ``root``."""
    encode(root, log, [Original(path.stem, str(path)) for path in sorted((root / "originals").iterdir())])


def encode_web(root: Path, log: Path, place: str, count: int):
    """Encode the pictures of a museum on the web, and leave the arrays in ``root``."""
    pictures = [Original(f"{row:04}", f"http://{place}/pictures/{row}.jpg") for row in range(count)]
    with Fetcher(allow_private=[place], rate_per_host=1e6) as fetcher:
        encode(root, log, pictures, fetcher=fetcher, failures=Failures(root / "failures.jsonl"))


def encode(root: Path, log: Path, pictures, **options):
    """Encode pictures, and leave the arrays in ``root``."""
    encoder = SlowEncoder(log)
    journal = VectorJournal(root / "journal", encoder.model_id, encoder.dim)
    done = encode_pictures(pictures, ThumbnailFolder(root / "out"), encoder, journal, **options)
    np.save(root / "ids.npy", np.asarray(done.embeddings.item_ids, str))
    np.save(root / "vectors.npy", done.embeddings.vectors)
