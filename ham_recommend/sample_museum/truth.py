"""What was planted: who borrowed what from whom, and what each work shows."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Influence:
    """A later artist took something over from an earlier one.

    Parameters
    ----------
    later, earlier : str
        Names as in the records.
    what : str
        ``"palette"``, ``"manner"`` or ``"motif"``.
    """

    later: str
    earlier: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTruth:
    """What one work is, whatever its record says.

    Parameters
    ----------
    item_id : str
        The work.
    artist : str
        Who made it.
    motif, variant, manner, palette : str
        What was drawn, and how.
    year : int
        When; negative = BCE.
    same_plate_as : str
        For another impression of a print, the ``item_id`` of the first; else empty.
    """

    item_id: str
    artist: str
    motif: str
    variant: str
    manner: str
    palette: str
    year: int
    same_plate_as: str = ""


@dataclass(frozen=True, slots=True)
class SampleTruth:
    """Everything planted in one collection.

    Parameters
    ----------
    seed : int
        What the collection was drawn from.
    influences : tuple of Influence
        Among the artists, whether or not the collection owns works by both.
    works : tuple of WorkTruth
        In the order of the records.
    answers : mapping of str to tuple of str
        Search text → the works that are right answers to it.
    """

    seed: int
    influences: tuple[Influence, ...]
    works: tuple[WorkTruth, ...]
    answers: dict[str, tuple[str, ...]]

    def to_json(self) -> str:
        """Return it as JSON: ``seed``, ``influences``, ``works``, ``answers``."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)
