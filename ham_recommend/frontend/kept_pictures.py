"""Larger copies of opened pictures, kept on this machine where the terms of a work allow copies.

The first time a picture is opened, the museum is asked twice: by the browser, which shows it at once, and
from here, politely and in the background. From then on it is there without the museum, and without a network.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Self

from ham_recommend.errors import ArtifactError, UnreadablePictureError
from ham_recommend.files import own_path, whole_file
from ham_recommend.frontend.thumbnails import LARGE_SIDE, is_here
from ham_recommend.net.http import Failure, Fetcher, allowed_by_environment
from ham_recommend.records import Artwork
from ham_recommend.showing import Thumbnail, sized_address, web_address

logger = logging.getLogger(__name__)

MOST_BYTES = 500_000_000
"""Bytes of all pictures kept, some 1,000: the ones not looked at for longest go first."""
LARGEST_KEPT = 20_000_000
"""Bytes of one; a JPEG of ``LARGE_SIDE`` pixels has a twentieth of that."""
NOTHING = "none"
"""The value of ``HAM_CACHE`` with which nothing is kept."""
_JPEG = b"\xff\xd8\xff"


class KeptPictures:
    """Keeps the large pictures of works that were opened.

    Any thread and any number of processes may use one folder; each file appears whole or not at all.

    Parameters
    ----------
    folder : Path
        Where they are kept; made when the first one is.
    most_bytes : int
        Bytes that all of them may take together.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._under_way: dict[str, threading.Thread] = {}
        self._fetcher: Fetcher | None = None

    @classmethod
    def here(cls) -> Self | None:
        """Return those of this person: in ``HAM_CACHE``, else where the system keeps such things.

        Returns
        -------
        KeptPictures or None
            ``None`` where ``HAM_CACHE`` is ``"none"``, or there is no home.
        """
        named = os.environ.get("HAM_CACHE", "")
        if named == NOTHING:
            return None
        if named:
            return cls(Path(named) / "pictures")
        with suppress(RuntimeError):
            base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
            return cls(Path(base) / "ham_recommend" / "pictures")
        return None

    def get(self, work: Artwork) -> Thumbnail | None:
        """Return the kept picture of a work, a JPEG; ``None`` where there is none."""
        address = _address(work)
        if not address:
            return None
        try:
            path = own_path(self._folder, _name(address))
            content = path.read_bytes() if path.stat().st_size <= LARGEST_KEPT else b""
            os.utime(path)
        except (OSError, ArtifactError):
            return None
        return Thumbnail(content, "image/jpeg") if content.startswith(_JPEG) else None

    def keep(self, work: Artwork) -> None:
        """Fetch a work's picture in the background, if its terms allow that and it is not here yet."""
        address = _address(work)
        with self._lock:
            if not address or address in self._under_way:
                return
            fetching = threading.Thread(target=self._fetch, args=(address,), daemon=True)
            self._under_way[address] = fetching
            fetching.start()

    def wait(self, seconds: float = 60.0) -> None:
        """Wait for what is being fetched."""
        with self._lock:
            fetching = list(self._under_way.values())
        for each in fetching:
            each.join(seconds)

    def close(self) -> None:
        """Fetch nothing more."""
        with self._lock:
            if self._fetcher:
                self._fetcher.close()

    def _fetch(self, address: str) -> None:
        try:
            fetched = self._polite().try_bytes(address, accept="image/")
            if isinstance(fetched, Failure):
                logger.info("%s is not kept: %s", address, fetched.detail)
                return
            self._write(_name(address), _reduced(fetched.content, address))
        except (UnreadablePictureError, ArtifactError, OSError) as error:
            logger.warning("%s is not kept: %s", address, error)
        finally:
            with self._lock:
                del self._under_way[address]

    def _polite(self) -> Fetcher:
        with self._lock:
            if self._fetcher is None:
                allowed = allowed_by_environment()
                self._fetcher = Fetcher(at_once=2, allow_private=allowed, attempts=2, total_seconds=30.0)
            return self._fetcher

    def _write(self, name: str, content: bytes) -> None:
        if len(content) > min(LARGEST_KEPT, self._most_bytes):
            return
        with whole_file(own_path(self._folder, name)) as stream:
            stream.write(content)
        with self._lock:
            self._make_room()

    def _make_room(self) -> None:
        held = []
        for path in self._folder.glob("*.jpg"):
            with suppress(OSError):  # another process made room as well
                state = path.lstat()
                held.append((state.st_mtime_ns, state.st_size, path))
        bytes_held = sum(size for _, size, _ in held)
        for _, size, path in sorted(held):
            if bytes_held <= self._most_bytes:
                return
            path.unlink(missing_ok=True)
            bytes_held -= size


def _address(work: Artwork) -> str:
    """Return where a picture is fetched from that may be kept; empty for any other."""
    if not work.copies_allowed or is_here(work):
        return ""
    return sized_address(web_address(work.picture), LARGE_SIDE)


def _name(address: str) -> str:
    return f"{hashlib.sha256(address.encode()).hexdigest()}.jpg"


def _reduced(content: bytes, address: str) -> bytes:
    """Return a picture anew, in a size that fills a screen: nothing that was sent is kept as it came."""
    from ham_recommend.catalog.decoding import open_picture

    stream = BytesIO()
    open_picture(content, long_side=LARGE_SIDE, name=address).save(stream, "JPEG", quality=88)
    return stream.getvalue()
