"""Vectors of sentences: any encoder of the sentence-transformers kind, through transformers.

What is asked and what works say lie near each other where they mean the same, whatever the words, and with a
multilingual checkpoint whatever the language. Reimers and Gurevych, "Sentence-BERT", EMNLP 2019.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ham_recommend.encode._hub import loaded
from ham_recommend.encode.base import TextEncoder
from ham_recommend.errors import EncodeError, MissingExtraError
from ham_recommend.records import Document, Vectors

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
_LONGEST = 256
"""Tokens that are read of a text, where the checkpoint does not say it reads fewer."""
_BATCH = 32
_REMEMBERED = 2048
_E5 = {"query": "query: ", "document": "passage: "}
"""What the E5 family was trained to read before a text; its checkpoints do not say so themselves."""


def sentences_of(document: Document) -> str:
    """Return what a work says, as running text: what it shows first, as only the beginning may be read."""
    shown = [document.title, *document.descriptions, document.fields.get("subjects", ""), document.artist]
    rest = [text for name, text in document.fields.items() if name not in ("subjects", "accession_number")]
    return ". ".join(text for text in (*shown, *rest) if text)


class SentenceEncoder(TextEncoder):
    """Encodes texts with a checkpoint of transformers: its tokens are averaged, or the first is taken.

    Parameters
    ----------
    model : str
        A folder with a checkpoint, or a name such as ``"sentence-transformers/all-MiniLM-L6-v2"``,
        ``"sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"`` or
        ``"intfloat/multilingual-e5-small"``.
    fetch : bool
        Whether weights that are not on this machine are downloaded; else nobody is asked for them.

    Raises
    ------
    MissingExtraError
        torch or transformers is not installed.
    EncodeError
        The checkpoint cannot be had, or is none.
    """

    takes_model: ClassVar[bool] = True

    def __init__(self, model: str = DEFAULT_MODEL, *, fetch: bool = True) -> None:
        try:
            import torch
            import transformers
        except ImportError as error:
            raise MissingExtraError.needing("The encoder 'sentences'", "semantic") from error
        self._torch = torch
        self._tokenizing = threading.Lock()
        transformers.utils.logging.disable_progress_bar()
        self._model, self._tokenizer, settings = loaded(model, fetch, _read, _unloadable)
        self._takes_first = bool(settings["pooling"].get("pooling_mode_cls_token", False))
        self._longest = min(int(settings["length"].get("max_seq_length") or _LONGEST), 512)
        prompts = settings["prompts"].get("prompts") or {}
        e5 = _E5 if "e5" in Path(model).name.lower() else {}
        self._before_query = str(prompts.get("query") or e5.get("query", ""))
        self._before_text = str(prompts.get("document") or e5.get("document", ""))
        self.dim = int(self._model.config.hidden_size)
        self.model_id = f"sentences-1 {self._fingerprint()}"
        self._query = lru_cache(maxsize=_REMEMBERED)(self._query_vector)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Encode texts; of long ones the beginning. See :meth:`TextEncoder.encode_texts`."""
        return self._encoded([self._before_text + text for text in texts])

    def encode_query(self, text: str) -> Vectors:
        """Encode what somebody looks for; the last ones are remembered. See :meth:`TextEncoder`."""
        vector: Vectors = self._query(text)
        return vector

    def _query_vector(self, text: str) -> Vectors:
        vector: Vectors = self._encoded([self._before_query + text])[0]
        vector.setflags(write=False)
        return vector

    def _encoded(self, texts: Sequence[str]) -> Vectors:
        """Encode in batches of texts alike in length, which wastes least."""
        order = np.argsort([len(text) for text in texts], kind="stable")
        vectors: Vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            vectors[rows] = self._batch([texts[row] for row in rows.tolist()])
        return vectors

    def _batch(self, texts: list[str]) -> Vectors:
        texts = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]  # no lone surrogates
        with self._tokenizing:
            tokens = self._tokenizer(
                texts, padding=True, truncation=True, max_length=self._longest, return_tensors="pt"
            )
        with self._torch.inference_mode():
            states = self._model(**tokens).last_hidden_state
            if self._takes_first:
                pooled = states[:, 0]
            else:
                mask = tokens["attention_mask"].unsqueeze(-1).to(states.dtype)
                pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
            unit = self._torch.nn.functional.normalize(pooled, dim=1)
        rows: Vectors = unit.float().numpy()
        return rows

    def _fingerprint(self) -> str:
        """Return a short hash of the weights and of how they are used, whatever folder they came from."""
        how = repr((self._takes_first, self._longest, self._before_text, self._before_query))
        digest = hashlib.blake2b(how.encode(), digest_size=6)
        for name, weights in sorted(self._model.named_parameters()):
            numbers = weights.detach().flatten()
            digest.update(name.encode())
            digest.update(numbers[:: max(1, len(numbers) // 64)].float().numpy().tobytes())
        return digest.hexdigest()


def _unloadable(name: str, reason: str) -> EncodeError:
    return EncodeError(
        f"The weights of the sentence encoder {name!r} cannot be loaded. {reason.rstrip('.')}. Download them "
        f"once, if you trust them, with: hf download {shlex.quote(name)}, or name a folder that holds "
        "config.json, model.safetensors and the tokenizer's files."
    )


def _read(name: str, *, local_files_only: bool) -> tuple[Any, Any, dict[str, dict[str, Any]]]:
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import cached_file

    where = {"local_files_only": local_files_only}

    def said(file: str) -> dict[str, Any]:
        path = cached_file(name, file, _raise_exceptions_for_missing_entries=False, **where)
        content = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
        return content if isinstance(content, dict) else {}

    # never anything that can run code: safetensors alone, and no code of the checkpoint's own
    model = AutoModel.from_pretrained(name, trust_remote_code=False, use_safetensors=True, **where)
    tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False, **where)
    settings = {
        "pooling": said("1_Pooling/config.json"),
        "length": said("sentence_bert_config.json"),
        "prompts": said("config_sentence_transformers.json"),
    }
    return model.eval().float(), tokenizer, settings
