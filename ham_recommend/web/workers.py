"""Processes that answer questions, so that the one that holds the connections never waits for a search.

The collections are opened once, before anything else; then a process is forked off that does nothing but
fork workers when it is told to. Workers share its memory: three of them hold 117,243 works in little more
than one does. A question goes to one over a socket, as bytes, and its answer comes back the same way.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import struct
from collections import deque
from collections.abc import Mapping
from enum import IntEnum

import orjson

from ham_recommend import errors
from ham_recommend.errors import HamRecommendError
from ham_recommend.timing import ENCODER, STORE, listening
from ham_recommend.web.collections import Collections
from ham_recommend.web.metrics import Told, Working
from ham_recommend.web.pool import BusyError, PassingAnswer
from ham_recommend.web.questions import Question, answered

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds before a worker that ended is replaced."""
LONGEST = 120
"""Seconds that a question may take at a worker; it may have to open a collection and load a model first."""
_LONGER = 5
"""Seconds that a worker lives on after that; it ends by itself."""
_SIZES = struct.Struct(">II")
"""Bytes of a question, and of the picture that goes with it."""
_HEAD = struct.Struct(">IIdd")
"""What became of a question, bytes of the answer, seconds that stores and encoders took of it."""
_PARTS = (STORE, ENCODER)


class AwayError(HamRecommendError):
    """No worker can answer this question now."""


class Outcome(IntEnum):
    """What became of a question."""

    ANSWERED = 0
    REFUSED = 1
    """By one of our errors: its name and message follow."""
    FAILED = 2
    """By something else, which the log says."""
    OTHER_VERSION = 3
    """The collection was built anew meanwhile."""
    ANSWERED_IN_TROUBLE = 4
    """While something does not work."""


class Workers:
    """Sends questions to workers, each to one that has nothing to do.

    Made before any thread is started; :meth:`start` belongs to the loop.

    Parameters
    ----------
    collections : Collections
        What is served; what is open already is shared.
    count : int
        How many workers.
    waiting : int
        How many questions may wait for one.
    taken : socket, optional
        What the server listens on, which is not the workers'.
    """

    def __init__(
        self, collections: Collections, count: int, waiting: int, taken: socket.socket | None = None
    ) -> None:
        self._count = count
        self._most = count + waiting
        self._control = _forked(collections, taken)
        self._idle: deque[_Worker] = deque()
        self._turns: deque[asyncio.Future[_Worker]] = deque()
        self._keeping: set[asyncio.Task[None]] = set()
        self._there = 0
        self.under_way = 0

    def __len__(self) -> int:
        return self._there

    async def start(self) -> None:
        """Let the workers begin, and replace each that ends."""
        for _ in range(self._count):
            self._keeping.add(asyncio.create_task(self._keep_one()))

    async def ask(self, question: Question, working: Working, told: Told, *, admitted: bool = False) -> bytes:
        """Return the answer to a question.

        Parameters
        ----------
        question : Question
            What is asked.
        working : callable
            Times what is done for questions of a kind, without waiting for a turn.
        told : callable
            Is told what parts of that took at the worker.
        admitted : bool
            Whether the question may wait however many do: those who ask were counted already.

        Raises
        ------
        BusyError
            As many questions wait as may, or the answer took longer than :data:`LONGEST`.
        AwayError
            There is no worker, it ended, or it has another version of the collection.
        TypeError
            Something in the question is no JSON value.
        HamRecommendError
            Nothing can be answered.
        """
        if not self._there:
            raise AwayError("No worker is there.")
        if self.under_way >= self._most and not admitted:
            raise BusyError("Too much is asked at once. Try again in a second.")
        asked = question.to_bytes()
        self.under_way += 1
        task = asyncio.ensure_future(self._ask(asked, question, working, told))
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)  # when whoever asked goes away, the worker is still listened to

    def _ended(self, _task: asyncio.Future[bytes]) -> None:
        self.under_way -= 1

    async def _ask(self, asked: bytes, question: Question, working: Working, told: Told) -> bytes:
        worker = await self._turn()
        try:
            with working(question.kind):
                outcome, content, seconds = await asyncio.wait_for(
                    worker.ask(asked, question.picture), LONGEST
                )
        except BaseException as error:
            worker.gone.set()  # what it may still say would be taken for the next answer
            if isinstance(error, TimeoutError):
                raise BusyError("That took too long. Ask for less, or try again.") from None
            if isinstance(error, OSError | asyncio.IncompleteReadError):
                raise AwayError("The worker ended.") from None
            raise
        self._free(worker)
        told(question.kind, seconds)
        return _answer_in(outcome, content)

    async def _turn(self) -> _Worker:
        """Wait for a worker that has nothing to do; who came first is served first."""
        if self._idle:
            return self._idle.popleft()
        turn: asyncio.Future[_Worker] = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._free(turn.result())
            raise

    def _free(self, worker: _Worker) -> None:
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(worker)
                return
        self._idle.append(worker)

    async def _keep_one(self) -> None:
        """Have one worker, and another one after it ended, for as long as any can be forked."""
        while True:
            ours, theirs = socket.socketpair()
            try:
                with theirs:
                    socket.send_fds(self._control, [b"w"], [theirs.fileno()])
            except OSError as error:
                ours.close()
                log.warning("No worker can be started any more: %s. What is left answers; start anew.", error)
                return
            worker = _Worker(*await asyncio.open_connection(sock=ours))
            self._there += 1
            self._free(worker)
            try:
                await worker.gone.wait()
            finally:
                worker.close()
                self._there -= 1
            if not self._there:
                self._send_away()
            log.warning("A worker ended; another one takes its place.")
            await asyncio.sleep(PAUSE)

    def _send_away(self) -> None:
        """Let nobody wait for a worker when there is none."""
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_exception(AwayError("No worker is there."))

    def close(self) -> None:
        """End the workers."""
        for task in self._keeping:
            task.cancel()
        self._control.close()


class _Worker:
    """The near end of a worker."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.gone = asyncio.Event()

    async def ask(self, asked: bytes, picture: bytes) -> tuple[Outcome, bytes, Mapping[str, float]]:
        self._writer.write(_SIZES.pack(len(asked), len(picture)) + asked + picture)
        await self._writer.drain()
        outcome, size, *seconds = _HEAD.unpack(await self._reader.readexactly(_HEAD.size))
        taken = {name: each for name, each in zip(_PARTS, seconds, strict=True) if each}
        return Outcome(outcome), await self._reader.readexactly(size), taken

    def close(self) -> None:
        self._writer.close()


def _answer_in(outcome: Outcome, content: bytes) -> bytes:
    if outcome is Outcome.ANSWERED:
        return content
    if outcome is Outcome.ANSWERED_IN_TROUBLE:
        return PassingAnswer(content)
    if outcome is Outcome.REFUSED:
        name, said = orjson.loads(content)
        raise getattr(errors, name)(said)
    if outcome is Outcome.FAILED:
        raise HamRecommendError("A worker could not answer.")
    raise AwayError("The worker has another version.")


# ---- the far end: no loop, no threads ---------------------------------------------------------------------


def _forked(collections: Collections, taken: socket.socket | None) -> socket.socket:
    """Fork off what forks workers; return the socket by which it is told to, and whose end ends it."""
    gc.collect()
    gc.freeze()  # what is open now stays: to look through it again would only copy its pages
    ours, theirs = socket.socketpair()
    if os.fork():
        theirs.close()
        return ours
    try:
        ours.close()
        if taken is not None:
            taken.close()
        _fork_when_told(theirs, collections)
    finally:
        os._exit(0)


def _fork_when_told(control: socket.socket, collections: Collections) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(
            number, signal.SIG_IGN
        )  # Ctrl-C is for the process in front, which then closes the socket
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        told, (*given,), *_ = socket.recv_fds(control, 1, 1)
        if not told:
            return
        if os.fork() == 0:
            control.close()
            _work(socket.socket(fileno=given[0]), collections)
            return
        for each in given:
            os.close(each)


def _work(line: socket.socket, collections: Collections) -> None:
    """Answer questions until the other side closes the line."""
    with line, line.makefile("rb") as asked:
        while head := asked.read(_SIZES.size):
            size, more = _SIZES.unpack(head)
            question, picture = asked.read(size), asked.read(more)
            signal.alarm(LONGEST + _LONGER)  # whatever it is stuck in, nobody waits any longer
            with listening() as seconds:
                outcome, content = _outcome(question, picture, collections)
            signal.alarm(0)
            taken = (seconds.get(name, 0.0) for name in _PARTS)
            line.sendall(_HEAD.pack(outcome, len(content), *taken) + content)


def _outcome(asked: bytes, picture: bytes, collections: Collections) -> tuple[Outcome, bytes]:
    try:
        question = Question.from_bytes(asked, picture)
        opened = collections.open(question.collection)
        if opened.version != question.version:
            return Outcome.OTHER_VERSION, b""
        return _told(answered(opened, question))
    except HamRecommendError as error:
        return Outcome.REFUSED, orjson.dumps([_known(error).__name__, str(error)])
    except Exception:
        log.exception("A worker could not answer.")
        return Outcome.FAILED, b""


def _told(answer: bytes) -> tuple[Outcome, bytes]:
    in_trouble = isinstance(answer, PassingAnswer)
    return Outcome.ANSWERED_IN_TROUBLE if in_trouble else Outcome.ANSWERED, answer


def _known(error: HamRecommendError) -> type[HamRecommendError]:
    """Return the class of :mod:`ham_recommend.errors` that an error is of, whoever defined its own."""
    return next(kind for kind in type(error).__mro__ if kind.__module__ == errors.__name__)
