import numpy as np
import pytest

from ham_recommend.evaluate.baselines import BASELINES, WITH_WEIGHTS, text_of
from ham_recommend.records import Document

DOCUMENTS = [
    Document(item_id="m:1", title="Ships in a storm", artist="Turner", fields={"medium": "oil on canvas"}),
    Document(
        item_id="m:2", title="Still life", descriptions=("A vase of flowers.", "Flowers in a blue vase.")
    ),
    Document(item_id="m:3", title="The circus", descriptions=("A cat jumps through a hoop.",)),
]


def test_all_texts_are_joined():
    assert text_of(DOCUMENTS[0]) == "Ships in a storm Turner oil on canvas"
    assert text_of(DOCUMENTS[1]).count("vase") == 2


@pytest.mark.parametrize("name", BASELINES)
def test_each_baseline_finds_the_words_it_indexed(name):
    search = BASELINES[name](DOCUMENTS)
    for text, item_id in (("storm", "m:1"), ("blue vase", "m:2"), ("circus cat", "m:3")):
        ranking = search(text, 2)
        assert ranking.item_ids[0] == item_id
        assert len(ranking) <= 2
        assert (np.diff(ranking.scores) <= 0).all()


def test_clip_text_vectors_run_with_any_checkpoint(tmp_path):
    pytest.importorskip("torch")
    from tiny_clip import save_clip

    documents = [
        Document(item_id=f"m:{row}", title=title) for row, title in enumerate(("A cat", "A dog", "The sea"))
    ]
    search = WITH_WEIGHTS["notebook: CLIP text vectors"](documents, f"clip:{save_clip(tmp_path / 'tiny')}")
    found = search("A dog", 3)
    assert sorted(found.item_ids.tolist()) == ["m:0", "m:1", "m:2"]
    assert (found.scores <= 1.001).all()
