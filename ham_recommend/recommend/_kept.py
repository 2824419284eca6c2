"""What a session keeps: likes, dislikes, turns, sets, and the file in which a named one lives on."""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING

from ham_recommend.answers import Turn
from ham_recommend.errors import SettingsError
from ham_recommend.recommend import _document as document
from ham_recommend.recommend import _log as log
from ham_recommend.recommend._log import Event, Forgotten, Mark, Marked, Replaced, State
from ham_recommend.recommend._storage import checked_name, sessions_of
from ham_recommend.recommend.query import checked_items, checked_k, checked_recommender
from ham_recommend.recommend.sets import SetChange, Sets
from ham_recommend.recommend.strategies import DEFAULT, strategy_named

if TYPE_CHECKING:
    from ham_recommend.recommend.recommender import Recommender


class Kept:
    """Likes, dislikes, turns and sets, in memory or in a file; :class:`.session.Session` asks."""

    def __init__(
        self,
        recommender: Recommender,
        *,
        name: str | None = None,
        k: int = 12,
        strategy: str = DEFAULT,
        sessions: str | os.PathLike[str] | None = None,
    ) -> None:
        self.recommender = checked_recommender(recommender)
        strategy_named(strategy)
        self.strategy = strategy
        self.name = None if name is None else checked_name(name)
        self.k = checked_k(k)
        self._state = State()
        self._last_event = 0
        self._file = None if self.name is None else sessions_of(recommender.workspace, sessions)
        self._pictures: dict[int, bytes] = {}
        self._lock = RLock()
        self._refresh()

    @staticmethod
    def names(recommender: Recommender, *, sessions: str | os.PathLike[str] | None = None) -> tuple[str, ...]:
        """Return the names of the sessions kept for this collection, sorted."""
        return sessions_of(checked_recommender(recommender).workspace, sessions).names()

    @staticmethod
    def delete(
        recommender: Recommender, name: str, *, sessions: str | os.PathLike[str] | None = None
    ) -> None:
        """Forget a kept session; an unknown name is allowed."""
        sessions_of(checked_recommender(recommender).workspace, sessions).delete(checked_name(name))

    @property
    def liked(self) -> tuple[str, ...]:
        """The liked works, oldest first."""
        return tuple(self._state.liked)

    @property
    def disliked(self) -> tuple[str, ...]:
        """The disliked works, oldest first."""
        return tuple(self._state.disliked)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns, oldest first."""
        return tuple(self._state.turns)

    @property
    def sets(self) -> Sets:
        """The named sets of works, and how to change them."""
        return Sets(lambda: self._state.sets, self._change_sets, self.recommender.catalog)

    @property
    def seen(self) -> frozenset[str]:
        """Every work that was shown, or folded under one that was."""
        return frozenset().union(*(log.shown_in(turn.ranking) for turn in self._state.turns))

    @property
    def last_event(self) -> int:
        """The number, in the file that keeps it, of the last thing that happened in it."""
        return self._last_event

    def turn(self, turn_id: int) -> Turn:
        """Return a turn.

        Raises
        ------
        SettingsError
            There is no such turn.
        """
        for turn in self._state.turns:
            if turn.turn_id == turn_id:
                return turn
        known = ", ".join(str(turn.turn_id) for turn in self._state.turns[-20:]) or "none yet"
        raise SettingsError(f"There is no turn {turn_id!r} in this session. Known: {known}.")

    def forget(self, turn_id: int) -> None:
        """Take a turn back: its works no longer count as seen; an unknown turn is allowed."""
        with self._lock:
            self._record([Forgotten(turn_id)])

    def like(self, item_id: str) -> None:
        """Like a work; it is no longer disliked.

        Raises
        ------
        UnknownItemError
            The work is not in the catalog.
        """
        self._mark("like", item_id)

    def unlike(self, item_id: str) -> None:
        """Take a like back; a work that is not liked is allowed."""
        self._mark("unlike", item_id)

    def dislike(self, item_id: str) -> None:
        """Dislike a work; it is no longer liked.

        Raises
        ------
        UnknownItemError
            The work is not in the catalog.
        """
        self._mark("dislike", item_id)

    def undislike(self, item_id: str) -> None:
        """Take a dislike back; a work that is not disliked is allowed."""
        self._mark("undislike", item_id)

    def clear_likes(self) -> None:
        """Take all likes back; dislikes and turns stay."""
        with self._lock:
            self._record([Marked("clear_likes")])

    def reset(self) -> None:
        """Forget likes, dislikes, turns and sets, to begin anew; not to be undone."""
        with self._lock:
            self._record([], replace=True)

    def refresh(self) -> None:
        """Take in what other processes added to the session; every question and mark does so too."""
        with self._lock:
            self._refresh()

    def to_json(self) -> str:
        """Return the whole session as JSON text; see :meth:`from_json`."""
        with self._lock:
            return document.written(self._state)

    def _mark(self, mark: Mark, item_id: str) -> None:
        with self._lock:
            self._refresh()
            if mark in {"like", "dislike"}:
                (item_id,) = checked_items([item_id], self.recommender.catalog)
            self._record([Marked(mark, item_id)])

    def _change_sets(self, change: SetChange, check: Callable[[], None]) -> None:
        with self._lock:
            self._refresh()
            check()
            self._record([change])

    def _known(self, item_ids: tuple[str, ...]) -> tuple[str, ...]:
        """Leave out works that a later build of the collection no longer has."""
        return tuple(item_id for item_id in item_ids if item_id in self.recommender.catalog)

    def _refresh(self) -> None:
        if self._file is not None and self.name is not None:
            self._take_in(*self._file.read(self.name, self._last_event))

    def _record(self, events: list[Event], *, replace: bool = False) -> None:
        if self._file is not None and self.name is not None:
            self._take_in(*self._file.append(self.name, events, self._last_event, replace=replace))
        else:
            self._take_in([Replaced(), *events] if replace else events, self._last_event)

    def _take_in(self, events: list[Event], last_event: int) -> None:
        works = {item_id: work for event in events for item_id, work in log.works_in(event).items()}
        wanted = {item_id for event in events for item_id in log.shown_by(event)}.difference(works)
        works |= self.recommender.catalog.get(sorted(wanted)) if wanted else {}
        root = self.recommender.root
        for event in events:
            self._state.apply(log.explained(log.with_works(event, works, root), self.recommender))
        self._last_event = last_event
