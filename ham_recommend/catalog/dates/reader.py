"""From the tokens of a date to the times it names, in the order of the text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ham_recommend.catalog.dates.lookahead import (
    COUNTS,
    HIGHEST_CENTURY,
    LINKS,
    SHARED_ACROSS,
    century_of_decade,
    counts_a_fraction,
    is_no_date,
    opens,
    unit_ahead,
)
from ham_recommend.catalog.dates.periods import DYNASTIES_OF_EGYPT, LATEST
from ham_recommend.catalog.dates.spans import Part, Reading, Span
from ham_recommend.catalog.dates.tokens import CENTURIES, PARTS, Token, kind_at, read_tokens

_PARTS: dict[str, Part] = {
    "early": (0.0, 0.25),
    "mid": (0.25, 0.75),
    "late": (0.75, 1.0),
    "first half": (0.0, 0.5),
    "second half": (0.5, 1.0),
}
_LAST_OF_A_REPUBLIC = 14
_LONGEST_REIGN = 64
_PREFIXED = {"samvat", "saka"}
_ONLY_BEHIND = {"bce behind", "bp", "kya", "ago"}
_ONLY_BEFORE_A_YEAR = {"na", "do"}  # also "in the" and "of the", Polish and Portuguese
_UNCLEAR_ALONE = {"a", "e", "o", "u"}
_BARE = {*COUNTS, *SHARED_ACROSS, "end", "bce", "ce", "bce behind", "quote"}


def read_date(text: str) -> Reading:
    """Return what a date names; only its first 300 characters are read."""
    tokens, whole = read_tokens(text)
    reading = _Reader(tokens).read()
    reading.understood &= whole
    return reading


class _Reader:
    """Turns tokens into spans; what is said before a number waits until the number comes."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.alone = all(one.kind in _BARE and one.value <= HIGHEST_CENTURY for one in tokens)
        self.spans: list[Span] = []
        self.understood = True
        self.copied = False
        self.corrected = False
        self.forgetting = ""
        self.opened: int | None = None
        self.shared_unit = ""
        self.bound = ""
        self.circa = False
        self._start_segment()

    def _start_segment(self) -> None:
        self.numbered = False  # whether it has a date, be it one to forget
        self.adjacent = False  # whether an era would follow a number
        self.dangling = False  # whether a dash waits for its second number
        self.link_text = ""
        self.era, self.era_used = "", False
        self.turn = False
        self.ranks: list[int] = []
        self.parts: list[Part] = []
        self.parts_behind = False
        self.said_behind = False
        self.unit_before = ""
        self.labelled = False

    def read(self) -> Reading:
        doubt = False
        for at, token in enumerate(self.tokens):
            doubt |= token.kind == "doubt" or token.text == "%"
            self.dangling &= token.kind in {"link", "doubt", "quote"}
            if take := _TAKE.get(token.kind):
                take(self, at, token)
        self._close_segment()
        if self.opened is not None and len(self.spans) == self.opened + 1:
            self.spans[-1].doubt = True  # "from 1850" may be its year or its first year
        for span in self.spans:
            span.doubt |= doubt or self.corrected or (self.alone and span.unit == "century")
        return Reading(self.spans, self.understood, self.copied)

    # -- where a statement ends

    def end(self, at: int, token: Token) -> None:  # noqa: ARG002
        self._close_segment()
        self._start_segment()
        if token.text != ",":
            self.shared_unit = ""
        if self.forgetting == "copy" or token.text != ",":
            self.forgetting = ""

    def _close_segment(self) -> None:
        """Give what was said behind the last number to it: *1850 circa*, *19. Jh., 1. Hälfte*, *1995-*."""
        if self.dangling and self.spans:
            self.spans[-1].bound = self.spans[-1].bound or "after"
        if self.parts and self.spans and self.spans[-1].unit != "year" and not self.spans[-1].parts:
            self.spans[-1].parts = self.parts
        self.parts = []
        if self.said_behind or (self.spans and not self.numbered):
            self._say_behind()
        elif self.spans:
            self.bound, self.circa = "", False

    def _say_behind(self) -> None:
        for span in self._last_run():
            span.circa |= self.circa
        if self.bound:
            self.spans[-1].bound = self.bound
        self.said_behind, self.circa, self.bound = False, False, ""

    def _last_run(self) -> Iterator[Span]:
        for span in reversed(self.spans):
            yield span
            if not span.link:
                return

    # -- what joins numbers

    def link(self, at: int, token: Token) -> None:
        if self._is_minus(at, token):
            self.era, self.era_used = "minus", False
            return
        if self.parts and self.parts_behind:
            self.spans[-1].parts = self.spans[-1].parts or self.parts
            self.parts = []
        if self.said_behind:
            self._say_behind()
        self.dangling = token.kind == "link" and (self.adjacent or self.dangling)
        if self.spans and not self.parts:
            self.link_text = self.link_text or token.text
        elif token.kind == "link" and kind_at(self.tokens, at - 1) in {
            "",
            "end",
            "doubt",
            "colon",
            "link",
            "present",
        }:
            self.bound = "before"
        elif token.text in _UNCLEAR_ALONE:
            self.understood = False
        self.adjacent = False

    def _is_minus(self, at: int, token: Token) -> bool:
        """Tell the minus of -450 from the dash of a range."""
        if (
            token.text != "-"
            or self.adjacent
            or kind_at(self.tokens, at + 1) != "number"
            or not self.tokens[at + 1].touching
        ):
            return False
        if not self.link_text:
            return not token.touching or kind_at(self.tokens, at - 1) in {"end", "colon"}
        return kind_at(self.tokens, at - 1) in LINKS and (
            self.tokens[at - 1].text != "-" or (bool(self.spans) and self.spans[-1].era == "bce")
        )

    def until(self, at: int, token: Token) -> None:
        opening = kind_at(self.tokens, at - 1) in {"", "end"}
        if self.adjacent or self.parts or self.opened is not None or (token.text == "to" and not opening):
            self.link(at, token)
        else:
            self.limit(at, replace(token, kind="before"))

    def instead(self, at: int, token: Token) -> None:
        """Take *1697 [i.e. 1967]* for 1967; the Hungarian *i. e. 300* is BCE."""
        if self.spans:
            self.spans.clear()
            self.corrected = True
            self._start_segment()
        else:
            self.calendar(at, replace(token, kind="bce"))

    def start(self, at: int, token: Token) -> None:  # noqa: ARG002
        self.opened = len(self.spans)

    def present(self, at: int, token: Token) -> None:  # noqa: ARG002
        if self.link_text:
            self.spans[-1].bound = "after"
            self.link_text = ""

    # -- what is said of a number

    def about(self, at: int, token: Token) -> None:  # noqa: ARG002
        self.circa = True
        self.said_behind |= self.adjacent

    def limit(self, at: int, token: Token) -> None:
        if token.text in _ONLY_BEFORE_A_YEAR and kind_at(self.tokens, at + 1) not in {"number", "circa"}:
            return
        self.bound = token.kind
        self.said_behind |= self.adjacent

    def limit_behind(self, at: int, token: Token) -> None:  # noqa: ARG002
        if self.spans and not self.forgetting:
            self.spans[-1].bound = "after" if token.kind == "or later" else "before"

    def part(self, at: int, token: Token) -> None:  # noqa: ARG002
        self._add_part(_PARTS[token.kind])

    def _add_part(self, part: Part) -> None:
        self.parts_behind = self.adjacent if not self.parts else self.parts_behind
        self.parts.append(part)

    def fraction(self, at: int, token: Token) -> None:
        """Read *third quarter*; a half that nothing counts is the middle."""
        whole = PARTS[token.kind]
        if not self.ranks:
            if token.kind in {"third", "quarter"} and (
                kind_at(self.tokens, at + 1) in PARTS or token.kind == "third"
            ):
                token.kind, token.value = "rank", whole
                self.number(at, token)
            elif token.kind == "half":
                self._add_part(_PARTS["mid"])
            return
        for rank in self.ranks:
            counted = whole if rank == -1 else rank
            if 1 <= counted <= whole:
                self._add_part(((counted - 1) / whole, counted / whole))
        self.ranks = []

    def written_fraction(self, at: int, token: Token) -> None:
        """Read *1/2 XIX*; *1/2 century* may be half of one, or the first and the second."""
        rank, whole = int(token.text[0]), int(token.text[2])
        if rank > whole or kind_at(self.tokens, at + 1) in CENTURIES:
            self.word(at, token)
        else:
            self._add_part(((rank - 1) / whole, rank / whole))

    def turning(self, at: int, token: Token) -> None:  # noqa: ARG002
        self.turn = True

    # -- what says that a number is no date of the work

    def forget(self, at: int, token: Token) -> None:  # noqa: ARG002
        """Leave out the years of a life, and those of a copy where the original's are known."""
        self.copied |= token.kind == "copy"
        if token.kind == "life" or self.spans:
            self.forgetting = token.kind

    def label(self, at: int, token: Token) -> None:  # noqa: ARG002
        self.labelled = True

    def word(self, at: int, token: Token) -> None:  # noqa: ARG002
        self.understood = False
        self.unit_before = self.shared_unit = self.bound = ""

    # -- what a number counts

    def unit(self, at: int, token: Token) -> None:
        kind = {"buddhist century": "century", "decade word": "decade"}.get(token.kind, token.kind)
        if opens(self.tokens, at):
            self.unit_before = kind
            if token.kind == "buddhist century":
                self.era, self.era_used = "be", False
        elif kind == "decade":
            for span in self._last_run():
                if span.unit == "year" and span.number % 10 == 0:
                    span.unit = "decade"
        elif self.spans and self.spans[-1].unit == kind:
            self.link_text = ""
            self.adjacent = True

    def calendar(self, at: int, token: Token) -> None:
        kind = token.kind
        if kind in _ONLY_BEHIND and (not self.adjacent or kind_at(self.tokens, at + 1) == "number"):
            self.word(at, token)
            return
        kind = kind.removesuffix(" behind")
        prefixes = kind in _PREFIXED and kind_at(self.tokens, at + 1) == "number"
        if not self.adjacent or prefixes or self.spans[-1].era:
            if (
                self.link_text
                and self.spans[-1].era
                and kind_at(self.tokens, at + 1) not in {*COUNTS, "decade", "masked"}
            ):
                self.spans.append(replace(self.spans[-1], era=kind, link=self.link_text))  # 1st century BC/AD
                self.link_text, self.adjacent = "", True
            else:
                self.era, self.era_used = kind, False
            return
        self.era = ""
        for span in reversed(self.spans):
            if span.era:
                break
            span.era = kind
            if span.inherited or not span.link:
                break
        if kind == "ah":
            # "late 11th century AH/AD 17th century": the other half is late, too
            self.parts = list(self.spans[-1].parts)

    def world_year(self, at: int, token: Token) -> None:
        """Take the Byzantine *7192 AM*, but not the German *am 5. Mai*."""
        if self.adjacent and self.spans[-1].number > LATEST:
            self.calendar(at, token)

    def period(self, at: int, token: Token) -> None:  # noqa: ARG002
        self._add("period", token, token.years)

    def reign(self, at: int, token: Token) -> None:
        """Take *Meiji 35* for 1902, and *Meiji* for the whole reign."""
        first, last = token.years or (0, 0)
        following = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        if following and following.kind == "number" and 1 <= following.value <= _LONGEST_REIGN:
            year = min(first + following.value - 1, last)
            self._add("year", following, (year, year))
            following.kind = ""
        else:
            self._add("period", token, (first, last))

    def masked(self, at: int, token: Token) -> None:  # noqa: ARG002
        self._add("decade", token, token.years)
        if self.spans and token.text.endswith("?"):
            self.spans[-1].doubt = True

    def number(self, at: int, token: Token) -> None:
        before, after = kind_at(self.tokens, at - 1), kind_at(self.tokens, at + 1)
        if before == "margin" and self.spans:
            self.spans[-1].margin = token.value
        elif before == "republic" and token.value <= _LAST_OF_A_REPUBLIC:
            self._add("year", token, (1791 + token.value, 1792 + token.value))
        elif counts_a_fraction(self.tokens, at):
            self.ranks.append(token.value)
        elif "dynasty" in {before, after} and 1 <= token.value <= len(DYNASTIES_OF_EGYPT):
            self._add("period", token, DYNASTIES_OF_EGYPT[token.value - 1])
        elif is_no_date(self.tokens, at):
            pass
        elif self._is_short_decade(token, after) and (century := century_of_decade(self.tokens, at)):
            self._add("decade", Token("decade", "1900", century * 100 - 100 + token.value))
        elif unit := self._unit_of(at, token):
            self._add(unit, token)
        elif token.kind == "roman" and before not in {"month", "quote"} and self._text_before(at) != "/":
            self.understood = False  # of a king, perhaps; but 1861/XI is November
        self.unit_before = ""

    def _is_short_decade(self, token: Token, after: str) -> bool:
        """Return whether it is the *20er* of *20er Jahre des 19. Jh.*."""
        tens = token.value < 100 and token.value % 10 == 0
        return tens and (token.kind == "decade" or self.unit_before == "decade" or after == "decade word")

    def _unit_of(self, at: int, token: Token) -> str:
        """Return what a number counts; empty when it is no date."""
        small = 1 <= token.value <= HIGHEST_CENTURY and token.kind != "decade"
        if small and (century := self._century_word(at)):
            return century
        if token.kind in {"ordinal", "roman"} and 10 <= token.value <= 21:
            return "century" if self.alone and (token.kind == "ordinal" or token.capital) else ""
        if token.kind == "decade" or (token.value % 10 == 0 and self._shares_a_decade()):
            return "decade"
        return "year" if token.kind == "number" else ""

    def _century_word(self, at: int) -> str:
        """Return the unit that is written before, behind, or before a number that this one is listed with."""
        if self.unit_before in CENTURIES:
            self.shared_unit = self.unit_before
            return self.unit_before
        if ahead := unit_ahead(self.tokens, at):
            return ahead
        listed = bool(self.link_text) or self._text_before(at) == ","
        return self.shared_unit if listed and self.shared_unit in CENTURIES else ""

    def _text_before(self, at: int) -> str:
        return self.tokens[at - 1].text if at > 0 else ""

    def _shares_a_decade(self) -> bool:
        """Return whether *années* stands before, as in *années 1920-1930*."""
        if self.unit_before == "decade":
            self.shared_unit = "decade"
        return self.unit_before == "decade" or (self.shared_unit == "decade" and bool(self.link_text))

    def _add(self, unit: str, token: Token, years: tuple[int, int] | None = None) -> None:
        if not self.forgetting:
            minus = self.era == "minus"
            era = "bce" if minus else self.era
            self.spans.append(
                Span(
                    unit,
                    token.value,
                    digits=len(token.text) if unit in {"year", "decade"} and years is None else 0,
                    link=self.link_text,
                    era="" if self.era_used else era,
                    inherited=era if self.era_used else "",
                    parts=self.parts,
                    turn=self.turn,
                    circa=self.circa,
                    bound=self.bound,
                    years=years,
                    part_of_work=self.labelled,
                )
            )
            self.adjacent, self.era_used = True, True
            if minus:
                self.era = ""
        self.numbered = True
        self.parts, self.turn, self.bound, self.link_text = [], False, "", ""
        self.said_behind = False


_TAKE: dict[str, Callable[[_Reader, int, Token], None]] = {
    "end": _Reader.end,
    **dict.fromkeys(("link", "and"), _Reader.link),
    "until": _Reader.until,
    "from": _Reader.start,
    "present": _Reader.present,
    "instead": _Reader.instead,
    "circa": _Reader.about,
    **dict.fromkeys(("before", "after"), _Reader.limit),
    **dict.fromkeys(("or later", "or earlier"), _Reader.limit_behind),
    **dict.fromkeys(_PARTS, _Reader.part),
    **dict.fromkeys(PARTS, _Reader.fraction),
    "fraction": _Reader.written_fraction,
    "turn": _Reader.turning,
    **dict.fromkeys(("life", "copy"), _Reader.forget),
    "colon": _Reader.label,
    **dict.fromkeys(("word", "tens"), _Reader.word),
    **dict.fromkeys((*CENTURIES, "decade word"), _Reader.unit),
    **dict.fromkeys(("bce", "bce behind", "ce", "ah", "sh", "be", "samvat", "saka"), _Reader.calendar),
    **dict.fromkeys(("bp", "kya", "ago"), _Reader.calendar),
    "am": _Reader.world_year,
    "period": _Reader.period,
    "reign": _Reader.reign,
    "masked": _Reader.masked,
    **dict.fromkeys(("number", "ordinal", "decade", "roman", "rank"), _Reader.number),
}
"""What to do with each kind of token; the others say nothing about the date."""
