"""The text index keeps what it promises on real judgements."""

from functools import partial

import pytest

from ham_recommend.catalog.catalog import Catalog
from ham_recommend.evaluate.judgements import read_judgements
from ham_recommend.evaluate.metrics import judge
from ham_recommend.index.text_index import TextIndex
from ham_recommend.sources.table import TableSource

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture(scope="module")
def index(data_dir):
    source = TableSource(data_dir / "collections" / "museum_117k.parquet", ignore=("alt_text",))
    return TextIndex.build(Catalog.from_records(source.fetch()).documents())


def test_subjects_among_the_works_of_the_tate(index, data_dir):
    judgements = read_judgements(data_dir / "relevance" / "tate_subjects_dev.parquet")
    tate = frozenset(item_id for item_id in index.item_ids if item_id.startswith("tate:"))
    assert judge(partial(index.search, within=tate), judgements).ndcg_10 >= 0.377


def test_the_one_painting_an_alt_text_describes(index, data_dir):
    judgements = read_judgements(data_dir / "relevance" / "met_alttext_dev.parquet")
    assert judge(index.search, judgements).ndcg_10 >= 0.718


@pytest.mark.parametrize(
    ("typed", "meant"), [("jumpng cat", "jumping"), ("Rembrant", "rembrandt"), ("photografh", "photograph")]
)
def test_slips_of_the_pen(index, typed, meant):
    ranking = index.search(typed, 12)
    assert list(ranking.corrected.values()) == [meant]
    assert len(ranking) == 12
