"""The frozen records that cross the borders between steps.

========== ==================================================================
RawRecord  one work as a source tells it: text still dirty, dates unparsed
Artwork    one work as the catalog keeps it: clean text, years, thumbnail
Document   the text of one work, as the text index reads it
Embeddings vectors with the ids and content they belong to
Query      what was asked
Hit        one answer
Ranking    the answers to one query, best first
Turn       one search or recommendation of a session
Problem    one record or picture that was left out, and why
========== ==================================================================

An ``item_id`` is ``"<source>:<native id>"``, a string everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Vectors = npt.NDArray[np.float32]
ItemIds = npt.NDArray[np.object_]
Where = Mapping[str, Any]
"""A filter: field name → wanted value, list of wanted values, or for ``"years"`` a ``(begin, end)`` pair."""

EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Description:
    """One description of one work.

    Parameters
    ----------
    text : str
        The description.
    source : str
        Who wrote it: a museum, a company.
    model : str
        The model that wrote it; empty for people.
    """

    text: str
    source: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A record or a picture that was left out.

    Parameters
    ----------
    where : str
        The line, file or item, as the user would look it up.
    reason : str
        Why it was left out.
    """

    where: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord:
    """One work as a source tells it. Only ``item_id`` is required; text may be hostile HTML.

    Parameters
    ----------
    item_id : str
        ``"<source>:<native id>"``.
    accession_number : str
        The museum's inventory number, as people type it.
    other_titles, subjects : tuple of str
        Further titles, and what is depicted.
    place : str
        Where it was made or found.
    date : str
        The date as displayed; parsed by the catalog.
    year_begin, year_end : int or None
        The record's own numeric years (negative = BCE); they win over ``date``.
    descriptions : tuple of Description
        In the source's order; refusals and repeats still included.
    picture : str
        URL or absolute path of the picture; empty when there is none.
    copies_allowed : bool
        Whether the terms let us keep a thumbnail.
    popularity : float or None
        Any non-negative number that grows with interest, such as page views.
    """

    item_id: str
    title: str = ""
    accession_number: str = ""
    other_titles: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    place: str = ""
    artist: str = ""
    culture: str = ""
    date: str = ""
    year_begin: int | None = None
    year_end: int | None = None
    classification: str = ""
    medium: str = ""
    technique: str = ""
    period: str = ""
    department: str = ""
    descriptions: tuple[Description, ...] = ()
    picture: str = ""
    page_url: str = ""
    rights: str = ""
    credit: str = ""
    popularity: float | None = None
    copies_allowed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Artwork:
    """One work as the catalog keeps it: plain text, parsed dates. Only ``item_id`` is required.

    Parameters
    ----------
    item_id : str
        ``"<source>:<native id>"``.
    date : str
        The date as displayed.
    year_begin, year_end : int or None
        First and last possible year, negative = BCE; ``None`` when unknown.
    date_confidence : float
        0 (no date) to 1 (the record's own years, or an exact year).
    descriptions : tuple of Description
        Plain text, without refusals or repeats.
    picture : str
        URL or path of the original; empty when there is none.
    thumbnail : str
        Path of the thumbnail relative to the workspace; empty when there is none.
    page_url : str
        http(s) address of the work's page at the museum; empty when there is none.
    copies_allowed : bool
        Whether the terms let us keep and export the thumbnail.
    """

    item_id: str
    title: str = ""
    artist: str = ""
    culture: str = ""
    date: str = ""
    year_begin: int | None = None
    year_end: int | None = None
    date_confidence: float = 0.0
    classification: str = ""
    medium: str = ""
    technique: str = ""
    period: str = ""
    department: str = ""
    descriptions: tuple[Description, ...] = ()
    picture: str = ""
    thumbnail: str = ""
    page_url: str = ""
    rights: str = ""
    credit: str = ""
    popularity: float | None = None
    copies_allowed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The text of one work, as the text index reads it.

    Parameters
    ----------
    item_id : str
        The work.
    title, artist : str
        Plain text.
    fields : tuple of str
        The other catalogue fields worth finding a work by.
    descriptions : tuple of str
        To be read as one voice: each counts for ``1 / len(descriptions)``.
    year_begin, year_end : int or None
        For derived words such as century and decade.
    digest : str
        Hash of all the above; equal digests mean equal documents.
    """

    item_id: str
    title: str = ""
    artist: str = ""
    fields: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    year_begin: int | None = None
    year_end: int | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """Vectors with the ids they belong to.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        Unique.
    vectors : ndarray of float32, shape (n, dim)
        Unit-length rows.
    model_id : str
        What made them.
    contents : ndarray of str objects, shape (n,), or None
        Hash of what was encoded, so that a changed picture is encoded again.
    """

    item_ids: ItemIds
    vectors: Vectors
    model_id: str
    contents: ItemIds | None = None

    def __len__(self) -> int:
        return len(self.item_ids)


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
    channels : mapping of str to float
        What each channel gave: ``"words"``, ``"meaning"``, ``"picture"``.
    folded : tuple of str
        Works with a near-identical picture that this one stands for.
    nearest_liked : str
        For a recommendation, the liked work it is closest to; else empty.
    """

    item_id: str
    score: float
    rank: int
    channels: Mapping[str, float] = field(default_factory=lambda: EMPTY)
    folded: tuple[str, ...] = ()
    nearest_liked: str = ""


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

        Parameters
        ----------
        item_ids : ndarray of str objects, shape (n,)
            Unique.
        scores : ndarray of float32, shape (n,)
            Any order.
        k : int
            At least 0; fewer come back when there are fewer.
        channels : mapping of str to ndarray of float32, shape (n,)
            Aligned with ``item_ids``.
        **rest
            Further fields of the ranking.
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
        return Hit(
            item_id,
            float(self.scores[row]),
            row + 1,
            {
                name: float(values[row])
                for name, values in self.channels.items()
                if values[row] == values[row]
            },
            self.folded.get(item_id, ()),
            self.nearest_liked.get(item_id, ""),
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the ranking as a table, one row per hit.

        Returns
        -------
        pandas.DataFrame
            Columns ``rank, item_id, score``, one ``score_<channel>`` per channel, then the catalogue fields.
        """
        import pandas as pd

        rows = []
        for hit in self:
            work = self.works.get(hit.item_id)
            shown = {} if work is None else {name: getattr(work, name) for name in SHOWN_FIELDS}
            per_channel = {f"score_{name}": hit.channels.get(name) for name in self.channels}
            rows.append(
                {"rank": hit.rank, "item_id": hit.item_id, "score": hit.score, **per_channel, **shown}
            )
        head = ["rank", "item_id", "score", *(f"score_{name}" for name in self.channels)]
        return pd.DataFrame(rows, columns=[*head, *(SHOWN_FIELDS if self.works else ())])


SHOWN_FIELDS = tuple(
    name for name in Artwork.__dataclass_fields__ if name not in {"item_id", "descriptions", "copies_allowed"}
)
"""The fields of an artwork that a table of results shows."""


def best_first(item_ids: ItemIds, scores: Vectors, k: int) -> npt.NDArray[np.intp]:
    """Return the positions of the ``k`` best scores, best first, ties broken by ``item_id``.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        Unique.
    scores : ndarray of float32, shape (n,)
        No NaN.
    k : int
        At least 0.
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
