"""Two answers side by side: what both have, what only one has, and how the order changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ham_recommend.answers import Ranking
from ham_recommend.errors import SettingsError
from ham_recommend.records import Artwork

if TYPE_CHECKING:
    import pandas as pd

PERSISTENCE = 0.9
"""How likely a reader is to look at the next work: 0.9 gives the first ten places 86 % of the weight."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one work stands in two answers.

    Parameters
    ----------
    work : Artwork
        The work.
    first, second : int or None
        Its rank in each, from 1; ``None`` where it is not.
    """

    work: Artwork
    first: int | None
    second: int | None

    @property
    def change(self) -> int | None:
        """By how many places it stands higher in the second; ``None`` where it is in one alone."""
        return None if self.first is None or self.second is None else self.first - self.second


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What :func:`compare` found.

    Parameters
    ----------
    first, second : Ranking
        The answers.
    places : tuple of Place
        Every work of either: those of the first in its order, then those only the second has.
    """

    first: Ranking = field(repr=False)
    second: Ranking = field(repr=False)
    places: tuple[Place, ...]

    @property
    def common(self) -> tuple[Place, ...]:
        """The works that both have, in the order of the first."""
        return tuple(place for place in self.places if place.change is not None)

    @property
    def only_first(self) -> tuple[Place, ...]:
        """The works that the second has not."""
        return tuple(place for place in self.places if place.second is None)

    @property
    def only_second(self) -> tuple[Place, ...]:
        """The works that the first has not."""
        return tuple(place for place in self.places if place.first is None)

    @property
    def overlap(self) -> float:
        """The share of all the works that both have, 0 to 1 (P. Jaccard, 1912); 1 where both are empty."""
        return len(self.common) / len(self.places) if self.places else 1.0

    @property
    def agreement(self) -> float:
        """How far the orders agree, 0 to 1, what stands higher counting more.

        Rank-biased overlap with a persistence of 0.9, extrapolated from the depth that both reach (W. Webber,
        A. Moffat, J. Zobel, "A Similarity Measure for Indefinite Rankings", 2010, equation 30); 1 where both
        are empty.
        """
        one, other = self.first.item_ids.tolist(), self.second.item_ids.tolist()
        depth = min(len(one), len(other))
        if not depth:
            return float(len(one) == len(other))
        shared = [len({*one[:d]} & {*other[:d]}) for d in range(1, depth + 1)]
        p = PERSISTENCE
        counted = sum(both / d * p**d for d, both in enumerate(shared, 1))
        return shared[-1] / depth * p**depth + (1 - p) / p * counted

    def to_frame(self) -> pd.DataFrame:
        """Return the works as a table.

        Returns
        -------
        pandas.DataFrame
            ``item_id, title, artist, date``, then ``first`` and ``second``, the ranks, and ``change``; empty
            cells where a work is in one alone.
        """
        import pandas as pd

        rows = [
            {
                "item_id": place.work.item_id,
                **{name: place.work.text(name) for name in ("title", "artist", "date")},
                "first": place.first,
                "second": place.second,
                "change": place.change,
            }
            for place in self.places
        ]
        columns = ["item_id", "title", "artist", "date", "first", "second", "change"]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype(dict.fromkeys(("first", "second", "change"), "Int64"))


def compare(first: Ranking, second: Ranking) -> Comparison:
    """Compare two answers, of one collection.

    Parameters
    ----------
    first, second : Ranking
        As a recommender, or ``session.turns[0].ranking``, gives them.

    Raises
    ------
    SettingsError
        One of them is no ranking.

    Examples
    --------
    >>> ham.compare(rec.search("cat"), rec.search("circus cat")).to_frame()  # doctest: +SKIP
    """
    for ranking in (first, second):
        if not isinstance(ranking, Ranking):
            raise SettingsError(f"Two rankings are compared, such as turn.ranking, not {ranking!r:.80}.")
    ranks = [{hit.item_id: hit.rank for hit in ranking} for ranking in (first, second)]
    works = {hit.item_id: hit.work for ranking in (second, first) for hit in ranking}
    order = dict.fromkeys([*ranks[0], *ranks[1]])
    places = (Place(works[item], ranks[0].get(item), ranks[1].get(item)) for item in order)
    return Comparison(first, second, tuple(places))
