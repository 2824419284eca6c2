"""How well answers meet judgements, by ir-measures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ham_recommend.answers import Ranking
from ham_recommend.errors import MissingExtraError
from ham_recommend.evaluate.judgements import Judgements

DEPTH = 100

Search = Callable[[str, int], Ranking]
"""Text and k → ranking."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Means over all judged queries, each from 0 to 1.

    Parameters
    ----------
    ndcg_10 : float
        nDCG of the first ten (Järvelin and Kekäläinen, ACM TOIS 2002).
    hit_1 : float
        Share of queries whose first answer is right.
    recall_100 : float
        Share of the relevant works among the first hundred.
    queries : int
        How many were judged.
    """

    ndcg_10: float
    hit_1: float
    recall_100: float
    queries: int


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
    measures = _measures()
    # Ranks instead of scores, so that ties stay as the ranking broke them.
    run = {
        query: {str(item_id): float(-rank) for rank, item_id in enumerate(search(text, DEPTH).item_ids)}
        for query, text in judgements.texts.items()
    }
    truth = {query: dict.fromkeys(judgements.relevant[query], 1) for query in judgements}
    ndcg, hit, recall = _means(measures, truth, run)
    return Metrics(ndcg, hit, recall, len(judgements))


def _means(
    measures: Any, truth: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]
) -> Iterator[float]:
    wanted = [measures.nDCG @ 10, measures.Success @ 1, measures.R @ DEPTH]
    found = measures.calc_aggregate(wanted, truth, run) if truth else {}
    return (float(found.get(measure, 0.0)) for measure in wanted)


def _measures() -> Any:
    try:
        import ir_measures
    except ImportError as error:
        raise MissingExtraError.needing("Evaluation", "evaluate") from error
    return ir_measures
