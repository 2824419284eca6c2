"""Works and rankings as JSON, for programs elsewhere, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from operator import attrgetter
from typing import Any

import numpy as np

from ham_recommend.answers import Hit, Query, Ranking, Understood, Why
from ham_recommend.catalog.filters import YEARS, pair_of_years
from ham_recommend.facets import Facets, Stretch, Timeline
from ham_recommend.fields import Field, joined
from ham_recommend.net.addresses import public_address, web_address
from ham_recommend.recommend.query import checked_where
from ham_recommend.records import CHANNELS, EMPTY, FIELDS, Artwork, Description, Dials, Where

_HERE = frozenset({"thumbnail"})
"""Fields that mean something on this machine only."""
_REASONS = tuple(field.name for field in fields(Why))
_PICTURES = frozenset({"picture", "other_pictures"})
WORK_FIELDS = tuple(field for field in FIELDS if field.name not in _HERE)
"""What a work has in JSON, beside the addresses of its pictures."""


@dataclass(frozen=True, slots=True)
class Told:
    """Reasons that came with their ranking, as :class:`ham_recommend.answers.Reasons` says them.

    Parameters
    ----------
    ignored : tuple of str
        The words of the query that no work says.
    saying : int or None
        How many works say all words of the query.
    whys : mapping of str to Why
        ``item_id`` → why it is there.
    """

    ignored: tuple[str, ...]
    saying: int | None
    whys: Mapping[str, Why]

    def why(self, hit: Hit) -> Why:
        """Return why a work is among the answers."""
        return self.whys[hit.item_id]


def work_json(work: Artwork) -> dict[str, Any]:
    """Return a work as JSON values; paths on this machine are left out.

    A field that may hold several values is a list, descriptions are objects, everything else is as in
    :class:`ham_recommend.Artwork`.
    """
    return {name: value_of(work) for name, value_of in _VALUES.items()}


def work_from(content: Mapping[str, Any]) -> Artwork:
    """Return the work that :func:`work_json` wrote; fields that this version does not know are left out.

    Raises
    ------
    KeyError, TypeError, ValueError
        It is no such JSON.
    """
    values: dict[str, Any] = {}
    several: dict[str, tuple[str, ...]] = {}
    for field in WORK_FIELDS:
        value = content.get(field.name)
        if value is None:
            continue
        if field.kind == "descriptions":
            values[field.name] = tuple(Description(**each) for each in value)
        elif field.listed:
            values[field.name] = tuple(value)
        elif field.several:
            values[field.name] = joined(value)
            if len(value) > 1:
                several[field.name] = tuple(value)
        else:
            values[field.name] = value
    return Artwork(item_id=content["item_id"], several=several, **_without(values, "item_id"))


def ranking_json(
    ranking: Ranking, shown: Callable[[Artwork], dict[str, Any] | None] | None = None
) -> dict[str, Any]:
    """Return a ranking as JSON values: what was asked, what was corrected, and the hits with their works.

    Parameters
    ----------
    ranking : Ranking
        The answers.
    shown : callable, optional
        What a work is in JSON, ``None`` for nothing; by default :func:`work_json`.
    """
    return {
        "query": query_json(ranking.query),
        "corrected": dict(ranking.corrected),
        "translated": dict(ranking.translated),
        "suggested": dict(ranking.suggested),
        "understood": [
            {"field": one.field, "value": one.value, "words": one.words, "exact": one.exact}
            for one in ranking.understood
        ],
        "total": ranking.total,
        "fit": ranking.fit,
        "ignored": list(ranking.ignored),
        "saying": ranking.saying,
        "found": ranking.found,
        "hits": [
            {**hit_json(hit, shown or work_json), "strongest": ranking.strongest.get(hit.item_id, "")}
            for hit in ranking
        ],
    }


def ranking_from(content: Mapping[str, Any]) -> Ranking:
    """Return the ranking that :func:`ranking_json` wrote, with the works that it said.

    Raises
    ------
    KeyError, TypeError, ValueError
        It is no such JSON.
    """
    hits = content["hits"]
    ids = np.array([hit["item_id"] for hit in hits], dtype=object)
    there = [name for name in CHANNELS if any(name in hit["channels"] for hit in hits)]
    return Ranking(
        ids,
        np.array([hit["score"] for hit in hits], dtype=np.float32),
        channels={
            name: np.array([hit["channels"].get(name, np.nan) for hit in hits], dtype=np.float32)
            for name in there
        },
        query=_query_from(content["query"]),
        corrected=dict(content["corrected"]),
        translated=dict(content["translated"]),
        suggested=dict(content["suggested"]),
        understood=tuple(Understood(**one) for one in content["understood"]),
        total=content["total"],
        fit=content["fit"],
        folded={hit["item_id"]: tuple(hit["folded"]) for hit in hits if hit["folded"]},
        nearest_liked={hit["item_id"]: hit["nearest_liked"] for hit in hits if hit["nearest_liked"]},
        strongest={hit["item_id"]: hit["strongest"] for hit in hits if hit["strongest"]},
        by_picture=frozenset(hit["item_id"] for hit in hits if hit.get("by_picture")),
        found=content["found"],
        reasons=Told(
            tuple(content["ignored"]),
            content["saying"],
            {
                hit["item_id"]: Why(**{name: _tuple(value) for name, value in hit["why"].items()})
                for hit in hits
            },
        ),
        works={hit["item_id"]: work_from(hit["work"]) for hit in hits if hit["work"]},
    )


def hit_json(hit: Hit, shown: Callable[[Artwork], dict[str, Any] | None]) -> dict[str, Any]:
    """Return a hit as JSON values, its work as ``shown`` has it."""
    why = hit.why
    return {
        "item_id": hit.item_id,
        "score": hit.score,
        "why": {name: getattr(why, name) for name in _REASONS},
        "rank": hit.rank,
        "channels": dict(hit.channels),
        "folded": list(hit.folded),
        "nearest_liked": hit.nearest_liked,
        "by_picture": hit.by_picture,
        "work": shown(hit.work),
    }


def query_json(query: Query) -> dict[str, Any]:
    """Return what was asked as JSON values."""
    plain = {each.name: _plain(getattr(query, each.name)) for each in fields(Query)}
    return {**plain, "dials": asdict(query.dials)}


def where_json(where: Where | None) -> dict[str, Any]:
    """Return a filter as JSON values.

    Raises
    ------
    SettingsError
        It is no mapping.
    """
    return {name: _plain(value) for name, value in checked_where(where).items()}


def where_from(content: Mapping[str, Any] | None) -> Where:
    """Return a filter that came as JSON: a list of two years is the pair that they are.

    Raises
    ------
    SettingsError
        They can be no years of works.
    """
    where = dict(content or EMPTY)
    if YEARS in where:
        where[YEARS] = pair_of_years(where[YEARS])
    return where


def _query_from(content: Mapping[str, Any]) -> Query:
    known = {each.name: content[each.name] for each in fields(Query) if each.name in content}
    lists = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
    dials = Dials(**content.get("dials", {}))
    return Query(**{**known, **lists, "dials": dials, "where": where_from(content["where"])})


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Dials):
        return asdict(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return value if isinstance(value, str) or not isinstance(value, Iterable) else list(value)


def _value_of(field: Field) -> Callable[[Artwork], Any]:
    """Return what takes a field's JSON value from a work."""
    if field.kind == "descriptions":
        return lambda work: [
            {"text": each.text, "source": each.source, "model": each.model} for each in work.descriptions
        ]
    held = attrgetter(field.name)
    if field.kind == "address":
        allowed = public_address if field.name in _PICTURES else web_address
        if field.listed:
            return lambda work: [each for each in map(allowed, held(work)) if each]
        return lambda work: allowed(held(work))
    if field.several:
        return lambda work: list(work.values(field.name))
    return held


_VALUES: Mapping[str, Callable[[Artwork], Any]] = {field.name: _value_of(field) for field in WORK_FIELDS}


def _without(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


def facets_from(content: Mapping[str, Any]) -> Facets:
    """Return the facets that are written as JSON.

    Raises
    ------
    KeyError, TypeError, ValueError
        It is no such JSON.
    """
    counted = {
        field: tuple((str(value), int(works)) for value, works in values)
        for field, values in dict(content["fields"]).items()
    }
    over_time = {
        name: tuple(Stretch(**stretch) for stretch in stretches)
        for name, stretches in dict(content["timeline"]).items()
    }
    return Facets(int(content["works"]), counted, Timeline(**over_time))
