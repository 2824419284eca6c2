"""Encodes the pictures of a whole collection: fetched and decoded by threads while others are encoded.

::

    originals → [threads: fetch → hash → decode → thumbnail → prepare] → batches → [threads: encode] → journal
                at most so many under way, and so many per server; whichever is ready first goes first

Nothing waits for one slow picture or one slow server, and what is held in memory does not grow with the
collection. Where there is a cluster, it does what lies between hash and journal; see
:mod:`ham_recommend.encode.sharing`.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from ham_recommend.catalog.thumbnails import Original, ThumbnailFolder
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.encode.failures import Failures
from ham_recommend.encode.journal import VectorJournal
from ham_recommend.encode.reading import Read, Reader
from ham_recommend.encode.sharing import SHARE, Cluster, Sender, Sharing
from ham_recommend.errors import DataWarning
from ham_recommend.net.http import Fetcher
from ham_recommend.records import EMPTY, Embeddings, Problem

THREADS = 16
"""How many pictures are waited for at once; a host may be asked less often than that."""
LOOK_AHEAD = 2000
"""Pictures known before they are read: while some wait for a slow server, those of others go on."""
BATCHES_AHEAD = 3
_AHEAD = 16
_GRACE = 1.0
MOST_DECODERS = 3
"""Pictures decoded at once, at most: the largest takes some 150 MB."""

Progress = Callable[[int], object]


class Seen(NamedTuple):
    """What was seen of a work's picture.

    Parameters
    ----------
    content : str
        Hash of the original; empty when it could not be had.
    digest : str
        Hash of the thumbnail's bytes; empty when there is none.
    """

    content: str = ""
    digest: str = ""


class EncodedPictures(NamedTuple):
    """What :func:`encode_pictures` made.

    Parameters
    ----------
    seen : dict of str to Seen
        By ``item_id``, of every work that was asked for.
    embeddings : Embeddings or None
        One row per picture that could be read, sorted by ``item_id``; ``None`` without an encoder.
    problems : list of Problem
        The pictures that could not be read, sorted by ``item_id``.
    """

    seen: dict[str, Seen]
    embeddings: Embeddings | None
    problems: list[Problem]


def encode_pictures(
    originals: Iterable[Original],
    thumbnails: ThumbnailFolder,
    encoder: ImageEncoder | None,
    journal: VectorJournal | None,
    *,
    fetcher: Fetcher | None = None,
    failures: Failures | None = None,
    progress: Progress | None = None,
    threads: int = THREADS,
    cluster: Cluster | None = None,
    known: Mapping[str, Seen] = EMPTY,
) -> EncodedPictures:
    """Encode pictures, those with the same content once, and keep thumbnails where copies are allowed.

    Parameters
    ----------
    originals : iterable of Original
        One per work; read little by little.
    thumbnails : ThumbnailFolder
        Where thumbnails lie.
    encoder : ImageEncoder or None
        What encodes; with ``None`` only thumbnails are made.
    journal : VectorJournal or None
        Vectors known before, and where new ones go; needed with an encoder.
    fetcher : Fetcher or None
        For pictures on the web.
    failures : Failures or None
        What could not be had before; filled with what cannot be had now.
    progress : callable or None
        Called with the number of pictures done since the last call.
    threads : int
        How many pictures are read at once.
    cluster : Cluster or None
        What encodes in the place of this machine, which then only reads; the result is the same.
    known : mapping of str to Seen
        Works that are not among the originals: what was seen of their pictures before. Their vectors are in
        the journal and join those of the others.

    Raises
    ------
    ClusterError
        The cluster broke off, or is not as this machine is; what it encoded is in the journal.
    """
    progress = progress or (lambda _count: None)
    run = _Run(None, failures, progress, dict(known))

    def lanes(kind: type[Reader], ahead: int) -> _Lanes:
        reader = kind(
            thumbnails,
            encoder,
            fetcher,
            encoded=() if journal is None else journal,
            shown={} if journal is None else journal.shown,
            decoders=min(os.cpu_count() or 1, MOST_DECODERS),
        )
        return _Lanes(reader, threads, threads if fetcher is None else fetcher.at_once, threads + ahead)

    try:
        if cluster is not None and encoder is not None and journal is not None:
            sharing = Sharing(cluster, thumbnails, journal, progress)
            run.encoding, originals = sharing, list(originals)
            run.read(originals, lanes(Sender, SHARE))
            originals = run.left(originals, sharing.digests)
        run.encoding = None
        if encoder is not None and journal is not None:
            run.encoding = _Encoding(encoder, journal, progress)
        run.read(originals, lanes(Reader, BATCHES_AHEAD * (encoder.batch_size if encoder else _AHEAD)))
    except BaseException:
        if fetcher is not None:
            fetcher.close()  # wakes the threads that wait for a server
        raise
    return EncodedPictures(run.seen, run.embeddings(), run.problems())


def _warn_of_given_up(reader: Reader) -> None:
    """Say which servers were given up."""
    for server, count in sorted(reader.given_up.items()):
        warnings.warn(
            f"{server} did not answer as it should. {count:,} of its pictures were not asked for; "
            "the same build, run again, asks for them.",
            DataWarning,
            stacklevel=4,
        )


def _as_read(originals: Iterator[Original], lanes: _Lanes) -> Iterator[Read]:
    """Yield pictures as they become ready."""
    reading = [
        threading.Thread(target=lanes.read, name=f"picture-{number}", daemon=True)
        for number in range(lanes.threads)
    ]
    for thread in reading:
        thread.start()
    under_way = 0
    try:
        while True:
            for original in islice(originals, LOOK_AHEAD - under_way):
                lanes.put(original)
                under_way += 1
            if not under_way:
                return
            yield lanes.take()
            under_way -= 1
    finally:
        lanes.close()
        until = time.monotonic() + _GRACE
        for thread in reading:  # one that still waits for a server is left to itself
            thread.join(max(0.0, until - time.monotonic()))


class _Lanes:
    """Pictures on their way through the threads: a lane per server, so that no thread waits for its turn.

    Parameters
    ----------
    reader : Reader
        Reads them.
    threads : int
        How many there are to be.
    at_once : int
        How many pictures of one server are read at once.
    ahead : int
        How many pictures may be read, or about to be, before they are taken.
    """

    def __init__(self, reader: Reader, threads: int, at_once: int, ahead: int) -> None:
        self.reader = reader
        self.threads = threads
        self._at_once = at_once
        self._waiting: dict[str, deque[Original]] = {}
        self._being_read: Counter[str] = Counter()
        self._ready: queue.SimpleQueue[Read | BaseException] = queue.SimpleQueue()
        self._room = ahead
        self._closed = False
        self._changed = threading.Condition()

    def put(self, original: Original) -> None:
        """Queue a picture."""
        with self._changed:
            self._waiting.setdefault(original.server, deque()).append(original)
            self._changed.notify()

    def take(self) -> Read:
        """Return a picture as soon as one is read."""
        read = self._ready.get()
        if isinstance(read, BaseException):
            raise read
        with self._changed:
            self._room += 1
            self._changed.notify()
        return read

    def close(self) -> None:
        """Begin with no further picture."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def read(self) -> None:
        """Read pictures until there are to be no more; each thread does this."""
        _give_way()
        while (original := self._next()) is not None:
            try:
                self._ready.put(self.reader.read(original))
            except BaseException as error:  # whatever it is, it belongs to the thread that takes
                self._ready.put(error)
            with self._changed:
                self._being_read[original.server] -= 1
                self._changed.notify()

    def _next(self) -> Original | None:
        with self._changed:
            while not self._closed:
                server = self._free() if self._room else None
                if server is not None:
                    return self._begin(server)
                self._changed.wait()
            return None

    def _free(self) -> str | None:
        """Return a server of which a picture waits and may be read now; files need no server."""
        for server in self._waiting:
            if not server or self._being_read[server] < self._at_once:
                return server
        return None

    def _begin(self, server: str) -> Original:
        lane = self._waiting.pop(server)
        original = lane.popleft()
        if lane:
            self._waiting[server] = lane  # behind the others, so that all of them have their turn
        self._being_read[server] += 1
        self._room -= 1
        return original


def _give_way() -> None:
    """Let this thread run where the encoder leaves room: threads of a model wait for the slowest of them."""
    if sys.platform == "linux":  # elsewhere this would slow the whole process down
        thread = threading.get_native_id()
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, max(10, os.getpriority(os.PRIO_PROCESS, thread)))


class _Encoding:
    """Batches on their way through the encoder, a few at a time; each is stored as soon as it is encoded."""

    def __init__(self, encoder: ImageEncoder, journal: VectorJournal, progress: Progress) -> None:
        self.encoder = encoder
        self.journal = journal
        self._progress = progress
        self._pool = ThreadPoolExecutor(encoder.at_once, thread_name_prefix="encode")
        self._storing = threading.Lock()
        self._under_way: deque[Future[int]] = deque()

    def is_enough(self, waiting: Sequence[Read]) -> bool:
        """Return whether pictures make a batch."""
        return len(waiting) == self.encoder.batch_size

    def put(self, batch: list[Read], shown: dict[str, str]) -> None:
        """Take in a batch, and what was found at the addresses read up to its end."""
        self._under_way.append(self._pool.submit(self._encode, batch, shown))
        self._wait_for_all_but(2 * self.encoder.at_once)  # when one is done the next is there

    def finish(self) -> None:
        """Wait until every batch is stored."""
        self._wait_for_all_but(0)

    def close(self) -> None:
        """Give up what is not under way yet."""
        self._pool.shutdown(cancel_futures=True)

    def _encode(self, batch: list[Read], shown: dict[str, str]) -> int:
        vectors = self.encoder.encode_prepared([read.prepared for read in batch])
        with self._storing:
            self.journal.add([read.content for read in batch], vectors, shown)
        return len(batch)

    def _wait_for_all_but(self, most: int) -> None:
        while len(self._under_way) > most:
            self._progress(self._under_way.popleft().result())


@dataclass(slots=True)
class _Run:
    """One run of the pipeline: gathers batches, and remembers what became of each work."""

    encoding: _Encoding | Sharing | None
    failures: Failures | None
    progress: Progress
    seen: dict[str, Seen] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    waiting: list[Read] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)

    def read(self, originals: Iterable[Original], lanes: _Lanes) -> None:
        """Read pictures until all of them are encoded."""
        try:
            for read in _as_read(self.worth_reading(originals), lanes):
                self.take(read)
            if self.encoding is not None:
                self._finish(self.encoding)
            _warn_of_given_up(lanes.reader)
        finally:
            if self.encoding is not None:
                self.encoding.close()

    def worth_reading(self, originals: Iterable[Original]) -> Iterator[Original]:
        """Yield the pictures, but not those of which it is settled that they cannot be had."""
        for original in originals:
            settled = "" if self.failures is None else self.failures.settled(original.address)
            if settled:
                self._miss(original, settled)
            else:
                yield original

    def take(self, read: Read) -> None:
        original = read.original
        if read.reason:
            if self.failures is not None and original.on_the_web:
                self.failures.note(original.address, read.reason, temporary=read.temporary)
            self._miss(original, read.reason, temporary=read.temporary)
            return
        self.seen[original.item_id] = Seen(read.content, read.digest)
        if original.on_the_web:
            self.shown[original.address] = read.content
            if self.failures is not None:
                self.failures.forget(original.address)
        if self.encoding is None or read.prepared is None:
            self.progress(1)
            return
        self.waiting.append(read)
        if self.encoding.is_enough(self.waiting):
            self._encode(self.encoding)

    def left(self, originals: Iterable[Original], digests: Mapping[str, str]) -> list[Original]:
        """Return the pictures that a cluster could not read; of the others, note the thumbnails it made."""
        left = []
        for original in originals:
            content = self.seen[original.item_id].content
            if content and original.item_id not in self.reasons:
                if self.encoding is None or content not in self.encoding.journal:
                    left.append(original)
                elif original.copies_allowed and content in digests:
                    self.seen[original.item_id] = Seen(content, digests[content])
        return left

    def embeddings(self) -> Embeddings | None:
        """Return the vectors of the works whose picture could be read."""
        if self.encoding is None:
            return None
        journal = self.encoding.journal
        contents = {item_id: seen.content for item_id, seen in self.seen.items() if seen.content}
        for item_id in [item_id for item_id, content in contents.items() if content not in journal]:
            del contents[item_id]
            if item_id not in self.reasons:  # two works with the same bad file; only the first was opened
                self.seen[item_id] = Seen()
                self.reasons[item_id] = "The same picture could not be read for another work."
        return journal.embeddings(contents)

    def problems(self) -> list[Problem]:
        return [Problem(item_id, self.reasons[item_id]) for item_id in sorted(self.reasons)]

    def _finish(self, encoding: _Encoding | Sharing) -> None:
        if self.waiting or self.shown:
            self._encode(encoding)
        encoding.finish()

    def _encode(self, encoding: _Encoding | Sharing) -> None:
        batch, self.waiting = self.waiting, []
        shown, self.shown = self.shown, {}
        encoding.put(batch, shown)

    def _miss(self, original: Original, reason: str, *, temporary: bool = False) -> None:
        """Note a picture that cannot be had; what is out of reach for now still shows what it showed."""
        self.seen[original.item_id] = Seen(original.content) if temporary else Seen()
        self.reasons[original.item_id] = reason
        self.progress(1)
