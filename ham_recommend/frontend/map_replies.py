"""The map of a collection, as a view shows it: places, tiles, and works that are asked for by place."""

from __future__ import annotations

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
TEXT = "text"

_opened: WeakKeyDictionary[Recommender, dict[str, Map]] = WeakKeyDictionary()
_lock = Lock()


def opened_map(recommender: Recommender, vectors: str = "") -> Map:
    """Return a collection's map, opened once; a small one is made, or brought up to date, while one waits.

    Parameters
    ----------
    recommender : Recommender
        The collection.
    vectors : str
        Whose vectors; empty for the collection's own choice.

    Raises
    ------
    SettingsError
        There are no such vectors, or there is no map and too many works to make one while somebody waits.
    """
    from ham_recommend.analysis.map import WITHOUT_ASKING, Map

    if recommender.root is None:
        raise SettingsError("A collection at a server has its map on the server's own page.")
    with _lock:
        known = _opened.setdefault(recommender, {})
        if vectors not in known:
            found = Map.open(recommender, encoder=vectors or None)
            same = known.get(found.vectors, found)
            if not same.is_current and len(recommender.catalog) <= WITHOUT_ASKING:
                same.build()
            if not same.is_built:
                raise SettingsError(
                    f"There is no map of these {len(recommender.catalog):,} works yet. Make it with: "
                    f"ham map build {recommender.root}"
                )
            known[vectors] = known[found.vectors] = same
        return known[vectors]


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
        facts, trouble = map_of(session.recommender, event.vectors), ""
        places = opened_map(session.recommender, event.vectors).points()
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


def map_of(recommender: Recommender, vectors: str) -> MapFacts:
    """Return what is to be known of a map before its works.

    Raises
    ------
    SettingsError
        As in :func:`opened_map`.
    """
    from ham_recommend.analysis.map_tiles import SIDE, SIZES

    found = opened_map(recommender, vectors)
    return {
        "vectors": found.vectors,
        "choices": _choices(recommender),
        "works": len(found),
        "size": found.size,
        "origin": found.origin,
        "scale": found.made.scale,
        "page": SIDE,
        "tiles": list(SIZES),
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
    encoders = recommender.workspace.manifest.facts.encoders
    one = len(encoders) == 1
    by = [(key, "By looks" if one else f"By looks ({made.name})") for key, made in encoders.items()]
    return [*by, *([] if recommender.text.is_empty else [(TEXT, "By words")])]


def _note(found: Map) -> str:
    missing = len(found.recommender.catalog) - len(found.rows_of(found.recommender.catalog.item_ids.tolist()))
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
