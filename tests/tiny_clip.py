"""Checkpoints of CLIP and SigLIP as small as they can be, on disk in the format of the real ones."""

from __future__ import annotations

import json

MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
SIDE = 32


def letters():
    """Return the characters that stand for the 256 bytes, as byte-level tokenizers write them."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) for byte in plain] + [chr(256 + at) for at in range(len(others))]


def write_json(path, content):
    path.write_text(json.dumps(content), encoding="utf-8")


def write_clip_tokenizer(folder):
    single = letters()
    merges = ["c a", "ca t</w>", "d o", "do g</w>"]
    tokens = [*single, *(f"{letter}</w>" for letter in single), *(pair.replace(" ", "") for pair in merges)]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    write_json(folder / "vocab.json", {token: at for at, token in enumerate(tokens)})
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]), encoding="utf-8")
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77})
    return len(tokens)


def save_clip(folder, *, seed=0, hidden_act="quick_gelu", dim=24, layers=2, vision=None):
    """Write a random CLIP; the same arguments give the same weights.

    ``vision`` replaces settings of the picture tower, so that it can have any size.
    """
    import torch
    from transformers import CLIPConfig, CLIPModel

    folder.mkdir(parents=True, exist_ok=True)
    size = write_clip_tokenizer(folder)
    tower = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": layers,
        "num_attention_heads": 2,
        "hidden_act": hidden_act,
    }
    config = CLIPConfig(
        text_config={
            **tower,
            "vocab_size": size,
            "bos_token_id": size - 2,
            "eos_token_id": size - 1,
            "pad_token_id": size - 1,
            "max_position_embeddings": 77,
        },
        vision_config={**tower, "image_size": SIDE, "patch_size": 8, **(vision or {})},
        projection_dim=dim,
    )
    torch.manual_seed(seed)
    model = CLIPModel(config)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.mul_(3)  # or every input would give nearly the same
    model.save_pretrained(folder)
    write_json(
        folder / "preprocessor_config.json",
        {
            "do_center_crop": True,
            "crop_size": config.vision_config.image_size,
            "size": config.vision_config.image_size,
            "resample": 3,
            "image_mean": MEAN,
            "image_std": STD,
        },
    )
    return folder


def save_siglip(folder, *, seed=0, side=SIDE):
    """Write a random SigLIP, whose tokenizer knows a few words."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, SiglipConfig, SiglipModel

    words = ["<pad>", "</s>", "<unk>", "a", "painting", "of", "photograph", "drawing", "cat", "dog", "sea"]
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
    folder.mkdir(parents=True, exist_ok=True)
    fast.save_pretrained(folder)
    tower = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = SiglipConfig(
        text_config={**tower, "vocab_size": len(words), "max_position_embeddings": 16, "projection_size": 32},
        vision_config={**tower, "image_size": side, "patch_size": 8},
    )
    torch.manual_seed(seed)
    model = SiglipModel(config)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.mul_(3)
    model.save_pretrained(folder)
    write_json(
        folder / "preprocessor_config.json",
        {
            "size": {"height": side, "width": side},
            "resample": 3,
            "image_mean": [0.5] * 3,
            "image_std": [0.5] * 3,
        },
    )
    return folder
