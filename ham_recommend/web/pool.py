"""Where searches run: a few threads with a short queue, equal questions asked once, answers remembered."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Generic, TypeVar

from ham_recommend.errors import HamRecommendError

T = TypeVar("T")


class BusyError(HamRecommendError):
    """So much is asked at once that one more question would only wait."""

    retry_after = 1
    """Seconds."""


class PassingAnswer(bytes):
    """An answer made while something does not work, which is therefore not to be remembered."""


class Pool:
    """Runs what takes longer than a moment, beside the loop that holds the connections.

    Parameters
    ----------
    threads : int
        How many calls run at once.
    waiting : int
        How many more may wait.
    name : str
        What its threads are called.
    """

    def __init__(self, threads: int, waiting: int, name: str = "search") -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = threads + waiting
        self.under_way = 0

    async def run(self, call: Callable[..., T], *given: object) -> T:
        """Return what a call returns.

        Raises
        ------
        BusyError
            As many calls wait as may; a queue that grows helps nobody.
        """
        if self.under_way >= self._most:
            raise BusyError("Too much is asked at once. Try again in a second.")
        self.under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call, *given)
        finally:
            self.under_way -= 1

    def close(self) -> None:
        """Let the calls that run end; those that wait are dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class UnderWay(Generic[T]):
    """Calls that are under way: who asks for the same meanwhile waits for the same."""

    def __init__(self) -> None:
        self._calls: dict[Hashable, asyncio.Future[T]] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._calls

    async def get(self, key: Hashable, call: Callable[[], Awaitable[T]]) -> T:
        """Return what a call returns, or the one under way for the same key."""
        asked = self._calls.get(key)
        if asked is None:
            asked = self._calls[key] = asyncio.ensure_future(call())
            asked.add_done_callback(partial(self._settle, key))
        return await asyncio.shield(asked)  # whoever asked first may leave; the others still wait

    def _settle(self, key: Hashable, done: asyncio.Future[T]) -> None:
        del self._calls[key]
        if not done.cancelled():
            done.exception()  # whoever asked may be gone: nobody else need hear of it


class Answers:
    """Remembers encoded answers, the least recently used are dropped; equal questions in flight share one.

    Parameters
    ----------
    most : int
        Bytes to remember; ten thousand answers fit by default.
    """

    def __init__(self, most: int = 32 * 1024 * 1024) -> None:
        self._most = most
        self._held = 0
        self._known: OrderedDict[Hashable, bytes] = OrderedDict()
        self._asked: UnderWay[bytes] = UnderWay()
        self.hits = self.misses = self.shared = 0

    async def get(self, question: Hashable, ask: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return the answer to a question, asking only where nobody asked the same before or is asking it."""
        known = self._known.get(question)
        if known is not None:
            self._known.move_to_end(question)
            self.hits += 1
            return known
        if question in self._asked:
            self.shared += 1
        else:
            self.misses += 1
        return await self._asked.get(question, partial(self._answered, question, ask))

    async def _answered(self, question: Hashable, ask: Callable[[], Awaitable[bytes]]) -> bytes:
        answer = await ask()
        if not isinstance(answer, PassingAnswer):
            self._remember(question, answer)
        return answer

    def _remember(self, question: Hashable, answer: bytes) -> None:
        self._known[question] = answer
        self._held += len(answer)
        while self._held > self._most:
            self._held -= len(self._known.popitem(last=False)[1])
