"""The works that resemblance through time is about: those with a vector and a date, earliest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ham_recommend.analysis.dates import Dates, Floats, years_in
from ham_recommend.analysis.enrich import Artists
from ham_recommend.analysis.makers import NOBODY, Makers
from ham_recommend.errors import SettingsError
from ham_recommend.records import ItemIds, Vectors
from ham_recommend.vectors import load_embeddings

if TYPE_CHECKING:
    import pandas as pd

    from ham_recommend.recommend.recommender import Recommender

Rows = npt.NDArray[np.int64]

CAP = 64
"""Works of one artist that count: an artist of thousands must not decide what is usual, nor be closest to
everyone by chance. Sixteen changes the scores of ``benchmarks/influence.py`` by less than 0.005."""
LIFE_CONFIDENCE = 0.3
"""How far the years of an artist's life are believed as the date of an undated work."""
GROWN = 18
"""Age from which on somebody makes works that museums keep."""


@dataclass(frozen=True, eq=False)
class DatedWorks:
    """Works in the order of the middles of their dates, ties in the order of their ids.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        The works.
    vectors : ndarray of float32, shape (n, dim)
        Unit length, after the collection's mean was taken off.
    dates : Dates
        When they were made.
    makers : Makers
        Who made them.
    contents : ndarray of int64, shape (n,)
        Equal where two works have the very same picture.
    model_id : str
        What made the vectors.
    undated : int
        Works with a vector that are left out as they have no date.
    by_life : int
        Works that are dated by the life of their artist alone.
    """

    item_ids: ItemIds
    vectors: Vectors
    dates: Dates
    makers: Makers
    contents: Rows
    model_id: str
    undated: int = 0
    by_life: int = 0

    @classmethod
    def of(cls, recommender: Recommender, encoder: str) -> DatedWorks:
        """Read the works of a collection.

        Parameters
        ----------
        recommender : Recommender
            The collection.
        encoder : str
            Whose vectors, a key of the manifest's ``encoders``.

        Raises
        ------
        SettingsError
            Fewer than two works have both a vector and a date.
        """
        workspace = recommender.workspace
        made = workspace.manifest.facts.encoders[encoder]
        embeddings = load_embeddings(encoder, made.model_id, workspace.checked)
        frame = recommender.catalog.to_frame().reindex(embeddings.item_ids.tolist())
        begin, end, confidence, by_life = _years(frame, Artists.read(workspace))
        dated = ~np.isnan(begin)
        if dated.sum() < 2:
            raise SettingsError(
                f"In {workspace.root} {_count(int(dated.sum()))} both a picture vector and a date, so there "
                "is no order of time. Add a column of dates to its table, or artists' life years: ham enrich"
            )
        contents = embeddings.contents
        same = np.arange(len(embeddings)) if contents is None else np.unique(contents, return_inverse=True)[1]
        dates = Dates.of(begin[dated], end[dated], confidence[dated])
        ids = embeddings.item_ids[dated]
        order = np.lexsort((ids.astype(np.str_), dates.middle))
        rows = np.flatnonzero(dated)[order]
        makers = Makers.read(frame["artist"].astype(str).to_numpy()[rows])
        return cls(
            item_ids=ids[order],
            vectors=centred(np.asarray(embeddings.vectors[rows]), makers),
            dates=dates[order],
            makers=makers,
            contents=same[rows].astype(np.int64),
            model_id=made.model_id,
            undated=int((~dated).sum()),
            by_life=int(by_life[dated].sum()),
        )

    def __len__(self) -> int:
        return len(self.item_ids)

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The position of each work."""
        return {item_id: row for row, item_id in enumerate(self.item_ids.tolist())}

    @cached_property
    def works_of(self) -> list[Rows]:
        """The positions of each artist's works, at most :data:`CAP` evenly through their time."""
        known = np.flatnonzero(self.makers.of != NOBODY)
        order = known[np.argsort(self.makers.of[known], kind="stable")]
        ends = np.cumsum(np.bincount(self.makers.of[order], minlength=len(self.makers.names)))
        return [spread(rows, CAP) for rows in np.split(order, ends[:-1])] if len(ends) else []

    @cached_property
    def working(self) -> Dates:
        """For each work the years in which its artist worked, as far as the collection shows them.

        Those of the artist's works without the earliest and the latest tenth, which vague dates would decide
        ("20th century"); of a work by nobody, its own date.
        """
        begin, end, middle = self.dates.begin.copy(), self.dates.end.copy(), self.dates.middle
        known = np.flatnonzero(self.makers.of != NOBODY)  # in the order of time, so within each artist too
        order = known[np.argsort(self.makers.of[known], kind="stable")]
        maker = self.makers.of[order]
        counts = np.bincount(maker, minlength=len(self.makers.names))
        starts = np.cumsum(counts) - counts
        first, last = (starts + np.round(share * (counts - 1)).astype(np.int64) for share in (0.1, 0.9))
        begin[order], end[order] = middle[order[first]][maker] - 0.5, middle[order[last]][maker] + 0.5
        return Dates(begin, end, self.dates.confidence)

    def made_by_another(self, row: int) -> npt.NDArray[np.bool_]:
        """Return which works are by another artist than one work and show another picture, shape (n,)."""
        maker = self.makers.of[row]
        apart: npt.NDArray[np.bool_] = self.contents != self.contents[row]
        others: npt.NDArray[np.bool_] = self.makers.of != maker
        return apart if maker == NOBODY else apart & others

    def redated(self, dates: Dates) -> DatedWorks:
        """Return the same works with other dates, in their new order."""
        order = np.lexsort((self.item_ids.astype(np.str_), dates.middle))
        return replace(
            self,
            item_ids=self.item_ids[order],
            vectors=self.vectors[order],
            dates=dates[order],
            makers=Makers(self.makers.names, self.makers.of[order]),
            contents=self.contents[order],
        )


def centred(vectors: Vectors, makers: Makers) -> Vectors:
    """Take off the mean and bring the rest to unit length; an artist counts for at most :data:`CAP` works.

    Works then resemble each other by what sets them apart from the collection, and far fewer of them are
    close to everything.
    """
    weights = np.ones(len(vectors), dtype=np.float32)
    known = makers.of != NOBODY
    counts = np.bincount(makers.of[known], minlength=len(makers.names))
    weights[known] = np.minimum(1.0, CAP / np.maximum(counts[makers.of[known]], 1))
    rest = vectors - (weights @ vectors) / weights.sum()
    lengths = np.linalg.norm(rest, axis=1, keepdims=True)
    unit: Vectors = (rest / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
    return unit


def spread(rows: Rows, most: int) -> Rows:
    """Return at most so many positions, evenly spread, the first and the last among them."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.intp)]


def _years(frame: pd.DataFrame, artists: Artists) -> tuple[Floats, Floats, Floats, npt.NDArray[np.bool_]]:
    """Return first and last years, NaN where nothing is known, how sure they are, and which are lives."""
    begin, end = years_in(frame)
    confidence = frame["date_confidence"].to_numpy(np.float64, na_value=0.0).copy()
    by_life = np.zeros(len(frame), dtype=np.bool_)
    for row in np.flatnonzero(np.isnan(begin)).tolist() if len(artists) else ():
        life = artists.life(str(frame["artist"].iat[row]))
        if life is not None:
            begin[row], end[row], confidence[row] = min(life[0] + GROWN, life[1]), life[1], LIFE_CONFIDENCE
            by_life[row] = True
    return begin, end, confidence, by_life


def _count(works: int) -> str:
    return "1 work has" if works == 1 else f"{works or 'no'} works have"
