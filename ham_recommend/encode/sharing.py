"""Pictures encoded on other machines: what is sent there, what is done there, and what comes back.

::

    here    files and museums → [threads: known? fetch → hash] → shares ─┐     ┌→ thumbnails, journal
    there                                                         decode → encode

Only this machine reads files, asks museums and writes: however many workers a cluster has, a museum has one
visitor, and a worker that ends in the middle has done nothing that must not be done again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
from PIL import Image

from ham_recommend import registry
from ham_recommend._version import __version__
from ham_recommend.catalog.decoding import open_picture
from ham_recommend.catalog.thumbnails import Original, ThumbnailFolder, as_thumbnail, content_hash
from ham_recommend.encode.base import ImageEncoder, comparable
from ham_recommend.encode.journal import VectorJournal
from ham_recommend.encode.reading import Read, Reader, reduced
from ham_recommend.errors import ClusterError, UnreadablePictureError
from ham_recommend.records import Vectors

SHARE = 64
"""Pictures in a share: half a second of a core's work, which is what a worker that dies costs."""
SHARE_BYTES = 32 * 2**20
"""Bytes of a share, but for those of its last picture: what is under way has to fit into memory."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A picture on its way to a worker.

    Parameters
    ----------
    packed : bytes
        The file: the original, or its thumbnail where there is one already.
    from_web : bool
        Whether it came from the web, where fewer pixels are allowed.
    is_thumbnail : bool
        Whether it is a thumbnail, to be encoded as it is.
    is_kept : bool
        Whether a thumbnail of it may be kept.
    """

    packed: bytes
    from_web: bool
    is_thumbnail: bool
    is_kept: bool

    def seen(self) -> tuple[Image.Image, bytes]:
        """Return the picture as an encoder is to see it, and its new thumbnail, empty where there is none.

        Raises
        ------
        UnreadablePictureError
            Whatever is wrong with it.
        """
        if self.is_thumbnail:
            return open_picture(self.packed), b""
        image = reduced(self.packed, from_web=self.from_web)
        return as_thumbnail(image) if self.is_kept else (image, b"")


class Encoded(NamedTuple):
    """What a worker made of a share.

    Parameters
    ----------
    version : str
        Its ham-recommend.
    model_id : str
        What it encodes with.
    readable : tuple of bool
        For each picture, whether it could be read.
    thumbnails : tuple of bytes
        For each that could: its new thumbnail, empty where there is none.
    vectors : ndarray of float32, shape (pictures that could be read, dim)
        Their vectors.
    """

    version: str
    model_id: str
    readable: tuple[bool, ...]
    thumbnails: tuple[bytes, ...]
    vectors: Vectors


class Cluster(Protocol):
    """Machines that encode shares of pictures, each share as a whole, again where a worker ended.

    Attributes
    ----------
    slots : int
        How many shares are encoded at once.
    """

    slots: int

    def submit(self, share: Sequence[Parcel]) -> Future[Encoded]:
        """Have :func:`encode_share` done somewhere."""


def encode_share(encoder_name: str, share: Sequence[Parcel]) -> Encoded:
    """Encode a share; this is what a worker does.

    Parameters
    ----------
    encoder_name : str
        From the registry, with its model.
    share : sequence of Parcel
        The pictures; none is a question for version and model.
    """
    encoder = _encoder(encoder_name)
    readable, thumbnails, prepared = [], [], []
    for parcel in share:
        try:
            image, thumbnail = parcel.seen()
        except UnreadablePictureError:
            readable.append(False)
            continue
        readable.append(True)
        thumbnails.append(thumbnail)
        prepared.append(encoder.prepare(image))
    batches = [
        encoder.encode_prepared(prepared[start : start + encoder.batch_size])
        for start in range(0, len(prepared), encoder.batch_size)
    ]
    vectors = np.concatenate(batches) if batches else np.empty((0, encoder.dim), np.float32)
    return Encoded(__version__, encoder.model_id, tuple(readable), tuple(thumbnails), vectors)


@lru_cache(1)
def _encoder(name: str) -> ImageEncoder:
    return registry.make_encoder(name)


def check_worker(encoded: Encoded, model_id: str) -> None:
    """Refuse what a worker made that is not as this machine is.

    Raises
    ------
    ClusterError
        It runs another version, or another model under the same name.
    """
    if encoded.version != __version__:
        raise ClusterError(
            f"A worker of the cluster runs ham-recommend {encoded.version}, this machine {__version__}. "
            "Install the same version on all of them."
        )
    if not comparable(encoded.model_id, model_id):
        raise ClusterError(
            f"A worker of the cluster encodes with {encoded.model_id!r}, this machine with {model_id!r}. "
            "Put the same model on all of them."
        )


class Sender(Reader):
    """Reads pictures as every build does, but leaves decoding and preparing to workers.

    What it prepares is a :class:`Parcel`.
    """

    def _take(self, original: Original, packed: bytes) -> Read:
        content = content_hash(packed)
        if content in self._encoded:
            return super()._take(original, packed)  # it lacks its thumbnail at most
        digest = self._thumbnails.digest(content) if original.copies_allowed else ""
        read = Read(original, content, digest)
        return self._parcelled(read, packed) if self._claim(content) else read

    def _from_thumbnail(self, read: Read) -> Read:
        return self._parcelled(read, b"")

    def _parcelled(self, read: Read, packed: bytes) -> Read:
        if read.digest:
            packed = self._thumbnails.path(read.content).read_bytes()
        original = read.original
        parcel = Parcel(packed, original.on_the_web, bool(read.digest), original.copies_allowed)
        return replace(read, prepared=parcel)


class Sharing:
    """Shares on their way through a cluster; each is stored as soon as it is back.

    Parameters
    ----------
    cluster : Cluster
        Where they are encoded.
    thumbnails : ThumbnailFolder
        Where thumbnails go.
    journal : VectorJournal
        Where vectors go.
    progress : callable
        Called with the number of pictures done since the last call.

    Attributes
    ----------
    digests : dict of str to str
        Content → hash of the thumbnail that was made of it.
    """

    def __init__(
        self,
        cluster: Cluster,
        thumbnails: ThumbnailFolder,
        journal: VectorJournal,
        progress: Callable[[int], object],
    ) -> None:
        self.journal = journal
        self.digests: dict[str, str] = {}
        self._cluster = cluster
        self._thumbnails = thumbnails
        self._progress = progress
        self._under_way: dict[Future[Encoded], tuple[list[Read], Mapping[str, str]]] = {}

    def is_enough(self, waiting: Sequence[Read]) -> bool:
        """Return whether pictures make a share."""
        return len(waiting) >= SHARE or sum(len(read.prepared.packed) for read in waiting) >= SHARE_BYTES

    def put(self, batch: list[Read], shown: Mapping[str, str]) -> None:
        """Send a share, and store those that are back."""
        if batch:
            self._under_way[self._cluster.submit([read.prepared for read in batch])] = batch, shown
        elif shown:
            self.journal.add([], np.empty((0, self.journal.dim), np.float32), shown)
        self._store_all_but(2 * self._cluster.slots)  # when one is done the next is there

    def finish(self) -> None:
        """Wait until every share is stored."""
        self._store_all_but(0)

    def close(self) -> None:
        """Give up what is not under way yet."""
        for future in self._under_way:
            future.cancel()

    def _store_all_but(self, most: int) -> None:
        while len(self._under_way) > most:
            for future in wait(self._under_way, return_when=FIRST_COMPLETED).done:
                self._store(*self._under_way.pop(future), future.result())

    def _store(self, batch: Sequence[Read], shown: Mapping[str, str], encoded: Encoded) -> None:
        check_worker(encoded, self.journal.model_id)
        readable = [read for read, is_readable in zip(batch, encoded.readable, strict=True) if is_readable]
        for read, thumbnail in zip(readable, encoded.thumbnails, strict=True):
            if thumbnail:
                self.digests[read.content] = self._thumbnails.keep(thumbnail, read.content)
        self.journal.add([read.content for read in readable], encoded.vectors, shown)
        self._progress(len(readable))
