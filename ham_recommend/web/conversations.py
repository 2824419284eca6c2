"""The conversations of visitors: kept while they are looked at, else made again from their sessions.

An event's answer goes back to the page that sent it. Every other page of the visitor, on whatever device
and at whatever worker, is told by its stream that there is news, and asks for the state.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import sqlite3
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ham_recommend.frontend import Conversation
from ham_recommend.frontend.protocol import Message
from ham_recommend.recommend._storage import SessionFile, sessions_of
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.session import Session
from ham_recommend.web.collections import Opened
from ham_recommend.web.metrics import Working
from ham_recommend.web.pool import BusyError, Pool
from ham_recommend.web.visitors import session_name

log = logging.getLogger(__name__)

MOST = 2_000
"""Conversations kept in memory that nobody looks at; one of twenty turns takes a tenth of a megabyte."""
ANSWERS_KEPT = 32
"""Answers of each conversation that are sent again where the connection broke before they arrived."""
HEARTBEAT = 20.0
"""Seconds between signs of life on a stream: less than proxies wait."""
LOOK = 1.0
"""Seconds between looks for what other workers added to a session."""
LOOKING = frozenset(
    (
        "headings",
        "turn",
        "works",
        "detail",
        "pictures",
        "large_picture",
        "export",
        "facets",
        "set",
        "compare",
        "cite",
        "map",
        "map_tiles",
        "map_works",
        "map_places",
        "map_turn",
        "lasso",
    )
)
"""Events that change nothing."""

Marks = tuple[tuple[str, ...], tuple[str, ...]]


class Live:
    """One visitor's conversation with one collection, and the streams of the pages that show it."""

    def __init__(self, opened: Opened, recommender: Recommender, visitor: str, sessions: Path | None) -> None:
        self.opened = opened
        self.path = sessions_of(recommender.workspace, sessions).path
        self.streams: dict[str, asyncio.Event] = {}
        self.lock = asyncio.Lock()
        self.answered: OrderedDict[str, bytes] = OrderedDict()
        self._sent: list[Any] = []
        self.session_name = session_name(visitor)
        self._session = Session(recommender, name=self.session_name, sessions=sessions)
        self._conversation = Conversation(self._session, self._send)

    @property
    def last_event(self) -> int:
        """The number of the last thing that it knows to have happened in its session."""
        return self._session.last_event

    def state(self) -> bytes:
        """Return the state as JSON, with what other workers added; runs in the pool."""
        with self._collected():
            self._conversation.refresh()
        return orjson.dumps(self._conversation.state.to_json())

    def marks(self) -> Marks:
        """Return what the visitor likes, and what is not for them; runs in the pool."""
        self._session.refresh()
        return self._session.liked, self._session.disliked

    def refresh(self) -> bool:
        """Take in what other workers added; return whether there was anything. Runs in the pool."""
        with self._collected() as sent:
            self._conversation.refresh()
        return any(message["type"] == "state" for message, _ in sent)

    def answer(self, event: Mapping[str, Any]) -> bytes:
        """Return the messages that an event causes, as JSON; runs in the pool."""
        with self._collected() as sent:
            try:
                self._conversation.receive(event)
            except Exception:
                log.exception("An event of the type %.40r failed.", event.get("type"))
        return orjson.dumps(sent)

    def news(self, sender: str | None = None) -> None:
        """Tell every page but the one that caused it."""
        for stream, bell in self.streams.items():
            if stream != sender:
                bell.set()

    @contextmanager
    def _collected(self) -> Iterator[list[Any]]:
        self._sent = []
        yield self._sent

    def _send(self, message: Message, buffers: list[bytes]) -> None:
        self._sent.append((message, [base64.b64encode(each).decode() for each in buffers]))


class Conversations:
    """The conversations of all visitors with all collections.

    Parameters
    ----------
    pool : Pool
        Where they answer.
    sessions : Path or None
        Where likes and history are kept, as in :class:`ham_recommend.Session`.
    working : callable
        Times what is answered.
    recommender : callable
        Returns what they ask about a collection; the loop calls it.
    """

    def __init__(
        self,
        pool: Pool,
        sessions: Path | None,
        working: Working,
        recommender: Callable[[Opened], Recommender],
    ) -> None:
        self._pool = pool
        self._recommender = recommender
        self._working = working
        self._sessions = sessions
        self._live: OrderedDict[tuple[str, str], Live] = OrderedDict()
        self._making: dict[tuple[str, str], asyncio.Lock] = {}
        self.stopping = False
        self._seen: dict[Path, _Seen] = {}
        self._unread: set[Path] = set()

    async def of(self, opened: Opened, visitor: str) -> Live:
        """Return a visitor's conversation; a new one where the collection was built anew."""
        key = (opened.name, visitor)
        live = self._live.get(key)
        if live is None or live.opened.version != opened.version:
            async with self._making.setdefault(key, asyncio.Lock()):
                live = self._live.get(key)
                if live is None or live.opened.version != opened.version:
                    asked = self._recommender(opened)
                    fresh = await self._pool.run(Live, opened, asked, visitor, self._sessions)
                    if live is not None:
                        fresh.streams = live.streams
                    self._live[key] = live = fresh
            self._making.pop(key, None)
        self._live.move_to_end(key)
        self._drop_unused()
        return live

    async def state(self, opened: Opened, visitor: str) -> bytes:
        """Return the state of a visitor's conversation as JSON."""
        live = await self.of(opened, visitor)
        async with live.lock:
            return await self._pool.run(live.state)

    async def marks(self, opened: Opened, visitor: str) -> Marks:
        """Return what a visitor likes in a collection, and what is not for them."""
        live = await self.of(opened, visitor)
        async with live.lock:
            return await self._pool.run(live.marks)

    async def answer(
        self, opened: Opened, visitor: str, event: Mapping[str, Any], *, name: str, stream: str
    ) -> bytes:
        """Return the messages that an event causes, as JSON.

        Parameters
        ----------
        opened : Opened
            The collection.
        visitor : str
            Whose conversation it is.
        event : mapping
            What happened, as in :mod:`ham_recommend.frontend.protocol`.
        name : str
            What the page calls this event; sent again under the same name, it is answered but not done again.
            An empty name is none.
        stream : str
            What the page calls its stream, which hears no news of its own events.
        """
        live = await self.of(opened, visitor)
        async with live.lock:
            known = live.answered.get(name) if name else None
            if known is not None:
                return known
            answer = await self._pool.run(self._answered, live, event)
            if event.get("type") not in LOOKING:
                live.answered[name] = answer
                if len(live.answered) > ANSWERS_KEPT:
                    live.answered.popitem(last=False)
                live.news(stream)
        return answer

    def _answered(self, live: Live, event: Mapping[str, Any]) -> bytes:
        with self._working("looking" if event.get("type") in LOOKING else "conversation"):
            return live.answer(event)

    async def stream(self, opened: Opened, visitor: str, stream: str) -> AsyncIterator[bytes]:
        """Yield server-sent events: ``hello``, then ``news`` when there are some, and ``bye`` at the end."""
        live = await self.of(opened, visitor)
        bell = live.streams[stream] = asyncio.Event()
        try:
            yield b"retry: 1000\nevent: hello\ndata:\n\n"
            while not self.stopping:
                try:
                    await asyncio.wait_for(bell.wait(), HEARTBEAT)
                except TimeoutError:
                    yield b":\n\n"
                    continue
                bell.clear()
                if not self.stopping:
                    yield b"event: news\ndata:\n\n"
            yield b"event: bye\ndata:\n\n"
        finally:
            if live.streams.get(stream) is bell:
                del live.streams[stream]

    @property
    def open_streams(self) -> int:
        """How many pages listen."""
        return sum(len(live.streams) for live in self._live.values())

    def forget(self, opened: Opened, visitor: str) -> None:
        """Remove what is known of a visitor in one collection; runs in the pool."""
        Session.delete(opened.recommender, session_name(visitor), sessions=self._sessions)
        live = self._live.pop((opened.name, visitor), None)
        if live is not None:
            live.news()

    async def watch(self) -> None:
        """Until it is cancelled, bring what other workers add to a session to the pages that show it."""
        bringing: dict[Live, asyncio.Task[None]] = {}
        looking: dict[Path, asyncio.Task[None]] = {}
        while True:
            await asyncio.sleep(LOOK)
            shown = [live for live in self._live.values() if live.streams]
            looking = {path: task for path, task in looking.items() if not task.done()}
            for path in {live.path for live in shown} - looking.keys():
                names = {live.session_name for live in shown}
                looking[path] = asyncio.create_task(self._look(path, names))
            if looking:  # a file that somebody holds is not waited for: the others go on
                await asyncio.wait(looking.values(), timeout=LOOK)
            for live in shown:
                if live not in bringing and self._newest(live) > live.last_event:
                    bringing[live] = asyncio.create_task(self._bring_news(live))
            bringing = {live: task for live, task in bringing.items() if not task.done()}

    async def _bring_news(self, live: Live) -> None:
        try:
            async with live.lock:
                if await self._pool.run(live.refresh):
                    live.news()
        except Exception:
            log.exception("A session could not be read again.")

    def close(self) -> None:
        """Let the events that are being answered end; those that wait are dropped."""
        self._pool.close()

    def stop(self) -> None:
        """End every stream, so that the server can stop."""
        self.stopping = True
        for live in self._live.values():
            live.news()
        for seen in [*self._seen.values()]:
            seen.connection.close()
        self._seen.clear()

    async def _look(self, path: Path, names: Set[str]) -> None:
        """Look into a file of sessions; one that cannot be read is told of once, and tried again."""
        try:
            await self._pool.run(self._look_into, path, names)
            self._unread.discard(path)
        except BusyError:
            pass
        except Exception:
            if path not in self._unread and not self.stopping:
                log.exception("What other workers add to %s is not shown: it cannot be read.", path)
            self._unread.add(path)

    def _look_into(self, path: Path, names: Set[str]) -> None:
        """Notice who wrote to a file of sessions since the last look; runs in the pool."""
        if path not in self._seen and path.exists():
            self._seen[path] = _Seen(sqlite3.connect(path, check_same_thread=False))
        if path in self._seen:
            self._seen[path].look(path, names)

    def _newest(self, live: Live) -> int:
        """Return the number of the last thing that was seen to happen in a session."""
        seen = self._seen.get(live.path)
        return seen.newest.get(live.session_name, 0) if seen else 0

    def _drop_unused(self) -> None:
        if len(self._live) <= MOST:
            return
        unused = [key for key, live in self._live.items() if not live.streams and not live.lock.locked()]
        for key in unused[: len(self._live) - MOST]:
            del self._live[key]


@dataclass(slots=True)
class _Seen:
    """A file of sessions, and what was seen of it: the number of the last event of all, and of each."""

    connection: sqlite3.Connection
    version: int = -1
    number: int = 0
    newest: dict[str, int] = field(default_factory=dict)

    def look(self, path: Path, names: Set[str]) -> None:
        (version,) = self.connection.execute("PRAGMA data_version").fetchone()
        if version == self.version:
            return
        fresh = SessionFile(path).newest(self.number)
        self.version = version
        self.number = max(fresh.values(), default=self.number)
        self.newest = {name: number for name, number in (self.newest | fresh).items() if name in names}
