"""How well answers meet judgements, by ir-measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.errors import MissingExtraError
from ham_recommend.evaluate.judgements import Judgements

DEPTH = 100

MEASURES = ("nDCG@10", "R@100", "RR", "Success@1")
"""What is measured, as ir-measures names it."""


Search = Callable[[str, int], Ranking]
"""Text and k → ranking."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Means over all judged queries, each from 0 to 1.

    Parameters
    ----------
    ndcg_10 : float
        nDCG of the first ten (Järvelin and Kekäläinen, ACM TOIS 2002).
    recall_100 : float
        Share of the relevant works among the first hundred.
    mrr : float
        Mean of one through the rank of the first relevant work, among the first hundred.
    hit_1 : float
        Share of queries whose first answer is right.
    queries : int
        How many were judged.
    """

    ndcg_10: float
    recall_100: float
    mrr: float
    hit_1: float
    queries: int

    @classmethod
    def of(cls, scores: Mapping[str, Scores]) -> Metrics:
        """Return the means of what each query scored."""
        ndcg, recall, rr, hit = np.mean([*scores.values()], axis=0).tolist() if scores else [0.0] * 4
        return cls(ndcg_10=ndcg, recall_100=recall, mrr=rr, hit_1=hit, queries=len(scores))


class Scores(NamedTuple):
    """What one query scored; see :class:`Metrics`."""

    ndcg_10: float
    recall_100: float
    rr: float
    hit_1: float


def judge(search: Search, judgements: Judgements) -> Metrics:
    """Ask every judged query and measure the answers.

    Parameters
    ----------
    search : callable
        Text and k → ranking; asked for the first hundred works. Where only part of the collection was judged,
        it must search within that part.
    judgements : Judgements
        A query without an answer counts as 0.

    Raises
    ------
    MissingExtraError
        ir-measures is not installed.
    """
    answers = {query: search(text, DEPTH).item_ids.tolist() for query, text in judgements.texts.items()}
    return Metrics.of(scores_of(answers, judgements))


def scores_of(answers: Mapping[str, Sequence[str]], judgements: Judgements) -> dict[str, Scores]:
    """Return what each query scored, by ir-measures.

    Parameters
    ----------
    answers : mapping of str to sequence of str
        Query id → works, best first; a query that is missing found nothing.
    judgements : Judgements
        Which works are right.

    Raises
    ------
    MissingExtraError
        ir-measures is not installed.
    """
    library = _measures()
    wanted = {library.parse_measure(name): at for at, name in enumerate(MEASURES)}
    # Ranks instead of scores, so that ties stay as the ranking broke them.
    run = {
        query: {str(item_id): float(-rank) for rank, item_id in enumerate(found)}
        for query, found in answers.items()
    }
    truth = {query: dict.fromkeys(judgements.relevant[query], 1) for query in judgements}
    values = {query: [0.0] * len(MEASURES) for query in judgements}
    for found in library.iter_calc(list(wanted), truth, run) if truth else ():
        values[found.query_id][wanted[found.measure]] = float(found.value)
    return {query: Scores(*each) for query, each in values.items()}


def _measures() -> Any:
    try:
        import ir_measures
    except ImportError as error:
        raise MissingExtraError.needing("Evaluation", "evaluate") from error
    return ir_measures
