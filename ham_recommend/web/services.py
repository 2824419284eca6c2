"""What every handler works with: one of each, for the whole process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial

from ham_recommend.registry import shared_encoder
from ham_recommend.web.answering import Answering
from ham_recommend.web.collections import Collections, Opened
from ham_recommend.web.conversations import Conversations
from ham_recommend.web.embedding import Embedding
from ham_recommend.web.frames import Frames
from ham_recommend.web.maps import Maps
from ham_recommend.web.metrics import Metrics
from ham_recommend.web.pool import Pool
from ham_recommend.web.rates import Rates
from ham_recommend.web.settings import Settings
from ham_recommend.web.uploads import Uploads
from ham_recommend.web.visitors import Visitors
from ham_recommend.web.workers import Workers


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one server process."""

    settings: Settings
    collections: Collections
    visitors: Visitors
    pool: Pool
    uploads: Uploads
    conversations: Conversations
    frames: Frames
    maps: Maps
    answering: Answering
    workers: Workers | None = None
    embedding: Embedding | None = None
    metrics: Metrics = field(default_factory=Metrics)
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(
        cls, settings: Settings, collections: Collections | None = None, workers: Workers | None = None
    ) -> Services:
        """Make the parts; collections are opened when they are asked for."""
        pool = Pool(settings.limits.searches, settings.limits.waiting)
        collections = collections or Collections(settings.places)
        metrics = Metrics()
        answering = Answering(pool, metrics, workers)
        talking = Pool(settings.limits.conversations, settings.limits.waiting, "conversation")
        made = cls(
            settings=settings,
            collections=collections,
            uploads=Uploads(settings.folder, collections),
            visitors=Visitors(settings.state),  # makes the folder
            frames=Frames(settings.state),
            maps=Maps(settings.limits.waiting, answering.recommender, read_only=settings.read_only),
            pool=pool,
            workers=workers,
            metrics=metrics,
            embedding=_embedding(settings.encoder, metrics),
            answering=answering,
            conversations=Conversations(talking, settings.sessions, metrics.working, answering.recommender),
        )
        gauge, answers = made.metrics.gauge, answering.answers
        gauge("ham_answers_remembered", "Answers that were known already.", lambda: answers.hits)
        gauge(
            "ham_answers_shared",
            "Answers shared with somebody who was asking the same.",
            lambda: answers.shared,
        )
        gauge("ham_answers_made", "Answers that had to be made.", lambda: answers.misses)
        gauge("ham_calls_under_way", "Calls of this process, running or waiting.", lambda: pool.under_way)
        if workers is not None:
            gauge("ham_workers", "Processes that answer questions.", lambda: len(workers))
            gauge("ham_questions_under_way", "Questions at them, or waiting.", lambda: workers.under_way)
        embedding = made.embedding
        if embedding is not None:
            gauge("ham_encoder_waiting", "Pictures and texts to be encoded.", lambda: embedding.waiting)
            gauge("ham_encoder_encoded", "Pictures and texts that were encoded.", lambda: embedding.encoded)
            gauge("ham_encoder_batches", "Batches that they were encoded in.", lambda: embedding.batches)
        gauge(
            "ham_streams_open",
            "Pages that listen.",
            lambda: made.conversations.open_streams + made.uploads.listeners.total(),
        )
        return made

    def rates(self) -> tuple[Rates, Rates]:
        """Return what counts the requests of visitors, and the new visitors of addresses."""
        limits = self.settings.limits
        return Rates(limits.rate, limits.burst), Rates(limits.new_visitors, 60.0)

    async def opened(self, name: str) -> Opened:
        """Return a collection, opened beside the loop if it is not open yet."""
        current = self.collections.current(name)
        return current if current is not None else await self.pool.run(self.collections.open, name)


def _embedding(encoder: str, metrics: Metrics) -> Embedding | None:
    """Return what encodes for others; the model is the one that the collections use too."""
    if not encoder:
        return None
    took = partial(metrics.encoded, "embed")
    return Embedding(encoder, partial(shared_encoder, fetch=True), took=took)
