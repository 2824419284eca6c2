"""CLIP as a service: one model, and whatever is asked at the same time encoded at the same time.

While one batch is encoded, what arrives waits, and is the next one: a lone question waits for nobody, and
under load the batches grow by themselves. What would wait too long is refused.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal

import numpy as np

from ham_recommend.encode.base import ImageEncoder, TextEncoder
from ham_recommend.errors import SettingsError
from ham_recommend.records import Vectors
from ham_recommend.web.pool import BusyError, Pool

Kind = Literal["pictures", "texts", "queries"]

WAITING = 512
"""Items that may wait: some ten seconds of pictures on two cores."""
_TO_READ = 8
"""Requests whose pictures may wait to be read, each up to 48 MB."""


@dataclass(slots=True)
class _Asked:
    """Items of one request, in the order in which their vectors go back."""

    kind: Kind
    items: Sequence[Any]
    answer: asyncio.Future[Vectors]


class Embedding:
    """Encodes what is asked, in batches.

    Parameters
    ----------
    name : str
        What the encoder is called, as in :func:`ham_recommend.registry.make_encoder`.
    make : callable
        Name → the encoder; called once, when it is first needed.
    waiting : int
        How many items may wait.
    took : callable
        Is told how many seconds each batch took.

    Attributes
    ----------
    reading : Pool
        One thread that opens pictures, so that no search waits for them.

    Raises
    ------
    SettingsError
        The encoder does not read words, so that nobody needs a server for it.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[str], ImageEncoder],
        waiting: int = WAITING,
        took: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self.name = name
        self._took = took
        self._make = make
        self._most = waiting
        self.reading = Pool(1, _TO_READ, "read-pictures")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encode")
        self._queue: deque[_Asked] = deque()
        self._encoder: ImageEncoder | None = None
        self._running: asyncio.Task[None] | None = None
        self._answers: set[asyncio.Future[Vectors]] = set()
        self._closed = False
        self.waiting = 0
        self.batches = self.encoded = 0

    async def encoder(self) -> ImageEncoder:
        """Return the encoder, loaded if need be.

        Raises
        ------
        MissingExtraError, EncodeError
            It cannot be loaded here.
        SettingsError
            It does not read words.
        """
        if self._encoder is None:
            self._encoder = await asyncio.get_running_loop().run_in_executor(self._thread, self._loaded)
        return self._encoder

    def _loaded(self) -> ImageEncoder:
        if self._encoder is None:
            made = self._make(self.name)
            if not isinstance(made, TextEncoder):
                raise SettingsError(
                    f"The encoder {self.name!r} does not read words and needs no server. Serve one that "
                    "does: --encoder clip."
                )
            self._encoder = made
        return self._encoder

    async def encode(self, kind: Kind, items: Sequence[Any]) -> Vectors:
        """Encode items, together with what others ask at the same time.

        Parameters
        ----------
        kind : {"pictures", "texts", "queries"}
            ``"queries"`` are texts that something is looked for by, see :meth:`TextEncoder.encode_query`.
        items : sequence
            Of what :meth:`ImageEncoder.prepare` returned, or of str.

        Returns
        -------
        ndarray of float32, shape (len(items), dim)

        Raises
        ------
        BusyError
            As many items wait as may, or nothing more is encoded.
        """
        if self.waiting + len(items) > self._most:
            raise BusyError("Too much is to be encoded at once. Try again in a second.")
        answer: asyncio.Future[Vectors] = asyncio.get_running_loop().create_future()
        self._answers.add(answer)
        self.waiting += len(items)
        try:
            self._check_open()
            await self.encoder()
            self._check_open()
            self._queue.append(_Asked(kind, items, answer))
            if self._running is None or self._running.done():
                self._running = asyncio.create_task(self._run())
            return await answer
        finally:
            self.waiting -= len(items)
            self._answers.discard(answer)

    async def _run(self) -> None:
        """Encode batch by batch until nothing waits."""
        encoder = await self.encoder()
        loop = asyncio.get_running_loop()
        while batch := self._batch(encoder.batch_size):
            items = [item for asked in batch for item in asked.items]
            start = perf_counter()
            try:
                rows = await loop.run_in_executor(self._thread, _encoded, encoder, batch[0].kind, items)
            except Exception as error:
                for asked in batch:
                    if not asked.answer.done():
                        asked.answer.set_exception(error)
                continue
            self._took(perf_counter() - start)
            self.batches += 1
            self.encoded += len(items)
            at = 0
            for asked in batch:
                if not asked.answer.done():
                    asked.answer.set_result(rows[at : at + len(asked.items)])
                at += len(asked.items)

    def _batch(self, most: int) -> list[_Asked]:
        """Take the oldest request, and whatever of its kind still goes into a batch with it.

        Who went away meanwhile, or was sent away, is left out.
        """
        self._queue = deque(asked for asked in self._queue if not asked.answer.done())
        if not self._queue:
            return []
        batch = [self._queue.popleft()]
        room = most - len(batch[0].items)
        for asked in list(self._queue):
            if asked.kind == batch[0].kind and len(asked.items) <= room:
                self._queue.remove(asked)
                batch.append(asked)
                room -= len(asked.items)
        return batch

    def close(self) -> None:
        """Encode nothing more, and say so to everybody who waits."""
        self._closed = True
        if self._running is not None:
            self._running.cancel()
        for answer in self._answers:
            if not answer.done():
                answer.set_exception(_ending())
        self.reading.close()
        self._thread.shutdown(wait=False)

    def _check_open(self) -> None:
        if self._closed:
            raise _ending()


def _ending() -> BusyError:
    return BusyError("The server is being stopped. Try again in a minute.")


def _encoded(encoder: ImageEncoder, kind: Kind, items: list[Any]) -> Vectors:
    if kind == "pictures":
        return encoder.encode_prepared(items)
    assert isinstance(encoder, TextEncoder)  # noqa: S101 - as it was loaded
    if kind == "texts":
        return encoder.encode_texts(items)
    return np.stack([encoder.encode_query(text) for text in items])
