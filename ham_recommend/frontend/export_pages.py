"""Findings as a page and as Markdown: to be read, printed and put into a text.

Catalogue text is escaped for each format; the page runs no script, and pictures are inside it only where the
rights allow copies.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from pathlib import Path

from ham_recommend.answers import Hit, Turn, WorkSet
from ham_recommend.frontend.findings import Findings, origin_in_words, turn_title
from ham_recommend.recommend.session import Session
from ham_recommend.records import Artwork
from ham_recommend.showing import inline_picture, showable, web_address

STYLE = Path(__file__).parent / "static" / "export.css"
TEXT_LENGTH = 2_000
PICTURE_SIDE = 200
"""Pixels of a picture that is inside an export."""


def markdown(findings: Findings) -> str:
    """Return findings as Markdown: the liked works, every set, then every turn, newest first."""
    session, liked = findings.session, findings.works
    lines = [f"# {_escaped_markdown(session.recommender.workspace.name)}", ""]
    lines += [_escaped_markdown(origin_in_words(session)), ""]
    if liked:
        lines += ["## Liked", "", *(f"- {_work_line(work)}" for work in liked.values()), ""]
    for kept in findings.sets:
        lines += _set_lines(findings, kept)
    for turn in reversed(findings.turns):
        lines += [
            f"## {_escaped_markdown(turn_title(session, turn))}",
            "",
            f"{turn.at:%Y-%m-%d %H:%M} UTC",
            "",
        ]
        works = turn.ranking.works
        lines += [
            f"{hit.rank}. {_work_line(works[hit.item_id])} · {hit.score:.2f}"
            for hit in turn.ranking
            if hit.item_id in works
        ]
        lines.append("")
    return "\n".join(lines)


def _set_lines(findings: Findings, kept: WorkSet) -> list[str]:
    lines = [
        f"## {_escaped_markdown(kept.name)}",
        "",
        *([_escaped_markdown(kept.note), ""] if kept.note else []),
    ]
    for place, (item_id, work) in enumerate(findings.works_of(kept).items(), 1):
        note = kept.notes[item_id]
        lines.append(f"{place}. {_work_line(work)}{f' – {_escaped_markdown(note)}' if note else ''}")
    return [*lines, ""]


def _work_line(work: Artwork) -> str:
    title = f"*{_escaped_markdown(work.title or 'Untitled')}*"
    page = web_address(work.page_url)
    if page:
        title = f"[{title}](<{page.translate(_ADDRESS_ESCAPES)}>)"
    texts = (work.artist, work.text("date"), work.item_id)
    return ", ".join([title, *(_escaped_markdown(text) for text in texts if text)])


def _escaped_markdown(text: str) -> str:
    """Escape what Markdown, and the HTML inside it, would read as more than text."""
    line = " ".join(showable(text, TEXT_LENGTH).split())
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
    parts += [_set_section(findings, kept, root) for kept in findings.sets]
    parts += [_turn_section(session, turn, root) for turn in reversed(findings.turns)]
    if len(parts) == 1:
        parts.append("<p>Nothing was searched for yet.</p>\n")
    parts.append(f"<footer>{_escaped(origin_in_words(session))}</footer>\n")
    return f'<div class="ham-static">\n{"".join(parts)}</div>\n'


def _set_section(findings: Findings, kept: WorkSet, root: Path) -> str:
    works = findings.works_of(kept)
    figures = (_figure(root, work, None, kept.notes[item_id]) for item_id, work in works.items())
    return _section(kept.name, len(works), figures, note=kept.note)


def _turn_section(session: Session, turn: Turn, root: Path) -> str:
    works = turn.ranking.works
    figures = (_figure(root, works[hit.item_id], hit) for hit in turn.ranking if hit.item_id in works)
    return _section(turn_title(session, turn), len(turn.ranking), figures, f" · {turn.at:%Y-%m-%d %H:%M} UTC")


def _section(title: str, works: int, figures: Iterator[str], at: str = "", note: str = "") -> str:
    count = f"{works:,} work{'' if works == 1 else 's'}" if works else "Nothing found"
    heading = f'<h2 dir="auto">{_escaped(title)} <small>{count}{at}</small></h2>'
    said = f'<p dir="auto">{_escaped(note)}</p>\n' if note else ""
    return f'<section>\n{heading}\n{said}<div class="ham-works">\n{"".join(figures)}</div>\n</section>\n'


def _figure(root: Path, work: Artwork, hit: Hit | None, note: str = "") -> str:
    title = _escaped(work.title or "Untitled")
    page = web_address(work.page_url)
    if page:
        title = f'<a href="{escape(page)}" target="_blank" rel="noopener noreferrer">{title}</a>'
    by = ", ".join(_escaped(part) for part in (work.artist, work.text("date")) if part)
    score = f"score {hit.score:.2f}" if hit else ""
    facts = " · ".join(
        part for part in (score, _escaped(work.credit or work.rights), _escaped(work.item_id)) if part
    )
    said = f'<br><em dir="auto">{_escaped(note)}</em>' if note else ""
    return (
        f'<figure>\n<div class="ham-mat">{_image(root, work)}</div>\n<figcaption>'
        f'<b dir="auto">{title}</b><br><span dir="auto">{by}</span>'
        f'<br><small dir="auto">{facts}</small>{said}</figcaption>\n</figure>\n'
    )


def _image(root: Path, work: Artwork) -> str:
    address = inline_picture(root, work, PICTURE_SIDE)
    if not address:
        return "<span>No picture</span>"
    return f'<img src="{escape(address)}" alt="" width="200" loading="lazy" referrerpolicy="no-referrer">'


def _escaped(text: str) -> str:
    return escape(showable(text, TEXT_LENGTH))
