"""Take findings away: a session, its likes alone, a turn or a set, as a page, a table, JSON or Markdown.

Each says what it was made from, and what was asked with its filters and corrections, so that it can be
repeated.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ham_recommend.errors import SettingsError
from ham_recommend.files import whole_file
from ham_recommend.frontend.export_pages import html_page, markdown
from ham_recommend.frontend.findings import Findings, Origin, asked_for
from ham_recommend.frontend.messages import EXPORT_FIELDS
from ham_recommend.recommend.session import Session
from ham_recommend.records import Artwork
from ham_recommend.showing import picture_address, showable

if TYPE_CHECKING:
    import pandas as pd

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


def write(session: Session, path: Path, **part: Any) -> Path:
    """Write a session, or a part of it as in :meth:`Findings.of`, to a file whose ending says how.

    Raises
    ------
    SettingsError
        The ending is not one of ``.html``, ``.csv``, ``.json``, ``.md``; or as :meth:`Findings.of` says.
    """
    encoded = content(Findings.of(session, **part), path.name)
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
    return {**shown, "picture": picture_address(work.picture)}


def csv_text(findings: Findings) -> str:
    """Return a table as CSV; no cell is a formula, and a mark tells that it is UTF-8.

    It is :func:`history_frame` and the sets, or the likes alone where there are neither, and each row says
    what it was made from.
    """
    origin = Origin.of(findings.session).to_json()
    rows = _liked_rows(findings)
    if findings.turns or findings.sets:
        rows = chain(_rows(findings), _set_rows(findings))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, [*COLUMNS, "note", *origin], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in (row | origin).items()} for row in rows)
    return "\ufeff" + stream.getvalue()


def _liked_rows(findings: Findings) -> Iterator[dict[str, Any]]:
    for item_id, work in findings.works.items():
        yield {"kind": "liked", "item_id": item_id, "liked": True, "disliked": False, **_fields(work)}


def _set_rows(findings: Findings) -> Iterator[dict[str, Any]]:
    liked, disliked = set(findings.session.liked), set(findings.session.disliked)
    for kept in findings.sets:
        for place, (item_id, work) in enumerate(findings.works_of(kept).items(), 1):
            marks = {"liked": item_id in liked, "disliked": item_id in disliked}
            about = {"kind": "set", "asked": kept.name, "rank": place, "item_id": item_id}
            yield {**about, **marks, "note": kept.notes[item_id], **_fields(work)}


def json_text(findings: Findings) -> str:
    """Return what :meth:`Session.from_json` reads, and beside it what it was made from."""
    session = findings.session
    kept = {turn.turn_id for turn in findings.turns}
    content = json.loads(session.to_json())
    turns = zip(session.turns, content["turns"], strict=True)
    content["turns"] = [each for turn, each in turns if turn.turn_id in kept]
    content["liked"] = list(findings.liked)
    names = {kept.name for kept in findings.sets}
    content["sets"] = [each for each in content["sets"] if each["name"] in names]
    return json.dumps({"origin": Origin.of(session).to_json(), **content}, indent=1)


def _cell(value: Any) -> Any:
    """Return a value as a cell: before whatever a spreadsheet would run as a formula goes an apostrophe."""
    if not isinstance(value, str):
        return value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else value
    return _FORMULA.sub("'", showable(value, len(value) + 1))


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
