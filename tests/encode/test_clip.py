"""CLIP and SigLIP: prepared like the originals, loaded safely, and refused where they would be wrong."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_clip import MEAN, SIDE, STD, save_clip, save_siglip, write_json

from ham_recommend import errors, registry
from ham_recommend.encode import clip
from ham_recommend.encode._preparing import Preparing
from ham_recommend.encode.base import comparable
from ham_recommend.encode.clip import EVERYDAY, TEMPLATES, ClipEncoder, less_usual
from ham_recommend.testing.encoders import ImageEncoderContract, picture

pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    return {"clip": save_clip(folder / "tiny-clip"), "siglip": save_siglip(folder / "tiny-siglip")}


@pytest.fixture(scope="module", params=["clip", "siglip"])
def loaded(request, checkpoints):
    return ClipEncoder(str(checkpoints[request.param]))


@pytest.fixture(scope="module")
def exact(checkpoints):
    return ClipEncoder(str(checkpoints["clip"]), dtype="float32")


class TestClipEncoder(ImageEncoderContract):
    tolerance = 2e-2  # bfloat16, and kernels that depend on the size of the batch

    @pytest.fixture
    def encoder(self, loaded):
        return loaded


def test_the_same_picture_gives_the_same_row_in_any_company(loaded):
    prepared = [loaded.prepare(picture(seed)) for seed in range(37)]
    rows = loaded.encode_prepared(prepared)
    order = np.random.RandomState(0).permutation(37)
    np.testing.assert_array_equal(loaded.encode_prepared([prepared[row] for row in order]), rows[order])
    np.testing.assert_array_equal(loaded.encode_prepared(prepared[5:6]), rows[5:6])
    np.testing.assert_allclose(loaded.encode_images([picture(5)]), rows[5:6], atol=2e-2)
    assert loaded.encode_prepared([]).shape == (0, loaded.dim)


@pytest.mark.parametrize("family", ["CLIPModel", "SiglipModel"])
@pytest.mark.parametrize("side", [SIDE, 30])  # patches of 8 leave the edge of 30 out
def test_vectors_are_those_of_transformers_though_less_is_computed(tmp_path, family, side):
    import torch
    import transformers

    if family == "CLIPModel":
        folder = str(save_clip(tmp_path / "tiny", vision={"image_size": side}))
    else:
        folder = str(save_siglip(tmp_path / "tiny", side=side))
    whole = getattr(transformers, family).from_pretrained(folder).eval()
    encoder = ClipEncoder(folder, device="cpu", dtype="float32")
    images = [picture(seed) for seed in range(9)]
    with torch.inference_mode():
        features = whole.get_image_features(pixel_values=torch.from_numpy(encoder.tensors(images)))
    features = getattr(features, "pooler_output", features)
    expected = torch.nn.functional.normalize(features, dim=-1).numpy()
    np.testing.assert_allclose(encoder.encode_images(images), expected, atol=1e-5)


@pytest.mark.data
def test_pictures_are_prepared_like_the_original_does(data_dir):
    settings = {
        "size": 224,
        "crop_size": 224,
        "do_center_crop": True,
        "resample": 3,
        "image_mean": MEAN,
        "image_std": STD,
    }
    preparing = Preparing.of(settings, 224)
    folder = data_dir / "clip" / "preprocess"
    with np.load(folder / "expected_tensors.npz") as expected:
        assert len(expected) == 7
        for name in expected:
            with Image.open(folder / f"{name}.jpg") as image:
                pixels = preparing.pixels(image.convert("RGB"))
            tensor = preparing.normalised(sys.modules["torch"], pixels[None].copy())[0].numpy()
            np.testing.assert_allclose(tensor, expected[name], atol=1e-5)


@pytest.mark.parametrize("size", [(90, 60), (60, 90), (32, 32), (33, 500), (7, 5), (1, 4000)])
def test_clip_cuts_out_the_middle_and_siglip_stretches(checkpoints, size):
    left, right = Image.new("RGB", size, "red"), Image.new("RGB", size, "blue")
    left.paste(right, (size[0] // 2, 0))
    cut = ClipEncoder(str(checkpoints["clip"])).tensors([left])
    stretched = ClipEncoder(str(checkpoints["siglip"])).tensors([left])
    assert cut.shape == stretched.shape == (1, 3, SIDE, SIDE)
    assert cut.dtype == stretched.dtype == np.float32
    assert (stretched.min(), stretched.max()) == pytest.approx((-1, 1))
    red = (1 - MEAN[0]) / STD[0]
    assert cut[0, 0].max() <= red + 1e-5


def test_preprocessing_may_be_written_either_way():
    common = {"do_center_crop": True, "image_mean": MEAN, "image_std": STD}
    old = Preparing.of({**common, "size": 40, "crop_size": 32}, 32)
    new = Preparing.of(
        {**common, "size": {"shortest_edge": 40}, "crop_size": {"height": 32, "width": 32}}, 32
    )
    assert old == new
    assert old.pixels(picture(1)).shape == (32, 32, 3)


def test_texts_are_unit_length_and_any_text_will_do(loaded):
    texts = ["a cat", "a dog", "", "Ein Hund 🐕", "\ud800", "word " * 3000, "x" * 10_000, "\x00\u202e"]
    vectors = loaded.encode_texts(texts)
    assert vectors.shape == (len(texts), loaded.dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert loaded.encode_texts([]).shape == (0, loaded.dim)


def test_a_query_is_the_average_of_its_templates_less_that_of_everyday_words(exact):
    def average(text):
        return exact.encode_texts([template.format(text) for template in TEMPLATES]).mean(axis=0)

    left = average("dog {}") - np.mean([average(word) for word in EVERYDAY], axis=0)
    np.testing.assert_allclose(exact.encode_query("dog {}"), left / np.linalg.norm(left), atol=1e-4)


def test_what_is_left_of_a_text_orders_pictures_by_how_much_nearer_they_are_to_it():
    texts, pictures = np.random.RandomState(0).normal(size=(2, 20, 8)).astype(np.float32)
    usual = texts.mean(axis=0)
    nearer = pictures @ texts[0] - pictures @ usual
    left = less_usual(texts[0], usual)
    np.testing.assert_array_equal(np.argsort(pictures @ left), np.argsort(nearer))
    assert np.linalg.norm(left) == pytest.approx(1, abs=1e-6)
    assert np.isfinite(less_usual(usual, usual)).all()


def test_queries_are_remembered(exact, monkeypatch):
    first = exact.encode_query("a boat")
    monkeypatch.setattr(exact, "encode_texts", lambda texts: pytest.fail("encoded again"))
    assert exact.encode_query("a boat") is first
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1


def test_it_says_what_it_computes_with(checkpoints, caplog):
    with caplog.at_level(logging.INFO, logger="ham_recommend"):
        encoder = ClipEncoder(str(checkpoints["clip"]))
    assert encoder.model_id in caplog.text
    assert " on cpu, " in caplog.text
    assert encoder.model_id.split(" in ")[1] in {"bfloat16", "float32"}
    assert encoder.runs_on in {"bfloat16 on cpu", "float32 on cpu"}


def test_vectors_are_comparable_whatever_the_arithmetic(checkpoints, exact):
    short = ClipEncoder(str(checkpoints["clip"]), dtype="bfloat16")
    other = ClipEncoder(str(save_clip(checkpoints["clip"].parent / "other", seed=1)), dtype="float32")
    assert short.model_id != exact.model_id
    assert comparable(short.model_id, exact.model_id)
    assert not comparable(other.model_id, exact.model_id)
    images = [picture(seed) for seed in range(8)]
    products = (short.encode_images(images) * exact.encode_images(images)).sum(axis=1)
    assert products.min() > 0.99


def test_the_same_model_is_the_same_wherever_it_lies_but_not_prepared_otherwise(checkpoints, exact, tmp_path):
    folder = copy_of(checkpoints["clip"], tmp_path / "elsewhere")
    assert ClipEncoder(str(folder), dtype="float32").model_id == exact.model_id
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    write_json(folder / "preprocessor_config.json", {**settings, "resample": 2})
    assert not comparable(ClipEncoder(str(folder), dtype="float32").model_id, exact.model_id)


def test_the_registry_makes_it_from_a_folder(checkpoints):
    encoder = registry.make_encoder(f"clip:{checkpoints['clip']}")
    assert isinstance(encoder, ClipEncoder)
    with pytest.raises(errors.SettingsError, match="no models"):
        registry.make_encoder("style:large")


def test_a_bin_of_tensors_gives_the_same_vectors(checkpoints, exact, tmp_path):
    folder = copy_of(checkpoints["clip"], tmp_path / "tiny-clip")
    as_bin(folder)
    again = ClipEncoder(str(folder), dtype="float32")
    assert again.model_id == exact.model_id
    images = [picture(1)]
    np.testing.assert_allclose(again.encode_images(images), exact.encode_images(images), atol=1e-6)


class Malicious:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_a_bin_that_would_run_code_is_refused_and_does_not(checkpoints, tmp_path):
    import torch

    folder = copy_of(checkpoints["clip"], tmp_path / "evil")
    as_bin(folder)
    weights = torch.load(folder / "pytorch_model.bin", weights_only=True)
    torch.save({**weights, "extra": Malicious(tmp_path / "ran")}, folder / "pytorch_model.bin")
    with pytest.raises(errors.EncodeError):
        ClipEncoder(str(folder))
    assert not (tmp_path / "ran").exists()
    torch.load(folder / "pytorch_model.bin", weights_only=False)
    assert (tmp_path / "ran").exists(), "the file was not malicious at all"


def test_code_that_comes_with_a_checkpoint_does_not_run(checkpoints, tmp_path):
    folder = copy_of(checkpoints["clip"], tmp_path / "evil")
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoConfig": "evil.Evil", "AutoModel": "evil.Evil"}
    write_json(folder / "config.json", config)
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Evil: pass\n")
    ClipEncoder(str(folder))
    assert not (tmp_path / "ran").exists()


def test_weights_that_do_not_fit_are_refused(checkpoints, tmp_path):
    from safetensors.torch import load_file, save_file

    folder = copy_of(checkpoints["clip"], tmp_path / "partial")
    weights = load_file(folder / "model.safetensors")
    del weights["visual_projection.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(errors.EncodeError, match=r"visual_projection\.weight"):
        ClipEncoder(str(folder))


def test_another_kind_of_model_is_refused(checkpoints, tmp_path):
    folder = copy_of(checkpoints["clip"], tmp_path / "bert")
    write_json(folder / "config.json", {"model_type": "bert"})
    with pytest.raises(errors.EncodeError, match="clip and siglip"):
        ClipEncoder(str(folder))


def test_the_quickgelu_trap_is_seen_by_a_known_vector(checkpoints, exact, tmp_path, monkeypatch):
    """The tiny model's own vector stands in for the one that OpenAI's weights give."""
    known = exact.encode_texts([clip._KNOWN_TEXT])[0]
    monkeypatch.setattr(clip, "_KNOWN_VECTOR", tuple(known[:16] * 1000))
    monkeypatch.setattr(clip, "_KNOWN_DIM", exact.dim)
    monkeypatch.setattr(clip, "_SURE", 0.99999)
    trapped = copy_of(checkpoints["clip"], tmp_path / "trapped")
    with_activation(trapped, "gelu")
    with pytest.raises(errors.EncodeError, match="QuickGELU"):
        ClipEncoder(str(trapped))
    ClipEncoder(str(checkpoints["clip"]))
    others = save_clip(tmp_path / "others", seed=5, hidden_act="gelu")
    ClipEncoder(str(others))


def test_the_quickgelu_trap_is_seen_by_name(checkpoints, tmp_path):
    folder = copy_of(checkpoints["clip"], tmp_path / "openai" / "clip-vit-base-patch16")
    ClipEncoder(str(folder))
    with_activation(folder, "gelu")
    with pytest.raises(errors.EncodeError, match='"hidden_act": "quick_gelu"'):
        ClipEncoder(str(folder))


@pytest.mark.data
def test_the_known_vector_is_that_of_the_known_text(data_dir):
    with np.load(data_dir / "clip" / "labels_vitb32.npz") as labels:
        names, vectors = labels["labels"].tolist(), labels["emb"].astype(np.float32)
    part = vectors[:, : len(clip._KNOWN_VECTOR)]
    known = np.array(clip._KNOWN_VECTOR, np.float32)
    cosines = part @ known / np.linalg.norm(part, axis=1) / np.linalg.norm(known)
    assert "a " + names[int(cosines.argmax())].lower() == clip._KNOWN_TEXT
    assert vectors.shape[1] == clip._KNOWN_DIM
    assert all(
        cosine < clip._SURE or name.lower() == "dog" for name, cosine in zip(names, cosines, strict=True)
    )


def test_without_weights_one_error_says_what_to_do(tmp_path):
    told = in_a_new_process("ClipEncoder()", tmp_path, HF_HUB_OFFLINE="1")
    for part in (
        "EncodeError",
        "hf download openai/clip-vit-base-patch32",
        "HF_HOME",
        "clip:FOLDER",
        "--image-encoder style",
    ):
        assert part in told


def test_without_a_network_it_does_not_keep_asking(tmp_path):
    begun = time.monotonic()
    told = in_a_new_process("ClipEncoder()", tmp_path, HF_ENDPOINT="http://127.0.0.1:9")
    assert "no hub can be reached" in told
    assert "hf download openai/clip-vit-base-patch32" in told
    assert time.monotonic() - begun < 20


def test_a_folder_that_is_not_there_is_named():
    with pytest.raises(errors.EncodeError, match="There is no such folder") as told:
        ClipEncoder("/no/such/folder")
    assert "hf download" not in str(told.value)


def test_without_the_extra_one_error_says_what_to_install(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('no torch here')")
    told = in_a_new_process("ClipEncoder()", tmp_path)
    assert "MissingExtraError" in told
    assert 'pip install "ham-recommend[clip]"' in told
    assert "--image-encoder style" in told


def in_a_new_process(code, tmp_path, **settings):
    program = f"from ham_recommend.encode.clip import ClipEncoder\n{code}"
    environment = {**os.environ, **settings, "PYTHONPATH": str(tmp_path), "HF_HOME": str(tmp_path / "hub")}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 1
    return done.stderr.splitlines()[-1] if "MissingExtra" not in done.stderr else done.stderr


def copy_of(folder, target):
    target.mkdir(parents=True)
    for path in folder.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target


def as_bin(folder):
    import torch
    from safetensors.torch import load_file

    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def with_activation(folder, name):
    config = json.loads((folder / "config.json").read_text())
    for tower in ("text_config", "vision_config"):
        config[tower]["hidden_act"] = name
    write_json(folder / "config.json", config)
