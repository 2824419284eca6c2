"""What counts how much: every weight of an answer, with the experiment that set it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ham_recommend.errors import SettingsError
from ham_recommend.index.text_index import MEANING_SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The weights of searches and recommendations, each from 0 to 1.

    Parameters
    ----------
    picture : float
        What pictures count in a recommendation; texts count the rest. Chosen, not measured: no collection at
        hand has judgements that need both.
    meaning : float
        What meaning counts in the score of a text; words count the rest. Set by ``benchmarks/text_search.py``
        for searches. In ``benchmarks/recommend_by_text.py`` words alone are right a hundredth more often, but
        they name no work that shares no word with a like.
    picture_in_search : float
        What pictures count in a search by words, where their encoder reads words; texts count the rest.
        Chosen, not measured, for the same reason: low, so that what is written leads.
    named : float
        What an artist, a culture, a period or a time counts that a search names, where the best match of all
        words counts 1; a kind counts half as much again. Set by ``benchmarks/answers.py``.
    dislike : float
        How strongly the average dislike pushes, beside likes of weight 1. In ``benchmarks/taste.py`` it costs
        a twenty-fifth of what is wanted and takes away a tenth of what is not; 1.0 costs nearly a third.

    Raises
    ------
    SettingsError
        A weight is out of range.
    """

    picture: float = 0.5
    meaning: float = MEANING_SHARE
    picture_in_search: float = 0.3
    named: float = 0.5
    dislike: float = 0.35

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0.0 <= getattr(self, field.name) <= 1.0:
                raise SettingsError(f"The weight {field.name} is a number from 0 to 1.")
