"""The log of a session: the events that make it, what they add up to, and how they look as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ham_recommend.answers import Hit, Ranking, Reasons, Turn, TurnKind, Why, WorkSet
from ham_recommend.recommend.sets import (
    SetChange,
    SetsState,
)
from ham_recommend.records import Artwork, Vectors, Where

if TYPE_CHECKING:
    from ham_recommend.recommend.recommender import Recommender

Mark = Literal["like", "unlike", "dislike", "undislike", "clear_likes"]


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
    kind : str
        What was asked for, as in :class:`ham_recommend.answers.Turn`.
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


@dataclass(frozen=True, slots=True)
class SetKept:
    """A whole set of works came in, as from an export."""

    kept: WorkSet


Event = Marked | Asked | Continued | Forgotten | Replaced | SetChange | SetKept
_WITHOUT_WORKS = (Marked, Forgotten, Replaced, SetChange, SetKept)


@dataclass(slots=True)
class State:
    """What the events of a session add up to: the same events in the same order give the same state."""

    liked: dict[str, None] = field(default_factory=dict)
    disliked: dict[str, None] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    repeats: set[int] = field(default_factory=set)
    last_turn: int = 0
    sets: SetsState = field(default_factory=SetsState)

    def apply(self, event: Event) -> None:
        """Take one event in."""
        match event:
            case Replaced():
                self._clear()
            case Marked(mark, item_id):
                self._mark(mark, item_id)
            case SetChange():
                self.sets.apply(event)
            case SetKept(kept):
                self.sets.keep(kept)
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
        self.sets.clear()
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
    if isinstance(event, _WITHOUT_WORKS):
        return set()
    return set(event.ranking.item_ids.tolist())


def works_in(event: Event) -> Mapping[str, Artwork]:
    """Return the catalogue fields that came with an event."""
    return {} if isinstance(event, _WITHOUT_WORKS) else event.ranking.works


def with_works(event: Event, works: Mapping[str, Artwork], root: Path | None) -> Event:
    """Return the event with the catalogue fields of the works it shows, and where their thumbnails lie."""
    if isinstance(event, _WITHOUT_WORKS):
        return event
    here = {item_id: works[item_id] for item_id in event.ranking.item_ids.tolist() if item_id in works}
    return replace(event, ranking=replace(event.ranking, works=here, root=root))


def explained(event: Event, recommender: Recommender) -> Event:
    """Return the event with a ranking that can say why its works are there."""
    if isinstance(event, _WITHOUT_WORKS) or event.ranking.reasons is not None:
        return event
    return replace(event, ranking=recommender.explained(event.ranking))


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
        elif isinstance(event, SetKept):
            notes = {item_id: note for item_id, note in event.kept.notes.items() if known(item_id)}
            lost.update(event.kept.notes.keys() - notes.keys())
            kept.append(SetKept(replace(event.kept, notes=notes)))
        elif isinstance(event, Forgotten | Replaced | SetChange):
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
        strongest={key: name for key, name in ranking.strongest.items() if known(key)},
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
        strongest={**more.strongest, **first.strongest},
        works={**more.works, **first.works},
        reasons=_joined_reasons(first.reasons, more.reasons, added),
    )


@dataclass(frozen=True, slots=True)
class _JoinedReasons:
    """Reasons of a ranking that went on: each answer's own, and what the first says of the words."""

    first: Reasons
    later: Mapping[str, Reasons]

    @property
    def ignored(self) -> tuple[str, ...]:
        return self.first.ignored

    @property
    def saying(self) -> int | None:
        return self.first.saying

    def why(self, hit: Hit) -> Why:
        return self.later.get(hit.item_id, self.first).why(hit)


def _joined_reasons(first: Reasons | None, more: Reasons | None, added: set[str]) -> Reasons | None:
    if first is None or more is None or not added:
        return first
    earlier = first if isinstance(first, _JoinedReasons) else _JoinedReasons(first, {})
    return _JoinedReasons(earlier.first, {**earlier.later, **dict.fromkeys(added, more)})


def _channel(ranking: Ranking, name: str) -> Vectors:
    missing = np.full(len(ranking), np.nan, dtype=np.float32)
    return np.asarray(ranking.channels.get(name, missing), dtype=np.float32)


def where_to_json(where: Where) -> str:
    """Return a filter as JSON; equal filters give equal texts."""
    return json.dumps(dict(where), sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else sorted(value)
