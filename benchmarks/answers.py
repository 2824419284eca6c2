"""What each part of an answer is worth, beside bm25s, which one would otherwise pick, by the same judges.

    python benchmarks/answers.py [--part steps|named|floor|languages|slips|speed] [--every 1]

117,243 real records (``$HAM_DATA/collections``, default ``../shared/data``), built without their alt texts.
``--every 3`` asks every third question. Each part prints one table.
"""

from __future__ import annotations

import argparse
import os
import random
import string
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from ham_recommend.builder.build import build
from ham_recommend.encode.analyzer import words
from ham_recommend.encode.real_words import is_real_word
from ham_recommend.evaluate.baselines import bm25
from ham_recommend.evaluate.judgements import Judgements
from ham_recommend.evaluate.metrics import judge
from ham_recommend.index import reading, slips, texts
from ham_recommend.recommend import names
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.sources.table import TableSource

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
QUESTIONS = Path(__file__).with_name("questions.txt")
LANGUAGES = ("English", "French", "German", "Spanish", "Italian", "Dutch")
FACETS = ("culture_kind_century", "decade_kind", "surname_kind")
OTHER_FIELDS = Path(__file__).with_name("other_fields.txt")
CONSONANTS, VOWELS = "bcdfghjklmnprstvw", "aeiou"
BEGINNINGS = (*CONSONANTS, "br", "ch", "cr", "dr", "fl", "gr", "pl", "pr", "sh", "sl", "st", "th", "tr")
ENDINGS = ("ard", "er", "ez", "heim", "ini", "ley", "ov", "ski", "son", "ton")
NONSENSE = 200
NAMES, WORDS, SEED = 250, 2_000, 0


def judgements(name, every):
    """Read judgements; where a question has no id, it is its own."""
    texts, relevant = {}, {}
    for row in pq.read_table(DATA / "relevance" / f"{name}.parquet").to_pylist():
        query = str(row.get("query_id", row["query"]))
        texts[query] = row["query"]
        relevant.setdefault(query, set()).add(row["item_id"])
    kept = sorted(texts)[::every]
    return Judgements({one: texts[one] for one in kept}, {one: frozenset(relevant[one]) for one in kept})


@contextmanager
def without(*parts):
    """Leave parts of the scoring out."""
    flat = property(lambda self: np.ones(self.postings.shape[1], dtype=np.float32))
    off = {
        "length": patch.object(texts.Spoken, "by_length", flat, create=True),
        "order": patch.object(texts, "ADJACENCY", 0.0),
        "coverage": patch.object(texts, "COVERAGE", 0.0),
        "related words": patch.object(reading, "RELATED", 0.0),
    }
    for part in parts:
        off[part].start()
    try:
        yield
    finally:
        for part in parts:
            off[part].stop()


def show_steps(asked, every, console):
    """Print what each part of the scoring adds."""
    tate = frozenset(one for one in asked.text.item_ids if one.startswith("tate:"))
    subjects, alt_texts = (judgements(name, every) for name in ("tate_subjects_dev", "met_alttext_dev"))
    table = Table("method", "Tate nDCG@10", "R@100", "Met nDCG@10", "hit@1", title="Step by step")

    def add(name, search, among_tate):
        first, second = judge(among_tate, subjects), judge(search, alt_texts)
        row = (first.ndcg_10, first.recall_100, second.ndcg_10, second.hit_1)
        table.add_row(name, *(f"{value:.3f}" for value in row))

    documents = list(asked.catalog.documents())
    add("bm25s", bm25(documents), bm25([each for each in documents if each.item_id in tate]))
    parts = ["length", "order", "coverage", "related words"]
    for size in range(len(parts) + 1):
        with without(*parts[size:]):
            name = f"+ {parts[size - 1]}" if size else "words and meaning"
            add(name, asked.text.search, partial(asked.text.search, within=tate))
    within = {"source": "tate"}
    add("+ what is named", asked.search, lambda text, k: asked.search(text, k, where=within))
    console.print(table)


def show_named(asked, every, console):
    """Print questions made of catalogue values, with and without understanding."""
    table = Table("method", *FACETS, title="Questions of catalogue values, nDCG@10")
    sets = [judgements(f"facets_{name}_dev", every) for name in FACETS]
    documents = list(asked.catalog.documents())
    searches = {"bm25s": bm25(documents), "words and meaning": asked.text.search, "understood": asked.search}
    for name, search in searches.items():
        table.add_row(name, *(f"{judge(search, each).ndcg_10:.3f}" for each in sets))
    console.print(table)
    photo, photograph = ({*asked.search(text, 50).item_ids} for text in ("photo", "photograph"))
    console.print(f"photo / photograph: {len(photo & photograph)} of the first 50 are the same works.")


def letters(draw):
    return "".join(draw.choices(string.ascii_lowercase, k=draw.randint(4, 8)))


def syllables(draw):
    return "".join(draw.choice(CONSONANTS) + draw.choice(VOWELS) for _ in range(draw.randint(2, 4)))


def surnames(draw):
    """Return what sounds like a family name."""
    sounds = (draw.choice(BEGINNINGS) + draw.choice(VOWELS) for _ in range(draw.randint(1, 3)))
    return "".join(sounds) + draw.choice(ENDINGS)


def nonsense(asked, draw, make):
    """Yield strings that are no words and that no work says."""
    while True:
        word = make(draw)
        if not is_real_word(word) and not asked.text.frequency(word):
            yield word


def other_fields(asked):
    """Return the words of other fields, of which no work says a form, nor writes it as two."""
    lines = OTHER_FIELDS.read_text(encoding="utf-8").splitlines()
    listed = [word for line in lines if line[0] != "#" for word in line.partition(":")[2].split()]
    texts = (
        " ".join([each.title, each.artist, *each.fields.values(), *each.descriptions])
        for each in asked.catalog.documents()
    )
    said = {_stripped(word) for text in texts for word in words(text)}
    unsaid = [word for word in dict.fromkeys(listed) if _stripped(word) not in said]
    return [word for word in unsaid if not any(len(asked.text.saying(pair)) for pair in _halves(word))]


def _halves(word):
    return [f"{word[:cut]} {word[cut:]}" for cut in range(3, len(word) - 2)]


def _stripped(word):
    """Return a word without the ending of its number or tense."""
    for ending in ("ies", "ied", "ing", "es", "ed", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            return word.removesuffix(ending)
    return word


def show_floor(asked, every, console):
    """Print how often nonsense shows works, and how well ``fit`` tells questions that have an answer."""
    draw = random.Random(SEED)
    elsewhere, count = other_fields(asked), NONSENSE // every
    strange = {
        "letters": nonsense(asked, draw, letters),
        "syllables": nonsense(asked, draw, syllables),
        "made-up names": nonsense(asked, draw, surnames),
        f"{len(elsewhere)} words of other fields": iter(lambda: draw.choice(elsewhere), None),
    }
    table = Table("words", "1", "2", "3", title=f"Of {count} questions of nonsense each, so many show works")
    unlike = []
    for name, drawn in strange.items():
        shown = []
        for size in (1, 2, 3):
            found = [asked.search(" ".join(islice(drawn, size)), 10) for _ in range(count)]
            shown.append(sum(len(each) > 0 for each in found))
            unlike += found
        table.add_row(name, *map(str, shown))
    console.print(table)
    documents, like = list(asked.catalog.documents()), []
    for _ in range(len(unlike)):
        said = [word for word in draw.choice(documents).title.split() if len(word) > 3]
        like.append(asked.search(" ".join(draw.sample(said, min(len(said), 3))) or "portrait", 10))
    fits = np.array([each.fit or 0.0 for each in [*like, *unlike]])
    right = np.repeat([1.0, 0.0], len(like))
    bins = np.minimum((10 * fits).astype(int), 9)
    error = sum(
        abs(fits[bins == one].mean() - right[bins == one].mean()) * (bins == one).mean()
        for one in set(bins.tolist())
    )
    console.print(f"Expected calibration error of the fit {error:.3f}, over as many titles and nonsense.")


def show_languages(asked, every, console):
    """Print how foreign questions do beside the English ones: right is a work with all the English words."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines if line and line[0] != "#"][::every]
    relevant = {}
    for english, *_ in rows:
        saying = [set(asked.text.works_saying(word).rows.tolist()) for word in words(english)]
        relevant[english] = frozenset(asked.text.item_ids[sorted(set.intersection(*saying))])
    rows = [row for row in rows if relevant[row[0]]]
    relevant = {row[0]: relevant[row[0]] for row in rows}
    table = Table("language", "nDCG@10", "share", title=f"{len(rows)} everyday questions")
    first = None
    for at, language in enumerate(LANGUAGES):
        texts = {row[0]: row[at] for row in rows}
        quality = judge(asked.search, Judgements(texts, relevant)).ndcg_10
        first = first or quality
        table.add_row(language, f"{quality:.3f}", f"{quality / first:.2f}")
    console.print(table)


def slip(typed, draw):
    """Return a name with a letter added, dropped, changed or swapped with the next."""
    at = draw.choice([place for place, letter in enumerate(typed) if letter.isalpha()])
    before, letter, after = typed[:at], typed[at], typed[at + 1 :]
    other = draw.choice(string.ascii_lowercase)
    return before + draw.choice(
        [other + letter + after, after, other + after, after[:1] + letter + after[1:]]
    )


def show_slips(asked, every, console):
    """Print how artists' names with accents and alt texts are found that have slips in them."""
    artists = sorted(
        name
        for name, works in asked.catalog.facets("artist", len(asked.catalog))
        if works > 1 and " " in name and not name.isascii() and not set(name) & set("(;,")
    )
    draw = random.Random(SEED)
    artists = draw.sample(artists, min(len(artists), NAMES // every))
    table = Table("edits", "share of the first five", "of the clean", title=f"{len(artists)} artists' names")
    clean = None
    for edits in (0, 1, 2):
        right = []
        for name in artists:
            typed = name
            for _ in range(edits):
                typed = slip(typed, draw)
            right.append(np.mean([name in hit.work.artist for hit in asked.search(typed, 5)] or [0]))
        clean = clean or np.mean(right)
        table.add_row(str(edits), f"{np.mean(right):.3f}", f"{np.mean(right) / clean:.2f}")
    console.print(table)
    alt_texts = judgements("met_alttext_dev", every)
    clean = judge(asked.search, alt_texts).ndcg_10
    table = Table(
        "drawn", "nDCG@10", "of the clean", title="Alt texts of the Met, one letter wrong in one word"
    )
    for seed in (1, 2, 3):
        draw = random.Random(seed)
        typed = {query: _with_a_slip(text, draw) for query, text in sorted(alt_texts.texts.items())}
        quality = judge(asked.search, Judgements(typed, alt_texts.relevant)).ndcg_10
        table.add_row(str(seed), f"{quality:.3f}", f"{quality / clean:.3f}")
    console.print(table)
    _show_words_alone(asked, every, console)


def _show_words_alone(asked, every, console):
    """Print how slips in words alone are read, and nonsense, by how sure it must be that it is one."""
    said = {word for title in asked.catalog.to_frame()["title"] for word in words(title) if len(word) > 5}
    often = sorted(word for word in said if word.isalpha() and asked.text.frequency(word) >= 5)
    by = [(words(name), works) for name, works in asked.catalog.facets("artist", len(asked.catalog))]
    families = {name[-1]: works for name, works in by if len(name) in {2, 3} and len(name[-1]) > 4}
    draw = random.Random(SEED)
    drawn = {
        "words of titles": draw.sample(often, min(len(often), WORDS // every)),
        "family names, by their works": draw.choices(
            [*families], [*families.values()], k=WORDS // (2 * every)
        ),
    }
    typed = {name: [(word, slip(word, draw)) for word in some] for name, some in drawn.items()}
    typed = {name: [two for two in some if not asked.text.frequency(two[1])] for name, some in typed.items()}
    strange = [
        word
        for make in (letters, syllables, surnames)
        for word in islice(nonsense(asked, draw, make), WORDS // (2 * every))
    ]
    table = Table(
        "times likelier than by chance",
        *typed,
        "and suggested",
        "nonsense",
        title="Slips in words alone, found",
    )
    for sure in (3.0, slips.SURE, 7.0):
        with patch.object(slips, "SURE", sure), patch.object(names, "SURE", sure):
            asked.search("warm up")
            found = {
                name: [_finds(asked, *each) for each in each_typed] for name, each_typed in typed.items()
            }
            shown = np.mean([len(asked.search(word, 1)) > 0 for word in strange])
        suggested = np.mean([told == "suggested" for some in found.values() for told in some])
        shares = [np.mean([told == "found" for told in some]) for some in found.values()]
        table.add_row(
            f"{np.exp(sure):,.0f}", *(f"{share:.3f}" for share in shares), f"{suggested:.3f}", f"{shown:.4f}"
        )
    console.print(table)


def _finds(asked, word, typed):
    """Return whether a slip in a word finds what says the word, or suggests it."""
    answer = asked.search(typed, 12)
    meant = set(asked.text.item_ids[asked.text.works_saying(word).rows].tolist())
    found = answer.item_ids.tolist()
    if found and 2 * len(meant.intersection(found)) >= min(len(meant), len(found)):
        return "found"
    return "suggested" if word in answer.suggested.values() else ""


def _with_a_slip(text, draw):
    """Return a text with a slip in one of its words of four letters or more."""
    typed = text.split()
    at = draw.choice([place for place, word in enumerate(typed) if len(word) > 3 and word.isalpha()])
    typed[at] = slip(typed[at].lower(), draw)
    return " ".join(typed)


def show_speed(asked, every, console):
    """Print how long answers take."""
    texts = [*judgements("tate_subjects_dev", 5 * every).texts.values()]
    texts += judgements("facets_decade_kind_dev", every).texts.values()
    for text in texts[:20]:
        asked.search(text, 12)
    spent = []
    for text in texts:
        start = time.process_time()
        asked.search(text, 12)
        spent.append((time.process_time() - start) * 1e3)
    console.print("CPU ms a search, p50 and p99: {:.1f}, {:.1f}".format(*np.percentile(spent, [50, 99])))


PARTS = {
    "steps": show_steps,
    "named": show_named,
    "floor": show_floor,
    "languages": show_languages,
    "slips": show_slips,
    "speed": show_speed,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--workspace", type=Path, help="a collection built before, instead of building it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = options.workspace or Path(folder)
        if options.workspace is None:
            build(TableSource(DATA / "collections" / "museum_117k.parquet", ignore=("alt_text",)), workspace)
        asked = Recommender.load(workspace)
        for part in options.part or PARTS:
            PARTS[part](asked, options.every, Console(width=120))


if __name__ == "__main__":
    main()
