"""From the text of a date to the things it names: text → tokens → spans."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from ham_recommend.catalog.date_words import (
    DYNASTIES_OF_EGYPT,
    KIND,
    LATEST,
    OFFSET,
    PARTS,
    PERIOD_NAMES,
    PERIODS,
    RANK,
    REWRITES,
    ROMAN,
)

_LONGEST = 300
_EARLY_MID_LATE = {"early": (0.0, 0.25), "mid": (0.25, 0.75), "late": (0.75, 1.0)}

_TOKEN = re.compile(
    rf"(?P<period>{PERIOD_NAMES.pattern})"
    r"|(?P<number>\d+)(?P<suffix>s|st|nd|rd|th|er|eme|ieme|e|ere|re|de|ste|o|a|\.)?(?![a-z])"
    r"|(?P<digits>\d+)"
    r"|(?P<minus>(?<!\S)-(?=\d))"
    r"|(?P<link>[-/&])"
    r"|(?P<end>[,;()])"
    r"|(?P<doubt>\?)"
    r"|(?P<word>[^\W\d_]+)"
)
_ROMAN_ORDINAL = re.compile(r"([ivx]+?)(?:e|eme|ieme|er|th|o|a)?")


def _plain(text: str) -> str:
    """Return the text in lower case, without accents, with one kind of dash, and rewritten."""
    apart = unicodedata.normalize("NFKD", text[:_LONGEST]).lower()
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    plain = re.sub(r"[-\u2010-\u2015\u2212]+", "-", re.sub("[’‘`]", "'", plain))
    for pattern, instead in REWRITES:
        plain = pattern.sub(instead, plain)
    return plain


@dataclass(slots=True)
class _Token:
    kind: str
    text: str = ""
    value: int = 0


def _tokens(text: str) -> list[_Token]:
    found = [_token(match) for match in _TOKEN.finditer(text)]
    for token, following in pairwise(found):
        counted = token.kind in {"ordinal", "roman"}
        if following.kind == "word" and following.text in {"c", "s"} and counted:
            following.kind = "century"
        if token.kind == "word" and token.text == "s" and following.kind == "roman":
            token.kind = "century"
    for token in found:
        if token.kind == "word" and token.text == "c":
            token.kind = "circa"
    return found


def _token(match: re.Match[str]) -> _Token:
    kind, text = str(match.lastgroup), match[0]
    if match["number"]:
        suffix = match["suffix"] or ""
        kind = "decade" if suffix == "s" else "number" if suffix in {"", "."} else "ordinal"
        return _Token(kind, match["number"], int(match["number"]))
    if kind == "digits":
        return _Token("number", text, int(text))
    if kind != "word":
        return _Token(kind, text)
    if text in RANK:
        return _Token("rank", text, RANK[text])
    roman = _ROMAN_ORDINAL.fullmatch(text)
    if roman and roman[1] in ROMAN:
        return _Token("roman", text, ROMAN[roman[1]])
    return _Token(KIND.get(text, "word"), text)


@dataclass(slots=True)
class Span:
    """One thing the text names: a year, decade, century, millennium or period.

    Parameters
    ----------
    unit : {"year", "decade", "century", "millennium", "period"}
        What ``number`` counts.
    number : int
        As written; of a decade its first year.
    digits : int
        Of a year or decade, how many were written.
    linked : bool
        Whether a dash or an *and* joins it to the span before.
    era, inherited : str
        ``"bce"``, ``"ce"`` or another calendar; said of this number, or of the one it is linked to.
    parts : list of (float, float)
        *early*, *third quarter*, … as fractions of the whole.
    turn, circa, doubt : bool
        What was said of it.
    bound : {"", "before", "after"}
        Whether it is only the last or the first year.
    years : (int, int) or None
        Of a period, its years.
    """

    unit: str
    number: int
    digits: int = 0
    linked: bool = False
    era: str = ""
    inherited: str = ""
    parts: list[tuple[float, float]] = field(default_factory=list)
    turn: bool = False
    circa: bool = False
    doubt: bool = False
    bound: str = ""
    years: tuple[int, int] | None = None

    @property
    def calendar(self) -> str:
        """The era that counts."""
        return self.era or self.inherited


def read_spans(text: str) -> list[Span]:
    """Return what a date names, in the order of the text; only its first 300 characters are read."""
    return _Reader(_tokens(_plain(text))).read()


class _Reader:
    """Turns tokens into spans; what is said before a number waits until the number comes."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.spans: list[Span] = []
        self.forgetting = ""
        self._start_segment()

    def _start_segment(self) -> None:
        self.adjacent = False  # whether an era would follow a number
        self.linked = False
        self.circa = False
        self.era, self.era_used = "", False
        self.bound = ""
        self.turn = False
        self.rank = 0
        self.parts: list[tuple[float, float]] = []
        self.unit_before = ""

    def read(self) -> list[Span]:
        doubt = any(token.kind == "doubt" for token in self.tokens)
        for at, token in enumerate(self.tokens):
            take = _TAKE.get(token.kind)
            if take is not None:
                take(self, at, token)
        self._trailing_parts()
        for span in self.spans:
            span.doubt = doubt
        return self.spans

    def end(self, at: int, token: _Token) -> None:  # noqa: ARG002
        self._trailing_parts()
        self._start_segment()
        if self.forgetting == "copy" or token.text != ",":
            self.forgetting = ""

    def link(self, at: int, token: _Token) -> None:  # noqa: ARG002
        self.linked = bool(self.spans) and not self.parts
        self.adjacent = False

    def minus(self, at: int, token: _Token) -> None:
        if self.adjacent:
            self.link(at, token)
        else:
            self.era, self.era_used = "bce", False

    def about(self, at: int, token: _Token) -> None:  # noqa: ARG002
        self.circa = True

    def limit(self, at: int, token: _Token) -> None:
        if token.text in {"until", "till"} and self.adjacent:
            self.link(at, token)
        else:
            self.bound = token.kind

    def limit_after(self, at: int, token: _Token) -> None:  # noqa: ARG002
        if self.spans and not self.forgetting:
            self.spans[-1].bound = "after" if token.kind == "orlater" else "before"

    def part(self, at: int, token: _Token) -> None:  # noqa: ARG002
        self.parts.append(_EARLY_MID_LATE[token.kind])

    def fraction(self, at: int, token: _Token) -> None:
        if token.kind == "third" and not self.rank:
            self.number(at, _Token("rank", token.text, 3))
            return
        whole = PARTS[token.kind]
        rank = whole if self.rank == -1 else self.rank
        if 1 <= rank <= whole:
            self.parts.append(((rank - 1) / whole, rank / whole))
        self.rank = 0

    def turning(self, at: int, token: _Token) -> None:  # noqa: ARG002
        self.turn = True

    def forget(self, at: int, token: _Token) -> None:  # noqa: ARG002
        """Leave out the years of a life, and those of a copy where the original's are known."""
        if token.kind == "life" or self.spans:
            self.forgetting = token.kind

    def unit(self, at: int, token: _Token) -> None:  # noqa: ARG002
        if self.spans and token.kind == self.spans[-1].unit:
            self.linked = False
            self.adjacent = True
        else:
            self.unit_before = "decade" if token.kind == "decade word" else token.kind

    def calendar(self, at: int, token: _Token) -> None:
        prefixes = token.kind in OFFSET and self._kind(at + 1) == "number"
        if not self.adjacent or prefixes or self.spans[-1].era:
            self.era, self.era_used = token.kind, False
            return
        self.era = ""
        for span in reversed(self.spans):
            if span.era:
                break
            span.era = token.kind
            if span.inherited or not span.linked:
                break
        if token.kind == "ah":
            # "late 11th century AH/AD 17th century": the other half is late, too
            self.parts = list(self.spans[-1].parts)

    def world_year(self, at: int, token: _Token) -> None:
        """Take the Byzantine *7192 AM*, but not the German *am 5. Mai*."""
        if self.adjacent and self.spans[-1].number > LATEST:
            self.calendar(at, token)

    def period(self, at: int, token: _Token) -> None:  # noqa: ARG002
        self._add("period", token, PERIODS[token.text])

    def number(self, at: int, token: _Token) -> None:
        around = (self._kind(at - 1), self._kind(at + 1))
        if around[1] in PARTS and token.kind != "roman":
            self.rank = token.value
        elif "dynasty" in around and 1 <= token.value <= len(DYNASTIES_OF_EGYPT):
            self._add("period", token, DYNASTIES_OF_EGYPT[token.value - 1])
        elif "other" not in around and (unit := self._unit_of(at, token)):
            self._add(unit, token)
        self.unit_before = ""

    def _kind(self, at: int) -> str:
        return self.tokens[at].kind if 0 <= at < len(self.tokens) else ""

    def _unit_of(self, at: int, token: _Token) -> str:
        """Return what a number counts; empty when it is no date."""
        small = 1 <= token.value <= 30 and token.kind != "decade"
        if small and self.unit_before in {"century", "millennium"}:
            return self.unit_before
        if small and (ahead := self._unit_ahead(at)):
            return ahead
        if token.kind == "ordinal" and 1 <= token.value <= 21:
            return "century"
        if token.kind == "decade" or (self.unit_before == "decade" and token.value % 10 == 0):
            return "decade"
        return "year" if token.kind == "number" else ""

    def _unit_ahead(self, at: int) -> str:
        """Return the century or millennium word that ``18th and early 19th century`` shares."""
        for token in self.tokens[at + 1 : at + 12]:
            if token.kind in {"century", "millennium"}:
                return token.kind
            countable = token.kind in {"number", "ordinal", "roman", "rank"} and token.value <= 30
            if not countable and token.kind not in {"link", "word", *_EARLY_MID_LATE, *PARTS}:
                return ""
        return ""

    def _add(self, unit: str, token: _Token, years: tuple[int, int] | None = None) -> None:
        if not self.forgetting:
            span = Span(
                unit,
                token.value,
                digits=len(token.text) if unit in {"year", "decade"} else 0,
                linked=self.linked,
                era="" if self.era_used else self.era,
                inherited=self.era if self.era_used else "",
                parts=self.parts,
                turn=self.turn,
                circa=self.circa,
                bound=self.bound,
                years=years,
            )
            self.spans.append(span)
            self.adjacent = self.era_used = True
        self.parts, self.turn, self.bound, self.linked = [], False, "", False

    def _trailing_parts(self) -> None:
        """Give ``19. Jh., 1. Hälfte`` its half."""
        if self.parts and self.spans and self.spans[-1].unit != "year" and not self.spans[-1].parts:
            self.spans[-1].parts = self.parts
        self.parts = []


_TAKE: dict[str, Callable[[_Reader, int, _Token], None]] = {
    "end": _Reader.end,
    "link": _Reader.link,
    "minus": _Reader.minus,
    "circa": _Reader.about,
    "before": _Reader.limit,
    "after": _Reader.limit,
    "orlater": _Reader.limit_after,
    "orearlier": _Reader.limit_after,
    **dict.fromkeys(_EARLY_MID_LATE, _Reader.part),
    **dict.fromkeys(PARTS, _Reader.fraction),
    "turn": _Reader.turning,
    "life": _Reader.forget,
    "copy": _Reader.forget,
    **dict.fromkeys(("century", "millennium", "decade word"), _Reader.unit),
    **dict.fromkeys(("bce", "ce", "ah", "samvat", "saka"), _Reader.calendar),
    "am": _Reader.world_year,
    "period": _Reader.period,
    **dict.fromkeys(("number", "ordinal", "decade", "roman", "rank"), _Reader.number),
}
"""What to do with each kind of token; the others say nothing about the date."""
