"""The times a date names, between the one who reads them and the one who says which years they are."""

from __future__ import annotations

from dataclasses import dataclass, field

Part = tuple[float, float]
"""A part of a century, as fractions of the whole."""


@dataclass(slots=True)
class Span:
    """One thing the text names: a year, decade, century, millennium or period.

    Parameters
    ----------
    unit : {"year", "decade", "century", "millennium", "period"}
        What ``number`` counts.
    number : int
        As written; of a decade its first year.
    digits : int
        Of a year or decade, how many were written.
    link : str
        The dash, slash or word that joins it to the span before; empty where nothing does.
    era, inherited : str
        ``"bce"``, ``"ce"`` or another calendar; said of this number, or of the one it is linked to.
    parts : list of (float, float)
        *early*, *third quarter*, … as fractions of the whole.
    turn, circa, doubt : bool
        What was said of it.
    bound : {"", "before", "after"}
        Whether it is only the last or the first year.
    margin : int
        Years either way, as in ``1850 ± 50``.
    years : (int, int) or None
        Of a period, its years.
    part_of_work : bool
        Whether it dates a part, as in *Lid: 1690*.
    """

    unit: str
    number: int
    digits: int = 0
    link: str = ""
    era: str = ""
    inherited: str = ""
    parts: list[Part] = field(default_factory=list)
    turn: bool = False
    circa: bool = False
    doubt: bool = False
    bound: str = ""
    margin: int = 0
    years: tuple[int, int] | None = None
    part_of_work: bool = False

    @property
    def calendar(self) -> str:
        """The era that counts."""
        return self.era or self.inherited


@dataclass(slots=True)
class Reading:
    """What a date names.

    Parameters
    ----------
    spans : list of Span
        In the order of the text.
    understood : bool
        Whether every word was.
    copied : bool
        Whether it tells of a later print, cast or change.
    """

    spans: list[Span]
    understood: bool = True
    copied: bool = False
