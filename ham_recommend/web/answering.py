"""Where questions are answered: from memory, by a worker, or by threads of this process without one."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from functools import partial

from ham_recommend.web.asking import AskingRecommender
from ham_recommend.web.collections import Opened
from ham_recommend.web.metrics import Metrics
from ham_recommend.web.pool import Answers, BusyError, Pool
from ham_recommend.web.questions import Question, answered
from ham_recommend.web.workers import AwayError, Workers


class Answering:
    """Answers questions of programs, and of visitors.

    Parameters
    ----------
    pool : Pool
        The threads.
    metrics : Metrics
        Counts what is answered.
    workers : Workers or None
        Who is asked first.
    """

    def __init__(self, pool: Pool, metrics: Metrics, workers: Workers | None) -> None:
        self._pool, self._metrics, self._workers = pool, metrics, workers
        self._asking: dict[str, tuple[Opened, AskingRecommender]] = {}
        self.answers = Answers()

    async def ask(self, opened: Opened, question: Question, *, admitted: bool = False) -> bytes:
        """Return the answer to a question as JSON, packed by gzip.

        What was asked before is answered from memory, and who asks what is being asked shares the answer.

        Parameters
        ----------
        opened : Opened
            The collection.
        question : Question
            What is asked.
        admitted : bool
            Whether whoever asks has been let in already, and only waits for a worker to be free.

        Raises
        ------
        HamRecommendError
            Nothing can be answered, or too much is asked at once.
        """
        ask, key = partial(self._ask, opened, question, admitted), question.key
        return await (ask() if key is None else self.answers.get(key, ask))

    def recommender(self, opened: Opened) -> AskingRecommender:
        """Return what conversations ask about a collection; for the loop to call, and for threads to ask."""
        known = self._asking.get(opened.name)
        if known is None or known[0] is not opened:
            wait = partial(self._wait, asyncio.get_running_loop(), opened)
            known = self._asking[opened.name] = (opened, AskingRecommender(opened, wait))
        return known[1]

    def _wait(self, loop: asyncio.AbstractEventLoop, opened: Opened, question: Question) -> bytes:
        asked = asyncio.run_coroutine_threadsafe(self.ask(opened, question, admitted=True), loop)
        try:
            return asked.result()
        except CancelledError:
            raise BusyError("The server is being stopped. Try again in a moment.") from None

    async def _ask(self, opened: Opened, question: Question, admitted: bool) -> bytes:
        if self._workers is not None:
            working, told = self._metrics.working, self._metrics.parts
            try:
                return await self._workers.ask(question, working, told, admitted=admitted)
            except AwayError:
                pass
        return await self._pool.run(self._answered, opened, question)

    def _answered(self, opened: Opened, question: Question) -> bytes:
        with self._metrics.working(question.kind):
            return answered(opened, question)
