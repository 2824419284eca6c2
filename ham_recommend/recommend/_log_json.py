"""The events of a session as JSON, which is read as if a stranger had written it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, get_args

import numpy as np

from ham_recommend._typed_json import typed
from ham_recommend.answers import Query, Ranking, TurnKind, Understood
from ham_recommend.catalog.filters import YEARS, check_condition
from ham_recommend.recommend import _log as log
from ham_recommend.recommend._log import Asked, Continued, Event, Forgotten, Mark, Marked, Replaced, SetKept
from ham_recommend.recommend._values import (
    as_count,
    as_item,
    as_items,
    as_list,
    as_mapping,
    as_number,
    as_text,
)
from ham_recommend.recommend.sets import ACTIONS, SetChange, change_from_json, set_from_json, set_to_json
from ham_recommend.records import AS_LIKED, CHANNELS, Dials


def to_json(event: Event) -> dict[str, Any]:
    """Return an event as JSON values; see :func:`from_json`."""
    match event:
        case Marked(mark, item_id):
            return {"event": mark, "item_id": item_id}
        case Asked():
            return {
                "event": event.kind,
                "at": event.at.isoformat(),
                "skipped_seen": event.skipped_seen,
                "repeats": event.repeats,
                **_ranking_to_json(event.ranking),
            }
        case Continued(turn_id, ranking):
            return {"event": "more", "turn_id": turn_id, **_ranking_to_json(ranking)}
        case Forgotten(turn_id):
            return {"event": "forget", "turn_id": turn_id}
        case SetChange() | SetKept():
            return _set_to_json(event)
        case Replaced():
            return {"event": "replace"}


def _set_to_json(event: SetChange | SetKept) -> dict[str, Any]:
    if isinstance(event, SetKept):
        return {"event": "set_keep", "set": set_to_json(event.kept)}
    return {"event": f"set_{event.action}", **event.to_json()}


_CHANGES = {f"set_{action}": action for action in ACTIONS}


def from_json(content: Any) -> Event:
    """Return the event that :func:`to_json` wrote.

    Raises
    ------
    ValueError
        It is anything else.
    """
    try:
        name = as_mapping(content)["event"]
        if name in get_args(Mark):
            return Marked(name, as_text(content["item_id"]))
        if name == "forget":
            return Forgotten(as_count(content["turn_id"]))
        if name == "replace":
            return Replaced()
        if str(name).startswith("set_"):
            return _set_from_json(name, content)
        ranking = _ranking_from_json(content)
        if name == "more":
            return Continued(as_count(content["turn_id"]), ranking)
        if name in get_args(TurnKind):
            return Asked(
                kind=name,
                ranking=ranking,
                at=_moment(content["at"]),
                skipped_seen=as_count(content["skipped_seen"]),
                repeats=content["repeats"] is True,
            )
    except (TypeError, KeyError, OverflowError) as error:
        raise ValueError(f"not an event of a session: {error!r}") from error
    raise ValueError(f"unknown event {name!r:.60}")


def _set_from_json(name: str, content: Mapping[str, Any]) -> SetChange | SetKept:
    if name == "set_keep":
        return SetKept(set_from_json(content["set"]))
    return change_from_json(_CHANGES[name], content)


def turn_from_json(content: Any) -> Asked:
    """Return a whole turn that :func:`to_json` wrote.

    Raises
    ------
    ValueError, TypeError
        It is anything else.
    """
    event = from_json(content)
    if not isinstance(event, Asked):
        raise TypeError(f"{content['event']!r:.60} is not a turn")
    return event


def _ranking_to_json(ranking: Ranking) -> dict[str, Any]:
    query = ranking.query
    return {
        "text": query.text,
        "liked": list(query.liked),
        "disliked": list(query.disliked),
        "strategy": query.strategy,
        "dials": asdict(query.dials),
        "picture": query.picture,
        "colour": query.colour,
        "drawn": query.drawn,
        "found": ranking.found,
        "k": query.k,
        "where": json.loads(log.where_to_json(query.where)),
        "ignore": list(query.ignore),
        "corrected": dict(ranking.corrected),
        "suggested": dict(ranking.suggested),
        "understood": [[one.field, one.value, one.words, one.exact] for one in ranking.understood],
        "total": ranking.total,
        "fit": ranking.fit,
        "hits": [
            {
                "item_id": hit.item_id,
                "score": hit.score,
                "channels": dict(hit.channels),
                "folded": list(hit.folded),
                "nearest_liked": hit.nearest_liked,
                "strongest": ranking.strongest.get(hit.item_id, ""),
            }
            for hit in ranking
        ],
    }


def _ranking_from_json(content: Any) -> Ranking:
    hits = [as_mapping(hit) for hit in as_list(content["hits"])]
    item_ids = [as_item(hit["item_id"]) for hit in hits]
    if len(set(item_ids)) < len(item_ids):
        raise ValueError("a work comes twice in one turn")
    channels = {_channel_name(name): None for hit in hits for name in as_mapping(hit["channels"])}
    return Ranking(
        np.array(item_ids, dtype=object),
        np.array([as_number(hit["score"]) for hit in hits], dtype=np.float32),
        channels={
            name: np.array(
                [as_number(hit["channels"][name]) if name in hit["channels"] else np.nan for hit in hits],
                dtype=np.float32,
            )
            for name in channels
        },
        query=Query(
            text=as_text(content["text"]),
            liked=as_items(content["liked"]),
            disliked=as_items(content["disliked"]),
            strategy=as_text(content["strategy"]),
            dials=typed(Dials, {**asdict(AS_LIKED), **as_mapping(content.get("dials", {}))}, "dials"),
            picture=as_text(content["picture"]),
            colour=as_text(content["colour"]),
            drawn=None if content["drawn"] is None else as_count(content["drawn"]),
            k=as_count(content["k"]),
            where=_where(content["where"]),
            ignore=tuple(as_text(key) for key in as_list(content["ignore"])),
        ),
        corrected={
            as_text(wrong): as_text(right) for wrong, right in as_mapping(content["corrected"]).items()
        },
        suggested={
            as_text(word): as_text(meant) for word, meant in as_mapping(content.get("suggested", {})).items()
        },
        understood=tuple(_understood(one) for one in as_list(content["understood"])),
        total=None if content["total"] is None else as_count(content["total"]),
        fit=None if content["fit"] is None else as_number(content["fit"]),
        folded={as_item(hit["item_id"]): as_items(hit["folded"]) for hit in hits if hit["folded"]},
        nearest_liked={
            as_item(hit["item_id"]): as_item(hit["nearest_liked"]) for hit in hits if hit["nearest_liked"]
        },
        strongest={
            as_item(hit["item_id"]): _channel_name(hit["strongest"]) for hit in hits if hit["strongest"]
        },
        found=None if content["found"] is None else as_count(content["found"]),
    )


def _understood(value: Any) -> Understood:
    name, read, typed, exact = as_list(value)
    return Understood(as_text(name), as_text(read), as_text(typed), exact is True)


def _where(value: Any) -> dict[str, Any]:
    where = {}
    for name, wanted in as_mapping(value).items():
        check_condition(name, wanted)
        where[name] = tuple(wanted) if name == YEARS else wanted
    return where


def _channel_name(value: str) -> str:
    if value not in CHANNELS:
        raise ValueError(f"{value!r:.60} is not a channel")
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(as_text(value))
    if moment.tzinfo is None:
        raise ValueError(f"{value!r:.60} has no time zone")
    return moment.astimezone(UTC)
