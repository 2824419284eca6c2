"""The events that a front end sends; :mod:`ham_recommend.frontend.protocol` says what each asks for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from ham_recommend.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event may carry: ``request`` asks for a ``done``."""

    request: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Event):
    """An event that asks for a new turn, within ``where``, in place of that which request ``replaces``."""

    replaces: str | None = None
    where: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Question):
    """Search for ``text`` within ``where``; with ``turn_id``, for what that turn asked, whatever they say."""

    text: str = ""
    turn_id: int | None = None
    allow_repeats: bool = False
    correct: bool = True
    ignore: list[str] = dataclasses.field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommend(Question):
    """Recommend from the likes, within ``where``; ``discovery`` is 0, closest to them, to 1, far afield."""

    discovery: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar(Question):
    """Find works like one, within ``where``."""

    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise(Question):
    """Show works by chance, within ``where``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Browse(Question):
    """Show the works within ``where``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchByPicture(Question):
    """Find works like a picture, within ``where``; ``data`` is its file in base64."""

    data: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchByColour(Question):
    """Find works that have a colour, ``#rrggbb``, within ``where``."""

    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refilter(Question):
    """Ask what a turn asked, within ``where``; the works it showed may come again."""

    turn_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class More(Event):
    """Continue a turn."""

    turn_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(Event):
    """What a visitor says of a work."""

    item_id: str


class Like(Mark):
    """Like a work."""


class Unlike(Mark):
    """Take a like back."""


class Dislike(Mark):
    """Say that a work is not for the visitor."""


class Undislike(Mark):
    """Take a dislike back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearLikes(Event):
    """Forget all likes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(Event):
    """Bring back what the last mark took back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEvent(Event):
    """What a visitor does with a named set of works."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddToSet(SetEvent):
    """Put works into a set, which is made if it is not there."""

    item_ids: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFromSet(SetEvent):
    """Take works out of a set."""

    item_ids: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSet(SetEvent):
    """Say something of a set, or of one work in it."""

    note: str
    item_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrangeSet(SetEvent):
    """Bring works of a set to its front, in this order."""

    item_ids: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameSet(SetEvent):
    """Give a set another name."""

    to: str


class DeleteSet(SetEvent):
    """Forget a set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoSets(Event):
    """Take the last change to any set back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSet(Event):
    """Ask for the works of a set and what is said of them."""

    name: str
    view: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowComparison(Event):
    """Ask how two turns differ."""

    turn_ids: list[int]
    view: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCitation(Event):
    """Ask how to cite a work, or a turn."""

    item_id: str | None = None
    turn_id: int | None = None
    view: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowFacets(Event):
    """Ask what works can be narrowed to; with ``field``, for its values that have ``containing`` in them."""

    where: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    field: str | None = None
    containing: str = ""
    view: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowHeadings(Event):
    """Ask for the headings of turns; those that are gone are left out."""

    turn_ids: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTurn(Event):
    """Ask for the works of a turn."""

    turn_id: int
    view: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowWorks(Event):
    """Ask for the cards of works; unknown ones are left out."""

    item_ids: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDetail(Event):
    """Ask for everything about a work, and why it is in a turn if it was opened from one."""

    item_id: str
    turn_id: int | None = None
    view: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowThroughTime(Event):
    """Ask for the earlier works that a work resembles, and for its echoes."""

    item_id: str
    view: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapEvent(Event):
    """What concerns the map by some ``vectors``; the collection's own choice where none are named."""

    vectors: str = ""
    view: str | None = None


class ShowMap(MapEvent):
    """Ask for the map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTiles(MapEvent):
    """Ask for pages of tiles."""

    names: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPlaces(MapEvent):
    """Ask for the works with these numbers."""

    rows: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPlaces(MapEvent):
    """Ask where works are."""

    item_ids: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTurn(MapEvent):
    """Ask where the works of a turn are, and others that answer what it asked."""

    turn_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasso(MapEvent):
    """Choose the works inside a polygon, in columns and rows; without corners, none."""

    polygon: list[list[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPictures(Event):
    """Ask for the thumbnails of works."""

    item_ids: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowLargePicture(Event):
    """Ask for the picture of a work in a size that fills a screen."""

    item_id: str
    view: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(Event):
    """Ask for the session, its likes alone, one turn or one set as a file; ``format`` is its ending."""

    format: str
    likes_only: bool = False
    turn_id: int | None = None
    set_name: str | None = None
    view: str | None = None


EVENTS: Mapping[str, type[Event]] = {
    "search": Search,
    "recommend": Recommend,
    "similar": Similar,
    "surprise": Surprise,
    "browse": Browse,
    "picture": SearchByPicture,
    "colour": SearchByColour,
    "refilter": Refilter,
    "more": More,
    "like": Like,
    "unlike": Unlike,
    "dislike": Dislike,
    "undislike": Undislike,
    "clear_likes": ClearLikes,
    "undo": Undo,
    "add_to_set": AddToSet,
    "remove_from_set": RemoveFromSet,
    "note_set": NoteSet,
    "arrange_set": ArrangeSet,
    "rename_set": RenameSet,
    "delete_set": DeleteSet,
    "undo_sets": UndoSets,
    "set": ShowSet,
    "compare": ShowComparison,
    "cite": ShowCitation,
    "facets": ShowFacets,
    "headings": ShowHeadings,
    "turn": ShowTurn,
    "works": ShowWorks,
    "detail": ShowDetail,
    "through_time": ShowThroughTime,
    "map": ShowMap,
    "map_tiles": ShowTiles,
    "map_works": ShowPlaces,
    "map_places": FindPlaces,
    "map_turn": PlaceTurn,
    "lasso": Lasso,
    "pictures": ShowPictures,
    "large_picture": ShowLargePicture,
    "export": Export,
}


_JSON_TYPES: Mapping[object, Any] = {
    "str": str,
    "str | None": str | None,
    "int": int,
    "int | None": int | None,
    "float": int | float,
    "bool": bool,
    "list[int]": list,
    "list[str]": list,
    "list[list[float]]": list,
    "Mapping[str, Any]": Mapping,
}


def read_event(content: Mapping[str, Any]) -> Event:
    """Return the event that a front end sent.

    Raises
    ------
    SettingsError
        There is no such event; it lacks a field or has one too many; or a field holds another kind of value.
    """
    kind = content.get("type")
    if not isinstance(kind, str) or kind not in EVENTS:
        raise SettingsError.unknown("event", kind, EVENTS)
    given = {name: value for name, value in content.items() if name != "type"}
    known = {each.name: each for each in fields(EVENTS[kind])}
    needed = {
        name for name, each in known.items() if each.default is MISSING and each.default_factory is MISSING
    }
    for name in sorted(needed - given.keys()):
        raise SettingsError(
            f"The event {kind!r} needs {name!r}; this one has {', '.join(given) or 'nothing'}."
        )
    for name, value in given.items():
        if name not in known:
            raise SettingsError.unknown(f"field of the event {kind!r}", name, known)
        if not isinstance(value, _JSON_TYPES[known[name].type]):
            raise SettingsError(f"{name!r} of the event {kind!r} is {known[name].type}, not {value!r:.100}.")
    return EVENTS[kind](**given)
