"""What counts how much: every weight of an answer, with the experiment that set it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ham_recommend.errors import SettingsError
from ham_recommend.index.text_scoring import MEANING_SHARE


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
    shared : float
        What the average of all likes counts in the taste of each interest; the interest's own likes count the
        rest. In ``benchmarks/taste.py`` works that are right rise with it and two interests are served less
        evenly: with two likes of each from .67 to .68 and from .51 to .50, while one interest gains .04.
    anchor : float
        What the words that a recommendation is anchored to count; the likes count the rest. Chosen: alike.
    popularity : float
        How much closer to the likes the most popular work counts as, with that dial turned fully. Chosen:
        enough to reorder what is close, not enough to bring in what is not.

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
    shared: float = 0.6
    anchor: float = 0.5
    popularity: float = 0.3

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0.0 <= getattr(self, field.name) <= 1.0:
                raise SettingsError(f"The weight {field.name} is a number from 0 to 1.")
