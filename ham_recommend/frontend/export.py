"""Take findings away: a session, its likes alone or one of its turns, as a page, a table, JSON or Markdown.

Each says what it was made from, and what was asked with its filters and corrections, so that it can be
repeated.
Catalogue text is escaped for each format; the page runs no script, and pictures are inside it only where the
rights allow copies.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ham_recommend._version import __version__
from ham_recommend.answers import Hit, Turn
from ham_recommend.draft import MANIFEST
from ham_recommend.errors import SettingsError
from ham_recommend.files import whole_file
from ham_recommend.frontend import messages
from ham_recommend.frontend.messages import EXPORT_FIELDS
from ham_recommend.frontend.thumbnails import smaller, thumbnail
from ham_recommend.manifest import sha256
from ham_recommend.recommend.session import Session
from ham_recommend.records import Artwork

if TYPE_CHECKING:
    import pandas as pd

STYLE = Path(__file__).parent / "static" / "export.css"
TEXT_LENGTH = 2_000
TURN_COLUMNS = ("turn", "kind", "asked", "filters", "corrected", "at")
COLUMNS = (*TURN_COLUMNS, "rank", "item_id", "score", "liked", "disliked", *EXPORT_FIELDS)
"""The columns of :func:`history_frame`."""
_SIGNS = "[=+@\\-＝＋＠－﹦﹢﹫﹣⁼⁺⁻₌₊₋−]"
_UNSEEN = (
    "[ \"'\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u202a-\u202f"
    "\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffd\U000e0000-\U000e0fff]"
)
_FORMULA = re.compile(rf"^(?=(?:{_UNSEEN}|\s)*{_SIGNS}|\t)|(?<=[;|\t\n])(?={_UNSEEN}*{_SIGNS})")
"""Where a spreadsheet of any country begins a formula: a sign of any width, after what it passes over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an export was made from and when.

    Parameters
    ----------
    collection : str
        Its name.
    manifest_sha256 : str
        The hash of its manifest, which knows each of its files by their hashes.
    built_with : str
        The version of this package that built it.
    exported_with : str
        The version of this package that made the export.
    exported_at : str
        When, in UTC.
    """

    collection: str
    manifest_sha256: str
    built_with: str
    exported_with: str = __version__
    exported_at: str

    @classmethod
    def of(cls, session: Session) -> Origin:
        """Return what an export of a session that is made now comes from."""
        workspace = session.recommender.workspace
        path = workspace.path(MANIFEST)
        return cls(
            collection=workspace.name,
            manifest_sha256=sha256(path) if path.is_file() else "",
            built_with=workspace.manifest.package_version if path.is_file() else "",
            exported_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def to_json(self) -> dict[str, str]:
        """Return it as JSON values."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class Findings:
    """The part of a session that is exported: its likes and some of its turns."""

    session: Session
    liked: tuple[str, ...]
    turns: tuple[Turn, ...]

    @classmethod
    def of(cls, session: Session, *, likes_only: bool = False, turn_id: int | None = None) -> Findings:
        """Return all of a session, its likes alone, or one turn and what is liked of it.

        Raises
        ------
        SettingsError
            There is no such turn, or both parts are asked for.
        """
        if likes_only and turn_id is not None:
            raise SettingsError("Export the likes alone or one turn, not both.")
        if turn_id is None:
            return cls(session, session.liked, () if likes_only else session.turns)
        turn = session.turn(turn_id)
        here = set(turn.ranking.item_ids.tolist())
        return cls(session, tuple(item_id for item_id in session.liked if item_id in here), (turn,))

    @property
    def works(self) -> Mapping[str, Artwork]:
        """The liked works that are still in the collection."""
        return self.session.recommender.catalog.get(list(self.liked))


def write(session: Session, path: Path, *, likes_only: bool = False, turn_id: int | None = None) -> Path:
    """Write a session, or a part of it, to a file whose ending says how.

    Raises
    ------
    SettingsError
        The ending is not one of ``.html``, ``.csv``, ``.json``, ``.md``; or as :meth:`Findings.of` says.
    """
    encoded = content(Findings.of(session, likes_only=likes_only, turn_id=turn_id), path.name)
    try:
        with whole_file(path) as stream:
            stream.write(encoded)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{str(path)!r:.100} cannot be written: {error!s:.60}.") from error
    return path


def content(findings: Findings, name: str) -> bytes:
    """Return the bytes of an export of this name."""
    return _format(name).make(findings).encode("utf-8", "replace")


def mime(name: str) -> str:
    """Return the media type of an export of this name."""
    return _format(name).mime


# ---- tables ---------------------------------------------------------------------------------------------


def history_frame(session: Session) -> pd.DataFrame:
    """Return every work of every turn, in the order shown, one row each.

    Returns
    -------
    pandas.DataFrame
        Columns as in :data:`COLUMNS`; ``at`` is a time in UTC, ``filters`` and ``corrected`` are JSON texts.
    """
    import pandas as pd

    return pd.DataFrame(list(_rows(Findings.of(session))), columns=list(COLUMNS))


def liked_frame(session: Session) -> pd.DataFrame:
    """Return the liked works, oldest first, one row each, with their catalogue fields."""
    import pandas as pd

    works = session.recommender.catalog.get(list(session.liked))
    rows = [{"item_id": item_id, **_fields(works[item_id])} for item_id in session.liked]
    return pd.DataFrame(rows, columns=["item_id", *EXPORT_FIELDS])


def _rows(findings: Findings) -> Iterator[dict[str, Any]]:
    session = findings.session
    liked, disliked = set(session.liked), set(session.disliked)
    for turn in findings.turns:
        asked = {
            "turn": turn.turn_id,
            "kind": turn.kind,
            "asked": asked_for(session, turn),
            "filters": _json_text(turn.ranking.query.where),
            "corrected": _json_text(turn.ranking.corrected),
            "at": turn.at,
        }
        for hit in turn.ranking:
            yield {
                **asked,
                "rank": hit.rank,
                "score": hit.score,
                "liked": hit.item_id in liked,
                "disliked": hit.item_id in disliked,
                "item_id": hit.item_id,
                **_fields(hit.work),
            }


def _json_text(given: Mapping[str, Any]) -> str:
    """Return filters or corrections as JSON, and an empty text for none."""

    def plain(value: Any) -> Any:
        return value.item() if hasattr(value, "item") else sorted(value)

    return json.dumps(dict(given), default=plain, ensure_ascii=False) if given else ""


def _fields(work: Artwork) -> dict[str, str]:
    """Return the fields that leave this machine: of a picture only its public address."""
    shown = {name: work.text(name) for name in EXPORT_FIELDS}
    return {**shown, "picture": messages.picture_address(work.picture)}


def asked_for(session: Session, turn: Turn) -> str:
    """Return in words what a turn asked for."""
    query = turn.ranking.query
    plain = {
        "search": query.text,
        "surprise": f"A surprise, drawn with {query.drawn}",
        "browse": "Works to leaf through",
        "picture": f"Works like the picture {query.picture}",
        "colour": f"Works with the colour {query.colour}",
    }
    if turn.kind in plain:
        return plain[turn.kind]
    works = session.recommender.catalog.get(list(query.liked))
    titles = [works[item_id].title or "Untitled" for item_id in query.liked if item_id in works]
    named = ", ".join(titles[:3]) + (f" and {len(titles) - 3} more" if len(titles) > 3 else "")
    return f"More like {named}" if turn.kind == "similar" else f"Recommended from {named}"


def csv_text(findings: Findings) -> str:
    """Return a table as CSV; no cell is a formula, and a mark tells that it is UTF-8.

    It is :func:`history_frame`, or the likes alone where there are no turns, and each row says what it was
    made from.
    """
    origin = Origin.of(findings.session).to_json()
    rows = _rows(findings) if findings.turns else _liked_rows(findings)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, [*COLUMNS, *origin], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in (row | origin).items()} for row in rows)
    return "\ufeff" + stream.getvalue()


def _liked_rows(findings: Findings) -> Iterator[dict[str, Any]]:
    for item_id, work in findings.works.items():
        yield {"kind": "liked", "item_id": item_id, "liked": True, "disliked": False, **_fields(work)}


def json_text(findings: Findings) -> str:
    """Return what :meth:`Session.from_json` reads, and beside it what it was made from."""
    session = findings.session
    kept = {turn.turn_id for turn in findings.turns}
    content = json.loads(session.to_json())
    turns = zip(session.turns, content["turns"], strict=True)
    content["turns"] = [each for turn, each in turns if turn.turn_id in kept]
    content["liked"] = list(findings.liked)
    return json.dumps({"origin": Origin.of(session).to_json(), **content}, indent=1)


def _cell(value: Any) -> Any:
    """Return a value as a cell: before whatever a spreadsheet would run as a formula goes an apostrophe."""
    if not isinstance(value, str):
        return value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else value
    return _FORMULA.sub("'", messages.showable(value, len(value) + 1))


# ---- Markdown -------------------------------------------------------------------------------------------


def markdown(findings: Findings) -> str:
    """Return findings as Markdown: the liked works, then every turn, newest first."""
    session, liked = findings.session, findings.works
    lines = [f"# {_escaped_markdown(session.recommender.workspace.name)}", ""]
    lines += [_escaped_markdown(_origin_in_words(session)), ""]
    if liked:
        lines += ["## Liked", "", *(f"- {_work_line(work)}" for work in liked.values()), ""]
    for turn in reversed(findings.turns):
        lines += [f"## {_escaped_markdown(_title(session, turn))}", "", f"{turn.at:%Y-%m-%d %H:%M} UTC", ""]
        works = turn.ranking.works
        lines += [
            f"{hit.rank}. {_work_line(works[hit.item_id])} · {hit.score:.2f}"
            for hit in turn.ranking
            if hit.item_id in works
        ]
        lines.append("")
    return "\n".join(lines)


def _work_line(work: Artwork) -> str:
    title = f"*{_escaped_markdown(work.title or 'Untitled')}*"
    page = messages.web_address(work.page_url)
    if page:
        title = f"[{title}](<{page.translate(_ADDRESS_ESCAPES)}>)"
    texts = (work.artist, work.text("date"), work.item_id)
    return ", ".join([title, *(_escaped_markdown(text) for text in texts if text)])


def _escaped_markdown(text: str) -> str:
    """Escape what Markdown, and the HTML inside it, would read as more than text."""
    line = " ".join(messages.showable(text, TEXT_LENGTH).split())
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()#+-!|<>&~$" else sign for sign in line)


_ADDRESS_ESCAPES = str.maketrans({"<": "%3C", ">": "%3E", " ": "%20", "\\": "%5C"})


# ---- HTML -----------------------------------------------------------------------------------------------


def html_page(findings: Findings) -> str:
    """Return findings as one file that needs nothing else, runs nothing and prints well."""
    style = STYLE.read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data: https: http:; style-src 'sha256-{digest}'"
    name = _escaped(findings.session.recommender.workspace.name)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}</title>\n<style>{style}</style>\n</head>\n"
        f'<body class="ham-page">\n{_body(findings)}</body>\n</html>\n'
    )


def html_fragment(session: Session) -> str:
    """Return the same as :func:`html_page` for an output cell: readable even where styles are taken away."""
    return f"<style>{STYLE.read_text('utf-8')}</style>\n{_body(Findings.of(session))}"


def fallback(session: Session, name: str) -> str:
    """Return the last results for the output cell beside an interface, to be seen where that cannot be used.

    Parameters
    ----------
    session : Session
        Whose newest turn is shown.
    name : str
        What the interface calls itself in ``data-instead`` once it can be used: then these give way to it.
    """
    root, turns = session.recommender.workspace.root, session.turns
    notice = "These are the last results, as they were kept. To search on, run the cell above again."
    if not turns:
        notice = f"{session.recommender.workspace.name}: run the cell above to explore this collection."
    parts = [f"<p>{_escaped(notice)}</p>", *(_turn_section(session, turn, root) for turn in turns[-1:])]
    return (
        f"<style>{STYLE.read_text('utf-8')}"
        f'body:has([data-instead="{escape(name)}"]) .ham-fallback-{escape(name)} {{ display: none }}</style>'
        f'<div class="ham-static ham-fallback ham-fallback-{escape(name)}">{"".join(parts)}</div>'
    )


def _body(findings: Findings) -> str:
    session, liked = findings.session, findings.works
    root = session.recommender.workspace.root
    parts = [f'<h1 dir="auto">{_escaped(session.recommender.workspace.name)}</h1>\n']
    if liked:
        figures = (_figure(root, work, None) for work in liked.values())
        parts.append(_section("Liked works", len(liked), figures))
    parts += [_turn_section(session, turn, root) for turn in reversed(findings.turns)]
    if len(parts) == 1:
        parts.append("<p>Nothing was searched for yet.</p>\n")
    parts.append(f"<footer>{_escaped(_origin_in_words(session))}</footer>\n")
    return f'<div class="ham-static">\n{"".join(parts)}</div>\n'


def _origin_in_words(session: Session) -> str:
    """Return what an export was made from, in a line."""
    origin = Origin.of(session)
    made = (
        f"manifest sha256 {origin.manifest_sha256 or 'unknown'}, built with ham_recommend {origin.built_with}"
    )
    exported = f"Exported with ham_recommend {origin.exported_with}, {origin.exported_at}"
    return f"Collection {origin.collection}, {made}. {exported}."


def _turn_section(session: Session, turn: Turn, root: Path) -> str:
    works = turn.ranking.works
    figures = (_figure(root, works[hit.item_id], hit) for hit in turn.ranking if hit.item_id in works)
    return _section(_title(session, turn), len(turn.ranking), figures, f" · {turn.at:%Y-%m-%d %H:%M} UTC")


def _title(session: Session, turn: Turn) -> str:
    asked = asked_for(session, turn)
    parts = [f"“{asked}”" if turn.kind == "search" else asked, *messages.filters(turn.ranking.query.where)]
    parts += [f"“{wrong}” read as “{right}”" for wrong, right in turn.ranking.corrected.items()]
    return " · ".join(parts)


def _section(title: str, works: int, figures: Iterator[str], at: str = "") -> str:
    count = f"{works:,} work{'' if works == 1 else 's'}" if works else "Nothing found"
    heading = f'<h2 dir="auto">{_escaped(title)} <small>{count}{at}</small></h2>'
    return f'<section>\n{heading}\n<div class="ham-works">\n{"".join(figures)}</div>\n</section>\n'


def _figure(root: Path, work: Artwork, hit: Hit | None) -> str:
    title = _escaped(work.title or "Untitled")
    page = messages.web_address(work.page_url)
    if page:
        title = f'<a href="{escape(page)}" target="_blank" rel="noopener noreferrer">{title}</a>'
    by = ", ".join(_escaped(part) for part in (work.artist, work.text("date")) if part)
    score = f"score {hit.score:.2f}" if hit else ""
    facts = " · ".join(
        part for part in (score, _escaped(work.credit or work.rights), _escaped(work.item_id)) if part
    )
    return (
        f'<figure>\n<div class="ham-mat">{_image(root, work)}</div>\n<figcaption>'
        f'<b dir="auto">{title}</b><br><span dir="auto">{by}</span>'
        f'<br><small dir="auto">{facts}</small></figcaption>\n</figure>\n'
    )


def _image(root: Path, work: Artwork) -> str:
    address = _data_address(root, work) if work.copies_allowed else ""
    address = address or messages.picture_address(work.picture)
    if not address:
        return "<span>No picture</span>"
    return f'<img src="{escape(address)}" alt="" width="200" loading="lazy" referrerpolicy="no-referrer">'


def _data_address(root: Path, work: Artwork) -> str:
    picture = thumbnail(root, work)
    if picture is None:
        return ""
    small = smaller(picture)
    return f"data:{small.mime};base64,{base64.b64encode(small.content).decode()}"


def _escaped(text: str) -> str:
    return escape(messages.showable(text, TEXT_LENGTH))


@dataclass(frozen=True, slots=True)
class _Format:
    make: Callable[[Findings], str]
    mime: str


_FORMATS = {
    ".html": _Format(html_page, "text/html"),
    ".csv": _Format(csv_text, "text/csv"),
    ".json": _Format(json_text, "application/json"),
    ".md": _Format(markdown, "text/markdown"),
}


def _format(name: str) -> _Format:
    ending = Path(name).suffix.lower()
    if ending not in _FORMATS:
        raise SettingsError.unknown("export format", ending or name, _FORMATS)
    return _FORMATS[ending]
