"""The pictures of a map, small: pages full of square tiles, in three sizes, in one ZIP archive.

``<size>/<page>.jpg`` is 1,024 pixels wide and holds (1024 / size)² works, in the order of the map, row by
row. Tiles start where blocks of a JPEG do, so no colour runs from one into the next. Each picture fills its
whole tile; the shape that it had is the map's ``aspect``. ``keys.json`` says what each page was made from.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from colorsys import hls_to_rgb
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ham_recommend.errors import ArtifactCorruptError, ArtifactError, SettingsError, UnreadablePictureError

Pixels = npt.NDArray[np.uint8]

SIDE = 1_024
SIZES = (16, 32, 64)
AT_ONCE = (SIDE // SIZES[0]) ** 2
"""Works that are read before their pages are written: as many as one page of the smallest tiles holds."""
QUALITY = 76
KEYS = "keys.json"
LARGEST_PAGE = 8_000_000
"""Bytes; a page of noise has a quarter of it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be shown of one work.

    Parameters
    ----------
    path : Path or None
        Its thumbnail.
    key : str
        Equal where the tile would be equal.
    group : str
        What works without a picture share their colour by.
    """

    path: Path | None
    key: str
    group: str


@dataclass(frozen=True, slots=True)
class Tints:
    """What is known of pictures before they are there.

    Parameters
    ----------
    colours : ndarray of uint8, shape (n, 3)
        The mean colour of each.
    aspects : ndarray of float32, shape (n,)
        Width divided by height; 0 where there is no picture.
    """

    colours: Pixels
    aspects: npt.NDArray[np.float32]


def page_name(size: int, page: int) -> str:
    """Return the name of a page in the archive."""
    return f"{size}/{page:04d}.jpg"


def pages_of(size: int, works: int) -> int:
    """Return how many pages hold the tiles of some works."""
    return -(-works // (SIDE // size) ** 2)


def write_tiles(
    path: Path,
    works: Sequence[Shown],
    *,
    before: Path | None = None,
    known: Tints | None = None,
    advance: Callable[[int], object] = lambda _: None,
) -> Tints:
    """Write all pages; those that would be as they were are taken over.

    Parameters
    ----------
    path : Path
        The archive.
    works : sequence of Shown
        In the order of the map.
    before : Path or None
        The archive that this one takes the place of.
    known : Tints or None
        What was known with it, of as many of the first works as it has.
    advance : callable
        Told how many works are done.
    """
    colours = np.zeros((len(works), 3), dtype=np.uint8)
    aspects = np.zeros(len(works), dtype=np.float32)
    keys: dict[str, str] = {}
    old = _Archive(before)
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        for start in range(0, len(works), AT_ONCE):
            some = works[start : start + AT_ONCE]
            made_from = dict(_pages(start, some))
            keys |= made_from
            end = start + len(some)
            if known is not None and len(known.aspects) >= end and old.has(made_from):
                colours[start:end], aspects[start:end] = known.colours[start:end], known.aspects[start:end]
                for name in made_from:
                    _add(archive, name, old.read(name))
            else:
                read = list(pool.map(_tile, some, chunksize=64))
                tiles = np.stack([tile for tile, _ in read])
                colours[start:end] = tiles.mean(axis=(1, 2)).round()
                aspects[start:end] = [aspect for _, aspect in read]
                for name, content in pool.map(lambda page: _encoded(*page), _cut(start, tiles)):
                    _add(archive, name, content)
            advance(len(some))
        _add(archive, KEYS, json.dumps(keys).encode())
    return Tints(colours, aspects)


def read_page(path: Path, size: int, page: int) -> bytes:
    """Return a page as a JPEG file.

    Raises
    ------
    SettingsError
        There is no such page.
    ArtifactError
        The archive is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(page_name(size, page))
            if info.compress_type != zipfile.ZIP_STORED or info.file_size > LARGEST_PAGE:
                raise _damaged(path, "a page of it is packed or too large")
            return archive.read(info)
    except KeyError:
        raise SettingsError(f"The map has no page {page} of tiles of {size} pixels.") from None
    except OSError as error:
        raise ArtifactError.unreadable(path, error) from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, reason: object) -> ArtifactCorruptError:
    return ArtifactCorruptError(f"{path} holds no tiles of a map ({reason}). Run `ham map build --anew`.")


class _Archive:
    """The archive that was there before; as good as none where it is damaged."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._keys: dict[str, str] = {}
        if path is None:
            return
        try:
            with zipfile.ZipFile(path) as archive:
                found = json.loads(archive.read(KEYS))
        except (OSError, KeyError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
            return
        if isinstance(found, dict):
            self._keys = found

    def has(self, pages: dict[str, str]) -> bool:
        return all(self._keys.get(name) == key for name, key in pages.items())

    def read(self, name: str) -> bytes:
        size, _, page = name.partition("/")
        assert self._path is not None  # noqa: S101 - for the type checker
        return read_page(self._path, int(size), int(page.removesuffix(".jpg")))


def _pages(start: int, some: Sequence[Shown]) -> Iterator[tuple[str, str]]:
    """Yield the name of each page of some works, and a hash of what it is made from."""
    for size in SIZES:
        each = (SIDE // size) ** 2
        for at in range(0, len(some), each):
            content = "\n".join(work.key for work in some[at : at + each])
            key = hashlib.blake2b(f"{QUALITY}\n{content}".encode(), digest_size=12).hexdigest()
            yield page_name(size, (start + at) // each), key


def _cut(start: int, tiles: Pixels) -> Iterator[tuple[str, int, Pixels]]:
    """Yield the name of each page, the size of its tiles, and the tiles."""
    for size in SIZES:
        shrunk = _shrunk(tiles, size)
        each = (SIDE // size) ** 2
        for at in range(0, len(tiles), each):
            yield page_name(size, (start + at) // each), size, shrunk[at : at + each]


def _shrunk(tiles: Pixels, size: int) -> Pixels:
    by = tiles.shape[1] // size
    if by == 1:
        return tiles
    blocks = tiles.reshape(len(tiles), size, by, size, by, 3)
    shrunk: Pixels = blocks.mean(axis=(2, 4), dtype=np.float32).round().astype(np.uint8)
    return shrunk


def _encoded(name: str, size: int, tiles: Pixels) -> tuple[str, bytes]:
    from PIL import Image

    across = SIDE // size
    rows = -(-len(tiles) // across)
    full = np.zeros((rows * across, size, size, 3), dtype=np.uint8)
    full[: len(tiles)] = tiles
    page = full.reshape(rows, across, size, size, 3).swapaxes(1, 2).reshape(rows * size, SIDE, 3)
    stream = io.BytesIO()
    Image.fromarray(page).save(stream, "JPEG", quality=QUALITY)
    return name, stream.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name), content)  # without the time: the same works give the same bytes


def _tile(work: Shown) -> tuple[Pixels, float]:
    """Return a work's tile in the largest size, and the aspect of its picture; 0 without one."""
    from PIL import Image

    from ham_recommend.catalog.decoding import open_picture

    size = SIZES[-1]
    if work.path is not None:
        try:
            # twice as large while decoding: what is then reduced once more is as sharp as it can be
            picture = open_picture(work.path, long_side=2 * size)
        except (UnreadablePictureError, OSError):
            picture = None
        if picture is not None:
            small = picture.convert("RGB").resize((size, size), Image.Resampling.BOX)
            return np.asarray(small), picture.width / picture.height
    return np.broadcast_to(quiet_colour(work.group), (size, size, 3)), 0.0


def quiet_colour(group: str) -> Pixels:
    """Return the colour of works that have no picture, the same for all of a group, shape (3,)."""
    hue = int.from_bytes(hashlib.blake2b(group.encode(), digest_size=2).digest()) / 65_536
    return np.array([round(255 * part) for part in hls_to_rgb(hue, 0.6, 0.16)], dtype=np.uint8)
