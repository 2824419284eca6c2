"""From the text of a date to its tokens: numbers, and words by what they mean in any language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from ham_recommend.catalog.dates.text import UNSPACED, spelled_out
from ham_recommend.catalog.dates.vocabulary import Meaning, phrases_by_first_word

ORDINAL = (
    *("st", "nd", "rd", "th", "e", "er", "ere", "eme", "ieme", "de", "ste", "nde", "rde", "te", "ter", "tes"),
    *("o", "a", "ος", "ου", "ον", "η", "й", "я", "го", "ый", "ой", "ая", "м", "ти"),
)
"""What is written behind a number that counts: *19th*, *2ª*, *XIXe*."""

DECADE = (
    *(
        "s",
        "er",
        "ers",
        "ies",
        "erne",
        "arene",
        "ara",
        "t",
        "tal",
        "tals",
        "tall",
        "talet",
        "talets",
        "tallet",
    ),
    *("tallets", "luku", "luvun", "luvulla", "luvulta", "е", "х", "ые", "ых", "lar", "ler"),
)
"""What is written behind the first year of a decade or of a hundred years: *1850s*, *1800-tallet*."""

PARTS = {"half": 2, "third": 3, "quarter": 4, "tenth": 10}
"""Fractions of a century, a decade or a period → how many make the whole."""

CENTURIES = {"century", "millennium", "buddhist century"}
"""Words that say what a number counts."""

_SUFFIX = "|".join(sorted({*ORDINAL, *DECADE}, key=len, reverse=True))
_ENDS = r"(?:(?=[cC](?:ent|(?![^\W_])))|(?![^\W_]|\.\s?[^\W\d_]{1,2}\b))"  # 18thC, but not the a of 300a.C.
_TOKEN = re.compile(
    r"(?P<masked>(?<![^\W_])(?:(?:1\d|20)(?:\d(?:[xXuU_*]|-(?!-|\s*[\w(]))|xx|XX|uu|__|\*\*|\?\?|-[-?](?!\s*\w))"
    r"|(?:1[4-9]|20)\d\?)(?![^\W_]))"
    r"|(?P<fraction>(?<![\w./-])[1-4]/[2-4](?![\w./-]))"
    rf"|(?P<number>\d++)(?:[-':.]?(?P<suffix>(?i:{_SUFFIX})){_ENDS}|(?P<dot>\.(?![.\d])))?"
    rf"|(?P<word>[{UNSPACED}]|[^\W\d_{UNSPACED}]++)"
    r"|(?P<dots>\.{2,})|(?P<margin>±|\+/?-)|(?P<link>[-/&]|\+(?=\s?\d))|(?P<end>[,;()])"
    r"|(?P<doubt>\?)|(?P<about>[~≈%])|(?P<less>[<≤])|(?P<more>[>≥+])|(?P<colon>:)|(?P<quote>')|(?P<sign>[*†])"
)
_SYMBOLS = {"about": "circa", "less": "before", "more": "after", "sign": "life", "dots": "link"}
_ROMAN_ORDINAL = re.compile(rf"([ivx]+?)(?:{'|'.join(ORDINAL)})?")
_CYRILLIC_ROMAN = str.maketrans("хі", "xi")
_NUMERALS = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi"
_ROMAN = {numeral: value for value, numeral in enumerate(_NUMERALS.split(), start=1)}
_COUNTED = {"number", "ordinal", "roman"}
_NUMBERS = {"number", "ordinal", "decade", "masked"}
_NO_DATE = {"word", "and", "life", "label"}
_UNSPACED = re.compile(f"[{UNSPACED}]")
_KINDS_OF_LETTERS = {"word", "circa", "roman", "ah", "and", "plain"}
_SHORTHAND = {"e": "early", "m": "mid", "l": "late"}


@dataclass(slots=True)
class Token:
    """A number, a sign, or a phrase.

    Parameters
    ----------
    kind : str
        ``"number"``, ``"ordinal"``, ``"decade"``, ``"roman"``, ``"masked"`` (``185-``),
        ``"fraction"`` (``2/4``), ``"day"``, ``"link"``, ``"end"``, ``"colon"``, ``"doubt"``, ``"margin"``,
        a meaning of the vocabulary, ``"word"`` for what is not understood, or ``""`` for what says nothing.
    text : str
        As written, in lower case; of a number its digits.
    value : int
        Of a number, of a roman one and of a rank.
    touching : bool
        Whether nothing stands between it and the token before.
    capital : bool
        Whether it was written in capitals.
    years : (int, int) or None
        Of a period or a masked number, its first and last year.
    """

    kind: str
    text: str = ""
    value: int = 0
    touching: bool = False
    capital: bool = False
    years: tuple[int, int] | None = None


def kind_at(tokens: list[Token], at: int) -> str:
    """Return the kind of a token, or nothing where there is none."""
    return tokens[at].kind if 0 <= at < len(tokens) else ""


def read_tokens(text: str) -> tuple[list[Token], bool]:
    """Return the tokens of a date, and whether the whole of it was read."""
    plain, whole = spelled_out(text)
    tokens = _phrases(_scanned(plain))
    for at, token in enumerate(tokens):
        if token.capital and (numeral := _roman(token)) and _before_a_century(tokens, at):
            token.kind, token.value = "roman", numeral
        elif len(token.text) == 1 and token.kind in _KINDS_OF_LETTERS:
            _decide_a_letter(tokens, at, token)
    _refuse_glued_numbers(tokens)
    _set_days_apart(tokens)
    _set_labels_apart(tokens)
    return tokens, whole


def _scanned(plain: str) -> list[Token]:
    found, end = [], -1
    for match in _TOKEN.finditer(plain):
        token = _token(match)
        token.touching = match.start() == end
        end = match.end()
        found.append(token)
    return found


def _token(match: re.Match[str]) -> Token:
    kind, text = str(match.lastgroup), match[0]
    if kind == "word":
        return Token("word", text.lower(), capital=text[0].isupper())
    if digits := match["number"]:
        suffix = match["suffix"]
        return Token(_counted_as(int(digits), suffix.lower()) if suffix else "number", digits, int(digits))
    if kind == "masked":
        known = text.rstrip("xXuU_*-?")
        size = 10 ** (4 - len(known))
        return Token(kind, text, years=(int(known) * size, int(known) * size + size - 1))
    return Token(_SYMBOLS.get(kind, kind), text)


def _counted_as(value: int, suffix: str) -> str:
    decade = suffix in DECADE and (value >= 100 or value % 10 == 0 < value)
    return "decade" if decade else "ordinal"


def _phrases(tokens: list[Token]) -> list[Token]:
    """Put the longest phrases that are known in place of their words."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        after = at + 1
        if token.kind == "word":
            meaning, after = _longest_phrase(tokens, at)
            if meaning is not None:
                kind, value, years = meaning
                token = Token(kind, token.text, value, token.touching, token.capital, years)
            elif numeral := _roman(token):
                token.kind, token.value = "roman", numeral
        found.append(token)
        at = after
    return found


def _longest_phrase(tokens: list[Token], at: int) -> tuple[Meaning | None, int]:
    """Return what the longest phrase that begins here means, and where it ends.

    *B.C.* is an era behind a number, but *b. c. 1903* is a birth.
    """
    for rest, meaning in phrases_by_first_word().get(tokens[at].text, ()):
        after = at + 1
        for word in rest:
            if after + 1 < len(tokens) and tokens[after].text in {"-", "'"} and tokens[after + 1].touching:
                after += 1
            if after >= len(tokens) or tokens[after].text != word or tokens[after].kind != "word":
                break
            after += 1
        else:
            if meaning.kind == "bce behind" and kind_at(tokens, after) == "number":
                continue
            return meaning, after
    return None, at + 1


def _roman(token: Token) -> int:
    text = token.text if token.text.isascii() else token.text.translate(_CYRILLIC_ROMAN)
    match = _ROMAN_ORDINAL.fullmatch(text)
    return _ROMAN.get(match[1], 0) if match else 0


def _before_a_century(tokens: list[Token], at: int) -> bool:
    after = kind_at(tokens, at + 1)
    return after in CENTURIES or (after == "word" and tokens[at + 1].text in {"s", "c"})


def _decide_a_letter(tokens: list[Token], at: int, token: Token) -> None:
    """Decide what a letter means by what stands beside it."""
    text, before, after = token.text, kind_at(tokens, at - 1), kind_at(tokens, at + 1)
    following = tokens[at + 1] if after else None
    if text == "c":
        glued = after in {"number", "ordinal"} and following is not None and following.touching
        behind = before in _COUNTED and tokens[at - 1].value < 50
        if behind or (glued and following is not None and len(following.text) < 3):
            token.kind = "century"
    elif text == "s":
        small = following is not None and (_roman(following) or (after == "number" and following.value < 22))
        if before in {"ordinal", "roman"} or small:
            token.kind = "century"
    elif text in _SHORTHAND and following is not None and following.touching and after in _COUNTED:
        token.kind = _SHORTHAND[text]
    elif text in {"i", "v", "x"} and not token.capital:
        beside = {before, after} & {*CENTURIES, *PARTS}
        small = after in _COUNTED and following is not None and following.value < 50
        understood = "and" if text == "i" else "plain" if text == "v" and small else "word"
        token.kind, token.value = "roman" if beside else understood, _ROMAN[text]
    elif text in {"i", "v", "x"} and not (text == "i" and before in _COUNTED and after == "roman"):
        token.kind, token.value = "roman", _ROMAN[text]
    elif text == "h":
        half = before == "number" and tokens[at - 1].value <= 2
        token.kind = "half" if half else "ah" if before else "word"
    elif following is not None and following.text == "'" and following.touching:
        token.kind = "plain"


def _refuse_glued_numbers(tokens: list[Token]) -> None:
    """Take no number that letters touch, unless they are understood."""
    for token, following in pairwise(tokens):
        if following.touching:
            if token.kind in _NUMBERS and _says_no_date(following):
                token.kind = "word"
            elif following.kind in _NUMBERS and _says_no_date(token):
                following.kind = "word"


def _says_no_date(token: Token) -> bool:
    return token.kind in _NO_DATE and token.text.isalpha() and not _UNSPACED.match(token.text)


def _set_days_apart(tokens: list[Token]) -> None:
    """Mark the days beside a month: *12 June*, *June 10-12*, *5 de mayo*."""
    for at, token in enumerate(tokens):
        if token.kind == "month":
            for step in (-1, 1):
                _mark_days(tokens, at, step)


def _mark_days(tokens: list[Token], at: int, step: int) -> None:
    beside = at + step
    if kind_at(tokens, beside) == "plain":
        beside += step
    while 0 <= beside < len(tokens) and tokens[beside].kind in {"number", "ordinal", "roman"}:
        if not 1 <= tokens[beside].value <= 31 or kind_at(tokens, beside + 1) in CENTURIES:
            return
        tokens[beside].kind = "day"
        if kind_at(tokens, beside + step) not in {"link", "and"}:
            return
        tokens[beside + step].kind = "day" if step < 0 else tokens[beside + step].kind
        beside += 2 * step


def _set_labels_apart(tokens: list[Token]) -> None:
    """Let what stands before a colon say nothing: *Base: 1101-1150; Lid: 1690*."""
    start = 0
    for at, token in enumerate(tokens):
        if token.kind == "end":
            start = at + 1
        elif token.kind == "colon":
            label = tokens[start:at]
            if not any(one.kind in {*_COUNTED, "decade", "masked", "period"} for one in label):
                for one in label:
                    one.kind = "plain" if one.kind != "copy" else "copy"
            start = at + 1
