"""How often a slip of the pen is read as what was meant, and how long that takes.

    python benchmarks/spelling.py [--slips 1500]

Frequent words of 117,243 real records (``$HAM_DATA/collections``, default ``../shared/data``) with one letter
added, dropped, changed or swapped with its neighbour; long words sometimes with two. Slips that happen to be
words of the collection are left out.
"""

from __future__ import annotations

import argparse
import random
import string
import time

import numpy as np
from rich.console import Console
from rich.table import Table
from text_search import read_documents

from ham_recommend.encode.analyzer import stem
from ham_recommend.encode.text import count_words
from ham_recommend.index.spelling import Spelling

FREQUENT = 20


def slip(word, draw):
    at, letter = draw.randrange(len(word)), draw.choice(string.ascii_lowercase)
    before, here, after = word[:at], word[at], word[at + 1 :]
    return draw.choice(
        [
            before + letter + here + after,
            before + after,
            before + letter + after,
            before + after[:1] + here + after[1:],
        ]
    )


def slips(words, terms, count):
    draw = random.Random(0)
    while count:
        meant = draw.choice(words)
        typed = slip(meant, draw)
        if len(meant) >= 8 and draw.random() < 0.3:
            typed = slip(typed, draw)
        if typed != meant and stem([typed])[0] not in terms:
            count -= 1
            yield meant, typed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slips", type=int, default=1500)
    options = parser.parse_args()
    counted = count_words(read_documents())
    spelling, terms = Spelling(counted.words, counted.frequencies), set(stem(counted.words))
    pairs = zip(counted.words, counted.frequencies.tolist(), strict=True)
    frequent = [
        word for word, n in pairs if n >= FREQUENT and word.isascii() and word.isalpha() and len(word) > 4
    ]
    spelling.correct("warmup")
    right, alike, spent = 0, 0, []
    for meant, typed in slips(frequent, terms, options.slips):
        start = time.perf_counter()
        found = spelling.correct(typed)
        spent.append((time.perf_counter() - start) * 1e3)
        right += found == meant
        alike += found is not None and stem([found]) == stem([meant])
    table = Table(
        "slips", "right word", "right stem", "ms p50", "p99", title=f"{len(counted.words):,} known words"
    )
    shares = [f"{share / options.slips:.3f}" for share in (right, alike)]
    table.add_row(
        f"{options.slips:,}", *shares, *(f"{value:.2f}" for value in np.percentile(spent, [50, 99]))
    )
    Console().print(table)


if __name__ == "__main__":
    main()
