"""What the tokens around a number make of it."""

from __future__ import annotations

from ham_recommend.catalog.dates.tokens import CENTURIES, PARTS, Token, kind_at

COUNTS = {"number", "ordinal", "roman", "rank"}
"""Tokens that can count centuries."""

LINKS = {"link", "and", "until"}
"""Tokens that join two numbers."""

SHARED_ACROSS = {
    *LINKS,
    *PARTS,
    "early",
    "mid",
    "late",
    "first half",
    "second half",
    "circa",
    "doubt",
    "plain",
    "fraction",
}
"""What may stand between a number and the word for century that it shares with a later one."""

HIGHEST_CENTURY = 50
_HIGHEST_OF_TODAY = 21
_LOWEST_PLAIN_YEAR = 1000
_FARTHEST = 14


def opens(tokens: list[Token], at: int) -> bool:
    """Tell the word for century in *siglo XVI* from that in *XVI secolo*."""
    if kind_at(tokens, at - 1) in {*COUNTS, "decade"}:
        return False
    there = at + 1
    while there < at + 3 and kind_at(tokens, there) in {"quote", "link", "plain", "and"}:
        there += 1
    if there >= len(tokens):
        return False
    if tokens[at].kind == "decade word":
        return tokens[there].kind in {"number", "decade", "ordinal"}
    return tokens[there].kind in COUNTS and tokens[there].value <= HIGHEST_CENTURY


def unit_ahead(tokens: list[Token], at: int) -> str:
    """Return the century or millennium that ``18th and early 19th century`` share, or nothing."""
    for there in range(at + 1, min(at + _FARTHEST, len(tokens))):
        token = tokens[there]
        if token.kind in CENTURIES:
            return "" if opens(tokens, there) else token.kind.removeprefix("buddhist ")
        listed = token.text == "," and kind_at(tokens, there + 1) in COUNTS
        counted = token.kind in COUNTS and token.value <= HIGHEST_CENTURY
        if not (counted or listed or token.kind in SHARED_ACROSS):
            return ""
    return ""


def century_of_decade(tokens: list[Token], at: int) -> int:
    """Return the 19 of ``20er Jahre des 19. Jh.`` and take it out of the tokens; 0 where there is none."""
    for there in range(at + 1, min(at + 6, len(tokens))):
        token = tokens[there]
        beside = {kind_at(tokens, there - 1), kind_at(tokens, there + 1)}
        if token.kind in COUNTS and 1 <= token.value <= _HIGHEST_OF_TODAY and beside & CENTURIES:
            token.kind = ""
            return token.value
        if token.kind not in {"plain", "decade word", "century"}:
            return 0
    return 0


def counts_a_fraction(tokens: list[Token], at: int) -> bool:
    """Return whether a number is the second or the third of *2nd-3rd quarter*."""
    if not -1 <= tokens[at].value <= max(PARTS.values()):
        return False
    while kind_at(tokens, at + 1) in LINKS and kind_at(tokens, at + 2) in {*COUNTS, "third"}:
        at += 2
    after = kind_at(tokens, at + 1)
    return after in PARTS or (after == "plain" and kind_at(tokens, at + 2) in PARTS)


def is_no_date(tokens: list[Token], at: int) -> bool:
    """Return whether a number is that of *no. 1850*, *2nd state* or *thirty-second*."""
    token, before, after = tokens[at], kind_at(tokens, at - 1), kind_at(tokens, at + 1)
    small = token.kind == "ordinal" or token.value < _LOWEST_PLAIN_YEAR
    if before == "label" and token.kind == "number":
        return True
    if small and (before == "counted" or after in {"counted", "copy"}):
        return True
    if token.kind != "rank":
        return False
    hyphened = before == "link" and token.touching and kind_at(tokens, at - 2) == "word"
    return hyphened or any(kind_at(tokens, there) == "tens" for there in range(at - 4, at))
