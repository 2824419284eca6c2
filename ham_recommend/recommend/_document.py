"""A session as one JSON document, to be kept, sent to someone and read again."""

from __future__ import annotations

import json

from ham_recommend.errors import SettingsError
from ham_recommend.recommend import _log as log
from ham_recommend.recommend import _log_json as log_json
from ham_recommend.recommend._log import Event, SetKept, State
from ham_recommend.recommend.sets import set_from_json, set_to_json

FORMAT = "ham_recommend.session"
VERSION = 2


def written(state: State) -> str:
    """Return a session as JSON text."""
    turns = [log.asked(turn, repeats=turn.turn_id in state.repeats) for turn in state.turns]
    content = {
        "format": FORMAT,
        "version": VERSION,
        "liked": list(state.liked),
        "disliked": list(state.disliked),
        "sets": [set_to_json(kept) for kept in state.sets.sets.values()],
        "turns": [log_json.to_json(turn) for turn in turns],
    }
    return json.dumps(content, indent=1)


def read(text: str) -> list[Event]:
    """Return the events that make the session of a JSON text again.

    Raises
    ------
    SettingsError
        It is not the JSON of a session, or that of another version.
    """
    try:
        content = json.loads(text)
        kind = (content["format"], content["version"])
        events: list[Event] = [log_json.turn_from_json(turn) for turn in content["turns"]]
        events += [log_json.from_json({"event": "like", "item_id": item_id}) for item_id in content["liked"]]
        events += [
            log_json.from_json({"event": "dislike", "item_id": item_id}) for item_id in content["disliked"]
        ]
        events += [SetKept(set_from_json(each)) for each in content["sets"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise SettingsError(
            f"This is not a session's JSON ({error!r:.200}). Use what Session.to_json() wrote."
        ) from error
    if kind != (FORMAT, VERSION):
        raise SettingsError(f"This JSON is {kind}; this version reads {(FORMAT, VERSION)}.")
    return events
