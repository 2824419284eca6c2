"""The log of a session: the events that make it, what they add up to, and how they look as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import numpy as np

from ham_recommend._typed_json import typed
from ham_recommend.answers import AS_LIKED, Dials, Query, Ranking, Turn
from ham_recommend.catalog.filters import YEARS, check_condition
from ham_recommend.records import CHANNELS, Artwork, Vectors, Where

Mark = Literal["like", "unlike", "dislike", "undislike", "clear_likes"]
TurnKind = Literal["search", "recommend", "similar"]


@dataclass(frozen=True, slots=True)
class Marked:
    """A work was liked, disliked, or no longer so."""

    mark: Mark
    item_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A turn began.

    Parameters
    ----------
    kind : {"search", "recommend", "similar"}
        What was asked for.
    ranking : Ranking
        What came back.
    at : datetime
        When, in UTC.
    skipped_seen : int
        How many works shown before were left out.
    repeats : bool
        Whether works shown before by the same search were allowed.
    """

    kind: TurnKind
    ranking: Ranking
    at: datetime
    skipped_seen: int = 0
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Continued:
    """A turn went on."""

    turn_id: int
    ranking: Ranking


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A turn was taken back, and with it what it showed."""

    turn_id: int


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another session took the place of this one: what came before no longer counts."""


Event = Marked | Asked | Continued | Forgotten | Replaced


@dataclass(slots=True)
class State:
    """What the events of a session add up to: the same events in the same order give the same state."""

    liked: dict[str, None] = field(default_factory=dict)
    disliked: dict[str, None] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    repeats: set[int] = field(default_factory=set)
    last_turn: int = 0

    def apply(self, event: Event) -> None:
        """Take one event in."""
        match event:
            case Replaced():
                self._clear()
            case Marked(mark, item_id):
                self._mark(mark, item_id)
            case Asked():
                self.last_turn += 1
                self.turns.append(
                    Turn(
                        turn_id=self.last_turn,
                        kind=event.kind,
                        ranking=event.ranking,
                        at=event.at,
                        skipped_seen=event.skipped_seen,
                    )
                )
                if event.repeats:
                    self.repeats.add(self.last_turn)
            case Continued(turn_id, ranking):
                self.turns = [
                    replace(turn, ranking=joined(turn.ranking, ranking)) if turn.turn_id == turn_id else turn
                    for turn in self.turns
                ]
            case Forgotten(turn_id):
                self.turns = [turn for turn in self.turns if turn.turn_id != turn_id]

    def _clear(self) -> None:
        self.liked.clear()
        self.disliked.clear()
        self.turns.clear()
        self.repeats.clear()
        self.last_turn = 0

    def _mark(self, mark: Mark, item_id: str) -> None:
        if mark == "like":
            self.disliked.pop(item_id, None)
            self.liked.setdefault(item_id)
        elif mark == "dislike":
            self.liked.pop(item_id, None)
            self.disliked.setdefault(item_id)
        elif mark == "unlike":
            self.liked.pop(item_id, None)
        elif mark == "undislike":
            self.disliked.pop(item_id, None)
        else:
            self.liked.clear()


def shown_in(ranking: Ranking) -> set[str]:
    """Return the works of a ranking, those folded under others included."""
    return {*ranking.item_ids.tolist(), *(other for group in ranking.folded.values() for other in group)}


def shown_by(event: Event) -> set[str]:
    """Return the works that an event shows."""
    if isinstance(event, Marked | Forgotten | Replaced):
        return set()
    return set(event.ranking.item_ids.tolist())


def with_works(event: Event, works: Mapping[str, Artwork]) -> Event:
    """Return the event with the catalogue fields of the works it shows."""
    if isinstance(event, Marked | Forgotten | Replaced):
        return event
    here = {item_id: works[item_id] for item_id in event.ranking.item_ids.tolist() if item_id in works}
    return replace(event, ranking=replace(event.ranking, works=here))


def asked(turn: Turn, *, repeats: bool) -> Asked:
    """Return the event that makes a turn as it is now."""
    return Asked(
        kind=turn.kind,
        ranking=turn.ranking,
        at=turn.at,
        skipped_seen=turn.skipped_seen,
        repeats=repeats,
    )


def only(events: Iterable[Event], known: Callable[[str], bool]) -> tuple[list[Event], set[str]]:
    """Leave unknown works out of events; return the events and the works left out."""
    kept: list[Event] = []
    lost: set[str] = set()
    for event in events:
        if isinstance(event, Marked):
            if known(event.item_id):
                kept.append(event)
            else:
                lost.add(event.item_id)
        elif isinstance(event, Forgotten | Replaced):
            kept.append(event)
        else:
            ranking = event.ranking
            lost.update(item_id for item_id in shown_in(ranking) if not known(item_id))
            kept.append(replace(event, ranking=_only(ranking, known)))
    return kept, lost


def _only(ranking: Ranking, known: Callable[[str], bool]) -> Ranking:
    rows = [row for row, item_id in enumerate(ranking.item_ids.tolist()) if known(item_id)]
    query = replace(
        ranking.query,
        liked=tuple(filter(known, ranking.query.liked)),
        disliked=tuple(filter(known, ranking.query.disliked)),
    )
    return replace(
        ranking,
        item_ids=ranking.item_ids[rows],
        scores=ranking.scores[rows],
        channels={name: values[rows] for name, values in ranking.channels.items()},
        query=query,
        folded={key: tuple(filter(known, group)) for key, group in ranking.folded.items() if known(key)},
        nearest_liked={
            key: liked for key, liked in ranking.nearest_liked.items() if known(key) and known(liked)
        },
    )


def joined(first: Ranking, more: Ranking) -> Ranking:
    """Append to a ranking the works of another one that it does not show yet."""
    shown = shown_in(first)
    rows = [row for row, item_id in enumerate(more.item_ids.tolist()) if item_id not in shown]
    added = {more.item_ids[row] for row in rows}
    return replace(
        first,
        item_ids=np.concatenate([first.item_ids, more.item_ids[rows]]),
        scores=np.concatenate([first.scores, more.scores[rows]]),
        channels={
            name: np.concatenate([_channel(first, name), _channel(more, name)[rows]])
            for name in dict.fromkeys([*first.channels, *more.channels])
        },
        folded={**first.folded, **{key: group for key, group in more.folded.items() if key in added}},
        nearest_liked={**more.nearest_liked, **first.nearest_liked},
        works={**more.works, **first.works},
    )


def _channel(ranking: Ranking, name: str) -> Vectors:
    missing = np.full(len(ranking), np.nan, dtype=np.float32)
    return np.asarray(ranking.channels.get(name, missing), dtype=np.float32)


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
        case Replaced():
            return {"event": "replace"}


def from_json(content: Any) -> Event:
    """Return the event that :func:`to_json` wrote.

    Raises
    ------
    ValueError
        It is anything else.
    """
    try:
        name = _mapping(content)["event"]
        if name in get_args(Mark):
            return Marked(name, _text(content["item_id"]))
        if name == "forget":
            return Forgotten(_count(content["turn_id"]))
        if name == "replace":
            return Replaced()
        ranking = _ranking_from_json(content)
        if name == "more":
            return Continued(_count(content["turn_id"]), ranking)
        if name in get_args(TurnKind):
            return Asked(
                kind=name,
                ranking=ranking,
                at=_moment(content["at"]),
                skipped_seen=_count(content["skipped_seen"]),
                repeats=content["repeats"] is True,
            )
    except (TypeError, KeyError, OverflowError) as error:
        raise ValueError(f"not an event of a session: {error!r}") from error
    raise ValueError(f"unknown event {name!r:.60}")


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


def where_to_json(where: Where) -> str:
    """Return a filter as JSON; equal filters give equal texts."""
    return json.dumps(dict(where), sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else sorted(value)


def _ranking_to_json(ranking: Ranking) -> dict[str, Any]:
    query = ranking.query
    return {
        "text": query.text,
        "liked": list(query.liked),
        "disliked": list(query.disliked),
        "strategy": query.strategy,
        "dials": asdict(query.dials),
        "k": query.k,
        "where": json.loads(where_to_json(query.where)),
        "corrected": dict(ranking.corrected),
        "hits": [
            {
                "item_id": hit.item_id,
                "score": hit.score,
                "channels": dict(hit.channels),
                "folded": list(hit.folded),
                "nearest_liked": hit.nearest_liked,
            }
            for hit in ranking
        ],
    }


def _ranking_from_json(content: Any) -> Ranking:
    hits = [_mapping(hit) for hit in _list(content["hits"])]
    item_ids = [_item(hit["item_id"]) for hit in hits]
    if len(set(item_ids)) < len(item_ids):
        raise ValueError("a work comes twice in one turn")
    channels = {_channel_name(name): None for hit in hits for name in _mapping(hit["channels"])}
    return Ranking(
        np.array(item_ids, dtype=object),
        np.array([_number(hit["score"]) for hit in hits], dtype=np.float32),
        channels={
            name: np.array(
                [_number(hit["channels"][name]) if name in hit["channels"] else np.nan for hit in hits],
                dtype=np.float32,
            )
            for name in channels
        },
        query=Query(
            text=_text(content["text"]),
            liked=_items(content["liked"]),
            disliked=_items(content["disliked"]),
            strategy=_text(content["strategy"]),
            dials=typed(Dials, {**asdict(AS_LIKED), **_mapping(content.get("dials", {}))}, "dials"),
            k=_count(content["k"]),
            where=_where(content["where"]),
        ),
        corrected={_text(wrong): _text(right) for wrong, right in _mapping(content["corrected"]).items()},
        folded={_item(hit["item_id"]): _items(hit["folded"]) for hit in hits if hit["folded"]},
        nearest_liked={
            _item(hit["item_id"]): _item(hit["nearest_liked"]) for hit in hits if hit["nearest_liked"]
        },
    )


def _where(value: Any) -> dict[str, Any]:
    where = {}
    for name, wanted in _mapping(value).items():
        check_condition(name, wanted)
        where[name] = tuple(wanted) if name == YEARS else wanted
    return where


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r:.60} is not a list")
    return value


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r:.60} is not an object")
    return value


def _text(value: Any) -> str:
    """Return a text; half a character, which no file or page can carry, becomes a question mark."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.60} is not a text")
    return value.encode("utf-8", "replace").decode()


def _item(value: Any) -> str:
    if not value:
        raise ValueError("an item_id is empty")
    return _text(value)


def _items(value: Any) -> tuple[str, ...]:
    return tuple(_item(each) for each in _list(value))


def _channel_name(value: str) -> str:
    if value not in CHANNELS:
        raise ValueError(f"{value!r:.60} is not a channel")
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError(f"{value!r:.60} has no time zone")
    return moment.astimezone(UTC)


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise TypeError(f"{value!r:.60} is not a count")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 1e30:
        raise TypeError(f"{value!r:.60} is not a score")
    return float(value)
