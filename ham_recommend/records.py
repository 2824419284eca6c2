"""The frozen records that cross the borders between steps, and the fields of a work, declared once.

A source yields a ``RawRecord`` of each work; the catalog makes it an ``Artwork``, its text a ``Document``;
a recommender answers a ``Query`` by a ``Ranking`` of ``Hit``, which a session keeps as a ``Turn``.

An ``item_id`` is ``"<source>:<native id>"``, a string everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import isnan
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

import numpy as np
import numpy.typing as npt

from ham_recommend import fields
from ham_recommend.fields import CARD, EVERYWHERE, Field, Place, declared, joined, years_in_words

if TYPE_CHECKING:
    import pandas as pd

Vectors = npt.NDArray[np.float32]
ItemIds = npt.NDArray[np.object_]
Where = Mapping[str, Any]
"""A filter: field name → wanted value, list of wanted values, or for ``"years"`` a ``(begin, end)`` pair."""

EMPTY: Mapping[str, Any] = MappingProxyType({})
CHANNELS = ("words", "meaning", "picture")
"""What an answer is made from: the words of the texts, their meaning, the pictures."""

Texts = TypeVar("Texts")
"""What a field that may have several values holds: in an artwork a text, in a raw record also a tuple."""


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
class Work(Generic[Texts]):
    """What records and artworks have in common: every field of a work, declared once, in the order of tables.

    A new field is one line here; :class:`ham_recommend.fields.Field` explains what a line says. Only
    ``item_id`` is required.

    Parameters
    ----------
    accession_number : str
        The museum's inventory number, as people type it.
    date : str
        As displayed.
    year_begin, year_end : int or None
        First and last possible year, negative = BCE; ``None`` when unknown.
    place : str
        Where it was made or found.
    subjects : tuple of str
        What is depicted.
    picture, page_url : str
        http(s) addresses; of a picture also an absolute path.
    other_pictures : tuple of str
        The same of further pictures.
    popularity : float or None
        Any non-negative number that grows with interest, such as page views.
    copies_allowed : bool
        Whether the terms let us keep and export a thumbnail.
    """

    item_id: str = field(metadata=declared("Identifier", shown=("detail",)))
    title: str = fields.text("Title", weight=2, filter="contain", shown=CARD)
    other_titles: tuple[str, ...] = fields.texts("Other titles", weight=1, filter="contain")
    accession_number: str = fields.text("Accession number", weight=0.5, filter="equal")
    artist: Texts = fields.text("Artist", several=True, weight=0.5, filter="contain", facet=True, shown=CARD)
    culture: Texts = fields.text("Culture", several=True, weight=0.5, filter="equal", facet=True)
    date: str = fields.text("Date", weight=0.5, filter="contain", facet=True, shown=EVERYWHERE)
    year_begin: int | None = fields.year("First year")
    year_end: int | None = fields.year("Last year")
    classification: Texts = fields.text("Kind", several=True, weight=0.5, filter="equal", facet=True)
    medium: Texts = fields.text("Medium", several=True, weight=0.5, filter="contain", facet=True)
    technique: Texts = fields.text("Technique", several=True, weight=0.5, filter="contain", facet=True)
    period: Texts = fields.text("Period", several=True, weight=0.5, filter="equal", facet=True)
    department: Texts = fields.text("Department", several=True, weight=0.5, filter="equal", facet=True)
    place: Texts = fields.text("Place", several=True, weight=0.5, filter="contain", facet=True)
    subjects: tuple[str, ...] = fields.texts("Subjects", weight=1, filter="equal", facet=True)
    descriptions: tuple[Description, ...] = field(
        default=(), metadata=declared("Descriptions", kind="descriptions", filter="contain")
    )
    picture: str = fields.address("Picture", shown=("table", "export"))
    other_pictures: tuple[str, ...] = fields.addresses("Other pictures", shown=("table", "export"))
    page_url: str = fields.address("Page", shown=("table", "export"))
    rights: str = fields.text("Rights", filter="contain", facet=True)
    credit: str = fields.text("Credit", filter="contain", facet=True, shown=EVERYWHERE)
    popularity: float | None = fields.number("Popularity")
    copies_allowed: bool = field(default=True, metadata=declared("Copies allowed", kind="flag"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord(Work[str | tuple[str, ...]]):
    """One work as a source tells it: text may be hostile HTML, dates are not parsed.

    A field that may hold several values takes them as a tuple; a text is one value, whatever is in it.
    Numeric years win over the date. Descriptions may still be refusals and repeats.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Artwork(Work[str]):
    """One work as the catalog keeps it: plain text, parsed dates.

    A text with several values holds them joined by ``"; "``, as people read them; :meth:`values` tells them
    apart.

    Parameters
    ----------
    date_confidence : float
        0 (no date) to 1 (the record's own years, or an exact year).
    thumbnail : str
        Path of the thumbnail relative to the workspace; empty when there is none.
    several : mapping of str to tuple of str
        The values of each joined text that holds more than one.
    """

    date_confidence: float = fields.number("Date confidence", 0.0)
    thumbnail: str = fields.address("Thumbnail", shown=("table",))
    several: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: EMPTY, repr=False, hash=False)

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of a text field, each by itself; none when it is empty."""
        held: str | tuple[str, ...] = self.several.get(name) or getattr(self, name)
        if isinstance(held, str):
            return (held,) if held else ()
        return held

    def text(self, name: str) -> str:
        """Return a field as people read it.

        Several values are joined by ``"; "``; known years stand for a missing date, with ``c.`` where they
        are not certain; what is missing is an empty text.
        """
        held = getattr(self, name)
        if name == "date" and not held:
            sure = self.date_confidence == 1.0
            return years_in_words(self.year_begin, self.year_end, sure=sure)
        return joined(held) if isinstance(held, str | tuple) else "" if held is None else str(held)


FIELDS = fields.fields_of(Artwork)
"""Every field of a work, in the order of tables."""


def shown_in(place: Place) -> tuple[Field, ...]:
    """Return the fields that people see in one place."""
    return tuple(each for each in FIELDS if place in each.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The text of one work, as the text index reads it.

    Parameters
    ----------
    item_id : str
        The work.
    title, artist : str
        Plain text.
    fields : mapping of str to str
        The other catalogue fields worth finding a work by, by name.
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
    fields: Mapping[str, str] = field(default_factory=lambda: EMPTY, hash=False)
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
    work : Artwork
        The work itself; nothing but its id where the ranking comes from a store and not from a recommender.
    channels : mapping of str to float
        What each channel of :data:`CHANNELS` gave, where it gave anything.
    folded : tuple of str
        Works with a near-identical picture that this one stands for.
    nearest_liked : str
        For a recommendation, the liked work it is closest to; else empty.
    """

    item_id: str
    score: float
    rank: int
    work: Artwork = field(repr=False)
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
