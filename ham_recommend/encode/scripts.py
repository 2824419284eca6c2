"""Scripts other than the Latin: which signs are one, and how text without spaces is cut into words.

What is said of ASCII text needs none of this: the analyzer comes here only where other characters are.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

LONGEST_DECOMPOSED = 600_000
"""Characters: some become eighteen."""
HAN_VARIANTS = Path(__file__).with_name("han_variants.txt")

# Signs typed one for another. Apostrophes that are letters (okina, hamza, ayn) count for nothing.
_SIGNS = str.maketrans(
    dict.fromkeys("’‘‛´′՚׳", "'")
    | dict.fromkeys("ʻʼʽʾʿʹˈˀˁꞌꞋ״", "")
    | dict.fromkeys("‐‑⁃﹣－", "-")
    | {"ـ": "", "ی": "ي", "ى": "ي", "ک": "ك", "ہ": "ه", "ς": "σ"}
)
# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)
_ZEROS = (0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20)
_SIGNS |= {zero + digit: str(digit) for zero in (*_ZEROS, 0x1040, 0x17E0, 0x1810) for digit in range(10)}

# The accents and vowel points of the Latin, Greek, Cyrillic, Hebrew, Arabic and Syriac scripts, variation
# selectors and characters that are not seen. In other scripts a mark makes another letter or syllable.
_ACCENT = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u08ca-\u08e1\u08e3-\u08ff"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
    "\xad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0001-\U000e007f]"
)
_LETTERS_WITH_MARKS = {"и\u0306": "й", "і\u0308": "ї", "у\u0306": "ў"}

MARKS = "".join(
    letter
    for letter in map(chr, (*range(0x7A6, 0x1CFF), *range(0xA800, 0xAC00), *range(0x11000, 0x11F60)))
    if unicodedata.category(letter) in {"Mn", "Mc"}
)
_WORD = re.compile(rf"[\w{MARKS}]+")

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3041-\u3096\u3099-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
_THAI_AND_LAO = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ecf\u0edc-\u0edf"
_BURMESE_AND_KHMER = "\u1000-\u103f\u1050-\u108f\u1780-\u17d3\u17d7\u17dc\u17dd"
_HANGUL = "\uac00-\ud7a3"
_IDEOGRAPH = re.compile(f"[{_HAN}]")
_UNSPACED = re.compile(rf"[{_HAN}{_KANA}{_THAI_AND_LAO}{_BURMESE_AND_KHMER}]+|[{_HANGUL}]+")

# What cannot be parted: a letter with its marks, with a vowel written before it (Thai, Lao) or after it, with
# letters stacked under it (Khmer, Burmese) and with a final consonant (Burmese).
_CLUSTER = re.compile(
    rf"[เ-ไເ-ໄ]?[^{MARKS}ะาๅະາ](?:[\u17d2\u1039].|[{MARKS}ะาๅະາ])*(?:[\u1000-\u1021]\u103a[\u1037\u1038]*)*|.",
    re.DOTALL,
)
_LANGUAGES = {
    "russian": re.compile("[\u0400-\u04ff]"),
    "greek": re.compile("[\u0370-\u03ff]"),
    "arabic": re.compile("[\u0620-\u06ff]"),
    "hindi": re.compile("[\u0900-\u097f]"),
    "tamil": re.compile("[\u0b80-\u0bff]"),
    "armenian": re.compile("[\u0530-\u058f]"),
}
_KATAKANA = {hiragana: hiragana + 0x60 for hiragana in range(0x3041, 0x3097)}
_PARTICLES = frozenset("은는이가을를의에와과도로만")


def fold(text: str) -> str:
    """Return text in lower case, without the accents, points and ligatures that people leave out when typing.

    Parameters
    ----------
    text : str
        In lower case.
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_SIGNS))[:LONGEST_DECOMPOSED]
    for marked, letter in _LETTERS_WITH_MARKS.items():
        decomposed = decomposed.replace(marked, letter)
    return unicodedata.normalize("NFC", _ACCENT.sub("", decomposed)).lower().translate(_LETTERS)


def words(folded: str) -> list[str]:
    """Return the words of folded text in any script, in order.

    Where words are not spaced apart (Chinese, Japanese, Thai, Lao, Khmer, Burmese), each ideograph, each
    letter with its vowels and each pair of neighbours is a word. Korean words, whose endings change, are cut
    into pairs of syllables.
    """
    return _WORD.findall(_UNSPACED.sub(_cut, folded.replace("_", " ")))


def pieces(run: str) -> list[str]:
    """Return what :func:`words` cuts a run of unspaced text into, as it is written; nothing for others."""
    return [piece for found in _UNSPACED.finditer(run) for piece in _pieces(found[0])]


def _pieces(run: str) -> list[str]:
    return _syllables(run) if "\uac00" <= run[0] <= "\ud7a3" else _parted(_CLUSTER.findall(run))


def language_of(word: str) -> str:
    """Return the language whose endings a folded word has, as far as its script tells, else an empty text."""
    return next((language for language, letter in _LANGUAGES.items() if letter.match(word)), "")


def _cut(run: re.Match[str]) -> str:
    pieces = _syllables(run[0]) if "\uac00" <= run[0][0] <= "\ud7a3" else _clusters(run[0])
    return f" {' '.join(pieces)} "


def _syllables(run: str) -> list[str]:
    """Return pairs of syllables; two may as well be a word of one and a particle."""
    alone = [run[0]] if len(run) == 2 and run[1] in _PARTICLES else []
    return [*alone, *map("".join, pairwise(run))] or [run]


def _clusters(run: str) -> list[str]:
    """Return the characters that may be words and each pair of neighbours; a bare letter is no word."""
    return _parted(_CLUSTER.findall(run.translate(_han_variants()).translate(_KATAKANA)))


def _parted(found: list[str]) -> list[str]:
    alone = [one for one in found if len(one) > 1 or _IDEOGRAPH.match(one)]
    return [*alone, *map("".join, pairwise(found))] or found


@cache
def _han_variants() -> dict[int, str]:
    """Read traditional, Japanese and regional character → the one it is searched as."""
    lines = HAN_VARIANTS.read_text(encoding="utf-8").splitlines()
    return {ord(variant): line[0] for line in lines if line[0] != "#" for variant in line[1:]}
