"""What crosses the borders between steps on the way back: what was asked, and what came of it.

A recommender answers a ``Query`` by a ``Ranking`` of ``Hit``, each with its ``Why``, which a session keeps as
a ``Turn``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload

import numpy as np
import numpy.typing as npt

from ham_recommend.fields import Field
from ham_recommend.records import AS_LIKED, CHANNELS, EMPTY, Artwork, Dials, ItemIds, Vectors, Where, shown_in

if TYPE_CHECKING:
    import pandas as pd


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
    colour : str
        For a search by a colour, ``"#rrggbb"``; else empty.
    drawn : int or None
        For a surprise, what it was drawn with: the same number gives the same works.
    k : int
        How many works were asked for.
    where : mapping
        The filter, as in :meth:`ham_recommend.Recommender.search`.
    ignore : tuple of str
        What is not to be understood: the keys of :class:`Understood`.
    """

    text: str = ""
    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    strategy: str = ""
    dials: Dials = AS_LIKED
    picture: str = ""
    colour: str = ""
    drawn: int | None = None
    k: int = 12
    where: Where = field(default_factory=lambda: EMPTY)
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """Something that words of a search name, read from the catalog's own values.

    Parameters
    ----------
    field : str
        ``"artist"``, ``"classification"``, ``"culture"``, ``"period"``, ``"years"`` or ``"number"``; for a
        foreign word ``"meaning"``.
    value : str
        As the catalog writes it, for years as people read them.
    words : str
        As they were typed.
    exact : bool
        Whether it was asked for exactly, as in ``artist:"Edgar Degas"``: then no other work comes back.
    """

    field: str
    value: str
    words: str
    exact: bool = False

    @property
    def key(self) -> str:
        """What names it when it is to be left out: ``"artist=Edgar Degas"``."""
        return f"{self.field}={self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a work is among the answers, in words; ``str()`` says it in a line.

    Parameters
    ----------
    words : tuple of str
        The words of the query that the work says, as typed or read; then places in a region asked for.
    places : tuple of str
        Where it says them: the labels of fields, and who wrote the descriptions.
    marked : tuple of str
        The forms in which its texts have these words: ``"cat"`` may stand there as ``"Cats"``.
    by : tuple of str
        The channels of :data:`CHANNELS` that brought it here, the strongest first.
    liked : str
        For a recommendation, the title of the liked work it is closest to; else empty.
    """

    words: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    liked: str = ""

    def __str__(self) -> str:
        if self.words:
            return f"{', '.join(self.words)} – {', '.join(self.places)}"
        if self.liked:
            return f"because you liked {self.liked}"
        return BY[self.by[0]] if self.by else ""


BY = {
    "words": "described alike",
    "meaning": "close in meaning",
    "picture": "looks alike",
    "told": "by its picture",
    "colour": "",
}
"""What brought a work here, where there is no more to say."""


class Reasons(Protocol):
    """Finds out why works are among the answers to a query."""

    @property
    def ignored(self) -> tuple[str, ...]:
        """The words of the query that no work says."""

    @property
    def saying(self) -> int | None:
        """How many works within the filter say all words of the query; ``None`` where it has none."""

    def why(self, hit: Hit) -> Why:
        """Return why a work is among the answers."""


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
    reasons : Reasons or None
        Finds out why it is here, where the ranking comes from a recommender.
    """

    item_id: str
    score: float
    rank: int
    work: Artwork = field(repr=False)
    channels: Mapping[str, float] = field(default_factory=lambda: EMPTY)
    folded: tuple[str, ...] = ()
    nearest_liked: str = ""
    by_picture: bool = False
    reasons: Reasons | None = field(default=None, repr=False, compare=False)

    @property
    def why(self) -> Why:
        """Why it is among the answers; found out when it is asked for, in about a tenth of a millisecond."""
        return self.reasons.why(self) if self.reasons else Why(by=tuple(self.channels))


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
    translated : mapping of str to str
        Foreign word → the English words it was read as.
    suggested : mapping of str to str
        Where nothing was found, word → the word that may be meant by it.
    understood : tuple of Understood
        What words of a search were read as.
    total : int or None
        How many works have at least half of what was asked; of texts in a database, at least so many.
    fit : float or None
        How likely it is that a search has an answer here, from 0 to 1; both are ``None`` without words.
    folded : mapping of str to tuple of str
        ``item_id`` → works with a near-identical picture, left out in its favour.
    nearest_liked : mapping of str to str
        ``item_id`` → the liked work it is closest to.
    by_picture : frozenset of str
        Those of the works that say next to nothing: what they mean was told by their picture.
    strongest : mapping of str to str
        ``item_id`` → the channel in which it is closest to that work.
    works : mapping of str to Artwork
        Catalogue fields of the works, where the ranking comes from a recommender.
    root : Path or None
        The collection's folder, in which the thumbnails of the works lie.
    found : int or None
        How many works there are to go on with, these included, where that is known.
    reasons : Reasons or None
        Finds out why works are here, where the ranking comes from a recommender.
    """

    item_ids: ItemIds
    scores: Vectors
    channels: Mapping[str, Vectors] = field(default_factory=lambda: EMPTY)
    query: Query = field(default_factory=Query)
    corrected: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    translated: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    suggested: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    understood: tuple[Understood, ...] = ()
    total: int | None = None
    fit: float | None = None
    folded: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: EMPTY)
    nearest_liked: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    by_picture: frozenset[str] = frozenset()
    strongest: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    works: Mapping[str, Artwork] = field(default_factory=lambda: EMPTY, repr=False)
    root: Path | None = field(default=None, repr=False)
    found: int | None = None
    reasons: Reasons | None = field(default=None, repr=False)

    @property
    def ignored(self) -> tuple[str, ...]:
        """The words of the query that no work of the collection says."""
        return self.reasons.ignored if self.reasons else ()

    @property
    def saying(self) -> int | None:
        """How many works within the filter say all words of the query; ``None`` where that is not asked."""
        return self.reasons.saying if self.reasons else None

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
            self.reasons,
        )

    def _repr_html_(self) -> str:
        """Show the ranking at the end of a notebook's cell, with pictures."""
        from ham_recommend.cell import ranking_html

        return ranking_html(self)

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


TurnKind = Literal["search", "recommend", "similar", "surprise", "browse", "picture", "colour"]
"""What was asked for: by words, by likes, like one work, by chance, by filters alone, by a picture of one's
own, by a colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One answer of a session.

    Parameters
    ----------
    turn_id : int
        Counts up from 1 within a session.
    kind : {"search", "recommend", "similar", "surprise", "browse", "picture", "colour"}
        What was asked for.
    ranking : Ranking
        What came back; its ``query`` says what was asked.
    at : datetime
        When, in UTC.
    skipped_seen : int
        How many works shown before were left out of this answer.
    """

    turn_id: int
    kind: TurnKind
    ranking: Ranking
    at: datetime
    skipped_seen: int = 0

    def _repr_html_(self) -> str:
        """Show its works at the end of a notebook's cell, with pictures."""
        return self.ranking._repr_html_()


@dataclass(frozen=True, slots=True, eq=False)
class WorkSet:
    """Works that a person put together under a name, in an order of their own.

    Parameters
    ----------
    name : str
        Its name, such as ``"slides"``.
    note : str
        What is said of it.
    notes : mapping of str to str
        ``item_id`` of each of its works → what is said of that one, in order.
    """

    name: str
    note: str = ""
    notes: Mapping[str, str] = field(default_factory=lambda: EMPTY)

    def __eq__(self, other: object) -> bool:
        """Say whether it is the same, the order included."""
        return isinstance(other, WorkSet) and self._told == other._told

    def __hash__(self) -> int:
        return hash(self._told)

    @property
    def _told(self) -> tuple[Any, ...]:
        return self.name, self.note, tuple(self.notes.items())

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Its works, in order."""
        return tuple(self.notes)

    def __len__(self) -> int:
        return len(self.notes)
