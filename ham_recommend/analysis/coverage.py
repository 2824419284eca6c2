"""Of how many works of a collection anything can be said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ham_recommend.analysis.influence import Influence


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of how many works of a collection anything can be said.

    Parameters
    ----------
    works : int
        In the catalog.
    dated : int
        With a vector and a date.
    undated : int
        With a vector, without a date: left out.
    by_life : int
        Dated by the life of their artist alone, with little confidence.
    named : int
        Dated, by an artist who is named.
    artists : int
        Who are named.
    """

    works: int
    dated: int
    undated: int
    by_life: int
    named: int
    artists: int

    @classmethod
    def of(cls, found: Influence) -> Coverage:
        """Count what an analysis is about."""
        works = found.works
        return cls(
            works=len(found.recommender.catalog),
            dated=len(works),
            undated=works.undated,
            by_life=works.by_life,
            named=int((works.makers.of >= 0).sum()),
            artists=len(works.makers.names),
        )

    def __str__(self) -> str:
        left = f", {self.undated:,} without a date left out" if self.undated else ""
        life = f", {self.by_life:,} dated by their artist's life" if self.by_life else ""
        return f"{self.dated:,} of {self.works:,} works{left}{life}; {self.artists:,} named artists"
