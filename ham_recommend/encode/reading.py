"""Reads one picture at a time, for the pipeline: from the web or a file, to what an encoder wants.

What an encoder sees is the thumbnail, as its file shows it, where a copy may be kept; elsewhere the same
reduction, never written. So a build that is interrupted, or goes on from thumbnails, comes to the same
vectors.
"""

from __future__ import annotations

import os
import threading
from collections import Counter, defaultdict
from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from ham_recommend.catalog.pictures import (
    THUMBNAIL_SIDE,
    content_hash,
    is_thumbnail,
    open_picture,
    picture_content,
    thumbnail_name,
    write_thumbnail,
)
from ham_recommend.encode._iiif import sized
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.errors import UnreadablePictureError
from ham_recommend.net.addresses import on_the_web
from ham_recommend.net.http import Failure, Fetched, Fetcher
from ham_recommend.picture_files import max_pixels

MAX_PIXELS_FROM_WEB = 50_000_000
_DOWNLOADS = 2
SILENT = 3
"""Times in a row that one server cannot be reached, after which its pictures wait until it can be."""
GIVE_UP_AFTER = 120.0
"""Seconds for which a server cannot be reached, after which its pictures wait for the next run."""
_BETWEEN_PROBES = 10.0
OUT_OF_ORDER = 50
"""Times in a row that a server is busy, slow or broken before it is given up: some pictures only seem so."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of a work.

    Parameters
    ----------
    item_id : str
        The work.
    address : str
        Web address or path.
    copies_allowed : bool
        Whether a thumbnail may be kept.
    content : str
        Hash of the original's bytes, when it was read before and need not be read again; else empty.
    """

    item_id: str
    address: str
    copies_allowed: bool = True
    content: str = ""

    @property
    def on_the_web(self) -> bool:
        """Whether it has to be fetched."""
        return on_the_web(self.address)

    @property
    def server(self) -> str:
        """Host and port of a web address; empty for a path."""
        return self.address.split("/", 3)[2].lower() if self.on_the_web else ""


@dataclass(frozen=True, slots=True)
class Read:
    """What became of one picture.

    Parameters
    ----------
    picture : Picture
        Which.
    content : str
        Hash of the original's bytes; empty when it could not be had.
    thumbnail : str
        Path of the thumbnail relative to the workspace; empty when there is none.
    prepared : object
        For the encoder; ``None`` when it need not be encoded.
    reason : str
        Why it could not be read; empty when it could.
    temporary : bool
        Whether it may be readable in the next run.
    """

    picture: Picture
    content: str = ""
    thumbnail: str = ""
    prepared: Any = None
    reason: str = ""
    temporary: bool = False


@dataclass(slots=True)
class _Health:
    """How a server has answered lately, or all of them together."""

    unreached: int = 0
    unreached_since: float = 0.0
    out_of_order: int = 0

    def note(self, fetched: Fetched | Failure, now: float) -> None:
        kind = fetched.kind if isinstance(fetched, Failure) and fetched.worth_retrying else ""
        if kind == "no connection":
            self.unreached_since = self.unreached_since if self.unreached else now
            self.unreached += 1
            return
        self.out_of_order = self.out_of_order + 1 if kind else 0
        if kind != "slow":
            self.unreached = 0

    @property
    def silent(self) -> bool:
        return self.unreached >= SILENT

    def lost(self, now: float) -> bool:
        return self.silent and now - self.unreached_since >= GIVE_UP_AFTER


class Reader:
    """Reads pictures, in several threads at once.

    Parameters
    ----------
    root : path-like
        The workspace, for thumbnails.
    encoder : ImageEncoder or None
        What prepares them; ``None`` when only thumbnails are wanted.
    fetcher : Fetcher or None
        For pictures on the web.
    encoded : container of str
        Hashes of the pictures whose vectors are known.
    shown : mapping of str to str
        Web address → hash of the picture that was there before, so that it need not be fetched again.
    decoders : int
        How many pictures are decoded at once; it bounds the memory.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        encoder: ImageEncoder | None,
        fetcher: Fetcher | None,
        *,
        encoded: Container[str],
        shown: Mapping[str, str],
        decoders: int = 2,
    ) -> None:
        self._root = Path(root)
        self._encoder = encoder
        self._fetcher = fetcher
        self._encoded = encoded
        self._shown = shown
        self._decoding = threading.BoundedSemaphore(decoders)
        self._claimed: set[str] = set()
        self._health: defaultdict[str, _Health] = defaultdict(_Health)
        self._network = _Health()
        self._given_up: Counter[str] = Counter()
        self._missed: dict[str, Read] = {}
        self._lock = threading.Lock()

    def read(self, picture: Picture) -> Read:
        """Read one picture, and write its thumbnail where one may be kept.

        Returns
        -------
        Read
            Never an exception for what is wrong with the picture.
        """
        try:
            known = self._known(picture)
            if known is not None:
                return known
            if picture.on_the_web:
                return self._fetch(picture)
            return self._take(picture, picture_content(Path(picture.address)))
        except UnreadablePictureError as error:
            return Read(picture, reason=str(error))

    @property
    def given_up(self) -> dict[str, int]:
        """Servers that are no longer asked → how many of their pictures were not asked for."""
        with self._lock:
            return dict(self._given_up)

    def _known(self, picture: Picture) -> Read | None:
        """Return what is known of a picture without its original; ``None`` when that is needed."""
        content = picture.content or (self._shown.get(picture.address, "") if picture.on_the_web else "")
        if not content:
            return None
        if not picture.copies_allowed:
            return Read(picture, content) if self._encoder is None or content in self._encoded else None
        name = thumbnail_name(content)
        if not is_thumbnail(self._root / name):
            return None
        read = Read(picture, content, name)
        return self._from_thumbnail(read) if self._claim(content) else read

    def _from_thumbnail(self, read: Read) -> Read | None:
        try:
            with self._decoding:
                return replace(read, prepared=self._prepared(open_picture(self._root / read.thumbnail)))
        except UnreadablePictureError:
            self._release(read.content)
            return None

    def _fetch(self, picture: Picture) -> Read:
        """Fetch a picture, unless it is known to be in vain: for another work, or for its server."""
        if self._fetcher is None:
            return Read(picture, reason=f"{picture.address}: nothing is fetched in this run.", temporary=True)
        missed = self._missed.get(picture.address)
        if missed is not None:
            return replace(missed, picture=picture)
        address = sized(picture.address, THUMBNAIL_SIDE)
        server = picture.server
        if self._is_given_up(server, self._fetcher.clock.now()):
            with self._lock:
                self._given_up[server] += 1
            reason = f"{server} does not answer as it should; its pictures wait for the next build."
            return Read(picture, reason=reason, temporary=True)
        read = self._download(picture, address, server, self._fetcher)
        if read.reason:
            self._missed[picture.address] = read
        return read

    def _download(self, picture: Picture, address: str, server: str, fetcher: Fetcher) -> Read:
        """Fetch and decode a picture; one that cannot be decoded once more, as servers cut pictures short."""
        problem = ""
        for _ in range(_DOWNLOADS):
            fetched = self._answer(address, server, fetcher)
            if isinstance(fetched, Failure):
                led_away = not str(fetched).startswith(address.partition("?")[0])
                reason = f"{address} leads to {fetched}" if led_away else str(fetched)
                # Firewalls say "forbidden" to visitors who come too often.
                temporary = fetched.worth_retrying or fetched.kind == "denied"
                return Read(picture, reason=reason, temporary=temporary)
            try:
                return self._take(picture, fetched.content)
            except UnreadablePictureError as error:
                problem = str(error)
        return Read(picture, reason=problem)

    def _answer(self, address: str, server: str, fetcher: Fetcher) -> Fetched | Failure:
        """Ask for a picture; again while its server cannot be reached, until it is back or given up."""
        while True:
            fetched = fetcher.try_bytes(address, accept="image/")
            now = fetcher.clock.now()
            with self._lock:
                for health in (self._health[server], self._network):
                    health.note(fetched, now)
                waiting = self._health[server].silent
            if not waiting or self._is_given_up(server, now):
                return fetched
            fetcher.clock.sleep(_BETWEEN_PROBES)

    def _is_given_up(self, server: str, now: float) -> bool:
        with self._lock:
            health = self._health[server]
            # Without a network every server would be waited for in its turn.
            without_network = health.unreached > 0 and self._network.lost(now)
            return without_network or health.lost(now) or health.out_of_order >= OUT_OF_ORDER

    def _take(self, picture: Picture, packed: bytes) -> Read:
        content = content_hash(packed)
        name = thumbnail_name(content) if picture.copies_allowed else ""
        read = Read(picture, content, name)
        missing = bool(name) and not is_thumbnail(self._root / name)
        claimed = self._claim(content)
        if not (missing or claimed):
            return read
        try:
            with self._decoding:
                image = self._image(picture, packed, name)
                return replace(read, prepared=self._prepared(image)) if claimed else read
        except UnreadablePictureError:
            if claimed:
                self._release(content)
            raise

    def _image(self, picture: Picture, packed: bytes, thumbnail: str) -> Image.Image:
        kept = self._root / thumbnail
        if thumbnail and is_thumbnail(kept):
            with suppress(UnreadablePictureError):
                return open_picture(kept)
        image = open_picture(
            packed,
            long_side=THUMBNAIL_SIDE,
            max_pixels=min(MAX_PIXELS_FROM_WEB, max_pixels()) if picture.on_the_web else None,
            name=picture.address,
        )
        return write_thumbnail(image, kept) if thumbnail else image

    def _prepared(self, image: Image.Image) -> Any:
        return None if self._encoder is None else self._encoder.prepare(image)

    def _claim(self, content: str) -> bool:
        """Return whether this thread is the one to prepare a picture, so that it is encoded only once."""
        with self._lock:
            if self._encoder is None or content in self._encoded or content in self._claimed:
                return False
            self._claimed.add(content)
            return True

    def _release(self, content: str) -> None:
        with self._lock:
            self._claimed.discard(content)
