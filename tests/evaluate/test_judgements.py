import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ham_recommend.answers import Ranking
from ham_recommend.errors import ArtifactCorruptError, ArtifactMissingError, SettingsError
from ham_recommend.evaluate.judgements import Judgements, read_judgements
from ham_recommend.evaluate.metrics import judge


def test_judgements_are_read_from_pairs(tmp_path):
    path = tmp_path / "pairs.parquet"
    table = {
        "query_id": [1, 1, 2, 3],
        "query": ["sea", "sea", "cat", "cat"],
        "item_id": ["m:1", "m:2", "m:3", "m:4"],
    }
    pq.write_table(pa.table(table), path)
    judgements = read_judgements(path)
    assert judgements.relevant == {"1": {"m:1", "m:2"}, "2": {"m:3"}, "3": {"m:4"}}
    assert judgements.texts == {"1": "sea", "2": "cat", "3": "cat"}
    assert len(judgements) == 3
    assert list(judgements) == ["1", "2", "3"]


def test_unreadable_judgements_are_one_clear_error(tmp_path):
    with pytest.raises(ArtifactMissingError, match=r"none\.parquet"):
        read_judgements(tmp_path / "none.parquet")
    path = tmp_path / "broken.parquet"
    path.write_bytes(b"PAR1 no")
    with pytest.raises(ArtifactCorruptError, match=r"broken\.parquet"):
        read_judgements(path)
    pq.write_table(pa.table({"query": ["sea"]}), path)
    with pytest.raises(ArtifactCorruptError, match="item_id"):
        read_judgements(path)


def judged(relevant):
    found = {text: frozenset(item_ids) for text, item_ids in relevant.items()}
    return Judgements({text: text for text in found}, found)


def test_halves_share_no_query_and_lose_none():
    judgements = judged({letter: {"m:1"} for letter in "bdace"})
    assert list(judgements.half(0)) == ["a", "c", "e"]
    assert list(judgements.half(1)) == ["b", "d"]
    with pytest.raises(SettingsError):
        judgements.half(2)


def answering(answers):
    def search(text, k):
        ids = np.array(answers.get(text, [])[:k], dtype=np.object_)
        return Ranking(ids, np.zeros(len(ids), dtype=np.float32))

    return search


def test_metrics_are_the_textbook_ones():
    judgements = judged({"sea": {"m:1", "m:2"}, "cat": {"m:3"}})
    perfect = judge(answering({"sea": ["m:2", "m:1"], "cat": ["m:3"]}), judgements)
    assert (perfect.ndcg_10, perfect.hit_1, perfect.recall_100, perfect.queries) == (1, 1, 1, 2)
    second = judge(answering({"sea": ["m:9", "m:1"]}), judgements)
    ideal = 1 + 1 / np.log2(3)
    assert second.ndcg_10 == pytest.approx(1 / np.log2(3) / ideal / 2)
    assert (second.hit_1, second.recall_100) == (0, 0.25)


def test_the_order_of_the_ranking_counts_even_among_equal_scores():
    judgements = judged({"sea": {"m:z"}})
    ids = ["m:z", *(f"m:{number:03d}" for number in range(150))]
    assert judge(answering({"sea": ids}), judgements).hit_1 == 1
    deep = judge(answering({"sea": [*ids[1:101], "m:z"]}), judgements)
    assert deep.recall_100 == 0


def test_nothing_asked_is_no_error():
    assert judge(answering({}), judged({})).queries == 0
    assert judge(answering({}), judged({"sea": {"m:1"}})).ndcg_10 == 0
