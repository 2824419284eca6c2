"""What the front end is told: turns, works and pictures as small JSON, texts cut to what a page can show.

A card carries what a card shows; descriptions and the long fields travel only when a work is opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ham_recommend.net import addresses
from ham_recommend.records import Artwork, Hit, Turn, Where, shown_in

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog
    from ham_recommend.recommend.recommender import Recommender

TITLE_LENGTH = 160
LINE_LENGTH = 100
NAME_LENGTH = 60
FACT_LENGTH = 1_000
DESCRIPTION_LENGTH = 6_000
ADDRESS_LENGTH = 2_000
CARD_ADDRESS_LENGTH = 500
MOST_KINDS = 40
DETAIL_FIELDS = tuple((field.name, field.label) for field in shown_in("detail"))
"""The facts of an opened work: name of the field, and what people read."""
EXAMPLES = (
    "circus cat",
    "ships in a storm",
    "17th century portrait",
    "vibrant abstract landscape",
    "ancient Chinese vase",
    "a city at night",
    "still life with fruit",
    "dancer",
    "flowers in a vase",
    "moonlit water",
    "horses",
    "castle on a hill",
)
"""Searches to begin with; a collection offers three that it answers well."""

_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def showable(text: str, length: int) -> str:
    """Return text that any page and any encoding can carry, cut to ``length`` characters."""
    clean = _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return clean if len(clean) <= length else f"{clean[: length - 1].rstrip()}…"


def web_address(text: str, length: int = ADDRESS_LENGTH) -> str:
    """Return an http(s) address, or an empty string for anything else."""
    if len(text) > length or _UNSHOWABLE.search(text):
        return ""
    return addresses.web_address(text)


def work_card(work: Artwork) -> dict[str, Any]:
    """Return what a card shows of a work; about half a kilobyte."""
    return {
        "id": work.item_id,
        "title": showable(work.title, TITLE_LENGTH),
        "artist": showable(work.artist, LINE_LENGTH),
        "date": showable(work.text("date"), LINE_LENGTH),
        "credit": showable(work.credit or work.rights, LINE_LENGTH),
        "page": web_address(work.page_url, CARD_ADDRESS_LENGTH),
        "picture": bool(work.thumbnail),
        "remote": "" if work.thumbnail else web_address(work.picture, CARD_ADDRESS_LENGTH),
    }


def hit_card(hit: Hit, works: Mapping[str, Artwork]) -> dict[str, Any]:
    """Return the card of a work as an answer: with its score and rank."""
    work = works.get(hit.item_id) or Artwork(item_id=hit.item_id)
    return {**work_card(work), "score": round(hit.score, 4), "rank": hit.rank}


def heading(turn: Turn, title_of: Callable[[str], str], more: bool) -> dict[str, Any]:
    """Return what stays visible of a folded turn.

    Parameters
    ----------
    turn : Turn
        The turn.
    title_of : callable
        ``item_id`` → title, for the works it came from.
    more : bool
        Whether it can go on.
    """
    query = turn.ranking.query
    return {
        "id": turn.turn_id,
        "kind": turn.kind,
        "text": showable(query.text, FACT_LENGTH),
        "filters": filters(query.where),
        "k": query.k,
        "from": [[item_id, showable(title_of(item_id), NAME_LENGTH)] for item_id in query.liked[:4]],
        "sources": len(query.liked),
        "count": len(turn.ranking),
        "corrected": [
            [showable(wrong, LINE_LENGTH), showable(right, LINE_LENGTH)]
            for wrong, right in list(turn.ranking.corrected.items())[:5]
        ],
        "skipped": turn.skipped_seen,
        "more": more,
    }


def filters(where: Where) -> list[str]:
    """Return a filter in words, one text per field."""
    told = []
    for name, wanted in where.items():
        if name == "years":
            told += _span(*wanted)
        else:
            values = [wanted] if isinstance(wanted, str) else sorted(map(str, wanted))
            told.append(showable(" or ".join(values), LINE_LENGTH))
    return told


def _span(begin: int | None, end: int | None) -> list[str]:
    if begin is None:
        return [] if end is None else [f"until {end}"]
    return [f"from {begin}" if end is None else f"{begin} to {end}"]


def turn_cards(turn: Turn, start: int = 0) -> list[dict[str, Any]]:
    """Return the cards of a turn from one position on."""
    return [hit_card(hit, turn.ranking.works) for hit in turn.ranking[start:]]


def detail(work: Artwork, hit: Hit | None, title_of: Callable[[str], str]) -> dict[str, Any]:
    """Return everything about a work, and why it is among the answers.

    Parameters
    ----------
    work : Artwork
        The work.
    hit : Hit or None
        The answer it was opened from.
    title_of : callable
        ``item_id`` → title, for the liked work it is closest to.
    """
    return {
        **work_card(work),
        **{name: showable(work.text(name), FACT_LENGTH) for name, _ in DETAIL_FIELDS},
        "page": web_address(work.page_url),
        "large": web_address(work.picture) if work.thumbnail and work.copies_allowed else "",
        "descriptions": [
            {"text": showable(each.text, DESCRIPTION_LENGTH), "by": _voice(each.source, each.model)}
            for each in work.descriptions
        ],
        "channels": {name: round(value, 4) for name, value in hit.channels.items()} if hit else {},
        "nearest": hit.nearest_liked if hit else "",
        "nearest_title": showable(title_of(hit.nearest_liked), LINE_LENGTH)
        if hit and hit.nearest_liked
        else "",
        "folded": len(hit.folded) if hit else 0,
    }


def _voice(source: str, model: str) -> str:
    return showable(" · ".join(part for part in (source, model) if part), LINE_LENGTH)


def collection(recommender: Recommender) -> dict[str, Any]:
    """Return what the interface shows of the collection itself: its name, size, filters and examples."""
    catalog = recommender.catalog
    return {
        "name": showable(recommender.workspace.name, LINE_LENGTH),
        "works": len(catalog),
        "kinds": [
            [str(kind), int(works)]
            for kind, works in catalog.facets("classification", MOST_KINDS)
            if kind and showable(str(kind), LINE_LENGTH) == kind
        ],
        "years": _years(catalog),
        "examples": examples(recommender),
    }


def _years(catalog: Catalog) -> list[int] | None:
    span = catalog.years()
    return [int(span[0]), int(span[1])] if span else None


def examples(recommender: Recommender, most: int = 3) -> list[str]:
    """Return the first searches to begin with that this collection answers well, else the best there are."""
    best: dict[str, float] = {}
    for text in EXAMPLES:
        # The texts alone: choosing examples must not load the encoder of the pictures.
        ranking = recommender.text.search(text, 1, correct=False)
        best[text] = ranking[0].channels.get("words", 0.0) if len(ranking) else 0.0
    good = [text for text in EXAMPLES if best[text] > 0.6 * max(best.values())]
    rest = sorted((text for text in EXAMPLES if text not in good and best[text] > 0), key=lambda t: -best[t])
    return [*good, *rest][:most]


def where_from(kind: object, begin: object, end: object) -> Where | None:
    """Return the filter that the interface's fields stand for, or ``None`` when they are empty.

    Parameters
    ----------
    kind : object
        A classification; empty for all.
    begin, end : object
        Years; anything but a number leaves that end open.
    """
    where: dict[str, Any] = {}
    if isinstance(kind, str) and kind:
        where["classification"] = kind
    years = (_year(begin), _year(end))
    if years != (None, None):
        where["years"] = years
    return where or None


def _year(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if abs(value) < 100_000 else None


def strings(values: object, most: int = 1_000) -> list[str]:
    """Return the strings of a list that came from the front end."""
    listed: Iterable[object] = values if isinstance(values, list) else ()
    return [value for value in listed if isinstance(value, str)][:most]
