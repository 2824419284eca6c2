"""Take findings away: a session as a page, a table, JSON or Markdown.

Catalogue text is escaped for each format; the page runs no script, and pictures are inside it only where the
rights allow copies.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ham_recommend.errors import SettingsError
from ham_recommend.files import whole_file
from ham_recommend.frontend import messages
from ham_recommend.frontend.messages import EXPORT_FIELDS
from ham_recommend.frontend.thumbnails import smaller, thumbnail
from ham_recommend.recommend.session import Session
from ham_recommend.records import Artwork, Hit, Turn

if TYPE_CHECKING:
    import pandas as pd

STYLE = Path(__file__).parent / "static" / "export.css"
TEXT_LENGTH = 2_000
COLUMNS = ("turn", "kind", "asked", "at", "rank", "item_id", "score", "liked", "disliked", *EXPORT_FIELDS)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(session: Session, path: Path) -> Path:
    """Write a session to a file whose ending says how.

    Raises
    ------
    SettingsError
        The ending is not one of ``.html``, ``.csv``, ``.json``, ``.md``.
    """
    encoded = content(session, path.name)
    with whole_file(path) as stream:
        stream.write(encoded)
    return path


def content(session: Session, name: str) -> bytes:
    """Return the bytes of an export of this name."""
    return _format(name).make(session).encode("utf-8", "replace")


def mime(name: str) -> str:
    """Return the media type of an export of this name."""
    return _format(name).mime


# ---- tables ---------------------------------------------------------------------------------------------


def history_frame(session: Session) -> pd.DataFrame:
    """Return every work of every turn, in the order shown, one row each.

    Returns
    -------
    pandas.DataFrame
        Columns as in :data:`COLUMNS`; ``at`` is a time in UTC.
    """
    import pandas as pd

    return pd.DataFrame(list(_rows(session)), columns=list(COLUMNS))


def liked_frame(session: Session) -> pd.DataFrame:
    """Return the liked works, oldest first, one row each, with their catalogue fields."""
    import pandas as pd

    works = session.recommender.catalog.get(list(session.liked))
    rows = [{"item_id": item_id, **_fields(works[item_id])} for item_id in session.liked]
    return pd.DataFrame(rows, columns=["item_id", *EXPORT_FIELDS])


def _rows(session: Session) -> Iterator[dict[str, Any]]:
    liked, disliked = set(session.liked), set(session.disliked)
    for turn in session.turns:
        asked = asked_for(session, turn)
        for hit in turn.ranking:
            yield {
                "turn": turn.turn_id,
                "kind": turn.kind,
                "asked": asked,
                "at": turn.at,
                "rank": hit.rank,
                "score": hit.score,
                "liked": hit.item_id in liked,
                "disliked": hit.item_id in disliked,
                "item_id": hit.item_id,
                **_fields(hit.work),
            }


def _fields(work: Artwork) -> dict[str, str]:
    """Return the fields that leave this machine: of a picture only its public address."""
    shown = {name: work.text(name) for name in EXPORT_FIELDS}
    return {**shown, "picture": messages.web_address(work.picture)}


def asked_for(session: Session, turn: Turn) -> str:
    """Return in words what a turn asked for."""
    query = turn.ranking.query
    if turn.kind == "search":
        return query.text
    works = session.recommender.catalog.get(list(query.liked))
    titles = [works[item_id].title or "Untitled" for item_id in query.liked if item_id in works]
    named = ", ".join(titles[:3]) + (f" and {len(titles) - 3} more" if len(titles) > 3 else "")
    return f"More like {named}" if turn.kind == "similar" else f"Recommended from {named}"


def csv_text(session: Session) -> str:
    """Return :func:`history_frame` as CSV; no cell is a formula, and a mark tells that it is UTF-8."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in _rows(session))
    return "\ufeff" + stream.getvalue()


def _cell(value: Any) -> Any:
    """Return a value as a cell: a text that a spreadsheet would run gets an apostrophe, which it hides."""
    if not isinstance(value, str):
        return value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else value
    text = messages.showable(value, len(value) + 1)
    return f"'{text}" if text.startswith(_FORMULA) else text


# ---- Markdown -------------------------------------------------------------------------------------------


def markdown(session: Session) -> str:
    """Return a session as Markdown: the liked works, then every turn, newest first."""
    lines = [f"# {_escaped_markdown(session.recommender.workspace.name)}", ""]
    liked = session.recommender.catalog.get(list(session.liked))
    if liked:
        lines += ["## Liked", "", *(f"- {_work_line(liked[item_id])}" for item_id in session.liked), ""]
    for turn in reversed(session.turns):
        lines += [f"## {_escaped_markdown(_title(session, turn))}", ""]
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
    return ", ".join(
        part for part in (title, _escaped_markdown(work.artist), _escaped_markdown(work.text("date"))) if part
    )


def _escaped_markdown(text: str) -> str:
    """Escape what Markdown, and the HTML inside it, would read as more than text."""
    line = " ".join(messages.showable(text, TEXT_LENGTH).split())
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()#+-!|<>&~$" else sign for sign in line)


_ADDRESS_ESCAPES = str.maketrans({"<": "%3C", ">": "%3E", " ": "%20", "\\": "%5C"})


# ---- HTML -----------------------------------------------------------------------------------------------


def html_page(session: Session) -> str:
    """Return a session as one file that needs nothing else, runs nothing and prints well."""
    style = STYLE.read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data: https: http:; style-src 'sha256-{digest}'"
    name = _escaped(session.recommender.workspace.name)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}</title>\n<style>{style}</style>\n</head>\n"
        f'<body class="ham-page">\n{_body(session)}</body>\n</html>\n'
    )


def html_fragment(session: Session) -> str:
    """Return the same as :func:`html_page` for an output cell: readable even where styles are taken away."""
    return f"<style>{STYLE.read_text('utf-8')}</style>\n{_body(session)}"


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


def _body(session: Session) -> str:
    root = session.recommender.workspace.root
    liked = session.recommender.catalog.get(list(session.liked))
    parts = [f'<h1 dir="auto">{_escaped(session.recommender.workspace.name)}</h1>\n']
    if liked:
        figures = (_figure(root, liked[item_id], None) for item_id in session.liked)
        parts.append(_section("Liked works", len(liked), figures))
    parts += [_turn_section(session, turn, root) for turn in reversed(session.turns)]
    if len(parts) == 1:
        parts.append("<p>Nothing was searched for yet.</p>\n")
    return f'<div class="ham-static">\n{"".join(parts)}</div>\n'


def _turn_section(session: Session, turn: Turn, root: Path) -> str:
    works = turn.ranking.works
    figures = (_figure(root, works[hit.item_id], hit) for hit in turn.ranking if hit.item_id in works)
    return _section(_title(session, turn), len(turn.ranking), figures)


def _title(session: Session, turn: Turn) -> str:
    asked = asked_for(session, turn)
    parts = [f"“{asked}”" if turn.kind == "search" else asked, *messages.filters(turn.ranking.query.where)]
    parts += [f"“{wrong}” read as “{right}”" for wrong, right in turn.ranking.corrected.items()]
    return " · ".join(parts)


def _section(title: str, works: int, figures: Iterator[str]) -> str:
    count = f"{works:,} work{'' if works == 1 else 's'}" if works else "Nothing found"
    heading = f'<h2 dir="auto">{_escaped(title)} <small>{count}</small></h2>'
    return f'<section>\n{heading}\n<div class="ham-works">\n{"".join(figures)}</div>\n</section>\n'


def _figure(root: Path, work: Artwork, hit: Hit | None) -> str:
    title = _escaped(work.title or "Untitled")
    page = messages.web_address(work.page_url)
    if page:
        title = f'<a href="{escape(page)}" target="_blank" rel="noopener noreferrer">{title}</a>'
    by = ", ".join(_escaped(part) for part in (work.artist, work.text("date")) if part)
    score = f"score {hit.score:.2f}" if hit else ""
    score_and_credit = " · ".join(part for part in (score, _escaped(work.credit or work.rights)) if part)
    return (
        f'<figure>\n<div class="ham-mat">{_image(root, work)}</div>\n<figcaption>'
        f'<b dir="auto">{title}</b><br><span dir="auto">{by}</span>'
        f'<br><small dir="auto">{score_and_credit}</small></figcaption>\n</figure>\n'
    )


def _image(root: Path, work: Artwork) -> str:
    address = _data_address(root, work) if work.copies_allowed else ""
    address = address or messages.web_address(work.picture)
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
    make: Callable[[Session], str]
    mime: str


_FORMATS = {
    ".html": _Format(html_page, "text/html"),
    ".csv": _Format(csv_text, "text/csv"),
    ".json": _Format(Session.to_json, "application/json"),
    ".md": _Format(markdown, "text/markdown"),
}


def _format(name: str) -> _Format:
    ending = Path(name).suffix.lower()
    if ending not in _FORMATS:
        raise SettingsError.unknown("export format", ending or name, _FORMATS)
    return _FORMATS[ending]
