"""Citations of works and of searches, to be copied into a paper, a library of references or a script."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

from ham_recommend._version import __version__
from ham_recommend.answers import Ranking, Turn
from ham_recommend.catalog.filters import YEARS
from ham_recommend.errors import SettingsError
from ham_recommend.recommend import _log as log
from ham_recommend.recommend.query import checked_items
from ham_recommend.recommend.strategies import DEFAULT
from ham_recommend.records import Artwork, Where
from ham_recommend.showing import showable, web_address

if TYPE_CHECKING:
    from ham_recommend.recommend.recommender import Recommender
    from ham_recommend.recommend.session import Session

Style = Literal["plain", "bibtex", "csl"]
STYLES: Mapping[Style, str] = {"plain": "Plain text", "bibtex": "BibTeX", "csl": "CSL-JSON"}
"""Each style, and what people call it."""

LONGEST = 500
"""Characters of one field."""
HASH_LENGTH = 12
"""Hexadecimal digits of a manifest's hash that a citation gives: enough to tell collections apart."""

_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",  # BibTeX counts a brace even after a backslash
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "$&#_%"},
}
_IN_ADDRESS = {ord(sign): f"%{ord(sign):02X}" for sign in '\\{}"<>^`|'}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cited:
    """What every style says of a work, as plain text of one line each."""

    item_id: str
    artists: tuple[str, ...]
    title: str
    dated: str
    medium: str
    museum: str
    accession_number: str
    credit: str
    page: str
    accessed: date

    @classmethod
    def of(cls, work: Artwork, museum: str, accessed: date) -> _Cited:
        owner = _line(museum)
        credit = _line(work.credit).removeprefix(owner).lstrip(" ,;") if owner else _line(work.credit)
        return cls(
            item_id=work.item_id,
            artists=tuple(filter(None, map(_line, work.values("artist")))),
            title=_line(work.title) or "Untitled",
            dated=_line(work.text("date")),
            medium=_line(work.text("medium")),
            museum=owner,
            accession_number=_line(work.accession_number),
            credit=credit,
            page=web_address(work.page_url),
            accessed=accessed,
        )


def cite(
    recommender: Recommender,
    item_id: str,
    style: Style = "plain",
    *,
    museum: str | None = None,
    accessed: date | None = None,
) -> str:
    """Return a citation of a work.

    Parameters
    ----------
    recommender : Recommender
        Of the collection that has it.
    item_id : str
        The work, by its id or accession number.
    style : {"plain", "bibtex", "csl"}
        A line of text; an entry of BibTeX, ``@misc``; or CSL-JSON, an array of one item of the type
        ``graphic``, which Zotero, Pandoc and most others read.
    museum : str or None
        Who owns it; ``None`` for what the collection's source says, which for tables and folders is nothing.
    accessed : date or None
        When it was looked at; ``None`` for today, in UTC.

    Raises
    ------
    UnknownItemError
        The work is not in the catalog.
    SettingsError
        There is no such style.
    """
    if style not in STYLES:
        raise SettingsError.unknown("style of citation", style, STYLES)
    (known,) = checked_items([item_id], recommender.catalog)
    owner = museum_of(recommender, known) if museum is None else museum
    day = accessed or datetime.now(UTC).date()
    work = recommender.catalog[known]
    cited = _Cited.of(work, owner, day)
    if style == "bibtex":
        return _bibtex(cited)
    return _plain(cited) if style == "plain" else _csl(cited, work)


def museum_of(recommender: Recommender, item_id: str) -> str:
    """Return the museum that a work's source says it is of; empty where it says nothing."""
    source = item_id.partition(":")[0]
    origins = recommender.workspace.manifest.facts.origins
    return next((origin.museum for origin in origins if origin.source == source), "")


def _line(text: str) -> str:
    return " ".join(showable(text, LONGEST).split())


def _plain(cited: _Cited) -> str:
    held = ", ".join(filter(None, (cited.museum, cited.accession_number)))
    what = ", ".join(filter(None, ("; ".join(cited.artists), cited.title, cited.dated, cited.medium)))
    sentences = [what, held, cited.credit, cited.page or cited.item_id]
    told = " ".join(_sentence(each) for each in sentences[:3] if each)
    return f"{told} {sentences[3]} (accessed {_day(cited.accessed)})."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


# ---- BibTeX -----------------------------------------------------------------------------------------------


def _bibtex(cited: _Cited) -> str:
    note = "; ".join(filter(None, (cited.medium, cited.accession_number, cited.credit)))
    fields = {
        "author": " and ".join(f"{{{_tex(artist)}}}" for artist in cited.artists),
        "title": f"{{{_tex(cited.title)}}}",
        "year": _tex(cited.dated),
        "howpublished": _tex(cited.museum),
        "note": _tex(note),
        "url": cited.page.translate(_IN_ADDRESS),
        "urldate": cited.accessed.isoformat(),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_key(cited.item_id)},", *lines, "}"])


def _tex(text: str) -> str:
    """Escape what TeX would read as more than text."""
    return "".join(_TEX.get(sign, sign) for sign in text)


def _key(item_id: str) -> str:
    """Return a key that every BibTeX takes, another one for every work."""
    plain = re.sub(r"[^A-Za-z0-9:.-]+", "-", item_id)[:60]
    return plain if plain == item_id else f"{plain}-{sha256(item_id.encode()).hexdigest()[:8]}"


# ---- CSL-JSON ---------------------------------------------------------------------------------------------


def _csl(cited: _Cited, work: Artwork) -> str:
    day = cited.accessed
    item: dict[str, Any] = {
        "id": cited.item_id,
        "type": "graphic",
        "title": cited.title,
        "author": [{"literal": artist} for artist in cited.artists],
        "issued": _issued(cited, work),
        "medium": cited.medium,
        "archive": cited.museum,
        "archive_location": cited.accession_number,
        "note": cited.credit,
        "URL": cited.page,
        "accessed": {"date-parts": [[day.year, day.month, day.day]]},
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=2)


def _issued(cited: _Cited, work: Artwork) -> dict[str, Any]:
    """Return the date of a work: its years where they are known, and ``circa`` where they are not certain."""
    begin, end = work.year_begin, work.year_end
    years = list(dict.fromkeys(year for year in (begin, end) if year is not None))
    if not years:
        return {"literal": cited.dated} if cited.dated else {}
    parts: dict[str, Any] = {"date-parts": [[year] for year in years]}
    return parts if work.date_confidence == 1.0 else {**parts, "circa": True}


# ---- searches ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """How to get an answer again.

    Parameters
    ----------
    python : str
        A line of Python.
    command : str
        A command for a shell.
    manifest : str
        The beginning of the hash of the collection's manifest: both check that it is the same collection.
    exact : bool
        Whether the same works in the same order came back when it was tried just now.
    """

    python: str
    command: str
    manifest: str
    exact: bool


def repeat(recommender: Recommender, ranking: Ranking, *, exclude: Iterable[str] = ()) -> Repeat:
    """Return how to get an answer again, after trying it.

    Parameters
    ----------
    recommender : Recommender
        Of the collection that it came from.
    ranking : Ranking
        The answer to a search by words, a recommendation, or a search for what is similar.
    exclude : iterable of str
        The works that were left out because they had been seen.

    Raises
    ------
    SettingsError
        The answer came from a picture of one's own, which is not kept.
    """
    query = ranking.query
    if query.picture:
        raise SettingsError("A search by a picture of one's own cannot be repeated: the picture is not kept.")
    call = _Call.of(recommender, ranking, sorted(exclude))
    again = call.run(recommender)
    digest = recommender.workspace.manifest_sha256[:HASH_LENGTH]
    folder = str(recommender.workspace.root)
    load = f"ham.Recommender.load({folder!r}, manifest={digest!r}{_encoder_argument(recommender)})"
    return Repeat(
        python=f"import ham_recommend as ham; {load}.{call.python}",
        command=call.command(folder, _encoder_option(recommender), digest),
        manifest=digest,
        exact=again.item_ids.tolist() == ranking.item_ids.tolist(),
    )


_COMMANDS = {"similar_items": "similar", "search_by_colour": "search"}
"""What asks the same on the command line, where it has another name."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of a recommender: which method, and with what."""

    method: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]

    @classmethod
    def of(cls, recommender: Recommender, ranking: Ranking, exclude: list[str]) -> _Call:
        query = ranking.query
        options: dict[str, Any] = {"k": max(1, len(ranking))}
        if query.where:
            options["where"] = {name: _plain_value(value) for name, value in query.where.items()}
        if exclude:
            options["exclude"] = exclude
        if query.text:
            as_is = not ranking.corrected and recommender.search(query.text, 1).corrected
            return cls("search", (query.text,), {**options, **({"correct": False} if as_is else {})})
        if query.drawn is not None:
            return cls("surprise", (), {**options, "drawn": query.drawn})
        if query.colour:
            return cls("search_by_colour", (query.colour,), options)
        if not query.liked:
            return cls("browse", (), options)
        if not query.strategy:
            return cls("similar_items", query.liked[:1], options)
        if query.disliked:
            options["disliked"] = list(query.disliked)
        if query.strategy != DEFAULT:
            options["strategy"] = query.strategy
        return cls("recommend", (list(query.liked),), options)

    def run(self, recommender: Recommender) -> Ranking:
        found: Ranking = getattr(recommender, self.method)(*self.arguments, **self.options)
        return found

    @property
    def python(self) -> str:
        given = [repr(argument) for argument in self.arguments]
        given += [f"{name}={value!r}" for name, value in self.options.items()]
        return f"{self.method}({', '.join(given)})"

    def command(self, folder: str, encoder: list[str], digest: str) -> str:
        words = [_COMMANDS.get(self.method, self.method), folder]
        last: list[str] = []
        for given in self.arguments:
            if self.method == "recommend":
                words += _options("--like", given)
            elif self.method == "search_by_colour":
                words += _options("--colour", [given])
            elif given.startswith("-"):
                last = ["--", given]
            else:
                words.append(given)
        words += ["-k", str(self.options["k"])]
        words += _options("--drawn", [str(self.options["drawn"])] if "drawn" in self.options else ())
        words += _options("--where", _typed_filters(self.options.get("where", {})))
        words += _options("--dislike", self.options.get("disliked", ()))
        words += _options("--strategy", [self.options["strategy"]] if "strategy" in self.options else ())
        words += ["--as-is"] if "correct" in self.options else []
        words += _options("--exclude", self.options.get("exclude", ()))
        words += [*(encoder if self.method != "browse" else ()), f"--manifest={digest}", *last]
        return " ".join(["ham", *map(shlex.quote, words)])


def _plain_value(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return tuple(None if each is None else int(each) for each in value)
    return sorted(value)


def _options(flag: str, values: Iterable[str]) -> list[str]:
    return [f"{flag}={value}" for value in values]


def _typed_filters(where: Where) -> list[str]:
    """Return filters as :func:`~ham_recommend.recommend.query.parse_where` reads them."""
    typed = []
    for name, wanted in where.items():
        if name == YEARS:
            typed.append(f"{name}={':'.join('' if year is None else str(year) for year in wanted)}")
        else:
            values = [wanted] if isinstance(wanted, str) else wanted
            typed += [f"{name}={value}" for value in values]
    return typed


def _encoder(recommender: Recommender) -> str | None:
    """Return whose vectors answer, where a reader who names none would get others."""
    made, facts = recommender.image_encoder, recommender.workspace.manifest.facts
    usual = facts.default.name if facts.default else None
    return None if made == usual else made or "none"


def _encoder_argument(recommender: Recommender) -> str:
    encoder = _encoder(recommender)
    return f", encoder={encoder!r}" if encoder else ""


def _encoder_option(recommender: Recommender) -> list[str]:
    encoder = _encoder(recommender)
    return [f"--encoder={encoder}"] if encoder else []


def left_out(session: Session, turn: Turn) -> frozenset[str]:
    """Return the works that a turn left out, as those before it had shown them."""
    if not turn.skipped_seen:
        return frozenset()
    earlier = [each for each in session.turns if each.turn_id < turn.turn_id]
    if turn.kind == "search":
        earlier = [each for each in earlier if _asked(each) == _asked(turn)]
    return frozenset().union(*(log.shown_in(each.ranking) for each in earlier))


def _asked(turn: Turn) -> tuple[str, str]:
    query = turn.ranking.query
    return query.text.casefold(), log.where_to_json(query.where)


def cited_search(recommender: Recommender, ranking: Ranking, asked: str, accessed: date) -> str:
    """Return a citation of an answer as a line of text.

    Parameters
    ----------
    recommender : Recommender
        Of the collection that it came from.
    ranking : Ranking
        The answer.
    asked : str
        What was asked, in words.
    accessed : date
        When.
    """
    workspace = recommender.workspace
    works = f"{len(recommender.catalog):,} works, manifest sha256 {workspace.manifest_sha256[:HASH_LENGTH]}"
    count = f"{len(ranking):,} work{'' if len(ranking) == 1 else 's'} found"
    return (
        f"{_line(asked)}; {count} in the collection “{_line(workspace.name)}” ({works}) with ham_recommend "
        f"{__version__}, {_day(accessed)}."
    )
