"""Which time a question names: a century, a decade, years, and before or after which."""

from __future__ import annotations

import re

from ham_recommend.catalog.dates import parse_date

_ORDINAL = r"(?:\d{1,2}(?:st|nd|rd|th|\.|e|eme|de|ste)?|[ivx]{1,5}e?|(?:twenty-)?[a-z]+(?:st|nd|rd|th))"
_CENTURY = r"(?:century|centuries|jahrhunderts?|siecles?|siglos?|secol[oi]|eeuw)"
_BCE = r"(?:\s*b\.?\s?c\.?(?:\s?e\.?)?\b|\s*(?:a\.?d\.?|c\.?e\.?)(?![\w]))?"
TIME = re.compile(
    rf"\b(?:(?:early|mid|late)[\s-]+)?{_ORDINAL}(?:\s*(?:-|–|to|and)\s*{_ORDINAL})?[\s-]+{_CENTURY}\b{_BCE}"
    rf"|\b{_CENTURY}\s+[ivx]{{1,5}}\b"
    rf"|\b(?:(?:early|mid|late)[\s-]+)?(?:the\s+)?1\d{{3}}'?s\b|\b(?:the\s+)?20\d0'?s\b"
    rf"|\b(?P<rel>before|after|until|since|from|between|around|circa|c\.|ca\.)\s*\d{{3,4}}{_BCE}"
    rf"(?:\s*(?:-|–|to|and|until)\s*\d{{3,4}}{_BCE})?"
    r"(?P<on>\s+(?:onwards?|on|(?:or|and)\s+later|(?:to|until|till)\s+(?:the\s+)?(?:present|today|now))\b)?"
    rf"|\b(?:1\d{{3}}|20[0-4]\d)\s*(?:-|–|to)\s*(?:1\d{{3}}|20[0-4]\d)\b"
    rf"|(?<![\w.])(?:1[0-9]\d\d|20[0-4]\d)\b(?!\.\d)|\b\d{{1,4}}\s*b\.?c\.?(?:e\.?)?\b"
)
"""A time in folded words; see :func:`years_of`."""


def years_of(match: re.Match[str]) -> tuple[int | None, int | None] | None:
    """Return the first and last year of a time that is named."""
    said, relation = match[0], match["rel"]
    onwards = bool(match["on"])
    said = said.removesuffix(match["on"] or "")
    read = parse_date(
        said
        if relation not in {"after", "since", "from", "before", "until", "between"}
        else said[len(relation) :]
    )
    if read.begin is None or read.end is None:
        return None
    if relation in {"before", "until"}:
        return None, read.end if relation == "until" else read.begin - 1
    if relation in {"after", "since"} or onwards:
        return read.begin if relation != "after" else read.end + 1, None
    return read.begin, read.end
