"""Groups of works, as people name them: a work, an artist, words, a filter, a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ham_recommend.analysis.checks import is_whole
from ham_recommend.analysis.dates import counted_through
from ham_recommend.analysis.makers import NOBODY, name_key
from ham_recommend.analysis.works import DatedWorks, Rows, spread
from ham_recommend.errors import SettingsError
from ham_recommend.recommend.query import checked_items
from ham_recommend.records import Where

if TYPE_CHECKING:
    from ham_recommend.analysis.influence import Influence
    from ham_recommend.recommend.recommender import Recommender

Group = str | Mapping[str, Any] | Iterable[str]
Years = tuple[int | None, int | None] | None
_MOST_REPRESENTATIVES, _LEAST_REPRESENTATIVES = 32, 8
_WAITING = 1_000_000
"""Comparisons of two works, for a group, while somebody waits: some twenty milliseconds."""
MOST_FOUND = 1_000
"""Works that words find at most; those that hold a word of them, best first."""


def rows_of(found: Influence, what: Group) -> Rows:
    """Return the positions of a group's dated works, in the order of time.

    Parameters
    ----------
    found : Influence
        The collection.
    what : str, mapping or iterable of str
        A work's id or accession number, an artist's name, words to search for, a filter, or a list of ids.

    Raises
    ------
    SettingsError
        No dated work is in the group, or no artist is called so.
    """
    works = found.works
    if isinstance(what, str):
        catalog = found.recommender.catalog
        if what in catalog or catalog.numbered(what.strip()):
            return np.array([found.row(what)])
        place = works.makers.place_of.get(name_key(what))
        if place is not None:
            return np.flatnonzero(works.makers.of == place)
    if isinstance(what, Mapping) and set(what) == {"artist"} and isinstance(what["artist"], str):
        return np.flatnonzero(works.makers.of == works.makers.find(what["artist"]))
    ids = item_ids_of(found.recommender, what)
    rows = sorted(works.row_of[item_id] for item_id in ids if item_id in works.row_of)
    if not rows:
        raise SettingsError(
            f"No work with a picture vector and a date is in the group {_named(what)}. "
            "Try an artist's name, other words, or a filter that works meet."
        )
    return np.array(rows, dtype=np.int64)


def item_ids_of(recommender: Recommender, what: Group) -> list[str]:
    """Return the ids of a group's works: those that words find, that meet a filter, or the given ones."""
    if isinstance(what, str):
        size = max(1, min(MOST_FOUND, len(recommender.catalog)))
        ranking = recommender.search(what, k=size)
        words = ranking.channels.get("words")
        if words is not None and bool(np.nan_to_num(words).max(initial=0.0) > 0):
            ranking = ranking.only(np.flatnonzero(np.nan_to_num(words) > 0))
        return [str(item_id) for hit in ranking for item_id in (hit.item_id, *hit.folded)]
    if isinstance(what, Mapping):
        return [str(item_id) for item_id in recommender.catalog.filter(what)]
    return list(checked_items(what, recommender.catalog))


def _named(what: Group) -> str:
    if isinstance(what, Mapping):
        return ", ".join(f"{name}={value}" for name, value in what.items()) or "of an empty filter"
    return repr(what) if isinstance(what, str) else "of these ids"


def representatives(works: DatedWorks, rows: Rows) -> Rows:
    """Return those works of a group that others are compared with while somebody waits.

    Evenly through the group's time, 32 in a collection of up to 30,000 works and down to 8 in a larger one.
    """
    most = np.clip(_WAITING // len(works), _LEAST_REPRESENTATIVES, _MOST_REPRESENTATIVES)
    return spread(np.sort(rows), int(most))


def made_by_others(works: DatedWorks, rows: Rows) -> npt.NDArray[np.bool_]:
    """Return which works are neither by a group's artists nor of its pictures, shape (n,)."""
    makers = np.unique(works.makers.of[rows])
    others: npt.NDArray[np.bool_] = ~np.isin(works.makers.of, makers[makers != NOBODY])
    return others & ~np.isin(works.contents, works.contents[rows])


def within(found: Influence, years: Years, where: Where | None) -> npt.NDArray[np.bool_]:
    """Return which works lie within some years and meet a filter, shape (n,).

    Raises
    ------
    SettingsError
        The years end before they begin, or a filter is unknown.
    """
    works = found.works
    allowed = np.ones(len(works), dtype=np.bool_)
    first, last = checked_years(years)
    if first is not None:
        allowed &= works.dates.begin >= counted_through(first)
    if last is not None:
        allowed &= works.dates.end <= counted_through(last) + 1
    if where:
        allowed &= np.isin(works.item_ids, found.recommender.catalog.filter(where))
    return allowed


def checked_years(years: Years) -> tuple[int | None, int | None]:
    """Return the first and last year of a span.

    Raises
    ------
    SettingsError
        It is not two whole numbers, either of which may be ``None``, or it ends before it begins.
    """
    if years is None:
        return None, None
    try:
        first, last = years
    except (TypeError, ValueError):
        first = last = years  # type: ignore[assignment]
    if not all(year is None or is_whole(year, -1_000_000, 1_000_000) for year in (first, last)):
        raise SettingsError(
            f"Years are two numbers such as (1900, 1950), None for an open end, not {years!r:.60}."
        )
    if first is not None and last is not None and first > last:
        raise SettingsError(f"The years {first} to {last} end before they begin. Try {last} to {first}.")
    return first, last
