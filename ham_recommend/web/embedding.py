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
from typing import Any, Literal

import numpy as np

from ham_recommend.encode.base import ImageEncoder, TextEncoder
from ham_recommend.errors import SettingsError
from ham_recommend.records import Vectors
from ham_recommend.web.pool import BusyError

Kind = Literal["pictures", "texts", "queries"]

WAITING = 512
"""Items that may wait: some ten seconds of pictures on two cores."""


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

    Raises
    ------
    SettingsError
        The encoder does not read words, so that nobody needs a server for it.
    """

    def __init__(self, name: str, make: Callable[[str], ImageEncoder], waiting: int = WAITING) -> None:
        self.name = name
        self._make = make
        self._most = waiting
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encode")
        self._queue: deque[_Asked] = deque()
        self._encoder: ImageEncoder | None = None
        self._running: asyncio.Task[None] | None = None
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
            As many items wait as may.
        """
        if self.waiting + len(items) > self._most:
            raise BusyError("Too much is to be encoded at once. Try again in a second.")
        await self.encoder()
        asked = _Asked(kind, items, asyncio.get_running_loop().create_future())
        self._queue.append(asked)
        self.waiting += len(items)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await asked.answer

    async def _run(self) -> None:
        """Encode batch by batch until nothing waits."""
        encoder = await self.encoder()
        loop = asyncio.get_running_loop()
        while self._queue:
            batch = self._batch(encoder.batch_size)
            items = [item for asked in batch for item in asked.items]
            try:
                rows = await loop.run_in_executor(self._thread, _encoded, encoder, batch[0].kind, items)
            except Exception as error:
                for asked in batch:
                    if not asked.answer.done():
                        asked.answer.set_exception(error)
                continue
            finally:
                self.waiting -= len(items)
            self.batches += 1
            self.encoded += len(items)
            start = 0
            for asked in batch:
                if not asked.answer.done():
                    asked.answer.set_result(rows[start : start + len(asked.items)])
                start += len(asked.items)

    def _batch(self, most: int) -> list[_Asked]:
        """Take the oldest request, and whatever of its kind still goes into a batch with it."""
        batch = [self._queue.popleft()]
        room = most - len(batch[0].items)
        for asked in list(self._queue):
            if asked.kind == batch[0].kind and len(asked.items) <= room:
                self._queue.remove(asked)
                batch.append(asked)
                room -= len(asked.items)
        return batch

    def close(self) -> None:
        """Encode nothing more."""
        if self._running is not None:
            self._running.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)


def _encoded(encoder: ImageEncoder, kind: Kind, items: list[Any]) -> Vectors:
    if kind == "pictures":
        return encoder.encode_prepared(items)
    assert isinstance(encoder, TextEncoder)  # noqa: S101 - as it was loaded
    if kind == "texts":
        return encoder.encode_texts(items)
    return np.stack([encoder.encode_query(text) for text in items])
