"""Replies for research: named sets of works, two turns side by side, citations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from ham_recommend.answers import Turn
from ham_recommend.errors import SettingsError
from ham_recommend.frontend import events, messages, replies
from ham_recommend.frontend.findings import asked_for
from ham_recommend.frontend.protocol import (
    CitationMessage,
    CitationText,
    ComparisonMessage,
    Heading,
    SetMessage,
)
from ham_recommend.recommend.citation import STYLES, cite, cited_search, left_out, repeat
from ham_recommend.recommend.comparison import compare
from ham_recommend.recommend.session import Session
from ham_recommend.recommend.sets import Sets
from ham_recommend.records import Artwork


def change_sets(sets: Sets, event: events.SetEvent | events.UndoSets) -> None:
    """Do to the sets what an event says."""
    match event:
        case events.AddToSet():
            sets.add(event.name, *messages.strings(event.item_ids))
        case events.RemoveFromSet():
            sets.remove(event.name, *messages.strings(event.item_ids))
        case events.NoteSet():
            sets.note(event.name, event.note, event.item_id)
        case events.ArrangeSet():
            sets.arrange(event.name, messages.strings(event.item_ids))
        case events.RenameSet():
            sets.rename(event.name, event.to)
        case events.DeleteSet():
            sets.delete(event.name)
        case events.UndoSets():
            sets.undo()


def set_message(session: Session, name: str, view: str | None = None) -> SetMessage:
    """Return a set with the cards of its works; one that a later build no longer has goes by its id."""
    kept = session.sets[name]
    known = replies.known_works(session, kept.item_ids)
    works = {item_id: known.get(item_id) or Artwork(item_id=item_id) for item_id in kept.notes}
    return {
        "type": "set",
        "name": kept.name,
        "note": kept.note,
        "works": [
            {**messages.work_card(works[item_id]), "note": note} for item_id, note in kept.notes.items()
        ],
        "view": view,
    }


def comparison_message(
    session: Session, event: events.ShowComparison, heading: Callable[[Turn], Heading]
) -> ComparisonMessage:
    """Return two turns side by side."""
    if len(event.turn_ids) != 2:
        raise SettingsError("Two turns are compared.")
    first, second = (session.turn(turn_id) for turn_id in event.turn_ids)
    found = compare(first.ranking, second.ranking)
    return {
        "type": "comparison",
        "first": heading(first),
        "second": heading(second),
        "works": [
            {**messages.work_card(place.work), "first": place.first, "second": place.second}
            for place in found.places
        ],
        "overlap": round(found.overlap, 4),
        "view": event.view,
    }


def citation_message(session: Session, event: events.ShowCitation) -> CitationMessage:
    """Return how to cite a work in every style, or how to cite and repeat a turn."""
    texts, note = _of_turn(session, event.turn_id) if event.turn_id is not None else _of_work(session, event)
    return {
        "type": "citation",
        "item_id": event.item_id,
        "turn_id": event.turn_id,
        "texts": texts,
        "note": note,
        "view": event.view,
    }


def _of_work(session: Session, event: events.ShowCitation) -> tuple[list[CitationText], str]:
    if event.item_id is None:
        raise SettingsError("Say what to cite: a work or a turn.")
    recommender = session.recommender
    texts: list[CitationText] = [
        {"label": label, "text": cite(recommender, event.item_id, style)} for style, label in STYLES.items()
    ]
    return texts, ""


def _of_turn(session: Session, turn_id: int) -> tuple[list[CitationText], str]:
    turn, recommender = session.turn(turn_id), session.recommender
    asked = asked_for(session, turn)
    sentence = f"“{asked}”" if turn.kind == "search" else asked
    again = repeat(recommender, turn.ranking, exclude=left_out(session, turn))
    note = (
        "The line of Python and the command check that the collection is this very one, "
        f"whose manifest has a hash that begins with {again.manifest}."
        if again.exact
        else "Tried now, it gives another list: what was shown or liked since then counts too."
    )
    texts: list[CitationText] = [
        {
            "label": "Plain text",
            "text": cited_search(recommender, turn.ranking, sentence, datetime.now(UTC).date()),
        },
        {"label": "Python", "text": again.python},
        {"label": "Command", "text": again.command},
    ]
    return texts, note
