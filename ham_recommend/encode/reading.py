"""Reads one picture at a time, for the pipeline: from the web or a file, to what an encoder wants.

What an encoder sees is the thumbnail, as its file shows it, where a copy may be kept; elsewhere the same
reduction, never written. So a build that is interrupted, or goes on from thumbnails, comes to the same
vectors.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from ham_recommend.catalog.decoding import open_picture, picture_content
from ham_recommend.catalog.thumbnails import SIDE, Original, ThumbnailFolder, content_hash
from ham_recommend.encode._iiif import sized
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.errors import UnreadablePictureError
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
class Read:
    """What became of one picture.

    Parameters
    ----------
    original : Original
        Which.
    content : str
        Hash of the original's bytes; empty when it could not be had.
    digest : str
        Hash of the thumbnail's bytes; empty when there is none.
    prepared : object
        For the encoder; ``None`` when it need not be encoded.
    reason : str
        Why it could not be read; empty when it could.
    temporary : bool
        Whether it may be readable in the next run.
    """

    original: Original
    content: str = ""
    digest: str = ""
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
    thumbnails : ThumbnailFolder
        Where thumbnails lie.
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
        thumbnails: ThumbnailFolder,
        encoder: ImageEncoder | None,
        fetcher: Fetcher | None,
        *,
        encoded: Container[str],
        shown: Mapping[str, str],
        decoders: int = 2,
    ) -> None:
        self._thumbnails = thumbnails
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

    def read(self, original: Original) -> Read:
        """Read one picture, and write its thumbnail where one may be kept.

        Returns
        -------
        Read
            Never an exception for what is wrong with the picture.
        """
        try:
            known = self._known(original)
            if known is not None:
                return known
            if original.on_the_web:
                return self._fetch(original)
            packed = picture_content(Path(original.address))
            if original.pinned and content_hash(packed) != original.content:
                return Read(original, reason=f"{original.address}: not what the collection was built of.")
            return self._take(original, packed)
        except UnreadablePictureError as error:
            return Read(original, reason=str(error))

    @property
    def given_up(self) -> dict[str, int]:
        """Servers that are no longer asked → how many of their pictures were not asked for."""
        with self._lock:
            return dict(self._given_up)

    def _known(self, original: Original) -> Read | None:
        """Return what is known of a picture without its original; ``None`` when that is needed."""
        content = original.content or (self._shown.get(original.address, "") if original.on_the_web else "")
        if not content:
            return None
        if not original.copies_allowed:
            known = self._encoder is None or content in self._encoded
            return Read(original, content) if known else None
        digest = self._thumbnails.digest(content)
        if not digest:
            return None
        read = Read(original, content, digest)
        return self._from_thumbnail(read) if self._claim(content) else read

    def _from_thumbnail(self, read: Read) -> Read | None:
        try:
            with self._decoding:
                return replace(read, prepared=self._prepared(self._thumbnails.open(read.content)))
        except UnreadablePictureError:
            self._release(read.content)
            return None

    def _fetch(self, original: Original) -> Read:
        """Fetch a picture, unless it is known to be in vain: for another work, or for its server."""
        if self._fetcher is None:
            return Read(
                original, reason=f"{original.address}: nothing is fetched in this run.", temporary=True
            )
        missed = self._missed.get(original.address)
        if missed is not None:
            return replace(missed, original=original)
        address = sized(original.address, SIDE)
        server = original.server
        if self._is_given_up(server, self._fetcher.clock.now()):
            with self._lock:
                self._given_up[server] += 1
            reason = f"{server} does not answer as it should; its pictures wait for the next build."
            return Read(original, reason=reason, temporary=True)
        read = self._download(original, address, server, self._fetcher)
        if read.reason:
            self._missed[original.address] = read
        return read

    def _download(self, original: Original, address: str, server: str, fetcher: Fetcher) -> Read:
        """Fetch and decode a picture; one that cannot be decoded once more, as servers cut pictures short."""
        problem = ""
        for _ in range(_DOWNLOADS):
            fetched = self._answer(address, server, fetcher)
            if isinstance(fetched, Failure):
                led_away = not str(fetched).startswith(address.partition("?")[0])
                reason = f"{address} leads to {fetched}" if led_away else str(fetched)
                # Firewalls say "forbidden" to visitors who come too often.
                temporary = fetched.worth_retrying or fetched.kind == "denied"
                return Read(original, reason=reason, temporary=temporary)
            try:
                return self._take(original, fetched.content)
            except UnreadablePictureError as error:
                problem = str(error)
        return Read(original, reason=problem)

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

    def _take(self, original: Original, packed: bytes) -> Read:
        content = content_hash(packed)
        digest = self._thumbnails.digest(content) if original.copies_allowed else ""
        read = Read(original, content, digest)
        claimed = self._claim(content)
        if not claimed and (digest or not original.copies_allowed):
            return read
        try:
            with self._decoding:
                image, digest = self._image(read, packed)
                prepared = self._prepared(image) if claimed else None
                return replace(read, digest=digest, prepared=prepared)
        except UnreadablePictureError:
            if claimed:
                self._release(content)
            raise

    def _image(self, read: Read, packed: bytes) -> tuple[Image.Image, str]:
        """Return a picture as the encoder is to see it, and the hash of its thumbnail."""
        if read.digest:
            with suppress(UnreadablePictureError):
                return self._thumbnails.open(read.content), read.digest
        image = reduced(packed, from_web=read.original.on_the_web, name=read.original.address)
        return self._thumbnails.write(image, read.content) if read.original.copies_allowed else (image, "")

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


def reduced(packed: bytes, *, from_web: bool, name: str = "") -> Image.Image:
    """Open an original at the size of a thumbnail.

    Parameters
    ----------
    packed : bytes
        The file's content.
    from_web : bool
        Whether it came from the web, where fewer pixels are allowed.
    name : str
        What to call it in errors.

    Raises
    ------
    UnreadablePictureError
        Whatever is wrong with it.
    """
    most = min(MAX_PIXELS_FROM_WEB, max_pixels()) if from_web else None
    return open_picture(packed, long_side=SIDE, max_pixels=most, name=name)
