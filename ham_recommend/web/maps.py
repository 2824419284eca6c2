"""The maps that are served: opened, and small ones made, beside the searches and once for all who ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from ham_recommend.errors import SettingsError
from ham_recommend.frontend.events import EVENTS, MapEvent
from ham_recommend.frontend.map_replies import map_at_hand, opened_map, vectors_meant
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.web.collections import Opened
from ham_recommend.web.pool import Pool, UnderWay

if TYPE_CHECKING:
    from ham_recommend.analysis.map import Map


class Maps:
    """Opens maps on threads of their own: to make one takes seconds, in which searches go on.

    Parameters
    ----------
    waiting : int
        How many maps may wait to be opened.
    recommender : callable
        Returns what conversations ask, whose map it is then.
    read_only : bool
        Whether nothing may be written into a collection.
    """

    def __init__(
        self, waiting: int, recommender: Callable[[Opened], Recommender], *, read_only: bool
    ) -> None:
        self._pool = Pool(2, waiting, "map")
        self._recommender = recommender
        self._open = partial(opened_map, keep=False if read_only else None)
        self._opening: UnderWay[Map] = UnderWay()

    async def of(self, opened: Opened, vectors: str) -> Map:
        """Return a collection's map by some vectors; empty for the collection's own choice.

        Raises
        ------
        SettingsError
            There are no such vectors, or there is no map and too many works to make one while somebody waits.
        BusyError
            As many maps wait as may.
        """
        recommender = self._recommender(opened)
        named = vectors_meant(recommender, vectors)
        found = map_at_hand(recommender, named)
        if found is not None:
            return found
        key = (opened.name, opened.version, named)  # one map asked for by two names would hold two threads
        call = partial(self._pool.run, self._open, recommender, named)
        return await self._opening.get(key, call)

    async def for_event(self, opened: Opened, event: Mapping[str, Any]) -> None:
        """Open the map that an event is about, so that the conversation, which answers it, finds it open.

        Why there is none is said by the conversation.
        """
        kind, vectors = event.get("type"), event.get("vectors", "")
        if (
            isinstance(kind, str)
            and issubclass(EVENTS.get(kind, object), MapEvent)
            and isinstance(vectors, str)
        ):
            with suppress(SettingsError):
                await self.of(opened, vectors)

    def close(self) -> None:
        """Let what is being made end; what waits is dropped."""
        self._pool.close()
