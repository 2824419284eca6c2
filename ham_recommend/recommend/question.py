"""A question to all channels: works somebody likes and dislikes, and what may come back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ham_recommend.answers import Ranking
from ham_recommend.recommend.asked import AskedChannel, asked
from ham_recommend.recommend.channels import Channel
from ham_recommend.recommend.weights import Weights
from ham_recommend.records import AS_LIKED, Dials, Vectors

LEAST_SPREAD = 0.05
"""The least distance between the cosines that count as 0 and as 1: no quotient gets out of hand."""

_LEAST_COUNT = 1e-6

REACH = 0.4
"""With the dial of discovery turned fully, each work is chosen from the next ``n ** REACH`` of ``n`` works.

That is 13 of 600 and 106 of 117,000. In ``benchmarks/taste.py`` .62 of what is found for one interest is
right without it, .51 with the dial at a half and .35 at 1.
"""


class Answer(Protocol):
    """Answers words: how many of the best, and further works that may come back → their ranking."""

    def __call__(self, count: int, /, *, also: Collection[str]) -> Ranking:
        """Rank what answers them."""


Standing = Callable[[Sequence[str]], Vectors]
"""Works → how popular each is: 1 for the most popular, -1 for the least, 0 where it is not known."""


class Question:
    """Likes and dislikes, put to every channel in batches.

    Each store is asked for the vectors of likes and dislikes, for what is near to all that is searched for,
    and for the vectors of what was found: once each, however many there are.

    Parameters
    ----------
    channels : sequence of Channel
        In which works can be close.
    liked : sequence of str
        At least one work.
    disliked : sequence of str
        Works whose like is not wanted.
    exclude, within
        As in :meth:`ham_recommend.index.base.VectorStore.search`.
    weights : Weights
        What counts how much.
    dials : Dials
        What turns the recommendation.
    answer : callable or None
        Answers the words that it is anchored to, where it is.
    standing : callable or None
        Knows how popular works are, where that counts.

    Attributes
    ----------
    channels : tuple of AskedChannel
        The channels, asked this question.
    counts : ndarray of float64, shape (number of likes,)
        What each like counts: 1 for the last one, less for those before it where recency counts.
    reach : float
        Of how many works that fit alike one is chosen; 1 for always the closest.
    """

    def __init__(
        self,
        channels: Sequence[Channel],
        liked: Sequence[str],
        disliked: Sequence[str] = (),
        *,
        exclude: Collection[str] = (),
        within: Collection[str] | None = None,
        weights: Weights | None = None,
        dials: Dials = AS_LIKED,
        answer: Answer | None = None,
        standing: Standing | None = None,
    ) -> None:
        self.liked = tuple(liked)
        self.disliked = tuple(disliked)
        self.within = within
        self.weights = weights or Weights()
        self.dials = dials
        self.answer, self.standing = answer, standing
        self.counts: npt.NDArray[np.float64] = np.maximum(
            (1.0 - self.dials.recency) ** np.arange(len(self.liked))[::-1], _LEAST_COUNT
        )
        works = max(len(channel.item_ids) for channel in channels) if within is None else len(within)
        self.reach = max(1, works) ** (REACH * self.dials.discovery)
        self._asked_of, self._exclude = channels, exclude
        self.channels = tuple(
            asked(channel, self.liked, self.disliked, exclude=exclude, within=within) for channel in channels
        )

    def of_dislikes(self) -> Question:
        """Return the same question, with the dislikes as what is liked."""
        return Question(
            self._asked_of,
            self.disliked,
            exclude=self._exclude,
            within=self.within,
            weights=self.weights,
            dials=self.dials,
            answer=self.answer,
            standing=self.standing,
        )

    def channel(self, name: str) -> AskedChannel | None:
        """Return the channel of a name, or ``None`` where the collection has none."""
        return next((channel for channel in self.channels if channel.name == name), None)

    def likeness(self, item_ids: Sequence[str]) -> Vectors:
        """Return how alike works are to each like, in all channels together.

        Returns
        -------
        ndarray of float32, shape (number of likes, len(item_ids))
            1 for the same work, 0 for two works at random; a channel in which either has no vector counts 0.
        """
        return self._likeness(
            {channel.name: channel.cosines_with_likes(item_ids) for channel in self.channels}
        )

    def _likeness(self, cosines: Mapping[str, Vectors]) -> Vectors:
        total: Vectors = np.sum(self._shares(cosines), axis=0)
        return total

    def _shares(self, cosines: Mapping[str, Vectors]) -> list[Vectors]:
        """Return what each channel adds to the likeness, in the order of the channels."""
        weight = sum(channel.weight for channel in self.channels)
        shares = []
        for channel in self.channels:
            expected = float(channel.centroid @ channel.centroid)
            closeness = (cosines[channel.name] - expected) / max(1.0 - expected, LEAST_SPREAD)
            shares.append(channel.weight / weight * np.nan_to_num(closeness))
        return shares

    def explained(self, ranking: Ranking) -> Ranking:
        """Add the liked work each hit is closest to, in which channel most, and how close in each."""
        if not len(ranking) or not self.liked:
            return ranking
        shown = ranking.item_ids.tolist()
        cosines = {channel.name: channel.cosines_with_likes(shown) for channel in self.channels}
        shares = np.stack(self._shares(cosines))
        nearest = shares.sum(axis=0).argmax(axis=0)
        columns = np.arange(len(shown))
        strongest = shares[:, nearest, columns].argmax(axis=0)
        return replace(
            ranking,
            channels={name: values[nearest, columns] for name, values in cosines.items()},
            nearest_liked={item_id: self.liked[row] for item_id, row in zip(shown, nearest, strict=True)},
            strongest={
                item_id: self.channels[row].name for item_id, row in zip(shown, strongest, strict=True)
            },
        )
