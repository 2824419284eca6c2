"""Encodes the pictures of a whole collection: opened by threads while others are encoded, memory flat."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from ham_recommend.catalog.pictures import THUMBNAIL_SIDE, open_picture
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.errors import UnreadablePictureError
from ham_recommend.records import Embeddings, Problem

Rows = list[int]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to encode.

    Parameters
    ----------
    item_id : str
        The work it shows.
    path : path-like
        The file, best a thumbnail.
    content : str
        Hash of the picture; pictures with the same one are encoded once. Empty when it is not known.
    """

    item_id: str
    path: str | os.PathLike[str]
    content: str


class EncodedPictures(NamedTuple):
    """What :func:`encode_pictures` made.

    Parameters
    ----------
    embeddings : Embeddings
        One row per readable picture, in the order given.
    problems : list of Problem
        The pictures that could not be read.
    """

    embeddings: Embeddings
    problems: list[Problem]


def encode_pictures(
    encoder: ImageEncoder,
    pictures: Sequence[Picture],
    *,
    previous: Embeddings | None = None,
    progress: Callable[[int], object] | None = None,
    long_side: int = THUMBNAIL_SIDE,
    batch_size: int = 32,
    threads: int = 2,
) -> EncodedPictures:
    """Encode pictures, except those that ``previous`` holds from the same encoder with the same content.

    Parameters
    ----------
    encoder : ImageEncoder
        What encodes.
    pictures : sequence of Picture
        One per work.
    previous : Embeddings or None
        Vectors to take over where nothing changed; ignored when another encoder made them.
    progress : callable or None
        Called with the number of pictures done since the last call.
    long_side : int
        Larger pictures are reduced to this many pixels on their longer side before they are encoded.
    batch_size : int
        How many pictures are given to the encoder at once.
    threads : int
        How many pictures are opened at once.
    """
    vectors = np.empty((len(pictures), encoder.dim), np.float32)
    done = np.zeros(len(pictures), bool)
    waiting: dict[str | int, Rows] = {}
    known = _rows_by_content(previous) if previous and previous.model_id == encoder.model_id else {}
    for row, picture in enumerate(pictures):
        if previous is not None and picture.content in known:
            vectors[row], done[row] = previous.vectors[known[picture.content]], True
        else:
            waiting.setdefault(picture.content or row, []).append(row)
    report = progress or (lambda _count: None)
    report(int(done.sum()))

    problems: list[Problem] = []
    for batch in _opened(pictures, waiting.values(), batch_size, threads, long_side):
        readable = [(rows, image) for rows, image in batch if isinstance(image, Image.Image)]
        encoded = encoder.encode_images([image for _, image in readable])
        for (rows, _), vector in zip(readable, encoded, strict=True):
            vectors[rows], done[rows] = vector, True
        for rows, reason in batch:
            if isinstance(reason, str):
                problems += [Problem(pictures[row].item_id, reason) for row in rows]
        report(sum(len(rows) for rows, _ in batch))
    return EncodedPictures(_embeddings(encoder, pictures, vectors, done), problems)


def _rows_by_content(embeddings: Embeddings) -> dict[str, int]:
    contents = () if embeddings.contents is None else embeddings.contents
    return {str(content): row for row, content in enumerate(contents) if content}


def _opened(
    pictures: Sequence[Picture],
    groups: Iterable[Rows],
    batch_size: int,
    threads: int,
    long_side: int,
) -> Iterator[list[tuple[Rows, Image.Image | str]]]:
    """Yield batches of the rows that show one picture, with its image or the reason why there is none."""
    ahead: deque[tuple[Rows, Future[Image.Image | str]]] = deque()

    def batch() -> list[tuple[Rows, Image.Image | str]]:
        size = min(batch_size, len(ahead))
        return [(rows, opened.result()) for rows, opened in (ahead.popleft() for _ in range(size))]

    with ThreadPoolExecutor(threads) as pool:
        for rows in groups:
            ahead.append((rows, pool.submit(_open, pictures[rows[0]], long_side)))
            if len(ahead) == 2 * batch_size:
                yield batch()
        while ahead:
            yield batch()


def _open(picture: Picture, long_side: int) -> Image.Image | str:
    try:
        return open_picture(picture.path, long_side=long_side)
    except UnreadablePictureError as error:
        return str(error)


def _embeddings(
    encoder: ImageEncoder,
    pictures: Sequence[Picture],
    vectors: npt.NDArray[np.float32],
    done: npt.NDArray[np.bool_],
) -> Embeddings:
    readable = np.flatnonzero(done).tolist()
    return Embeddings(
        np.array([pictures[row].item_id for row in readable], object),
        vectors if len(readable) == len(pictures) else vectors[readable],
        encoder.model_id,
        np.array([pictures[row].content for row in readable], object),
    )
