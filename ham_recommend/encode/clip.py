"""Vectors of pictures and of words in one space: OpenAI's CLIP, its kin, and SigLIP, through transformers.

The one file that imports torch and transformers. Pictures are prepared with Pillow the way the weights were
trained; torchvision is not needed.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021; Zhai et
al., "Sigmoid Loss for Language Image Pre-Training", ICCV 2023.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shlex
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from ham_recommend.encode._hub import loaded
from ham_recommend.encode._picture_tower import trim
from ham_recommend.encode._preparing import Preparing
from ham_recommend.encode.base import ImageEncoder, NearDuplicateCosines, TextEncoder
from ham_recommend.errors import EncodeError, MissingExtraError
from ham_recommend.records import Vectors

log = logging.getLogger(__name__)

DEFAULT_MODEL = "openai/clip-vit-base-patch32"
TEMPLATES = (
    "{}",
    "a painting of {}",
    "a photograph of {}",
    "a drawing of {}",
    "a print of {}",
    "a sculpture of {}",
    "a work of art showing {}",
)
"""What a query is put into; the average of their vectors says more than any one of them."""
EVERYDAY = (
    "person", "animal", "bird", "dog", "horse", "fish", "tree", "flower", "fruit", "building", "house",
    "boat", "vehicle", "chair", "table", "lamp", "clothing", "hat", "tool", "weapon", "food", "bottle",
    "toy", "book", "clock",
)  # fmt: skip
"""Words of all kinds: what their vectors have in common says nothing about what is looked for."""

_FAMILIES = ("clip", "siglip")
_BATCH = {"cpu": 12, "mps": 64, "cuda": 256}
_REMEMBERED = 2048
_SAMPLED = 1024
_WORD = re.compile(r"\w+")
_MEANWHILE = "Meanwhile `--image-encoder style` works without any of this."

_KNOWN_TEXT = "a dog"
_KNOWN_VECTOR = (
    13, 2, -26, 7, 1, 13, -1, -88, -11, 46, -37, 4, -13, -5, 19, 10,
    25, -7, -28, -25, 36, -11, 38, 10, 2, -7, 7, 23, -23, 5, 31, -5,
    14, -11, 12, -14, 1, 4, -13, 9, -35, 23, 24, -10, 7, 27, -20, 8,
)  # fmt: skip
"""The first numbers, times 1,000, of the unit vector that OpenAI's ViT-B/32 gives :data:`_KNOWN_TEXT`."""
_KNOWN_DIM = 512
_SURE = 0.99


class ClipEncoder(ImageEncoder, TextEncoder):
    """Encodes pictures and texts with a CLIP or SigLIP checkpoint.

    The device is chosen by itself: CUDA, else Apple's MPS, else the processor, which computes in bfloat16
    where it has instructions for that. :attr:`model_id` names weights, preparation and arithmetic. On a
    processor torch is set to one thread, and each core encodes a batch of its own: that is a tenth faster
    than sharing each operation among them, and leaves other libraries their threads.

    Parameters
    ----------
    model : str
        A folder with a checkpoint, or a name such as ``"openai/clip-vit-base-patch16"``,
        ``"openai/clip-vit-large-patch14"`` or ``"google/siglip-base-patch16-224"``.
    device : {"cpu", "cuda", "mps"} or None
        ``None`` chooses.
    dtype : {"float32", "bfloat16", "float16"} or None
        ``None`` chooses.
    fetch : bool
        Whether weights that are not on this machine are downloaded; else nobody is asked for them.

    Raises
    ------
    MissingExtraError
        torch or transformers is not installed.
    EncodeError
        The checkpoint cannot be had, is no CLIP or SigLIP, or is put together wrongly.
    """

    takes_model: ClassVar[bool] = True
    near_duplicates = NearDuplicateCosines(look=0.95, sure=0.99)

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        *,
        device: str | None = None,
        dtype: str | None = None,
        fetch: bool = True,
    ) -> None:
        torch = _torch()
        self._torch = torch
        self._tokenizing = threading.Lock()
        self._model, self._tokenizer, self._preparing = loaded(model, fetch, _read, _unloadable)
        _check_activation(model, self._model, self._raw_texts)
        self._device = device or _best_device(torch)
        number = dtype or _best_dtype(torch, self._device)
        self.model_id = f"clip-1 {_fingerprint(self._model, self._preparing)} in {number}"
        self.runs_on = f"{number} on {self._device}"
        self.at_once = _cores() if self._device == "cpu" else 1
        self.batch_size = _BATCH[self._device]
        if self._device == "cpu":
            torch.set_num_threads(1)
        trim(self._model)
        self._model = self._model.to(self._device, getattr(torch, number))
        self.dim = self._raw_texts([_KNOWN_TEXT]).shape[1]
        self._query = lru_cache(maxsize=_REMEMBERED)(self._query_vector)
        log.info("%s: %s, %d × %d at once", self.model_id, self.runs_on, self.at_once, self.batch_size)

    @classmethod
    def outlives_fork(cls) -> bool:
        """Return whether it runs on the processor: what a GPU's library has begun does not outlive a fork."""
        return _best_device(_torch()) == "cpu"

    def prepare(self, image: Image.Image) -> Any:
        """Bring one picture to the model's size; see :meth:`ImageEncoder.prepare`."""
        return self._preparing.pixels(image)

    def encode_prepared(self, prepared: Sequence[Any]) -> Vectors:
        """Encode what :meth:`prepare` returned; see :meth:`ImageEncoder.encode_prepared`.

        Always so many at a time, filled up with the last picture: kernels differ with the number of pictures,
        and their results in the last digits.
        """
        return self._in_batches(self._filled_up, prepared)

    def encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        """Encode pictures; see :meth:`ImageEncoder.encode_images`."""
        return self._in_batches(self._raw_images, [self.prepare(image) for image in images])

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Encode texts as they are; of long ones the beginning. See :meth:`TextEncoder.encode_texts`."""
        return self._in_batches(self._raw_texts, texts)

    def encode_query(self, text: str) -> Vectors:
        """Encode what somebody looks for; see :meth:`TextEncoder.encode_query`.

        It is the average over :data:`TEMPLATES`, :func:`less_usual` than that of :data:`EVERYDAY` words. The
        last ones are remembered.
        """
        vector: Vectors = self._query(text)
        return vector

    def tensors(self, images: Sequence[Image.Image]) -> Vectors:
        """Return what the model sees of pictures, shape (n, 3, height, width): scaled, cut and normalised."""
        pixels = np.stack([self.prepare(image) for image in images])
        tensors: Vectors = self._preparing.normalised(self._torch, pixels).numpy()
        return tensors

    def _query_vector(self, text: str) -> Vectors:
        vector = less_usual(self._average([text]), self._usual)
        vector.setflags(write=False)
        return vector

    @cached_property
    def _usual(self) -> Vectors:
        return self._average(EVERYDAY)

    def _average(self, texts: Sequence[str]) -> Vectors:
        """Return the average over texts and templates, shape (dim,)."""
        every = [template.format(text) for text in texts for template in TEMPLATES]
        average: Vectors = self.encode_texts(every).mean(axis=0)
        return average

    def _in_batches(self, encode: Callable[[Sequence[Any]], Vectors], items: Sequence[Any]) -> Vectors:
        """Encode little by little; on a processor a batch for each core, as threads that share one wait."""
        batches = [items[start : start + self.batch_size] for start in range(0, len(items), self.batch_size)]
        if not batches:
            return np.empty((0, self.dim), np.float32)
        if len(batches) == 1 or self.at_once == 1:
            return _unit(np.concatenate([encode(batch) for batch in batches]))
        with ThreadPoolExecutor(self.at_once) as pool:
            return _unit(np.concatenate(list(pool.map(encode, batches))))

    def _filled_up(self, prepared: Sequence[Any]) -> Vectors:
        lacking = self.batch_size - len(prepared)
        return self._raw_images([*prepared, *[prepared[-1]] * lacking])[: len(prepared)]

    def _raw_images(self, prepared: Sequence[npt.NDArray[np.uint8]]) -> Vectors:
        with self._torch.inference_mode():
            pixels = self._preparing.normalised(self._torch, np.stack(prepared))
            pixels = pixels.to(self._model.device, self._model.dtype)
            return _rows(self._model.get_image_features(pixel_values=pixels))

    def _raw_texts(self, texts: Sequence[str]) -> Vectors:
        config = self._model.config
        siglip = config.model_type == "siglip"
        texts = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]  # no lone surrogates
        # SigLIP was trained on plain words, filled up to full length; CLIP reads as far as the text goes
        with self._tokenizing:
            encoded = self._tokenizer(
                [" ".join(_WORD.findall(text.lower())) for text in texts] if siglip else texts,
                padding="max_length" if siglip else True,
                truncation=True,
                max_length=config.text_config.max_position_embeddings,
                return_tensors="pt",
            )
        names = ("input_ids",) if siglip else ("input_ids", "attention_mask")
        with self._torch.inference_mode():
            return _rows(
                self._model.get_text_features(
                    **{name: encoded[name].to(self._model.device) for name in names}
                )
            )


def less_usual(vector: Vectors, usual: Vectors) -> Vectors:
    """Take out of a text's vector what texts have in common.

    Some pictures are near every text, and would be found whatever is looked for. Searched with what is left,
    a collection is ordered by how much nearer each picture is to this text than to the usual one.

    Parameters
    ----------
    vector : ndarray of float32, shape (dim,)
        Of the text, unit length.
    usual : ndarray of float32, shape (dim,)
        The average of other texts' vectors.

    Returns
    -------
    ndarray of float32, shape (dim,)
        Unit length.
    """
    left: Vectors = _unit((vector - usual)[None])[0]
    return left


def _torch() -> Any:
    try:
        import torch
        import transformers  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            f"The encoder 'clip' needs more packages. Run: pip install \"ham-recommend[clip]\". {_MEANWHILE}"
        ) from error
    return torch


def _unloadable(name: str, reason: str) -> EncodeError:
    files = "config.json, preprocessor_config.json, model.safetensors and the tokenizer's files"
    if Path(name).is_absolute() or Path(name).is_dir():
        what_to_do = f"A checkpoint's folder holds {files}."
    else:
        what_to_do = (
            f"Download them once, if you trust them, with: hf download {shlex.quote(name)} (kept in the "
            f"folder named by HF_HOME), or put {files} into a folder and name it with --image-encoder "
            "clip:FOLDER."
        )
    return EncodeError(
        f"The weights {name!r} cannot be loaded. {reason.rstrip('.')}. {what_to_do} {_MEANWHILE}"
    )


def _read(name: str, **where: bool) -> tuple[Any, Any, Preparing]:
    from transformers import AutoConfig, CLIPModel, SiglipModel
    from transformers.utils import cached_file

    config = AutoConfig.from_pretrained(name, trust_remote_code=False, **where)
    if config.model_type not in _FAMILIES:
        raise EncodeError(
            f"{name!r} is a {config.model_type!r} model. The encoder 'clip' loads {' and '.join(_FAMILIES)}."
        )
    family = CLIPModel if config.model_type == "clip" else SiglipModel
    # never anything that can run code: safetensors, or a .bin of nothing but tensors
    model, found = family.from_pretrained(name, weights_only=True, output_loading_info=True, **where)
    lacking = [key for key in found["missing_keys"] if not key.endswith("position_ids")]
    if lacking:
        raise EncodeError(f"The weights {name!r} lack {len(lacking)} of the model's, such as {lacking[0]}.")
    settings = json.loads(
        Path(cached_file(name, "preprocessor_config.json", **where)).read_text(encoding="utf-8")
    )
    return model.eval(), _tokenizer(name, where), Preparing.of(settings, config.vision_config.image_size)


def _tokenizer(name: str, where: Mapping[str, bool]) -> Any:
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    try:
        return AutoTokenizer.from_pretrained(name, trust_remote_code=False, **where)
    except ImportError:  # SigLIP's own needs sentencepiece; its tokenizer.json says the same
        return PreTrainedTokenizerFast.from_pretrained(name, **where)


def _check_activation(name: str, model: Any, encode: Any) -> None:
    """Refuse OpenAI's weights under a config without QuickGELU: they would give wrong vectors and no error.

    Raises
    ------
    EncodeError
        With QuickGELU a known vector comes out, or the name says whose weights they are.
    """
    configs = (model.config.text_config, model.config.vision_config)
    if model.config.model_type != "clip" or all(part.hidden_act == "quick_gelu" for part in configs):
        return
    if "openai/clip-vit" in name.replace("\\", "/").lower() or _needs_quick_gelu(model, encode):
        raise EncodeError(
            f"{name!r} holds OpenAI's weights, but its config.json does not say that they were trained with "
            'QuickGELU, so every vector would be wrong. Set "hidden_act": "quick_gelu" in its text_config '
            "and in its vision_config."
        )


def _needs_quick_gelu(model: Any, encode: Any) -> bool:
    from transformers.activations import ACT2FN

    if model.config.projection_dim != _KNOWN_DIM or _is_known(encode([_KNOWN_TEXT])):
        return False
    layers = [layer for layer in model.modules() if hasattr(layer, "activation_fn")]
    before = [layer.activation_fn for layer in layers]
    for layer in layers:
        layer.activation_fn = ACT2FN["quick_gelu"]
    known = _is_known(encode([_KNOWN_TEXT]))
    for layer, activation in zip(layers, before, strict=True):
        layer.activation_fn = activation
    return known


def _is_known(vector: Vectors) -> bool:
    known = _unit(np.array([_KNOWN_VECTOR], np.float32))[0]
    return float(_unit(vector[:, : len(known)])[0] @ known) >= _SURE


def _fingerprint(model: Any, preparing: Preparing) -> str:
    """Return a short hash of weights and preparation, the same whatever folder or file they came from."""
    digest = hashlib.blake2b(repr(preparing).encode(), digest_size=6)
    for name, weights in sorted(model.named_parameters()):
        numbers = weights.detach().flatten()
        some = numbers[:: max(1, len(numbers) // _SAMPLED)]
        digest.update(name.encode())
        digest.update(some.float().cpu().numpy().tobytes())
    return digest.hexdigest()


def _best_device(torch: Any) -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _best_dtype(torch: Any, device: str) -> str:
    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    if device == "mps":
        return "float16"
    quick = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return "bfloat16" if any(getattr(torch.cpu, name, bool)() for name in quick) else "float32"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _rows(output: Any) -> Vectors:
    """Return a model's vectors; newer versions of transformers wrap them."""
    rows: Vectors = getattr(output, "pooler_output", output).float().cpu().numpy()
    return rows


def _unit(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)
