"""What a front end always knows of a session."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

from ham_recommend.answers import Turn
from ham_recommend.frontend import messages
from ham_recommend.frontend.protocol import Collection
from ham_recommend.recommend.session import Session
from ham_recommend.showing import showable


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a front end always knows.

    Parameters
    ----------
    query : str
        The last search.
    discovery : float
        How far the last recommendation reached: 0, what is closest to the likes, to 1, far afield.
    turns : tuple of (int, int)
        Id of each turn and how many works it shows, oldest first.
    liked_ids, disliked_ids : tuple of str
        Oldest first.
    taken_back : tuple of str
        The works that the last mark left neither liked nor disliked: what ``undo`` brings back.
    sets : tuple of (str, tuple of str)
        Name of each set and its works, in order.
    sets_undoable : bool
        Whether ``undo_sets`` takes anything back.
    busy : bool
        Whether an answer is being made.
    message, error : str
        A line for the visitor; one of them is empty.
    shows : str
        What a view that opens shows first: ``"map"``, or nothing but the answers.
    collection : Collection
        What the interface shows of the collection itself.
    """

    query: str = ""
    discovery: float = 0.0
    turns: tuple[tuple[int, int], ...] = ()
    liked_ids: tuple[str, ...] = ()
    disliked_ids: tuple[str, ...] = ()
    taken_back: tuple[str, ...] = ()
    sets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sets_undoable: bool = False
    busy: bool = False
    message: str = ""
    error: str = ""
    shows: str = ""
    collection: Collection

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {each.name: _as_json(getattr(self, each.name)) for each in fields(self)}

    def changes_since(self, before: State) -> dict[str, Any]:
        """Return the fields that differ from those of an earlier state, as JSON values."""
        return {
            each.name: _as_json(getattr(self, each.name))
            for each in fields(self)
            if getattr(self, each.name) != getattr(before, each.name)
        }


def _as_json(value: Any) -> Any:
    return [_as_json(each) for each in value] if isinstance(value, tuple) else value


def follow(
    wanted: Iterable[str], held: Iterable[str], add: Callable[[str], None], drop: Callable[[str], None]
) -> None:
    """Bring the session to what was set from outside."""
    before, after = list(held), list(wanted)
    for item_id in before:
        if item_id not in after:
            drop(item_id)
    for item_id in after:
        if item_id not in before:
            add(item_id)


def of_session(session: Session) -> dict[str, Any]:
    """Return the fields of the state that a session decides."""
    searches = [shown_query(turn) for turn in session.turns if turn.kind == "search"]
    reached = [turn.ranking.query.dials.discovery for turn in session.turns if turn.kind == "recommend"]
    return {
        "query": searches[-1] if searches else "",
        "discovery": reached[-1] if reached else 0.0,
        "turns": turns_of(session),
        "liked_ids": session.liked,
        "disliked_ids": session.disliked,
        **sets_of(session),
    }


def turns_of(session: Session) -> tuple[tuple[int, int], ...]:
    """Return the id of each turn and how many works it shows."""
    return tuple((turn.turn_id, len(turn.ranking)) for turn in session.turns)


def sets_of(session: Session) -> dict[str, Any]:
    """Return the fields of the state that the sets of a session decide."""
    named = tuple((name, kept.item_ids) for name, kept in session.sets.items())
    return {"sets": named, "sets_undoable": session.sets.undoable}


def shown_query(turn: Turn) -> str:
    """Return what was asked, as a front end may show it."""
    return showable(turn.ranking.query.text, messages.FACT_LENGTH)


def frozen(value: Any) -> Any:
    """Return a value with every list in it as a tuple."""
    return tuple(map(frozen, value)) if isinstance(value, list | tuple) else value
