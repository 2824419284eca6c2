"""A ranking as the output of a notebook's cell: a table of pictures.

Notebooks are read in many places. Some take styles away, GitHub among them, so a table carries the layout and
every style stands on its own element; none names a colour, so light and dark themes both suit it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from ham_recommend.showing import inline_picture, showable, sized_address, web_address

if TYPE_CHECKING:
    from ham_recommend.answers import Hit, Query, Ranking

MOST = 24
"""Works shown: some 6 kB each, kept with the notebook."""
COLUMNS = 6
SIDE = 128
"""Pixels of a shown picture; what is kept is a quarter larger, for sharp screens."""
_KEPT_SIDE = 160
_TITLE_LENGTH, _LINE_LENGTH, _QUERY_LENGTH = 90, 70, 200
_PLAIN = "background: none; border: 0; text-align: left; vertical-align: top; white-space: normal"
_QUIET = "opacity: 0.7; font-size: 11px"


def ranking_html(ranking: Ranking) -> str:
    """Return a ranking as HTML that stands alone: catalogue text is escaped, pictures are inside."""
    rows = "".join(
        f'<tr style="{_PLAIN}">{"".join(_cell(ranking, hit) for hit in hits)}</tr>\n'
        for hits in _rows(ranking[:MOST], COLUMNS)
    )
    more = len(ranking) - MOST
    rest = f'<p style="{_QUIET}">and {more:,} more: <code>to_frame()</code> has all.</p>' if more > 0 else ""
    table = f'<table style="border: 0; margin: 0">\n{rows}</table>\n' if rows else ""
    return f'<div style="overflow-x: auto">\n<p>{_heading(ranking)}</p>\n{table}{rest}</div>'


def _rows(hits: list[Hit], length: int) -> Iterable[tuple[Hit, ...]]:
    return (tuple(hits[start : start + length]) for start in range(0, len(hits), length))


def _heading(ranking: Ranking) -> str:
    count = f"{len(ranking):,} work{'' if len(ranking) == 1 else 's'}" if len(ranking) else "nothing found"
    parts = [f"<b>{_escaped(_asked(ranking.query), _QUERY_LENGTH)}</b>", count]
    parts += [
        f"“{_escaped(wrong, _LINE_LENGTH)}” read as “{_escaped(right, _LINE_LENGTH)}”"
        for wrong, right in ranking.corrected.items()
    ]
    parts += [f"Did you mean “{_escaped(meant, _LINE_LENGTH)}”?" for meant in ranking.suggested.values()]
    return " · ".join([*parts, *_filters(ranking.query)])


def _asked(query: Query) -> str:
    if query.picture:
        return f"Works like {query.picture}"
    if query.liked:
        more = f" and {len(query.liked) - 3:,} more" if len(query.liked) > 3 else ""
        return f"From {', '.join(query.liked[:3])}{more}"
    return f"“{query.text}”" if query.text else "Works"


def _filters(query: Query) -> Iterator[str]:
    for name, wanted in query.where.items():
        if name == "years":
            text = "–".join("" if year is None else str(year) for year in wanted)
        else:
            text = wanted if isinstance(wanted, str) else " or ".join(map(str, wanted))
        yield f"{_escaped(name, _LINE_LENGTH)}: {_escaped(text, _LINE_LENGTH)}"


def _cell(ranking: Ranking, hit: Hit) -> str:
    work = hit.work
    title = _escaped(work.title or "Untitled", _TITLE_LENGTH)
    page = web_address(work.page_url)
    if page:
        title = f'<a href="{escape(page)}" target="_blank" rel="noopener noreferrer">{title}</a>'
    by = ", ".join(_escaped(part, _LINE_LENGTH) for part in (work.artist, work.text("date")) if part)
    facts = f"{_escaped(work.item_id, _LINE_LENGTH)} · {hit.score:.2f}"
    lines = [f'<span dir="auto">{title}</span>', *([f'<span dir="auto">{by}</span>'] if by else [])]
    lines.append(f'<span style="{_QUIET}">{facts}</span>')
    return (
        f'<td width="{SIDE + 16}" valign="top" style="{_PLAIN}; width: {SIDE + 16}px; padding: 8px 8px 12px">'
        f"{_picture(ranking, hit)}<br>{'<br>'.join(lines)}</td>"
    )


def _picture(ranking: Ranking, hit: Hit) -> str:
    address = sized_address(inline_picture(ranking.root, hit.work, _KEPT_SIDE), 2 * SIDE)
    if not address:
        return f'<span style="{_QUIET}; line-height: {SIDE}px">No picture</span>'
    style = f"height: {SIDE}px; width: {SIDE}px; object-fit: contain; object-position: left bottom; margin: 0"
    return (
        f'<img src="{escape(address)}" alt="" height="{SIDE}" style="{style}" referrerpolicy="no-referrer">'
    )


def _escaped(text: str, length: int) -> str:
    return escape(" ".join(showable(text, length).split()))
