"""A question to all channels: works somebody likes and dislikes, and what may come back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.recommend.asked import AskedChannel, asked
from ham_recommend.recommend.channels import Channel
from ham_recommend.recommend.weights import Weights
from ham_recommend.records import Vectors

LEAST_SPREAD = 0.05
"""The least distance between the cosines that count as 0 and as 1: no quotient gets out of hand."""


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

    Attributes
    ----------
    channels : tuple of AskedChannel
        The channels, asked this question.
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
    ) -> None:
        self.liked = tuple(liked)
        self.disliked = tuple(disliked)
        self.within = within
        self.weights = weights or Weights()
        self.channels = tuple(
            asked(channel, self.liked, self.disliked, exclude=exclude, within=within) for channel in channels
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
        if not len(ranking):
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
