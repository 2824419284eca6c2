"""Searching with pictures: by one of one's own, and by words where the encoder reads them too."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import cached_property, lru_cache
from threading import RLock

import numpy as np

from ham_recommend import registry
from ham_recommend.answers import Ranking, best_first
from ham_recommend.catalog.decoding import open_picture
from ham_recommend.catalog.thumbnails import SIDE
from ham_recommend.encode.base import ImageEncoder, TextEncoder, comparable
from ham_recommend.errors import (
    ArtifactMismatchError,
    EncodeError,
    EncoderUnavailableError,
    MissingExtraError,
    SettingsError,
)
from ham_recommend.index.depths import Candidates, best_places, stages
from ham_recommend.index.fusion import Bounds, fuse
from ham_recommend.index.silence import Silence
from ham_recommend.net.servers import somebody_waits
from ham_recommend.recommend.asked import AskedChannel
from ham_recommend.recommend.channels import Batch, Channel
from ham_recommend.records import Vectors
from ham_recommend.timing import ENCODER, part

log = logging.getLogger(__name__)

DEPTH = 200
"""How many of the best works by picture and by text the first works of an answer are chosen from."""
WORDLESS = "Pictures cannot be searched by words just now, so words are looked for in texts alone."
_REMEMBERED = 256
_LEAST_SPREAD = 0.01

TextCandidates = Callable[[int, Collection[str]], Ranking]
"""How many of the best, and further works that may come back → their ranking by text."""


class PictureSearch:
    """Asks the picture vectors of a collection; the encoder is loaded with the first question.

    Parameters
    ----------
    channel : Channel
        The picture vectors.
    encoder : str
        The name of what made them.
    model_id : str
        What exactly made them.
    """

    def __init__(self, channel: Channel, encoder: str, model_id: str) -> None:
        self._channel = channel
        self._name = encoder
        self._model_id = model_id
        self._works_here = True
        self._silence = Silence(WORDLESS)
        self._loading = RLock()
        self._vector = lru_cache(maxsize=_REMEMBERED)(self._query_vector)
        self._bounds = lru_cache(maxsize=_REMEMBERED)(self._cosines)

    @cached_property
    def encoder(self) -> ImageEncoder:
        """What made the vectors.

        Raises
        ------
        MissingExtraError, EncodeError
            It cannot be loaded here.
        ArtifactMismatchError
            What is loaded under its name now is something else.
        """
        with somebody_waits():
            encoder = registry.shared_encoder(self._name)
        if not comparable(encoder.model_id, self._model_id):
            raise ArtifactMismatchError(
                f"The collection's pictures were encoded with {self._model_id!r}, but {self._name!r} is "
                f"{encoder.model_id!r} here. Build the collection again with `ham build`."
            )
        return encoder

    @property
    def trouble(self) -> str:
        """What a person should know while what encodes words does not answer; empty while it does."""
        return self._silence.trouble

    def load(self) -> None:
        """Load the encoder now, where processes forked off later can share it.

        Whether it can be had at all shows with the first question.
        """
        with suppress(MissingExtraError, EncodeError, SettingsError, ArtifactMismatchError):
            if registry.load("encoder", self._name.partition(":")[0]).outlives_fork():
                _ = self.encoder

    def reads(self, text: str) -> bool:
        """Return whether the encoder gives the vector of a text now; that it does not is said once.

        One that cannot be had here is not tried again; a server that does not answer is, after a while. Until
        it is there one question at a time waits for it, so that it is found, or found silent, once.
        """
        with nullcontext() if "encoder" in vars(self) else self._loading:
            return self._reads(text)

    def _reads(self, text: str) -> bool:
        if not self._works_here or self._silence.left_alone:
            return False
        try:
            self._vector(text)
        except EncoderUnavailableError as error:
            if self._silence.noticed():
                log.warning("Only the texts are searched for now. %s", error)
        except (MissingExtraError, EncodeError, SettingsError) as error:
            self._works_here = False
            self._silence.ended()
            log.warning("Only the texts are searched. %s", error)
        else:
            self._silence.ended()
            return True
        return False

    def _query_vector(self, text: str) -> Vectors:
        encoder = self._text_encoder()
        with part(ENCODER), somebody_waits():
            return encoder.encode_query(text)

    def _text_encoder(self) -> TextEncoder:
        if not isinstance(self.encoder, TextEncoder):
            raise SettingsError(f"The encoder {self._name!r} does not read words.")
        return self.encoder

    def by_words(
        self,
        text: str,
        k: int,
        weight: float,
        ask_texts: TextCandidates,
        pictures: AskedChannel,
    ) -> Ranking:
        """Find works by what their pictures show and what their texts say.

        Parameters
        ----------
        text : str
            What to look for.
        k : int
            How many works, at least, if there are so many.
        weight : float
            What the pictures count; the texts count the rest of 1.
        ask_texts : callable
            Searches the texts.
        pictures : AskedChannel
            Searches the pictures.

        Returns
        -------
        Ranking
            ``channels["picture"]`` holds cosines; NaN where a work has no picture.
        """
        vector = self._vector(text)
        depth = stages(k, DEPTH)[-1].depth
        near = pictures.search(vector[None], depth)[0].item_ids.tolist()
        said = ask_texts(depth, near)
        candidates = sorted({*near, *said.item_ids.tolist()})
        row_of = {item_id: row for row, item_id in enumerate(candidates)}
        rows = [row_of[item_id] for item_id in said.item_ids.tolist()]
        shown = pictures.products(vector[None], candidates)[0]
        channels = {name: _spread(values, rows, len(candidates)) for name, values in said.channels.items()}
        scores = fuse(
            {"text": _spread(said.scores, rows, len(candidates)), "picture": shown},
            {"text": 1.0 - weight, "picture": weight},
            bounds={"text": (0.0, 1.0), "picture": self._bounds(text)},
        )
        ids = np.array(candidates, dtype=object)
        places = best_places([np.array(rows), np.array([row_of[item_id] for item_id in near])], len(ids))
        order = best_first(ids, scores, len(ids))
        ranking = Ranking(
            ids, scores, channels={**channels, "picture": shown}, corrected=said.corrected
        ).only(order)
        return Candidates(ranking, places[order]).first(k, DEPTH)

    def vector_of(self, picture: str | os.PathLike[str] | bytes) -> Vectors:
        """Return the vector of a picture, shape (dim,).

        Raises
        ------
        UnreadablePictureError
            It is no picture.
        """
        image = open_picture(picture, long_side=SIDE)
        encoder = self.encoder
        with part(ENCODER), somebody_waits():
            vector: Vectors = encoder.encode_images([image])[0]
        return vector

    def near(
        self, vector: Vectors, k: int, *, exclude: Collection[str], within: Collection[str] | None
    ) -> Ranking:
        """Find the works with the nearest pictures.

        Returns
        -------
        Ranking
            Scores are 1 for the very picture and 0 for an average one.
        """
        found = self._channel.store.search(vector, k, exclude=exclude, within=within)[0]
        average = float(self._centroid @ vector)
        bounds = {"picture": (average, max(1.0, average + _LEAST_SPREAD))}
        scores = fuse({"picture": found.scores}, {"picture": 1.0}, bounds=bounds)
        return replace(found, scores=scores, channels={"picture": found.scores})

    @property
    def _centroid(self) -> Vectors:
        return self._channel.centroid(Batch(self._channel.store))

    def _cosines(self, text: str) -> Bounds:
        """Return the cosines that count as 0 and 1: of an average work, and of the best in the collection."""
        vector = self._vector(text)
        average = float(self._centroid @ vector)
        best = float(self._channel.store.search(vector, 1)[0].scores.max(initial=average))
        return average, max(best, average + _LEAST_SPREAD)


def _spread(values: Vectors, rows: list[int], size: int) -> Vectors:
    spread = np.full(size, np.nan, dtype=np.float32)
    spread[rows] = values
    return spread
