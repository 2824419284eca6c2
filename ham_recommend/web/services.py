"""What every handler works with: one of each, for the whole process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from ham_recommend.web.collections import Collections, Opened
from ham_recommend.web.conversations import Conversations
from ham_recommend.web.metrics import Metrics
from ham_recommend.web.pool import Answers, Pool
from ham_recommend.web.rates import Rates
from ham_recommend.web.settings import Settings
from ham_recommend.web.uploads import Uploads
from ham_recommend.web.visitors import Visitors


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one server process."""

    settings: Settings
    collections: Collections
    visitors: Visitors
    pool: Pool
    uploads: Uploads
    conversations: Conversations
    answers: Answers = field(default_factory=Answers)
    metrics: Metrics = field(default_factory=Metrics)
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(cls, settings: Settings) -> Services:
        """Make the parts; collections are opened when they are asked for."""
        pool = Pool(settings.limits.searches, settings.limits.waiting)
        collections = Collections(settings.places)
        made = cls(
            settings=settings,
            collections=collections,
            uploads=Uploads(settings.folder, collections),
            visitors=Visitors(settings.state),
            pool=pool,
            conversations=Conversations(pool, settings.sessions),
        )
        gauge, answers = made.metrics.gauge, made.answers
        gauge("ham_answers_remembered", "Answers that were known already.", lambda: answers.hits)
        gauge(
            "ham_answers_shared",
            "Answers shared with somebody who was asking the same.",
            lambda: answers.shared,
        )
        gauge("ham_answers_made", "Answers that had to be made.", lambda: answers.misses)
        gauge("ham_searches_under_way", "Questions being answered or waiting.", lambda: pool.under_way)
        gauge("ham_streams_open", "Pages that listen.", lambda: made.conversations.open_streams)
        return made

    def rates(self) -> tuple[Rates, Rates]:
        """Return what counts the requests of visitors, and the new visitors of addresses."""
        limits = self.settings.limits
        return Rates(limits.rate, limits.burst), Rates(limits.new_visitors, 60.0)

    async def opened(self, name: str) -> Opened:
        """Return a collection, opened beside the loop if it is not open yet."""
        current = self.collections.current(name)
        return current if current is not None else await self.pool.run(self.collections.open, name)
