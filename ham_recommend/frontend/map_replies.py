"""The map of a collection, as a view shows it: places, tiles, and works that are asked for by place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from ham_recommend.answers import Ranking, Turn
from ham_recommend.errors import SettingsError
from ham_recommend.frontend import messages
from ham_recommend.frontend.events import FindPlaces, Lasso, MapEvent, PlaceTurn, ShowPlaces, ShowTiles
from ham_recommend.frontend.map_protocol import (
    LassoMessage,
    MapFacts,
    MapMessage,
    MapRegion,
    PlacedTurnMessage,
    TilesMessage,
)
from ham_recommend.frontend.protocol import Message, PlacedWorksMessage
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.session import Session
from ham_recommend.recommend.sets import MOST_WORKS
from ham_recommend.records import Where
from ham_recommend.showing import showable

if TYPE_CHECKING:
    from ham_recommend.analysis.map import Map
    from ham_recommend.analysis.map_regions import Region

LIT = 120
"""Works that a question lights up: what a screen can show in a size that tells anything."""
FLOOR = 0.3
"""Of the best score: what answers a search less is not lit up, or half of a small map would be."""
MOST_ASKED = 400
"""Works or tiles in one message."""
_NONE = "none"
"""The id of no work, as every id has a colon."""


@dataclass(slots=True)
class _Place:
    """Where a map is once it is open, and the lock of whoever opens it."""

    lock: Lock = field(default_factory=Lock)
    map: Map | None = None


_opened: WeakKeyDictionary[Recommender, dict[str, _Place]] = WeakKeyDictionary()
_lock = Lock()


def vectors_meant(recommender: Recommender, vectors: str) -> str:
    """Return whose vectors are meant by a name, which is empty for the collection's own choice.

    Raises
    ------
    SettingsError
        There are no such vectors, or the collection is at a server.
    """
    from ham_recommend.analysis.map_files import vectors_named

    if recommender.root is None:
        raise SettingsError("A collection at a server has its map on the server's own page.")
    return vectors_named(recommender, vectors or None)


def _place(recommender: Recommender, vectors: str) -> _Place:
    named = vectors_meant(recommender, vectors)
    with _lock:
        return _opened.setdefault(recommender, {}).setdefault(named, _Place())


def map_at_hand(recommender: Recommender, vectors: str = "") -> Map | None:
    """Return a collection's map where it is open already; takes a moment.

    Raises
    ------
    SettingsError
        There are no such vectors.
    """
    found = _place(recommender, vectors).map
    return found if found is not None and found.is_newest else None


def opened_map(recommender: Recommender, vectors: str = "", *, keep: bool | None = None) -> Map:
    """Return a collection's map, opened once; a small one is made, or brought up to date, while one waits.

    Parameters
    ----------
    recommender : Recommender
        The collection.
    vectors : str
        Whose vectors; empty for the collection's own choice.
    keep : bool or None
        Whether a map that is made must be written into the collection, or must not; ``None`` to do so where
        that can be done.

    Raises
    ------
    SettingsError
        There are no such vectors, or there is no map and too many works to make one while somebody waits.
    """
    from ham_recommend.analysis.map import WITHOUT_ASKING, Map

    place = _place(recommender, vectors)
    with place.lock:
        if place.map is None or not place.map.is_newest:
            found = Map.open(recommender, vectors=vectors or None)
            if not found.is_current and len(recommender.catalog) <= WITHOUT_ASKING:
                found.build(keep=keep)
            if not found.is_built:
                raise SettingsError(
                    f"There is no map of these {len(recommender.catalog):,} works yet. Make it with: "
                    f"ham map build {recommender.root}"
                )
            place.map = found
        return place.map


def reply(session: Session, event: MapEvent) -> tuple[Message, list[bytes]]:
    """Return what answers an event, and the bytes that belong to it."""
    match event:
        case ShowTiles():
            return _tiles(session, event)
        case ShowPlaces() | FindPlaces():
            return _placed_works(session, event), []
        case PlaceTurn():
            return _placed_turn(session, event), []
        case Lasso():
            return _lasso(session, event), []
    return _map(session, event)


def _map(session: Session, event: MapEvent) -> tuple[MapMessage, list[bytes]]:
    """Return a map and the places of its works; ``trouble`` says why there is none."""
    try:
        found = opened_map(session.recommender, event.vectors)
        facts, trouble, places = map_facts(session.recommender, found), "", found.points()
    except SettingsError as error:
        facts, trouble, places = _NO_MAP, showable(str(error), messages.FACT_LENGTH), b""
    return {**facts, "type": "map", "trouble": trouble, "view": event.view}, [places]


_NO_MAP: MapFacts = {
    "vectors": "",
    "choices": [],
    "works": 0,
    "size": (1, 1),
    "origin": (0, 0),
    "scale": 1,
    "page": 0,
    "tiles": [],
    "regions": [],
    "note": "",
}


def map_facts(recommender: Recommender, found: Map) -> MapFacts:
    """Return what is to be known of a collection's map before its works."""
    from ham_recommend.analysis.map_tiles import SIDE, SIZES

    return {
        "vectors": found.vectors,
        "choices": _choices(recommender),
        "works": len(found),
        "size": found.size,
        "origin": found.origin,
        "scale": found.made.scale,
        "page": SIDE,
        "tiles": list(SIZES) if found.has_tiles else [],
        "regions": [_region(each) for each in found.regions],
        "note": _note(found),
    }


def _region(region: Region) -> MapRegion:
    return {
        "level": region.level,
        "column": region.column,
        "row": region.row,
        "works": region.works,
        "name": showable(region.name, messages.NAME_LENGTH),
    }


def _choices(recommender: Recommender) -> list[tuple[str, str]]:
    """Return the maps there can be, and what people call them."""
    from ham_recommend.analysis.map_files import TEXT

    encoders = recommender.workspace.manifest.facts.encoders
    one = len(encoders) == 1
    by = [(key, "By looks" if one else f"By looks ({made.name})") for key, made in encoders.items()]
    return [*by, *([] if recommender.text.is_empty else [(TEXT, "By words")])]


def _note(found: Map) -> str:
    from ham_recommend.analysis.map_files import TEXT

    works = found.catalog.item_ids.tolist()
    missing = len(works) - len(found.rows_of(works))
    if not found.has_tiles:
        return "Its pictures went with works that are no more; ham map build shows the others again."
    if not missing:
        return ""
    lack = "words" if found.vectors == TEXT else "a picture that could be read"
    why = f"lack {lack}" if found.is_current else "came later: ham map build adds them"
    return f"{missing:,} works are not on this map; they {why}."


def _tiles(session: Session, event: ShowTiles) -> tuple[TilesMessage, list[bytes]]:
    """Return pages of tiles."""
    found = opened_map(session.recommender, event.vectors)
    names = messages.strings(event.names)[:MOST_ASKED]
    pages = [found.tile(name) for name in names]
    return {"type": "map_tiles", "vectors": found.vectors, "names": names, "view": event.view}, pages


def _placed_works(session: Session, event: ShowPlaces | FindPlaces) -> PlacedWorksMessage:
    """Return the cards of works with their numbers on the map."""
    found = opened_map(session.recommender, event.vectors)
    if isinstance(event, FindPlaces):
        item_ids = [each for each in messages.strings(event.item_ids) if found.rows_of([each])]
    else:
        item_ids = found.ids_at(messages.numbers(event.rows)[:MOST_ASKED])
    works = session.recommender.catalog.get(item_ids[:MOST_ASKED])
    return {
        "type": "map_works",
        "vectors": found.vectors,
        "rows": found.rows_of(works),
        "works": [messages.work_card(work) for work in works.values()],
        "view": event.view,
    }


def _placed_turn(session: Session, event: PlaceTurn) -> PlacedTurnMessage:
    """Return where the works of a turn lie, best first, with further ones that answer the same."""
    found = opened_map(session.recommender, event.vectors)
    turn = session.turn(event.turn_id)
    own = turn.ranking.item_ids.tolist()
    further = [each for each in _further(session, turn).item_ids.tolist() if each not in own]
    start = turn.ranking.query.liked[-1:] if turn.kind == "similar" else ()
    return {
        "type": "map_turn",
        "vectors": found.vectors,
        "turn_id": turn.turn_id,
        "rows": found.rows_of(own),
        "further": found.rows_of(further[:LIT]),
        "start": next(iter(found.rows_of(start)), None),
        "view": event.view,
    }


def _further(session: Session, turn: Turn) -> Ranking:
    """Return more works that answer what a turn asked, as far as that can be asked again as it was."""
    query, ask = turn.ranking.query, session.recommender
    match turn.kind:
        case "search":
            corrected = bool(turn.ranking.corrected)
            found = ask.search(query.text, LIT, where=query.where, ignore=query.ignore, correct=corrected)
            return found.only(np.flatnonzero(found.scores >= FLOOR * found.scores.max(initial=0.0)))
        case "similar":
            return ask.similar_items(query.liked[-1], LIT, where=query.where)
        case "browse":
            return ask.browse(LIT, where=query.where)
    return turn.ranking


def where_on(session: Session, given: object) -> Where | None:
    """Return the filter that a front end sent, its lasso as the works inside.

    Parameters
    ----------
    session : Session
        Whose collection's map is meant.
    given : object
        As in :func:`ham_recommend.frontend.messages.where_from`; ``"lasso"`` is the name of the map's vectors
        and the corners in columns and rows, such as ``"text 3.5,4 9,4 9,12.25"``.

    Raises
    ------
    SettingsError
        It is no lasso, there is no such map, or there are more works inside than a set may hold.
    """
    fields = dict(given) if isinstance(given, Mapping) else {}
    lasso = fields.pop("lasso", None)
    where = messages.where_from(fields)
    if not lasso:
        return where
    vectors, polygon = _outline(lasso)
    inside = opened_map(session.recommender, vectors).within(polygon)
    if len(inside) > MOST_WORKS:
        raise SettingsError(f"A lasso narrows to at most {MOST_WORKS:,} works; {len(inside):,} are inside.")
    return {**(where or {}), "item_id": inside or [_NONE]}


def _outline(lasso: object) -> tuple[str, list[list[float]]]:
    try:
        told = lasso[0] if isinstance(lasso, list) else lasso
        vectors, *corners = str(told).split()
        return vectors, [[float(at) for at in corner.split(",")] for corner in corners]
    except (IndexError, ValueError):
        raise SettingsError("That is no lasso on a map. Draw another one.") from None


def selected_by(session: Session, event: Lasso) -> list[str]:
    """Return the ids of the works inside a polygon, in the order of the map."""
    return opened_map(session.recommender, event.vectors).within(event.polygon) if event.polygon else []


def _lasso(session: Session, event: Lasso) -> LassoMessage:
    found = opened_map(session.recommender, event.vectors)
    inside = selected_by(session, event)
    return {
        "type": "lasso",
        "vectors": found.vectors,
        "works": len(inside),
        "rows": found.rows_of(inside[:MOST_WORKS]),
        "item_ids": inside[:MOST_WORKS],
        "view": event.view,
    }
