"""What crosses the borders between steps on the way back: what was asked, and what came of it.

A recommender answers a ``Query`` by a ``Ranking`` of ``Hit``, which a session keeps as a ``Turn``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import isnan
from typing import TYPE_CHECKING, Any, Literal, TypedDict, overload

import numpy as np
import numpy.typing as npt

from ham_recommend.errors import SettingsError
from ham_recommend.fields import Field
from ham_recommend.records import CHANNELS, EMPTY, Artwork, ItemIds, Vectors, Where, shown_in

if TYPE_CHECKING:
    import pandas as pd


class DialSettings(TypedDict, total=False):
    """The settings of :class:`Dials`, by name."""

    anchor: str
    discovery: float
    popularity: float
    recency: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dials:
    """What turns a recommendation, beside likes and dislikes; as they are here, the likes decide alone.

    Parameters
    ----------
    anchor : str
        Words that the works should answer too.
    discovery : float
        From 0, what is closest to the likes, to 1, what is far from every single one and still fits them.
    popularity : float
        From -1, works that few people look at, to 1, works that many do.
    recency : float
        From 0, all likes count alike, towards 1: each counts so much less than the one after it.

    Raises
    ------
    SettingsError
        One is no number, or out of range.
    """

    anchor: str = ""
    discovery: float = 0.0
    popularity: float = 0.0
    recency: float = 0.0

    def __post_init__(self) -> None:
        for name, least, most in (("discovery", 0, 1), ("popularity", -1, 1), ("recency", 0, 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
                raise SettingsError(f"The {name} is a number from {least} to {most}, not {value!r:.60}.")


AS_LIKED = Dials()
"""Nothing but the likes decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What was asked.

    Parameters
    ----------
    text : str
        The words; empty for a recommendation.
    liked, disliked : tuple of str
        The works a recommendation starts from.
    strategy : str
        How a recommendation was made of them; else empty.
    dials : Dials
        What turned it.
    picture : str
        For a search by a picture of one's own, its name; else empty.
    k : int
        How many works were asked for.
    where : mapping
        The filter, as in :meth:`ham_recommend.Recommender.search`.
    """

    text: str = ""
    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    strategy: str = ""
    dials: Dials = AS_LIKED
    picture: str = ""
    k: int = 12
    where: Where = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer.

    Parameters
    ----------
    item_id : str
        The work.
    score : float
        Higher is better; comparable only within one ranking.
    rank : int
        1 for the best.
    work : Artwork
        The work itself; nothing but its id where the ranking comes from a store and not from a recommender.
    channels : mapping of str to float
        What each channel of :data:`CHANNELS` gave, where it gave anything.
    folded : tuple of str
        Works with a near-identical picture that this one stands for.
    nearest_liked : str
        For a recommendation, the liked work it is closest to; else empty.
    by_picture : bool
        Whether the work says next to nothing, so that what it means was told by its picture.
    """

    item_id: str
    score: float
    rank: int
    work: Artwork = field(repr=False)
    channels: Mapping[str, float] = field(default_factory=lambda: EMPTY)
    folded: tuple[str, ...] = ()
    nearest_liked: str = ""
    by_picture: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The answers to one query: best first, no repeats.

    The order is the ranking's own. A search orders by score, ties broken by ``item_id``; a recommendation may
    serve several interests by turns, and works whose picture was shown before come last.

    It is a sequence of :class:`Hit`, kept as columns so that long rankings stay cheap. Build one with
    :meth:`from_scores`, which sorts.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        In the order to show them.
    scores : ndarray of float32, shape (n,)
        Higher is better.
    channels : mapping of str to ndarray of float32, shape (n,)
        Per-channel scores, NaN where a channel has none.
    query : Query
        What was asked.
    corrected : mapping of str to str
        Misspelt word → the word searched for instead.
    folded : mapping of str to tuple of str
        ``item_id`` → works with a near-identical picture, left out in its favour.
    nearest_liked : mapping of str to str
        ``item_id`` → the liked work it is closest to.
    by_picture : frozenset of str
        Those of the works that say next to nothing: what they mean was told by their picture.
    works : mapping of str to Artwork
        Catalogue fields of the works, where the ranking comes from a recommender.
    """

    item_ids: ItemIds
    scores: Vectors
    channels: Mapping[str, Vectors] = field(default_factory=lambda: EMPTY)
    query: Query = field(default_factory=Query)
    corrected: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    folded: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: EMPTY)
    nearest_liked: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    by_picture: frozenset[str] = frozenset()
    works: Mapping[str, Artwork] = field(default_factory=lambda: EMPTY, repr=False)

    @classmethod
    def from_scores(
        cls,
        item_ids: ItemIds,
        scores: Vectors,
        k: int,
        *,
        channels: Mapping[str, Vectors] = EMPTY,
        **rest: Any,
    ) -> Ranking:
        """Keep the ``k`` best, best first, ties broken by ``item_id``.

        Ids, scores and channels may come in any order; fewer come back when there are fewer; ``rest`` are the
        further fields of the ranking.
        """
        order = best_first(item_ids, scores, k)
        return cls(
            item_ids[order],
            scores[order],
            channels={name: values[order] for name, values in channels.items()},
            **rest,
        )

    def only(self, rows: Sequence[int] | npt.NDArray[np.intp] | slice) -> Ranking:
        """Return the hits at some positions, counted from 0, in that order."""
        return replace(
            self,
            item_ids=self.item_ids[rows],
            scores=self.scores[rows],
            channels={name: values[rows] for name, values in self.channels.items()},
        )

    def __len__(self) -> int:
        return len(self.item_ids)

    def __iter__(self) -> Iterator[Hit]:
        return (self[row] for row in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> list[Hit]: ...
    def __getitem__(self, index: int | slice) -> Hit | list[Hit]:
        if isinstance(index, slice):
            return [self[row] for row in range(*index.indices(len(self)))]
        row = range(len(self))[index]
        item_id = str(self.item_ids[row])
        scores = {name: float(values[row]) for name, values in self.channels.items()}
        return Hit(
            item_id,
            float(self.scores[row]),
            row + 1,
            self.works.get(item_id) or Artwork(item_id=item_id),
            {name: score for name, score in scores.items() if not isnan(score)},
            self.folded.get(item_id, ()),
            self.nearest_liked.get(item_id, ""),
            item_id in self.by_picture,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the ranking as a table, one row per hit.

        Returns
        -------
        pandas.DataFrame
            Always the same columns: ``rank, item_id, score``, one ``score_<channel>`` for each of
            :data:`CHANNELS`, NaN where it gave nothing, then the catalogue fields as people read them.
        """
        import pandas as pd

        def column(shown: Field) -> list[Any]:
            read = Artwork.text if shown.kind == "text" else getattr
            return [read(hit.work, shown.name) for hit in hits]

        hits, nothing = list(self), np.full(len(self), np.nan, dtype=np.float32)
        return pd.DataFrame(
            {
                "rank": np.arange(1, len(self) + 1),
                "item_id": self.item_ids,
                "score": self.scores,
                **{f"score_{name}": self.channels.get(name, nothing) for name in CHANNELS},
                **{shown.name: column(shown) for shown in shown_in("table")},
            }
        )


def best_first(item_ids: ItemIds, scores: Vectors, k: int) -> npt.NDArray[np.intp]:
    """Return the positions of the ``k`` best scores, best first, ties broken by ``item_id``.

    Item ids must be unique and scores no NaN; ``k`` of 0 or less gives none.
    """
    if k <= 0 or not len(scores):
        return np.empty(0, dtype=np.intp)
    candidates = np.arange(len(scores))
    if k < len(scores):
        threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
        candidates = np.flatnonzero(scores >= threshold)
    ordered = sorted(candidates.tolist(), key=lambda row: (-scores[row], item_ids[row]))
    return np.asarray(ordered[:k], dtype=np.intp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One search or recommendation of a session.

    Parameters
    ----------
    turn_id : int
        Counts up from 1 within a session.
    kind : {"search", "recommend", "similar"}
        What was asked for.
    ranking : Ranking
        What came back; its ``query`` says what was asked.
    at : datetime
        When, in UTC.
    skipped_seen : int
        How many works shown before were left out of this answer.
    """

    turn_id: int
    kind: Literal["search", "recommend", "similar"]
    ranking: Ranking
    at: datetime
    skipped_seen: int = 0
