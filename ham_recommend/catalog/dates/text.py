"""One spelling for what is written in many: no accents, one kind of dash, calendar dates as their year."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 300
"""Characters of a date that are read; what is longer is prose, or damaged."""

UNSPACED = r"\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u3040-\u30fb\u3400-\u9fff\uac00-\ud7af"
"""Scripts that are written without spaces between words, as part of a character class."""

_ALIKE = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–−‾﹣－˗〜～∼", "-"),
        **dict.fromkeys("—―", "--"),
        **dict.fromkeys('’‘`´ʼʹ′ʻ״׳"“”', "'"),
        **dict.fromkeys("、，；؛،", ","),
        **dict.fromkeys("\u0640\u200b\u200c\u200d\u200e\u200f\u00ad", None),
    }
)
_MONTH, _DAY = "(?:0[1-9]|1[0-2]|xx|uu)", r"(?:0[1-9]|[12]\d|3[01]|xx|uu)"
_TIME = r"(?:[t ]\d\d:\d\d[\d:.]*+(?:z|[+-]\d\d:?\d\d)?)?"
_ROMAN_MONTH = "(?:X?I{1,3}|I?[VX]|VI{1,3})"
_ROMAN_YEAR = re.compile(r"\bM{1,2}[. ]?(?:C[MD]|D?C{0,4})[. ]?(?:X[CL]|L?X{0,4})[. ]?(?:I[XV]|V?I{0,4})\b")
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_CHINESE_NUMBER = re.compile("[〇零一二三四五六七八九十百千廿卅元]+(?=世[紀纪]|年(?![紀纪])|千年[紀纪])")
_CHINESE_DIGITS = {sign: at for at, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "元": 1}
_CHINESE_TENS = {"十": 10, "百": 100, "千": 1000}

_FORMS = tuple(
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        # calendar dates → their year
        (rf"(?<!\d)(\d{{4}})-{_MONTH}/(\d{{4}})-{_MONTH}(?![\d-])", r" \1/\2 "),
        (rf"(?<!\d)\+?(-\d{{1,6}}|\d{{4,6}})-{_MONTH}-{_DAY}(?!\d){_TIME}", r" \1 "),
        (r"(?<!\d)(\d{4})-(?:xx|uu)(?!\w)", r" \1 "),
        (r"(?<!\d)\d{1,2}([./-])\d{1,2}\1(\d{4})(?!\d)", r" \2 "),
        (r"(?<!\d)(\d{4})([-./])\d{1,2}\2\d{1,2}(?!\d)", r" \1 "),
        (r"(?<!\d)([12]\d{3})(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)(?:t[\d:]+z?)?", r" \1 "),
        (r"(?<![\d/.-])\d{1,2}/(\d{4})(?!\d)|(?<![\d.])(?:0?[1-9]|1[0-2])\.(\d{4})(?!\d)", r" \1\2 "),
        (rf"(?<![\w.])(?:\d{{1,2}}[. /-]{{1,2}})?{_ROMAN_MONTH}[./-]{{1,2}}(\d{{4}})(?!\d)", r" \1 "),
        (rf"(?<![\w.])\d{{1,2}}[. ]{{1,2}}{_ROMAN_MONTH}[. ]{{1,2}}(\d{{4}})(?!\d)", r" \1 "),
        # 10,000 and 10 000 BC
        (r"(?<![\d,.])(\d{1,3})[,.](\d{3})(?![\d,.])", r"\1\2"),
        (r"(?<![\d.,/-])(\d{1,3}) (\d{3})(?= ?[^\W\d]| ?- ?\d{1,3} \d{3} ?[^\W\d])", r"\1\2"),
        # '800 is the 1800s, 1. Jh. v./n. Chr., t/m is through, 1850~1860 is a range
        (r"(?<!\d)'([2-9])00(?!\w)", r" 1\g<1>00s"),
        (r"\bv\.(?= ?(?:[-/]|bis|und)[^,;]{0,20}\bn\. ?chr)", " v. Chr. "),
        (r"\bt/m\b", " tot "),
        (r"(?<=[\d年]) ?~ ?(?=\d)", "-"),
        # libraries write 9999 for a year to come; millions of years are no years of a work
        (r"(?<=\d) ?[-/] ?9999(?!\d)", "-present"),
        (r"[\d.,]+(?: ?- ?[\d.,]+)? ?(?:million(?: years?(?: ago| old)?)?|mya)\b", " million "),
    )
)
_HAS_FORMS = re.compile(
    r"\d[,./]\d|\d-\d{1,2}-\d|\d{8}|\d \d|'\d|[tT]/[mM]|v\. ?[-/bu]|~|\d-[xXuU]|[IVXivx][. /-]{1,2}\d{4}"
    r"|9999|\d ?m[iy]"
)


def folded(text: str) -> str:
    """Return the text without accents, with one kind of dash and quote; capitals stay."""
    if text.isascii():
        return text.replace('"', "'").replace("`", "'")
    apart = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", plain).translate(_ALIKE)


def spelled_out(text: str) -> tuple[str, bool]:
    """Return a date in one spelling, and whether all of it is there.

    Parameters
    ----------
    text : str
        Anything; of more than 300 characters only those before the last blank are read.

    Returns
    -------
    (str, bool)
        Years in digits, calendar dates as their year, and whether nothing was cut off.
    """
    whole = len(text) <= LONGEST
    if not whole:
        text = text[:LONGEST].rpartition(" ")[0]
    plain = folded(text)
    if "M" in plain:
        plain = _ROMAN_YEAR.sub(_roman_year, plain)
    if not plain.isascii():
        plain = _CHINESE_NUMBER.sub(_chinese_number, plain)
    if _HAS_FORMS.search(plain):
        for pattern, instead in _FORMS:
            plain = pattern.sub(instead, plain)
    return plain, whole


def _roman_year(match: re.Match[str]) -> str:
    """Return MDCCCXL as 1840; what is too short to be a year stays."""
    digits = [_ROMAN_DIGITS[sign] for sign in match[0] if sign in _ROMAN_DIGITS]
    if len(digits) < 3:
        return match[0]
    year = sum(-one if one < after else one for one, after in zip(digits, [*digits[1:], 0], strict=True))
    return str(year) if 1400 <= year <= 2100 else match[0]


def _chinese_number(match: re.Match[str]) -> str:
    """Return 十九 as 19 and 一八九〇 as 1890."""
    signs = match[0].replace("廿", "二十").replace("卅", "三十")
    if not set(signs) & set(_CHINESE_TENS):
        return "".join(str(_CHINESE_DIGITS[sign]) for sign in signs)
    total = digit = 0
    for sign in signs:
        if sign in _CHINESE_TENS:
            total += (digit or 1) * _CHINESE_TENS[sign]
            digit = 0
        else:
            digit = _CHINESE_DIGITS[sign]
    return str(total + digit)
